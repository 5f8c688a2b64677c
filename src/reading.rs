//! A file that is read, a batch at a time, by threads of its own.

use crate::collect::{Batch, collect};
use crate::reader;
use crate::tell::Teller;
use firmograph_core::Error;
use firmograph_sources::Input;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread::JoinHandle;
use tokio::sync::mpsc::Receiver;

/// Pieces that wait to be collected while the next is read.
const PIECES_AHEAD: usize = 4;

/// The batches of one file.
pub(crate) struct Reading {
    batches: Receiver<Result<Batch, Error>>,
    threads: [JoinHandle<()>; 2],
}

impl Reading {
    /// Reads `input` in batches of `rows` after the first `skip` items; a batch ends at each of `cuts`, too, which are numbers
    /// of items from the start. With `tells`, records come with their meaning.
    pub(crate) fn start(
        input: Input,
        teller: Teller,
        skip: u64,
        cuts: Vec<u64>,
        rows: usize,
        interrupted: Arc<AtomicBool>,
        tells: bool,
    ) -> Self {
        let (pieces, read_pieces) = std::sync::mpsc::sync_channel(PIECES_AHEAD);
        // One batch waits while one is written; more would only hold memory.
        let (sink, batches) = tokio::sync::mpsc::channel(1);
        let identity = teller.identity.clone();
        let reading = std::thread::spawn(move || {
            reader::read(input, &identity, skip, &cuts, rows, &interrupted, &pieces);
        });
        let collecting = std::thread::spawn(move || collect(&read_pieces, &teller, tells, &sink));
        Reading { batches, threads: [reading, collecting] }
    }

    /// The next batch, or why there is none; `None` where the file ends, or was interrupted.
    pub(crate) async fn next(&mut self) -> Option<Result<Batch, Error>> {
        self.batches.recv().await
    }

    /// Ends the threads, wherever they are.
    pub(crate) fn end(self) {
        drop(self.batches);
        for thread in self.threads {
            if let Err(panic) = thread.join() {
                std::panic::resume_unwind(panic);
            }
        }
    }
}
