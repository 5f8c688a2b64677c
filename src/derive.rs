//! Joins that follow from what sources say: a company without a domain is that of the one domain with the same LinkedIn page,
//! or the same name in the same country. Companies and persons that a lead names by name alone are those of that name, where there
//! is one ([`crate::leads::joins`]). They are derived from all that is stored and from the joins of users, so no order of files can
//! change them.

use crate::Engine;
use crate::change::{ChangeReport, Touched};
use crate::joined::KeyJoins;
use crate::leads::joins::{self as leads, Ambiguous, Asked};
use crate::report::Counters;
use crate::write_part::{stored_companies, stored_persons};
use firmograph_core::{EntityKind, Error, GoldenRow, Timestamp, company_key_kind, entity_id};
use firmograph_normalize::normalize_email;
use firmograph_store::{AUTOMATIC, JoinCandidate, KeyJoin, Store};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

/// Addresses that are read together.
const ADDRESSES_AT_ONCE: usize = 10_000;

/// What deriving did.
#[derive(Debug, Default)]
pub(crate) struct Derived {
    /// Whose golden rows are to be computed anew.
    pub(crate) touched: Touched,
    pub(crate) made: u64,
    pub(crate) taken_back: u64,
}

impl Engine {
    /// The end of an ingest: makes the joins that follow, and takes back those that do no longer, in a transaction of its own.
    pub(crate) async fn join_by_itself(
        &mut self,
        run: i64,
        dry_run: bool,
        now: Timestamp,
        counters: &mut Counters,
    ) -> Result<(), Error> {
        if !self.may_derive().await? {
            return Ok(());
        }
        if dry_run {
            // Within the one transaction of the dry run.
            return self.derive_and_settle(run, now, counters).await;
        }
        self.store.begin().await?;
        match self.derive_and_settle(run, now, counters).await {
            Ok(()) => self.store.commit().await,
            Err(error) => {
                // The first error is the one to tell.
                drop(self.store.rollback().await);
                Err(error)
            }
        }
    }

    async fn derive_and_settle(
        &mut self,
        run: i64,
        now: Timestamp,
        counters: &mut Counters,
    ) -> Result<(), Error> {
        // First about whom lead documents speak: that is reason for joins.
        let noted = self.note_leads(false).await?;
        let derived = self.derive_joins(run, now).await?;
        counters.keys_joined += derived.made;
        counters.keys_parted += derived.taken_back;
        let mut report = ChangeReport::default();
        self.settle_joins(&derived.touched, now, &mut report, &mut |_| {}).await?;
        self.settle_leads(&noted).await?;
        for (kind, changed) in
            [(EntityKind::Company, report.companies), (EntityKind::Person, report.prospects)]
        {
            counters.wrote(kind, changed.new as usize, changed.changed as usize);
        }
        Ok(())
    }

    /// Whether there is anything that joins could follow from.
    pub(crate) async fn may_derive(&mut self) -> Result<bool, Error> {
        Ok(self.store.has_provisional_keys().await?
            || self.store.has_lead_documents().await?
            || self.store.has_lead_files().await?)
    }

    /// Makes the joins that follow from what is stored now, and takes back automatic ones that do not, under the number of a
    /// run. Whatever changes what is stored calls this at its end, and settles what is touched with
    /// [`Engine::settle_joins`].
    pub(crate) async fn derive_joins(&mut self, run: i64, now: Timestamp) -> Result<Derived, Error> {
        if !self.may_derive().await? {
            return Ok(Derived::default());
        }
        let store = &mut self.store;
        let (automatic, by_users): (Vec<KeyJoin>, Vec<KeyJoin>) =
            store.active_joins().await?.into_iter().partition(KeyJoin::is_automatic);
        let AllWanted { mut companies, mut persons, .. } = wanted(store, &by_users, run, now).await?;
        let mut taken = Vec::new();
        for join in automatic {
            let wanted = if join.is_of(EntityKind::Company) { &mut companies } else { &mut persons };
            match wanted.get(join.from_key.as_str()) {
                Some((into, _)) if **into == join.into_key => drop(wanted.remove(join.from_key.as_str())),
                _ => taken.push(join),
            }
        }
        let mut made = as_joins(EntityKind::Company, companies, run, now);
        made.extend(as_joins(EntityKind::Person, persons, run, now));
        let (made_count, taken_count) = (made.len() as u64, taken.len() as u64);
        let touched = change_joins(store, taken, made, run, AUTOMATIC).await?;
        Ok(Derived { touched, made: made_count, taken_back: taken_count })
    }

