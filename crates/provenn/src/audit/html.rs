//! The report as one HTML page: no script, no other file; in the reader's own colours, light or dark.

use super::{Audit, Node, Nodes};
use provenn_circuit::{BusCounts, TableKind};
use provenn_escape::markup;
use provenn_fixed_point::Visibility;
use std::fmt::{Display, Write};

/// What a page may load: its own styles. A name that got past the escaping could not do more either.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";
const STYLE: &str = ":root{color-scheme:light dark}body{font-family:sans-serif;margin:2em auto;max-width:76em;padding:0 1em;background:Canvas;color:CanvasText;line-height:1.4}\
table{border-collapse:collapse;margin:.8em 0}td,th{padding:.2em .7em;border-bottom:1px solid GrayText;text-align:right;vertical-align:top}\
td:first-child,th:first-child,.text td,.text th{text-align:left}code{overflow-wrap:anywhere}.wide{overflow-x:auto}svg{max-width:100%;height:auto}";

/// Rows of a table, whose cells are markup already.
fn table(class: &str, head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut text = format!("<div class=\"wide\"><table class=\"{class}\"><tr>");
    head.iter().for_each(|cell| {
        let _ = write!(text, "<th>{cell}");
    });
    text.push_str("</tr>\n");
    for row in rows {
        text.push_str("<tr>");
        row.iter().for_each(|cell| {
            let _ = write!(text, "<td>{cell}");
        });
        text.push_str("</tr>\n");
    }
    text.push_str("</table></div>\n");
    text
}

/// A list of sentences.
fn list<S: AsRef<str>>(items: &[S]) -> String {
    let mut text = String::from("<ul>\n");
    for item in items {
        let _ = writeln!(text, "<li>{}</li>", markup(item.as_ref()));
    }
    text.push_str("</ul>\n");
    text
}

fn cells<const N: usize>(cells: [&dyn Display; N]) -> Vec<String> {
    cells.iter().map(|cell| markup(&cell.to_string()).into_owned()).collect()
}

/// Nothing, where there is none.
fn or_none<T: Display>(value: Option<T>) -> String {
    value.map_or_else(|| "–".into(), |value| value.to_string())
}

fn code(value: Option<&String>) -> String {
    value.map_or_else(|| "–".into(), |value| format!("<code>{}</code>", markup(value)))
}

fn between<T: Display + PartialEq>([lo, hi]: &[T; 2]) -> String {
    if lo == hi { lo.to_string() } else { format!("{lo} … {hi}") }
}

/// Steps and reals with as many digits as a reader likes; the JSON report has all.
fn rounded([lo, hi]: [f64; 2]) -> String {
    between(&[format!("{lo:.5e}"), format!("{hi:.5e}")])
}

fn by_name<V: Display>(values: impl Iterator<Item = (impl Display, V)>) -> String {
    let all: Vec<String> = values.map(|(name, value)| format!("{name}: {value}")).collect();
    if all.is_empty() { "–".into() } else { all.join(", ") }
}

