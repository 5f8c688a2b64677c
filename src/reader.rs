//! Reads a file in a thread of its own, in pieces, with the identity of each payload.

use firmograph_core::{Error, ErrorKind, Field, PayloadId, Position, Reject, RejectCode, Source, Timestamp};
use firmograph_sources::{Input, Item, Record};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;

/// Text held by one batch at most; a batch is cut here whatever its row count.
const BATCH_BYTES: usize = 256 << 20;
/// Items handed on at a time: enough for the hand-over to cost nothing, few enough that their memory is used again.
const PIECE_ITEMS: u64 = 4_096;

/// A record with the identity of its payload.
#[derive(Debug, Clone)]
pub(crate) struct Identified {
    pub(crate) record: Record,
    pub(crate) id: PayloadId,
    pub(crate) observed_at: Option<Timestamp>,
}

/// Consecutive items of one file.
#[derive(Debug, Default)]
pub(crate) struct Piece {
    pub(crate) records: Vec<Identified>,
    pub(crate) rejects: Vec<Reject>,
    pub(crate) blank: u64,
    /// Items, blank ones too: what a resumed run passes over.
    pub(crate) items: u64,
    /// Whether a batch ends here.
    pub(crate) ends_batch: bool,
    /// Whether the file ends here.
    pub(crate) is_last: bool,
    /// Bytes of the file read up to its end.
    pub(crate) bytes_read: u64,
    /// Keys that no mapping read, of the file so far; told where a batch ends.
    pub(crate) unread: Vec<(String, u64)>,
}

/// What identifies a payload beside its text.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    pub(crate) source: Source,
    pub(crate) header: Option<PayloadId>,
    pub(crate) observed_at: Option<Timestamp>,
}

impl Identity {
    /// Hash of source, observed-at, header and text, each with its length before it.
    pub(crate) fn payload_id(&self, body: &str, observed_at: Option<Timestamp>) -> PayloadId {
        let observed_at = observed_at.map_or(i64::MIN, Timestamp::as_microsecond);
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(self.source.as_str().len() as u64).to_le_bytes());
        hasher.update(self.source.as_str().as_bytes());
        hasher.update(&observed_at.to_le_bytes());
        hasher.update(&self.header.map_or([0; 16], |header| header.0));
        hasher.update(body.as_bytes());
        truncated(&hasher.finalize())
    }

    pub(crate) fn identified(&self, record: Record) -> Result<Identified, Reject> {
        let observed_at = match record.fields.get(Field::ObservedAt) {
            None => self.observed_at,
            Some(text) => Some(parse_time(text).ok_or_else(|| Reject {
                code: RejectCode::BadDate,
                position: record.position,
                column: Some(Field::ObservedAt.name().to_owned()),
                cause: format!("{text:?} is not a date"),
                original: record.payload.as_bytes().to_vec(),
            })?),
        };
        Ok(Identified { id: self.payload_id(&record.payload, observed_at), record, observed_at })
    }
}

/// The first 16 bytes of a hash.
pub(crate) fn truncated(hash: &blake3::Hash) -> PayloadId {
    let mut id = [0; 16];
    id.copy_from_slice(&hash.as_bytes()[..16]);
    PayloadId(id)
}

/// Identity of a table's header: its column names as a JSON array.
pub(crate) fn header_id(columns: &str) -> PayloadId {
    truncated(&blake3::hash(columns.as_bytes()))
}

/// Bytes at the start and at the end of a file that tell it from another of the same size.
const FINGERPRINTED: u64 = 1 << 20;

/// Size and hash of both ends of the file: whether a resumed run reads the same one.
pub(crate) fn file_fingerprint(path: &Path) -> Result<String, Error> {
    let hash = || -> std::io::Result<String> {
        let mut file = std::fs::File::open(path)?;
        let size = file.metadata()?.len();
        let mut ends = Vec::new();
        file.by_ref().take(FINGERPRINTED).read_to_end(&mut ends)?;
        file.seek(SeekFrom::Start(size.saturating_sub(FINGERPRINTED)))?;
        file.take(FINGERPRINTED).read_to_end(&mut ends)?;
        Ok(format!("{size}-{}", truncated(&blake3::hash(&ends))))
    };
    hash().map_err(|error| {
        Error::new(ErrorKind::Environment, "cannot-read", format!("{}: {error}", path.display()))
            .with_cause(error)
    })
}

