//! Intelligence documents, from files to what all sources say together: repeated, taken back, joined, rebuilt and verified.

use crate::common::Place;
use crate::on_both;
use crate::use_it::Test;
use firmograph::documents::{DocumentOptions, Documents, json_contains};
use firmograph::store::Store;
use firmograph::{
    Engine, EntityKind, Hooks, IngestReport, JoinRequest, MaxRejects, PriorityChange, RebuildOptions,
    RunStatus, Source, Timestamp,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Value, json};
use std::sync::atomic::AtomicBool;

pub(crate) fn hooks() -> Hooks<'static> {
    Hooks {
        clock: &|| Timestamp::UNIX_EPOCH,
        progress: Box::leak(Box::new(|_: firmograph::Progress<'_>| {})),
        interrupted: Default::default(),
    }
}

pub(crate) fn lines(all: &[Value]) -> String {
    all.iter().map(|one| format!("{one}\n")).collect()
}

#[track_caller]
pub(crate) fn import_with(
    test: &mut Test<'_>,
    name: &str,
    text: &str,
    options: &DocumentOptions,
) -> IngestReport {
    let file = test.file(name, text);
    let report = test
        .drive(async |engine| engine.import_documents(&[file.into()], options, &mut hooks()).await)
        .unwrap();
    let tally = report.tally;
    assert_eq!(tally.read, tally.accepted + tally.rejected + tally.skipped, "{report:?}");
    report
}

#[track_caller]
pub(crate) fn import(test: &mut Test<'_>, all: &[Value]) -> IngestReport {
    import_with(
        test,
        "documents.jsonl",
        &lines(all),
        &DocumentOptions::new(Source::new("documents").unwrap()),
    )
}

#[track_caller]
pub(crate) fn shown(test: &mut Test<'_>, key: &str) -> Documents {
    test.drive(async |engine| engine.documents(key, None).await).unwrap()
}

pub(crate) fn is_known(test: &mut Test<'_>, key: &str) -> bool {
    match test.drive(async |engine| engine.documents(key, None).await) {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error.code(), "unknown-key");
            false
        }
    }
}

/// What is stored is what the payloads say.
#[track_caller]
pub(crate) fn verified(test: &mut Test<'_>) {
    let mut told = Vec::new();
    let report = test
        .drive(async |engine| engine.verify(Timestamp::UNIX_EPOCH, &mut |one| told.push(one)).await)
        .unwrap();
    assert_eq!(report.differences, 0, "{told:#?}");
    let checks = test.drive(async |engine| engine.doctor().await).unwrap();
    assert!(checks.iter().all(|check| check.well), "{checks:?}");
}

fn rounds(source: &str, at: &str, rounds: Value) -> Value {
    json!({"kind": "funding_rounds", "domain": "brook-mills.com", "source": source, "observed_at": at,
           "confidence": 0.9, "document": rounds})
}

pub(crate) fn example() -> Vec<Value> {
    vec![
        rounds(
            "crunchbase",
            "2026-01-10",
            json!({"rounds": [
            {"type": "Seed", "announced_on": "2019-02-01", "amount": 1500000.10},
            {"type": "Series A", "announced_on": "2021-05-03", "amount": 9_000_000}], "total_raised": 10_500_000}),
        ),
        rounds(
            "clay",
            "2026-01-20",
            json!({"rounds": [
            {"type": "series_a", "announced_on": "2021-05-03", "amount": 9_500_000},
            {"type": "Debt", "announced_on": "2023-01-01"}], "total_raised": 11_000_000, "stage": "growth"}),
        ),
        json!({"kind": "ai_analysis", "entity": "company", "domain": "brook-mills.com", "source": "perplexity",
               "observed_at": "2026-01-21", "confidence": 62, "confidence_scale": 100, "model": "sonar-1",
               "document": {"summary": "Mills cloth.", "risks": ["one customer"]}}),
        json!({"kind": "salary", "entity": "person", "email": "Ada@brook-mills.com", "source": "clay",
               "document": {"currency": "USD", "median": 180000}}),
    ]
}

