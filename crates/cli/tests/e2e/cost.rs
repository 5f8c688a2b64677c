//! `cost`: the ledger, prices, and what golden values cost; what is said and how it ends.

use crate::binary::{done, ends, ingest};
use crate::common::Place;
use crate::on_both;
use serde_json::json;

const FORMATS: [&str; 4] = ["table", "json", "ndjson", "csv"];

fn add(place: &Place, provider: &str, cost: &str, more: &[&str]) {
    let call = ["cost", "add", "--workspace", "acme", "--provider", provider, "--cost", cost];
    done(place, &[&call[..], more].concat());
}

fn costs_are_added_and_summed_up(place: &Place) {
    done(place, &["budget", "set", "acme", "--day", "50"]);
    add(
        place,
        "lusha",
        "45",
        &["--operation", "enrich", "--user", "ada", "--company", "acme.com", "--hit", "true"],
    );
    add(
        place,
        "lusha",
        "0.0198",
        &["--operation", "enrich", "--hit", "false", "--at", "2026-03-28T23:30:00Z"],
    );
    add(place, "pdl", "0.015", &["--failed", "timeout", "--tokens", "12", "--at", "2026-03-28"]);
    // Open windows count it.
    let shown = done(place, &["budget", "show"]).rows();
    assert_eq!((&shown[0]["spent_usd"], &shown[0]["percent"]), (&json!("45.00"), &json!(90.0)));
    let all = done(place, &["cost", "summary"]).rows();
    assert_eq!(
        all[0],
        json!({"cost_usd": "45.0348", "calls": 3, "successes": 2, "success_percent": 66.66, "hits": 1,
               "hit_percent": 50.0, "tokens": 12, "unguarded": 0})
    );
    let by = |by, more: &[&str]| done(place, &[&["cost", "summary", "--by", by][..], more].concat()).rows();
    let providers = by("provider", &[]);
    assert_eq!((&providers[1]["provider"], &providers[1]["cost_usd"]), (&json!("pdl"), &json!("0.015")));
    assert_eq!(by("operation", &[])[0]["operation"], "enrich");
    assert_eq!(by("entity", &[])[1]["entity"], "acme.com");
    assert_eq!(by("user", &[])[1]["user"], "ada");
    let berlin = ["--until", "2026-04-01", "--time-zone", "Europe/Berlin"];
    let days = by("day", &berlin);
    assert_eq!(
        (&days[0]["day"], &days[1]["day"], days.len()),
        (&json!("2026-03-28"), &json!("2026-03-29"), 2)
    );
    assert_eq!(by("month", &berlin)[0]["month"], "2026-03");
    // A date is the first instant of it in the zone: 23:30 of UTC is the next day already.
    let of_day = ["--from", "2026-03-28", "--until", "2026-03-29", "--time-zone", "Europe/Berlin"];
    assert_eq!(by("all", &of_day)[0]["calls"], 1);
    for format in FORMATS {
        let said = done(place, &["cost", "summary", "--by", "provider", "--format", format]).out;
        assert!(said.contains("45.0198") && said.contains("pdl"), "{format}: {said}");
    }
}

fn prices_are_imported_and_found(place: &Place) {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/unit_prices.csv");
    assert!(done(place, &["cost", "prices", "import", example]).err.contains("9 prices"));
    done(place, &["cost", "prices", "import", example]);
    assert_eq!(done(place, &["cost", "prices", "list"]).rows().len(), 9);
    let hit = |args: &[&str]| {
        let price = done(place, &[&["cost", "prices", "at", "prospeo"][..], args].concat()).rows().remove(0);
        (price["hit_usd"].as_str().unwrap().to_owned(), price["operation"].as_str().unwrap().to_owned())
    };
    let is = |hit: &str, operation: &str| (hit.to_owned(), operation.to_owned());
    assert_eq!(hit(&["email", "--at", "2025-12-31T23:59:59.999999Z"]), is("0.015", "email"));
    assert_eq!(hit(&["email", "--at", "2026-01-01"]), is("0.0198", "email"));
    assert_eq!(hit(&["phone", "--at", "2026-06-01"]), is("0.10", "*"));
    for format in FORMATS {
        let said = done(place, &["cost", "prices", "list", "--format", format]).out;
        assert!(said.contains("0.0198") && said.contains("invented for this example"), "{format}: {said}");
    }
}

