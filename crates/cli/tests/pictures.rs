//! Pictures show all that they are of, in words and patterns as well as in colours.
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a test reports by panicking

mod support;

use support::{models, succeeds};
use tempfile::TempDir;

fn compiled(model: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    for file in ["network.onnx", "calibration.json"] {
        std::fs::copy(models().join(model).join(file), folder.path().join(file)).unwrap();
    }
    succeeds(folder.path(), "gen-settings");
    folder
}

/// Columns that the drawing's roles name: one each, or n where "×n" stands.
fn columns(svg: &str) -> usize {
    let roles = svg.lines().filter_map(|line| line.split_once("rotate(-90)")?.1.split_once('>'));
    roles
        .map(|(_, rest)| rest.split("</text>").next().unwrap())
        .map(|role| role.split_once('×').map_or(1, |(_, n)| n.parse().unwrap()))
        .sum()
}

#[test]
fn the_layout_shows_every_column() {
    // Between them: activations, plain cells, both banks of weights, arithmetic, boundary terms, tables, three phases.
    // Two phases, then three: boundary terms in lanes, and combined.
    for (arguments, kinds) in [("gen-settings --two-phases", 4), ("gen-settings", 5)] {
        let model = "digits_cnn";
        let folder = compiled(model);
        let at = folder.path();
        succeeds(at, arguments);
        succeeds(at, "compile-circuit");
        succeeds(at, "inspect --svg layout.svg");
        let svg = std::fs::read_to_string(at.join("layout.svg")).unwrap();
        let title = svg.split(" rows, ").nth(1).unwrap().split(" columns").next().unwrap();
        assert_eq!(columns(&svg), title.parse::<usize>().unwrap(), "{model}");
        for panel in
            ["public", "control", "activation 0", "plain 0", "freivalds 1 (ρ)", "arithmetic 0"]
        {
            assert!(svg.contains(&format!(">{panel}</text>")), "{model}: {panel}");
        }
        assert_eq!(svg.contains(">boundary 0</text>"), kinds == 5);
        let patterns = ["instance", "fixed", "first", "second", "third"];
        let used = patterns.iter().filter(|id| svg.contains(&format!("fill=\"url(#{id})\"")));
        assert_eq!(used.count(), kinds, "{model}");
    }
}

#[test]
fn the_frontier_names_its_axes_its_model_and_the_chosen_point() {
    let folder = compiled("diabetes_linear");
    let at = folder.path();
    let table = succeeds(at, "calibrate-settings --pareto front");
    assert!(table.lines().any(|line| line.starts_with('*')), "{table}");
    assert!(table.contains("errors are over "), "{table}");
    let svg = std::fs::read_to_string(at.join("front/pareto.svg")).unwrap();
    let place = at.file_name().unwrap().to_str().unwrap();
    for words in [
        "CPU seconds per proof (logarithmic)",
        "error of the outputs (logarithmic)",
        &format!("{place}/network.onnx"),
        ">chosen</text>",
    ] {
        assert!(svg.contains(words), "{words}");
    }
}

#[test]
fn counts_and_axes_of_the_report_can_be_read() {
    let folder = compiled("diabetes_linear");
    let at = folder.path();
    succeeds(at, "calibrate-settings");
    succeeds(at, "quantization-error -D calibration.json --html report.html");
    let page = std::fs::read_to_string(at.join("report.html")).unwrap();
    for words in [">absolute error<", ">output values<", ">float output<", ">quantised output<"] {
        assert!(page.contains(words), "{words}");
    }
    // The bars' counts are written above them, and sum to the values less the exact ones.
    let counts = page.split("font-size=\"9\" text-anchor=\"middle\">").skip(1);
    let sum: usize =
        counts.map(|rest| rest.split('<').next().unwrap().parse::<usize>().unwrap()).sum();
    let data = std::fs::read_to_string(at.join("calibration.json")).unwrap();
    let data: serde_json::Value = serde_json::from_str(&data).unwrap();
    let exact = page
        .split("errors are (")
        .nth(1)
        .map_or(0, |rest| rest.split(' ').next().unwrap().parse::<usize>().unwrap());
    assert_eq!(sum + exact, data["input_data"].as_array().unwrap().len());
}