fn documents_are_imported_merged_and_shown(place: &Place) {
    let mut test = Test::new(place);
    let report = import(&mut test, &example());
    assert_eq!((report.tally.read, report.tally.accepted, report.status), (4, 4, RunStatus::Done));
    let company = shown(&mut test, "https://brook-mills.com");
    assert_eq!((company.entity, company.key.as_str()), ("company", "brook-mills.com"));
    let funding = &company.documents["funding_rounds"];
    let types: Vec<_> = funding["rounds"].as_array().unwrap().iter().map(|round| &round["type"]).collect();
    assert_eq!(
        types,
        ["Seed", "series_a", "Debt"],
        "three rounds of two sources, and clay stands before crunchbase"
    );
    assert_eq!((&funding["total_raised"], &funding["stage"]), (&json!(11_000_000), &json!("growth")));
    assert_eq!(funding["rounds"][0]["amount"], json!(1500000.1));
    let told = &company.attribution["funding_rounds"];
    assert_eq!((&told["total_raised"]["source"], &told["stage"]["source"]), (&json!("clay"), &json!("clay")));
    assert_eq!(told["total_raised"]["lost"][0]["value"], 10_500_000);
    assert_eq!(told["rounds"]["elements"][0]["source"], "crunchbase");
    assert_eq!(company.documents["ai_analysis"]["summary"], "Mills cloth.");
    assert_eq!(company.attribution["ai_analysis"]["summary"]["confidence"], 0.62);
    let says: Vec<_> =
        company.sources.iter().map(|row| (row.kind.as_str(), row.source.as_str(), row.run)).collect();
    let wanted =
        [("ai_analysis", "perplexity"), ("funding_rounds", "clay"), ("funding_rounds", "crunchbase")];
    assert_eq!(says, wanted.map(|(kind, source)| (kind, source, 1)));
    let person = shown(&mut test, "ada@brook-mills.com");
    assert_eq!((person.entity, &person.documents["salary"]["median"]), ("person", &json!(180_000)));
    assert!(test.companies().is_empty() && test.prospects().is_empty(), "documents make nobody");
    verified(&mut test);

    // The same again, in another order, and as other files: nothing changes.
    let mut other = example();
    other.reverse();
    let report = import(&mut test, &other);
    assert_eq!((report.tally.accepted, report.tally.skipped, report.counters.known_payloads), (0, 4, 4));
    assert_eq!(shown(&mut test, "brook-mills.com"), company);
    // What a source says is its newest document, whenever it comes.
    import(&mut test, &[rounds("clay", "2025-06-01", json!({"rounds": [], "stage": "old"}))]);
    assert_eq!(shown(&mut test, "brook-mills.com").documents, company.documents);
    import(&mut test, &[rounds("clay", "2026-06-01", json!({"rounds": [], "stage": "late"}))]);
    let now = shown(&mut test, "brook-mills.com");
    assert_eq!(now.documents["funding_rounds"]["stage"], "late");
    assert_eq!(now.documents["funding_rounds"]["total_raised"], 10_500_000, "clay says it no more");
    verified(&mut test);
}

