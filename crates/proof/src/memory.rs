//! What a proof takes of memory and what there is, asked before the work.
//!
//! Where the system does not say what it has and what the process holds, a limit is one of the proof's columns.

use crate::prove::ProveError;
use provenn_prover::Prover;

/// The bytes that the quotient's columns may take: what the caller allows the process, or the machine has, less what
/// the process holds and what all other columns will take.
///
/// # Errors
/// [`ProveError::Memory`] if that is too little.
pub(crate) fn left(prover: &Prover<'_>, limit: Option<u64>) -> Result<u64, ProveError> {
    let held = kib("/proc/self/status", "VmRSS:").unwrap_or(0);
    let before = held.saturating_add(prover.bytes_beside_quotient());
    let needed = before.saturating_add(prover.least_bytes_of_quotient());
    let machine = kib("/proc/meminfo", "MemAvailable:").map(|free| free.saturating_add(held));
    let limits = [(limit, "--max-memory allows"), (machine, "the machine has")];
    let mut left = u64::MAX;
    for (limit, whose) in limits.into_iter().filter_map(|(limit, whose)| Some((limit?, whose))) {
        if limit < needed {
            let mib = |bytes: u64| bytes.div_ceil(1 << 20);
            return Err(ProveError::Memory { needed: mib(needed), limit: mib(limit), whose });
        }
        left = left.min(limit - before);
    }
    Ok(left)
}

/// The bytes that a line of a system's file counts in KiB.
fn kib(file: &str, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}
