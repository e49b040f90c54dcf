//! An imported model, and the digest of what it was imported from.

use crate::{Error, SettingsProblem};
use provenn_artefact as artefact;
use provenn_fixed_point::{RunArgs, Settings, Visibility};
use provenn_onnx_ir::{Graph, ImportOptions, Op};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// An imported model and the digest of its file.
#[derive(Clone, Debug)]
pub struct OnnxModel {
    graph: Graph,
    digest: String,
    path: PathBuf,
}

/// Operators whose products are with weights that the file holds, and with no others: a commitment to weights must not be
/// one to what an operator is made of.
const OF_WEIGHTS_ALONE: [&str; 73] = [
    "Abs",
    "Add",
    "And",
    "ArgMax",
    "AveragePool",
    "BatchNormalization",
    "Cast",
    "Clip",
    "Concat",
    "Constant",
    "ConstantOfShape",
    "Conv",
    "Div",
    "Dropout",
    "Elu",
    "Equal",
    "Erf",
    "Exp",
    "Expand",
    "Flatten",
    "Gather",
    "Gelu",
    "Gemm",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "Greater",
    "GreaterOrEqual",
    "HardSigmoid",
    "HardSwish",
    "Identity",
    "LayerNormalization",
    "LeakyRelu",
    "Less",
    "LessOrEqual",
    "Log",
    "LogSoftmax",
    "MatMul",
    "Max",
    "MaxPool",
    "Min",
    "Mod",
    "Mul",
    "Neg",
    "Not",
    "Or",
    "PRelu",
    "Pad",
    "Pow",
    "Range",
    "Reciprocal",
    "ReduceMax",
    "ReduceMean",
    "ReduceMin",
    "ReduceSum",
    "Relu",
    "Reshape",
    "Shape",
    "Sigmoid",
    "Sign",
    "Slice",
    "Softmax",
    "Softplus",
    "Split",
    "Sqrt",
    "Squeeze",
    "Sub",
    "Sum",
    "Tanh",
    "Tile",
    "Transpose",
    "Trilu",
    "Unsqueeze",
    "Where",
];

impl OnnxModel {
    /// Imports an ONNX file; `variables` give symbolic extents (`batch_size` is 1 unless given).
    ///
    /// # Errors
    /// [`Error::Import`].
    pub fn load(path: &Path, variables: &BTreeMap<String, usize>) -> Result<Self, Error> {
        Self::load_fixed(path, variables, &BTreeMap::new())
    }

    /// As [`load`](Self::load); the inputs in `fixed` are constants: an element each, or one number for all.
    ///
    /// # Errors
    /// [`Error::Import`].
    pub fn load_fixed(
        path: &Path,
        variables: &BTreeMap<String, usize>,
        fixed: &BTreeMap<String, Vec<f64>>,
    ) -> Result<Self, Error> {
        let (variables, fixed) = (variables.clone(), fixed.clone());
        let options = ImportOptions { variables, fixed, ..ImportOptions::default() };
        let mut files = Vec::new();
        let mut reading = |name: &str, bytes: &[u8]| {
            files.push((name.to_owned(), artefact::digest(b"provenn model   ", bytes)));
        };
        let graph = provenn_onnx_ir::load_reading(path, &options, &mut reading)
            .map_err(|source| Error::Import { path: path.into(), source: source.into() })?;
        Ok(OnnxModel { graph, digest: hex::encode(model_digest(&files)), path: path.into() })
    }

    /// Imports the file that settings are of, with the extents and fixed inputs that they record; `named` is what errors
    /// call the settings.
    ///
    /// # Errors
    /// [`Error::Import`], or [`Error::Settings`] if what the settings record does not fit the model.
    pub fn load_for(path: &Path, settings: &Settings, named: &Path) -> Result<Self, Error> {
        let RunArgs { variables, fixed, .. } = &settings.run_args;
        Self::load_fixed(path, variables, fixed).map_err(|error| match error.is_of_given() {
            true => SettingsProblem::Model(Box::new(error)).of(named.display().to_string()),
            false => error,
        })
    }

    /// The graph.
    #[must_use]
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// What the import took to be meant, a line each.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let axes: Vec<&str> = self.graph.assumed.keys().map(String::as_str).collect();
        let (named, list) = match axes.as_slice() {
            [] => return vec![],
            [axis] => ("an open first axis", *axis),
            axes => ("open first axes", &*axes.join(", ")),
        };
        let values: Vec<String> = axes.iter().map(|axis| format!("{axis}=N")).collect();
        vec![format!(
            "the model has {named}, {list}: one observation is proved at a time; -V {} for N",
            values.join(",")
        )]
    }

    /// Digest of the file and of all external data that it names, which settings carry.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Digest of the model without what its constants hold: that of every model of the same nodes, attributes and shapes.
    /// Settings carry it where weights are committed.
    ///
    /// # Errors
    /// [`Error::Settings`] if an operator of it has weights of its own, which a commitment would leave to its maker, or the
    /// model cannot be encoded.
    pub fn architecture(&self) -> Result<String, Error> {
        let import = |source: provenn_onnx_ir::ImportError| Error::Import {
            path: self.path.clone(),
            source: source.into(),
        };
        let read =
            |source| Error::File { path: self.path.clone(), source, advice: "name an ONNX model" };
        let bytes = std::fs::read(&self.path).map_err(read)?;
        let operators = provenn_onnx_ir::operators(&bytes).map_err(import)?;
        let other = operators.into_iter().find(|name| !OF_WEIGHTS_ALONE.contains(&name.as_str()));
        if let Some(operator) = other {
            return Err(SettingsProblem::Committed { operator }.of("param_visibility"));
        }
        let mut graph = self.graph.clone();
        for node in &mut graph.nodes {
            if let Op::Constant(tensor) = &mut node.op {
                tensor.data.clear();
            }
        }
        let encoded = artefact::codec::encode(&graph);
        let encoded = encoded.map_err(|error| SettingsProblem::Encoding(error).of("the model"))?;
        Ok(hex::encode(artefact::digest(b"provenn archit. ", &encoded)))
    }

    /// The digest that settings of these arguments carry.
    pub(crate) fn digest_for(&self, run_args: &RunArgs) -> Result<String, Error> {
        match run_args.param_visibility {
            Visibility::Committed => self.architecture(),
            _ => Ok(self.digest.clone()),
        }
    }
}

/// The digest of a model: of its one file, or of the names and digests of all that were read, in their order.
fn model_digest(files: &[(String, [u8; 32])]) -> [u8; 32] {
    if let [(_, digest)] = files {
        return *digest;
    }
    let mut list = Vec::new();
    for (name, digest) in files {
        // The length first, so that no two lists of names are spelt alike.
        list.extend((name.len() as u64).to_le_bytes());
        list.extend(name.as_bytes());
        list.extend(digest);
    }
    artefact::digest(b"provenn model + ", &list)
}

#[cfg(test)]
mod tests {
    use super::model_digest;

    #[test]
    fn a_model_digest_covers_names_and_contents_of_external_files() {
        let files = |name: &str, first: u8, second: u8| {
            let file = |name: &str, byte| (name.to_owned(), [byte; 32]);
            model_digest(&[file("", 1), file(name, first), file("b.bin", second)])
        };
        let digest = files("a.bin", 2, 3);
        assert_eq!(digest, files("a.bin", 2, 3));
        for other in [files("a.bin", 9, 3), files("a.bin", 3, 2), files("c.bin", 2, 3)] {
            assert_ne!(digest, other);
        }
        let model = ("".to_owned(), [1; 32]);
        assert_eq!(model_digest(&[model]), [1; 32]);
    }
}
