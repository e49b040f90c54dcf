//! What the fuzz targets share: an honest run, made once, and the functions that the default tests use too
//! (`provenn-stranger`).

use provenn_stranger::{Editor, Honest, Target, protobuf};
use std::sync::LazyLock;

/// What parses is proved with once in a while: the fuzzer would wait for nothing else.
static HONEST: LazyLock<Honest> = LazyLock::new(|| Honest::new().proving_one_in(16));

/// A target that reads files of one kind.
#[macro_export]
macro_rules! reads {
    ($name:literal) => {
        libfuzzer_sys::fuzz_target!(init: $crate::start($name), |bytes: &[u8]| {
            $crate::read($name, bytes);
        });
    };
}

/// Makes the honest run. The fuzzer aborts where a panic begins, which stays: import silences what it catches by
/// a hook of its own. Reading of arrays catches without one; there the fuzzer aborts where a panic arrives, at its door.
pub fn start(name: &str) {
    LazyLock::force(&HONEST);
    if name == "data" {
        drop(std::panic::take_hook());
    }
}

/// Reads bytes as files of that kind.
pub fn read(name: &str, bytes: &[u8]) {
    Target::named(name).read(&HONEST, bytes);
}

/// An edit of a message of protobuf that keeps its structure, where there is one and the edited one has room.
pub fn edited(bytes: &[u8], seed: u32, room: usize) -> Option<Vec<u8>> {
    let mut fields = protobuf::parse(bytes)?;
    protobuf::edit(&mut fields, &mut Editor::of(u64::from(seed)));
    Some(protobuf::encode(&fields)).filter(|edited| edited.len() <= room)
}
