//! Work shared over the machine's cores with scoped threads.
//!
//! No global pool: a pool that was started before a fork hangs the forked child, and Python programs fork.

use std::num::NonZero;
use std::sync::Mutex;

/// Pieces below this size are not worth a thread.
const LEAST: usize = 256;

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}

/// `items` in about four consecutive pieces per thread.
pub(crate) fn chunks<T>(items: &[T]) -> Vec<&[T]> {
    items.chunks(items.len().div_ceil(threads() * 4).max(LEAST)).collect()
}

/// The same, of items that the work takes for its own.
pub(crate) fn owned_chunks<T>(items: Vec<T>) -> Vec<Vec<T>> {
    let size = items.len().div_ceil(threads() * 4).max(LEAST);
    let mut items = items.into_iter();
    let pieces = std::iter::repeat_with(|| items.by_ref().take(size).collect::<Vec<_>>());
    pieces.take_while(|piece| !piece.is_empty()).collect()
}

/// Applies `work` to each item on all cores; results come in the order of the items.
pub(crate) fn map<T: Send, U: Send>(items: Vec<T>, work: impl Fn(T) -> U + Sync) -> Vec<U> {
    let threads = threads().min(items.len());
    if threads <= 1 {
        return items.into_iter().map(work).collect();
    }
    let queue = Mutex::new(items.into_iter().enumerate());
    let mut results: Vec<(usize, U)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut mine = Vec::new();
                    loop {
                        let next = queue.lock().map_or(None, |mut queue| queue.next());
                        let Some((index, item)) = next else { return mine };
                        mine.push((index, work(item)));
                    }
                })
            })
            .collect();
        let joined = workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        joined.flatten().collect()
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_of_the_items() {
        let items: Vec<usize> = (0..10_000).collect();
        assert_eq!(map(items.clone(), |n| n * 2), items.iter().map(|n| n * 2).collect::<Vec<_>>());
        assert_eq!(chunks(&items).concat(), items);
        assert_eq!(owned_chunks(items.clone()).concat(), items);
        assert!(chunks(&[0_u8; 0]).is_empty());
    }
}
