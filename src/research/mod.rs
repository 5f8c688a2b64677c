//! What was researched is not paid twice: answers are kept until their time is over, and of those who ask the same at once, one
//! asks and the others wait for its answer, also in other processes.

mod bound;
mod flight;
mod found;
mod hits;
mod key;
mod text;

pub use found::{Found, Research, ResearchError, ResearchOrigin};
pub use key::ResearchKey;

use crate::SharedClock;
use crate::budget::connections::{self, Connections};
use crate::budget::to_the_millisecond;
use bound::Bound;
use firmograph_core::{Error, ErrorKind, Timestamp};
use firmograph_store::{ResearchRow, ResearchStats};
use flight::LocalFlights;
use hits::Hits;
use std::sync::Arc;
use std::time::Duration;
use ulid::Ulid;

/// How long the rights to ask of those who did not end are left alone.
const FLIGHTS_KEPT: Duration = Duration::from_secs(3_600);

/// What becomes of an answer whose time is over while the budget pays for no other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Stale {
    /// The refusal is told.
    #[default]
    Refuse,
    /// It is given, and says so.
    Serve,
}

/// How a research cache keeps answers.
#[derive(Clone)]
pub struct ResearchOptions {
    /// How long an answer counts; `None` for ever.
    pub time_to_live: Option<Duration>,
    /// How long it is remembered that nothing was found; `None` for ever.
    pub miss_time_to_live: Option<Duration>,
    /// How long the right to ask is held without being renewed, which happens three times in it: after it, another process that
    /// saw no renewal for half of it asks, where one was killed. Hosts that share a server must have clocks that agree within
    /// this time: one that is further ahead takes over from another that misses a single renewal, one that is further behind
    /// waits so much longer.
    pub flight_time_to_live: Duration,
    /// The longest pause between two looks at an answer for which another process asks.
    pub longest_pause: Duration,
    /// What becomes of an answer whose time is over while the budget pays for no other.
    pub stale: Stale,
    /// How long [`ResearchCache::expire`] keeps answers whose time is over, where they may be served.
    pub stale_grace: Duration,
    /// The most answers that are kept.
    pub max_rows: Option<u64>,
    /// The most bytes of answers that are kept.
    pub max_bytes: Option<u64>,
    /// How this process calls itself where it holds the right to ask.
    pub holder: Option<String>,
    /// Connections on PostgreSQL; SQLite has one writer, and a second connection that reads.
    pub connections: usize,
    /// Whether a connection that was lost is opened again; a program that must know which files it has open says no.
    pub reconnects: bool,
    /// Tells the time.
    pub clock: SharedClock,
}

impl ResearchOptions {
    /// Answers count for thirty days, misses for one, flights for thirty seconds; no bound, nothing stale.
    #[must_use]
    pub fn new(clock: SharedClock) -> Self {
        let day = Duration::from_secs(24 * 3_600);
        ResearchOptions {
            time_to_live: Some(30 * day),
            miss_time_to_live: Some(day),
            flight_time_to_live: Duration::from_secs(30),
            longest_pause: Duration::from_millis(500),
            stale: Stale::Refuse,
            stale_grace: 90 * day,
            max_rows: None,
            max_bytes: None,
            holder: None,
            connections: 4,
            reconnects: true,
            clock,
        }
    }
}

/// A cache of research in a database. Many tasks share one; many processes may have one each.
///
/// ```
/// use firmograph::{Found, ResearchCache, ResearchKey, ResearchOptions, ResearchOrigin};
/// use std::sync::Arc;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// let clock = Arc::new(|| "2026-03-01T12:00:00Z".parse().unwrap());
/// let cache = ResearchCache::open("sqlite::memory:", ResearchOptions::new(clock)).await?;
/// let key = ResearchKey::new("acme", "company", "northlight-robotics.com", "funding");
/// let ask = || async { Ok::<_, std::io::Error>(Some(Found { cost: "0.05".parse().unwrap(), ..Found::text("Series B") })) };
///
/// let first = cache.get_or_compute(&key, ask).await?;
/// let second = cache.get_or_compute(&key, ask).await?;
/// assert_eq!((first.origin, second.origin), (ResearchOrigin::Computed, ResearchOrigin::Cache));
/// assert_eq!((second.found.unwrap().content.as_str(), second.saved.to_string().as_str()), ("Series B", "0.05"));
/// assert_eq!(cache.stats().await?.hits, 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ResearchCache {
    writes: Arc<Connections>,
    /// A connection that waits for no writer; none where the database is in memory, and gone with its connection.
    reads: Option<Connections>,
    options: ResearchOptions,
    /// Tells this cache from every other that may hold a flight.
    holder: String,
    local: LocalFlights,
    hits: Arc<Hits>,
    bound: Bound,
}

