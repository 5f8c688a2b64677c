//! One asks, the others wait for its answer. Within a process they stand in a queue; between processes a row with an expiry
//! says who asks.

use super::found::{self, Found, Given, Research, ResearchError, ResearchOrigin, Times};
use super::{ResearchCache, ResearchKey, Stale};
use crate::{Budgets, Call, NotReserved, PaidCallError, Permit, Settlement};
use firmograph_core::{Error, ErrorKind, MicroDollars, Timestamp};
use firmograph_store::ResearchRow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

/// The first pause between two looks at an answer for which another process asks; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// How often storing an answer is tried.
const TRIES: u32 = 3;
/// Queues from which on those are looked for in which nobody stands.
const MANY: usize = 1_024;

/// Of whom one looks at the database while the others wait; and the answer that it was given, as long as any of them is there.
type Queue = tokio::sync::Mutex<Option<Given>>;

/// The queues of this process.
#[derive(Default)]
pub(super) struct LocalFlights(Mutex<HashMap<String, Weak<Queue>>>);

impl LocalFlights {
    fn queue(&self, key: &str) -> Arc<Queue> {
        let mut queues = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = queues.get(key).and_then(Weak::upgrade) {
            return queue;
        }
        if queues.len() >= MANY {
            queues.retain(|_, queue| queue.strong_count() > 0);
        }
        let queue = Arc::default();
        queues.insert(key.to_owned(), Arc::downgrade(&queue));
        queue
    }
}

/// Until when another process said that it asks, and how long it has said so.
#[derive(Clone, Copy)]
struct Watched {
    until: Timestamp,
    waited: Duration,
}

/// What asking gave: what was found, what it cost, and why a call that was paid is not in the books.
type Asked = (Option<Found>, MicroDollars, Option<Error>);

/// Why asking gave nothing.
enum NotAsked<E> {
    NotReserved(NotReserved),
    Failed(E),
}

impl ResearchCache {
    /// The answer to a question: the stored one while it counts, else what `compute` gives, which is stored; `None` is that
    /// nothing was found, and is remembered too. Of all tasks and processes that ask the same at once, one computes. Where it
    /// fails, the next one that waits does.
    ///
    /// # Errors
    /// [`ResearchError::Cache`] where the cache cannot be asked, [`ResearchError::Failed`] with what `compute` said. An answer
    /// that was computed is given whether it could be stored or not ([`Research::not_stored`]).
    pub async fn get_or_compute<E, F>(
        &self,
        key: &ResearchKey,
        compute: impl FnOnce() -> F,
    ) -> Result<Research, ResearchError<E>>
    where
        F: Future<Output = Result<Option<Found>, E>>,
    {
        let ask = || async {
            let found = compute().await?;
            let cost = found.as_ref().map(|found| found.cost).unwrap_or_default();
            Ok((found, cost))
        };
        self.get_or_compute_at_cost(key, ask).await
    }

    /// As [`ResearchCache::get_or_compute`], where `compute` says beside its answer what asking cost, also where nothing was found.
    ///
    /// # Errors
    /// As there.
    pub async fn get_or_compute_at_cost<E, F>(
        &self,
        key: &ResearchKey,
        compute: impl FnOnce() -> F,
    ) -> Result<Research, ResearchError<E>>
    where
        F: Future<Output = Result<(Option<Found>, MicroDollars), E>>,
    {
        let ask = || async {
            let (found, cost) = compute().await.map_err(NotAsked::Failed)?;
            Ok((found, cost, None))
        };
        self.get(key, ask).await
    }

    /// As [`ResearchCache::get_or_compute`], where asking is a call that a budget pays: `worst` is held for it, and what it
    /// settles is its cost, also where nothing was found. Only who asks needs room in the budget. Where a budget refuses, an
    /// answer whose time is over is given if the cache may ([`Stale::Serve`]), with its age.
    ///
    /// # Errors
    /// As there, and [`ResearchError::NotReserved`].
    pub async fn get_or_compute_paid<'b, E, F>(
        &self,
        key: &ResearchKey,
        budgets: &'b Budgets,
        call: &Call,
        worst: MicroDollars,
        compute: impl FnOnce(Permit<'b>) -> F,
    ) -> Result<Research, ResearchError<E>>
    where
        F: Future<Output = Result<(Option<Found>, Settlement), E>>,
    {
        let ask = || async {
            let paid = budgets.with_budget(call, worst, |permit| async {
                let (found, settlement) = compute(permit).await?;
                Ok(((found, settlement.cost), settlement))
            });
            match paid.await {
                Ok((found, cost)) => Ok((found, cost, None)),
                Err(PaidCallError::NotBooked { value: (found, cost), error }) => {
                    Ok((found, cost, Some(error)))
                }
                Err(PaidCallError::NotReserved(not)) => Err(NotAsked::NotReserved(not)),
                Err(PaidCallError::Failed(error)) => Err(NotAsked::Failed(error)),
            }
        };
        self.get(key, ask).await
    }

