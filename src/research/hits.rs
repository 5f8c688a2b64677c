//! Answers that were given instead of asking again. They are counted in memory and written together, so that who reads waits
//! for no writer.

use super::ResearchCache;
use crate::SharedClock;
use crate::budget::connections::Connections;
use firmograph_core::{Error, MicroDollars, Timestamp};
use firmograph_store::ResearchHits;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Hits that are written together.
const TOGETHER: i64 = 64;
/// How long a hit waits to be written, as long as there are further ones; and how long they wait after they could not be.
const LONGEST: Duration = Duration::from_secs(5);

#[derive(Default)]
pub(super) struct Hits {
    waiting: Mutex<Waiting>,
    /// Held while they are written: who asks for sums waits for hits that are on their way.
    writing: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Waiting {
    /// In one order for all, so that no two writers wait for each other.
    by_key: BTreeMap<String, ResearchHits>,
    count: i64,
    since: Option<Timestamp>,
    /// They could not be written, and are not tried again before.
    not_before: Option<Timestamp>,
}

/// Hits that are being written. Those that were not written when it is dropped wait on, also where the task was cancelled.
struct Taken<'h> {
    hits: &'h Hits,
    by_key: BTreeMap<String, ResearchHits>,
    clock: &'h SharedClock,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if !self.by_key.is_empty() {
            self.hits.put_back(std::mem::take(&mut self.by_key), (self.clock)());
        }
    }
}

impl Hits {
    /// Counts a hit; gives whether it is time to write.
    fn add(&self, key: &str, saved: MicroDollars, now: Timestamp) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let none = ResearchHits { hits: 0, saved: MicroDollars::ZERO, last_hit_at: now };
        let of_key = waiting.by_key.entry(key.to_owned()).or_insert(none);
        of_key.hits += 1;
        of_key.saved = of_key.saved.saturating_add(saved);
        of_key.last_hit_at = of_key.last_hit_at.max(now);
        waiting.count += 1;
        let since = *waiting.since.get_or_insert(now);
        let is_late = Duration::try_from(now.duration_since(since)).is_ok_and(|waited| waited >= LONGEST);
        let may = waiting.not_before.is_none_or(|not_before| now >= not_before);
        may && (waiting.count >= TOGETHER || is_late)
    }

    fn take<'h>(&'h self, clock: &'h SharedClock) -> Taken<'h> {
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        Taken { hits: self, by_key: waiting.by_key, clock }
    }

    fn put_back(&self, hits: BTreeMap<String, ResearchHits>, now: Timestamp) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.not_before = now.checked_add(LONGEST).ok();
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

    async fn write(&self, connections: &Connections, clock: &SharedClock) -> Result<(), Error> {
        let _one = self.writing.lock().await;
        let mut taken = self.take(clock);
        if taken.by_key.is_empty() {
            return Ok(());
        }
        let mut lent = connections.begin().await?;
        let mut done = Ok(());
        for (key, of_key) in &taken.by_key {
            done = lent.store().add_research_hits(key, *of_key).await;
            if done.is_err() {
                break;
            }
        }
        lent.end(done).await?;
        taken.by_key.clear();
        Ok(())
    }
}

impl ResearchCache {
    /// Counts an answer that was given; those that wait are written now and then, by a task of its own: whoever is given an
    /// answer waits for no writer. That they cannot be written is no reason not to give it.
    pub(super) fn count_hit(&self, key: &str, saved: MicroDollars, now: Timestamp) {
        if self.hits.add(key, saved, now)
            && self.hits.writing.try_lock().is_ok()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let (hits, connections) = (Arc::clone(&self.hits), Arc::clone(&self.writes));
            let clock = Arc::clone(&self.options.clock);
            runtime.spawn(async move { drop(hits.write(&connections, &clock).await) });
        }
    }

    /// Writes the hits that were counted in memory: those of five seconds, at most 64 as long as they can be written. To be called
    /// before the cache is dropped.
    ///
    /// # Errors
    /// When the database refuses; the hits wait on then.
    pub async fn flush(&self) -> Result<(), Error> {
        self.hits.write(&self.writes, &self.options.clock).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_written_waits_on() {
        let noon: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        let clock: SharedClock = Arc::new(move || noon);
        let after = |seconds| noon.checked_add(Duration::from_secs(seconds)).unwrap();
        let (hits, cent) = (Hits::default(), MicroDollars::new(10_000));
        for number in 1..=TOGETHER {
            assert_eq!(hits.add("a", cent, noon), number == TOGETHER);
        }
        // A task that is cancelled while it writes.
        drop(hits.take(&clock));
        assert!(!hits.add("a", cent, after(4)), "it is not tried again with each hit");
        assert!(hits.add("a", cent, after(5)));
        let mut taken = hits.take(&clock);
        assert_eq!((taken.by_key["a"].hits, taken.by_key["a"].last_hit_at), (TOGETHER + 2, after(5)));
        taken.by_key.clear();
        drop(taken);
        assert!(!hits.add("a", cent, after(6)));
        assert_eq!(hits.take(&clock).by_key["a"].hits, 1);
    }
}
