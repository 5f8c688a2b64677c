use crate::{Attribute, RawValue, Source, Timestamp};
use std::fmt;
use std::sync::Arc;

/// Identity of a payload: the first 16 bytes of a BLAKE3 hash over its source, observed-at and content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PayloadId(pub [u8; 16]);

impl fmt::Display for PayloadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// One thing that one payload of one source says about one entity, raw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// The entity's key.
    pub key: Arc<str>,
    /// What is said.
    pub attribute: Attribute,
    /// Who said it.
    pub source: Source,
    /// The text exactly as given, part by part.
    pub raw: RawValue,
    /// The payload that says it.
    pub payload: PayloadId,
    /// When the source saw it, where that is known. Not the time it was loaded.
    pub observed_at: Option<Timestamp>,
}