    async fn get<E, F>(
        &self,
        key: &ResearchKey,
        ask: impl FnOnce() -> F,
    ) -> Result<Research, ResearchError<E>>
    where
        F: Future<Output = Result<Asked, NotAsked<E>>>,
    {
        key.check().map_err(ResearchError::Cache)?;
        let (hash, since) = (key.hash(), self.now());
        // Who finds an answer waits for nobody.
        if let Ok(research) = self.look(&hash, since, since).await.map_err(ResearchError::Cache)? {
            return Ok(research);
        }
        let queue = self.local.queue(&hash);
        let mut turn = queue.lock().await;
        if let Some(given) = turn.as_ref().filter(|given| given.at >= since) {
            let now = self.now();
            self.count_hit(&hash, given.cost, now);
            return Ok(given.again(now));
        }
        let before = match self.wait_for_turn(&hash, since).await.map_err(ResearchError::Cache)? {
            Ok(research) => return Ok(research),
            Err(before) => before,
        };
        let began = self.now();
        let asked = self.renewing(&hash, ask()).await;
        let research = match asked {
            Ok(asked) => {
                let research = self.keep(key, &hash, asked, began, before.as_ref()).await;
                *turn = Some(Given::of(&research, self.now()));
                Ok(research)
            }
            Err(NotAsked::Failed(error)) => Err(ResearchError::Failed(error)),
            Err(NotAsked::NotReserved(not)) => match (not, before) {
                (NotReserved::Refused(_), Some(row)) if self.options.stale == Stale::Serve => {
                    let research = Research::stored(row, ResearchOrigin::Stale, self.now());
                    self.count_hit(&hash, research.saved, self.now());
                    Ok(research)
                }
                (not, _) => Err(ResearchError::NotReserved(not)),
            },
        };
        // A flight that cannot be ended ends by itself.
        drop(self.change(async |store| store.end_flight(&hash, &self.holder).await).await);
        drop(turn);
        research
    }

