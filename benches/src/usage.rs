//! CPU time and memory of this process.

/// CPU seconds of this process's living threads, to the nanosecond.
fn cpu_seconds() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").unwrap();
    let nanoseconds = threads.map(|thread| -> u64 {
        let text = std::fs::read_to_string(thread.unwrap().path().join("schedstat"));
        text.ok().and_then(|text| text.split(' ').next()?.parse().ok()).unwrap_or(0)
    });
    std::time::Duration::from_nanos(nanoseconds.sum()).as_secs_f64()
}

/// From here on [`provenn::run::peak_rss_bytes`] is the peak of what follows.
pub fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Runs `work` so often that it takes a second, three times; the median of the CPU seconds of one run.
pub fn median_cpu_seconds(mut work: impl FnMut()) -> f64 {
    let before = cpu_seconds();
    work();
    let once = (cpu_seconds() - before).max(1e-6);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 1 to 100
    let times = (1.0 / once).ceil().clamp(1.0, 100.0) as u32;
    let mut seconds: Vec<f64> = (0..3)
        .map(|_| {
            let before = cpu_seconds();
            (0..times).for_each(|_| work());
            (cpu_seconds() - before) / f64::from(times)
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[1]
}