fn what_cannot_be_taken_is_a_reject_with_its_place(place: &Place) {
    let mut test = Test::new(place);
    let mut all = lines(&example()[..2]);
    all.push_str("{\"kind\": \"horoscope\", \"domain\": \"a.com\", \"document\": {\"x\": 1}}\n\n");
    all.push_str("{\"kind\": \"growth\", \"domain\": \"a.com\", \"confidence\": 70, \"document\": {\"headcount\": 1}}\n");
    all.push_str("{\"kind\": \"growth\", \"domain\": \"a.com\", \"document\": {\"headcount\": -1}}\n");
    all.push_str("{\"kind\": \"growth\", \"id\": \"nobody\", \"document\": {\"headcount\": 1}}\nnot json\n");
    all.push_str(&lines(&example()[..1]));
    let options = DocumentOptions::new(Source::new("vendor").unwrap());
    let report = import_with(&mut test, "bad.jsonl", &all, &options);
    assert_eq!(
        (report.tally.read, report.tally.accepted, report.tally.rejected, report.tally.skipped),
        (9, 2, 5, 2)
    );
    let rejects = test.drive(async |engine| engine.rejects(None).await).unwrap();
    let told: Vec<_> =
        rejects.iter().map(|reject| (reject.line, reject.code.as_str(), reject.column.as_deref())).collect();
    assert_eq!(
        told,
        [
            (3, "unknown-kind", Some("/kind")),
            (5, "bad-confidence", Some("/confidence")),
            (6, "bad-document", Some("/document/headcount")),
            (7, "unknown-id", Some("/id")),
            (8, "bad-json", None),
        ]
    );
    assert_eq!(report.counters.rejects["bad-document"], 1);
    verified(&mut test);

    let strict = DocumentOptions { max_rejects: Some(MaxRejects::Count(2)), ..options.clone() };
    assert_eq!(import_with(&mut test, "bad.jsonl", &all, &strict).status, RunStatus::TooManyRejects);
    // Small batches count the same.
    let small = DocumentOptions { batch_rows: 2, ..options.clone() };
    let report = import_with(&mut test, "bad.jsonl", &all, &small);
    assert_eq!((report.tally.read, report.tally.rejected, report.tally.skipped), (9, 5, 4));
    // A dry run leaves no trace.
    let runs = test.runs().len();
    let dry = DocumentOptions { dry_run: true, ..options };
    let report = import_with(&mut test, "new.jsonl", &lines(&example()[2..]), &dry);
    assert_eq!((report.run, report.tally.accepted), (0, 2));
    assert!(!is_known(&mut test, "ada@brook-mills.com") && test.runs().len() == runs);
    let table = test.file("table.csv", "Email,Company\na@b.com,B\n");
    let refused = test
        .drive(async |engine| {
            let options = DocumentOptions::new(Source::new("x").unwrap());
            engine.import_documents(&[table.into()], &options, &mut hooks()).await
        })
        .unwrap_err();
    assert_eq!(refused.code(), "not-documents");
}

fn an_import_is_taken_back_and_done_again(place: &Place) {
    let mut test = Test::new(place);
    let undo = |test: &mut Test<'_>, run: i64| {
        test.drive(async |engine| engine.undo(run, false, Timestamp::UNIX_EPOCH, &mut |_| {}).await).unwrap()
    };
    import(&mut test, &example()[..1]);
    let first = shown(&mut test, "brook-mills.com");
    let second_run = import(&mut test, &example()[1..]).run;
    let both = shown(&mut test, "brook-mills.com");
    assert_ne!(first, both);
    let dry =
        test.drive(async |engine| engine.undo(second_run, true, Timestamp::UNIX_EPOCH, &mut |_| {}).await);
    assert_eq!(dry.unwrap().payloads, 3);
    assert_eq!(shown(&mut test, "brook-mills.com"), both);
    let undone = undo(&mut test, second_run);
    assert_eq!(undone.payloads, 3);
    assert_eq!(shown(&mut test, "brook-mills.com"), first);
    assert!(!is_known(&mut test, "ada@brook-mills.com"));
    verified(&mut test);
    let again = undo(&mut test, undone.run);
    assert_eq!(shown(&mut test, "brook-mills.com"), both);
    let undone = undo(&mut test, again.run);
    assert_eq!(shown(&mut test, "brook-mills.com"), first);
    verified(&mut test);
    // Given again, it is that of the new run.
    let third = import(&mut test, &example()[1..]);
    assert_eq!(third.tally.accepted, 3);
    assert_eq!(shown(&mut test, "brook-mills.com").documents, both.documents);
    let says = shown(&mut test, "brook-mills.com").sources;
    assert!(says.iter().any(|row| row.source == "clay" && row.run == third.run), "{says:?}");
    assert!(undone.run < third.run);
    verified(&mut test);

    // A source goes, whatever file it came with.
    let clay = Source::new("clay").unwrap();
    let now = Timestamp::UNIX_EPOCH;
    let removed =
        test.drive(async |engine| engine.remove_source(&clay, false, now, &mut |_| {}).await).unwrap();
    assert_eq!(removed.payloads, 2);
    let left = shown(&mut test, "brook-mills.com");
    assert!(left.sources.iter().all(|row| row.source != "clay"));
    assert_eq!(left.documents["funding_rounds"]["total_raised"], 10_500_000);
    verified(&mut test);
    undo(&mut test, removed.run);
    assert_eq!(shown(&mut test, "brook-mills.com").documents, both.documents);
    verified(&mut test);
}

