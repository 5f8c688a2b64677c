//! One score with all that it is made of, and why.

use crate::Engine;
use crate::joined::KeyJoins;
use firmograph_core::{
    Day, EntityKind, Error, FieldQuality, QUALITY_PARTS, QUALITY_VERSION, Quality, QualityField, Source,
    quality_fields, quality_table,
};
use serde_json::{Map, Value, json};

/// The stored score of one golden record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordQuality {
    /// Key of the record.
    pub key: String,
    /// Id of its golden row.
    pub id: String,
    /// The score with its parts, attributes and fields.
    pub quality: Quality,
}

impl Engine {
    /// The stored score of a company or person by its key, or by a key that is joined to it; `None` where it was not scored.
    ///
    /// ```
    /// use firmograph::{Engine, EntityKind, Hooks, IngestOptions, Source, Timestamp};
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// let folder = tempfile::tempdir()?;
    /// let file = folder.path().join("companies.csv");
    /// std::fs::write(&file, "Company,Website,Industry\nACME INC,acme.com,N/A\n")?;
    /// let mut engine = Engine::open("sqlite::memory:").await?;
    /// let mut hooks = Hooks {
    ///     clock: &|| Timestamp::UNIX_EPOCH,
    ///     progress: &mut |_| {},
    ///     interrupted: Default::default(),
    /// };
    /// engine.ingest(&[file], &IngestOptions::new(Source::new("csv")?), &mut hooks).await?;
    ///
    /// let acme = engine.quality(EntityKind::Company, "acme.com").await?.expect("it was just ingested");
    /// // Name and website of ten fields; the placeholder is nothing.
    /// assert_eq!(acme.quality.completeness, 20_00);
    /// assert_eq!(acme.quality.parts.iter().sum::<i64>(), acme.quality.score);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn quality(&mut self, kind: EntityKind, key: &str) -> Result<Option<RecordQuality>, Error> {
        let joins = KeyJoins::read(&mut self.store).await?;
        let rows = self.store.quality(kind, &[joins.kind(kind).root(key)]).await?;
        let Some(row) = rows.into_iter().next() else { return Ok(None) };
        let quality = row.quality(kind)?;
        Ok(Some(RecordQuality { key: row.key.into(), id: row.id.into(), quality }))
    }

    /// The stored score of a person or company as people write them: by key, e-mail address, domain or LinkedIn page.
    ///
    /// # Errors
    /// `unknown-key` when the database knows nobody of that name, `not-scored` when nobody was scored under it.
    pub async fn find_quality(&mut self, text: &str) -> Result<RecordQuality, Error> {
        for kind in [EntityKind::Person, EntityKind::Company] {
            if let Some(entity) = self.find(kind, text).await? {
                return self.quality(kind, &entity.golden.key).await?.ok_or_else(|| {
                    Error::new(
                        firmograph_core::ErrorKind::Data,
                        "not-scored",
                        format!("{text:?} has no score yet"),
                    )
                    .with_help("`firmograph quality refresh` scores every record")
                });
            }
        }
        Err(crate::find::unknown(text))
    }
}

