//! Programs that write the golden tables by themselves: their statements run unchanged, and what they write is observed as what the
//! source `legacy` says.

use crate::common::Place;
use crate::on_both;
use crate::use_it::Test;
use firmograph::{DirectWriteOptions, EntityKind, Hooks, IngestReport, Timestamp};
use serde_json::{Map, Value};

const COMPANY: [&str; 19] = [
    "id",
    "domain",
    "name",
    "industry",
    "minEmployeeSize",
    "maxEmployeeSize",
    "employeeSizeLink",
    "revenue",
    "address",
    "city",
    "state",
    "country",
    "zipCode",
    "phone",
    "mobilePhone",
    "externalSource",
    "externalId",
    "createdAt",
    "updatedAt",
];
const PROSPECT: [&str; 21] = [
    "id",
    "salutation",
    "firstName",
    "lastName",
    "email",
    "jobTitle",
    "jobTitleLevel",
    "department",
    "jobTitleLink",
    "address",
    "city",
    "state",
    "country",
    "zipCode",
    "phone",
    "mobilePhone",
    "companyId",
    "externalSource",
    "externalId",
    "createdAt",
    "updatedAt",
];

/// The statement of an ingestor of the origin system: every column by position, a blank never over a value.
fn upsert(table: &str, columns: &[&str], conflict: &str, said: &[(&str, &str)]) -> String {
    let names: Vec<_> = columns.iter().map(|column| format!("\"{column}\"")).collect();
    let values: Vec<_> = columns
        .iter()
        .map(|column| match said.iter().find(|(name, _)| name == column) {
            Some((_, text)) if text.parse::<i64>().is_ok() && *column != "zipCode" => (*text).to_owned(),
            Some((_, text)) if text.starts_with("(SELECT") => (*text).to_owned(),
            Some((_, text)) => format!("'{}'", text.replace('\'', "''")),
            None if column.ends_with("edAt") => "'2026-03-01 10:00:00'".to_owned(),
            None => "NULL".to_owned(),
        })
        .collect();
    let set: Vec<_> = columns
        .iter()
        .filter(|column| !["id", "createdAt", conflict].contains(column))
        .map(|column| match *column {
            "updatedAt" => "\"updatedAt\" = EXCLUDED.\"updatedAt\"".to_owned(),
            column => format!("\"{column}\" = COALESCE(EXCLUDED.\"{column}\", \"{table}\".\"{column}\")"),
        })
        .collect();
    format!(
        "INSERT INTO \"{table}\" ({}) VALUES ({}) ON CONFLICT (\"{conflict}\") DO UPDATE SET {}",
        names.join(", "),
        values.join(", "),
        set.join(", ")
    )
}

fn company(said: &[(&str, &str)]) -> String {
    upsert("Company", &COMPANY, "domain", said)
}

fn prospect(said: &[(&str, &str)]) -> String {
    upsert("Prospect", &PROSPECT, "id", said)
}

fn observe(test: &mut Test<'_>, options: DirectWriteOptions) -> Option<IngestReport> {
    let report = test.drive(async |engine| {
        let mut hooks = Hooks {
            clock: &|| Timestamp::UNIX_EPOCH,
            progress: &mut |_| {},
            interrupted: Default::default(),
        };
        engine.observe_direct_writes(options, &mut hooks).await.unwrap()
    });
    if let Some(report) = &report {
        assert_eq!(report.tally.read, report.tally.accepted + report.tally.rejected + report.tally.skipped);
    }
    report
}

fn row(rows: Vec<Map<String, Value>>, id: &str) -> Map<String, Value> {
    rows.into_iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("no row {id}"))
}

/// Golden rows with their times.
fn snapshot(test: &mut Test<'_>) -> String {
    let mut text = String::new();
    for kind in [EntityKind::Company, EntityKind::Person] {
        let options = firmograph::ExportOptions { with_times: true };
        let mut sink = |row: Map<String, Value>| {
            text.push_str(&format!("{}\n", Value::Object(row)));
            Ok(())
        };
        test.runtime.block_on(test.engine.export(kind, options, &mut sink)).unwrap();
    }
    text
}

