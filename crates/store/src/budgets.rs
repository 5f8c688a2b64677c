//! Budgets and their windows: the counter rows that decide whether a call may be paid.

use crate::Store;
use crate::payloads::ValueRows;
use crate::table::{ColumnKind, Table};
use crate::value::{Row, Value};
use firmograph_core::{BudgetPeriod, BudgetScope, BudgetStanding, Error, ErrorKind, MicroDollars, Timestamp};

/// A cap that somebody set.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct BudgetRule {
    /// Whose calls it is for.
    #[serde(flatten)]
    pub scope: BudgetScope,
    /// How long it counts.
    pub period: BudgetPeriod,
    /// The most that may be spent in a window, inclusive.
    pub cap: MicroDollars,
    /// The IANA name of the zone whose days and months count.
    pub time_zone: String,
    /// Who set it.
    pub author: Option<String>,
    /// When it was set last.
    pub updated_at: Timestamp,
}

/// Which window of which budget. The order of these is the order in which windows are written: with one order for all, no two
/// transactions wait for each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct WindowKey {
    /// Whose budget.
    #[serde(flatten)]
    pub scope: BudgetScope,
    /// Day or month.
    pub period: BudgetPeriod,
    /// Its first instant.
    pub starts_at: Timestamp,
}

/// A window as it stands.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct BudgetWindow {
    /// Which one.
    #[serde(flatten)]
    pub key: WindowKey,
    /// The first instant after it.
    pub ends_at: Timestamp,
    /// Cap, spent, held.
    #[serde(flatten)]
    pub standing: BudgetStanding,
    /// Calls that it refused.
    pub refusals: i64,
}

impl BudgetRule {
    /// Whether a call of this provider for this user is paid from it.
    #[must_use]
    pub fn counts_for(&self, provider: &str, user: Option<&str>) -> bool {
        let fits = |of: &Option<String>, is: Option<&str>| of.as_deref().is_none_or(|of| is == Some(of));
        fits(&self.scope.provider, Some(provider)) && fits(&self.scope.user, user)
    }
}

const RULE: &str = "workspace, provider, user_id, period, cap_micros, time_zone, author, updated_at";
const WINDOW: &str = "workspace, provider, user_id, period, starts_at, ends_at, \
                      CASE WHEN asked_micros < cap_micros THEN asked_micros ELSE cap_micros END, \
                      spent_micros, reserved_micros, overrun_micros, refusals";

/// Key of the advisory lock of PostgreSQL that keeps budgets as they are while money is held by them: "firmbudg" as bytes.
/// Locks on the rows would be written to disk by each call, and callers that overlap would keep out whoever sets a budget.
const RULES_LOCK: i64 = 0x6669_726d_6275_6467;

impl WindowKey {
    /// Values of `workspace`, `provider`, `user_id`, `period` and `starts_at`.
    pub(crate) fn values(&self) -> [Value<'_>; 5] {
        let [workspace, provider, user, period] = scope_values(&self.scope, self.period);
        [workspace, provider, user, period, Value::moment(self.starts_at)]
    }
}

fn scope_values(scope: &BudgetScope, period: BudgetPeriod) -> [Value<'_>; 4] {
    let everybody = |text: &'_ Option<String>| text.as_deref().unwrap_or_default().to_owned();
    [
        Value::text(&scope.workspace),
        Value::Text(everybody(&scope.provider).into()),
        Value::Text(everybody(&scope.user).into()),
        Value::text(period.name()),
    ]
}

impl Store {
    /// `... = $1 AND ... = $5` for [`WindowKey::values`].
    pub(crate) fn is_window(&self) -> String {
        format!(
            "workspace = $1 AND provider = $2 AND user_id = $3 AND period = $4 AND starts_at = {}",
            self.conn.moment(5)
        )
    }

