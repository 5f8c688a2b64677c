//! The library, from files to golden records, as a Rust program uses it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that cannot set its scene should stop, and one that is skipped says so"
)]

#[path = "../common/mod.rs"]
mod common;

mod adopt;
mod anything;
mod budgets;
mod coalescer;
mod customers;
mod dry_run;
mod given;
mod identity;
mod keys;
mod leads;
mod legacy;
mod level_map;
mod level_quality;
mod orders;
mod partitions;
mod pins;
mod policies;
mod prisma;
mod rebuild;
mod reconcile;
mod research;
mod shards;
mod sources;
mod splits;
mod undo;
mod use_it;
mod vendors;
mod waterfall;
