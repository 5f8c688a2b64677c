//! A window counts what the ledger has, whoever wrote it and when; and what calls cost and bought.

use crate::common::Place;
use crate::on_both;
use firmograph::store::{CostRange, PricedOperation};
use firmograph::{
    BudgetOptions, BudgetPeriod, BudgetScope, Budgets, Call, CostGroup, Engine, EntityKind, Hooks,
    IngestOptions, MicroDollars, NewBudget, NotReserved, PayloadId, Settlement, Source, Timestamp, UnitPrice,
    ValueCost,
};
use std::sync::Arc;

const NOON: &str = "2026-03-28T11:00:00Z";

async fn open(place: &Place) -> Budgets {
    let mut options = BudgetOptions::new(Arc::new(|| NOON.parse().unwrap()));
    options.allow_without_budget = true;
    Budgets::open(&place.url(), options).await.unwrap()
}

fn run(place: &Place, test: impl AsyncFnOnce(Budgets)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { test(open(place).await).await });
}

fn day(dollars: i64) -> NewBudget {
    let (scope, cap) = (BudgetScope::workspace("acme"), MicroDollars::dollars(dollars));
    NewBudget { scope, period: BudgetPeriod::Day, cap, time_zone: None, author: None }
}

async fn set(budgets: &Budgets, period: BudgetPeriod, dollars: i64) {
    let (scope, cap) = (BudgetScope::workspace("acme"), MicroDollars::dollars(dollars));
    let time_zone = Some("Europe/Berlin".to_owned());
    budgets.set(&NewBudget { scope, period, cap, time_zone, author: None }).await.unwrap();
}

fn call() -> Call {
    Call::new("acme", "lusha").operation("enrich").user("ada")
}

fn paid(dollars: i64) -> Settlement {
    Settlement::paid(MicroDollars::dollars(dollars))
}

fn dollars(amount: MicroDollars) -> i64 {
    amount.micros() / 1_000_000
}

/// Cap, spent, held, overrun of each open window.
async fn standing(budgets: &Budgets) -> Vec<[i64; 4]> {
    let windows = budgets.standing(None).await.unwrap();
    let of = |window: &firmograph::store::BudgetWindow| window.standing;
    windows.iter().map(of).map(|of| [of.cap, of.spent, of.reserved, of.overrun].map(dollars)).collect()
}

async fn is_refused(budgets: &Budgets, amount: i64) -> bool {
    matches!(budgets.reserve(&call(), MicroDollars::dollars(amount)).await, Err(NotReserved::Refused(_)))
}

fn a_window_counts_what_is_charged_beside_it(place: &Place) {
    run(place, async |budgets| {
        // A budget is set while a call is under way.
        let under_way = budgets.reserve(&call(), MicroDollars::dollars(30)).await.unwrap();
        set(&budgets, BudgetPeriod::Day, 50).await;
        budgets.reserve(&call(), MicroDollars::dollars(10)).await.unwrap().settle(&paid(10)).await.unwrap();
        under_way.settle(&paid(30)).await.unwrap();
        assert_eq!(standing(&budgets).await, [[50, 40, 0, 0]]);
        // A budget is taken away and set again.
        assert!(budgets.remove(&BudgetScope::workspace("acme"), BudgetPeriod::Day).await.unwrap());
        budgets.reserve(&call(), MicroDollars::dollars(5)).await.unwrap().settle(&paid(5)).await.unwrap();
        set(&budgets, BudgetPeriod::Day, 50).await;
        assert_eq!(standing(&budgets).await, [[50, 45, 0, 0]]);
        assert!(is_refused(&budgets, 6).await);
        // What was paid elsewhere counts too, and is never refused.
        let settled = budgets.add_cost(&call(), &paid(20), None).await.unwrap();
        assert_eq!(settled.alerts.iter().map(|alert| alert.percentage).collect::<Vec<_>>(), [95, 100]);
        assert_eq!(standing(&budgets).await, [[50, 50, 0, 15]]);
        // Of another day of the month, of another zone's day, and of another workspace.
        set(&budgets, BudgetPeriod::Month, 1_000).await;
        for (workspace, at) in [
            ("acme", "2026-03-27T22:59:59Z"),
            ("acme", "2026-03-27T23:00:00Z"),
            ("acme", "2026-02-27T23:00:00Z"),
            ("other", NOON),
        ] {
            let call = Call::new(workspace, "lusha");
            budgets.add_cost(&call, &paid(1), Some(at.parse().unwrap())).await.unwrap();
        }
        assert_eq!(standing(&budgets).await, [[50, 50, 0, 16], [1_000, 67, 0, 0]]);
        assert_eq!(budgets.history(None).await.unwrap().len(), 2);
        let less = Settlement::paid(MicroDollars::new(-1));
        assert_eq!(budgets.add_cost(&call(), &less, None).await.unwrap_err().code(), "bad-amount");
    });
}

