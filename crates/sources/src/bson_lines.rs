//! Documents in the binary form of MongoDB as lines of JSON, so that they are read as every other JSON.

use bson::raw::{RawArray, RawBsonRef, RawDocument};
use serde_json::{Map, Value};
use std::fmt;
use std::io::{self, Read};

/// The longest document that is taken for one: a server takes 16 MiB, and its own files may hold a little more.
const LONGEST: usize = 64 << 20;
/// Documents within documents that are looked into; MongoDB itself takes a hundred.
const MAX_DEPTH: usize = 128;

/// Gives the documents of a dump as lines of JSON.
pub(crate) struct Lines<R> {
    inner: R,
    line: Vec<u8>,
    given: usize,
}

impl<R: Read> Lines<R> {
    pub(crate) fn new(inner: R) -> Self {
        Lines { inner, line: Vec::new(), given: 0 }
    }

    /// Reads the next document into `line`; none at the end.
    fn next(&mut self) -> io::Result<()> {
        (self.given, self.line) = (0, Vec::new());
        let mut length = [0; 4];
        let mut read = 0;
        while read < length.len() {
            match self.inner.read(&mut length[read..]) {
                Ok(0) if read == 0 => return Ok(()),
                Ok(0) => return Err(broken("it ends inside the length of a document")),
                Ok(count) => read += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        let size = usize::try_from(i32::from_le_bytes(length)).unwrap_or(0);
        if !(5..=LONGEST).contains(&size) {
            return Err(broken(&format!("a document of {} bytes", i32::from_le_bytes(length))));
        }
        let mut document = Vec::with_capacity(size.min(1 << 20));
        document.extend_from_slice(&length);
        let rest = size - length.len();
        if self.inner.by_ref().take(rest as u64).read_to_end(&mut document)? < rest {
            return Err(broken("it ends inside a document"));
        }
        self.line = match RawDocument::from_bytes(&document).ok().and_then(|document| object(document, 0)) {
            Some(object) => serde_json::to_vec(&object)?,
            // Its length is sound, so the next one can be read: a line that is no JSON is rejected with its place.
            None => b"a document that is no sound BSON".to_vec(),
        };
        self.line.push(b'\n');
        Ok(())
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.line.len() {
            self.next()?;
        }
        let rest = &self.line[self.given..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.given += count;
        Ok(count)
    }
}

/// What is wrong with a file of documents.
#[derive(Debug)]
struct Broken(String);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Broken {}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, Broken(what.to_owned()))
}

/// Whether the documents are broken, and not what they are packed in.
pub(crate) fn is_ours(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|inner| inner.is::<Broken>())
}

fn object(document: &RawDocument, depth: usize) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    let mut object = Map::new();
    for entry in document {
        let (key, value) = entry.ok()?;
        object.insert(key.as_str().to_owned(), plain(value, depth)?);
    }
    Some(Value::Object(object))
}

fn array(array: &RawArray, depth: usize) -> Option<Value> {
    if depth > MAX_DEPTH {
        return None;
    }
    array.into_iter().map(|value| plain(value.ok()?, depth)).collect::<Option<Vec<_>>>().map(Value::Array)
}

/// A value as JSON says it: ids in hexadecimal, instants in RFC 3339, numbers as numbers where JSON can hold them.
fn plain(value: RawBsonRef<'_>, depth: usize) -> Option<Value> {
    Some(match value {
        RawBsonRef::Document(inner) => object(inner, depth + 1)?,
        RawBsonRef::Array(inner) => array(inner, depth + 1)?,
        RawBsonRef::String(text) | RawBsonRef::Symbol(text) | RawBsonRef::JavaScriptCode(text) => text.into(),
        RawBsonRef::Boolean(truth) => truth.into(),
        RawBsonRef::Int32(number) => number.into(),
        RawBsonRef::Int64(number) => number.into(),
        RawBsonRef::Double(number) => number.into(),
        RawBsonRef::Decimal128(number) => number.to_string().into(),
        RawBsonRef::ObjectId(id) => id.to_hex().into(),
        RawBsonRef::DateTime(instant) => crate::times::of_milliseconds(instant.timestamp_millis())?.into(),
        RawBsonRef::Binary(binary) => {
            binary.bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into()
        }
        RawBsonRef::Timestamp(stamp) => format!("{}.{}", stamp.time, stamp.increment).into(),
        RawBsonRef::RegularExpression(regex) => {
            format!("/{}/{}", regex.pattern.as_str(), regex.options.as_str()).into()
        }
        RawBsonRef::DbPointer(_) | RawBsonRef::JavaScriptCodeWithScope(_) => Value::Null,
        RawBsonRef::Null | RawBsonRef::Undefined | RawBsonRef::MinKey | RawBsonRef::MaxKey => Value::Null,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use bson::{DateTime, doc, oid::ObjectId};

    fn lines(bytes: &[u8]) -> io::Result<String> {
        let mut text = String::new();
        Lines::new(bytes).read_to_string(&mut text).map(|_| text)
    }

    #[test]
    fn documents_are_lines_of_plain_json() {
        let id = ObjectId::parse_str("65a000000000000000000001").unwrap();
        let at = DateTime::from_millis(1_766_048_400_000);
        let first = doc! { "_id": id, "at": at, "size": 738_000_i64, "score": 87.5, "n": 3, "none": null, "list": ["a", { "b": true }] };
        let mut bytes = first.to_vec().unwrap();
        bytes.extend(doc! { "name": "Ada\nHale" }.to_vec().unwrap());
        let expected = "{\"_id\":\"65a000000000000000000001\",\"at\":\"2025-12-18T09:00:00Z\",\"size\":738000,\
                        \"score\":87.5,\"n\":3,\"none\":null,\"list\":[\"a\",{\"b\":true}]}\n{\"name\":\"Ada\\nHale\"}\n";
        assert_eq!(lines(&bytes).unwrap(), expected);
        let cut = lines(&bytes[..bytes.len() - 3]).unwrap_err();
        assert!(is_ours(&cut) && cut.to_string().contains("inside a document"), "{cut}");
        assert!(is_ours(&lines(b"\xff\xff\xff\xff").unwrap_err()) && lines(b"").unwrap().is_empty());
    }

    #[test]
    fn a_document_of_which_only_the_length_is_sound_is_one_bad_line() {
        let mut bytes = doc! { "name": "Ada" }.to_vec().unwrap();
        bytes[4] = 0x7e;
        bytes.extend(doc! { "name": "Bo" }.to_vec().unwrap());
        assert_eq!(lines(&bytes).unwrap(), "a document that is no sound BSON\n{\"name\":\"Bo\"}\n");
    }
}
