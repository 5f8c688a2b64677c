//! Gives the records of a batch their meaning, and parts them so that two connections can write at once.

use crate::parallel;
use crate::pipeline::{Keys, Notices, PipelineOptions, observe};
use crate::reader::{Identified, Identity};
use crate::report::Counters;
use firmograph_core::{Attribute, Field, Observation, Reject, RejectCode};
use firmograph_store::Payload;
use std::collections::HashMap;

/// What records say.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) payloads: Vec<Payload>,
    /// By attribute, in the order of the list.
    pub(crate) observations: Vec<Vec<Observation>>,
    /// Keys of touched companies, sorted.
    pub(crate) companies: Vec<Box<str>>,
    /// Keys of touched persons, sorted.
    pub(crate) persons: Vec<Box<str>>,
}

impl Told {
    fn with_capacity(rows: usize) -> Self {
        let observations = Attribute::ALL.iter().map(|_| Vec::with_capacity(rows)).collect();
        Told { payloads: Vec::with_capacity(rows), observations, companies: Vec::new(), persons: Vec::new() }
    }

    fn add(&mut self, payload: Payload, keys: Keys) {
        self.companies.extend(keys.company);
        self.persons.extend(keys.person);
        self.payloads.push(payload);
    }
}

/// What a chunk of records says. `None` stands for a record that was rejected.
struct Chunk {
    accepted: Vec<Option<(Payload, Keys)>>,
    /// By attribute: the record's place in the chunk, and what it says.
    observations: Vec<Vec<(u32, Observation)>>,
    rejects: Vec<Reject>,
}

fn tell_chunk(
    records: Vec<Identified>,
    identity: &Identity,
    options: &PipelineOptions,
    columns: &[(Field, String)],
) -> Chunk {
    let mut chunk = Chunk {
        accepted: Vec::with_capacity(records.len()),
        // Room for one of each: growing would copy and clear pages, and room that is not used is never touched.
        observations: Attribute::ALL.iter().map(|_| Vec::with_capacity(records.len())).collect(),
        rejects: Vec::new(),
    };
    for (place, Identified { record, id, observed_at }) in records.into_iter().enumerate() {
        let told = observe(&record.fields, id, observed_at, options, &mut |observation| {
            chunk.observations[observation.attribute as usize].push((place as u32, observation));
        });
        match told {
            Ok(keys) => {
                let (header, body, line) = (identity.header, record.payload, record.position.line);
                chunk.accepted.push(Some((Payload { id, header, observed_at, body, line }, keys)));
            }
            Err(no_key) => {
                let column = no_key.field.and_then(|field| columns.iter().find(|(known, _)| *known == field));
                chunk.rejects.push(Reject {
                    code: RejectCode::NoKey,
                    position: record.position,
                    column: column.map(|(_, column)| column.clone()),
                    cause: no_key.cause,
                    original: record.payload.as_bytes().to_vec(),
                });
                chunk.accepted.push(None);
            }
        }
    }
    chunk
}

/// Tells what the records say, in `parts` parts; no company and no person is in two of them. Rejects come beside, by
/// position.
pub(crate) fn tell(
    records: Vec<Identified>,
    parts: usize,
    identity: &Identity,
    options: &PipelineOptions,
    columns: &[(Field, String)],
    counters: &mut Counters,
) -> (Vec<Told>, Vec<Reject>) {
    let rows = records.len();
    let chunks = parallel::owned_chunks(records);
    let chunks = parallel::map(chunks, |records| tell_chunk(records, identity, options, columns));
    let parts = parts.max(1);
    let places =
        places(chunks.iter().flat_map(|chunk| &chunk.accepted).map(|row| Some(&row.as_ref()?.1)), parts);
    let mut told: Vec<_> = (0..parts).map(|_| Told::with_capacity(rows / parts + rows / 16)).collect();
    let mut rejects = Vec::new();
    let mut places = places.as_slice();
    for chunk in chunks {
        let (mine, rest) = places.split_at(chunk.accepted.len());
        places = rest;
        for (attribute, said) in chunk.observations.into_iter().enumerate() {
            for (row, observation) in said {
                told[mine[row as usize]].observations[attribute].push(observation);
            }
        }
        for ((payload, keys), &place) in
            chunk.accepted.into_iter().zip(mine).filter_map(|(row, place)| Some((row?, place)))
        {
            count(keys.notices, counters);
            told[place].add(payload, keys);
        }
        rejects.extend(chunk.rejects);
    }
    for part in &mut told {
        for keys in [&mut part.companies, &mut part.persons] {
            keys.sort_unstable();
            keys.dedup();
        }
    }
    (told, rejects)
}

