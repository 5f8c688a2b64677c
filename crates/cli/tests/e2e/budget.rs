//! `budget`: caps, what is left, alerts, and calls of scripts; what is said and how it ends.

use crate::binary::{call, done, ends};
use crate::common::Place;
use crate::on_both;
use serde_json::{Value, json};

const FORMATS: [&str; 4] = ["table", "json", "ndjson", "csv"];
const CALL: [&str; 6] = ["--workspace", "acme", "--provider", "lusha", "--operation", "enrich"];

fn with(first: &[&'static str], last: &[&'static str]) -> Vec<&'static str> {
    [first, &CALL, last].concat()
}

fn set(place: &Place) {
    let cap = ["--day", "50", "--month", "1000", "--time-zone", "Pacific/Kiritimati", "--author", "ada"];
    let set = done(place, &[&["budget", "set", "acme"][..], &cap].concat()).rows();
    assert_eq!((set.len(), &set[0]["cap_usd"], &set[1]["cap_usd"]), (2, &json!("50.00"), &json!("1000.00")));
    assert_eq!((&set[0]["author"], &set[0]["time_zone"]), (&json!("ada"), &json!("Pacific/Kiritimati")));
}

fn shown(place: &Place) -> Vec<[String; 4]> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let rows = done(place, &["budget", "show", "--workspace", "acme"]).rows();
    let names = ["cap_usd", "spent_usd", "held_usd", "left_usd"];
    rows.iter().map(|row| names.map(|name| text(row, name))).collect()
}

fn a_call_from_reserve_to_settle(place: &Place) {
    set(place);
    let held = done(place, &with(&["budget", "reserve"], &["--worst", "30"])).rows().remove(0);
    assert_eq!(held["held_usd"], "30.00");
    assert_eq!(shown(place)[0], ["50.00", "0.00", "30.00", "20.00"]);
    let refused = ends(place, 4, &with(&["budget", "reserve"], &["--worst", "30"]));
    assert!(refused.out.is_empty() && refused.err.contains("budget-exceeded"), "{refused:?}");
    assert!(refused.err.contains("$30.00 is held by"), "{}", refused.err);
    let body = ends(place, 4, &with(&["budget", "reserve"], &["--worst", "30", "--http"])).rows().remove(0);
    assert_eq!((&body["error"], &body["success"]), (&json!("BUDGET_LIMIT_EXCEEDED"), &json!(false)));
    assert_eq!((&body["details"]["dailyLimit"], &body["details"]["held"]), (&json!(50.0), &json!(30.0)));

    let id = held["reservation"].as_str().unwrap();
    let settled =
        done(place, &["budget", "settle", id, "1.5", "--hit", "true", "--matches", "1"]).rows().remove(0);
    assert_eq!((&settled["cost_usd"], &settled["late"]), (&json!("1.50"), &json!(false)));
    assert!(ends(place, 2, &["budget", "settle", id, "1.5"]).err.contains("already-ended"));
    assert_eq!(shown(place)[0], ["50.00", "1.50", "0.00", "48.50"]);
    assert_eq!(shown(place)[1], ["1000.00", "1.50", "0.00", "998.50"]);

    let id = done(place, &with(&["budget", "reserve"], &["--worst", "48.5", "--id"])).out;
    assert_eq!(shown(place)[0][2], "48.50");
    done(place, &["budget", "release", id.trim()]);
    assert!(ends(place, 2, &["budget", "release", id.trim()]).err.contains("not-held"));
    assert_eq!(shown(place)[0], ["50.00", "1.50", "0.00", "48.50"]);
    for format in FORMATS {
        let said = done(place, &["budget", "show", "--format", format]).out;
        assert!(said.contains("48.5") && said.contains("Pacific/Kiritimati"), "{format}: {said}");
        let said = done(place, &["budget", "history", "--format", format]).out;
        assert!(said.contains("998.5"), "{format}: {said}");
    }
}

