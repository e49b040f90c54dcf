//! A panic is an error of this program: what to say of it, for programs that end in it and those that go on.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::PanicHookInfo;
use std::sync::{Mutex, PoisonError};

/// Where the last panic happened. The library catches those of foreign parsers, which are nobody's to read.
static LAST: Mutex<Option<Place>> = Mutex::new(None);

struct Place {
    location: String,
    backtrace: Backtrace,
}

/// Keeps panics from being printed where they happen, and remembers where that was.
pub fn install_hook() {
    std::panic::set_hook(Box::new(|info: &PanicHookInfo<'_>| {
        let location =
            info.location().map_or_else(|| "an unknown place".into(), ToString::to_string);
        let place = Place { location, backtrace: Backtrace::capture() };
        *LAST.lock().unwrap_or_else(PoisonError::into_inner) = Some(place);
    }));
}

/// What to tell about a panic that was caught, and the way there if RUST_BACKTRACE asks for it.
#[must_use]
pub fn report(payload: &(dyn Any + Send)) -> (String, Option<String>) {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
    let last = LAST.lock().unwrap_or_else(PoisonError::into_inner).take();
    let location = last.as_ref().map_or("an unknown place", |place| &place.location);
    let report = format!(
        "internal error at {location} of provenn {}: {text}; this is a bug: please report it{} with this line, the command and, if you may share it, the model; RUST_BACKTRACE=1 shows more",
        env!("CARGO_PKG_VERSION"),
        tracker(),
    );
    let trace = last.map(|place| place.backtrace);
    let trace = trace.filter(|trace| trace.status() == BacktraceStatus::Captured);
    (report, trace.map(|trace| trace.to_string()))
}

/// Where to report, if the package says so.
fn tracker() -> String {
    match option_env!("CARGO_PKG_REPOSITORY") {
        Some(repository) if !repository.is_empty() => format!(" at {repository}/issues"),
        Some(_) | None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::panic)]
    fn a_panic_is_reported_with_its_place() {
        install_hook();
        let line = line!() + 1;
        let payload = std::panic::catch_unwind(|| panic!("lanes are {}", 3)).err();
        let _ = std::panic::take_hook();
        let (report, _) = report(payload.as_deref().unwrap_or(&()));
        assert!(report.contains(&format!("crash.rs:{line}")), "{report}");
        assert!(report.contains("lanes are 3") && report.contains("report it"), "{report}");
    }
}
