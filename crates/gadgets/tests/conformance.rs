//! The conformance suite notices: gadgets that leave out one constraint, one term or one registration do not pass.
#![allow(missing_docs)]

use provenn_gadgets::bus::Numerator;
use provenn_gadgets::families::{
    Activation, Arithmetic, Boundary, Decomposition, Fingerprint, Hash, Lane, LookupArgument,
    Maximum, Memory, Occurrences, Range as InRange, Reading, Window,
};
use provenn_gadgets::gadget::{Fingerprinted, Role};
use provenn_gadgets::linear::{Division, Extents, Laid, Run};
use provenn_gadgets::params::{ActivationBanks, MaximumBanks, RangeBanks};
use provenn_gadgets::testing::{
    activation_conforms, arithmetic_conforms, boundary_conforms, fingerprint_conforms,
    hash_conforms, linear_identity_conforms, lookup_argument_conforms, maximum_conforms,
    memory_conforms, occurrences_conform, range_conforms, registrations_hold,
};
use provenn_gadgets::{
    ActivationBank, ArithmeticBank, BoundaryBank, BusMemory, BusTerm, Cells, Chain, Challenges,
    CircuitParams, Column, Constraint, Fr, Freivalds, Gadget, GadgetSet, Integers, Known,
    LinearIdentity, LogUp, MaximumBank, Message, Numbers, PlainBank, PoseidonBank, Query,
    RangeBank, WeightedMemory,
};
use std::fmt::Debug;
use std::marker::PhantomData;
use std::ops::Range;

/// What is left out.
trait Omission: Clone + Copy + Debug + Default + Send + Sync + 'static {
    fn constraint(_: &str) -> bool {
        false
    }
    fn term(_: &BusTerm) -> bool {
        false
    }
    fn opening() -> bool {
        false
    }
    fn phase() -> bool {
        false
    }
    fn role() -> bool {
        false
    }
}

/// A gadget without something.
#[derive(Clone, Debug)]
struct Without<T, O>(T, PhantomData<O>);

fn without<T, O>(gadget: T) -> Without<T, O> {
    Without(gadget, PhantomData)
}

impl<T: Gadget, O: Omission> Gadget for Without<T, O> {
    fn name(&self) -> &'static str {
        self.0.name()
    }
    fn roles(&self) -> Vec<Role> {
        self.0.roles().into_iter().skip(usize::from(O::role())).collect()
    }
    fn is_constrained(&self) -> bool {
        self.0.is_constrained()
    }
    fn constraints(&self, q: &mut Query<'_, '_>) -> Vec<Constraint> {
        let mut all = self.0.constraints(q);
        let trivial = all.first().map(|c| c.polynomial.clone() - c.polynomial.clone());
        for constraint in all.iter_mut().filter(|c| O::constraint(c.name)) {
            // A gate keeps its place; it holds for anything.
            constraint.defines = None;
            if let Some(trivial) = &trivial {
                constraint.polynomial.clone_from(trivial);
            }
        }
        all
    }
    fn terms(&self, terms: &mut Vec<BusTerm>) {
        let mut all = vec![];
        self.0.terms(&mut all);
        terms.extend(all.into_iter().filter(|term| !O::term(term)));
    }
    fn copied(&self) -> Vec<Column> {
        self.0.copied()
    }
    fn opened_next(&self) -> Vec<usize> {
        self.0.opened_next().into_iter().skip(usize::from(O::opening())).collect()
    }
    fn before_sigma(&self) -> Vec<usize> {
        if O::phase() { vec![] } else { self.0.before_sigma() }
    }
    fn early_values(&self, known: &Known<'_>) -> Vec<(usize, Vec<Fr>)> {
        self.0.early_values(known)
    }
    fn values(&self, known: &Known<'_>) -> Vec<(usize, Vec<Fr>)> {
        self.0.values(known)
    }
    fn fingerprinted(&self) -> Option<Fingerprinted> {
        self.0.fingerprinted()
    }
    fn unread(&self, row: usize, fixed: Integers<'_>) -> Vec<usize> {
        self.0.unread(row, fixed)
    }
    fn field_columns(&self, rows: usize, fixed: Integers<'_>) -> Vec<(usize, Vec<Fr>)> {
        self.0.field_columns(rows, fixed)
    }
}

