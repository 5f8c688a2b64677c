//! The right to make one call, and what became of it.

use super::book::{HeldIn, book};
use super::reserve::{Call, clean, new_id};
use super::{Budgets, check_amount, to_the_millisecond};
use firmograph_core::{Error, ErrorKind, MicroDollars, PayloadId, Timestamp};
use firmograph_store::{ApiCost, BudgetAlert, Reservation, ReservationState, Store};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often a settlement is tried: what was paid must get into the books.
const TRIES: u32 = 3;
/// Between the first try and the second; twice as long before the third. A server that begins anew needs a moment.
const PAUSE: Duration = Duration::from_millis(250);

/// The right to make one call that costs at most [`Permit::amount`].
#[derive(Clone)]
#[must_use = "settle or release it: until then its money is held"]
pub struct Permit<'b> {
    budgets: &'b Budgets,
    call: Call,
    amount: MicroDollars,
    begun: Timestamp,
    /// None where the guard had failed and lets calls through.
    reservation: Option<String>,
    /// Without a reservation no row of the database says that it was settled.
    settled: Arc<AtomicBool>,
}

/// What became of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement {
    /// What it cost.
    pub cost: MicroDollars,
    /// Whether it succeeded.
    pub success: bool,
    /// Why it did not.
    pub error: Option<String>,
    /// Tokens of a language model.
    pub tokens: Option<i64>,
    /// Whether it found anything.
    pub hit: Option<bool>,
    /// Records found.
    pub matches: Option<i64>,
    /// Credits taken.
    pub credits: Option<i64>,
    /// What was sent, as JSON. Another text is kept as a JSON string, and a NUL as U+FFFD.
    pub request: Option<String>,
    /// Payloads that came of it: by them the call is joined with the values that it bought.
    pub payloads: Vec<PayloadId>,
    /// The run that wrote what came of it, all of whose payloads it bought.
    pub run: Option<i64>,
}

impl Settlement {
    /// A call that succeeded and cost this much.
    #[must_use]
    pub fn paid(cost: MicroDollars) -> Self {
        Settlement {
            cost,
            success: true,
            error: None,
            tokens: None,
            hit: None,
            matches: None,
            credits: None,
            request: None,
            payloads: Vec::new(),
            run: None,
        }
    }
}

/// How a settlement ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// Id of the ledger's row.
    pub cost_id: String,
    /// The reservation was over before: its money may have gone to others meanwhile, and what the cap had no room for counts as
    /// overrun.
    pub late: bool,
    /// Alerts that this raised.
    pub alerts: Vec<BudgetAlert>,
}

impl std::fmt::Debug for Permit<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Permit")
            .field("reservation", &self.reservation)
            .field("amount", &self.amount)
            .finish_non_exhaustive()
    }
}

impl<'b> Permit<'b> {
    pub(super) fn new(budgets: &'b Budgets, call: Call, reservation: Reservation) -> Self {
        let Reservation { id, amount, reserved_at, .. } = reservation;
        Permit { budgets, call, amount, begun: reserved_at, reservation: Some(id), settled: Arc::default() }
    }

    pub(super) fn unguarded(budgets: &'b Budgets, call: Call, amount: MicroDollars, now: Timestamp) -> Self {
        Permit { budgets, call, amount, begun: now, reservation: None, settled: Arc::default() }
    }

    /// The id of the reservation; `None` where the guard had failed and lets calls through.
    #[must_use]
    pub fn reservation(&self) -> Option<&str> {
        self.reservation.as_deref()
    }

    /// When it was given: by this the call counts for a window.
    #[must_use]
    pub fn begun(&self) -> Timestamp {
        self.begun
    }

    /// The most that the call may cost.
    #[must_use]
    pub fn amount(&self) -> MicroDollars {
        self.amount
    }

    /// What is called.
    #[must_use]
    pub fn call(&self) -> &Call {
        &self.call
    }

