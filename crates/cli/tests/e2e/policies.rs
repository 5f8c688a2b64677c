//! `priority`, `pin` and `explain`: what is said, what is stored, how they end.

use crate::binary::{done, ends, export, ingest};
use crate::common::Place;
use crate::on_both;
use serde_json::Value;

const FORMATS: [&str; 4] = ["table", "json", "ndjson", "csv"];

fn loaded(place: &Place) {
    let csv = "Email,Company,Employee Size,Job Title\nada@one-brook.com,One Brook,11-50,CTO\n";
    let clay = "Email,Company,Employee Size,Job Title\nada@one-brook.com,First Brook,51-200,CFO\n";
    ingest(place, &[&place.file("csv.csv", csv)]);
    ingest(place, &[&place.file("clay.csv", clay), "--source", "clay", "--observed-at", "2026-03-01"]);
}

fn a_priority_from_show_to_reset(place: &Place) {
    loaded(place);
    let before = export(place);
    let shown = done(place, &["priority", "show"]).rows();
    assert_eq!((shown.len(), &shown[0]["attribute"], &shown[0]["policy"]), (15, &"*".into(), &Value::Null));
    let name = done(place, &["priority", "show", "name"]).rows();
    assert_eq!(name[0]["attribute"], "company_name");
    assert_eq!(name[0]["sources"], serde_json::json!(["manual", "crunchbase", "clay"]));
    assert_eq!((&name[0]["policy"], &name[0]["sources_set_by"]), (&"by_priority".into(), &Value::Null));

    let dry = done(place, &["priority", "set", "name", "crunchbase,csv", "--dry-run"]);
    assert_eq!(
        dry.out,
        "{\"entity\":\"company\",\"key\":\"one-brook.com\",\"column\":\"name\",\
                         \"before\":\"First Brook\",\"after\":\"One Brook\"}\n"
    );
    assert!(dry.err.contains("dry run (rolled back): 1 golden value of 1 record"), "{}", dry.err);
    assert!(dry.err.contains("would flip"), "{}", dry.err);
    assert_eq!(export(place), before);
    let real = done(place, &["priority", "set", "name", "crunchbase,csv"]);
    assert_eq!(real.out, dry.out);
    assert!(
        real.err.contains("run 3: 1 golden value of 1 record (1 company and 0 prospects) flipped"),
        "{}",
        real.err
    );
    assert_eq!(done(place, &["company", "one-brook.com"]).rows()[0]["name"], "One Brook");
    assert_eq!(done(place, &["priority", "show", "company_name"]).rows()[0]["sources_set_by"], 3);

    let title = done(place, &["priority", "set", "title", "--policy", "first"]).rows();
    assert!(title.is_empty(), "clay says when, csv does not: {title:?}");
    done(place, &["priority", "set", "*", "csv"]);
    assert_eq!(done(place, &["company", "one-brook.com"]).rows()[0]["employeeRange"], "11-50");
    for attribute in ["*", "name", "title"] {
        done(place, &["priority", "reset", attribute]);
    }
    assert_eq!(export(place), before);
    for format in FORMATS {
        let said = done(place, &["priority", "set", "*", "csv", "--dry-run", "--format", format]).out;
        assert!(said.contains("employeeRange") && said.contains("11-50"), "{format}: {said}");
        let said = done(place, &["priority", "show", "name", "--format", format]).out;
        assert!(said.contains("crunchbase"), "{format}: {said}");
    }
}

