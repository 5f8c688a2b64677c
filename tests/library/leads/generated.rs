//! Collections made from a seed: what comes out is what they were made from. `FIRMOGRAPH_LEADS=20000` makes them large.

use super::made::{Collection, id, make};
use super::{assert_same, import, import_files, leads, state, tables, undo, verify};
use crate::common::Place;
use crate::common::customers::Dice;
use crate::on_both;
use crate::use_it::Test;
use firmograph::leads::Lead;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

fn count() -> usize {
    std::env::var("FIRMOGRAPH_LEADS").ok().and_then(|text| text.parse().ok()).unwrap_or(400)
}

fn lines(documents: &[Value]) -> String {
    documents.iter().map(|document| format!("{document}\n")).collect()
}

/// Compares what is stored with the truth, lead by lead.
fn check(collection: &Collection, found: &[Lead]) {
    let by_document: BTreeMap<&str, &Lead> = found
        .iter()
        .flat_map(|lead| {
            lead.columns["external_ids"]
                .as_array()
                .unwrap()
                .iter()
                .map(move |id| (id.as_str().unwrap(), lead))
        })
        .collect();
    assert_eq!(found.len(), collection.leads.iter().filter(|truth| !truth.documents.is_empty()).count());
    let mut companies: BTreeMap<&str, usize> = BTreeMap::new();
    for truth in &collection.leads {
        let ids: BTreeSet<String> = truth.documents.iter().map(|number| id(*number)).collect();
        let Some(first) = ids.first() else { continue };
        let lead = by_document[first.as_str()];
        let own: BTreeSet<String> = lead.columns["external_ids"]
            .as_array()
            .unwrap()
            .iter()
            .map(|id| id.as_str().unwrap().to_owned())
            .collect();
        assert_eq!(own, ids, "the documents of {truth:?}");
        assert_eq!(lead.status, ["uploaded", "researched", "icp_scored"][truth.status]);
        assert_eq!(lead.columns["title"].as_str(), truth.title.as_deref());
        assert_eq!(lead.research_runs.len(), truth.research.len());
        let scores = usize::from(lead.icp_score.is_some()) + lead.earlier_scores.len();
        assert_eq!(scores, truth.scores.len());
        let company = lead.company.as_ref().unwrap();
        let known = companies.entry(lead.columns["company_id"].as_str().unwrap()).or_insert(truth.company);
        assert_eq!(*known, truth.company, "two companies are one");
        let (employees, used) = &collection.companies[&truth.company];
        assert_eq!(company["minEmployeeSize"].as_i64(), *employees, "{truth:?}");
        let listed = company.get("technographics").and_then(Value::as_array).cloned().unwrap_or_default();
        let listed: BTreeSet<String> =
            listed.iter().map(|row| row["name_key"].as_str().unwrap().to_owned()).collect();
        assert_eq!(&listed, used);
    }
    let all: BTreeSet<usize> = companies.values().copied().collect();
    assert_eq!(all.len(), companies.len(), "one company is two");
}

fn what_comes_out_is_what_it_was_made_from(place: &Place) {
    for seed in [1, 2, 3] {
        if seed > 1 && (count() > 1_000 || place.server().is_some()) {
            continue;
        }
        let collection = make(count(), seed);
        let mut test = if place.server().is_some() { Test::new(place) } else { Test::in_memory(place) };
        let empty = state(&mut test);
        let text = lines(&collection.documents);
        let (ingest, report) = import(&mut test, "made.jsonl", &text);
        assert_eq!(report.documents as usize, collection.documents.len());
        let tiers = report.findings.iter().filter(|one| one.code == "tier-against-score").count();
        assert_eq!(tiers, collection.wrong_tiers);
        assert_eq!(report.ambiguous, [], "nothing in it may be one of several");
        check(&collection, &leads(&mut test));
        assert_eq!(leads(&mut test).len(), test.prospects().len());
        assert_eq!(test.companies().len(), collection.companies.len());
        let before = state(&mut test);
        let (again, _) = import(&mut test, "made.jsonl", &text);
        assert_eq!((again.tally.accepted, again.counters.changes()), (0, 0));
        assert_same(&state(&mut test), &before);
        verify(&mut test);
        let undone = undo(&mut test, ingest.run);
        assert_same(&state(&mut test), &empty);
        undo(&mut test, undone);
        assert_same(&state(&mut test), &before);
    }
}

