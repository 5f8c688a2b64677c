//! What is kept, read as of one moment to be compared with what was given.

use crate::Store;
use crate::table::ColumnKind;
use crate::value::Value;
use firmograph_core::{Error, PayloadId, Source, Timestamp};

/// A payload that is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPayload {
    /// Its identity.
    pub id: PayloadId,
    /// When the source saw it, where known.
    pub observed_at: Option<Timestamp>,
    /// A JSON array of cells, or the JSON document.
    pub body: Box<str>,
}

impl Store {
    /// Begins a transaction that only reads and sees the database as it is now, whatever others write meanwhile.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin_snapshot(&mut self) -> Result<(), Error> {
        let is_postgres = self.conn.is_postgres();
        self.conn
            .run(if is_postgres { "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" } else { "BEGIN" })
            .await
    }

    /// Those of `ids` that are stored and believed, as they are stored.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn kept_payloads(&mut self, ids: &[PayloadId]) -> Result<Vec<KeptPayload>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let columns = [("id", ColumnKind::Id), ("observed_at", ColumnKind::Time), ("body", ColumnKind::Json)]
            .map(|(sql, kind)| (sql.to_owned(), kind));
        let is_one = self.conn.any_id("id", 1);
        let rest = format!("FROM raw.payloads WHERE {is_one} AND removed_by IS NULL");
        let rows = self.conn.fetch_many(&columns, &rest, &[Value::Ids(ids)]).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(KeptPayload { id: row.id()?, observed_at: row.maybe_time()?, body: row.text()? })
            })
            .collect()
    }

    /// The records of a source that are kept as rejects, each once: cells as a JSON array, or bytes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn kept_rejects(&mut self, source: &Source) -> Result<Vec<Vec<u8>>, Error> {
        let sql = "SELECT DISTINCT r.original FROM raw.rejects r JOIN raw.files f ON f.id = r.file_id \
                   WHERE f.source = $1";
        let rows = self.conn.fetch(sql, &[Value::text(source.as_str())]).await?;
        rows.into_iter().map(|mut row| row.bytes()).collect()
    }
}
