#![no_main]
provenn_fuzz::reads!("onnx");

// Half of the mutants keep the structure of messages.
libfuzzer_sys::fuzz_mutator!(|bytes: &mut [u8], size: usize, room: usize, seed: u32| {
    let edited = provenn_fuzz::edited(&bytes[..size], seed >> 1, room);
    match edited.filter(|_| seed & 1 == 1) {
        Some(edited) => {
            bytes[..edited.len()].copy_from_slice(&edited);
            edited.len()
        }
        None => libfuzzer_sys::fuzzer_mutate(bytes, size, room),
    }
});
