//! What calls cost, by whatever is asked for.

use crate::budget::Budgets;
use firmograph_core::{BudgetPeriod, Error, ErrorKind, MicroDollars, Timestamp, time_zone};
use firmograph_store::{CostKey, CostRange, CostSums};
use std::collections::BTreeMap;
use std::str::FromStr;

/// What calls are put together by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostGroup {
    /// All of them together.
    All,
    /// Who was called.
    Provider,
    /// What was asked of whom.
    Operation,
    /// About which company or person.
    Entity,
    /// For which user.
    User,
    /// The calendar day of a time zone.
    Day,
    /// The calendar month of a time zone.
    Month,
}

/// Sums over the calls of one group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostSummary {
    /// The provider, user, key of the company or person, operation, or the day (`2026-03-01`) or month (`2026-03`). `None` for
    /// calls of which it is not known, and for all together.
    pub key: Option<String>,
    /// The provider of an operation; `company` or `person` of a key.
    pub of: Option<String>,
    /// The sums.
    pub sums: CostSums,
}

impl CostGroup {
    /// Every one, with its name.
    pub const NAMES: [(CostGroup, &str); 7] = [
        (CostGroup::All, "all"),
        (CostGroup::Provider, "provider"),
        (CostGroup::Operation, "operation"),
        (CostGroup::Entity, "entity"),
        (CostGroup::User, "user"),
        (CostGroup::Day, "day"),
        (CostGroup::Month, "month"),
    ];
}

impl FromStr for CostGroup {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let found = CostGroup::NAMES.into_iter().find(|(_, name)| *name == text);
        found.map(|(group, _)| group).ok_or_else(|| {
            let names = CostGroup::NAMES.map(|(_, name)| name).join(", ");
            Error::new(ErrorKind::Usage, "bad-group", format!("costs cannot be summed up by {text:?}"))
                .with_help(format!("take one of {names}"))
        })
    }
}

impl CostSummary {
    /// Calls in a hundred that succeeded, to two digits; `None` without calls.
    #[must_use]
    pub fn success_percent(&self) -> Option<f64> {
        percent(self.sums.successes, self.sums.calls)
    }

    /// Calls in a hundred that found something, of those of which that is known.
    #[must_use]
    pub fn hit_percent(&self) -> Option<f64> {
        percent(self.sums.hits, self.sums.answered)
    }
}

impl Budgets {
    /// What the calls of a range cost, in groups, in the order of their keys. Days and months are those of the time zone,
    /// whose name is checked in any case. Rows that other programs wrote count with their decimal cost.
    ///
    /// # Errors
    /// `bad-time-zone` (usage); when the database does not answer.
    pub async fn cost_summary(
        &self,
        by: CostGroup,
        range: &CostRange,
        zone: &str,
    ) -> Result<Vec<CostSummary>, Error> {
        let time_zone = time_zone(zone)?;
        let (key, period) = match by {
            CostGroup::All => (CostKey::All, None),
            CostGroup::Provider => (CostKey::Provider, None),
            CostGroup::Operation => (CostKey::Operation, None),
            CostGroup::Entity => (CostKey::Entity, None),
            CostGroup::User => (CostKey::User, None),
            CostGroup::Day => (CostKey::Minute, Some(BudgetPeriod::Day)),
            CostGroup::Month => (CostKey::Minute, Some(BudgetPeriod::Month)),
        };
        let mut lent = self.lend().await?;
        let sums = lent.store().cost_sums(key, range).await?;
        lent.give_back();
        let Some(period) = period else { return Ok(sums.into_iter().map(|row| named(by, row)).collect()) };
        let mut by_date: BTreeMap<String, CostSums> = BTreeMap::new();
        for ([minute, _], sums) in sums {
            let date = minute_of(minute.as_deref())?.to_zoned(time_zone.clone()).date().to_string();
            // 2026-03-01, or 2026-03 of it.
            let until = if period == BudgetPeriod::Day { date.len() } else { date.len() - 3 };
            let of_date = by_date.entry(date[..until].to_owned()).or_default();
            *of_date = of_date.with(sums);
        }
        let summary = |(date, sums)| CostSummary { key: Some(date), of: None, sums };
        Ok(by_date.into_iter().map(summary).collect())
    }
}

fn named(by: CostGroup, ([first, second], sums): ([Option<String>; 2], CostSums)) -> CostSummary {
    match by {
        CostGroup::Operation | CostGroup::Entity => CostSummary { key: second, of: first, sums },
        _ => CostSummary { key: first, of: None, sums },
    }
}

fn minute_of(text: Option<&str>) -> Result<Timestamp, Error> {
    let text = text.unwrap_or_default();
    format!("{text}:00Z").parse().map_err(|error| {
        let message = format!("a row of the cost ledger has the time {text:?}, which is none");
        Error::new(ErrorKind::Environment, "database-shape", message).with_cause(error)
    })
}

fn percent(part: i64, whole: i64) -> Option<f64> {
    MicroDollars::new(part).basis_points_of(MicroDollars::new(whole)).map(|points| points as f64 / 100.0)
}
