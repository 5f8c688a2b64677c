//! Intelligence documents: about whom each speaks, what each source says, and what all of them say together.

use crate::Store;
use crate::payloads::ValueRows;
use crate::table::{ColumnKind, Table};
use crate::value::{Row, Value};
use firmograph_core::{EntityKind, Error, PayloadId, Timestamp};

/// About whom a document speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentNote {
    /// Its payload.
    pub payload: PayloadId,
    /// Number of the file by which the payload is read.
    pub file: i64,
    /// Company or person.
    pub entity: EntityKind,
    /// Its key, before keys are joined.
    pub key: Box<str>,
}

/// How long a document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentSize {
    /// Of whom it speaks, before keys are joined.
    pub key: Box<str>,
    /// Its payload.
    pub payload: PayloadId,
    /// Bytes of its envelope.
    pub bytes: usize,
}

/// What one source says in one document: a row of `intelligence.documents`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceDocument {
    /// Company or person.
    pub entity: EntityKind,
    /// Its key, before keys are joined.
    pub key: Box<str>,
    /// Kind of document.
    pub kind: Box<str>,
    /// Who says it.
    pub source: Box<str>,
    /// The document, as JSON.
    pub document: Box<str>,
    /// How sure the source is, in ten-thousandths.
    pub confidence: Option<i64>,
    /// The model, where it is what a model thinks.
    pub model: Option<Box<str>>,
    /// When the source saw it.
    pub observed_at: Option<Timestamp>,
    /// The payload it came in.
    pub payload: PayloadId,
    /// Number of the file of that payload.
    pub file: i64,
    /// The run that read the file.
    pub run: i64,
}

/// What all sources say together of one company or person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoldenDocuments {
    /// The key, after keys are joined.
    pub key: Box<str>,
    /// A document as JSON for each of [`document_columns`], where there is one.
    pub documents: Vec<Option<Box<str>>>,
    /// Who gave each key of each document, as JSON.
    pub attribution: Box<str>,
}

/// The columns of `intelligence.company_intelligence` and `intelligence.person_intelligence`: one for each kind of document.
#[must_use]
pub fn document_columns(entity: EntityKind) -> &'static [&'static str] {
    match entity {
        EntityKind::Company => &[
            "growth",
            "funding_rounds",
            "acquisitions",
            "reviews",
            "ai_analysis",
            "network",
            "salary",
            "executive_changes",
            "hiring",
        ],
        EntityKind::Person => &["ai_analysis", "network", "salary", "career"],
    }
}

fn golden_table(entity: EntityKind) -> &'static str {
    match entity {
        EntityKind::Company => "intelligence.company_intelligence",
        EntityKind::Person => "intelligence.person_intelligence",
    }
}

/// Rows of one statement: documents are long, and `jsonb` is written as text, which `COPY` in its binary form does not do.
const AT_ONCE: usize = 100;
/// Texts that one statement looks for.
const KEYS_AT_ONCE: usize = 5_000;

use ColumnKind::{Id, Int, Json, Text, Time};

const NOTE_COLUMNS: &[(&str, ColumnKind)] =
    &[("payload_id", Id), ("file_id", Int), ("entity", Text), ("key", Text)];

const COLUMNS: &[(&str, ColumnKind)] = &[
    ("entity", Text),
    ("key", Text),
    ("kind", Text),
    ("source", Text),
    ("document", Json),
    ("confidence", Int),
    ("model", Text),
    ("observed_at", Time),
    ("payload_id", Id),
    ("file_id", Int),
    ("run_id", Int),
    ("created_at", Time),
    ("updated_at", Time),
];

/// Documents that are believed. A payload that is read by another file than was noted is no document any more: it was ingested since
/// as a record.
const BELIEVED: &str = "intelligence.document_payloads d JOIN raw.payloads p ON p.id = d.payload_id AND p.file_id = d.file_id \
    JOIN raw.files f ON f.id = p.file_id WHERE p.removed_by IS NULL";