fn no_order_and_no_split_makes_a_difference(place: &Place) {
    let collection = make(count().min(2_000), 4);
    let mut whole = Test::in_memory(place);
    import(&mut whole, "whole.jsonl", &lines(&collection.documents));
    let expected = state(&mut whole);
    for seed in 0..3 {
        let mut documents = collection.documents.clone();
        Dice::new(seed).shuffle(&mut documents);
        let mut test = Test::in_memory(place);
        let third = documents.len() / 3;
        // In three runs, the last of two files.
        import(&mut test, "a.jsonl", &lines(&documents[..third]));
        import(&mut test, "b.jsonl", &lines(&documents[third..2 * third]));
        let (first, second) = documents[2 * third..].split_at(third / 2);
        let files = [("c.jsonl", first), ("d.jsonl", second)];
        let files = files.map(|(name, documents)| PathBuf::from(test.file(name, &lines(documents))));
        import_files(&mut test, &files);
        assert_same(&state(&mut test), &expected);
    }
}

fn what_others_say_comes_before_or_after(place: &Place) {
    // A table that names the companies by domain: leads that know a name alone are joined to them, whoever comes first.
    let collection = make(60, 5);
    let table: String = collection
        .companies
        .keys()
        .filter_map(|number| {
            let name = collection.documents.iter().find_map(|document| {
                let name = document["lead_input"]["company"].as_str()?;
                name.to_lowercase().starts_with(&format!("quarry{number} ")).then(|| name.to_owned())
            })?;
            Some(format!("\"{name}\",quarry{number}-works.com\n"))
        })
        .collect();
    let table = format!("Company,Website\n{table}");
    let [mut before, mut after] = [(); 2].map(|()| Test::in_memory(place));
    before.ingest("csv", &table);
    import(&mut before, "leads.jsonl", &lines(&collection.documents));
    let (ingest, _) = import(&mut after, "leads.jsonl", &lines(&collection.documents));
    let alone = state(&mut after);
    let with_table = after.ingest("csv", &table);
    assert_same(&state(&mut after), &state(&mut before));
    assert!(leads(&mut after).iter().all(|lead| lead.company.as_ref().unwrap()["keyKind"] == "domain"));
    verify(&mut after);
    undo(&mut after, with_table.run);
    assert_same(&state(&mut after), &alone);
    undo(&mut after, ingest.run);
    assert_eq!(tables(&mut after), "");
}

fn a_profile_is_that_of_the_only_mailbox_that_shows_it(place: &Place) {
    let mut test = Test::in_memory(place);
    let document = |email: &str, profile: &str| {
        format!(
            "{{\"lead_input\": {{\"name\": \"Ada Hale\", \"company\": \"Brook Mills\", \"email\": \"{email}\"}}, \
             \"research\": {{\"CompanyProfile\": {{\"domain\": \"brook-mills.com\"}}, \
             \"PersonaProfile\": {{\"linkedin_url\": \"{profile}\"}}}}}}\n"
        )
    };
    let profile = "https://www.linkedin.com/in/ada-hale";
    import(&mut test, "a.jsonl", &document("", profile));
    import(&mut test, "b.jsonl", &document("", ""));
    assert_eq!(leads(&mut test).len(), 1, "the only one of her name");
    import(&mut test, "c.jsonl", &document("ada@brook-mills.com", profile));
    assert_eq!(leads(&mut test).len(), 1);
    assert_eq!(leads(&mut test)[0].columns["person_key"], "ada@brook-mills.com");
    verify(&mut test);
    // A second mailbox with the same profile: which of both is meant is not known any more.
    import(&mut test, "d.jsonl", &document("ada.hale@brook-mills.com", profile));
    assert_eq!(leads(&mut test).len(), 4);
    verify(&mut test);
}

fn two_of_one_name_join_nothing_and_are_told(place: &Place) {
    let mut test = Test::in_memory(place);
    test.ingest("csv", "Company,Website\nBrook Mills,brook-mills.com\nBrook Mills,brook-mills.no\nBrook Mills Ltd,brook-mills.se\n");
    let text = "{\"lead_input\": {\"name\": \"Ada Hale\", \"company\": \"BROOK  mills\"}, \"status\": \"uploaded\"}\n";
    let (_, report) = import(&mut test, "lead.jsonl", text);
    assert_eq!((test.companies().len(), leads(&mut test).len()), (4, 1));
    let told: Vec<_> = report.ambiguous.iter().map(|one| (one.entity, one.candidates.clone())).collect();
    let domains = ["brook-mills.com", "brook-mills.no"].map(str::to_owned).to_vec();
    assert_eq!(told, [("company", domains)], "a legal form makes another name");
}

on_both! {
    what_comes_out_is_what_it_was_made_from
    no_order_and_no_split_makes_a_difference
    what_others_say_comes_before_or_after
    a_profile_is_that_of_the_only_mailbox_that_shows_it
    two_of_one_name_join_nothing_and_are_told
}
