//! Parts what a batch says, so that two connections can write at once, and puts it in the order of the entities it is
//! about.

use crate::parallel;
use crate::pipeline::Notices;
use crate::report::Counters;
use crate::tell::{Chunk, Row};
use firmograph_core::{Attribute, EntityKind, PayloadId, RawValue, Timestamp};
use firmograph_store::Payload;
use std::collections::HashMap;
use std::sync::Arc;

/// What one record says about one attribute.
#[derive(Debug)]
pub(crate) struct Said {
    /// Index into the keys of the part.
    pub(crate) entity: u32,
    /// Index into the origins of the part.
    pub(crate) record: u32,
    pub(crate) raw: RawValue,
}

/// The payload of a record, without its text; several records may have one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin {
    pub(crate) payload: PayloadId,
    pub(crate) observed_at: Option<Timestamp>,
}

/// What records say about companies and persons of whom no other part speaks.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) payloads: Vec<Payload>,
    /// Of each record.
    pub(crate) origins: Vec<Origin>,
    /// Keys of touched companies, sorted.
    pub(crate) companies: Vec<Arc<str>>,
    /// Keys of touched persons, sorted.
    pub(crate) persons: Vec<Arc<str>>,
    /// By attribute, in the order of the list; each in the order of the keys.
    pub(crate) said: Vec<Vec<Said>>,
}

/// Parts what `chunks` say into `parts` parts; no company and no person is in two of them.
pub(crate) fn part(chunks: Vec<Chunk>, parts: usize, counters: &mut Counters) -> Vec<Told> {
    let parts = parts.max(1);
    let rows = || chunks.iter().flat_map(|chunk| &chunk.rows);
    rows().filter(|row| !row.is_further).for_each(|row| count(row.keys.notices, counters));
    let companies = Entities::read(rows().map(|row| row.keys.company.as_deref()));
    let persons = Entities::read(rows().map(|row| row.keys.person.as_deref()));
    let further: Vec<bool> = rows().map(|row| row.is_further).collect();
    let places = places(&companies, &persons, &further, parts);
    let mut sorted = parallel::map(vec![&companies, &persons], |entities| entities.sorted(&places, parts));
    let (persons, companies) = (sorted.pop().unwrap_or_default(), sorted.pop().unwrap_or_default());

    let mut told: Vec<Told> = (0..parts).map(|_| Told::default()).collect();
    // Where what a row says is to be found, and its number within its part.
    let mut found: Vec<Found> = Vec::with_capacity(places.len());
    let mut said: Vec<Vec<Vec<Option<RawValue>>>> = Attribute::ALL.iter().map(|_| Vec::new()).collect();
    let mut next_place = places.iter().copied();
    for (chunk, Chunk { rows, said: chunk_said, .. }) in chunks.into_iter().enumerate() {
        for ((row, Row { payload, is_further, .. }), place) in
            rows.into_iter().enumerate().zip(next_place.by_ref())
        {
            let told = &mut told[place];
            found.push(Found { chunk, row, record: told.origins.len() as u32 });
            told.origins.push(Origin { payload: payload.id, observed_at: payload.observed_at });
            if !is_further {
                told.payloads.push(payload);
            }
        }
        said.iter_mut().zip(chunk_said).for_each(|(all, said)| all.push(said));
    }
    let jobs = Attribute::ALL.iter().zip(said).collect();
    let ordered = parallel::map(jobs, |(attribute, mut said): (&Attribute, Vec<Vec<Option<RawValue>>>)| {
        let of_kind = match attribute.spec().entity {
            EntityKind::Company => &companies,
            EntityKind::Person => &persons,
        };
        let speaks = |&&(_, row): &&(u32, u32)| {
            let Found { chunk, row, .. } = found[row as usize];
            said[chunk][row].is_some()
        };
        // Counted first: growing would copy, and an attribute of which nobody speaks needs no room.
        let sizes: Vec<usize> = of_kind.iter().map(|(_, rows)| rows.iter().filter(speaks).count()).collect();
        let mut in_order = |((_, rows), size): (&Sorted, usize)| -> Vec<Said> {
            let mut ordered = Vec::with_capacity(size);
            ordered.extend(rows.iter().filter_map(|&(entity, row)| {
                let Found { chunk, row, record } = found[row as usize];
                Some(Said { entity, record, raw: said[chunk][row].take()? })
            }));
            ordered
        };
        of_kind.iter().zip(sizes).map(&mut in_order).collect::<Vec<_>>()
    });
    for of_parts in ordered {
        told.iter_mut().zip(of_parts).for_each(|(told, said)| told.said.push(said));
    }
    for ((told, companies), persons) in told.iter_mut().zip(companies).zip(persons) {
        (told.companies, told.persons) = (companies.0, persons.0);
    }
    told
}

#[derive(Clone, Copy)]
struct Found {
    chunk: usize,
    row: usize,
    record: u32,
}

/// The entities of one kind that rows speak of.
struct Entities {
    keys: Vec<Arc<str>>,
    /// For each row, the index of its entity.
    of_row: Vec<Option<u32>>,
}

/// Keys of a part in order, and the part's rows in the order of the entities: index of the key, index of the row.
type Sorted = (Vec<Arc<str>>, Vec<(u32, u32)>);

