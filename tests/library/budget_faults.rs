//! Budgets where something goes wrong or comes between: queues, lost connections, other time zones, requests that are no JSON.

use crate::budgets::{DOLLAR, NOON, Test, acme, call, code, run};
use crate::common::Place;
use crate::on_both;
use firmograph::store::Store;
use firmograph::{
    BudgetOptions, BudgetPeriod, BudgetScope, Budgets, Call, FailMode, MicroDollars, NewBudget, NotReserved,
    Settlement, Timestamp,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

fn cap(period: BudgetPeriod, dollars: i64, zone: Option<&str>) -> NewBudget {
    let (cap, time_zone) = (MicroDollars::dollars(dollars), zone.map(str::to_owned));
    NewBudget { scope: acme(), period, cap, time_zone, author: None }
}

fn several_threads() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap()
}

fn a_call_lives_from_when_its_turn_came(place: &Place) {
    run(place, async |test| {
        test.set(acme(), BudgetPeriod::Day, 50).await;
        let key = test.budgets.standing(None).await.unwrap()[0].key.clone();
        // Another one writes the same window, longer than a call may live.
        let mut other = Store::open(&place.url()).await.unwrap();
        other.begin_apart().await.unwrap();
        assert!(other.hold(&key, MicroDollars::ZERO).await.unwrap());
        let call = call();
        let queued = test.budgets.reserve(&call, DOLLAR);
        let (permit, ()) = tokio::join!(queued, async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            test.seconds.pass(700);
            other.commit().await.unwrap();
        });
        assert_eq!(test.budgets.expire().await.unwrap(), 0);
        assert!(!permit.unwrap().settle(&Settlement::paid(DOLLAR)).await.unwrap().late);
        other.close().await.unwrap();
    });
}

/// Each day begins with 32 callers at once, for whom there is plenty of room.
fn nobody_is_refused_where_a_window_begins(place: &Place) {
    let runtime = several_threads();
    let days = Arc::new(AtomicI64::new(0));
    let of_test = Arc::clone(&days);
    let mut options = BudgetOptions::new(Arc::new(move || {
        let noon: Timestamp = NOON.parse().unwrap();
        noon.checked_add(Duration::from_secs(86_400 * of_test.load(Ordering::SeqCst) as u64)).unwrap()
    }));
    options.connections = 16;
    let budgets = Arc::new(runtime.block_on(Budgets::open(&place.url(), options)).unwrap());
    runtime.block_on(budgets.set(&cap(BudgetPeriod::Day, 1_000, None))).unwrap();
    for day in 1..=25 {
        days.store(day, Ordering::SeqCst);
        let callers: Vec<_> = (0..32)
            .map(|_| {
                let budgets = Arc::clone(&budgets);
                runtime.spawn(async move { budgets.reserve(&call(), DOLLAR).await.map(drop) })
            })
            .collect();
        for caller in callers {
            assert!(runtime.block_on(caller).unwrap().is_ok(), "day {day}");
        }
        let held = runtime.block_on(budgets.history(None)).unwrap()[0].standing.reserved;
        assert_eq!(held, MicroDollars::dollars(32));
        days.fetch_add(40, Ordering::SeqCst);
        runtime.block_on(budgets.expire()).unwrap();
    }
}

fn another_time_zone_waits_for_calls_under_way(place: &Place) {
    run(place, async |test| {
        let set = async |zone: Option<&str>| test.budgets.set(&cap(BudgetPeriod::Day, 50, zone)).await;
        let in_use = async |zone| set(zone).await.unwrap_err().code() == "budget-in-use";
        set(Some("Europe/Berlin")).await.unwrap();
        let held = test.budgets.reserve(&call(), DOLLAR).await.unwrap();
        assert!(in_use(Some("UTC")).await);
        // Nor by taking the cap away and setting it again.
        test.budgets.remove(&acme(), BudgetPeriod::Day).await.unwrap();
        assert!(in_use(Some("UTC")).await && in_use(None).await);
        assert_eq!(set(Some("Europe/Berlin")).await.unwrap().time_zone, "Europe/Berlin");
        // A zone that nobody names stays.
        assert_eq!(set(None).await.unwrap().time_zone, "Europe/Berlin");
        // A call of yesterday is in the way of another zone, whose day has begun before midnight, and not of the same.
        test.seconds.pass(86_400 / 2 - 60);
        held.release().await.unwrap();
        let held = test.budgets.reserve(&call(), DOLLAR).await.unwrap();
        test.seconds.pass(120);
        assert!(in_use(Some("UTC")).await);
        test.budgets.remove(&acme(), BudgetPeriod::Day).await.unwrap();
        set(Some("Europe/Berlin")).await.unwrap();
        held.release().await.unwrap();
        assert_eq!(set(Some("UTC")).await.unwrap().time_zone, "UTC");
    });
}

fn a_month_ends_where_its_zone_says(place: &Place) {
    run(place, async |test| {
        for (zone, ends_at) in [
            ("UTC", "2026-04-01T00:00:00Z"),
            ("Europe/London", "2026-03-31T23:00:00Z"),
            ("UTC", "2026-04-01T00:00:00Z"),
        ] {
            test.budgets.set(&cap(BudgetPeriod::Month, 50, Some(zone))).await.unwrap();
            let windows = test.budgets.standing(None).await.unwrap();
            assert_eq!((windows.len(), windows[0].ends_at.to_string()), (1, ends_at.to_owned()), "{zone}");
        }
    });
}

