//! Artefact files: round trips, and files that were swapped, cut, extended or damaged.

use crate::toy::*;
use provenn_kzg_srs::Srs;
use provenn_proof::{ProvingKey, read_compiled, write_compiled};
use provenn_verifier::{KeyError, VerifyingKey};
use std::fs;
use std::path::Path;

type Reader = fn(&Path) -> Result<(), String>;

const READERS: [(&str, Reader); 4] = [
    ("vk.key", |path| VerifyingKey::read(path).map(drop).map_err(|e| e.to_string())),
    ("pk.key", |path| ProvingKey::read(path).map(drop).map_err(|e| e.to_string())),
    ("model.compiled", |path| read_compiled::<Vec<i64>>(path).map(drop).map_err(|e| e.to_string())),
    ("kzg.srs", |path| Srs::read(path).map(drop).map_err(|e| e.to_string())),
];

fn write_all() -> Folder {
    let (folder, toy) = (Folder::new(), toy());
    toy.key.verifying_key().write(&folder.path("vk.key")).unwrap();
    toy.key.write(&folder.path("pk.key")).unwrap();
    write_compiled(&folder.path("model.compiled"), &vec![3_i64; 100]).unwrap();
    toy.srs.write(&folder.path("kzg.srs")).unwrap();
    folder
}

#[test]
fn keys_from_files_prove_and_verify() {
    let (folder, toy) = (write_all(), toy());
    let pk = ProvingKey::read(&folder.path("pk.key")).unwrap();
    let vk = VerifyingKey::read(&folder.path("vk.key")).unwrap();
    let srs = Srs::read(&folder.path("kzg.srs")).unwrap();
    assert_eq!(pk.verifying_key().digest(), vk.digest());
    assert_eq!(vk.to_bytes(), toy.key.verifying_key().to_bytes());
    let transcript = |key: &VerifyingKey| key.halo2().transcript_repr();
    assert_eq!(transcript(&vk), toy.key.verifying_key().halo2().transcript_repr());
    let proof = prove_with(&pk, &srs, [1, 2, 3], 8);
    proof.verify(&vk, srs.verifier(), ALLOW).unwrap();
    // The same randomness gives the same proof as the key in memory.
    pk.write(&folder.path("again.key")).unwrap();
    let bytes = |name| fs::read(folder.path(name)).unwrap();
    assert_eq!(bytes("again.key"), bytes("pk.key"));
}

#[test]
fn a_file_in_the_wrong_place_is_named() {
    let folder = write_all();
    for (right, read) in READERS {
        for (name, _) in READERS {
            match read(&folder.path(name)) {
                Ok(()) => assert_eq!(name, right),
                Err(error) => {
                    assert_ne!(name, right);
                    assert!(error.contains(name) && error.contains("expected a"), "{error}");
                }
            }
        }
    }
    let error = VerifyingKey::read(&folder.path("pk.key")).unwrap_err().to_string();
    assert!(error.contains("pk.key: expected a verifying key, got a proving key ("), "{error}");
    let error = ProvingKey::read(&folder.path("nothing.key")).unwrap_err().to_string();
    assert!(error.contains("expected a proving key, made by `setup`"), "{error}");
    toy().srs.write_raw(&folder.path("raw.srs")).unwrap();
    let error = VerifyingKey::read(&folder.path("raw.srs")).unwrap_err().to_string();
    assert!(error.contains("no provenn artefact"), "{error}");
}

#[test]
fn damaged_files_are_refused() {
    let folder = write_all();
    for (name, read) in READERS {
        let bytes = fs::read(folder.path(name)).unwrap();
        let bad = folder.path("bad");
        let step = (bytes.len() / 97).max(1);
        for at in (0..64).chain((64..bytes.len()).step_by(step)).filter(|&at| at < bytes.len()) {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            fs::write(&bad, &flipped).unwrap();
            assert!(read(&bad).is_err(), "{name} byte {at}");
            fs::write(&bad, &bytes[..at]).unwrap();
            assert!(read(&bad).is_err(), "{name} cut at {at}");
        }
        for extra in [1, 56, 1000] {
            let mut longer = bytes.clone();
            longer.resize(bytes.len() + extra, 0);
            fs::write(&bad, &longer).unwrap();
            assert!(read(&bad).unwrap_err().contains("cut or extended"), "{name}");
        }
    }
}

#[test]
fn an_unwritable_place_is_named() {
    let folder = Folder::new();
    let key = toy().key.verifying_key();
    let error = key.write(&folder.path("none/vk.key")).unwrap_err().to_string();
    assert!(error.contains("vk.key: cannot write"), "{error}");
    fs::create_dir(folder.path("vk.key")).unwrap();
    assert!(matches!(key.write(&folder.path("vk.key")), Err(KeyError::Artefact(_))));
}