fn a_pin_from_set_to_remove(place: &Place) {
    loaded(place);
    let before = export(place);
    let set = [
        "pin",
        "set",
        "https://www.One-Brook.com/about",
        "employee_range",
        "3000",
        "--reason",
        "annual report",
    ];
    let with = |more: &[&'static str]| [&set[..], more].concat();
    let dry = done(place, &with(&["--author", "desk", "--expires", "2999-01-01", "--dry-run"]));
    assert_eq!(export(place), before);
    let real = done(place, &with(&["--author", "desk", "--expires", "2999-01-01"]));
    assert_eq!(real.out, dry.out);
    let flipped: Vec<_> = real.rows().iter().map(|row| row["column"].as_str().unwrap().to_owned()).collect();
    assert_eq!(flipped, ["employeeRange", "maxEmployeeSize", "minEmployeeSize"]);
    let listed = done(place, &["pin", "list"]).rows();
    assert_eq!(
        (listed.len(), &listed[0]["author"], &listed[0]["key"]),
        (1, &"desk".into(), &"one-brook.com".into())
    );
    assert_eq!(listed[0]["expires_at"], "2999-01-01T00:00:00Z");
    for format in FORMATS {
        let said = done(place, &["pin", "list", "one-brook.com", "--format", format]).out;
        assert!(said.contains("annual report") && said.contains("3000"), "{format}: {said}");
    }
    let why = done(place, &["explain", "one-brook.com", "employee_range", "--format", "table"]).out;
    for part in [
        "won  pin",
        "employee_range 1001-5000",
        "(pinned)",
        "by desk: annual report, until 2999-01-01T00:00:00Z",
    ] {
        assert!(why.contains(part), "{part}: {why}");
    }
    assert!(done(place, &["pin", "expire"]).err.contains("no pin's time is over"));
    done(
        place,
        &["pin", "set", "ada@one-brook.com", "name", "Ada Hale", "--entity", "person", "--reason", "r"],
    );
    done(place, &["pin", "remove", "ada@one-brook.com", "name", "--entity", "person"]);
    assert_eq!(done(place, &["pin", "remove", "one-brook.com", "employee_range"]).rows().len(), 3);
    assert_eq!(export(place), before);
}

fn explain_tells_all_of_it(place: &Place) {
    loaded(place);
    let why = done(place, &["explain", "one-brook.com", "employee_range", "--format", "table"]).out;
    let clay = done(place, &["explain", "one-brook.com", "employee_range"]).rows().remove(0);
    let payload = clay["winner"]["payload"].as_str().unwrap();
    let parts = [
        "one-brook.com: employee_range",
        "won  clay: employee_range 51-200, minimum 51, maximum 200",
        "the source believed first wins (by_priority)",
        "raw      employee_range \"51-200\"",
        "of employee_ranges@",
        "bytes 0 to 6",
        "confidence 1",
        &format!("payload  {payload}, "),
        "clay.csv line 2",
        "observed 2026-03-01T00:00:00Z, stored 20",
        "lost csv: employee_range 11-50",
        "clay is believed before csv (lower_priority)",
        "observed at a time not known",
    ];
    for part in parts {
        assert!(why.contains(part), "{part}: {why}");
    }
    // JSON says the same.
    assert_eq!((&clay["winner"]["line"], &clay["winner"]["source"]), (&2.into(), &"clay".into()));
    assert!(clay["winner"]["file"].as_str().unwrap().ends_with("clay.csv"));
    assert!(clay["winner"]["stored_at"].is_string());
    assert_eq!(clay["losers"][0]["why"], "clay is believed before csv");
    // An attribute may be named by its end, and a person's mailbox also names the company.
    let title = done(place, &["explain", "ada@one-brook.com", "title"]).rows();
    assert_eq!(
        (&title[0]["attribute"], &title[0]["key"]),
        (&"job_title".into(), &"ada@one-brook.com".into())
    );
    let size = done(place, &["explain", "Ada@One-Brook.com", "employee_range"]).rows();
    assert_eq!(size[0], clay);
}

on_both! { a_priority_from_show_to_reset a_pin_from_set_to_remove explain_tells_all_of_it }

#[test]
fn what_cannot_be_is_refused() {
    let place = Place::sqlite();
    for (args, code) in [
        (&["priority", "set", "colour", "clay"][..], "unknown-attribute"),
        (&["priority", "set", "range", "clay"], "ambiguous-attribute"),
        (&["priority", "set", "name", "clay,clay"], "repeated-source"),
        (&["priority", "set", "name", "Clay!"], "bad-source"),
        (&["priority", "set", "name", "pin"], "reserved-source"),
        (&["priority", "set", "*", "--policy", "first"], "policy-of-all"),
        (&["priority", "set", "name"], "required"),
        (&["priority", "set", "name", "--policy", "pin"], "by_priority"),
        (&["pin", "set", "one-brook.com", "employee_range", "3"], "--reason"),
        (&["pin", "set", "one-brook.com", "employee_range", " ", "--reason", "r"], "pin-value"),
        (
            &["pin", "set", "one-brook.com", "employee_range", "3", "--reason", "r", "--expires", "soon"],
            "bad-date",
        ),
    ] {
        let said = ends(&place, 2, args);
        assert!(said.err.contains(code), "{args:?}: {}", said.err);
    }
    let said = ends(&place, 1, &["pin", "set", "one-brook.com", "employee_range", "3", "--reason", "r"]);
    assert!(said.err.contains("unknown-key"), "{}", said.err);
    assert!(ends(&place, 1, &["pin", "remove", "one-brook.com", "employee_range"]).err.contains("no-pin"));
    let file = place.file("leads.csv", "Email\nada@one-brook.com\n");
    assert!(ends(&place, 2, &["ingest", &file, "--source", "pin"]).err.contains("reserved-source"));
}
