//! `quality show`, `report`, `check`, `refresh` and `table`.

use super::{CheckArgs, ReportArgs};
use crate::args::Format;
use crate::ingest::{grouped, now};
use crate::output::{Output, Row, cell, chosen, failed, row_of};
use crate::{Done, OVER_LIMIT};
use firmograph::{
    Day, Engine, Error, ErrorKind, GateResult, QualityCheckOptions, QualityReportOptions, quality_json,
    quality_svg, quality_table,
};
use serde_json::{Value, json};
use std::process::ExitCode;

pub(super) async fn show(database: &str, format: Option<Format>, key: &str, as_of: Option<Day>) -> Done {
    let mut record = Engine::open(database).await?.find_quality(key).await?;
    if let Some(as_of) = as_of {
        record.quality = record.quality.at(as_of);
    }
    let object = quality_json(&record);
    let format = chosen(format);
    if format != Format::Table {
        Output::stdout(format).rows([object])?;
        return Ok(ExitCode::SUCCESS);
    }
    let plain = object.iter().filter(|(_, value)| !value.is_object() && *value != &Value::Null);
    let plain = plain.filter(|(name, _)| *name != "attributes");
    Output::stdout(format).rows(plain.map(|(name, value)| pair("record", name, "value", list(value))))?;
    let attributes: Vec<&Value> = object["attributes"].as_array().into_iter().flatten().collect();
    let mut rows: Vec<Row> = attributes.iter().map(|of| parts_row("attribute", of, "points")).collect();
    let mut whole =
        parts_row("attribute", &json!({ "attribute": "(all)", "parts": object["parts"] }), "points");
    for column in ["score", "points"] {
        whole.insert(column.to_owned(), object["score"].clone());
    }
    rows.push(whole);
    Output::stdout(format).rows(rows)?;
    let fields = || attributes.iter().filter_map(|of| of["fields"].as_array()).flatten();
    let rows = fields().map(|field| {
        let mut row = parts_row("field", field, "source");
        row.insert("observed_on".to_owned(), field["observed_on"].clone());
        row
    });
    Output::stdout(format).rows(rows)?;
    let reasons = fields().flat_map(|field| {
        let why = field["why"].as_object().into_iter().flatten();
        why.map(|(part, why)| {
            let mut row = pair("field", &cell(&field["field"]), "part", part.as_str());
            row.insert("why".to_owned(), why.clone());
            row
        })
    });
    Output::stdout(format).rows(reasons)?;
    Ok(ExitCode::SUCCESS)
}

/// A name, its score, its parts, and one thing more.
fn parts_row(name: &str, of: &Value, more: &str) -> Row {
    let mut row = Row::new();
    row.insert(name.to_owned(), of[name].clone());
    row.insert("score".to_owned(), of["score"].clone());
    row.extend(
        of["parts"].as_object().into_iter().flatten().map(|(part, value)| (part.clone(), value.clone())),
    );
    row.insert(more.to_owned(), of[more].clone());
    row
}

fn pair(first: &str, a: &str, second: &str, b: impl Into<Value>) -> Row {
    Row::from_iter([(first.to_owned(), json!(a)), (second.to_owned(), b.into())])
}

/// A list as one text.
fn list(value: &Value) -> Value {
    match value {
        Value::Array(items) => json!(items.iter().map(cell).collect::<Vec<_>>().join(", ")),
        other => other.clone(),
    }
}

pub(super) async fn report(database: &str, format: Option<Format>, args: ReportArgs) -> Done {
    let ReportArgs { by, as_of, source, svg } = args;
    let options = QualityReportOptions { by, as_of, source };
    let groups = Engine::open(database).await?.quality_report(&options).await?;
    if let Some(path) = svg {
        std::fs::write(path, quality_svg(&groups, by, &options.note())).map_err(failed)?;
    }
    if groups.is_empty() {
        eprintln!(
            "no record has a score; `firmograph quality refresh` scores those that were written before there were scores"
        );
    }
    let rows = groups.iter().map(|group| group.to_json(by));
    Output::stdout(chosen(format)).rows(rows)?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn check(database: &str, format: Option<Format>, args: CheckArgs) -> Done {
    let CheckArgs { min, max_null, source, as_of } = args;
    let gates: Vec<_> = min.into_iter().chain(max_null).collect();
    if gates.is_empty() {
        return Err(Error::new(ErrorKind::Usage, "no-gate", "nothing is to be checked".to_owned())
            .with_help("give --min completeness=80 or --max-null name=1%, as often as you like"));
    }
    let limits = gates.len();
    let options = QualityCheckOptions { gates, source, as_of };
    let results = Engine::open(database).await?.quality_check(&options).await?;
    Output::stdout(chosen(format)).rows(results.iter().map(GateResult::to_json))?;
    let missed: Vec<&GateResult> = results.iter().filter(|result| !result.passed).collect();
    for result in &missed {
        let GateResult { rule, name, kind, .. } = result;
        let [limit, value, by] = [result.limit, result.value, result.missed_by()]
            .map(|hundredths| format!("{}.{:02}", hundredths / 100, hundredths % 100));
        let fault = result.at_fault.as_ref().map_or_else(String::new, |fault| {
            let (records, of) = (grouped(fault.records), grouped(fault.of));
            format!("; at fault is {}: {records} of its {of} records", fault.source)
        });
        let kind = kind.name();
        if result.missed_by() > 0 {
            eprintln!("{kind} {rule} {name}: {value} where the limit is {limit}, missed by {by}{fault}");
        }
        if result.not_scored > 0 {
            let without = grouped(result.not_scored);
            eprintln!(
                "{kind} {rule} {name}: {without} golden records have no score, so nobody can say whether they keep it: run \
                 `firmograph quality refresh`, and before it `firmograph import legacy` where other programs write"
            );
        }
    }
    let kept = results.len() - missed.len();
    let of = if limits == 1 { "1 limit".to_owned() } else { format!("{limits} limits") };
    eprintln!(
        "{kept} of {} checks passed: {of}, each held against companies and persons by themselves",
        results.len()
    );
    Ok(if missed.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(OVER_LIMIT) })
}

pub(super) async fn refresh(database: &str, format: Option<Format>, as_of: Option<Day>) -> Done {
    let now = now();
    let report = Engine::open(database).await?.refresh_quality(as_of.unwrap_or(Day::of(now)), now).await?;
    Output::stdout(chosen(format)).rows([row_of(&report)])?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn table(format: Option<Format>) -> Done {
    let mut rows = quality_table();
    let columns = rows.next().unwrap_or_default();
    let rows = rows.map(|cells| {
        columns.iter().zip(cells).map(|(column, value)| ((*column).to_owned(), json!(value))).collect::<Row>()
    });
    Output::stdout(chosen(format)).rows(rows)?;
    Ok(ExitCode::SUCCESS)
}
