//! About whom each document of a lead file speaks.

use crate::Store;
use crate::payloads::ValueRows;
use crate::table::{ColumnKind, Table};
use crate::value::{Row, Value};
use firmograph_core::{Error, PayloadId, Timestamp};

/// A row of `core.lead_documents`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadDocument {
    /// Its payload.
    pub payload: PayloadId,
    /// Number of the file by which the payload is read.
    pub file: i64,
    /// Key of the company that it names.
    pub company_key: Option<Box<str>>,
    /// Key of the person.
    pub person_key: Option<Box<str>>,
    /// Name of the company, folded.
    pub company_name: Option<Box<str>>,
    /// Name of the person, folded.
    pub person_name: Option<Box<str>>,
    /// The id that it has where it comes from.
    pub external_id: Option<Box<str>>,
    /// The id of a lead of these very keys.
    pub own_id: Option<Box<str>>,
    /// The lead that it belongs to now.
    pub lead_id: Option<Box<str>>,
    /// When its source saw it.
    pub observed_at: Option<Timestamp>,
}

/// A lead document that is believed, with what it says and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadPayload {
    /// About whom it speaks.
    pub document: LeadDocument,
    /// The document.
    pub body: Box<str>,
    /// Physical line on which it stands in its file.
    pub line: u64,
}

const COLUMNS: &[(&str, ColumnKind)] = &[
    ("payload_id", ColumnKind::Id),
    ("file_id", ColumnKind::Int),
    ("company_key", ColumnKind::Text),
    ("person_key", ColumnKind::Text),
    ("company_name", ColumnKind::Text),
    ("person_name", ColumnKind::Text),
    ("external_id", ColumnKind::Text),
    ("own_id", ColumnKind::Text),
    ("lead_id", ColumnKind::Text),
    ("observed_at", ColumnKind::Time),
];

/// Texts that one statement looks for.
const AT_ONCE: usize = 5_000;

pub(crate) fn table() -> Table {
    Table { kept: "", ..Table::new("core.lead_documents", COLUMNS, &["payload_id"]) }
}

