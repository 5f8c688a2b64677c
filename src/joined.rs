//! Joined keys: which key stands for which, and what all keys of one company or person say together.

use crate::lookups::Maps;
use crate::matching::match_value;
use firmograph_core::{Dimension, EntityKind, Error, MatchedValue, RawValue};
use firmograph_store::{KeyJoin, Store};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The joins that count, of companies and of persons.
#[derive(Debug, Default)]
pub(crate) struct KeyJoins {
    companies: Groups,
    persons: Groups,
}

impl KeyJoins {
    pub(crate) async fn read(store: &mut Store) -> Result<Self, Error> {
        Ok(KeyJoins::of(&store.active_joins().await?))
    }

    pub(crate) fn of(joins: &[KeyJoin]) -> Self {
        let of_kind = |kind| Groups::of(joins.iter().filter(|join| join.is_of(kind)));
        KeyJoins { companies: of_kind(EntityKind::Company), persons: of_kind(EntityKind::Person) }
    }

    pub(crate) fn kind(&self, kind: EntityKind) -> &Groups {
        match kind {
            EntityKind::Company => &self.companies,
            EntityKind::Person => &self.persons,
        }
    }
}

/// Groups of keys that stand for one company or person each: chains are resolved to their last key.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    /// Every joined key, with the last of its chain; that key, too.
    roots: HashMap<Arc<str>, Arc<str>, ahash::RandomState>,
    /// The keys of each group, sorted, by the last.
    members: HashMap<Arc<str>, Vec<Arc<str>>, ahash::RandomState>,
}

impl Groups {
    fn of<'j>(joins: impl Iterator<Item = &'j KeyJoin>) -> Self {
        let into: HashMap<&str, &str> =
            joins.map(|join| (join.from_key.as_str(), join.into_key.as_str())).collect();
        let mut groups = Groups::default();
        for (&from, &into_key) in &into {
            let mut root = into_key;
            // Cycles are refused when joins are made; the bound holds should a table have been changed by hand.
            for _ in 0..into.len() {
                match into.get(root) {
                    Some(next) => root = next,
                    None => break,
                }
            }
            groups.add(from, root);
            groups.add(root, root);
        }
        for keys in groups.members.values_mut() {
            keys.sort_unstable();
            keys.dedup();
        }
        groups
    }

    fn add(&mut self, key: &str, root: &str) {
        self.roots.insert(key.into(), root.into());
        self.members.entry(root.into()).or_default().push(key.into());
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// Whether `key` is joined to another, or another to it.
    pub(crate) fn has(&self, key: &str) -> bool {
        !self.roots.is_empty() && self.roots.contains_key(key)
    }

    /// The key that `key` counts for; itself where it is not joined.
    pub(crate) fn root<'k>(&'k self, key: &'k str) -> &'k str {
        if self.roots.is_empty() {
            return key;
        }
        self.roots.get(key).map_or(key, |root| root)
    }

    /// All keys that count for `root`, and that key itself.
    pub(crate) fn members(&self, root: &str) -> &[Arc<str>] {
        self.members.get(root).map_or(&[], Vec::as_slice)
    }
}

/// What all keys of one group say, as if it had been said of `root`: one row for each attribute and source.
pub(crate) fn together(root: &Arc<str>, mut rows: Vec<Dimension>, maps: &Maps) -> Vec<Dimension> {
    rows.sort_by(|a, b| (a.attribute(), a.source(), a.key()).cmp(&(b.attribute(), b.source(), b.key())));
    let mut merged: Vec<Dimension> = Vec::new();
    let mut matches: BTreeMap<RawValue, Arc<MatchedValue>> = BTreeMap::new();
    for row in rows {
        let row = rekeyed(root, &row);
        match merged.last_mut() {
            Some(last) if last.place() == row.place() => {
                for row in [&*last, &row] {
                    if let Some(matched) = row.matched() {
                        matches.insert(row.raw().clone(), Arc::clone(matched));
                    }
                }
                last.merge(row);
                if last.matched().is_none() {
                    let known = matches.get(last.raw()).cloned();
                    let matched = known.or_else(|| anew(last, &matches, maps));
                    last.set_matched(matched);
                }
            }
            _ => {
                matches.clear();
                merged.push(row);
            }
        }
    }
    merged
}

