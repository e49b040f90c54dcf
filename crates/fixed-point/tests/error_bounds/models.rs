//! The trained nets: every bound holds, and the estimate is near the truth.

use crate::net::{Subject, settings};
use provenn_fixed_point::{ErrorBounds, RunArgs};
use provenn_onnx_ir::{Graph, ImportOptions, Tensor, load};
use std::path::{Path, PathBuf};

/// The net of a folder, and its observations.
pub(crate) fn net(name: &str) -> Option<(Graph, Vec<Vec<Tensor>>)> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models").join(name);
    let text = std::fs::read_to_string(folder.join("calibration.json")).ok()?;
    let graph = load(&folder.join("network.onnx"), &ImportOptions::default()).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let rows = json["input_data"].as_array().unwrap();
    let tensor = |row: &serde_json::Value| {
        let data = row.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect();
        vec![Tensor { shape: graph.nodes[graph.inputs[0].0].shape.clone(), data }]
    };
    let data = rows.iter().map(tensor).collect();
    Some((graph, data))
}

#[test]
fn trained_nets_stay_within_their_bounds() {
    for name in [
        "breast_cancer_logistic",
        "breast_cancer_mlp",
        "diabetes_linear",
        "digits_cnn",
        "digits_lenet",
        "digits_resnet",
    ] {
        let Some((graph, data)) = net(name) else { continue };
        let settings = settings(&graph, &RunArgs::default(), &data);
        let subject = Subject::new(&graph, &settings);
        let (measured, admitted) = subject.measure(&data);
        assert_eq!(admitted, data.len(), "{name}");
        let json = serde_json::to_string(&subject.bounds).unwrap();
        let read: ErrorBounds = serde_json::from_str(&json).unwrap();
        assert_eq!(read.tensors.len(), subject.bounds.tensors.len());
        for (measured, bound) in measured.iter().zip(&subject.bounds.outputs) {
            println!(
                "{name}: step {:.2e}; largest {:.2e}, bound {:.2e} ({:.1}x); rms {:.2e}, expected {:.2e} ({:.2}x)",
                bound.step,
                measured.worst,
                bound.worst_case,
                bound.worst_case / measured.worst,
                measured.rms(),
                bound.expected,
                bound.expected / measured.rms(),
            );
            assert!(measured.worst <= bound.worst_case, "{name}: {measured:?} {bound:?}");
            let ratio = bound.expected / measured.rms();
            assert!((0.25..=4.0).contains(&ratio), "{name}: {ratio}");
        }
    }
}
