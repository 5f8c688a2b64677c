//! Writes what a part of a batch says: looks up what is stored about the same keys, and writes dimensions, golden rows and
//! payloads as they become ready.

use crate::batch::{Ready, State, Stored, Work};
use crate::joined::KeyJoins;
use crate::part::Told;
use crate::pipeline::PipelineOptions;
use crate::quality::stored_quality;
use crate::recompute::{self, With, recompute};
use crate::report::{Counters, MATCHABLE};
use firmograph_core::{
    Attribute, Day, Dimension, EntityKind, Error, GoldenRow, Priorities, Timestamp, company_key_kind,
    entity_id,
};
use firmograph_store::Store;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Joined keys whose dimension rows are held at a time.
const JOINED_AT_ONCE: usize = 10_000;

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
    pub(crate) joins: &'c Arc<KeyJoins>,
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
    let joined_companies = joined(EntityKind::Company, &companies, context.joins);
    let joined_persons = joined(EntityKind::Person, &persons, context.joins);
    // A key that is joined to another has no golden row, and what is said of it is stored all the same.
    let known_companies = golden_companies.keys().map(|key| &**key);
    let known_persons = golden_persons.keys().map(|key| &**key);
    let stored = stored_dimensions(
        store,
        known_companies.chain(joined_companies.iter().map(|key| &**key)).collect(),
        known_persons.chain(joined_persons.iter().map(|key| &**key)).collect(),
    )
    .await?;
    let scored = [
        stored_quality(store, EntityKind::Company, &companies, context.is_empty).await?,
        stored_quality(store, EntityKind::Person, &persons, context.is_empty).await?,
    ];
    let jobs = &stored[Attribute::PersonCompany as usize];
    let golden_companies = with_employers(store, golden_companies, jobs, context.joins).await?;
    let golden_companies = with_roots(store, golden_companies, &joined_companies, context.joins).await?;
    let work = Work {
        joins: Arc::clone(context.joins),
        said,
        origins,
        stored,
        companies,
        persons,
        golden_companies,
        golden_persons,
        scored,
        today: Day::of(context.now),
        options: context.options.clone(),
        priorities: context.priorities.clone(),
    };
    let (mut ready, worker) = work.start();
    // Payloads need no work, so they are written while the first attributes are gathered.
    payloads.sort_unstable_by_key(|payload| payload.id);
    let now = context.now;
    store.write_payloads(&payloads, &context.options.source, context.file, now).await?;
    let mut joined_companies = Some(joined_companies);
    while let Some(ready) = ready.recv().await {
        // Golden rows come after every dimension row; joined companies need all of those, and prospects refer to them.
        if matches!(ready, Ready::Golden(..))
            && let Some(keys) = joined_companies.take()
        {
            write_joined(store, EntityKind::Company, &keys, context, &mut counters).await?;
        }
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
                rows.quality.write(store, kind, now).await?;
                counters.wrote(kind, rows.new.len(), rows.changed.len());
            }
        }
    }
    if let Err(panic) = worker.join() {
        std::panic::resume_unwind(panic);
    }
    if let Some(keys) = joined_companies {
        write_joined(store, EntityKind::Company, &keys, context, &mut counters).await?;
    }
    write_joined(store, EntityKind::Person, &joined_persons, context, &mut counters).await?;
    Ok(counters)
}

/// Those of `keys` that are joined to another, or another to them.
fn joined(kind: EntityKind, keys: &[Arc<str>], joins: &KeyJoins) -> Vec<Arc<str>> {
    let groups = joins.kind(kind);
    if groups.is_empty() {
        return Vec::new();
    }
    keys.iter().filter(|key| groups.has(key)).cloned().collect()
}

/// Writes the golden rows of joined keys that a part speaks of, from all that is said of the keys that they are joined with.
async fn write_joined(
    store: &mut Store,
    kind: EntityKind,
    keys: &[Arc<str>],
    context: Context<'_>,
    counters: &mut Counters,
) -> Result<(), Error> {
    for keys in keys.chunks(JOINED_AT_ONCE) {
        let texts: Vec<&str> = keys.iter().map(|key| &**key).collect();
        store.remember_keys(kind, &texts).await?;
        let today = Day::of(context.now);
        let with = With { priorities: context.priorities, joins: context.joins, known: None, today };
        let recomputed = recompute(store, kind, keys, &|_| true, with).await?;
        recompute::write(store, kind, &recomputed, context.now).await?;
        counters.wrote(kind, recomputed.new.len(), recomputed.changed.len());
    }
    Ok(())
}

