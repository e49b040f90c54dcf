# List of recipes.
default:
    @just --list

# All that must pass before a change lands.
ci:
    .ci/run

# All tests.
test:
    cargo test --workspace --all-features

# The Python package's tests.
python:
    scripts/test-python

# The Python package for trying out: put where its tests find it.
python-module:
    cargo build --release -p provenn-python
    ln -sfn "${CARGO_TARGET_DIR:-$PWD/target}/release/libprovenn_python.so" crates/python/python/provenn/_native.abi3.so

# All notebooks, or those named; needs their libraries.
notebooks *NAMES:
    scripts/notebooks {{NAMES}}

# Wheels for Linux, and the source distribution.
wheels *TARGETS:
    scripts/wheels {{TARGETS}}

# Proves with the wheel for aarch64, under an emulator out of Debian's packages.
emulate-wheel:
    scripts/emulate-wheel

# Coverage-guided fuzzing of every file that the program reads, 600 seconds each; needs a nightly compiler and cargo-fuzz.
fuzz *ARGS:
    scripts/fuzz {{ARGS}}

# What fuzzing begins with, from the models.
fuzz-seeds:
    cargo run -p provenn-stranger --example seeds

# The tests of the crate that has unsafe code, under AddressSanitizer; needs a nightly compiler.
sanitize *ARGS:
    scripts/sanitize {{ARGS}}

# Formatting, clippy, the verifier on its own, dependency rules.
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets --all-features -- -D warnings
    cargo check -p provenn-verifier --lib --examples
    cargo build -p provenn-verifier --target wasm32-unknown-unknown
    cargo deny check bans licenses sources

# Known faults of dependencies; needs the network.
advisories:
    cargo deny check advisories

# The book and the API documentation.
docs:
    mdbook build docs
    RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --all-features

# Criterion benches.
bench *ARGS:
    cargo bench -p provenn-benches {{ARGS}}

# Rewrite golden files: tests that compare with one write it instead when BLESS is set.
bless:
    BLESS=1 cargo test -p provenn --test golden --test node_tests
    BLESS=1 cargo test -p provenn-proof --test it published
    BLESS=1 cargo test -p provenn-cli --test arguments
    git status --short
