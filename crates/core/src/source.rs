use crate::{Error, ErrorKind};
use std::fmt;
use std::sync::Arc;

/// Who said it: `manual`, `clay`, `csv`, ... An open set of short names, `[a-z0-9_-]`, 1 to 40 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Source(Arc<str>);

/// The name of the source that only pins have.
const PIN: &str = "pin";
/// The name of the source of direct writers.
const LEGACY: &str = "legacy";

impl Source {
    /// The reserved source of pins: values that a person set, with author and reason, and that outrank all sources.
    #[must_use]
    pub fn pin() -> Self {
        Source(PIN.into())
    }

    /// Whether this is the reserved source of pins.
    #[must_use]
    pub fn is_pin(&self) -> bool {
        &*self.0 == PIN
    }

    /// The source of what other programs write into the golden tables by themselves.
    #[must_use]
    pub fn legacy() -> Self {
        Source(LEGACY.into())
    }

    /// Whether this is what other programs write into the golden tables.
    #[must_use]
    pub fn is_legacy(&self) -> bool {
        &*self.0 == LEGACY
    }

    /// Checks and takes a source name.
    ///
    /// # Errors
    /// `bad-source` (usage) when the name is empty, longer than 40 bytes or has other characters.
    pub fn new(name: &str) -> Result<Self, Error> {
        let fits = (1..=40).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
        if !fits {
            return Err(Error::new(ErrorKind::Usage, "bad-source", format!("{name:?} is not a source name"))
                .with_help("use 1 to 40 of a-z, 0-9, _ and -, for example clay or crm-export"));
        }
        Ok(Source(name.into()))
    }

    /// The same source, counted apart from this one: threads that make many clones of one would wait for each other.
    #[must_use]
    pub fn unshared(&self) -> Self {
        Source(Arc::from(&*self.0))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
