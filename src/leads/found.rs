//! Whether the values of a lead document are in the tables: a second look, which knows the shape of a document and the answer of
//! [`crate::Engine::lead`], and nothing of how the one becomes the other.

use super::json::{at, said, says_something};
use super::read::Lead;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Of one field of lead documents, what became of its values. Blanks, zeros and `Unknown` are no values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct FieldCounts {
    /// The table has the value.
    pub carried: u64,
    /// The table has another document's value: a newer one, of the same lead or company.
    pub merged: u64,
    /// No table can hold it: the report says where it stands.
    pub unplaced: u64,
    /// The table should have it and does not.
    pub lost: u64,
}

/// Lists of objects: where they stand, and the name of the field.
const LISTS: [(&str, &str, &str); 3] = [
    ("research.CompanyProfile.technographics", "technographic", "name"),
    ("research.DetectedSignals", "detected_signal", "signal"),
    ("research.ResearchMeta.citations", "citation", ""),
];

/// Single values: where they stand, the name of the field, and whether an empty one may be a number.
const VALUES: [(&str, &str); 22] = [
    ("research.ResearchMeta.requested_lead", "research_run.requested_lead"),
    ("research.ResearchMeta.research_timestamp_utc", "research_run.research_timestamp_utc"),
    ("research.ResearchMeta.tools_used", "research_run.tools_used"),
    ("research.ResearchMeta.data_quality_warnings", "research_run.data_quality_warnings"),
    ("research.CompanyProfile", "research_run.company_profile"),
    ("research.PersonaProfile", "research_run.persona_profile"),
    ("icp.icp_score", "icp_score.icp_score"),
    ("icp.fit_tier", "icp_score.fit_tier"),
    ("icp.score_breakdown.company_fit", "icp_score.company_fit"),
    ("icp.score_breakdown.persona_fit", "icp_score.persona_fit"),
    ("icp.score_breakdown.timing_fit", "icp_score.timing_fit"),
    ("icp.strengths", "icp_score.strengths"),
    ("icp.risks", "icp_score.risks"),
    ("icp.gaps", "icp_score.gaps"),
    ("icp.confidence_level", "icp_score.confidence_level"),
    ("icp.scoring_meta.inputs_used", "icp_score.inputs_used"),
    ("icp.scoring_meta.scored_at", "icp_score.scored_at"),
    ("icp.factor_breakdown.companyFit", "icp_factor_breakdown.companyFit"),
    ("icp.factor_breakdown.personaFit", "icp_factor_breakdown.personaFit"),
    ("icp.factor_breakdown.timingFit", "icp_factor_breakdown.timingFit"),
    ("source_metadata", "lead.source_metadata"),
    ("status", "lead.status"),
];

/// What was uploaded: the field, and where it may stand.
const UPLOADED: [(&str, [&str; 2]); 4] = [
    ("lead.name", ["lead_input.name", "name"]),
    ("lead.title", ["lead_input.title", "title"]),
    ("lead.email", ["lead_input.email", "email"]),
    ("lead.source", ["source", "source"]),
];

/// What the tables have of a lead: by field, the values.
pub(crate) struct Found(BTreeMap<String, BTreeSet<String>>);

impl Found {
    pub(crate) fn of(lead: &Lead) -> Found {
        let mut found = Found(BTreeMap::new());
        let columns = |prefix: &str, row: &Map<String, Value>, found: &mut Found| {
            for (name, value) in row {
                found.add(&format!("{prefix}.{name}"), value);
            }
        };
        columns("lead", &lead.columns, &mut found);
        found.add("lead.status", &Value::from(lead.status.as_str()));
        let used =
            lead.company.as_ref().and_then(|company| company.get("technographics")?.as_array().cloned());
        for row in used.iter().flatten().filter_map(Value::as_object) {
            let name = row["name_key"].as_str().unwrap_or_default();
            columns(&format!("technographic.{name}"), row, &mut found);
        }
        for run in &lead.research_runs {
            columns("research_run", run, &mut found);
            for (list, prefix) in [("citations", "citation"), ("detected_signals", "detected_signal")] {
                for row in run[list].as_array().into_iter().flatten().filter_map(Value::as_object) {
                    columns(prefix, row, &mut found);
                    found.add(&format!("{prefix} as a whole"), &whole(row, prefix));
                }
            }
        }
        for score in lead.icp_score.iter().chain(&lead.earlier_scores) {
            columns("icp_score", score, &mut found);
            for (category, row) in score["factor_breakdown"].as_object().into_iter().flatten() {
                let own: Map<String, Value> =
                    ["score", "factors"].iter().map(|key| ((*key).to_owned(), row[*key].clone())).collect();
                found.add(&format!("icp_factor_breakdown.{category}"), &Value::Object(own));
            }
        }
        found
    }

    fn add(&mut self, field: &str, value: &Value) {
        self.0.entry(field.to_owned()).or_default().insert(text(value));
    }

    fn has(&self, field: &str, value: &Value) -> bool {
        self.0.get(field).is_some_and(|values| values.contains(&text(value)))
    }

    fn knows(&self, field: &str) -> bool {
        self.0.get(field).is_some_and(|values| values.iter().any(|value| value != "null"))
    }

