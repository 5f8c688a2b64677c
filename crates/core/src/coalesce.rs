use crate::{Attribute, Dimension, Priorities};
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::cmp::{Ordering, Reverse};

/// How one value is chosen among the sources of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Policy {
    /// The source believed first.
    ByPriority,
    /// The source that fills most parts of the group; then by priority.
    MostComplete,
    /// The longest text; then by priority.
    Longest,
    /// The newest observed-at, not the latest load; then by priority.
    MostRecent,
    /// The oldest observed-at; then by priority.
    First,
}

impl Policy {
    /// Every policy.
    pub const ALL: [Policy; 5] =
        [Policy::ByPriority, Policy::MostComplete, Policy::Longest, Policy::MostRecent, Policy::First];

    /// Its name, as tables and the command line say it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Policy::ByPriority => "by_priority",
            Policy::MostComplete => "most_complete",
            Policy::Longest => "longest",
            Policy::MostRecent => "most_recent",
            Policy::First => "first",
        }
    }

    /// The policy of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Policy> {
        Policy::ALL.into_iter().find(|policy| policy.name() == name)
    }
}

/// The step at which the winner and a loser part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LossReason {
    /// The winner is a pin, which outranks every source.
    Pinned,
    /// It has no standard value and the winner has one.
    Unmatched,
    /// Another source is believed first.
    LowerPriority,
    /// It fills fewer parts.
    LessComplete,
    /// Its text is shorter.
    Shorter,
    /// It was observed earlier (or at a time not known).
    Older,
    /// It was observed later, where the first counts.
    Newer,
    /// Equal in everything else: source name decided.
    SourceName,
}

/// Why the winner won.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WinReason {
    /// It is a pin.
    Pinned,
    /// Nobody else says anything.
    OnlySource,
    /// It beat each loser as that loser's reason says, under this policy.
    Policy(Policy),
}

/// One loser and why it lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// Index into the rows given.
    pub index: usize,
    /// Why.
    pub reason: LossReason,
}

/// The result of coalescing: who won, why, and each loser with why it lost. Indexes are into the rows given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coalesced {
    /// Index of the winner.
    pub winner: usize,
    /// Why it won.
    pub reason: WinReason,
    /// Every other row that says something, best first.
    pub losers: Vec<Loss>,
}

/// Chooses one row among the sources' rows about one attribute of one entity. `None` when there is none.
///
/// A pin comes before everything. A row with a standard value comes before one without (a cleaned name before a raw one);
/// then the policy decides; ties fall to priority, completeness, newest observed-at and source name, so the answer does not depend on the order
/// of `rows`. A row of blanks says nothing. Rows of other attributes are passed over, so a whole entity's rows may be given.
#[must_use]
pub fn coalesce<D: Borrow<Dimension>>(
    rows: &[D],
    attribute: Attribute,
    priorities: &Priorities,
) -> Option<Coalesced> {
    let row = |index: usize| -> &Dimension { rows[index].borrow() };
    let mut speaking = (0..rows.len()).filter(|&i| row(i).attribute() == attribute && says(row(i)));
    let (winner, second) = (speaking.next()?, speaking.next());
    // Most attributes are spoken of by one source, and most calls are about one of those.
    let Some(second) = second else {
        let reason = if row(winner).source().is_pin() { WinReason::Pinned } else { WinReason::OnlySource };
        return Some(Coalesced { winner, reason, losers: Vec::new() });
    };
    let policy = priorities.policy(attribute);
    let mut order: Vec<usize> = [winner, second].into_iter().chain(speaking).collect();
    let compare = |a: usize, b: usize| compare(row(a), row(b), policy, priorities);
    order.sort_by(|&a, &b| compare(a, b).0);
    let (&winner, rest) = order.split_first()?;
    let losers = rest.iter().map(|&index| Loss { index, reason: compare(winner, index).1 }).collect();
    let is_pin = row(winner).source().is_pin();
    let reason = if is_pin { WinReason::Pinned } else { WinReason::Policy(policy) };
    Some(Coalesced { winner, reason, losers })
}

/// Whether any part has more than blanks.
fn says(row: &Dimension) -> bool {
    let parts = row.attribute().spec().parts.len();
    row.raw().parts(parts).flatten().any(|text| !text.trim_start().is_empty())
}