fn what_is_beyond_a_cap_fills_the_room_that_comes(place: &Place) {
    run(place, async |budgets| {
        set(&budgets, BudgetPeriod::Day, 50).await;
        let held = budgets.reserve(&call(), MicroDollars::dollars(10)).await.unwrap();
        budgets.add_cost(&call(), &paid(45), None).await.unwrap();
        assert_eq!(standing(&budgets).await, [[50, 40, 10, 5]]);
        held.release().await.unwrap();
        assert_eq!(standing(&budgets).await, [[50, 45, 0, 0]]);
        assert!(is_refused(&budgets, 6).await);
        budgets.add_cost(&call(), &paid(15), None).await.unwrap();
        assert_eq!(standing(&budgets).await, [[50, 50, 0, 10]]);
        // 60 are spent, so a cap of 70 has room for 10.
        set(&budgets, BudgetPeriod::Day, 70).await;
        assert_eq!(standing(&budgets).await, [[70, 60, 0, 0]]);
        assert!(is_refused(&budgets, 11).await);
        assert!(!is_refused(&budgets, 10).await);
    });
}

/// As a program writes it that knows the columns of the plan alone.
fn by_another_program(place: &Place) {
    let values = "VALUES ('01', 'acme', 'pdl', 0.0150, '2026-03-28 09:30:00.000')";
    let columns = "(\"id\", \"workspaceId\", \"apiProvider\", \"cost\", \"createdAt\")";
    match place.server() {
        Some(server) => {
            server.query(&format!("INSERT INTO intelligence.api_cost_tracking {columns} {values}"));
        }
        None => place.sql(&format!("INSERT INTO intelligence_api_cost_tracking {columns} {values}")),
    }
}

fn what_others_paid_counts_and_what_their_columns_cannot_hold_too(place: &Place) {
    run(place, async |budgets| {
        by_another_program(place);
        let (scope, period) = (BudgetScope::workspace("acme"), BudgetPeriod::Day);
        let (cap, time_zone) = (MicroDollars::dollars(50), None);
        budgets.set(&NewBudget { scope, period, cap, time_zone, author: None }).await.unwrap();
        let charged = async || budgets.standing(None).await.unwrap()[0].standing.charged();
        assert_eq!(charged().await, "0.015".parse().unwrap());
        let dear = Settlement { tokens: Some(5_000_000_000), ..paid(2_000_000) };
        budgets.add_cost(&call(), &dear, None).await.unwrap();
        assert_eq!(charged().await, "2000000.015".parse().unwrap());
    });
}

fn calls_are_summed_up_by_what_is_asked_for(place: &Place) {
    run(place, async |budgets| {
        let add = async |call: &Call, settlement: Settlement, at: &str| {
            budgets.add_cost(call, &settlement, Some(at.parse().unwrap())).await.unwrap();
        };
        let found = |hit| Settlement { hit: Some(hit), tokens: Some(7), ..paid(2) };
        let acme = call().entity("company", "acme.com");
        // The clock in Berlin goes forward on the 29th: its day ends at 22:00 of UTC.
        add(&acme, found(true), "2026-03-28T22:59:59.999Z").await;
        add(&acme, found(false), "2026-03-28T23:00:00Z").await;
        add(&acme, found(true), "2026-03-29T21:59:59Z").await;
        let failed = Settlement { success: false, error: Some("timeout".to_owned()), ..paid(0) };
        add(&call().user("bob"), failed, "2026-03-31T22:00:00Z").await;
        by_another_program(place);
        let rows = async |by, range: &CostRange| {
            let rows = budgets.cost_summary(by, range, "Europe/Berlin").await.unwrap();
            let shown = rows.iter().map(|row| {
                let name = [row.of.as_deref(), row.key.as_deref()].map(|part| part.unwrap_or("-")).join(" ");
                format!("{name} {} of {}", row.sums.cost, row.sums.calls)
            });
            shown.collect::<Vec<_>>()
        };
        let all = CostRange::default();
        for (by, expected) in [
            (CostGroup::All, &["- - 6.015 of 5"][..]),
            (CostGroup::Provider, &["- lusha 6.00 of 4", "- pdl 0.015 of 1"]),
            (CostGroup::Operation, &["lusha enrich 6.00 of 4", "pdl - 0.015 of 1"]),
            (CostGroup::Entity, &["- - 0.015 of 2", "company acme.com 6.00 of 3"]),
            (CostGroup::User, &["- - 0.015 of 1", "- ada 6.00 of 3", "- bob 0.00 of 1"]),
            (
                CostGroup::Day,
                &["- 2026-03-28 2.015 of 2", "- 2026-03-29 4.00 of 2", "- 2026-04-01 0.00 of 1"],
            ),
            (CostGroup::Month, &["- 2026-03 6.015 of 4", "- 2026-04 0.00 of 1"]),
        ] {
            assert_eq!(rows(by, &all).await, expected, "{by:?}");
        }
        let instant = |text: &str| Some(text.parse::<Timestamp>().unwrap());
        let range = CostRange {
            workspace: Some("acme".to_owned()),
            from: instant("2026-03-28T23:00:00Z"),
            until: instant("2026-03-29T21:59:59Z"),
        };
        assert_eq!(rows(CostGroup::Provider, &range).await, ["- lusha 2.00 of 1"]);
        let other = CostRange { workspace: Some("other".to_owned()), ..CostRange::default() };
        assert_eq!(rows(CostGroup::Provider, &other).await, [""; 0]);
        let sum = budgets.cost_summary(CostGroup::All, &all, "UTC").await.unwrap().remove(0);
        assert_eq!((sum.sums.successes, sum.success_percent()), (4, Some(80.0)));
        assert_eq!((sum.sums.hits, sum.sums.answered, sum.hit_percent()), (2, 3, Some(66.66)));
        assert_eq!((sum.sums.tokens, sum.sums.unguarded), (21, 0));
        let error = budgets.cost_summary(CostGroup::All, &all, "Mars/Olympus").await.unwrap_err();
        assert_eq!(error.code(), "bad-time-zone");
        // A budget counts what the other program paid.
        set(&budgets, BudgetPeriod::Month, 1_000).await;
        let window = budgets.standing(None).await.unwrap().remove(0);
        assert_eq!(window.standing.spent.to_string(), "6.015");
        let error = budgets.check_workspace("acmee").await.unwrap_err();
        assert_eq!((error.code(), error.help()), ("unknown-workspace", Some("did you mean acme?")));
    });
}

