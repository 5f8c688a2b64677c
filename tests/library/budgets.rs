//! Budgets hold whoever comes at once, and what was held comes back.

use crate::common::Place;
use crate::on_both;
use firmograph::{
    BudgetOptions, BudgetPeriod, BudgetScope, Budgets, Call, FailMode, MicroDollars, NewBudget, NotReserved,
    Permit, Settlement, Timestamp,
};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Noon of a day in Berlin, where the clock changes on the 29th.
pub(crate) const NOON: &str = "2026-03-28T11:00:00Z";
pub(crate) const DOLLAR: MicroDollars = MicroDollars::dollars(1);

/// A clock that a test moves.
#[derive(Clone, Default)]
pub(crate) struct Seconds(Arc<AtomicI64>);

impl Seconds {
    pub(crate) fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    fn now(&self) -> Timestamp {
        let noon: Timestamp = NOON.parse().unwrap();
        noon.checked_add(Duration::from_secs(self.0.load(Ordering::SeqCst) as u64)).unwrap()
    }
}

pub(crate) struct Test {
    pub(crate) budgets: Budgets,
    pub(crate) seconds: Seconds,
    pub(crate) alerts: Arc<Mutex<Vec<i64>>>,
}

impl Test {
    pub(crate) async fn new(place: &Place) -> Self {
        let (seconds, alerts) = (Seconds::default(), Arc::<Mutex<Vec<i64>>>::default());
        let clock = seconds.clone();
        let mut options = BudgetOptions::new(Arc::new(move || clock.now()));
        options.holder = Some("the test".to_owned());
        let told = Arc::clone(&alerts);
        options.on_alert = Some(Arc::new(move |alert| told.lock().unwrap().push(alert.percentage)));
        Test { budgets: Budgets::open(&place.url(), options).await.unwrap(), seconds, alerts }
    }

    pub(crate) async fn set(&self, scope: BudgetScope, period: BudgetPeriod, dollars: i64) {
        let cap = MicroDollars::dollars(dollars);
        let time_zone = Some("Europe/Berlin".to_owned());
        self.budgets.set(&NewBudget { scope, period, cap, time_zone, author: None }).await.unwrap();
    }

    pub(crate) async fn spend(&self, call: &Call, dollars: i64) -> Result<(), NotReserved> {
        let amount = MicroDollars::dollars(dollars);
        let permit = self.budgets.reserve(call, amount).await?;
        permit.settle(&Settlement::paid(amount)).await?;
        Ok(())
    }

    /// Cap, spent, held, overrun in dollars of each budget.
    pub(crate) async fn standing(&self) -> Vec<[i64; 4]> {
        let windows = self.budgets.standing(None).await.unwrap();
        let dollars = |amount: MicroDollars| amount.micros() / DOLLAR.micros();
        windows
            .iter()
            .map(|window| &window.standing)
            .map(|of| [of.cap, of.spent, of.reserved, of.overrun].map(dollars))
            .collect()
    }

    pub(crate) async fn refused(&self, call: &Call, dollars: i64) -> firmograph::Refusal {
        match self.budgets.reserve(call, MicroDollars::dollars(dollars)).await {
            Err(NotReserved::Refused(refusal)) => *refusal,
            other => panic!("{other:?}"),
        }
    }
}

pub(crate) fn run(place: &Place, test: impl AsyncFnOnce(Test)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { test(Test::new(place).await).await });
}

pub(crate) fn call() -> Call {
    Call::new("acme", "lusha").operation("enrich").user("ada")
}

pub(crate) fn acme() -> BudgetScope {
    BudgetScope::workspace("acme")
}

pub(crate) fn code(not: &NotReserved) -> &'static str {
    match not {
        NotReserved::Refused(_) => "refused",
        NotReserved::Failed(error) => error.code(),
    }
}

