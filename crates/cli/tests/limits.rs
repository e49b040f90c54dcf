//! What calibration promises about rows, compiling keeps.
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a test reports by panicking

mod support;

use serde_json::Value;
use support::{fails, onnx::model, succeeds};
use tempfile::TempDir;

#[test]
fn a_limit_on_rows_is_kept_when_compiling_or_refused_with_the_least() {
    let folder = TempDir::new().unwrap();
    let at = folder.path();
    let bytes = model(&[("Sigmoid", "sg")], Some(&["1", "4"]));
    std::fs::write(at.join("network.onnx"), bytes).unwrap();
    std::fs::write(at.join("calibration.json"), "[[0.5, -1, 2, 0.1]]").unwrap();
    succeeds(at, "gen-settings");
    let k = |said: &str| -> u32 {
        let after = said.split("k = ").nth(1).unwrap();
        after.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
    };
    let error = fails(at, "calibrate-settings --max-logrows 3");
    let least: u32 = error.rsplit(' ').next().unwrap().parse().unwrap();
    assert!(error.contains("the least is --max-logrows"), "{error}");
    assert!(least > 3);
    fails(at, &format!("calibrate-settings --max-logrows {}", least - 1));
    succeeds(at, "calibrate-settings");
    let free = k(&succeeds(at, "compile-circuit"));
    assert!(least < free, "the cheapest circuit must be a larger one, or this test tests nothing");
    for limit in least..free {
        let said = k(&succeeds(at, &format!("calibrate-settings --max-logrows {limit}")));
        assert!(said <= limit);
        assert_eq!(k(&succeeds(at, "compile-circuit")), said);
        let text = std::fs::read_to_string(at.join("settings.json")).unwrap();
        let settings: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(settings["run_args"]["max_logrows"], limit);
    }
    // Without a limit there is none.
    succeeds(at, "calibrate-settings");
    assert_eq!(k(&succeeds(at, "compile-circuit")), free);
    let error = fails(at, "gen-settings --logrows 3 -O s.json");
    assert!(error.contains("the least is --logrows"), "{error}");
}
