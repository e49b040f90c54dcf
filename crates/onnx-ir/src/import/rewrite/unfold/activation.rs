//! The functions that recurrent operators name.

use super::super::draft::{Draft, number};
use crate::import::reason::Reason;

/// A function with its parameters.
#[derive(Clone, Debug)]
pub(super) struct Activation {
    name: String,
    alpha: Option<f32>,
    beta: Option<f32>,
}

/// Names in lower case, for exporters do not agree on the case; the operator; what alpha and beta are where they are
/// not given, NaN where they must be.
type Known = (&'static str, &'static str, Option<f32>, Option<f32>);

const KNOWN: [Known; 11] = [
    ("affine", "Affine", Some(f32::NAN), Some(f32::NAN)),
    ("elu", "Elu", Some(1.0), None),
    ("hardsigmoid", "HardSigmoid", Some(0.2), Some(0.5)),
    ("leakyrelu", "LeakyRelu", Some(0.01), None),
    ("relu", "Relu", None, None),
    ("scaledtanh", "ScaledTanh", Some(f32::NAN), Some(f32::NAN)),
    ("sigmoid", "Sigmoid", None, None),
    ("softplus", "Softplus", None, None),
    ("softsign", "Softsign", None, None),
    ("tanh", "Tanh", None, None),
    ("thresholdedrelu", "ThresholdedRelu", Some(1.0), None),
];

/// The functions of a node: `default` ones for each direction, unless it names others.
///
/// The lists of alphas and betas have one for each function that has such a parameter, in the order of the functions.
pub(super) fn of_node(
    draft: &Draft<'_>,
    default: &[&str],
    directions: usize,
) -> Result<Vec<Activation>, Reason> {
    let given = draft.texts("activations");
    let wanted = default.len() * directions;
    let names: Vec<String> = match given {
        Some(names) if !names.is_empty() => names,
        _ => default.iter().cycle().take(wanted).map(|&name| name.to_owned()).collect(),
    };
    if names.len() != wanted {
        let got = names.len();
        return Err(Reason(format!("it names {got} activations where it needs {wanted}")));
    }
    let mut alphas = draft.floats("activation_alpha").unwrap_or_default().into_iter();
    let mut betas = draft.floats("activation_beta").unwrap_or_default().into_iter();
    let mut found = vec![];
    for name in &names {
        let lower = name.to_lowercase();
        let &(_, name, alpha, beta) = KNOWN
            .iter()
            .find(|known| known.0 == lower)
            .ok_or_else(|| Reason(format!("its activation {name} is not known")))?;
        let alpha = alpha.map(|default| alphas.next().unwrap_or(default));
        let beta = beta.map(|default| betas.next().unwrap_or(default));
        if alpha.into_iter().chain(beta).any(f32::is_nan) {
            return Err(Reason(format!(
                "its activation {name} needs activation_alpha and activation_beta"
            )));
        }
        found.push(Activation { name: name.to_owned(), alpha, beta });
    }
    if alphas.next().is_some() || betas.next().is_some() {
        return Err("it has more alphas or betas than activations that take one".into());
    }
    Ok(found)
}

impl Activation {
    /// Appends the function of `x`.
    pub(super) fn push(&self, draft: &mut Draft<'_>, part: &str, x: &str) -> String {
        let (alpha, beta) = (self.alpha.unwrap_or(1.0), self.beta.unwrap_or(0.0));
        match self.name.as_str() {
            "Affine" => {
                let scaled = scale(draft, &format!("{part}.scaled"), x, alpha);
                let beta = draft.store(&format!("{part}.beta"), &[], vec![beta]);
                draft.push(part, "Add", &[&scaled, &beta], vec![])
            }
            "ScaledTanh" => {
                let scaled = scale(draft, &format!("{part}.scaled"), x, beta);
                let tanh = draft.push(&format!("{part}.tanh"), "Tanh", &[&scaled], vec![]);
                scale(draft, part, &tanh, alpha)
            }
            name => {
                let alpha = self.alpha.map(|alpha| number("alpha", alpha));
                let beta = self.beta.map(|beta| number("beta", beta));
                draft.push(part, name, &[x], alpha.into_iter().chain(beta).collect())
            }
        }
    }
}

fn scale(draft: &mut Draft<'_>, part: &str, x: &str, factor: f32) -> String {
    let factor = draft.store(&format!("{part}.factor"), &[], vec![factor]);
    draft.push(part, "Mul", &[x, &factor], vec![])
}
