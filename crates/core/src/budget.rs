use crate::{Error, ErrorKind, MicroDollars};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Percentages of a cap at which an alert is raised, once in a window.
pub const ALERT_PERCENTAGES: [i64; 3] = [80, 95, 100];

/// How long a cap counts before it begins anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BudgetPeriod {
    /// A calendar day of the budget's time zone.
    Day,
    /// A calendar month of the budget's time zone.
    Month,
}

impl BudgetPeriod {
    /// Both.
    pub const ALL: [BudgetPeriod; 2] = [BudgetPeriod::Day, BudgetPeriod::Month];

    /// Its name, as it is stored and written: `day` or `month`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            BudgetPeriod::Day => "day",
            BudgetPeriod::Month => "month",
        }
    }

    /// The window that `now` lies in: its first instant, and the first after it. A day with a change of the clock has 23 or
    /// 25 hours.
    ///
    /// # Errors
    /// `bad-date` (usage) beyond the years -9999 to 9999.
    ///
    /// ```
    /// use firmograph_core::{BudgetPeriod, Timestamp, time_zone};
    ///
    /// let zone = time_zone("Europe/Berlin")?;
    /// let now: Timestamp = "2026-03-29T12:00:00Z".parse().unwrap();
    /// let (from, until) = BudgetPeriod::Day.window(now, &zone)?;
    /// assert_eq!((from.to_string(), until.to_string()), ("2026-03-28T23:00:00Z".into(), "2026-03-29T22:00:00Z".into()));
    /// # Ok::<(), firmograph_core::Error>(())
    /// ```
    pub fn window(self, now: Timestamp, zone: &TimeZone) -> Result<(Timestamp, Timestamp), Error> {
        let far = |error: jiff::Error| {
            Error::new(ErrorKind::Usage, "bad-date", format!("{now} is in no calendar: {error}"))
                .with_cause(error)
        };
        let now = now.to_zoned(zone.clone());
        let (first, span) = match self {
            BudgetPeriod::Day => (now.date(), 1.day()),
            BudgetPeriod::Month => (now.date().first_of_month(), 1.month()),
        };
        let begins = |date: jiff::civil::Date| date.to_zoned(zone.clone()).map(|zoned| zoned.timestamp());
        let next = first.checked_add(span).map_err(far)?;
        Ok((begins(first).map_err(far)?, begins(next).map_err(far)?))
    }
}

impl fmt::Display for BudgetPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for BudgetPeriod {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        BudgetPeriod::ALL.into_iter().find(|period| period.name() == text).ok_or_else(|| {
            Error::new(ErrorKind::Usage, "bad-period", format!("{text:?} is no period of a budget"))
                .with_help("take day or month")
        })
    }
}

/// The time zone of this IANA name, such as `UTC` or `America/New_York`. The rules are compiled in, so that every machine has
/// the same.
///
/// # Errors
/// `bad-time-zone` (usage) for a name that there is not.
pub fn time_zone(name: &str) -> Result<TimeZone, Error> {
    TimeZone::get(name).map_err(|error| {
        Error::new(ErrorKind::Usage, "bad-time-zone", format!("{name:?} is no time zone: {error}"))
            .with_help("take an IANA name such as UTC, Europe/Berlin or America/New_York")
            .with_cause(error)
    })
}

/// Whose calls a cap is for. `None` is everybody: a cap without a provider is for the calls of all of them together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BudgetScope {
    /// The workspace that pays.
    pub workspace: String,
    /// Calls of this provider alone.
    #[serde(default)]
    pub provider: Option<String>,
    /// Calls for this user alone.
    #[serde(default)]
    pub user: Option<String>,
}

impl BudgetScope {
    /// All calls of a workspace.
    #[must_use]
    pub fn workspace(workspace: &str) -> Self {
        BudgetScope { workspace: workspace.to_owned(), provider: None, user: None }
    }
}

impl fmt::Display for BudgetScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "workspace {}", self.workspace)?;
        if let Some(provider) = &self.provider {
            write!(f, ", provider {provider}")?;
        }
        if let Some(user) = &self.user {
            write!(f, ", user {user}")?;
        }
        Ok(())
    }
}

/// How much of a window's cap is gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetStanding {
    /// The most that may be spent and held together.
    pub cap: MicroDollars,
    /// Spent, up to the cap.
    pub spent: MicroDollars,
    /// Held by calls that are under way.
    pub reserved: MicroDollars,
    /// Charged beyond what was reserved and beyond the cap: a provider took more than the caller had said it could.
    pub overrun: MicroDollars,
}

impl BudgetStanding {
    /// What can still be reserved: never below zero.
    #[must_use]
    pub fn remaining(&self) -> MicroDollars {
        self.cap.saturating_sub(self.spent).saturating_sub(self.reserved).max(MicroDollars::ZERO)
    }

    /// Everything that was charged.
    #[must_use]
    pub fn charged(&self) -> MicroDollars {
        self.spent.saturating_add(self.overrun)
    }

    /// Those of [`ALERT_PERCENTAGES`] that what was charged has reached. A cap of nothing is reached at once.
    pub fn reached(&self) -> impl Iterator<Item = i64> + use<> {
        let charged = self.charged().basis_points_of(self.cap).unwrap_or(10_000);
        ALERT_PERCENTAGES.into_iter().filter(move |percentage| charged >= percentage * 100)
    }
}
