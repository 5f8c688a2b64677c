//! The golden rows of direct writers: whom they speak of, and levels for those that are nobody's golden row.

use super::{ROWS_AT_ONCE, identified};
use crate::Engine;
use crate::change::Touched;
use crate::matching::match_value;
use crate::pipeline::{PipelineOptions, read};
use crate::reader::{Identified, Identity};
use crate::write_part::{stored_companies, stored_persons};
use firmograph_core::{Attribute, EntityKind, Error, RawValue, Scalar, Source, entity_id};
use firmograph_sources::Extractor;
use firmograph_store::DirectWrite;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What observing does to rows beside ingesting what they say.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step {
    Name,
    Level,
}

impl Engine {
    /// Within a transaction: notes again whom the rows speak of that `run` observed, or gives those a level that are nobody's.
    pub(crate) async fn again_for_claimed(&mut self, run: i64, step: Step) -> Result<(), Error> {
        let identity = Identity { source: Source::legacy(), header: None, observed_at: None };
        let mut extractor = Extractor::for_documents(&[], Some(&Source::legacy()));
        let options = self.maps.options(Source::legacy());
        let mut after = 0;
        loop {
            let writes = self.store.claimed_direct_writes(run, after, ROWS_AT_ONCE).await?;
            let Some(last) = writes.last() else { return Ok(()) };
            after = last.id;
            match step {
                Step::Name => {
                    let records = writes
                        .iter()
                        .map(|write| identified(write, &identity, &mut extractor))
                        .collect::<Result<Vec<_>, Error>>()?;
                    drop(self.name_rows(&writes, &records, &options).await?);
                }
                Step::Level => self.level_unnamed(&writes, &options).await?,
            }
        }
    }

    /// Notes whom rows speak of whose id does not say it, so that golden values go there. Where several rows speak of one, it is
    /// the one that was written first. Gives the persons whose row of ours gave way.
    pub(super) async fn name_rows(
        &mut self,
        writes: &[DirectWrite],
        records: &[Identified],
        options: &PipelineOptions,
    ) -> Result<Touched, Error> {
        let mut named: [BTreeMap<Arc<str>, &str>; 2] = [BTreeMap::new(), BTreeMap::new()];
        let mut gave_way = Touched::default();
        for (write, record) in writes.iter().zip(records) {
            let Ok(keys) = read(&record.record.fields, options, &mut |_, _| {}) else { continue };
            let (key, named) = match write.entity {
                EntityKind::Company => (keys.company, &mut named[0]),
                EntityKind::Person => (keys.person, &mut named[1]),
            };
            if let Some(key) = key {
                named.entry(key.into()).or_insert(&write.row_id);
            }
        }
        for (kind, named) in [EntityKind::Company, EntityKind::Person].into_iter().zip(&named) {
            let keys: Vec<Arc<str>> = named.keys().cloned().collect();
            let stored = match kind {
                EntityKind::Company => stored_companies(&mut self.store, &keys, false).await?,
                EntityKind::Person => stored_persons(&mut self.store, &keys, false).await?,
            };
            // A row of ours gives way to the one that its program finds by its own id: nobody is there twice.
            let gives_way = |key: &str, id: &str| {
                let ours = entity_id(kind, key);
                let stored = stored.get(key).and_then(|row| row.values[0].as_text());
                (kind == EntityKind::Person && id != ours && stored == Some(&*ours)).then_some(ours)
            };
            let (mut rows, mut gone) = (Vec::new(), Vec::new());
            for (key, id) in named {
                let ours = gives_way(key, id);
                if ours.is_some() || !stored.contains_key(&**key) {
                    rows.push((*id, &**key));
                }
                if let Some(ours) = ours {
                    gone.push(ours);
                    gave_way.persons.insert(Arc::clone(key));
                }
            }
            let gone: Vec<&str> = gone.iter().map(String::as_str).collect();
            self.store.delete_golden(kind, &gone).await?;
            self.store.name_rows(kind, &rows).await?;
        }
        Ok(gave_way)
    }

    /// Gives prospects a level that are nobody's golden row: second rows of one person, and rows that identify nobody.
    pub(super) async fn level_unnamed(
        &mut self,
        writes: &[DirectWrite],
        options: &PipelineOptions,
    ) -> Result<(), Error> {
        let persons = writes.iter().filter(|write| write.entity == EntityKind::Person);
        let mut ids: Vec<&str> = persons.map(|write| write.row_id.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(());
        }
        let unnamed = self.store.titles_of_unnamed(&ids).await?;
        if unnamed.is_empty() {
            return Ok(());
        }
        let place = Attribute::JobTitle.matched("level").unwrap_or_default();
        let mut by_level: BTreeMap<Option<i64>, Vec<&str>> = BTreeMap::new();
        for [id, title, column] in &unnamed {
            let raw = RawValue::new([title.as_deref(), column.as_deref()]);
            let matched = match_value(Attribute::JobTitle, &raw, options);
            let level = match matched.as_ref().and_then(|value| value.columns.get(place)) {
                Some(Scalar::Int(level)) => Some(*level),
                _ => None,
            };
            by_level.entry(level).or_default().extend(id.as_deref());
        }
        for (level, ids) in &by_level {
            self.store.set_level(ids, *level).await?;
        }
        Ok(())
    }
}
