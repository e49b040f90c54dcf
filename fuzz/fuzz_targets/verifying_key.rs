#![no_main]
provenn_fuzz::reads!("verifying_key");
