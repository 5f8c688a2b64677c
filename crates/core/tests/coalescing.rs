//! What holds of coalescing whatever the sources say, under every policy, with pins and without.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its scene should stop")]

use firmograph_core::{
    Attribute, Coalesced, Dimension, EntityKind, Evidence, LossReason, MatchedValue, Observation, PayloadId,
    Policy, Priorities, RawValue, Scalar, ScalarKind, Source, Span, Timestamp, WinReason, coalesce,
    golden_columns, golden_row,
};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

const KEY: &str = "acme.example";

/// What one source says: source, parts, day, and the number of its standard value.
type Said = (String, Vec<String>, Option<i64>, Option<u8>);

fn row(attribute: Attribute, (source, parts, day, matched): &Said) -> Dimension {
    let mut row = Dimension::from(Observation {
        key: KEY.into(),
        attribute,
        source: Source::new(source).unwrap(),
        raw: RawValue::new(parts.iter().take(attribute.spec().parts.len()).map(|part| Some(part.as_str()))),
        payload: PayloadId::default(),
        observed_at: day.map(|day| Timestamp::from_second(day * 86_400).unwrap()),
    });
    row.set_matched(matched.map(|number| {
        let columns = attribute.spec().matched.iter().enumerate().map(|(index, (_, kind))| match kind {
            _ if number % 3 == index as u8 % 3 => Scalar::Null,
            ScalarKind::Int => Scalar::Int(number.into()),
            ScalarKind::Text => Scalar::Text(format!("m{number}").into()),
        });
        let evidence = Evidence::new("rule", "table@1", Span(0, 1), 100);
        Arc::new(MatchedValue { columns: columns.collect(), evidence })
    }));
    row
}

/// Rows of one attribute, each of another source.
fn rows(attribute: Attribute, said: &[Said]) -> Vec<Dimension> {
    let mut seen = BTreeSet::new();
    said.iter().filter(|said| seen.insert(said.0.clone())).map(|said| row(attribute, said)).collect()
}

fn said() -> impl Strategy<Value = Said> {
    let part = prop_oneof![Just(String::new()), Just(" ".to_owned()), "[ab]{1,3}", "[ab] {1,2}é"];
    (
        "manual|linkedin|clay|csv|zoom|apollo|crunchbase|pin",
        prop::collection::vec(part, 0..4),
        prop::option::of(0i64..3),
        prop::option::of(0u8..4),
    )
}

fn attribute() -> impl Strategy<Value = Attribute> {
    prop::sample::select(Attribute::ALL)
}

/// A table of priorities: that of the program or another, and any policy for `attribute`.
fn table(attribute: Attribute, policy: Policy, order: &[i64]) -> Priorities {
    let sources = ["manual", "linkedin", "clay", "csv", "zoom"];
    let rows = sources.into_iter().zip(order).map(|(source, number)| ("*", source, *number));
    let priorities = if order.is_empty() { Priorities::compiled() } else { Priorities::from_rows(rows) };
    priorities.with_policy(attribute, policy)
}

fn policy() -> impl Strategy<Value = Policy> {
    prop::sample::select(&Policy::ALL[..])
}

fn order() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(0i64..3, 0..6)
}

/// Sources in the order of the result, with the reason of each.
fn told(rows: &[Dimension], result: &Coalesced) -> (String, WinReason, Vec<(String, LossReason)>) {
    let name = |index: usize| rows[index].source().to_string();
    let losers = result.losers.iter().map(|loss| (name(loss.index), loss.reason)).collect();
    (name(result.winner), result.reason, losers)
}

fn is_blank(row: &Dimension) -> bool {
    row.raw().parts(6).flatten().all(|text| text.trim().is_empty())
}