/// Two sources speak of one company; one of them wins the name, the other one what the first does not say.
async fn ingested(place: &Place) -> (PayloadId, PayloadId) {
    let mut engine = Engine::open(&place.url()).await.unwrap();
    let csv = place.file("csv.csv", "Email,Company,Industry\nada@one-brook.com,One Brook,Banking\n");
    let clay = place.file("clay.csv", "Email,Company\nada@one-brook.com,First Brook\n");
    for (source, path) in [("csv", csv), ("clay", clay)] {
        let options = IngestOptions::new(Source::new(source).unwrap());
        let mut hooks = Hooks {
            clock: &|| NOON.parse().unwrap(),
            progress: &mut |_| {},
            interrupted: Default::default(),
        };
        engine.ingest(&[path.into()], &options, &mut hooks).await.unwrap();
    }
    let entity = engine.entity(EntityKind::Company, "one-brook.com").await.unwrap().unwrap();
    let of = |source: &str| {
        entity.dimensions.iter().find(|row| row.source().as_str() == source).unwrap().first().payload
    };
    let payloads = (of("csv"), of("clay"));
    engine.close().await.unwrap();
    payloads
}

fn a_golden_value_costs_what_the_call_cost_that_bought_it(place: &Place) {
    run(place, async |budgets| {
        let (csv, clay) = ingested(place).await;
        let bought = |dollars, payloads| Settlement { payloads, ..paid(dollars) };
        let at = |second: i64| Timestamp::from_second(1_774_000_000 + second).ok();
        budgets.add_cost(&Call::new("acme", "clay"), &bought(5, vec![clay]), at(0)).await.unwrap();
        budgets.add_cost(&call(), &bought(10, vec![csv]), at(1)).await.unwrap();
        // The payload is bought, so a second call for it bought nothing; nor did one that found nothing.
        budgets.add_cost(&call(), &bought(3, vec![csv, clay]), at(2)).await.unwrap();
        budgets.add_cost(&call(), &bought(1, vec![]), at(3)).await.unwrap();
        let costs = budgets.cost_of_values(&CostRange::default()).await.unwrap();
        let totals: Vec<&ValueCost> = costs.iter().filter(|cost| cost.attribute.is_none()).collect();
        let shown = |cost: &ValueCost| {
            (
                cost.provider.clone(),
                cost.calls,
                dollars(cost.cost),
                cost.calls_without,
                dollars(cost.cost_without),
            )
        };
        assert_eq!(
            totals.iter().map(|cost| shown(cost)).collect::<Vec<_>>(),
            [("clay".to_owned(), 1, 5, 0, 0), ("lusha".to_owned(), 3, 14, 2, 4)]
        );
        for total in totals {
            // Attributes and what was spent in vain are everything.
            let of = |cost: &&ValueCost| cost.provider == total.provider && cost.attribute.is_some();
            let parts: MicroDollars = costs.iter().filter(of).map(|cost| cost.cost).sum();
            assert_eq!(parts.saturating_add(total.cost_without), total.cost);
            assert_eq!(costs.iter().filter(of).map(|cost| cost.values).sum::<i64>(), total.values);
        }
        let find = |provider: &str, attribute: &str| {
            let is =
                |cost: &&ValueCost| cost.provider == provider && cost.attribute.as_deref() == Some(attribute);
            costs.iter().find(is)
        };
        assert_eq!(find("clay", "company_name").map(|cost| cost.values), Some(1));
        assert!(find("lusha", "company_name").is_none(), "clay is believed first");
        let industry = find("lusha", "industry").unwrap();
        assert_eq!((industry.calls, industry.values, industry.cost_per_value()), (1, 1, Some(industry.cost)));
        // Before the calls there was nothing, and nothing was bought.
        let before = CostRange { until: at(0), ..CostRange::default() };
        assert!(budgets.cost_of_values(&before).await.unwrap().is_empty());
    });
}

