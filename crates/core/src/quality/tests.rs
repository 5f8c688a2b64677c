use super::*;
use crate::{
    Dimension, Evidence, MatchedValue, Observation, PayloadId, Priorities, RawValue, Scalar, Span,
    golden_columns, golden_row,
};
use proptest::prelude::*;
use std::sync::Arc;

struct Plain;

impl Meaning for Plain {
    fn is_placeholder(&self, text: &str) -> bool {
        text == "n/a"
    }

    fn site(&self, website: &str) -> Option<String> {
        website.contains('.').then(|| website.trim_start_matches("https://").to_owned())
    }

    fn mailbox(&self, email: &str) -> Option<Mailbox> {
        let (name, host) = email.split_once('@')?;
        Some(Mailbox {
            domain: Some(host.to_owned()),
            is_role: name == "info",
            is_free_mail: host == "free.example",
            is_disposable: host == "gone.example",
        })
    }

    fn company<'k>(&'k self, key: &'k str) -> &'k str {
        if key == "acme.old" { "acme.example" } else { key }
    }
}

fn on(day: &str) -> Day {
    day.parse().unwrap()
}

/// What `source` says: raw parts by name, matched columns by name.
fn row(
    attribute: Attribute,
    source: &str,
    day: Option<&str>,
    raw: &[(&str, &str)],
    matched: &[(&str, &str)],
) -> Dimension {
    let find = |name: &str, all: &[(&str, &str)]| {
        all.iter().find(|(of, _)| *of == name).map(|(_, text)| text.to_string())
    };
    let parts: Vec<_> = attribute.spec().parts.iter().map(|name| find(name, raw)).collect();
    let mut row = Dimension::from(Observation {
        key: "k".into(),
        attribute,
        source: Source::new(source).unwrap(),
        raw: RawValue::new(parts.iter().map(Option::as_deref)),
        payload: PayloadId::default(),
        observed_at: day.map(|day| format!("{day}T12:00:00Z").parse().unwrap()),
    });
    if !matched.is_empty() {
        let columns = attribute.spec().matched.iter().map(|(name, _)| match find(name, matched) {
            Some(text) => text.parse().map_or_else(|_| Scalar::Text(text.into()), Scalar::Int),
            None => Scalar::Null,
        });
        let evidence = Evidence::new("t", "t@1", Span(0, 1), 100);
        row.set_matched(Some(Arc::new(MatchedValue { columns: columns.collect(), evidence })));
    }
    row
}

fn scored(kind: EntityKind, rows: &[Dimension], as_of: &str) -> Quality {
    let priorities = Priorities::compiled();
    let golden = golden_row(kind, "k", rows, &priorities, &|_| None);
    quality(kind, rows, &golden, Scoring { priorities: &priorities, meaning: &Plain, as_of: on(as_of) })
}

fn field<'q>(quality: &'q Quality, name: &str) -> Option<&'q FieldQuality> {
    let index = quality_fields(quality.kind).iter().position(|field| field.name == name).unwrap();
    quality.fields[index].as_ref()
}

#[test]
fn every_part_by_hand() {
    use Attribute::{CompanyName, Industry};
    let rows = [
        row(
            CompanyName,
            "crunchbase",
            Some("2026-01-01"),
            &[("name", "Acme")],
            &[("name", "Acme"), ("name_key", "acme")],
        ),
        row(CompanyName, "csv", None, &[("name", "ACME")], &[("name", "Acme"), ("name_key", "acme")]),
        row(CompanyName, "zoom", None, &[("name", "Apex")], &[("name", "Apex"), ("name_key", "apex")]),
        row(CompanyName, "zoo", None, &[("name", "?")], &[]),
        row(Industry, "csv", None, &[("industry", "things")], &[]),
    ];
    let quality = scored(EntityKind::Company, &rows, "2026-02-15");
    let name = field(&quality, "name").unwrap();
    assert_eq!((name.by.as_ref().unwrap().as_str(), name.day), ("crunchbase", Some(on("2026-01-01"))));
    assert_eq!((name.agree.len(), name.differ.len()), (1, 1), "what is not understood says neither");
    // Of crunchbase, the second that is believed for names: 90; seen 45 days ago: 75; one of two others agrees: 50.
    assert_eq!(name.parts, [3000, 2500, 750, 1125, 1350]);
    let industry = field(&quality, "industry").unwrap();
    assert_eq!(
        industry.parts,
        [3000, 0, 750, 0, 750],
        "not understood, alone, nobody knows when, not listed"
    );
    assert_eq!(field(&quality, "city"), None);
    // 8725 and 4500 of ten fields: 1322.5.
    assert_eq!(quality.score, 1323);
    assert_eq!(quality.parts, [600, 250, 150, 113, 210]);
    assert_eq!((quality.completeness, quality.grade), (2000, "F"));
    assert_eq!(quality.verified_at, Some("2026-01-01T12:00:00Z".parse().unwrap()));
    assert_eq!(quality.sources.len(), 4);
}

