//! A sum of products as a straight-line program over blocks of rows.
//!
//! Leaves are linear parts. Two linear parts that differ by a factor, a rotation and what is linear
//! in X alone read the same [`Form`], which is transformed once.

use super::expression::{Arena, ProductId, Source, Sum, SumId};
use halo2_proofs::halo2curves::bn256::Fr;
use halo2_proofs::halo2curves::ff::Field;
use std::collections::{BTreeMap, HashMap};

/// A linear combination of columns; the first has coefficient 1 and rotation 0.
pub(crate) type Form = Vec<(Source, i32, Fr)>;

/// `scale·form(ω^rotation·X) + x·X + constant`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    /// Number of the form, if there is one.
    pub(crate) form: Option<usize>,
    pub(crate) rotation: i32,
    pub(crate) scale: Fr,
    pub(crate) x: Fr,
    pub(crate) constant: Fr,
}

/// One instruction; operands are registers.
#[derive(Clone, Debug)]
pub(crate) enum Op {
    Leaf(Leaf),
    Multiply(usize, usize),
    Add(usize, usize),
    Subtract(usize, usize),
    Scale(usize, Fr),
    /// The first plus the factor times the second.
    AddScaled(usize, usize, Fr),
}

impl Op {
    fn operands(&mut self) -> Vec<&mut usize> {
        match self {
            Op::Leaf(_) => vec![],
            Op::Scale(a, _) => vec![a],
            Op::Multiply(a, b) | Op::Add(a, b) | Op::Subtract(a, b) | Op::AddScaled(a, b, _) => {
                vec![a, b]
            }
        }
    }
}

/// The forms of all programs of a proof.
#[derive(Debug, Default)]
pub(crate) struct Forms {
    pub(crate) forms: Vec<Form>,
    ids: HashMap<Form, usize>,
}

impl Forms {
    fn leaf(&mut self, sum: &Sum) -> Leaf {
        let mut columns = sum.columns.iter();
        let (x, constant) = (sum.x, sum.constant);
        let Some(((source, rotation), scale)) = columns.next() else {
            return Leaf { form: None, rotation: 0, scale: Fr::ZERO, x, constant };
        };
        // Entries are not zero.
        let inverse = scale.invert().unwrap_or(Fr::ONE);
        let mut form = vec![(*source, 0, Fr::ONE)];
        form.extend(columns.map(|((s, r), c)| (*s, r.saturating_sub(*rotation), c * inverse)));
        let next = self.forms.len();
        let id = *self.ids.entry(form).or_insert_with_key(|form| {
            self.forms.push(form.clone());
            next
        });
        Leaf { form: Some(id), rotation: *rotation, scale: *scale, x, constant }
    }
}

/// Instructions in order, each writing a register; the last writes the result.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) steps: Vec<(usize, Op)>,
    pub(crate) registers: usize,
}

impl Program {
    /// Compiles a sum.
    pub(crate) fn new(arena: &Arena, sum: &Sum, forms: &mut Forms) -> Self {
        let mut lowering = Lowering {
            arena,
            forms,
            ops: vec![],
            sums: BTreeMap::new(),
            products: BTreeMap::new(),
        };
        let result = lowering.sum(sum);
        allocate(lowering.ops, result)
    }
}

struct Lowering<'a> {
    arena: &'a Arena,
    forms: &'a mut Forms,
    /// Each writes a register of its own number.
    ops: Vec<Op>,
    sums: BTreeMap<SumId, usize>,
    products: BTreeMap<ProductId, usize>,
}

impl Lowering<'_> {
    fn push(&mut self, op: Op) -> usize {
        self.ops.push(op);
        self.ops.len() - 1
    }

    fn sum(&mut self, sum: &Sum) -> usize {
        let linear = !sum.columns.is_empty() || sum.x != Fr::ZERO || sum.constant != Fr::ZERO;
        let mut result = (linear || sum.products.is_empty()).then(|| {
            let leaf = self.forms.leaf(sum);
            self.push(Op::Leaf(leaf))
        });
        for (product, factor) in &sum.products {
            let term = self.product(*product);
            result = Some(match result {
                None if *factor == Fr::ONE => term,
                None => self.push(Op::Scale(term, *factor)),
                Some(sum) if *factor == Fr::ONE => self.push(Op::Add(sum, term)),
                Some(sum) if *factor == -Fr::ONE => self.push(Op::Subtract(sum, term)),
                Some(sum) => self.push(Op::AddScaled(sum, term, *factor)),
            });
        }
        result.unwrap_or(0)
    }

    fn numbered(&mut self, id: SumId) -> usize {
        if let Some(register) = self.sums.get(&id) {
            return *register;
        }
        let register = self.sum(self.arena.sum(id));
        self.sums.insert(id, register);
        register
    }

    fn product(&mut self, id: ProductId) -> usize {
        if let Some(register) = self.products.get(&id) {
            return *register;
        }
        let (a, b) = self.arena.factors(id);
        let (a, b) = (self.numbered(a), self.numbered(b));
        let register = self.push(Op::Multiply(a, b));
        self.products.insert(id, register);
        register
    }
}

/// Gives registers anew once their last reader has run; the result is moved to the end.
fn allocate(mut ops: Vec<Op>, result: usize) -> Program {
    if result + 1 != ops.len() {
        ops.push(Op::Scale(result, Fr::ONE));
    }
    let mut last_read: Vec<usize> = (0..ops.len()).collect();
    for (at, op) in ops.iter_mut().enumerate() {
        op.operands().into_iter().for_each(|operand| last_read[*operand] = at);
    }
    let (mut free, mut registers) = (vec![], 0);
    let mut places: Vec<usize> = vec![];
    let mut steps = vec![];
    for (at, mut op) in ops.into_iter().enumerate() {
        // A result never overwrites an operand of its own step.
        let place = free.pop().unwrap_or_else(|| {
            registers += 1;
            registers - 1
        });
        let mut done = vec![];
        for operand in op.operands() {
            if last_read[*operand] == at && !done.contains(&places[*operand]) {
                done.push(places[*operand]);
            }
            *operand = places[*operand];
        }
        free.extend(done);
        places.push(place);
        steps.push((place, op));
    }
    Program { steps, registers }
}
