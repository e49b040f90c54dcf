//! Halo2 reads MAX_DEGREE from the environment; keys must not depend on it.

use crate::toy::*;
use provenn_proof::setup;
use std::process::Command;

/// Run by the test below in processes of its own.
#[test]
#[ignore = "helper"]
fn print_key() {
    match setup(&circuit(), &statement(), &srs(K, 1)) {
        Ok(key) => println!("KEY {}", hex::encode(key.verifying_key().digest())),
        Err(error) => println!("KEY {error}"),
    }
}

fn key(max_degree: Option<&str>) -> String {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["environment::print_key", "--exact", "--ignored", "--nocapture"]);
    command.env_remove("MAX_DEGREE");
    if let Some(value) = max_degree {
        command.env("MAX_DEGREE", value);
    }
    let output = String::from_utf8(command.output().unwrap().stdout).unwrap();
    let line = output.lines().find_map(|line| line.split_once("KEY "));
    line.unwrap_or_else(|| panic!("{output}")).1.to_string()
}

#[test]
fn keys_do_not_depend_on_the_environment() {
    let honest = key(None);
    assert_eq!(honest.len(), 64, "{honest}");
    for value in ["0", "1", "3", "4", "5", "9"] {
        assert_eq!(key(Some(value)), honest, "MAX_DEGREE = {value}");
    }
    for value in ["", "five", "-1"] {
        assert!(key(Some(value)).contains("unset it"), "MAX_DEGREE = {value}");
    }
}