#[test]
fn freshness_decays_by_steps_and_nothing_else_does() {
    let rows =
        [row(Attribute::Description, "csv", Some("2026-01-01"), &[("description", "Makes things.")], &[])];
    let at = |day: &str| field(&scored(EntityKind::Company, &rows, day), "description").unwrap().parts;
    for (day, fresh) in [
        ("2025-12-01", 1500),
        ("2026-01-30", 1500),
        ("2026-01-31", 1125),
        ("2026-03-31", 1125),
        ("2026-04-01", 750),
        ("2026-06-30", 375),
        ("2026-12-31", 375),
        ("2027-01-01", 375),
    ] {
        let expected = if day == "2027-01-01" { 0 } else { fresh };
        assert_eq!(at(day), [3000, 2500, 1500, expected, 750], "{day}");
    }
}

#[test]
fn addresses_are_graded_and_numbers_scored() {
    use Attribute::{PersonCompany, PersonContact};
    let person = |source: &str, email: &str, phone: &str, mobile: &str| {
        let said: [(&str, &str); 3] = [("email", email), ("phone", phone), ("mobile_phone", mobile)];
        let said: Vec<_> = said.into_iter().filter(|(_, text)| !text.is_empty()).collect();
        row(PersonContact, source, None, &said, &said)
    };
    let job = row(PersonCompany, "csv", None, &[("company", "acme.old")], &[("company_key", "acme.old")]);
    let graded = |rows: &[Dimension]| {
        let mut rows = rows.to_vec();
        rows.push(job.clone());
        let quality = scored(EntityKind::Person, &rows, "2026-01-01");
        (quality.email_grade, quality.phone_score)
    };
    for (email, grade) in [
        ("ada@acme.example", "A"),
        ("ada@acme.old", "A"),
        ("ada@other.example", "B"),
        ("ada@free.example", "C"),
        ("info@acme.example", "C"),
        ("ada@gone.example", "D"),
        ("ada", "D"),
    ] {
        assert_eq!(graded(&[person("csv", email, "", "")]), (Some(grade), None), "{email}");
    }
    let both = [
        person("csv", "ada@acme.example", "+1 555 0100", ""),
        person("zoom", "Ada@acme.example", "+1 555 0100", "+1 555 0101"),
    ];
    assert_eq!(graded(&both), (Some("A+"), Some(100)));
    assert_eq!(
        graded(&[person("csv", "", "+1 555 0100", "+1 555 0100")]),
        (None, Some(80)),
        "one number is not two"
    );
    // Of a number that only one gives, that the other one has another says nothing.
    let apart = [person("csv", "", "+1 555 0100", ""), person("zoom", "", "", "+1 555 0101")];
    assert_eq!(graded(&apart), (None, Some(90)), "nobody gives the number of another");
    let mobile = [
        person("csv", "", "+1 555 0100", "+1 555 0101"),
        person("zoom", "", "+1 555 0102", "+1 555 0101"),
        person("zoo", "", "+1 555 0103", ""),
    ];
    assert_eq!(graded(&mobile), (None, Some(100)), "two give the second number");
    let unread = row(PersonContact, "csv", None, &[("phone", "ring me")], &[]);
    assert_eq!(graded(&[unread]), (None, Some(0)));
}

