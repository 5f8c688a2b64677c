//! Budgets as Python's `Budgets` has them: each method does one thing while the interpreter is free, and gives JSON text.
//! `firmograph/budgets.py` shapes it. Many threads may call at once.

use crate::engine::{json, now};
use crate::errors::{guarded, raised, refused};
use crate::shared::{Shared, hearing};
use firmograph::{
    BudgetOptions, BudgetPeriod, BudgetScope, Budgets, Call, Error, ErrorKind, FailMode, MicroDollars,
    NewBudget, NotReserved, Settlement, Timestamp,
};
use pyo3::prelude::*;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The budgets of a database, opened when they are first needed.
#[pyclass(frozen, module = "firmograph._firmograph")]
pub(crate) struct BudgetsCore {
    shared: Shared<Budgets>,
    fail: FailMode,
    time_to_live: Duration,
    holder: Option<String>,
    allow_without_budget: bool,
    unguarded: AtomicU64,
    /// Alerts that nobody was told yet, as JSON.
    alerts: Arc<Mutex<Vec<String>>>,
}

/// Why a work gave no answer.
enum Not {
    Error(NotReserved),
    Signal(PyErr),
}

impl From<Error> for Not {
    fn from(error: Error) -> Self {
        Not::Error(error.into())
    }
}

impl Not {
    fn raised(self, py: Python<'_>) -> PyErr {
        match self {
            Not::Error(NotReserved::Refused(refusal)) => refused(py, *refusal),
            Not::Error(NotReserved::Failed(error)) => raised(py, &error),
            Not::Signal(error) => error,
        }
    }

    /// Whether the database may not be at the other end any more.
    fn is_loss(&self) -> bool {
        match self {
            Not::Error(NotReserved::Refused(_)) => false,
            Not::Error(NotReserved::Failed(error)) => {
                // Of a refusal that cannot tell how things stand, telling them is what failed.
                let of_guard = matches!(error.code(), "guard-failed" | "budget-exceeded");
                error.kind() == ErrorKind::Environment || of_guard
            }
            Not::Signal(_) => true,
        }
    }
}

impl BudgetsCore {
    fn options(&self) -> BudgetOptions {
        let mut options = BudgetOptions::new(Arc::new(now));
        (options.fail, options.time_to_live) = (self.fail, self.time_to_live);
        options.holder = self.holder.clone();
        options.allow_without_budget = self.allow_without_budget;
        // Which files are ours is noted where they are opened, and that is here.
        options.reconnects = !self.shared.location().is_file();
        let alerts = Arc::clone(&self.alerts);
        options.on_alert = Some(Arc::new(move |alert| {
            if let Ok(text) = serde_json::to_string(alert) {
                alerts.lock().unwrap_or_else(PoisonError::into_inner).push(text);
            }
        }));
        options
    }

    /// Does something with the budgets, and hears signals meanwhile: who is stopped leaves no half of it behind.
    fn run<T: Send>(
        &self,
        py: Python<'_>,
        work: impl AsyncFnOnce(&Budgets) -> Result<T, NotReserved> + Send,
    ) -> PyResult<T> {
        self.try_run(py, work).map_err(|not| not.raised(py))
    }

    fn try_run<T: Send>(
        &self,
        py: Python<'_>,
        work: impl AsyncFnOnce(&Budgets) -> Result<T, NotReserved> + Send,
    ) -> Result<T, Not> {
        py.detach(|| {
            let _entered = self.shared.enter("this Budgets")?;
            let opening = async |url: &str| Ok::<_, Not>(Budgets::open(url, self.options()).await?);
            let open = self.shared.get(opening, Not::Signal)?;
            let done = hearing(&open.runtime, work(&open.value));
            let done = done.map_err(Not::Signal).and_then(|done| done.map_err(Not::Error));
            drop(open);
            if done.as_ref().is_err_and(Not::is_loss) {
                self.shared.forget();
            }
            done
        })
    }

    /// What becomes of a call whose budget could not even be opened.
    fn unopened(&self, error: Error) -> Result<Value, NotReserved> {
        match self.fail {
            FailMode::Open => Ok(json!({ "id": null, "begun": now().to_string() })),
            FailMode::Closed => {
                let message = format!("the budget could not be asked, so the call is refused: {error}");
                Err(Error::new(ErrorKind::Refused, "guard-failed", message).with_cause(error).into())
            }
        }
    }
}

