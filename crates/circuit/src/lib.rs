//! Layout plan, cost model and witness of a quantised model's circuit.
//!
//! Depends on `provenn-fixed-point` for the model and on `provenn-gadgets` for the columns.
//!
//! | module | holds |
//! |---|---|
//! | `compiled` | [`CompiledCircuit`], the result |
//! | `binding` | whose circuit it is: model, settings, names |
//! | `boundary` | where boundary terms stand |
//! | `known` | what the graph alone determines: `views`, taps of kernels, who is `alike`; `tables` follow boundary terms too |
//! | `fused` | which convolutions a maximum takes in |
//! | `lower` | each operation as blocks and an identity between fingerprints |
//! | `program` | what lowering says: blocks, values, identities; `planes`, `ids` |
//! | `ranges` | what range banks a plan has |
//! | `place` | rows for blocks and weights, by `rows` |
//! | `schedule` | the later phases in order, told to who counts and to who records |
//! | `size` | a program's shape, for the planner and the record alike |
//! | `record` | fixed columns, copies, steps |
//! | `plan` | the planner and its cost model |
//! | `stand` | where blocks stand, for who fills, draws or counts them |
//! | `witness` | first-phase columns |
//! | `inspect` | cells per node |
//! | `cells` | which cell holds which element |
//! | `inventory` | where tensors stand, what is looked up for them, tables |
//! | `bounds` | how far from the modulus all integers stay |
//! | `draw` | the layout as a drawing |
//! | `error`, `excess` | errors |

mod alike;
mod binding;
mod boundary;
mod bounds;
mod cells;
mod compiled;
mod draw;
mod error;
mod excess;
mod fused;
mod ids;
mod inspect;
mod inventory;
mod known;
mod lower;
mod place;
mod plan;
mod planes;
mod program;
mod ranges;
mod record;
mod rows;
mod schedule;
mod size;
mod stand;
mod tables;
mod views;
mod witness;

pub use binding::{Binding, Named, public_grid};
pub use boundary::BoundaryTerms;
pub use bounds::{Bound, HALF_MODULUS_BITS};
pub use cells::ElementPlace;
pub use compiled::{CompiledCircuit, CompiledParts, Witness};
pub use error::{AssignError, CompileError, Contradiction};
pub use excess::Excess;
pub use inspect::{Inspection, NodeInspection};
pub use inventory::{BusCounts, Inventory, Place, TableInventory, TableKind, TensorInventory};
pub use plan::cost::{Cost, Features, cost, features};
pub use plan::{Plan, PlanOptions};
pub use ranges::Ranges;

/// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
