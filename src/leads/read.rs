//! Leads with everything that is known of them, in a number of questions that does not grow with their number.

use super::rows::{CITATION, FACTORS, LEAD, RESEARCH, SCORE, SIGNAL, TECHNOGRAPHIC};
use crate::Engine;
use crate::export::golden_json;
use crate::identity::key_of_text;
use crate::joined::KeyJoins;
use crate::write_part::stored_companies;
use firmograph_core::{EntityKind, Error, ErrorKind};
use firmograph_store::{LEAD_TABLES, LeadCell, LeadRow};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A row as JSON: columns and values.
type Object = Map<String, Value>;

/// Which leads are asked for.
#[derive(Debug, Clone, Copy)]
pub struct LeadFilter<'f> {
    /// Only those that have come exactly so far: `uploaded`, `researched`, `icp_scored`.
    pub status: Option<&'f str>,
    /// Only those of this company: its id, domain, page or key.
    pub company: Option<&'f str>,
    /// At most so many.
    pub limit: usize,
    /// Only those behind this id: that of the last lead of the page before.
    pub after: Option<&'f str>,
}

impl Default for LeadFilter<'_> {
    fn default() -> Self {
        LeadFilter { status: None, company: None, limit: 100, after: None }
    }
}

/// A lead with everything that is known of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lead {
    /// Its id.
    pub id: String,
    /// How far it has come.
    pub status: String,
    /// Its other columns.
    #[serde(flatten)]
    pub columns: Object,
    /// The golden company, with what it uses as `technographics`.
    pub company: Option<Object>,
    /// The golden person.
    pub person: Option<Object>,
    /// Signals of the newest research.
    pub detected_signals: Vec<Object>,
    /// The newest score, with its `factor_breakdown` by category.
    pub icp_score: Option<Object>,
    /// Every research, the newest first, each with its `citations` and `detected_signals`.
    pub research_runs: Vec<Object>,
    /// Scores before the newest, the newest first, each with its `factor_breakdown`.
    pub earlier_scores: Vec<Object>,
}

pub(crate) fn unknown_lead(id: &str) -> Error {
    Error::new(ErrorKind::Data, "unknown-lead", format!("there is no lead {id:?}"))
        .with_help("see `firmograph leads list`")
}

impl Engine {
    /// Leads in the order of their ids, a page at a time.
    ///
    /// # Errors
    /// `unknown-status` (usage); when the database does not answer.
    pub async fn leads(&mut self, filter: &LeadFilter<'_>) -> Result<Vec<Lead>, Error> {
        if let Some(status) = filter.status.filter(|status| !super::document::STATUSES.contains(status)) {
            let message = format!("{status:?} is no status of a lead");
            return Err(Error::new(ErrorKind::Usage, "unknown-status", message)
                .with_help(format!("one of {}", super::document::STATUSES.join(", "))));
        }
        let company = match filter.company {
            Some(text) => Some(self.company_id_of(text).await?),
            None => None,
        };
        let after = filter.after.unwrap_or_default();
        let rows = self.store.lead_page(filter.status, company.as_deref(), after, filter.limit).await?;
        self.with_everything(rows).await
    }

