//! What a lead document says beside the facts of company and person: the lead, its research and its scores.

use super::json::{at, canonical, said, says_something, shown, time};
use firmograph_core::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// A lead document, read.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Document {
    pub(crate) name: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) email: Option<String>,
    /// Companies as it names them.
    pub(crate) companies: Vec<String>,
    /// Whether it says which company is meant, by more than a mailbox.
    pub(crate) names_company: bool,
    /// As it is given.
    pub(crate) status: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) external_ids: BTreeSet<String>,
    pub(crate) created_at: Option<Timestamp>,
    pub(crate) updated_at: Option<Timestamp>,
    pub(crate) technographics: Vec<Technographic>,
    pub(crate) research: Option<Research>,
    pub(crate) score: Option<Score>,
    /// What stands where it cannot be kept.
    pub(crate) unplaced: Vec<Unread>,
}

/// A technology that a company uses.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Technographic {
    pub(crate) name: String,
    pub(crate) category: Option<String>,
    pub(crate) confidence: Option<String>,
    pub(crate) source: Option<String>,
}

/// One research of a lead.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Research {
    /// Tells it from others.
    pub(crate) hash: String,
    pub(crate) requested: Option<Value>,
    pub(crate) timestamp: Option<String>,
    pub(crate) tools: Option<Value>,
    pub(crate) warnings: Option<Value>,
    pub(crate) company: Option<Value>,
    pub(crate) persona: Option<Value>,
    /// Name, address and time of each source.
    pub(crate) citations: Vec<[Option<String>; 3]>,
    pub(crate) signals: Vec<Signal>,
}

/// Something that happened at the company or to the person.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Signal {
    pub(crate) kind: Option<String>,
    pub(crate) signal: String,
    pub(crate) source: Option<String>,
    pub(crate) strength: Option<String>,
    pub(crate) recency: Option<String>,
    pub(crate) evidence: Option<Value>,
}

/// One score of a lead.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Score {
    /// Tells it from others.
    pub(crate) hash: String,
    pub(crate) score: Option<f64>,
    pub(crate) tier: Option<String>,
    /// Of company, person and timing, in the order of [`CATEGORIES`].
    pub(crate) fits: [Option<f64>; 3],
    pub(crate) strengths: Option<Value>,
    pub(crate) risks: Option<Value>,
    pub(crate) gaps: Option<Value>,
    pub(crate) confidence: Option<String>,
    pub(crate) inputs: Option<Value>,
    pub(crate) scored_at: Option<String>,
    pub(crate) factors: Vec<Breakdown>,
}

/// The factors of one category.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Breakdown {
    pub(crate) category: &'static str,
    pub(crate) score: Option<f64>,
    /// An array of `{name, value, weight}`.
    pub(crate) factors: Option<Value>,
}

/// A value that no column holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Unread {
    pub(crate) path: String,
    pub(crate) value: String,
    pub(crate) why: &'static str,
}

/// Categories of factors, with their names in the breakdown of a score.
pub(crate) const CATEGORIES: [(&str, &str); 3] =
    [("companyFit", "company_fit"), ("personaFit", "persona_fit"), ("timingFit", "timing_fit")];

/// What a lead has come to, the least first.
pub(crate) const STATUSES: [&str; 3] = ["uploaded", "researched", "icp_scored"];

/// Keys of a document that refer to documents of other collections.
pub(crate) const REFERENCES: [&str; 2] = ["company_id", "persona_id"];

/// Keys of the upper level that are read.
const KNOWN: [&str; 22] = [
    "_id",
    "_migrated",
    "_new_lead_id",
    "__v",
    "lead_input",
    "research",
    "icp",
    "status",
    "source",
    "source_metadata",
    "company_id",
    "persona_id",
    "name",
    "title",
    "email",
    "company",
    "linkedin_url",
    "createdAt",
    "updatedAt",
    "lead_id",
    "created_at",
    "updated_at",
];

