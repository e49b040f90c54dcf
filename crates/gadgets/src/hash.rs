//! Hash bank: Poseidon over a message of small integers.
//!
//! # Statement
//! D is the digest of the elements (`poseidon::message`): packed by w bits, taken in two packed elements at a time by the
//! sponge of Poseidon with three elements.
//!
//! # Constraints
//! * `hash/packed` (degree 4): `P_i = e_i + half²·P_i'`, i = 1, 2
//! * `hash/square` (degree 3): `q_i = s_i²`
//! * `hash/round` (degree 5): `s_i = k_i + tag + absorb·P_i + Σ_j M_ij·y_j'`, the tag for i = 0 and P for i > 0, with
//!   `y_0 = (full + partial)·q_0²·s_0` and `y_j = full·q_j²·s_j + partial·s_j`
//!
//! # Layout
//! A row for each round, the first one last: s is the state with the round's constants k added, which the flags of the row
//! *above* say what becomes of. Where a permutation ends the next one begins, on one row; the last ends on the first row,
//! which has no constants, and whose s_1 is the digest. On a row that absorbs P is what is taken in: the elements of a packed
//! one stand from there on downwards. Below the row of the first round only elements stand.
//!
//! # Soundness
//! Every cell is a function of elements and of the key, whenever it is committed. Elements are copies of a tensor's, or of
//! zero behind the message's end; they are shown to lie in their interval elsewhere, so that packed elements say which
//! they are. Two messages of one digest, whatever their forms, are a collision of the sponge.
//!
//! # Completeness
//! Any elements have a digest.
//!
//! # Cost
//! 65 rows for 2·⌊253/w⌋ elements; two small cells and eight second-phase cells per row.

use crate::column::{Column, Integers, Numbers, set};
use crate::columns::Query;
use crate::families::Hash;
use crate::field::from_signed;
use crate::gadget::{Constraint, Fingerprinted, Gadget, Known, Role};
use crate::poseidon::message::{Message, domain};
use crate::poseidon::{RATE, ROUNDS, State, WIDTH, constants, fifth_power, is_full, mix};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::plonk::Expression;

/// One bank.
#[derive(Clone, Debug)]
pub struct PoseidonBank {
    /// Fixed: 2^(w/2) where the next row's elements are packed with this row's.
    pub half: usize,
    /// Fixed: the state follows from the next row's by a full round.
    pub full: usize,
    /// Fixed: by a partial one.
    pub partial: usize,
    /// Fixed: what is packed here is added.
    pub absorb: usize,
    /// Fixed: what the first row of a message says of it.
    pub tag: usize,
    /// Fixed field elements: a round's constants; on the first row of a message the name of the hash besides.
    pub constant: [usize; WIDTH],
    /// First phase: elements.
    pub element: [usize; RATE],
    /// Second phase: elements packed.
    pub packed: [usize; RATE],
    /// Second phase: the state.
    pub state: [usize; WIDTH],
    /// Second phase: squares of the state.
    pub square: [usize; WIDTH],
}

/// What a row's state is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Row {
    /// Of nothing.
    Unused,
    /// A message's first round.
    First,
    /// This round, or the end of a message.
    Later { round: usize, absorbs: bool },
}

impl PoseidonBank {
    /// What each row is, by its flags and those below.
    fn rows(&self, rows: usize, fixed: Integers<'_>) -> Vec<Row> {
        let set = |column, row| fixed.at(column, row) != 0;
        let mut all = vec![Row::Unused; rows];
        for row in (0..rows).rev() {
            let absorbs = set(self.absorb, row);
            let follows = set(self.full, row) || set(self.partial, row);
            all[row] = match (follows, all.get(row + 1)) {
                (false, _) if absorbs => Row::First,
                (false, _) | (true, None | Some(Row::Unused)) => Row::Unused,
                (true, Some(Row::First)) => Row::Later { round: 1, absorbs },
                (true, Some(Row::Later { round, .. })) => {
                    Row::Later { round: (round + 1) % ROUNDS, absorbs }
                }
            };
        }
        all
    }

