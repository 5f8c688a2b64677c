//! What may be one company or person under several keys: reported with the evidence, never merged by itself.

use crate::Engine;
use crate::derive::candidates;
use crate::joined::KeyJoins;
use firmograph_core::{EntityKind, Error};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Keys that may stand for one company or person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Duplicate {
    /// `company` or `person`.
    pub entity: &'static str,
    /// What they share: `linkedin_page`, `linkedin_profile`, `name_and_company`, `name_and_country`, `mobile_phone`, `phone`,
    /// `name`.
    pub rule: &'static str,
    /// The value that they share.
    pub value: String,
    /// The keys, in order; of joined keys the one that they count for.
    pub keys: Vec<String>,
}

/// Rules, the strongest evidence first.
const RULES: [&str; 7] = [
    "linkedin_page",
    "linkedin_profile",
    "name_and_company",
    "name_and_country",
    "mobile_phone",
    "phone",
    "name",
];

impl Engine {
    /// Possible duplicates, the strongest evidence first, then the largest, at most `top`. Joined keys are one key.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn duplicates(&mut self, top: usize) -> Result<Vec<Duplicate>, Error> {
        let joins = KeyJoins::read(&mut self.store).await?;
        let mut all = Vec::new();
        for kind in [EntityKind::Company, EntityKind::Person] {
            let groups = joins.kind(kind);
            for (rule, shared) in self.store.shared_values(kind).await? {
                for same in shared.chunk_by(|(a, _), (b, _)| a == b) {
                    let keys: BTreeSet<&str> = same.iter().map(|(_, key)| groups.root(key)).collect();
                    all.extend(duplicate(kind, rule, &same[0].0, keys));
                }
            }
        }
        let groups = joins.kind(EntityKind::Company);
        for (from, into) in candidates(&mut self.store).await? {
            if let Some((rule, value)) = into.values().next().and_then(|why| why.split_once(": ")) {
                let rule = RULES.into_iter().find(|known| *known == rule).unwrap_or(RULES[0]);
                let keys = into.keys().chain([&from]).map(|key| groups.root(key)).collect();
                all.extend(duplicate(EntityKind::Company, rule, value, keys));
            }
        }
        let mut bare = self.store.bare_name_candidates().await?;
        bare.sort_by(|a, b| (&a.from_key, &a.into_key).cmp(&(&b.from_key, &b.into_key)));
        for same in bare.chunk_by(|a, b| a.from_key == b.from_key) {
            let keys = same.iter().map(|one| &one.into_key).chain([&same[0].from_key]);
            let keys = keys.map(|key| groups.root(key)).collect();
            all.extend(duplicate(EntityKind::Company, "name", &same[0].value, keys));
        }
        if !groups.is_empty() {
            all.extend(same_names(self.store.persons_by_name().await?, &joins));
        }
        let rank = |rule: &str| RULES.iter().position(|known| *known == rule);
        all.sort_by(|a, b| {
            (rank(a.rule), Reverse(a.keys.len()), &a.value, &a.keys).cmp(&(
                rank(b.rule),
                Reverse(b.keys.len()),
                &b.value,
                &b.keys,
            ))
        });
        // A provisional key with several candidates says again what those say of each other, and more.
        all.dedup_by(|next, kept| {
            next.rule == kept.rule
                && next.value == kept.value
                && next.keys.iter().all(|key| kept.keys.contains(key))
        });
        all.truncate(top);
        Ok(all)
    }
}

/// Persons who are known by name within a company, where joins made those companies one.
fn same_names(keys: Vec<Box<str>>, joins: &KeyJoins) -> Vec<Duplicate> {
    let (companies, persons) = (joins.kind(EntityKind::Company), joins.kind(EntityKind::Person));
    let mut same: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for key in &keys {
        let Some((name, company)) = key.strip_prefix("name:").and_then(|key| key.split_once('|')) else {
            continue;
        };
        if companies.has(company) {
            same.entry((name, companies.root(company))).or_default().insert(persons.root(key));
        }
    }
    let duplicates = same.into_iter().filter_map(|((name, company), keys)| {
        duplicate(EntityKind::Person, "name_and_company", &format!("{name}, {company}"), keys)
    });
    duplicates.collect()
}

fn duplicate(kind: EntityKind, rule: &'static str, value: &str, keys: BTreeSet<&str>) -> Option<Duplicate> {
    let keys: Vec<String> = keys.into_iter().map(str::to_owned).collect();
    (keys.len() > 1).then(|| Duplicate { entity: kind.name(), rule, value: value.to_owned(), keys })
}
