//! The pipeline with a database: ingest, and questions about companies and persons.

use crate::joined::{KeyJoins, together};
use crate::lookups::Maps;
use crate::pin::Pin;
use crate::pipeline::PipelineOptions;
use crate::write_part::{stored_companies, stored_persons};
use firmograph_core::{
    Attribute, Coalesced, Dimension, EntityKind, Error, GoldenRow, PayloadId, Priorities, Source, Timestamp,
    coalesce,
};
use firmograph_normalize::{ReferenceTable, reference_tables};
use firmograph_store::{PRIORITIES_TABLE, PayloadOrigin, ReferenceRows, Store};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Tells the time. The library never reads a clock of its own.
pub type Clock = dyn Fn() -> Timestamp;

/// A database with the meaning around it.
pub struct Engine {
    pub(crate) store: Store,
    /// Opened when a large batch comes, on PostgreSQL.
    pub(crate) second: Option<Store>,
    pub(crate) priorities: Priorities,
    /// What the user says that raw values mean.
    pub(crate) maps: Maps,
}

/// A golden record with everything behind it.
#[derive(Debug, Clone)]
pub struct Entity {
    /// Company or person.
    pub kind: EntityKind,
    /// The golden row.
    pub golden: GoldenRow,
    /// What each source says, by attribute.
    pub dimensions: Vec<Dimension>,
    /// Who won each attribute that anybody speaks of, with indexes into `dimensions`.
    pub coalesced: Vec<(Attribute, Coalesced)>,
    /// Where the payloads came from that speak for the values shown.
    pub origins: BTreeMap<PayloadId, PayloadOrigin>,
    /// Pins that count.
    pub pins: Vec<Pin>,
}

impl Engine {
    /// Opens a database and brings its tables and reference tables up to this version.
    ///
    /// # Errors
    /// When the database cannot be opened or migrated.
    pub async fn open(url: &str) -> Result<Self, Error> {
        let mut store = Store::open(url).await?;
        store.bring_up_to_date().await?;
        // Asked for each time: a process that was killed between its migrations and this has left them out.
        let versions = store.reference_versions().await?;
        let has = |table: &ReferenceTable| {
            versions.iter().any(|(name, version, _)| name == table.name && version.as_str() >= table.version)
        };
        let has_priorities = versions
            .iter()
            .any(|(name, version, _)| name == PRIORITIES_TABLE && version.as_str() >= Priorities::VERSION);
        if !has_priorities || !reference_tables().iter().all(has) {
            mirror(&mut store).await?;
        }
        store.mend_indexes().await?;
        let priorities = store.priorities().await?;
        let maps = Maps::stored(&mut store).await?;
        Ok(Engine { store, second: None, priorities, maps })
    }

    /// How records of `source` are read for meaning with the maps and lookups of this database.
    #[must_use]
    pub fn pipeline_options(&self, source: Source) -> PipelineOptions {
        self.maps.options(source)
    }

    /// Closes the database; what was not committed is rolled back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn close(self) -> Result<(), Error> {
        if let Some(second) = self.second {
            second.close().await?;
        }
        self.store.close().await
    }

    /// The database below.
    pub fn store(&mut self) -> &mut Store {
        &mut self.store
    }

    /// A company or person by its key, or by a key that is joined to it, or a person by e-mail; with all that is said
    /// about it and why it is so.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn entity(&mut self, kind: EntityKind, key: &str) -> Result<Option<Entity>, Error> {
        let joins = KeyJoins::read(&mut self.store).await?;
        self.entity_with(&joins, kind, key).await
    }

    /// [`Engine::entity`] with joins that were read before, for who asks about many.
    pub(crate) async fn entity_with(
        &mut self,
        joins: &KeyJoins,
        kind: EntityKind,
        key: &str,
    ) -> Result<Option<Entity>, Error> {
        let groups = joins.kind(kind);
        let root: Arc<str> = groups.root(key).into();
        let keys = [Arc::clone(&root)];
        let mut golden = match kind {
            EntityKind::Company => stored_companies(&mut self.store, &keys, false).await?,
            EntityKind::Person => stored_persons(&mut self.store, &keys, false).await?,
        };
        let Some(golden) = golden.remove(&*root) else { return Ok(None) };
        let mut keys: Vec<&str> = groups.members(&root).iter().map(|key| &**key).collect();
        if keys.is_empty() {
            keys.push(&root);
        }
        let mut dimensions = Vec::new();
        for attribute in Attribute::of(kind) {
            let mut rows = self.store.dimensions(attribute, &keys).await?;
            rows.sort_by(|a, b| a.source().cmp(b.source()));
            dimensions.extend(rows);
        }
        let mut pins = Vec::new();
        for key in &keys {
            let of_key = self.store.pins(Some(key)).await?;
            pins.extend(of_key.iter().map(Pin::from).filter(|pin| pin.entity == kind.name()));
        }
        if keys.len() > 1 {
            dimensions = together(&root, dimensions, &self.maps);
        }
        let mut payloads: Vec<PayloadId> = dimensions.iter().map(|row| row.first().payload).collect();
        payloads.sort_unstable();
        payloads.dedup();
        let origins = self.store.payload_origins(&payloads).await?.into_iter().collect();
        let coalesced = Attribute::of(kind)
            .filter_map(|attribute| Some((attribute, coalesce(&dimensions, attribute, &self.priorities)?)))
            .collect();
        let golden = GoldenRow { key: (&*root).into(), ..golden };
        Ok(Some(Entity { kind, golden, dimensions, coalesced, origins, pins }))
    }
}

/// Mirrors the compiled reference tables to the database.
///
/// # Errors
/// When the database refuses.
pub async fn mirror(store: &mut Store) -> Result<(), Error> {
    let tables: Vec<_> = reference_tables()
        .iter()
        .map(|table| ReferenceRows {
            name: table.name,
            version: table.version,
            columns: &table.columns,
            rows: &table.rows,
        })
        .collect();
    store.mirror_reference(&tables).await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Services spawn such futures on a runtime of many threads.
    #[test]
    fn futures_of_the_engine_can_be_sent() {
        fn sent(_: impl Send) {}
        sent(Engine::open("sqlite::memory:"));
        sent(async { Engine::open("sqlite::memory:").await?.entity(EntityKind::Company, "acme.com").await });
    }
}
