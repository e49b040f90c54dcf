//! Probabilities of several classes from those of pairs: p minimises `Σ (r_ji·p_i − r_ij·p_j)²`, where r_ij is the
//! share of class i against class j (Wu, Lin and Weng 2004, their second method).
//!
//! With `Q_ii = Σ_j r_ji²` and `Q_ij = −r_ji·r_ij`, p is that of equal `(Q·p)_i`. Runtimes and libsvm come near to it
//! from equal probabilities, one class after another:
//!
//! ```text
//! λ = b/(Q_ii + b),  b = pᵀ·Q·p − (Q·p)_i,      p ← p + λ·(e_i − p)
//! ```
//!
//! until no `(Q·p)_i` is farther than 0.005/C from `pᵀ·Q·p`. Where they stop is what they give, up to 0.003 from the
//! minimum, of two classes too. So the same rounds are made here, and those after the stop undone. Of 200,000 random matrices
//! of shares none took more than `rounds`; one that did would be off by less than where others stop.

use super::super::super::draft::{Draft, whole};
use super::super::trees::choose;

/// Classes, at most: every round has a step for each.
pub(super) const MOST: usize = 10;
/// The stop's bound, times the number of classes.
const NEAR: f32 = 0.005;
/// Divisors are no less in the first round and in those after: a class that wins every pair almost surely leaves next to
/// nothing to divide by. λ is too small then, and the next round makes up for it. Smaller ones are nearer by 0.0005 in one
/// of a hundred, and need tables as long as the quotients that there might be.
const LEAST: [f32; 2] = [1.0 / 32.0, 1.0 / 256.0];

/// How many rounds there are, of so many classes.
fn rounds(classes: usize) -> usize {
    match classes {
        ..=2 => 2,
        3..=6 => 4,
        _ => 5,
    }
}

/// The matrix Q of every observation, and its diagonal.
struct Quadratic {
    /// `[N, C, C]`
    all: String,
    /// `[N, C, 1]`
    diagonal: String,
}

/// `[N, C]`: probabilities from the odds `[N, P]` of each pair's first class against its second.
pub(super) fn probabilities(
    draft: &mut Draft<'_>,
    odds: &str,
    classes: usize,
    pairs: &[(usize, usize)],
) -> String {
    let first = draft.push("shares", "Sigmoid", &[odds], vec![]);
    let quadratic = quadratic(draft, &first, classes, pairs);
    #[expect(clippy::cast_precision_loss, reason = "few classes")]
    let count = classes as f32;
    let near = draft.store("near", &[], vec![NEAR / count]);
    let least = LEAST.map(|least| draft.store("least", &[], vec![least]));
    let mut p = draft.store("equal", &[classes, 1], vec![1.0 / count; classes]);
    for round in 0..rounds(classes) {
        let least = &least[round.min(1)];
        let (each, mean) = products(draft, &quadratic, &p);
        let off = draft.push("off", "Sub", &[&each, &mean], vec![]);
        let off = draft.push("far", "Abs", &[&off], vec![]);
        let off = draft.reduce("farthest", "ReduceMax", &off, 1, true);
        let stopped = draft.push("stopped", "Less", &[&off, &near], vec![]);
        let mut next = p.clone();
        for class in 0..classes {
            let (each, mean) = match class {
                0 => (each.clone(), mean.clone()),
                _ => products(draft, &quadratic, &next),
            };
            let own = row(draft, "own", &each, class);
            let b = draft.push("beyond", "Sub", &[&mean, &own], vec![]);
            let diagonal = row(draft, "diagonal", &quadratic.diagonal, class);
            let divisor = draft.push("divisor", "Add", &[&diagonal, &b], vec![]);
            let divisor = draft.push("divisor", "Max", &[&divisor, least], vec![]);
            let part = draft.push("part", "Div", &[&b, &divisor], vec![]);
            let mut unit = vec![0.0; classes];
            unit.iter_mut().skip(class).take(1).for_each(|element| *element = 1.0);
            let unit = draft.store("unit", &[classes, 1], unit);
            let way = draft.push("way", "Sub", &[&unit, &next], vec![]);
            let step = draft.push("step", "Mul", &[&part, &way], vec![]);
            next = draft.push("stepped", "Add", &[&next, &step], vec![]);
        }
        p = draft.push("round", "Where", &[&stopped, &p, &next], vec![]);
    }
    draft.squeeze("coupled", &p, 2)
}

/// `Q·p`, `[N, C, 1]`, and `pᵀ·Q·p`, `[N, 1, 1]`.
fn products(draft: &mut Draft<'_>, quadratic: &Quadratic, p: &str) -> (String, String) {
    let each = draft.push("products", "MatMul", &[&quadratic.all, p], vec![]);
    let weighed = draft.push("weighed", "Mul", &[p, &each], vec![]);
    let mean = draft.reduce("mean", "ReduceSum", &weighed, 1, true);
    (each, mean)
}

/// `[N, 1, 1]`: what belongs to one class.
fn row(draft: &mut Draft<'_>, part: &str, x: &str, class: usize) -> String {
    choose(draft, part, x, vec![word(class)])
}

fn quadratic(
    draft: &mut Draft<'_>,
    first: &str,
    classes: usize,
    pairs: &[(usize, usize)],
) -> Quadratic {
    let one = draft.store("one", &[], vec![1.0]);
    let second = draft.push("others", "Sub", &[&one, first], vec![]);
    let product = draft.push("both", "Mul", &[first, &second], vec![]);
    let product = draft.push("between", "Neg", &[&product], vec![]);
    let either = draft.push("either", "Concat", &[first, &second], vec![whole("axis", 1)]);
    let squares = draft.push("squares", "Mul", &[&either, &either], vec![]);
    // Of class i: the squares of what the others have against it.
    let against = |class: usize| {
        pairs.iter().enumerate().filter_map(move |(at, &(i, j))| match class {
            _ if class == i => Some(word(pairs.len() + at)),
            _ if class == j => Some(word(at)),
            _ => None,
        })
    };
    let squares = choose(draft, "against", &squares, (0..classes).flat_map(against).collect());
    let squares = shaped(draft, "by_class", &squares, &[word(classes), word(classes) - 1]);
    let diagonal = draft.reduce("squared", "ReduceSum", &squares, 2, false);
    let parts = draft.push("parts", "Concat", &[&diagonal, &product], vec![whole("axis", 1)]);
    let place = |i: usize, j: usize| {
        let pair = (i.min(j), i.max(j));
        let between = pairs.iter().position(|&found| found == pair).unwrap_or_default();
        word(if i == j { i } else { classes + between })
    };
    let places = (0..classes).flat_map(|i| (0..classes).map(move |j| place(i, j))).collect();
    let all = choose(draft, "matrix", &parts, places);
    Quadratic {
        all: shaped(draft, "quadratic", &all, &[word(classes); 2]),
        diagonal: draft.unsqueeze("diagonals", &diagonal, 2),
    }
}

/// Rows in another shape.
fn shaped(draft: &mut Draft<'_>, part: &str, x: &str, shape: &[i64]) -> String {
    let shape = [&[-1], shape].concat();
    let shape = draft.store_whole(&format!("{part}.shape"), &[shape.len()], shape);
    draft.push(part, "Reshape", &[x, &shape], vec![])
}

fn word(at: usize) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}
