//! What is stored about levels, counted by the database or read in pages: nothing here grows with the number of prospects.

use crate::Store;
use crate::table::ColumnKind;
use crate::value::Value;
use firmograph_core::Error;

/// Column of `"Prospect"` that holds the key under which sources speak of a person.
const PROSPECT_KEY: &str = "\"key\"";

/// Dimension rows of one source that may say a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TitleSource {
    /// The source.
    pub source: Box<str>,
    /// Its rows.
    pub rows: u64,
    /// Rows that give neither a title nor a level column.
    pub nothing_said: u64,
    /// Rows whose level the rules found in the title.
    pub by_title: u64,
    /// Rows whose level the rules found in the level column.
    pub by_level_column: u64,
    /// Rows whose level a user's map gave, for the title or for the level column.
    pub by_map: u64,
}

/// Dimension rows that show the same text in the level column and have the same level for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelColumnGroup {
    /// The text.
    pub raw: Box<str>,
    /// The level of the rows, 0 where they have none.
    pub level: i64,
    /// Whether the title gave it.
    pub by_title: bool,
    /// Rows.
    pub rows: u64,
    /// The first of their keys in byte order.
    pub example: Box<str>,
}

/// A golden prospect without a level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnlevelledProspect {
    /// Its id.
    pub id: Box<str>,
    /// Under which key sources would speak of it.
    pub key: Option<Box<str>>,
    /// Its title.
    pub title: Option<Box<str>>,
    /// Its raw level.
    pub level: Option<Box<str>>,
    /// Whether a dimension row of that key says a title or a level; `None` where there is no row.
    pub is_said: Option<bool>,
}