fn a_command_runs_within_its_budget(place: &Place) {
    set(place);
    let run = |worst, cost, command: &[&'static str]| {
        let limits = ["--worst", worst, "--cost", cost, "--"];
        call(place, &with(&["budget", "run"], &[&limits[..], command].concat()))
    };
    let said = run("0.10", "0.08", &["sh", "-c", "echo found $FIRMOGRAPH_RESERVATION"]);
    assert_eq!((said.code, said.out.starts_with("found 0")), (0, true), "{said:?}");
    assert_eq!(shown(place)[0], ["50.00", "0.08", "0.00", "49.92"]);
    // A command that fails, is killed or is not there costs nothing.
    for (command, code) in [
        (&["sh", "-c", "exit 7"][..], 7),
        (&["sh", "-c", "kill -9 $$"], 137),
        (&["no-such-command-anywhere"], 3),
    ] {
        assert_eq!(run("0.10", "0.08", command).code, code, "{command:?}");
        assert_eq!(shown(place)[0], ["50.00", "0.08", "0.00", "49.92"]);
    }
    // A command may settle what it was given, and then nothing else is booked.
    let program = env!("CARGO_BIN_EXE_firmograph");
    let settle = format!("{program} budget settle $FIRMOGRAPH_RESERVATION 0.02 >&2");
    for (then, code, spent) in [("", 0, "0.10"), ("; exit 7", 7, "0.12")] {
        let limits = with(&["budget", "run"], &["--worst", "0.10", "--cost", "0.08", "--", "sh", "-c"]);
        let command = format!("{settle}{then}");
        let said = call(place, &[&limits[..], &[command.as_str()]].concat());
        assert_eq!((said.code, shown(place)[0][1].as_str()), (code, spent), "{said:?}");
    }
    let said = run("50", "50", &["sh", "-c", "echo this must not run"]);
    assert_eq!((said.code, said.out.as_str()), (4, ""), "{said:?}");
    // More than it was said to cost is booked all the same.
    assert_eq!(run("1", "60", &["true"]).code, 0);
    assert_eq!(shown(place)[0], ["50.00", "60.12", "0.00", "0.00"]);

    let alerts = done(place, &["budget", "alerts"]).rows();
    let percentages: Vec<_> = alerts.iter().map(|alert| alert["percentage"].as_i64().unwrap()).collect();
    assert_eq!(percentages, [100, 95, 80], "a call that was too dear is none");
    let id = alerts[0]["id"].as_str().unwrap();
    assert!(done(place, &["budget", "acknowledge", id, "--by", "ada"]).err.contains("ada took note"));
    assert!(done(place, &["budget", "acknowledge", id, "--by", "bob"]).err.contains("ada had taken note"));
    assert_eq!(done(place, &["budget", "alerts", "--workspace", "acme"]).rows().len(), 2);
    assert_eq!(done(place, &["budget", "show"]).rows()[0]["alerts_open"], 2);
    for format in FORMATS {
        let said = done(place, &["budget", "alerts", "--all", "--format", format]).out;
        assert!(said.contains("ada") && said.contains(id), "{format}: {said}");
    }
}

on_both! { a_call_from_reserve_to_settle a_command_runs_within_its_budget }

#[test]
fn caps_from_a_file_and_away_again() {
    let place = Place::sqlite();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/budgets.toml");
    let caps = done(&place, &["budget", "set", "--file", example]).rows();
    let caps: Vec<_> = caps.iter().map(|cap| cap["cap_usd"].as_str().unwrap()).collect();
    assert_eq!(caps, ["50.00", "1000.00", "200.00"]);
    // The zone stays what it was.
    let changed = done(&place, &["budget", "set", "example", "--day", "60"]).rows();
    assert_eq!((changed.len(), &changed[0]["time_zone"]), (1, &json!("America/New_York")));
    done(&place, &["budget", "remove", "example", "--provider", "lusha"]);
    done(&place, &["budget", "remove", "example", "--period", "day"]);
    assert_eq!(done(&place, &["budget", "show"]).rows().len(), 1);
    assert!(
        ends(&place, 2, &["budget", "remove", "example", "--period", "day"]).err.contains("no-such-budget")
    );
}

#[test]
fn what_cannot_be_is_refused() {
    let place = Place::sqlite();
    set(&place);
    let unknown = ["--worst", "1", "--workspace", "acmee", "--provider", "lusha"];
    for (code, args, parts) in [
        (2, &["budget", "set", "acme"][..], &["--day"][..]),
        (2, &["budget", "set", "--day", "5"], &["WORKSPACE"]),
        (2, &["budget", "set", "acme", "--day", "much"], &["much"]),
        (2, &["budget", "set", "acme", "--day=-1"], &["less than nothing"]),
        (2, &["budget", "set", "acme", "--day", "5", "--time-zone", "Mars"], &["bad-time-zone"]),
        (2, &["budget", "set", " ", "--day", "5"], &["bad-name"]),
        (3, &["budget", "set", "--file", "none.toml"], &["cannot-read"]),
        (2, &["budget", "show", "--workspace", "acmee"], &["unknown-workspace", "did you mean acme?"]),
        (2, &["budget", "remove", "akme"], &["unknown-workspace", "did you mean acme?"]),
        (2, &["budget", "acknowledge", "x"], &["unknown-alert"]),
        (2, &["budget", "settle", "x", "1"], &["unknown-reservation"]),
        (4, &[&["budget", "reserve"][..], &unknown].concat(), &["no-budget", "did you mean acme?"]),
        (
            3,
            &["--database", "postgres://nobody@127.0.0.1:1/none", "budget", "show"],
            &["database-unreachable"],
        ),
    ] {
        let said = ends(&place, code, args);
        for part in parts {
            assert!(said.err.contains(part), "{args:?}: {}", said.err);
        }
    }
}
