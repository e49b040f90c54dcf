//! Exact derivatives over the field, and ranks.
//!
//! A polynomial of degree d in one variable is determined by its values at d + 1 points, and so is its derivative. That the
//! degree is no larger is seen by one point more.

use halo2_proofs::halo2curves::bn256::Fr;
use rayon::prelude::*;

/// How what is shown depends on random values in one direction.
#[derive(Clone, Debug)]
pub struct Slopes {
    /// By what is shown its derivative.
    pub slopes: Vec<Fr>,
    /// By what is shown whether it is affine in that direction.
    pub affine: Vec<bool>,
}

/// Random values by number, and how much each of them moves.
pub type Direction = Vec<(usize, Fr)>;

/// By direction the derivatives of all that is shown, at these random values; polynomials of this degree at most.
///
/// # Panics
/// If the degree is larger.
#[must_use]
pub fn jacobian(
    at: &[Fr],
    directions: &[Direction],
    degree: usize,
    shown: impl Fn(&[Fr]) -> Vec<Fr> + Sync,
) -> Vec<Slopes> {
    let here = shown(at);
    let weights = weights(degree);
    let one = |direction: &Direction| {
        let mut moved = at.to_vec();
        let mut values = vec![here.clone()];
        for _ in 0..=degree {
            direction.iter().for_each(|(value, by)| moved[*value] += by);
            values.push(shown(&moved));
        }
        let combined = |row: usize, weights: &[Fr]| -> Fr {
            values.iter().zip(weights).map(|(values, weight)| values[row] * weight).sum()
        };
        let (beyond, second) = (difference(degree + 1), difference(2));
        for row in 0..here.len() {
            assert_eq!(combined(row, &beyond), Fr::zero(), "{direction:?}: of a higher degree");
        }
        let rows = 0..here.len();
        Slopes {
            slopes: rows.clone().map(|row| combined(row, &weights)).collect(),
            affine: rows.map(|row| combined(row, &second) == Fr::zero()).collect(),
        }
    };
    directions.par_iter().map(one).collect()
}

/// One random value alone.
#[must_use]
pub fn alone(value: usize) -> Direction {
    vec![(value, Fr::one())]
}

/// What values at 0, 1, …, d are multiplied with for the derivative at 0 of a polynomial of degree d.
fn weights(degree: usize) -> Vec<Fr> {
    let node = |i: usize| Fr::from(i as u64);
    let others = |not: [usize; 2]| (0..=degree).filter(move |m| !not.contains(m));
    let weight = |j: usize| {
        let above: Fr = others([0, j]).map(|m| -node(m)).product();
        let below: Fr = others([j, j]).map(|m| node(j) - node(m)).product();
        above * below.invert().unwrap()
    };
    let mut weights: Vec<Fr> = (1..=degree).map(weight).collect();
    weights.insert(0, -weights.iter().sum::<Fr>());
    weights
}

/// The same for the finite difference of this order.
fn difference(order: usize) -> Vec<Fr> {
    let mut row = vec![Fr::one()];
    for _ in 0..order {
        row.push(Fr::zero());
        for i in (1..row.len()).rev() {
            let before = row[i - 1];
            row[i] -= before;
        }
    }
    row
}

/// The rank of some vectors.
#[must_use]
pub fn rank(vectors: impl IntoIterator<Item = Vec<Fr>>) -> usize {
    let mut pivots: Vec<(usize, Vec<Fr>)> = vec![];
    for mut vector in vectors {
        for (at, pivot) in &pivots {
            let factor = vector[*at];
            if factor != Fr::zero() {
                vector.iter_mut().zip(pivot).for_each(|(x, p)| *x -= factor * p);
            }
        }
        if let Some(at) = vector.iter().position(|x| *x != Fr::zero()) {
            let inverse = vector[at].invert().unwrap();
            vector.iter_mut().for_each(|x| *x *= inverse);
            pivots.push((at, vector));
        }
    }
    pivots.len()
}

/// Factors of vectors, 1 for the last one, with which they add up to zero; there is one vector more than they have places.
/// `None` if the others are dependent.
#[must_use]
pub fn kernel(vectors: &[Vec<Fr>]) -> Option<Vec<Fr>> {
    let count = vectors.len();
    // Each place is an equation for the factors.
    let mut rows: Vec<Vec<Fr>> =
        (0..count - 1).map(|place| vectors.iter().map(|vector| vector[place]).collect()).collect();
    for at in 0..count - 1 {
        let found = (at..count - 1).find(|row| rows[*row][at] != Fr::zero())?;
        rows.swap(at, found);
        let inverse = rows[at][at].invert().unwrap();
        rows[at].iter_mut().for_each(|x| *x *= inverse);
        let pivot = rows[at].clone();
        for row in (0..count - 1).filter(|row| *row != at) {
            let factor = rows[row][at];
            rows[row].iter_mut().zip(&pivot).for_each(|(x, p)| *x -= factor * p);
        }
    }
    Some(rows.iter().map(|row| -row[count - 1]).chain([Fr::one()]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivatives_and_ranks() {
        // x³·y, x + 2y, 7
        let shown = |at: &[Fr]| {
            let (x, y) = (at[0], at[1]);
            vec![x * x * x * y, x + y.double(), Fr::from(7)]
        };
        let found = jacobian(&[Fr::from(5), Fr::from(11)], &[alone(0), alone(1)], 4, shown);
        let integers = |values: [u64; 3]| values.map(Fr::from).to_vec();
        assert_eq!(found[0].slopes, integers([3 * 25 * 11, 1, 0]));
        assert_eq!(found[1].slopes, integers([125, 2, 0]));
        assert_eq!(found[0].affine, [false, true, true]);
        assert_eq!(rank(found.into_iter().map(|of| of.slopes)), 2);
        let [a, b, c, d] = [[1, 2, 3], [0, 1, 5], [0, 0, 2], [3, 1, 4]].map(integers);
        let factors = kernel(&[a.clone(), b.clone(), c.clone(), d.clone()]).unwrap();
        let sum = |place: usize| -> Fr {
            let vectors = [&a, &b, &c, &d];
            vectors.iter().zip(&factors).map(|(vector, factor)| vector[place] * factor).sum()
        };
        assert_eq!(([0, 1, 2].map(sum), factors[3]), ([Fr::zero(); 3], Fr::one()));
        assert_eq!(rank([integers([1, 2, 3]), integers([2, 4, 6]), integers([0, 0, 0])]), 1);
    }

    #[test]
    #[should_panic(expected = "of a higher degree")]
    fn a_degree_that_is_higher_is_seen() {
        let _ = jacobian(&[Fr::from(5)], &[alone(0)], 2, |at| vec![at[0] * at[0] * at[0]]);
    }
}