impl Store {
    /// Begins a transaction that only reads, all of it as of one moment, and sorts in files rather than in memory. It ends with
    /// [`Store::end_read`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begin_read(&mut self) -> Result<(), Error> {
        self.conn
            .run(if self.is_postgres() {
                "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
            } else {
                "PRAGMA temp_store = file; BEGIN"
            })
            .await
    }

    /// Ends what [`Store::begin_read`] began.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn end_read(&mut self) -> Result<(), Error> {
        let end = if self.is_postgres() { "ROLLBACK" } else { "ROLLBACK; PRAGMA temp_store = memory" };
        self.conn.run(end).await
    }

    fn collate(&self) -> &'static str {
        if self.is_postgres() { " COLLATE \"C\"" } else { "" }
    }

    /// The rule that gave a row of `core.person_job_titles` its level.
    fn rule(&self) -> &'static str {
        if self.is_postgres() { "(evidence::json ->> 'rule')" } else { "(evidence ->> 'rule')" }
    }

    /// Golden prospects by their level; `None` for those without. Ordered by level.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn prospects_by_level(&mut self) -> Result<Vec<(Option<i64>, u64)>, Error> {
        let sql = "SELECT \"standardizedJobTitleLevelId\", count(*) FROM \"Prospect\" GROUP BY 1";
        let rows = self.conn.fetch(sql, &[]).await?;
        let mut counts = rows
            .into_iter()
            .map(|mut row| Ok((row.maybe_int()?, row.int()? as u64)))
            .collect::<Result<Vec<_>, Error>>()?;
        counts.sort_unstable();
        Ok(counts)
    }

    /// What each source says about titles, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn title_sources(&mut self) -> Result<Vec<TitleSource>, Error> {
        let rule = self.rule();
        let sql = format!(
            "SELECT source, count(*), \
             count(CASE WHEN raw_job_title IS NULL AND raw_job_title_level IS NULL THEN 1 END), \
             count(CASE WHEN rule <> 'level_map' AND rule NOT LIKE 'level\\_column:%' ESCAPE '\\' THEN 1 END), \
             count(CASE WHEN rule LIKE 'level\\_column:%' ESCAPE '\\' AND rule <> 'level_column:level_map' THEN 1 END), \
             count(CASE WHEN rule IN ('level_map', 'level_column:level_map') THEN 1 END) \
             FROM (SELECT source, raw_job_title, raw_job_title_level, \
             CASE WHEN matched_level IS NOT NULL THEN {rule} END AS rule FROM core.person_job_titles) t GROUP BY source"
        );
        let rows = self.conn.fetch(&sql, &[]).await?;
        let mut sources = rows
            .into_iter()
            .map(|mut row| {
                let source = row.text()?;
                let [rows, nothing_said, by_title, by_level_column, by_map] =
                    [row.int()?, row.int()?, row.int()?, row.int()?, row.int()?].map(|count| count as u64);
                Ok(TitleSource { source, rows, nothing_said, by_title, by_level_column, by_map })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        sources.sort_by(|a, b| a.source.cmp(&b.source));
        Ok(sources)
    }

    /// The texts of the level column in byte order, each with the levels of the rows that show it: the groups after `after`
    /// (exclusive), at most `limit` of them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn level_column_page(
        &mut self,
        after: Option<&LevelColumnGroup>,
        limit: usize,
    ) -> Result<Vec<LevelColumnGroup>, Error> {
        let (rule, collate) = (self.rule(), self.collate());
        let mut params = Vec::new();
        let (mut within, mut filter) = (String::new(), String::new());
        if let Some(after) = after {
            params =
                vec![Value::text(&after.raw), Value::Int(after.level), Value::Int(after.by_title.into())];
            // The second one alone would do; the first one keeps what is passed over from being sorted again.
            within = format!("AND raw_job_title_level{collate} >= $1");
            filter = format!("WHERE (raw{collate}, level, by_title) > ($1, $2, $3)");
        }
        let columns = [
            ("raw", ColumnKind::Text),
            ("level", ColumnKind::Int),
            ("by_title", ColumnKind::Int),
            ("n", ColumnKind::Int),
            ("example", ColumnKind::Text),
        ]
        .map(|(sql, kind)| (sql.to_owned(), kind));
        let rest = format!(
            "FROM (SELECT raw, level, by_title, n, example FROM (SELECT raw_job_title_level AS raw, \
             COALESCE(matched_level, 0) AS level, \
             CASE WHEN matched_level IS NULL OR {rule} LIKE 'level\\_column:%' ESCAPE '\\' THEN 0 ELSE 1 END AS by_title, \
             count(*) AS n, MIN(key{collate}) AS example FROM core.person_job_titles \
             WHERE raw_job_title_level IS NOT NULL {within} GROUP BY 1, 2, 3) g {filter} \
             ORDER BY raw{collate}, level, by_title LIMIT {limit}) page"
        );
        let rows = self.conn.fetch_many(&columns, &rest, &params).await?;
        rows.into_iter()
            .map(|mut row| {
                let (raw, level, by_title) = (row.text()?, row.int()?, row.int()? == 1);
                Ok(LevelColumnGroup { raw, level, by_title, rows: row.int()? as u64, example: row.text()? })
            })
            .collect()
    }

    /// Distinct titles, and how many of them gave a row its level.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn distinct_titles(&mut self) -> Result<(u64, u64), Error> {
        let rule = self.rule();
        let sql = format!(
            "SELECT count(*), count(CASE WHEN mapped = 1 THEN 1 END) FROM (SELECT MAX(CASE WHEN matched_level IS NULL \
             OR {rule} LIKE 'level\\_column:%' ESCAPE '\\' THEN 0 ELSE 1 END) AS mapped FROM core.person_job_titles \
             WHERE raw_job_title IS NOT NULL GROUP BY raw_job_title) t"
        );
        let mut rows = self.conn.fetch(&sql, &[]).await?;
        let Some(row) = rows.first_mut() else { return Ok((0, 0)) };
        Ok((row.int()? as u64, row.int()? as u64))
    }

    /// Titles that gave their rows no level, those with most rows first, at most `top` of them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn unmatched_titles(&mut self, top: usize) -> Result<Vec<(Box<str>, u64)>, Error> {
        let (rule, collate) = (self.rule(), self.collate());
        let sql = format!(
            "SELECT raw_job_title, count(*) FROM core.person_job_titles WHERE raw_job_title IS NOT NULL \
             AND (matched_level IS NULL OR {rule} LIKE 'level\\_column:%' ESCAPE '\\') GROUP BY raw_job_title \
             ORDER BY count(*) DESC, raw_job_title{collate} LIMIT {top}"
        );
        let rows = self.conn.fetch(&sql, &[]).await?;
        rows.into_iter().map(|mut row| Ok((row.text()?, row.int()? as u64))).collect()
    }

    /// Keys that stand for joined keys of which a title or a level is said by a dimension row (`true`), or of which there is
    /// only another row (`false`).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn joined_titles(&mut self) -> Result<Vec<(Box<str>, bool)>, Error> {
        let sql = "SELECT r.into_key, MAX(CASE WHEN t.raw_job_title IS NULL AND t.raw_job_title_level IS NULL \
                   THEN 0 ELSE 1 END) FROM core.key_roots r JOIN core.person_job_titles t ON t.key = r.from_key \
                   WHERE r.entity = 'person' GROUP BY r.into_key";
        let rows = self.conn.fetch(sql, &[]).await?;
        rows.into_iter().map(|mut row| Ok((row.text()?, row.int()? == 1))).collect()
    }

    /// Golden prospects without a level, in the order of their ids, after `after` (exclusive), at most `limit` of them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn unlevelled_page(
        &mut self,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<UnlevelledProspect>, Error> {
        let filter = if after.is_some() { "AND p.\"id\" > $1" } else { "" };
        let params: Vec<_> = after.into_iter().map(Value::text).collect();
        let columns = [
            ("id", ColumnKind::Text),
            ("key", ColumnKind::Text),
            ("title", ColumnKind::Text),
            ("level", ColumnKind::Text),
            ("said", ColumnKind::Int),
        ]
        .map(|(sql, kind)| (sql.to_owned(), kind));
        let rest = format!(
            "FROM (SELECT p.\"id\" AS id, p.{PROSPECT_KEY} AS key, p.\"jobTitle\" AS title, p.\"jobTitleLevel\" AS level, \
             (SELECT MAX(CASE WHEN t.raw_job_title IS NULL AND t.raw_job_title_level IS NULL THEN 0 ELSE 1 END) \
             FROM core.person_job_titles t WHERE t.key = p.{PROSPECT_KEY}) AS said FROM \"Prospect\" p \
             WHERE p.\"standardizedJobTitleLevelId\" IS NULL {filter} ORDER BY p.\"id\" LIMIT {limit}) page"
        );
        let rows = self.conn.fetch_many(&columns, &rest, &params).await?;
        rows.into_iter()
            .map(|mut row| {
                let id = row.text()?;
                let (key, title, level) = (row.maybe_text()?, row.maybe_text()?, row.maybe_text()?);
                let is_said = row.maybe_int()?.map(|said| said == 1);
                Ok(UnlevelledProspect { id, key, title, level, is_said })
            })
            .collect()
    }
}
