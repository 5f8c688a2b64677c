//! The shape of a payload: opens a file of any everyday form, finds out how it is written, and gives its records as
//! payloads with raw text by field.
//!
//! Tables (comma, semicolon, tab, pipe), JSON, JSON lines, any of them in gzip; UTF-8, UTF-16 and the encodings of the web.
//! Memory is bounded by the longest record that is allowed. Nothing is edited and nothing is lost: a row that cannot be
//! taken is a [`Reject`](firmograph_core::Reject) with its place, its cause and its bytes, and columns that mean nothing to
//! us stay in the payload. What a value *means* is for the normalisers, which this crate does not know.
//!
//! ```
//! use firmograph_core::Field;
//! use firmograph_sources::{Input, Item, OpenOptions};
//!
//! let folder = tempfile::tempdir()?;
//! let path = folder.path().join("leads.csv");
//! std::fs::write(&path, "Vorname;E-Mail;Firma;Notiz\nZoë;zoe@acme.example;Acme GmbH;\"neu; warm\"\n")?;
//!
//! let mut input = Input::open(&path, &OpenOptions::default())?;
//! assert_eq!(
//!     input.decision().to_string(),
//!     "leads.csv: csv, utf-8, delimiter ';', 4 columns: 3 mapped (first_name <- \"Vorname\", \
//!      company_name <- \"Firma\", email <- \"E-Mail\"), 1 kept in the payload: \"Notiz\"",
//! );
//! while let Some(item) = input.next_item()? {
//!     let Item::Record(record) = item else { continue };
//!     assert_eq!(record.position.line, 2);
//!     assert_eq!(record.fields.get(Field::Email), Some("zoe@acme.example"));
//!     assert_eq!(&*record.payload, r#"["Zoë","zoe@acme.example","Acme GmbH","neu; warm"]"#);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bson_lines;
mod bytes;
mod decision;
mod dialect;
mod document_reader;
mod documents;
mod elements;
mod encoding;
mod evaluate;
mod extractor;
mod format;
mod header;
mod input;
mod json;
mod language;
mod mapping;
mod path;
mod payload;
mod row_reader;
mod rows;
mod split;
mod tabular;
mod times;
mod tree;
mod unread;
mod vendors;
mod window;
mod wrapped;

pub use decision::{ColumnDecision, Decision};
pub use document_reader::DocumentReader;
pub use extractor::Extractor;
pub use format::Format;
pub use header::fold_header;
pub use input::{Input, Item, OpenOptions, Record};
pub use mapping::Mapping;
pub use payload::push_json_text;
pub use row_reader::RowReader;
pub use vendors::vendor_mappings;
