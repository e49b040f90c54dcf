//! What is refused, by name.

use crate::description::{Description, STYLE, Style};
use crate::provers::{Case, bases, params};
use crate::script::{Script, ZerosThen};
use halo2_proofs::circuit::{Layouter, SimpleFloorPlanner};
use halo2_proofs::halo2curves::bn256::{Fr, G1Affine};
use halo2_proofs::plonk::{Circuit, ConstraintSystem, Error, keygen_pk, keygen_vk};
use halo2_proofs::poly::Rotation;
use provenn_prover::{Assignment, Bases, Prover, ProverError, Values};
use std::borrow::Cow;

/// A circuit with a native lookup.
#[derive(Clone, Copy, Debug)]
struct Lookup;

impl Circuit<Fr> for Lookup {
    type Config = ();
    type FloorPlanner = SimpleFloorPlanner;
    type Params = ();
    fn without_witnesses(&self) -> Self {
        *self
    }
    fn configure(meta: &mut ConstraintSystem<Fr>) {
        let (value, table) = (meta.advice_column(), meta.lookup_table_column());
        meta.lookup("native", |meta| vec![(meta.query_advice(value, Rotation::cur()), table)]);
    }
    fn synthesize(&self, (): (), mut layouter: impl Layouter<Fr>) -> Result<(), Error> {
        layouter.assign_region(|| "nothing", |_| Ok(()))
    }
}

fn case(seed: u64) -> Case {
    let style = Style { phases: 1, degree: 4, gates: 1, ..STYLE };
    Case::new(Description::random(seed, style))
}

#[test]
fn native_lookups() {
    let params = params(5);
    let key = keygen_pk(&params, keygen_vk(&params, &Lookup).unwrap(), &Lookup).unwrap();
    let error = Prover::from_halo2(&key, &bases(5, false)).unwrap_err();
    assert!(matches!(error, ProverError::Unsupported { what: "native lookups", got: 1 }));
    assert!(error.to_string().contains("use the stock prover"), "{error}");
}

#[test]
fn parts_of_different_sizes() {
    let case = case(1);
    let count = |error| match error {
        ProverError::Count { what, .. } => what,
        other => panic!("{other}"),
    };
    let other = bases(6, false);
    assert_eq!(count(Prover::from_halo2(&case.key, &other).unwrap_err()), "srs points");
    let own = bases(5, false);
    let few = &own.powers()[..31];
    assert_eq!(count(Bases::new(few, own.lagrange()).unwrap_err()), "powers in the srs");
    let uneven: &[G1Affine] = &own.lagrange()[..31];
    assert_eq!(count(Bases::new(own.powers(), uneven).unwrap_err()), "srs points");

    let vk = case.key.get_vk();
    assert_eq!(count(Prover::new(vk, vec![], &[], &own).unwrap_err()), "fixed columns");
    let columns = vk.cs().num_fixed_columns();
    let fixed = |rows| vec![Values::Integers(Cow::Owned(vec![1; rows])); columns];
    let error = Prover::new(vk, fixed(33), &[], &own).unwrap_err();
    assert!(matches!(error, ProverError::Rows { what: "fixed values", limit: 32, got: 33 }));
    let error = Prover::new(vk, fixed(32), &[(0, 32 * 99)], &own).unwrap_err();
    assert_eq!(count(error), "permuted columns");
}

#[test]
fn assignments_of_another_circuit() {
    let case = case(2);
    let own = bases(5, false);
    let prover = Prover::from_halo2(&case.key, &own).unwrap();
    let cs = case.key.get_vk().cs();
    let long = vec![Fr::one(); 32];
    let instances = |values: &'static [Fr]| vec![values; cs.num_instance_columns()];
    let prove = |instance: &[&[Fr]], advice: Vec<Values<'static>>| {
        let assignment = Assignment { instance, advice: |_, _: &[Fr]| advice.clone() };
        prover.prove(assignment, ZerosThen::new(0, 1), &mut Script::new()).unwrap_err()
    };
    let empty = vec![Values::from(Vec::<i64>::new()); cs.num_advice_columns()];
    let error = prove(&vec![[].as_slice(); cs.num_instance_columns() + 1], empty.clone());
    assert!(matches!(error, ProverError::Count { what: "instance columns", .. }), "{error}");
    let error = prove(&instances(&[]), empty[1..].to_vec());
    assert!(matches!(error, ProverError::Count { what: "advice columns of a phase", .. }));
    let too_long = vec![Values::from(long.clone()); cs.num_advice_columns()];
    let error = prove(&instances(&[]), too_long);
    assert!(matches!(error, ProverError::Rows { what: "advice", got: 32, .. }), "{error}");
    if cs.num_instance_columns() > 0 {
        let error = prove(&vec![long.as_slice(); cs.num_instance_columns()], empty);
        assert!(matches!(error, ProverError::Rows { what: "public values", .. }), "{error}");
    }
}
