//! `get-srs`.

use crate::output::Output;
use anyhow::{Result, bail};
use clap::Args;
use provenn::Srs;
use std::path::{Path, PathBuf};

/// Take an SRS from a local file or the cache, checked and cut to size.
#[derive(Args, Debug)]
pub(crate) struct GetSrs {
    /// The k needed; taken from the compiled circuit if absent.
    #[arg(long)]
    logrows: Option<u32>,
    #[arg(long, default_value = "model.compiled")]
    compiled_circuit: PathBuf,
    /// A ceremony's file in halo2's raw format; it is added to the cache.
    #[arg(long)]
    from: Option<PathBuf>,
    /// Folder of cached SRS files.
    #[arg(long, env = "PROVENN_SRS_CACHE")]
    cache: Option<PathBuf>,
    #[arg(long, default_value = "kzg.srs")]
    srs_path: PathBuf,
}

impl GetSrs {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let k = match self.logrows {
            Some(k) => k,
            None => provenn::read_compiled(&self.compiled_circuit)?.shape().k,
        };
        get(k, self.from.as_deref(), self.cache.as_deref())?.write(&self.srs_path)?;
        output.wrote(&self.srs_path);
        Ok(())
    }
}

fn get(k: u32, from: Option<&Path>, cache: Option<&Path>) -> Result<Srs> {
    if let Some(path) = from {
        let srs = Srs::read(path)?;
        if let Some(folder) = cache {
            srs.store(folder)?;
        }
        return Ok(srs.truncated(k)?);
    }
    let Some(folder) = cache else {
        bail!(
            "no source for an srs; give a ceremony's file with --from or a folder with --cache, or draw a test srs with `gen-srs`"
        );
    };
    match Srs::cached(folder, k)? {
        Some(srs) => Ok(srs),
        None => bail!("{}: no srs of k >= {k}; add one with --from", folder.display()),
    }
}
