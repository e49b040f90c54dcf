//! The native module of the Python package: objects that Python holds, calls of the facade, results in Python's types.
//!
//! It decides nothing. What a user sees, with types and documentation, is the Python package around it (`python/provenn`).
//!
//! | module | holds |
//! |---|---|
//! | `work` | running a step beside the interpreter: interrupts, progress, panics |
//! | `randomness` | randomness that ends a step nobody waits for |
//! | `errors` | the facade's errors as exceptions |
//! | `arrays` | tensors to and from bytes |
//! | `json` | options that come, and reports that go, as JSON |
//! | one module per object | its methods |

mod arrays;
mod calibration;
mod circuit;
mod commitment;
mod data;
mod errors;
mod files;
mod hashing;
mod json;
mod key;
mod model;
mod proof;
mod quantization_error;
mod randomness;
mod settings;
mod srs;
mod token;
mod witness;
mod work;

use pyo3::prelude::*;

/// The native module.
#[pymodule]
mod _native {
    use super::{PyModule, PyModuleMethods, PyResult};
    use pyo3::Bound;

    #[pymodule_export]
    use super::{
        calibration::{Calibration, Frontier},
        circuit::Circuit,
        commitment::{Commitment, Opening, TensorCommitment, TensorOpening},
        data::Data,
        files::{digest, export_verifier, remove_temporaries, write_text},
        hashing::hash_elements,
        key::{ProvingKey, VerifyingKey},
        model::Model,
        proof::{Proof, verify, verify_files},
        quantization_error::QuantizationError,
        settings::Settings,
        srs::{Srs, VerifierSrs},
        token::Token,
        witness::Witness,
        work::panic_for_test,
    };

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        provenn::crash::install_hook();
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
