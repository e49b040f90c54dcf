//! The layout as a drawing: every column by its kind, rows downwards, and where each tensor stands.
//!
//! Kinds are told apart by pattern as well as tone, tensors by number, so that black and white paper loses
//! nothing; panels wrap, so that width is that of a page. Names come from the model's author and are escaped.

mod ink;
mod panels;

use crate::compiled::CompiledCircuit;
use ink::Ink;
use panels::{Panel, panels};
use provenn_escape::markup;
use provenn_gadgets::GadgetSet;
use provenn_gadgets::params::UNUSABLE_ROWS;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

/// Width of the page.
const PAGE: usize = 1000;
const MARGIN: usize = 56;
/// Height of a column.
const HEIGHT: usize = 300;
/// Room for the roles above the columns, and for the title above these.
const ROLES: usize = 118;
const GAP: usize = 18;
const LINE: usize = 16;
/// The width of a letter, generously.
const LETTER: usize = 7;
/// Tensors that the list names, and letters of a name.
const LISTED: usize = 400;
const NAME: usize = 56;

fn strip_width(columns: usize) -> usize {
    (12 + 2 * columns).min(44)
}

/// Its width, and where its columns begin: its roles lean over the end, its title may be longer than both.
fn panel_width(panel: &Panel) -> usize {
    let strips: usize = panel.strips.iter().map(|s| strip_width(s.columns)).sum();
    strips.max(panel.title.chars().count() * LETTER)
}

/// A tooltip's or label's rows.
fn shown(rows: &Range<usize>) -> String {
    if rows.len() == 1 {
        rows.start.to_string()
    } else {
        format!("{}–{}", rows.start, rows.end.saturating_sub(1))
    }
}

/// Runs of rows that hold a tensor: the bank's title, the tensor's number, how many rows.
pub(crate) fn held<G: GadgetSet>(circuit: &CompiledCircuit<G>) -> Vec<(String, usize, usize)> {
    let of = |panel: Panel| {
        let Panel { title, held, .. } = panel;
        held.into_iter().map(move |held| (title.clone(), held.tensor, held.rows.len()))
    };
    panels(circuit).into_iter().flat_map(of).collect()
}

