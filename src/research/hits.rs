//! Answers that were given instead of asking again. They are counted in memory and written together, so that who reads waits
//! for no writer.

use super::ResearchCache;
use firmograph_core::{Error, MicroDollars, Timestamp};
use firmograph_store::ResearchHits;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Hits that are written together.
const TOGETHER: i64 = 64;
/// How long a hit waits to be written, as long as there are further ones.
const LONGEST: Duration = Duration::from_secs(5);

#[derive(Default)]
pub(super) struct Hits(Mutex<Waiting>);

#[derive(Default)]
struct Waiting {
    /// In one order for all, so that no two writers wait for each other.
    by_key: BTreeMap<String, ResearchHits>,
    count: i64,
    since: Option<Timestamp>,
}

impl Hits {
    /// Counts a hit; gives whether it is time to write.
    fn add(&self, key: &str, saved: MicroDollars, now: Timestamp) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let none = ResearchHits { hits: 0, saved: MicroDollars::ZERO, last_hit_at: now };
        let of_key = waiting.by_key.entry(key.to_owned()).or_insert(none);
        of_key.hits += 1;
        of_key.saved = of_key.saved.saturating_add(saved);
        of_key.last_hit_at = of_key.last_hit_at.max(now);
        waiting.count += 1;
        let since = *waiting.since.get_or_insert(now);
        let is_late = Duration::try_from(now.duration_since(since)).is_ok_and(|waited| waited >= LONGEST);
        waiting.count >= TOGETHER || is_late
    }

    fn take(&self) -> BTreeMap<String, ResearchHits> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner)).by_key
    }

    fn put_back(&self, hits: BTreeMap<String, ResearchHits>) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (key, of_key) in hits {
            waiting.count += of_key.hits;
            let since = waiting.since.map_or(of_key.last_hit_at, |since| since.min(of_key.last_hit_at));
            waiting.since = Some(since);
            let none = ResearchHits { hits: 0, saved: MicroDollars::ZERO, ..of_key };
            let into = waiting.by_key.entry(key).or_insert(none);
            into.hits += of_key.hits;
            into.saved = into.saved.saturating_add(of_key.saved);
            into.last_hit_at = into.last_hit_at.max(of_key.last_hit_at);
        }
    }
}

impl ResearchCache {
    /// Counts an answer that was given; those that wait are written now and then. That they cannot be written is no reason not
    /// to give it.
    pub(super) async fn count_hit(&self, key: &str, saved: MicroDollars, now: Timestamp) {
        if self.hits.add(key, saved, now) {
            drop(self.flush().await);
        }
    }

    /// Writes the hits that were counted in memory: at most 64, or those of five seconds. To be called before the cache is
    /// dropped.
    ///
    /// # Errors
    /// When the database refuses; the hits wait on then.
    pub async fn flush(&self) -> Result<(), Error> {
        let hits = self.hits.take();
        if hits.is_empty() {
            return Ok(());
        }
        let written = async {
            let mut lent = self.writes.lend().await?;
            lent.store().begin_apart().await?;
            let mut done = Ok(());
            for (key, of_key) in &hits {
                done = lent.store().add_research_hits(key, *of_key).await;
                if done.is_err() {
                    break;
                }
            }
            lent.end(done).await
        };
        let written: Result<(), Error> = written.await;
        if written.is_err() {
            self.hits.put_back(hits);
        }
        written
    }
}
