//! `firmograph import leads`.

use crate::args::Format;
use crate::ingest::{dry_run_database, grouped, ingest, on_ctrl_c, summarize};
use crate::output::{Output, chosen, failed, row_of};
use crate::reconciliation::{Ear, whole, write_json, write_text};
use crate::{Done, INTERRUPTED, OVER_LIMIT};
use clap::Args;
use firmograph::leads::{DocumentPlace, LeadReport, lead_options};
use firmograph::{Engine, RunStatus, Source};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(crate) struct LeadsArgs {
    /// JSON, JSON lines, extended JSON of mongoexport, or .bson of mongodump, gzip or not
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Who says it
    #[arg(long, default_value = firmograph::leads::LEAD_SOURCE)]
    source: String,
    /// Do everything, show the result, and roll it back
    #[arg(long)]
    dry_run: bool,
    /// Go on where an interrupted run of the same files stopped
    #[arg(long, conflicts_with = "dry_run")]
    resume: bool,
    /// Documents written in one transaction
    #[arg(long, value_name = "DOCUMENTS", default_value_t = firmograph::DEFAULT_BATCH_ROWS)]
    batch_size: usize,
    /// Write the whole report as JSON into this file: documents, leads, and what became of each value
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Bytes that one document may have
    #[arg(long, value_name = "BYTES")]
    max_record_bytes: Option<usize>,
}

const HELP: &str = "\
The report says what became of each document: leads of several documents, what does not fit together in scores, and values that no \
table holds, each with its place. With --format json it holds all of them. Exit status 1: documents were rejected, or a value was lost.

Importing the same files again changes nothing. `firmograph runs undo` takes an import back.";

pub(crate) async fn run(database: &str, format: Option<Format>, args: LeadsArgs) -> Done {
    let mut options = lead_options(Source::new(&args.source)?);
    options.open.source = Some(Source::new(firmograph::leads::LEAD_SOURCE)?);
    (options.dry_run, options.resume) = (args.dry_run, args.resume);
    options.batch_rows = args.batch_size.max(1);
    if let Some(bytes) = args.max_record_bytes {
        options.open.max_record_bytes = bytes;
    }
    let interrupted = on_ctrl_c();
    let started = Instant::now();
    let mut engine = Engine::open(if args.dry_run { dry_run_database(database) } else { database }).await?;
    let report = ingest(&mut engine, &args.files, &options, interrupted).await?;
    if !args.dry_run && report.counters.changes() > 0 {
        engine.store().refresh_views().await?;
    }
    summarize(&report, started.elapsed());
    if let Some(leads) = &report.leads {
        tell(leads);
    }
    let mut row = row_of(&report);
    let mut lost = report.leads.as_ref().map_or(0, |leads| leads.lost());
    if !args.dry_run && report.status == RunStatus::Done {
        let mut ear = Ear::new(None)?;
        let values = engine.reconcile(&args.files, &options, Some("_id"), &mut |one| ear.hear(one)).await?;
        lost += values.lost();
        row.insert("values".to_owned(), Value::Object(whole(&values, &ear, &report)));
        if format.is_none() {
            write_text(std::io::stdout().lock(), &values, &ear).map_err(failed)?;
        }
    }
    if let Some(path) = &args.report {
        write_json(std::fs::File::create(path).map_err(failed)?, &row, true)?;
    }
    if format.is_some() {
        Output::stdout(chosen(format)).rows([row])?;
    }
    Ok(match report.status {
        RunStatus::Interrupted => {
            eprintln!("interrupted: go on with --resume");
            ExitCode::from(INTERRUPTED)
        }
        _ if report.tally.rejected > 0 || lost > 0 => ExitCode::from(OVER_LIMIT),
        _ => ExitCode::SUCCESS,
    })
}

/// Lines of one kind that are shown; the JSON report has all.
const SHOWN: usize = 20;

/// The report for people, on stderr.
fn tell(report: &LeadReport) {
    eprintln!("leads: {} of {} documents", grouped(report.leads), grouped(report.documents));
    let statuses: Vec<_> =
        report.statuses.iter().map(|(status, count)| format!("{} {status}", grouped(*count))).collect();
    eprintln!("  status     {}", statuses.join(", "));
    let history = &report.history;
    eprintln!(
        "  history    {} research runs of {} given, {} scores of {} given",
        grouped(history.research_runs),
        grouped(history.research_given),
        grouped(history.icp_scores),
        grouped(history.scores_given)
    );
    let merged = report.merged.iter().map(|merged| {
        let places: Vec<_> = merged.documents.iter().map(place).collect();
        format!("{}: {}", merged.lead, places.join(", "))
    });
    list("leads of several documents", merged.collect());
    let mut codes: BTreeMap<&str, u64> = BTreeMap::new();
    for finding in &report.findings {
        *codes.entry(&finding.code).or_default() += 1;
    }
    for (code, count) in codes {
        let of_code = report.findings.iter().filter(|finding| finding.code == code);
        let shown = of_code.map(|one| {
            format!("{} {}: expected {}, found {}", place(&one.place), one.path, one.expected, one.found)
        });
        list(&format!("{code} ({})", grouped(count)), shown.collect());
    }
    let unplaced = report.unplaced.iter().map(|one| {
        let value: String = one.value.chars().take(60).collect();
        format!("{} {}: {value} ({})", place(&one.place), one.path, one.why)
    });
    list("values that no table holds", unplaced.collect());
    let ambiguous = report
        .ambiguous
        .iter()
        .map(|one| format!("{} {}: {}", one.entity, one.key, one.candidates.join(" | ")));
    list("may be one of several", ambiguous.collect());
    let mut all = firmograph::leads::FieldCounts::default();
    for counts in report.fields.values() {
        all.carried += counts.carried;
        all.merged += counts.merged;
        all.unplaced += counts.unplaced;
        all.lost += counts.lost;
    }
    eprintln!(
        "  values     {} carried, {} merged, {} unplaced, {} lost",
        grouped(all.carried),
        grouped(all.merged),
        grouped(all.unplaced),
        grouped(all.lost)
    );
    for (field, counts) in report.fields.iter().filter(|(_, counts)| counts.lost > 0) {
        eprintln!("    lost: {field} ({})", grouped(counts.lost));
    }
}

fn place(place: &DocumentPlace) -> String {
    let id = place.external_id.as_ref().map_or_else(String::new, |id| format!(" ({id})"));
    format!("{}:{}{id}", place.file, place.line)
}

fn list(title: &str, lines: Vec<String>) {
    if lines.is_empty() {
        return;
    }
    eprintln!("  {title}");
    for line in lines.iter().take(SHOWN) {
        eprintln!("    {line}");
    }
    if lines.len() > SHOWN {
        eprintln!("    ... and {} more: see --format json", grouped((lines.len() - SHOWN) as u64));
    }
}

/// An uploaded or attached file as text.
pub(crate) fn text_of(path: &std::path::Path) -> Result<String, firmograph::Error> {
    std::fs::read_to_string(path).map_err(|error| {
        let message = format!("{}: {error}", path.display());
        firmograph::Error::new(firmograph::ErrorKind::Environment, "cannot-read", message).with_cause(error)
    })
}

/// A row without what is too wide for a table.
pub(crate) fn narrow(mut row: crate::output::Row) -> crate::output::Row {
    row.retain(|_, value| !matches!(value, Value::Array(_) | Value::Object(_)));
    row
}
