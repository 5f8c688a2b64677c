//! What goes into the ledger is charged to every window that it counts for.

use super::reserve::alert;
use super::{WindowKey, window_key};
use firmograph_core::{Error, MicroDollars, PayloadId, Timestamp};
use firmograph_store::{ApiCost, BudgetAlert, Store};
use std::collections::BTreeMap;

/// Which windows hold how much for a call.
#[derive(Default)]
pub(crate) struct HeldIn {
    pub(super) windows: Vec<WindowKey>,
    pub(super) amount: MicroDollars,
}

/// Adds a row to the ledger, charges its windows and gives the alerts that this raised. A row is never refused: the money is
/// spent.
///
/// Windows that hold money for the call are charged, and those of other budgets that it counts for by its time: a budget may
/// have been set while the call was under way. So a window has what the ledger has. The ledger is written first, because
/// whoever sets a budget waits for that, and holds nothing then that this would wait for.
pub(crate) async fn book(
    store: &mut Store,
    cost: &ApiCost,
    payloads: &[PayloadId],
    held: HeldIn,
    now: Timestamp,
) -> Result<Vec<BudgetAlert>, Error> {
    store.write_cost(cost, payloads).await?;
    // In the order in which everybody writes windows.
    let mut windows: BTreeMap<WindowKey, Window> = BTreeMap::new();
    windows.extend(held.windows.into_iter().map(|key| (key, Window::Holds)));
    for rule in store.budgets(Some(&cost.workspace)).await? {
        if rule.counts_for(&cost.provider, cost.user.as_deref()) {
            let (key, ends_at) = window_key(&rule, cost.created_at)?;
            windows.entry(key).or_insert(Window::CountsFor { ends_at, cap: rule.cap });
        }
    }
    let mut alerts = Vec::new();
    for (key, window) in windows {
        match window {
            Window::Holds => store.charge(&key, held.amount, cost.cost).await?,
            // One that begins now counts this row with the others. One that is over and was never begun guards nothing.
            Window::CountsFor { ends_at, cap } => {
                let has_begun = ends_at > now && store.begin_window(&key, ends_at, cap).await?;
                if !has_begun {
                    store.charge(&key, MicroDollars::ZERO, cost.cost).await?;
                }
            }
        }
        let Some(window) = store.budget_window(&key).await? else { continue };
        for percentage in window.standing.reached() {
            let alert = alert(&window, percentage, now);
            if store.raise_alert(&alert).await? {
                alerts.push(alert);
            }
        }
    }
    Ok(alerts)
}

enum Window {
    Holds,
    CountsFor { ends_at: Timestamp, cap: MicroDollars },
}