/// A score as JSON: the record, its attributes, their fields, each with its parts and a sentence for each part that says why.
#[must_use]
pub fn quality_json(record: &RecordQuality) -> Map<String, Value> {
    let quality = &record.quality;
    let attributes = quality.attributes.iter().map(|of| {
        let fields = quality_fields(quality.kind).iter().zip(&quality.fields);
        let fields = fields.filter(|(spec, _)| spec.attribute == of.attribute);
        json!({
            "attribute": of.attribute.spec().name,
            "points": points(of.points),
            "score": points(of.score),
            "parts": parts_json(of.parts),
            "fields": fields.map(|(spec, field)| field_json(spec, field.as_ref(), quality.as_of)).collect::<Vec<_>>(),
        })
    });
    let object = json!({
        "entity": quality.kind.name(),
        "key": record.key,
        "id": record.id,
        "score": points(quality.score),
        "grade": quality.grade,
        "completeness": points(quality.completeness),
        "parts": parts_json(quality.parts),
        "email_grade": quality.email_grade,
        "phone_score": quality.phone_score,
        "verified_at": quality.verified_at,
        "as_of": quality.as_of.to_string(),
        "sources": names(&quality.sources),
        "table": format!("quality@{QUALITY_VERSION}"),
        "attributes": attributes.collect::<Vec<_>>(),
    });
    match object {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// Hundredths as a number with two decimals. Of whole hundredths below a million, the nearest binary number has no others.
pub(super) fn points(hundredths: i64) -> Value {
    json!(hundredths as f64 / 100.0)
}

fn parts_json(parts: [i64; 5]) -> Value {
    QUALITY_PARTS
        .iter()
        .zip(parts)
        .map(|(part, value)| ((*part).to_owned(), points(value)))
        .collect::<Map<_, _>>()
        .into()
}

fn names(sources: &[firmograph_core::Source]) -> Vec<&str> {
    sources.iter().map(|source| source.as_str()).collect()
}

fn field_json(spec: &QualityField, field: Option<&FieldQuality>, as_of: Day) -> Value {
    let columns: Vec<_> = spec.columns().collect();
    let Some(field) = field else {
        return json!({
            "field": spec.name,
            "columns": columns,
            "score": points(0),
            "parts": parts_json([0; 5]),
            "source": null,
            "observed_on": null,
            "agree": [],
            "differ": [],
            "why": { "completeness": "it is missing" },
        });
    };
    json!({
        "field": spec.name,
        "columns": columns,
        "score": points(field.score()),
        "parts": parts_json(field.parts),
        "source": field.by.as_ref().map(|by| by.as_str()),
        "observed_on": field.day.map(|day| day.to_string()),
        "agree": names(&field.agree),
        "differ": names(&field.differ),
        "why": why(spec, field, as_of),
    })
}

/// A sentence for each part.
fn why(spec: &QualityField, field: &FieldQuality, as_of: Day) -> Value {
    let Some(by) = &field.by else {
        return json!({ "completeness": "it is there, and no source is known to have said it" });
    };
    let is_valid = field.parts[1] > 0;
    let validity = match (spec.has_standard(), is_valid) {
        (true, true) => "it has a standard form".to_owned(),
        (true, false) => "what was said has no standard form".to_owned(),
        (false, _) => "there is no standard form to hold it against".to_owned(),
    };
    let others = field.agree.len() + field.differ.len();
    let agreement = if by.is_pin() {
        "a person decided".to_owned()
    } else if !spec.is_compared() {
        "texts of several sources are not held against each other".to_owned()
    } else if others == 0 {
        "no other source speaks of it so that it can be compared".to_owned()
    } else {
        let list = |sources: &[firmograph_core::Source]| match sources {
            [] => "nobody".to_owned(),
            some => names(some).join(", "),
        };
        let (agree, differ) = (list(&field.agree), list(&field.differ));
        format!(
            "{} of {others} other sources say the same: {agree}; something else: {differ}",
            field.agree.len()
        )
    };
    let freshness = match (field.day, by.is_pin()) {
        (Some(day), true) => format!("a person decided on {day}"),
        (None, true) => "a person decided".to_owned(),
        (Some(day), false) => format!("{by} saw it on {day}, {}", age(as_of.since(day), as_of)),
        (None, false) => format!("{by} does not say when it saw it"),
    };
    json!({
        "completeness": "it is there",
        "validity": validity,
        "agreement": agreement,
        "freshness": freshness,
        "trust": trust(spec, field, by),
    })
}

fn age(days: i64, as_of: Day) -> String {
    match days {
        0 => "that very day".to_owned(),
        1 => format!("1 day before {as_of}"),
        2.. => format!("{days} days before {as_of}"),
        _ => format!("after {as_of}"),
    }
}

/// Where a source stands among those that are believed, told by the percentage: each place of the declared table has its own.
fn trust(spec: &QualityField, field: &FieldQuality, by: &Source) -> String {
    let numbers = |rule: &'static str| {
        let rows = quality_table().filter(move |cells| cells.first() == Some(&rule));
        rows.filter_map(|cells| Some((*cells.get(2)?, cells.get(3)?.parse::<i64>().ok()?)))
    };
    let weight = numbers("part").find(|(part, _)| *part == QUALITY_PARTS[4]).map_or(1, |(_, weight)| weight);
    let percent = field.parts[4] / weight.max(1);
    if by.is_pin() {
        return "a person decided".to_owned();
    }
    let attribute = spec.attribute.spec().name;
    let mut places = numbers("trust").filter(|(place, number)| *number == percent && *place != "pinned");
    match places.next().map(|(place, _)| (place, place.parse::<u64>())) {
        Some((_, Ok(place))) => {
            format!("{by} has place {} among the sources believed for {attribute}", place + 1)
        }
        Some(("listed", _)) => {
            format!("{by} is listed among the sources believed for {attribute}, far behind")
        }
        Some(("unlisted", _)) => format!("{by} is not listed among the sources believed for {attribute}"),
        _ => format!("its source is {by}"),
    }
}
