//! Budgets that no call gets past: `reserve -> call -> settle | release`.
//!
//! A cap is a row of its own for each window, and a call is paid from it before it is made: one conditional update of that row
//! holds the most that the call can cost. Summing up what was spent and comparing would let all callers pass that come at
//! once.

mod book;
pub(crate) mod connections;
mod permit;
mod refusal;
mod reserve;
mod with_budget;

pub(crate) use book::book;
pub(crate) use permit::ledger_row;
pub use permit::{Permit, Settled, Settlement};
pub use refusal::{NotReserved, Refusal};
pub use reserve::Call;
pub(crate) use reserve::check_names;
pub use with_budget::PaidCallError;

use connections::{Connections, Lent};
use firmograph_core::{BudgetPeriod, BudgetScope, Error, ErrorKind, MicroDollars, Timestamp, time_zone};
use firmograph_store::{BudgetAlert, BudgetRule, BudgetWindow, ReservationState, Store, WindowKey};
use jiff::{RoundMode, TimestampRound, Unit};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Tells the time, from whichever thread.
pub type SharedClock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
/// Is told of each alert once, after it was stored.
pub type AlertSink = Arc<dyn Fn(&BudgetAlert) + Send + Sync>;

/// What becomes of a call when the guard itself fails, for example because the database does not answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FailMode {
    /// It is refused.
    #[default]
    Closed,
    /// It is made, and counted: [`Budgets::unguarded`].
    Open,
}

/// How budgets are kept.
#[derive(Clone)]
pub struct BudgetOptions {
    /// What becomes of a call when the guard itself fails.
    pub fail: FailMode,
    /// How long a reservation holds money for a caller of whom nothing is heard: longer than the slowest call takes. Whatever a
    /// caller that was killed had reserved is free again after it.
    pub time_to_live: Duration,
    /// Connections on PostgreSQL; SQLite has one writer.
    pub connections: usize,
    /// How this process calls itself where others are told who holds money.
    pub holder: Option<String>,
    /// Whether a connection that was lost is opened anew. Who has to know of each file that is opened opens all budgets anew.
    pub reconnects: bool,
    /// Whether calls may be made for which no budget is set. A misspelt workspace has none.
    pub allow_without_budget: bool,
    /// Is told of each alert.
    pub on_alert: Option<AlertSink>,
    /// Tells the time.
    pub clock: SharedClock,
}

impl BudgetOptions {
    /// Fails closed, holds money for ten minutes, needs a budget.
    #[must_use]
    pub fn new(clock: SharedClock) -> Self {
        BudgetOptions {
            fail: FailMode::Closed,
            time_to_live: Duration::from_secs(600),
            connections: 4,
            holder: None,
            reconnects: true,
            allow_without_budget: false,
            on_alert: None,
            clock,
        }
    }
}

/// A cap to be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewBudget {
    /// Whose calls it is for.
    pub scope: BudgetScope,
    /// How long it counts.
    pub period: BudgetPeriod,
    /// The most that may be spent in a window, inclusive.
    pub cap: MicroDollars,
    /// The IANA name of the zone whose days and months count. `None` leaves it as it is, and is UTC where there is no such cap
    /// yet.
    pub time_zone: Option<String>,
    /// Who sets it.
    pub author: Option<String>,
}

