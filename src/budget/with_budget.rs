//! One call from its reservation to the books.

use super::permit::{Permit, Settlement};
use super::refusal::NotReserved;
use super::{Budgets, Call};
use firmograph_core::{Error, MicroDollars};
use std::fmt;

/// What can go wrong about a call that is paid.
#[derive(Debug)]
pub enum PaidCallError<T, E> {
    /// It was not made: the budget has no room, or could not be asked.
    NotReserved(NotReserved),
    /// It failed. What was held for it is free again.
    Failed(E),
    /// It was made and paid, and could not be booked: its reservation holds the money until its time is over.
    NotBooked {
        /// What the call gave.
        value: T,
        /// Why it is not in the books.
        error: Error,
    },
}

impl Budgets {
    /// Makes a call within the budget: holds `worst`, calls `work`, books what it cost; where `work` fails, what was held is
    /// free again. Work that is cancelled or panics holds its money until the reservation's time is over, because nobody knows
    /// what it cost.
    ///
    /// # Errors
    /// [`PaidCallError`]: not made, failed, or not booked. A failed call that costs money all the same is to be settled by
    /// `work` itself, with [`Permit::settle`].
    ///
    /// ```
    /// # use firmograph::{BudgetOptions, BudgetPeriod, BudgetScope, Budgets, Call, MicroDollars, NewBudget, Settlement};
    /// # use std::sync::Arc;
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// # let clock = Arc::new(|| "2026-03-01T12:00:00Z".parse().unwrap());
    /// # let budgets = Budgets::open("sqlite::memory:", BudgetOptions::new(clock)).await?;
    /// # let (scope, period, cap) = (BudgetScope::workspace("acme"), BudgetPeriod::Day, MicroDollars::dollars(50));
    /// # budgets.set(&NewBudget { scope, period, cap, time_zone: None, author: None }).await?;
    /// let call = Call::new("acme", "prospeo").operation("email");
    /// let email = budgets.with_budget(&call, "0.02".parse()?, |_permit| async {
    ///     let found = "ada@acme.com"; // here stands the call
    ///     Ok::<_, std::io::Error>((found, Settlement::paid("0.015".parse().unwrap())))
    /// });
    /// assert_eq!(email.await.unwrap(), "ada@acme.com");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn with_budget<'b, T, E, F>(
        &'b self,
        call: &Call,
        worst: MicroDollars,
        work: impl FnOnce(Permit<'b>) -> F,
    ) -> Result<T, PaidCallError<T, E>>
    where
        F: Future<Output = Result<(T, Settlement), E>>,
    {
        let permit = self.reserve(call, worst).await.map_err(PaidCallError::NotReserved)?;
        match work(permit.clone()).await {
            Ok((value, settlement)) => match permit.settle(&settlement).await {
                Ok(_) => Ok(value),
                Err(error) => Err(PaidCallError::NotBooked { value, error }),
            },
            Err(error) => {
                // The call's own error is the one to tell; a reservation that cannot be let go of ends by itself.
                drop(permit.release().await);
                Err(PaidCallError::Failed(error))
            }
        }
    }
}

impl<T, E: fmt::Display> fmt::Display for PaidCallError<T, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PaidCallError::NotReserved(not) => not.fmt(f),
            PaidCallError::Failed(error) => error.fmt(f),
            PaidCallError::NotBooked { error, .. } => write!(f, "paid, but not booked: {error}"),
        }
    }
}

impl<T: fmt::Debug, E: std::error::Error + 'static> std::error::Error for PaidCallError<T, E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            PaidCallError::NotReserved(not) => Some(not),
            PaidCallError::Failed(error) => Some(error),
            PaidCallError::NotBooked { error, .. } => Some(error),
        }
    }
}
