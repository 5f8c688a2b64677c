//! What monitoring counts: runs by command, rejects by code, rows without a standard value, refreshes of views.

use crate::Store;
use crate::value::Value;
use firmograph_core::{Attribute, Error, Timestamp};

/// A view, and when it was last brought up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewRefresh {
    /// Its name.
    pub view: String,
    /// When, by the clock of the database.
    pub refreshed_at: Timestamp,
    /// How long it took, in microseconds.
    pub duration_us: i64,
    /// How often it was refreshed so far.
    pub count: i64,
}

impl Store {
    /// The clock of the database, which must be PostgreSQL: microseconds since 1970.
    pub(crate) async fn microseconds(&mut self) -> Result<i64, Error> {
        let sql = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";
        self.conn.number(sql, &[]).await
    }

    /// Notes that a view was refreshed, which began at `began`.
    pub(crate) async fn note_refresh(&mut self, view: &str, began: i64) -> Result<(), Error> {
        let took = (self.microseconds().await? - began).max(0);
        let sql = "INSERT INTO raw.refreshes AS r (view, refreshed_at, duration_us, count) VALUES ($1, clock_timestamp(), $2, 1) \
                   ON CONFLICT (view) DO UPDATE SET refreshed_at = excluded.refreshed_at, \
                   duration_us = excluded.duration_us, count = r.count + 1";
        self.conn.execute(sql, &[Value::text(view), Value::Int(took)]).await.map(drop)
    }

    /// Views that were refreshed, by name; none on SQLite, where views are never stale.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn view_refreshes(&mut self) -> Result<Vec<ViewRefresh>, Error> {
        let rows =
            self.conn.fetch("SELECT view, refreshed_at, duration_us, count FROM raw.refreshes", &[]).await?;
        let mut all = rows
            .into_iter()
            .map(|mut row| {
                Ok(ViewRefresh {
                    view: row.text()?.into(),
                    refreshed_at: row.maybe_time()?.unwrap_or_default(),
                    duration_us: row.int()?,
                    count: row.int()?,
                })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        all.sort_by(|a, b| a.view.cmp(&b.view));
        Ok(all)
    }

    /// Rejects of all runs, by source and code. Rejects are kept for good, so no count ever becomes less.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rejects_by_code(&mut self) -> Result<Vec<(String, String, u64)>, Error> {
        self.counted(
            "SELECT f.source, j.code, count(*) FROM raw.rejects j JOIN raw.files f ON f.id = j.file_id GROUP BY f.source, j.code",
        )
        .await
    }

    /// Rows of a dimension table: all, and those with a standard value.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn matched_rows(&mut self, attribute: Attribute) -> Result<(u64, u64), Error> {
        let sql = format!("SELECT count(*), count(evidence) FROM core.{}", attribute.spec().table);
        let mut rows = self.conn.fetch(&sql, &[]).await?;
        let Some(row) = rows.first_mut() else { return Ok((0, 0)) };
        Ok((row.int()?.unsigned_abs(), row.int()?.unsigned_abs()))
    }

    /// Rows of an attribute's dimension table by which to judge all: those whose payloads have the least ids, which are hashes, so that
    /// they are a fair sample and the same one on every machine. Key and source of each, at most `limit`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sample_of(
        &mut self,
        attribute: Attribute,
        limit: usize,
    ) -> Result<Vec<(Box<str>, Box<str>)>, Error> {
        let collate = if self.conn.is_postgres() { " COLLATE \"C\"" } else { "" };
        let sql = format!(
            "SELECT key, source FROM core.{} WHERE source <> 'pin' ORDER BY payload_id, key{collate}, source{collate} LIMIT {limit}",
            attribute.spec().table
        );
        let rows = self.conn.fetch(&sql, &[]).await?;
        rows.into_iter().map(|mut row| Ok((row.text()?, row.text()?))).collect()
    }

    /// How many documents of each kind sources give: company or person, kind, number.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn documents_by_kind(&mut self) -> Result<Vec<(String, String, u64)>, Error> {
        self.counted("SELECT entity, kind, count(*) FROM intelligence.documents GROUP BY entity, kind").await
    }

    /// How many golden companies and prospects there are.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn golden_counts(&mut self) -> Result<[u64; 2], Error> {
        let mut counts = [0; 2];
        for (count, table) in counts.iter_mut().zip(["\"Company\"", "\"Prospect\""]) {
            *count = self.conn.number(&format!("SELECT count(*) FROM {table}"), &[]).await?.unsigned_abs();
        }
        Ok(counts)
    }

    async fn counted(&mut self, sql: &str) -> Result<Vec<(String, String, u64)>, Error> {
        let rows = self.conn.fetch(sql, &[]).await?;
        let mut all = rows
            .into_iter()
            .map(|mut row| Ok((row.text()?.into(), row.text()?.into(), row.int()?.unsigned_abs())))
            .collect::<Result<Vec<(String, String, u64)>, Error>>()?;
        all.sort_unstable();
        Ok(all)
    }
}
