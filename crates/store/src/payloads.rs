use crate::Store;
use crate::table::{ColumnKind, Table};
use crate::value::{Rows, Value};
use firmograph_core::{Error, PayloadId, Source, Timestamp};
use std::collections::{HashMap, HashSet};

/// One raw record exactly as a source gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// Its identity.
    pub id: PayloadId,
    /// The header that names its cells, for rows of a table; `None` for documents.
    pub header: Option<PayloadId>,
    /// When the source saw it, where known.
    pub observed_at: Option<Timestamp>,
    /// A JSON array of cells, or the JSON document.
    pub body: Box<str>,
    /// Physical line on which it stands.
    pub line: u64,
}

/// Payloads that need not be written, or not as new ones.
#[derive(Debug, Default)]
pub struct KnownPayloads {
    /// Stored and believed.
    pub believed: HashSet<PayloadId, ahash::RandomState>,
    /// Stored, and taken out by a run.
    pub removed: HashSet<PayloadId, ahash::RandomState>,
}

struct PayloadRows<'p> {
    rows: &'p [Payload],
    source: &'p Source,
    file: i64,
    now: Timestamp,
}

impl Rows for PayloadRows<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn row<'a>(&'a self, index: usize, out: &mut Vec<Value<'a>>) {
        let payload = &self.rows[index];
        out.extend([
            Value::Id(payload.id),
            Value::text(self.source.as_str()),
            payload.header.map_or(Value::Null, Value::Id),
            Value::time(payload.observed_at),
            Value::text(&payload.body),
            Value::Int(self.file),
            Value::Int(payload.line as i64),
            Value::Time(self.now),
        ]);
    }
}

/// The same, with nobody who removed them.
struct Revived<'p>(PayloadRows<'p>);

impl Rows for Revived<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn row<'a>(&'a self, index: usize, out: &mut Vec<Value<'a>>) {
        self.0.row(index, out);
        out.push(Value::Null);
    }
}

pub(crate) fn table() -> Table {
    use ColumnKind::{Id, Int, Json, Text, Time};
    let columns = [
        ("id", Id),
        ("source", Text),
        ("header_id", Id),
        ("observed_at", Time),
        ("body", Json),
        ("file_id", Int),
        ("line", Int),
        ("created_at", Time),
    ];
    Table::new("raw.payloads", &columns, &["id"])
}

impl Store {
    /// Which of `ids` are stored already, those that a run took out told apart.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn known_payloads(&mut self, ids: &[PayloadId]) -> Result<KnownPayloads, Error> {
        let is_one = self.conn.any_id("id", 1);
        let sql = format!("SELECT id, removed_by FROM raw.payloads WHERE {is_one}");
        let mut known = KnownPayloads::default();
        for mut row in self.conn.fetch(&sql, &[Value::Ids(ids)]).await? {
            let id = row.id()?;
            match row.maybe_int()? {
                None => known.believed.insert(id),
                Some(_) => known.removed.insert(id),
            };
        }
        Ok(known)
    }

    /// Believes payloads again that a run took out, sorted by id: from now on they are those of file number `file`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn revive_payloads(
        &mut self,
        payloads: &[Payload],
        source: &Source,
        file: i64,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut table = table();
        table.columns.push(("removed_by".to_owned(), ColumnKind::Int));
        self.conn.upsert(&table, &Revived(PayloadRows { rows: payloads, source, file, now })).await
    }

    /// Those of `ids` that are believed and were stored from file number `file`, with the line on which each stands.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn payload_lines(
        &mut self,
        ids: &[PayloadId],
        file: i64,
    ) -> Result<HashMap<PayloadId, u64, ahash::RandomState>, Error> {
        let is_one = self.conn.any_id("id", 1);
        let sql = format!(
            "SELECT id, line FROM raw.payloads WHERE {is_one} AND file_id = $2 AND removed_by IS NULL"
        );
        let rows = self.conn.fetch(&sql, &[Value::Ids(ids), Value::Int(file)]).await?;
        rows.into_iter().map(|mut row| Ok((row.id()?, row.int()? as u64))).collect()
    }

    /// Writes payloads that are not stored yet, sorted by id.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_payloads(
        &mut self,
        payloads: &[Payload],
        source: &Source,
        file: i64,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.conn.insert(&table(), &PayloadRows { rows: payloads, source, file, now }).await
    }

    /// Keeps the header of a table, once.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_header(&mut self, id: PayloadId, columns_json: &str) -> Result<(), Error> {
        let known =
            self.conn.number("SELECT count(*) FROM raw.headers WHERE id = $1", &[Value::Id(id)]).await?;
        if known > 0 {
            return Ok(());
        }
        let table =
            Table::new("raw.headers", &[("id", ColumnKind::Id), ("columns", ColumnKind::Json)], &["id"]);
        self.conn.insert(&table, &ValueRows(vec![vec![Value::Id(id), Value::text(columns_json)]])).await
    }

    /// The stored payload of this id: source, body as JSON text, and the column names where it is a row of a table.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn payload(
        &mut self,
        id: PayloadId,
    ) -> Result<Option<(String, String, Option<String>)>, Error> {
        let sql = "SELECT p.source, p.body, h.columns FROM raw.payloads p LEFT JOIN raw.headers h ON h.id = p.header_id \
                   WHERE p.id = $1";
        let mut rows = self.conn.fetch(sql, &[Value::Id(id)]).await?;
        match rows.first_mut() {
            Some(row) => {
                Ok(Some((row.text()?.into(), row.text()?.into(), row.maybe_text()?.map(Into::into))))
            }
            None => Ok(None),
        }
    }

    /// Whether no payload was ever stored.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_no_payloads(&mut self) -> Result<bool, Error> {
        let sql = "SELECT count(*) FROM (SELECT 1 FROM raw.payloads LIMIT 1) p";
        Ok(self.conn.number(sql, &[]).await? == 0)
    }
}

/// Rows of values as they are.
pub(crate) struct ValueRows<'v>(pub(crate) Vec<Vec<Value<'v>>>);

impl Rows for ValueRows<'_> {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn row<'a>(&'a self, index: usize, out: &mut Vec<Value<'a>>) {
        out.extend(self.0[index].iter().cloned());
    }
}