/// The budgets of a database. Many tasks share one; many processes may have one each.
///
/// ```
/// use firmograph::{BudgetOptions, BudgetPeriod, BudgetScope, Budgets, Call, MicroDollars, NewBudget, NotReserved, Settlement};
/// use std::sync::Arc;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let clock = Arc::new(|| "2026-03-01T12:00:00Z".parse().unwrap());
/// let budgets = Budgets::open("sqlite::memory:", BudgetOptions::new(clock)).await?;
/// budgets
///     .set(&NewBudget {
///         scope: BudgetScope::workspace("acme"),
///         period: BudgetPeriod::Day,
///         cap: MicroDollars::dollars(50),
///         time_zone: Some("America/New_York".to_owned()),
///         author: None,
///     })
///     .await?;
///
/// let call = Call::new("acme", "lusha").operation("enrich");
/// let permit = budgets.reserve(&call, MicroDollars::dollars(30)).await?;
/// // The first may cost 30 of 50, so a second such call has to wait for it.
/// let Err(NotReserved::Refused(refusal)) = budgets.reserve(&call, MicroDollars::dollars(30)).await else { panic!("overspent") };
/// assert_eq!(refusal.window.standing.remaining(), MicroDollars::dollars(20));
/// permit.settle(&Settlement::paid("1.50".parse()?)).await?;
/// budgets.reserve(&call, MicroDollars::dollars(30)).await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Budgets {
    connections: Connections,
    options: BudgetOptions,
    unguarded: AtomicU64,
}

impl Budgets {
    /// Opens a database and brings its tables up to this version.
    ///
    /// # Errors
    /// When the database cannot be opened or migrated.
    pub async fn open(url: &str, options: BudgetOptions) -> Result<Self, Error> {
        let mut store = connections::open(url).await?;
        store.bring_up_to_date().await?;
        let connections = Connections::new(store, options.connections, options.reconnects);
        Ok(Budgets { connections, options, unguarded: AtomicU64::new(0) })
    }

    /// Calls that this process let through because the guard had failed ([`FailMode::Open`]).
    #[must_use]
    pub fn unguarded(&self) -> u64 {
        self.unguarded.load(Ordering::Relaxed)
    }

    pub(crate) fn now(&self) -> Timestamp {
        to_the_millisecond((self.options.clock)())
    }

