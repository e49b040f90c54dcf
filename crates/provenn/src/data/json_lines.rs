//! One observation per line.

use super::forms;
use super::input_data::InputData;

/// Reads JSON lines; empty lines are skipped.
pub(super) fn read(bytes: &[u8]) -> Result<InputData, String> {
    let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
    let mut data = InputData::new(vec![]);
    let mut labels = vec![];
    let (mut lines, mut names) = (0, None);
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let line = forms::read(line.as_bytes())
            .map_err(|error| format!("line {}: {error}", number + 1))?;
        if names.get_or_insert_with(|| line.input_names.clone()) != &line.input_names {
            return Err(format!(
                "line {}: its inputs have other names than those of the first line, or another order",
                number + 1
            ));
        }
        lines += 1;
        data.input_data.extend(line.input_data);
        labels.extend(line.labels.unwrap_or_default());
    }
    data.input_names = names.flatten();
    if !labels.is_empty() {
        if labels.len() != lines {
            return Err(format!("has {} labels in {lines} lines, expected one each", labels.len()));
        }
        data.labels = Some(labels);
    }
    Ok(data)
}
