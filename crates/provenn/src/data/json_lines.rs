//! One observation per line.

use super::InputData;
use serde::Deserialize;

/// A line: an object as in a data file, or the lists alone.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Object(InputData),
    Lists(Vec<Vec<f64>>),
    List(Vec<f64>),
}

/// Reads JSON lines; empty lines are skipped.
pub(super) fn read(bytes: &[u8]) -> Result<InputData, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let mut data = InputData::new(vec![]);
    let mut labels = vec![];
    let mut lines = 0;
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line: Line = serde_json::from_str(line).map_err(|error| {
            format!(
                "line {}: {error}; expected {{\"input_data\": [[numbers of input 0], …]}} or a list of numbers",
                number + 1
            )
        })?;
        lines += 1;
        match line {
            Line::Object(object) => {
                data.input_data.extend(object.input_data);
                labels.extend(object.labels.unwrap_or_default());
            }
            Line::Lists(lists) => data.input_data.extend(lists),
            Line::List(list) => data.input_data.push(list),
        }
    }
    if !labels.is_empty() {
        if labels.len() != lines {
            return Err(format!("has {} labels in {lines} lines, expected one each", labels.len()));
        }
        data.labels = Some(labels);
    }
    Ok(data)
}
