//! Pins outrank every source until they are removed, replaced, taken back or over.

use crate::common::Place;
use crate::on_both;
use crate::policies::{Told, differing};
use crate::use_it::{Test, options};
use firmograph::{Attribute, EntityKind, Flip, NewPin, Source, Timestamp, pin_value};
use serde_json::json;

const COMPANIES: &str = "Email,Company,Employee Size,Job Title\nada@one-brook.com,One Brook,11-50,CTO\n";

/// An hour before files are ingested.
fn early() -> Timestamp {
    Timestamp::from_second(-3_600).unwrap()
}

fn pin(attribute: Attribute, key: &str, value: &[&str], expires_at: Option<Timestamp>) -> NewPin {
    NewPin {
        attribute,
        key: key.to_owned(),
        value: pin_value(attribute, value).unwrap(),
        author: "data desk".to_owned(),
        reason: "they said so on the phone".to_owned(),
        expires_at,
    }
}

impl Test<'_> {
    fn pin(&mut self, pin: &NewPin, dry_run: bool) -> Told {
        let mut flips: Vec<Flip> = Vec::new();
        let mut sink = |flip| flips.push(flip);
        let report = self.runtime.block_on(self.engine.set_pin(pin, dry_run, early(), &mut sink));
        (report, flips)
    }

    fn unpin(&mut self, attribute: Attribute, key: &str) -> Told {
        let mut flips = Vec::new();
        let mut sink = |flip| flips.push(flip);
        let done = self.engine.remove_pin(attribute, key, false, early(), &mut sink);
        (self.runtime.block_on(done), flips)
    }

    fn pinned(&mut self) -> Vec<String> {
        let pins = self.runtime.block_on(self.engine.pins()).unwrap();
        pins.iter().map(|pin| format!("{} {} {}", pin.key, pin.attribute, json!(pin.value))).collect()
    }

    fn range(&mut self) -> String {
        self.companies()[0]["employeeRange"].as_str().unwrap_or_default().to_owned()
    }
}

fn a_pin_outranks_every_source_until_it_is_removed(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("csv", COMPANIES);
    let (before, export) = (test.companies(), test.export());
    let size = pin(Attribute::EmployeeRange, "one-brook.com", &["300"], None);
    let (dry, would) = test.pin(&size, true);
    assert_eq!((dry.unwrap().run, test.export(), test.pinned().len()), (0, export.clone(), 0));
    let (done, did) = test.pin(&size, false);
    assert_eq!(did, would);
    assert_eq!(did, differing("company", &before, &test.companies()));
    assert_eq!((test.range().as_str(), done.unwrap().flips), ("201-500", did.len() as u64));
    assert_eq!(test.companies()[0]["externalSource"], "csv", "a pin is no vendor");

    // What is said later changes nothing, from whomever.
    test.ingest("manual", "Website,Employee Size\none-brook.com,10001+\n");
    assert_eq!(test.range(), "201-500");
    let why = test.explain(EntityKind::Company, "one-brook.com", "employee_range");
    assert_eq!((&why["won_because"], &why["winner"]["source"]), (&json!("pinned"), &json!("pin")));
    assert_eq!(why["winner"]["pin"]["author"], "data desk");
    assert_eq!(why["winner"]["pin"]["reason"], "they said so on the phone");
    assert_eq!(why["winner"]["raw"], json!({ "employee_range": "300" }));
    assert!(why["winner"]["matched"]["evidence"]["reference"].as_str().unwrap().contains('@'), "{why}");
    assert_eq!(why["winner"]["stored_at"], "1969-12-31T23:00:00Z");
    let lost = why["losers"].as_array().unwrap();
    assert_eq!(lost.len(), 2);
    assert!(lost.iter().all(|loser| loser["lost_because"] == "pinned" && loser["line"] == 2), "{why}");

    let (gone, _) = test.unpin(Attribute::EmployeeRange, "one-brook.com");
    assert_eq!(test.range(), "10001+");
    assert!(test.pinned().is_empty());
    assert_eq!(test.unpin(Attribute::EmployeeRange, "one-brook.com").0.unwrap_err().code(), "no-pin");
    test.take_back(gone.unwrap().run, false, early()).0.unwrap();
    assert_eq!((test.range().as_str(), test.pinned().len()), ("201-500", 1));
    let doctor = test.runtime.block_on(test.engine.doctor()).unwrap();
    assert!(doctor.iter().all(|check| check.well), "{doctor:?}");
}

fn a_second_pin_takes_the_place_of_the_first(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("csv", COMPANIES);
    let export = test.export();
    let of = |value: &str| pin(Attribute::EmployeeRange, "one-brook.com", &[value], None);
    let first = test.pin(&of("300"), false).0.unwrap().run;
    let second = test.pin(&of("700"), false).0.unwrap().run;
    assert_eq!((test.range().as_str(), test.pinned().len()), ("501-1000", 1));
    let stale = test.take_back(first, false, early()).0.unwrap_err();
    assert_eq!(stale.code(), "changed-since");
    assert!(stale.to_string().contains(&format!("run {second} ")), "{stale}");
    test.take_back(second, false, early()).0.unwrap();
    assert_eq!((test.range().as_str(), test.pinned().len()), ("201-500", 1));
    // The very same value may be pinned again.
    let third = test.pin(&of("300"), false).0.unwrap().run;
    test.take_back(third, false, early()).0.unwrap();
    test.take_back(first, false, early()).0.unwrap();
    assert_eq!((test.export(), test.pinned().len()), (export, 0));
}