impl<T: Activation, O: Omission> Activation for Without<T, O> {
    fn allocate(numbers: &mut Numbers, format: &ActivationBanks, turns: bool) -> Self {
        without(T::allocate(numbers, format, turns))
    }
    fn chain(&self) -> Chain {
        self.0.chain()
    }
    fn lay(&self, at: Lane, tag: i64, offset: i64, fixed: &mut [Vec<i64>]) {
        self.0.lay(at, tag, offset, fixed);
    }
    fn fill(&self, at: Lane, of: &Decomposition, first: &mut [Vec<i64>]) {
        self.0.fill(at, of, first);
    }
    fn accumulator(&self) -> usize {
        self.0.accumulator()
    }
    fn output(&self) -> usize {
        self.0.output()
    }
}

impl<T: Maximum, O: Omission> Maximum for Without<T, O> {
    fn allocate(numbers: &mut Numbers, banks: &MaximumBanks, turns: bool) -> Self {
        without(T::allocate(numbers, banks, turns))
    }
    fn chain(&self) -> Chain {
        self.0.chain()
    }
    fn line(&self) -> usize {
        self.0.line()
    }
    fn lay(&self, at: Lane, tag: i64, offset: i64, fixed: &mut [Vec<i64>]) {
        self.0.lay(at, tag, offset, fixed);
    }
    fn fill(&self, at: Lane, of: &Window<'_>, first: &mut [Vec<i64>]) {
        self.0.fill(at, of, first);
    }
    fn output(&self) -> usize {
        self.0.output()
    }
    fn sums(&self) -> &[usize] {
        self.0.sums()
    }
}

impl<T: InRange, O: Omission> InRange for Without<T, O> {
    fn allocate(numbers: &mut Numbers, banks: &RangeBanks) -> Self {
        without(T::allocate(numbers, banks))
    }
    fn lay(&self, rows: Range<usize>, goes_on: bool, fixed: &mut [Vec<i64>]) {
        self.0.lay(rows, goes_on, fixed);
    }
    fn fill(&self, at: Lane, limbs: usize, value: i64, first: &mut [Vec<i64>]) {
        self.0.fill(at, limbs, value, first);
    }
    fn fingerprint(&self) -> usize {
        self.0.fingerprint()
    }
}

impl<T: Fingerprint, O: Omission> Fingerprint for Without<T, O> {
    fn allocate(numbers: &mut Numbers, params: &CircuitParams) -> Vec<Self> {
        T::allocate(numbers, params).into_iter().map(without).collect()
    }
    fn chain(&self) -> Chain {
        self.0.chain()
    }
    fn cells(&self) -> &[usize] {
        self.0.cells()
    }
    fn coefficients(&self) -> &[usize] {
        self.0.coefficients()
    }
    fn fingerprint(&self, of: Reading) -> Option<usize> {
        self.0.fingerprint(of)
    }
}

impl<T: LinearIdentity, O: Omission> LinearIdentity for Without<T, O> {
    fn allocate(numbers: &mut Numbers, lanes: usize, rho: bool) -> Self {
        without(T::allocate(numbers, lanes, rho))
    }
    fn divide(extents: Extents) -> Division {
        T::divide(extents)
    }
    fn lay(&self, run: &Run<'_>, laid: &mut Laid<'_>) {
        self.0.lay(run, laid);
    }
    fn evaluate(
        &self,
        rows: Range<usize>,
        challenges: &Challenges<Fr>,
        fixed: Integers<'_>,
        cells: &mut impl Cells,
    ) {
        self.0.evaluate(rows, challenges, fixed, cells);
    }
    fn result(&self) -> usize {
        self.0.result()
    }
}

impl<T: Arithmetic, O: Omission> Arithmetic for Without<T, O> {
    fn allocate(numbers: &mut Numbers, params: &CircuitParams) -> Self {
        without(T::allocate(numbers, params))
    }
    fn coefficients(&self) -> Vec<usize> {
        self.0.coefficients()
    }
    fn operands(&self) -> [usize; 3] {
        self.0.operands()
    }
    fn result(&self) -> usize {
        self.0.result()
    }
    fn evaluate(
        &self,
        row: usize,
        challenges: &Challenges<Fr>,
        fixed: Integers<'_>,
        cells: &mut impl Cells,
    ) {
        self.0.evaluate(row, challenges, fixed, cells);
    }
}

