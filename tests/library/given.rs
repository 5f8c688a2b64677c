//! Rows that a program hands over: what becomes of them, and that they are read again as they were taken.

use crate::common::Place;
use crate::on_both;
use crate::undo::is_true;
use crate::use_it::Test;
use firmograph::{
    COMPANY_COLUMNS, EntityKind, GivenRow, Hooks, IngestReport, PROSPECT_COLUMNS, RebuildOptions, Source,
    Timestamp, golden_columns,
};
use serde_json::{Map, Value, json};

fn rows(rows: Value) -> Vec<(u64, GivenRow)> {
    let Value::Array(rows) = rows else { panic!("a list of rows") };
    let row = |row| match row {
        Value::Object(row) => GivenRow::Row(row),
        other => GivenRow::Unreadable {
            column: None,
            cause: "it is no row".to_owned(),
            original: other.to_string(),
        },
    };
    (1..).zip(rows.into_iter().map(row)).collect()
}

fn insert_from(test: &mut Test<'_>, source: &str, kind: EntityKind, given: Value) -> IngestReport {
    let source = Source::new(source).unwrap();
    let report = test.drive(async |engine| {
        let mut hooks = Hooks {
            clock: &|| "2026-06-01T00:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH),
            progress: &mut |_| {},
            interrupted: Default::default(),
        };
        engine.insert_rows(kind, rows(given), source, &mut hooks).await.unwrap()
    });
    assert_eq!(report.tally.read, report.tally.accepted + report.tally.rejected + report.tally.skipped);
    is_true(test);
    report
}

fn insert(test: &mut Test<'_>, kind: EntityKind, given: Value) -> IngestReport {
    insert_from(test, "csv", kind, given)
}

fn company(number: u32) -> Value {
    json!({
        "id": format!("acme{number}.com"), "domain": format!("acme{number}.com"), "name": format!("ACME {number} INC"),
        "industry": "Computer Software", "minEmployeeSize": 201, "maxEmployeeSize": 500, "employeeSizeLink": null,
        "revenue": 5_000_000, "address": "1 Main St", "city": "Boston", "state": "MA", "country": "United States",
        "zipCode": "02139", "phone": "+1 617 555 0101", "mobilePhone": "", "externalSource": "csv",
        "externalId": "c", "createdAt": "2026-01-02T03:04:05", "updatedAt": "2026-02-02T03:04:05", "ignored": [1],
    })
}

fn prospect(number: u32, company: &str) -> Value {
    json!({
        "id": format!("ada.{number}@acme1.com"), "salutation": "Dr.", "firstName": "Ada", "lastName": "Hale",
        "email": format!("ada.{number}@acme1.com"), "jobTitle": "VP of Sales", "jobTitleLevel": null, "department": "Sales",
        "jobTitleLink": null, "address": null, "city": "Austin", "state": "TX", "country": "United States", "zipCode": null,
        "phone": "+1 617 555 0102", "mobilePhone": "+1 617 555 0103", "companyId": company, "externalSource": "csv",
        "externalId": "p", "createdAt": "2026-01-02T03:04:05", "updatedAt": "2026-02-02T03:04:05",
    })
}

fn one(rows: &[Map<String, Value>]) -> &Map<String, Value> {
    let [row] = rows else { panic!("one row: {rows:?}") };
    row
}

