//! The folder of `calibrate-settings --pareto`.

use crate::files::{Files, Holds};
use crate::output::Output;
use anyhow::{Context, Result, bail};
use provenn::artefact::check_place;
use provenn::artefact::make_folder;
use provenn::calibration::{Frontier, POINTS, pareto};
use provenn::run::write_settings;
use provenn::write_atomically;
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;

/// That there is a folder of this name, or nothing yet, and no other file where points go.
pub(crate) fn check(folder: &Path) -> Result<()> {
    if folder.exists() && !folder.is_dir() {
        bail!("{}: is a file, --pareto takes a folder; name another", folder.display());
    }
    let points = (0..POINTS).map(|i| (folder.join(settings_of(i)), Holds::Settings));
    let pictures = ["pareto.json", "pareto.svg"].map(|name| (folder.join(name), Holds::Picture));
    let written: Vec<_> = points.chain(pictures).collect();
    let files = Files::new();
    written.iter().fold(files, |files, (path, holds)| files.write("--pareto", path, *holds)).check()
}

/// Writes settings per point, `pareto.json` and `pareto.svg`, and prints the table.
pub(crate) fn write(front: &Frontier, folder: &Path, model: &str, output: &Output) -> Result<()> {
    make_folder(folder)?;
    let points: Vec<_> = (0..front.points.len()).map(|i| point(front, i)).collect();
    for (i, candidate) in front.points.iter().enumerate() {
        write_settings(&candidate.settings, &folder.join(settings_of(i)))?;
    }
    remove_earlier(folder, front.points.len())?;
    let svg = pareto::draw(front, model);
    write_atomically(&folder.join("pareto.svg"), |file| file.write_all(svg.as_bytes()))?;
    let json = serde_json::to_string_pretty(&points)?;
    write_atomically(&folder.join("pareto.json"), |file| file.write_all(json.as_bytes()))?;
    let value = json!({
        "frontier": points, "chosen": front.chosen, "observations": front.observations,
    });
    output.data(&pareto::table(front), &value);
    output.wrote(folder);
    Ok(())
}

fn point(front: &Frontier, i: usize) -> Value {
    let mut point = json!(pareto::point(&front.points[i]));
    point["chosen"] = (i == front.chosen).into();
    point["settings"] = settings_of(i).into();
    point
}

fn settings_of(point: usize) -> String {
    format!("settings_{point}.json")
}

/// Settings of an earlier run, which had more points, would be taken for points of this one.
fn remove_earlier(folder: &Path, points: usize) -> Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let number = name.strip_prefix("settings_").and_then(|rest| rest.strip_suffix(".json"));
        let number = number.and_then(|number| number.parse::<usize>().ok());
        if number.is_some_and(|number| number >= points && name == settings_of(number))
            && Holds::at(&path) == Some(Holds::Settings)
        {
            check_place(&path)?;
            std::fs::remove_file(&path).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}
