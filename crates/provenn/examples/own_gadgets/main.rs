//! A researcher replaces two gadgets: the linear identity by plain dot products, and the lookup argument by running sums.
//!
//! Both sets pass the conformance suite of every family; then one model is laid out, proved and verified with each.
//!
//! ```sh
//! cargo run --release -p provenn --example own_gadgets -- models/digits_cnn
//! ```
#![allow(clippy::print_stdout)] // an example speaks

mod dot_product;
mod gadgets;
mod measure;
mod running_sums;

use gadgets::OwnGadgets;
use measure::{Measurement, measure};
use provenn::{GadgetSet, InputData, OnnxModel, Standard, Target};
use provenn_gadgets::testing::gadget_set_conforms;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or("models/digits_cnn".into()));
    gadget_set_conforms::<Standard>();
    gadget_set_conforms::<OwnGadgets>();
    println!("both gadget sets conform");

    let model = OnnxModel::load(&folder.join("network.onnx"), &BTreeMap::new())?;
    let data = InputData::read(&folder.join("input.json"))?;
    let settings = provenn::gen_settings(&model, &Default::default())?;
    let settings = provenn::calibrate_settings(&model, &settings, &data, Target::Resources)?;

    let head = ["k", "advice", "fixed", "bytes", "seconds"];
    println!(
        "{:<32}{:>4}{:>9}{:>9}{:>9}{:>10}",
        "gadgets", head[0], head[1], head[2], head[3], head[4]
    );
    for (name, m) in [
        (Standard::NAME, measure::<Standard>(&model, &settings, &data)?),
        (OwnGadgets::NAME, measure::<OwnGadgets>(&model, &settings, &data)?),
    ] {
        let Measurement { k, advice, fixed, proof_bytes, prove_seconds } = m;
        println!("{name:<32}{k:>4}{advice:>9}{fixed:>9}{proof_bytes:>9}{prove_seconds:>10.2}");
    }
    Ok(())
}
