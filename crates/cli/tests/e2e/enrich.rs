//! `enrich plan` and `research`: what it will cost, what was kept, and how they end.

use crate::binary::{done, ends, ingest};
use crate::common::Place;
use crate::on_both;
use firmograph::{
    BudgetOptions, BudgetPeriod, BudgetScope, Budgets, Found, MicroDollars, NewBudget, ResearchCache,
    ResearchKey, ResearchOptions, Timestamp,
};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

#[expect(clippy::disallowed_methods, reason = "the program has no other clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

fn set(place: &Place, provider: Option<&str>, cap: i64) {
    let workspace = "acme".to_owned();
    let scope = BudgetScope { provider: provider.map(str::to_owned), workspace, user: None };
    let (period, time_zone) = (BudgetPeriod::Month, None);
    let budget = NewBudget { scope, period, cap: MicroDollars::dollars(cap), time_zone, author: None };
    run(async {
        let budgets = Budgets::open(&place.url(), BudgetOptions::new(Arc::new(now))).await.unwrap();
        budgets.set(&budget).await.unwrap();
    });
}

fn example() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/waterfall.toml").to_str().unwrap().to_owned()
}

fn of<'r>(rows: &'r [Value], section: &str) -> Vec<&'r Value> {
    rows.iter().filter(|row| row["section"] == section).collect()
}