#[test]
fn a_field_is_credited_to_the_source_whose_value_is_shown() {
    use Attribute::{EmployeeRange, PersonContact};
    // Manual is believed first, and gives no address that is one.
    let contact = [
        row(
            PersonContact,
            "manual",
            None,
            &[("email", "ada at x"), ("phone", "+1 555 0100")],
            &[("phone", "+1 555 0100")],
        ),
        row(
            PersonContact,
            "csv",
            Some("2026-01-01"),
            &[("email", "Ada@x.example")],
            &[("email", "ada@x.example")],
        ),
    ];
    let found = scored(EntityKind::Person, &contact, "2026-01-02");
    let email = field(&found, "email").unwrap();
    assert_eq!((email.by.as_ref().unwrap().as_str(), email.agree.len(), email.differ.len()), ("csv", 0, 0));
    assert_eq!(email.parts[1], 2500);
    // The row of another program keeps its address: whoever gives another one is not believed for it.
    let priorities = Priorities::compiled();
    let scoring = Scoring { priorities: &priorities, meaning: &Plain, as_of: on("2026-01-02") };
    let by = |rows: &[Dimension], shown: &str| {
        let mut golden = golden_row(EntityKind::Person, "k", rows, &priorities, &|_| None);
        let columns = golden_columns(EntityKind::Person);
        golden.values[columns.iter().position(|column| column.name == "email").unwrap()] =
            Scalar::Text(shown.into());
        let quality = quality(EntityKind::Person, rows, &golden, scoring);
        let email = field(&quality, "email").unwrap();
        email.by.as_ref().map(ToString::to_string)
    };
    assert_eq!(by(&contact, "ADA@x.example").as_deref(), Some("csv"), "the same address");
    assert_eq!(by(&contact, "bo@x.example"), None);
    let legacy =
        row(PersonContact, "legacy", None, &[("email", "Bo+a@x.example")], &[("email", "bo@x.example")]);
    assert_eq!(by(&[contact[1].clone(), legacy], "Bo+a@x.example").as_deref(), Some("legacy"));
    // A number without a standard range fills nothing, and is not what is shown.
    let sizes = [row(EmployeeRange, "csv", None, &[("employee_range", "many")], &[])];
    assert_eq!(field(&scored(EntityKind::Company, &sizes, "2026-01-02"), "employees"), None);
}

#[test]
fn a_percentage_is_exact_where_parts_are_dealt_out() {
    use Attribute::{JobTitle, PersonCompany, PersonContact, PersonName};
    let said: [(&str, &str); 2] = [("email", "ada@x.example"), ("phone", "+1 555 0100")];
    let rows = [
        row(PersonName, "csv", None, &[("full_name", "Ada")], &[("full_name", "Ada")]),
        row(JobTitle, "csv", None, &[("job_title", "CEO")], &[("level", "1")]),
        row(PersonCompany, "csv", None, &[("company", "x")], &[("company_key", "x.example")]),
        row(PersonContact, "csv", None, &said, &said),
    ];
    let quality = scored(EntityKind::Person, &rows, "2026-01-02");
    // Five of eight fields, valid, alone, of no known day and by nobody who is listed.
    assert_eq!(quality.parts, [1875, 1562, 469, 0, 469], "dealt out to 43.75");
    assert_eq!([0, 1, 2, 3, 4].map(|part| quality.percent(part)), [6250, 6250, 3125, 0, 3125]);
}

#[test]
fn confirming_by_hand_never_lowers_a_score() {
    let said = [("industry", "Banking")];
    for day in [None, Some("2026-01-01"), Some("2020-01-01")] {
        let unpinned = [row(Attribute::Industry, "manual", day, &said, &said)];
        for pinned_on in [None, Some("2026-01-01"), Some("2020-01-01")] {
            let mut pinned = unpinned.to_vec();
            pinned.push(row(Attribute::Industry, "pin", pinned_on, &said, &said));
            let [before, after] =
                [&unpinned[..], &pinned].map(|rows| scored(EntityKind::Company, rows, "2026-01-02"));
            assert_eq!(field(&after, "industry").unwrap().parts, [3000, 2500, 1500, 1500, 1500]);
            assert!(before.score <= after.score);
            assert_eq!(after.at(on("2030-01-01")).score, after.score, "and does not age");
        }
    }
}

