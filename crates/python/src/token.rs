//! Cancelling what another thread waits for: a task of an event loop has no signals.

use pyo3::prelude::*;
use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

thread_local! {
    static CURRENT: RefCell<Option<Arc<AtomicBool>>> = const { RefCell::new(None) };
}

/// The flag that calls of this thread heed.
pub(crate) fn current() -> Option<Arc<AtomicBool>> {
    CURRENT.with_borrow(Clone::clone)
}

/// Ends the calls made through [`run`](Self::run) when it is cancelled.
#[pyclass(frozen, module = "provenn._native")]
pub(crate) struct Token {
    flag: Arc<AtomicBool>,
}

#[pymethods]
impl Token {
    #[new]
    fn new() -> Self {
        Token { flag: Arc::default() }
    }

    /// Whoever waits in `run` stops waiting.
    fn cancel(&self) {
        self.flag.store(true, Ordering::Relaxed);
    }

    /// Calls a function on this thread.
    fn run(&self, function: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let before = CURRENT.replace(Some(Arc::clone(&self.flag)));
        let result = function.call0();
        CURRENT.set(before);
        Ok(result?.unbind())
    }
}
