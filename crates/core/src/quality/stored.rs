//! A score as it is stored: one JSON document, the same bytes on every machine.

use super::table::TABLE;
use super::{Day, FieldQuality, QUALITY_VERSION, Quality, quality_fields};
use crate::{EntityKind, Error, ErrorKind, Source, Timestamp};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write;

#[derive(Deserialize)]
struct Breakdown {
    attributes: BTreeMap<String, Part>,
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    fields: BTreeMap<String, Field>,
}

#[derive(Deserialize)]
struct Field {
    by: Option<String>,
    day: Option<String>,
    #[serde(default)]
    agree: Vec<String>,
    #[serde(default)]
    differ: Vec<String>,
    parts: [i64; 5],
}

impl Quality {
    /// What the score is made of, as JSON: the version of the table, and of each attribute what it adds, its own score, and its
    /// fields, each with its source, the day, who agrees and who does not, and its parts.
    #[must_use]
    pub fn breakdown(&self) -> String {
        let mut json = String::with_capacity(1024);
        // Writing to a String cannot fail. Names of attributes, fields and sources hold nothing that JSON would escape.
        let _ = write!(json, r#"{{"table":"quality@{QUALITY_VERSION}","attributes":{{"#);
        for (index, of) in self.attributes.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            let (name, points, score) = (of.attribute.spec().name, of.points, of.score);
            let _ = write!(json, r#"{comma}"{name}":{{"points":{points},"score":{score},"fields":{{"#);
            let fields = quality_fields(self.kind).iter().zip(&self.fields);
            let there = fields.filter(|(spec, _)| spec.attribute == of.attribute);
            let mut comma = "";
            for (spec, field) in there.filter_map(|(spec, field)| Some((spec, field.as_ref()?))) {
                let _ = write!(json, r#"{comma}"{}":{{"#, spec.name);
                put_field(&mut json, field);
                json.push('}');
                comma = ",";
            }
            json.push_str("}}");
        }
        json.push_str("}}");
        json
    }

    /// The sources as a JSON array.
    #[must_use]
    pub fn sources_json(&self) -> String {
        let mut json = String::from("[");
        put_list(&mut json, &self.sources);
        json.push(']');
        json
    }

    /// A score as it was stored. What follows from the fields is worked out anew, by the table of this version.
    ///
    /// # Errors
    /// `database-shape` when `breakdown` or `sources` are none that [`Quality::breakdown`] and [`Quality::sources_json`] gave.
    pub fn stored(
        kind: EntityKind,
        as_of: Day,
        breakdown: &str,
        sources: &str,
        verified_at: Option<Timestamp>,
        (email_grade, phone_score): (Option<&str>, Option<i64>),
    ) -> Result<Quality, Error> {
        let mut parsed: Breakdown = serde_json::from_str(breakdown).map_err(broken)?;
        let sources: Vec<String> = serde_json::from_str(sources).map_err(broken)?;
        let mut fields = Vec::with_capacity(quality_fields(kind).len());
        for spec in quality_fields(kind) {
            let of = parsed.attributes.get_mut(spec.attribute.spec().name);
            let field = of.and_then(|of| of.fields.remove(spec.name));
            fields.push(field.map(Field::read).transpose()?);
        }
        let known = |grade: &str| TABLE.email.iter().map(|row| row.2).find(|known| *known == grade);
        let quality = Quality {
            kind,
            as_of,
            score: 0,
            parts: [0; 5],
            completeness: 0,
            grade: "",
            attributes: Vec::new(),
            fields,
            email_grade: email_grade.and_then(known),
            phone_score,
            verified_at,
            sources: names(&sources)?,
        };
        Ok(quality.total())
    }
}

impl Field {
    fn read(self) -> Result<FieldQuality, Error> {
        Ok(FieldQuality {
            by: self.by.as_deref().map(Source::new).transpose()?,
            day: self.day.map(|day| day.parse()).transpose().map_err(broken)?,
            agree: names(&self.agree)?,
            differ: names(&self.differ)?,
            parts: self.parts,
        })
    }
}

fn names(texts: &[String]) -> Result<Vec<Source>, Error> {
    texts.iter().map(|text| Source::new(text)).collect()
}

fn put_field(json: &mut String, field: &FieldQuality) {
    if let Some(by) = &field.by {
        let _ = write!(json, r#""by":"{by}","#);
    }
    if let Some(day) = field.day {
        let _ = write!(json, r#""day":"{day}","#);
    }
    for (name, sources) in [("agree", &field.agree), ("differ", &field.differ)] {
        if !sources.is_empty() {
            let _ = write!(json, r#""{name}":["#);
            put_list(json, sources);
            json.push_str("],");
        }
    }
    let [completeness, validity, agreement, freshness, trust] = field.parts;
    let _ = write!(json, r#""parts":[{completeness},{validity},{agreement},{freshness},{trust}]"#);
}

fn put_list(json: &mut String, sources: &[Source]) {
    for (index, source) in sources.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        let _ = write!(json, r#"{comma}"{source}""#);
    }
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    let message = format!("a stored score cannot be read: {error}");
    Error::new(ErrorKind::Environment, "database-shape", message)
        .with_help("`firmograph quality refresh` scores every record anew")
        .with_cause(error)
}