pub(crate) async fn stored_companies(
    store: &mut Store,
    keys: &[Arc<str>],
    is_empty: bool,
) -> Result<Stored, Error> {
    if is_empty {
        return Ok(Stored::default());
    }
    let keys = keys.iter().map(|key| &**key);
    let (domains, provisional): (Vec<&str>, Vec<&str>) =
        keys.partition(|key| company_key_kind(key) == "domain");
    let rows = store.golden(EntityKind::Company, &domains).await?;
    let mut stored: Stored = rows.into_iter().map(|row| (row.key.clone(), row)).collect();
    add_by_key(store, EntityKind::Company, &mut stored, domains.iter().copied()).await?;
    let ids: Vec<String> = provisional.iter().map(|key| entity_id(EntityKind::Company, key)).collect();
    let texts: Vec<&str> = ids.iter().map(String::as_str).collect();
    let rows = store.golden_by_id(EntityKind::Company, &texts).await?;
    let mut by_id: Stored = rows.into_iter().map(|row| (row.key.clone(), row)).collect();
    stored.extend(provisional.into_iter().zip(&texts).filter_map(|(key, id)| {
        let row = by_id.remove(*id)?;
        Some((Box::from(key), GoldenRow { key: key.into(), ..row }))
    }));
    Ok(stored)
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
    let mut stored: Stored = found.collect();
    add_by_key(store, EntityKind::Person, &mut stored, keys.iter().map(|key| &**key)).await?;
    Ok(stored)
}

/// Adds the golden rows of those `keys` that were not found otherwise: another system's id may be any text.
async fn add_by_key<'k>(
    store: &mut Store,
    kind: EntityKind,
    stored: &mut Stored,
    keys: impl Iterator<Item = &'k str>,
) -> Result<(), Error> {
    let missing: Vec<&str> = keys.filter(|key| !stored.contains_key(*key)).collect();
    for row in store.golden_by_key(kind, &missing).await? {
        stored.insert(row.key.clone(), row);
    }
    Ok(())
}

/// Every dimension row of entities that are stored, by attribute: the sources that a batch does not speak of take part in
/// coalescing too.
async fn stored_dimensions(
    store: &mut Store,
    mut companies: Vec<&str>,
    mut persons: Vec<&str>,
) -> Result<Vec<Vec<Dimension>>, Error> {
    for keys in [&mut companies, &mut persons] {
        keys.sort_unstable();
        keys.dedup();
    }
    let mut all = Vec::with_capacity(Attribute::ALL.len());
    for &attribute in Attribute::ALL {
        let keys = match attribute.spec().entity {
            EntityKind::Company => &companies,
            EntityKind::Person => &persons,
        };
        all.push(store.dimensions(attribute, keys).await?);
    }
    Ok(all)
}

/// `companies`, and those for which a touched person worked before this batch: the person's golden row may still refer
/// to them.
async fn with_employers(
    store: &mut Store,
    companies: Stored,
    jobs: impl IntoIterator<Item = &Dimension>,
    joins: &KeyJoins,
) -> Result<Stored, Error> {
    let keys = jobs.into_iter().filter_map(|row| row.matched()?.columns.first()?.as_text());
    let keys: BTreeSet<Arc<str>> = keys.filter(|key| !companies.contains_key(*key)).map(Arc::from).collect();
    let keys: Vec<Arc<str>> = keys.into_iter().collect();
    with_roots(store, companies, &keys, joins).await
}

/// `companies`, and those that `keys` count for.
async fn with_roots(
    store: &mut Store,
    mut companies: Stored,
    keys: &[Arc<str>],
    joins: &KeyJoins,
) -> Result<Stored, Error> {
    let groups = joins.kind(EntityKind::Company);
    let roots: BTreeSet<&str> = keys.iter().map(|key| groups.root(key)).collect();
    let missing = roots.into_iter().filter(|root| !companies.contains_key(*root)).map(Arc::from);
    let missing: Vec<Arc<str>> = missing.collect();
    companies.extend(stored_companies(store, &missing, false).await?);
    Ok(companies)
}

/// The id of the company that `key` counts for, where it is not the one that follows from `key`.
pub(crate) fn employer_id(key: &str, companies: &Stored, joins: &KeyJoins) -> Option<String> {
    let root = joins.kind(EntityKind::Company).root(key);
    let known = companies.get(root).and_then(|row| row.values[0].as_text()).map(str::to_owned);
    known.or_else(|| (root != key).then(|| entity_id(EntityKind::Company, root)))
}
