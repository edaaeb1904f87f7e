# Recipes for `just`. Each is one command, so that it can be typed without `just` too.

# Lists the recipes.
default:
    @just --list

# Everything that CI runs.
check:
    .ci/run

# All tests.
test:
    cargo test --workspace

# Shows each snapshot that changed, to accept or reject it. Needs `cargo install cargo-insta`.
review:
    cargo insta review

# Formats the code.
fmt:
    cargo fmt --all

# Writes docs/convert.schema.json anew from the types of src/json.rs.
schema:
    UPDATE_SCHEMA=1 cargo test --bin isogloss schema

# Translates a checkout of SigmaHQ's rules; `SIGMA_CORPUS` names the folder that holds `rules/`. Exit
# code 1 says that some rules were refused, which is no fault here.
corpus:
    -cargo run --release -- convert "$SIGMA_CORPUS/rules" --target spl,eql,kql --format json --output target/corpus.json --message-format short
