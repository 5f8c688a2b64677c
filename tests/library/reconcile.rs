//! Every value of an input is looked up in the database, and nothing that is missing there goes unnoticed.

use crate::common::Place;
use crate::common::customers::{Customers, STYLES};
use crate::on_both;
use crate::use_it::{Test, options};
use firmograph::{Finding, IngestOptions, Link, Reconciliation, UnplacedValue, ValueClass};
use std::collections::BTreeMap;

/// A reconciliation with all that it tells on the way.
pub(crate) struct Told {
    pub(crate) report: Reconciliation,
    pub(crate) values: Vec<UnplacedValue>,
    pub(crate) links: Vec<Link>,
}

/// Compares a file with the database. Counts must agree with each other, whatever was found.
#[track_caller]
pub(crate) fn reconciled(test: &mut Test<'_>, file: &str, options: &IngestOptions, id: Option<&str>) -> Told {
    let (mut values, mut links) = (Vec::new(), Vec::new());
    let report = test
        .drive(async |engine| {
            let mut sink = |finding| {
                match finding {
                    Finding::Value(value) => values.push(value),
                    Finding::Link(link) => links.push(link),
                    other => panic!("{other:?}"),
                }
                Ok(())
            };
            engine.reconcile(&[file.into()], options, id, &mut sink).await
        })
        .unwrap();
    let rejected: u64 = report.records.rejected.values().sum();
    let records = &report.records;
    assert_eq!(records.read, records.accepted + rejected + records.repeated + records.blank, "{records:?}");
    let sum = |class| report.columns.iter().map(|column| column.values.of(class)).sum::<u64>();
    for class in ValueClass::ALL {
        assert_eq!(report.values.of(class), sum(class), "{class:?}");
    }
    let told = |class| values.iter().filter(|value| value.class == class).count() as u64;
    assert_eq!(told(ValueClass::Unplaced), report.values.of(ValueClass::Unplaced));
    assert_eq!(told(ValueClass::Lost), report.values.of(ValueClass::Lost));
    for place in &report.places {
        let instead: u64 = place.shown_instead.values().sum();
        assert_eq!(instead, place.values.of(ValueClass::InConflict), "{place:?}");
    }
    let count = |counts: &BTreeMap<String, u64>| counts.values().sum::<u64>();
    let all = &report.links;
    let linked = all.both + count(&all.company_only) + count(&all.person_only) + count(&all.nobody);
    assert_eq!(linked, links.len() as u64);
    Told { report, values, links }
}

/// How many values of a column are of each class that has any.
fn classes(report: &Reconciliation, column: &str) -> Vec<(&'static str, u64)> {
    let of_column = report.columns.iter().find(|counts| counts.column == column).unwrap();
    let all = ValueClass::ALL.iter().map(|&class| (class.name(), of_column.values.of(class)));
    all.filter(|(_, count)| *count > 0).collect()
}

fn messy_exports_lose_nothing(place: &Place) {
    let mut test = Test::new(place);
    for (style, seed) in STYLES.into_iter().zip(21..) {
        let customers = Customers::make(400, seed);
        let text = customers.csv(style);
        test.ingest(style, &text);
        let file = test.file(&format!("{style}.csv"), &text);
        let told = reconciled(&mut test, &file, &options(style), None);
        let report = &told.report;
        assert_eq!(report.lost(), 0, "{:?} {:?}", report.reasons, told.values);
        assert_eq!(report.records.read, customers.lines.len() as u64);
        assert_eq!(report.records.accepted, customers.accepted());
        assert_eq!((report.records.repeated, report.records.blank), (customers.repeated, customers.blank));
        let records = customers.lines.len() as u64 - customers.blank;
        for column in &report.columns {
            assert_eq!(column.values.total(), records, "each cell of {} once", column.column);
        }
        // Names without a domain are joined to one.
        assert!(report.entities.golden_companies < report.entities.company_keys);
        assert_eq!(report.entities.golden_prospects, report.entities.person_keys);
    }
    // Other sources came meanwhile: their values are shown instead of some, and nothing is lost by that.
    let file = test.file("again.csv", &Customers::make(400, 21).csv(STYLES[0]));
    let told = reconciled(&mut test, &file, &options(STYLES[0]), None);
    assert_eq!(told.report.lost(), 0, "{:?}", told.values);
}

