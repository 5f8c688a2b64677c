//! Importing what another system holds: an ingest whose every value is accounted for.

use crate::args::Format;
use crate::import_leads::{self, LeadsArgs};
use crate::import_legacy::{self, LegacyArgs};
use crate::ingest::{
    dry_run_database, ended, max_rejects, now, observed_at, on_ctrl_c, summarize, with_progress,
};
use crate::reconciliation::{Ear, write_report};
use crate::{Done, OVER_LIMIT};
use clap::{ArgGroup, Args, Subcommand};
use firmograph::{
    CUSTOMERS, CustomerTable, Engine, Error, ErrorKind, Hooks, IngestOptions, Progress, Source,
    customer_options,
};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Customers of the flat table "Customer": from a CSV of it, or from the table itself, which is only read
    Customers(Box<CustomersArgs>),
    /// Nested lead documents: JSON, JSON lines, and what mongoexport and mongodump write
    Leads(Box<LeadsArgs>),
    /// Rows that other programs wrote into "Company" and "Prospect" by themselves: what they say is what the source `legacy` says
    Legacy(LegacyArgs),
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("input").required(true).args(["file", "from"])))]
pub(crate) struct CustomersArgs {
    /// CSV of the table, gzip or not, with its column names as the header
    file: Option<PathBuf>,
    /// Database that holds the table: postgres://USER@HOST/NAME or sqlite://FILE
    #[arg(long, value_name = "URL")]
    from: Option<String>,
    /// The table there, with its schema where that is needed
    #[arg(long, default_value = "Customer", requires = "from")]
    table: String,
    /// Who says it
    #[arg(long, default_value = CUSTOMERS)]
    source: String,
    #[command(flatten)]
    how: ImportArgs,
}

/// What every import can be told.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// When the source saw records that do not say so themselves: 2026-01-31 or an RFC 3339 instant
    #[arg(long, value_name = "DATE")]
    observed_at: Option<String>,
    /// Do everything, show the result, and roll it back
    #[arg(long)]
    dry_run: bool,
    /// Go on where an interrupted import of the same input stopped
    #[arg(long, conflicts_with = "dry_run")]
    resume: bool,
    /// Stop when more records than this are rejected: a number, or a percentage of the records read
    #[arg(long, value_name = "N|P%")]
    max_rejects: Option<String>,
    /// Append .com to hosts without a dot; the evidence says so
    #[arg(long)]
    repair_domains: bool,
    /// Records written in one transaction
    #[arg(long, value_name = "ROWS", default_value_t = firmograph::DEFAULT_BATCH_ROWS)]
    batch_size: usize,
    /// Leave company_prospect_view as it is (PostgreSQL)
    #[arg(long)]
    no_refresh: bool,
    /// Write the whole reconciliation as JSON into this file
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Write a CSV of each record's id with the ids of its golden company and prospect into this file
    #[arg(long, value_name = "FILE")]
    links: Option<PathBuf>,
}

impl ImportArgs {
    /// Fills in what was asked for.
    pub(crate) fn apply(&self, options: &mut IngestOptions) -> Result<(), Error> {
        options.observed_at = self.observed_at.as_deref().map(observed_at).transpose()?;
        options.dry_run = self.dry_run;
        options.resume = self.resume;
        options.max_rejects = self.max_rejects.as_deref().map(max_rejects).transpose()?;
        options.pipeline.repair_domains = self.repair_domains;
        options.batch_rows = self.batch_size.max(1);
        Ok(())
    }
}

pub(crate) async fn run(database: &str, format: Option<Format>, command: ImportCommand) -> Done {
    match command {
        ImportCommand::Customers(args) => customers(database, format, &args).await,
        ImportCommand::Leads(args) => import_leads::run(database, format, *args).await,
        ImportCommand::Legacy(args) => import_legacy::run(database, format, &args).await,
    }
}

async fn customers(database: &str, format: Option<Format>, args: &CustomersArgs) -> Done {
    let mut options = customer_options(Source::new(&args.source)?)?;
    args.how.apply(&mut options)?;
    match (&args.from, &args.file) {
        (Some(url), _) => {
            let table = CustomerTable::copy(url, &args.table).await?;
            table.describe(&mut options);
            import(database, format, table.path(), &options, &args.how, "id").await
        }
        (None, Some(file)) => import(database, format, file, &options, &args.how, "id").await,
        // The command line asks for one of them.
        (None, None) => Err(Error::new(ErrorKind::Usage, "no-input", "give a file, or --from a database")),
    }
}

/// Imports one file and reconciles it. `id_column` is what its records are called by in links.
pub(crate) async fn import(
    database: &str,
    format: Option<Format>,
    path: &Path,
    options: &IngestOptions,
    how: &ImportArgs,
    id_column: &str,
) -> Done {
    let interrupted = on_ctrl_c();
    let started = Instant::now();
    // Said before a database is made that nothing will be written to.
    std::fs::metadata(path).map_err(|error| {
        Error::new(ErrorKind::Environment, "cannot-read", format!("{}: {error}", path.display()))
            .with_cause(error)
    })?;
    let mut ear = Ear::new(how.links.as_deref())?;
    let mut engine = Engine::open(if how.dry_run { dry_run_database(database) } else { database }).await?;
    let paths = [path.to_owned()];
    // Without what the comparison takes.
    let mut ingested = started.elapsed();
    let imported = with_progress(async |progress| {
        let mut progress = |so_far: Progress<'_>| {
            progress(so_far);
            ingested = started.elapsed();
        };
        let mut hooks = Hooks { clock: &now, progress: &mut progress, interrupted };
        let mut sink = |finding| ear.hear(finding);
        engine.import(&paths, options, &mut hooks, Some(id_column), &mut sink).await
    });
    let (report, reconciliation) = imported.await?;
    let compared = started.elapsed();
    if !how.dry_run && !how.no_refresh && report.counters.changes() > 0 {
        engine.store().refresh_views().await?;
    }
    summarize(&report, ingested);
    let Some(reconciliation) = reconciliation else { return Ok(ended(report.status)) };
    eprintln!("  compared value for value in {:.1} s", (compared - ingested).as_secs_f64());
    ear.finish()?;
    write_report(format, how.report.as_deref(), &report, &reconciliation, &ear)?;
    let lost = reconciliation.lost();
    if lost > 0 {
        eprintln!("{lost} values, payloads or golden records are not where they should be");
        return Ok(ExitCode::from(OVER_LIMIT));
    }
    Ok(ended(report.status))
}
