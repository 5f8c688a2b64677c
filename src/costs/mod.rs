//! The cost ledger: adding what was paid elsewhere, and what calls cost and bought.

mod prices;
mod summary;
mod values;

pub use prices::{price_at, read_prices};
pub use summary::{CostGroup, CostSummary};
pub use values::ValueCost;

use crate::budget::{Budgets, Call, Settled, Settlement, book, check_amount, ledger_row};
use firmograph_core::{Error, ErrorKind, Timestamp};

impl Budgets {
    /// Adds a call to the ledger that was paid elsewhere, at `at` or now. It is charged to every window that it counts for,
    /// as overrun where there is no room, and is never refused: the money is spent.
    ///
    /// # Errors
    /// `bad-amount` and `bad-name` (usage); when the database refuses.
    ///
    /// ```
    /// # use firmograph::{BudgetOptions, Budgets, Call, CostGroup, Settlement};
    /// # use firmograph::store::CostRange;
    /// # use std::sync::Arc;
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// # let clock = Arc::new(|| "2026-03-01T12:00:00Z".parse().unwrap());
    /// # let budgets = Budgets::open("sqlite::memory:", BudgetOptions::new(clock)).await?;
    /// let call = Call::new("acme", "lusha").operation("enrich");
    /// budgets.add_cost(&call, &Settlement::paid("1.50".parse()?), None).await?;
    /// let summary = budgets.cost_summary(CostGroup::Provider, &CostRange::default(), "UTC").await?;
    /// assert_eq!((summary[0].key.as_deref(), summary[0].sums.cost.to_string()), (Some("lusha"), "1.50".to_owned()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn add_cost(
        &self,
        call: &Call,
        paid: &Settlement,
        at: Option<Timestamp>,
    ) -> Result<Settled, Error> {
        crate::budget::check_names(&call.workspace, Some(&call.provider), call.user.as_deref())?;
        check_amount("a cost", paid.cost)?;
        let now = self.now();
        let mut cost = ledger_row(None, call, at.unwrap_or(now), paid);
        cost.unguarded = false;
        let mut lent = self.begin().await?;
        let alerts = book(lent.store(), &cost, &paid.payloads, Default::default(), now).await;
        let alerts = lent.end(alerts).await?;
        self.tell(&alerts);
        Ok(Settled { cost_id: cost.id, late: false, alerts })
    }

    /// Refuses a workspace that never had a budget nor paid for a call.
    ///
    /// # Errors
    /// `unknown-workspace` (usage), with those that are spelt alike; when the database does not answer.
    pub async fn check_workspace(&self, name: &str) -> Result<(), Error> {
        let known = self.workspaces().await?;
        if known.iter().any(|known| known == name) {
            return Ok(());
        }
        let message = format!("no budget is set for a workspace {name:?}, and it paid for no call");
        Err(unknown("unknown-workspace", message, name, known.iter().map(String::as_str)))
    }

    /// Workspaces that have or had a budget, or paid for a call, by name.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn workspaces(&self) -> Result<Vec<String>, Error> {
        let mut lent = self.lend().await?;
        let names = lent.store().paying_workspaces().await?;
        lent.give_back();
        Ok(names)
    }
}

/// An error about a name that there is not, with those that are spelt alike.
fn unknown<'n>(
    code: &'static str,
    message: String,
    name: &str,
    known: impl Iterator<Item = &'n str> + Clone,
) -> Error {
    let near = crate::suggest::similar_names(name, known.clone());
    let some: Vec<&str> = known.take(5).collect();
    let help = match (near.is_empty(), some.is_empty()) {
        (false, _) => format!("did you mean {}?", near.join(" or ")),
        (true, false) => format!("there are, among others: {}", some.join(", ")),
        (true, true) => "there is none at all".to_owned(),
    };
    Error::new(ErrorKind::Usage, code, message).with_help(help)
}
