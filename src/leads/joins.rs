//! Joins that lead documents are reason for. Whoever uploads a lead often knows no more than names: such a company is the only one
//! of that name, such a person the only one of that name in the company. Two that may be meant join nothing.

use crate::derive::Wanted;
use crate::joined::KeyJoins;
use firmograph_core::{Attribute, EntityKind, Error, company_key_kind};
use firmograph_normalize::{fold, fold_person_name};
use firmograph_store::Store;
use std::collections::{BTreeMap, BTreeSet};

/// A key that may stand for several others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ambiguous {
    pub(crate) kind: EntityKind,
    pub(crate) key: Box<str>,
    pub(crate) candidates: BTreeSet<Box<str>>,
}

/// What rules are asked with: joins so far, and what users said must not be joined.
pub(crate) struct Asked<'a> {
    pub(crate) joins: &'a KeyJoins,
    /// Keys that are joined already, by users or by stronger rules.
    pub(crate) joined: &'a BTreeSet<Box<str>>,
    pub(crate) refused: &'a dyn Fn(&str, &str) -> bool,
}

impl Asked<'_> {
    /// The only candidate, where it may be joined.
    fn only(&self, kind: EntityKind, from: &str, candidates: &BTreeSet<Box<str>>) -> Option<Box<str>> {
        let mut candidates = candidates.iter();
        let (Some(root), None) = (candidates.next(), candidates.next()) else { return None };
        let groups = self.joins.kind(kind);
        let may = !self.joined.contains(from) && **root != *groups.root(from) && !(self.refused)(from, root);
        may.then(|| root.clone())
    }
}

/// How much a company key says: a name alone, a name in a country, a page, a domain. Keys are joined to those that say more.
fn weight(key: &str) -> u8 {
    match company_key_kind(key) {
        "name" if key.ends_with('|') => 0,
        "name" => 1,
        "linkedin" => 2,
        _ => 3,
    }
}

/// Companies of a name: key, and countries that are known of it.
type Named = BTreeMap<Box<str>, BTreeSet<Box<str>>>;

/// Companies that leads name by a name of this weight: each with the only company of exactly that name, but for case and blanks,
/// which no country tells apart from it.
pub(crate) async fn companies(
    store: &mut Store,
    of_weight: u8,
    asked: &Asked<'_>,
    ambiguous: &mut Vec<Ambiguous>,
) -> Result<Wanted, Error> {
    let mut names: BTreeMap<Box<str>, BTreeSet<Box<str>>> = BTreeMap::new();
    for (key, name) in store.lead_names(false).await? {
        if company_key_kind(&key) == "name" && weight(&key) == of_weight {
            names.entry(key).or_default().extend(name);
        }
    }
    let parts = |key: &str| {
        let (name, country) = key.strip_prefix("name:").unwrap_or(key).rsplit_once('|')?;
        Some((Box::<str>::from(name), country.to_ascii_uppercase()))
    };
    let name_keys: BTreeSet<Box<str>> = names.keys().filter_map(|key| Some(parts(key)?.0)).collect();
    let name_keys: Vec<&str> = name_keys.iter().map(|key| &**key).collect();
    let mut by_name: BTreeMap<String, Named> = BTreeMap::new();
    for (key, raw, country) in store.companies_named(&name_keys).await? {
        by_name.entry(fold(&raw).into_owned()).or_default().entry(key).or_default().extend(country);
    }
    let groups = asked.joins.kind(EntityKind::Company);
    let mut wanted = Wanted::new();
    for (from, names) in names {
        let Some((name_key, country)) = parts(&from) else { continue };
        let named = names.iter().filter_map(|name| by_name.get(&**name)).flatten();
        let is_elsewhere = |countries: &BTreeSet<Box<str>>| {
            !country.is_empty() && !countries.is_empty() && !countries.contains(country.as_str())
        };
        let others = named.filter(|(key, countries)| weight(key) > of_weight && !is_elsewhere(countries));
        let roots: BTreeSet<Box<str>> =
            others.map(|(key, _)| groups.root(key)).filter(|root| *root != &*from).map(Box::from).collect();
        if let Some(into) = asked.only(EntityKind::Company, &from, &roots) {
            // The reason is that of the key itself: what else is said later must not make it another one.
            let why = format!("lead_company_name: {name_key}");
            wanted.insert(from, (into, why));
        } else if roots.len() > 1 && !asked.joined.contains(&from) {
            ambiguous.push(Ambiguous { kind: EntityKind::Company, key: from, candidates: roots });
        }
    }
    Ok(wanted)
}

