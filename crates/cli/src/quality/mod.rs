//! `quality`: how raw titles are placed, and how good each record is.

mod levels;
mod scores;

use crate::Done;
use crate::args::Format;
use clap::{Args, Subcommand};
use firmograph::{Day, QualityBy, QualityGate, Source};
use levels::{LEVELS_HELP, parse_percent};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum QualityCommand {
    /// How raw titles and levels are placed on the fifteen levels: shares, funnel, sources, unmatched and contradictory values
    #[command(after_help = LEVELS_HELP)]
    Levels {
        /// Values listed in each section; how many there are is told in any case
        #[arg(long, default_value_t = 20)]
        top: usize,
        /// End with status 1 when a smaller share of the prospects of which a title or a level is said has a level, such as 95%
        #[arg(long, value_name = "PERCENT", value_parser = parse_percent)]
        min_mapped: Option<f64>,
    },
    /// The score of one company or person: attributes, fields, parts, and why each is so
    Show {
        /// Domain, LinkedIn page, e-mail address or key
        key: String,
        /// Ages as of this day, such as 2026-01-31, instead of that of the stored score
        #[arg(long, value_name = "DAY")]
        as_of: Option<Day>,
    },
    /// Mean scores of groups of records, each with its parts, and a picture of them
    #[command(after_help = REPORT_HELP)]
    Report(ReportArgs),
    /// End with status 1 when the records do not keep a limit, and name the source at fault
    #[command(after_help = CHECK_HELP)]
    Check(CheckArgs),
    /// Score every record anew, as of today or another day
    Refresh {
        /// The day against which ages are told, such as 2026-01-31; today without
        #[arg(long, value_name = "DAY")]
        as_of: Option<Day>,
    },
    /// The declared table: weights, steps, fields and rules by which scores are made
    Table,
}

const REPORT_HELP: &str = "\
Scores and parts are points of a hundred, and the parts sum to the score. A record of which several sources speak counts for each \
of them. filled_percent is the share of the critical fields that are there. Month is that in which a source last saw a value that won.";

const CHECK_HELP: &str = "\
Measures: score; completeness, the share of the critical fields that are there; validity, agreement, freshness, trust, each as a \
percentage of what it could be. Each limit is for companies and for persons by themselves; write company.phone or person.phone for \
one of them. A placeholder is nothing. At fault is the source whose records lack most. A limit is not kept while golden records have no \
score: `firmograph quality refresh` makes them.";

#[derive(Debug, Args)]
pub(crate) struct ReportArgs {
    /// entity, source, attribute, field, month or grade
    #[arg(long, default_value = "entity", value_parser = parse_by)]
    by: QualityBy,
    /// Ages as of this day, such as 2026-01-31, instead of that on which each record was scored
    #[arg(long, value_name = "DAY")]
    as_of: Option<Day>,
    /// Only records of which this source speaks
    #[arg(long, value_parser = parse_source)]
    source: Option<Source>,
    /// Draw the report into this file, too
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    /// The mean of a measure is at least this, such as completeness=80
    #[arg(long, value_name = "MEASURE=N", value_parser = parse_min)]
    min: Vec<QualityGate>,
    /// At most this share of the records lacks a golden column or a field, such as name=1%
    #[arg(long, value_name = "COLUMN=P%", value_parser = parse_max_null)]
    max_null: Vec<QualityGate>,
    /// Only records of which this source speaks
    #[arg(long, value_parser = parse_source)]
    source: Option<Source>,
    /// Ages as of this day instead of that on which each record was scored
    #[arg(long, value_name = "DAY")]
    as_of: Option<Day>,
}

pub(crate) async fn run(database: &str, format: Option<Format>, command: QualityCommand) -> Done {
    match command {
        QualityCommand::Levels { top, min_mapped } => levels::levels(database, format, top, min_mapped).await,
        QualityCommand::Show { key, as_of } => scores::show(database, format, &key, as_of).await,
        QualityCommand::Report(args) => scores::report(database, format, args).await,
        QualityCommand::Check(args) => scores::check(database, format, args).await,
        QualityCommand::Refresh { as_of } => scores::refresh(database, format, as_of).await,
        QualityCommand::Table => scores::table(format),
    }
}

fn parse_by(name: &str) -> Result<QualityBy, String> {
    QualityBy::from_name(name).map_err(told)
}

fn parse_source(name: &str) -> Result<Source, String> {
    Source::new(name).map_err(told)
}

fn parse_min(text: &str) -> Result<QualityGate, String> {
    QualityGate::min(text).map_err(told)
}

fn parse_max_null(text: &str) -> Result<QualityGate, String> {
    QualityGate::max_null(text).map_err(told)
}

fn told(error: firmograph::Error) -> String {
    match error.help() {
        Some(help) => format!("{error}: {help}"),
        None => error.to_string(),
    }
}