/// Row by row, so that a difference can be read.
#[track_caller]
fn assert_same(left: &str, right: &str) {
    for (left, right) in left.lines().zip(right.lines()) {
        assert_eq!(left, right);
    }
    assert_eq!(left.lines().count(), right.lines().count());
}

fn write_acme(place: &Place) {
    place.sql(&company(&[
        ("id", "acme.com"),
        ("domain", "acme.com"),
        ("name", "ACME  INC"),
        ("industry", "Computer Software"),
        ("minEmployeeSize", "201"),
        ("maxEmployeeSize", "500"),
        ("phone", "617.555.0100"),
        ("city", "BOSTON"),
        ("country", "USA"),
        ("externalSource", "csv"),
        ("externalId", "company_Ada@acme.com"),
    ]));
    place.sql(&prospect(&[
        ("id", "Ada@acme.com"),
        ("email", "Ada@acme.com"),
        ("firstName", "ADA"),
        ("lastName", "hale"),
        ("jobTitle", "Sales"),
        ("jobTitleLevel", "Manager "),
        // A subquery is no text.
        ("companyId", "(SELECT \"id\" FROM \"Company\" WHERE \"domain\" = 'acme.com')"),
        ("externalSource", "csv"),
        ("externalId", "Ada@acme.com"),
    ]));
}

fn what_direct_writers_write_stays_as_written_and_gets_a_level(place: &Place) {
    let mut test = Test::new(place);
    write_acme(place);
    let report = observe(&mut test, DirectWriteOptions::default()).unwrap();
    assert_eq!((report.tally.read, report.tally.accepted), (2, 2));
    let acme = row(test.companies(), "acme.com");
    for (column, value) in [
        ("name", "ACME  INC"),
        ("industry", "Computer Software"),
        ("phone", "617.555.0100"),
        ("city", "BOSTON"),
        ("country", "USA"),
        ("externalSource", "csv"),
        ("externalId", "company_Ada@acme.com"),
        ("employeeRange", "201-500"),
        ("key", "acme.com"),
    ] {
        assert_eq!(acme[column], value, "{column}");
    }
    let ada = row(test.prospects(), "Ada@acme.com");
    for (column, value) in [
        ("email", "Ada@acme.com"),
        ("firstName", "ADA"),
        ("jobTitleLevel", "Manager "),
        ("companyId", "acme.com"),
        ("externalId", "Ada@acme.com"),
        ("key", "ada@acme.com"),
    ] {
        assert_eq!(ada[column], value, "{column}");
    }
    assert_eq!(ada["standardizedJobTitleLevelId"], 10);
    assert_eq!((test.companies().len(), test.prospects().len()), (1, 1));
    assert_eq!(observe(&mut test, DirectWriteOptions::default()), None, "nothing waits any more");
    let said = test.explain(EntityKind::Company, "acme.com", "industry");
    assert_eq!(said["winner"]["source"], "legacy");
    assert_eq!(said["winner"]["raw"]["industry"], "Computer Software");
}

fn direct_writes_take_part_in_coalescing(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("clay", "Domain,Company,Industry\nacme.com,Acme Labs,Automation Machinery Manufacturing\n");
    write_acme(place);
    let before = row(test.companies(), test.companies()[0]["id"].as_str().unwrap());
    assert_eq!(before["name"], "ACME  INC", "as the writer left it, until it is observed");
    // An ingest of anything begins with observing.
    test.ingest("csv", "Email\nx@other.com\n");
    let acme = test.companies().into_iter().find(|row| row["domain"] == "acme.com").unwrap();
    assert_eq!(acme["name"], "Acme Labs", "clay is believed more");
    assert_eq!(acme["phone"], "617.555.0100", "and says nothing about telephones");
    let said = test.explain(EntityKind::Company, "acme.com", "company_name");
    assert_eq!(said["winner"]["source"], "clay");
    assert_eq!(said["losers"][0]["source"], "legacy");
    assert_eq!(said["losers"][0]["raw"]["name"], "ACME  INC");
    assert!(export_has(&mut test, "Acme Labs"));
    // The writer says it again, as it does each night: nothing is lost and nothing flips in the end.
    write_acme(place);
    assert!(export_has(&mut test, "ACME  INC"));
    observe(&mut test, DirectWriteOptions::default()).unwrap();
    let acme = test.companies().into_iter().find(|row| row["domain"] == "acme.com").unwrap();
    assert_eq!(acme["name"], "Acme Labs");
}