    /// Computes the golden rows of all that joins touched.
    pub(crate) async fn settle_joins(
        &mut self,
        touched: &Touched,
        now: Timestamp,
        report: &mut ChangeReport,
        sink: &mut crate::FlipSink<'_>,
    ) -> Result<(), Error> {
        if touched.companies.is_empty() && touched.persons.is_empty() {
            return Ok(());
        }
        let named = self.named_keys(touched).await?;
        let lives = |kind: EntityKind, key: &str| named.kind(kind).contains(key);
        self.settle(touched, &lives, now, report, sink).await?;
        self.store.forget_single_keys().await
    }

    /// Makes joins remember of everybody touched what `lives` says: whether a payload names them.
    pub(crate) async fn remember_living(
        &mut self,
        touched: &Touched,
        lives: &(dyn Fn(EntityKind, &str) -> bool + Sync),
    ) -> Result<(), Error> {
        let joins = KeyJoins::read(&mut self.store).await?;
        for (kind, keys) in
            [(EntityKind::Company, &touched.companies), (EntityKind::Person, &touched.persons)]
        {
            let groups = joins.kind(kind);
            let joined = keys.iter().map(|key| &**key).filter(|key| groups.has(key));
            let (living, gone): (Vec<&str>, Vec<&str>) = joined.partition(|key| lives(kind, key));
            self.store.remember_keys(kind, &living).await?;
            self.store.forget_keys(kind, &gone).await?;
        }
        Ok(())
    }

    /// Those of the touched keys that a payload names, as far as joins remember: what `lives` is after a join was made or
    /// taken back.
    pub(crate) async fn named_keys(&mut self, touched: &Touched) -> Result<Named, Error> {
        let mut named = Named::default();
        for (kind, keys) in
            [(EntityKind::Company, &touched.companies), (EntityKind::Person, &touched.persons)]
        {
            let texts: Vec<&str> = keys.iter().map(|key| &**key).collect();
            let found: HashSet<Box<str>> =
                self.store.remembered_keys(kind, &texts).await?.into_iter().collect();
            match kind {
                EntityKind::Company => named.companies = found,
                EntityKind::Person => named.persons = found,
            }
        }
        Ok(named)
    }
}

/// Keys that a payload names.
#[derive(Debug, Default)]
pub(crate) struct Named {
    companies: HashSet<Box<str>>,
    persons: HashSet<Box<str>>,
}

impl Named {
    pub(crate) fn kind(&self, kind: EntityKind) -> &HashSet<Box<str>> {
        match kind {
            EntityKind::Company => &self.companies,
            EntityKind::Person => &self.persons,
        }
    }
}

/// Domains that may be those of provisional keys, by key: each with what it shares.
pub(crate) type Candidates = BTreeMap<Box<str>, BTreeMap<Box<str>, String>>;

/// Candidates that are evidence enough where there is one: by LinkedIn page, by name and country.
pub(crate) async fn candidates(store: &mut Store) -> Result<Candidates, Error> {
    let mut all = Candidates::new();
    for (rule, found) in [
        ("linkedin_page", store.page_candidates().await?),
        ("name_and_country", store.name_candidates().await?),
    ] {
        for JoinCandidate { from_key, into_key, value } in found {
            all.entry(from_key).or_default().insert(into_key, format!("{rule}: {value}"));
        }
    }
    Ok(all)
}

/// Keys that should be joined: each with the key that it should count for, and the reason.
pub(crate) type Wanted = BTreeMap<Box<str>, (Box<str>, String)>;

/// All joins that should be, and keys of leads that may stand for several others.
#[derive(Debug, Default)]
pub(crate) struct AllWanted {
    companies: Wanted,
    persons: Wanted,
    pub(crate) ambiguous: Vec<Ambiguous>,
}

