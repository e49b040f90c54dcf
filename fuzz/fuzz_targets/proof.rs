#![no_main]
provenn_fuzz::reads!("proof");
