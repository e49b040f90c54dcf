//! Round trips, and files that must be refused.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout)]

use halo2_proofs::SerdeFormat;
use halo2_proofs::halo2curves::CurveAffine;
use halo2_proofs::halo2curves::bn256::{Bn256, Fq2, Fr, G1Affine, G2, G2Affine};
use halo2_proofs::halo2curves::ff::Field;
use halo2_proofs::halo2curves::group::{Curve, Group};
use halo2_proofs::halo2curves::serde::SerdeObject;
use halo2_proofs::poly::commitment::{Params, ParamsProver};
use halo2_proofs::poly::kzg::commitment::ParamsKZG;
use provenn_artefact::{self as artefact, ArtefactError, Kind};
use provenn_kzg_srs::{Srs, SrsError};
use provenn_verifier::{Mark, Origin, SrsFileError, VerifierSrs};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::fs;
use std::path::{Path, PathBuf};

const K: u32 = 5;

fn draw(k: u32, seed: u64) -> Srs {
    Srs::draw_insecure(k, ChaCha20Rng::seed_from_u64(seed)).unwrap()
}

fn raw(srs: &Srs) -> Vec<u8> {
    let mut bytes = vec![];
    srs.params().write_custom(&mut bytes, SerdeFormat::RawBytes).unwrap();
    let own = Folder::new();
    srs.write_raw(&own.path()).unwrap();
    assert_eq!(fs::read(own.path()).unwrap(), bytes);
    bytes
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Folder(tempfile::tempdir().unwrap())
    }
    fn path(&self) -> PathBuf {
        self.0.path().join("kzg.srs")
    }
    fn with(&self, bytes: &[u8]) -> PathBuf {
        fs::write(self.path(), bytes).unwrap();
        self.path()
    }
}

fn read_error(path: &Path) -> String {
    Srs::read(path).unwrap_err().to_string()
}

#[test]
fn drawing_agrees_with_halo2() {
    let secret = 11;
    for k in [1, 2, 5, 9] {
        let ours = draw(k, secret);
        let theirs = ParamsKZG::<Bn256>::setup(k, ChaCha20Rng::seed_from_u64(secret));
        let mut bytes = vec![];
        theirs.write_custom(&mut bytes, SerdeFormat::RawBytes).unwrap();
        assert_eq!(raw(&ours), bytes, "k = {k}");
    }
    assert!(matches!(draw_error(0), SrsError::K { k: 0 }));
    assert!(matches!(draw_error(27), SrsError::K { k: 27 }));
}

fn draw_error(k: u32) -> SrsError {
    Srs::draw_insecure(k, ChaCha20Rng::seed_from_u64(1)).unwrap_err()
}

#[test]
fn our_container_keeps_the_mark_and_the_raw_format_does_not() {
    let (folder, srs) = (Folder::new(), draw(K, 1));
    srs.write(&folder.path()).unwrap();
    let read = Srs::read(&folder.path()).unwrap();
    assert_eq!((read.mark(), raw(&read)), (Mark::Drawn, raw(&srs)));
    assert_eq!(VerifierSrs::read(&folder.path()).unwrap(), *srs.verifier());
    assert_eq!(read.origin(), Origin::Unknown);

    srs.write_raw(&folder.path()).unwrap();
    let read = Srs::read(&folder.path()).unwrap();
    assert_eq!((read.mark(), raw(&read)), (Mark::None, raw(&srs)));
    assert_eq!(read.digest(), srs.digest());
    assert_eq!(VerifierSrs::read(&folder.path()).unwrap(), *read.verifier());

    // Written again in our container, a foreign file stays what it is.
    read.write(&folder.path()).unwrap();
    assert_eq!(Srs::read(&folder.path()).unwrap().mark(), Mark::None);
    assert_eq!(VerifierSrs::read(&folder.path()).unwrap(), *read.verifier());
}

#[test]
fn the_verifiers_part_stands_alone() {
    let (folder, srs) = (Folder::new(), draw(K, 1));
    srs.verifier().write(&folder.path()).unwrap();
    assert!(fs::metadata(folder.path()).unwrap().len() < 400);
    assert_eq!(VerifierSrs::read(&folder.path()).unwrap(), *srs.verifier());
    let error = read_error(&folder.path());
    assert!(error.contains("expected an srs, got a verifier's srs"), "{error}");
}