#[pymethods]
impl BudgetsCore {
    #[new]
    #[pyo3(signature = (url, fail_open, time_to_live, holder, allow_without_budget))]
    fn new(
        py: Python<'_>,
        url: &str,
        fail_open: bool,
        time_to_live: f64,
        holder: Option<String>,
        allow_without_budget: bool,
    ) -> PyResult<Self> {
        let time_to_live = Duration::try_from_secs_f64(time_to_live).map_err(|error| {
            let message = format!("{time_to_live} is no time to live: {error}");
            raised(py, &Error::new(ErrorKind::Usage, "bad-time-to-live", message))
        })?;
        Ok(BudgetsCore {
            shared: Shared::new(url, false),
            fail: if fail_open { FailMode::Open } else { FailMode::Closed },
            time_to_live,
            holder,
            allow_without_budget,
            unguarded: AtomicU64::new(0),
            alerts: Arc::default(),
        })
    }

    #[getter]
    fn url(&self) -> &str {
        self.shared.location().given()
    }

    #[getter]
    fn unguarded(&self) -> u64 {
        self.unguarded.load(Ordering::Relaxed)
    }

    /// Closes the database; a later call opens it again.
    fn close(&self, py: Python<'_>) {
        py.detach(|| self.shared.close());
    }

    /// Alerts that were raised since this was last asked, as JSON each.
    fn take_alerts(&self) -> Vec<String> {
        if self.shared.location().is_forked() {
            // A thread of the parent may have held the lock.
            return Vec::new();
        }
        std::mem::take(&mut *self.alerts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    #[expect(clippy::too_many_arguments, reason = "they are keywords in Python")]
    #[pyo3(signature = (workspace, provider, user, period, cap, time_zone, author))]
    fn set(
        &self,
        py: Python<'_>,
        workspace: String,
        provider: Option<String>,
        user: Option<String>,
        period: &str,
        cap: i64,
        time_zone: Option<String>,
        author: Option<String>,
    ) -> PyResult<String> {
        let period: BudgetPeriod = period.parse().map_err(|error| raised(py, &error))?;
        let scope = BudgetScope { workspace, provider, user };
        let budget = NewBudget { scope, period, cap: MicroDollars::new(cap), time_zone, author };
        guarded(|| self.run(py, async |budgets| Ok(text(&budgets.set(&budget).await?)?)))
    }

    #[pyo3(signature = (workspace, provider, user, period))]
    fn remove(
        &self,
        py: Python<'_>,
        workspace: String,
        provider: Option<String>,
        user: Option<String>,
        period: &str,
    ) -> PyResult<bool> {
        let period: BudgetPeriod = period.parse().map_err(|error| raised(py, &error))?;
        let scope = BudgetScope { workspace, provider, user };
        guarded(|| self.run(py, async |budgets| Ok(budgets.remove(&scope, period).await?)))
    }

    /// `rules`, `standing` or `history`.
    #[pyo3(signature = (what, workspace))]
    fn list(&self, py: Python<'_>, what: &str, workspace: Option<String>) -> PyResult<String> {
        let workspace = workspace.as_deref();
        guarded(|| {
            self.run(py, async |budgets| {
                Ok(match what {
                    "rules" => text(&budgets.rules(workspace).await?)?,
                    "history" => text(&budgets.history(workspace).await?)?,
                    _ => text(&budgets.standing(workspace).await?)?,
                })
            })
        })
    }

    #[pyo3(signature = (workspace, unacknowledged))]
    fn alerts(&self, py: Python<'_>, workspace: Option<String>, unacknowledged: bool) -> PyResult<String> {
        guarded(|| {
            self.run(py, async |budgets| {
                Ok(text(&budgets.alerts(workspace.as_deref(), unacknowledged).await?)?)
            })
        })
    }

    fn acknowledge(&self, py: Python<'_>, alert: String, by: String) -> PyResult<bool> {
        guarded(|| self.run(py, async |budgets| Ok(budgets.acknowledge(&alert, &by).await?)))
    }

    fn expire(&self, py: Python<'_>) -> PyResult<u64> {
        guarded(|| self.run(py, async |budgets| Ok(budgets.expire().await?)))
    }

    /// Holds `worst` micro-dollars: the id of the reservation, null where the guard had failed, and when it was made.
    fn reserve(&self, py: Python<'_>, call: CallArguments, worst: i64) -> PyResult<String> {
        let call = Call::from(call);
        let reserved = guarded(|| {
            let done = self.try_run(py, async |budgets: &Budgets| {
                let permit = budgets.reserve(&call, MicroDollars::new(worst)).await?;
                Ok(json!({ "id": permit.reservation(), "begun": permit.begun().to_string() }))
            });
            match done {
                // Opening failed: the guard was never asked.
                Err(Not::Error(NotReserved::Failed(error))) if error.kind() == ErrorKind::Environment => {
                    self.unopened(error).map_err(|not| Not::Error(not).raised(py))
                }
                done => done.map_err(|not| not.raised(py)),
            }
        })?;
        if reserved["id"].is_null() {
            self.unguarded.fetch_add(1, Ordering::Relaxed);
            // Else all calls after this one would go unguarded.
            py.detach(|| self.shared.forget());
        }
        Ok(reserved.to_string())
    }

    /// Books what a call cost, by the id of its reservation, or without one what began at `begun`.
    fn settle(
        &self,
        py: Python<'_>,
        reservation: Option<String>,
        begun: &str,
        call: CallArguments,
        outcome: Outcome,
    ) -> PyResult<String> {
        let bad =
            |error| raised(py, &Error::new(ErrorKind::Usage, "bad-date", format!("{begun:?}: {error}")));
        let begun: Timestamp = begun.parse().map_err(bad)?;
        let (call, settlement) = (Call::from(call), Settlement::from(outcome));
        guarded(|| {
            self.run(py, async |budgets: &Budgets| {
                let settled = match &reservation {
                    Some(id) => budgets.settle_by_id(id, &settlement).await?,
                    None => budgets.settle_unguarded(&call, begun, &settlement).await?,
                };
                Ok(json!({ "cost_id": settled.cost_id, "late": settled.late }).to_string())
            })
        })
    }

    fn release(&self, py: Python<'_>, reservation: String) -> PyResult<bool> {
        guarded(|| self.run(py, async |budgets| Ok(budgets.release(&reservation).await?)))
    }
}

fn text(told: &impl serde::Serialize) -> Result<String, Error> {
    Ok(json(told)?.to_string())
}

/// Who pays whom for what.
#[derive(FromPyObject)]
struct CallArguments {
    #[pyo3(item)]
    workspace: String,
    #[pyo3(item)]
    provider: String,
    #[pyo3(item)]
    operation: Option<String>,
    #[pyo3(item)]
    endpoint: Option<String>,
    #[pyo3(item)]
    user: Option<String>,
    #[pyo3(item)]
    entity_type: Option<String>,
    #[pyo3(item)]
    entity_id: Option<String>,
}

impl From<CallArguments> for Call {
    fn from(given: CallArguments) -> Self {
        let CallArguments { workspace, provider, operation, endpoint, user, entity_type, entity_id } = given;
        Call { workspace, provider, operation, endpoint, user, entity_type, entity_id }
    }
}

/// What became of a call.
#[derive(FromPyObject)]
struct Outcome {
    #[pyo3(item)]
    cost: i64,
    #[pyo3(item)]
    success: bool,
    #[pyo3(item)]
    error: Option<String>,
    #[pyo3(item)]
    tokens: Option<i64>,
    #[pyo3(item)]
    hit: Option<bool>,
    #[pyo3(item)]
    matches: Option<i64>,
    #[pyo3(item)]
    credits: Option<i64>,
    #[pyo3(item)]
    request: Option<String>,
    #[pyo3(item)]
    run: Option<i64>,
}

impl From<Outcome> for Settlement {
    fn from(given: Outcome) -> Self {
        let Outcome { cost, success, error, tokens, hit, matches, credits, request, run } = given;
        Settlement {
            success,
            error,
            tokens,
            hit,
            matches,
            credits,
            request,
            run,
            ..Settlement::paid(MicroDollars::new(cost))
        }
    }
}
