//! How good golden records are: rows by key, as they were scored.

use crate::Store;
use crate::connection::Connection;
use crate::dimensions::between;
use crate::table::{ColumnKind, Table, golden_name};
use crate::value::{Row, Rows, Value};
use firmograph_core::{Day, EntityKind, Error, ErrorKind, Quality, Scalar, Timestamp};
use std::sync::Arc;

/// The score of one golden record, as it is stored. Numbers are hundredths but for the phone score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityRow {
    /// Key of the record.
    pub key: Box<str>,
    /// Id of the golden row.
    pub id: Box<str>,
    /// The score.
    pub score: i64,
    /// Letter for the completeness.
    pub grade: Box<str>,
    /// Share of the critical fields that are there.
    pub completeness: i64,
    /// What each part gives to the score.
    pub parts: [i64; 5],
    /// Score of the telephone numbers.
    pub phone_score: Option<i64>,
    /// Grade of the e-mail address, of a person.
    pub email_grade: Option<Box<str>>,
    /// What the score is made of, JSON.
    pub breakdown: Box<str>,
    /// Every source that says anything, JSON.
    pub sources: Box<str>,
    /// When a source last saw a value that won.
    pub verified_at: Option<Timestamp>,
    /// The day of the score.
    pub as_of: Box<str>,
}

impl QualityRow {
    /// The row of a score.
    #[must_use]
    pub fn of(key: &str, id: &str, quality: &Quality) -> Self {
        QualityRow {
            key: key.into(),
            id: id.into(),
            score: quality.score,
            grade: quality.grade.into(),
            completeness: quality.completeness,
            parts: quality.parts,
            phone_score: quality.phone_score,
            email_grade: quality.email_grade.map(Box::from),
            breakdown: quality.breakdown().into(),
            sources: quality.sources_json().into(),
            // The database keeps times to the microsecond.
            verified_at: quality.verified_at.map(to_the_microsecond),
            as_of: quality.as_of.to_string().into(),
        }
    }

    /// The day of the score.
    ///
    /// # Errors
    /// `database-shape` when it is none.
    pub fn day(&self) -> Result<Day, Error> {
        self.as_of.parse().map_err(|error| {
            let message = format!("the score of {:?} is as of {:?}, which is no day", self.key, self.as_of);
            Error::new(ErrorKind::Environment, "database-shape", message)
                .with_help("`firmograph quality refresh` scores every record anew")
                .with_cause(error)
        })
    }

    /// The score, worked out from the breakdown.
    ///
    /// # Errors
    /// `database-shape` when the row is none that [`QualityRow::of`] gave.
    pub fn quality(&self, kind: EntityKind) -> Result<Quality, Error> {
        let graded = (self.email_grade.as_deref(), self.phone_score);
        Quality::stored(kind, self.day()?, &self.breakdown, &self.sources, self.verified_at, graded)
    }
}

fn to_the_microsecond(time: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(time.as_nanosecond().div_euclid(1_000) as i64).unwrap_or(time)
}

/// A golden row beside its score: the columns asked for, and which sources say anything about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityOf {
    /// The golden columns asked for.
    pub values: Vec<Scalar>,
    /// Every source that says anything, JSON; none for a row that was not scored.
    pub sources: Option<Box<str>>,
}

/// The table of one kind.
pub(crate) fn table(kind: EntityKind) -> Table {
    use ColumnKind::{Int, Json, Text, Time};
    let mut columns = vec![
        ("key", Text),
        ("id", Text),
        ("score", Int),
        ("grade", Text),
        ("completeness", Int),
        ("completeness_points", Int),
        ("validity_points", Int),
        ("agreement_points", Int),
        ("freshness_points", Int),
        ("trust_points", Int),
        ("phone_score", Int),
    ];
    if kind == EntityKind::Person {
        columns.push(("email_grade", Text));
    }
    columns.extend([
        ("breakdown", Json),
        ("sources", Json),
        ("verified_at", Time),
        ("as_of", Text),
        ("created_at", Time),
        ("updated_at", Time),
    ]);
    Table::new(name(kind), &columns, &["key"])
}

fn name(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Company => "intelligence.company_quality",
        EntityKind::Person => "intelligence.person_quality",
    }
}

struct QualityRows<'q> {
    kind: EntityKind,
    rows: &'q [QualityRow],
    now: Timestamp,
}