impl Entities {
    fn read<'k>(rows: impl Iterator<Item = Option<&'k str>>) -> Self {
        let mut known: HashMap<&str, u32, ahash::RandomState> = HashMap::default();
        let mut keys = Vec::new();
        let of_row = rows.map(|key| {
            let key = key?;
            Some(*known.entry(key).or_insert_with(|| {
                keys.push(Arc::from(key));
                keys.len() as u32 - 1
            }))
        });
        let of_row = of_row.collect();
        Entities { keys, of_row }
    }

    fn sorted(&self, places: &[usize], parts: usize) -> Vec<Sorted> {
        let mut place_of = vec![0; self.keys.len()];
        for (entity, &place) in self.of_row.iter().zip(places) {
            if let Some(entity) = entity {
                place_of[*entity as usize] = place;
            }
        }
        let mut order: Vec<u32> = (0..self.keys.len() as u32).collect();
        order.sort_unstable_by(|&a, &b| self.keys[a as usize].cmp(&self.keys[b as usize]));
        let mut sorted: Vec<Sorted> = (0..parts).map(|_| Sorted::default()).collect();
        let mut ranks = vec![0; self.keys.len()];
        for entity in order.into_iter().map(|entity| entity as usize) {
            let keys = &mut sorted[place_of[entity]].0;
            ranks[entity] = keys.len() as u32;
            keys.push(Arc::clone(&self.keys[entity]));
        }
        for ((row, entity), &place) in (0..).zip(&self.of_row).zip(places) {
            if let Some(entity) = entity {
                sorted[place].1.push((ranks[*entity as usize], row));
            }
        }
        sorted.iter_mut().for_each(|(_, rows)| rows.sort_unstable());
        sorted
    }
}

/// For each row the part it goes to. Rows that share a company, a person or a payload, directly or through others, go
/// together; such groups go where there is least so far. A `further` row has the payload of the row before.
fn places(companies: &Entities, persons: &Entities, further: &[bool], parts: usize) -> Vec<usize> {
    if parts < 2 {
        return vec![0; companies.of_row.len()];
    }
    let mut groups = Groups((0..companies.keys.len() + persons.keys.len()).collect());
    let nodes: Vec<Option<usize>> = companies
        .of_row
        .iter()
        .zip(&persons.of_row)
        .map(|(company, person)| {
            let company = company.map(|company| company as usize);
            let person = person.map(|person| companies.keys.len() + person as usize);
            match (company, person) {
                (Some(company), Some(person)) => Some(groups.join(company, person)),
                (one, other) => one.or(other),
            }
        })
        .collect();
    for (rows, _) in nodes.windows(2).zip(&further[1.min(further.len())..]).filter(|(_, further)| **further) {
        if let [Some(before), Some(row)] = *rows {
            groups.join(before, row);
        }
    }
    let mut sizes = vec![0_usize; groups.0.len()];
    let roots: Vec<Option<usize>> = nodes.into_iter().map(|node| Some(groups.root(node?))).collect();
    for &root in roots.iter().flatten() {
        sizes[root] += 1;
    }
    let mut filled = vec![0_usize; parts];
    let mut place_of = vec![None; groups.0.len()];
    let mut place = |root: usize| {
        *place_of[root].get_or_insert_with(|| {
            let least = (0..parts).min_by_key(|&part| filled[part]).unwrap_or(0);
            filled[least] += sizes[root];
            least
        })
    };
    roots.into_iter().map(|root| root.map_or(0, &mut place)).collect()
}

/// Disjoint sets of entities: each one's parent.
struct Groups(Vec<usize>);

impl Groups {
    fn root(&mut self, mut node: usize) -> usize {
        while self.0[node] != node {
            self.0[node] = self.0[self.0[node]];
            node = self.0[node];
        }
        node
    }

    fn join(&mut self, a: usize, b: usize) -> usize {
        let (a, b) = (self.root(a), self.root(b));
        let (low, high) = (a.min(b), a.max(b));
        self.0[high] = low;
        low
    }
}

fn count(notices: Notices, counters: &mut Counters) {
    counters.unusable_emails += u64::from(notices.unusable_email);
    counters.free_mail += u64::from(notices.free_mail);
    counters.role_mailboxes += u64::from(notices.role_mailbox);
    counters.without_company += u64::from(notices.without_company);
    counters.without_person += u64::from(notices.without_person);
    counters.repaired_domains += u64::from(notices.repaired_domain);
    counters.placeholders += u64::from(notices.placeholders);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entities(keys: &[&str]) -> Entities {
        Entities::read(keys.iter().map(|key| (!key.is_empty()).then_some(*key)))
    }

    #[test]
    fn a_company_or_person_is_never_in_two_parts() {
        let companies = entities(&["a.com", "b.com", "c.com", "", "d.com", "c.com", "e.com"]);
        let persons = entities(&["x", "y", "x", "z", "", "w", "v"]);
        let places = places(&companies, &persons, &[false; 7], 2);
        assert_eq!(places[0], places[2], "one person of two companies joins them");
        assert_eq!(places[2], places[5], "and everybody else there");
        assert!(places.contains(&0) && places.contains(&1), "{places:?}");
    }

    #[test]
    fn the_records_of_one_payload_are_never_in_two_parts() {
        let companies = entities(&["a.com", "b.com", "c.com", "d.com"]);
        let persons = entities(&["", "", "", ""]);
        let places = places(&companies, &persons, &[false, true, true, false], 2);
        assert_eq!(places, [0, 0, 0, 1]);
    }

    #[test]
    fn one_part_takes_all() {
        assert_eq!(places(&entities(&["a.com", "b.com"]), &entities(&["x", "y"]), &[false; 2], 1), [0, 0]);
    }

    #[test]
    fn keys_and_rows_are_in_order_within_each_part() {
        let companies = entities(&["c.com", "a.com", "", "b.com", "c.com"]);
        let sorted = companies.sorted(&[1, 0, 0, 1, 1], 2);
        assert_eq!(sorted[0], (vec!["a.com".into()], vec![(0, 1)]));
        assert_eq!(sorted[1], (vec!["b.com".into(), "c.com".into()], vec![(0, 3), (1, 0), (1, 4)]));
    }
}
