//! `get-srs`.

use crate::args::{CircuitArgument, logrows};
use crate::files::{Files, Holds, from_stdin};
use crate::output::Output;
use anyhow::{Context, Result, bail};
use clap::Args;
use provenn::artefact::Kind;
use provenn::run::read_settings;
use provenn::{Srs, SrsError, VerifierSrs};
use std::path::{Path, PathBuf};

/// Take an SRS from a local file or the cache, checked and cut to size.
#[derive(Args, Debug)]
pub(crate) struct GetSrs {
    /// Serves circuits of 2^K rows; taken from the settings or the compiled circuit if absent.
    #[arg(short = 'K', long, value_name = "K", value_parser = logrows(), conflicts_with = "settings_path")]
    logrows: Option<u32>,
    /// The settings that say how many rows the circuit has.
    #[arg(short = 'S', long, value_name = "FILE", value_parser = from_stdin)]
    settings_path: Option<PathBuf>,
    #[command(flatten)]
    circuit: CircuitArgument,
    /// A ceremony's file in halo2's raw format; it is added to the cache.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Folder of cached SRS files.
    #[arg(long, value_name = "FOLDER", env = "PROVENN_SRS_CACHE", hide_env_values = true)]
    cache: Option<PathBuf>,
    /// Where the SRS goes.
    #[arg(long, value_name = "FILE", default_value = "kzg.srs")]
    srs_path: PathBuf,
    /// Write the verifier's part alone: three points that serve every k.
    #[arg(long)]
    verifier: bool,
    /// Replace an SRS of another digest that is there already; keys made with it are then useless.
    #[arg(long)]
    force: bool,
}

impl GetSrs {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let kind = if self.verifier { Kind::VerifierSrs } else { Kind::Srs };
        let files = self.from.iter().fold(Files::new(), |files, from| files.read("--from", from));
        files.write("--srs-path", &self.srs_path, Holds::Artefact(kind)).check()?;
        let k = self.k()?;
        let srs = match (&self.from, &self.cache) {
            (Some(from), cache) => from_file(k, from, cache.as_deref())?,
            (None, Some(cache)) => from_cache(k, cache)?,
            (None, None) => bail!(
                "no source for an srs of k = {k}; download a ceremony's file of at least that k and give it with --from, or for tests draw one with `gen-srs --logrows {k}`"
            ),
        };
        if !self.force {
            self.keep(kind, &srs)?;
        }
        if self.verifier {
            srs.verifier().write(&self.srs_path)?;
        } else {
            srs.write(&self.srs_path)?;
        }
        output.wrote(&self.srs_path);
        Ok(())
    }

    /// That no SRS is replaced but by one of the same points.
    fn keep(&self, kind: Kind, srs: &Srs) -> Result<()> {
        let path = &self.srs_path;
        if Holds::at(path) == Some(Holds::Artefact(kind))
            && !VerifierSrs::read(path).is_ok_and(|got| got.digest() == srs.digest())
        {
            bail!(
                "{}: holds another srs already, and keys made with it work with no other; give another --srs-path, or replace it with --force",
                path.display()
            );
        }
        Ok(())
    }

    fn k(&self) -> Result<u32> {
        if let Some(k) = self.logrows {
            return Ok(k);
        }
        let Some(path) = &self.settings_path else {
            let path = &self.circuit.compiled_circuit;
            if !path.exists() {
                bail!(
                    "{}: is not there, and so does not say how many rows are needed; compile the circuit first, or give --logrows or --settings-path",
                    path.display()
                );
            }
            return Ok(provenn::read_compiled(path)?.params().k);
        };
        let settings = read_settings(path)?;
        settings.run_args.logrows.or(settings.k).with_context(|| {
            format!(
                "{}: does not say how many rows the circuit has; make it again with calibrate-settings, or give --logrows",
                path.display()
            )
        })
    }
}

/// From a file, whose errors must not end in advice to run this command.
fn from_file(k: u32, from: &Path, cache: Option<&Path>) -> Result<Srs> {
    if !from.exists() {
        bail!(
            "{}: is not there; --from takes a ceremony's file that you have downloaded, in halo2's raw format",
            from.display()
        );
    }
    if let Some(holds) = Holds::at(from)
        && holds != Holds::Artefact(Kind::Srs)
    {
        bail!(
            "{}: holds {holds}; --from takes a ceremony's file in halo2's raw format",
            from.display()
        );
    }
    let srs = Srs::read(from)?;
    if let Some(folder) = cache {
        srs.store(folder)?;
    }
    fitting(srs, k).with_context(|| from.display().to_string())
}

fn from_cache(k: u32, folder: &Path) -> Result<Srs> {
    match Srs::cached(folder, k)? {
        Some(srs) => Ok(srs),
        None => bail!(
            "{}: no srs of k >= {k}; download a ceremony's file of at least that k and add it with --from",
            folder.display()
        ),
    }
}

fn fitting(srs: Srs, k: u32) -> Result<Srs> {
    match srs.truncated(k) {
        Err(SrsError::TooSmall { expected, got }) => bail!(
            "has k = {got}, k = {expected} is needed; take a larger file of the same ceremony"
        ),
        other => Ok(other?),
    }
}
