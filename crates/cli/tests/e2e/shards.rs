//! Records spread over several databases, from the command line.

use crate::binary::{done, ends, tally};
use crate::common::Place;
use crate::on_both;
use serde_json::Value;

/// A list of three databases: of the server of `place` the one it has, and SQLite files beside it.
fn list(place: &Place) -> String {
    let beside = ["b.db", "c.db"].map(|name| format!("sqlite://{}", place.folder().join(name).display()));
    let urls = [place.url(), beside[0].clone(), beside[1].clone()];
    let urls = serde_json::to_string(&urls).unwrap();
    place.file("shards.toml", format!("version = \"jump-blake3-1\"\nshards = {urls}\n"))
}

fn shards_are_filled_and_asked(place: &Place) {
    let shards = list(place);
    let rows: String = (0..60)
        .map(|number| format!("p{number}@firm-{number}.com,Firm {number},CTO\n"))
        .chain(["bo@acme.com,Acme,CEO\n,,Nobody\n".to_owned()])
        .collect();
    let file = place.file("leads.csv", format!("Email,Company,Job Title\n{rows}"));
    let said = done(place, &["--format", "ndjson", "ingest", &file, "--shards", &shards]);
    let report = &said.rows()[0];
    assert_eq!(tally(report), [62, 61, 1, 0]);
    let of_shards = report["shards"].as_array().unwrap();
    assert_eq!(of_shards.iter().map(|shard| tally(shard)[0]).sum::<u64>(), 62);
    assert!(of_shards.iter().all(|shard| tally(shard)[1] > 5), "each has its share: {report}");
    assert!(said.err.contains("3 shards: 62 rows") && said.err.contains("shard 2 ("), "{}", said.err);

    let located =
        done(place, &["--format", "ndjson", "shards", "locate", "https://Acme.com/x", "--shards", &shards]);
    let row = &located.rows()[0];
    assert_eq!((&row["key"], &row["shard"], &row["of"]), (&Value::from("acme.com"), &2.into(), &3.into()));
    assert!(row["database"].as_str().unwrap().ends_with("c.db"), "{row}");
    let shard = format!("sqlite://{}", place.folder().join("c.db").display());
    let company = done(place, &["--database", &shard, "company", "acme.com", "--format", "ndjson"]);
    assert!(company.out.contains("Acme"), "{}", company.out);

    let person = ["--format", "ndjson", "shards", "locate", "--person", "bo@acme.com", "--shards", &shards];
    assert_eq!(done(place, &person).rows()[0]["shard"], 2);
    let nobody = ends(place, 1, &["shards", "locate", "--person", "no@acme.com", "--shards", &shards]);
    assert!(nobody.err.contains("error[unknown-key]"), "{}", nobody.err);

    // The order is part of the map.
    let text = std::fs::read_to_string(&shards).unwrap();
    let swapped = place
        .file("swapped.toml", text.replace("b.db", "x.db").replace("c.db", "b.db").replace("x.db", "c.db"));
    let refused = ends(place, 2, &["ingest", &file, "--shards", &swapped]);
    assert!(refused.err.contains("error[other-shard]"), "{}", refused.err);
}

fn a_dry_run_makes_no_database(place: &Place) {
    let shards = list(place);
    let file = place.file("leads.csv", "Email\nada@acme.com\nbo@brook-mills.com\n");
    let said = done(place, &["--format", "ndjson", "ingest", &file, "--shards", &shards, "--dry-run"]);
    assert_eq!(tally(&said.rows()[0]), [2, 2, 0, 0]);
    assert!(!place.folder().join("b.db").exists() && !place.folder().join("c.db").exists());
}

on_both! {
    shards_are_filled_and_asked
    a_dry_run_makes_no_database
}
