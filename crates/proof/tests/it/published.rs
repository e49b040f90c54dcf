//! The files that the verifier's own tests read are what setup and proving make; `just bless` makes them again.

use crate::toy::*;
use std::fs;
use std::path::Path;

#[test]
fn the_verifiers_test_files_are_ours() {
    let (folder, toy) = (Folder::new(), toy());
    toy.key.verifying_key().write(&folder.path("vk.key")).unwrap();
    toy.srs.verifier().write(&folder.path("kzg.srs")).unwrap();
    toy.proof.write(&folder.path("proof.json")).unwrap();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../verifier/tests/data");
    for name in ["vk.key", "kzg.srs", "proof.json"] {
        if std::env::var_os("BLESS").is_some() {
            fs::create_dir_all(&data).unwrap();
            fs::copy(folder.path(name), data.join(name)).unwrap();
        }
        let same = fs::read(data.join(name)).ok() == fs::read(folder.path(name)).ok();
        assert!(same, "{name} is another than setup and proving make now; run `just bless`");
    }
}
