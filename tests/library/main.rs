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
mod budget_faults;
mod budget_stress;
mod budgets;
mod coalescer;
mod costs;
mod customers;
mod document_edges;
mod documents;
mod dry_run;
mod given;
mod identity;
mod keys;
mod leads;
mod legacy;
mod legacy_columns;
mod level_map;
mod level_quality;
mod orders;
mod partitions;
mod pins;
mod policies;
mod prisma;
mod quality;
mod rebuild;
mod reconcile;
mod research;
mod shards;
mod sources;
mod splits;
mod stats;
mod undo;
mod use_it;
mod vendors;
mod waterfall;
mod waterfall_kept;