    /// Budgets by scope and period: of a workspace, or of all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn budgets(&mut self, workspace: Option<&str>) -> Result<Vec<BudgetRule>, Error> {
        let (of, params) = of_workspace(workspace);
        let rows = self.conn.fetch(&format!("SELECT {RULE} FROM intelligence.budgets{of}"), &params).await?;
        let mut rules = rows.into_iter().map(read_rule).collect::<Result<Vec<_>, Error>>()?;
        rules.sort_by(|a, b| (&a.scope, a.period).cmp(&(&b.scope, b.period)));
        Ok(rules)
    }

    /// Writes a budget, and changes the cap of its windows that are not over at its time. Where more is spent and held than
    /// the new cap, nothing more can be reserved.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_budget(&mut self, rule: &BudgetRule) -> Result<(), Error> {
        use ColumnKind::{Int, Text, Time};
        let columns = [
            ("workspace", Text),
            ("provider", Text),
            ("user_id", Text),
            ("period", Text),
            ("cap_micros", Int),
            ("time_zone", Text),
            ("author", Text),
            ("created_at", Time),
            ("updated_at", Time),
        ];
        let now = Value::moment(rule.updated_at);
        let mut row = scope_values(&rule.scope, rule.period).to_vec();
        row.extend([
            Value::money(rule.cap),
            Value::text(&rule.time_zone),
            Value::maybe(rule.author.as_deref()),
            now.clone(),
            now.clone(),
        ]);
        let key = &["workspace", "provider", "user_id", "period"];
        let table = Table::new("intelligence.budgets", &columns, key);
        self.conn.upsert(&table, &ValueRows(vec![row])).await?;
        let mut params = scope_values(&rule.scope, rule.period).to_vec();
        params.extend([now, Value::money(rule.cap)]);
        // What was charged beyond the old cap fills the room that a higher one gives.
        let most =
            "(CASE WHEN reserved_micros + spent_micros > $6 THEN spent_micros ELSE $6 - reserved_micros END)";
        let all = "(spent_micros + overrun_micros)";
        let sql = format!(
            "UPDATE intelligence.budget_windows SET asked_micros = $6, cap_micros = CASE WHEN \
             reserved_micros + spent_micros > $6 THEN reserved_micros + spent_micros ELSE $6 END, \
             spent_micros = CASE WHEN {all} <= {most} THEN {all} ELSE {most} END, \
             overrun_micros = CASE WHEN {all} <= {most} THEN 0 ELSE {all} - {most} END \
             WHERE workspace = $1 AND provider = $2 AND user_id = $3 AND period = $4 AND ends_at > {}",
            self.conn.moment(5)
        );
        self.conn.execute(&sql, &params).await.map(drop)
    }

    /// Takes a budget away; its windows stay as history. Gives whether there was one.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn delete_budget(&mut self, scope: &BudgetScope, period: BudgetPeriod) -> Result<bool, Error> {
        let sql = "DELETE FROM intelligence.budgets WHERE workspace = $1 AND provider = $2 AND user_id = $3 AND period = $4";
        Ok(self.conn.execute(sql, &scope_values(scope, period)).await? > 0)
    }

    /// One window, if it was ever written.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn budget_window(&mut self, key: &WindowKey) -> Result<Option<BudgetWindow>, Error> {
        let sql = format!("SELECT {WINDOW} FROM intelligence.budget_windows WHERE {}", self.is_window());
        let rows = self.conn.fetch(&sql, &key.values()).await?;
        rows.into_iter().next().map(read_window).transpose()
    }

    /// Windows in the order of their keys, newest first within a budget: of a workspace or of all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn budget_windows(&mut self, workspace: Option<&str>) -> Result<Vec<BudgetWindow>, Error> {
        let (of, params) = of_workspace(workspace);
        let sql = format!("SELECT {WINDOW} FROM intelligence.budget_windows{of}");
        let rows = self.conn.fetch(&sql, &params).await?;
        let mut windows = rows.into_iter().map(read_window).collect::<Result<Vec<_>, Error>>()?;
        windows.sort_by(|a, b| {
            let (a, b) = (&a.key, &b.key);
            (&a.scope, a.period, b.starts_at).cmp(&(&b.scope, b.period, a.starts_at))
        });
        Ok(windows)
    }

    /// Makes the row of a window that has none, with what its scope was charged since it began, and gives whether it did.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn begin_window(
        &mut self,
        key: &WindowKey,
        ends_at: Timestamp,
        cap: MicroDollars,
    ) -> Result<bool, Error> {
        let charged = self.charged(&key.scope, key.starts_at, ends_at).await?;
        let spent = charged.min(cap);
        let mut params = key.values().to_vec();
        params.extend([Value::moment(ends_at), Value::money(cap), Value::money(spent)]);
        params.push(Value::money(charged.saturating_sub(spent)));
        let sql = format!(
            "INSERT INTO intelligence.budget_windows (workspace, provider, user_id, period, starts_at, ends_at, cap_micros, \
             asked_micros, reserved_micros, spent_micros, overrun_micros) \
             VALUES ($1, $2, $3, $4, {}, {}, $7, $7, 0, $8, $9) ON CONFLICT DO NOTHING",
            self.conn.moment(5),
            self.conn.moment(6)
        );
        Ok(self.conn.execute(&sql, &params).await? > 0)
    }

    /// Holds an amount in a window if it has room; gives whether it had. One statement on one row: of callers that come at
    /// once, each finds what the one before it left.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn hold(&mut self, key: &WindowKey, amount: MicroDollars) -> Result<bool, Error> {
        let sql = format!(
            "UPDATE intelligence.budget_windows SET reserved_micros = reserved_micros + $6 WHERE {} \
             AND reserved_micros + spent_micros <= cap_micros - $6 AND reserved_micros + spent_micros <= asked_micros - $6",
            self.is_window()
        );
        let mut params = key.values().to_vec();
        params.push(Value::money(amount));
        Ok(self.conn.execute(&sql, &params).await? > 0)
    }

    /// Lets go of what was held in a window and charges `cost`; what the cap has no room for counts as overrun, and fills
    /// whatever room there is later.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn charge(
        &mut self,
        key: &WindowKey,
        held: MicroDollars,
        cost: MicroDollars,
    ) -> Result<(), Error> {
        let most = "(cap_micros - reserved_micros + $6)";
        let all = "(spent_micros + overrun_micros + $7)";
        let sql = format!(
            "UPDATE intelligence.budget_windows SET reserved_micros = reserved_micros - $6, \
             spent_micros = CASE WHEN {all} <= {most} THEN {all} ELSE {most} END, \
             overrun_micros = CASE WHEN {all} <= {most} THEN 0 ELSE {all} - {most} END WHERE {}",
            self.is_window()
        );
        let mut params = key.values().to_vec();
        params.extend([Value::money(held), Value::money(cost)]);
        self.conn.execute(&sql, &params).await.map(drop)
    }

    /// Begins a transaction that holds money, as [`Store::begin_apart`]: many may hold at once, and none while budgets are set.
    ///
    /// # Errors
    /// When the database does not answer or stays busy.
    pub async fn begin_holding(&mut self) -> Result<(), Error> {
        if !self.is_postgres() {
            return self.conn.begin_apart().await;
        }
        self.conn.run(&format!("BEGIN; SELECT pg_advisory_xact_lock_shared({RULES_LOCK})")).await
    }

    /// Waits until nobody is adding to the ledger and nobody holds money by the rules as they were, and lets nobody do so until
    /// the transaction ends: between them and a new budget one must see the other. SQLite has one writer anyway.
    ///
    /// The ledger comes first: who adds to it waits for it before writing windows, and who holds money never waits for it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn lock_ledger(&mut self) -> Result<(), Error> {
        if !self.is_postgres() {
            return Ok(());
        }
        let sql = "LOCK TABLE intelligence.api_cost_tracking IN SHARE ROW EXCLUSIVE MODE";
        self.conn.run(&format!("{sql}; SELECT pg_advisory_xact_lock({RULES_LOCK})")).await
    }

    /// What is held in windows of a budget that share time with `[from, until)` and begin at another instant.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held_across(&mut self, key: &WindowKey, until: Timestamp) -> Result<MicroDollars, Error> {
        let sql = format!(
            "SELECT CAST(COALESCE(SUM(reserved_micros), 0) AS BIGINT) FROM intelligence.budget_windows \
             WHERE workspace = $1 AND provider = $2 AND user_id = $3 AND period = $4 AND starts_at <> {from} \
             AND ends_at > {from} AND starts_at < {}",
            self.conn.moment(6),
            from = self.conn.moment(5),
        );
        let mut params = key.values().to_vec();
        params.push(Value::moment(until));
        self.conn.number(&sql, &params).await.map(MicroDollars::new)
    }

    /// Says where a window ends: two time zones may begin a month at one instant and end it at two.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn end_window_at(&mut self, key: &WindowKey, ends_at: Timestamp) -> Result<(), Error> {
        let sql = format!(
            "UPDATE intelligence.budget_windows SET ends_at = {} WHERE {}",
            self.conn.moment(6),
            self.is_window()
        );
        let mut params = key.values().to_vec();
        params.push(Value::moment(ends_at));
        self.conn.execute(&sql, &params).await.map(drop)
    }

    /// Counts a call that a window refused.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn count_refusal(&mut self, key: &WindowKey) -> Result<(), Error> {
        let sql = format!(
            "UPDATE intelligence.budget_windows SET refusals = refusals + 1 WHERE {}",
            self.is_window()
        );
        self.conn.execute(&sql, &key.values()).await.map(drop)
    }
}