const DISAGREEING: &str = "\
Email,Company,Industry,Employees,City,Country,Job Title,Phone,Note,Updated\n\
ada@brook-mills.com,Brook Mills Ltd,Banking,51-200,Leeds,UK,CTO,n/a,x,2024-01-02\n\
ADA@brook-mills.com,BROOK MILLS,Retail,201-500 employees,Leeds,UK,Wizard of Bulbs,,,2024-05-01\n\
info@brook-mills.com,Brook Mills,Retail,-,York,UK,,,,2024-03-01\n\
bo@gmail.com,Self-employed,Optics of Fjords,11-50,Oslo,Norway,CEO,,,2024-01-01\n\
nobody,,Banking,11-50,Oslo,Norway,CEO,,y,2024-01-01\n";

fn each_value_has_its_class(place: &Place) {
    let mut test = Test::new(place);
    let mut how = options("crm");
    let mapping = "[fields]\nobserved_at = \"Updated\"\n";
    how.open.mappings.push(firmograph::sources::Mapping::parse(mapping).unwrap());
    test.ingest_with(&[DISAGREEING], &how);
    let file = test.file("crm-0.csv", DISAGREEING);
    let Told { report, values, links } = reconciled(&mut test, &file, &how, Some("Email"));
    assert_eq!(report.lost(), 0, "{values:?}");
    // Both say the same address; that of the role is nobody's, and that of nobody is none.
    assert_eq!(classes(&report, "Email"), [("carried", 2), ("standardised", 1), ("unplaced", 2)]);
    // The newest of the three is `BROOK MILLS`; all of them are shown as `Brook Mills`.
    assert_eq!(classes(&report, "Company"), [("carried", 2), ("standardised", 2), ("blank", 1)]);
    let company = report.places.iter().find(|p| p.column == "Company" && p.place == "company_name.name");
    assert_eq!(company.unwrap().values.of(ValueClass::Carried), 1, "whoever works for himself is no company");
    assert_eq!(
        classes(&report, "Industry"),
        [("carried", 2), ("in_conflict", 1), ("unplaced", 2)],
        "retail is newer than banking"
    );
    let industry = report.places.iter().find(|place| place.place == "industry.industry").unwrap();
    assert_eq!(industry.shown_instead, BTreeMap::from([("same_source".to_owned(), 1)]));
    assert_eq!(
        classes(&report, "Employees"),
        [("standardised", 1), ("in_conflict", 1), ("placeholder", 1), ("unplaced", 2)]
    );
    assert_eq!(classes(&report, "Phone"), [("placeholder", 1), ("blank", 4)]);
    assert_eq!(classes(&report, "Note"), [("payload_only", 1), ("blank", 3), ("unplaced", 1)]);
    assert_eq!(report.reasons["payload_only"], BTreeMap::from([("no_field".to_owned(), 1)]));
    assert_eq!(
        classes(&report, "Job Title").iter().find(|(name, _)| *name == "unmatched"),
        Some(&("unmatched", 1))
    );
    assert_eq!(report.disagreeing["industry"], 1);
    assert_eq!((report.entities.repeated_mailboxes, report.entities.golden_prospects), (1, 2));
    let told: Vec<_> = values.iter().map(|v| (v.line, &*v.column, &*v.value, &*v.reason)).collect();
    assert_eq!(told[0], (4, "Email", "info@brook-mills.com", "no_person:role_mailbox"));
    assert_eq!(told[1], (5, "Industry", "Optics of Fjords", "no_company:free_mail"));
    assert!(told.contains(&(6, "Note", "y", "no-key")), "{told:?}");
    assert_eq!(links.len(), 5);
    assert_eq!(links[0].id.as_deref(), Some("ada@brook-mills.com"));
    assert_eq!((&links[0].company_id, &links[0].prospect_id), (&links[1].company_id, &links[1].prospect_id));
    assert_eq!((&links[2].company_id, &links[2].prospect_id), (&links[0].company_id, &None));
    assert_eq!(links[3].reason.as_deref(), Some("no_company:free_mail"));
    assert_eq!((links[4].reason.as_deref(), links[4].id.as_deref()), (Some("no-key"), Some("nobody")));
}

