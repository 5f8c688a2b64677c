//! `quality levels`: how the raw titles and levels are placed, as rows of one shape in every format.

use crate::args::Format;
use crate::ingest::grouped;
use crate::output::{Output, Row, chosen};
use crate::{Done, OVER_LIMIT};
use firmograph::normalize::level_name;
use firmograph::{Engine, Error, LevelQuality, ProspectLevels};
use serde_json::{Value, json};
use std::process::ExitCode;

pub(super) const LEVELS_HELP: &str = "\
Sections, in this order: prospects, funnel, source, values, unmatched, several_levels, column_against_title, map, not_observed. \
Shares are of those of which a title or a level is said, and are cut after two decimals; nothing said is a line of its own. \
In a section that is cut off by --top, the first row counts all.";

/// Columns of every row.
const COLUMNS: [&str; 11] = [
    "section",
    "item",
    "column",
    "count",
    "share",
    "level",
    "level_name",
    "title_level",
    "title_level_name",
    "reason",
    "detail",
];

pub(super) async fn levels(
    database: &str,
    format: Option<Format>,
    top: usize,
    min_mapped: Option<f64>,
) -> Done {
    let report = Engine::open(database).await?.level_quality(top).await?;
    let format = chosen(format);
    let rows = rows(&report);
    if format == Format::Table {
        tables(rows)?;
    } else {
        Output::stdout(format).rows(rows)?;
    }
    let prospects = &report.prospects;
    tell(prospects);
    match min_mapped {
        Some(percent) if !prospects.reaches(percent) => {
            eprintln!("  fewer than the {percent} % asked for");
            Ok(ExitCode::from(OVER_LIMIT))
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

fn tell(prospects: &ProspectLevels) {
    let share = match prospects.mapped_percent() {
        Some(share) => format!("{share} %"),
        None => "no share".to_owned(),
    };
    eprintln!(
        "{} prospects, of {} a title or a level is said, {} have a level: {share}",
        grouped(prospects.all),
        grouped(prospects.said()),
        grouped(prospects.with_level)
    );
    if prospects.not_observed > 0 {
        eprintln!(
            "  {} were written by another program and not observed yet; {} of them would have a level",
            grouped(prospects.not_observed),
            grouped(prospects.would_match)
        );
    }
}

/// A row of one section with some of the columns.
fn row(section: &str, item: &str, given: &[(&str, Value)]) -> Row {
    let of = |column: &str| match column {
        "section" => json!(section),
        "item" => json!(item),
        _ => given.iter().find(|(name, _)| *name == column).map_or(Value::Null, |(_, value)| value.clone()),
    };
    COLUMNS.iter().map(|column| ((*column).to_owned(), of(column))).collect()
}

fn rows(report: &LevelQuality) -> Vec<Row> {
    let mut rows = of_prospects(report);
    let count = |all: u64| [("count", json!(all))];
    for value in &report.unmatched {
        let given = [
            ("column", json!(value.column)),
            ("count", json!(value.rows)),
            ("reason", json!(value.reason)),
            ("detail", json!(value.suggestions.join(" or "))),
        ];
        rows.push(row("unmatched", &value.value, &given[..if value.suggestions.is_empty() { 3 } else { 4 }]));
    }
    rows.push(row("several_levels", "(all values)", &count(report.several.all)));
    for value in &report.several.top {
        let levels: Vec<_> = value.levels.iter().map(|(level, rows)| format!("{level}: {rows}")).collect();
        let all: u64 = value.levels.values().sum();
        let detail = ("detail", json!(levels.join(", ")));
        rows.push(row("several_levels", &value.value, &[("count", json!(all)), detail]));
    }
    rows.push(row("column_against_title", "(all rows)", &count(report.disagreements.rows)));
    for pair in &report.disagreements.top {
        let given = [
            ("count", json!(pair.rows)),
            ("level", json!(pair.by_column)),
            ("level_name", json!(level_name(pair.by_column))),
            ("title_level", json!(pair.by_title)),
            ("title_level_name", json!(level_name(pair.by_title))),
            ("detail", json!(pair.example)),
        ];
        rows.push(row("column_against_title", &pair.value, &given));
    }
    for finding in &report.map {
        let given = [
            ("count", json!(1)),
            ("level", json!(finding.level.parse::<u8>().ok())),
            ("level_name", json!(finding.name)),
            ("reason", json!(finding.reason.code())),
            ("detail", json!(finding.explanation)),
        ];
        rows.push(row("map", &finding.original, &given));
    }
    rows.push(row("not_observed", "(all values)", &count(report.not_observed.all)));
    for value in &report.not_observed.top {
        let given = [
            ("column", json!("job_title_level")),
            ("count", json!(value.rows)),
            ("level", json!(value.level)),
            ("level_name", json!(value.level.and_then(level_name))),
            ("reason", json!(value.reason)),
        ];
        rows.push(row("not_observed", &value.value, &given));
    }
    rows
}

/// Prospects, funnel, sources and distinct values.
fn of_prospects(report: &LevelQuality) -> Vec<Row> {
    let prospects = &report.prospects;
    let counted = |item: &str, count: u64, share: Option<f64>| {
        row("prospects", item, &[("count", json!(count)), ("share", json!(share))])
    };
    let mut rows = vec![
        counted("all", prospects.all, None),
        counted("with_level", prospects.with_level, prospects.mapped_percent()),
        counted("unmatched", prospects.unmatched, prospects.share(prospects.unmatched)),
        counted("not_observed_yet", prospects.not_observed, prospects.share(prospects.not_observed)),
        counted(
            "not_observed_yet_would_match",
            prospects.would_match,
            prospects.share(prospects.would_match),
        ),
        counted("nothing_said", prospects.nothing_said, None),
    ];
    rows.extend(report.funnel.iter().map(|level| {
        let given = [
            ("count", json!(level.prospects)),
            ("share", json!(prospects.share(level.prospects))),
            ("level", json!(level.level)),
            ("level_name", json!(level.name)),
        ];
        row("funnel", &level.level.to_string(), &given)
    }));
    for source in &report.sources {
        let parts = [
            ("rows", source.rows, None),
            ("matched", source.matched, source.mapped_percent()),
            ("matched_by_title", source.by_title, None),
            ("matched_by_level_column", source.by_level_column, None),
            ("matched_by_map", source.by_map, None),
            ("unmatched", source.unmatched, None),
            ("nothing_said", source.nothing_said, None),
        ];
        rows.extend(parts.map(|(part, count, share)| {
            let given = [("detail", json!(part)), ("count", json!(count)), ("share", json!(share))];
            row("source", &source.source, &given)
        }));
    }
    for values in &report.values {
        let parts =
            [("distinct", values.distinct), ("mapped", values.mapped), ("unmatched", values.unmatched)];
        rows.extend(parts.map(|(part, count)| {
            row("values", part, &[("column", json!(values.column)), ("count", json!(count))])
        }));
    }
    rows
}

/// For people: one table a section, without the columns that say nothing in it.
fn tables(rows: Vec<Row>) -> Result<(), Error> {
    let mut rest = rows.as_slice();
    while let Some(first) = rest.first() {
        let length = rest.iter().take_while(|row| row.get("section") == first.get("section")).count();
        let (section, later) = rest.split_at(length);
        let is_said = |name: &String| section.iter().any(|row| row.get(name).is_some_and(|v| !v.is_null()));
        let named = section.iter().map(|row| {
            let cells = row.iter().filter(|(name, _)| is_said(name));
            cells.map(|(name, value)| (name.clone(), value.clone())).collect::<Row>()
        });
        Output::stdout(Format::Table).rows(named)?;
        rest = later;
    }
    Ok(())
}

pub(super) fn parse_percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>();
    let percent = number.ok().filter(|percent| (0.0..=100.0).contains(percent));
    percent.ok_or_else(|| "give a percentage from 0 to 100, like 95%".to_owned())
}
