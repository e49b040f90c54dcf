#![no_main]
provenn_fuzz::reads!("proving_key");
