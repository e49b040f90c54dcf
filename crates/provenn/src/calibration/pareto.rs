//! Error against cost: the candidates that no other beats in both.

use super::Candidate;
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

/// The points as a table.
#[must_use]
pub fn table(points: &[Point]) -> String {
    let mut text = format!(
        "{:>3}{:>12}{:>10}{:>10}{:>10}{:>10}{:>4}{:>4}{:>4}{:>6}{:>6}\n",
        "", "error", "prove s", "MiB", "proof B", "key MB", "k", "S", "t", "bits", "own"
    );
    for (i, p) in points.iter().enumerate() {
        #[allow(clippy::cast_precision_loss)] // a size in bytes
        let key = p.key_bytes as f64 / 1e6;
        let _ = writeln!(
            text,
            "{i:>3}{:>12.3e}{:>10.3}{:>10.0}{:>10}{key:>10.2}{:>4}{:>4}{:>4}{:>6}{:>6}",
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
    text
}

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 400.0;
const EDGE: f64 = 60.0;

/// Draws every candidate as a dot and the frontier as a line, both axes logarithmic, as SVG.
#[must_use]
pub fn draw(tried: &[Candidate], points: &[Point]) -> String {
    let floor = tried.iter().map(|c| c.error).filter(|&e| e > 0.0).fold(f64::INFINITY, f64::min);
    let floor = if floor.is_finite() { floor / 2.0 } else { 1e-12 };
    let at = |seconds: f64, error: f64| (seconds.max(1e-6).log10(), error.max(floor).log10());
    let all: Vec<(f64, f64)> = tried.iter().map(|c| at(c.cost.prove_seconds, c.error)).collect();
    let range = |pick: fn(&(f64, f64)) -> f64| {
        let lo = all.iter().map(pick).fold(f64::INFINITY, f64::min);
        let hi = all.iter().map(pick).fold(f64::NEG_INFINITY, f64::max);
        if lo < hi { (lo, hi) } else { (lo - 0.5, lo + 0.5) }
    };
    let ((x0, x1), (y0, y1)) = (range(|p| p.0), range(|p| p.1));
    let place = |(x, y): (f64, f64)| {
        (
            EDGE + (x - x0) / (x1 - x0) * (WIDTH - 2.0 * EDGE),
            HEIGHT - EDGE - (y - y0) / (y1 - y0) * (HEIGHT - 2.0 * EDGE),
        )
    };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"11\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"{EDGE}\" y=\"20\">Error against modelled CPU seconds per proof</text>\n"
    );
    let (left, bottom) = (EDGE, HEIGHT - EDGE);
    let (right, top) = (WIDTH - EDGE, EDGE);
    let _ =
        writeln!(svg, "<path d=\"M{left} {top}V{bottom}H{right}\" fill=\"none\" stroke=\"#999\"/>");
    for (text, x, y) in [
        (format!("{:.3} s", 10_f64.powf(x0)), left, bottom + 18.0),
        (format!("{:.3} s", 10_f64.powf(x1)), right - 40.0, bottom + 18.0),
        (format!("{:.1e}", 10_f64.powf(y0)), 6.0, bottom),
        (format!("{:.1e}", 10_f64.powf(y1)), 6.0, top + 8.0),
    ] {
        let _ = writeln!(svg, "<text x=\"{x:.0}\" y=\"{y:.0}\">{text}</text>");
    }
    for &point in &all {
        let (x, y) = place(point);
        let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2\" fill=\"#bbb\"/>");
    }
    let mut path = String::new();
    for (i, p) in points.iter().enumerate() {
        let (x, y) = place(at(p.prove_seconds, p.error));
        let _ = write!(path, "{}{x:.1} {y:.1}", if i == 0 { 'M' } else { 'L' });
        let _ = writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"#c33\"><title>{i}: error {:.3e}, {:.3} s, {:.0} MiB, S = {}, t = {}, {} bits</title></circle><text x=\"{:.1}\" y=\"{:.1}\">{i}</text>",
            p.error,
            p.prove_seconds,
            p.prove_bytes / f64::from(1 << 20),
            p.shift,
            p.low_bits,
            p.bits,
            x + 6.0,
            y - 4.0
        );
    }
    let _ = writeln!(svg, "<path d=\"{path}\" fill=\"none\" stroke=\"#c33\"/>");
    svg.push_str("</svg>\n");
    svg
}