fn as_joins(kind: EntityKind, wanted: Wanted, run: i64, now: Timestamp) -> Vec<KeyJoin> {
    let joins = wanted.into_iter();
    joins.map(|(from, (into, why))| new_join(kind, &from, &into, why, AUTOMATIC, run, now)).collect()
}

/// The joins that should be, the strongest rules first: what a later one finds builds on what the earlier ones found.
pub(crate) async fn wanted(
    store: &mut Store,
    by_users: &[KeyJoin],
    run: i64,
    now: Timestamp,
) -> Result<AllWanted, Error> {
    let refused = store.refused_joins().await?;
    let mut all =
        AllWanted { companies: of_domains(store, by_users, &refused).await?, ..AllWanted::default() };
    if !store.has_lead_documents().await? {
        return Ok(all);
    }
    for rule in 0..4 {
        let mut joins: Vec<KeyJoin> = by_users.to_vec();
        joins.extend(as_joins(EntityKind::Company, all.companies.clone(), run, now));
        joins.extend(as_joins(EntityKind::Person, all.persons.clone(), run, now));
        let groups = KeyJoins::of(&joins);
        let kind = if rule < 2 { EntityKind::Company } else { EntityKind::Person };
        let of_kind = joins.iter().filter(|join| join.is_of(kind));
        let joined: BTreeSet<Box<str>> = of_kind.map(|join| Box::from(join.from_key.as_str())).collect();
        let roots = groups.kind(kind);
        let refused: HashSet<(&str, &str)> = refused
            .iter()
            .filter(|join| join.is_of(kind))
            .map(|join| (join.from_key.as_str(), roots.root(&join.into_key)))
            .collect();
        let is_refused = |from: &str, root: &str| refused.contains(&(from, root));
        let asked = Asked { joins: &groups, joined: &joined, refused: &is_refused };
        let ambiguous = &mut all.ambiguous;
        match rule {
            // A name in a country says more than a name alone, which may then be that of the same company.
            0 => all.companies.append(&mut leads::companies(store, 1, &asked, ambiguous).await?),
            1 => all.companies.append(&mut leads::companies(store, 0, &asked, ambiguous).await?),
            2 => all.persons.append(&mut leads::profiles(store, &asked, ambiguous).await?),
            _ => all.persons.append(&mut leads::persons(store, &asked, ambiguous).await?),
        }
    }
    Ok(all)
}

/// The joins of companies without a domain to domains.
async fn of_domains(store: &mut Store, by_users: &[KeyJoin], refused: &[KeyJoin]) -> Result<Wanted, Error> {
    let joins = KeyJoins::of(by_users);
    let groups = joins.kind(EntityKind::Company);
    let by_users = by_users.iter().filter(|join| join.is_of(EntityKind::Company));
    let joined: HashSet<&str> = by_users.map(|join| join.from_key.as_str()).collect();
    let refused: HashSet<(&str, &str)> =
        refused.iter().map(|join| (join.from_key.as_str(), groups.root(&join.into_key))).collect();
    let mut wanted = BTreeMap::new();
    for (from, candidates) in candidates(store).await? {
        let roots: BTreeSet<&str> = candidates.keys().map(|into| groups.root(into)).collect();
        let mut roots = roots.into_iter();
        let (Some(root), None) = (roots.next(), roots.next()) else { continue };
        // What users say is never overruled: neither a join nor that two are not one.
        if joined.contains(&*from) || root == groups.root(&from) || refused.contains(&(&*from, root)) {
            continue;
        }
        if let Some((into, why)) = candidates.iter().next() {
            wanted.insert(from, (into.clone(), why.clone()));
        }
    }
    Ok(wanted)
}

pub(crate) fn new_join(
    kind: EntityKind,
    from: &str,
    into: &str,
    why: String,
    author: &str,
    run: i64,
    now: Timestamp,
) -> KeyJoin {
    KeyJoin {
        id: 0,
        entity: kind.name().to_owned(),
        from_key: from.to_owned(),
        into_key: into.to_owned(),
        why,
        author: author.to_owned(),
        created_at: now,
        run_id: run,
        removed_by: None,
        removed_author: None,
    }
}

