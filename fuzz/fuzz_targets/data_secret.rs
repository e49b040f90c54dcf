#![no_main]
provenn_fuzz::reads!("data_secret");
