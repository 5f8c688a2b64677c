//! What other programs write into the golden tables, as triggers note it: waiting, claimed by the run that observes it, or held
//! by an undo.

use crate::Store;
use crate::table::{ColumnKind, golden_name};
use crate::value::{Row, Value};
use firmograph_core::{EntityKind, Error, Timestamp, golden_columns};

/// One row as another program left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectWrite {
    /// Number, in the order of writing.
    pub id: i64,
    /// Of which golden table the row is.
    pub entity: EntityKind,
    /// The row's id.
    pub row_id: String,
    /// `insert` or `update`.
    pub operation: String,
    /// The whole row before an update, a JSON object.
    pub before: Option<String>,
    /// The whole row after the write, a JSON object.
    pub written: String,
    /// Everything that the program said of the row up to this write, a JSON object by column; known once a run observes it.
    pub said: Option<String>,
    /// Of a prospect: domain, or else key, of the company that it refers to.
    pub works_for: Option<String>,
    /// When it was written.
    pub written_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, entity, row_id, operation, CAST(before AS TEXT), CAST(written AS TEXT), works_for, written_at, CAST(said AS TEXT)";

/// Deletions that no run observed.
const DELETION: &str = "operation = 'delete' AND run_id IS NULL";

/// Which direct writes wait to be observed. A row that is deleted says nothing.
fn waiting(with_held: bool) -> &'static str {
    match with_held {
        true => "run_id IS NULL AND operation <> 'delete'",
        false => "run_id IS NULL AND operation <> 'delete' AND held_by IS NULL",
    }
}

