//! What all records of an input have in common: who is named how often, and of whom they disagree. Of each company and person
//! some hundred bytes are held, whatever is said of them.

use crate::pipeline::Keys;
use crate::reader::truncated;
use crate::reconcile::held::Holdings;
use crate::reconcile::judge::{Given, Told};
use crate::reconcile::report::Reconciliation;
use crate::reconcile::tally::count;
use firmograph_core::{Attribute, EntityKind, PayloadId};
use std::collections::{HashMap, HashSet};

type Ids = HashSet<PayloadId, ahash::RandomState>;

/// One company or person.
#[derive(Default)]
struct Entity {
    records: u32,
    is_mailbox: bool,
    /// A hash of the first value of each attribute of its kind; 0 where there is none.
    first: [u64; 9],
    /// Bits of attributes with different values.
    differs: u16,
}

/// Everybody who was named.
#[derive(Default)]
pub(crate) struct Seen {
    hasher: ahash::RandomState,
    payloads: Ids,
    companies: HashMap<PayloadId, Entity, ahash::RandomState>,
    persons: HashMap<PayloadId, Entity, ahash::RandomState>,
    golden_companies: Ids,
    golden_prospects: Ids,
    without_golden: u64,
}

fn id_of(text: &str) -> PayloadId {
    truncated(&blake3::hash(text.as_bytes()))
}

impl Seen {
    /// Whether the payload comes for the first time.
    pub(crate) fn is_new(&mut self, id: PayloadId) -> bool {
        self.payloads.insert(id)
    }

    /// Notes whom an accepted payload names.
    pub(crate) fn note(&mut self, given: &Given, holdings: &Holdings<'_>) {
        for told in &given.told {
            let Ok(Keys { company, person, .. }) = &told.keys else { continue };
            if let Some(key) = company {
                self.entity(EntityKind::Company, key, told, holdings);
            }
            if let Some(key) = person {
                self.entity(EntityKind::Person, key, told, holdings);
            }
        }
    }

    fn entity(&mut self, kind: EntityKind, key: &str, told: &Told, holdings: &Holdings<'_>) {
        let (all, golden) = match kind {
            EntityKind::Company => (&mut self.companies, &mut self.golden_companies),
            EntityKind::Person => (&mut self.persons, &mut self.golden_prospects),
        };
        let entity = all.entry(id_of(key)).or_default();
        if entity.records == 0 {
            match holdings.about(kind, key).and_then(|held| held.id()) {
                Some(id) => drop(golden.insert(id_of(id))),
                None => self.without_golden += 1,
            }
            entity.is_mailbox = kind == EntityKind::Person && is_mailbox(key);
        }
        entity.records = entity.records.saturating_add(1);
        for (attribute, raw) in told.said.iter().filter(|(attribute, _)| attribute.spec().entity == kind) {
            let at = place_of(*attribute);
            let hash = self.hasher.hash_one(raw).max(1);
            match entity.first.get_mut(at) {
                Some(first) if *first == 0 => *first = hash,
                Some(first) if *first != hash => entity.differs |= 1 << at,
                _ => {}
            }
        }
    }

    /// Writes into the report what is known at the end.
    pub(crate) fn tell(&self, report: &mut Reconciliation) {
        let entities = &mut report.entities;
        entities.company_keys = self.companies.len() as u64;
        entities.person_keys = self.persons.len() as u64;
        entities.golden_companies = self.golden_companies.len() as u64;
        entities.golden_prospects = self.golden_prospects.len() as u64;
        entities.without_golden_record = self.without_golden;
        let repeated = || self.persons.values().filter(|person| person.records > 1);
        entities.repeated_persons = repeated().count() as u64;
        entities.repeated_mailboxes = repeated().filter(|person| person.is_mailbox).count() as u64;
        for &attribute in Attribute::ALL {
            let all = match attribute.spec().entity {
                EntityKind::Company => &self.companies,
                EntityKind::Person => &self.persons,
            };
            let bit = 1 << place_of(attribute);
            for _ in all.values().filter(|entity| entity.differs & bit != 0) {
                count(&mut report.disagreeing, attribute.spec().name);
            }
        }
    }
}

/// Place of an attribute among those of its kind.
fn place_of(attribute: Attribute) -> usize {
    let first = Attribute::of(attribute.spec().entity).next().map_or(0, |first| first as usize);
    attribute as usize - first
}

/// Whether a person's key is a mailbox, and not a profile or a name within a company.
fn is_mailbox(key: &str) -> bool {
    key.contains('@') && !key.starts_with("name:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_of_a_kind_have_places_of_their_own() {
        for kind in [EntityKind::Company, EntityKind::Person] {
            let places: Vec<usize> = Attribute::of(kind).map(place_of).collect();
            assert_eq!(places, (0..places.len()).collect::<Vec<_>>());
            assert!(places.len() <= Entity::default().first.len());
        }
        assert!(is_mailbox("ada@acme.com") && !is_mailbox("name:ada|acme.com"));
        assert!(!is_mailbox("linkedin.com/in/ada"));
    }
}
