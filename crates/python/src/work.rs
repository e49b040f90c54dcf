//! A step of the workflow, run beside the interpreter.
//!
//! The step has a thread of its own. The caller's thread waits without holding the interpreter's lock, so that other
//! Python threads run on, and looks up every [`TICK`]: for an interrupt, for a cancelled task, for progress to tell. What
//! the caller no longer waits for comes to nothing: a step that tells progress ends at the next word, one that draws
//! randomness (the prover) at the next draw, another when it is done; none has written a file, since files are written by
//! steps of their own.

use crate::errors::{self, raised};
use crate::randomness::Randomness;
use crate::token;
use provenn::Error;
use pyo3::prelude::*;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Between two looks at interrupts.
const TICK: Duration = Duration::from_millis(20);
/// As much as a program's main thread has.
const STACK: usize = 8 << 20;

/// What a step is told to say how far it is.
pub(crate) type Progress<'p> = &'p mut dyn FnMut(usize, usize);

enum Event<T> {
    Progress(usize, usize),
    Done(Result<Result<T, Error>, Box<dyn Any + Send>>),
}

/// Runs a step that says nothing on its way.
pub(crate) fn run<T: Send + 'static>(
    py: Python<'_>,
    step: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> PyResult<T> {
    run_with(py, None, |_| step())
}

/// Runs a step that draws randomness.
pub(crate) fn run_drawing<T: Send + 'static>(
    py: Python<'_>,
    step: impl FnOnce(Randomness) -> Result<T, Error> + Send + 'static,
) -> PyResult<T> {
    run_heeding(py, None, |stop, _| step(Randomness::new(stop)))
}

/// Runs a step; `progress` is a Python function of how much is done, and of how much.
pub(crate) fn run_with<T: Send + 'static>(
    py: Python<'_>,
    progress: Option<Py<PyAny>>,
    step: impl FnOnce(Progress<'_>) -> Result<T, Error> + Send + 'static,
) -> PyResult<T> {
    run_heeding(py, progress, |_, progress| step(progress))
}

fn run_heeding<T: Send + 'static>(
    py: Python<'_>,
    progress: Option<Py<PyAny>>,
    step: impl FnOnce(Arc<AtomicBool>, Progress<'_>) -> Result<T, Error> + Send + 'static,
) -> PyResult<T> {
    check_process()?;
    let stop = Arc::new(AtomicBool::new(false));
    let cancelled = token::current();
    let (sender, mut receiver) = channel();
    let thread = std::thread::Builder::new().name("provenn".into()).stack_size(STACK);
    let theirs = Arc::clone(&stop);
    let spawned = thread.spawn(move || {
        let result = catch_unwind(AssertUnwindSafe(|| {
            step(Arc::clone(&theirs), &mut told(&sender, &theirs))
        }));
        // Nobody may wait any more.
        let _ = sender.send(Event::Done(result));
    });
    spawned.map_err(|error| errors::internal(py, &format!("no thread to work in: {error}")))?;
    loop {
        let event;
        (event, receiver) = py.detach(move || (receiver.recv_timeout(TICK), receiver));
        let heard = match event {
            Ok(Event::Done(Ok(result))) => return result.map_err(|error| raised(py, &error)),
            Ok(Event::Done(Err(panic))) => return Err(errors::panicked(py, panic.as_ref())),
            Ok(Event::Progress(done, total)) => match &progress {
                Some(function) => function.call1(py, (done, total)).map(drop),
                None => Ok(()),
            },
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(errors::internal(py, "the thread that worked has gone"));
            }
        };
        let ended = heard.and_then(|()| py.check_signals()).and_then(|()| match &cancelled {
            Some(flag) if flag.load(Ordering::Relaxed) => Err(errors::cancelled(py)),
            _ => Ok(()),
        });
        if let Err(error) = ended {
            stop.store(true, Ordering::Relaxed);
            return Err(error);
        }
    }
}

/// Calls that take no time worth an interrupt, on the caller's thread.
pub(crate) fn brief<T>(py: Python<'_>, call: impl FnOnce() -> Result<T, Error>) -> PyResult<T> {
    match catch_unwind(AssertUnwindSafe(call)) {
        Ok(result) => result.map_err(|error| raised(py, &error)),
        Err(panic) => Err(errors::panicked(py, panic.as_ref())),
    }
}

/// Tells progress to the thread that waits, and ends the step if none does.
fn told<'t, T>(
    sender: &'t Sender<Event<T>>,
    stop: &'t AtomicBool,
) -> impl FnMut(usize, usize) + 't {
    move |done, total| {
        end_if(stop);
        let _ = sender.send(Event::Progress(done, total));
    }
}

/// Ends a step whose caller has gone.
pub(crate) fn end_if(stop: &AtomicBool) {
    if stop.load(Ordering::Relaxed) {
        // No hook is told: this is no fault.
        resume_unwind(Box::new(()));
    }
}

/// Threads do not live on in a process that was forked: waiting for them would never end.
fn check_process() -> PyResult<()> {
    static FIRST: OnceLock<AtomicU32> = OnceLock::new();
    let here = std::process::id();
    match FIRST.get_or_init(|| AtomicU32::new(here)).load(Ordering::Relaxed) == here {
        true => Ok(()),
        false => Err(Python::attach(errors::forked)),
    }
}

/// Panics, for the test that a panic is an exception.
#[pyfunction]
#[pyo3(name = "_panic")]
#[allow(clippy::panic)] // what it is for
pub(crate) fn panic_for_test(py: Python<'_>, message: String) -> PyResult<()> {
    run(py, move || panic!("{message}"))
}