impl Store {
    /// How many direct writes wait; with those that an undo holds, or without.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn waiting_direct_writes(&mut self, with_held: bool) -> Result<u64, Error> {
        let sql = format!("SELECT count(*) FROM raw.direct_writes WHERE {}", waiting(with_held));
        Ok(self.conn.number(&sql, &[]).await? as u64)
    }

    /// Gives everything that waits to a run, with the companies to which prospects refer; gives how many writes these are.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn claim_direct_writes(&mut self, run: i64, with_held: bool) -> Result<u64, Error> {
        let sql =
            format!("UPDATE raw.direct_writes SET run_id = $1, held_by = NULL WHERE {}", waiting(with_held));
        let claimed = self.conn.execute(&sql, &[Value::Int(run)]).await?;
        let company = match self.conn.is_postgres() {
            true => "w.written ->> 'companyId'",
            false => "json_extract(w.written, '$.companyId')",
        };
        let sql = format!(
            "UPDATE raw.direct_writes AS w SET works_for = COALESCE(c.\"domain\", c.\"key\") FROM \"Company\" c \
             WHERE w.run_id = $1 AND w.entity = 'person' AND c.\"id\" = {company}"
        );
        self.conn.execute(&sql, &[Value::Int(run)]).await?;
        Ok(claimed)
    }

    /// Writes that a run claimed, in their order, after number `after` (exclusive), at most `limit` of them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claimed_direct_writes(
        &mut self,
        run: i64,
        after: i64,
        limit: usize,
    ) -> Result<Vec<DirectWrite>, Error> {
        let sql = format!(
            "SELECT {COLUMNS} FROM raw.direct_writes WHERE run_id = $1 AND id > $2 ORDER BY id LIMIT {limit}"
        );
        let rows = self.conn.fetch(&sql, &[Value::Int(run), Value::Int(after)]).await?;
        rows.into_iter().map(read).collect()
    }

    /// Of rows with these ids, what their programs had said before write number `before`: (entity, row's id, JSON object).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn said_before(
        &mut self,
        row_ids: &[&str],
        before: i64,
    ) -> Result<Vec<(EntityKind, Box<str>, Box<str>)>, Error> {
        let is_one = self.conn.any_text("row_id", 1);
        let columns = ["w.entity", "w.row_id", "CAST(w.said AS TEXT)"];
        let sql = format!(
            "SELECT {} FROM raw.direct_writes w JOIN (SELECT MAX(id) AS id FROM raw.direct_writes \
             WHERE {is_one} AND id < $2 AND said IS NOT NULL GROUP BY entity, row_id) l ON l.id = w.id",
            columns.join(", ")
        );
        let rows = self.conn.fetch(&sql, &[Value::Texts(row_ids), Value::Int(before)]).await?;
        rows.into_iter().map(|mut row| Ok((kind(&row.text()?), row.text()?, row.text()?))).collect()
    }

    /// Keeps what programs had said of their rows with each of these writes: a JSON object by the number of the write.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn keep_said(&mut self, said: &str) -> Result<u64, Error> {
        let sql = match self.conn.is_postgres() {
            true => {
                "UPDATE raw.direct_writes w SET said = j.value FROM jsonb_each(CAST($1 AS JSONB)) j \
                 WHERE w.id = CAST(j.key AS BIGINT)"
            }
            false => {
                "UPDATE raw.direct_writes AS w SET said = j.value FROM json_each($1) j \
                 WHERE w.id = CAST(j.key AS INTEGER)"
            }
        };
        self.conn.execute(sql, &[Value::text(said)]).await
    }

    /// Number of the last deletion that no run observed; 0 for none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last_deletion(&mut self) -> Result<i64, Error> {
        let sql = format!("SELECT COALESCE(MAX(id), 0) FROM raw.direct_writes WHERE {DELETION}");
        self.conn.number(&sql, &[]).await
    }

    /// Writes that were observed, of rows that their programs deleted later, by deletions up to number `through`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn observed_then_deleted(&mut self, through: i64) -> Result<Vec<DirectWrite>, Error> {
        let deletion = "SELECT 1 FROM raw.direct_writes d WHERE d.operation = 'delete' AND d.run_id IS NULL \
                        AND d.id <= $1 AND d.entity = w.entity AND d.row_id = w.row_id AND d.id > w.id";
        let sql = format!(
            "SELECT {COLUMNS} FROM raw.direct_writes w WHERE w.operation <> 'delete' AND w.run_id IS NOT NULL \
             AND EXISTS ({deletion}) ORDER BY w.id"
        );
        let rows = self.conn.fetch(&sql, &[Value::Int(through)]).await?;
        rows.into_iter().map(read).collect()
    }

    /// Gives the deletions up to number `through` to the run that withdraws what was said of the rows.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn claim_deletions(&mut self, run: i64, through: i64) -> Result<u64, Error> {
        let sql = format!("UPDATE raw.direct_writes SET run_id = $1 WHERE {DELETION} AND id <= $2");
        self.conn.execute(&sql, &[Value::Int(run), Value::Int(through)]).await
    }

    /// Number of the last of the first `count` writes that a run claimed; 0 for none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn last_of_claimed(&mut self, run: i64, count: i64) -> Result<i64, Error> {
        let sql = "SELECT COALESCE(MAX(id), 0) FROM \
                   (SELECT id FROM raw.direct_writes WHERE run_id = $1 ORDER BY id LIMIT $2) w";
        self.conn.number(sql, &[Value::Int(run), Value::Int(count)]).await
    }

    /// What a run observed waits again, held by the undo `by`; gives how many writes these are.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn hold_direct_writes(&mut self, run: i64, by: i64) -> Result<u64, Error> {
        let sql = "UPDATE raw.direct_writes SET run_id = NULL, held_by = $2 WHERE run_id = $1";
        self.conn.execute(sql, &[Value::Int(run), Value::Int(by)]).await
    }

    /// What the undo `by` holds is observed by `run` again.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn release_direct_writes(&mut self, by: i64, run: i64) -> Result<u64, Error> {
        let sql = "UPDATE raw.direct_writes SET run_id = $2, held_by = NULL WHERE held_by = $1";
        self.conn.execute(sql, &[Value::Int(by), Value::Int(run)]).await
    }

    /// Notes of golden rows of other programs whom they speak of: (id, key). A row whose key is noted keeps it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn name_rows(&mut self, kind: EntityKind, rows: &[(&str, &str)]) -> Result<(), Error> {
        let sql =
            format!("UPDATE {} SET \"key\" = $2 WHERE \"id\" = $1 AND \"key\" IS NULL", golden_name(kind));
        for (id, key) in rows {
            self.conn.execute(&sql, &[Value::text(id), Value::text(key)]).await?;
        }
        Ok(())
    }

    /// Title and level column of those prospects that are nobody's golden row: (id, title, level column).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn titles_of_unnamed(&mut self, ids: &[&str]) -> Result<Vec<[Option<String>; 3]>, Error> {
        let columns =
            ["id", "jobTitle", "jobTitleLevel"].map(|name| (format!("\"{name}\""), ColumnKind::Text));
        let is_one = self.conn.any_text("\"id\"", 1);
        let rest = format!("FROM \"Prospect\" WHERE \"key\" IS NULL AND {is_one}");
        let rows = self.conn.fetch_many(&columns, &rest, &[Value::Texts(ids)]).await?;
        rows.into_iter()
            .map(|mut row| {
                let mut next = || row.maybe_text().map(|text| text.map(String::from));
                Ok([next()?, next()?, next()?])
            })
            .collect()
    }

    /// Sets the level of prospects that are nobody's golden row.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn set_level(&mut self, ids: &[&str], level: Option<i64>) -> Result<u64, Error> {
        let is_one = self.conn.any_text("\"id\"", 1);
        let sql = format!(
            "UPDATE \"Prospect\" SET \"standardizedJobTitleLevelId\" = $2 WHERE \"key\" IS NULL AND {is_one}"
        );
        let level = level.map_or(Value::Null, Value::Int);
        self.conn.execute(&sql, &[Value::Texts(ids), level]).await
    }

    /// Ids of the rows that `run` observed and that nobody changed since it ended at `ended`: what their programs wrote last can
    /// stand in them again.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rows_as_observed(
        &mut self,
        kind: EntityKind,
        run: i64,
        ended: Timestamp,
    ) -> Result<Vec<Box<str>>, Error> {
        // The golden tables keep milliseconds on PostgreSQL, and text in two forms on SQLite.
        let is_not_later = match self.conn.is_postgres() {
            true => "g.\"updatedAt\" <= ($3::timestamptz AT TIME ZONE 'UTC') + INTERVAL '1 millisecond'",
            false => "replace(rtrim(g.\"updatedAt\", 'Z'), ' ', 'T') <= rtrim($3, 'Z')",
        };
        let sql = format!(
            "SELECT g.\"id\" FROM {} g WHERE (g.\"key\" IS NULL OR {is_not_later}) AND g.\"id\" IN \
             (SELECT row_id FROM raw.direct_writes WHERE run_id = $1 AND entity = $2) AND NOT EXISTS \
             (SELECT 1 FROM raw.direct_writes w WHERE w.entity = $2 AND w.row_id = g.\"id\" \
              AND (w.run_id IS NULL OR w.run_id > $1)) ORDER BY g.\"id\"",
            golden_name(kind)
        );
        let params = [Value::Int(run), Value::text(kind.name()), Value::Time(ended)];
        let rows = self.conn.fetch(&sql, &params).await?;
        rows.into_iter().map(|mut row| row.text()).collect()
    }

    /// Makes rows what their programs last wrote, as `run` observed it: every column, times too.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_as_observed(&mut self, kind: EntityKind, run: i64, ids: &[&str]) -> Result<(), Error> {
        if ids.is_empty() {
            return Ok(());
        }
        let names = golden_columns(kind).iter().map(|column| column.name).chain(["createdAt", "updatedAt"]);
        let table = golden_name(kind);
        let postgres = self.conn.is_postgres();
        let set: Vec<String> = names
            .filter(|name| *name != "id")
            .map(|name| match (postgres, name) {
                (true, name) => format!("\"{name}\" = r.\"{name}\""),
                // Not every program asks SQLite to keep references.
                (false, "companyId") => "\"companyId\" = (SELECT c.\"id\" FROM \"Company\" c \
                     WHERE c.\"id\" = json_extract(w.written, '$.companyId'))"
                    .to_owned(),
                (false, name) => format!("\"{name}\" = json_extract(w.written, '$.{name}')"),
            })
            .collect();
        let set = set.join(", ");
        let last = "SELECT MAX(id) FROM raw.direct_writes WHERE run_id = $1 AND entity = $2 GROUP BY row_id";
        let from = match postgres {
            true => format!(
                "raw.direct_writes w CROSS JOIN LATERAL jsonb_populate_record(NULL::{table}, w.written) r"
            ),
            false => "raw.direct_writes w".to_owned(),
        };
        let is_one = self.conn.any_text("w.row_id", 3);
        let sql = format!(
            "UPDATE {table} AS t SET {set} FROM {from} WHERE t.\"id\" = w.row_id AND w.id IN ({last}) AND {is_one}"
        );
        let params = [Value::Int(run), Value::text(kind.name()), Value::Texts(ids)];
        self.conn.execute(&sql, &params).await.map(drop)
    }
}

fn read(mut row: Row) -> Result<DirectWrite, Error> {
    Ok(DirectWrite {
        id: row.int()?,
        entity: kind(&row.text()?),
        row_id: row.text()?.into(),
        operation: row.text()?.into(),
        before: row.maybe_text()?.map(Into::into),
        written: row.text()?.into(),
        works_for: row.maybe_text()?.map(Into::into),
        written_at: row.maybe_time()?,
        said: row.maybe_text()?.map(Into::into),
    })
}

fn kind(name: &str) -> EntityKind {
    if name == EntityKind::Company.name() { EntityKind::Company } else { EntityKind::Person }
}