fn an_instant_is_never_rounded_into_the_next_day(place: &Place) {
    run(place, async |budgets| {
        // A day of Berlin begins at 23:00 of UTC.
        let before: Timestamp = "2026-03-27T22:59:59.9996Z".parse().unwrap();
        budgets.add_cost(&call(), &paid(7), Some(before)).await.unwrap();
        budgets.settle_unguarded(&call(), before, &paid(8)).await.unwrap();
        set(&budgets, BudgetPeriod::Day, 50).await;
        assert_eq!(standing(&budgets).await, [[50, 0, 0, 0]]);
        let days =
            budgets.cost_summary(CostGroup::Day, &CostRange::default(), "Europe/Berlin").await.unwrap();
        let days: Vec<_> = days.iter().map(|row| (row.key.as_deref(), row.sums.calls)).collect();
        assert_eq!(days, [(Some("2026-03-27"), 2)]);
        // The budget is gone, and its workspace is known still.
        budgets.set(&NewBudget { scope: BudgetScope::workspace("idle"), ..day(5) }).await.unwrap();
        budgets.remove(&BudgetScope::workspace("idle"), BudgetPeriod::Day).await.unwrap();
        budgets.check_workspace("idle").await.unwrap();
        // More than a window could count.
        let sum = MicroDollars::dollars(2_000_000_000);
        let error = budgets.add_cost(&call(), &Settlement::paid(sum), None).await.unwrap_err();
        assert_eq!(error.code(), "bad-amount");
        assert_eq!(budgets.set(&NewBudget { cap: sum, ..day(5) }).await.unwrap_err().code(), "bad-amount");
    });
}

/// On SQLite a time is text, of whatever zone its writer likes.
fn a_time_of_another_zone_is_no_time_of_utc(place: &Place) {
    if place.server().is_some() {
        return;
    }
    run(place, async |budgets| {
        for (id, at) in [("01", "2026-03-28T01:30:00+02:00"), ("02", "2026-03-27 23:45")] {
            place.sql(&format!(
                "INSERT INTO intelligence_api_cost_tracking (\"id\", \"workspaceId\", \"apiProvider\", \"cost\", \
                 \"createdAt\") VALUES ('{id}', 'acme', 'pdl', 1, '{at}')"
            ));
        }
        let days = budgets.cost_summary(CostGroup::Day, &CostRange::default(), "UTC").await.unwrap();
        let days: Vec<_> = days.iter().map(|row| (row.key.as_deref(), row.sums.calls)).collect();
        assert_eq!(days, [(Some("2026-03-27"), 2)]);
    });
}

fn prices_of_a_whole_catalogue_are_stored(place: &Place) {
    run(place, async |budgets| {
        let valid_from = "2026-01-01T00:00:00.5Z".parse().unwrap();
        let price = |n: i64| PricedOperation {
            provider: "lusha".to_owned(),
            operation: format!("operation {n:03}"),
            valid_from,
            price: UnitPrice { hit: MicroDollars::dollars(n), ..UnitPrice::default() },
            origin: None,
        };
        let prices: Vec<_> = (0..450).map(price).collect();
        for _ in 0..2 {
            budgets.write_prices(&prices).await.unwrap();
            assert_eq!(budgets.prices().await.unwrap(), prices);
        }
    });
}

on_both! {
    an_instant_is_never_rounded_into_the_next_day
    a_time_of_another_zone_is_no_time_of_utc
    prices_of_a_whole_catalogue_are_stored
    a_window_counts_what_is_charged_beside_it
    what_is_beyond_a_cap_fills_the_room_that_comes
    what_others_paid_counts_and_what_their_columns_cannot_hold_too
    calls_are_summed_up_by_what_is_asked_for
    a_golden_value_costs_what_the_call_cost_that_bought_it
}
