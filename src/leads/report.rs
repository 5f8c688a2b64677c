//! What became of lead documents: told after an import, from a second pass over the files that finds each value again in the tables.

use super::check::check;
use super::document::Document;
use super::found::{FieldCounts, Found};
use super::json;
use super::read::Lead;
use super::rows::LEAD;
use crate::Engine;
use crate::derive::wanted;
use crate::ingest::IngestOptions;
use crate::reader::{Identity, parse_time};
use firmograph_core::{Error, Field, PayloadId, Timestamp};
use firmograph_sources::{Input, Item, Record};
use firmograph_store::{KeyJoin, LEAD_TABLES, LeadDocument};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where a document stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct DocumentPlace {
    /// Path of the file.
    pub file: String,
    /// Physical line on which the document begins.
    pub line: u64,
    /// Number of the document, from 1.
    pub record: u64,
    /// The id that it has where it comes from.
    pub external_id: Option<String>,
}

/// Something in a document that does not fit together, or is missing. Nothing of it is repaired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What kind: `tier-against-score`, `weights-against-100`, `missing-title`, ...
    pub code: String,
    /// The lead, if the document belongs to one.
    pub lead: Option<String>,
    /// Where the document stands.
    #[serde(flatten)]
    pub place: DocumentPlace,
    /// Where in the document.
    pub path: String,
    /// What would fit.
    pub expected: String,
    /// What is there.
    pub found: String,
}

/// A value that no table holds; it stays in its payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnplacedValue {
    /// Where the document stands.
    #[serde(flatten)]
    pub place: DocumentPlace,
    /// Where in the document.
    pub path: String,
    /// The value.
    pub value: String,
    /// Why it is not placed.
    pub why: String,
}

/// Documents that are of one lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MergedDocuments {
    /// The lead.
    pub lead: String,
    /// Its documents, in the order of the files.
    pub documents: Vec<DocumentPlace>,
}

/// A company or person that a lead names and that may be one of several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AmbiguousKey {
    /// `company` or `person`.
    pub entity: &'static str,
    /// Its key.
    pub key: String,
    /// Keys of those that may be meant.
    pub candidates: Vec<String>,
}

/// Research and scores of the documents: how many there are, and how many are kept, each once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct History {
    /// Documents with research.
    pub research_given: u64,
    /// Rows of `research_run` of their leads.
    pub research_runs: u64,
    /// Documents with a score.
    pub scores_given: u64,
    /// Rows of `icp_score` of their leads.
    pub icp_scores: u64,
}

/// What became of the lead documents of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LeadReport {
    /// Documents that were read and that can be read as such.
    pub documents: u64,
    /// Records that could not be taken: see `firmograph rejects`.
    pub rejected: u64,
    /// Leads to which the documents belong.
    pub leads: u64,
    /// How many of them have come how far.
    pub statuses: BTreeMap<String, u64>,
    /// Leads of several documents.
    pub merged: Vec<MergedDocuments>,
    /// What does not fit together.
    pub findings: Vec<Finding>,
    /// Values that no table holds.
    pub unplaced: Vec<UnplacedValue>,
    /// Companies and persons that may be one of several.
    pub ambiguous: Vec<AmbiguousKey>,
    /// Research and scores.
    pub history: History,
    /// Of each field, how many of its values were found again.
    pub fields: BTreeMap<String, FieldCounts>,
}

impl LeadReport {
    /// Values that were lost; there must be none.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.fields.values().map(|counts| counts.lost).sum()
    }
}

/// Documents that are looked at together.
const AT_ONCE: usize = 500;

/// A document of the second pass.
struct Seen {
    place: DocumentPlace,
    payload: PayloadId,
    body: Box<str>,
}

/// What is gathered over all documents.
#[derive(Default)]
struct Gathered {
    report: LeadReport,
    by_lead: BTreeMap<String, Vec<DocumentPlace>>,
    keys: BTreeSet<Box<str>>,
    runs: BTreeSet<String>,
    scores: BTreeSet<String>,
}

impl Engine {
    /// Reads the files once more and tells what became of each document. Company and person facts are found again by whoever checks
    /// golden records; here it is what leads alone have.
    pub(crate) async fn lead_report(
        &mut self,
        paths: &[PathBuf],
        options: &IngestOptions,
    ) -> Result<LeadReport, Error> {
        let mut all = Gathered::default();
        for path in paths {
            let mut input = Input::open(path, &options.open)?;
            let mut seen = Vec::new();
            while let Some(item) = input.next_item()? {
                match item {
                    Item::Record(record) => seen.extend(see(path, record, options)),
                    Item::Reject(_) => all.report.rejected += 1,
                    Item::Blank(_) => {}
                }
                if seen.len() >= AT_ONCE {
                    self.look_at(std::mem::take(&mut seen), &mut all).await?;
                }
            }
            self.look_at(seen, &mut all).await?;
        }
        let Gathered { mut report, by_lead, keys, runs, scores } = all;
        report.leads = by_lead.len() as u64;
        let ids: Vec<&str> = by_lead.keys().map(String::as_str).collect();
        let table = &LEAD_TABLES[LEAD];
        for row in self.store.lead_rows(table, "id", &ids).await? {
            let status = table.column("status").and_then(|column| row[column].as_text()).unwrap_or_default();
            *report.statuses.entry(status.to_owned()).or_default() += 1;
        }
        let merged = by_lead.into_iter().filter(|(_, documents)| documents.len() > 1);
        report.merged = merged.map(|(lead, documents)| MergedDocuments { lead, documents }).collect();
        (report.history.research_runs, report.history.icp_scores) = (runs.len() as u64, scores.len() as u64);
        report.ambiguous = self.ambiguous(&keys).await?;
        Ok(report)
    }

