//! A researcher replaces one gadget: the linear identity by plain dot products.
//!
//! Both pass the conformance suite of their family; then one model is laid out, checked and proved with each.
//!
//! ```sh
//! cargo run --release -p provenn --example plain_dot_products -- models/digits_cnn
//! ```
#![allow(clippy::print_stdout)] // an example speaks

mod dot_product;
mod measure;

use dot_product::WithDotProducts;
use measure::measure;
use provenn::{InputData, OnnxModel, Target, calibrate_settings, gen_settings};
use provenn_fixed_point::quantise;
use provenn_gadgets::Standard;
use provenn_gadgets::testing::linear_identity_conforms;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or("models/digits_cnn".into()));
    linear_identity_conforms::<Standard>();
    linear_identity_conforms::<WithDotProducts>();
    println!("both linear identities conform");

    let model = OnnxModel::load(&folder.join("network.onnx"), &BTreeMap::new())?;
    let data = InputData::read(&folder.join("input.json"))?;
    let settings = gen_settings(&model, &Default::default())?;
    let settings = calibrate_settings(&model, &settings, &data, Target::Resources)?;
    let graph = quantise(model.graph(), &settings)?;
    let inputs = graph.quantise_inputs(&data.observations(model.graph())?.swap_remove(0))?.values;

    println!("{:<20}{:>4}{:>9}{:>9}{:>10}", "linear identity", "k", "advice", "fixed", "seconds");
    for row in [
        ("engine", measure::<Standard>(&graph, &inputs)?),
        ("plain dot products", measure::<WithDotProducts>(&graph, &inputs)?),
    ] {
        let (name, m) = row;
        println!("{name:<20}{:>4}{:>9}{:>9}{:>10.2}", m.k, m.advice, m.fixed, m.prove_seconds);
    }
    Ok(())
}
