use crate::{Attribute, Policy, Source};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Which source is believed first, attribute by attribute; lower numbers first, sources without a number last. And the
/// policy of each attribute, where it is not the compiled one.
///
/// The compiled table is `data/priorities.csv` (order of DESIGN: manual, linkedin, clay, apollo, then the rest by
/// name; company names from crunchbase before clay). A row of an attribute replaces the `*` rows for it altogether.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priorities {
    default: BTreeMap<String, i64>,
    by_attribute: BTreeMap<&'static str, BTreeMap<String, i64>>,
    policies: [Option<Policy>; Attribute::ALL.len()],
}

const COMPILED: &str = include_str!("../data/priorities.csv");

impl Priorities {
    /// Version of the compiled table. To be raised with every change of the file: databases then take the new rows.
    pub const VERSION: &'static str = "2026.1";

    /// The compiled table.
    #[must_use]
    pub fn compiled() -> Self {
        Self::from_rows(Self::compiled_rows())
    }

    /// Rows of the compiled table: attribute name or `*`, source, priority.
    pub fn compiled_rows() -> impl Iterator<Item = (&'static str, &'static str, i64)> {
        COMPILED.lines().skip(1).filter_map(|line| {
            let mut cells = line.split(',');
            Some((cells.next()?, cells.next()?, cells.next()?.parse().ok()?))
        })
    }

    /// A table of rows (attribute name or `*`, source, priority). Rows of unknown attributes are not read.
    pub fn from_rows<'a>(rows: impl IntoIterator<Item = (&'a str, &'a str, i64)>) -> Self {
        let mut priorities = Priorities {
            default: BTreeMap::new(),
            by_attribute: BTreeMap::new(),
            policies: [None; Attribute::ALL.len()],
        };
        for (attribute, source, priority) in rows {
            if attribute == "*" {
                priorities.default.insert(source.to_owned(), priority);
            } else if let Some(attribute) = Attribute::from_name(attribute) {
                let rows = priorities.by_attribute.entry(attribute.spec().name).or_default();
                rows.insert(source.to_owned(), priority);
            }
        }
        priorities
    }

    /// The same table with another policy for `attribute`.
    #[must_use]
    pub fn with_policy(mut self, attribute: Attribute, policy: Policy) -> Self {
        self.policies[attribute as usize] = Some(policy);
        self
    }

    /// The policy by which `attribute` is coalesced.
    #[must_use]
    pub fn policy(&self, attribute: Attribute) -> Policy {
        self.policies[attribute as usize].unwrap_or(attribute.spec().policy)
    }

    /// Number of `source` for `attribute`; `None` for a source without one.
    #[must_use]
    pub fn number(&self, attribute: Attribute, source: &Source) -> Option<i64> {
        let rows = self.by_attribute.get(attribute.spec().name).unwrap_or(&self.default);
        rows.get(source.as_str()).copied()
    }

    /// How many steps of belief come before that of `source` for `attribute`: 0 for a source believed first; `None` for a source
    /// without a number.
    #[must_use]
    pub fn rank(&self, attribute: Attribute, source: &Source) -> Option<usize> {
        let rows = self.by_attribute.get(attribute.spec().name).unwrap_or(&self.default);
        let number = rows.get(source.as_str())?;
        let mut before: Vec<i64> = rows.values().copied().filter(|other| other < number).collect();
        before.sort_unstable();
        before.dedup();
        Some(before.len())
    }

    /// Whether `a` is believed before `b`: `Less` says so. Sources without a number are equal here.
    pub(crate) fn compare(&self, attribute: Attribute, a: &Source, b: &Source) -> Ordering {
        let number = |source| self.number(attribute, source).unwrap_or(i64::MAX);
        number(a).cmp(&number(b))
    }

    /// Whether `a` is believed before `b` by the `*` rows, which are about no attribute: `Less` says so. Sources without a number
    /// are equal here.
    #[must_use]
    pub fn compare_default(&self, a: &Source, b: &Source) -> Ordering {
        let number = |source: &Source| self.default.get(source.as_str()).copied().unwrap_or(i64::MAX);
        number(a).cmp(&number(b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_compiled_row_is_read() {
        assert_eq!(Priorities::compiled_rows().count(), COMPILED.lines().count() - 1);
        for (attribute, source, _) in Priorities::compiled_rows() {
            assert!(attribute == "*" || Attribute::from_name(attribute).is_some(), "{attribute}");
            assert!(!Source::new(source).unwrap().is_pin());
        }
    }

    #[test]
    fn a_policy_set_for_an_attribute_is_that_of_no_other() {
        let priorities = Priorities::compiled().with_policy(Attribute::CompanyName, Policy::Longest);
        assert_eq!(priorities.policy(Attribute::CompanyName), Policy::Longest);
        assert_eq!(priorities.policy(Attribute::PersonName), Policy::ByPriority);
        assert_eq!(priorities.policy(Attribute::CompanyLocation), Policy::MostComplete);
    }
}
