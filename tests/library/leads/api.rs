//! Uploading, refreshing, reading and deleting leads.

use super::documents::{complete, scored, traps, wrapped};
use super::{import, lead, leads, state, undo, verify};
use crate::common::Place;
use crate::on_both;
use crate::use_it::Test;
use firmograph::leads::{LeadColumns, LeadFilter, LeadUpload};
use firmograph::{Error, Timestamp};
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn upload(test: &mut Test<'_>, text: &str, columns: &LeadColumns) -> Result<LeadUpload, Error> {
    let path = test.file("upload.csv", text);
    test.with(async |engine| engine.upload_leads(path.as_ref(), columns, NOW).await)
}

fn an_upload_tells_of_each_row_and_is_repeated_without_change(place: &Place) {
    let mut test = Test::new(place);
    // A blank line and a cell of two lines: lines are those of the file.
    let text = "Name,Title,Company,Email\n\nAda Hale,\"VP,\nSales\",Brook Mills,ada@brook-mills.com\n\
                Bo Ito,,Brook Mills,bo@brook-mills\n,CEO,Nameless,x@y.com\nCy Poe,CTO,,cy@poe-works.com\n\
                Di Ross,COO,Ross & Co (UK)*,\n";
    let first = upload(&mut test, text, &LeadColumns::default()).unwrap();
    let shown: Vec<_> =
        first.rows.iter().map(|row| (row.line, row.id.is_some(), row.failed, row.errors.clone())).collect();
    let expected = [
        (3, true, false, vec![]),
        (5, true, false, vec!["missing-title", "bad-email"]),
        (6, false, true, vec!["missing-name"]),
        (7, false, true, vec!["missing-company"]),
        (8, true, false, vec![]),
    ];
    assert_eq!(shown, expected);
    assert_eq!((first.total, first.created, first.known, first.failed), (5, 3, 0, 2));
    assert_eq!(first.rows[0].status.as_deref(), Some("uploaded"));
    let before = state(&mut test);
    let second = upload(&mut test, text, &LeadColumns::default()).unwrap();
    assert_eq!((second.created, second.known, second.failed), (0, 3, 2));
    assert_eq!(second.rows, first.rows);
    assert_eq!(state(&mut test), before);
    let rejects = test.with(async |engine| engine.rejects(None).await.unwrap());
    let rejects: Vec<_> = rejects.iter().map(|reject| (&*reject.code, reject.line)).collect();
    assert_eq!(
        rejects,
        [("missing-value", 6), ("missing-value", 7), ("missing-value", 6), ("missing-value", 7)]
    );
    verify(&mut test);
    undo(&mut test, first.run);
    assert_eq!(leads(&mut test).len(), 0);
}

fn columns_are_named_or_recognised(place: &Place) {
    let mut test = Test::new(place);
    let text = "Wer;Firma 1;Rolle\nAda Hale;Brook Mills;CTO\n";
    let named = |name: &str, company: &str| LeadColumns {
        name: Some(name.to_owned()),
        company: Some(company.to_owned()),
        title: Some("Rolle".to_owned()),
        email: None,
    };
    let done = upload(&mut test, text, &named("Wer", "Firma 1")).unwrap();
    assert_eq!((done.created, done.rows[0].title.as_str()), (1, "CTO"));
    assert_eq!(upload(&mut test, text, &named("Who", "Firma 1")).unwrap_err().code(), "unknown-column");
    assert_eq!(upload(&mut test, text, &LeadColumns::default()).unwrap_err().code(), "no-header");
    assert_eq!(leads(&mut test).len(), 1);
}

fn a_refresh_attaches_at_once_and_keeps_what_was(place: &Place) {
    let mut test = Test::new(place);
    let text = "name,title,company,email\nAda Hale,VP Sales,Brook Mills,ada.hale@brook-mills.com\n";
    let uploaded = upload(&mut test, text, &LeadColumns::default()).unwrap();
    let id = uploaded.rows[0].id.clone().unwrap();
    let research = complete()["research"].to_string();
    let fenced = format!("Here:\n```json\n{}\n```", scored());
    let now = at("2026-02-01T00:00:00Z");
    let first = test
        .with(async |engine| engine.refresh_lead(&id, Some(&research), Some(&fenced), now).await)
        .unwrap();
    assert_eq!(
        (first.id.as_str(), first.status.as_str(), first.was_known),
        (id.as_str(), "icp_scored", false)
    );
    let ada = lead(&mut test, &id);
    assert_eq!(
        (ada.research_runs.len(), ada.icp_score.as_ref().unwrap()["icp_score"].clone()),
        (1, json!(92))
    );
    assert_eq!(ada.columns["title"], "VP Sales", "what was uploaded stays");
    assert_eq!(ada.company.as_ref().unwrap()["minEmployeeSize"], 7300);

    // Blanks overwrite nothing; another score is kept beside the first.
    let blank = traps()[2]["research"].to_string();
    let wrong = json!({"icp_score": 60, "fit_tier": "Tier 1"}).to_string();
    let later = at("2026-03-01T00:00:00Z");
    let second =
        test.with(async |engine| engine.refresh_lead(&id, Some(&blank), Some(&wrong), later).await).unwrap();
    let codes: Vec<_> = second.findings.iter().map(|one| one[0].as_str()).collect();
    assert_eq!(codes, ["tier-against-score", "other-lead-requested"]);
    let ada = lead(&mut test, &id);
    assert_eq!(ada.company.as_ref().unwrap()["minEmployeeSize"], 7300);
    assert_eq!(ada.icp_score.as_ref().unwrap()["icp_score"], 60);
    assert_eq!((ada.earlier_scores.len(), ada.research_runs.len()), (1, 2));

    // An upload of before does not set it back, and the same once more is the same.
    upload(&mut test, text, &LeadColumns::default()).unwrap();
    assert_eq!(lead(&mut test, &id).status, "icp_scored");
    let before = state(&mut test);
    let again =
        test.with(async |engine| engine.refresh_lead(&id, Some(&blank), Some(&wrong), later).await).unwrap();
    assert!(again.was_known);
    assert_eq!(state(&mut test), before);
    let refuse = |error: Error| error.code();
    let bad = test.with(async |engine| engine.refresh_lead(&id, None, Some("I found nothing."), later).await);
    assert_eq!(bad.map_err(refuse), Err("not-json"));
    let none = test.with(async |engine| engine.refresh_lead("nobody", Some(&research), None, later).await);
    assert_eq!(none.map_err(refuse), Err("unknown-lead"));
    assert_eq!(state(&mut test), before, "what is refused changes nothing");
    verify(&mut test);
    undo(&mut test, second.run);
    assert_eq!(lead(&mut test, &id).icp_score.unwrap()["icp_score"], 92);
    verify(&mut test);
}

