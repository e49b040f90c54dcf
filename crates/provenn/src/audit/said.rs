//! The statement in words: what a proof says, what it does not, who sees what.

use crate::plural;
use provenn_fixed_point::{Settings, Visibility};
use provenn_gadgets::{PublicTensor, Statement, TensorVisibility};
use serde::Serialize;

/// Names that a sentence lists.
const LISTED: usize = 8;

/// What a proof says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Said {
    /// What somebody knows who has verified a proof.
    pub statement: Vec<String>,
    /// What nobody knows by that.
    pub not_proved: Vec<&'static str>,
    /// Inputs, weights and outputs: who sees them, and what that tells.
    pub visibility: Vec<Visible>,
    /// Public tensors in the order of the public values.
    pub public: Vec<PublicValues>,
}

/// Who sees a part of the model's data.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Visible {
    /// Which part.
    pub what: String,
    /// Who sees it.
    pub visibility: Visibility,
    /// What it tells, and to whom.
    pub reveals: &'static str,
}

/// A public tensor.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PublicValues {
    /// "input" or "output".
    pub side: &'static str,
    /// Its name.
    pub name: String,
    /// Extents, batch included.
    pub shape: Vec<usize>,
    /// Smallest and largest integer that verifiers accept.
    pub integers: [i64; 2],
    /// Real value of one unit: the finest and the coarsest column's.
    pub steps: [f64; 2],
    /// The reals that the two integers stand for, of all columns.
    pub reals: [f64; 2],
    /// Whether its digest is shown in place of its integers.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hashed: bool,
}

const NOT_PROVED: [&str; 7] = [
    "That the quantised model is close to the float model: that is measured on data (`quantization-error`), not proved.",
    "That the key belongs to a certain ONNX file: whoever makes a key may name any digest. Make settings, circuit and key again from the model and the same SRS, and compare digests.",
    "That weights are hidden: the key's commitments to them are not blinded, and whoever guesses all values of a column can confirm the guess.",
    "Where an input came from, or when: nothing says that it is authentic or fresh, and a proof can be shown again.",
    "Anything of private values beyond that there are some that satisfy the model, known to the prover.",
    "That private values are hidden from whoever measures the prover, which is not constant-time, or where the prover's SRS lacks the power that blinds the quotient (the proof file says so, on the prover's word).",
    "That the program is right: no external audit has taken place.",
];

const HASHED: &str = "its digest to everybody who sees the proof: whoever guesses all of it can confirm the guess, and proofs on equal values have equal digests";

const COMMITTED: &str = "nothing but how many they are, and which proofs are of one commitment: it hides them, and proofs show it blinded anew";

pub(super) fn said(statement: &Statement, settings: Option<&Settings>) -> Said {
    let sides = [
        ("input", statement.input_visibility, &statement.inputs),
        ("output", statement.output_visibility, &statement.outputs),
    ];
    let public = sides.into_iter().flat_map(|(side, visibility, tensors)| {
        tensors.iter().map(move |tensor| public_values(side, visibility, tensor))
    });
    Said {
        statement: sentences(statement),
        not_proved: NOT_PROVED.to_vec(),
        visibility: visibility(statement, settings),
        public: public.collect(),
    }
}

fn sentences(statement: &Statement) -> Vec<String> {
    let [model, settings] = [statement.model, statement.settings].map(hex::encode);
    let (inputs, outputs) = (named(&statement.inputs), named(&statement.outputs));
    let (of_inputs, of_outputs) = (statement.input_visibility, statement.output_visibility);
    let claim = match (of_inputs, of_outputs) {
        (TensorVisibility::Private, TensorVisibility::Private) => {
            "There are private inputs on which the quantised model has a result; nothing of either is shown, so that a proof says little more than that the prover ran the model on something.".into()
        }
        (TensorVisibility::Public, TensorVisibility::Private) => format!(
            "On the public {inputs} the quantised model has a result, which only the prover knows: no division by a divisor that is refused, no index that names nothing."
        ),
        (of_inputs, of_outputs) => {
            let on = match of_inputs {
                TensorVisibility::Public => format!("On the public {inputs}"),
                TensorVisibility::Hashed => format!("The prover knows inputs, each integer in its range, with the digests shown of {inputs}, on which"),
                TensorVisibility::Committed => format!("The prover knows inputs, each integer in its range, that open the commitment which the verifier names to {inputs}, on which"),
                TensorVisibility::Private => "The prover knows private inputs, each integer in its range, on which".into(),
            };
            let gives = match of_outputs {
                TensorVisibility::Public => format!("gives exactly the public {outputs}"),
                TensorVisibility::Hashed => format!("gives outputs with the digests shown of {outputs}"),
                TensorVisibility::Committed => format!("gives outputs that open the commitment which the verifier names to {outputs}"),
                TensorVisibility::Private => "has a result, which nobody else is shown".into(),
            };
            format!("{on} the quantised model, evaluated with exact integer arithmetic, {gives}.")
        }
    };
    let learnt = match statement.inputs.len() + statement.outputs.len() {
        0 => "no value at all".to_owned(),
        _ => format!("{} and nothing else of the data", values(statement)),
    };
    vec![
        claim,
        "For given inputs one output is provable and no other: rounding, division, ties, tables and saturation leave no choice.".into(),
        if statement.params.commits_weights() {
            format!("The model is of the architecture with digest {model}, quantised by the settings with digest {settings}, as whoever made the key says.")
        } else {
            format!("The model is the one with digest {model}, quantised by the settings with digest {settings}, as whoever made the key says.")
        },
        if statement.params.commits_weights() {
            "Its weights are those of the commitment that the verifier names; functions, wiring and all other constants are constants of the key.".into()
        } else {
            "Weights, functions and wiring are constants of the key: a proof under it is about no other ones.".into()
        },
        format!("Whoever verifies learns {learnt}; from the key, names, shapes and steps of public tensors, the digests above, and how large the circuit is."),
        "Public integers are refused outside the ranges listed below, in which no sum can wrap around the modulus.".into(),
    ]
}

