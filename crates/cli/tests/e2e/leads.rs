//! Importing leads with the built program: killed at any moment and gone on with, it gives what an import in one go gives.

use crate::binary::{done, export, program};
use crate::common::Place;
use crate::on_both;
use std::process::Stdio;
use std::time::Duration;

/// `FIRMOGRAPH_KILLS=25` kills more often.
fn kills() -> u64 {
    std::env::var("FIRMOGRAPH_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(3)
}

/// Documents of many companies, some by name alone, each lead in two of them.
fn documents(count: usize) -> String {
    let document = |number: usize| {
        let (company, person) = (number / 8, number / 2);
        let domain = if company % 3 == 0 { String::new() } else { format!("mill{company}-works.com") };
        let email =
            if person % 2 == 0 { format!("person{person}@mill{company}-works.com") } else { String::new() };
        let email = if company % 3 == 0 { String::new() } else { email };
        let research = if number.is_multiple_of(2) { String::new() } else { domain };
        format!(
            "{{\"_id\": \"{number:024x}\", \"lead_input\": {{\"name\": \"Person {person}\", \"title\": \"CTO\", \
             \"company\": \"Mill{company} Works\", \"email\": \"{email}\"}}, \"research\": {{\"CompanyProfile\": \
             {{\"name\": \"Mill{company} Works\", \"domain\": \"{research}\", \"technographics\": [{{\"name\": \"AWS\"}}]}}, \
             \"DetectedSignals\": [{{\"type\": \"intent\", \"signal\": \"signal {number}\"}}]}}, \"icp\": {{\"icp_score\": {}, \
             \"fit_tier\": \"Tier 2\"}}, \"status\": \"icp_scored\"}}\n",
            70 + number % 15
        )
    };
    (0..count).map(document).collect()
}

fn listed(place: &Place) -> String {
    let output =
        program(place).args(["leads", "list", "--limit", "100000", "--format", "ndjson"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap() + &export(place)
}

fn killed_at_any_moment_and_gone_on_with(place: &Place) {
    let text = documents(1_200);
    let whole = Place::sqlite();
    let file = whole.file("leads.jsonl", &text);
    done(&whole, &["import", "leads", &file]);
    let expected = listed(&whole);
    assert!(expected.lines().count() > 900, "{}", expected.lines().count());
    let file = place.file("leads.jsonl", &text);
    done(place, &["migrate", "up"]);
    let mut pause = 40;
    for round in 0..kills() {
        let mut command = program(place);
        command.args(["import", "leads", &file, "--batch-size", "150", "--resume"]);
        let mut child = command.stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(pause));
        // It may have ended by itself: then nothing is left to go on with, and the next one says so.
        let _ = child.kill();
        child.wait().unwrap();
        pause = (pause * 2 + round * 37) % 1_900 + 20;
    }
    done(place, &["import", "leads", &file, "--batch-size", "150", "--resume"]);
    assert!(listed(place) == expected, "other leads than in one go");
    done(place, &["verify"]);
}

fn leads_are_uploaded_shown_refreshed_and_deleted(place: &Place) {
    let file =
        place.file("list.csv", "Name,Title,Company,Email\nAda Hale,CTO,Brook Mills,ada@brook-mills.com\n");
    let uploaded = done(place, &["leads", "upload", &file, "--format", "json"]).out;
    let rows: serde_json::Value = serde_json::from_str(&uploaded).unwrap();
    let id = rows[0]["id"].as_str().unwrap();
    let icp = place.file("icp.txt", "```json\n{\"icp_score\": 92, \"fit_tier\": \"Tier 1\"}\n```");
    done(place, &["leads", "refresh", id, "--icp", &icp]);
    let shown = done(place, &["leads", "show", id, "--format", "json"]).out;
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(
        (&shown[0]["status"], &shown[0]["icp_score"]["icp_score"]),
        (&"icp_scored".into(), &92.into())
    );
    assert!(done(place, &["leads", "list", "--format", "table"]).out.contains("Tier 1"));
    done(place, &["leads", "delete", id]);
    assert_eq!(done(place, &["leads", "list", "--format", "ndjson"]).out, "");
    let missing = program(place).args(["leads", "show", id]).output().unwrap();
    assert_eq!(missing.status.code(), Some(1), "{}", String::from_utf8_lossy(&missing.stderr));
    done(place, &["runs", "undo", "3"]);
    assert!(done(place, &["leads", "list", "--format", "ndjson"]).out.contains("ada@brook-mills.com"));
    let table = program(place).args(["import", "leads", &file]).output().unwrap();
    assert_eq!(table.status.code(), Some(2), "{}", String::from_utf8_lossy(&table.stderr));
}

on_both! {
    killed_at_any_moment_and_gone_on_with
    leads_are_uploaded_shown_refreshed_and_deleted
}