/// A zone is set while callers reserve: whoever is let in holds money where the next one looks.
fn who_reserves_while_a_zone_is_set_is_seen(place: &Place) {
    let runtime = several_threads();
    let budgets = Arc::new(runtime.block_on(Test::new(place)).budgets);
    for round in 0..40 {
        let workspace = format!("round-{round}");
        let set = |zone: &str| {
            let scope = BudgetScope::workspace(&workspace);
            let budget = NewBudget { scope, ..cap(BudgetPeriod::Day, 50, Some(zone)) };
            let budgets = Arc::clone(&budgets);
            async move { budgets.set(&budget).await.map(drop) }
        };
        runtime.block_on(set("Europe/Berlin")).unwrap();
        let call = Call::new(&workspace, "lusha");
        let reserve = || {
            let (budgets, call) = (Arc::clone(&budgets), call.clone());
            async move { budgets.reserve(&call, MicroDollars::dollars(30)).await.map(drop).is_ok() }
        };
        let callers = [runtime.spawn(reserve()), runtime.spawn(reserve())];
        let setting = runtime.spawn(set("UTC"));
        let late = runtime.spawn(reserve());
        let let_in = callers.into_iter().chain([late]);
        let let_in: usize = let_in.map(|caller| usize::from(runtime.block_on(caller).unwrap())).sum();
        drop(runtime.block_on(setting).unwrap());
        assert_eq!(let_in, 1, "round {round}");
        assert!(!runtime.block_on(reserve()), "round {round}");
    }
}

fn a_request_that_is_no_json_is_booked(place: &Place) {
    run(place, async |test| {
        test.set(acme(), BudgetPeriod::Day, 50).await;
        for request in [
            r#"{"a":"x\u0000y","b\u0000":[1.50,"\\u0000",null]}"#,
            "not json\0",
            r#""\ud800""#,
            "{\"a\":1e999}",
            "{\"a\": 1.50}",
        ] {
            let permit = test.budgets.reserve(&call(), DOLLAR).await.unwrap();
            let paid = Settlement { request: Some(request.to_owned()), ..Settlement::paid(DOLLAR) };
            permit.settle(&paid).await.unwrap();
        }
        assert_eq!(test.standing().await, [[50, 5, 0, 0]]);
    });
}

fn a_server_that_went_away_does_not_lose_a_settlement(place: &Place) {
    let Some(server) = place.server() else { return };
    run(place, async |test| {
        test.set(acme(), BudgetPeriod::Day, 50).await;
        // Up to four connections, all of them idle: on a busy machine one may serve two calls.
        let budgets = &test.budgets;
        let four = async || {
            let call = call();
            let reserve = || budgets.reserve(&call, DOLLAR);
            let all = tokio::join!(reserve(), reserve(), reserve(), reserve());
            [all.0, all.1, all.2, all.3].map(Result::unwrap)
        };
        let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                    WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let permits = four().await;
        assert_ne!(server.query(kill), "0");
        for permit in &permits[..3] {
            permit.settle(&Settlement::paid(DOLLAR)).await.unwrap();
        }
        // By its id, as Python does.
        let permits = [&permits[3..], &four().await].concat();
        assert_ne!(server.query(kill), "0");
        for permit in &permits {
            let id = permit.reservation().unwrap();
            budgets.settle_by_id(id, &Settlement::paid(DOLLAR)).await.unwrap();
        }
        let _held = four().await;
        assert_ne!(server.query(kill), "0");
        // One call is refused, and the next finds the server.
        assert_eq!(code(&budgets.reserve(&call(), DOLLAR).await.unwrap_err()), "guard-failed");
        drop(budgets.reserve(&call(), DOLLAR).await.unwrap());
    });
}

fn full_is_full_whatever_fails_after(place: &Place) {
    run(place, async |test| {
        test.set(acme(), BudgetPeriod::Day, 1).await;
        let mut options = BudgetOptions::new(Arc::new(|| NOON.parse().unwrap()));
        options.fail = FailMode::Open;
        let budgets = Budgets::open(&place.url(), options).await.unwrap();
        // Whatever is overdue cannot be asked for.
        place.sql("ALTER TABLE intelligence_reservations RENAME TO gone");
        match budgets.reserve(&call(), MicroDollars::dollars(2)).await {
            Err(NotReserved::Failed(error)) => assert_eq!(error.code(), "budget-exceeded"),
            other => panic!("{other:?}"),
        }
        assert_eq!(budgets.unguarded(), 0);
    });
}

fn alerts_are_raised_anew_for_a_new_cap(place: &Place) {
    run(place, async |test| {
        test.set(acme(), BudgetPeriod::Day, 10).await;
        test.spend(&call(), 8).await.unwrap();
        let first = test.budgets.alerts(None, true).await.unwrap().remove(0);
        test.budgets.acknowledge(&first.id, "ada").await.unwrap();
        test.set(acme(), BudgetPeriod::Day, 100).await;
        for (dollars, told) in
            [(71, &[80][..]), (1, &[80, 80]), (1, &[80, 80]), (14, &[80, 80, 95]), (1, &[80, 80, 95])]
        {
            test.spend(&call(), dollars).await.unwrap();
            assert_eq!(*test.alerts.lock().unwrap(), told, "{dollars}");
        }
        let open = test.budgets.alerts(None, true).await.unwrap();
        let open: Vec<_> = open.iter().map(|alert| (alert.percentage, alert.standing.cap)).collect();
        let cap = MicroDollars::dollars(100);
        assert_eq!(open, [(95, cap), (80, cap)]);
    });
}

on_both! {
    a_call_lives_from_when_its_turn_came
    nobody_is_refused_where_a_window_begins
    another_time_zone_waits_for_calls_under_way
    a_month_ends_where_its_zone_says
    who_reserves_while_a_zone_is_set_is_seen
    a_request_that_is_no_json_is_booked
    a_server_that_went_away_does_not_lose_a_settlement
    full_is_full_whatever_fails_after
    alerts_are_raised_anew_for_a_new_cap
}