/// `Less` when `a` wins, with the step that decided.
fn compare(a: &Dimension, b: &Dimension, policy: Policy, priorities: &Priorities) -> (Ordering, LossReason) {
    let priority = || (priorities.compare(a.attribute(), a.source(), b.source()), LossReason::LowerPriority);
    let complete = || (b.raw().filled().cmp(&a.raw().filled()), LossReason::LessComplete);
    let seen = |row: &Dimension| row.first().observed_at;
    let recent = || (seen(b).cmp(&seen(a)), LossReason::Older);
    let chosen = match policy {
        Policy::ByPriority => priority(),
        Policy::MostComplete => complete(),
        Policy::Longest => (Reverse(length(a)).cmp(&Reverse(length(b))), LossReason::Shorter),
        Policy::MostRecent => recent(),
        // An unknown time is not the first time.
        Policy::First => ((seen(a).is_none(), seen(a)).cmp(&(seen(b).is_none(), seen(b))), LossReason::Newer),
    };
    let pinned = (b.source().is_pin().cmp(&a.source().is_pin()), LossReason::Pinned);
    let unmatched = (a.matched().is_none().cmp(&b.matched().is_none()), LossReason::Unmatched);
    [pinned, unmatched, chosen, priority(), complete(), recent()]
        .into_iter()
        .find(|(order, _)| order.is_ne())
        .unwrap_or_else(|| (a.source().cmp(b.source()), LossReason::SourceName))
}

/// Characters of the first part.
fn length(row: &Dimension) -> usize {
    row.raw().part(0).map_or(0, |text| text.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Evidence, MatchedValue, Observation, PayloadId, RawValue, Source, Span, Timestamp};
    use proptest::prelude::*;
    use std::sync::Arc;

    fn row(attribute: Attribute, source: &str, parts: &[&str], day: Option<i64>, matched: bool) -> Dimension {
        let mut row = Dimension::from(Observation {
            key: "acme.example".into(),
            attribute,
            source: Source::new(source).unwrap(),
            raw: RawValue::new(parts.iter().map(|part| Some(*part))),
            payload: PayloadId::default(),
            observed_at: day.map(|day| Timestamp::from_second(day * 86_400).unwrap()),
        });
        row.set_matched(matched.then(|| {
            let evidence = Evidence::new("t", "t@1", Span(0, 1), 100);
            Arc::new(MatchedValue { columns: vec![], evidence })
        }));
        row
    }

    fn winner(rows: &[Dimension], attribute: Attribute) -> (&str, Vec<(&str, LossReason)>) {
        let result = coalesce(rows, attribute, &Priorities::compiled()).unwrap();
        let losers = result.losers.iter().map(|loss| (rows[loss.index].source().as_str(), loss.reason));
        (rows[result.winner].source().as_str(), losers.collect())
    }

    #[test]
    fn priority_then_name() {
        let a = Attribute::EmployeeRange;
        let rows = [
            row(a, "zoom", &["1"], None, true),
            row(a, "apollo", &["2"], None, true),
            row(a, "csv", &["3"], None, true),
            row(a, "clay", &["4"], None, false),
        ];
        let (source, losers) = winner(&rows, a);
        assert_eq!(source, "apollo");
        assert_eq!(
            losers,
            [
                ("csv", LossReason::LowerPriority),
                ("zoom", LossReason::LowerPriority),
                ("clay", LossReason::Unmatched)
            ]
        );
    }

    #[test]
    fn a_coherent_group_comes_from_the_most_complete_source() {
        let a = Attribute::CompanyLocation;
        let rows = [
            row(a, "clay", &["", "", "Paris"], None, false),
            row(a, "csv", &["", "1 Rue X", "Lyon"], None, false),
        ];
        assert_eq!(winner(&rows, a), ("csv", vec![("clay", LossReason::LessComplete)]));
    }

    #[test]
    fn the_longest_description_wins() {
        let a = Attribute::Description;
        let rows = [row(a, "clay", &["ab"], None, false), row(a, "apollo", &["abc"], None, false)];
        assert_eq!(winner(&rows, a), ("apollo", vec![("clay", LossReason::Shorter)]));
    }

    proptest! {
        #[test]
        fn order_of_rows_does_not_matter(
            said in prop::collection::vec(("manual|clay|csv|zoom|apollo", "[ab]{0,3}", prop::option::of(0i64..3), any::<bool>()), 1..6),
            at in 0usize..14, turn in 0usize..6,
        ) {
            let attribute = Attribute::ALL[at];
            let mut rows: Vec<_> = said.iter().map(|(s, v, d, m)| row(attribute, s, &[v], *d, *m)).collect();
            rows.sort_by(|a, b| a.source().cmp(b.source()));
            rows.dedup_by(|a, b| a.source() == b.source());
            let name = |rows: &[Dimension]| coalesce(rows, attribute, &Priorities::compiled())
                .map(|result| rows[result.winner].source().clone());
            let before = name(&rows);
            let turn = turn % rows.len();
            rows.rotate_left(turn);
            prop_assert_eq!(before, name(&rows));
        }
    }
}
