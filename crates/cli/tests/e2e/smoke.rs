//! Every command in every format.

use crate::binary::{call_with_input, done, ends, ingest};
use crate::common::Place;
use crate::common::customers::Customers;
use crate::on_both;
use serde_json::Value;

const FORMATS: [&str; 4] = ["table", "json", "ndjson", "csv"];

/// Each kind with a value it knows, what comes of it, and a value it does not know.
const KINDS: [(&str, &str, &str, &str, &str); 13] = [
    ("domain", "https://www.Brook-Mills.co.uk/about", "domain", "brook-mills.co.uk", "localhost"),
    ("email", " Ada@Brook-Mills.com ", "key", "ada@brook-mills.com", "ada at home"),
    ("company_name", "BROOK MILLS LTD", "legal_form", "Ltd", "N/A"),
    ("job_title", "SVP, Sales", "level", "5", "???"),
    ("employee_range", "51 t0 200", "name", "51-200", "many"),
    ("revenue_range", "10 Million", "name", "$10M - $25M", "undisclosed"),
    ("funding_range", "$2.5M", "name", "$1M - $5M", "N/A"),
    ("linkedin_url", "linkedin.com/in/Ada-Hale/", "kind", "person", "https://brook-mills.com"),
    ("industry", "computer software", "name", "Software Development", "Sales"),
    ("company_type", "PRIVATELY_HELD", "code", "P", "for_profit"),
    ("phone", "+44 20 7183 8750", "e164", "+442071838750", "020 7183 8750"),
    ("person_name", "HALE, ADA", "display", "Ada Hale", "Sales Team"),
    ("location", "Austin, TX", "region_code", "US-TX", "CA"),
];

#[test]
fn normalize_every_kind_from_stdin() {
    let place = Place::sqlite();
    for (kind, known, field, value, unknown) in KINDS {
        let said = call_with_input(&place, &["normalize", kind], &format!("{known}\r\n{unknown}\n"));
        assert_eq!(said.code, 0, "{kind}: {}", said.err);
        let rows = said.rows();
        assert_eq!((rows.len(), &rows[0]["raw"], &rows[1]["raw"]), (2, &known.into(), &unknown.into()));
        let found = &rows[0][field];
        assert_eq!(found.as_str().map_or_else(|| found.to_string(), str::to_owned), value, "{kind}");
        for evidence in ["rule", "confidence", "reference", "span"] {
            assert!(!rows[0][evidence].is_null(), "{kind} has no {evidence}: {}", rows[0]);
        }
        assert!(rows[1]["unmatched"].is_string(), "{kind}: {}", rows[1]);
        let tested = done(&place, &["lookup", "test", kind, known, "--format", "ndjson"]).rows();
        assert_eq!(tested, rows[..1], "lookup test {kind}");
        assert_eq!(done(&place, &["normalize", kind, known]).rows(), tested);
    }
    assert!(!place.folder().join("test.db").exists(), "no database is needed");
}

#[test]
fn normalize_reads_what_the_country_of_the_record_decides() {
    let place = Place::sqlite();
    for country in ["GB", "uk", "United Kingdom", "Vereinigtes Königreich"] {
        let rows = done(&place, &["normalize", "phone", "020 7183 8750", "--country", country]).rows();
        assert_eq!(rows[0]["e164"], "+442071838750", "{country}: {}", rows[0]);
    }
    let rows = done(&place, &["normalize", "--country", "Canada", "location", "London, ON", "CA"]).rows();
    assert_eq!((&rows[0]["region_code"], &rows[0]["country_code"]), (&"CA-ON".into(), &"CA".into()));
    assert!(
        ends(&place, 2, &["normalize", "phone", "1", "--country", "Atlantis"])
            .err
            .contains("no such country")
    );
}

#[test]
fn lookup_list_shows_every_table() {
    let place = Place::sqlite();
    let tables = done(&place, &["lookup", "list"]).rows();
    assert!(tables.len() >= 5, "{tables:?}");
    for table in tables {
        let rows = done(&place, &["lookup", "list", table["table"].as_str().unwrap()]).rows();
        assert_eq!(rows.len() as u64, table["rows"].as_u64().unwrap());
    }
}

