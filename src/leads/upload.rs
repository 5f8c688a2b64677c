//! Uploading a list of leads: a table with the columns name, title, company and email, under whatever headers.

use super::check::is_address;
use super::made::{Made, usage};
use super::rows::LEAD;
use crate::{Engine, IngestReport, user_table};
use firmograph_core::{Error, PayloadId, Position, Reject, RejectCode, Timestamp};
use firmograph_sources::{Item, fold_header};
use firmograph_store::LEAD_TABLES;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;

/// The headers under which the four columns stand; those that are not named are recognised.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LeadColumns {
    /// Of the person's name.
    pub name: Option<String>,
    /// Of the job title.
    pub title: Option<String>,
    /// Of the company's name.
    pub company: Option<String>,
    /// Of the e-mail address.
    pub email: Option<String>,
}

/// What became of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct UploadedRow {
    /// Physical line on which it begins.
    pub line: u64,
    /// The lead; none where the row could not be taken, or names nobody who can be told from others.
    pub id: Option<String>,
    /// How far the lead has come.
    pub status: Option<String>,
    /// The name as given.
    pub name: String,
    /// The title as given.
    pub title: String,
    /// The company as given.
    pub company: String,
    /// The e-mail address as given.
    pub email: String,
    /// Whether the row could not be taken.
    pub failed: bool,
    /// What is wrong with it: `missing-name`, `missing-company`, `missing-title`, `bad-email`, `no-key`.
    pub errors: Vec<&'static str>,
}

/// What became of an upload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeadUpload {
    /// The run.
    pub run: i64,
    /// Rows that are not blank.
    pub total: u64,
    /// Rows that are leads now and were not said before.
    pub created: u64,
    /// Rows that were known, or stand in the file twice.
    pub known: u64,
    /// Rows that could not be taken.
    pub failed: u64,
    /// Each row.
    pub rows: Vec<UploadedRow>,
}

/// Headers that mean the four columns, folded.
const HEADERS: [&[&str]; 4] = [
    &["name", "fullname", "leadname", "contactname", "personname"],
    &["title", "jobtitle", "position", "role"],
    &["company", "companyname", "organization", "account", "accountname"],
    &["email", "emailaddress", "workemail", "mail"],
];

impl Engine {
    /// Uploads a table of leads, as one run in one transaction. Name and company are required; a row without them is kept as a reject.
    /// Uploading a file again changes nothing.
    ///
    /// # Errors
    /// `no-header` or `unknown-column` (usage) where columns are not found; when the file cannot be read, or the database refuses.
    pub async fn upload_leads(
        &mut self,
        path: &Path,
        columns: &LeadColumns,
        now: Timestamp,
    ) -> Result<LeadUpload, Error> {
        let bytes = user_table::read(path)?;
        let help = "name the headers: --name, --title, --company, --email";
        let (places, table) =
            user_table::parse(&bytes, "columns of a name and a company", |header| find(header, columns))
                .map_err(|message| usage("no-header", format!("{}: {message}", path.display()), help))?;
        let places = places.map_err(|name| {
            usage("unknown-column", format!("{} has no column {name:?}", path.display()), help)
        })?;
        let mut made = Made::new()?;
        let mut rows = Vec::with_capacity(table.len());
        for (record, (line, cells)) in (1_u64..).zip(table) {
            let cell = |index: usize| {
                places[index].and_then(|place| cells.get(place)).map_or("", |cell| cell.trim()).to_owned()
            };
            let mut row = UploadedRow {
                line,
                name: cell(0),
                title: cell(1),
                company: cell(2),
                email: cell(3),
                ..UploadedRow::default()
            };
            let position = Position { record, line };
            let payload = if row.check() {
                let document = json!({
                    "lead_input": { "name": row.name, "title": row.title, "company": row.company, "email": row.email },
                    "status": "uploaded",
                    "source": "CSV",
                });
                Some(made.add(&document, position, None)?)
            } else {
                let missing = if row.name.is_empty() { "name" } else { "company" };
                made.items.push(Item::Reject(Reject {
                    code: RejectCode::MissingValue,
                    position,
                    column: Some(missing.to_owned()),
                    cause: format!("a lead needs a {missing}"),
                    original: serde_json::to_vec(&cells).unwrap_or_default(),
                }));
                None
            };
            rows.push((row, payload));
        }
        let report = self.begin_made(&path.display().to_string(), made, now).await?;
        let done = self.uploaded(&report, rows).await;
        self.end_made(&report, done, now).await
    }

