//! The audit report says what its sources say, and the same of the same files.
#![allow(missing_docs, clippy::unwrap_used)] // a test reports by panicking

use provenn::audit::{Audit, audit_circuit, audit_key};
use provenn::{
    CompiledCircuit, OnnxModel, RunArgs, Srs, VerifyingKey, Visibility, compile_circuit,
    gen_settings,
};
use provenn_circuit::{BusCounts, HALF_MODULUS_BITS, PlanOptions, TableKind};
use provenn_fixed_point::{QuantOp, Quotient, Settings, TensorId, accumulate, biased};
use provenn_gadgets::layout::Layout;
use provenn_gadgets::{Column, TensorVisibility};
use provenn_verifier::constraints::constraint_system;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

fn settings(name: &str, args: &RunArgs) -> (OnnxModel, Settings) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(name);
    let model = OnnxModel::load(&folder.join("network.onnx"), &BTreeMap::new()).unwrap();
    let settings = gen_settings(&model, args).unwrap();
    (model, settings)
}

fn compiled(name: &str, args: &RunArgs) -> CompiledCircuit {
    let (model, settings) = settings(name, args);
    compile_circuit(&model, &settings).unwrap()
}

fn key(circuit: &CompiledCircuit) -> (VerifyingKey, Srs) {
    let srs = Srs::draw_insecure(circuit.params().k, ChaCha20Rng::seed_from_u64(1)).unwrap();
    let key = provenn::setup(circuit, &srs).unwrap();
    (key.verifying_key().clone(), srs)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bits of a magnitude.
fn bits(value: i128) -> u32 {
    128 - value.unsigned_abs().leading_zeros()
}

/// Every figure against its source.
fn says_what_its_sources_say(circuit: &CompiledCircuit, audit: &Audit) {
    let (graph, params) = (circuit.graph(), circuit.params());
    let (inspection, of) = (circuit.inspect(), audit.nodes.as_ref().unwrap());
    assert_eq!(audit.digests.model, hex(&circuit.statement().model));
    assert_eq!(audit.digests.settings, hex(&circuit.statement().settings));
    assert_eq!(of.tensors.len(), graph.tensors.len());
    assert_eq!(of.cells, inspection.cells);
    assert_eq!(of.multiply_accumulates, inspection.multiply_accumulates);
    assert_eq!(of.elements, graph.tensors.iter().map(|t| t.len()).sum::<usize>());
    assert_eq!(of.saturating.len(), graph.watches.len());
    for (node, (tensor, share)) in
        of.tensors.iter().zip(graph.tensors.iter().zip(&inspection.nodes))
    {
        let name = &tensor.name;
        assert_eq!(
            (&node.node, &node.operator, &node.shape),
            (name, &tensor.onnx_op, &tensor.shape)
        );
        assert_eq!(
            (node.cells, node.multiply_accumulates),
            (share.cells, share.multiply_accumulates)
        );
        assert_eq!(node.interval, [tensor.interval.lo, tensor.interval.hi]);
        let operands: Vec<usize> = tensor.op.operands().iter().map(|id| id.0).collect();
        assert_eq!(node.reads, operands);
        assert_eq!(node.margin_bits, HALF_MODULUS_BITS - node.bits, "{name}");
        let magnitude = tensor.interval.magnitude();
        assert!(bits(magnitude.into()) <= node.bits, "{name}");
        if let QuantOp::Rescale { format, accumulator, function, .. } = &tensor.op {
            assert_eq!(node.accumulator, Some([accumulator.lo, accumulator.hi]));
            assert!(bits(accumulator.magnitude().into()) <= node.bits, "{name}");
            // All that high, low and remainder of the function's table can make.
            let format = graph.format(*format).unwrap();
            let high = 1_i128 << (format.shift + format.low_bits);
            let last = i128::from(function.first) + i128::try_from(function.entries.len()).unwrap();
            assert!(bits(last * high - 1 - i128::from(format.half())) <= node.bits, "{name}");
            let least = i128::from(function.first) * high - i128::from(format.half());
            assert!(bits(least) <= node.bits, "{name}");
            let table = &of.tables[node.table.unwrap()];
            assert_eq!((table.first, table.rows), (function.first, function.entries.len()));
            assert_eq!(table.kind, TableKind::Function);
            assert!(node.bus.function_lookups >= tensor.len(), "{name}");
            assert!(!node.places.is_empty(), "{name}");
        } else {
            assert_eq!((node.accumulator, node.table), (None, None));
        }
        if let QuantOp::Quotient(Quotient { numerator, multiplier, divisor, .. }) = &tensor.op {
            let largest = |id: &provenn_fixed_point::TensorId| {
                i128::from(graph.tensors[id.0].interval.magnitude())
            };
            let n = numerator.as_ref().map_or(1, largest);
            let left = 2 * i128::from(*multiplier) * n + largest(divisor);
            let right = 2 * largest(divisor) * i128::from(magnitude);
            assert!(bits(left).max(bits(right)) <= node.bits, "{name}");
            assert!(node.bus.range_lookups >= 3 * tensor.len(), "{name}");
        }
        if let QuantOp::Root { .. } = &tensor.op {
            assert!(2 * bits(magnitude.into()) - 1 <= node.bits, "{name}");
        }
        if let QuantOp::Sort { operand, extent } = &tensor.op {
            let value = i128::from(graph.tensors[operand.0].interval.magnitude());
            assert!(bits(value * i128::try_from(*extent).unwrap()) <= node.bits, "{name}");
            assert!(node.bus.range_lookups >= tensor.len() - 1, "{name}");
        }
    }
    assert_eq!(of.smallest_margin_bits, of.tensors.iter().map(|n| n.margin_bits).min().unwrap());
    // Margins are what the book promises: sums below 2^62, products of two such below 2^126.
    assert!(of.smallest_margin_bits >= HALF_MODULUS_BITS - 128, "{}", of.smallest_margin_bits);
    let rescaled: usize = of.rescale_formats.iter().map(|format| format.tensors).sum();
    let rescales = graph.tensors.iter().filter(|t| matches!(t.op, QuantOp::Rescale { .. }));
    assert_eq!(rescaled, rescales.count());
    let readers: usize = of.tables.iter().map(|table| table.readers).sum();
    assert_eq!(readers, rescaled);
    // One row of zeros stands before them.
    let rows = 1 + of.tables.iter().map(|table| table.rows).sum::<usize>();
    assert_eq!(rows, inspection.table_rows);
    // What stands in a memory or a list has its number in the key, and nothing else has one.
    let keyed = |role: &str| {
        let roles = circuit.layout().gadgets().flat_map(|gadget| gadget.roles());
        let columns = roles.filter(|of| of.name == role).flat_map(|of| of.columns);
        let cells = columns.filter_map(|column| match column {
            Column::Fixed(column) => circuit.assignment().fixed.get(column),
            Column::First(_) | Column::Second(_) | Column::Instance => None,
        });
        cells.flatten().filter(|cell| **cell != 0).count()
    };
    let sum = |of: fn(&BusCounts) -> usize| {
        audit.nodes.as_ref().unwrap().tensors.iter().map(|node| of(&node.bus)).sum::<usize>()
    };
    assert_eq!(sum(|bus| bus.memory_entries), keyed("spaces of entries"));
    assert_eq!(sum(|bus| bus.memory_lookups), keyed("spaces of lookups"));
    // A position without an element may look up the row of zeros, which has no tag.
    assert!(sum(|bus| bus.function_lookups) >= keyed("tag"));
    assert_eq!(of.copies, circuit.assignment().copies.len());
    assert_eq!(of.steps, circuit.assignment().steps.len());

    let (layout, system) =
        (circuit.layout(), constraint_system::<provenn::Standard>(params).unwrap());
    let constraints = &audit.constraints;
    let kind = |kinds: &[&str]| {
        let of = constraints.columns.iter().filter(|columns| kinds.contains(&columns.kind));
        of.map(|columns| columns.columns).sum::<usize>()
    };
    assert_eq!(kind(&["fixed"]), layout.fixed);
    assert_eq!(kind(&["first phase"]), layout.first);
    assert_eq!(kind(&["second phase", "third phase"]), layout.second);
    assert_eq!(kind(&["public values"]), layout.instance);
    assert_eq!(constraints.fixed_columns, inspection.fixed_columns);
    assert_eq!(constraints.copied_columns, inspection.copied_columns);
    assert_eq!(1_usize << constraints.k, inspection.rows);
    let gates: usize = constraints.gates.iter().map(|gate| gate.count).sum();
    assert_eq!(gates, system.gates().iter().map(|gate| gate.polynomials().len()).sum::<usize>());
    assert_eq!(constraints.degree, system.degree());
    let bus = constraints.bus.iter().map(|of| of.lookups + of.found + of.weighted + of.sums);
    assert_eq!(bus.sum::<usize>(), layout.bus);
    assert_eq!(Layout::new(params).fixed, layout.fixed);
}

#[test]
fn every_figure_is_that_of_its_source() {
    let coarse =
        RunArgs { bits: Some(16), low_bits: Some(10), shift: Some(16), ..RunArgs::default() };
    let mut met = BTreeSet::new();
    for (name, args) in [
        ("diabetes_linear", RunArgs::default()),
        ("digits_cnn", RunArgs { two_phases: true, ..RunArgs::default() }),
        ("digits_lenet", RunArgs::default()),
        ("names_llama", coarse.clone()),
        ("transformer_block", coarse),
        ("classical/k_nearest", RunArgs::default()),
        ("classical/decision_tree", RunArgs::default()),
    ] {
        let circuit = compiled(name, &args);
        let audit = audit_circuit(&circuit, None, None, None).unwrap();
        says_what_its_sources_say(&circuit, &audit);
        for node in &audit.nodes.as_ref().unwrap().tensors {
            met.insert(node.made_by);
            let BusCounts { memory_lookups, list_indices, range_lookups, .. } = node.bus;
            for (what, count) in
                [("memory", memory_lookups), ("list", list_indices), ("ranges", range_lookups)]
            {
                met.extend((count > 0).then_some(what));
            }
        }
        let again = audit_circuit(&circuit, None, None, None).unwrap();
        assert_eq!((audit.html(), audit.json().unwrap()), (again.html(), again.json().unwrap()));
    }
    for kind in ["memory", "list", "ranges", "exact quotient", "exact root", "order of lines"] {
        assert!(met.contains(kind), "none of the models has {kind}: {met:?}");
    }
}

/// The integers of a run lie in what is proven, wherever they come from.
#[test]
fn integers_of_a_run_lie_in_the_intervals() {
    let circuit = compiled("digits_lenet", &RunArgs::default());
    let audit = audit_circuit(&circuit, None, None, None).unwrap();
    let inputs: Vec<Vec<i64>> = circuit
        .graph()
        .inputs
        .iter()
        .map(|id| &circuit.graph().tensors[id.0])
        .map(|t| {
            (0..)
                .zip(0..t.len())
                .map(|(i, _)| (t.interval.lo + 37 * i).min(t.interval.hi))
                .collect()
        })
        .collect();
    let witness = provenn::gen_witness(&circuit, &inputs).unwrap();
    for (at, (node, values)) in
        audit.nodes.unwrap().tensors.iter().zip(witness.tensors()).enumerate()
    {
        let [lo, hi] = node.interval;
        assert!(values.iter().all(|value| (lo..=hi).contains(value)), "{}", node.node);
        let (Some([lo, hi]), graph) = (node.accumulator, circuit.graph()) else { continue };
        let QuantOp::Rescale { bias, .. } = &graph.tensors[at].op else { continue };
        let sums = accumulate(graph, TensorId(at), witness.tensors()).unwrap();
        for (i, y) in sums.iter().enumerate() {
            let y = biased(&node.node, *y, bias, i, sums.len()).unwrap();
            assert!((lo..=hi).contains(&y), "{}", node.node);
        }
    }
}

#[test]
fn a_key_alone_tells_the_statement_and_the_gates() {
    let (model, settings) = settings("diabetes_linear", &RunArgs::default());
    let circuit = compile_circuit(&model, &settings).unwrap();
    let (key, srs) = key(&circuit);
    let full = audit_circuit(&circuit, Some(&key), Some(srs.verifier()), Some(&settings)).unwrap();
    let alone = audit_key(&key, None, None).unwrap();
    assert_eq!(alone.said, full.said);
    assert_eq!(alone.constraints, full.constraints);
    assert_eq!((&alone.nodes, &alone.digests.circuit), (&None, &None));
    assert_eq!(alone.digests.verifying_key, Some(hex(&key.digest())));
    assert_eq!(alone.digests.srs, Some(hex(&srs.verifier().digest())));
    assert_eq!((alone.srs.known, alone.srs.ceremony, alone.srs.drawn_locally), (true, None, None));
    assert_eq!(full.srs.drawn_locally, Some(true));
    let summary = full.settings.as_ref().unwrap();
    assert_eq!((summary.bits, summary.calibrated_nodes), (settings.bits, settings.ranges.len()));
    assert!(!alone.html().contains("<svg") && full.html().contains("<svg"));
    for tensor in key.statement().inputs.iter().chain(&key.statement().outputs) {
        let named = alone.said.public.iter().find(|public| public.name == tensor.name).unwrap();
        assert_eq!(named.integers, [tensor.lo, tensor.hi]);
    }
}

#[test]
fn visibility_is_said_of_each_part() {
    use Visibility::{Fixed, Hashed, Private, Public};
    let of = |input_visibility, output_visibility| {
        let shown = if output_visibility == Private { Public } else { output_visibility };
        let args = RunArgs { input_visibility, output_visibility: shown, ..RunArgs::default() };
        let mut circuit = compiled("diabetes_linear", &args);
        if output_visibility == Private {
            // No settings give it, but a stranger's circuit may have it.
            let (input_visibility, output_visibility) =
                (circuit.statement().input_visibility, TensorVisibility::Private);
            let options =
                PlanOptions { input_visibility, output_visibility, ..PlanOptions::default() };
            circuit = CompiledCircuit::compile(circuit.graph().clone(), &options).unwrap();
        }
        audit_circuit(&circuit, None, None, None).unwrap().said
    };
    for (inputs, outputs) in [
        (Public, Public),
        (Private, Public),
        (Public, Private),
        (Private, Private),
        (Hashed, Public),
        (Hashed, Hashed),
        (Private, Hashed),
    ] {
        let said = of(inputs, outputs);
        let who: Vec<Visibility> = said.visibility.iter().map(|part| part.visibility).collect();
        assert_eq!(who, [inputs, Fixed, outputs]);
        let public = [("input", inputs), ("output", outputs)].map(|(side, who)| {
            said.public.iter().any(|tensor| tensor.side == side) == (who != Private)
        });
        assert_eq!(public, [true, true]);
        let claim = &said.statement[0];
        assert_eq!(claim.contains("private inputs"), inputs == Private, "{claim}");
        assert_eq!(claim.contains("digest"), [inputs, outputs].contains(&Hashed), "{claim}");
        let hashed = said.public.iter().any(|tensor| tensor.side == "input" && tensor.hashed);
        assert_eq!(hashed, inputs == Hashed);
    }
}