/// How many public values there are.
fn values(statement: &Statement) -> String {
    let of = |tensors: &[PublicTensor]| {
        let count = |tensor: &PublicTensor| tensor.shape.iter().product::<usize>();
        plural(tensors.iter().map(count).sum(), "integer")
    };
    let side = |tensors: &[PublicTensor], visibility| match visibility {
        TensorVisibility::Hashed => plural(tensors.len(), "digest"),
        TensorVisibility::Committed => "no integer".into(),
        TensorVisibility::Public | TensorVisibility::Private => of(tensors),
    };
    let inputs = side(&statement.inputs, statement.input_visibility);
    let outputs = side(&statement.outputs, statement.output_visibility);
    match (statement.inputs.as_slice(), statement.outputs.as_slice()) {
        (_, []) => format!("{inputs} of inputs"),
        ([], _) => format!("{outputs} of outputs"),
        _ => format!("{inputs} of inputs, {outputs} of outputs"),
    }
}

/// "inputs `x` [1, 3], `y` [2]".
fn named(tensors: &[PublicTensor]) -> String {
    let one = |tensor: &PublicTensor| format!("`{}` {:?}", tensor.name, tensor.shape);
    let mut list: Vec<String> = tensors.iter().take(LISTED).map(one).collect();
    if tensors.len() > LISTED {
        list.push(format!("and {} more", tensors.len() - LISTED));
    }
    list.join(", ")
}

fn visibility(statement: &Statement, settings: Option<&Settings>) -> Vec<Visible> {
    let side = |what: &str,
                visibility: TensorVisibility,
                tensors: &[PublicTensor],
                [hidden, hashed, shown]: [&'static str; 3]| {
        let reveals = match visibility {
            TensorVisibility::Private => {
                return vec![Visible {
                    what: format!("all {what}s"),
                    visibility: Visibility::Private,
                    reveals: hidden,
                }];
            }
            TensorVisibility::Hashed => hashed,
            TensorVisibility::Committed => COMMITTED,
            TensorVisibility::Public => shown,
        };
        let one = |tensor: &PublicTensor| Visible {
            what: format!("{what} `{}`", tensor.name),
            visibility: crate::plan_options::said(visibility),
            reveals,
        };
        tensors.iter().map(one).collect()
    };
    let mut all = side(
        "input",
        statement.input_visibility,
        &statement.inputs,
        [
            "nothing to verifiers beyond what public outputs, a function of them, tell; their names and shapes are not in the key, but the circuit's size bounds them",
            HASHED,
            "every integer to everybody who sees the proof",
        ],
    );
    all.extend(settings.into_iter().flat_map(|settings| {
        settings.run_args.fixed.keys().map(|name| Visible {
            what: format!("input `{name}`"),
            visibility: Visibility::Fixed,
            reveals: "its value is a constant of the circuit: the settings show it, and the key names their digest",
        })
    }));
    all.push(match statement.params.commits_weights() {
        true => Visible {
            what: "weights".into(),
            visibility: Visibility::Committed,
            reveals: "their number and bits: their commitment hides them, and proofs show it blinded anew; constants of other operators are columns of the key, and the compiled circuit holds everything in the clear",
        },
        false => Visible {
        what: "weights".into(),
        visibility: Visibility::Fixed,
        reveals: "they are columns of the key, whose commitments are not blinded: verifiers can confirm a guess of a whole column; the compiled circuit holds them in the clear",
        },
    });
    all.extend(side(
        "output",
        statement.output_visibility,
        &statement.outputs,
        [
            "nothing to verifiers; their names and shapes are not in the key",
            HASHED,
            "every integer to everybody who sees the proof, and with it whatever the model lets conclude about private inputs",
        ],
    ));
    all
}

fn public_values(
    side: &'static str,
    visibility: TensorVisibility,
    tensor: &PublicTensor,
) -> PublicValues {
    let (steps, offsets) = (&tensor.grid.steps, &tensor.grid.offsets);
    PublicValues {
        side,
        name: tensor.name.clone(),
        shape: tensor.shape.clone(),
        integers: [tensor.lo, tensor.hi],
        steps: super::nodes::ends(steps.iter().copied()),
        reals: super::nodes::reals(steps, offsets, [tensor.lo, tensor.hi]),
        hashed: visibility == TensorVisibility::Hashed,
    }
}
