//! The one body of all targets.

#[path = "../crates/normalize/tests/checks/mod.rs"]
mod checks;

/// Checks `text` as a value of the kind of this name.
pub fn check(kind: &str, text: &str) {
    let kind = firmograph_normalize::Kind::from_name(kind).expect("the target has the name of a kind");
    checks::check(kind, text);
}
