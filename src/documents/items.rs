//! The items of a batch, from the file to what is stored of each.

use super::envelope::{self, About, Envelope, Fault};
use super::json::Json;
use firmograph_core::{EntityKind, Error, Reject, RejectCode};
use firmograph_sources::{Input, Item, Record};
use serde_json::Value;
use std::collections::HashMap;

/// Text of a transaction at most.
const BATCH_BYTES: usize = 64 << 20;

/// One thing in a file, with its envelope where it has one.
pub(super) enum Read {
    Said(Record, Envelope),
    Reject(Reject),
    Blank,
}

/// The keys of golden rows by their ids.
pub(super) type KeysOfIds = HashMap<(EntityKind, Box<str>), Box<str>>;

/// Reads the envelope of an item. The document itself is checked and let go: it stands in the payload.
pub(super) fn read(item: Item) -> Read {
    match item {
        Item::Blank(_) => Read::Blank,
        Item::Reject(reject) => Read::Reject(reject),
        Item::Record(record) => match envelope::read(&record.payload) {
            Ok(said) => Read::Said(record, Envelope { document: Json::Null, ..said }),
            Err(fault) => Read::Reject(reject(fault, &record)),
        },
    }
}

pub(super) fn reject(fault: Fault, record: &Record) -> Reject {
    Reject {
        code: fault.code,
        position: record.position,
        column: (!fault.pointer.is_empty()).then_some(fault.pointer),
        cause: fault.cause,
        original: record.payload.as_bytes().to_vec(),
    }
}

/// The document as it is stored. One that names a golden row by its id is stored with the key of that row beside: ids follow from keys
/// and are others tomorrow, and what a payload says may not depend on the day on which it is read.
pub(super) fn with_key(payload: &str, said: &mut Envelope, ids: &KeysOfIds) -> Result<Box<str>, Fault> {
    let About::Id(id) = &said.about else { return Ok(payload.into()) };
    let key = ids.get(&(said.entity, id.clone())).ok_or_else(|| {
        let cause = format!("there is no {} with the id {id:?}", said.entity.name());
        Fault::new(RejectCode::UnknownId, "/id", cause)
    })?;
    let open = payload.trim_end().strip_suffix('}').unwrap_or(payload);
    let body = format!("{open},\"key\":{}}}", Value::from(&**key));
    said.about = About::Key(key.clone());
    Ok(body.into())
}

/// The next items, and whether the file ends behind them.
pub(super) fn next_batch(input: &mut Input, rows: usize) -> Result<(Vec<Item>, bool), Error> {
    let (mut items, mut bytes) = (Vec::new(), 0);
    while items.len() < rows && bytes < BATCH_BYTES {
        let Some(item) = input.next_item()? else { return Ok((items, true)) };
        bytes += match &item {
            Item::Record(record) => record.payload.len(),
            Item::Reject(reject) => reject.original.len(),
            Item::Blank(_) => 0,
        };
        items.push(item);
    }
    Ok((items, false))
}
