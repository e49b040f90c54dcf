//! `table`.

use crate::args::{ModelArgument, RunArguments};
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use provenn::OnnxModel;
use serde_json::json;

/// Print the model's nodes.
#[derive(Args, Debug)]
pub(crate) struct Table {
    #[command(flatten)]
    model: ModelArgument,
    #[command(flatten)]
    run: RunArguments,
}

impl Table {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let model = OnnxModel::load(&self.model.model, &self.run.run_args().variables)?;
        let graph = model.graph();
        let nodes: Vec<_> = graph
            .nodes
            .iter()
            .map(|node| {
                let inputs: Vec<_> = node.inputs.iter().map(|id| id.0).collect();
                json!({ "name": node.name, "op": node.op.name(), "inputs": inputs, "shape": node.shape })
            })
            .collect();
        output.data(&graph.to_string(), &json!({ "nodes": nodes }));
        Ok(())
    }
}