fn export_has(test: &mut Test<'_>, text: &str) -> bool {
    test.export().contains(text)
}

fn an_update_says_the_group_of_what_it_changed(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("linkedin", "Domain,Company,City,Country\nacme.com,Acme Labs,Lyon,France\n");
    let ours = test.companies()[0]["id"].as_str().unwrap().to_owned();
    place.sql("UPDATE \"Company\" SET \"phone\" = '+33 4 05 55 01 00', \"updatedAt\" = '2026-05-01 00:00:00' WHERE \"domain\" = 'acme.com'");
    place.sql("UPDATE \"Company\" SET \"updatedAt\" = '2026-05-02 00:00:00' WHERE \"domain\" = 'acme.com'");
    let report = observe(&mut test, DirectWriteOptions::default()).unwrap();
    assert_eq!(report.tally.read, 1, "an update of the time alone says nothing");
    let acme = row(test.companies(), &ours);
    assert_eq!((acme["phone"].as_str(), acme["city"].as_str()), (Some("+33 4 05 55 01 00"), Some("Lyon")));
    let entity =
        test.drive(async |engine| engine.entity(EntityKind::Company, "acme.com").await.unwrap().unwrap());
    let by_legacy: Vec<_> = entity
        .dimensions
        .iter()
        .filter(|row| row.source().as_str() == "legacy")
        .map(|row| row.attribute().spec().name)
        .collect();
    assert_eq!(by_legacy, ["company_contact"], "what others said is not put into its mouth");
}

fn taking_it_back_leaves_rows_as_their_programs_left_them(place: &Place) {
    let mut test = Test::new(place);
    test.ingest(
        "linkedin",
        "Domain,Company,Industry\nacme.com,Acme Labs,Automation Machinery Manufacturing\n",
    );
    write_acme(place);
    place.sql(&company(&[("id", "solo.com"), ("domain", "solo.com"), ("name", "Solo")]));
    place.sql(&prospect(&[("id", "p-7"), ("firstName", "No"), ("lastName", "Body"), ("jobTitle", "CFO")]));
    let before = snapshot(&mut test);
    let report = observe(&mut test, DirectWriteOptions::default()).unwrap();
    assert_eq!((report.tally.accepted, report.tally.rejected), (3, 1));
    let after = snapshot(&mut test);
    assert_ne!(before, after);
    let undo = |test: &mut Test<'_>, run| {
        test.drive(async |engine| engine.undo(run, false, Timestamp::UNIX_EPOCH, &mut |_| {}).await.unwrap())
    };
    let undone = undo(&mut test, report.run);
    assert_same(&snapshot(&mut test), &before);
    assert_eq!(
        observe(&mut test, DirectWriteOptions::default()),
        None,
        "what was taken back waits to be asked for"
    );
    undo(&mut test, undone.run);
    assert_same(&snapshot(&mut test), &after);
    undo(&mut test, undone.run + 1);
    assert_same(&snapshot(&mut test), &before);
    let again = DirectWriteOptions { again: true, ..Default::default() };
    assert_eq!(observe(&mut test, again).unwrap().tally.accepted, 3);
    assert_same(&snapshot(&mut test), &after);
}

