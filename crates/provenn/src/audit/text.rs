//! The report in short, for a terminal.

use super::Audit;
use provenn_escape::plain;
use std::fmt::{Display, Formatter, Result};

impl Display for Audit {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        self.said.statement.iter().try_for_each(|line| writeln!(f, "{}", plain(line)))?;
        writeln!(f)?;
        for part in &self.said.visibility {
            let who = format!("{:?}", part.visibility).to_lowercase();
            writeln!(f, "{who:<8} {}", plain(&part.what))?;
        }
        writeln!(f)?;
        let digests = [
            ("model", Some(&self.digests.model)),
            ("settings", Some(&self.digests.settings)),
            ("circuit", self.digests.circuit.as_ref()),
            ("key", self.digests.verifying_key.as_ref()),
            ("srs", self.digests.srs.as_ref()),
        ];
        for (name, digest) in digests {
            if let Some(digest) = digest {
                writeln!(f, "{name:<8} {digest}")?;
            }
        }
        if self.srs.known {
            writeln!(f, "srs of {}", self.srs.ceremony.unwrap_or("no known ceremony"))?;
        }
        let of = &self.constraints;
        write!(
            f,
            "2^{} rows, {} fixed and {} advice columns, {} gates of degree {} at most",
            of.k,
            of.fixed_columns,
            of.first_phase_columns + of.later_columns,
            of.gates.iter().map(|gate| gate.count).sum::<usize>(),
            of.degree
        )?;
        if let Some(nodes) = &self.nodes {
            write!(
                f,
                "\n{} tensors; at least {} bits between every integer and half of the modulus",
                nodes.tensors.len(),
                nodes.smallest_margin_bits
            )?;
        }
        Ok(())
    }
}