    /// Counts what became of each value of a document of this lead.
    pub(crate) fn count(&self, document: &Value, fields: &mut BTreeMap<String, FieldCounts>) {
        for (path, field) in VALUES {
            let value = at(document, path);
            if !is_value(path, value) {
                continue;
            }
            let counts = fields.entry(field.to_owned()).or_default();
            match path {
                // Of what a lead has once, another document may say more.
                "status" | "source_metadata" if !self.has(field, value) => counts.merged += 1,
                _ if self.has(field, value) => counts.carried += 1,
                _ if is_misplaced(path, value) => counts.unplaced += 1,
                _ => counts.lost += 1,
            }
        }
        for (field, paths) in UPLOADED {
            let value = paths.iter().map(|path| at(document, path)).find(|value| said(value).is_some());
            let Some(value) = value else { continue };
            let counts = fields.entry(field.to_owned()).or_default();
            match (self.has(field, value), self.knows(field)) {
                (true, _) => counts.carried += 1,
                (false, true) => counts.merged += 1,
                (false, false) => counts.lost += 1,
            }
        }
        for (path, prefix, key) in LISTS {
            for row in at(document, path).as_array().into_iter().flatten() {
                self.count_row(row, prefix, key, fields);
            }
        }
    }

    fn count_row(&self, row: &Value, prefix: &str, key: &str, fields: &mut BTreeMap<String, FieldCounts>) {
        let Some(object) = row.as_object() else {
            if says_something(row) {
                fields.entry(prefix.to_owned()).or_default().unplaced += 1;
            }
            return;
        };
        let is_placed = key.is_empty() || said(&row[key]).is_some();
        let is_whole = self.has(&format!("{prefix} as a whole"), &whole(object, prefix));
        for (name, value) in object.iter().filter(|(_, value)| says_something(value) || said(value).is_some())
        {
            let counts = fields.entry(format!("{prefix}.{name}")).or_default();
            let in_table = match prefix {
                "technographic" => {
                    let own = firmograph_normalize::fold(said(&row[key]).unwrap_or_default());
                    let field = format!("{prefix}.{own}.{name}");
                    if !self.has(&field, value) && self.knows(&field) {
                        counts.merged += 1;
                        continue;
                    }
                    self.has(&field, value)
                }
                _ => is_whole || self.has(&format!("{prefix}.{name}"), value),
            };
            match (
                in_table,
                is_placed && is_column(prefix, name) && value.is_string() == (name != "evidence"),
            ) {
                (true, _) => counts.carried += 1,
                (false, false) => counts.unplaced += 1,
                (false, true) => counts.lost += 1,
            }
        }
    }
}

/// Counts the values of a document that belongs to no lead.
pub(crate) fn count_unplaced(document: &Value, fields: &mut BTreeMap<String, FieldCounts>) {
    let paths = VALUES.iter().map(|(path, field)| (*path, *field));
    let paths = paths.chain(UPLOADED.iter().flat_map(|(field, paths)| paths.map(|path| (path, *field))));
    for (path, field) in paths.chain(LISTS.iter().map(|(path, field, _)| (*path, *field))) {
        if is_value(path, at(document, path)) {
            fields.entry(field.to_owned()).or_default().unplaced += 1;
        }
    }
}

/// A score of 0 is a score; elsewhere zeros say nothing.
fn is_value(path: &str, value: &Value) -> bool {
    let is_score = path == "icp.icp_score" || path.starts_with("icp.score_breakdown");
    says_something(value) || said(value).is_some() || (is_score && value.is_number())
}

/// Whether the value is not of the kind that its column holds.
fn is_misplaced(path: &str, value: &Value) -> bool {
    match path {
        "icp.icp_score" => value.as_f64().is_none(),
        path if path.starts_with("icp.score_breakdown") => value.as_f64().is_none(),
        "icp.fit_tier" | "icp.confidence_level" | "icp.scoring_meta.scored_at" => !value.is_string(),
        "research.ResearchMeta.research_timestamp_utc" => !value.is_string(),
        _ => false,
    }
}

fn is_column(prefix: &str, name: &str) -> bool {
    let columns: &[&str] = match prefix {
        "technographic" => &["name", "category", "confidence", "source"],
        "detected_signal" => &["type", "signal", "source", "strength", "recency", "evidence"],
        _ => &["source_name", "url", "accessed_at_utc"],
    };
    columns.contains(&name)
}

/// The columns of a row that a document gives, as one value.
fn whole(row: &Map<String, Value>, prefix: &str) -> Value {
    let own = row
        .iter()
        .filter(|(name, value)| is_column(prefix, name) && (says_something(value) || said(value).is_some()));
    Value::Object(own.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// One text for equal values: without blanks around, keys in order, whole numbers without a point.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Object(entries) => {
            let sorted: BTreeMap<&String, String> =
                entries.iter().map(|(key, value)| (key, text(value))).collect();
            format!("{sorted:?}")
        }
        Value::Array(elements) => format!("{:?}", elements.iter().map(text).collect::<Vec<_>>()),
        Value::Number(number) => {
            number.as_f64().map_or_else(|| number.to_string(), |number| number.to_string())
        }
        other => other.to_string(),
    }
}
