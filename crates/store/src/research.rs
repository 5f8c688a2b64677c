//! What was researched, and who is researching what at the moment.

use crate::Store;
use crate::costs::{COST, MOST_COST, MOST_NUMBER};
use crate::payloads::ValueRows;
use crate::table::{ColumnKind, Table};
use crate::value::{Row, Value};
use firmograph_core::{Error, MicroDollars, Timestamp};

/// A row of the research cache, as it is stored.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct ResearchRow {
    /// A ULID.
    pub id: String,
    /// What was asked, as a hash; rows of other programs have none.
    pub key: Option<String>,
    /// The workspace that paid.
    pub workspace: String,
    /// `company` or `person`.
    pub entity_type: String,
    /// Key or id of the company or person.
    pub entity_id: String,
    /// What kind of question it was.
    pub research_type: String,
    /// The language model.
    pub model: Option<String>,
    /// What was found.
    pub content: Option<String>,
    /// Where, a JSON array.
    pub sources: Option<String>,
    /// What was read in it, as JSON.
    pub extracted: Option<String>,
    /// How sure it is.
    pub confidence: Option<f64>,
    /// Tokens of a language model.
    pub tokens: Option<i64>,
    /// Milliseconds that it took.
    pub milliseconds: Option<i64>,
    /// What it cost.
    pub cost: Option<MicroDollars>,
    /// When it was first asked.
    pub created_at: Timestamp,
    /// When it was asked last.
    pub updated_at: Timestamp,
    /// From when on it counts no more.
    pub expires_at: Option<Timestamp>,
    /// Whether nothing was found.
    pub is_miss: bool,
    /// How often it was given instead of asking again.
    pub hits: i64,
    /// What asking again would have cost.
    pub saved: MicroDollars,
    /// When it was given last.
    pub last_hit_at: Option<Timestamp>,
    /// Bytes of what was found.
    pub size: i64,
}

/// Hits of one row that were counted in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResearchHits {
    /// How many.
    pub hits: i64,
    /// What they saved.
    pub saved: MicroDollars,
    /// The last of them.
    pub last_hit_at: Timestamp,
}

/// Sums over the answers that are kept: what was given up or expired is in them no more, with its hits and what they saved.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct ResearchStats {
    /// Rows of ours.
    pub rows: i64,
    /// Bytes of what was found in them.
    pub bytes: i64,
    /// Rows that remember that nothing was found.
    pub misses: i64,
    /// Rows that count no more.
    pub expired: i64,
    /// How often the rows that are kept were given instead of asking again.
    pub hits: i64,
    /// What that saved.
    pub saved: MicroDollars,
    /// What the rows cost.
    pub cost: MicroDollars,
    /// Questions that are being asked at the moment.
    pub flights: i64,
    /// Rows of other programs, which are left alone.
    pub others: i64,
}

const ROW: &str = "\"id\", research_key, \"workspaceId\", \"entityType\", \"entityId\", \"researchType\", \"model\", \
                   \"content\", CAST(\"sources\" AS TEXT), CAST(\"extractedData\" AS TEXT), \"confidence\", \
                   \"tokensUsed\", \"processingTime\", ";
const ROW_END: &str = ", \"createdAt\", \"updatedAt\", \"expiresAt\", CASE WHEN is_miss THEN 1 ELSE 0 END, hits, \
                       saved_micros, last_hit_at, size FROM intelligence.research_data";

fn select(with_content: bool) -> String {
    // What was found may be long, and a list does not show it.
    let row = if with_content { ROW.to_owned() } else { ROW.replace("\"content\"", "NULL") };
    format!("SELECT {row}{COST}{ROW_END}")
}