/// A date (midnight UTC), or an instant: a date and a time as in RFC 3339, with a blank for the `T` and `+00` for `+00:00`
/// as databases write them, and in UTC where no offset is named.
pub(crate) fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let with = |end: &str| format!("{text}{end}").parse().ok();
    text.parse().ok().or_else(|| with("T00:00:00Z")).or_else(|| with("Z"))
}

/// Reads pieces into `sink` until the file ends, the receiver is gone, or `interrupted`. A batch ends at each of `cuts`, which
/// are numbers of items from the start of the file.
pub(crate) fn read(
    mut input: Input,
    identity: &Identity,
    skip: u64,
    cuts: &[u64],
    batch_rows: usize,
    interrupted: &AtomicBool,
    sink: &SyncSender<Result<Piece, Error>>,
) {
    let mut passed = 0;
    let room = batch_rows.min(PIECE_ITEMS as usize);
    let fresh = || Piece { records: Vec::with_capacity(room), ..Piece::default() };
    let mut piece = fresh();
    // Of the batch so far.
    let (mut bytes, mut rows) = (0, 0);
    loop {
        let item = match input.next_item() {
            Ok(Some(item)) => item,
            Ok(None) => break,
            Err(error) => {
                // What was read before the failure is still good.
                piece.bytes_read = input.bytes_read();
                piece.ends_batch = true;
                if sink.send(Ok(piece)).is_ok() {
                    drop(sink.send(Err(error)));
                }
                return;
            }
        };
        if passed < skip {
            passed += 1;
            continue;
        }
        piece.items += 1;
        rows += 1;
        passed += 1;
        match item {
            Item::Record(record) => match identity.identified(record) {
                Ok(identified) => {
                    let Record { payload, fields, also, .. } = &identified.record;
                    bytes += payload.len() + fields.text_len();
                    bytes += also.iter().map(|fields| fields.text_len()).sum::<usize>();
                    piece.records.push(identified);
                }
                Err(reject) => piece.rejects.push(reject),
            },
            Item::Reject(reject) => {
                bytes += reject.original.len();
                piece.rejects.push(reject);
            }
            Item::Blank(Position { .. }) => piece.blank += 1,
        }
        piece.ends_batch = rows >= batch_rows || bytes >= BATCH_BYTES || cuts.contains(&passed);
        if piece.ends_batch || piece.items >= PIECE_ITEMS {
            if piece.ends_batch {
                (bytes, rows) = (0, 0);
                piece.unread = input.unread_keys();
            }
            piece.bytes_read = input.bytes_read();
            if sink.send(Ok(std::mem::replace(&mut piece, fresh()))).is_err() {
                return;
            }
        }
        if interrupted.load(Ordering::Relaxed) {
            return;
        }
    }
    (piece.ends_batch, piece.is_last) = (true, true);
    piece.unread = input.unread_keys();
    piece.bytes_read = input.bytes_read();
    drop(sink.send(Ok(piece)));
}

#[cfg(test)]
mod tests {
    use super::parse_time;

    #[test]
    fn everyday_forms_of_instants() {
        let cases = [
            ("2026-01-31", "2026-01-31T00:00:00Z"),
            ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
            (" 2026-01-31T12:00:00+02:00", "2026-01-31T10:00:00Z"),
            ("2021-07-28T00:00:00.000+00:00", "2021-07-28T00:00:00Z"),
            ("2026-02-18 03:36:52.373", "2026-02-18T03:36:52.373Z"),
            ("2026-02-18T03:36", "2026-02-18T03:36:00Z"),
            ("2026-01-08 00:46:57.190453+00", "2026-01-08T00:46:57.190453Z"),
            ("2026-01-08 00:46:57-05", "2026-01-08T05:46:57Z"),
        ];
        for (text, instant) in cases {
            assert_eq!(parse_time(text).map(|time| time.to_string()).as_deref(), Some(instant), "{text}");
        }
        for text in ["05-2025", "2016", "2024-08", "yesterday", "", "12:30", "2026-02-30", "01/02/2026"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }
}
