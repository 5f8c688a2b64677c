//! Holding the most that a call can cost before it is made.

use super::permit::Permit;
use super::refusal::{NotReserved, Refusal};
use super::{Budgets, FailMode, check_amount, open_window, window_key};
use firmograph_core::{Error, ErrorKind, MicroDollars, Timestamp};
use firmograph_store::{
    BudgetAlert, BudgetRule, BudgetWindow, Reservation, ReservationState, Store, WindowKey,
};
use std::sync::atomic::Ordering;
use ulid::Ulid;

/// Percentage of its cap from which on a window that refuses a call counts as used up.
const NEARLY_USED_UP: i64 = 95;

/// A call that is to be paid: who pays whom for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The workspace that pays.
    pub workspace: String,
    /// Who is called.
    pub provider: String,
    /// What is asked of the provider.
    pub operation: Option<String>,
    /// Where.
    pub endpoint: Option<String>,
    /// For whom.
    pub user: Option<String>,
    /// `company` or `person`.
    pub entity_type: Option<String>,
    /// Key or id of the company or person.
    pub entity_id: Option<String>,
}

impl Call {
    /// A call of a provider that a workspace pays.
    #[must_use]
    pub fn new(workspace: &str, provider: &str) -> Self {
        Call {
            workspace: workspace.to_owned(),
            provider: provider.to_owned(),
            operation: None,
            endpoint: None,
            user: None,
            entity_type: None,
            entity_id: None,
        }
    }

    /// Says what is asked of the provider.
    #[must_use]
    pub fn operation(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }

    /// Says for whom it is.
    #[must_use]
    pub fn user(mut self, user: &str) -> Self {
        self.user = Some(user.to_owned());
        self
    }

    /// Says about whom it is: `company` or `person`, and the key.
    #[must_use]
    pub fn entity(mut self, kind: &str, key: &str) -> Self {
        self.entity_type = Some(kind.to_owned());
        self.entity_id = Some(key.to_owned());
        self
    }

    fn counts_for(&self, rule: &BudgetRule) -> bool {
        rule.counts_for(&self.provider, self.user.as_deref())
    }
}

/// Names are parts of keys, in which an empty one stands for everybody.
pub(crate) fn check_names(workspace: &str, provider: Option<&str>, user: Option<&str>) -> Result<(), Error> {
    let names = [("workspace", Some(workspace)), ("provider", provider), ("user", user)];
    for (what, name) in names {
        let why = match name {
            Some(name) if name.trim().is_empty() => "is empty",
            Some(name) if name.contains('\0') => "has a NUL in it",
            _ => continue,
        };
        return Err(Error::new(ErrorKind::Usage, "bad-name", format!("the name of the {what} {why}")));
    }
    Ok(())
}

/// PostgreSQL takes no NUL in text.
pub(super) fn clean(text: &Option<String>) -> Option<String> {
    text.as_ref().map(|text| text.replace('\0', "\u{fffd}"))
}

/// A ULID of this time: the ids that clients' tables have.
pub(crate) fn new_id(now: Timestamp) -> String {
    Ulid::from_datetime(now.into()).to_string()
}

/// What came of one try.
enum Tried {
    Reserved(Box<Reservation>),
    /// In the window that was open then.
    Full(WindowKey, Timestamp),
    NoBudget,
}