fn a_call_is_paid_from_every_window_or_from_none(place: &Place) {
    run(place, async |test| {
        test.set(acme(), BudgetPeriod::Day, 50).await;
        test.set(acme(), BudgetPeriod::Month, 80).await;
        test.set(BudgetScope { provider: Some("lusha".to_owned()), ..acme() }, BudgetPeriod::Month, 60).await;
        test.spend(&call(), 45).await.unwrap();
        assert_eq!(test.standing().await, [[50, 45, 0, 0], [80, 45, 0, 0], [60, 45, 0, 0]]);
        let refusal = test.refused(&call(), 10).await;
        assert_eq!(refusal.window.key.period, BudgetPeriod::Day);
        assert_eq!(refusal.window.ends_at.to_string(), "2026-03-28T23:00:00Z");
        // Nothing stays held in the windows that had room.
        assert_eq!(test.standing().await, [[50, 45, 0, 0], [80, 45, 0, 0], [60, 45, 0, 0]]);
        // The next day has a cap of its own, the month goes on, and the provider's cap is the one that is full.
        test.seconds.pass(24 * 3_600);
        let refusal = test.refused(&call(), 20).await;
        assert_eq!(refusal.window.key.scope.provider.as_deref(), Some("lusha"));
        test.spend(&Call::new("acme", "prospeo"), 20).await.unwrap();
        assert_eq!(test.standing().await, [[50, 20, 0, 0], [80, 65, 0, 0], [60, 45, 0, 0]]);
        assert_eq!(test.budgets.history(None).await.unwrap().len(), 4);
    });
}

fn nobody_pays_without_a_budget_or_with_a_broken_one(place: &Place) {
    run(place, async |test| {
        test.set(BudgetScope::workspace("other"), BudgetPeriod::Day, 50).await;
        let not = test.budgets.reserve(&call(), DOLLAR).await.unwrap_err();
        assert_eq!(code(&not), "no-budget");
        let not = test.budgets.reserve(&Call::new("acme", " "), DOLLAR).await.unwrap_err();
        assert_eq!(code(&not), "bad-name");
        let less = MicroDollars::new(-1);
        assert_eq!(code(&test.budgets.reserve(&call(), less).await.unwrap_err()), "bad-amount");
        let sum = MicroDollars::dollars(9_000_000_000_000);
        assert_eq!(code(&test.budgets.reserve(&call(), sum).await.unwrap_err()), "bad-amount");
        test.set(acme(), BudgetPeriod::Day, 0).await;
        assert_eq!(test.refused(&call(), 1).await.window.standing.cap, MicroDollars::ZERO);
    });
}

fn a_guard_that_fails_refuses_unless_told_otherwise(place: &Place) {
    for (fail, unguarded) in [(FailMode::Closed, 0), (FailMode::Open, 1)] {
        run(place, async |mut test| {
            test.set(acme(), BudgetPeriod::Day, 50).await;
            let mut options = BudgetOptions::new(Arc::new(|| NOON.parse().unwrap()));
            options.fail = fail;
            test.budgets = Budgets::open(&place.url(), options).await.unwrap();
            let mut store = firmograph::store::Store::open(&place.url()).await.unwrap();
            store.migrate_down(7).await.unwrap();
            match (fail, test.budgets.reserve(&call(), DOLLAR).await) {
                (FailMode::Closed, Err(not)) => assert_eq!(code(&not), "guard-failed"),
                (FailMode::Open, Ok(permit)) => {
                    assert_eq!((permit.reservation(), permit.release().await.unwrap()), (None, false));
                    store.migrate_up().await.unwrap();
                    permit.settle(&Settlement::paid(DOLLAR)).await.unwrap();
                    let again = permit.clone().settle(&Settlement::paid(DOLLAR)).await.unwrap_err();
                    assert_eq!(again.code(), "already-ended");
                }
                (_, other) => panic!("{fail:?}: {other:?}"),
            }
            assert_eq!(test.budgets.unguarded(), unguarded);
            store.migrate_up().await.unwrap();
            store.close().await.unwrap();
            // A budget that is set later counts what was let through.
            test.set(acme(), BudgetPeriod::Day, 50).await;
            assert_eq!(test.standing().await, [[50, unguarded as i64, 0, 0]]);
        });
    }
}

