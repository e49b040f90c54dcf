#![no_main]
provenn_fuzz::reads!("tensor_opening");