impl ResearchCache {
    /// Opens a database and brings its tables up to this version.
    ///
    /// # Errors
    /// When the database cannot be opened or migrated.
    pub async fn open(url: &str, options: ResearchOptions) -> Result<Self, Error> {
        let mut store = connections::open(url).await?;
        store.bring_up_to_date().await?;
        let in_memory = url.contains(":memory:") || url.contains("mode=memory");
        let reads = if store.is_postgres() || in_memory {
            None
        } else {
            Some(Connections::new(connections::open(url).await?, 1, options.reconnects))
        };
        let name = options.holder.as_deref().unwrap_or("research").replace('\0', "");
        let holder = format!("{name} {}", Ulid::generate());
        // What is in memory is gone with its connection: another one would begin with nothing, and everything be paid again.
        let reconnects = options.reconnects && !in_memory;
        let writes = Arc::new(Connections::new(store, options.connections, reconnects));
        let (local, hits) = (LocalFlights::default(), Arc::default());
        Ok(ResearchCache { writes, reads, options, holder, local, hits, bound: Bound::default() })
    }

    fn now(&self) -> Timestamp {
        to_the_millisecond((self.options.clock)())
    }

    fn reads(&self) -> &Connections {
        self.reads.as_ref().unwrap_or(&self.writes)
    }

    /// Deletes answers whose time is over, those that may be served stale after the grace; gives how many. Rows of other
    /// programs stay.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn expire(&self) -> Result<u64, Error> {
        let now = self.now();
        let before = match self.options.stale {
            Stale::Refuse => now,
            // Not every database has times before Christ.
            Stale::Serve => {
                let before = now.checked_sub(self.options.stale_grace).unwrap_or(Timestamp::UNIX_EPOCH);
                before.max(Timestamp::UNIX_EPOCH)
            }
        };
        // Who is asking and waits for the database may yet renew a right whose time is over.
        let flights = now
            .checked_sub(FLIGHTS_KEPT.max(self.options.flight_time_to_live))
            .unwrap_or(Timestamp::UNIX_EPOCH);
        let mut lent = self.writes.begin().await?;
        let expired = lent.store().expire_research(before, flights).await;
        lent.end(expired).await
    }

    /// Rows without their content, newest first, those of other programs too: of a workspace, of a company or person, or all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(
        &self,
        workspace: Option<&str>,
        entity_id: Option<&str>,
        limit: usize,
    ) -> Result<Vec<ResearchRow>, Error> {
        self.flush().await?;
        let mut lent = self.reads().lend().await?;
        let rows = lent.store().research_rows(workspace, entity_id, limit).await?;
        lent.give_back();
        Ok(rows)
    }

    /// The row with this id, or with this hash of a question.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn show(&self, id: &str) -> Result<Option<ResearchRow>, Error> {
        let mut lent = self.reads().lend().await?;
        let row = lent.store().research_by_id(id).await?;
        lent.give_back();
        Ok(row)
    }

    /// The stored answer to a question, which counts as a hit; as [`ResearchOrigin::Stale`] where its time is over: for who was
    /// refused the money to ask again. `None` where nobody asked yet.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stored(&self, key: &ResearchKey) -> Result<Option<Research>, Error> {
        key.check()?;
        let (hash, now) = (key.hash(), self.now());
        let mut lent = self.reads().lend().await?;
        let row = lent.store().research(&hash).await?;
        lent.give_back();
        let Some(row) = row else { return Ok(None) };
        let is_over = row.expires_at.is_some_and(|expires_at| expires_at <= now);
        let origin = if is_over { ResearchOrigin::Stale } else { ResearchOrigin::Cache };
        let research = Research::stored(row, origin, now);
        self.count_hit(&hash, research.saved, now);
        Ok(Some(research))
    }

    /// Sums over the rows that are kept.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stats(&self) -> Result<ResearchStats, Error> {
        self.flush().await?;
        let mut lent = self.reads().lend().await?;
        let stats = lent.store().research_stats(self.now()).await?;
        lent.give_back();
        Ok(stats)
    }

    /// When an answer that was given now is over.
    fn expiry(&self, is_miss: bool, now: Timestamp) -> Result<Option<Timestamp>, Error> {
        let live = if is_miss { self.options.miss_time_to_live } else { self.options.time_to_live };
        let Some(live) = live else { return Ok(None) };
        now.checked_add(live).map(Some).map_err(|error| {
            let message = "the time to live goes beyond the calendar";
            Error::new(ErrorKind::Usage, "bad-date", message).with_cause(error)
        })
    }
}
