//! Layout plan, cost model and witness of a quantised model's circuit.
//!
//! Depends on `provenn-fixed-point` for the model and on `provenn-gadgets` for the columns.
//!
//! | module | holds |
//! |---|---|
//! | `compiled` | [`CompiledCircuit`], the result |
//! | `binding` | whose circuit it is: model, settings, names |
//! | `plan` | the planner and its cost model |
//! | `lower` | each operation as blocks and an identity between digests |
//! | `builder`, `spots`, `digest`, `arithmetic` | what lowering collects |
//! | `views` | elements of views, resolved |
//! | `place` | layouts of tensors in banks |
//! | `tables` | lookup tables |
//! | `assemble` | fixed columns and program |
//! | `witness` | first-phase columns |
//! | `inspect` | cells per node |
//! | `draw` | the layout as a drawing |
//! | `error` | errors |

mod arithmetic;
mod assemble;
mod binding;
mod builder;
mod compiled;
mod digest;
mod draw;
mod error;
mod inspect;
mod lower;
mod place;
mod plan;
mod spots;
mod tables;
mod views;
mod witness;

pub use binding::{Binding, Named, public_grid};
pub use compiled::{CompiledCircuit, CompiledParts, Witness};
pub use error::{AssignError, CompileError};
pub use inspect::{Inspection, NodeInspection};
pub use plan::cost::{Cost, Features, cost, features};
pub use plan::{Borders, Plan, PlanOptions};

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