fn documents_follow_their_keys_and_what_is_believed_first(place: &Place) {
    let mut test = Test::new(place);
    let now = Timestamp::UNIX_EPOCH;
    let ingested =
        test.ingest("csv", "Email,Company\nada@brook-mills.com,Brook Mills\nbo@brook.example.com,Brook\n");
    assert_eq!(ingested.tally.accepted, 2);
    let company = test.companies().into_iter().find(|row| row["domain"] == "brook-mills.com").unwrap();
    let person = test.prospects().into_iter().find(|row| row["email"] == "ada@brook-mills.com").unwrap();
    let mut all = example();
    let old = json!({"kind": "growth", "domain": "old-brook.com", "source": "apollo", "document": {"headcount": 5, "as_of": "2019"}});
    let by_id = json!({"kind": "growth", "entity": "company", "id": company["id"], "source": "clay", "document": {"headcount": 240}});
    let career = json!({"kind": "career", "id": person["id"], "source": "clay", "document": {"roles": [{"title": "CTO"}]}});
    all.extend([old, by_id.clone(), career]);
    assert_eq!(import(&mut test, &all).tally.accepted, 7);
    assert_eq!(import(&mut test, &[by_id]).tally.skipped, 1, "an id is read as the same key again");
    assert_eq!(shown(&mut test, "ada@brook-mills.com").documents["career"]["roles"][0]["title"], "CTO");
    assert_eq!(shown(&mut test, "old-brook.com").documents["growth"]["headcount"], 5);

    // A key that is joined to another counts for it; parted, each has its own again.
    let request = JoinRequest {
        kind: EntityKind::Company,
        from_key: "old-brook.com".into(),
        into_key: "brook-mills.com".into(),
        why: "rebrand".into(),
    };
    let joined = test.drive(async |engine| join(engine, &request, now).await);
    let together = shown(&mut test, "old-brook.com");
    assert_eq!(together.key, "brook-mills.com");
    assert_eq!(together.documents["growth"], json!({"headcount": 240, "as_of": "2019"}));
    assert_eq!(together.attribution["growth"]["as_of"]["key"], "old-brook.com");
    verified(&mut test);
    test.drive(async |engine| engine.undo(joined, false, now, &mut |_| {}).await).unwrap();
    assert_eq!(
        shown(&mut test, "old-brook.com").documents["growth"],
        json!({"headcount": 5, "as_of": "2019"})
    );
    assert_eq!(shown(&mut test, "brook-mills.com").documents["growth"], json!({"headcount": 240}));
    verified(&mut test);

    // Other priorities, and back.
    let before = shown(&mut test, "brook-mills.com");
    let change = PriorityChange { sources: Some(vec![Source::new("crunchbase").unwrap()]), policy: None };
    let set =
        test.drive(async |engine| engine.set_priority(None, &change, false, now, &mut |_| {}).await).unwrap();
    let after = shown(&mut test, "brook-mills.com");
    assert_eq!(after.documents["funding_rounds"]["total_raised"], 10_500_000);
    verified(&mut test);
    test.drive(async |engine| engine.undo(set.run, false, now, &mut |_| {}).await).unwrap();
    assert_eq!(shown(&mut test, "brook-mills.com"), before);
    verified(&mut test);
}

