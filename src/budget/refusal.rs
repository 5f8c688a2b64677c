//! Why a call may not be paid.

use firmograph_core::{BudgetPeriod, Error, ErrorKind, MicroDollars};
use firmograph_store::{BudgetWindow, Held};
use serde_json::{Value, json};
use std::fmt;

/// A budget has no room for a call.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Refusal {
    /// What was asked for.
    pub asked: MicroDollars,
    /// The window that has no room.
    pub window: BudgetWindow,
    /// Who holds money in it, those who hold most first, at most five.
    pub held_by: Vec<Held>,
    /// All windows that the call counts for, as they stand.
    pub windows: Vec<BudgetWindow>,
}

/// Why there is no permit.
#[derive(Debug)]
pub enum NotReserved {
    /// A budget has no room.
    Refused(Box<Refusal>),
    /// The guard failed and refuses by its configuration, or the question made no sense.
    Failed(Error),
}

impl Refusal {
    /// The body of an HTTP response with status 429. Amounts are dollars; those of the day and of the month are of the budget
    /// that refused, null where it has none.
    ///
    /// Its first keys are `success`, `error`, `message` and `details` with `dailySpent`, `dailyLimit`, `monthlySpent`,
    /// `monthlyLimit` and `percentUsed`, the highest of all windows.
    #[must_use]
    pub fn http_body(&self) -> Value {
        let of = |period: BudgetPeriod| {
            let same = |window: &&BudgetWindow| {
                window.key.period == period && window.key.scope == self.window.key.scope
            };
            self.windows.iter().find(same)
        };
        let spent = |period| of(period).map(|window| dollars(window.standing.charged()));
        let cap = |period| of(period).map(|window| dollars(window.standing.cap));
        let used = |window: &BudgetWindow| {
            window.standing.charged().basis_points_of(window.standing.cap).unwrap_or(10_000)
        };
        let percent = self.windows.iter().map(used).max().unwrap_or_default();
        json!({
            "success": false,
            "error": "BUDGET_LIMIT_EXCEEDED",
            "message": self.to_string(),
            "details": {
                "dailySpent": spent(BudgetPeriod::Day),
                "dailyLimit": cap(BudgetPeriod::Day),
                "monthlySpent": spent(BudgetPeriod::Month),
                "monthlyLimit": cap(BudgetPeriod::Month),
                "percentUsed": percent as f64 / 100.0,
                "asked": dollars(self.asked),
                "held": dollars(self.window.standing.reserved),
                "remaining": dollars(self.window.standing.remaining()),
                "period": self.window.key.period,
                "provider": self.window.key.scope.provider,
                "user": self.window.key.scope.user,
                "resetsAt": self.window.ends_at.to_string(),
            },
        })
    }
}

/// For JSON, whose numbers are read as binary fractions anyway.
fn dollars(amount: MicroDollars) -> f64 {
    amount.micros() as f64 / 1e6
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let BudgetWindow { key, ends_at, standing, .. } = &self.window;
        write!(
            f,
            "the {} budget of {} has ${} left and ${} is asked for: ${} of ${} is spent, ${} is held",
            key.period,
            key.scope,
            standing.remaining(),
            self.asked,
            standing.charged(),
            standing.cap,
            standing.reserved,
        )?;
        for (index, held) in self.held_by.iter().enumerate() {
            let holder = held.holder.as_deref().unwrap_or("somebody");
            write!(f, "{}{holder} ${}", if index == 0 { " by " } else { ", " }, held.amount)?;
        }
        write!(f, "; it begins anew at {ends_at}")
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Error::new(ErrorKind::Refused, "budget-exceeded", refusal.to_string())
            .with_help("wait for the next window, or raise the cap with `firmograph budget set`")
    }
}

impl From<NotReserved> for Error {
    fn from(not: NotReserved) -> Self {
        match not {
            NotReserved::Refused(refusal) => (*refusal).into(),
            NotReserved::Failed(error) => error,
        }
    }
}

impl From<Error> for NotReserved {
    fn from(error: Error) -> Self {
        NotReserved::Failed(error)
    }
}

impl fmt::Display for NotReserved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotReserved::Refused(refusal) => refusal.fmt(f),
            NotReserved::Failed(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for NotReserved {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            NotReserved::Refused(_) => None,
            NotReserved::Failed(error) => Some(error),
        }
    }
}