fn a_pin_ends_at_its_time(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("csv", COMPANIES);
    let (range, at) = (test.range(), Timestamp::UNIX_EPOCH);
    let size = pin(Attribute::EmployeeRange, "one-brook.com", &["300"], Some(at));
    let set = test.pin(&size, false).0.unwrap().run;
    let name = pin(
        Attribute::CompanyName,
        "one-brook.com",
        &["Brook"],
        Some(at + std::time::Duration::from_secs(1)),
    );
    test.pin(&name, false).0.unwrap();
    let expire = |test: &mut Test<'_>, now| {
        test.runtime.block_on(test.engine.expire_pins(false, now, &mut |_| {})).unwrap()
    };
    let runs = test.runs();
    assert_eq!(expire(&mut test, early()), None);
    assert_eq!(test.runs(), runs, "nothing is over, so there is no run");
    let mut dry = options("csv");
    dry.dry_run = true;
    test.ingest_with(&["Website\ntwo-brook.com\n"], &dry);
    assert_eq!(test.pinned().len(), 2, "a dry run removes no pin");
    // Files are ingested at the very instant: it is exclusive.
    test.ingest("csv", "Website\ntwo-brook.com\n");
    assert_eq!(
        (test.range(), test.pinned()),
        (range, vec!["one-brook.com company_name {\"name\":\"Brook\"}".to_owned()])
    );
    let expired = test.runs().into_iter().find(|run| run.command == "pin expire").unwrap();
    assert_eq!(test.take_back(expired.id, false, at).0.unwrap_err().code(), "pin-expired");
    assert_eq!(test.take_back(set, false, at).0.unwrap().flips, 0, "it is gone already");
    let report = expire(&mut test, at + std::time::Duration::from_secs(1)).unwrap();
    assert_eq!((report.companies.changed, test.pinned().len()), (1, 0));
}

fn pins_of_parts_and_of_persons(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("csv", COMPANIES);
    let at = ["city=Lyon", "country=France"];
    test.pin(&pin(Attribute::CompanyLocation, "one-brook.com", &at, None), false).0.unwrap();
    assert_eq!(
        (&test.companies()[0]["city"], &test.companies()[0]["country"]),
        (&json!("Lyon"), &json!("France"))
    );
    test.pin(&pin(Attribute::JobTitle, "ada@one-brook.com", &["VP of Sales"], None), false).0.unwrap();
    assert_eq!(test.prospects()[0]["standardizedJobTitleLevelId"], 6);
    // A person may not work for a company that there is not.
    let works = pin(Attribute::PersonCompany, "ada@one-brook.com", &["nine-brook.com"], None);
    assert_eq!(test.pin(&works, false).0.unwrap_err().code(), "unknown-key");
    test.ingest("csv", "Website\nnine-brook.com\n");
    test.pin(&works, false).0.unwrap();
    let companies = test.companies();
    let nine = companies.iter().find(|row| row["domain"] == "nine-brook.com").unwrap();
    assert_eq!(test.prospects()[0]["companyId"], nine["id"]);
    assert_eq!(test.pinned().len(), 3);
}

fn what_cannot_be_pinned_is_refused(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("csv", COMPANIES);
    let runs = test.runs();
    let good = pin(Attribute::EmployeeRange, "one-brook.com", &["300"], None);
    let cases = [
        (NewPin { key: "nobody-brook.com".to_owned(), ..good.clone() }, "unknown-key"),
        (NewPin { reason: " ".to_owned(), ..good.clone() }, "pin-reason"),
        (NewPin { author: String::new(), ..good.clone() }, "pin-reason"),
        (NewPin { expires_at: Some(early()), ..good.clone() }, "pin-expired"),
        (NewPin { value: firmograph::RawValue::new([Some("  ")]), ..good.clone() }, "pin-value"),
    ];
    for (bad, code) in cases {
        assert_eq!(test.pin(&bad, false).0.unwrap_err().code(), code);
    }
    assert_eq!((test.runs(), test.pinned().len()), (runs, 0));
    for texts in [&[""][..], &["city= "], &["Lyon", "France"], &["city=Lyon", "moon=full"]] {
        assert_eq!(
            pin_value(Attribute::CompanyLocation, texts).unwrap_err().code(),
            "pin-value",
            "{texts:?}"
        );
    }
    let url = pin_value(Attribute::CompanyContact, &["https://brook.example/?a=b"]).unwrap();
    assert_eq!(url.part(0), Some("https://brook.example/?a=b"));
    let file = place.file("pin.csv", COMPANIES);
    let mut hooks =
        firmograph::Hooks { clock: &early, progress: &mut |_| {}, interrupted: Default::default() };
    let taken = firmograph::IngestOptions::new(Source::new("pin").unwrap());
    let refused = test.runtime.block_on(test.engine.ingest(&[file.into()], &taken, &mut hooks));
    assert_eq!(refused.unwrap_err().code(), "reserved-source");
}

on_both! {
    a_pin_outranks_every_source_until_it_is_removed a_second_pin_takes_the_place_of_the_first
    a_pin_ends_at_its_time pins_of_parts_and_of_persons what_cannot_be_pinned_is_refused
}