fn rows_become_golden_and_can_be_taken_back(place: &Place) {
    let mut test = Test::new(place);
    let before = test.export();
    let first = insert(&mut test, EntityKind::Company, json!([company(1), company(2)]));
    assert_eq!((first.tally.read, first.tally.accepted), (2, 2));
    let after_companies = test.export();
    let second = insert(&mut test, EntityKind::Person, json!([prospect(1, "acme1.com")]));
    assert_eq!((second.tally.read, second.tally.accepted, second.run), (1, 1, first.run + 1));
    let companies = test.companies();
    assert_eq!(companies.len(), 2);
    let acme = companies.iter().find(|row| row["domain"] == "acme1.com").unwrap();
    assert_eq!((&acme["name"], &acme["employeeRange"]), (&json!("Acme 1"), &json!("201-500")));
    assert_eq!(acme["revenue"], 5_000_000);
    let prospects = test.prospects();
    let ada = one(&prospects);
    assert_eq!((&ada["standardizedJobTitleLevelId"], &ada["city"]), (&json!(6), &json!("Austin")));
    assert_eq!(ada["companyId"], acme["id"]);

    // The same again is nothing new, in one call or another.
    let whole = test.export();
    let again = insert(&mut test, EntityKind::Company, json!([company(1), company(2), company(2)]));
    assert_eq!((again.tally.accepted, again.tally.skipped), (0, 3));
    assert_eq!(test.export(), whole);

    test.drive(async |engine| {
        engine
            .rebuild(&RebuildOptions::default(), Timestamp::UNIX_EPOCH, &Default::default(), &mut |_| {})
            .await
            .unwrap()
    });
    assert_eq!(test.export(), whole);
    is_true(&mut test);
    let taken_back = |test: &mut Test<'_>, run| {
        test.drive(async |engine| engine.undo(run, false, Timestamp::UNIX_EPOCH, &mut |_| {}).await.unwrap())
    };
    let undo = taken_back(&mut test, second.run).run;
    assert_eq!(test.export(), after_companies);
    taken_back(&mut test, undo);
    assert_eq!(test.export(), whole);
    is_true(&mut test);
    let source = Source::new("csv").unwrap();
    test.drive(async |engine| {
        engine.remove_source(&source, false, Timestamp::UNIX_EPOCH, &mut |_| {}).await.unwrap()
    });
    assert_eq!(test.export(), before);
    is_true(&mut test);
}

fn a_blank_never_beats_a_value(place: &Place) {
    let mut test = Test::new(place);
    insert(&mut test, EntityKind::Company, json!([company(1)]));
    insert(&mut test, EntityKind::Person, json!([prospect(1, "acme1.com")]));
    let said = [
        (
            json!({"maxEmployeeSize": 250, "country": "United States", "mobilePhone": "+1 617 555 0109"}),
            "2026-03-01T00:00:00",
        ),
        (
            json!({"minEmployeeSize": null, "city": "N/A", "state": "", "zipCode": "02140", "phone": "-"}),
            "2026-03-02T00:00:00",
        ),
    ];
    // In two calls, or as two rows of one.
    for (row, time) in &said {
        let mut row = row.clone();
        (row["domain"], row["updatedAt"]) = (json!("acme1.com"), json!(time));
        insert(&mut test, EntityKind::Company, json!([row]));
    }
    let companies = test.companies();
    let acme = one(&companies);
    assert_eq!((&acme["minEmployeeSize"], &acme["maxEmployeeSize"]), (&json!(201), &json!(250)));
    assert_eq!(
        ["address", "city", "state", "country", "zipCode", "phone", "mobilePhone"]
            .map(|column| acme[column].as_str()),
        ["1 Main St", "Boston", "Massachusetts", "United States", "02140", "+16175550101", "+16175550109"]
            .map(Some)
    );
    let again = json!([
        {"email": "ada.1@acme1.com", "lastName": "Byron", "updatedAt": "2026-03-01T00:00:00Z"},
        {"id": "Ada.1@acme1.com", "jobTitle": "CFO", "phone": null, "mobilePhone": "+1 617 555 0105"},
    ]);
    insert(&mut test, EntityKind::Person, again);
    let prospects = test.prospects();
    let ada = one(&prospects);
    assert_eq!(
        (&ada["firstName"], &ada["lastName"], &ada["salutation"]),
        (&json!("Ada"), &json!("Byron"), &json!("Dr."))
    );
    assert_eq!((&ada["jobTitle"], &ada["department"]), (&json!("CFO"), &json!("Sales")));
    assert_eq!((&ada["phone"], &ada["mobilePhone"]), (&json!("+16175550102"), &json!("+16175550105")));
    let why = test.explain(EntityKind::Person, "ada.1@acme1.com", "person_name");
    assert_eq!(why["winner"]["raw"], json!({"salutation": "Dr.", "first_name": "Ada", "last_name": "Byron"}));
}

