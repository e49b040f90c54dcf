//! Downloading, with a bar.

use crate::output::Output;
use anyhow::Result;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use provenn::Srs;
use provenn::ceremony::{Event, Fetch};
use std::path::Path;

/// Where from.
#[derive(Args, Debug)]
pub(super) struct Arguments {
    /// A file to download, in halo2's raw format or powers of tau; what it is worth is told by its points.
    #[arg(long, value_name = "URL", conflicts_with_all = ["from", "mirror", "offline"])]
    url: Option<String>,
    /// Another folder that has the ceremony's files, by their names.
    #[arg(long, value_name = "URL", conflicts_with_all = ["from", "offline"])]
    mirror: Option<String>,
    /// Download nothing: from the cache alone.
    #[arg(long, conflicts_with = "from")]
    offline: bool,
}

impl Arguments {
    /// What to fetch where the cache has nothing; `None` offline.
    pub(super) fn source(&self, k: u32) -> Result<Option<Fetch>> {
        match (&self.url, self.offline) {
            (_, true) => Ok(None),
            (Some(url), false) => Ok(Some(Fetch::at(url)?)),
            (None, false) => Ok(Some(Fetch::serving(k, self.mirror.as_deref())?)),
        }
    }
}

pub(super) fn download(fetch: &Fetch, k: u32, folder: &Path, output: Output) -> Result<Srs> {
    output.say(&format!("fetching {} into {}", fetch.url(), folder.display()));
    let bar = if output.progress() { ProgressBar::new(0) } else { ProgressBar::hidden() };
    bar.set_style(ProgressStyle::with_template(
        "{spinner} [{bar:24}] {bytes}/{total_bytes} {bytes_per_sec} {eta} {msg}",
    )?);
    let srs = provenn::download_srs(fetch, k, folder, |event| match event {
        Event::Waiting => bar.set_message("another process fetches it"),
        Event::Bytes { done, total } => {
            if let Some(total) = total {
                bar.set_length(total);
            }
            bar.set_message("");
            bar.set_position(done);
        }
        Event::Again { reason, after } => {
            output.detail(&format!("{reason}; again in {} s", after.as_secs_f32()));
            bar.set_message("the connection broke, once more");
        }
    });
    bar.finish_and_clear();
    Ok(srs?)
}