/// Takes joins back and makes others; gives everybody whose golden row may be another one now.
pub(crate) async fn change_joins(
    store: &mut Store,
    mut taken: Vec<KeyJoin>,
    mut made: Vec<KeyJoin>,
    by: i64,
    author: &str,
) -> Result<Touched, Error> {
    let mut touched = Touched::default();
    if taken.is_empty() && made.is_empty() {
        return Ok(touched);
    }
    let before = KeyJoins::read(store).await?;
    remember_golden(store, &before, &made).await?;
    for join in &mut taken {
        (join.removed_by, join.removed_author) = (Some(by), Some(author.to_owned()));
    }
    store.write_joins(&mut taken).await?;
    store.write_joins(&mut made).await?;
    let after = KeyJoins::read(store).await?;
    for kind in [EntityKind::Company, EntityKind::Person] {
        let (before, after) = (before.kind(kind), after.kind(kind));
        let mut keys: BTreeSet<Arc<str>> = BTreeSet::new();
        let mut moved: BTreeSet<&str> = BTreeSet::new();
        for join in taken.iter().chain(&made).filter(|join| join.is_of(kind)) {
            for key in [join.from_key.as_str(), join.into_key.as_str()] {
                keys.extend([key, before.root(key), after.root(key)].map(Arc::from));
            }
            let from = join.from_key.as_str();
            let members = [before, after].map(|groups| groups.members(groups.root(from)));
            let members = members.into_iter().flatten().map(|key| &**key);
            moved.extend(members.filter(|key| before.root(key) != after.root(key)));
        }
        match kind {
            EntityKind::Company => {
                let moved: Vec<&str> = moved.into_iter().collect();
                let persons = store.persons_working_for(&moved).await?;
                touched.persons.extend(persons.into_iter().map(Arc::from));
                // Whether an address is at the domain of one's company is another question now.
                let domains: HashSet<&str> =
                    moved.into_iter().filter(|key| company_key_kind(key) == "domain").collect();
                touched.persons.extend(persons_mailed_at(store, &domains).await?);
                touched.companies.extend(keys);
            }
            EntityKind::Person => touched.persons.extend(keys),
        }
    }
    Ok(touched)
}

/// Keys of golden persons whose address is at one of these domains, by what the address means: other programs write it as they like.
async fn persons_mailed_at(store: &mut Store, domains: &HashSet<&str>) -> Result<Vec<Arc<str>>, Error> {
    let (mut found, mut after) = (Vec::new(), Box::from(""));
    if domains.is_empty() {
        return Ok(found);
    }
    loop {
        let persons = store.person_addresses(&after, ADDRESSES_AT_ONCE).await?;
        let is_last = persons.len() < ADDRESSES_AT_ONCE;
        for (key, email) in persons {
            let domain = normalize_email(&email).ok().and_then(|matched| matched.value.domain);
            if domain.is_some_and(|domain| domains.contains(domain.as_str())) {
                found.push(Arc::from(&*key));
            }
            after = key;
        }
        if is_last {
            return Ok(found);
        }
    }
}

/// Remembers of keys that were single until now that they had a golden row: a payload names them.
async fn remember_golden(store: &mut Store, before: &KeyJoins, made: &[KeyJoin]) -> Result<(), Error> {
    for kind in [EntityKind::Company, EntityKind::Person] {
        let groups = before.kind(kind);
        let joins = made.iter().filter(|join| join.is_of(kind));
        let keys: BTreeSet<Arc<str>> = joins
            .flat_map(|join| [&join.from_key, &join.into_key])
            .filter(|key| !groups.has(key))
            .map(|key| Arc::from(key.as_str()))
            .collect();
        let keys: Vec<Arc<str>> = keys.into_iter().collect();
        let stored = match kind {
            EntityKind::Company => stored_companies(store, &keys, false).await?,
            EntityKind::Person => stored_persons(store, &keys, false).await?,
        };
        // That another system has a row of its own says nothing about payloads.
        let ours = |key: &str, row: &GoldenRow| row.values[0].as_text() == Some(&*entity_id(kind, key));
        let known = stored.iter().filter(|(key, row)| ours(key, row));
        let known: Vec<&str> = known.map(|(key, _)| &**key).collect();
        store.remember_keys(kind, &known).await?;
    }
    Ok(())
}
