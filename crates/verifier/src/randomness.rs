//! Verifying draws no random numbers. Crates below halo2 can, and would not compile for a target without a source of
//! them: this is one that has none to give.
//!
//! A program that needs numbers names its source: with getrandom's feature `js`, which goes before this one, or by
//! registering its own, without this crate's feature `refuse-randomness` (two registrations do not link).

use getrandom::{Error, register_custom_getrandom};

fn none(_: &mut [u8]) -> Result<(), Error> {
    Err(Error::UNSUPPORTED)
}

register_custom_getrandom!(none);