impl Store {
    /// The row that answers a question, whether it counts still or not.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn research(&mut self, key: &str) -> Result<Option<ResearchRow>, Error> {
        let sql = format!("{} WHERE research_key = $1", select(true));
        let rows = self.conn.fetch(&sql, &[Value::text(key)]).await?;
        rows.into_iter().next().map(read).transpose()
    }

    /// The row with this id, or that answers the question with this hash; also one of another program.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn research_by_id(&mut self, id: &str) -> Result<Option<ResearchRow>, Error> {
        let sql = format!("{} WHERE \"id\" = $1 OR research_key = $1", select(true));
        let rows = self.conn.fetch(&sql, &[Value::text(id)]).await?;
        rows.into_iter().next().map(read).transpose()
    }

    /// Rows without their content, newest first, other programs' too: of a workspace or of all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn research_rows(
        &mut self,
        workspace: Option<&str>,
        entity_id: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ResearchRow>, Error> {
        let (mut conditions, mut params) = (vec!["1 = 1".to_owned()], Vec::new());
        for (column, wanted) in [("workspaceId", workspace), ("entityId", entity_id)] {
            if let Some(wanted) = wanted {
                params.push(Value::text(wanted));
                conditions.push(format!("\"{column}\" = ${}", params.len()));
            }
        }
        let (select, conditions) = (select(false), conditions.join(" AND "));
        let sql = format!("{select} WHERE {conditions} ORDER BY \"updatedAt\" DESC, \"id\" LIMIT {limit}");
        self.conn.fetch(&sql, &params).await?.into_iter().map(read).collect()
    }

    /// Writes what was found, or that nothing was, over what the same question had; its hits stay.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_research(&mut self, row: &ResearchRow) -> Result<(), Error> {
        use ColumnKind::{Int, Json, Real, Text, Time};
        let number = |number: Option<i64>| {
            number.map_or(Value::Null, |number| Value::Int(number.clamp(0, MOST_NUMBER)))
        };
        let decimal = row.cost.map(|cost| cost.min(MOST_COST).decimal_4());
        let cells = [
            ("id", Text, Value::text(&row.id)),
            ("research_key", Text, Value::maybe(row.key.as_deref())),
            ("workspaceId", Text, Value::text(&row.workspace)),
            ("entityType", Text, Value::text(&row.entity_type)),
            ("entityId", Text, Value::text(&row.entity_id)),
            ("researchType", Text, Value::text(&row.research_type)),
            ("model", Text, Value::maybe(row.model.as_deref())),
            ("content", Text, Value::maybe(row.content.as_deref())),
            ("sources", Json, Value::maybe(row.sources.as_deref())),
            ("extractedData", Json, Value::maybe(row.extracted.as_deref())),
            ("confidence", Real, row.confidence.map_or(Value::Null, Value::Real)),
            ("tokensUsed", Int, number(row.tokens)),
            ("processingTime", Int, number(row.milliseconds)),
            ("cost", Text, Value::maybe(decimal.as_deref())),
            ("createdAt", Time, Value::moment(row.created_at)),
            ("updatedAt", Time, Value::moment(row.updated_at)),
            ("expiresAt", Time, row.expires_at.map_or(Value::Null, Value::moment)),
            ("is_miss", Int, Value::Bool(row.is_miss)),
            ("cost_micros", Int, row.cost.map_or(Value::Null, Value::money)),
            ("size", Int, Value::Int(row.size)),
        ];
        let columns: Vec<_> = cells.iter().map(|&(name, kind, _)| (name, kind)).collect();
        let values = cells.into_iter().map(|(.., value)| value).collect();
        let mut table = Table::new("intelligence.research_data", &columns, &["research_key"]);
        table.kept = "createdAt";
        self.conn.upsert(&table, &ValueRows(vec![values])).await
    }

    /// Adds hits to a row; nothing happens where it is gone.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn add_research_hits(&mut self, key: &str, hits: ResearchHits) -> Result<(), Error> {
        let at = self.conn.moment(4);
        let sql = format!(
            "UPDATE intelligence.research_data SET hits = hits + $2, saved_micros = saved_micros + $3, \
             last_hit_at = CASE WHEN last_hit_at > {at} THEN last_hit_at ELSE {at} END WHERE research_key = $1"
        );
        let params = [
            Value::text(key),
            Value::Int(hits.hits),
            Value::money(hits.saved),
            Value::moment(hits.last_hit_at),
        ];
        self.conn.execute(&sql, &params).await.map(drop)
    }

    /// Takes the right to ask a question: of those who come at once, one gets it; so does who held it already, and who comes after
    /// the time of one who did not end, where that time is still `given_up`. `None` where it was taken, else until when another one
    /// holds it.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn take_flight(
        &mut self,
        key: &str,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
        given_up: Option<Timestamp>,
    ) -> Result<Option<Timestamp>, Error> {
        let (begun, ends) = (self.conn.moment(3), self.conn.moment(4));
        let mut params =
            vec![Value::text(key), Value::text(holder), Value::moment(now), Value::moment(until)];
        let mut sql = format!(
            "INSERT INTO intelligence.research_flights AS f (research_key, holder, begun_at, expires_at) \
             VALUES ($1, $2, {begun}, {ends}) ON CONFLICT (research_key) DO UPDATE SET holder = excluded.holder, \
             begun_at = excluded.begun_at, expires_at = excluded.expires_at WHERE f.holder = $2"
        );
        if let Some(given_up) = given_up {
            params.push(Value::moment(given_up));
            let given_up = self.conn.moment(5);
            sql.push_str(&format!(" OR (f.expires_at <= {begun} AND f.expires_at = {given_up})"));
        }
        if self.conn.execute(&sql, &params).await? > 0 {
            return Ok(None);
        }
        let held = "SELECT expires_at FROM intelligence.research_flights WHERE research_key = $1";
        let mut rows = self.conn.fetch(held, &[Value::text(key)]).await?;
        // Where it was given back meanwhile, it is free from now on.
        rows.first_mut().map_or(Ok(Some(now)), |row| row.time().map(Some))
    }

    /// Holds the right for longer; gives whether it was still held.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn renew_flight(&mut self, key: &str, holder: &str, until: Timestamp) -> Result<bool, Error> {
        let sql = format!(
            "UPDATE intelligence.research_flights SET expires_at = {} WHERE research_key = $1 AND holder = $2",
            self.conn.moment(3)
        );
        let params = [Value::text(key), Value::text(holder), Value::moment(until)];
        Ok(self.conn.execute(&sql, &params).await? > 0)
    }

    /// Gives the right back.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn end_flight(&mut self, key: &str, holder: &str) -> Result<(), Error> {
        let sql = "DELETE FROM intelligence.research_flights WHERE research_key = $1 AND holder = $2";
        self.conn.execute(sql, &[Value::text(key), Value::text(holder)]).await.map(drop)
    }

    /// Deletes our rows that expired before an instant, and flights that did before another; gives the number of rows.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn expire_research(&mut self, before: Timestamp, flights: Timestamp) -> Result<u64, Error> {
        let sql =
            format!("DELETE FROM intelligence.research_flights WHERE expires_at <= {}", self.conn.moment(1));
        self.conn.execute(&sql, &[Value::moment(flights)]).await?;
        let sql = format!(
            "DELETE FROM intelligence.research_data WHERE research_key IS NOT NULL AND \"expiresAt\" <= {}",
            self.ledger_moment(1)
        );
        self.conn.execute(&sql, &[Value::moment(before)]).await
    }

    /// Keys and sizes of our rows, those first that nobody was given for longest, at most `limit`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn least_hit_research(&mut self, limit: usize) -> Result<Vec<(String, i64)>, Error> {
        let written = if self.is_postgres() { "(\"updatedAt\" AT TIME ZONE 'UTC')" } else { "\"updatedAt\"" };
        let sql = format!(
            "SELECT research_key, size FROM intelligence.research_data WHERE research_key IS NOT NULL \
             ORDER BY CASE WHEN last_hit_at > {written} THEN last_hit_at ELSE {written} END, research_key LIMIT {limit}"
        );
        let rows = self.conn.fetch(&sql, &[]).await?;
        rows.into_iter().map(|mut row| Ok((row.text()?.into(), row.int()?))).collect()
    }

    /// Deletes rows by their keys; gives how many there were.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn delete_research(&mut self, keys: &[&str]) -> Result<u64, Error> {
        let is_one = self.conn.any_text("research_key", 1);
        let sql = format!("DELETE FROM intelligence.research_data WHERE {is_one}");
        self.conn.execute(&sql, &[Value::Texts(keys)]).await
    }

    /// Number and bytes of our rows.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn research_size(&mut self) -> Result<(i64, i64), Error> {
        let sql = "SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM intelligence.research_data \
                   WHERE research_key IS NOT NULL";
        let mut rows = self.conn.fetch(sql, &[]).await?;
        rows.first_mut().map_or(Ok((0, 0)), |row| Ok((row.int()?, row.int()?)))
    }

    /// Sums over all rows, as of an instant.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn research_stats(&mut self, now: Timestamp) -> Result<ResearchStats, Error> {
        let sum = |what: &str| format!("CAST(COALESCE(SUM({what}), 0) AS BIGINT)");
        let when = |condition: &str| sum(&format!("CASE WHEN {condition} THEN 1 ELSE 0 END"));
        let expired = format!("\"expiresAt\" <= {}", self.ledger_moment(1));
        let sql = format!(
            "SELECT COUNT(*), {}, {}, {}, {}, {}, {} FROM intelligence.research_data WHERE research_key IS NOT NULL",
            sum("size"),
            when("is_miss"),
            when(&expired),
            sum("hits"),
            sum("saved_micros"),
            sum(COST),
        );
        let at = [Value::moment(now)];
        let mut rows = self.conn.fetch(&sql, &at).await?;
        let mut stats = ResearchStats::default();
        if let Some(row) = rows.first_mut() {
            (stats.rows, stats.bytes, stats.misses) = (row.int()?, row.int()?, row.int()?);
            (stats.expired, stats.hits) = (row.int()?, row.int()?);
            (stats.saved, stats.cost) = (row.money()?, row.money()?);
        }
        let flights = format!(
            "SELECT COUNT(*) FROM intelligence.research_flights WHERE expires_at > {}",
            self.conn.moment(1)
        );
        stats.flights = self.conn.number(&flights, &at).await?;
        let others = "SELECT COUNT(*) FROM intelligence.research_data WHERE research_key IS NULL";
        stats.others = self.conn.number(others, &[]).await?;
        Ok(stats)
    }
}

fn read(mut row: Row) -> Result<ResearchRow, Error> {
    let maybe = |row: &mut Row| Ok::<_, Error>(row.maybe_text()?.map(String::from));
    Ok(ResearchRow {
        id: row.text()?.into(),
        key: maybe(&mut row)?,
        workspace: row.text()?.into(),
        entity_type: row.text()?.into(),
        entity_id: row.text()?.into(),
        research_type: row.text()?.into(),
        model: maybe(&mut row)?,
        content: maybe(&mut row)?,
        sources: maybe(&mut row)?,
        extracted: maybe(&mut row)?,
        confidence: row.maybe_real()?,
        tokens: row.maybe_int()?,
        milliseconds: row.maybe_int()?,
        cost: row.maybe_int()?.map(MicroDollars::new),
        created_at: row.time()?,
        updated_at: row.time()?,
        expires_at: row.maybe_time()?,
        is_miss: row.int()? != 0,
        hits: row.int()?,
        saved: row.money()?,
        last_hit_at: row.maybe_time()?,
        size: row.int()?,
    })
}
