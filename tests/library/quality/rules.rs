//! Rules that a single record shows: whose company an address is at, what a pin is worth, and limits that cannot be told.

use super::COMPANIES;
use crate::common::Place;
use crate::on_both;
use crate::undo::is_true;
use crate::use_it::Test;
use firmograph::{
    Attribute, EntityKind, Error, GateResult, JoinRequest, NewPin, QualityCheckOptions, QualityGate, Source,
    Timestamp, pin_value,
};

impl Test<'_> {
    fn grade(&mut self, key: &str) -> Option<&'static str> {
        self.quality(EntityKind::Person, key).email_grade
    }

    fn checked(&mut self, gates: &[QualityGate], source: Option<&str>) -> Result<Vec<GateResult>, Error> {
        let source = source.map(|name| Source::new(name).unwrap());
        let options = QualityCheckOptions { gates: gates.to_vec(), source, as_of: None };
        self.drive(async |engine| engine.quality_check(&options).await)
    }
}

const PEOPLE: &str = "\
Email,Full Name
ada@old-mills.com,Ada Hale
cy@mail.old-mills.com,Cy Ito
bo@old-mills.com,Bo Ito
di@brook-mills.com,Di Hale
ed@fjord-optics.no,Ed Lund
";

fn an_address_at_a_joined_domain_is_at_the_company(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("csv", PEOPLE);
    let keys = [
        "ada@old-mills.com",
        "cy@mail.old-mills.com",
        "bo@old-mills.com",
        "di@brook-mills.com",
        "ed@fjord-optics.no",
    ];
    let now = Timestamp::UNIX_EPOCH;
    // For whom they work, whatever their addresses are.
    for (key, company) in keys.iter().zip(["brook", "brook", "old", "old", "brook"]) {
        let attribute = Attribute::PersonCompany;
        let pin = NewPin {
            attribute,
            key: (*key).to_owned(),
            value: pin_value(attribute, &[format!("{company}-mills.com")]).unwrap(),
            author: "desk".to_owned(),
            reason: "they said so".to_owned(),
            expires_at: None,
        };
        test.drive(async |engine| engine.set_pin(&pin, false, now, &mut |_| {}).await.unwrap());
    }
    let before = test.all_scores();
    assert_eq!(keys.map(|key| test.grade(key)), ["B", "B", "A", "B", "B"].map(Some));
    let join = JoinRequest {
        kind: EntityKind::Company,
        from_key: "old-mills.com".into(),
        into_key: "brook-mills.com".into(),
        why: "one house".to_owned(),
    };
    let joined =
        test.drive(async |engine| engine.join(&[join], "desk", false, now, &mut |_| {}).await.unwrap());
    assert_eq!(keys.map(|key| test.grade(key)), ["A", "A", "A", "A", "B"].map(Some));
    is_true(&mut test);
    test.take_back(joined.run, false, now).0.unwrap();
    assert_eq!(test.all_scores(), before);
    is_true(&mut test);
}

fn an_address_that_another_program_spelled_is_at_the_company_too(place: &Place) {
    let mut test = Test::new(place);
    place.sql(
        "INSERT INTO \"Company\" (\"id\", \"domain\", \"createdAt\", \"updatedAt\") VALUES \
         ('c-1', 'brook-mills.com', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
    );
    place.sql(
        "INSERT INTO \"Prospect\" (\"id\", \"email\", \"companyId\", \"createdAt\", \"updatedAt\") VALUES \
         ('p-1', 'Ada Hale <ada@old-mills.com>', 'c-1', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
    );
    test.observe_writes();
    let before = test.all_scores();
    assert_eq!(test.grade("ada@old-mills.com"), Some("B"));
    let join = JoinRequest {
        kind: EntityKind::Company,
        from_key: "old-mills.com".into(),
        into_key: "brook-mills.com".into(),
        why: "one house".to_owned(),
    };
    let now = Timestamp::UNIX_EPOCH;
    let joined =
        test.drive(async |engine| engine.join(&[join], "desk", false, now, &mut |_| {}).await.unwrap());
    assert_eq!(test.grade("ada@old-mills.com"), Some("A"));
    is_true(&mut test);
    test.take_back(joined.run, false, now).0.unwrap();
    assert_eq!(test.all_scores(), before);
}

fn a_pin_of_what_is_shown_raises_the_score(place: &Place) {
    let mut test = Test::new(place);
    test.ingest_on("2026-01-15", "csv", COMPANIES);
    let before = test.quality(EntityKind::Company, "brook-mills.com");
    let attribute = Attribute::Industry;
    let pin = NewPin {
        attribute,
        key: "brook-mills.com".to_owned(),
        value: pin_value(attribute, &["Banking"]).unwrap(),
        author: "desk".to_owned(),
        reason: "they said so".to_owned(),
        expires_at: None,
    };
    let now: Timestamp = "2026-01-16T10:00:00Z".parse().unwrap();
    test.drive(async |engine| engine.set_pin(&pin, false, now, &mut |_| {}).await.unwrap());
    let after = test.quality(EntityKind::Company, "brook-mills.com");
    assert!(after.score > before.score && after.parts[3] >= before.parts[3], "{after:?}");
    assert_eq!(after.verified_at, Some(now));
    is_true(&mut test);
    assert!(after.at("2030-01-01".parse().unwrap()).percent(3) > 0, "a decision does not age");
}

