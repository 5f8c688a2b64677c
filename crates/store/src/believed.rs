//! Which payloads are believed, and reading them again.

use crate::Store;
use crate::connection::Connection;
use crate::table::ColumnKind;
use crate::value::{Row, Value};
use firmograph_core::{Error, PayloadId, Source, Timestamp};
use serde::Serialize;

/// A payload as it was stored, to be read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredPayload {
    /// Its identity.
    pub id: PayloadId,
    /// Whether it is a row of a table, whose columns the header of its file names.
    pub is_row: bool,
    /// When the source saw it, where known.
    pub observed_at: Option<Timestamp>,
    /// A JSON array of cells, or the JSON document.
    pub body: Box<str>,
    /// Number of the file by which it is read.
    pub file: i64,
}

/// Some of the payloads. Those of the source `pin` are in none: pins are no records and are never read again.
#[derive(Debug, Clone, Copy)]
pub enum Payloads<'p> {
    /// All that are believed.
    Believed,
    /// Those that are believed, of these sources.
    BelievedOf(&'p [&'p str]),
    /// Those that this run took out.
    RemovedBy(i64),
    /// Those of these files, believed or not, of which it is not noted about whom they speak: lead files.
    Unnoted(&'p [i64]),
    /// Those of these files, believed or not.
    OfFiles(&'p [i64]),
}

impl<'p> Payloads<'p> {
    /// The condition, and the values of its parameters.
    fn filter(self, conn: &Connection) -> (String, Vec<Value<'p>>) {
        match self {
            Payloads::Believed => ("removed_by IS NULL AND source <> 'pin'".to_owned(), Vec::new()),
            Payloads::BelievedOf(sources) => {
                let is_one = conn.any_text("source", 1);
                (format!("removed_by IS NULL AND source <> 'pin' AND {is_one}"), vec![Value::Texts(sources)])
            }
            Payloads::RemovedBy(run) => {
                ("removed_by = $1 AND source <> 'pin'".to_owned(), vec![Value::Int(run)])
            }
            Payloads::Unnoted(files) => {
                let noted = "EXISTS (SELECT 1 FROM core.lead_documents d WHERE d.payload_id = raw.payloads.id \
                             AND d.file_id = raw.payloads.file_id)";
                (format!("{} AND NOT {noted}", of_files(files)), Vec::new())
            }
            Payloads::OfFiles(files) => (of_files(files), Vec::new()),
        }
    }
}

/// Numbers of ours as text: they need no parameters.
fn of_files(files: &[i64]) -> String {
    let numbers: Vec<String> = files.iter().map(i64::to_string).collect();
    format!("file_id IN ({})", if numbers.is_empty() { "NULL".to_owned() } else { numbers.join(", ") })
}

/// A source, and how many of its payloads are believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceCount {
    /// The source.
    pub source: String,
    /// Payloads that are believed.
    pub believed: i64,
    /// Payloads that a run took out.
    pub removed: i64,
}

/// The source of pins, whose payloads are written and taken back one by one.
pub const PIN_SOURCE: &str = "pin";

impl Store {
    /// Some of the payloads, in the order of their ids, after `after` (exclusive), at most `limit` of them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn payload_page(
        &mut self,
        which: Payloads<'_>,
        after: Option<PayloadId>,
        limit: usize,
    ) -> Result<Vec<StoredPayload>, Error> {
        let (mut filter, mut params) = which.filter(&self.conn);
        if let Some(after) = after {
            params.push(Value::Id(after));
            filter = format!("{filter} AND id > ${}", params.len());
        }
        let columns = [
            ("id", ColumnKind::Id),
            ("CASE WHEN header_id IS NULL THEN 0 ELSE 1 END", ColumnKind::Int),
            ("observed_at", ColumnKind::Time),
            ("body", ColumnKind::Json),
            ("file_id", ColumnKind::Int),
        ]
        .map(|(sql, kind)| (sql.to_owned(), kind));
        let rest = format!("FROM raw.payloads WHERE {filter} ORDER BY id LIMIT {limit}");
        let rows = self.conn.fetch_many(&columns, &rest, &params).await?;
        rows.into_iter().map(read).collect()
    }

    /// A number that is another one, within a transaction, after another connection changed the database: SQLite counts. On
    /// PostgreSQL always 0: whoever relies on it holds the writer's lock.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stamp(&mut self) -> Result<i64, Error> {
        if self.conn.is_postgres() {
            return Ok(0);
        }
        self.conn.number("PRAGMA data_version", &[]).await
    }

    /// How many payloads these are.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn count_payloads(&mut self, which: Payloads<'_>) -> Result<u64, Error> {
        let (filter, params) = which.filter(&self.conn);
        let sql = format!("SELECT count(*) FROM raw.payloads WHERE {filter}");
        Ok(self.conn.number(&sql, &params).await? as u64)
    }

    /// Takes the payloads of the files of `run` out of what is believed, in the name of run number `by`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn remove_payloads_of_run(&mut self, run: i64, by: i64) -> Result<u64, Error> {
        let sql = "UPDATE raw.payloads SET removed_by = $1 WHERE removed_by IS NULL AND source <> 'pin' \
                   AND file_id IN (SELECT id FROM raw.files WHERE run_id = $2)";
        self.conn.execute(sql, &[Value::Int(by), Value::Int(run)]).await
    }

    /// The same with the payloads of a source that came with files up to number `through`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn remove_payloads_of_source(
        &mut self,
        source: &Source,
        through: i64,
        by: i64,
    ) -> Result<u64, Error> {
        let sql = "UPDATE raw.payloads SET removed_by = $1 WHERE removed_by IS NULL AND source = $2 \
                   AND file_id <= $3";
        self.conn.execute(sql, &[Value::Int(by), Value::text(source.as_str()), Value::Int(through)]).await
    }

    /// Takes the payloads with these ids out of what is believed, in the name of run number `by`.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn remove_payloads(&mut self, ids: &[PayloadId], by: i64) -> Result<u64, Error> {
        let is_one = self.conn.any_id("id", 1);
        let sql = format!(
            "UPDATE raw.payloads SET removed_by = $2 WHERE removed_by IS NULL AND source <> 'pin' AND {is_one}"
        );
        self.conn.execute(&sql, &[Value::Ids(ids), Value::Int(by)]).await
    }

    /// Believes again what run number `by` took out.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn restore_payloads(&mut self, by: i64) -> Result<u64, Error> {
        let sql = "UPDATE raw.payloads SET removed_by = NULL WHERE removed_by = $1 AND source <> 'pin'";
        self.conn.execute(sql, &[Value::Int(by)]).await
    }

    /// The greatest number of a file; 0 where there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last_file(&mut self) -> Result<i64, Error> {
        Ok(self.next_id("raw.files").await? - 1)
    }

    /// Every source that ever gave a payload, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sources(&mut self) -> Result<Vec<SourceCount>, Error> {
        let sql = "SELECT source, count(*), count(removed_by) FROM raw.payloads GROUP BY source";
        let rows = self.conn.fetch(sql, &[]).await?;
        let mut sources = rows
            .into_iter()
            .map(|mut row| {
                let (source, all, removed) = (row.text()?, row.int()?, row.int()?);
                Ok(SourceCount { source: source.into(), believed: all - removed, removed })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        sources.sort_by(|a, b| a.source.cmp(&b.source));
        Ok(sources)
    }
}

fn read(mut row: Row) -> Result<StoredPayload, Error> {
    Ok(StoredPayload {
        id: row.id()?,
        is_row: row.int()? == 1,
        observed_at: row.maybe_time()?,
        body: row.text()?,
        file: row.int()?,
    })
}