    /// Those of the keys that may stand for several others.
    async fn ambiguous(&mut self, keys: &BTreeSet<Box<str>>) -> Result<Vec<AmbiguousKey>, Error> {
        let joins = self.store.active_joins().await?;
        let by_users: Vec<KeyJoin> = joins.into_iter().filter(|join| !join.is_automatic()).collect();
        let all = wanted(&mut self.store, &by_users, 0, Timestamp::UNIX_EPOCH).await?.ambiguous;
        let ours = all.into_iter().filter(|one| keys.contains(&one.key));
        Ok(ours
            .map(|one| AmbiguousKey {
                entity: one.kind.name(),
                key: one.key.into(),
                candidates: one.candidates.into_iter().map(Into::into).collect(),
            })
            .collect())
    }

    async fn look_at(&mut self, seen: Vec<Seen>, all: &mut Gathered) -> Result<(), Error> {
        if seen.is_empty() {
            return Ok(());
        }
        let mut ids: Vec<PayloadId> = seen.iter().map(|seen| seen.payload).collect();
        ids.sort_unstable();
        ids.dedup();
        let documents = self.store.lead_documents_of(&ids).await?;
        let documents: BTreeMap<PayloadId, LeadDocument> =
            documents.into_iter().map(|document| (document.payload, document)).collect();
        let leads: BTreeSet<&str> =
            documents.values().filter_map(|document| document.lead_id.as_deref()).collect();
        let leads: Vec<&str> = leads.into_iter().collect();
        let rows = self.store.lead_rows(&LEAD_TABLES[LEAD], "id", &leads).await?;
        let leads = self.with_everything(rows).await?;
        let leads: BTreeMap<&str, &Lead> = leads.iter().map(|lead| (lead.id.as_str(), lead)).collect();
        let mut found: BTreeMap<&str, Found> = BTreeMap::new();
        for one in &seen {
            let Some(value) = json::parse(&one.body) else { continue };
            let document = Document::read(&value);
            let noted = documents.get(&one.payload);
            let lead = noted.and_then(|noted| leads.get(noted.lead_id.as_deref()?)).copied();
            let report = &mut all.report;
            report.documents += 1;
            report.history.research_given += u64::from(document.research.is_some());
            report.history.scores_given += u64::from(document.score.is_some());
            for one_of in check(&document) {
                report.findings.push(Finding {
                    code: one_of.code.to_owned(),
                    lead: lead.map(|lead| lead.id.clone()),
                    place: one.place.clone(),
                    path: one_of.path,
                    expected: one_of.expected,
                    found: one_of.found,
                });
            }
            for unread in document.unplaced {
                report.unplaced.push(UnplacedValue {
                    place: one.place.clone(),
                    path: unread.path,
                    value: unread.value,
                    why: unread.why.to_owned(),
                });
            }
            if let Some(noted) = noted {
                all.keys.extend(noted.company_key.iter().chain(&noted.person_key).cloned());
            }
            let Some(lead) = lead else {
                let why = "it names no person, so it is no lead";
                let (place, path) = (one.place.clone(), String::new());
                report.unplaced.push(UnplacedValue {
                    place,
                    path,
                    value: String::new(),
                    why: why.to_owned(),
                });
                super::found::count_unplaced(&value, &mut report.fields);
                continue;
            };
            all.by_lead.entry(lead.id.clone()).or_default().push(one.place.clone());
            let own = |rows: &[serde_json::Map<String, serde_json::Value>]| -> Vec<String> {
                rows.iter().filter_map(|row| row["id"].as_str()).map(str::to_owned).collect()
            };
            all.runs.extend(own(&lead.research_runs));
            all.scores.extend(lead.icp_score.iter().flat_map(|score| own(std::slice::from_ref(score))));
            all.scores.extend(own(&lead.earlier_scores));
            found
                .entry(lead.id.as_str())
                .or_insert_with(|| Found::of(lead))
                .count(&value, &mut report.fields);
        }
        Ok(())
    }
}

fn see(path: &Path, record: Record, options: &IngestOptions) -> Option<Seen> {
    let said = record.fields.get(Field::ObservedAt);
    let observed_at = match said {
        Some(text) => Some(parse_time(text)?),
        None => options.observed_at,
    };
    let identity =
        Identity { source: options.pipeline.source.clone(), header: None, observed_at: options.observed_at };
    let external_id =
        json::parse(&record.payload).and_then(|value| json::said(json::at(&value, "_id")).map(str::to_owned));
    let place = DocumentPlace {
        file: path.display().to_string(),
        line: record.position.line,
        record: record.position.record,
        external_id,
    };
    Some(Seen { place, payload: identity.payload_id(&record.payload, observed_at), body: record.payload })
}
