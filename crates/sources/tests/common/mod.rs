//! Files written for a test, read whole.
#![allow(dead_code, reason = "each test file uses some of it")]

use firmograph_core::{Error, Field, Reject, RejectCode};
use firmograph_sources::{Decision, Input, Item, OpenOptions, Record};
use std::io::Write;
use tempfile::TempDir;

pub(crate) struct Read {
    pub(crate) decision: Decision,
    pub(crate) columns: Option<Vec<String>>,
    pub(crate) items: Vec<Item>,
    pub(crate) error: Option<Error>,
}

impl Read {
    pub(crate) fn records(&self) -> Vec<&Record> {
        self.items
            .iter()
            .filter_map(|item| if let Item::Record(record) = item { Some(record) } else { None })
            .collect()
    }

    pub(crate) fn rejects(&self) -> Vec<&Reject> {
        self.items
            .iter()
            .filter_map(|item| if let Item::Reject(reject) = item { Some(reject) } else { None })
            .collect()
    }

    pub(crate) fn codes(&self) -> Vec<RejectCode> {
        self.rejects().iter().map(|reject| reject.code).collect()
    }

    pub(crate) fn field(&self, record: usize, field: Field) -> Option<&str> {
        self.records()[record].fields.get(field)
    }

    pub(crate) fn lines(&self) -> Vec<u64> {
        self.records().iter().map(|record| record.position.line).collect()
    }
}

pub(crate) fn try_read(name: &str, bytes: &[u8], options: &OpenOptions) -> Result<Read, Error> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let mut input = Input::open(&path, options)?;
    let mut read = Read {
        decision: input.decision().clone(),
        columns: input.columns().map(<[String]>::to_vec),
        items: Vec::new(),
        error: None,
    };
    loop {
        match input.next_item() {
            Ok(Some(item)) => read.items.push(item),
            Ok(None) => break,
            Err(error) => {
                read.error = Some(error);
                assert!(input.next_item().unwrap().is_none(), "a broken file ends");
                return Ok(read);
            }
        }
    }
    assert_eq!(Some(input.bytes_read()), input.file_size());
    Ok(read)
}

pub(crate) fn read(name: &str, bytes: impl AsRef<[u8]>) -> Read {
    try_read(name, bytes.as_ref(), &OpenOptions::default()).unwrap()
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub(crate) fn utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}
