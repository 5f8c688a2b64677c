//! The built program, from files to exports, on both databases.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that cannot set its scene should stop, and one that is skipped says so"
)]

#[path = "../../../../tests/common/mod.rs"]
mod common;

mod binary;
mod budget;
mod concurrent;
mod cost;
mod documents;
mod enrich;
mod exit_codes;
mod import_customers;
mod import_legacy;
mod interrupted;
mod join;
mod leads;
mod level_map;
mod lookups;
mod mappings;
mod policies;
mod quality;
mod quality_gates;
mod rejects;
mod same_bytes;
mod schema;
mod shards;
mod smoke;
mod stats;
mod undo;
mod views;