impl<G: GadgetSet> CompiledCircuit<G> {
    /// Draws every column of the circuit, rows downwards, as SVG.
    #[must_use]
    pub fn draw(&self) -> String {
        let panels = panels(self);
        let mut body = String::new();
        let mut y = self.heading(&mut body);
        let (mut x, mut tallest) = (MARGIN, y);
        for panel in &panels {
            let width = panel_width(panel);
            if x > MARGIN && x + width > PAGE - MARGIN {
                (x, y) = (MARGIN, tallest + GAP);
            }
            if x == MARGIN {
                self.rows(&mut body, y + LINE + ROLES);
            }
            self.panel(&mut body, panel, x, y);
            tallest = y + LINE + ROLES + HEIGHT;
            x += width + GAP;
        }
        let height = self.list(&mut body, &panels, tallest + 2 * GAP) + MARGIN;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {PAGE} {height}\" width=\"{PAGE}\" height=\"{height}\" font-family=\"sans-serif\" font-size=\"11\">\n\
             <title>Circuit layout</title>\n<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n{}{body}</svg>\n",
            ink::patterns()
        )
    }

    /// Title and legend; returns where they end.
    fn heading(&self, svg: &mut String) -> usize {
        let (params, layout) = (self.params(), self.layout());
        let _ = writeln!(
            svg,
            "<text x=\"{MARGIN}\" y=\"34\" font-size=\"18\" font-weight=\"bold\">Circuit layout: 2^{} = {} rows, {} columns</text>",
            params.k,
            1_usize << params.k,
            layout.instance + layout.fixed + layout.first + layout.second
        );
        let _ = writeln!(
            svg,
            "<text x=\"{MARGIN}\" y=\"54\">{} instance, {} fixed, {} + {} advice by phase; ×n: n columns of one role; numbers: tensors, listed below; blank: zero; below the dashes: blinding</text>",
            layout.instance, layout.fixed, layout.first, layout.second
        );
        let mut y = 66;
        let third = layout.three_phases();
        let mut x = MARGIN;
        for ink in Ink::ALL.into_iter().filter(|&ink| third || ink != Ink::Third) {
            let width = 30 + ink.meaning().chars().count() * 6;
            if x + width > PAGE - MARGIN {
                (x, y) = (MARGIN, y + 20);
            }
            let _ = writeln!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"22\" height=\"13\" fill=\"url(#{})\" stroke=\"black\" stroke-width=\"0.7\"/><text x=\"{}\" y=\"{}\">{}</text>",
                ink.id(),
                x + 28,
                y + 11,
                ink.meaning()
            );
            x += width + GAP;
        }
        y + 30
    }

    /// The first and the last row's number, left of a line of panels.
    fn rows(&self, svg: &mut String, top: usize) {
        let last = (1_usize << self.params().k) - 1;
        for (y, text) in [(top + 9, "row 0".to_owned()), (top + HEIGHT, last.to_string())] {
            let _ = writeln!(
                svg,
                "<text x=\"{}\" y=\"{y}\" font-size=\"10\" text-anchor=\"end\">{text}</text>",
                MARGIN - 5
            );
        }
    }

    /// One bank: its title, its roles written upwards, its columns.
    fn panel(&self, svg: &mut String, panel: &Panel, x: usize, y: usize) {
        let rows = 1_usize << self.params().k;
        let top = y + LINE + ROLES;
        let at = |row: usize| top + row.min(rows) * HEIGHT / rows;
        let _ = writeln!(
            svg,
            "<text x=\"{x}\" y=\"{}\" font-weight=\"bold\">{}</text>",
            y + 12,
            panel.title
        );
        let mut left = x;
        let mut first: Option<Range<usize>> = None;
        for strip in &panel.strips {
            let width = strip_width(strip.columns);
            let role = match strip.columns {
                1 => strip.role.clone(),
                n => format!("{} ×{n}", strip.role),
            };
            let _ = writeln!(
                svg,
                "<text transform=\"translate({} {}) rotate(-90)\" font-size=\"10\">{role}</text>\
                 <rect x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{HEIGHT}\" fill=\"white\" stroke=\"#777\" stroke-width=\"0.7\"/>",
                left + width / 2 + 4,
                top - 4
            );
            for (from, to) in merged(&strip.rows, at) {
                let _ = writeln!(
                    svg,
                    "<rect x=\"{left}\" y=\"{from}\" width=\"{width}\" height=\"{}\" fill=\"url(#{})\" stroke=\"black\" stroke-width=\"0.4\"/>",
                    to - from,
                    strip.ink.id()
                );
            }
            if strip.ink == Ink::First {
                let end = left + width;
                first = Some(first.map_or(left, |range| range.start)..end);
            }
            left += width;
        }
        if let Some(columns) = first {
            self.tensors(svg, panel, &columns, at);
        }
        // The rows that no constraint reaches.
        let unusable = at(rows - UNUSABLE_ROWS - 1);
        let _ = writeln!(
            svg,
            "<path d=\"M{x} {unusable}H{left}\" stroke=\"black\" stroke-width=\"0.7\" stroke-dasharray=\"3 2\"/>"
        );
    }

    /// The tensors of a bank: outlined, numbered where a number fits.
    fn tensors(
        &self,
        svg: &mut String,
        panel: &Panel,
        columns: &Range<usize>,
        at: impl Fn(usize) -> usize,
    ) {
        for held in &panel.held {
            let tensor = &self.graph().tensors[held.tensor];
            let (from, to) = (at(held.rows.start), at(held.rows.end));
            let _ = writeln!(
                svg,
                "<rect x=\"{}\" y=\"{from}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"black\" stroke-width=\"1\"><title>{}: {} ({}), rows {}</title></rect>",
                columns.start,
                columns.len(),
                (to - from).max(1),
                held.tensor,
                markup(&tensor.name),
                markup(&tensor.onnx_op),
                shown(&held.rows)
            );
            if to - from >= 10 {
                let middle = (columns.start + columns.end) / 2;
                let _ = writeln!(
                    svg,
                    "<text x=\"{middle}\" y=\"{}\" font-size=\"10\" font-weight=\"bold\" text-anchor=\"middle\" stroke=\"white\" stroke-width=\"3\" paint-order=\"stroke\">{}</text>",
                    (from + to) / 2 + 4,
                    held.tensor
                );
            }
        }
    }

    /// Tensors by number, with their places; returns where the list ends.
    fn list(&self, svg: &mut String, panels: &[Panel], top: usize) -> usize {
        let mut places: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for panel in panels {
            for held in &panel.held {
                let place = format!("{} rows {}", panel.title, shown(&held.rows));
                places.entry(held.tensor).or_default().push(place);
            }
        }
        let mut y = top;
        let columns = [MARGIN, MARGIN + 34, MARGIN + 460, MARGIN + 600];
        let mut line = |y: usize, texts: [&str; 4], weight: &str| {
            for (x, text) in columns.into_iter().zip(texts) {
                let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\"{weight}>{text}</text>");
            }
        };
        line(y, ["no.", "node", "operator", "where"], " font-weight=\"bold\"");
        for (tensor, at) in places.iter().take(LISTED) {
            y += LINE;
            let (node, rest) = (&self.graph().tensors[*tensor], at.len().saturating_sub(2));
            let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
            let place =
                format!("{}{more}", at.iter().take(2).cloned().collect::<Vec<_>>().join(", "));
            let (name, op) = (tail(&node.name, NAME), tail(&node.onnx_op, 20));
            line(y, [&tensor.to_string(), &markup(&name), &markup(&op), &place], "");
        }
        if places.len() > LISTED {
            y += LINE;
            let more = format!("and {} more", places.len() - LISTED);
            line(y, ["", &more, "", ""], "");
        }
        y
    }
}

/// The last letters of a name, its telling part.
fn tail(name: &str, most: usize) -> String {
    match name.chars().count() {
        count if count > most => {
            format!("…{}", name.chars().skip(count + 1 - most).collect::<String>())
        }
        _ => name.to_owned(),
    }
}

/// Runs of rows as heights of at least one unit, those that touch on paper as one.
fn merged(rows: &[Range<usize>], at: impl Fn(usize) -> usize) -> Vec<(usize, usize)> {
    let mut spans: Vec<_> = rows
        .iter()
        .filter(|run| !run.is_empty())
        .map(|run| (at(run.start), at(run.end).max(at(run.start) + 1)))
        .collect();
    spans.sort_unstable();
    let mut merged: Vec<(usize, usize)> = vec![];
    for (from, to) in spans {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    merged
}
