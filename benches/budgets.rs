//! A call that is held and booked, beside the bare conditional update that no guard can do without, each with its commit:
//! `cargo bench -p firmograph --bench budgets`, beside a server with `scripts/postgres run --durable`.

#![allow(clippy::unwrap_used, reason = "a bench that cannot make its input should stop")]

use divan::{Bencher, counter::ItemsCount};
use firmograph::store::{Store, WindowKey};
use firmograph::{
    BudgetOptions, BudgetPeriod, BudgetScope, Budgets, Call, MicroDollars, NewBudget, Settlement,
};
use std::sync::Arc;

const CENT: MicroDollars = MicroDollars::new(10_000);

fn main() {
    divan::main();
}

/// A database with one budget, whose day begins at midnight of UTC.
struct Place {
    runtime: tokio::runtime::Runtime,
    url: String,
    budgets: Budgets,
    window: WindowKey,
    _folder: tempfile::TempDir,
}

impl Place {
    /// `None` without a server.
    fn new(database: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let url = match database {
            "postgres" => std::env::var("FIRMOGRAPH_TEST_POSTGRES").ok()?,
            _ => format!("sqlite://{}", folder.path().join("bench.db").display()),
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let (budgets, window) = runtime.block_on(async {
            let options = BudgetOptions::new(Arc::new(|| "2026-03-01T12:00:00Z".parse().unwrap()));
            let budgets = Budgets::open(&url, options).await.unwrap();
            let (scope, cap) = (BudgetScope::workspace("bench"), MicroDollars::dollars(1_000_000_000));
            let (period, time_zone) = (BudgetPeriod::Day, None);
            budgets.set(&NewBudget { scope, period, cap, time_zone, author: None }).await.unwrap();
            let window = budgets.standing(Some("bench")).await.unwrap().remove(0).key;
            (budgets, window)
        });
        Some(Place { runtime, url, budgets, window, _folder: folder })
    }
}

#[divan::bench(args = ["sqlite", "postgres"], sample_count = 200, sample_size = 1)]
fn held_and_booked(bencher: Bencher<'_, '_>, database: &str) {
    let Some(place) = Place::new(database) else { return };
    let call = Call::new("bench", "lusha").operation("enrich");
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        place.runtime.block_on(async {
            let permit = place.budgets.reserve(&call, CENT).await.unwrap();
            permit.settle(&Settlement::paid(CENT)).await.unwrap();
        });
    });
}

#[divan::bench(args = ["sqlite", "postgres"], sample_count = 200, sample_size = 1)]
fn bare_update(bencher: Bencher<'_, '_>, database: &str) {
    let Some(place) = Place::new(database) else { return };
    let mut store = place.runtime.block_on(async {
        let mut store = Store::open(&place.url).await.unwrap();
        store.sync_fully().await.unwrap();
        store
    });
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        place.runtime.block_on(async {
            store.begin_apart().await.unwrap();
            assert!(store.hold(&place.window, CENT).await.unwrap());
            store.commit().await.unwrap();
        });
    });
}
