//! Data as people write them: each form means what it says, or is refused in words that say why.
#![allow(missing_docs, clippy::unwrap_used)] // a test reports by panicking

use provenn::{InputData, OnnxModel};
use std::path::Path;

fn model() -> OnnxModel {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models/diabetes_linear/network.onnx");
    OnnxModel::load(&path, &Default::default()).unwrap()
}

/// The observations of a text, or what is wrong with it.
fn read(model: &OnnxModel, text: &str) -> Result<Vec<Vec<f32>>, String> {
    let data = InputData::from_json("data.json", text).map_err(|error| error.to_string())?;
    let all = data.observations(model.graph()).map_err(|error| error.to_string())?;
    Ok(all.into_iter().map(|mut inputs| inputs.swap_remove(0).data).collect())
}

#[test]
fn forms_that_mean_the_same() {
    let model = model();
    let expected: Vec<f32> = (0..10_u8).map(f32::from).collect();
    for text in [
        r#"{"input_data": [[0,1,2,3,4,5,6,7,8,9]]}"#,
        "\u{feff}{\"input_data\": [[0,1,2,3,4,5,6,7,8,9]]}",
        r#"{"input_data": [[[0,1,2,3,4],[5,6,7,8,9]]], "output_data": null}"#,
        r#"{"input_data": [0,1,2,3,4,5,6,7,8,9]}"#,
        r#"{"input_data": {"input": [0,1,2,3,4,5,6,7,8,9]}}"#,
        r#"[[0,1e0,0.2E+1,30e-1,4,5,6,7,8,9.0]]"#,
        r#"[0,1,2,3,4,5,6,7,8,9]"#,
    ] {
        assert_eq!(read(&model, text), Ok(vec![expected.clone()]), "{text}");
    }
}

#[test]
fn observations_one_after_the_other_in_one_list() {
    let model = model();
    let values: Vec<f32> = (0..30_u8).map(f32::from).collect();
    let expected: Vec<Vec<f32>> = values.chunks(10).map(<[f32]>::to_vec).collect();
    assert_eq!(read(&model, &format!("{{\"input_data\": [{values:?}]}}")), Ok(expected.clone()));
    assert_eq!(read(&model, &format!("{{\"input_data\": {expected:?}}}")), Ok(expected));
    let error = read(&model, &format!("{{\"input_data\": [{:?}]}}", &values[..25])).unwrap_err();
    assert!(error.contains("has 25 values, expected 10"), "{error}");
}

#[test]
fn what_is_no_data_is_refused_with_the_reason() {
    let model = model();
    for (text, expected) in [
        (r#"{"inputs": [[0]]}"#, "no `input_data`, but `inputs`"),
        (r#"{"pretty_inputs": [], "compiled_digest": ""}"#, "a witness"),
        (r#"{"input_data": [["0","1"]]}"#, "string \"0\""),
        (r#"{"input_data": [[0,1,NaN]]}"#, "NaN at line 1"),
        (r#"{"input_data": [[0,-Infinity,1]]}"#, "Infinity at line 1"),
        (r#"{"input_data": [[0,null]]}"#, "null"),
        (r#"{"input_data": [[0,1,2,3,4,5,6,7,8,1e39]]}"#, "value 9 is 1e39"),
        (r#"{"input_data": [0,[1]]}"#, "beside lists"),
        (r#"{"input_data": {"input": [0], "input": [0]}}"#, "twice"),
        (r#"{"input_data": {"other": [0,1,2,3,4,5,6,7,8,9]}}"#, "other"),
        (r#"{"input_data": []}"#, "0 lists"),
        (r#"{"input_data": [[0,1,2]]}"#, "has 3 values, expected 10"),
        ("", "input_data"),
    ] {
        let error = read(&model, text).unwrap_err();
        assert!(error.contains(expected), "{text}: {error}");
        assert!(!error.contains('\n'), "{text}: {error}");
    }
}

/// Parsing a header takes four times as long for each bracket within another.
#[test]
fn a_header_of_many_brackets_is_refused_before_it_is_parsed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nested.npy");
    for (nested, expected) in [(0, ""), (50, "holds records")] {
        let [open, shut] = ["(", ")"].map(|bracket| bracket.repeat(nested));
        let shape = format!("{open}(1, 3){}", shut.replace(')', ",)"));
        let header = format!("{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n");
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        let bytes = [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), &[7; 3]].concat();
        std::fs::write(&path, bytes).unwrap();
        let error = InputData::read(&path).map_err(|error| error.to_string()).err();
        let error = error.unwrap_or_default();
        assert!(error.contains(expected), "{nested}: {error}");
        assert_eq!(error.is_empty(), nested == 0, "{nested}: {error}");
    }
}