fn values_cost_what_their_calls_cost(place: &Place) {
    let csv = place.file("csv.csv", "Email,Company,Industry\nada@one-brook.com,One Brook,Banking\n");
    ingest(place, &[&csv]);
    let why = done(place, &["explain", "one-brook.com", "company_name"]).rows().remove(0);
    let payload = why["winner"]["payload"].as_str().unwrap();
    add(place, "lusha", "1.50", &["--operation", "enrich", "--payload", payload]);
    add(place, "lusha", "0.25", &["--operation", "enrich"]);
    let costs = done(place, &["cost", "values", "--workspace", "acme"]).rows();
    let total = &costs[0];
    assert_eq!(
        (&total["attribute"], &total["cost_usd"], &total["calls"]),
        (&json!(null), &json!("1.75"), &json!(2))
    );
    assert_eq!((&total["calls_without"], &total["cost_without_usd"]), (&json!(1), &json!("0.25")));
    assert!(total["values"].as_i64().unwrap() >= 2, "{total}");
    let name = costs.iter().find(|cost| cost["attribute"] == "company_name").unwrap();
    assert_eq!((&name["values"], &name["cost_usd"]), (&json!(1), &name["cost_per_value_usd"]));
    for format in FORMATS {
        let said = done(place, &["cost", "values", "--format", format]).out;
        assert!(said.contains("company_name") && said.contains("1.75"), "{format}: {said}");
    }
}

on_both! { costs_are_added_and_summed_up prices_are_imported_and_found values_cost_what_their_calls_cost }

#[test]
fn what_cannot_be_is_refused() {
    let place = Place::sqlite();
    add(&place, "lusha", "1", &[]);
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/unit_prices.csv");
    done(&place, &["cost", "prices", "import", example]);
    let bad = place.file("prices.csv", "provider,operation,valid_from,hit\na,b,soon,1\n");
    let call = ["cost", "add", "--workspace", "acme", "--provider", "lusha", "--cost", "1"];
    let with = |more: &[&'static str]| [&call[..], more].concat();
    for (code, args, parts) in [
        (2, &["cost", "add", "--workspace", "acme", "--provider", "lusha"][..], &["--cost"][..]),
        (2, &with(&["--at", "soon"]), &["bad-date"]),
        (2, &with(&["--payload", "xyz"]), &["bad-payload"]),
        (2, &["cost", "summary", "--by", "color"], &["color"]),
        (2, &["cost", "summary", "--workspace", "acmee"], &["unknown-workspace", "did you mean acme?"]),
        (2, &["cost", "summary", "--from", "soon"], &["bad-date"]),
        (2, &["cost", "summary", "--time-zone", "Mars"], &["bad-time-zone"]),
        (2, &["cost", "prices", "at", "prospoe", "email"], &["no-price", "did you mean prospeo?"]),
        (2, &["cost", "prices", "at", "lusha", "enrihc"], &["no-price", "did you mean enrich?"]),
        (2, &["cost", "prices", "at", "lusha", "enrich", "--at", "2020-01-01"], &["no-price", "begin later"]),
        (2, &["cost", "prices", "import", &bad], &["bad-prices", "line 2"]),
        (3, &["cost", "prices", "import", "none.csv"], &["cannot-read"]),
    ] {
        let said = ends(&place, code, args);
        for part in parts {
            assert!(said.err.contains(part), "{args:?}: {}", said.err);
        }
    }
}
