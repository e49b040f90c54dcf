//! The book, the READMEs and the manifests, held against the repository they describe.
#![allow(missing_docs, clippy::unwrap_used)] // a test reports by panicking

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// Files below a folder whose names end so, without build results.
fn files(folder: &Path, end: &str) -> Vec<PathBuf> {
    let mut found = vec![];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !name.starts_with('.') && !["target", "out", "public"].contains(&name) {
            found.extend(files(&path, end));
        } else if name.ends_with(end) {
            found.push(path);
        }
    }
    found
}

/// Markdown without its blocks and spans of code.
fn prose(text: &str) -> String {
    let mut code = false;
    let mut kept = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        } else if !code {
            for (i, part) in line.split('`').enumerate() {
                kept.push_str(if i % 2 == 0 { part } else { "code" });
            }
            kept.push('\n');
        }
    }
    kept
}

/// Targets of `[text](target)`.
fn links(text: &str) -> Vec<String> {
    let prose = prose(text);
    prose.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0.to_owned())).collect()
}

/// Headings as the book's builder names them.
fn anchors(text: &str) -> BTreeSet<String> {
    let slug = |heading: &str| {
        let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.collect::<String>().to_lowercase().replace(' ', "-")
    };
    text.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| slug(line.trim_start_matches('#')))
        .collect()
}

#[test]
fn links_lead_somewhere() {
    let mut checked = 0;
    for page in files(&root(), ".md") {
        let text = std::fs::read_to_string(&page).unwrap();
        for link in links(&text).iter().filter(|link| !link.contains("://")) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => page.clone(),
                path => page.parent().unwrap().join(path),
            };
            assert!(target.exists(), "{}: {link}", page.display());
            if !anchor.is_empty() {
                let headings = anchors(&std::fs::read_to_string(target).unwrap());
                assert!(headings.contains(anchor), "{}: {link}: {headings:?}", page.display());
            }
            checked += 1;
        }
    }
    assert!(checked > 50, "{checked} links");
}

#[test]
fn the_summary_names_every_page() {
    let book = root().join("docs/src");
    let summary = std::fs::read_to_string(book.join("SUMMARY.md")).unwrap();
    let listed: BTreeSet<_> = links(&summary).into_iter().map(|link| book.join(link)).collect();
    let mut pages: BTreeSet<_> = files(&book, ".md").into_iter().collect();
    pages.remove(&book.join("SUMMARY.md"));
    assert_eq!(listed, pages);
}

#[test]
fn the_toolchain_that_is_tested_is_the_one_claimed() {
    let value = |file: &str, key: &str| {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        line.trim_start_matches([' ', '=']).trim_matches('"').to_owned()
    };
    let (claimed, pinned) =
        (value("Cargo.toml", "rust-version"), value("rust-toolchain.toml", "channel"));
    assert_eq!(pinned.rsplit_once('.').unwrap().0, claimed);
}

/// A package holds its own folder alone.
#[test]
fn no_source_includes_a_file_of_another_folder() {
    for manifest in files(&root().join("crates"), "Cargo.toml") {
        let folder = manifest.parent().unwrap();
        assert!(folder.join("README.md").exists(), "{}", folder.display());
        for source in files(&folder.join("src"), ".rs") {
            let depth = source.strip_prefix(folder).unwrap().components().count();
            let out = "../".repeat(depth);
            let text = std::fs::read_to_string(&source).unwrap();
            for line in text.lines().filter(|l| l.contains("include_") || l.contains("#[path")) {
                assert!(!line.contains(&out), "{}: {line}", source.display());
            }
        }
    }
}
