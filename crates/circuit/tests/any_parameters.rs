//! Duty 1 over every parameter that a file can have: whatever `validate` accepts is refused by name when it is
//! laid out, or the interpreter's witness satisfies the circuit and the circuit's tables are the interpreter's.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation, clippy::cast_sign_loss)]

use provenn_adversary::random::{Random, any_circuit, any_graph, any_inputs};
use provenn_circuit::{CompileError, CompiledCircuit};
use provenn_fixed_point::{InterpretError, QuantOp};
use provenn_gadgets::Fr;
use provenn_gadgets::table::{FUNCTION, GAP};
use provenn_gadgets::testing::Subject;
use std::collections::BTreeMap;

/// Rows of circuits that are evaluated in full; others are only laid out.
const MOST_K: u32 = 10;

/// Slope and base by key of every table that has outputs.
fn tables(compiled: &CompiledCircuit) -> Vec<Vec<(i64, i64)>> {
    let mut tables: BTreeMap<i64, BTreeMap<i64, (i64, i64)>> = BTreeMap::new();
    for bank in &compiled.layout().table {
        for row in 0..compiled.params().active_rows() {
            let at =
                |column: usize| compiled.assignment().fixed[column].get(row).copied().unwrap_or(0);
            let [key, slope, base, tag] = bank.tuple.map(at);
            if tag >= FUNCTION {
                let table = tables.entry(tag).or_default();
                assert_eq!(table.insert(key, (slope, base)), None, "a key twice");
            } else {
                assert!((0..=GAP).contains(&tag) && (slope, base) == (0, 0));
            }
        }
    }
    let entries = |table: BTreeMap<i64, (i64, i64)>| {
        assert!(table.keys().copied().eq(0..table.len() as i64), "keys count from zero");
        table.into_values().collect()
    };
    tables.into_values().map(entries).collect()
}

#[test]
fn whatever_validates_is_refused_by_name_or_computes_what_the_interpreter_does() {
    let (mut refused, mut laid_out, mut satisfied) = (0, 0, 0);
    for seed in 0..1500 {
        let mut random = Random::new(seed);
        let Some(graph) = any_graph(&mut random) else { continue };
        graph.validate().unwrap();
        let name = format!("seed {seed}: {:?}", graph.formats);
        let compiled = match any_circuit(&mut random, graph) {
            Ok(compiled) => compiled,
            Err(
                CompileError::TooLarge { .. }
                | CompileError::WrapAround { .. }
                | CompileError::Unsupported { .. },
            ) => {
                refused += 1;
                continue;
            }
            Err(error) => panic!("{name}: {error}"),
        };
        let graph = compiled.graph();
        let inputs = any_inputs(&mut random, graph);
        let witness = match graph.interpret(&inputs) {
            // Of these inputs there is no result.
            Err(
                InterpretError::Divisor { .. }
                | InterpretError::Negative { .. }
                | InterpretError::Index { .. },
            ) => continue,
            Ok(_) | Err(_) => compiled.witness(&inputs),
        };
        let witness = witness.unwrap_or_else(|e| panic!("{name}: {e}"));
        let (circuit, instance) =
            compiled.assign(&witness).unwrap_or_else(|e| panic!("{name}: {e}"));
        laid_out += 1;
        let found = tables(&compiled);
        for tensor in &graph.tensors {
            if let QuantOp::Rescale { function, .. } = &tensor.op {
                assert!(
                    found.iter().any(|entries| **entries == *function.entries),
                    "{name}: a table is not the function's"
                );
            }
        }
        if compiled.params().k > MOST_K {
            continue;
        }
        let mut subject = Subject::new(&circuit, &instance);
        assert_eq!(subject.violations(), Default::default(), "{name}");
        satisfied += 1;
        if let Some(last) = subject.instance.len().checked_sub(1) {
            // A digest stands for a tensor, or the value is an integer.
            match subject.digests.get_mut(&last) {
                Some(digest) => *digest += Fr::one(),
                None => subject.instance[last] += 1,
            }
            subject.finish();
            assert!(!subject.holds(), "{name}: another output is accepted");
        }
    }
    println!("{refused} refused, {laid_out} laid out, {satisfied} evaluated");
    assert!(satisfied > 300 && refused > 10, "{refused} refused, {satisfied} evaluated");
}
