//! Ingests a file into SQLite and prints what became of its records.
//!
//! ```sh
//! cargo run --example ingest -- examples/data/customers.csv
//! cargo run --example ingest -- examples/data/customers.csv sqlite://leads.db
//! ```
//!
//! Without a database URL everything is kept in memory and forgotten at the end.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example prints what it does")]

use firmograph::{Engine, Hooks, IngestOptions, Source, Timestamp};
use std::path::PathBuf;
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let file = PathBuf::from(arguments.next().ok_or("which file? ingest FILE [DATABASE]")?);
    let database = arguments.next().unwrap_or_else(|| "sqlite::memory:".to_owned());

    let mut engine = Engine::open(&database).await?;
    let options = IngestOptions::new(Source::new("csv")?);
    let mut hooks = Hooks {
        clock: &now,
        progress: &mut |progress| eprintln!("{} records committed", progress.tally.read),
        interrupted: Arc::default(),
    };
    let report = engine.ingest(&[file], &options, &mut hooks).await?;
    engine.store().refresh_views().await?;

    for file in &report.files {
        println!("{}", file.decision);
    }
    let (tally, counters) = (report.tally, &report.counters);
    println!(
        "{} read = {} accepted + {} rejected + {} skipped",
        tally.read, tally.accepted, tally.rejected, tally.skipped
    );
    println!("new: {} companies, {} prospects", counters.new_companies, counters.new_prospects);
    for (attribute, rows) in &counters.unmatched {
        println!("without a standard value: {rows} rows of {attribute}");
    }
    for (code, rows) in &counters.rejects {
        println!("rejected as {code}: {rows}");
    }
    Ok(())
}

/// The library reads no clock; whoever calls it says what time it is.
#[expect(clippy::disallowed_methods, reason = "a program is where the clock is read")]
fn now() -> Timestamp {
    Timestamp::now()
}
