//! What a quantised graph says, derived a second time: small, slow, and without a look at how circuits are made.
//!
//! Every tensor is written out element by element, from the definition of its operation: an accumulator is an explicit form
//! over elements of earlier tensors, an output a function of it by an explicit table. Nothing is planned, shared or left
//! out. Then circuits are held against it, and by it.
//!
//! | module | holds |
//! |---|---|
//! | `form` | sums of elements and of products of two |
//! | `linear` | the forms of each linear operation |
//! | `function` | rescaling and a table |
//! | `made` | how each tensor is made, and its integers |
//! | `windows` | the windows of maxima, and what cells say of them |
//! | `stated` | what the identities and tables of a circuit state otherwise |
//! | `claims` | columns whose tables' outputs are anything, and their accumulators the forms' |

mod claims;
mod form;
mod function;
mod linear;
mod made;
mod stated;
mod windows;

pub use claims::{Claims, claims};
pub use form::{Element, Form};
pub use function::Function;
pub use made::Oracle;
pub use stated::{Difference, Stated, cells, identities, tables};