    /// What is added to a row's state.
    fn constants(row: Row) -> State {
        let of = |round: usize| constants().round[round];
        match row {
            Row::Unused | Row::Later { round: 0, absorbs: false } => [Fr::ZERO; WIDTH],
            Row::First => {
                let [capacity, rate @ ..] = of(0);
                let mut all = [capacity + domain(); WIDTH];
                all[1..].copy_from_slice(&rate);
                all
            }
            Row::Later { round, .. } => of(round),
        }
    }

    /// The row that takes in a permutation's elements.
    fn absorbing_row(row: usize, of: Message, permutation: usize) -> usize {
        row + ROUNDS * (of.permutations() - permutation)
    }

    fn packed(&self, side: usize, known: &Known<'_>) -> Vec<Fr> {
        let Known { rows, fixed, first, .. } = *known;
        let mut column = vec![Fr::ZERO; rows + 1];
        for row in (0..rows).rev() {
            let half = from_signed(fixed.at(self.half, row));
            let element = from_signed(first.at(self.element[side], row));
            column[row] = element + half.square() * column[row + 1];
        }
        column
    }
}

/// The state behind the S-boxes of a round.
fn passed(state: &State, full: bool) -> State {
    let mut after = *state;
    for element in after.iter_mut().take(if full { WIDTH } else { 1 }) {
        *element = fifth_power(*element, element.square());
    }
    after
}

impl Gadget for PoseidonBank {
    fn name(&self) -> &'static str {
        "hash"
    }

    fn roles(&self) -> Vec<Role> {
        vec![
            Role::fixed("half", &[self.half]),
            Role::fixed("full, partial, absorb", &[self.full, self.partial, self.absorb]),
            Role::fixed("tag", &[self.tag]),
            Role::fixed("round constants", &self.constant),
            Role::first("elements", &self.element),
            Role::second("packed", &self.packed),
            Role::second("state", &self.state),
            Role::second("squares", &self.square),
        ]
    }

    fn constraints(&self, q: &mut Query<'_, '_>) -> Vec<Constraint> {
        let half = q.fixed(self.half);
        let base = half.clone() * half;
        // On a row each defines what the next ones read.
        let mut all = vec![];
        for (&packed, &element) in self.packed.iter().zip(&self.element) {
            let sum = q.first(element) + base.clone() * q.second_next(packed);
            all.push(Constraint::defining("hash/packed", packed, q.second(packed) - sum));
        }
        let (full, partial) = (q.fixed(self.full), q.fixed(self.partial));
        let passed: Vec<Expression<Fr>> = (0..WIDTH)
            .map(|j| {
                let (state, square) = (q.second_next(self.state[j]), q.second_next(self.square[j]));
                let fifth = square.clone() * square * state.clone();
                match j {
                    0 => (full.clone() + partial.clone()) * fifth,
                    _ => full.clone() * fifth + partial.clone() * state,
                }
            })
            .collect();
        let absorb = q.fixed(self.absorb);
        for (i, row) in constants().matrix.iter().enumerate() {
            let added = match i.checked_sub(WIDTH - RATE) {
                None => q.fixed(self.tag),
                Some(side) => absorb.clone() * q.second(self.packed[side]),
            };
            let mixed = row.iter().zip(&passed).map(|(m, y)| y.clone() * *m);
            let sum = mixed.fold(q.fixed(self.constant[i]) + added, |sum, term| sum + term);
            all.push(Constraint::defining(
                "hash/round",
                self.state[i],
                q.second(self.state[i]) - sum,
            ));
        }
        for (&square, &state) in self.square.iter().zip(&self.state) {
            let state = q.second(state);
            let off = q.second(square) - state.clone() * state;
            all.push(Constraint::defining("hash/square", square, off));
        }
        all
    }

    fn copied(&self) -> Vec<Column> {
        let elements = self.element.map(Column::First);
        elements.into_iter().chain([Column::Second(self.state[1])]).collect()
    }

    fn opened_next(&self) -> Vec<usize> {
        [&self.packed[..], &self.state, &self.square].concat()
    }

    fn field_columns(&self, rows: usize, fixed: Integers<'_>) -> Vec<(usize, Vec<Fr>)> {
        let constants: Vec<State> =
            self.rows(rows, fixed).into_iter().map(Self::constants).collect();
        let column = |(i, &column): (usize, &usize)| {
            (column, constants.iter().map(|constants| constants[i]).collect())
        };
        self.constant.iter().enumerate().map(column).collect()
    }

    fn values(&self, known: &Known<'_>) -> Vec<(usize, Vec<Fr>)> {
        let Known { rows, fixed, .. } = *known;
        let packed: [Vec<Fr>; RATE] = std::array::from_fn(|side| self.packed(side, known));
        let mut states = vec![[Fr::ZERO; WIDTH]; rows + 1];
        for (row, of) in self.rows(rows, fixed).into_iter().enumerate().rev() {
            let mut state = Self::constants(of);
            state[0] += from_signed(fixed.at(self.tag, row));
            if fixed.at(self.absorb, row) != 0 {
                for (element, packed) in state[WIDTH - RATE..].iter_mut().zip(&packed) {
                    *element += packed[row];
                }
            }
            if let Row::Later { .. } = of {
                let before = passed(&states[row + 1], fixed.at(self.full, row) != 0);
                for (element, mixed) in state.iter_mut().zip(mix(&before)) {
                    *element += mixed;
                }
            }
            states[row] = state;
        }
        let mut columns: Vec<(usize, Vec<Fr>)> = self.packed.into_iter().zip(packed).collect();
        for i in 0..WIDTH {
            let state = states.iter().map(|state| state[i]);
            columns.push((self.square[i], state.clone().map(|s| s.square()).collect()));
            columns.push((self.state[i], state.collect()));
        }
        columns
    }

    fn fingerprinted(&self) -> Option<Fingerprinted> {
        Some(Fingerprinted {
            fingerprints: self.packed.to_vec(),
            goes_on: vec![self.half],
            cells: self.element.to_vec(),
        })
    }
}

