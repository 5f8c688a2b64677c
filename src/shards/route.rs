//! Gives each shard the records of a batch that are its own.

use super::map::placed;
use crate::collect::Batch;
use crate::parallel;
use crate::pipeline::{PipelineOptions, read};
use crate::reader::Identified;
use firmograph_sources::Record;
use std::collections::BTreeSet;

/// What of a batch goes to one shard.
pub(super) struct Routed {
    pub(super) batch: Batch,
    /// Payloads among them that another shard counts, too.
    pub(super) shared: u64,
}

/// Rejects, blank lines and repeated records are counted here, as is what nobody is identified by.
pub(super) const FIRST: usize = 0;

/// Parts a batch by shard. A payload that holds records of several shards goes to each of them.
pub(super) fn route(batch: Batch, shards: usize, options: &PipelineOptions) -> Vec<Routed> {
    let Batch { content, repeated, rejects, blank, items, is_last, bytes_read, unread } = batch;
    let mut routed: Vec<Routed> = (0..shards)
        .map(|_| {
            let batch = Batch { items, is_last, bytes_read, ..Batch::default() };
            Routed { batch, shared: 0 }
        })
        .collect();
    let of_records = parallel::map(parallel::owned_chunks(content.read), |records| {
        let shards_of = |record: Identified| (shards_of(&record.record, shards, options), record);
        records.into_iter().map(shards_of).collect::<Vec<_>>()
    });
    for (places, record) in of_records.into_iter().flatten() {
        let mut others = places.into_iter();
        let Some(first) = others.next() else { continue };
        for other in others {
            routed[other].shared += 1;
            routed[other].batch.content.read.push(record.clone());
        }
        routed[first].batch.content.read.push(record);
    }
    let first = &mut routed[FIRST].batch;
    (first.repeated, first.rejects, first.blank, first.unread) = (repeated, rejects, blank, unread);
    routed
}

/// The shards of a payload's records, never none: what identifies nobody is rejected by the first.
fn shards_of(record: &Record, shards: usize, options: &PipelineOptions) -> BTreeSet<usize> {
    let fields = std::iter::once(&record.fields).chain(&record.also);
    let of_fields = fields.filter_map(|fields| {
        let keys = read(fields, options, &mut |_, _| {}).ok()?;
        placed(&keys, shards as u32)
    });
    let mut places: BTreeSet<usize> = of_fields.map(|place| place as usize).collect();
    if places.is_empty() {
        places.insert(FIRST);
    }
    places
}