/// The condition for rows of a workspace, and its parameter; for `None` of all.
fn of_workspace(workspace: Option<&str>) -> (&'static str, Vec<Value<'_>>) {
    workspace.map_or(("", Vec::new()), |workspace| (" WHERE workspace = $1", vec![Value::text(workspace)]))
}

pub(crate) fn read_period(row: &mut Row) -> Result<BudgetPeriod, Error> {
    let name = row.text()?;
    name.parse().map_err(|_| {
        let message = format!("a budget has the period {name:?}, which this version does not know");
        Error::new(ErrorKind::Environment, "database-shape", message)
    })
}

pub(crate) fn read_scope(row: &mut Row) -> Result<BudgetScope, Error> {
    Ok(BudgetScope { workspace: row.text()?.into(), provider: row.some_text()?, user: row.some_text()? })
}

pub(crate) fn read_window_key(row: &mut Row) -> Result<WindowKey, Error> {
    Ok(WindowKey { scope: read_scope(row)?, period: read_period(row)?, starts_at: row.time()? })
}

fn read_rule(mut row: Row) -> Result<BudgetRule, Error> {
    Ok(BudgetRule {
        scope: read_scope(&mut row)?,
        period: read_period(&mut row)?,
        cap: row.money()?,
        time_zone: row.text()?.into(),
        author: row.maybe_text()?.map(Into::into),
        updated_at: row.time()?,
    })
}

fn read_window(mut row: Row) -> Result<BudgetWindow, Error> {
    Ok(BudgetWindow {
        key: read_window_key(&mut row)?,
        ends_at: row.time()?,
        standing: BudgetStanding {
            cap: row.money()?,
            spent: row.money()?,
            reserved: row.money()?,
            overrun: row.money()?,
        },
        refusals: row.int()?,
    })
}