fn research_finds_the_domain_of_a_company_known_by_name(place: &Place) {
    let mut test = Test::new(place);
    let text = "name,title,company\nAda Hale,VP Sales,Brook Mills\n";
    let id = upload(&mut test, text, &LeadColumns::default()).unwrap().rows[0].id.clone().unwrap();
    let research = complete()["research"].to_string();
    let now = at("2026-02-01T00:00:00Z");
    let done = test.with(async |engine| engine.refresh_lead(&id, Some(&research), None, now).await).unwrap();
    assert_ne!(done.id, id, "the company is known by its domain now");
    let ada = lead(&mut test, &id);
    assert_eq!((ada.id, ada.status.as_str()), (done.id, "researched"));
    assert_eq!((test.companies().len(), test.prospects().len(), leads(&mut test).len()), (1, 1, 1));
    verify(&mut test);
    undo(&mut test, done.run);
    assert_eq!(lead(&mut test, &id).id, id);
    verify(&mut test);
}

fn a_deleted_lead_takes_what_only_it_says_and_comes_back(place: &Place) {
    let mut test = Test::new(place);
    import(&mut test, "leads.json", &wrapped(&traps()));
    let before = state(&mut test);
    let [ada, dana] =
        ["75a000000000000000000001", "75a000000000000000000005"].map(|id| lead(&mut test, id).id);
    let delete = |test: &mut Test<'_>, id: &str, dry: bool| {
        test.with(async |engine| engine.delete_lead(id, dry, NOW, &mut |_| {}).await)
            .map_err(|error| error.code())
    };
    assert_eq!(delete(&mut test, &dana, true).unwrap().payloads, 1);
    assert_eq!(state(&mut test), before);
    let of_dana = delete(&mut test, &dana, false).unwrap();
    assert_eq!(
        (test.companies().len(), test.prospects().len()),
        (4, 5),
        "nobody else names her or her company"
    );
    let of_ada = delete(&mut test, &ada, false).unwrap();
    assert_eq!(of_ada.payloads, 3);
    let companies = test.companies();
    let mills = companies.iter().find(|company| company["domain"] == "brook-mills.com").unwrap();
    assert!(mills["minEmployeeSize"].is_null(), "what she alone said of the company is gone: {mills:?}");
    assert_eq!(leads(&mut test).len(), 4);
    assert_eq!(delete(&mut test, &ada, false), Err("unknown-lead"));
    verify(&mut test);
    let undone = undo(&mut test, of_ada.run);
    undo(&mut test, of_dana.run);
    assert_eq!(state(&mut test), before);
    undo(&mut test, undone);
    assert_eq!(leads(&mut test).len(), 5);
    verify(&mut test);
}

fn reading_asks_as_much_for_many_leads_as_for_few(place: &Place) {
    let mut test = Test::new(place);
    import(&mut test, "leads.json", &wrapped(&traps()));
    let asked = |test: &mut Test<'_>, filter: &LeadFilter<'_>| {
        test.with(async |engine| {
            let before = firmograph::store::statements();
            let found = engine.leads(filter).await.unwrap();
            (found, firmograph::store::statements() - before)
        })
    };
    let all = LeadFilter::default();
    let (found, for_all) = asked(&mut test, &all);
    assert_eq!(found.len(), 6);
    let (first, for_one) = asked(&mut test, &LeadFilter { limit: 1, ..all });
    assert!(for_all <= 10 && for_one <= for_all, "{for_all} and {for_one}");
    let (rest, _) = asked(&mut test, &LeadFilter { after: Some(&first[0].id), ..all });
    assert_eq!(first.into_iter().chain(rest).collect::<Vec<_>>(), found);
    let (scored, _) = asked(&mut test, &LeadFilter { status: Some("icp_scored"), ..all });
    assert_eq!(scored.len(), 1);
    let (mills, _) = asked(&mut test, &LeadFilter { company: Some("https://brook-mills.com"), ..all });
    assert_eq!(mills.len(), 2);
    let unknown = test.with(async |engine| engine.leads(&LeadFilter { status: Some("new"), ..all }).await);
    assert_eq!(unknown.unwrap_err().code(), "unknown-status");
    assert_eq!(serde_json::to_value(&found[0]).unwrap()["id"], Value::from(found[0].id.as_str()));
}

on_both! {
    an_upload_tells_of_each_row_and_is_repeated_without_change
    columns_are_named_or_recognised
    a_refresh_attaches_at_once_and_keeps_what_was
    research_finds_the_domain_of_a_company_known_by_name
    a_deleted_lead_takes_what_only_it_says_and_comes_back
    reading_asks_as_much_for_many_leads_as_for_few
}
