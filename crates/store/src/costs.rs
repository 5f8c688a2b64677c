//! The cost ledger: a row for each call, what calls cost, and which payloads they bought.

use crate::Store;
use crate::payloads::ValueRows;
use crate::table::{ColumnKind, Table};
use crate::value::{Row, Value};
use firmograph_core::{BudgetScope, Error, MicroDollars, PayloadId, Timestamp, UnitPrice};

/// A row of the ledger: one call, paid or failed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ApiCost {
    /// A ULID.
    pub id: String,
    /// The workspace that pays.
    pub workspace: String,
    /// For whom.
    pub user: Option<String>,
    /// Who was called.
    pub provider: String,
    /// Where.
    pub endpoint: Option<String>,
    /// What was asked.
    pub operation: Option<String>,
    /// What it cost.
    pub cost: MicroDollars,
    /// Tokens of a language model.
    pub tokens: Option<i64>,
    /// `company` or `person`.
    pub entity_type: Option<String>,
    /// Key or id of the company or person.
    pub entity_id: Option<String>,
    /// What was sent, as JSON.
    pub request: Option<String>,
    /// Whether the call succeeded.
    pub success: bool,
    /// Why it did not.
    pub error: Option<String>,
    /// When the call began: by this it counts for a window.
    pub created_at: Timestamp,
    /// Whether it found anything, where that is known.
    pub hit: Option<bool>,
    /// Records found.
    pub matches: Option<i64>,
    /// Credits taken.
    pub credits: Option<i64>,
    /// The reservation that it was paid from.
    pub reservation: Option<String>,
    /// Paid without a reservation, because the guard had failed and was told to let calls through.
    pub unguarded: bool,
}

/// What an operation costs from an instant on.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct PricedOperation {
    /// Who is called.
    pub provider: String,
    /// What is asked; `*` for operations without a price of their own.
    pub operation: String,
    /// From when on, inclusive.
    pub valid_from: Timestamp,
    /// What a call costs.
    #[serde(flatten)]
    pub price: UnitPrice,
    /// Where the price stands.
    pub origin: Option<String>,
}

/// The most that `cost` and the whole numbers of the columns hold that existing clients have: a row of more is written all the
/// same, because the money is spent.
pub(crate) const MOST_COST: MicroDollars = MicroDollars::new(999_999_999_900);
pub(crate) const MOST_NUMBER: i64 = i32::MAX as i64;

/// The exact amount of a row; other programs' rows have their decimal alone.
pub(crate) const COST: &str = "COALESCE(cost_micros, CAST(ROUND(\"cost\" * 1000000) AS BIGINT))";

impl Store {
    /// What the calls of a scope cost that began in `[from, until)`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn charged(
        &mut self,
        scope: &BudgetScope,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<MicroDollars, Error> {
        let mut params = vec![Value::text(&scope.workspace), Value::moment(from), Value::moment(until)];
        let mut only = String::new();
        for (column, wanted) in [("apiProvider", &scope.provider), ("userId", &scope.user)] {
            if let Some(wanted) = wanted {
                params.push(Value::text(wanted));
                only.push_str(&format!(" AND \"{column}\" = ${}", params.len()));
            }
        }
        let time = self.ledger_time("");
        let sql = format!(
            "SELECT CAST(COALESCE(SUM({COST}), 0) AS BIGINT) FROM intelligence.api_cost_tracking \
             WHERE \"workspaceId\" = $1 AND {time} >= {} AND {time} < {}{only}",
            self.ledger_moment(2),
            self.ledger_moment(3)
        );
        self.conn.number(&sql, &params).await.map(MicroDollars::new)
    }

    /// When a call began, to be compared with [`Store::ledger_moment`]. On SQLite other programs write times in other ways than
    /// ours, whose text compares as the times do.
    pub(crate) fn ledger_time(&self, of: &str) -> String {
        match self.is_postgres() {
            true => format!("{of}\"createdAt\""),
            false => format!("(strftime('%Y-%m-%dT%H:%M:%f', {of}\"createdAt\") || '000Z')"),
        }
    }

    /// Parameter `$n` as an instant of the ledger, whose times have no zone and are UTC.
    pub(crate) fn ledger_moment(&self, n: usize) -> String {
        if self.is_postgres() { format!("(${n}::timestamptz AT TIME ZONE 'UTC')") } else { format!("${n}") }
    }

