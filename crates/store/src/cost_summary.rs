//! Sums over the cost ledger, and which golden values its calls bought.

use crate::Store;
use crate::costs::COST;
use crate::value::{Row, Value};
use firmograph_core::{EntityKind, Error, MicroDollars, Timestamp};

/// What rows of the ledger are put together by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostKey {
    /// All of them together.
    All,
    /// Who was called.
    Provider,
    /// What was asked of whom.
    Operation,
    /// About whom: kind and key.
    Entity,
    /// For whom.
    User,
    /// The minute of UTC in which the call began, as `2026-03-01T12:34`.
    Minute,
}

/// Which rows of the ledger.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CostRange {
    /// Of this workspace alone.
    pub workspace: Option<String>,
    /// From this instant on.
    pub from: Option<Timestamp>,
    /// Before this one.
    pub until: Option<Timestamp>,
}

/// Sums over rows of the ledger.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CostSums {
    /// What they cost.
    pub cost: MicroDollars,
    /// How many they are.
    pub calls: i64,
    /// Those that succeeded.
    pub successes: i64,
    /// Those that found something.
    pub hits: i64,
    /// Those of which it is known whether they found something.
    pub answered: i64,
    /// Tokens of language models.
    pub tokens: i64,
    /// Those that were made while the guard had failed.
    pub unguarded: i64,
}

/// What one call cost, and how many golden values of one attribute it bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bought {
    /// The row of the ledger.
    pub cost_id: String,
    /// Who was called.
    pub provider: String,
    /// What was asked.
    pub operation: Option<String>,
    /// What it cost.
    pub cost: MicroDollars,
    /// The attribute.
    pub attribute: String,
    /// Golden values.
    pub values: i64,
}

impl CostSums {
    /// Both together.
    #[must_use]
    pub fn with(self, other: CostSums) -> CostSums {
        CostSums {
            cost: self.cost.saturating_add(other.cost),
            calls: self.calls + other.calls,
            successes: self.successes + other.successes,
            hits: self.hits + other.hits,
            answered: self.answered + other.answered,
            tokens: self.tokens + other.tokens,
            unguarded: self.unguarded + other.unguarded,
        }
    }
}