impl<T: Boundary, O: Omission> Boundary for Without<T, O> {
    fn allocate(numbers: &mut Numbers, params: &CircuitParams) -> Vec<Self> {
        T::allocate(numbers, params).into_iter().map(without).collect()
    }
    fn step(&self) -> usize {
        self.0.step()
    }
    fn fingerprint(&self) -> usize {
        self.0.fingerprint()
    }
}

impl<T: Memory, O: Omission> Memory for Without<T, O> {
    fn allocate(numbers: &mut Numbers, entries: &[&[usize]], lookups: &[[&[usize]; 2]]) -> Self {
        without(T::allocate(numbers, entries, lookups))
    }
    fn lay_entry(&self, bank: usize, at: Lane, of: (i64, i64), fixed: &mut [Vec<i64>]) {
        self.0.lay_entry(bank, at, of, fixed);
    }
    fn lay_lookup(&self, bank: usize, at: Lane, space: i64, fixed: &mut [Vec<i64>]) {
        self.0.lay_lookup(bank, at, space, fixed);
    }
}

impl<T: Occurrences, O: Omission> Occurrences for Without<T, O> {
    fn allocate(numbers: &mut Numbers, params: &CircuitParams) -> Self {
        without(T::allocate(numbers, params))
    }
    fn lay_list(&self, bank: usize, rows: Range<usize>, list: i64, fixed: &mut [Vec<i64>]) {
        self.0.lay_list(bank, rows, list, fixed);
    }
    fn lay_key(&self, bank: usize, row: usize, of: (i64, i64), fixed: &mut [Vec<i64>]) {
        self.0.lay_key(bank, row, of, fixed);
    }
    fn index(&self, bank: usize) -> usize {
        self.0.index(bank)
    }
    fn sum(&self, bank: usize) -> usize {
        self.0.sum(bank)
    }
}

impl<T: Hash, O: Omission> Hash for Without<T, O> {
    fn allocate(numbers: &mut Numbers) -> Self {
        without(T::allocate(numbers))
    }
    fn rows(of: Message) -> usize {
        T::rows(of)
    }
    fn lay(&self, row: usize, of: Message, fixed: &mut [Vec<i64>]) {
        self.0.lay(row, of, fixed);
    }
    fn element(&self, row: usize, of: Message, index: usize) -> (usize, usize) {
        self.0.element(row, of, index)
    }
    fn digest(&self) -> usize {
        self.0.digest()
    }
}

impl<T: LookupArgument, O: Omission> LookupArgument for Without<T, O> {
    fn allocate(numbers: &mut Numbers, terms: Vec<BusTerm>, params: &CircuitParams) -> Self {
        without(T::allocate(numbers, terms, params))
    }
    fn factors(&self) -> usize {
        self.0.factors()
    }
    fn accumulate(&self, rows: usize, cells: &mut impl Cells) {
        self.0.accumulate(rows, cells);
    }
}

/// The standard set without something.
#[derive(Clone, Copy, Debug, Default)]
struct Set<O>(PhantomData<O>);

impl<O: Omission> GadgetSet for Set<O> {
    const NAME: &'static str = "incomplete";

    type Activation = Without<ActivationBank, O>;
    type Maximum = Without<MaximumBank, O>;
    type Range = Without<RangeBank, O>;
    type Fingerprint = Without<PlainBank, O>;
    type Linear = Without<Freivalds, O>;
    type Arithmetic = Without<ArithmeticBank, O>;
    type Boundary = Without<BoundaryBank, O>;
    type Memory = Without<BusMemory, O>;
    type Occurrences = Without<WeightedMemory, O>;
    type Hash = Without<PoseidonBank, O>;
    type Lookups = Without<LogUp, O>;
}

macro_rules! omissions {
    ($($test:ident: $conforms:ident, $what:ident, |$of:tt| $omitted:expr;)*) => { $(
        #[test]
        #[should_panic]
        #[allow(clippy::should_panic_without_expect)] // each says in its own words which cell or claim it is
        fn $test() {
            #[derive(Clone, Copy, Debug, Default)]
            struct Omitted;
            impl Omission for Omitted {
                omissions!(@$what $of $omitted);
            }
            $conforms::<Set<Omitted>>();
        }
    )* };
    (@constraint $of:tt $omitted:expr) => { fn constraint($of: &str) -> bool { $omitted } };
    (@term $of:tt $omitted:expr) => { fn term($of: &BusTerm) -> bool { $omitted } };
    (@opening $of:tt $omitted:expr) => { fn opening() -> bool { $omitted } };
    (@phase $of:tt $omitted:expr) => { fn phase() -> bool { $omitted } };
    (@role $of:tt $omitted:expr) => { fn role() -> bool { $omitted } };
}