async fn join(engine: &mut Engine, request: &JoinRequest, now: Timestamp) -> i64 {
    engine.join(std::slice::from_ref(request), "ada", false, now, &mut |_| {}).await.unwrap().run
}

fn what_was_changed_by_hand_is_told_and_mended(place: &Place) {
    let mut test = Test::new(place);
    import(&mut test, &example());
    let whole = shown(&mut test, "brook-mills.com");
    let now = Timestamp::UNIX_EPOCH;
    let table = |name: &str| {
        if place.server().is_some() { format!("intelligence.{name}") } else { format!("intelligence_{name}") }
    };
    for change in [
        format!("UPDATE {} SET funding_rounds = '{{\"rounds\": []}}'", table("company_intelligence")),
        format!("UPDATE {} SET attribution = '{{}}'", table("company_intelligence")),
        format!("DELETE FROM {}", table("person_intelligence")),
        format!("UPDATE {} SET confidence = 1 WHERE source = 'clay'", table("documents")),
        format!("DELETE FROM {} WHERE source = 'crunchbase'", table("documents")),
        format!("UPDATE {} SET key = 'other.com' WHERE key = 'brook-mills.com'", table("document_payloads")),
        format!("UPDATE {} SET file_id = file_id + 1", table("document_payloads")),
        format!("DELETE FROM {}", table("document_payloads")),
    ] {
        place.sql(&change);
        let mut told = Vec::new();
        let report = test.drive(async |engine| engine.verify(now, &mut |one| told.push(one)).await).unwrap();
        assert!(report.differences > 0, "{change}");
        assert!(told.iter().all(|one| one.table.starts_with("intelligence.")), "{told:?}");
        let not_interrupted = AtomicBool::new(false);
        test.drive(async |engine| {
            engine.rebuild(&RebuildOptions::default(), now, &not_interrupted, &mut |_| {}).await
        })
        .unwrap();
        verified(&mut test);
        assert_eq!(shown(&mut test, "brook-mills.com"), whole, "after {change}");
    }
}

