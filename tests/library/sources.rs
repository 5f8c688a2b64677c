//! What several sources, or one source at several times, say about one company or person.

use crate::common::Place;
use crate::on_both;
use crate::use_it::{Test, options};
use firmograph::EntityKind::{Company, Person};
use firmograph::{Engine, IngestOptions, parse_observed_at};

const CSV: &str = "Email,Company,Employee Size,Industry,City,Country,Job Title\n\
                   ada@brook-mills.com,BROOK MILLS LTD,11-50,Banking,Leeds,UK,Analyst\n";
const CLAY: &str = "Email,Company,Employee Size,City,Job Title\n\
                    ada@brook-mills.com,Brook Mills,51-200,London,CFO\n";
const APOLLO: &str = "Email,Company,Employee Size,Job Title\n\
                      ada@brook-mills.com,Brook Mills Group,plenty,VP Finance\n";

fn priority_decides_and_explain_tells_why(place: &Place) {
    let mut test = Test::new(place);
    for (source, text) in [("csv", CSV), ("apollo", APOLLO), ("clay", CLAY)] {
        test.ingest(source, text);
    }
    let company = test.companies().remove(0);
    assert_eq!((&company["name"], &company["employeeRange"]), (&"Brook Mills".into(), &"51-200".into()));
    assert_eq!(company["industry"], "Banking", "the one source that says anything");
    assert_eq!(
        (&company["city"], &company["country"]),
        (&"Leeds".into(), &"United Kingdom".into()),
        "one source's group"
    );
    assert_eq!(company["externalSource"], "clay");
    assert_eq!(test.prospects()[0]["jobTitle"], "CFO");

    let said = test.explain(Company, "brook-mills.com", "employee_range");
    assert_eq!((&said["winner"]["source"], &said["won_because"]), (&"clay".into(), &"by_priority".into()));
    assert_eq!(said["winner"]["raw"]["employee_range"], "51-200");
    assert!(!said["winner"]["matched"]["evidence"]["rule"].is_null());
    let losers: Vec<_> = said["losers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|loser| [&loser["source"], &loser["lost_because"]].map(|text| text.as_str().unwrap()))
        .collect();
    assert_eq!(losers, [["csv", "lower_priority"], ["apollo", "unmatched"]]);
    let said = test.explain(Company, "brook-mills.com", "company_location");
    assert_eq!((&said["winner"]["source"], &said["won_because"]), (&"csv".into(), &"most_complete".into()));
    assert_eq!(said["losers"][0]["lost_because"], "less_complete");
    let said = test.explain(Company, "brook-mills.com", "industry");
    assert_eq!((&said["won_because"], said["losers"].as_array().unwrap().len()), (&"only_source".into(), 0));
    let said = test.explain(Person, "ada@brook-mills.com", "job_title");
    assert_eq!((&said["winner"]["source"], said["losers"].as_array().unwrap().len()), (&"clay".into(), 2));
}

fn observed(source: &str, day: &str) -> IngestOptions {
    let mut options = options(source);
    options.observed_at = Some(parse_observed_at(day).unwrap());
    options
}

fn the_newer_observation_of_one_source_wins_whenever_it_is_loaded(place: &Place) {
    let old =
        "Email,Employee Size\na@brook-mills.com,11-50\nb@brook-mills.com,11-50\nc@brook-mills.com,11-50\n";
    let new = "Email,Employee Size\na@brook-mills.com,201-500\n";
    let undated = "Email,Employee Size\nd@brook-mills.com,1-10\n";
    let mut test = Test::new(place);
    test.ingest_with(&[new], &observed("csv", "2026-03-01"));
    test.ingest_with(&[old], &observed("csv", "2025-03-01T10:00:00Z"));
    test.ingest_with(&[undated], &options("csv"));
    assert_eq!(test.companies()[0]["employeeRange"], "201-500", "though three older payloads agree");
    let said = test.explain(Company, "brook-mills.com", "employee_range");
    assert_eq!(said["winner"]["observed_at"], "2026-03-01T00:00:00Z");
    assert_eq!(said["winner"]["also_said"].as_array().unwrap().len(), 2, "{said}");
    // The same text seen at another time is another payload.
    let report = test.ingest_with(&[new], &observed("csv", "2026-04-01"));
    assert_eq!(report.tally.accepted, 1);
    // A later sighting in one source does not outrank a source that is believed first.
    test.ingest_with(&["Email,Employee Size\na@brook-mills.com,1-10\n"], &observed("clay", "2020-01-01"));
    assert_eq!(test.companies()[0]["employeeRange"], "1-10");
}

fn the_value_that_most_payloads_support_wins(place: &Place) {
    let mut test = Test::new(place);
    let text = "Email,Company\na@brook-mills.com,Zeta\nb@brook-mills.com,Brook\nc@brook-mills.com,Zeta\n\
                a@brook-mills.com,Zeta\nd@brook-mills.com,Aaaa\n";
    test.ingest("csv", text);
    assert_eq!(test.companies()[0]["name"], "Zeta");
    let said = test.explain(Company, "brook-mills.com", "company_name");
    assert_eq!(said["winner"]["payloads"], 2, "a repeated payload counts once: {said}");
}

fn the_order_of_files_does_not_matter(place: &Place) {
    let files = [("csv", CSV, "2026-01-01"), ("clay", CLAY, "2025-01-01"), ("apollo", APOLLO, "2024-01-01")];
    let mut given = Vec::new();
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let mut test = Test::in_memory(place);
        for index in order {
            let (source, text, day) = files[index];
            test.ingest_with(&[text], &observed(source, day));
        }
        given.push(test.export());
    }
    let mut test = Test::new(place);
    for (source, text, day) in [files[2], files[0], files[1]] {
        test.ingest_with(&[text], &observed(source, day));
    }
    given.push(test.export());
    assert!(given.iter().all(|export| *export == given[0]), "{given:#?}");
}

/// A program that was killed between making the tables and filling the reference tables leaves such a database; a program
/// that opens it at that very moment meets it, too.
fn a_database_without_its_reference_rows_is_completed(place: &Place) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut store = firmograph::store::Store::open(&place.url()).await.unwrap();
        store.migrate_up().await.unwrap();
        store.close().await.unwrap();
        let mut engine = Engine::open(&place.url()).await.unwrap();
        let checks = engine.doctor().await.unwrap();
        assert!(checks.iter().all(|check| check.well), "{checks:?}");
    });
    priority_decides_and_explain_tells_why(place);
}

on_both! {
    priority_decides_and_explain_tells_why
    the_newer_observation_of_one_source_wins_whenever_it_is_loaded
    the_value_that_most_payloads_support_wins
    the_order_of_files_does_not_matter
    a_database_without_its_reference_rows_is_completed
}
