//! What Python's `Store` asks about scores, and how the answers look as JSON.

use crate::engine::{json, now};
use firmograph::{
    Day, Engine, Error, ErrorKind, GateResult, QualityBy, QualityCheckOptions, QualityGate,
    QualityReportOptions, Source, quality_json, quality_svg,
};
use serde_json::{Value, json};

/// The score of one company or person; null where nothing is known of it.
pub(crate) async fn show(engine: &mut Engine, key: &str, as_of: Option<&str>) -> Result<Value, Error> {
    let as_of = day(as_of)?;
    match engine.find_quality(key).await {
        Ok(mut record) => {
            if let Some(as_of) = as_of {
                record.quality = record.quality.at(as_of);
            }
            Ok(Value::Object(quality_json(&record)))
        }
        Err(error) if error.code() == "unknown-key" => Ok(Value::Null),
        Err(error) => Err(error),
    }
}

/// The groups of a report, and its picture.
pub(crate) async fn report(
    engine: &mut Engine,
    by: &str,
    as_of: Option<&str>,
    source: Option<&str>,
) -> Result<Value, Error> {
    let by = QualityBy::from_name(by)?;
    let options =
        QualityReportOptions { by, as_of: day(as_of)?, source: source.map(Source::new).transpose()? };
    let groups = engine.quality_report(&options).await?;
    let rows: Vec<Value> = groups.iter().map(|group| Value::Object(group.to_json(by))).collect();
    Ok(json!({ "rows": rows, "svg": quality_svg(&groups, by, &options.note()) }))
}

/// Whether limits are kept.
pub(crate) async fn check(
    engine: &mut Engine,
    [min, max_null]: [Vec<String>; 2],
    source: Option<&str>,
    as_of: Option<&str>,
) -> Result<Value, Error> {
    let min = min.iter().map(|text| QualityGate::min(text));
    let gates =
        min.chain(max_null.iter().map(|text| QualityGate::max_null(text))).collect::<Result<Vec<_>, _>>()?;
    if gates.is_empty() {
        return Err(Error::new(ErrorKind::Usage, "no-gate", "nothing is to be checked".to_owned())
            .with_help("give min={\"completeness\": 80} or max_null={\"name\": 1}"));
    }
    let options =
        QualityCheckOptions { gates, source: source.map(Source::new).transpose()?, as_of: day(as_of)? };
    let results = engine.quality_check(&options).await?;
    let passed = results.iter().all(|result| result.passed);
    let gates: Vec<Value> =
        results.iter().map(|result: &GateResult| Value::Object(result.to_json())).collect();
    Ok(json!({ "passed": passed, "gates": gates }))
}

/// Scores every record anew.
pub(crate) async fn refresh(engine: &mut Engine, as_of: Option<&str>) -> Result<Value, Error> {
    let now = now();
    json(&engine.refresh_quality(day(as_of)?.unwrap_or(Day::of(now)), now).await?)
}

fn day(text: Option<&str>) -> Result<Option<Day>, Error> {
    let Some(text) = text else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        Error::new(ErrorKind::Usage, "bad-day", format!("{text:?} is no day"))
            .with_help("write it like 2026-01-31")
    })
}
