//! What a proof shows as a function of the prover's random values, over an SRS whose secret is known: commitments as field
//! elements, and evaluations, with challenges that do not depend on them.
//!
//! | module | holds |
//! |---|---|
//! | `pinned` | a transcript whose challenges are given |
//! | `chosen` | a generator whose values are given |
//! | `logs` | a back end that knows p(s) of every commitment |
//! | `layout` | which random values a prover draws, and what it shows |
//! | `jacobian` | exact derivatives over the field, and ranks |

mod chosen;
mod jacobian;
mod layout;
mod logs;
mod pinned;

pub use chosen::Chosen;
pub use jacobian::{Direction, Slopes, alone, jacobian, kernel, rank};
pub use layout::{Drawn, Layout, Shows};
pub use logs::Logs;
pub use pinned::{Item, Pinned};