impl Document {
    /// Reads a document, which [`super::json::parse`] gave.
    pub(crate) fn read(value: &Value) -> Document {
        let mut document = Document::default();
        let first = |paths: &[&str]| paths.iter().find_map(|path| said(at(value, path))).map(str::to_owned);
        document.name = first(&["lead_input.name", "name", "research.PersonaProfile.full_name"]);
        document.title = first(&["lead_input.title", "title", "research.PersonaProfile.title"]);
        document.email = first(&["lead_input.email", "email", "research.PersonaProfile.email"]);
        let companies = ["lead_input.company", "company", "research.CompanyProfile.name"];
        document.companies = companies.iter().filter_map(|path| first(&[path])).collect();
        let told = [
            "lead_input.company_domain",
            "research.CompanyProfile.domain",
            "research.CompanyProfile.linkedin_url",
        ];
        document.names_company = !document.companies.is_empty() || first(&told).is_some();
        document.status = first(&["status"]);
        document.source = first(&["source"]);
        if let Some(metadata) = value.get("source_metadata").and_then(Value::as_object) {
            document.metadata = metadata.iter().filter(|(_, value)| says_something(value)).map(own).collect();
        }
        for key in REFERENCES {
            if let Some(reference) = value.get(key).filter(|value| says_something(value)) {
                document.metadata.insert(key.to_owned(), reference.clone());
            }
        }
        document.external_ids = ["_id", "_new_lead_id"].iter().filter_map(|key| first(&[key])).collect();
        let instant = |keys: [&str; 2]| keys.iter().find_map(|key| time(at(value, key)));
        document.created_at = instant(["createdAt", "created_at"]);
        document.updated_at = instant(["updatedAt", "updated_at"]).or(document.created_at);
        let unread = &mut document.unplaced;
        for (key, value) in value.as_object().into_iter().flatten() {
            if !KNOWN.contains(&key.as_str()) && says_something(value) {
                unread.push(Unread {
                    path: key.clone(),
                    value: canonical(value),
                    why: "nothing holds this key",
                });
            }
        }
        document.technographics = technographics(at(value, "research.CompanyProfile.technographics"), unread);
        document.research = research(at(value, "research"), unread);
        document.score = score(at(value, "icp"), unread);
        document
    }

    /// What it has come to: as it says, and where it does not say, as far as it goes.
    pub(crate) fn rank(&self) -> usize {
        let said =
            self.status.as_deref().and_then(|status| STATUSES.iter().position(|known| *known == status));
        said.unwrap_or(match self {
            Document { score: Some(_), .. } => 2,
            Document { research: Some(_), .. } => 1,
            _ => 0,
        })
    }
}

fn own((key, value): (&String, &Value)) -> (String, Value) {
    (key.clone(), value.clone())
}

fn text(value: &Value, key: &str, path: &str, unread: &mut Vec<Unread>) -> Option<String> {
    let value = at(value, key);
    if !matches!(value, Value::String(_) | Value::Null) {
        let why = "a text was expected";
        unread.push(Unread { path: format!("{path}.{key}"), value: canonical(value), why });
    }
    said(value).map(str::to_owned)
}

fn number(value: &Value, key: &str, path: &str, unread: &mut Vec<Unread>) -> Option<f64> {
    let value = at(value, key);
    let number = value
        .as_f64()
        .or_else(|| value.as_str()?.trim().parse().ok())
        .filter(|number: &f64| number.is_finite());
    if number.is_none() && says_something(value) {
        let why = "a number was expected";
        unread.push(Unread { path: format!("{path}.{key}"), value: canonical(value), why });
    }
    number
}

/// A list or an object, if anything is in it.
fn kept(value: &Value, key: &str) -> Option<Value> {
    Some(at(value, key)).filter(|value| says_something(value)).cloned()
}

/// The objects of a list; what is none is told.
fn objects<'v>(list: &'v Value, path: &str, unread: &mut Vec<Unread>) -> Vec<(String, &'v Value)> {
    let Value::Array(elements) = list else {
        if says_something(list) {
            unread.push(Unread { path: path.to_owned(), value: canonical(list), why: "a list was expected" });
        }
        return Vec::new();
    };
    let mut objects = Vec::new();
    for (index, element) in elements.iter().enumerate() {
        let path = format!("{path}[{index}]");
        match element {
            Value::Object(_) => objects.push((path, element)),
            other => unread.push(Unread { path, value: canonical(other), why: "an object was expected" }),
        }
    }
    objects
}

fn technographics(list: &Value, unread: &mut Vec<Unread>) -> Vec<Technographic> {
    let mut all = Vec::new();
    for (path, one) in objects(list, "research.CompanyProfile.technographics", unread) {
        let mut get = |key| text(one, key, &path, unread);
        let (name, category, confidence, source) =
            (get("name"), get("category"), get("confidence"), get("source"));
        match name {
            Some(name) => all.push(Technographic { name, category, confidence, source }),
            None if says_something(one) => {
                unread.push(Unread { path, value: canonical(one), why: "it has no name" });
            }
            None => {}
        }
    }
    all
}

