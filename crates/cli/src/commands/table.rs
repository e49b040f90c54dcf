//! `table`.

use crate::args::{ModelArgument, VariablesArgument};
use crate::output::Output;
use anyhow::Result;
use clap::Args;
use serde_json::json;

/// Print the model's nodes.
#[derive(Args, Debug)]
pub(crate) struct Table {
    #[command(flatten)]
    model: ModelArgument,
    #[command(flatten)]
    variables: VariablesArgument,
}

impl Table {
    pub(crate) fn execute(self, output: &Output) -> Result<()> {
        let model = self.variables.load(&self.model.model)?;
        output.notes(&model.notes());
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