impl Budgets {
    /// Holds `worst`, the most that the call can cost, in every window that it counts for, or in none.
    ///
    /// The permit is what a call is made with: settle it with what the call cost, or release it. A permit that is forgotten
    /// holds its money until its time is over.
    ///
    /// # Errors
    /// [`NotReserved::Refused`] when a window has no room. [`NotReserved::Failed`] with the code `no-budget` when none is set
    /// for the workspace, `guard-failed` when the database does not answer and the guard fails closed, `bad-amount` and
    /// `bad-name` (usage).
    pub async fn reserve(&self, call: &Call, worst: MicroDollars) -> Result<Permit<'_>, NotReserved> {
        check_names(&call.workspace, Some(&call.provider), call.user.as_deref())?;
        check_amount("a cost", worst)?;
        let reserved = self.guarded(call, worst).await;
        match reserved {
            Err(NotReserved::Failed(error)) if error.kind() == ErrorKind::Environment => {
                // The next call need not find each dead connection by itself.
                self.connections.forget_idle();
                self.failed(call, worst, error)
            }
            other => other,
        }
    }

    /// What becomes of a call for which the guard failed.
    fn failed(&self, call: &Call, worst: MicroDollars, error: Error) -> Result<Permit<'_>, NotReserved> {
        match self.options.fail {
            FailMode::Closed => {
                let message = format!("the budget could not be asked, so the call is refused: {error}");
                let refused = Error::new(ErrorKind::Refused, "guard-failed", message);
                Err(refused.with_help("see that the database answers").with_cause(error).into())
            }
            FailMode::Open => {
                self.unguarded.fetch_add(1, Ordering::Relaxed);
                Ok(Permit::unguarded(self, call.clone(), worst, self.now()))
            }
        }
    }

    async fn guarded(&self, call: &Call, worst: MicroDollars) -> Result<Permit<'_>, NotReserved> {
        // Once it is known that there is no room, no way of failing lets the call through.
        let full = |error: Error| {
            let message = format!("a budget of workspace {} has no room: {error}", call.workspace);
            Error::new(ErrorKind::Refused, "budget-exceeded", message).with_cause(error)
        };
        let mut tried = self.try_reserve(call, worst).await?;
        if matches!(tried, Tried::Full(..)) && self.expire_overdue().await.map_err(full)?.0 > 0 {
            tried = self.try_reserve(call, worst).await.map_err(full)?;
        }
        match tried {
            Tried::Reserved(reservation) => Ok(Permit::new(self, call.clone(), *reservation)),
            Tried::Full(key, at) => {
                let refusal = self.refuse(call, worst, &key, at).await.map_err(full)?;
                Err(NotReserved::Refused(Box::new(refusal)))
            }
            Tried::NoBudget => Err(no_budget(call).into()),
        }
    }

    async fn try_reserve(&self, call: &Call, worst: MicroDollars) -> Result<Tried, Error> {
        let mut lent = self.connections.begin_holding().await?;
        // Not before the others had their turn, for which this may have waited.
        let now = self.now();
        let done = self.reserve_within(lent.store(), call, worst, now).await;
        match done {
            Ok(Tried::Reserved(reservation)) => lent.end(Ok(Tried::Reserved(reservation))).await,
            Ok(tried) => {
                // It is known all the same.
                if lent.store().rollback().await.is_ok() {
                    lent.give_back();
                }
                Ok(tried)
            }
            Err(error) => lent.end(Err(error)).await,
        }
    }

    async fn reserve_within(
        &self,
        store: &mut Store,
        call: &Call,
        worst: MicroDollars,
        now: Timestamp,
    ) -> Result<Tried, Error> {
        let mut rules = store.budgets(Some(&call.workspace)).await?;
        rules.retain(|rule| call.counts_for(rule));
        if rules.is_empty() && !self.options.allow_without_budget {
            return Ok(Tried::NoBudget);
        }
        let mut windows = rules
            .into_iter()
            .map(|rule| window_key(&rule, now).map(|(key, ends_at)| (key, ends_at, rule.cap)))
            .collect::<Result<Vec<_>, Error>>()?;
        windows.sort_unstable();
        for (key, ends_at, cap) in &windows {
            if store.hold(key, worst).await? {
                continue;
            }
            if store.budget_window(key).await?.is_none() {
                store.begin_window(key, *ends_at, *cap).await?;
            }
            // Another one may have begun it between the first try and now.
            if !store.hold(key, worst).await? {
                return Ok(Tried::Full(key.clone(), now));
            }
        }
        // The call counts by when it was let in; its time to live begins now that it need not wait for others any more.
        let expires_at = self.now().checked_add(self.options.time_to_live).map_err(|error| {
            Error::new(ErrorKind::Usage, "bad-date", "the time to live goes beyond the calendar")
                .with_cause(error)
        })?;
        let reservation = Reservation {
            id: new_id(now),
            workspace: call.workspace.clone(),
            provider: call.provider.clone(),
            operation: clean(&call.operation),
            endpoint: clean(&call.endpoint),
            user: call.user.clone(),
            entity_type: clean(&call.entity_type),
            entity_id: clean(&call.entity_id),
            holder: clean(&self.options.holder),
            amount: worst,
            state: ReservationState::Held,
            reserved_at: now,
            expires_at,
            ended_at: None,
        };
        let keys: Vec<WindowKey> = windows.into_iter().map(|(key, ..)| key).collect();
        store.write_reservation(&reservation, &keys).await?;
        Ok(Tried::Reserved(Box::new(reservation)))
    }

    /// Counts a refusal, raises the last alert, and tells how things stand.
    async fn refuse(
        &self,
        call: &Call,
        worst: MicroDollars,
        key: &WindowKey,
        now: Timestamp,
    ) -> Result<Refusal, Error> {
        let mut lent = self.begin().await?;
        let done = refuse_within(lent.store(), call, worst, key, now).await;
        let (refusal, alerts) = lent.end(done).await?;
        self.tell(&alerts);
        Ok(refusal)
    }
}

async fn refuse_within(
    store: &mut Store,
    call: &Call,
    asked: MicroDollars,
    key: &WindowKey,
    now: Timestamp,
) -> Result<(Refusal, Vec<BudgetAlert>), Error> {
    let mut windows: Vec<BudgetWindow> = Vec::new();
    for rule in store.budgets(Some(&call.workspace)).await?.into_iter().filter(|rule| call.counts_for(rule)) {
        let (of_rule, ends_at) = window_key(&rule, now)?;
        if of_rule == *key && store.budget_window(key).await?.is_none() {
            store.begin_window(key, ends_at, rule.cap).await?;
        }
        windows.push(open_window(store, &rule, now).await?);
    }
    store.count_refusal(key).await?;
    let held_by = store.held(key).await?;
    let window = store.budget_window(key).await?.ok_or_else(|| no_budget(call))?;
    let mut alerts = Vec::new();
    // A cap that the cost of a call does not divide is never reached, and yet it is used up. A call that is too dear for what is
    // left of a window that others can still use is no such sign.
    if window.standing.reached().any(|percentage| percentage >= NEARLY_USED_UP) {
        let alert = alert(&window, 100, now);
        if store.raise_alert(&alert).await? {
            alerts.push(alert);
        }
    }
    Ok((Refusal { asked, window, held_by, windows }, alerts))
}

pub(super) fn alert(window: &BudgetWindow, percentage: i64, now: Timestamp) -> BudgetAlert {
    BudgetAlert {
        id: new_id(now),
        window: window.key.clone(),
        percentage,
        standing: window.standing,
        raised_at: now,
        acknowledged_at: None,
        acknowledged_by: None,
    }
}

fn no_budget(call: &Call) -> Error {
    let message = format!(
        "no budget is set that a call of {} for workspace {} counts for",
        call.provider, call.workspace
    );
    Error::new(ErrorKind::Refused, "no-budget", message).with_help("set one with `firmograph budget set`")
}