    pub(crate) async fn lend(&self) -> Result<Lent<'_>, Error> {
        self.connections.lend().await
    }

    /// A connection with a transaction begun; [`Lent::end`] ends it.
    pub(crate) async fn begin(&self) -> Result<Lent<'_>, Error> {
        self.connections.begin().await
    }

    /// Sets a cap, or changes it. A window that is open takes the new cap at once, and one that begins counts what its scope
    /// was charged earlier in it. Calls that are under way were allowed by what stood before: up to what was held for them
    /// they count as spent when they are settled, also beyond a new cap that is lower; more than that is overrun where the
    /// cap has no room for it. Alerts are raised anew for a new cap, with what is charged next.
    ///
    /// # Errors
    /// `bad-time-zone`, `bad-name` and `bad-amount` (usage); `budget-in-use` when the time zone is to change, and with it the
    /// windows, while calls are under way that another window holds money for.
    pub async fn set(&self, budget: &NewBudget) -> Result<BudgetRule, Error> {
        if let Some(zone) = &budget.time_zone {
            time_zone(zone)?;
        }
        check_amount("a cap", budget.cap)?;
        reserve::check_names(
            &budget.scope.workspace,
            budget.scope.provider.as_deref(),
            budget.scope.user.as_deref(),
        )?;
        self.expire().await?;
        let mut lent = self.begin().await?;
        let written = write(lent.store(), budget, &|| self.now()).await;
        lent.end(written).await
    }

    /// Takes a cap away; gives whether there was one. Its windows stay as history.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn remove(&self, scope: &BudgetScope, period: BudgetPeriod) -> Result<bool, Error> {
        let mut lent = self.begin().await?;
        let removed = lent.store().delete_budget(scope, period).await;
        lent.end(removed).await
    }

    /// Caps, of a workspace or of all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rules(&self, workspace: Option<&str>) -> Result<Vec<BudgetRule>, Error> {
        let mut lent = self.connections.lend().await?;
        let rules = lent.store().budgets(workspace).await?;
        lent.give_back();
        Ok(rules)
    }

    /// The open window of every cap as it stands now, whether anything was spent in it or not.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn standing(&self, workspace: Option<&str>) -> Result<Vec<BudgetWindow>, Error> {
        self.expire().await?;
        let now = self.now();
        let mut lent = self.connections.lend().await?;
        let windows = open_windows(lent.store(), workspace, now).await?;
        lent.give_back();
        Ok(windows)
    }

    /// Every window that was ever begun, newest first within a budget.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn history(&self, workspace: Option<&str>) -> Result<Vec<BudgetWindow>, Error> {
        let mut lent = self.connections.lend().await?;
        let windows = lent.store().budget_windows(workspace).await?;
        lent.give_back();
        Ok(windows)
    }

    /// Alerts, newest first: those that nobody took note of, or every one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn alerts(
        &self,
        workspace: Option<&str>,
        unacknowledged: bool,
    ) -> Result<Vec<BudgetAlert>, Error> {
        let mut lent = self.connections.lend().await?;
        let alerts = lent.store().budget_alerts(workspace, unacknowledged).await?;
        lent.give_back();
        Ok(alerts)
    }

    /// Notes that somebody took note of an alert; gives whether it had been open.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn acknowledge(&self, alert: &str, by: &str) -> Result<bool, Error> {
        let now = self.now();
        let mut lent = self.begin().await?;
        let done = lent.store().acknowledge_alert(alert, by, now).await;
        lent.end(done).await
    }

    /// Frees what callers had reserved of whom nothing was heard in time; gives how many reservations that were. Reserving does
    /// it by itself where there would be no room otherwise.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn expire(&self) -> Result<u64, Error> {
        self.expire_overdue().await.map(|(_, expired)| expired)
    }

    /// How many reservations were overdue, and how many of them this freed: another process may have been faster.
    async fn expire_overdue(&self) -> Result<(u64, u64), Error> {
        /// Reservations that are looked up at a time.
        const PAGE: usize = 256;
        let (mut found, mut expired) = (0, 0);
        loop {
            let now = self.now();
            let mut lent = self.connections.lend().await?;
            let overdue = lent.store().overdue_reservations(now, PAGE).await?;
            lent.give_back();
            found += overdue.len() as u64;
            for id in &overdue {
                // One by one: a transaction that held the windows of one and waited for the next could meet a settlement
                // that waits for it.
                let ended = self.end(id, ReservationState::Expired, now).await?;
                expired += u64::from(ended);
            }
            if overdue.len() < PAGE {
                return Ok((found, expired));
            }
        }
    }

    /// Ends a held reservation without a charge; gives whether it was held.
    pub(crate) async fn end(&self, id: &str, to: ReservationState, now: Timestamp) -> Result<bool, Error> {
        let mut lent = self.begin().await?;
        let store = lent.store();
        let done = async {
            let Some(reservation) = store.reservation(id).await? else { return Ok(false) };
            if !store.end_reservation(id, ReservationState::Held, to, now).await? {
                return Ok(false);
            }
            for window in store.reservation_windows(id).await? {
                store.charge(&window, reservation.amount, MicroDollars::ZERO).await?;
            }
            Ok(true)
        }
        .await;
        lent.end(done).await
    }

    pub(crate) fn tell(&self, alerts: &[BudgetAlert]) {
        if let Some(sink) = &self.options.on_alert {
            alerts.iter().for_each(|alert| sink(alert));
        }
    }
}

/// What columns `TIMESTAMP(3)` keep, never later than it was: a call just before midnight must not count for the next day.
pub(crate) fn to_the_millisecond(now: Timestamp) -> Timestamp {
    now.round(TimestampRound::new().smallest(Unit::Millisecond).mode(RoundMode::Floor)).unwrap_or(now)
}

/// Amounts from here on up are mistakes, and sums of them would not fit into 64 bits.
const MOST: MicroDollars = MicroDollars::dollars(1_000_000_000);

