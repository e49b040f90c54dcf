//! Poseidon over the scalar field of BN254, with the parameters of its paper and of circomlib: x^5, three elements,
//! 8 full and 57 partial rounds, constants from the paper's generator.
//!
//! | module | holds |
//! |---|---|
//! | `grain` | the generator of constants |
//! | [`message`] | integers as what is hashed; the sponge |

mod grain;
pub mod message;

use grain::Grain;
use halo2_proofs::halo2curves::bn256::Fr;
use std::sync::LazyLock;

/// Elements of the state.
pub const WIDTH: usize = 3;
/// Elements that a message is added to; the first of the state is the capacity.
pub const RATE: usize = WIDTH - 1;
/// Rounds in which every element passes the S-box, half of them before the others.
pub const FULL_ROUNDS: usize = 8;
/// Rounds in which the first does.
pub const PARTIAL_ROUNDS: usize = 57;
/// All rounds of a permutation.
pub const ROUNDS: usize = FULL_ROUNDS + PARTIAL_ROUNDS;

/// The state.
pub type State = [Fr; WIDTH];

/// What rounds add and multiply with.
#[derive(Debug)]
pub struct Constants {
    /// By round.
    pub round: [State; ROUNDS],
    /// By row.
    pub matrix: [State; WIDTH],
}

/// The constants, made once.
#[must_use]
pub fn constants() -> &'static Constants {
    static CONSTANTS: LazyLock<Constants> = LazyLock::new(|| {
        let mut grain = Grain::new();
        let round = std::array::from_fn(|_| std::array::from_fn(|_| grain.below_modulus()));
        Constants { round, matrix: grain.matrix() }
    });
    &CONSTANTS
}

/// Whether every element passes the S-box of a round.
#[must_use]
pub fn is_full(round: usize) -> bool {
    !(FULL_ROUNDS / 2..FULL_ROUNDS / 2 + PARTIAL_ROUNDS).contains(&round)
}

/// x^5, from x and x².
#[must_use]
pub fn fifth_power(x: Fr, square: Fr) -> Fr {
    square.square() * x
}

/// The matrix times a state.
#[must_use]
pub fn mix(state: &State) -> State {
    constants().matrix.map(|row| row[0] * state[0] + row[1] * state[1] + row[2] * state[2])
}

/// The permutation.
pub fn permute(state: &mut State) {
    for (round, constants) in constants().round.iter().enumerate() {
        let passing = if is_full(round) { WIDTH } else { 1 };
        for (at, (element, constant)) in state.iter_mut().zip(constants).enumerate() {
            *element += constant;
            if at < passing {
                *element = fifth_power(*element, element.square());
            }
        }
        *state = mix(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use halo2_proofs::halo2curves::ff::{Field, PrimeField};

    fn decimal(digits: &str) -> Fr {
        Fr::from_str_vartime(digits).unwrap()
    }

    fn hash(inputs: [Fr; 2]) -> Fr {
        let mut state = [Fr::ZERO, inputs[0], inputs[1]];
        permute(&mut state);
        state[0]
    }

    /// The vectors of circomlib's tests, `poseidon([1, 2])` and `poseidon([3, 4])`; the first constants are those of the
    /// paper's reference implementation (`poseidonperm_x5_254_3`), as are the permutation's outputs for 0, 1, 2.
    #[test]
    fn published_vectors() {
        let one_two = hash([1, 2].map(Fr::from));
        assert_eq!(
            one_two,
            decimal("7853200120776062878684798364095072458815029376092732009249414926327459813530")
        );
        assert_eq!(
            hash([3, 4].map(Fr::from)),
            decimal(
                "14763215145315200506921711489642608356394854266165572616578112107564877678998"
            )
        );
        let hexadecimal = |x: Fr| {
            let bytes = x.to_repr();
            bytes.as_ref().iter().rev().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        let constants = constants();
        assert_eq!(
            hexadecimal(constants.round[0][0]),
            "0ee9a592ba9a9518d05986d656f40c2114c4993c11bb29938d21d47304cd8e6e"
        );
        assert_eq!(
            hexadecimal(constants.matrix[0][0]),
            "109b7f411ba0e4c9b2b70caf5c36a7b194be7c11ad24378bfedb68592ba8118b"
        );
        let mut state = [0, 1, 2].map(Fr::from);
        permute(&mut state);
        assert_eq!(
            state.map(hexadecimal),
            [
                "115cc0f5e7d690413df64c6b9662e9cf2a3617f2743245519e19607a4417189a",
                "0fca49b798923ab0239de1c9e7a4a9a2210312b6a2f616d18b5a87f9b628ae29",
                "0e7ae82e40091e63cbd4f16a6d16310b3729d4b6e138fcf54110e2867045a30c",
            ]
        );
    }
}