impl Hash for PoseidonBank {
    fn allocate(numbers: &mut Numbers) -> Self {
        let Numbers { fixed, first, second, .. } = numbers;
        let [half, full, partial, absorb, tag] = fixed.array();
        PoseidonBank {
            half,
            full,
            partial,
            absorb,
            tag,
            constant: fixed.array(),
            element: first.array(),
            packed: second.array(),
            state: second.array(),
            square: second.array(),
        }
    }

    fn rows(of: Message) -> usize {
        ROUNDS * of.permutations() + of.per_packed()
    }

    fn lay(&self, row: usize, of: Message, fixed: &mut [Vec<i64>]) {
        let first = Self::absorbing_row(row, of, 0);
        set(fixed, self.tag, first, of.tag());
        for permutation in 0..of.permutations() {
            let absorbing = Self::absorbing_row(row, of, permutation);
            set(fixed, self.absorb, absorbing, 1);
            for at in absorbing..absorbing + of.per_packed() - 1 {
                set(fixed, self.half, at, 1 << (of.width() / 2));
            }
            for round in 0..ROUNDS {
                let flag = if is_full(round) { self.full } else { self.partial };
                set(fixed, flag, absorbing - 1 - round, 1);
            }
        }
    }

    fn element(&self, row: usize, of: Message, index: usize) -> (usize, usize) {
        let packed = of.per_packed();
        let (permutation, side) = (index / (RATE * packed), index / packed % RATE);
        let absorbing = Self::absorbing_row(row, of, permutation.min(of.permutations()));
        (self.element[side], absorbing + index % packed)
    }

    fn digest(&self) -> usize {
        self.state[1]
    }
}
