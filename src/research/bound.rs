//! A cache that is full gives up the answers that nobody was given for longest.

use super::ResearchCache;
use firmograph_core::{Error, ErrorKind};
use std::sync::{Mutex, PoisonError};

/// Answers that this process may store before it counts again what all have stored.
const UNCOUNTED: u32 = 64;
/// Answers that are given up at a time.
const PAGE: usize = 256;

/// What there was when it was counted last, and what this process has stored since.
#[derive(Default)]
pub(super) struct Bound(Mutex<Option<Counted>>);

#[derive(Clone, Copy)]
struct Counted {
    rows: i64,
    bytes: i64,
    since: u32,
}

impl ResearchCache {
    /// Refuses an answer that would not fit into an empty cache.
    pub(super) fn check_size(&self, size: i64) -> Result<(), Error> {
        match self.options.max_bytes {
            Some(most) if u64::try_from(size).is_ok_and(|size| size > most) => {
                let message = format!("the answer has {size} bytes, and the cache keeps {most} in all");
                Err(Error::new(ErrorKind::Usage, "too-large", message))
            }
            _ => Ok(()),
        }
    }

    /// Holds the bound after an answer of this size was stored. Counting reads every row, so it is done where this process alone
    /// may have gone over the bound, and after every 64 answers for what others stored.
    pub(super) async fn hold_bound(&self, size: i64) -> Result<(), Error> {
        if self.options.max_rows.is_none() && self.options.max_bytes.is_none() {
            return Ok(());
        }
        let counts = {
            let mut counted = self.bound.0.lock().unwrap_or_else(PoisonError::into_inner);
            match &mut *counted {
                None => true,
                Some(counted) => {
                    counted.rows += 1;
                    counted.bytes = counted.bytes.saturating_add(size);
                    counted.since += 1;
                    counted.since >= UNCOUNTED || self.is_over(counted.rows, counted.bytes)
                }
            }
        };
        if counts { self.evict().await.map(drop) } else { Ok(()) }
    }

    fn is_over(&self, rows: i64, bytes: i64) -> bool {
        let over =
            |has: i64, most: Option<u64>| most.is_some_and(|most| u64::try_from(has).unwrap_or(0) > most);
        over(rows, self.options.max_rows) || over(bytes, self.options.max_bytes)
    }

    /// Gives up the answers that were given least recently, as many as the bounds ask for; of those of one instant, the least
    /// hash first. Rows of other programs stay and are not counted. Gives how many went.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn evict(&self) -> Result<u64, Error> {
        self.flush().await?;
        let mut lent = self.writes.begin().await?;
        let done = async {
            let store = lent.store();
            let (mut rows, mut bytes) = store.research_size().await?;
            let mut evicted = 0;
            while self.is_over(rows, bytes) {
                let oldest = store.least_hit_research(PAGE).await?;
                let mut gone = Vec::new();
                for (key, size) in &oldest {
                    if !self.is_over(rows, bytes) {
                        break;
                    }
                    gone.push(key.as_str());
                    (rows, bytes) = (rows - 1, bytes - size);
                }
                if gone.is_empty() {
                    break;
                }
                evicted += store.delete_research(&gone).await?;
            }
            Ok((evicted, Counted { rows, bytes, since: 0 }))
        }
        .await;
        let (evicted, counted) = lent.end(done).await?;
        *self.bound.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(counted);
        Ok(evicted)
    }
}