fn what_a_dead_caller_held_comes_back(place: &Place) {
    run(place, async |test| {
        test.set(acme(), BudgetPeriod::Day, 50).await;
        let lost = test.budgets.reserve(&call(), MicroDollars::dollars(50)).await.unwrap();
        let refusal = test.refused(&call(), 1).await;
        assert_eq!((refusal.held_by.len(), refusal.held_by[0].calls), (1, 1));
        assert_eq!(refusal.held_by[0].holder.as_deref(), Some("the test"));
        let text = refusal.to_string();
        for part in [
            "day budget of workspace acme",
            "$0.00 left",
            "$50.00 is held by the test",
            "2026-03-28T23:00:00Z",
        ] {
            assert!(text.contains(part), "{text}");
        }
        test.seconds.pass(600);
        test.spend(&call(), 45).await.unwrap();
        assert_eq!(test.standing().await, [[50, 45, 0, 0]]);
        // It was not dead after all: what it paid is booked, and what the cap has no room for is told.
        let settled = lost.settle(&Settlement::paid(MicroDollars::dollars(10))).await.unwrap();
        assert!(settled.late);
        assert_eq!(test.standing().await, [[50, 50, 0, 5]]);
        assert_eq!(lost.settle(&Settlement::paid(DOLLAR)).await.unwrap_err().code(), "already-ended");
        assert!(!lost.release().await.unwrap());
    });
}

fn alerts_are_raised_once_and_acknowledged(place: &Place) {
    run(place, async |test| {
        test.set(acme(), BudgetPeriod::Day, 1_000).await;
        let told = || test.alerts.lock().unwrap().clone();
        for (dollars, expected) in [(799, &[][..]), (1, &[80]), (140, &[80]), (54, &[80, 95]), (1, &[80, 95])]
        {
            test.spend(&call(), dollars).await.unwrap();
            assert_eq!(told(), expected);
        }
        // A cap that is never reached because no call fits any more is used up.
        test.refused(&call(), 7).await;
        test.refused(&call(), 7).await;
        assert_eq!(told(), [80, 95, 100]);
        let open = test.budgets.alerts(Some("acme"), true).await.unwrap();
        assert_eq!(open.iter().map(|alert| alert.percentage).collect::<Vec<_>>(), [100, 95, 80]);
        assert!(test.budgets.acknowledge(&open[1].id, "ada").await.unwrap());
        assert!(!test.budgets.acknowledge(&open[1].id, "bob").await.unwrap());
        assert_eq!(test.budgets.alerts(None, true).await.unwrap().len(), 2);
        let all = test.budgets.alerts(None, false).await.unwrap();
        assert_eq!(all[1].acknowledged_by.as_deref(), Some("ada"));
        let body = test.refused(&call(), 7).await.http_body();
        assert_eq!((&body["error"], &body["success"]), (&"BUDGET_LIMIT_EXCEEDED".into(), &false.into()));
        let details = &body["details"];
        assert_eq!((&details["dailySpent"], &details["dailyLimit"]), (&995.0.into(), &1_000.0.into()));
        assert!(details["monthlySpent"].is_null());
        assert_eq!(details["percentUsed"], 99.5);
    });
}

fn monitoring_tells_how_much_is_gone(place: &Place) {
    run(place, async |test| {
        test.set(acme(), BudgetPeriod::Day, 50).await;
        test.spend(&call(), 45).await.unwrap();
        let _held = test.budgets.reserve(&call(), "0.5".parse().unwrap()).await.unwrap();
        test.refused(&call(), 10).await;
        let mut engine = firmograph::Engine::open(&place.url()).await.unwrap();
        let stats = engine.stats(test.seconds.now()).await.unwrap();
        assert_eq!((stats.budgets.len(), stats.budgets[0].refusals), (1, 1));
        let page = firmograph::prometheus_text(&stats);
        let labels = "workspace=\"acme\",provider=\"\",user=\"\",period=\"day\"";
        for (name, value) in
            [("cap_dollars", "50"), ("spent_dollars", "45"), ("reserved_dollars", "0.5"), ("refusals", "1")]
        {
            let line = format!("\nfirmograph_budget_{name}{{{labels}}} {value}\n");
            assert!(page.contains(&line), "{line}{page}");
        }
    });
}

