//! Mappings of vendors and of users, and the keys that nobody reads.

use crate::binary::{call, ends};
use crate::common::Place;

const MEN: &str = "[when]\nhas = [\"mensch\"]\n[fields]\nemail = \"mensch.post\"\n";
const HOUSES: &str = "recognise = false\nignore = [\"haus.nr\"]\n[when]\nhas = [\"haus\"]\n[fields]\ncompany_domain = \"haus.netz\"\n";

#[test]
fn of_several_mappings_each_record_takes_its_own() {
    let place = Place::sqlite();
    let lines = r#"{"mensch": {"post": "ada@brook-mills.com", "laune": "gut"}}
{"haus": {"netz": "northlight-robotics.com", "nr": 7, "email": "x@elsewhere.com", "farbe": {"dach": "rot"}}}
{"haus": {"netz": "quay-bank.com", "farbe": {"dach": "blau"}}}
{"raw_payload": {"name": "Harbour", "clay_company_id": 1, "shoe": 43}, "company_domain": "harbour-advice.com"}
"#;
    let file = place.file("all.jsonl", lines);
    let (men, houses) = (place.file("men.toml", MEN), place.file("houses.toml", HOUSES));
    let said = ends(
        &place,
        0,
        &["ingest", &file, "--source", "clay", "--mapping", &men, "--mapping", &houses, "--format", "ndjson"],
    );
    let unread = "keys not read: haus.farbe.dach (2), haus.email (1), mensch.laune (1), raw_payload.shoe (1)";
    assert_eq!(said.err.matches("keys not read").count(), 1, "once per run and file: {}", said.err);
    assert!(said.err.contains(unread), "{}", said.err);
    let report = said.rows().remove(0);
    assert_eq!(report["accepted"], 4, "{report}");
    assert!(report.to_string().contains(r#"mensch.laune"#), "{report}");
    for company in ["brook-mills.com", "northlight-robotics.com", "quay-bank.com", "harbour-advice.com"] {
        ends(&place, 0, &["company", company]);
    }
    assert_eq!(call(&place, &["company", "elsewhere.com"]).code, 1, "what is not named is not read");
}

#[test]
fn what_is_not_understood_names_its_file_and_line() {
    let place = Place::sqlite();
    let file = place.file("all.csv", "Email\nada@brook-mills.com\n");
    let wrong = place.file("wrong.toml", "[fields]\nemial = \"Email\"\n");
    let said = ends(&place, 2, &["ingest", &file, "--mapping", &wrong]);
    assert!(
        said.err.contains("wrong.toml") && said.err.contains("line 2") && said.err.contains("email"),
        "{}",
        said.err
    );
}
