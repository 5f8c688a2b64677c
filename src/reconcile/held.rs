//! What the database holds about those of whom some records speak.

use crate::batch::Stored;
use crate::batch::keep_foreign;
use crate::joined::{KeyJoins, together};
use crate::lookups::Maps;
use crate::parallel;
use crate::write_part::{employer_id, stored_companies, stored_persons};
use firmograph_core::{
    Attribute, Dimension, EntityKind, Error, GoldenRow, PayloadId, Priorities, RawValue, Source, coalesce,
    golden_row,
};
use firmograph_store::{KeptPayload, Store};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Values of one source beside the one shown from which looking one up is worth a table.
const MANY: usize = 32;

/// One company or person.
pub(crate) struct Held {
    rows: Vec<Dimension>,
    /// Index of the row that is shown, by attribute.
    winners: [Option<u32>; Attribute::ALL.len()],
    /// All values of rows that have many.
    many: HashMap<usize, HashSet<RawValue, ahash::RandomState>>,
    /// The golden row.
    pub(crate) golden: Option<GoldenRow>,
    /// What the golden row should be.
    pub(crate) expected: GoldenRow,
}

impl Held {
    /// The row that is shown of an attribute.
    pub(crate) fn winner(&self, attribute: Attribute) -> Option<&Dimension> {
        self.winners[attribute as usize].and_then(|index| self.rows.get(index as usize))
    }

    /// Whether `source` is known to have said `raw`.
    pub(crate) fn has(&self, attribute: Attribute, source: &Source, raw: &RawValue) -> bool {
        let of_source = |row: &&Dimension| row.attribute() == attribute && row.source() == source;
        let Some(index) = self.rows.iter().position(|row| of_source(&row)) else { return false };
        let row = &self.rows[index];
        if row.raw() == raw {
            return true;
        }
        match self.many.get(&index) {
            Some(all) => all.contains(raw),
            None => row.others().iter().any(|support| support.raw == *raw),
        }
    }

    /// Id of the golden row.
    pub(crate) fn id(&self) -> Option<&str> {
        self.golden.as_ref()?.values.first()?.as_text()
    }
}

/// All that is held about some keys and payloads.
pub(crate) struct Holdings<'j> {
    joins: &'j KeyJoins,
    companies: HashMap<Arc<str>, Held, ahash::RandomState>,
    persons: HashMap<Arc<str>, Held, ahash::RandomState>,
    payloads: HashMap<PayloadId, KeptPayload, ahash::RandomState>,
}

/// With what holdings are read.
#[derive(Clone, Copy)]
pub(crate) struct Reading<'r> {
    pub(crate) joins: &'r KeyJoins,
    pub(crate) priorities: &'r Priorities,
    pub(crate) maps: &'r Maps,
}

impl<'j> Holdings<'j> {
    pub(crate) async fn read(
        store: &mut Store,
        companies: &BTreeSet<Box<str>>,
        persons: &BTreeSet<Box<str>>,
        payloads: &[PayloadId],
        with: Reading<'j>,
    ) -> Result<Holdings<'j>, Error> {
        let kept = store.kept_payloads(payloads).await?;
        let payloads = kept.into_iter().map(|payload| (payload.id, payload)).collect();
        let companies = said_of(store, EntityKind::Company, companies, with).await?;
        let persons = said_of(store, EntityKind::Person, persons, with).await?;
        let roots: Vec<Arc<str>> = companies.keys().cloned().collect();
        let golden = stored_companies(store, &roots, false).await?;
        let groups = with.joins.kind(EntityKind::Company);
        let jobs = persons.values().flatten().filter(|row| row.attribute() == Attribute::PersonCompany);
        let employers: BTreeSet<Arc<str>> = jobs
            .filter_map(|row| Some(groups.root(row.matched()?.columns.first()?.as_text()?)))
            .filter(|root| !golden.contains_key(*root))
            .map(Arc::from)
            .collect();
        let employers: Vec<Arc<str>> = employers.into_iter().collect();
        let mut employers = stored_companies(store, &employers, false).await?;
        employers.extend(golden.iter().map(|(key, row)| (key.clone(), row.clone())));
        let companies = hold(EntityKind::Company, companies, golden, &employers, with);
        let roots: Vec<Arc<str>> = persons.keys().cloned().collect();
        let golden = stored_persons(store, &roots, false).await?;
        let persons = hold(EntityKind::Person, persons, golden, &employers, with);
        Ok(Holdings { joins: with.joins, companies, persons, payloads })
    }

    /// What is held of the company or person that `key` counts for.
    pub(crate) fn about(&self, kind: EntityKind, key: &str) -> Option<&Held> {
        let held = match kind {
            EntityKind::Company => &self.companies,
            EntityKind::Person => &self.persons,
        };
        held.get(self.joins.kind(kind).root(key))
    }

    pub(crate) fn payload(&self, id: PayloadId) -> Option<&KeptPayload> {
        self.payloads.get(&id)
    }
}

type Said = BTreeMap<Arc<str>, Vec<Dimension>>;

/// Dimension rows by the key that they count for; an empty list where there are none.
async fn said_of(
    store: &mut Store,
    kind: EntityKind,
    keys: &BTreeSet<Box<str>>,
    with: Reading<'_>,
) -> Result<Said, Error> {
    let groups = with.joins.kind(kind);
    let mut said: Said = keys.iter().map(|key| (Arc::from(groups.root(key)), Vec::new())).collect();
    let roots: Vec<Arc<str>> = said.keys().cloned().collect();
    let mut texts: Vec<&str> = roots.iter().map(|key| &**key).collect();
    texts.extend(roots.iter().flat_map(|root| groups.members(root)).map(|key| &**key));
    texts.sort_unstable();
    texts.dedup();
    for attribute in Attribute::of(kind) {
        for row in store.dimensions(attribute, &texts).await? {
            if let Some(rows) = said.get_mut(groups.root(row.key())) {
                rows.push(row);
            }
        }
    }
    for (root, rows) in &mut said {
        if groups.has(root) {
            *rows = together(root, std::mem::take(rows), with.maps);
        }
    }
    Ok(said)
}

fn hold(
    kind: EntityKind,
    said: Said,
    golden: Stored,
    employers: &Stored,
    with: Reading<'_>,
) -> HashMap<Arc<str>, Held, ahash::RandomState> {
    let company_id = |key: &str| employer_id(key, employers, with.joins);
    let chunks = parallel::owned_chunks(said.into_iter().collect::<Vec<_>>());
    let held = parallel::map(chunks, |chunk| {
        let one = |(key, rows): (Arc<str>, Vec<Dimension>)| {
            let mut expected = golden_row(kind, &key, &rows, with.priorities, &company_id);
            let golden = golden.get(&*key).cloned();
            if let Some(golden) = &golden {
                keep_foreign(kind, &mut expected, golden);
            }
            let mut winners = [None; Attribute::ALL.len()];
            for attribute in Attribute::of(kind) {
                let winner = coalesce(&rows, attribute, with.priorities).map(|done| done.winner as u32);
                winners[attribute as usize] = winner;
            }
            let many = rows.iter().enumerate().filter(|(_, row)| row.others().len() > MANY);
            let many = many.map(|(index, row)| {
                (index, row.others().iter().map(|support| support.raw.clone()).collect())
            });
            let many = many.collect();
            (key, Held { rows, winners, many, golden, expected })
        };
        chunk.into_iter().map(one).collect::<Vec<_>>()
    });
    held.into_iter().flatten().collect()
}
