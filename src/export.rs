//! Golden records, and why they are so, as JSON.

use crate::{Engine, Entity};
use firmograph_core::{
    Attribute, Dimension, EntityKind, Error, ErrorKind, GoldenRow, LossReason, Scalar, Support, Timestamp,
    WinReason, golden_columns,
};
use firmograph_store::View;
use serde_json::{Map, Value, json};

/// What an export holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct ExportOptions {
    /// Load times too. Without them the export of the same data is the same bytes on any machine, at any time.
    pub with_times: bool,
}

/// Golden rows read from the database at a time.
const PAGE: usize = 5_000;

impl Engine {
    /// Gives every golden row of one kind to `sink`, in the byte order of their ids.
    ///
    /// # Errors
    /// When the database does not answer, or what `sink` returns.
    pub async fn export(
        &mut self,
        kind: EntityKind,
        options: ExportOptions,
        sink: &mut dyn FnMut(Map<String, Value>) -> Result<(), Error>,
    ) -> Result<u64, Error> {
        let mut after = String::new();
        let mut count = 0;
        loop {
            let page = self.store.golden_page(kind, &after, PAGE).await?;
            let Some((last, _)) = page.last() else { return Ok(count) };
            after = last.values[0].as_text().unwrap_or_default().to_owned();
            for (row, (created_at, updated_at)) in page {
                let mut object = golden_json(kind, &row);
                if options.with_times {
                    object.insert("createdAt".to_owned(), json!(created_at));
                    object.insert("updatedAt".to_owned(), json!(updated_at));
                }
                sink(object)?;
                count += 1;
            }
        }
    }
}

impl Engine {
    /// Gives every row of a view to `sink`, in the byte order of what tells its rows apart. With `since`, only rows that changed
    /// after it (exclusive), of views that know it ([`View::changed_at`]). What was deleted since is in [`View::Deletions`].
    ///
    /// # Errors
    /// `no-change-time` (usage) for `since` with a view that does not know when its rows changed; when the database does not
    /// answer, or what `sink` returns.
    pub async fn export_view(
        &mut self,
        view: View,
        since: Option<Timestamp>,
        sink: &mut dyn FnMut(Map<String, Value>) -> Result<(), Error>,
    ) -> Result<u64, Error> {
        if since.is_some() && view.changed_at().is_none() {
            let message = format!("{} does not say when its rows changed", view.name());
            return Err(Error::new(ErrorKind::Usage, "no-change-time", message));
        }
        let mut after: Option<Vec<String>> = None;
        let mut count = 0;
        loop {
            let page = self.store.view_page(view, after.as_deref(), since, PAGE).await?;
            let Some(last) = page.last else { return Ok(count) };
            after = Some(last);
            for row in page.rows {
                sink(row.into_iter().map(|(name, value)| (name, scalar_json(&value))).collect())?;
                count += 1;
            }
        }
    }
}

fn scalar_json(scalar: &Scalar) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Int(number) => json!(number),
        Scalar::Text(text) => json!(text),
    }
}

fn golden_json(kind: EntityKind, row: &GoldenRow) -> Map<String, Value> {
    let columns = golden_columns(kind).iter();
    columns.zip(&row.values).map(|(column, value)| (column.name.to_owned(), scalar_json(value))).collect()
}

fn parts_json(attribute: Attribute, support: &Support) -> Value {
    let parts = attribute.spec().parts.iter().enumerate();
    let said = parts.filter_map(|(index, part)| Some(((*part).to_owned(), json!(support.raw.part(index)?))));
    Value::Object(said.collect())
}

fn said_json(row: &Dimension) -> Map<String, Value> {
    let attribute = row.attribute();
    let mut object = Map::new();
    object.insert("source".to_owned(), json!(row.source().as_str()));
    object.insert("raw".to_owned(), parts_json(attribute, row.first()));
    let matched = row.matched().map(|value| {
        let columns = attribute.spec().matched.iter().zip(&value.columns);
        let mut object: Map<_, _> =
            columns.map(|((name, _), scalar)| ((*name).to_owned(), scalar_json(scalar))).collect();
        object.insert("evidence".to_owned(), json!(value.evidence));
        object
    });
    object.insert("matched".to_owned(), json!(matched));
    object.insert("payload".to_owned(), json!(row.first().payload.to_string()));
    object.insert("payloads".to_owned(), json!(row.first().payloads));
    object.insert("observed_at".to_owned(), json!(row.first().observed_at));
    let others = row.others().iter().map(|support| {
        json!({
            "raw": parts_json(attribute, support),
            "payloads": support.payloads,
            "observed_at": support.observed_at,
            "payload": support.payload.to_string(),
        })
    });
    object.insert("also_said".to_owned(), others.collect());
    object
}

/// Why each attribute is what it is: winner, reason, and each loser with why it lost; of one attribute, or of all that
/// anybody speaks of.
#[must_use]
pub fn explain_json(entity: &Entity, only: Option<Attribute>) -> Vec<Value> {
    let wanted = entity.coalesced.iter().filter(|(attribute, _)| only.is_none_or(|only| only == *attribute));
    wanted
        .map(|(attribute, result)| {
            let losers = result.losers.iter().map(|loss| {
                let mut loser = said_json(&entity.dimensions[loss.index]);
                loser.insert("lost_because".to_owned(), json!(loss_name(loss.reason)));
                Value::Object(loser)
            });
            json!({
                "key": entity.golden.key,
                "attribute": attribute.spec().name,
                "winner": said_json(&entity.dimensions[result.winner]),
                "won_because": win_name(result.reason),
                "losers": losers.collect::<Vec<_>>(),
            })
        })
        .collect()
}

/// A golden record with who won each attribute.
#[must_use]
pub fn entity_json(entity: &Entity) -> Map<String, Value> {
    let mut object = golden_json(entity.kind, &entity.golden);
    let provenance = entity.coalesced.iter().map(|(attribute, result)| {
        let winner = &entity.dimensions[result.winner];
        let rule = winner.matched().map(|value| value.evidence.rule.to_string());
        let value =
            json!({ "source": winner.source().as_str(), "rule": rule, "sources": result.losers.len() + 1 });
        (attribute.spec().name.to_owned(), value)
    });
    object.insert("provenance".to_owned(), Value::Object(provenance.collect()));
    object
}

fn win_name(reason: WinReason) -> Value {
    match reason {
        WinReason::Policy(policy) => json!(policy),
        other => json!(other),
    }
}

fn loss_name(reason: LossReason) -> Value {
    json!(reason)
}