impl Audit {
    /// A page that needs no other file.
    #[must_use]
    pub fn html(&self) -> String {
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>Audit report</title>\n\
             <style>{STYLE}</style>\n<h1>Audit report</h1>\n\
             <p>Of {}, by {}. The same files give the same report, byte for byte.</p>\n",
            markup(self.made_from),
            markup(&self.program)
        );
        page.push_str("<h2>What a proof says</h2>\n");
        page.push_str(&list(&self.said.statement));
        page.push_str("<h2>What it does not say</h2>\n");
        page.push_str(&list(&self.said.not_proved));
        page.push_str(&self.of_visibility());
        page.push_str(&self.of_provenance());
        if let Some(nodes) = &self.nodes {
            page.push_str(&of_quantisation(nodes));
            page.push_str(&of_bounds(nodes));
            page.push_str(&of_places(nodes));
            page.push_str(&of_tables(nodes));
        }
        page.push_str(&self.of_constraints());
        if let Some(layout) = &self.layout {
            page.push_str("<h2>Layout</h2>\n");
            page.push_str(layout);
        }
        page.push_str("</html>\n");
        page
    }

    fn of_visibility(&self) -> String {
        let mut text = String::from("<h2>Who sees what</h2>\n");
        let visible = self.said.visibility.iter().map(|part| {
            let who = match part.visibility {
                Visibility::Public => "public",
                Visibility::Hashed => "hashed",
                Visibility::Private => "private",
                Visibility::Fixed => "fixed",
                Visibility::Committed => "committed",
            };
            cells([&part.what, &who, &part.reveals])
        });
        text.push_str(&table("text", &["what", "visibility", "reveals"], visible));
        if !self.said.public.is_empty() {
            text.push_str("<h3>Public values</h3>\n");
            let public = self.said.public.iter().map(|tensor| {
                cells([
                    &tensor.name,
                    &tensor.side,
                    &format!("{:?}", tensor.shape),
                    &between(&tensor.integers),
                    &rounded(tensor.steps),
                    &rounded(tensor.reals),
                ])
            });
            let head = ["name", "side", "shape", "integers accepted", "one unit", "reals"];
            text.push_str(&table("", &head, public));
        }
        text
    }

    fn of_provenance(&self) -> String {
        let mut text = String::from("<h2>Digests and versions</h2>\n");
        let digests = &self.digests;
        let rows = [
            ("model", Some(&digests.model)),
            ("settings", Some(&digests.settings)),
            ("circuit", digests.circuit.as_ref()),
            ("verifying key", digests.verifying_key.as_ref()),
            ("SRS", digests.srs.as_ref()),
        ];
        let rows = rows.into_iter().map(|(name, digest)| vec![name.to_owned(), code(digest)]);
        text.push_str(&table("text", &["artefact", "digest"], rows));
        let of = self.formats;
        let versions = [
            ("settings", of.settings),
            ("compiled circuit", of.compiled_circuit),
            ("proving key", of.proving_key),
            ("verifying key", of.verifying_key),
            ("SRS", of.srs),
            ("proof", of.proof),
            ("this report", self.audit_version),
        ];
        let versions = versions.iter().map(|(name, version)| cells([name, version]));
        text.push_str(&table("", &["format", "version"], versions));
        text.push_str("<h2>Where the SRS comes from</h2>\n");
        let origin = match (self.srs.known, self.srs.ceremony) {
            (true, Some(name)) => {
                format!("{name}; files up to k = {}", or_none(self.srs.ceremony_max_k))
            }
            (true, None) => "no known ceremony".into(),
            (false, _) => "not known".into(),
        };
        let drawn = match self.srs.drawn_locally {
            Some(true) => " Its file says that it was drawn by this program, for tests.",
            Some(false) => " Its file does not say that it was drawn locally.",
            None => "",
        };
        let _ = writeln!(text, "<p>{}. {}{drawn}</p>", markup(&origin), markup(self.srs.trust));
        if let Some(settings) = &self.settings {
            text.push_str("<h2>Settings</h2>\n");
            let rows: [(&str, String); 8] = [
                ("bits of an activation", settings.bits.to_string()),
                ("bits that a rescale drops", settings.shift.to_string()),
                ("low bits of tables", settings.low_bits.to_string()),
                ("bits of single nodes", by_name(settings.node_bits.iter())),
                ("nodes with a format of their own", settings.node_formats.join(", ")),
                (
                    "calibrated nodes, of these by column",
                    format!("{}, {}", settings.calibrated_nodes, settings.nodes_by_column),
                ),
                ("open extents", by_name(settings.variables.iter())),
                ("fixed inputs and their values", by_name(settings.fixed_inputs.iter())),
            ];
            let rows = rows.iter().map(|(name, value)| cells([name, value]));
            text.push_str(&table("text", &["setting", "value"], rows));
        }
        text
    }

    fn of_constraints(&self) -> String {
        let of = &self.constraints;
        let mut text = format!(
            "<h2>Columns</h2>\n<p>2^{} rows, constraints on {} of them; {} fixed columns, {} of integers, {} of later phases, {} in the permutation argument; {} phases; gadget set “{}”.</p>\n",
            of.k,
            of.active_rows,
            of.fixed_columns,
            of.first_phase_columns,
            of.later_columns,
            of.copied_columns,
            of.phases,
            markup(of.gadgets)
        );
        let columns =
            of.columns.iter().map(|c| cells([&c.gadget, &c.role, &c.kind, &c.banks, &c.columns]));
        let head = ["gadget", "role", "committed", "banks", "columns"];
        text.push_str(&table("", &head, columns));
        let _ = writeln!(text, "<h2>Gates</h2>\n<p>Of degree {} at most.</p>", of.degree);
        let gates = of.gates.iter().map(|g| cells([&g.gadget, &g.constraint, &g.count, &g.degree]));
        text.push_str(&table("", &["gadget", "constraint", "count", "degree"], gates));
        text.push_str("<h2>Bus</h2>\n<p>Terms of every row: one lookup argument joins all.</p>\n");
        let bus =
            of.bus.iter().map(|b| cells([&b.gadget, &b.lookups, &b.found, &b.weighted, &b.sums]));
        let head = ["gadget", "looked up", "to be found", "weighted", "sums of weights"];
        text.push_str(&table("", &head, bus));
        text
    }
}

