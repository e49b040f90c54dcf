//! `get-srs`.

use crate::args::{CircuitArgument, logrows};
use crate::files::{Files, Holds, from_stdin};
use crate::output::Output;
use anyhow::{Context, Result, bail};
use clap::Args;
use provenn::artefact::Kind;
use provenn::run::read_settings;
use provenn::{Origin, Srs, SrsError, VerifierSrs};
use std::path::{Path, PathBuf};

#[cfg(feature = "download")]
mod download;

/// Take an SRS from a ceremony: downloaded, from a local file, or from the cache; checked and cut to size.
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
    /// A ceremony's file, in halo2's raw format or powers of tau (.ptau); with --cache, what is cut from it is kept there.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    #[cfg(feature = "download")]
    #[command(flatten)]
    download: download::Arguments,
    /// Folder of cached SRS files [default: the system's folder for caches, there provenn/srs].
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
        let srs = match &self.from {
            Some(from) => from_file(k, from, self.cache.as_deref())?,
            None => self.cached_or_downloaded(k, *output)?,
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
        output.say(&match srs.origin() {
            Origin::Ceremony(ceremony) => format!("srs     of the ceremony {}", ceremony.name),
            Origin::Unknown => "srs     of unknown origin: verifiers must name its digest".into(),
        });
        Ok(())
    }

    #[cfg(feature = "download")]
    fn cached_or_downloaded(&self, k: u32, output: Output) -> Result<Srs> {
        let folder = match &self.cache {
            Some(folder) => folder.clone(),
            None => provenn::ceremony::default_folder()?,
        };
        match (self.download.source(k)?, Srs::cached(&folder, k)?) {
            (_, Some(srs)) => Ok(srs),
            (Some(fetch), None) => download::download(&fetch, k, &folder, output),
            (None, None) => bail!(absent(k, &folder)),
        }
    }

    #[cfg(not(feature = "download"))]
    fn cached_or_downloaded(&self, k: u32, _: Output) -> Result<Srs> {
        let Some(folder) = &self.cache else {
            bail!(
                "no source for an srs of k = {k}; download a ceremony's file of at least that k and give it with --from, or for tests draw one with `gen-srs --logrows {k}`"
            )
        };
        Srs::cached(folder, k)?.with_context(|| absent(k, folder))
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
    const FORMS: &str = "--from takes a ceremony's file that you have downloaded, in halo2's raw format or powers of tau";
    if !from.exists() {
        bail!("{}: is not there; {FORMS}", from.display());
    }
    if let Some(holds) = Holds::at(from)
        && holds != Holds::Artefact(Kind::Srs)
    {
        bail!("{}: holds {holds}; {FORMS}", from.display());
    }
    let srs = match Srs::read_for(from, k) {
        Err(SrsError::TooSmall { expected, got }) => bail!(
            "{}: has k = {got}, k = {expected} is needed; take a larger file of the same ceremony",
            from.display()
        ),
        other => other?,
    };
    if let Some(folder) = cache {
        srs.store(folder)?;
    }
    Ok(srs)
}

fn absent(k: u32, folder: &Path) -> String {
    format!(
        "{}: no srs of k >= {k}; download a ceremony's file of at least that k and give it with --from, or for tests draw one with `gen-srs --logrows {k}`",
        folder.display()
    )
}