#[test]
fn truncation_is_the_smaller_srs_of_the_same_secret() {
    let (large, small) = (draw(7, 3), draw(4, 3));
    assert_eq!(large.digest(), small.digest());
    let cut = large.truncated(4).unwrap();
    assert_eq!((cut.k(), raw(&cut)), (4, raw(&small)));
    assert!(matches!(cut.truncated(5), Err(SrsError::TooSmall { expected: 5, got: 4 })));
}

#[test]
fn the_power_beyond_is_kept_where_it_can_be() {
    let (folder, srs) = (Folder::new(), draw(K, 1));
    let n = 1 << K;
    let beyond = draw(K + 1, 1).powers()[n];
    let known = |srs: &Srs| srs.powers().get(n).copied();
    assert_eq!(known(&srs), Some(beyond));
    assert_eq!(known(&draw(K + 1, 1).truncated(K).unwrap()), Some(beyond));
    srs.write(&folder.path()).unwrap();
    assert_eq!(known(&Srs::read(&folder.path()).unwrap()), Some(beyond));
    srs.write_raw(&folder.path()).unwrap();
    let bare = Srs::read(&folder.path()).unwrap();
    assert_eq!(known(&bare), None);
    bare.write(&folder.path()).unwrap();
    assert_eq!(known(&Srs::read(&folder.path()).unwrap()), None);
    assert_eq!(VerifierSrs::read(&folder.path()).unwrap(), *bare.verifier());

    // A foreign file in our container: the power beyond is checked with the others.
    draw(K + 1, 1).write_raw(&folder.path()).unwrap();
    let honest = Srs::read(&folder.path()).unwrap().truncated(K).unwrap();
    honest.write(&folder.path()).unwrap();
    assert_eq!(known(&Srs::read(&folder.path()).unwrap()), Some(beyond));
    artefact::write::<std::io::Error>(&folder.path(), Kind::Srs, |mut writer| {
        writer.write_all(&[2])?;
        writer.write_all(&raw(&honest))?;
        srs.powers()[n - 1].write_raw(&mut writer)
    })
    .unwrap();
    let error = Srs::read(&folder.path()).unwrap_err();
    assert!(error.to_string().contains("powers of one secret"), "{error}");
}

#[test]
fn other_secrets_have_other_digests() {
    assert_ne!(draw(K, 1).digest(), draw(K, 2).digest());
}

