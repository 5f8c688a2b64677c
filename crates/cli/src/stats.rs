//! `firmograph stats`.

use crate::Done;
use crate::args::Format;
use crate::ingest::now;
use crate::output::{Output, Row, chosen, failed, row_of};
use clap::Args;
use firmograph::{Engine, Stats, StatsOptions, prometheus_text};
use serde_json::{Map, Value};
use std::io::Write;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(crate) struct StatsArgs {
    /// In the text format of Prometheus
    #[arg(long, conflicts_with = "format")]
    prometheus: bool,
    /// Stored values of each attribute that are matched anew; 0 leaves that out
    #[arg(long, value_name = "ROWS", default_value_t = StatsOptions::default().accuracy_rows)]
    accuracy_rows: usize,
}

pub(crate) async fn run(database: &str, format: Option<Format>, args: StatsArgs) -> Done {
    let options = StatsOptions { accuracy_rows: args.accuracy_rows, ..StatsOptions::default() };
    let stats = Engine::open(database).await?.stats_with(now(), &options).await?;
    if args.prometheus {
        let mut out = std::io::stdout().lock();
        out.write_all(prometheus_text(&stats).as_bytes()).and_then(|()| out.flush()).map_err(failed)?;
        return Ok(ExitCode::SUCCESS);
    }
    let format = chosen(format);
    match format {
        Format::Table | Format::Csv => Output::stdout(format).rows(figures(&stats))?,
        Format::Json | Format::Ndjson => Output::stdout(format).rows([row_of(&stats)])?,
    }
    Ok(ExitCode::SUCCESS)
}

/// One row for each number.
fn figures(stats: &Stats) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut row = |what: &str, of: &str, value: Value| {
        rows.push(Map::from_iter([
            ("figure".to_owned(), what.into()),
            ("of".to_owned(), of.into()),
            ("value".to_owned(), value),
        ]));
    };
    row("payloads", "believed", stats.payloads_believed.into());
    row("payloads", "removed", stats.payloads_removed.into());
    row("golden rows", "company", stats.companies.into());
    row("golden rows", "person", stats.prospects.into());
    for one in &stats.scores {
        row("scored records", one.entity, one.records.into());
        if let Some(mean) = one.mean() {
            row("mean score", one.entity, rounded(mean));
        }
    }
    for one in &stats.documents {
        row("documents", &format!("{} {}", one.entity, one.kind), one.count.into());
    }
    for one in &stats.runs {
        let of = format!("{} {}", one.command, one.source);
        let of = of.trim();
        row("runs", of, one.statuses.values().sum::<u64>().into());
        row("seconds of all runs", of, seconds(one.duration_us));
        if one.tally.read > 0 {
            row("rejected share", of, rounded(one.reject_ratio()));
        }
        if let Some(last) = &one.last {
            row("last run ended", of, last.finished_at.to_string().into());
            row("last run seconds", of, seconds(last.duration_us));
            if let Some(speed) = last.rows_per_second().filter(|_| last.read > 0) {
                row("last run rows per second", of, rounded(speed));
            }
        }
    }
    for one in &stats.rejects {
        row("rejects", &format!("{} {}", one.source, one.code), one.count.into());
    }
    for one in stats.unmatched.iter().filter(|one| one.rows > 0) {
        row("unmatched share", one.attribute, rounded(one.ratio()));
    }
    for one in &stats.refreshes {
        row("refreshed", &one.view, one.refreshed_at.to_string().into());
        row("refresh seconds", &one.view, seconds(one.duration_us));
    }
    for one in &stats.budgets {
        let of = format!("{} {}", one.key.period, one.key.scope);
        let standing = &one.standing;
        row("budget cap", &of, standing.cap.to_string().into());
        row("budget spent", &of, standing.spent.to_string().into());
        row("budget overrun", &of, standing.overrun.to_string().into());
        row("budget held", &of, standing.reserved.to_string().into());
        row("budget refusals", &of, one.refusals.into());
    }
    for one in &stats.accuracy.attributes {
        row("share matched again as stored", one.attribute, rounded(one.ratio()));
    }
    for one in &stats.accuracy.changed {
        let of = format!("{} {} {}", one.attribute, one.key, one.source);
        row(
            "matched again to something else",
            &of,
            serde_json::json!({ "stored": one.stored, "now": one.now }),
        );
    }
    rows
}

fn seconds(microseconds: u64) -> Value {
    rounded(microseconds as f64 / 1e6)
}

fn rounded(number: f64) -> Value {
    ((number * 10_000.0).round() / 10_000.0).into()
}