/// Every text that the rows hold, blanks folded as golden rows fold them; and every matched scalar.
fn held(rows: &[Dimension]) -> BTreeSet<String> {
    let raw = rows.iter().flat_map(|row| row.raw().parts(6).flatten());
    let raw = raw.map(|text| text.split_whitespace().collect::<Vec<_>>().join(" "));
    let matched = rows.iter().flat_map(|row| row.matched()).flat_map(|value| &value.columns);
    let matched = matched.filter_map(|scalar| match scalar {
        Scalar::Null => None,
        Scalar::Int(number) => Some(number.to_string()),
        Scalar::Text(text) => Some(text.to_string()),
    });
    raw.chain(matched).chain(rows.iter().map(|row| row.source().to_string())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_order_of_rows_changes_winner_reason_or_losers(
        attribute in attribute(), policy in policy(), order in order(),
        said in prop::collection::vec(said(), 1..8), keys in prop::collection::vec(any::<u32>(), 8),
    ) {
        let priorities = table(attribute, policy, &order);
        let rows = rows(attribute, &said);
        let mut shuffled: Vec<_> = rows.iter().cloned().zip(keys).collect();
        shuffled.sort_by_key(|(_, key)| *key);
        let shuffled: Vec<_> = shuffled.into_iter().map(|(row, _)| row).collect();
        let before = coalesce(&rows, attribute, &priorities).map(|result| told(&rows, &result));
        let after = coalesce(&shuffled, attribute, &priorities).map(|result| told(&shuffled, &result));
        prop_assert_eq!(before, after);
    }

    #[test]
    fn removing_a_loser_changes_neither_the_winner_nor_why_the_others_lost(
        attribute in attribute(), policy in policy(), order in order(),
        said in prop::collection::vec(said(), 2..8), at in any::<prop::sample::Index>(),
    ) {
        let priorities = table(attribute, policy, &order);
        let rows = rows(attribute, &said);
        let Some(result) = coalesce(&rows, attribute, &priorities) else { return Ok(()) };
        if result.losers.is_empty() { return Ok(()) }
        let gone = at.index(result.losers.len());
        let (winner, _, mut losers) = told(&rows, &result);
        losers.remove(gone);
        let mut fewer = rows.clone();
        fewer.remove(result.losers[gone].index);
        let after = coalesce(&fewer, attribute, &priorities).unwrap();
        let (still, _, left) = told(&fewer, &after);
        prop_assert_eq!((winner, losers), (still, left));
    }

    #[test]
    fn the_first_of_all_wins_with_a_standard_value(
        attribute in attribute(), said in prop::collection::vec(said(), 0..8), order in order(),
    ) {
        let mut said: Vec<Said> = said.into_iter().filter(|said| said.0 != "pin").collect();
        said.push(("best".to_owned(), vec!["x".to_owned()], None, Some(1)));
        let rows = rows(attribute, &said);
        let numbers = order.iter().zip(["manual", "linkedin", "clay", "csv", "zoom"]);
        let numbers = numbers.map(|(number, source)| (attribute.spec().name, source, *number));
        let first = [(attribute.spec().name, "best", -1)];
        let priorities = Priorities::from_rows(numbers.chain(first)).with_policy(attribute, Policy::ByPriority);
        let (winner, _, _) = told(&rows, &coalesce(&rows, attribute, &priorities).unwrap());
        prop_assert_eq!(winner, "best");
    }

    #[test]
    fn a_blank_never_wins_and_is_no_loser(
        attribute in attribute(), policy in policy(), order in order(),
        said in prop::collection::vec(said(), 1..8),
    ) {
        let priorities = table(attribute, policy, &order);
        let rows = rows(attribute, &said);
        let result = coalesce(&rows, attribute, &priorities);
        let speaking = rows.iter().filter(|row| !is_blank(row)).count();
        let named = result.map_or(Vec::new(), |result| {
            result.losers.iter().map(|loss| loss.index).chain([result.winner]).collect()
        });
        prop_assert_eq!(named.len(), speaking);
        prop_assert!(named.iter().all(|index| !is_blank(&rows[*index])));
    }

    #[test]
    fn a_pin_that_says_something_outranks_all(
        attribute in attribute(), policy in policy(), order in order(),
        said in prop::collection::vec(said(), 0..8), value in "[ab]{1,3}", matched in prop::option::of(0u8..4),
    ) {
        let mut said: Vec<Said> = said.into_iter().filter(|said| said.0 != "pin").collect();
        said.push(("pin".to_owned(), vec![value], None, matched));
        let rows = rows(attribute, &said);
        let result = coalesce(&rows, attribute, &table(attribute, policy, &order)).unwrap();
        let (winner, reason, losers) = told(&rows, &result);
        prop_assert_eq!((winner.as_str(), reason), ("pin", WinReason::Pinned));
        prop_assert!(losers.iter().all(|(_, reason)| *reason == LossReason::Pinned));
    }

    #[test]
    fn nothing_golden_is_invented(
        kind in prop::sample::select(&[EntityKind::Company, EntityKind::Person][..]), policy in policy(),
        order in order(), said in prop::collection::vec((0usize..14, said()), 0..30),
    ) {
        let mut seen = BTreeSet::new();
        let all: Vec<Dimension> = said
            .iter()
            .map(|(at, said)| row(Attribute::ALL[*at], said))
            .filter(|row| row.attribute().spec().entity == kind)
            .filter(|row| seen.insert((row.attribute(), row.source().clone())))
            .collect();
        let priorities = Attribute::of(kind).fold(table(Attribute::Industry, policy, &order), |all, attribute| {
            all.with_policy(attribute, policy)
        });
        let golden = golden_row(kind, KEY, &all, &priorities, &|key| Some(key.to_owned()));
        let held = held(&all);
        for (column, value) in golden_columns(kind).iter().zip(&golden.values) {
            let text = match value {
                Scalar::Null => continue,
                Scalar::Int(number) => number.to_string(),
                Scalar::Text(text) => text.to_string(),
            };
            // About the key itself, and about who won, which tests of their own look at.
            if ["id", "domain", "externalId", "key", "keyKind", "provenance"].contains(&column.name) {
                continue;
            }
            prop_assert!(held.contains(&text), "{}: {text:?} is in no row", column.name);
        }
    }
}

#[test]
fn each_policy_has_one_name() {
    for policy in Policy::ALL {
        assert_eq!(Policy::from_name(policy.name()), Some(policy));
        assert_eq!(serde_json::to_value(policy).unwrap(), policy.name());
    }
    assert_eq!(Policy::from_name("pin"), None, "a pin is set for a value and not for an attribute");
}

#[test]
fn every_policy_decides_by_its_own_rule() {
    let a = Attribute::CompanyLocation;
    let text = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
    let said: [Said; 3] = [
        ("clay".to_owned(), text(&["a"]), Some(2), None),
        ("csv".to_owned(), text(&["abc"]), Some(1), None),
        ("zoom".to_owned(), text(&["ab", "x", "y"]), Some(3), None),
    ];
    let rows = rows(a, &said);
    let expected = [
        (Policy::ByPriority, "clay", LossReason::LowerPriority),
        (Policy::MostComplete, "zoom", LossReason::LessComplete),
        (Policy::Longest, "csv", LossReason::Shorter),
        (Policy::MostRecent, "zoom", LossReason::Older),
        (Policy::First, "csv", LossReason::Newer),
    ];
    for (policy, winner, reason) in expected {
        let priorities = Priorities::compiled().with_policy(a, policy);
        let result = coalesce(&rows, a, &priorities).unwrap();
        let (name, won, losers) = told(&rows, &result);
        assert_eq!((name.as_str(), won), (winner, WinReason::Policy(policy)), "{policy:?}");
        assert!(losers.iter().all(|(_, why)| *why == reason), "{policy:?}: {losers:?}");
    }
}