fn a_lower_cap_holds_at_once_and_a_higher_one_too(place: &Place) {
    run(place, async |test| {
        test.set(acme(), BudgetPeriod::Day, 50).await;
        test.spend(&call(), 30).await.unwrap();
        let under_way = test.budgets.reserve(&call(), MicroDollars::dollars(10)).await.unwrap();
        test.set(acme(), BudgetPeriod::Day, 20).await;
        assert_eq!(test.standing().await, [[20, 30, 10, 0]]);
        // What is let go of is not free for others: the cap is lower than what was spent.
        under_way.release().await.unwrap();
        test.refused(&call(), 1).await;
        test.set(acme(), BudgetPeriod::Day, 31).await;
        test.spend(&call(), 1).await.unwrap();
        test.refused(&call(), 1).await;
        let zone = NewBudget {
            scope: acme(),
            period: BudgetPeriod::Day,
            cap: MicroDollars::dollars(100),
            time_zone: Some("UTC".to_owned()),
            author: Some("ada".to_owned()),
        };
        let under_way = {
            test.set(acme(), BudgetPeriod::Day, 40).await;
            test.budgets.reserve(&call(), DOLLAR).await.unwrap()
        };
        assert_eq!(test.budgets.set(&zone).await.unwrap_err().code(), "budget-in-use");
        under_way.release().await.unwrap();
        test.budgets.set(&zone).await.unwrap();
        // Another day begins with another zone, and what was charged in it counts.
        assert_eq!(test.standing().await, [[100, 31, 0, 0]]);
        let bad = NewBudget { time_zone: Some("Mars/Olympus".to_owned()), ..zone };
        assert_eq!(test.budgets.set(&bad).await.unwrap_err().code(), "bad-time-zone");
    });
}

/// 64 tasks with 40 tries each, of a cap that the cost does not divide.
fn sixty_four_tasks_spend_what_there_is_and_no_more(place: &Place) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
    let test = Arc::new(runtime.block_on(Test::new(place)));
    runtime.block_on(test.set(acme(), BudgetPeriod::Day, 1_000));
    runtime.block_on(test.set(acme(), BudgetPeriod::Month, 5_000));
    let tasks: Vec<_> = (0..64)
        .map(|task| {
            let test = Arc::clone(&test);
            runtime.spawn(async move {
                let mut paid = 0;
                for attempt in 0..40 {
                    let permit: Permit<'_> =
                        match test.budgets.reserve(&call(), MicroDollars::dollars(7)).await {
                            Ok(permit) => permit,
                            Err(NotReserved::Refused(refusal)) => {
                                let of = refusal.window.standing;
                                assert!(of.charged().saturating_add(of.reserved) <= of.cap, "{of:?}");
                                continue;
                            }
                            Err(NotReserved::Failed(error)) => panic!("{error}"),
                        };
                    // Some calls fail, and cost nothing.
                    if (task + attempt) % 5 == 0 {
                        assert!(permit.release().await.unwrap());
                    } else {
                        permit.settle(&Settlement::paid(MicroDollars::dollars(7))).await.unwrap();
                        paid += 1;
                    }
                }
                paid
            })
        })
        .collect();
    let paid: i64 = tasks.into_iter().map(|task| runtime.block_on(task).unwrap()).sum();
    assert_eq!(paid, 1_000 / 7);
    assert_eq!(runtime.block_on(test.standing()), [[1_000, 994, 0, 0], [5_000, 994, 0, 0]]);
}

on_both! {
    a_call_is_paid_from_every_window_or_from_none
    nobody_pays_without_a_budget_or_with_a_broken_one
    a_guard_that_fails_refuses_unless_told_otherwise
    what_a_dead_caller_held_comes_back
    alerts_are_raised_once_and_acknowledged
    monitoring_tells_how_much_is_gone
    a_lower_cap_holds_at_once_and_a_higher_one_too
    sixty_four_tasks_spend_what_there_is_and_no_more
}