#[test]
fn raw_files_of_wrong_length_are_named() {
    let (folder, bytes) = (Folder::new(), raw(&draw(K, 1)));
    for length in [0, 3, 4, 5, 100, bytes.len() - 1] {
        let path = folder.with(&bytes[..length]);
        let error = read_error(&path);
        assert!(error.contains("kzg.srs"), "{error}");
        assert!(VerifierSrs::read(&path).is_err());
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(matches!(
        Srs::read(&folder.with(&longer)),
        Err(SrsError::File(SrsFileError::Length { k: K, .. }))
    ));
    let mut huge = bytes.clone();
    huge[..4].copy_from_slice(&26_u32.to_le_bytes());
    assert!(matches!(
        Srs::read(&folder.with(&huge)),
        Err(SrsError::File(SrsFileError::Length { k: 26, .. }))
    ));
    huge[..4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(matches!(
        Srs::read(&folder.with(&huge)),
        Err(SrsError::File(SrsFileError::Format { .. }))
    ));
    huge[..4].copy_from_slice(b"ptau");
    assert!(matches!(
        Srs::read(&folder.with(&huge)),
        Err(SrsError::File(SrsFileError::Ptau { .. }))
    ));
}

#[test]
fn every_flipped_bit_of_a_raw_file_is_refused() {
    let (folder, bytes) = (Folder::new(), raw(&draw(2, 1)));
    for at in (0..bytes.len()).step_by(3) {
        let mut bad = bytes.clone();
        bad[at] ^= 1 << (at % 8);
        assert!(Srs::read(&folder.with(&bad)).is_err(), "byte {at}");
    }
}

#[test]
fn every_flipped_bit_of_our_container_is_refused() {
    let (folder, srs) = (Folder::new(), draw(2, 1));
    srs.write(&folder.path()).unwrap();
    let bytes = fs::read(folder.path()).unwrap();
    for at in 0..bytes.len() {
        let mut bad = bytes.clone();
        bad[at] ^= 1 << (at % 8);
        let path = folder.with(&bad);
        assert!(Srs::read(&path).is_err(), "byte {at}");
        assert!(VerifierSrs::read(&path).is_err(), "byte {at}");
    }
    for length in 0..bytes.len() {
        assert!(Srs::read(&folder.with(&bytes[..length])).is_err(), "length {length}");
    }
}

/// A raw file with valid points that are not the powers of one secret.
#[test]
fn valid_points_in_wrong_places_are_refused() {
    let (folder, bytes) = (Folder::new(), raw(&draw(K, 1)));
    let n = 1 << K;
    let swap = |a: usize, b: usize| {
        let mut bad = bytes.clone();
        for i in 0..64 {
            bad.swap(4 + 64 * a + i, 4 + 64 * b + i);
        }
        bad
    };
    let reason = |bytes: &[u8]| match Srs::read(&folder.with(bytes)) {
        Err(SrsError::File(SrsFileError::Inconsistent { reason, .. })) => reason,
        other => panic!("{other:?}"),
    };
    assert!(reason(&swap(0, 1)).contains("generator"));
    assert!(reason(&swap(n, n + 1)).contains("lagrange"));
    assert!(reason(&swap(5, 9)).contains("powers of one secret"));

    // Both bases agree, but the last power is another point.
    let honest = draw(K, 1);
    let params = honest.params();
    let mut g = params.get_g().to_vec();
    g[n - 1] = (g[n - 1] * Fr::from(2)).to_affine();
    let lagrange = halo2_proofs::arithmetic::g_to_lagrange::<G1Affine>(
        g.iter().map(|&p| p.into()).collect(),
        K,
    );
    let forged = params.from_parts(K, g, Some(lagrange), params.g2(), params.s_g2());
    let mut bad = vec![];
    forged.write_custom(&mut bad, SerdeFormat::RawBytes).unwrap();
    assert!(reason(&bad).contains("powers of one secret"));

    // Another secret's s·g₂.
    let mut bad = bytes.clone();
    let at = bad.len() - 128;
    bad[at..].copy_from_slice(&draw(K, 2).params().s_g2().to_raw_bytes());
    assert!(reason(&bad).contains("powers of one secret"));
}

#[test]
fn points_off_the_curve_are_named() {
    let (folder, bytes) = (Folder::new(), raw(&draw(K, 1)));
    let mut bad = bytes.clone();
    bad[4 + 64 * 7..4 + 64 * 8].fill(0);
    assert!(matches!(
        Srs::read(&folder.with(&bad)),
        Err(SrsError::File(SrsFileError::Point { what: "g", index: 7, .. }))
    ));
    let mut bad = bytes;
    bad[4 + 64 * 40] ^= 1;
    let error = Srs::read(&folder.with(&bad));
    assert!(matches!(
        error,
        Err(SrsError::File(SrsFileError::Point { what: "g_lagrange", index: 8, .. }))
    ));
}

/// A point of the second curve that is none of the group, as all but one in about 2^254 are.
fn outside_the_group() -> G2Affine {
    let point = |x: u64| -> Option<G2Affine> {
        let x = Fq2::from(x);
        let y = Option::<Fq2>::from((x.square() * x + G2Affine::b()).sqrt())?;
        G2Affine::from_xy(x, y).into()
    };
    let point = (1..).find_map(point).unwrap();
    // The group's order times it: (r − 1) + 1.
    assert_ne!(point * -Fr::ONE + point, G2::identity());
    // Halo2 reads it as it reads any other.
    assert_eq!(G2Affine::from_raw_bytes(&point.to_raw_bytes()), Some(point));
    point
}

/// The error that reading a file gives, for a prover and for a verifier.
fn both_errors(path: &Path) -> [SrsFileError; 2] {
    let Err(SrsError::File(of_prover)) = Srs::read_for(path, K) else { panic!("it is read") };
    [of_prover, VerifierSrs::read(path).unwrap_err()]
}

#[test]
fn points_outside_the_second_group_are_named() {
    let (folder, other, outside) = (Folder::new(), Folder::new(), outside_the_group());
    assert!(VerifierSrs::new(outside, Mark::Drawn).is_none());
    let named = |error: &SrsFileError, expected: &str| match error {
        SrsFileError::Point { what, .. } => assert_eq!(*what, expected),
        other => panic!("{other:?}"),
    };
    let put = |bytes: &[u8], at: usize| {
        let mut bad = bytes.to_vec();
        bad[at..at + 128].copy_from_slice(&outside.to_raw_bytes());
        bad
    };
    let marked = |to: &Path, kind: Kind, payload: &[u8]| {
        artefact::write::<std::io::Error>(to, kind, |writer| {
            // Its points are not held against one another: no pairing stands in for the check.
            writer.write_all(&[Mark::Drawn.code()])?;
            writer.write_all(payload)
        })
        .unwrap();
    };
    let whole = raw(&draw(K, 1));
    for (from_end, what) in [(256, "g2"), (128, "s_g2")] {
        let bad = put(&whole, whole.len() - from_end);
        both_errors(&folder.with(&bad)).iter().for_each(|error| named(error, what));
        marked(&folder.path(), Kind::Srs, &bad);
        both_errors(&folder.path()).iter().for_each(|error| named(error, what));
        let own = [&whole[4..68], &whole[whole.len() - 256..]].concat();
        marked(&other.path(), Kind::VerifierSrs, &put(&own, own.len() - from_end));
        named(&VerifierSrs::read(&other.path()).unwrap_err(), what);
    }
    let ptau = fs::read(ceremony()).unwrap();
    let g2 = 12 + 12 + 44 + 12 + 511 * 64 + 12;
    for (at, what) in [(g2, "g2"), (g2 + 128, "s_g2")] {
        let [of_prover, of_verifier] = both_errors(&folder.with(&put(&ptau, at)));
        named(&of_prover, "tauG2");
        named(&of_verifier, what);
    }
}

#[test]
fn missing_and_foreign_files_say_what_makes_them() {
    let folder = Folder::new();
    let error = read_error(&folder.path());
    assert!(error.contains("kzg.srs") && error.contains("get-srs"), "{error}");
    artefact::write::<std::io::Error>(&folder.path(), Kind::ProvingKey, |w| w.write_all(b"x"))
        .unwrap();
    let error = read_error(&folder.path());
    assert!(error.contains("expected an srs, got a proving key (57 bytes)"), "{error}");
    assert!(VerifierSrs::read(&folder.path()).is_err());
}

#[test]
fn a_failed_write_leaves_the_old_file() {
    let folder = Folder::new();
    let path = folder.with(b"old");
    let failed = artefact::write(&path, Kind::Srs, |writer| {
        writer.write_all(&[1; 1000])?;
        Err(std::io::Error::other("no"))
    });
    assert!(matches!(failed, Err(ArtefactError::Write { .. })));
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(fs::read_dir(folder.0.path()).unwrap().count(), 1);
}

#[test]
fn the_cache_holds_no_insecure_file() {
    let (folder, srs) = (Folder::new(), draw(6, 1));
    let cache = folder.0.path();
    assert!(Srs::cached(cache, 4).unwrap().is_none());
    assert!(matches!(srs.store(cache), Err(SrsError::InsecureInCache)));
    srs.write_raw(&folder.path()).unwrap();
    Srs::read(&folder.path()).unwrap().store(cache).unwrap();
    let got = Srs::cached(cache, 4).unwrap().unwrap();
    assert_eq!((got.k(), got.digest()), (4, srs.digest()));
    assert!(Srs::cached(cache, 7).unwrap().is_none());
    srs.write(&Srs::cache_path(cache, 4)).unwrap();
    assert!(matches!(Srs::cached(cache, 4), Err(SrsError::InsecureInCache)));
}

#[test]
#[ignore = "a measurement"]
fn how_long() {
    for k in [12, 14, 16, 18] {
        let start = std::time::Instant::now();
        let srs = draw(k, 1);
        let drawn = start.elapsed();
        let folder = Folder::new();
        srs.write_raw(&folder.path()).unwrap();
        let written = start.elapsed();
        Srs::read(&folder.path()).unwrap();
        let read = start.elapsed();
        let _ = srs.truncated(k - 1).unwrap();
        let cut = start.elapsed();
        println!(
            "k {k}: draw {drawn:?}, write {:?}, read checked {:?}, truncate {:?}",
            written - drawn,
            read - written,
            cut - read
        );
    }
}

#[test]
fn lagrange_points_are_those_of_the_file() {
    let srs = draw(K, 1);
    let points: Vec<u8> = srs.lagrange().iter().flat_map(G1Affine::to_raw_bytes).collect();
    let n = 64 << K;
    assert_eq!(points, raw(&srs)[4 + n..4 + 2 * n]);
}

#[test]
fn verifier_parameters_keep_k() {
    assert_eq!(draw(3, 1).verifier().params(20).k(), 20);
}

/// The smallest file of a real ceremony, 2^8 powers.
fn ceremony() -> PathBuf {
    let ceremony = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ceremony/tests");
    ceremony.join("powersOfTau28_hez_final_08.ptau")
}

#[test]
fn powers_of_tau_are_read_as_far_as_needed() {
    let whole = Srs::read(&ceremony()).unwrap();
    assert_eq!((whole.k(), whole.powers().len(), whole.lagrange().len()), (8, 257, 256));
    let Origin::Ceremony(known) = whole.origin() else { panic!("unknown") };
    assert!(known.name.starts_with("Hermez"));
    let part = Srs::read_for(&ceremony(), 5).unwrap();
    assert_eq!(part.powers(), &whole.powers()[..33]);
    assert_eq!(part.lagrange(), whole.clone().truncated(5).unwrap().lagrange());
    assert!(matches!(
        Srs::read_for(&ceremony(), 9),
        Err(SrsError::TooSmall { expected: 9, got: 8 })
    ));
    for k in [0, 27] {
        assert!(matches!(Srs::read_for(&ceremony(), k), Err(SrsError::K { .. })));
    }
    assert_eq!(VerifierSrs::read(&ceremony()).unwrap().digest(), whole.digest());
    // What is made of it is checked like a file of anybody's.
    let folder = Folder::new();
    part.write(&folder.path()).unwrap();
    assert_eq!(Srs::read(&folder.path()).unwrap().lagrange(), part.lagrange());
    part.write_raw(&folder.path()).unwrap();
    assert_eq!(Srs::read_for(&folder.path(), 4).unwrap().powers(), &whole.powers()[..17]);
}

#[test]
fn powers_of_tau_of_several_secrets_are_refused() {
    let (folder, bytes) = (Folder::new(), fs::read(ceremony()).unwrap());
    let (g1, g2) = (12 + 12 + 44 + 12, 12 + 12 + 44 + 12 + 511 * 64 + 12);
    let exchanged = |from: usize, to: usize, count: usize| {
        let mut bytes = bytes.clone();
        bytes.copy_within(from..from + count, to);
        bytes
    };
    for (what, bad) in [
        ("a power for its neighbour", exchanged(g1 + 9 * 64, g1 + 10 * 64, 64)),
        ("the last one needed", exchanged(g1 + 31 * 64, g1 + 32 * 64, 64)),
        ("a power for the generator", exchanged(g1 + 64, g1, 64)),
        ("another secret in the second group", exchanged(g2 + 256, g2 + 128, 128)),
        ("a power for the other generator", exchanged(g2 + 128, g2, 128)),
    ] {
        let error = Srs::read_for(&folder.with(&bad), 5).unwrap_err();
        assert!(
            matches!(error, SrsError::File(SrsFileError::Inconsistent { .. })),
            "{what}: {error}"
        );
    }
    for at in [g1 + 5 * 64, g1 + 5 * 64 + 40, g2 + 130, g2 + 200] {
        let mut bad = bytes.clone();
        bad[at] ^= 1;
        let error = Srs::read_for(&folder.with(&bad), 5).unwrap_err();
        assert!(matches!(error, SrsError::File(SrsFileError::Point { .. })), "{at}: {error}");
    }
    // What is beyond that is not looked at.
    let mut more = bytes.clone();
    more[g1 + 40 * 64] ^= 1;
    assert!(Srs::read_for(&folder.with(&more), 5).is_ok());
    assert!(Srs::read_for(&folder.with(&more), 6).is_err());
}

#[test]
fn caches_know_the_names_that_others_give() {
    let folder = Folder::new();
    let cache = folder.path().parent().unwrap().join("cache");
    fs::create_dir(&cache).unwrap();
    let srs = draw(4, 1);
    for name in ["kzg_bn254_4.srs", "hermez-raw-4", "perpetual-powers-of-tau-raw-4"] {
        srs.write_raw(&cache.join(name)).unwrap();
        assert_eq!(Srs::cached(&cache, 3).unwrap().unwrap().digest(), srs.digest(), "{name}");
        fs::remove_file(cache.join(name)).unwrap();
        assert!(Srs::cached(&cache, 3).unwrap().is_none());
    }
    for name in ["powersOfTau28_hez_final_08.ptau", "ppot_0080_08.ptau", "8.ptau"] {
        fs::copy(ceremony(), cache.join(name)).unwrap();
        assert_eq!(Srs::cached(&cache, 3).unwrap().map(|srs| srs.k()), Some(3), "{name}");
        fs::remove_file(cache.join(name)).unwrap();
    }
}