fn of_quantisation(nodes: &Nodes) -> String {
    let mut text = format!(
        "<h2>Quantisation</h2>\n<p>{} tensors of {} elements, {} multiply-accumulates, {} cells of integers.</p>\n",
        nodes.tensors.len(),
        nodes.elements,
        nodes.multiply_accumulates,
        nodes.cells
    );
    let formats = nodes.rescale_formats.iter().map(|f| cells([&f.shift, &f.low_bits, &f.tensors]));
    text.push_str(&table("", &["bits dropped", "low bits of tables", "tensors"], formats));
    if !nodes.saturating.is_empty() {
        text.push_str("<p>Beyond these calibrated ranges values are clamped, and so is what is proved of them:</p>\n");
        let watches = nodes.saturating.iter().map(|watch| {
            let node = nodes.tensors.get(watch.tensor).map_or("", |node| &node.node);
            cells([
                &node,
                &watch.tensor,
                &between(&watch.calibrated),
                &format!("{:.5e}", watch.unit),
            ])
        });
        let head = ["node", "tensor", "calibrated integers", "one unit"];
        text.push_str(&table("", &head, watches));
    }
    text
}

fn of_bounds(nodes: &Nodes) -> String {
    let mut text = format!(
        "<h2>Proven intervals</h2>\n<p>Every integer below 2^{} in magnitude is below half of the modulus. The bits of a node hold every integer that its identities equate, \
         whatever a prover puts into limbs; the margin is what is left. The smallest is {} bits.</p>\n",
        nodes.half_modulus_bits, nodes.smallest_margin_bits
    );
    let rows = nodes.tensors.iter().enumerate().map(|(at, node)| {
        cells([
            &at,
            &node.node,
            &node.operator,
            &node.made_by,
            &format!("{:?}", node.shape),
            &rounded(node.steps),
            &between(&node.interval),
            &rounded(node.reals),
            &or_none(node.accumulator.as_ref().map(between)),
            &node.bits,
            &node.margin_bits,
        ])
    });
    let head = [
        "tensor",
        "node",
        "operator",
        "made by",
        "shape",
        "one unit",
        "integers",
        "reals",
        "sums before the rescale",
        "bits",
        "margin, bits",
    ];
    text.push_str(&table("", &head, rows));
    text
}

fn of_places(nodes: &Nodes) -> String {
    let mut text = format!(
        "<h2>Where tensors stand</h2>\n<p>A bank's gates, below, bind all of its rows. The key joins them by {} copies and a program of {} steps.</p>\n",
        nodes.copies, nodes.steps
    );
    let reads = |node: &Node| {
        let all: Vec<String> = node.reads.iter().map(ToString::to_string).collect();
        if all.is_empty() { "–".into() } else { all.join(", ") }
    };
    let rows = nodes.tensors.iter().enumerate().map(|(at, node)| {
        let places = node.places.iter().map(|place| (&place.bank, place.rows));
        let BusCounts { range_lookups, function_lookups, .. } = node.bus;
        let BusCounts { memory_lookups, memory_entries, list_indices, list_keys, .. } = node.bus;
        cells([
            &at,
            &node.node,
            &reads(node),
            &node.cells,
            &node.multiply_accumulates,
            &by_name(places),
            &or_none(node.table),
            &range_lookups,
            &function_lookups,
            &format!("{memory_lookups} in {memory_entries}"),
            &format!("{list_indices} of {list_keys}"),
        ])
    });
    let head = [
        "tensor",
        "node",
        "reads",
        "cells",
        "multiply-accumulates",
        "rows by bank",
        "table",
        "limbs ranged",
        "function lookups",
        "memory lookups, entries",
        "list indices, keys",
    ];
    text.push_str(&table("", &head, rows));
    text
}

fn of_tables(nodes: &Nodes) -> String {
    let rows = nodes.tables.iter().enumerate().map(|(at, table)| {
        let kind = match table.kind {
            TableKind::Range { bits } => format!("range of {bits} bits"),
            TableKind::Boundary => "what convolutions drop".into(),
            TableKind::Function => "function".into(),
        };
        cells([&at, &kind, &table.tag, &table.first, &table.rows, &table.readers])
    });
    let head = ["table", "holds", "tag", "first key", "rows", "tensors that it is the function of"];
    format!("<h2>Tables</h2>\n{}", table("", &head, rows))
}