#[test]
fn values_of_nobody_count_as_there_alone_and_placeholders_as_missing() {
    let priorities = Priorities::compiled();
    let mut golden = golden_row::<Dimension>(EntityKind::Person, "k", &[], &priorities, &|_| None);
    let mut set = |name: &str, text: &str| {
        let index = golden_columns(EntityKind::Person).iter().position(|column| column.name == name).unwrap();
        golden.values[index] = Scalar::Text(text.into());
    };
    set("fullName", "Ada Byron");
    set("department", "n/a");
    let scoring = Scoring { priorities: &priorities, meaning: &Plain, as_of: on("2026-01-01") };
    let quality = quality::<Dimension>(EntityKind::Person, &[], &golden, scoring);
    assert_eq!(field(&quality, "name").unwrap().parts, [3000, 0, 0, 0, 0]);
    assert_eq!(field(&quality, "department"), None);
    assert_eq!((quality.score, quality.completeness, quality.verified_at), (375, 1250, None));
}

fn any_row() -> impl Strategy<Value = Dimension> {
    let attribute = prop::sample::select(Attribute::ALL);
    let source = prop::sample::select(vec!["manual", "clay", "csv", "zoom", "pin"]);
    let day =
        prop::option::of(prop::sample::select(vec!["2024-01-01", "2025-11-11", "2026-01-01", "2026-05-05"]));
    let texts = prop::collection::vec(prop::option::of("[ab]|n/a|[ab]@x[.]com"), 14);
    (attribute, source, day, texts, any::<bool>()).prop_map(|(attribute, source, day, texts, is_matched)| {
        let spec = attribute.spec();
        let said = |names: Vec<&'static str>, texts: &[Option<String>]| -> Vec<(&'static str, String)> {
            names.into_iter().zip(texts).filter_map(|(name, text)| Some((name, text.clone()?))).collect()
        };
        let raw = said(spec.parts.to_vec(), &texts);
        let matched = said(spec.matched.iter().map(|(name, _)| *name).collect(), &texts[6..]);
        let borrowed = |all: &[(&'static str, String)]| -> Vec<(&'static str, String)> { all.to_vec() };
        let (raw, matched) = (borrowed(&raw), if is_matched { borrowed(&matched) } else { Vec::new() });
        let raw: Vec<_> = raw.iter().map(|(name, text)| (*name, text.as_str())).collect();
        let matched: Vec<_> = matched.iter().map(|(name, text)| (*name, text.as_str())).collect();
        row(attribute, source, day, &raw, &matched)
    })
}

proptest! {
    #[test]
    fn parts_sum_to_the_whole_and_what_is_stored_comes_back(
        mut rows in prop::collection::vec(any_row(), 0..30),
        day in prop::sample::select(vec!["2024-01-15", "2026-01-20", "2026-12-31"]),
    ) {
        let mut seen = std::collections::BTreeSet::new();
        rows.retain(|row| seen.insert((row.attribute(), row.source().clone())));
        for kind in [EntityKind::Company, EntityKind::Person] {
            let quality = scored(kind, &rows, day);
            prop_assert_eq!(quality.parts.iter().sum::<i64>(), quality.score);
            prop_assert_eq!(quality.attributes.iter().map(|of| of.points).sum::<i64>(), quality.score);
            prop_assert!((0..=10_000).contains(&quality.score));
            for of in &quality.attributes {
                prop_assert_eq!(of.parts.iter().sum::<i64>(), of.score);
                prop_assert!((0..=10_000).contains(&of.score));
            }
            let (json, sources) = (quality.breakdown(), quality.sources_json());
            let graded = (quality.email_grade, quality.phone_score);
            let back = Quality::stored(kind, quality.as_of, &json, &sources, quality.verified_at, graded).unwrap();
            prop_assert_eq!(&back, &quality);
            let later = scored(kind, &rows, "2026-09-09");
            prop_assert_eq!(quality.at(on("2026-09-09")), later);
            rows.reverse();
            prop_assert_eq!(scored(kind, &rows, day), quality);
        }
    }

    #[test]
    fn shares_are_dealt_out_whole(shares in prop::collection::vec(0i64..100_000, 1..9), by in 1i64..100) {
        let mut dealt = shares.clone();
        let whole = apportion(&mut dealt, by);
        prop_assert_eq!(dealt.iter().sum::<i64>(), whole);
        prop_assert!((2 * shares.iter().sum::<i64>() - 2 * by * whole).abs() <= by);
        for (share, dealt) in shares.iter().zip(dealt) {
            prop_assert!(dealt == share / by || dealt == share / by + 1);
        }
    }
}