    /// One lead: by its id, by an id that it had before its company or person was known by another key, or by the only id that it has
    /// where it comes from.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lead(&mut self, id: &str) -> Result<Option<Lead>, Error> {
        let Some(id) = self.lead_id_of(id).await? else { return Ok(None) };
        let rows = self.store.lead_rows(&LEAD_TABLES[LEAD], "id", &[&id]).await?;
        Ok(self.with_everything(rows).await?.pop())
    }

    /// The lead that has, or had, this id.
    pub(crate) async fn lead_id_of(&mut self, id: &str) -> Result<Option<String>, Error> {
        if !self.store.lead_rows(&LEAD_TABLES[LEAD], "id", &[id]).await?.is_empty() {
            return Ok(Some(id.to_owned()));
        }
        for column in ["own_id", "external_id"] {
            let documents = self.store.lead_documents(Some((column, &[id]))).await?;
            let leads: BTreeSet<Box<str>> = documents.into_iter().filter_map(|one| one.lead_id).collect();
            let mut leads = leads.into_iter();
            if let (Some(lead), None) = (leads.next(), leads.next()) {
                return Ok(Some(lead.into()));
            }
        }
        Ok(None)
    }

    async fn company_id_of(&mut self, text: &str) -> Result<String, Error> {
        let joins = KeyJoins::read(&mut self.store).await?;
        let key = key_of_text(EntityKind::Company, text);
        let root: Arc<str> = joins.kind(EntityKind::Company).root(&key).into();
        let golden = stored_companies(&mut self.store, &[Arc::clone(&root)], false).await?;
        let id = golden.get(&*root).and_then(|row| row.values[0].as_text());
        Ok(id.unwrap_or(text).to_owned())
    }

    pub(crate) async fn with_everything(&mut self, leads: Vec<LeadRow>) -> Result<Vec<Lead>, Error> {
        let leads: Vec<Object> = leads.iter().map(|row| object(LEAD, row)).collect();
        let ids = texts(&leads, "id");
        let (company_ids, person_ids) = (texts(&leads, "company_id"), texts(&leads, "persona_id"));
        let mut companies = self.golden(EntityKind::Company, &company_ids).await?;
        let mut persons = self.golden(EntityKind::Person, &person_ids).await?;
        let mut used = self.children(TECHNOGRAPHIC, "company_id", &company_ids).await?;
        let mut runs = self.children(RESEARCH, "lead_id", &ids).await?;
        let mut scores = self.children(SCORE, "lead_id", &ids).await?;
        let run_ids: Vec<String> = runs.values().flat_map(|runs| texts(runs, "id")).collect();
        let score_ids: Vec<String> = scores.values().flat_map(|scores| texts(scores, "id")).collect();
        let mut citations = self.children(CITATION, "research_run_id", &run_ids).await?;
        let mut signals = self.children(SIGNAL, "research_run_id", &run_ids).await?;
        let mut factors = self.children(FACTORS, "icp_score_id", &score_ids).await?;
        let mut all = Vec::with_capacity(leads.len());
        for mut columns in leads {
            let text = |columns: &Object, name: &str| columns[name].as_str().unwrap_or_default().to_owned();
            let id = text(&columns, "id");
            let company = companies.get_mut(&text(&columns, "company_id")).map(|company| {
                if let Some(used) = used.remove(&text(&columns, "company_id")) {
                    company.insert("technographics".to_owned(), json!(used));
                }
                company.clone()
            });
            let person = persons.get_mut(&text(&columns, "persona_id")).cloned();
            let mut research_runs =
                newest_first(runs.remove(&id).unwrap_or_default(), "research_timestamp_utc");
            for run in &mut research_runs {
                let own = text(run, "id");
                for (name, children) in [("citations", &mut citations), ("detected_signals", &mut signals)] {
                    let mut children = children.remove(&own).unwrap_or_default();
                    children.sort_by_key(|child| child["position"].as_i64());
                    run.insert(name.to_owned(), json!(children));
                }
            }
            let mut scores = newest_first(scores.remove(&id).unwrap_or_default(), "scored_at");
            for score in &mut scores {
                let own = factors.remove(&text(score, "id")).unwrap_or_default();
                let by_category: Object =
                    own.into_iter().map(|one| (text(&one, "category"), Value::Object(one))).collect();
                score.insert("factor_breakdown".to_owned(), Value::Object(by_category));
            }
            let current = research_runs.first().map(|run| run["detected_signals"].clone());
            let detected_signals =
                current.and_then(|list| serde_json::from_value(list).ok()).unwrap_or_default();
            let mut scores = scores.into_iter();
            let status = text(&columns, "status");
            columns.remove("id");
            columns.remove("status");
            all.push(Lead {
                id,
                status,
                columns,
                company,
                person,
                detected_signals,
                icp_score: scores.next(),
                research_runs,
                earlier_scores: scores.collect(),
            });
        }
        Ok(all)
    }

    async fn golden(&mut self, kind: EntityKind, ids: &[String]) -> Result<BTreeMap<String, Object>, Error> {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let rows = self.store.golden_by_id(kind, &ids).await?;
        Ok(rows.iter().map(|row| (row.key.to_string(), golden_json(kind, row))).collect())
    }

    async fn children(
        &mut self,
        table: usize,
        column: &str,
        ids: &[String],
    ) -> Result<BTreeMap<String, Vec<Object>>, Error> {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut children: BTreeMap<String, Vec<Object>> = BTreeMap::new();
        for row in self.store.lead_rows(&LEAD_TABLES[table], column, &ids).await? {
            let row = object(table, &row);
            children.entry(row[column].as_str().unwrap_or_default().to_owned()).or_default().push(row);
        }
        Ok(children)
    }
}

/// A row as JSON.
pub(crate) fn object(table: usize, row: &LeadRow) -> Object {
    let table = &LEAD_TABLES[table];
    let cells = table.columns().zip(row).enumerate().map(|(index, (name, cell))| {
        let value = match cell {
            LeadCell::Null => Value::Null,
            LeadCell::Int(number) => json!(number),
            LeadCell::Real(number) if number.fract() == 0.0 && number.abs() < 1e15 => json!(*number as i64),
            LeadCell::Real(number) => json!(number),
            LeadCell::Text(text) if table.is_json(index) => serde_json::from_str(text).unwrap_or_default(),
            LeadCell::Text(text) => json!(text),
            LeadCell::Time(time) => json!(time.to_string()),
        };
        (name.to_owned(), value)
    });
    cells.collect()
}

/// The current one first, then by when it was made, the newest first.
fn newest_first(mut rows: Vec<Object>, made: &str) -> Vec<Object> {
    let age = |row: &Object| {
        let text = |name: &str| row[name].as_str().map(str::to_owned);
        (row["is_current"].as_i64(), text(made), text("observed_at"), text("id"))
    };
    rows.sort_by_key(|row| std::cmp::Reverse(age(row)));
    rows
}

fn texts(rows: &[Object], column: &str) -> Vec<String> {
    let all: BTreeSet<String> =
        rows.iter().filter_map(|row| row[column].as_str()).map(str::to_owned).collect();
    all.into_iter().collect()
}