fn a_size_that_is_outgrown_is_not_closed_with_the_old_bound(place: &Place) {
    let mut test = Test::new(place);
    let size = |test: &mut Test<'_>, row: Value| {
        insert(test, EntityKind::Company, json!([row]));
        let companies = test.companies();
        let acme = one(&companies);
        ["minEmployeeSize", "maxEmployeeSize", "employeeRange"].map(|column| acme[column].clone())
    };
    let row = |day: u32, mut row: Value| {
        (row["domain"], row["updatedAt"]) =
            (json!("acme1.com"), json!(format!("2026-03-{day:02}T00:00:00Z")));
        row
    };
    size(&mut test, company(1));
    let grown = size(&mut test, row(1, json!({"minEmployeeSize": "10001", "maxEmployeeSize": null})));
    assert_eq!(grown, [json!(10_001), json!(null), json!("10001+")]);
    let linked = size(&mut test, row(2, json!({"employeeSizeLink": "https://x.example.com/1"})));
    assert_eq!(linked, grown, "what stands after it is the open end");
    let shrunk = size(&mut test, row(3, json!({"maxEmployeeSize": 10})));
    assert_eq!((&shrunk[0], &shrunk[1]), (&json!(null), &json!(10)));
    // As two rows of one call.
    let rows = json!([
        row(4, json!({"minEmployeeSize": 201, "maxEmployeeSize": 500})),
        row(5, json!({"minEmployeeSize": 501}))
    ]);
    insert(&mut test, EntityKind::Company, rows);
    let open = size(&mut test, row(6, json!({"employeeSizeLink": "https://x.example.com/2"})));
    assert_eq!((&open[0], &open[1]), (&json!(501), &json!(null)));
}

fn rows_of_before_are_known_after_newer_ones(place: &Place) {
    let mut test = Test::new(place);
    let row = |day: u32, mut row: Value| {
        (row["domain"], row["updatedAt"]) =
            (json!("acme1.com"), json!(format!("2026-03-{day:02}T00:00:00Z")));
        row
    };
    let rows = [
        row(1, json!({"phone": "+1 617 555 0101", "city": "Boston"})),
        row(2, json!({"mobilePhone": "+1 617 555 0102", "state": "MA"})),
        row(3, json!({"mobilePhone": "+1 617 555 0103", "zipCode": "02139", "maxEmployeeSize": 10})),
    ];
    for row in &rows {
        assert_eq!(insert(&mut test, EntityKind::Company, json!([row])).tally.accepted, 1);
    }
    let whole = test.export();
    let acme = one(&test.companies()).clone();
    assert_eq!((&acme["phone"], &acme["city"]), (&json!("+16175550101"), &json!("Boston")));
    assert_eq!((&acme["mobilePhone"], &acme["zipCode"]), (&json!("+16175550103"), &json!("02139")));
    for row in &rows {
        let again = insert(&mut test, EntityKind::Company, json!([row]));
        assert_eq!((again.tally.accepted, again.tally.skipped), (0, 1), "{row}");
    }
    let again = insert(&mut test, EntityKind::Company, json!(rows));
    assert_eq!((again.tally.accepted, again.tally.skipped), (0, 3));
    assert_eq!(test.export(), whole);
}

fn a_late_row_is_filled_where_its_source_repeated_itself(place: &Place) {
    let mut test = Test::new(place);
    let row = |day: u32, mut row: Value| {
        (row["domain"], row["updatedAt"]) =
            (json!("acme1.com"), json!(format!("2026-03-{day:02}T00:00:00Z")));
        json!([row])
    };
    let whole = json!({"phone": "+1 617 555 0101", "mobilePhone": "+1 617 555 0102"});
    insert(&mut test, EntityKind::Company, row(10, whole.clone()));
    let again = insert(&mut test, EntityKind::Company, row(31, whole));
    insert(&mut test, EntityKind::Company, row(20, json!({"phone": "+1 617 555 0103"})));
    test.take_back(again.run, false, Timestamp::UNIX_EPOCH).0.unwrap();
    let acme = one(&test.companies()).clone();
    assert_eq!((&acme["phone"], &acme["mobilePhone"]), (&json!("+16175550103"), &json!("+16175550102")));
    is_true(&mut test);
}

fn what_cannot_be_taken_is_a_reject(place: &Place) {
    let mut test = Test::new(place);
    let given = json!([
        company(1), 7, {"domain": ["acme.com"]}, {"name": null}, {"domain": "acme9.com", "name": "A\u{0}B"},
        {"domain": "acme8.com", "name": "x".repeat(1 << 20)}, {"domain": "acme3.com", "updatedAt": "some day"},
    ]);
    let report = insert(&mut test, EntityKind::Company, given);
    assert_eq!((report.tally.read, report.tally.accepted, report.tally.rejected), (7, 2, 5));
    let rejects = test.drive(async |engine| engine.rejects(Some(report.run)).await.unwrap());
    let codes: Vec<_> = rejects.iter().map(|reject| (reject.record, reject.code.as_str())).collect();
    assert_eq!(
        codes,
        [(2, "bad-value"), (3, "bad-value"), (4, "no-key"), (5, "nul-character"), (6, "record-too-long")]
    );
    assert!(rejects[1].cause.contains("domain"), "{}", rejects[1].cause);
    let refused = test.drive(async |engine| {
        let mut hooks = Hooks {
            clock: &|| Timestamp::UNIX_EPOCH,
            progress: &mut |_| {},
            interrupted: Default::default(),
        };
        engine.insert_rows(EntityKind::Company, Vec::new(), Source::pin(), &mut hooks).await
    });
    assert_eq!(refused.unwrap_err().code(), "reserved-source");
}

