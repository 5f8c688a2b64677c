//! Records spread over several databases, each of which is an ordinary one: by a published hash of the company key.
//!
//! A company has one shard, and a person is where its company is, so each shard settles its own companies and persons by
//! itself, and there is no transaction over two of them. What needs the rows of two shards is not done:
//!
//! - a company without a domain is joined to one with a domain only where both happen to be on one shard;
//! - a person of whom sources know several companies, or one and none, is a golden person on the shard of each;
//! - joins, maps, lookups, priorities and pins that a user sets hold for the shard on which they were set, and rows that other
//!   programs write stay where they were written;
//! - a payload that is given again with other repairs or another mapping goes where its key then says: that it is stored
//!   elsewhere is not known there.
//!
//! Of all others the golden rows of the shards together are those of one database that holds everything.

mod ingest;
mod map;
mod route;

pub use ingest::ShardedReport;
pub use map::{ShardMap, ShardPlace};

use crate::file_options::FileOptions;
use crate::identity::key_of_text;
use crate::{Engine, Entity};
use firmograph_core::{EntityKind, Error, ErrorKind};

/// Engines on the databases of a [`ShardMap`].
///
/// ```
/// use firmograph::{EntityKind, Hooks, IngestOptions, ShardMap, Sharded, Source, Timestamp};
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("leads.csv");
/// std::fs::write(&file, "Email,Company\nada@acme.com,ACME INC\nbo@brook-mills.com,Brook Mills\n")?;
///
/// let url = |name: &str| format!("sqlite://{}", folder.path().join(name).display());
/// let mut sharded = Sharded::open(ShardMap::new([url("a.db"), url("b.db"), url("c.db")])?).await?;
/// let options = IngestOptions::new(Source::new("csv")?);
/// let mut hooks = Hooks {
///     clock: &|| Timestamp::UNIX_EPOCH,
///     progress: &mut |_| {},
///     interrupted: Default::default(),
/// };
/// let report = sharded.ingest(&[file], &options, &mut hooks).await?;
/// assert_eq!(report.tally.accepted, 2);
///
/// let found = sharded.entity(EntityKind::Company, "acme.com").await?;
/// assert_eq!(found[0].shard, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Sharded {
    map: ShardMap,
    engines: Vec<Engine>,
}

/// A company or person, and where it is.
#[derive(Debug, Clone)]
pub struct LocatedEntity {
    /// Number of the shard, from 0.
    pub shard: usize,
    /// What is there.
    pub entity: Entity,
}

impl Sharded {
    /// Opens all databases and brings each up to this version.
    ///
    /// # Errors
    /// `other-shard` (usage) where a database was another shard, or one of another number of shards, when files were ingested;
    /// those of [`Engine::open`].
    pub async fn open(map: ShardMap) -> Result<Self, Error> {
        let mut engines = Vec::with_capacity(map.count());
        for (shard, url) in map.urls().iter().enumerate() {
            let mut engine = Engine::open(url).await?;
            refuse_other_place(&mut engine, &map.place(shard)).await?;
            engines.push(engine);
        }
        Ok(Sharded { map, engines })
    }

    /// Which database holds which key.
    #[must_use]
    pub fn map(&self) -> &ShardMap {
        &self.map
    }

    /// The engines of the shards, in order. Each is used as that of a single database is.
    pub fn engines(&mut self) -> &mut [Engine] {
        &mut self.engines
    }

    /// A company or person by key: [`Engine::entity`] of the one shard that can have it where the key says so
    /// ([`ShardMap::sure_shard`]), otherwise of all. A person of whom several companies are known may be on several shards.
    ///
    /// # Errors
    /// When a database does not answer.
    pub async fn entity(&mut self, kind: EntityKind, key: &str) -> Result<Vec<LocatedEntity>, Error> {
        let asked = match self.map.sure_shard(kind, key) {
            Some(shard) => shard..shard + 1,
            None => 0..self.engines.len(),
        };
        let mut found = Vec::new();
        for shard in asked {
            if let Some(entity) = self.engines[shard].entity(kind, key).await? {
                found.push(LocatedEntity { shard, entity });
            }
        }
        Ok(found)
    }

    /// A company or person as people write it; see [`Engine::find`] and [`Sharded::entity`].
    ///
    /// # Errors
    /// When a database does not answer.
    pub async fn find(&mut self, kind: EntityKind, text: &str) -> Result<Vec<LocatedEntity>, Error> {
        let key = key_of_text(kind, text);
        let found = self.entity(kind, &key).await?;
        // Not every key is what its text would be read as.
        if found.is_empty() && *key != *text { self.entity(kind, text).await } else { Ok(found) }
    }
}

/// Keys that were stored under another map would never be found.
async fn refuse_other_place(engine: &mut Engine, place: &ShardPlace) -> Result<(), Error> {
    for file in engine.store.files(None).await?.iter().rev() {
        let Some(options) = &file.options else { continue };
        let Some(was) = FileOptions::parse(options)?.shard else { continue };
        if was == *place {
            return Ok(());
        }
        let message = format!(
            "the database of shard {} of {} ({}) was shard {} of {} ({}) when run {} wrote to it",
            place.place, place.of, place.version, was.place, was.of, was.version, file.run_id
        );
        return Err(Error::new(ErrorKind::Usage, "other-shard", message).with_help(
            "name the same databases in the same order; for another number of shards, ingest the files into new databases",
        ));
    }
    Ok(())
}