fn every_command_in_every_format(place: &Place) {
    let customers = Customers::make(300, 31);
    let file = place.file("customers.csv", customers.csv("spaced"));
    ingest(place, &[&file]);
    let companies = done(place, &["export", "companies"]).rows();
    let prospects = done(place, &["export", "prospects"]).rows();
    let domain = companies[0]["domain"].as_str().unwrap();
    let email = prospects.iter().find_map(|prospect| prospect["email"].as_str()).unwrap();
    let commands: &[&[&str]] = &[
        &["company", domain],
        &["person", email],
        &["explain", domain],
        &["explain", domain, "company_name"],
        &["explain", email, "job_title"],
        &["export", "companies"],
        &["export", "prospects", "--with-times"],
        &["runs", "list"],
        &["runs", "show", "1"],
        &["rejects", "list"],
        &["lookup", "list"],
        &["lookup", "list", "seniorities"],
        &["lookup", "test", "job_title", "CEO"],
        &["lookup", "unmatched", "--top", "3"],
        &["lookup", "unmatched", "--attribute", "job_title"],
        &["migrate", "up"],
        &["migrate", "status"],
        &["doctor"],
        &["ingest", &file, "--dry-run"],
    ];
    for command in commands {
        let said = FORMATS.map(|format| {
            let mut args = command.to_vec();
            args.extend(["--format", format]);
            done(place, &args).out
        });
        let [table, json, ndjson, csv] = said.each_ref().map(|out| out.trim());
        assert!(!table.is_empty(), "{command:?} gives no table");
        let lines: Vec<Value> = ndjson.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let all: Vec<Value> = serde_json::from_str(json).unwrap();
        // A dry run tells no times, but its report may differ in nothing.
        assert_eq!(lines, all, "{command:?}: NDJSON and JSON");
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let width = reader.headers().unwrap().len();
        let records: Vec<_> = reader.records().map(|record| record.unwrap()).collect();
        assert_eq!(records.len(), all.len(), "{command:?}: CSV");
        assert!(all.iter().all(|row| row.as_object().unwrap().len() == width), "{command:?}: CSV columns");
    }
    assert!(!done(place, &["rejects", "export"]).out.is_empty());
    let doctor = done(place, &["doctor"]).rows();
    assert!(doctor.len() > 4 && doctor.iter().all(|check| check["well"] == true));
}

fn migrate_down_to_nothing_and_up_again(place: &Place) {
    let file = place.file("leads.csv", "Email\nada@brook-mills.com\n");
    ingest(place, &[&file]);
    let down = done(place, &["migrate", "down", "--to", "0", "--yes"]).rows();
    assert!(down.iter().all(|migration| migration["applied"] == false), "{down:?}");
    let up = done(place, &["migrate", "up"]).rows();
    assert!(up.iter().all(|migration| migration["applied"] == true), "{up:?}");
    assert!(
        done(place, &["export", "companies"]).out.is_empty() && done(place, &["runs", "list"]).out.is_empty()
    );
    assert_eq!(ingest(place, &[&file])["accepted"], 1);
    done(place, &["doctor"]);
}

on_both! { every_command_in_every_format migrate_down_to_nothing_and_up_again }

#[test]
fn unmatched_values_come_by_the_rows_they_affect() {
    let place = Place::sqlite();
    let text = "Email,Company,Employee Size\na@one-brook.com,A,a few\nb@two-brook.com,B,a few\nc@three-brook.com,C,some\n";
    ingest(&place, &[&place.file("leads.csv", text)]);
    let rows = done(&place, &["lookup", "unmatched", "--attribute", "employee_range"]).rows();
    let told: Vec<_> = rows.iter().map(|row| (row["raw"].as_str(), row["rows"].as_u64())).collect();
    assert_eq!(told, [(Some("a few"), Some(2)), (Some("some"), Some(1))], "{rows:?}");
}

#[test]
fn completions_for_every_shell() {
    let place = Place::sqlite();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = done(&place, &["completions", shell]).out;
        assert!(script.contains("firmograph") && script.contains("max-rejects"), "{shell}");
    }
}

#[test]
fn help_of_every_command_and_the_version() {
    let place = Place::sqlite();
    assert!(done(&place, &["--version"]).out.starts_with("firmograph "));
    let help = done(&place, &["--help"]).out;
    let commands =
        "ingest normalize company person explain export runs rejects lookup migrate doctor demo completions";
    for command in commands.split(' ') {
        assert!(help.contains(&format!("\n  {command} ")), "{command} is not in the help");
        assert!(!done(&place, &[command, "--help"]).out.is_empty());
    }
}

#[test]
fn the_demo_finishes_and_may_be_kept() {
    let place = Place::sqlite();
    let said = done(&place, &["demo", "--keep", "kept.db"]);
    assert!(said.out.contains("northlight-robotics.com"), "{}", said.out);
    let kept = done(&place, &["--database", "sqlite://kept.db", "runs", "list"]).rows();
    assert_eq!(kept.len(), 2);
    assert_eq!(ends(&place, 0, &["--database", "sqlite://kept.db", "doctor"]).code, 0);
}

/// `firmograph export companies | head -1` must not complain.
#[test]
fn a_closed_pipe_is_no_failure() {
    let place = Place::sqlite();
    ingest(&place, &[&place.file("customers.csv", Customers::make(2_000, 32).csv("spaced"))]);
    let mut child = crate::binary::program(&place)
        .args(["export", "prospects"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}