fn rows_that_are_nobodys_golden_row_get_a_level_too(place: &Place) {
    let mut test = Test::new(place);
    place.sql(&company(&[("id", "gmail.com"), ("domain", "gmail.com"), ("name", "Gmail")]));
    for (id, title) in [("ada@acme.com", "CFO"), ("ADA@acme.com", "VP Sales")] {
        place.sql(&prospect(&[("id", id), ("email", id), ("jobTitle", title), ("companyId", "gmail.com")]));
    }
    place.sql(&prospect(&[("id", "p-7"), ("jobTitle", "Director, Sales"), ("companyId", "gmail.com")]));
    let report = observe(&mut test, DirectWriteOptions { batch_rows: 1, ..Default::default() }).unwrap();
    assert_eq!(report.tally.rejected, 1);
    let level =
        |test: &mut Test<'_>, id: &str| row(test.prospects(), id)["standardizedJobTitleLevelId"].clone();
    assert_eq!(level(&mut test, "ADA@acme.com"), 6);
    assert_eq!(level(&mut test, "p-7"), 8);
    assert!(!level(&mut test, "ada@acme.com").is_null());
    assert_eq!(test.prospects().len(), 3);
}

fn pages_of_one_row_end_as_one_page_does(place: &Place) {
    let mut test = Test::new(place);
    write_acme(place);
    for number in 0..20 {
        let id = format!("p{number}@acme{}.com", number % 7);
        let domain = format!("acme{}.com", number % 7);
        place.sql(&company(&[("id", &domain), ("domain", &domain), ("name", &format!("Acme {number}"))]));
        place.sql(&prospect(&[("id", &id), ("email", &id), ("jobTitle", "CTO"), ("companyId", &domain)]));
    }
    let first = observe(&mut test, DirectWriteOptions { batch_rows: 1, ..Default::default() }).unwrap();
    let by_one = test.export();
    test.drive(async |engine| {
        engine.undo(first.run, false, Timestamp::UNIX_EPOCH, &mut |_| {}).await.unwrap()
    });
    observe(&mut test, DirectWriteOptions { again: true, batch_rows: 0 }).unwrap();
    assert_eq!(test.export(), by_one);
}

fn what_was_said_of_a_deleted_row_is_withdrawn(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("clay", "Domain,Company\nacme.com,Acme Labs\n");
    write_acme(place);
    place.sql(&company(&[("id", "solo.com"), ("domain", "solo.com"), ("name", "Solo")]));
    observe(&mut test, DirectWriteOptions::default()).unwrap();
    assert_eq!((test.companies().len(), test.prospects().len()), (2, 1));
    assert_eq!(row(test.companies(), "solo.com")["externalId"], Value::Null, "it has none of its own");
    let before = test.export();
    place.sql("DELETE FROM \"Prospect\" WHERE \"id\" = 'Ada@acme.com'");
    place.sql("DELETE FROM \"Company\" WHERE \"domain\" = 'solo.com'");
    assert_eq!(observe(&mut test, DirectWriteOptions::default()), None);
    assert_eq!((test.companies().len(), test.prospects().len()), (1, 0), "it does not come back");
    let run = test.runs()[0].clone();
    assert_eq!((run.command.as_str(), run.status.as_str()), ("legacy delete", "done"));
    // Written and deleted before anybody looked.
    write_acme(place);
    place.sql("DELETE FROM \"Prospect\" WHERE \"id\" = 'Ada@acme.com'");
    observe(&mut test, DirectWriteOptions::default()).unwrap();
    assert_eq!(test.prospects().len(), 0);
    // Written again it is there again, and says what it says now alone.
    place.sql(&prospect(&[("id", "Ada@acme.com"), ("email", "Ada@acme.com"), ("jobTitle", "CEO")]));
    observe(&mut test, DirectWriteOptions::default()).unwrap();
    let ada = row(test.prospects(), "Ada@acme.com");
    assert_eq!((&ada["jobTitle"], &ada["firstName"]), (&Value::from("CEO"), &Value::Null));
    test.drive(async |engine| engine.undo(run.id, false, Timestamp::UNIX_EPOCH, &mut |_| {}).await.unwrap());
    assert!(before.contains("Solo") && test.export().contains("Solo"), "taken back, it is said again");
}

on_both! {
    what_was_said_of_a_deleted_row_is_withdrawn
    what_direct_writers_write_stays_as_written_and_gets_a_level
    direct_writes_take_part_in_coalescing
    an_update_says_the_group_of_what_it_changed
    taking_it_back_leaves_rows_as_their_programs_left_them
    rows_that_are_nobodys_golden_row_get_a_level_too
    pages_of_one_row_end_as_one_page_does
}