/// Persons whom leads name by a profile alone: each with the only person by e-mail who has that profile.
pub(crate) async fn profiles(
    store: &mut Store,
    asked: &Asked<'_>,
    ambiguous: &mut Vec<Ambiguous>,
) -> Result<Wanted, Error> {
    let names = store.lead_names(true).await?;
    let keys: BTreeSet<Box<str>> =
        names.into_iter().map(|(key, _)| key).filter(|key| !key.starts_with("name:")).collect();
    let urls: Vec<String> = keys.iter().map(|key| format!("https://www.{key}")).collect();
    let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
    let groups = asked.joins.kind(EntityKind::Person);
    let mut roots: BTreeMap<Box<str>, BTreeSet<Box<str>>> = BTreeMap::new();
    for (url, key) in store.persons_with_profile(&urls).await? {
        let from = url.trim_start_matches("https://www.");
        roots.entry(from.into()).or_default().insert(groups.root(&key).into());
    }
    let mut wanted = Wanted::new();
    for (from, roots) in roots {
        if let Some(into) = asked.only(EntityKind::Person, &from, &roots) {
            let why = format!("linkedin_profile: https://www.{from}");
            wanted.insert(from, (into, why));
        } else if roots.len() > 1 && !asked.joined.contains(&from) {
            ambiguous.push(Ambiguous { kind: EntityKind::Person, key: from, candidates: roots });
        }
    }
    Ok(wanted)
}

type Keys = BTreeSet<Box<str>>;

/// The name and the company of a person who is known by nothing else.
fn name_and_company(key: &str) -> Option<(&str, &str)> {
    key.strip_prefix("name:")?.split_once('|')
}

/// Persons whom leads name by name within a company: each with the only person of that name in the company, by whatever keys either
/// is known.
pub(crate) async fn persons(
    store: &mut Store,
    asked: &Asked<'_>,
    ambiguous: &mut Vec<Ambiguous>,
) -> Result<Wanted, Error> {
    let (companies, people) = (asked.joins.kind(EntityKind::Company), asked.joins.kind(EntityKind::Person));
    let named = store.lead_names(true).await?;
    // By company and name: those who look for somebody, and who may be meant.
    let mut places: BTreeMap<(Box<str>, Box<str>), (Keys, Keys)> = BTreeMap::new();
    for (key, _) in named {
        if let Some((name, company)) = name_and_company(&key) {
            let place = (companies.root(company).into(), name.into());
            places.entry(place).or_default().0.insert(key);
        }
    }
    let mut employers: BTreeSet<Box<str>> = BTreeSet::new();
    for (root, _) in places.keys() {
        employers.insert(root.clone());
        employers.extend(companies.members(root).iter().map(|key| Box::from(&**key)));
    }
    let employers: Vec<&str> = employers.iter().map(|key| &**key).collect();
    let employees = store.employees_of(&employers).await?;
    let mut keys: Vec<&str> =
        employees.iter().map(|(person, _)| &**person).filter(|key| !key.starts_with("name:")).collect();
    keys.dedup();
    let mut names: BTreeMap<Box<str>, BTreeSet<String>> = BTreeMap::new();
    for keys in keys.chunks(10_000) {
        for row in store.dimensions(Attribute::PersonName, keys).await? {
            let part = |name| Attribute::PersonName.part(name).and_then(|index| row.raw().part(index));
            let full = match (part("full_name"), part("first_name"), part("last_name")) {
                (Some(full), _, _) => fold_person_name(full).to_string(),
                (None, Some(first), Some(last)) => fold_person_name(&format!("{first} {last}")).to_string(),
                _ => continue,
            };
            names.entry(row.key().into()).or_default().insert(full);
        }
    }
    for (person, company) in &employees {
        let root = companies.root(company);
        let own = name_and_company(person).map(|(name, _)| name.to_owned());
        for name in names.get(person).into_iter().flatten().chain(&own) {
            if let Some((_, meant)) = places.get_mut(&(root.into(), name.as_str().into())) {
                meant.insert(person.clone());
            }
        }
    }
    let mut wanted = Wanted::new();
    for ((root, name), (looking, meant)) in places {
        let roots = |of: &dyn Fn(&str) -> bool| -> BTreeSet<Box<str>> {
            meant.iter().filter(|key| of(key)).map(|key| people.root(key).into()).collect()
        };
        let mut roots_of = roots(&|key| !key.starts_with("name:"));
        roots_of.retain(|key| !key.starts_with("name:"));
        if roots_of.is_empty() {
            // Nobody by e-mail or profile: all are one, known by the name within the company as it is known itself.
            let own = firmograph_core::person_key_of_name(&name, &root);
            let all = || meant.iter().chain(&looking);
            let canonical = if all().any(|key| *key == own) { Some(own) } else { all().min().cloned() };
            roots_of.extend(canonical.map(|key| Box::from(people.root(&key))));
        }
        for from in looking {
            if let Some(into) = asked.only(EntityKind::Person, &from, &roots_of) {
                wanted.insert(from, (into, format!("lead_name_in_company: {name}")));
            } else if roots_of.len() > 1 && !asked.joined.contains(&from) {
                ambiguous.push(Ambiguous {
                    kind: EntityKind::Person,
                    key: from,
                    candidates: roots_of.clone(),
                });
            }
        }
    }
    Ok(wanted)
}