    /// Books what the call cost: the rest of what was held is free again, and a row of the ledger is written with it. A cost
    /// beyond what was held is booked too, as overrun where the cap has no room for it.
    ///
    /// # Errors
    /// `already-ended` (usage) when it was settled or released before, `bad-amount` (usage) for a cost below zero or beyond a
    /// billion, or what the database said after three tries. The permit can be settled again then.
    pub async fn settle(&self, settlement: &Settlement) -> Result<Settled, Error> {
        let reservation = self.reservation.as_deref();
        if reservation.is_none() && self.settled.load(Ordering::SeqCst) {
            let message = "this call, which was let through without a reservation, was settled before";
            return Err(Error::new(ErrorKind::Usage, "already-ended", message));
        }
        let settled = self.budgets.settle(reservation, &self.call, self.begun, settlement).await?;
        self.settled.store(true, Ordering::SeqCst);
        Ok(settled)
    }

    /// Lets go of what was held: the call was not made, or it failed and cost nothing. Gives whether it was held still.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn release(&self) -> Result<bool, Error> {
        match &self.reservation {
            Some(id) => self.budgets.release(id).await,
            None => Ok(false),
        }
    }
}

impl Budgets {
    /// As [`Permit::release`], by the id of the reservation.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn release(&self, reservation: &str) -> Result<bool, Error> {
        self.end(reservation, ReservationState::Released, self.now()).await
    }

    /// As [`Permit::settle`], by the id of the reservation: another process may have made it.
    ///
    /// # Errors
    /// `unknown-reservation` (usage) for another id; else as [`Permit::settle`].
    pub async fn settle_by_id(&self, reservation: &str, settlement: &Settlement) -> Result<Settled, Error> {
        let mut tries = 1;
        let found = loop {
            match self.find(reservation).await {
                Ok(found) => break found,
                Err(error) => self.once_more(&mut tries, error).await?,
            }
        };
        let Some(found) = found else {
            let message = format!("there is no reservation {reservation:?}");
            return Err(Error::new(ErrorKind::Usage, "unknown-reservation", message));
        };
        let call = Call {
            workspace: found.workspace,
            provider: found.provider,
            operation: found.operation,
            endpoint: found.endpoint,
            user: found.user,
            entity_type: found.entity_type,
            entity_id: found.entity_id,
        };
        self.settle(Some(reservation), &call, found.reserved_at, settlement).await
    }

    /// Books a call that was made without a reservation, because the guard had failed ([`FailMode::Open`]): a row of the
    /// ledger that says so. It began at `begun`.
    ///
    /// # Errors
    /// As [`Permit::settle`].
    ///
    /// [`FailMode::Open`]: super::FailMode::Open
    pub async fn settle_unguarded(
        &self,
        call: &Call,
        begun: Timestamp,
        settlement: &Settlement,
    ) -> Result<Settled, Error> {
        self.settle(None, call, begun, settlement).await
    }

    async fn settle(
        &self,
        reservation: Option<&str>,
        call: &Call,
        begun: Timestamp,
        settlement: &Settlement,
    ) -> Result<Settled, Error> {
        check_amount("a cost", settlement.cost)?;
        let cost = ledger_row(reservation, call, begun, settlement);
        let mut tries = 1;
        let settled = loop {
            match self.try_settle(reservation, &cost, settlement, tries > 1).await {
                Ok(settled) => break settled,
                Err(error) => self.once_more(&mut tries, error).await?,
            }
        };
        self.tell(&settled.alerts);
        Ok(settled)
    }

    async fn find(&self, reservation: &str) -> Result<Option<Reservation>, Error> {
        let mut lent = self.connections.lend().await?;
        let found = lent.store().reservation(reservation).await?;
        lent.give_back();
        Ok(found)
    }

    /// Waits before another try, on connections that are new; gives the error where another try would not help.
    async fn once_more(&self, tries: &mut u32, error: Error) -> Result<(), Error> {
        if error.kind() != ErrorKind::Environment || *tries >= TRIES || self.connections.are_gone() {
            return Err(error);
        }
        self.connections.forget_idle();
        tokio::time::sleep(PAUSE * *tries).await;
        *tries += 1;
        Ok(())
    }

    async fn try_settle(
        &self,
        reservation: Option<&str>,
        cost: &ApiCost,
        settlement: &Settlement,
        again: bool,
    ) -> Result<Settled, Error> {
        let mut lent = self.begin().await?;
        let now = self.now();
        let store = lent.store();
        let done = async {
            // The answer to a commit may be lost where what it kept is not.
            if again && store.has_cost(&cost.id).await? {
                return Ok(Settled { cost_id: cost.id.clone(), late: false, alerts: Vec::new() });
            }
            let (late, held) = match reservation {
                Some(id) => take(store, id, now).await?,
                None => (false, HeldIn::default()),
            };
            let alerts = book(store, cost, &settlement.payloads, held, now).await?;
            if let Some(run) = settlement.run {
                store.write_cost_of_run(&cost.id, run).await?;
            }
            Ok(Settled { cost_id: cost.id.clone(), late, alerts })
        }
        .await;
        lent.end(done).await
    }
}