/// For each record the part it goes to. Records that share a company or a person, directly or through others, go
/// together; such groups go where there is least so far.
fn places<'k>(keys: impl Iterator<Item = Option<&'k Keys>>, parts: usize) -> Vec<usize> {
    if parts < 2 {
        return vec![0; keys.count()];
    }
    let mut groups = Groups::default();
    let records: Vec<Option<usize>> = keys
        .map(|keys| {
            let company = keys?.company.as_deref().map(|key| groups.node(0, key));
            let person = keys?.person.as_deref().map(|key| groups.node(1, key));
            match (company, person) {
                (Some(company), Some(person)) => Some(groups.join(company, person)),
                (one, other) => one.or(other),
            }
        })
        .collect();
    let mut sizes = vec![0_usize; groups.parents.len()];
    let roots: Vec<Option<usize>> = records.into_iter().map(|node| Some(groups.root(node?))).collect();
    for &root in roots.iter().flatten() {
        sizes[root] += 1;
    }
    let mut filled = vec![0_usize; parts];
    let mut place_of: HashMap<usize, usize, ahash::RandomState> = HashMap::default();
    for &root in roots.iter().flatten() {
        place_of.entry(root).or_insert_with(|| {
            let least = (0..parts).min_by_key(|&part| filled[part]).unwrap_or(0);
            filled[least] += sizes[root];
            least
        });
    }
    roots.into_iter().map(|root| root.map_or(0, |root| place_of[&root])).collect()
}

/// Disjoint sets of keys.
#[derive(Default)]
struct Groups {
    hasher: ahash::RandomState,
    /// By hash of the key: two keys of one hash only share a part for nothing.
    nodes: HashMap<u64, usize, ahash::RandomState>,
    parents: Vec<usize>,
}

impl Groups {
    fn node(&mut self, kind: u8, key: &str) -> usize {
        let hash = self.hasher.hash_one((kind, key));
        *self.nodes.entry(hash).or_insert_with(|| {
            self.parents.push(self.parents.len());
            self.parents.len() - 1
        })
    }

    fn root(&mut self, mut node: usize) -> usize {
        while self.parents[node] != node {
            self.parents[node] = self.parents[self.parents[node]];
            node = self.parents[node];
        }
        node
    }

    fn join(&mut self, a: usize, b: usize) -> usize {
        let (a, b) = (self.root(a), self.root(b));
        let (low, high) = (a.min(b), a.max(b));
        self.parents[high] = low;
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

    fn row(company: &str, person: &str) -> Keys {
        let some = |key: &str| (!key.is_empty()).then(|| key.into());
        Keys { company: some(company), person: some(person), ..Keys::default() }
    }

    #[test]
    fn a_company_or_person_is_never_in_two_parts() {
        let rows = [
            row("a.com", "x"),
            row("b.com", "y"),
            row("c.com", "x"),
            row("", "z"),
            row("d.com", ""),
            row("c.com", "w"),
            row("e.com", "v"),
        ];
        let places = places(rows.iter().map(Some), 2);
        assert_eq!(places[0], places[2], "one person of two companies joins them");
        assert_eq!(places[2], places[5], "and everybody else there");
        assert!(places.contains(&0) && places.contains(&1), "{places:?}");
    }

    #[test]
    fn one_part_takes_all() {
        assert_eq!(places([row("a.com", "x"), row("b.com", "y")].iter().map(Some), 1), [0, 0]);
    }
}