omissions! {
    an_unconstrained_accumulator: activation_conforms, constraint, |name| name == "activation/fingerprint_y";
    an_unconstrained_output: activation_conforms, constraint, |name| name == "activation/fingerprint_a";
    limbs_without_a_range: activation_conforms, term, |term| {
        term.numerator == Numerator::One && term.first_columns().count() == 1
    };
    a_function_without_a_table: activation_conforms, term, |term| term.first_columns().count() == 3;
    unconstrained_maxima: maximum_conforms, constraint, |name| name == "maximum/fingerprint";
    unconstrained_sums_of_a_window: maximum_conforms, constraint, |name| name == "maximum/sums";
    a_lane_without_a_window_that_has_a_value: maximum_conforms, constraint, |name| name == "maximum/empty";
    a_maximum_that_nothing_attains: maximum_conforms, constraint, |name| name == "maximum/attained";
    distances_without_a_range: maximum_conforms, term, |term| term.numerator == Numerator::One;
    an_unconstrained_range: range_conforms, constraint, |name| name == "range/fingerprint";
    a_range_whose_limbs_have_none: range_conforms, term, |term| term.numerator == Numerator::One;
    an_unconstrained_fingerprint: fingerprint_conforms, constraint, |name| name == "plain/fingerprint";
    an_unconstrained_fingerprint_in_rho: fingerprint_conforms, constraint, |name| name == "plain/fingerprint_rho";
    an_unconstrained_scaled_fingerprint: fingerprint_conforms, constraint, |name| {
        name == "plain/fingerprint_scaled"
    };
    an_unconstrained_product: fingerprint_conforms, constraint, |name| name == "plain/fingerprint_product";
    unconstrained_weights: linear_identity_conforms, constraint, |name| name == "freivalds/column";
    an_unconstrained_sum: linear_identity_conforms, constraint, |name| name == "freivalds/sum";
    unconstrained_arithmetic: arithmetic_conforms, constraint, |name| name == "arithmetic";
    unconstrained_boundary: boundary_conforms, constraint, |name| name == "boundary/fingerprint";
    boundary_that_knows_sigma: boundary_conforms, phase, |_| true;
    entries_that_are_not_counted: memory_conforms, term, |term| term.numerator != Numerator::One;
    pairs_that_are_not_looked_up: memory_conforms, term, |term| term.numerator == Numerator::One;
    unconstrained_weights_of_indices: occurrences_conform, constraint, |name| name == "occurrences/weight";
    indices_that_are_not_looked_up: occurrences_conform, term, |term| {
        matches!(term.numerator, Numerator::Weight(_))
    };
    occurrences_that_know_sigma: occurrences_conform, phase, |_| true;
    unconstrained_packing: hash_conforms, constraint, |name| name == "hash/packed";
    unconstrained_squares: hash_conforms, constraint, |name| name == "hash/square";
    unconstrained_rounds: hash_conforms, constraint, |name| name == "hash/round";
    unconstrained_helpers: lookup_argument_conforms, constraint, |name| name == "logup/helper";
    an_unconstrained_running_sum: lookup_argument_conforms, constraint, |name| name == "logup/sum";
    a_running_sum_from_anywhere: lookup_argument_conforms, constraint, |name| name == "logup/first";
    a_running_sum_to_anywhere: lookup_argument_conforms, constraint, |name| name == "logup/last";
    openings_that_are_not_counted: registrations_hold, opening, |_| true;
    columns_without_a_role: registrations_hold, role, |_| true;
}

/// Nothing is left out: the wrapper itself passes.
#[test]
fn complete_gadgets_conform() {
    #[derive(Clone, Copy, Debug, Default)]
    struct Nothing;
    impl Omission for Nothing {}
    provenn_gadgets::testing::gadget_set_conforms::<Set<Nothing>>();
}
