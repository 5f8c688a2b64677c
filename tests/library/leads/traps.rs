//! Every trap of real collections comes out right, in every form in which documents come.

use super::documents::{bson, extended, traps, wrapped};
use super::{import, import_files, lead, leads, state, tables, undo, verify};
use crate::common::Place;
use crate::on_both;
use crate::use_it::Test;
use firmograph::{JoinRequest, Timestamp};
use serde_json::{Value, json};
use std::path::PathBuf;

fn each_trap_comes_out_right(place: &Place) {
    let mut test = Test::new(place);
    let (ingest, report) = import(&mut test, "leads.json", &wrapped(&traps()));
    assert_eq!((ingest.tally.read, ingest.tally.accepted), (8, 8));
    assert_eq!((report.documents, report.leads), (8, 6));
    let statuses: Vec<_> = report.statuses.iter().map(|(status, count)| (status.as_str(), *count)).collect();
    assert_eq!(statuses, [("icp_scored", 1), ("researched", 3), ("uploaded", 2)]);

    // 01, 07 and 08 are one lead, whose history is kept once.
    let ada = lead(&mut test, "75a000000000000000000001");
    for other in ["75a000000000000000000007", "75b000000000000000000001"] {
        assert_eq!(lead(&mut test, other).id, ada.id);
    }
    assert_eq!(
        (ada.status.as_str(), ada.research_runs.len(), ada.earlier_scores.len()),
        ("icp_scored", 1, 0)
    );
    let ids = json!(["75a000000000000000000001", "75a000000000000000000007", "75b000000000000000000001"]);
    assert_eq!(ada.columns["external_ids"], ids);
    assert_eq!(ada.columns["source_metadata"]["company_id"], "75c000000000000000000001");
    let score = ada.icp_score.as_ref().unwrap();
    assert_eq!((&score["icp_score"], &score["fit_tier"]), (&json!(92), &json!("Tier 1")));
    assert_eq!(
        score["factor_breakdown"]["companyFit"]["factors"][1],
        json!({"name": "Size", "value": 98, "weight": 30})
    );
    assert_eq!(ada.detected_signals.len(), 2);
    assert_eq!(ada.research_runs[0]["citations"][0]["source_name"], "Company site");
    assert_eq!(report.merged.len(), 1);
    assert_eq!(report.merged[0].documents.iter().map(|place| place.record).collect::<Vec<_>>(), [1, 7, 8]);

    // 02 is of the same company, and its blanks wipe nothing.
    let bo = lead(&mut test, "75a000000000000000000002");
    assert_eq!(bo.columns["company_id"], ada.columns["company_id"]);
    let company = ada.company.as_ref().unwrap();
    assert_eq!((&company["minEmployeeSize"], &company["revenue"]), (&json!(7300), &json!(640_000_000)));
    assert_eq!((&company["companyType"], &company["city"]), (&json!("Public Company"), &json!("Leeds")));
    let used: Vec<_> =
        company["technographics"].as_array().unwrap().iter().map(|row| row["name_key"].clone()).collect();
    assert!(
        used.len() == 2 && used.contains(&json!("salesforce")) && used.contains(&json!("aws")),
        "{used:?}"
    );
    let crm = company["technographics"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["name_key"] == "salesforce")
        .unwrap();
    assert_eq!((&crm["category"], &crm["source"]), (&json!("CRM"), &json!("Apollo")));

    // 03 and 04 are two persons at two companies.
    let [one, other] = ["75a000000000000000000003", "75a000000000000000000004"].map(|id| lead(&mut test, id));
    assert_eq!(one.company.as_ref().unwrap()["name"], "C++ Foundry (UK)");
    assert_ne!(one.columns["persona_id"], other.columns["persona_id"]);
    assert_ne!(one.columns["company_id"], other.columns["company_id"]);
    // Where nothing is known, nothing is said: no zeros.
    assert!(
        one.company.as_ref().unwrap()["minEmployeeSize"].is_null()
            && one.company.unwrap()["companyType"].is_null()
    );

    // 05 is uploaded only; 06 has no title, and both are kept.
    let dana = lead(&mut test, "75a000000000000000000005");
    assert_eq!((dana.status.as_str(), dana.research_runs.len(), dana.icp_score), ("uploaded", 0, None));
    assert_eq!(lead(&mut test, "75a000000000000000000006").columns["title"], Value::Null);
    let found: Vec<_> =
        report.findings.iter().map(|one| (one.code.as_str(), one.place.record, one.path.as_str())).collect();
    let expected = [
        ("missing-title", 6, "title"),
        ("unresolved-reference", 8, "company_id"),
        ("unresolved-reference", 8, "persona_id"),
    ];
    assert_eq!(found, expected);
    assert_eq!(report.unplaced, []);
    let history = report.history;
    assert_eq!(
        (history.research_given, history.research_runs, history.scores_given, history.icp_scores),
        (5, 4, 2, 1)
    );
    assert_eq!((test.companies().len(), test.prospects().len(), leads(&mut test).len()), (5, 6, 6));
    verify(&mut test);
}

fn importing_again_changes_nothing_and_undoing_leaves_nothing(place: &Place) {
    let mut test = Test::new(place);
    let empty = state(&mut test);
    let (ingest, first) = import(&mut test, "leads.json", &wrapped(&traps()));
    let before = state(&mut test);
    let (again, second) = import(&mut test, "leads.json", &wrapped(&traps()));
    assert_eq!((again.tally.accepted, again.tally.skipped), (0, 8));
    assert_eq!((state(&mut test), second), (before.clone(), first));
    let undone = undo(&mut test, ingest.run);
    assert_eq!(state(&mut test), empty);
    verify(&mut test);
    undo(&mut test, undone);
    assert_eq!(state(&mut test), before);
    verify(&mut test);
}

