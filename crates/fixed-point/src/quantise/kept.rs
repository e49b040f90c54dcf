//! What one quantisation of a model leaves for the next: its weights in the order that products have them, and the room of
//! integers that nobody has any more.

use super::value::Reals;
use crate::quant_graph::Weights;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most weights that are kept, and most integers: 256 MiB each.
const MOST: usize = 1 << 25;
/// Fewer integers than these are made anew as fast.
const MANY: usize = 1 << 16;

/// What is held, and most elements of each kind.
#[derive(Debug)]
pub(super) struct Kept(Mutex<Held>, usize);

#[derive(Debug, Default)]
struct Held {
    /// By the node that multiplies by them.
    rows: HashMap<usize, Reals>,
    count: usize,
    /// The last ones, which graphs may still have.
    integers: VecDeque<Weights>,
    room: usize,
}

impl Kept {
    /// For one quantisation after another.
    pub(super) fn many() -> Self {
        Kept(Mutex::default(), MOST)
    }

    /// For one alone.
    pub(super) fn none() -> Self {
        Kept(Mutex::default(), 0)
    }

    /// A node's weights in rows.
    pub(super) fn rows(&self, node: usize) -> Option<Reals> {
        self.held().rows.get(&node).cloned()
    }

    /// Keeps them, if there are not too many.
    pub(super) fn keep_rows(&self, node: usize, rows: &Reals) {
        let mut held = self.held();
        let count = held.count.saturating_add(rows.len());
        if count <= self.1 && !held.rows.contains_key(&node) {
            held.count = count;
            held.rows.insert(node, Arc::clone(rows));
        }
    }

    /// So many integers, in a room that the system need not clear where there is one; `fill` sets all of them.
    pub(super) fn integers(&self, len: usize, fill: impl FnOnce(&mut [i64])) -> Weights {
        let keeps = (MANY..=self.1).contains(&len);
        let room = keeps.then(|| self.room(len)).flatten();
        let mut integers = room.unwrap_or_else(|| std::iter::repeat_n(0, len).collect::<Weights>());
        fill(Arc::make_mut(&mut integers));
        if !keeps {
            return integers;
        }
        let mut held = self.held();
        held.room += integers.len();
        held.integers.push_back(Arc::clone(&integers));
        while held.room > self.1
            && let Some(oldest) = held.integers.pop_front()
        {
            held.room -= oldest.len();
        }
        integers
    }

    /// Integers of which there are so many, and which nobody else has.
    fn room(&self, len: usize) -> Option<Weights> {
        let mut held = self.held();
        let free =
            |integers: &mut Weights| integers.len() == len && Arc::get_mut(integers).is_some();
        let at = held.integers.iter_mut().position(free)?;
        held.room -= len;
        held.integers.remove(at)
    }

    /// Whoever panicked has left them whole.
    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A graph's integers are its own as long as it lives.
    #[test]
    fn rooms_are_taken_when_nobody_has_them() {
        let kept = Kept::many();
        let of = |kept: &Kept, len, integer| kept.integers(len, |all| all.fill(integer));
        let first = of(&kept, MANY, 1);
        let second = of(&kept, MANY, 2);
        assert!(first.iter().all(|x| *x == 1) && second.iter().all(|x| *x == 2));
        let place = first.as_ptr();
        drop(first);
        let third = of(&kept, MANY, 3);
        assert_eq!(third.as_ptr(), place);
        assert!(second.iter().all(|x| *x == 2) && third.iter().all(|x| *x == 3));
        drop(second);
        let none = Kept::none();
        of(&none, MANY, 4);
        assert!(none.held().integers.is_empty());
        let other = of(&kept, MANY + 1, 4);
        assert_eq!(other.len(), MANY + 1);
    }
}
