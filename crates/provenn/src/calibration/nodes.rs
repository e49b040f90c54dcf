//! Bits of single nodes.
//!
//! A node's bits set its step, and with it the grid of the weights that make it, the length of its table, and the segments
//! of a smooth function. Where bits are saved for cost, those of many nodes at once are tried first, for what does not pay
//! for all of them seldom pays for one; of the largest nodes each is tried by itself too. Where they are spent on error, each node's sensitivity is what one change of its bits does,
//! measured.

use super::candidate::Candidate;
use super::judge::{Judge, Planned};
use super::tries::{Tries, try_where};
use provenn_circuit::Cost;
use provenn_fixed_point::Settings;

/// Changes that are kept, at most.
const ROUNDS: usize = 12;
/// Nodes whose bits are searched: the first by elements.
const NODES: usize = 32;
/// Changes of a round that the next one looks at again.
const AGAIN: usize = 8;
/// The largest nodes, which are tried one by one.
const LARGEST: usize = 4;
/// Layouts that saving looks at, at most.
const LAYOUTS: usize = 64;
/// Changes of the nodes' bits: those that are saved, or where that errs too much half of them; and those that are spent.
const SAVED: [i32; 2] = [-2, -1];
const SPENT: [i32; 2] = [1, 2];

/// Changes that pay, from the best of what was tried.
pub(super) fn nodes(judge: &Judge<'_>, tried: &mut Vec<Candidate>, tries: &mut Tries<'_>) {
    // Where no candidate keeps the limits, single nodes will not help either: the caller says so.
    let Ok(current) = judge.options.choose_now(tried) else { return };
    let nodes = judge.adjustable(NODES);
    if judge.options.spends() {
        spend(judge, &nodes, current, tried, tries);
    } else {
        save(judge, &nodes, current, tried, tries);
    }
}

/// A node, and by how much its bits move.
type Move<'n> = (&'n String, i32);

/// Bits where they make the error smaller: the best change is kept until none pays. What helped little at first will not
/// help most later.
fn spend(
    judge: &Judge<'_>,
    nodes: &[String],
    mut current: Candidate,
    tried: &mut Vec<Candidate>,
    tries: &mut Tries<'_>,
) {
    let limit = judge.options.limit(tried);
    let mut moves: Vec<Move<'_>> =
        nodes.iter().flat_map(|node| SPENT.map(|by| (node, by))).collect();
    tries.coming(moves.len() + (ROUNDS - 1) * AGAIN);
    for _ in 0..ROUNDS {
        let changed: Vec<(Move<'_>, Settings)> = moves
            .iter()
            .filter_map(|&(node, by)| Some(((node, by), moved(&current.settings, [node], by)?)))
            .collect();
        let worth = |cost: &Cost| judge.options.may_improve(cost, &current);
        let all = changed.iter().map(|(_, settings)| settings.clone()).collect();
        let (mut found, _) = try_where(judge, all, tries, &worth);
        found.sort_by(|a, b| a.error.total_cmp(&b.error));
        let of = |candidate: &Candidate| {
            let same = |settings: &Settings| settings.node_bits == candidate.settings.node_bits;
            changed.iter().find(|(_, settings)| same(settings)).map(|(of, _)| *of)
        };
        moves = found.iter().take(AGAIN).filter_map(of).collect();
        let better = found.iter().find(|c| judge.options.improves(c, &current, limit)).cloned();
        tried.extend(found);
        match better {
            Some(better) => current = better,
            None => break,
        }
    }
}

/// Bits where they are not needed, as long as that is cheaper and the error keeps its limit.
fn save(
    judge: &Judge<'_>,
    nodes: &[String],
    mut current: Candidate,
    tried: &mut Vec<Candidate>,
    tries: &mut Tries<'_>,
) {
    let limit = judge.options.limit(tried);
    tries.coming(LAYOUTS);
    let mut left = LAYOUTS;
    for _ in 0..ROUNDS {
        let mut paying = vec![];
        let tries = &mut *tries;
        let mut groups =
            Groups { judge, current: &current, left: &mut left, tries, paying: &mut paying };
        if !groups.halve(nodes) {
            for node in nodes.iter().take(LARGEST) {
                groups.halve(std::slice::from_ref(node));
            }
        }
        paying.sort_by(|a, b| a.planned.cost.objective().total_cmp(&b.planned.cost.objective()));
        let mut improved = |planned: Planned| {
            let candidate = judge.measured(planned).ok()?;
            tried.push(candidate.clone());
            judge.options.improves(&candidate, &current, limit).then_some(candidate)
        };
        let better = paying.into_iter().find_map(|Group { nodes, planned }| {
            improved(planned).or_else(|| {
                let settings = moved(&current.settings, &nodes, SAVED[1])?;
                improved(judge.planned(&settings).ok()?)
            })
        });
        match better {
            Some(better) => current = better,
            None => break,
        }
    }
    tries.did(left);
}

/// Nodes whose bits pay, and the layout without these.
struct Group {
    nodes: Vec<String>,
    planned: Planned,
}

/// Which nodes' bits pay.
struct Groups<'a, 'j, 'm, 'p> {
    judge: &'j Judge<'m>,
    current: &'a Candidate,
    left: &'a mut usize,
    tries: &'a mut Tries<'p>,
    paying: &'a mut Vec<Group>,
}

impl Groups<'_, '_, '_, '_> {
    /// Keeps the smallest groups of these nodes that pay; whether any does.
    fn halve(&mut self, nodes: &[String]) -> bool {
        let Some(left) = self.left.checked_sub(1) else { return false };
        let Some(settings) = moved(&self.current.settings, nodes, SAVED[0]) else { return false };
        *self.left = left;
        self.tries.did(1);
        let Ok(mut planned) = self.judge.planned(&settings) else { return false };
        planned.lighten();
        if !self.judge.options.may_improve(&planned.cost, self.current) {
            return false;
        }
        let (front, back) = nodes.split_at(nodes.len() / 2);
        let half = nodes.len() > 1 && {
            let front = self.halve(front);
            self.halve(back) || front
        };
        if !half {
            self.paying.push(Group { nodes: nodes.to_vec(), planned });
        }
        true
    }
}

/// With some nodes' bits moved; none where no bits are left to move.
fn moved<'n>(
    settings: &Settings,
    nodes: impl IntoIterator<Item = &'n String>,
    by: i32,
) -> Option<Settings> {
    let mut moved = settings.clone();
    for node in nodes {
        let bits = settings.node_bits.get(node).copied().unwrap_or(settings.bits);
        let changed = bits.checked_add_signed(by).filter(|bits| (8..=24).contains(bits));
        if let Some(changed) = changed {
            moved.node_bits.insert(node.clone(), changed);
        }
    }
    (moved.node_bits != settings.node_bits).then_some(moved)
}