    async fn uploaded(
        &mut self,
        report: &IngestReport,
        rows: Vec<(UploadedRow, Option<PayloadId>)>,
    ) -> Result<LeadUpload, Error> {
        let mut ids: Vec<PayloadId> = rows.iter().filter_map(|(_, payload)| *payload).collect();
        ids.sort_unstable();
        ids.dedup();
        let noted = self.store.lead_documents_of(&ids).await?;
        let leads: BTreeMap<PayloadId, Box<str>> =
            noted.into_iter().filter_map(|one| Some((one.payload, one.lead_id?))).collect();
        let mut texts: Vec<&str> = leads.values().map(|id| &**id).collect();
        texts.sort_unstable();
        texts.dedup();
        let table = &LEAD_TABLES[LEAD];
        let status = table.column("status").unwrap_or_default();
        let stored = self.store.lead_rows(table, "id", &texts).await?;
        let statuses: BTreeMap<&str, &str> =
            stored.iter().filter_map(|row| Some((row[0].as_text()?, row[status].as_text()?))).collect();
        let mut upload = LeadUpload {
            run: report.run,
            total: rows.len() as u64,
            created: report.tally.accepted,
            known: report.tally.skipped,
            failed: 0,
            rows: Vec::with_capacity(rows.len()),
        };
        for (mut row, payload) in rows {
            row.id = payload.and_then(|payload| leads.get(&payload)).map(ToString::to_string);
            row.status = row.id.as_deref().and_then(|id| statuses.get(id)).map(|status| (*status).to_owned());
            if row.id.is_none() && !row.failed {
                row.failed = true;
                row.errors.push("no-key");
            }
            upload.failed += u64::from(row.failed);
            upload.rows.push(row);
        }
        Ok(upload)
    }
}

impl UploadedRow {
    /// Notes what is wrong; whether the row can be taken.
    fn check(&mut self) -> bool {
        for (text, code) in
            [(&self.name, "missing-name"), (&self.company, "missing-company"), (&self.title, "missing-title")]
        {
            if text.is_empty() {
                self.errors.push(code);
            }
        }
        if !self.email.is_empty() && !is_address(&self.email) {
            self.errors.push("bad-email");
        }
        self.failed = self.name.is_empty() || self.company.is_empty();
        !self.failed
    }
}

/// Where the four columns stand: nothing where this is no header of leads, a name where one that is named is not there.
fn find(header: &[String], columns: &LeadColumns) -> Option<Result<[Option<usize>; 4], String>> {
    let named = [&columns.name, &columns.title, &columns.company, &columns.email];
    let mut places = [None; 4];
    let mut missing = None;
    for ((place, named), known) in places.iter_mut().zip(named).zip(HEADERS) {
        *place = match named {
            Some(name) => {
                let exact = header.iter().position(|title| title.trim() == name.trim());
                let found =
                    exact.or_else(|| header.iter().position(|title| fold_header(title) == fold_header(name)));
                if found.is_none() {
                    missing.get_or_insert(name.clone());
                }
                found
            }
            None => {
                known.iter().find_map(|known| header.iter().position(|title| fold_header(title) == *known))
            }
        };
    }
    if let Some(name) = missing {
        // A header of one column was cut at another delimiter.
        return (header.len() > 1).then_some(Err(name));
    }
    (places[0].is_some() && places[2].is_some()).then_some(Ok(places))
}