/// JSON that both databases take: the money is spent, whatever the request was. PostgreSQL takes no NUL in text, not even
/// escaped, and no half of a surrogate pair.
fn as_json(text: &str) -> String {
    use serde_json::Value;
    fn mend(value: &mut Value) {
        match value {
            Value::String(text) => *text = text.replace('\0', "\u{fffd}"),
            Value::Array(values) => values.iter_mut().for_each(mend),
            Value::Object(fields) => {
                let of = std::mem::take(fields).into_iter();
                *fields = of.map(|(name, value)| (name.replace('\0', "\u{fffd}"), value)).collect();
                fields.values_mut().for_each(mend);
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    match serde_json::from_str::<Value>(text) {
        Ok(_) if !text.contains("\\u0000") => text.to_owned(),
        Ok(mut value) => {
            mend(&mut value);
            value.to_string()
        }
        Err(_) => Value::from(text.replace('\0', "\u{fffd}")).to_string(),
    }
}

pub(crate) fn ledger_row(
    reservation: Option<&str>,
    call: &Call,
    begun: Timestamp,
    settlement: &Settlement,
) -> ApiCost {
    // As PostgreSQL's column has it, which would round half a millisecond before midnight up.
    let begun = to_the_millisecond(begun);
    ApiCost {
        id: new_id(begun),
        workspace: call.workspace.clone(),
        user: call.user.clone(),
        provider: call.provider.clone(),
        endpoint: clean(&call.endpoint),
        operation: clean(&call.operation),
        cost: settlement.cost,
        tokens: settlement.tokens,
        entity_type: clean(&call.entity_type),
        entity_id: clean(&call.entity_id),
        request: settlement.request.as_deref().map(as_json),
        success: settlement.success,
        error: clean(&settlement.error),
        created_at: begun,
        hit: settlement.hit,
        matches: settlement.matches,
        credits: settlement.credits,
        reservation: reservation.map(str::to_owned),
        unguarded: reservation.is_none(),
    }
}

/// Ends a reservation to pay from it; gives whether it was over, and what it held where.
async fn take(store: &mut Store, id: &str, now: Timestamp) -> Result<(bool, HeldIn), Error> {
    use ReservationState::{Expired, Held, Settled};
    let reservation = store.reservation(id).await?;
    let held = store.end_reservation(id, Held, Settled, now).await?;
    let late = !held && store.end_reservation(id, Expired, Settled, now).await?;
    let Some(reservation) = reservation.filter(|_| held || late) else {
        let message = format!("the reservation {id} was settled or released before");
        return Err(Error::new(ErrorKind::Usage, "already-ended", message));
    };
    let amount = if held { reservation.amount } else { MicroDollars::ZERO };
    Ok((late, HeldIn { windows: store.reservation_windows(id).await?, amount }))
}
