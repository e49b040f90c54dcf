//! All columns of a proof by their place in the protocol.

use crate::column::Column;
use crate::key::Prover;
use crate::quotient::{Source, Sources, source};
use std::borrow::Cow;

/// All columns of a proof.
#[derive(Debug)]
pub(crate) struct Columns<'c> {
    prover: &'c Prover<'c>,
    advice: &'c [Column<'c>],
    instance: &'c [Column<'c>],
    products: &'c [Column<'c>],
    /// l_0, l_last, l_active.
    indicators: [Column<'static>; 3],
}

impl<'c> Columns<'c> {
    /// All but the permutation products.
    pub(crate) fn new(
        prover: &'c Prover<'c>,
        advice: &'c [Column<'c>],
        instance: &'c [Column<'c>],
    ) -> Self {
        let usable = prover.usable;
        let indicator = |ones: std::ops::Range<usize>| {
            let mut integers = vec![0; ones.end];
            integers[ones].fill(1);
            Column::Small { integers: Cow::Owned(integers), tail: vec![] }
        };
        let indicators = [indicator(0..1), indicator(usable..usable + 1), indicator(0..usable)];
        Columns { prover, advice, instance, products: &[], indicators }
    }

    /// With the permutation products.
    pub(crate) fn with(mut self, products: &'c [Column<'c>]) -> Self {
        self.products = products;
        self
    }

    /// The permuted columns in their order.
    pub(crate) fn permuted(&self) -> Vec<&Column<'_>> {
        let columns = self.prover.cs().permutation().get_columns();
        columns.into_iter().map(|column| self.column(source(column))).collect()
    }
}

impl Sources for Columns<'_> {
    fn column(&self, source: Source) -> &Column<'_> {
        let [first, last, active] = &self.indicators;
        match source {
            Source::Fixed(i) => &self.prover.fixed[i],
            Source::Advice(i) => &self.advice[i],
            Source::Instance(i) => &self.instance[i],
            Source::Permuted(i) => &self.prover.permuted[i],
            Source::Product(i) => &self.products[i],
            Source::First => first,
            Source::Last => last,
            Source::Active => active,
        }
    }
}