/// Refuses an amount that no call costs and no cap is.
pub(crate) fn check_amount(what: &str, amount: MicroDollars) -> Result<(), Error> {
    let why = if amount < MicroDollars::ZERO {
        "less than nothing"
    } else if amount > MOST {
        "more than a billion"
    } else {
        return Ok(());
    };
    let message = format!("{what} of {amount} dollars is {why}");
    Err(Error::new(ErrorKind::Usage, "bad-amount", message))
}

/// Writes a rule and begins its window, which then has all that the ledger has: also what was charged while there was no
/// such budget, and rows of other programs.
async fn write(
    store: &mut Store,
    budget: &NewBudget,
    clock: &(dyn Fn() -> Timestamp + Sync),
) -> Result<BudgetRule, Error> {
    store.lock_ledger().await?;
    let now = clock();
    let rules = store.budgets(Some(&budget.scope.workspace)).await?;
    let before =
        rules.into_iter().find(|known| (&known.scope, known.period) == (&budget.scope, budget.period));
    let zone = budget.time_zone.clone().or(before.map(|known| known.time_zone));
    let rule = BudgetRule {
        scope: budget.scope.clone(),
        period: budget.period,
        cap: budget.cap,
        time_zone: zone.unwrap_or_else(|| "UTC".to_owned()),
        author: budget.author.clone(),
        updated_at: now,
    };
    let (key, ends_at) = window_key(&rule, now)?;
    // Windows of one zone share no time. What another one holds for calls under way this one would not know of, also where
    // the budget was taken away meanwhile.
    let held = store.held_across(&key, ends_at).await?;
    if held > MicroDollars::ZERO {
        let message = format!(
            "${held} is held in a {} of {} that is open in another time zone, and {} would begin another one",
            rule.period, rule.scope, rule.time_zone
        );
        return Err(Error::new(ErrorKind::Usage, "budget-in-use", message)
            .with_help("change the time zone when no call is under way"));
    }
    if !store.begin_window(&key, ends_at, rule.cap).await?
        && let Some(window) = store.budget_window(&key).await?
    {
        if window.ends_at != ends_at {
            store.end_window_at(&key, ends_at).await?;
        }
        let charged = store.charged(&key.scope, key.starts_at, ends_at).await?;
        let missing = charged.saturating_sub(window.standing.charged());
        if missing > MicroDollars::ZERO {
            store.charge(&key, MicroDollars::ZERO, missing).await?;
        }
    }
    store.write_budget(&rule).await?;
    Ok(rule)
}

/// The window of a budget that is open now, and where it ends.
fn window_key(rule: &BudgetRule, now: Timestamp) -> Result<(WindowKey, Timestamp), Error> {
    let (starts_at, ends_at) = rule.period.window(now, &time_zone(&rule.time_zone)?)?;
    Ok((WindowKey { scope: rule.scope.clone(), period: rule.period, starts_at }, ends_at))
}

/// The open window of a budget; one that is not begun yet stands as it would begin.
async fn open_window(store: &mut Store, rule: &BudgetRule, now: Timestamp) -> Result<BudgetWindow, Error> {
    let (key, ends_at) = window_key(rule, now)?;
    if let Some(window) = store.budget_window(&key).await? {
        return Ok(window);
    }
    let charged = store.charged(&key.scope, key.starts_at, ends_at).await?;
    let spent = charged.min(rule.cap);
    let standing = firmograph_core::BudgetStanding {
        cap: rule.cap,
        spent,
        reserved: MicroDollars::ZERO,
        overrun: charged.saturating_sub(spent),
    };
    Ok(BudgetWindow { key, ends_at, standing, refusals: 0 })
}

/// The open window of every budget, of a workspace or of all.
pub(crate) async fn open_windows(
    store: &mut Store,
    workspace: Option<&str>,
    now: Timestamp,
) -> Result<Vec<BudgetWindow>, Error> {
    let rules = store.budgets(workspace).await?;
    let mut windows = Vec::with_capacity(rules.len());
    for rule in rules {
        windows.push(open_window(store, &rule, now).await?);
    }
    Ok(windows)
}