impl Store {
    /// Whether any lead document was ever read.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_lead_documents(&mut self) -> Result<bool, Error> {
        let sql = "SELECT count(*) FROM (SELECT 1 FROM core.lead_documents LIMIT 1) d";
        Ok(self.conn.number(sql, &[]).await? > 0)
    }

    /// Whether any file of lead documents was ever read.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_lead_files(&mut self) -> Result<bool, Error> {
        // The text of a user's mapping stands in the options with its quotation marks escaped.
        let sql =
            "SELECT count(*) FROM (SELECT 1 FROM raw.files WHERE options LIKE '%\"leads\":true%' LIMIT 1) f";
        Ok(self.conn.number(sql, &[]).await? > 0)
    }

    /// Notes about whom documents speak; what was noted of them before is replaced.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_lead_documents(&mut self, documents: &[LeadDocument]) -> Result<(), Error> {
        let text = |text: &Option<Box<str>>| match text {
            Some(text) => Value::Text(text.to_string().into()),
            None => Value::Null,
        };
        let rows = documents.iter().map(|document| {
            vec![
                Value::Id(document.payload),
                Value::Int(document.file),
                text(&document.company_key),
                text(&document.person_key),
                text(&document.company_name),
                text(&document.person_name),
                text(&document.external_id),
                text(&document.own_id),
                text(&document.lead_id),
                Value::time(document.observed_at),
            ]
        });
        self.conn.upsert(&table(), &ValueRows(rows.collect())).await
    }

    /// Documents that are believed and have one of `values` in `column`, without what they say; all of them without values.
    /// In the order of their payloads.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lead_documents(&mut self, by: Option<(&str, &[&str])>) -> Result<Vec<LeadDocument>, Error> {
        let mut all = Vec::new();
        for row in self.lead_document_rows("", by).await? {
            let mut row = row;
            all.push(read(&mut row)?);
        }
        all.sort_by_key(|document| document.payload);
        Ok(all)
    }

    /// What is noted of the documents with these payloads, believed or not.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lead_documents_of(&mut self, payloads: &[PayloadId]) -> Result<Vec<LeadDocument>, Error> {
        let columns: Vec<_> = COLUMNS.iter().map(|(name, _)| *name).collect();
        let is_one = self.conn.any_id("payload_id", 1);
        let sql = format!("SELECT {} FROM core.lead_documents WHERE {is_one}", columns.join(", "));
        let rows = self.conn.fetch(&sql, &[Value::Ids(payloads)]).await?;
        rows.into_iter().map(|mut row| read(&mut row)).collect()
    }

    /// The same, with what they say.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lead_payloads(&mut self, by: Option<(&str, &[&str])>) -> Result<Vec<LeadPayload>, Error> {
        let mut all = Vec::new();
        for mut row in self.lead_document_rows(", p.body, p.line", by).await? {
            let document = read(&mut row)?;
            all.push(LeadPayload { document, body: row.text()?, line: row.int()? as u64 });
        }
        all.sort_by_key(|payload| payload.document.payload);
        Ok(all)
    }

    async fn lead_document_rows(
        &mut self,
        also: &str,
        by: Option<(&str, &[&str])>,
    ) -> Result<Vec<Row>, Error> {
        let columns: Vec<_> = COLUMNS.iter().map(|(name, _)| format!("d.{name}")).collect();
        let from = format!(
            "SELECT {}{also} FROM core.lead_documents d JOIN raw.payloads p ON p.id = d.payload_id \
             WHERE p.removed_by IS NULL",
            columns.join(", ")
        );
        let Some((column, values)) = by else { return self.conn.fetch(&from, &[]).await };
        let sql = format!("{from} AND {}", self.conn.any_text(&format!("d.{column}"), 1));
        let mut rows = Vec::new();
        for values in values.chunks(AT_ONCE) {
            rows.extend(self.conn.fetch(&sql, &[Value::Texts(values)]).await?);
        }
        Ok(rows)
    }

    /// Keys of companies (of persons) of the kind that stands back for others, which a lead document that is believed names, each
    /// with the folded names that are said of it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lead_names(&mut self, persons: bool) -> Result<Vec<(Box<str>, Option<Box<str>>)>, Error> {
        let (key, name) =
            if persons { ("person_key", "person_name") } else { ("company_key", "company_name") };
        let sql = format!(
            "SELECT DISTINCT d.{key}, d.{name} FROM core.lead_documents d JOIN raw.payloads p ON p.id = d.payload_id \
             WHERE p.removed_by IS NULL AND (d.{key} LIKE 'name:%' OR d.{key} LIKE 'linkedin.com/%')"
        );
        let rows = self.conn.fetch(&sql, &[]).await?;
        let mut names: Vec<_> = rows
            .into_iter()
            .map(|mut row| Ok((row.text()?, row.maybe_text()?)))
            .collect::<Result<_, Error>>()?;
        names.sort_unstable();
        Ok(names)
    }

    /// Companies whose match key is one of `name_keys`: key, name as a source gives it, and country code where a source gives one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn companies_named(
        &mut self,
        name_keys: &[&str],
    ) -> Result<Vec<(Box<str>, Box<str>, Option<Box<str>>)>, Error> {
        let is_one = self.conn.any_text("n.matched_name_key", 1);
        let sql = format!(
            "SELECT DISTINCT n.key, n.raw_name, l.matched_country_code FROM core.company_names n \
             LEFT JOIN core.company_locations l ON l.key = n.key AND l.matched_country_code IS NOT NULL \
             WHERE {is_one} AND n.raw_name IS NOT NULL"
        );
        let mut all = Vec::new();
        for keys in name_keys.chunks(AT_ONCE) {
            for mut row in self.conn.fetch(&sql, &[Value::Texts(keys)]).await? {
                all.push((row.text()?, row.text()?, row.maybe_text()?));
            }
        }
        all.sort_unstable();
        Ok(all)
    }

    /// Persons of whom a source says, as the value shown, that they work for one of `companies`: key of the person, of the company.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn employees_of(&mut self, companies: &[&str]) -> Result<Vec<(Box<str>, Box<str>)>, Error> {
        let is_one = self.conn.any_text("matched_company_key", 1);
        let sql =
            format!("SELECT DISTINCT key, matched_company_key FROM core.person_companies WHERE {is_one}");
        let mut all = Vec::new();
        for companies in companies.chunks(AT_ONCE) {
            for mut row in self.conn.fetch(&sql, &[Value::Texts(companies)]).await? {
                all.push((row.text()?, row.text()?));
            }
        }
        all.sort_unstable();
        Ok(all)
    }

    /// Persons whose profile is one of `urls`, by e-mail: the URL, and the key of the person.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn persons_with_profile(&mut self, urls: &[&str]) -> Result<Vec<(Box<str>, Box<str>)>, Error> {
        let is_one = self.conn.any_text("matched_linkedin_url", 1);
        let sql = format!(
            "SELECT DISTINCT matched_linkedin_url, key FROM core.person_contacts WHERE {is_one} AND key LIKE '%@%' \
             AND key NOT LIKE 'name:%'"
        );
        let mut all = Vec::new();
        for urls in urls.chunks(AT_ONCE) {
            for mut row in self.conn.fetch(&sql, &[Value::Texts(urls)]).await? {
                all.push((row.text()?, row.text()?));
            }
        }
        all.sort_unstable();
        Ok(all)
    }
}

fn read(row: &mut Row) -> Result<LeadDocument, Error> {
    Ok(LeadDocument {
        payload: row.id()?,
        file: row.int()?,
        company_key: row.maybe_text()?,
        person_key: row.maybe_text()?,
        company_name: row.maybe_text()?,
        person_name: row.maybe_text()?,
        external_id: row.maybe_text()?,
        own_id: row.maybe_text()?,
        lead_id: row.maybe_text()?,
        observed_at: row.maybe_time()?,
    })
}
