//! Writes what a part of a batch says: looks up what is stored about the same keys, and writes dimensions, golden rows and
//! payloads as they become ready.

use crate::batch::{Ready, State, Stored, Work};
use crate::part::Told;
use crate::pipeline::PipelineOptions;
use crate::report::{Counters, MATCHABLE};

use firmograph_core::{Attribute, Dimension, EntityKind, Error, Priorities, Timestamp, entity_id};
use firmograph_store::Store;
use std::sync::Arc;

/// What a part is written with.
#[derive(Clone, Copy)]
pub(crate) struct Context<'c> {
    pub(crate) options: &'c PipelineOptions,
    pub(crate) priorities: &'c Priorities,
    /// Number of the file.
    pub(crate) file: i64,
    pub(crate) now: Timestamp,
    /// Nothing is stored yet, so nothing has to be looked up.
    pub(crate) is_empty: bool,
}

/// Writes one part within the transaction at hand; gives what there is to count.
pub(crate) async fn write_part(
    store: &mut Store,
    told: Told,
    context: Context<'_>,
) -> Result<Counters, Error> {
    let mut counters = Counters::default();
    let Told { mut payloads, origins, companies, persons, said } = told;
    if origins.is_empty() {
        return Ok(counters);
    }
    let golden_companies = stored_companies(store, &companies, context.is_empty).await?;
    let golden_persons = stored_persons(store, &persons, context.is_empty).await?;
    let stored = stored_dimensions(store, &golden_companies, &golden_persons).await?;
    let golden_companies =
        with_employers(store, golden_companies, &stored[Attribute::PersonCompany as usize]).await?;
    let work = Work {
        said,
        origins,
        stored,
        companies,
        persons,
        golden_companies,
        golden_persons,
        options: context.options.clone(),
        priorities: context.priorities.clone(),
    };
    let (mut ready, worker) = work.start();
    // Payloads need no work, so they are written while the first attributes are gathered.
    payloads.sort_unstable_by_key(|payload| payload.id);
    let now = context.now;
    store.write_payloads(&payloads, &context.options.source, context.file, now).await?;
    while let Some(ready) = ready.recv().await {
        match ready {
            Ready::Dimension(attribute, rows) => {
                if MATCHABLE.contains(&attribute) && rows.unmatched > 0 {
                    counters.unmatched.insert(attribute.spec().name.to_owned(), rows.unmatched);
                }
                store
                    .write_dimensions(attribute, &rows.of(State::New), &rows.of(State::Changed), now)
                    .await?;
            }
            Ready::Golden(kind, rows) => {
                store.write_golden(kind, &rows.new, &rows.changed, now).await?;
                counters.wrote(kind, rows.new.len(), rows.changed.len());
            }
        }
    }
    if let Err(panic) = worker.join() {
        std::panic::resume_unwind(panic);
    }
    Ok(counters)
}

pub(crate) async fn stored_companies(
    store: &mut Store,
    keys: &[Arc<str>],
    is_empty: bool,
) -> Result<Stored, Error> {
    if is_empty {
        return Ok(Stored::default());
    }
    let keys: Vec<&str> = keys.iter().map(|key| &**key).collect();
    let rows = store.golden(EntityKind::Company, &keys).await?;
    Ok(rows.into_iter().map(|row| (row.key.clone(), row)).collect())
}

pub(crate) async fn stored_persons(
    store: &mut Store,
    keys: &[Arc<str>],
    is_empty: bool,
) -> Result<Stored, Error> {
    if is_empty {
        return Ok(Stored::default());
    }
    // Another system's prospect has its e-mail for an id.
    let ids: Vec<String> = keys.iter().map(|key| entity_id(EntityKind::Person, key)).collect();
    let mut both: Vec<&str> = ids.iter().map(String::as_str).chain(keys.iter().map(|key| &**key)).collect();
    both.sort_unstable();
    let rows = store.golden(EntityKind::Person, &both).await?;
    let mut by_id: Stored = rows.into_iter().map(|row| (row.key.clone(), row)).collect();
    let found = keys.iter().zip(&ids).filter_map(|(key, id)| {
        let row = by_id.remove(id.as_str()).or_else(|| by_id.remove(&**key))?;
        Some((Box::from(&**key), row))
    });
    Ok(found.collect())
}

/// Every dimension row of entities that are stored, by attribute: the sources that a batch does not speak of take part in
/// coalescing too.
async fn stored_dimensions(
    store: &mut Store,
    companies: &Stored,
    persons: &Stored,
) -> Result<Vec<Vec<Dimension>>, Error> {
    let sorted = |stored: &Stored| {
        let mut keys: Vec<Box<str>> = stored.keys().cloned().collect();
        keys.sort_unstable();
        keys
    };
    let (companies, persons) = (sorted(companies), sorted(persons));
    let mut all = Vec::with_capacity(Attribute::ALL.len());
    for &attribute in Attribute::ALL {
        let keys = match attribute.spec().entity {
            EntityKind::Company => &companies,
            EntityKind::Person => &persons,
        };
        let keys: Vec<&str> = keys.iter().map(|key| &**key).collect();
        all.push(store.dimensions(attribute, &keys).await?);
    }
    Ok(all)
}

/// `companies`, and those for which a touched person worked before this batch: the person's golden row may still refer
/// to them.
pub(crate) async fn with_employers(
    store: &mut Store,
    mut companies: Stored,
    jobs: &[Dimension],
) -> Result<Stored, Error> {
    let keys = jobs.iter().filter_map(|row| row.matched()?.columns.first()?.as_text());
    let mut missing: Vec<&str> = keys.filter(|key| !companies.contains_key(*key)).collect();
    missing.sort_unstable();
    missing.dedup();
    let rows = store.golden(EntityKind::Company, &missing).await?;
    companies.extend(rows.into_iter().map(|row| (row.key.clone(), row)));
    Ok(companies)
}
