//! Signals and their spectra.
//!
//! | file | operators |
//! |---|---|
//! | `turn` | cosines and sines of parts of a turn |
//! | `dft` | `DFT`: a product with a constant matrix |
//! | `stft` | `STFT`: a convolution with such a matrix |
//! | `taper` | `BlackmanWindow`, `HammingWindow`, `HannWindow` |
//! | `mel` | `MelWeightMatrix` |

pub(super) mod dft;
pub(super) mod mel;
pub(super) mod stft;
pub(super) mod taper;
mod turn;

use super::site::Site;
use crate::import::constant::integers;
use crate::import::reason::Reason;

/// The whole number that a constant input is; none where it is left out.
fn number(site: &Site<'_>, slot: usize, name: &str) -> Result<Option<i64>, Reason> {
    let Some(value) = site.value(slot) else { return Ok(None) };
    match integers(value)?.as_slice() {
        &[one] => Ok(Some(one)),
        other => Err(Reason(format!("its {name} has {} numbers instead of one", other.len()))),
    }
}

/// As `number`; it must be an extent above zero.
fn length(site: &Site<'_>, slot: usize, name: &str) -> Result<Option<usize>, Reason> {
    let Some(value) = number(site, slot, name)? else { return Ok(None) };
    let length = usize::try_from(value).ok().filter(|&length| length > 0);
    length.map(Some).ok_or_else(|| Reason(format!("its {name} {value} is no length")))
}