fn research(value: &Value, unread: &mut Vec<Unread>) -> Option<Research> {
    if !value.is_object() && says_something(value) {
        unread.push(Unread {
            path: "research".to_owned(),
            value: canonical(value),
            why: "an object was expected",
        });
    }
    if !value.is_object() || !says_something(value) {
        return None;
    }
    let meta = at(value, "ResearchMeta");
    let mut research = Research {
        hash: hash(value),
        requested: kept(meta, "requested_lead"),
        timestamp: text(meta, "research_timestamp_utc", "research.ResearchMeta", unread),
        tools: kept(meta, "tools_used"),
        warnings: kept(meta, "data_quality_warnings"),
        company: kept(value, "CompanyProfile"),
        persona: kept(value, "PersonaProfile"),
        citations: Vec::new(),
        signals: Vec::new(),
    };
    for (path, one) in objects(at(meta, "citations"), "research.ResearchMeta.citations", unread) {
        let citation = ["source_name", "url", "accessed_at_utc"].map(|key| text(one, key, &path, unread));
        if citation.iter().any(Option::is_some) {
            research.citations.push(citation);
        }
    }
    for (path, one) in objects(at(value, "DetectedSignals"), "research.DetectedSignals", unread) {
        let mut get = |key| text(one, key, &path, unread);
        let (kind, signal, source) = (get("type"), get("signal"), get("source"));
        let (strength, recency) = (get("strength"), get("recency"));
        match signal {
            Some(signal) => research.signals.push(Signal {
                kind,
                signal,
                source,
                strength,
                recency,
                evidence: kept(one, "evidence"),
            }),
            None if says_something(one) => {
                unread.push(Unread { path, value: canonical(one), why: "it says no signal" });
            }
            None => {}
        }
    }
    for key in value.as_object()?.keys() {
        let known = ["CompanyProfile", "PersonaProfile", "DetectedSignals", "ResearchMeta"];
        if !known.contains(&key.as_str()) && says_something(&value[key]) {
            let path = format!("research.{key}");
            unread.push(Unread { path, value: canonical(&value[key]), why: "nothing holds this key" });
        }
    }
    Some(research)
}

fn score(value: &Value, unread: &mut Vec<Unread>) -> Option<Score> {
    if !value.is_object() && says_something(value) {
        unread.push(Unread {
            path: "icp".to_owned(),
            value: canonical(value),
            why: "an object was expected",
        });
    }
    if !value.is_object() || !says_something(value) {
        return None;
    }
    let mut factors = Vec::new();
    let given = at(value, "factor_breakdown");
    for (category, _) in CATEGORIES {
        let one = at(given, category);
        if says_something(one) {
            let path = format!("icp.factor_breakdown.{category}");
            let score = number(one, "score", &path, unread);
            factors.push(Breakdown { category, score, factors: kept(one, "factors") });
        }
    }
    for (key, one) in given.as_object().into_iter().flatten() {
        if !CATEGORIES.iter().any(|(known, _)| known == key) && says_something(one) {
            let path = format!("icp.factor_breakdown.{key}");
            unread.push(Unread { path, value: canonical(one), why: "no such category of factors" });
        }
    }
    let meta = at(value, "scoring_meta");
    Some(Score {
        hash: hash(value),
        score: number(value, "icp_score", "icp", unread),
        tier: text(value, "fit_tier", "icp", unread),
        fits: CATEGORIES
            .map(|(_, key)| number(at(value, "score_breakdown"), key, "icp.score_breakdown", unread)),
        strengths: kept(value, "strengths"),
        risks: kept(value, "risks"),
        gaps: kept(value, "gaps"),
        confidence: text(value, "confidence_level", "icp", unread),
        inputs: kept(meta, "inputs_used"),
        scored_at: text(meta, "scored_at", "icp.scoring_meta", unread),
        factors,
    })
}

fn hash(value: &Value) -> String {
    blake3::hash(canonical(value).as_bytes()).to_hex()[..32].to_owned()
}

/// A factor of a category: its name, value and weight.
pub(crate) fn factor(value: &Value) -> (String, Option<f64>, Option<f64>) {
    (shown(at(value, "name")), at(value, "value").as_f64(), at(value, "weight").as_f64())
}
