//! What a proof takes of memory and what there is: asked before the work, and again before the quotient.
//!
//! Where the system does not say what it has and what the process holds, a limit is one of the proof's columns.

use crate::prove::ProveError;
use provenn_gadgets::TermsPerHelper;
use provenn_prover::Prover;

/// Bytes that the process may take: what the caller allows, and what the machine has.
///
/// # Errors
/// [`ProveError::Memory`] if a proof is expected to take more, however small its groups of forms are.
pub(crate) fn limit(
    prover: &Prover<'_>,
    terms: TermsPerHelper,
    allowed: Option<u64>,
) -> Result<u64, ProveError> {
    let [later, products] = prover.bytes_of_columns();
    // All later columns are made before they are held in their narrowest form: that is narrow for most of those of
    // one fraction each.
    let kept = if terms == TermsPerHelper::One { later / 4 } else { later };
    let columns =
        later.max(kept.saturating_add(products).saturating_add(prover.bytes_of_quotient()));
    let held = held();
    let needed = held.saturating_add(columns).saturating_add(prover.least_bytes_of_quotient());
    let machine = kib("/proc/meminfo", "MemAvailable:").map(|free| free.saturating_add(held));
    let limits = [(allowed, "--max-memory allows"), (machine, "the machine has")];
    let mut least = u64::MAX;
    for (limit, whose) in limits.into_iter().filter_map(|(limit, whose)| Some((limit?, whose))) {
        if limit < needed {
            let mib = |bytes: u64| bytes.div_ceil(1 << 20);
            return Err(ProveError::Memory { needed: mib(needed), limit: mib(limit), whose });
        }
        least = least.min(limit);
    }
    Ok(least)
}

/// Bytes that the process holds; 0 where the system does not say.
pub(crate) fn held() -> u64 {
    kib("/proc/self/status", "VmRSS:").unwrap_or(0)
}

/// The bytes that a line of a system's file counts in KiB.
fn kib(file: &str, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}