fn limits_that_cannot_be_told_are_not_kept(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("csv", COMPANIES);
    let min = |text: &str| QualityGate::min(text).unwrap();
    let max_null = |text: &str| QualityGate::max_null(text).unwrap();
    // Nobody is there to have an address.
    for gate in ["person.email=5%", "email=5%", "fullName=100%"] {
        let error = test.checked(&[max_null("company.name=0%"), max_null(gate)], None).unwrap_err();
        assert_eq!(error.code(), "nothing-to-check", "{gate}");
        assert!(error.to_string().contains("there is no person to hold"), "{error}");
    }
    assert_eq!(test.checked(&[max_null("name=0%"), min("score=0")], None).unwrap().len(), 2);
    // A source of people alone is one, though a limit of companies does not ask for it.
    test.ingest("zoom", "Email,Full Name\nada@gmail.com,Ada Hale\n");
    let error = test.checked(&[max_null("company.industry=0%")], Some("zoom")).unwrap_err();
    assert_eq!(error.code(), "nothing-to-check");
    assert!(error.to_string().contains("no company of which zoom speaks"), "{error}");
    assert_eq!(
        test.checked(&[max_null("company.industry=0%")], Some("zooom")).unwrap_err().code(),
        "unknown-source"
    );

    let told = |results: Vec<GateResult>| -> Vec<_> {
        results.iter().map(|one| (one.kind.name(), one.records, one.not_scored, one.passed)).collect()
    };
    let all = test.checked(&[min("completeness=0")], None).unwrap();
    assert_eq!(told(all), [("company", 2, 0, true), ("person", 1, 0, true)]);
    place.sql("DELETE FROM intelligence_company_quality WHERE key = 'fjord-optics.no'");
    let all = test.checked(&[min("completeness=50"), max_null("company.name=0%")], None).unwrap();
    assert_eq!(all[0].missed_by(), 0, "what was asked keeps it");
    assert_eq!(told(all), [("company", 1, 1, false), ("company", 2, 0, true), ("person", 1, 0, false)]);
    // Of whom nobody speaks is known by the score, so which sources do is not known without.
    let of_csv = test.checked(&[max_null("company.name=0%")], Some("csv")).unwrap();
    assert_eq!(told(of_csv), [("company", 1, 1, false)]);
    place.sql("DELETE FROM intelligence_company_quality");
    let none = test.checked(&[min("score=0")], None).unwrap();
    assert_eq!(told(none), [("company", 0, 2, false), ("person", 1, 0, true)]);
    let now = Timestamp::UNIX_EPOCH;
    test.drive(async |engine| engine.refresh_quality(firmograph::Day::of(now), now).await.unwrap());
    // A row that another program wrote and nobody observed yet.
    place.sql(
        "INSERT INTO \"Company\" (\"id\", \"domain\", \"createdAt\", \"updatedAt\") VALUES \
         ('c-1', 'solo-mills.com', '2026-01-01 00:00:00', '2026-01-01 00:00:00')",
    );
    let waiting = test.checked(&[min("completeness=0")], None).unwrap();
    assert_eq!(told(waiting), [("company", 2, 1, false), ("person", 1, 0, true)]);
}

fn limits_are_held_against_what_was_not_rounded(place: &Place) {
    let mut test = Test::new(place);
    test.ingest(
        "csv",
        "Email,Full Name,Job Title,Phone,Company,Website\n\
         ada@brook-mills.com,Ada Hale,CEO,+1 617 253 1000,Brook Mills,brook-mills.com\n",
    );
    let ada = test.quality(EntityKind::Person, "ada@brook-mills.com");
    assert_eq!((ada.completeness, ada.percent(1), ada.parts[1]), (6_250, 6_250, 1_562));
    let at = |test: &mut Test<'_>, text: &str| {
        test.checked(&[QualityGate::min(text).unwrap()], None).unwrap().remove(1)
    };
    let kept = at(&mut test, "validity=62.5");
    assert!(kept.passed && kept.kind == EntityKind::Person && kept.value == 6_250, "{kept:?}");
    assert_eq!(at(&mut test, "validity=62.51").missed_by(), 1);
}

on_both! {
    an_address_at_a_joined_domain_is_at_the_company
    an_address_that_another_program_spelled_is_at_the_company_too
    a_pin_of_what_is_shown_raises_the_score
    limits_that_cannot_be_told_are_not_kept
    limits_are_held_against_what_was_not_rounded
}
