//! Error against cost: the candidates that no other beats in both.

use super::candidate::Candidate;
use super::frontier::Frontier;
use crate::plot::{Axis, frame};
use crate::plural;
use serde::Serialize;
use std::fmt::Write;

/// One point of the frontier, in numbers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    /// Error on the data.
    pub error: f64,
    /// Modelled CPU seconds per proof.
    pub prove_seconds: f64,
    /// Modelled bytes at the peak of proving.
    pub prove_bytes: f64,
    /// Bytes of a proof.
    pub proof_bytes: usize,
    /// Bytes of the proving key.
    pub key_bytes: usize,
    /// Rows are 2^k.
    pub k: u32,
    /// S.
    pub shift: u32,
    /// t.
    pub low_bits: u32,
    /// Bits of most nodes.
    pub bits: u32,
    /// How many nodes have bits of their own.
    pub own_bits: usize,
}

/// The candidates that no other beats in error and modelled proving time, cheapest first.
#[must_use]
pub fn frontier(tried: &[Candidate]) -> Vec<&Candidate> {
    let mut sorted: Vec<&Candidate> = tried.iter().collect();
    sorted.sort_by(|a, b| {
        let cost = a.cost.prove_seconds.total_cmp(&b.cost.prove_seconds);
        cost.then(a.error.total_cmp(&b.error))
    });
    let mut front: Vec<&Candidate> = vec![];
    for candidate in sorted {
        if front.last().is_none_or(|last| candidate.error < last.error) {
            front.push(candidate);
        }
    }
    front
}

/// The numbers of a candidate.
#[must_use]
pub fn point(candidate: &Candidate) -> Point {
    let (settings, cost) = (&candidate.settings, &candidate.cost);
    Point {
        error: candidate.error,
        prove_seconds: cost.prove_seconds,
        prove_bytes: cost.prove_bytes,
        proof_bytes: cost.proof_bytes,
        key_bytes: cost.key_bytes,
        k: candidate.plan.k,
        shift: settings.shift,
        low_bits: settings.low_bits,
        bits: settings.bits,
        own_bits: settings.node_bits.len(),
    }
}

/// The points as a table, and what their errors are over; the chosen one has an asterisk.
#[must_use]
pub fn table(frontier: &Frontier) -> String {
    let mut text = format!(
        "{:>4}{:>12}{:>10}{:>10}{:>10}{:>10}{:>4}{:>4}{:>4}{:>6}{:>6}\n",
        "", "error", "prove s", "MiB", "proof B", "key kB", "k", "S", "t", "bits", "own"
    );
    for (i, candidate) in frontier.points.iter().enumerate() {
        let p = point(candidate);
        #[allow(clippy::cast_precision_loss)] // a size in bytes
        let key = p.key_bytes as f64 / 1e3;
        let mark = if i == frontier.chosen { '*' } else { ' ' };
        let _ = writeln!(
            text,
            "{mark}{i:>3}{:>12.3e}{:>10.3}{:>10.0}{:>10}{key:>10.1}{:>4}{:>4}{:>4}{:>6}{:>6}",
            p.error,
            p.prove_seconds,
            p.prove_bytes / f64::from(1 << 20),
            p.proof_bytes,
            p.k,
            p.shift,
            p.low_bits,
            p.bits,
            p.own_bits
        );
    }
    let _ = write!(
        text,
        "* chosen; errors are over {} ({} compared on {})",
        plural(frontier.observations, "observation"),
        plural(frontier.tried.len(), "candidate"),
        frontier.compared
    );
    text
}

const SIZE: (f64, f64) = (760.0, 470.0);
/// Places of the axes' ends: x from left to right, y from the bottom up.
const X: (f64, f64) = (86.0, 730.0);
const Y: (f64, f64) = (418.0, 72.0);
/// Letters of a model's name in the title.
const NAME: usize = 60;

/// Draws the frontier as circles along a line, the chosen point as a diamond, and what else was tried as small
/// crosses; both axes are logarithmic. SVG; shapes tell kinds apart, not colours.
#[must_use]
pub fn draw(frontier: &Frontier, model: &str) -> String {
    let Frontier { points, chosen, tried, observations, compared } = frontier;
    let all = || tried.iter().chain(points);
    let x = Axis::logarithmic(
        "modelled CPU seconds per proof (logarithmic)",
        all().map(|c| c.cost.prove_seconds),
        X,
    );
    let y = Axis::logarithmic("error of the outputs (logarithmic)", all().map(|c| c.error), Y);
    let name: String = match model.chars().count() {
        count if count > NAME => {
            format!("…{}", model.chars().skip(count + 1 - NAME).collect::<String>())
        }
        _ => model.into(),
    };
    let mut svg = frame(SIZE, &format!("Error against cost: {name}"), &x, &y);
    let key = [
        (
            X.0 + 6.0,
            format!("frontier, on {}", plural(*observations, "observation")),
            circle as Mark,
        ),
        (X.0 + 256.0, "chosen".into(), diamond),
        (X.0 + 346.0, format!("others tried, on {}", plural(*compared, "observation")), cross),
    ];
    for (at, words, mark) in key {
        let _ =
            writeln!(svg, "{}<text x=\"{:.1}\" y=\"50\">{words}</text>", mark(at, 46.0), at + 13.0);
    }
    for candidate in tried {
        svg.push_str(&cross(x.at(candidate.cost.prove_seconds), y.at(candidate.error)));
    }
    let mut path = String::new();
    let mut marks = String::new();
    for (i, candidate) in points.iter().enumerate() {
        let (at, up) = (x.at(candidate.cost.prove_seconds), y.at(candidate.error));
        let _ = write!(path, "{}{at:.1} {up:.1}", if path.is_empty() { 'M' } else { 'L' });
        let mark = if i == *chosen { diamond } else { circle };
        let p = point(candidate);
        let _ = writeln!(
            marks,
            "<g><title>{i}: error {:.3e}, {:.3} s, {:.0} MiB, S = {}, t = {}, {} bits</title>{}<text x=\"{:.1}\" y=\"{:.1}\" stroke=\"white\" stroke-width=\"3\" paint-order=\"stroke\">{i}</text></g>",
            p.error,
            p.prove_seconds,
            p.prove_bytes / f64::from(1 << 20),
            p.shift,
            p.low_bits,
            p.bits,
            mark(at, up),
            at + 8.0,
            up - 6.0
        );
    }
    let _ = writeln!(svg, "<path d=\"{path}\" fill=\"none\" stroke=\"black\"/>");
    svg + &marks + "</svg>\n"
}

type Mark = fn(f64, f64) -> String;

fn circle(x: f64, y: f64) -> String {
    format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\" fill=\"#c33\" stroke=\"black\"/>")
}

fn diamond(x: f64, y: f64) -> String {
    format!(
        "<path d=\"M{x:.1} {:.1}l8 8l-8 8l-8 -8z\" fill=\"white\" stroke=\"black\" stroke-width=\"2.5\"/>",
        y - 8.0
    )
}

fn cross(x: f64, y: f64) -> String {
    format!(
        "<path d=\"M{:.1} {:.1}l5 5m0 -5l-5 5\" stroke=\"#888\" stroke-width=\"0.8\"/>",
        x - 2.5,
        y - 2.5
    )
}