fn documents_are_found_by_what_they_contain(place: &Place) {
    let mut test = Test::new(place);
    import(&mut test, &example());
    let more = (0..300).map(|number| {
        json!({"kind": "growth", "domain": format!("mill{number}.com"), "source": "clay",
               "document": {"headcount": number, "history": [{"date": "2025", "headcount": number % 7}]}})
    });
    import(&mut test, &more.collect::<Vec<_>>());
    let mut found = |kind: &str, part: &str| -> Vec<String> {
        let found = test.drive(async |engine| engine.find_documents(kind, None, part, 1_000).await).unwrap();
        found.into_iter().map(|one| format!("{} {}", one.entity, one.key)).collect()
    };
    assert_eq!(found("funding_rounds", r#"{"rounds": [{"type": "Debt"}]}"#), ["company brook-mills.com"]);
    assert_eq!(
        found("funding_rounds", r#"{"rounds": [{"amount": 1.5000001e6}]}"#),
        ["company brook-mills.com"]
    );
    assert!(found("funding_rounds", r#"{"rounds": [{"type": "Debt", "amount": 9000000}]}"#).is_empty());
    assert_eq!(found("growth", r#"{"history": [{"headcount": 3.0}]}"#).len(), 43);
    assert_eq!(found("salary", "{}"), ["person ada@brook-mills.com"]);
    assert_eq!(found("growth", "{}").len(), 300);
    let error = test.drive(async |engine| engine.find_documents("growth", None, "{", 1).await).unwrap_err();
    assert_eq!(error.code(), "not-json");
    let error = test.drive(async |engine| engine.find_documents("tarot", None, "{}", 1).await).unwrap_err();
    assert_eq!(error.code(), "unknown-kind");
    let Some(server) = place.server() else { return };
    let plan = server.query(
        "SET enable_seqscan = off; EXPLAIN SELECT key FROM intelligence.company_intelligence \
         WHERE growth @> '{\"history\": [{\"headcount\": 3}]}'",
    );
    assert!(plan.contains("Bitmap Index Scan on company_intelligence_growth"), "{plan}");
    let plan = server.query(
        "SET enable_seqscan = off; EXPLAIN SELECT key FROM intelligence.documents WHERE document @> '{\"stage\": \"growth\"}'",
    );
    assert!(plan.contains("Bitmap Index Scan on documents_document"), "{plan}");
}

fn tables_of_documents_come_and_go(place: &Place) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut store = Store::open(&place.url()).await.unwrap();
        store.migrate_up().await.unwrap();
        if let Some(server) = place.server() {
            server.query("CREATE TABLE intelligence.theirs (id INT)");
        }
        store.migrate_down(9).await.unwrap();
        assert!(store.migrations().await.unwrap().iter().all(|one| one.applied == (one.version < 10)));
        store.migrate_up().await.unwrap();
        store.migrate_down(0).await.unwrap();
        let Some(server) = place.server() else { return };
        let left = "SELECT count(*) FROM pg_tables WHERE schemaname = 'intelligence'";
        assert_eq!(server.query(left).trim(), "1", "what others put there stays");
    });
}

/// JSON with few keys and values, so that one often contains another.
fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        prop::sample::select(vec!["1", "1.0", "10e-1", "2", "-0", "0", "100", "1e2"]).prop_map(str::to_owned),
        prop::sample::select(vec!["\"a\"", "\"b\"", "\"\"", "\"1\"", "\"é\\n\""]).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(3, 16, 3, |inner| {
        let object = prop::collection::vec((prop::sample::select(vec!["a", "b", ""]), inner.clone()), 0..3);
        prop_oneof![
            prop::collection::vec(inner, 0..3).prop_map(|all| format!("[{}]", all.join(", "))),
            object.prop_map(|all| {
                let all: Vec<_> = all.into_iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
                format!("{{{}}}", all.join(", "))
            }),
        ]
    })
}

/// Containment in Rust is that of PostgreSQL.
#[test]
fn containment_is_that_of_postgresql() {
    let Some(place) = Place::postgres() else { return };
    let Some(server) = place.server() else { return };
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let pairs = prop::collection::vec((any_json(), any_json()), 400);
    let (mut agreed, mut contained) = (0, 0);
    for _ in 0..10 {
        let pairs = pairs.new_tree(&mut runner).unwrap().current();
        // Every other pair begins with a value that surely has to do with the other.
        let pairs: Vec<(String, String)> = pairs
            .into_iter()
            .enumerate()
            .map(|(index, (a, b))| {
                if index % 2 == 0 {
                    (format!("[{a}, {b}, {{\"a\": {b}}}]"), format!("[{b}]"))
                } else {
                    (a, b)
                }
            })
            .collect();
        let rows: Vec<_> =
            pairs.iter().map(|(a, b)| format!("($j${a}$j$::jsonb @> $j${b}$j$::jsonb)")).collect();
        let answers = server.query(&format!(
            "SELECT string_agg(CASE WHEN v THEN 't' ELSE 'f' END, '' ORDER BY n) FROM \
            unnest(ARRAY[{}]) WITH ORDINALITY AS x(v, n)",
            rows.join(",")
        ));
        let answers: Vec<bool> = answers.trim().chars().map(|c| c == 't').collect();
        assert_eq!(answers.len(), pairs.len());
        for ((document, part), theirs) in pairs.iter().zip(answers) {
            assert_eq!(json_contains(document, part).unwrap(), theirs, "{document} @> {part}");
            agreed += 1;
            contained += u32::from(theirs);
        }
    }
    assert!(agreed == 4_000 && contained > 1_000 && contained < 3_800, "{contained} of {agreed}");
}

on_both! {
    documents_are_imported_merged_and_shown
    what_cannot_be_taken_is_a_reject_with_its_place
    an_import_is_taken_back_and_done_again
    documents_follow_their_keys_and_what_is_believed_first
    what_was_changed_by_hand_is_told_and_mended
    documents_are_found_by_what_they_contain
    tables_of_documents_come_and_go
}
