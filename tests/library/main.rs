//! The library, from files to golden records, as a Rust program uses it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that cannot set its scene should stop, and one that is skipped says so"
)]

#[path = "../common/mod.rs"]
mod common;

mod anything;
mod dry_run;
mod identity;
mod keys;
mod leads;
mod level_map;
mod orders;
mod pins;
mod policies;
mod rebuild;
mod sources;
mod splits;
mod undo;
mod use_it;
mod vendors;