impl Store {
    /// Sums over the ledger for each key, of which there are two columns; in the order of the keys.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn cost_sums(
        &mut self,
        by: CostKey,
        range: &CostRange,
    ) -> Result<Vec<([Option<String>; 2], CostSums)>, Error> {
        let minute = format!("substr({}, 1, 16)", self.ledger_time(""));
        let keys = match by {
            CostKey::All => ["NULL", "NULL"],
            CostKey::Provider => ["\"apiProvider\"", "NULL"],
            CostKey::Operation => ["\"apiProvider\"", "\"operation\""],
            CostKey::Entity => ["\"entityType\"", "\"entityId\""],
            CostKey::User => ["\"userId\"", "NULL"],
            CostKey::Minute if self.is_postgres() => {
                ["to_char(\"createdAt\", 'YYYY-MM-DD\"T\"HH24:MI')", "NULL"]
            }
            CostKey::Minute => [&*minute, "NULL"],
        };
        let (only, params) = self.within(range, "");
        let keys = keys.map(|key| format!("CAST({key} AS TEXT)"));
        let sql = format!(
            "SELECT {0}, {1}, CAST(COALESCE(SUM({COST}), 0) AS BIGINT), COUNT(*), COUNT(*) FILTER (WHERE \"success\"), \
             COUNT(*) FILTER (WHERE hit), COUNT(hit), CAST(COALESCE(SUM(\"tokensUsed\"), 0) AS BIGINT), \
             COUNT(*) FILTER (WHERE unguarded) FROM intelligence.api_cost_tracking {only} GROUP BY 1, 2",
            keys[0], keys[1]
        );
        let rows = self.conn.fetch(&sql, &params).await?;
        let mut sums = rows.into_iter().map(read_sums).collect::<Result<Vec<_>, Error>>()?;
        sums.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        Ok(sums)
    }

    /// Which calls bought golden values of companies or of persons, and how many of each attribute; by call and attribute.
    ///
    /// A golden value was bought by the payload that the row of the winning source names, which is the least id of the
    /// payloads that say the value shown; that payload, by the first call that brought it, in the order of the ledger's ids.
    /// Where keys are joined, the winning source's row that was observed last counts.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn bought(&mut self, kind: EntityKind, range: &CostRange) -> Result<Vec<Bought>, Error> {
        let view = match kind {
            EntityKind::Company => "core.company_provenance",
            EntityKind::Person => "core.person_provenance",
        };
        let (only, params) = self.within(range, "c.");
        let sql = format!(
            "WITH won AS (SELECT attribute, payload_id, ROW_NUMBER() OVER (PARTITION BY id, attribute ORDER BY \
             CASE WHEN observed_at IS NULL THEN 1 ELSE 0 END, observed_at DESC, payloads DESC, payload_id) AS place \
             FROM {view} WHERE is_winner), \
             first AS (SELECT payload_id, MIN(cost_id) AS cost_id FROM intelligence.cost_payloads GROUP BY payload_id) \
             SELECT c.\"id\", c.\"apiProvider\", c.\"operation\", {COST}, w.attribute, COUNT(*) \
             FROM won w JOIN first b ON b.payload_id = w.payload_id \
             JOIN intelligence.api_cost_tracking c ON c.\"id\" = b.cost_id {only} {} w.place = 1 \
             GROUP BY c.\"id\", c.\"apiProvider\", c.\"operation\", 4, w.attribute",
            if only.is_empty() { "WHERE" } else { "AND" }
        );
        let rows = self.conn.fetch(&sql, &params).await?;
        let mut all = rows
            .into_iter()
            .map(|mut row| {
                Ok(Bought {
                    cost_id: row.text()?.into(),
                    provider: row.text()?.into(),
                    operation: row.maybe_text()?.map(Into::into),
                    cost: row.money()?,
                    attribute: row.text()?.into(),
                    values: row.int()?,
                })
            })
            .collect::<Result<Vec<_>, Error>>()?;
        all.sort_unstable_by(|a, b| (&a.cost_id, &a.attribute).cmp(&(&b.cost_id, &b.attribute)));
        Ok(all)
    }

    /// Workspaces that have or had a budget, or have a row in the ledger, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn paying_workspaces(&mut self) -> Result<Vec<String>, Error> {
        let sql = "SELECT workspace FROM intelligence.budgets \
                   UNION SELECT workspace FROM intelligence.budget_windows \
                   UNION SELECT \"workspaceId\" FROM intelligence.api_cost_tracking";
        let rows = self.conn.fetch(sql, &[]).await?;
        let names = rows.into_iter().map(|mut row| row.text().map(String::from));
        let mut names = names.collect::<Result<Vec<_>, Error>>()?;
        names.sort_unstable();
        Ok(names)
    }

    /// `WHERE ...` for rows of a range, or nothing, and its parameters.
    fn within<'r>(&self, range: &'r CostRange, of: &str) -> (String, Vec<Value<'r>>) {
        let (mut conditions, mut params) = (Vec::new(), Vec::new());
        if let Some(workspace) = &range.workspace {
            params.push(Value::text(workspace));
            conditions.push(format!("{of}\"workspaceId\" = ${}", params.len()));
        }
        for (is, instant) in [(">=", range.from), ("<", range.until)] {
            if let Some(instant) = instant {
                params.push(Value::moment(instant));
                let time = self.ledger_time(of);
                conditions.push(format!("{time} {is} {}", self.ledger_moment(params.len())));
            }
        }
        let only =
            if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
        (only, params)
    }
}

fn read_sums(mut row: Row) -> Result<([Option<String>; 2], CostSums), Error> {
    let keys = [row.maybe_text()?.map(String::from), row.maybe_text()?.map(String::from)];
    let sums = CostSums {
        cost: row.money()?,
        calls: row.int()?,
        successes: row.int()?,
        hits: row.int()?,
        answered: row.int()?,
        tokens: row.int()?,
        unguarded: row.int()?,
    };
    Ok((keys, sums))
}
