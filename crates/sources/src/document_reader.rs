use crate::documents::{Documents, Refusal, Sets};
use crate::input::{Item, Record};
use crate::mapping::Mapping;
use crate::vendors;
use firmograph_core::{Position, Reject, Source};

/// Reads JSON objects that stand in memory as a file of them would be read: the same fields, the same payloads.
///
/// ```
/// use firmograph_core::Field;
/// use firmograph_sources::{DocumentReader, Item};
///
/// let mut reader = DocumentReader::new(&[], None);
/// let Item::Record(record) = reader.read(r#"{"company": {"name": "Acme", "domain": "acme.example"}}"#) else {
///     panic!("a record")
/// };
/// assert_eq!(record.fields.get(Field::CompanyName), Some("Acme"));
/// ```
pub struct DocumentReader {
    documents: Documents,
    record: u64,
}

impl DocumentReader {
    /// For objects read with these mappings for this source; keys that no mapping names are recognised.
    #[must_use]
    pub fn new(own: &[Mapping], source: Option<&Source>) -> DocumentReader {
        DocumentReader { documents: Documents::new(vendors::with(own, source)), record: 0 }
    }

    /// The next object; `{}` is blank. Objects are counted from 1: that is the line of their position. What is no JSON object is
    /// a reject.
    pub fn read(&mut self, json: &str) -> Item {
        let position = self.next_position();
        let json = json.trim_ascii();
        if json.is_empty() || json == "{}" {
            return Item::Blank(position);
        }
        match self.documents.take(json, None) {
            Ok(Sets { first: fields, also }) => {
                Item::Record(Record { position, payload: json.into(), fields, also })
            }
            Err(Refusal { code, cause }) => {
                let original = json.as_bytes().to_vec();
                Item::Reject(Reject { code, position, column: None, cause, original })
            }
        }
    }

    /// Whether what stands under `key` of an object may matter: it is recognised, or a mapping reads it.
    #[must_use]
    pub fn reads(&self, key: &str) -> bool {
        self.documents.reads(key)
    }

    /// Counts an object that nobody can read.
    pub fn next_position(&mut self) -> Position {
        self.record += 1;
        Position { record: self.record, line: self.record }
    }
}

impl std::fmt::Debug for DocumentReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DocumentReader").field("record", &self.record).finish_non_exhaustive()
    }
}