    /// Adds a row to the ledger, and which payloads the call bought.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_cost(&mut self, cost: &ApiCost, payloads: &[PayloadId]) -> Result<(), Error> {
        use ColumnKind::{Id, Int, Json, Text, Time};
        let decimal = cost.cost.min(MOST_COST).decimal_4();
        let row = [
            ("id", Text, Value::text(&cost.id)),
            ("workspaceId", Text, Value::text(&cost.workspace)),
            ("userId", Text, Value::maybe(cost.user.as_deref())),
            ("apiProvider", Text, Value::text(&cost.provider)),
            ("endpoint", Text, Value::maybe(cost.endpoint.as_deref())),
            ("operation", Text, Value::maybe(cost.operation.as_deref())),
            ("cost", Text, Value::text(&decimal)),
            ("tokensUsed", Int, maybe_int(cost.tokens.map(|tokens| tokens.min(MOST_NUMBER)))),
            ("entityType", Text, Value::maybe(cost.entity_type.as_deref())),
            ("entityId", Text, Value::maybe(cost.entity_id.as_deref())),
            ("requestData", Json, Value::maybe(cost.request.as_deref())),
            ("success", Int, Value::Bool(cost.success)),
            ("errorMessage", Text, Value::maybe(cost.error.as_deref())),
            ("createdAt", Time, Value::moment(cost.created_at)),
            ("cost_micros", Int, Value::money(cost.cost)),
            ("hit", Int, cost.hit.map_or(Value::Null, Value::Bool)),
            ("matches", Int, maybe_int(cost.matches)),
            ("credits", Int, maybe_int(cost.credits)),
            ("reservation_id", Text, Value::maybe(cost.reservation.as_deref())),
            ("unguarded", Int, Value::Bool(cost.unguarded)),
        ];
        let columns: Vec<_> = row.iter().map(|&(name, kind, _)| (name, kind)).collect();
        let values = row.into_iter().map(|(.., value)| value).collect();
        let table = Table::new("intelligence.api_cost_tracking", &columns, &["id"]);
        self.conn.insert(&table, &ValueRows(vec![values])).await?;
        let mut payloads: Vec<_> = payloads.to_vec();
        payloads.sort_unstable();
        payloads.dedup();
        let rows = payloads.into_iter().map(|payload| vec![Value::text(&cost.id), Value::Id(payload)]);
        let columns = [("cost_id", Text), ("payload_id", Id)];
        let table = Table::new("intelligence.cost_payloads", &columns, &["cost_id", "payload_id"]);
        self.conn.insert(&table, &ValueRows(rows.collect())).await
    }

    /// Notes that a call bought every payload that a run wrote.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_cost_of_run(&mut self, cost: &str, run: i64) -> Result<(), Error> {
        let sql = "INSERT INTO intelligence.cost_payloads (cost_id, payload_id) SELECT $1, p.id FROM raw.payloads p \
                   JOIN raw.files f ON f.id = p.file_id WHERE f.run_id = $2 ON CONFLICT DO NOTHING";
        self.conn.execute(sql, &[Value::text(cost), Value::Int(run)]).await.map(drop)
    }

    /// Whether the ledger has a row with this id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_cost(&mut self, id: &str) -> Result<bool, Error> {
        let sql = "SELECT COUNT(*) FROM intelligence.api_cost_tracking WHERE \"id\" = $1";
        Ok(self.conn.number(sql, &[Value::text(id)]).await? > 0)
    }

    /// Writes what operations cost; a price of the same operation and instant is replaced.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_prices(&mut self, prices: &[PricedOperation], now: Timestamp) -> Result<(), Error> {
        use ColumnKind::{Int, Text, Time};
        let columns = [
            ("provider", Text),
            ("operation", Text),
            ("valid_from", Time),
            ("hit_micros", Int),
            ("miss_micros", Int),
            ("per_match_micros", Int),
            ("per_credit_micros", Int),
            ("per_million_tokens_micros", Int),
            ("origin", Text),
            ("created_at", Time),
            ("updated_at", Time),
        ];
        let rows = prices.iter().map(|priced| {
            let price = &priced.price;
            vec![
                Value::text(&priced.provider),
                Value::text(&priced.operation),
                Value::moment(priced.valid_from),
                Value::money(price.hit),
                Value::money(price.miss),
                Value::money(price.per_match),
                Value::money(price.per_credit),
                Value::money(price.per_million_tokens),
                Value::maybe(priced.origin.as_deref()),
                Value::moment(now),
                Value::moment(now),
            ]
        });
        let key = &["provider", "operation", "valid_from"];
        self.conn
            .upsert(&Table::new("reference.unit_prices", &columns, key), &ValueRows(rows.collect()))
            .await
    }

    /// What operations cost, by provider, operation and time.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn prices(&mut self) -> Result<Vec<PricedOperation>, Error> {
        let sql = "SELECT provider, operation, valid_from, hit_micros, miss_micros, per_match_micros, per_credit_micros, \
                   per_million_tokens_micros, origin FROM reference.unit_prices";
        let rows = self.conn.fetch(sql, &[]).await?;
        let mut prices = rows.into_iter().map(read_price).collect::<Result<Vec<_>, Error>>()?;
        prices.sort_by(|a, b| {
            (&a.provider, &a.operation, a.valid_from).cmp(&(&b.provider, &b.operation, b.valid_from))
        });
        Ok(prices)
    }
}

fn maybe_int(number: Option<i64>) -> Value<'static> {
    number.map_or(Value::Null, Value::Int)
}

fn read_price(mut row: Row) -> Result<PricedOperation, Error> {
    Ok(PricedOperation {
        provider: row.text()?.into(),
        operation: row.text()?.into(),
        valid_from: row.time()?,
        price: UnitPrice {
            hit: row.money()?,
            miss: row.money()?,
            per_match: row.money()?,
            per_credit: row.money()?,
            per_million_tokens: row.money()?,
        },
        origin: row.maybe_text()?.map(Into::into),
    })
}
