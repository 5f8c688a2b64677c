//! Customers of another system's table, imported as a user types it: repeatable, resumable and undoable, and the table is as
//! it was.

use crate::binary::{Said, assert_same, call, done, ends, export, program, run};
use crate::common::Place;
use crate::common::customer_table::{Customer, Meant, csv, how_many, make, sql};
use crate::common::customers::Dice;
use crate::on_both;
use serde_json::Value;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

const IMPORT: [&str; 4] = ["--format", "json", "import", "customers"];

/// `import customers` with a report, which must succeed.
#[track_caller]
fn import(place: &Place, args: &[&str]) -> Value {
    let said = done(place, &[&IMPORT[..], args].concat());
    let report: Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(report["lost"], 0, "{}", report["reasons"]);
    report
}

fn nobody(customers: &[Customer]) -> usize {
    customers.iter().filter(|customer| customer.meant == Meant::Nobody).count()
}

fn imported_again_and_undone(place: &Place) {
    let customers = make(800, 51);
    let file = place.file("customers.csv", csv(&customers));
    let other = place.file("other.csv", "Email,Company\nzoe@alder-freight0.com,Alder Freight\n");
    done(place, &["ingest", &other]);
    let before = export(place);
    let planned = import(place, &[&file, "--dry-run"]);
    assert_same(&export(place), &before, "a dry run");
    let mut report = import(place, &[&file, "--links", "links.csv", "--report", "report.json"]);
    assert_eq!((&report["run"], &planned["run"]), (&2.into(), &0.into()));
    assert_eq!(report["records"]["read"].as_u64(), Some(customers.len() as u64));
    assert_eq!(report["records"]["rejected"]["no-key"].as_u64(), Some(nobody(&customers) as u64));
    let saved = std::fs::read_to_string(place.folder().join("report.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&saved).unwrap(), report, "the file has what stdout has");
    for (name, value) in report.as_object_mut().unwrap() {
        if !["run", "dry_run"].contains(&name.as_str()) {
            assert_eq!(*value, planned[name], "a dry run reconciles what would be: {name}");
        }
    }
    assert_links(place, &customers, &report);
    let once = export(place);
    let again = import(place, &[&file]);
    assert_same(&export(place), &once, "imported again");
    assert_eq!(again["values"], report["values"]);
    let shown = run(place, 3);
    let changes = ["new_companies", "changed_companies", "new_prospects", "changed_prospects"];
    assert_eq!(changes.map(|name| shown["counters"][name].as_u64()), [Some(0); 4], "{shown}");
    done(place, &["verify"]);
    done(place, &["runs", "undo", "3"]);
    done(place, &["runs", "undo", "2"]);
    assert_same(&export(place), &before, "undone");
    import(place, &[&file]);
    assert_same(&export(place), &once, "imported after it was undone");
}

/// Each customer stands in the file of links, and leads to rows that are there.
#[track_caller]
fn assert_links(place: &Place, customers: &[Customer], report: &Value) {
    let links = std::fs::read_to_string(place.folder().join("links.csv")).unwrap();
    let mut lines = links.lines();
    assert_eq!(lines.next(), Some("id,line,companyId,prospectId,reason"));
    let export = export(place);
    let mut unlinked = 0;
    for (number, (customer, line)) in customers.iter().zip(lines.by_ref()).enumerate() {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells[..2], [customer.cell("id"), &(number + 2).to_string()]);
        let is_there = |id: &str| id.is_empty() || export.contains(&format!("\"id\":\"{id}\""));
        assert!(is_there(cells[2]) && is_there(cells[3]), "{line}");
        assert_eq!(cells[4].is_empty(), !cells[2].is_empty() && !cells[3].is_empty(), "{line}");
        unlinked += u64::from(!cells[4].is_empty());
    }
    assert_eq!((lines.next(), report["unlinked"].as_array().unwrap().len() as u64), (None, unlinked));
}

/// What an undisturbed import gives, and how long it takes.
fn undisturbed(text: &str) -> (String, Duration) {
    let place = Place::sqlite();
    let file = place.file("customers.csv", text);
    done(&place, &["migrate", "up"]);
    let started = Instant::now();
    import(&place, &[&file, "--batch-size", "700"]);
    let took = started.elapsed();
    (export(&place), took)
}

/// `FIRMOGRAPH_KILLS` makes it more often.
fn killed_anywhere_and_resumed(place: &Place) {
    let kills = std::env::var("FIRMOGRAPH_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    let customers = make(how_many(6_000), 52);
    let text = csv(&customers);
    static UNDISTURBED: OnceLock<(String, Duration)> = OnceLock::new();
    let (expected, took) = UNDISTURBED.get_or_init(|| undisturbed(&text));
    let file = place.file("customers.csv", &text);
    done(place, &["migrate", "up"]);
    let before = export(place);
    let args = ["import", "customers", &file, "--batch-size", "700", "--resume"];
    let mut dice = Dice::new(53);
    let mut ended = 0;
    for _ in 0..kills {
        let mut child =
            program(place).args(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let moment = took.as_millis() as usize;
        std::thread::sleep(Duration::from_millis(dice.below(moment * 2 / 3 + 1) as u64));
        ended += usize::from(child.try_wait().unwrap().is_some());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let said = done(place, &args);
    assert!(said.out.ends_with("lost: 0\n"), "{}", said.out);
    assert_same(&export(place), expected, &format!("killed {kills} times, {ended} too late"));
    let first = run(place, 1);
    let counts = ["read", "rejected"].map(|name| first[name].as_u64());
    assert_eq!(
        (&first["status"], counts),
        (&"done".into(), [Some(customers.len() as u64), Some(nobody(&customers) as u64)])
    );
    done(place, &["runs", "undo", "1"]);
    let rest = done(place, &["runs", "list", "--format", "ndjson"]).rows();
    for run in rest.iter().filter(|run| run["command"] == "ingest" && run["id"] != 1) {
        done(place, &["runs", "undo", &run["id"].to_string()]);
    }
    assert_same(&export(place), &before, "undone");
}

/// The table itself, in a schema or a file of its own. It is only read, and what was read of it can be gone on with.
fn from_the_table_itself(place: &Place) {
    let customers = make(700, 54);
    let (url, content) = match place.server() {
        Some(server) => {
            server.query("CREATE SCHEMA legacy");
            sql("legacy.", &customers).iter().for_each(|statement| drop(server.query(statement)));
            (
                place.url().replacen('@', ":secret@", 1),
                (|place| place.server().unwrap().query(LOOK_POSTGRES)) as fn(&Place) -> String,
            )
        }
        None => {
            place.file("old.sql", sql("", &customers).concat());
            python(place, MAKE_SQLITE);
            ("sqlite://old.db".to_owned(), (|place| python(place, LOOK_SQLITE)) as fn(&Place) -> String)
        }
    };
    let table = if place.server().is_some() { "legacy.Customer" } else { "Customer" };
    let before = content(place);
    let report = import(place, &["--from", &url, "--table", table, "--batch-size", "300"]);
    assert_eq!(content(place), before, "the table is as it was");
    let label = report["files"][0].as_str().unwrap();
    assert!(label.ends_with(&format!("#{table}")) && !label.contains("secret"), "{label}");
    assert_eq!(run(place, 1)["files"][0]["path"], label);
    assert_eq!(report["records"]["read"].as_u64(), Some(700));

    // The same as from a CSV.
    let whole = Place::sqlite();
    let file = whole.file("customers.csv", csv(&customers));
    let other = import(&whole, &[&file]);
    assert_same(&export(place), &export(&whole), "from the table");
    assert_eq!(report["links"], other["links"]);

    // A later process knows the copy again.
    place.sql("UPDATE raw_runs SET status = 'running' WHERE id = 1");
    place.sql("UPDATE raw_files SET status = 'running', checkpoint = 300 WHERE run_id = 1");
    let resumed = call(place, &["import", "customers", "--from", &url, "--table", table, "--resume"]);
    assert!(resumed.code == 0 && resumed.err.contains("resumed after 300 lines"), "{}", resumed.err);
    assert!(std::fs::read_dir(place.folder()).unwrap().count() < 12, "copies are removed");

    let missing = ends(place, 2, &["import", "customers", "--from", &url, "--table", "Kunden"]);
    assert!(missing.err.contains("no-such-table"), "{}", missing.err);
    let neither = ends(place, 2, &["import", "customers"]);
    assert!(neither.err.contains("--from"), "{}", neither.err);
}

const LOOK_POSTGRES: &str =
    "SELECT count(*), md5(string_agg(t::text || xmin::text, '|' ORDER BY id)) FROM legacy.\"Customer\" t";
const MAKE_SQLITE: &str =
    "import sqlite3; c = sqlite3.connect('old.db'); c.executescript(open('old.sql').read()); c.commit()";
const LOOK_SQLITE: &str = "import hashlib; print(hashlib.sha256(open('old.db', 'rb').read()).hexdigest())";

/// What Python prints; it is needed for the tests anyhow, and has SQLite in it.
fn python(place: &Place, script: &str) -> String {
    let done = Command::new("python3").current_dir(place.folder()).args(["-c", script]).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}

fn what_is_lost_ends_with_1(place: &Place) {
    let customers = make(50, 55);
    let file = place.file("customers.csv", csv(&customers));
    let said = done(place, &["import", "customers", &file]);
    for expected in ["records    50 read", "no_person:role_mailbox", "\nlost: 0\n"] {
        assert!(said.out.contains(expected), "{expected}: {}", said.out);
    }
    place.sql("DELETE FROM core_company_industries");
    let Said { out, err, .. } = ends(place, 1, &["import", "customers", &file]);
    assert!(out.contains("lost: not_in_dimension") && err.contains("not where they should be"), "{out}{err}");
    let told = ends(place, 1, &["import", "customers", &file, "--format", "ndjson"]).rows().remove(0);
    let lost = told["unplaced"].as_array().unwrap().iter().filter(|value| value["class"] == "lost");
    let lost: Vec<_> =
        lost.map(|value| (value["column"].as_str(), value["line"].as_u64().is_some())).collect();
    assert!(!lost.is_empty() && lost.iter().all(|value| *value == (Some("industry"), true)), "{lost:?}");
    assert_eq!(told["lost"].as_u64(), Some(lost.len() as u64));
}

on_both! {
    imported_again_and_undone
    killed_anywhere_and_resumed
    from_the_table_itself
    what_is_lost_ends_with_1
}