impl Rows for QualityRows<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn row<'a>(&'a self, index: usize, out: &mut Vec<Value<'a>>) {
        let row = &self.rows[index];
        out.extend([Value::text(&row.key), Value::text(&row.id), Value::Int(row.score)]);
        out.extend([Value::text(&row.grade), Value::Int(row.completeness)]);
        out.extend(row.parts.map(Value::Int));
        out.push(row.phone_score.map_or(Value::Null, Value::Int));
        if self.kind == EntityKind::Person {
            out.push(Value::maybe(row.email_grade.as_deref()));
        }
        out.extend([Value::text(&row.breakdown), Value::text(&row.sources), Value::time(row.verified_at)]);
        out.extend([Value::text(&row.as_of), Value::Time(self.now), Value::Time(self.now)]);
    }
}

/// The last columns, which nobody reads here: when a row was written.
const TIMES: usize = 2;
/// Keys that one statement looks for.
const AT_ONCE: usize = 10_000;

impl Store {
    /// The scores of the records with these keys, in any order.
    ///
    /// # Errors
    /// When the database does not answer or holds rows of another shape.
    pub async fn quality(&mut self, kind: EntityKind, keys: &[&str]) -> Result<Vec<QualityRow>, Error> {
        let (columns, is_one) = (table(kind).read(TIMES), self.conn.any_text("\"key\"", 1));
        let rest = format!("FROM {} WHERE {is_one}", name(kind));
        let mut all = Vec::new();
        for keys in keys.chunks(AT_ONCE) {
            for row in self.conn.fetch_many(&columns, &rest, &[Value::Texts(keys)]).await? {
                all.push(read(kind, row)?);
            }
        }
        Ok(all)
    }

    /// A page of scores in the byte order of their keys, after `after` (exclusive), at most `limit` of them.
    ///
    /// # Errors
    /// When the database does not answer or holds rows of another shape.
    pub async fn quality_page(
        &mut self,
        kind: EntityKind,
        after: &str,
        limit: usize,
    ) -> Result<Vec<QualityRow>, Error> {
        let order = byte_order(&self.conn, "\"key\"");
        let rest = format!("FROM {} WHERE {order} > $1 ORDER BY {order} LIMIT {limit}", name(kind));
        let rows = self.conn.fetch_many(&table(kind).read(TIMES), &rest, &[Value::text(after)]).await?;
        rows.into_iter().map(|row| read(kind, row)).collect()
    }

