//! Makes batches of the pieces that are read, in a thread of its own.

use crate::reader::{Identified, Piece};
use crate::tell::{Chunk, Teller};
use firmograph_core::{Error, PayloadId, Reject};
use std::collections::HashSet;
use std::sync::mpsc::Receiver;
use tokio::sync::mpsc::Sender;

/// Consecutive items of one file, written together.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) content: Content,
    /// Records whose payload stands in the batch already.
    pub(crate) repeated: u64,
    pub(crate) rejects: Vec<Reject>,
    pub(crate) blank: u64,
    /// Records, rejected and repeated ones too, and blank lines.
    pub(crate) items: u64,
    /// Whether the file ends here.
    pub(crate) is_last: bool,
    /// Bytes of the file read up to its end.
    pub(crate) bytes_read: u64,
    /// Keys that no mapping read, of the file so far.
    pub(crate) unread: Vec<(String, u64)>,
}

/// Records of a batch: as read, or with their meaning.
#[derive(Debug, Default)]
pub(crate) struct Content {
    /// Where payloads may be known: those are dropped before anybody asks what they mean.
    pub(crate) read: Vec<Identified>,
    /// Where nothing is stored yet: told while the next are read, which keeps both cores busy and memory small.
    pub(crate) told: Vec<Chunk>,
}

impl Content {
    /// How many payloads there are.
    pub(crate) fn len(&self) -> usize {
        self.read.len() + self.told.iter().map(Chunk::payloads).sum::<usize>()
    }

    /// Each payload with the physical line on which it stands.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (PayloadId, u64)> {
        let told = self.told.iter().flat_map(|chunk| &chunk.rows);
        let told = told.filter(|row| !row.is_further).map(|row| (row.payload.id, row.payload.line));
        self.read.iter().map(|record| (record.id, record.record.position.line)).chain(told)
    }

    /// Keeps the records whose payload is wanted.
    pub(crate) fn retain(&mut self, keeps: impl Fn(&PayloadId) -> bool) {
        self.read.retain(|record| keeps(&record.id));
        self.told.iter_mut().for_each(|chunk| chunk.retain(|row| keeps(&row.payload.id)));
    }
}

/// Collects pieces into batches for `sink` until there are no more or the receiver is gone. With `tells`, records are
/// given their meaning at once.
pub(crate) fn collect(
    pieces: &Receiver<Result<Piece, Error>>,
    teller: &Teller,
    tells: bool,
    sink: &Sender<Result<Batch, Error>>,
) {
    let mut batch = Batch::default();
    let mut seen: HashSet<PayloadId, ahash::RandomState> = HashSet::default();
    for piece in pieces {
        let mut piece = match piece {
            Ok(piece) => piece,
            Err(error) => return drop(sink.blocking_send(Err(error))),
        };
        let before = piece.records.len();
        piece.records.retain(|record| seen.insert(record.id));
        batch.repeated += (before - piece.records.len()) as u64;
        if tells {
            let mut chunk = teller.tell(piece.records);
            batch.rejects.append(&mut chunk.rejects);
            batch.content.told.push(chunk);
        } else {
            batch.content.read.append(&mut piece.records);
        }
        batch.rejects.append(&mut piece.rejects);
        batch.blank += piece.blank;
        batch.items += piece.items;
        (batch.is_last, batch.bytes_read) = (piece.is_last, piece.bytes_read);
        if piece.ends_batch {
            seen.clear();
            batch.unread = piece.unread;
            if sink.blocking_send(Ok(std::mem::take(&mut batch))).is_err() {
                return;
            }
        }
    }
}
