use crate::Done;
use crate::args::{Format, RunsCommand};
use crate::ingest::{grouped, now};
use crate::output::{Output, Row, chosen, row_of};
use firmograph::store::Run;
use firmograph::{ChangeReport, Changed, Engine, Error, ErrorKind, Flip};
use serde_json::Value;
use std::process::ExitCode;

pub(crate) async fn run(database: &str, format: Option<Format>, command: RunsCommand) -> Done {
    let mut engine = Engine::open(database).await?;
    let format = chosen(format);
    match command {
        RunsCommand::List { limit } => {
            let runs = engine.store().runs(limit).await?;
            let rows = runs.iter().map(|run| {
                let mut row = run_row(run);
                if format == Format::Table {
                    row.remove("counters");
                    row.remove("detail");
                }
                row
            });
            Output::stdout(format).rows(rows)?;
        }
        RunsCommand::Show { run: id } => {
            let run = engine.store().run(id).await?.ok_or_else(|| {
                Error::new(ErrorKind::Data, "unknown-run", format!("there is no run {id}"))
                    .with_help("see `firmograph runs list`")
            })?;
            let files = engine.store().files(Some(id)).await?;
            let mut row = run_row(&run);
            row.insert("files".to_owned(), files.iter().map(|file| Value::Object(row_of(file))).collect());
            if format == Format::Table {
                let rows = row.into_iter().map(|(name, value)| {
                    Row::from_iter([("field".to_owned(), Value::from(name)), ("value".to_owned(), value)])
                });
                Output::stdout(format).rows(rows)?;
            } else {
                Output::stdout(format).rows([row])?;
            }
        }
        RunsCommand::Undo { run, dry_run } => {
            let mut flips = Flips::new(format);
            let report = engine.undo(run, dry_run, now(), &mut |flip| flips.show(flip)).await?;
            flips.finish()?;
            tell_change(&mut engine, &report, &format!("run {run}")).await?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Golden values that become other ones, as rows on stdout.
pub(crate) struct Flips {
    output: Output,
    /// The engine is not stopped by an output that fails: what was begun is ended first.
    failed: Option<Error>,
}

impl Flips {
    pub(crate) fn new(format: Format) -> Self {
        Flips { output: Output::stdout(format), failed: None }
    }

    pub(crate) fn show(&mut self, flip: Flip) {
        if self.failed.is_none() {
            self.failed = self.output.row(row_of(&flip)).err();
        }
    }

    pub(crate) fn finish(self) -> Result<(), Error> {
        match self.failed {
            Some(error) => Err(error),
            None => self.output.finish(),
        }
    }
}

/// What a change did, for people, on stderr.
pub(crate) async fn tell_change(engine: &mut Engine, report: &ChangeReport, what: &str) -> Result<(), Error> {
    if report.dry_run {
        eprintln!("dry run (rolled back): {what}");
    } else {
        eprintln!("run {}: {what}", report.run);
    }
    if report.payloads > 0 {
        eprintln!("  {:<18} {:>12}", "payloads", grouped(report.payloads));
    }
    let rows = [("companies", report.companies), ("prospects", report.prospects)];
    let dimensions = report.dimensions.iter().map(|(name, rows)| (name.as_str(), *rows));
    for (name, Changed { new, changed, gone }) in dimensions.chain(rows) {
        let (all, [new, changed, gone]) = (new + changed + gone, [new, changed, gone].map(grouped));
        eprintln!("  {name:<18} {:>12}  ({new} new, {changed} changed, {gone} gone)", grouped(all));
    }
    eprintln!("  {:<18} {:>12}", "golden values", grouped(report.flips));
    for note in &report.notes {
        eprintln!("  note: {note}");
    }
    if !report.dry_run && report.changes() > 0 {
        engine.store().refresh_views().await?;
    }
    Ok(())
}

fn run_row(run: &Run) -> Row {
    let mut row = row_of(run);
    if let Ok(counters) = serde_json::from_str(&run.counters) {
        row.insert("counters".to_owned(), counters);
    }
    if let Some(detail) = run.detail.as_deref().and_then(|json| serde_json::from_str(json).ok()) {
        row.insert("detail".to_owned(), detail);
    }
    row
}