impl Store {
    /// Whether any document was ever read.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_documents(&mut self) -> Result<bool, Error> {
        let sql = "SELECT count(*) FROM (SELECT 1 FROM intelligence.document_payloads LIMIT 1) d";
        Ok(self.conn.number(sql, &[]).await? > 0)
    }

    /// Notes about whom documents speak; what was noted of them before is replaced.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_document_notes(&mut self, notes: &[DocumentNote]) -> Result<(), Error> {
        let table =
            Table { kept: "", ..Table::new("intelligence.document_payloads", NOTE_COLUMNS, &["payload_id"]) };
        let rows = notes.iter().map(|note| {
            vec![
                Value::Id(note.payload),
                Value::Int(note.file),
                Value::text(note.entity.name()),
                Value::text(&note.key),
            ]
        });
        self.conn.upsert(&table, &ValueRows(rows.collect())).await
    }

    /// What is noted of the documents with these payloads, believed or not.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn document_notes(&mut self, payloads: &[PayloadId]) -> Result<Vec<DocumentNote>, Error> {
        let is_one = self.conn.any_id("payload_id", 1);
        let sql = format!(
            "SELECT payload_id, file_id, entity, key FROM intelligence.document_payloads WHERE {is_one}"
        );
        let rows = self.conn.fetch(&sql, &[Value::Ids(payloads)]).await?;
        let notes = rows.into_iter().map(|mut row| {
            Ok(DocumentNote {
                payload: row.id()?,
                file: row.int()?,
                entity: entity(&mut row)?,
                key: row.text()?,
            })
        });
        notes.collect()
    }

    /// Companies and persons of whom a document speaks: of all documents, or of those that run number `removed_by` took out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn document_keys(
        &mut self,
        removed_by: Option<i64>,
    ) -> Result<Vec<(EntityKind, Box<str>)>, Error> {
        let all = "SELECT DISTINCT d.entity, d.key FROM intelligence.document_payloads d";
        let rows = match removed_by {
            None => {
                let sql = format!(
                    "{all} UNION SELECT entity, key FROM intelligence.documents \
                     UNION SELECT 'company', key FROM intelligence.company_intelligence \
                     UNION SELECT 'person', key FROM intelligence.person_intelligence"
                );
                self.conn.fetch(&sql, &[]).await?
            }
            Some(run) => {
                let sql = format!("{all} JOIN raw.payloads p ON p.id = d.payload_id WHERE p.removed_by = $1");
                self.conn.fetch(&sql, &[Value::Int(run)]).await?
            }
        };
        rows.into_iter().map(|mut row| Ok((entity(&mut row)?, row.text()?))).collect()
    }

    /// How long each document is that is believed about these companies or persons.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn document_sizes(
        &mut self,
        kind: EntityKind,
        keys: &[&str],
    ) -> Result<Vec<DocumentSize>, Error> {
        let is_one = self.conn.any_text("d.key", 2);
        let sql = format!(
            "SELECT d.key, p.id, octet_length(CAST(p.body AS TEXT)) FROM {BELIEVED} AND d.entity = $1 AND {is_one}"
        );
        let mut all = Vec::new();
        for keys in keys.chunks(KEYS_AT_ONCE) {
            for mut row in self.conn.fetch(&sql, &[Value::text(kind.name()), Value::Texts(keys)]).await? {
                let (key, payload) = (row.text()?, row.id()?);
                all.push(DocumentSize { key, payload, bytes: usize::try_from(row.int()?).unwrap_or(0) });
            }
        }
        Ok(all)
    }

    /// The documents with these payloads that are believed, as they came; a row has the envelope where the document is to be, and neither
    /// kind, confidence nor model.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn believed_documents(&mut self, payloads: &[PayloadId]) -> Result<Vec<SourceDocument>, Error> {
        let is_one = self.conn.any_id("d.payload_id", 1);
        let sql = format!(
            "SELECT d.entity, d.key, '', p.source, p.body, CAST(NULL AS BIGINT), CAST(NULL AS TEXT), p.observed_at, p.id, p.file_id, f.run_id \
             FROM {BELIEVED} AND {is_one}"
        );
        let rows = self.conn.fetch(&sql, &[Value::Ids(payloads)]).await?;
        rows.into_iter().map(read).collect()
    }

    /// What is stored of what each source says about these companies or persons.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn source_documents(
        &mut self,
        kind: EntityKind,
        keys: &[&str],
    ) -> Result<Vec<SourceDocument>, Error> {
        let is_one = self.conn.any_text("key", 2);
        let sql = format!(
            "SELECT entity, key, kind, source, CAST(document AS TEXT), confidence, model, observed_at, payload_id, file_id, run_id \
             FROM intelligence.documents WHERE entity = $1 AND {is_one}"
        );
        self.documents_by(&sql, kind, keys).await
    }

    async fn documents_by(
        &mut self,
        sql: &str,
        kind: EntityKind,
        keys: &[&str],
    ) -> Result<Vec<SourceDocument>, Error> {
        let mut all = Vec::new();
        for keys in keys.chunks(KEYS_AT_ONCE) {
            for row in self.conn.fetch(sql, &[Value::text(kind.name()), Value::Texts(keys)]).await? {
                all.push(read(row)?);
            }
        }
        Ok(all)
    }

    /// Writes what sources say; what they said before is replaced.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_source_documents(
        &mut self,
        documents: &[SourceDocument],
        now: Timestamp,
    ) -> Result<(), Error> {
        let table = Table::new("intelligence.documents", COLUMNS, &["entity", "key", "kind", "source"]);
        for documents in documents.chunks(AT_ONCE) {
            let rows = documents.iter().map(|row| {
                vec![
                    Value::text(row.entity.name()),
                    Value::text(&row.key),
                    Value::text(&row.kind),
                    Value::text(&row.source),
                    Value::text(&row.document),
                    row.confidence.map_or(Value::Null, Value::Int),
                    Value::maybe(row.model.as_deref()),
                    Value::time(row.observed_at),
                    Value::Id(row.payload),
                    Value::Int(row.file),
                    Value::Int(row.run),
                    Value::Time(now),
                    Value::Time(now),
                ]
            });
            self.conn.upsert(&table, &ValueRows(rows.collect())).await?;
        }
        Ok(())
    }

    /// Deletes what sources say no more: of each row its company or person, kind and source count.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn delete_source_documents(&mut self, documents: &[SourceDocument]) -> Result<(), Error> {
        let sql =
            "DELETE FROM intelligence.documents WHERE entity = $1 AND key = $2 AND kind = $3 AND source = $4";
        for row in documents {
            let params = [row.entity.name(), &row.key, &row.kind, &row.source].map(Value::text);
            self.conn.execute(sql, &params).await?;
        }
        Ok(())
    }

    /// What is stored of what all sources say together about these companies or persons.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn golden_documents(
        &mut self,
        kind: EntityKind,
        keys: &[&str],
    ) -> Result<Vec<GoldenDocuments>, Error> {
        let is_one = self.conn.any_text("key", 1);
        let sql = format!("SELECT {} FROM {} WHERE {is_one}", golden_list(kind), golden_table(kind));
        let mut all = Vec::new();
        for keys in keys.chunks(KEYS_AT_ONCE) {
            for row in self.conn.fetch(&sql, &[Value::Texts(keys)]).await? {
                all.push(read_golden(kind, row)?);
            }
        }
        Ok(all)
    }

    /// Writes what all sources say together; rows that are there are replaced.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_golden_documents(
        &mut self,
        kind: EntityKind,
        rows: &[GoldenDocuments],
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut columns = vec![("key", Text)];
        columns.extend(document_columns(kind).iter().map(|name| (*name, Json)));
        columns.extend([("attribution", Json), ("created_at", Time), ("updated_at", Time)]);
        let table = Table::new(golden_table(kind), &columns, &["key"]);
        for rows in rows.chunks(AT_ONCE) {
            let rows = rows.iter().map(|row| {
                let mut values = vec![Value::text(&row.key)];
                values.extend(row.documents.iter().map(|document| Value::maybe(document.as_deref())));
                values.extend([Value::text(&row.attribution), Value::Time(now), Value::Time(now)]);
                values
            });
            self.conn.upsert(&table, &ValueRows(rows.collect())).await?;
        }
        Ok(())
    }

    /// Deletes what is known together of these companies or persons.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn delete_golden_documents(&mut self, kind: EntityKind, keys: &[&str]) -> Result<(), Error> {
        let is_one = self.conn.any_text("key", 1);
        let sql = format!("DELETE FROM {} WHERE {is_one}", golden_table(kind));
        for keys in keys.chunks(KEYS_AT_ONCE) {
            self.conn.execute(&sql, &[Value::Texts(keys)]).await?;
        }
        Ok(())
    }

    /// A page of the documents of one kind in the byte order of the keys, after `after` (exclusive): key and document. On PostgreSQL only
    /// those that contain `part`; SQLite has no such operator and gives all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn documents_page(
        &mut self,
        kind: EntityKind,
        column: &str,
        part: Option<&str>,
        after: &str,
        limit: usize,
    ) -> Result<Vec<(Box<str>, Box<str>)>, Error> {
        let Some(column) = document_columns(kind).iter().find(|known| **known == column) else {
            return Ok(Vec::new());
        };
        let is_postgres = self.conn.is_postgres();
        let order = if is_postgres { "key COLLATE \"C\"" } else { "key" };
        let mut params = vec![Value::text(after)];
        let mut filter = format!("{column} IS NOT NULL AND {order} > $1");
        if let Some(part) = part.filter(|_| is_postgres) {
            params.push(Value::text(part));
            filter.push_str(&format!(" AND {column} @> CAST($2 AS jsonb)"));
        }
        let sql = format!(
            "SELECT key, CAST({column} AS TEXT) FROM {} WHERE {filter} ORDER BY {order} LIMIT {limit}",
            golden_table(kind)
        );
        let rows = self.conn.fetch(&sql, &params).await?;
        rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
    }
}

fn golden_list(kind: EntityKind) -> String {
    let documents = document_columns(kind).iter().chain(&["attribution"]);
    let documents: Vec<_> = documents.map(|name| format!("CAST({name} AS TEXT)")).collect();
    format!("key, {}", documents.join(", "))
}

fn read_golden(kind: EntityKind, mut row: Row) -> Result<GoldenDocuments, Error> {
    let key = row.text()?;
    let documents = document_columns(kind).iter().map(|_| row.maybe_text()).collect::<Result<_, _>>()?;
    Ok(GoldenDocuments { key, documents, attribution: row.text()? })
}

fn read(mut row: Row) -> Result<SourceDocument, Error> {
    Ok(SourceDocument {
        entity: entity(&mut row)?,
        key: row.text()?,
        kind: row.text()?,
        source: row.text()?,
        document: row.text()?,
        confidence: row.maybe_int()?,
        model: row.maybe_text()?,
        observed_at: row.maybe_time()?,
        payload: row.id()?,
        file: row.int()?,
        run: row.int()?,
    })
}

fn entity(row: &mut Row) -> Result<EntityKind, Error> {
    Ok(if &*row.text()? == "person" { EntityKind::Person } else { EntityKind::Company })
}
