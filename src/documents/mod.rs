//! Intelligence documents: what sources know of a company or person beyond its attributes, as JSON in an envelope: growth, funding
//! rounds, acquisitions, reviews, what a model thinks. A document names its company or person and makes none: it waits under its key
//! until one comes.

mod contains;
mod envelope;
mod expected;
mod import;
mod items;
mod json;
mod kinds;
mod merge;
mod number;
mod read;
mod settle;
mod shape;
mod told;

pub use contains::json_contains;
pub use import::{DOCUMENT_SOURCE, DOCUMENTS_IMPORT, DocumentOptions, GivenDocument};
pub use kinds::{DOCUMENT_KINDS, DocumentField, DocumentKind, Shape};
pub use read::{Documents, FoundDocument, SourceSays, find_document_kind};