    /// The stored answer if it counts, or was given after `since`: who waited for an answer takes it, however short its life. Else
    /// the row as it is.
    async fn look(
        &self,
        hash: &str,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Result<Research, Option<ResearchRow>>, Error> {
        let mut lent = self.reads().lend().await?;
        let row = lent.store().research(hash).await?;
        lent.give_back();
        let counts = |row: &ResearchRow| {
            row.expires_at.is_none_or(|expires_at| expires_at > now) || row.updated_at >= since
        };
        match row {
            Some(row) if counts(&row) => {
                let research = Research::stored(row, ResearchOrigin::Cache, now);
                self.count_hit(hash, research.saved, now);
                Ok(Ok(research))
            }
            row => Ok(Err(row)),
        }
    }

    /// Waits for the answer of whoever asks, or for the right to ask.
    async fn wait_for_turn(
        &self,
        hash: &str,
        since: Timestamp,
    ) -> Result<Result<Research, Option<ResearchRow>>, Error> {
        let mut pause = FIRST_PAUSE;
        let mut watched: Option<Watched> = None;
        loop {
            let Some(until) = self.take_flight(hash, watched).await? else {
                // The answer may have come just before the right to ask did.
                let looked = self.look(hash, since, self.now()).await;
                if !matches!(looked, Ok(Err(_))) {
                    drop(self.change(async |store| store.end_flight(hash, &self.holder).await).await);
                }
                return looked;
            };
            tokio::time::sleep(pause).await;
            let before = watched.filter(|watched| watched.until == until);
            let waited = before.map_or(Duration::ZERO, |watched| watched.waited);
            watched = Some(Watched { until, waited: waited.saturating_add(pause) });
            pause = (pause * 2).min(self.options.longest_pause.max(FIRST_PAUSE));
            if let Ok(research) = self.look(hash, since, self.now()).await? {
                return Ok(Ok(research));
            }
        }
    }

    /// Takes the right to ask, also from one who lets it expire and was not seen renewing it for longer than a renewal takes to
    /// come: who merely waits for the database renews it as soon as the database answers. `None` where it was taken, else until
    /// when another one holds it.
    async fn take_flight(&self, hash: &str, watched: Option<Watched>) -> Result<Option<Timestamp>, Error> {
        let live = self.options.flight_time_to_live;
        let given_up = watched.filter(|watched| watched.waited >= live / 2).map(|watched| watched.until);
        self.change(async |store| {
            // The time is read after the wait for the database.
            let now = self.now();
            let until = self.flight_end(now)?;
            let held = store.take_flight(hash, &self.holder, now, until, given_up).await?;
            if held.is_none() && self.is_long_ago(now) {
                // It was waited for the row as well, which is its own now.
                store.renew_flight(hash, &self.holder, self.flight_end(self.now())?).await?;
            }
            Ok(held)
        })
        .await
    }

    /// Holds the right for longer, and takes it again where it expired and nobody else did.
    async fn renew_flight(&self, hash: &str) -> Result<(), Error> {
        self.change(async |store| {
            let now = self.now();
            let until = self.flight_end(now)?;
            let is_held = store.renew_flight(hash, &self.holder, until).await?;
            if !is_held {
                store.take_flight(hash, &self.holder, now, until, None).await?;
            } else if self.is_long_ago(now) {
                store.renew_flight(hash, &self.holder, self.flight_end(self.now())?).await?;
            }
            Ok(())
        })
        .await
    }

    /// Whether what was read off the clock then is no longer true enough for a flight.
    fn is_long_ago(&self, then: Timestamp) -> bool {
        let passed = Duration::try_from(self.now().duration_since(then)).unwrap_or_default();
        passed > self.options.flight_time_to_live / 3
    }

    /// Does `work` while the right to ask is renewed.
    async fn renewing<T>(&self, hash: &str, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        let live = self.options.flight_time_to_live;
        let mut pause = (live / 3).max(FIRST_PAUSE);
        loop {
            tokio::select! {
                done = &mut work => return done,
                () = tokio::time::sleep(pause) => {
                    let mut renew = std::pin::pin!(self.renew_flight(hash));
                    // The work goes on meanwhile.
                    let renewed = tokio::select! {
                        done = &mut work => {
                            drop(renew.await);
                            return done;
                        }
                        renewed = &mut renew => renewed,
                    };
                    // Where this fails it is tried again soon, before another process takes it.
                    let part = if renewed.is_ok() { 3 } else { 30 };
                    pause = (live / part).max(FIRST_PAUSE);
                }
            }
        }
    }

    fn flight_end(&self, now: Timestamp) -> Result<Timestamp, Error> {
        now.checked_add(self.options.flight_time_to_live).map_err(|error| {
            let message = "the time to live of a flight goes beyond the calendar";
            Error::new(ErrorKind::Usage, "bad-date", message).with_cause(error)
        })
    }

    /// Stores an answer, and gives it whether it could be stored or not.
    async fn keep(
        &self,
        key: &ResearchKey,
        hash: &str,
        asked: Asked,
        began: Timestamp,
        before: Option<&ResearchRow>,
    ) -> Research {
        let (mut found, cost, not_booked) = asked;
        if let Some(found) = &mut found {
            found.cost = cost;
        }
        let now = self.now();
        let stored = async {
            let expires_at = self.expiry(found.is_none(), now)?;
            let times = Times { began, now, expires_at };
            let row = found::row(key, hash, found.as_ref(), cost, times, before);
            self.check_size(row.size)?;
            let mut tries = 1;
            loop {
                match self.change(async |store| store.write_research(&row).await).await {
                    Err(error) if error.kind() == ErrorKind::Environment && tries < TRIES => tries += 1,
                    other => break other?,
                }
            }
            // Whether there is room for others is no matter of this answer.
            drop(self.hold_bound(row.size).await);
            Ok(expires_at)
        };
        let stored: Result<Option<Timestamp>, Error> = stored.await;
        let (expires_at, not_stored) = match stored {
            Ok(expires_at) => (expires_at, None),
            Err(error) => (None, Some(error)),
        };
        Research {
            found,
            origin: ResearchOrigin::Computed,
            age: Duration::ZERO,
            cost,
            saved: MicroDollars::ZERO,
            expires_at,
            not_stored,
            not_booked,
        }
    }

    /// One write in a transaction of its own.
    async fn change<T>(
        &self,
        work: impl AsyncFnOnce(&mut firmograph_store::Store) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut lent = self.writes.begin().await?;
        let done = work(lent.store()).await;
        lent.end(done).await
    }
}
