//! The SRS of a real ceremony: from its file, from a cache, from a server; no flag that trusts.
#![allow(missing_docs, clippy::unwrap_used, dead_code)] // a test reports by panicking

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use support::{VERIFY, fails_with, proven, succeeds};

const NAME: &str = "powersOfTau28_hez_final_08.ptau";

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../ceremony/tests").join(NAME)
}

/// Verifying with nothing allowed.
fn verify() -> String {
    VERIFY.replace(" --allow-insecure-srs", "")
}

#[test]
fn a_proof_over_a_ceremony_verifies_without_a_flag() {
    let folder = proven();
    let at = folder.path();
    fs::copy(file(), at.join(NAME)).unwrap();
    let (code, error) = fails_with(at, &verify());
    assert!(code == 3 && error.contains("--allow-insecure-srs"), "{error}");
    let said = succeeds(at, &format!("get-srs --from {NAME} --force"));
    assert!(said.contains("Hermez"), "{said}");
    succeeds(at, "setup");
    succeeds(at, "prove");
    let said = succeeds(at, &verify());
    assert!(said.contains("Hermez"), "{said}");
    // The verifier may have the ceremony's own file.
    let said = succeeds(at, &verify().replace("kzg.srs", NAME));
    assert!(said.contains("Hermez"), "{said}");
    let error = fails_with(at, &format!("get-srs --from {NAME} -K 9 --srs-path larger.srs")).1;
    assert!(error.contains("k = 8") && error.contains("larger file"), "{error}");
}

#[test]
fn files_that_are_there_need_no_network() {
    let folder = proven();
    let at = folder.path();
    fs::create_dir(at.join("cache")).unwrap();
    let (code, error) = fails_with(at, "get-srs -K 6 --cache cache --offline --srs-path c.srs");
    assert!(code == 3 && error.contains("--from"), "{error}");
    fs::copy(file(), at.join("cache").join(NAME)).unwrap();
    for source in ["--offline", "--mirror http://127.0.0.1:1"] {
        succeeds(at, &format!("get-srs -K 6 --cache cache {source} --srs-path c.srs"));
    }
}

/// A server that has this file under any path.
fn serve(bytes: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            for _ in lines.take_while(|line| !line.is_empty()) {}
            let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length:";
            let _ = write!(stream, "{head} {}\r\n\r\n", bytes.len());
            let _ = stream.write_all(&bytes);
        }
    });
    url
}

#[test]
fn a_mirror_is_trusted_for_nothing() {
    let folder = proven();
    let at = folder.path();
    let bytes = fs::read(file()).unwrap();
    let mirror = serve(bytes.clone());
    let said = succeeds(at, &format!("get-srs -K 5 --cache c --mirror {mirror} --srs-path a.srs"));
    assert!(said.contains("Hermez") && said.contains(NAME), "{said}");
    // Again, without the server: what was cut from it is kept.
    assert!(at.join("c/kzg5.srs").exists());
    succeeds(at, "get-srs -K 5 --cache c --offline --srs-path b.srs");
    assert!(fs::read(at.join("a.srs")).unwrap() == fs::read(at.join("b.srs")).unwrap());
    let mut corrupt = bytes.clone();
    corrupt[200_000] ^= 1;
    let mirror = serve(corrupt.clone());
    let (code, error) =
        fails_with(at, &format!("get-srs -K 5 --cache d --mirror {mirror} --srs-path e.srs"));
    assert!(code == 3 && error.contains("BLAKE2b"), "{error}");
    assert!(!at.join("e.srs").exists() && !at.join("d").join(NAME).exists());
    // Under a name of its own a file is judged by its points alone.
    let said =
        succeeds(at, &format!("get-srs -K 5 --cache f --url {mirror}/own.ptau --srs-path g.srs"));
    assert!(said.contains("Hermez"), "{said}");
    let nonsense = serve(b"<html>not found</html>".to_vec());
    let (code, error) = fails_with(
        at,
        &format!("get-srs -K 5 --cache h --url {nonsense}/own.srs --srs-path i.srs"),
    );
    assert!(code == 3 && error.contains("no srs"), "{error}");
    assert!(!at.join("h/own.srs").exists(), "it is not kept");
    for arguments in ["--url x --offline", "--from a.srs --mirror x", "--from a.srs --offline"] {
        assert_eq!(fails_with(at, &format!("get-srs -K 5 {arguments}")).0, 2, "{arguments}");
    }
    let (code, error) = fails_with(at, "get-srs -K 5 --cache j --url ftp://x/y --srs-path k.srs");
    assert!(code == 3 && error.contains("https://"), "{error}");
}
