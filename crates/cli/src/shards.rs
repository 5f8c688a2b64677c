use crate::Done;
use crate::args::{Format, IngestArgs};
use crate::ingest::{codes, dry_run_database, ended, grouped, now, with_progress};
use crate::output::{Output, Row, chosen, row_of};
use clap::{Args, Subcommand};
use firmograph::{
    EntityKind, Error, ErrorKind, Hooks, IngestOptions, ShardMap, Sharded, ShardedReport, key_of_text,
};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

#[derive(Debug, Subcommand)]
pub(crate) enum ShardsCommand {
    /// Which shard a company or person is on; a company's is told without asking a database
    Locate(LocateArgs),
}

#[derive(Debug, Args)]
pub(crate) struct LocateArgs {
    /// Domains, LinkedIn pages or other keys; of persons, e-mail addresses or LinkedIn profiles
    #[arg(required = true)]
    keys: Vec<String>,
    /// The list of databases: version = "jump-blake3-1" and shards = ["postgres://...", ...]
    #[arg(long, value_name = "TOML")]
    shards: PathBuf,
    /// The keys are of persons: the databases are asked
    #[arg(long)]
    person: bool,
}

pub(crate) async fn run(format: Option<Format>, command: ShardsCommand) -> Done {
    let ShardsCommand::Locate(LocateArgs { keys, shards, person }) = command;
    let map = ShardMap::from_path(&shards)?;
    let mut rows = Vec::new();
    let mut sharded = if person { Some(Sharded::open(map.clone()).await?) } else { None };
    let mut unknown = Vec::new();
    for text in &keys {
        let Some(sharded) = &mut sharded else {
            let key = key_of_text(EntityKind::Company, text);
            rows.push(located(&map, &key, map.shard_of(&key)));
            continue;
        };
        let found = sharded.find(EntityKind::Person, text).await?;
        if found.is_empty() {
            unknown.push(text.as_str());
        }
        rows.extend(found.iter().map(|found| located(&map, &found.entity.golden.key, found.shard)));
    }
    Output::stdout(chosen(format)).rows(rows)?;
    if unknown.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let message = format!("no shard knows anything about {}", unknown.join(", "));
    Err(Error::new(ErrorKind::Data, "unknown-key", message)
        .with_help("persons are found by e-mail address or LinkedIn profile"))
}

fn located(map: &ShardMap, key: &str, shard: usize) -> Row {
    let cells = [
        ("key", Value::from(key)),
        ("shard", Value::from(shard)),
        ("of", Value::from(map.count())),
        ("database", Value::from(map.label(shard))),
    ];
    cells.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// `ingest --shards`.
pub(crate) async fn ingest(
    file: &Path,
    format: Option<Format>,
    args: &IngestArgs,
    options: &IngestOptions,
    interrupted: Arc<AtomicBool>,
) -> Done {
    let started = Instant::now();
    let mut map = ShardMap::from_path(file)?;
    if args.dry_run {
        map = ShardMap::new(map.urls().iter().map(|url| dry_run_database(url)))?;
    }
    let mut sharded = Sharded::open(map).await?;
    let report = with_progress(async |progress| {
        let mut hooks = Hooks { clock: &now, progress, interrupted };
        sharded.ingest(&args.files, options, &mut hooks).await
    })
    .await?;
    if !args.dry_run && !args.no_refresh {
        for (engine, shard) in sharded.engines().iter_mut().zip(&report.shards) {
            if shard.counters.changes() > 0 {
                engine.store().refresh_views().await?;
            }
        }
    }
    summarize(&report, sharded.map(), started.elapsed());
    if format.is_some() {
        Output::stdout(chosen(format)).rows([row_of(&report)])?;
    }
    Ok(ended(report.status))
}

/// A summary for people, on stderr.
fn summarize(report: &ShardedReport, map: &ShardMap, took: Duration) {
    // Each shard read the same files.
    for file in report.shards.iter().take(1).flat_map(|shard| &shard.files) {
        eprintln!("{}", file.decision);
        file.notes.iter().for_each(|note| eprintln!("  note: {note}"));
    }
    let tally = report.tally;
    let read = tally.read - report.shared;
    let rate = read as f64 / took.as_secs_f64().max(0.001);
    eprintln!(
        "{} shards{}: {} rows in {:.1} s ({} rows/s)",
        report.shards.len(),
        if report.dry_run { ", dry run (rolled back)" } else { "" },
        grouped(read),
        took.as_secs_f64(),
        grouped(rate as u64)
    );
    for (name, count) in [
        ("accepted", tally.accepted),
        ("rejected", tally.rejected),
        ("skipped", tally.skipped),
        ("shared", report.shared),
    ] {
        eprintln!("  {name:<10} {:>12}", grouped(count));
    }
    for (number, shard) in report.shards.iter().enumerate() {
        let counters = &shard.counters;
        eprintln!(
            "  shard {number} ({}), run {}: {} rows, {} companies and {} prospects written",
            map.label(number),
            shard.run,
            grouped(shard.tally.read),
            grouped(counters.new_companies + counters.changed_companies),
            grouped(counters.new_prospects + counters.changed_prospects),
        );
        if !counters.rejects.is_empty() {
            eprintln!("    rejects: {}", codes(&counters.rejects));
        }
    }
}