fn rekeyed(root: &Arc<str>, row: &Dimension) -> Dimension {
    Dimension::stored(
        Arc::clone(root),
        row.attribute(),
        row.source().clone(),
        row.first().clone(),
        row.others().to_vec(),
        row.matched().cloned(),
    )
}

/// The match of a value that neither key showed by itself.
fn anew(
    row: &Dimension,
    matches: &BTreeMap<RawValue, Arc<MatchedValue>>,
    maps: &Maps,
) -> Option<Arc<MatchedValue>> {
    let mut options = maps.options(row.source().clone());
    // The source was read with repairs where a value beside this one was repaired.
    options.repair_domains = matches.values().any(|known| known.evidence.rule == "repaired_dotless");
    match_value(row.attribute(), row.raw(), &options).map(Arc::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::PipelineOptions;
    use firmograph_core::{Attribute, PayloadId, Source, Support, Timestamp};

    fn join(from: &str, into: &str) -> KeyJoin {
        KeyJoin {
            id: 1,
            entity: "company".to_owned(),
            from_key: from.to_owned(),
            into_key: into.to_owned(),
            why: "test".to_owned(),
            author: "ada".to_owned(),
            created_at: Timestamp::UNIX_EPOCH,
            run_id: 1,
            removed_by: None,
            removed_author: None,
        }
    }

    #[test]
    fn chains_end_where_they_end() {
        let joins = KeyJoins::of(&[join("a", "b"), join("b", "c"), join("d", "c"), join("x", "y")]);
        let groups = joins.kind(EntityKind::Company);
        assert_eq!(
            ["a", "b", "c", "d", "x", "z"].map(|key| groups.root(key)),
            ["c", "c", "c", "c", "y", "z"]
        );
        let members: Vec<&str> = groups.members("c").iter().map(|key| &**key).collect();
        assert_eq!(members, ["a", "b", "c", "d"]);
        assert!(groups.has("y") && !groups.has("z") && joins.kind(EntityKind::Person).is_empty());
    }

    /// One payload that says `shown` newest, and `count` that say `other`.
    fn row(key: &str, shown: &str, other: &str, first: u8) -> Dimension {
        let raw = |text: &str| RawValue::new([Some(text)]);
        let support = |text: &str, id: u8, payloads| Support {
            raw: raw(text),
            observed_at: None,
            payloads,
            payload: PayloadId([id; 16]),
        };
        let mut row = Dimension::stored(
            key.into(),
            Attribute::EmployeeRange,
            Source::new("csv").unwrap(),
            support(shown, first, 3),
            vec![support(other, first + 1, 2)],
            None,
        );
        let options = PipelineOptions::new(Source::new("csv").unwrap());
        row.set_matched(match_value(Attribute::EmployeeRange, row.raw(), &options).map(Arc::new));
        row
    }

    #[test]
    fn what_neither_key_showed_may_be_shown_together_and_is_matched() {
        let rows = vec![row("a", "11-50", "201-500", 1), row("b", "51-200", "201-500", 3)];
        let merged = together(&"b".into(), rows.clone(), &Maps::default());
        assert_eq!(merged.len(), 1);
        assert_eq!((merged[0].raw().part(0), merged[0].first().payloads), (Some("201-500"), 4));
        assert_eq!(merged[0].matched().unwrap().columns[0].as_text(), Some("201-500"));
        let other = together(&"b".into(), rows.into_iter().rev().collect(), &Maps::default());
        assert_eq!(merged, other);
    }
}