fn every_form_of_documents_gives_the_same_rows(place: &Place) {
    let documents = traps();
    let lines: String = documents.iter().map(|document| format!("{document}\n")).collect();
    let extended_lines: String =
        documents.iter().map(|document| format!("{}\n", extended(document))).collect();
    let extended_array = Value::from_iter(documents.iter().map(extended)).to_string();
    let mut expected = None;
    for (name, bytes) in [
        ("array.json", Value::from(documents.clone()).to_string().into_bytes()),
        ("wrapped.json", wrapped(&documents).into_bytes()),
        ("lines.jsonl", lines.into_bytes()),
        ("extended.jsonl", extended_lines.into_bytes()),
        ("extended.json", extended_array.into_bytes()),
        ("dump.bson", documents.iter().flat_map(bson).collect()),
    ] {
        let mut test = Test::in_memory(place);
        let file = PathBuf::from(place.file(name, bytes));
        import_files(&mut test, std::slice::from_ref(&file));
        let state = state(&mut test);
        assert_eq!(&state, expected.get_or_insert_with(|| state.clone()), "{name}");
        verify(&mut test);
    }
}

fn a_dry_run_tells_the_same_and_leaves_nothing(place: &Place) {
    let mut test = Test::new(place);
    let file = PathBuf::from(test.file("leads.json", &wrapped(&traps())));
    let mut options = firmograph::leads::lead_options(firmograph::Source::new("leads").unwrap());
    options.dry_run = true;
    let empty = state(&mut test);
    let (_, dry) = test.with(async |engine| {
        let mut hooks = firmograph::Hooks {
            clock: &|| Timestamp::UNIX_EPOCH,
            progress: &mut |_| {},
            interrupted: Default::default(),
        };
        engine.import_leads(std::slice::from_ref(&file), &options, &mut hooks).await.unwrap()
    });
    assert_eq!(state(&mut test), empty);
    assert_eq!(import_files(&mut test, &[file]).1, dry);
}

fn joining_parting_and_rebuilding_keep_the_leads_right(place: &Place) {
    let mut test = Test::new(place);
    import(&mut test, "leads.json", &wrapped(&traps()));
    let before = state(&mut test);
    let old = lead(&mut test, "75a000000000000000000005").id;
    let request = JoinRequest {
        kind: firmograph::EntityKind::Company,
        from_key: "draft-works.com".into(),
        into_key: "fjord-optics.no".into(),
        why: "bought".to_owned(),
    };
    let now = Timestamp::UNIX_EPOCH;
    let joined =
        test.with(async |engine| engine.join(&[request], "ada", false, now, &mut |_| {}).await.unwrap());
    let dana = lead(&mut test, "75a000000000000000000005");
    assert_eq!(dana.columns["company_key"], "fjord-optics.no");
    assert_ne!(dana.id, old);
    assert_eq!(lead(&mut test, &old).id, dana.id, "the id of before finds it still");
    verify(&mut test);
    undo(&mut test, joined.run);
    assert_eq!(state(&mut test), before);
    place.sql("UPDATE lead SET title = 'wrong'");
    place.sql("DELETE FROM citation");
    let options = firmograph::RebuildOptions::default();
    let stop = std::sync::atomic::AtomicBool::new(false);
    test.with(async |engine| engine.rebuild(&options, now, &stop, &mut |_| {}).await.unwrap());
    assert_eq!(state(&mut test), before);
    verify(&mut test);
}

fn what_is_wrong_in_the_tables_is_told(place: &Place) {
    let mut test = Test::new(place);
    import(&mut test, "leads.json", &wrapped(&traps()));
    place.sql("UPDATE lead SET title = 'wrong' WHERE email = 'dana@draft-works.com'");
    let mut told = Vec::new();
    let mut sink = |difference: firmograph::Difference| told.push(difference);
    test.with(async |engine| engine.verify(Timestamp::UNIX_EPOCH, &mut sink).await.unwrap());
    let told: Vec<_> =
        told.iter().map(|one| (one.table.as_str(), one.column.as_str(), one.expected.as_deref())).collect();
    assert_eq!(told, [("lead", "title", Some("CEO"))]);
}

fn removing_the_source_takes_the_leads_and_leaves_what_others_say(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("csv", "Email,Full Name,Company\nada.hale@brook-mills.com,Ada Hale,Brook Mills\n");
    let before = state(&mut test);
    import(&mut test, "leads.json", &wrapped(&traps()));
    let source = firmograph::Source::new("leads").unwrap();
    let now = Timestamp::UNIX_EPOCH;
    let removed =
        test.with(async |engine| engine.remove_source(&source, false, now, &mut |_| {}).await.unwrap());
    assert_eq!(tables(&mut test), "");
    assert_eq!(state(&mut test), before);
    undo(&mut test, removed.run);
    assert_eq!(leads(&mut test).len(), 6);
    verify(&mut test);
}

on_both! {
    each_trap_comes_out_right
    importing_again_changes_nothing_and_undoing_leaves_nothing
    every_form_of_documents_gives_the_same_rows
    a_dry_run_tells_the_same_and_leaves_nothing
    joining_parting_and_rebuilding_keep_the_leads_right
    what_is_wrong_in_the_tables_is_told
    removing_the_source_takes_the_leads_and_leaves_what_others_say
}
