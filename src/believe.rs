//! After other payloads are believed: what their sources say about everybody touched is gathered anew, and whoever is named
//! by no payload any more goes.

use crate::Engine;
use crate::change::{At, ChangeReport, FlipSink, Touched};
use crate::recompute::NetFlips;
use crate::replay::{Readers, Wanted, named, replay};
use crate::restate::{Heard, Matching, restate};
use crate::spread::Spread;
use firmograph_core::{Attribute, EntityKind, Error, company_key_kind};
use firmograph_store::Payloads;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

/// Payloads whose values are held at a time.
const PAYLOADS_AT_ONCE: u64 = 25_000;
/// Keys below which what is said about them is not held in several parts.
const LEAST_KEYS: usize = 5_000;

/// Keys of companies and persons of whom no payload speaks.
#[derive(Debug, Default)]
pub(crate) struct Unnamed {
    companies: HashSet<Box<str>>,
    persons: HashSet<Box<str>>,
}

impl Unnamed {
    pub(crate) fn has(&self, kind: EntityKind, key: &str) -> bool {
        match kind {
            EntityKind::Company => self.companies.contains(key),
            EntityKind::Person => self.persons.contains(key),
        }
    }

    pub(crate) fn companies(&self) -> impl Iterator<Item = Arc<str>> {
        self.companies.iter().map(|key| Arc::from(&**key))
    }
}

impl Engine {
    /// Everybody of whom the payloads speak that a run took out.
    pub(crate) async fn touched_by(&mut self, readers: &mut Readers, run: i64) -> Result<Touched, Error> {
        let removed = Payloads::RemovedBy(run);
        let [companies, persons] = named(&mut self.store, readers, removed, &Wanted::All).await?;
        let mut touched = Touched { companies, persons };
        self.add_touched_documents(run, &mut touched).await?;
        Ok(touched)
    }

    /// Gathers anew what `sources` say about everybody touched, from the payloads that are believed now, and settles what
    /// follows from it.
    pub(crate) async fn believe(
        &mut self,
        readers: &mut Readers,
        touched: &Touched,
        sources: &[&str],
        at: At,
        report: &mut ChangeReport,
        sink: &mut FlipSink<'_>,
    ) -> Result<(), Error> {
        let keys = touched.companies.len() + touched.persons.len();
        let which = Payloads::BelievedOf(sources);
        let believed = self.store.count_payloads(which).await?;
        let parts = believed.div_ceil(PAYLOADS_AT_ONCE).min(keys.div_ceil(LEAST_KEYS) as u64);
        let parts = parts.max(report.payloads.div_ceil(PAYLOADS_AT_ONCE)).max(1);
        let matching = Matching { keeps: true, maps: self.maps.clone() };
        let wanted = Wanted::keys(&touched.companies, &touched.persons);
        // Of each part first the companies, then the persons.
        let end = 2 * parts as usize;
        let place = |kind, key: &str| {
            Some(2 * (hash(key) % parts) as usize + usize::from(kind == EntityKind::Person))
        };
        let mut spread = Spread::default();
        for part in 0..parts {
            let is_mine = |key: &&Arc<str>| hash(key) % parts == part;
            let companies: Vec<Arc<str>> = touched.companies.iter().filter(is_mine).cloned().collect();
            let persons: Vec<Arc<str>> = touched.persons.iter().filter(is_mine).cloned().collect();
            let mut heard = Heard::default();
            for (place_of, kind) in [EntityKind::Company, EntityKind::Person].into_iter().enumerate() {
                let number = 2 * part as usize + place_of;
                if !spread.has(number) {
                    spread = Spread::new(number, end, 0);
                    let sink = &mut |told| spread.add(&told, &place);
                    replay(&mut self.store, readers, which, &wanted, true, sink).await?;
                }
                spread.take(number, kind, &mut |told| heard.add(told));
            }
            let mut stored = Vec::new();
            for (kind, keys) in [(EntityKind::Company, &companies), (EntityKind::Person, &persons)] {
                let keys: Vec<&str> = keys.iter().map(|key| &**key).collect();
                for attribute in Attribute::of(kind) {
                    let mut rows = self.store.dimensions(attribute, &keys).await?;
                    rows.retain(|row| sources.contains(&row.source().as_str()));
                    stored.push((attribute, rows));
                }
            }
            for restated in restate(&mut heard, stored, &matching)? {
                restated.write(&mut self.store, at.now).await?;
                report.add_dimensions(&restated);
            }
        }
        self.settle_named(readers, touched, at, report, sink).await
    }

    /// Computes the golden rows of everybody touched; those whom no payload names any more go. Then the joins that follow are
    /// derived anew, under the number of the run at hand. A golden value that both steps change is told once.
    pub(crate) async fn settle_named(
        &mut self,
        readers: &mut Readers,
        touched: &Touched,
        at: At,
        report: &mut ChangeReport,
        sink: &mut FlipSink<'_>,
    ) -> Result<(), Error> {
        let At { run, now } = at;
        let unnamed = self.unnamed(readers, touched).await?;
        let lives = |kind: EntityKind, key: &str| !unnamed.has(kind, key);
        let is_provisional = |key: &Arc<str>| company_key_kind(key) != "domain";
        let may_join = touched.companies.iter().any(is_provisional) || self.may_derive().await?;
        if !may_join {
            return self.settle(touched, &lives, now, report, sink).await;
        }
        self.remember_living(touched, &lives).await?;
        let mut net = NetFlips::default();
        self.settle(touched, &lives, now, report, &mut |flip| net.add(flip)).await?;
        let derived = self.derive_joins(run, now).await?.touched;
        self.settle_joins(&derived, now, report, &mut |flip| net.add(flip)).await?;
        report.flips = net.tell(sink);
        Ok(())
    }

    /// Those of whom no dimension speaks, for whom nobody works, and whom no payload names: a company is known from a role's
    /// e-mail address, too.
    pub(crate) async fn unnamed(
        &mut self,
        readers: &mut Readers,
        touched: &Touched,
    ) -> Result<Unnamed, Error> {
        let mut rest: [Vec<Arc<str>>; 2] = [Vec::new(), Vec::new()];
        let kinds = [(EntityKind::Company, &touched.companies), (EntityKind::Person, &touched.persons)];
        for ((kind, keys), rest) in kinds.into_iter().zip(&mut rest) {
            let texts: Vec<&str> = keys.iter().map(|key| &**key).collect();
            let mut known = self.store.keys_with_dimensions(kind, &texts).await?;
            let unknown: Vec<&str> = texts.into_iter().filter(|key| !known.contains(*key)).collect();
            if kind == EntityKind::Company {
                known.extend(self.store.employers_among(&unknown).await?);
            }
            rest.extend(keys.iter().filter(|key| !known.contains(&***key)).cloned());
        }
        let [companies, persons] = rest;
        if companies.is_empty() && persons.is_empty() {
            return Ok(Unnamed::default());
        }
        let wanted = Wanted::keys(&companies, &persons);
        let [named_companies, named_persons] =
            named(&mut self.store, readers, Payloads::Believed, &wanted).await?;
        let without = |keys: Vec<Arc<str>>, named: &BTreeSet<Arc<str>>| {
            keys.iter().filter(|key| !named.contains(*key)).map(|key| Box::from(&**key)).collect()
        };
        Ok(Unnamed {
            companies: without(companies, &named_companies),
            persons: without(persons, &named_persons),
        })
    }
}

/// FNV-1a: parts are small numbers, so any even hash will do.
fn hash(key: &str) -> u64 {
    key.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}