    /// A page of the keys of golden rows, in byte order, after `after` (exclusive).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn golden_key_page(
        &mut self,
        kind: EntityKind,
        after: &str,
        limit: usize,
    ) -> Result<Vec<Arc<str>>, Error> {
        let order = byte_order(&self.conn, "\"key\"");
        let rest = format!("FROM {} WHERE {order} > $1 ORDER BY {order} LIMIT {limit}", golden_name(kind));
        let columns = [("\"key\"".to_owned(), ColumnKind::Text)];
        let rows = self.conn.fetch_many(&columns, &rest, &[Value::text(after)]).await?;
        rows.into_iter().map(|mut row| Ok(Arc::from(row.text()?))).collect()
    }

    /// Writes scores, sorted by key: `new` ones the table does not have, `changed` ones it has.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_quality(
        &mut self,
        kind: EntityKind,
        new: &[QualityRow],
        changed: &[QualityRow],
        now: Timestamp,
    ) -> Result<(), Error> {
        self.conn.insert(&table(kind), &QualityRows { kind, rows: new, now }).await?;
        self.conn.upsert(&table(kind), &QualityRows { kind, rows: changed, now }).await
    }

    /// Deletes the scores of records with these keys.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn delete_quality(&mut self, kind: EntityKind, keys: &[&str]) -> Result<u64, Error> {
        let is_one = self.conn.any_text("\"key\"", 1);
        let sql = format!("DELETE FROM {} WHERE {is_one}", name(kind));
        let mut gone = 0;
        for keys in keys.chunks(AT_ONCE) {
            gone += self.conn.execute(&sql, &[Value::Texts(keys)]).await?;
        }
        Ok(gone)
    }

    /// Keys of scores from `from` on and before `to` that are about no golden row.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn homeless_quality(
        &mut self,
        kind: EntityKind,
        from: &str,
        to: Option<&str>,
    ) -> Result<Vec<Box<str>>, Error> {
        let (filter, params) = between("key", from, to, self.conn.is_postgres());
        let (golden, order) = (golden_name(kind), byte_order(&self.conn, "\"key\""));
        let sql = format!(
            "SELECT \"key\" FROM {} q WHERE {filter} AND NOT EXISTS \
             (SELECT 1 FROM {golden} g WHERE g.\"key\" = q.\"key\" AND g.\"id\" = q.id) ORDER BY {order}",
            name(kind)
        );
        let rows = self.conn.fetch(&sql, &params).await?;
        rows.into_iter().map(|mut row| row.text()).collect()
    }

    /// How many golden rows that should have a score have none: those with a key, and what other programs wrote and nobody observed
    /// yet. In a row without a key that was observed nobody can be recognised; it has none for good.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn golden_without_quality(&mut self, kind: EntityKind) -> Result<u64, Error> {
        let sql = format!(
            "SELECT count(*) FROM {} g WHERE (g.\"key\" IS NOT NULL AND NOT EXISTS \
             (SELECT 1 FROM {} q WHERE q.\"key\" = g.\"key\" AND q.id = g.\"id\")) OR (g.\"key\" IS NULL AND EXISTS \
             (SELECT 1 FROM raw.direct_writes w WHERE w.entity = $1 AND w.row_id = g.\"id\" \
             AND w.run_id IS NULL AND w.held_by IS NULL))",
            golden_name(kind),
            name(kind)
        );
        Ok(self.conn.number(&sql, &[Value::text(kind.name())]).await?.unsigned_abs())
    }

    /// How many scores of one kind there are, and their sum in hundredths.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn quality_sum(&mut self, kind: EntityKind) -> Result<(u64, u64), Error> {
        let sql = format!("SELECT count(*), CAST(COALESCE(SUM(score), 0) AS BIGINT) FROM {}", name(kind));
        let mut rows = self.conn.fetch(&sql, &[]).await?;
        let Some(row) = rows.first_mut() else { return Ok((0, 0)) };
        Ok((row.int()?.unsigned_abs(), row.int()?.unsigned_abs()))
    }

    /// A page of golden rows in the byte order of their ids, after `after` (exclusive), with the id, the golden `columns` asked for
    /// and who says anything about them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn golden_with_sources(
        &mut self,
        kind: EntityKind,
        columns: &[(&str, firmograph_core::ScalarKind)],
        after: &str,
        limit: usize,
    ) -> Result<Vec<(Box<str>, QualityOf)>, Error> {
        let order = byte_order(&self.conn, "g.\"id\"");
        let mut read = vec![("g.\"id\"".to_owned(), ColumnKind::Text)];
        read.extend(columns.iter().map(|(name, kind)| (format!("g.\"{name}\""), ColumnKind::from(*kind))));
        read.push(("q.sources".to_owned(), ColumnKind::Json));
        let rest = format!(
            "FROM {} g LEFT JOIN {} q ON q.\"key\" = g.\"key\" AND q.id = g.\"id\" WHERE {order} > $1 \
             ORDER BY {order} LIMIT {limit}",
            golden_name(kind),
            name(kind)
        );
        let rows = self.conn.fetch_many(&read, &rest, &[Value::text(after)]).await?;
        let all = rows.into_iter().map(|mut row| {
            let id = row.text()?;
            let values = columns.iter().map(|_| row.scalar()).collect::<Result<_, _>>()?;
            Ok((id, QualityOf { values, sources: row.maybe_text()? }))
        });
        all.collect()
    }
}

/// Byte order whatever the database's collation: pages of both backends must be the same.
fn byte_order(conn: &Connection, column: &str) -> String {
    if conn.is_postgres() { format!("{column} COLLATE \"C\"") } else { column.to_owned() }
}

fn read(kind: EntityKind, mut row: Row) -> Result<QualityRow, Error> {
    Ok(QualityRow {
        key: row.text()?,
        id: row.text()?,
        score: row.int()?,
        grade: row.text()?,
        completeness: row.int()?,
        parts: [row.int()?, row.int()?, row.int()?, row.int()?, row.int()?],
        phone_score: row.maybe_int()?,
        email_grade: if kind == EntityKind::Person { row.maybe_text()? } else { None },
        breakdown: row.text()?,
        sources: row.text()?,
        verified_at: row.maybe_time()?,
        as_of: row.text()?,
    })
}