fn a_plan_says_what_it_costs_at_most_and_as_expected(place: &Place) {
    let file = example();
    let plan = ["enrich", "plan", &file, "--workspace", "acme"];
    let with = |more: &[&'static str]| [&plan[..], more].concat();
    ends(place, 2, &plan);
    ends(place, 2, &["enrich", "plan", &file, "--entities", "5"]);
    let said = done(place, &with(&["--entities", "1000"]));
    let rows = said.rows();
    let steps = of(&rows, "step");
    // The registry costs a cent at most, the quarry six, four thousand tokens 1.2: the industry asks the first two of them.
    let worst: Vec<_> = steps.iter().map(|step| step["worst_usd"].as_str().unwrap()).collect();
    assert_eq!(worst, ["10.00", "60.00", "0.00", "0.00", "12.00"]);
    let reached: Vec<_> = steps.iter().map(|step| step["reached_bp"].as_i64().unwrap()).collect();
    // The industry asks the quarry in 55 of 100 cases, and the employees in the others; the oracle where not both know them.
    assert_eq!(reached, [10_000, 10_000, 0, 0, 7_900]);
    let expected: Vec<_> = steps.iter().map(|step| step["expected_usd"].as_str().unwrap()).collect();
    assert_eq!(expected, ["5.60", "42.00", "0.00", "0.00", "9.48"]);
    let total = of(&rows, "total")[0];
    assert_eq!((&total["expected_usd"], &total["calls"]), (&json!("57.08"), &json!(3_000)));
    assert_eq!(
        (&total["worst_usd"], &total["entities"], &total["fits"]),
        (&json!("82.00"), &json!(1_000), &json!(false))
    );
    for provider in ["registry", "quarry", "oracle"] {
        assert!(said.err.contains(&format!("no budget pays for {provider}")), "{}", said.err);
    }
    ends(place, 4, &with(&["--entities", "1000", "--must-fit"]));
    set(place, None, 82);
    done(place, &with(&["--entities", "1000", "--must-fit"]));
    set(place, Some("quarry"), 59);
    let said = ends(place, 4, &with(&["--entities", "1000", "--must-fit"]));
    assert!(said.err.contains("has 59.00 dollars left, and 60.00 are needed"), "{}", said.err);
    assert_eq!(of(&said.rows(), "budget").len(), 2);

    // Of whom something is known already, it is not asked.
    let csv = "Domain,Industry\nalder.com,Banking\nbirch.com,\ncedar.com,Fjords of optics\n";
    ingest(place, &[&place.file("known.csv", csv)]);
    let said = done(place, &with(&["--missing", "industry"]));
    assert_eq!(of(&said.rows(), "total")[0]["entities"], 1);
    assert!(!said.err.contains("--limit"), "{}", said.err);
    let said = done(place, &with(&["--missing", "revenue_range", "--limit", "2"]));
    assert_eq!(of(&said.rows(), "total")[0]["entities"], 2);
    assert!(said.err.contains("missing of more than 2"), "{}", said.err);
    ends(place, 2, &with(&["--entities", "5", "--limit", "2"]));
    ends(place, 2, &with(&["--entities", "18446744073709551615"]));
    done(place, &with(&["--entities", "1000000000000"]));
    let rows = done(place, &with(&["https://alder.com", "cedar.com", "new.com"])).rows();
    let calls: Vec<_> = of(&rows, "step").iter().map(|step| step["calls"].as_i64().unwrap()).collect();
    // Alder's industry is known: the same calls are made for its employees.
    assert_eq!(calls, [2, 2, 1, 1, 3]);
    for format in ["table", "json", "csv"] {
        assert!(
            done(place, &[&["--format", format], &with(&["--entities", "1"])[..]].concat())
                .out
                .contains("registry")
        );
    }
    let bad = place.file("bad.toml", "[[attribute]]\nname = \"shoe_size\"\nuntil = \"present\"");
    ends(place, 2, &["enrich", "plan", &bad, "--workspace", "acme", "--entities", "1"]);
}

fn research_is_listed_shown_and_expired(place: &Place) {
    run(async {
        let long_ago = || "2026-01-01T00:00:00Z".parse().unwrap();
        let cache =
            ResearchCache::open(&place.url(), ResearchOptions::new(Arc::new(long_ago))).await.unwrap();
        let key = ResearchKey::new("acme", "company", "alder.com", "funding");
        for answer in [
            Some(Found {
                sources: vec!["https://example.com".to_owned()],
                cost: "0.05".parse().unwrap(),
                ..Found::text("Series B")
            }),
            None,
        ] {
            cache.get_or_compute(&key, async || Ok::<_, std::io::Error>(answer)).await.unwrap();
        }
        let miss = ResearchKey::new("acme", "company", "birch.com", "funding");
        cache.get_or_compute(&miss, async || Ok::<_, std::io::Error>(None)).await.unwrap();
        cache.flush().await.unwrap();
    });
    let rows = done(place, &["research", "list"]).rows();
    assert_eq!(rows.len(), 2);
    let alder = done(place, &["research", "list", "alder.com", "--workspace", "acme"]).rows().remove(0);
    assert_eq!(
        (&alder["hits"], &alder["saved_usd"], &alder["is_miss"]),
        (&json!(1), &json!("0.05"), &json!(false))
    );
    assert!(alder.get("content").is_none());
    assert_eq!(
        done(place, &["research", "list", "https://www.Alder.com/about"]).rows(),
        std::slice::from_ref(&alder)
    );
    let shown = done(place, &["research", "show", alder["id"].as_str().unwrap()]).rows().remove(0);
    assert_eq!((&shown["content"], &shown["sources"]), (&json!("Series B"), &json!(["https://example.com"])));
    ends(place, 1, &["research", "show", "nothing"]);
    let stats = done(place, &["research", "stats"]).rows().remove(0);
    for (name, value) in
        [("rows", json!(2)), ("misses", json!(1)), ("expired", json!(2)), ("saved_usd", json!("0.05"))]
    {
        assert_eq!(stats[name], value, "{name}");
    }
    for days in ["36500", "4294967295"] {
        assert_eq!(done(place, &["research", "expire", "--grace", days]).rows()[0]["expired"], 0);
    }
    assert_eq!(done(place, &["research", "expire"]).rows()[0]["expired"], 2);
    assert!(done(place, &["research", "list"]).out.is_empty());
}

on_both! {
    a_plan_says_what_it_costs_at_most_and_as_expected
    research_is_listed_shown_and_expired
}