fn another_source_that_wins_is_named(place: &Place) {
    let mut test = Test::new(place);
    let text = "Website,Industry\nbrook-mills.com,Banking\n";
    test.ingest("crm", text);
    test.ingest("clay", "Website,Industry\nbrook-mills.com,Retail\n");
    let file = test.file("crm.csv", text);
    let told = reconciled(&mut test, &file, &options("crm"), None);
    let industry = told.report.places.iter().find(|place| place.place == "industry.industry").unwrap();
    assert_eq!(industry.shown_instead, BTreeMap::from([("clay".to_owned(), 1)]));
    assert_eq!(told.report.lost(), 0);
}

/// Whatever is taken away or changed behind the program's back is told.
fn what_is_missing_is_lost(place: &Place) {
    let mut test = Test::new(place);
    let text = "Email,Company,Industry,Note\nada@brook-mills.com,Brook Mills,Banking,x\n\
                bo@fjord-optics.no,Fjord Optics,Retail,y\nci@inlet-dairy.de,Inlet Dairy,Retail,z\n\
                nobody,,Retail,-\n";
    test.ingest("crm", text);
    let file = test.file("crm.csv", text);
    let lost = |test: &mut Test<'_>| {
        let told = reconciled(test, &file, &options("crm"), None);
        let of = |value: UnplacedValue| (value.line, value.column, value.reason);
        let is_lost = |value: &UnplacedValue| value.class == ValueClass::Lost;
        (told.report.lost(), told.values.into_iter().filter(is_lost).map(of).collect::<Vec<_>>())
    };
    assert_eq!(lost(&mut test), (0, Vec::new()));
    let value = |line, column: &str, why: &str| (line, column.to_owned(), why.to_owned());
    place.sql("DELETE FROM core_company_industries WHERE key = 'brook-mills.com'");
    assert_eq!(lost(&mut test), (1, vec![value(2, "Industry", "not_in_dimension")]));
    place.sql("UPDATE \"Company\" SET name = 'Fjord' WHERE domain = 'fjord-optics.no'");
    let both = vec![value(2, "Industry", "not_in_dimension"), value(3, "Company", "golden_differs")];
    assert_eq!(lost(&mut test), (2, both.clone()));
    place.sql("DELETE FROM raw_payloads WHERE line = 4");
    // The payload, and the note that stood in it alone.
    let mut all = both;
    all.push(value(4, "Note", "payload_missing"));
    assert_eq!(lost(&mut test), (4, all.clone()));
    place.sql("DELETE FROM \"Prospect\" WHERE email = 'bo@fjord-optics.no'");
    all.insert(1, value(3, "Email", "no_golden_row"));
    assert_eq!(lost(&mut test), (6, all.clone()));
    place.sql("DELETE FROM raw_rejects WHERE line = 5");
    all.extend(["Email", "Industry"].map(|column| value(5, column, "reject_missing")));
    assert_eq!(lost(&mut test), (8, all));
}

/// An undone ingest is no more in the database, and reading it again brings all of it back.
fn what_was_undone_is_lost_until_it_comes_again(place: &Place) {
    let mut test = Test::new(place);
    let text = Customers::make(60, 31).csv("spaced");
    let run = test.ingest("crm", &text).run;
    let file = test.file("crm.csv", &text);
    let before = reconciled(&mut test, &file, &options("crm"), None);
    let now = firmograph::Timestamp::UNIX_EPOCH;
    test.drive(async |engine| engine.undo(run, false, now, &mut |_| {}).await).unwrap();
    let undone = reconciled(&mut test, &file, &options("crm"), None).report;
    assert_eq!(undone.records.payloads_missing, undone.records.accepted);
    assert_eq!(undone.values.of(ValueClass::Carried) + undone.values.of(ValueClass::Standardised), 0);
    test.ingest("crm", &text);
    assert_eq!(reconciled(&mut test, &file, &options("crm"), None).report, before.report);
}

on_both! {
    messy_exports_lose_nothing
    each_value_has_its_class
    another_source_that_wins_is_named
    what_is_missing_is_lost
    what_was_undone_is_lost_until_it_comes_again
}
