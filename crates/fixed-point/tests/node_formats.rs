//! Settings state formats of single nodes by hand: their rescales have them, others that of the settings.
#![allow(missing_docs, clippy::unwrap_used)] // a test reports by panicking

use provenn_fixed_point::{Format, QuantOp, RunArgs, generate_settings, quantise};
use provenn_onnx_ir::{ImportOptions, load};
use std::path::Path;

#[test]
fn a_node_rescales_in_the_format_that_settings_state() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models");
    let graph =
        load(&models.join("breast_cancer_mlp/network.onnx"), &ImportOptions::default()).unwrap();
    let args = RunArgs { shift: Some(14), low_bits: Some(7), ..RunArgs::default() };
    let mut settings = generate_settings(&graph, &args, "test").unwrap();
    let plain = quantise(&graph, &settings).unwrap();
    let main = Format { shift: 14, low_bits: 7 };
    assert_eq!(plain.formats, [main]);
    let rescaled =
        |tensor: &&provenn_fixed_point::QuantTensor| matches!(tensor.op, QuantOp::Rescale { .. });
    let node = plain.tensors.iter().find(rescaled).unwrap().name.clone();
    let own = Format { shift: 18, low_bits: 5 };
    settings.node_formats.insert(node.clone(), own);
    settings.check().unwrap();
    let quantised = quantise(&graph, &settings).unwrap();
    quantised.validate().unwrap();
    assert_eq!(quantised.formats, [main, own]);
    for tensor in &quantised.tensors {
        if let QuantOp::Rescale { format, .. } = tensor.op {
            let expected = if tensor.name == node { own } else { main };
            assert_eq!(quantised.format(format), Some(expected), "{}", tensor.name);
        }
    }
    let text = settings.to_json().unwrap();
    assert_eq!(provenn_fixed_point::Settings::from_json(&text).unwrap(), settings);
    settings.node_formats.insert("nobody".into(), own);
    assert!(quantise(&graph, &settings).unwrap_err().to_string().contains("nobody"));
    settings.node_formats.remove("nobody");
    settings.node_formats.insert(node, Format { shift: 0, low_bits: 5 });
    assert!(settings.check().unwrap_err().to_string().contains("shift of a node is 0"));
}