fn a_company_is_meant_by_its_id_too(place: &Place) {
    let mut test = Test::new(place);
    insert(&mut test, EntityKind::Company, json!([company(4)]));
    let id = one(&test.companies())["id"].as_str().unwrap().to_owned();
    insert(
        &mut test,
        EntityKind::Person,
        json!([prospect(1, &id), prospect(2, "acme1.com"), prospect(3, "no such id")]),
    );
    let companies = test.companies();
    let id_of = |domain: &str| companies.iter().find(|row| row["domain"] == domain).unwrap()["id"].clone();
    for row in test.prospects() {
        let of_four = row["email"] == "ada.1@acme1.com";
        assert_eq!(row["companyId"], id_of(if of_four { "acme4.com" } else { "acme1.com" }), "{row:?}");
    }
}

fn figures_count_what_is_stored(place: &Place) {
    let mut test = Test::new(place);
    insert(&mut test, EntityKind::Company, json!([company(1), company(2), {"domain": "acme3.com"}]));
    insert_from(
        &mut test,
        "clay",
        EntityKind::Company,
        json!([{"domain": "acme1.com", "name": "Acme", "industry": "Textiles"}]),
    );
    insert(
        &mut test,
        EntityKind::Person,
        json!([prospect(1, "acme1.com"), {"email": "bo@acme1.com", "jobTitle": "zzz"}]),
    );
    let coverage = test.drive(async |engine| engine.coverage().await.unwrap());
    let of = |entity: &str, column: &str| {
        let found = coverage.iter().find(|row| row.entity == entity && row.column == column).unwrap();
        (found.filled, found.total)
    };
    assert_eq!(of("company", "city"), (2, 3));
    assert_eq!(of("person", "firstName"), (1, 2));
    let overlap = test.drive(async |engine| engine.source_overlap().await.unwrap());
    let overlap: Vec<_> =
        overlap.iter().map(|o| (o.entity, o.source.as_str(), o.other.as_str(), o.keys)).collect();
    let companies =
        [("company", "clay", "clay", 1), ("company", "clay", "csv", 1), ("company", "csv", "csv", 2)];
    assert_eq!(overlap[..3], companies);
    assert_eq!(overlap[3..], [("person", "csv", "csv", 2)]);
    let levels = test.drive(async |engine| engine.level_funnel().await.unwrap());
    let levels: Vec<_> = levels.iter().map(|step| (step.level, step.prospects)).collect();
    assert_eq!(levels, [(Some(6), 1), (None, 1)]);
    let wins = test.drive(async |engine| engine.wins().await.unwrap());
    let names: Vec<_> = wins.iter().filter(|won| won.attribute == "company_name").collect();
    assert_eq!(
        names.iter().map(|won| (won.source.as_str(), won.records)).collect::<Vec<_>>(),
        [("clay", 1), ("csv", 1)]
    );
}

on_both! {
    rows_become_golden_and_can_be_taken_back
    a_blank_never_beats_a_value
    a_size_that_is_outgrown_is_not_closed_with_the_old_bound
    rows_of_before_are_known_after_newer_ones
    a_late_row_is_filled_where_its_source_repeated_itself
    what_cannot_be_taken_is_a_reject
    a_company_is_meant_by_its_id_too
    figures_count_what_is_stored
}

#[test]
fn columns_are_those_of_the_golden_tables() {
    for (kind, columns) in
        [(EntityKind::Company, COMPANY_COLUMNS.as_slice()), (EntityKind::Person, PROSPECT_COLUMNS.as_slice())]
    {
        for column in columns.iter().filter(|column| !["createdAt", "updatedAt"].contains(*column)) {
            assert!(golden_columns(kind).iter().any(|golden| golden.name == *column), "{column}");
        }
    }
}
