//! The mappings of vendors that come with firmograph.

use crate::mapping::Mapping;
use firmograph_core::Source;
use std::sync::LazyLock;

/// Their texts. Of one source, the first whose condition holds is taken: those that ask for more stand before others.
const TEXTS: &[&str] = &[];

static MAPPINGS: LazyLock<Vec<Mapping>> = LazyLock::new(|| {
    let parsed = TEXTS.iter().filter_map(|text| Mapping::parse(text).ok());
    parsed.map(|mapping| Mapping { is_own: false, ..mapping }).collect()
});

/// The mappings of vendors that come with firmograph, in the order in which they are tried.
#[must_use]
pub fn vendor_mappings() -> &'static [Mapping] {
    &MAPPINGS
}

/// A user's own mappings, and behind them those of the source that come with firmograph.
pub(crate) fn with(own: &[Mapping], source: Option<&Source>) -> Vec<Mapping> {
    let is_for = |mapping: &&Mapping| source.is_some_and(|source| mapping.source() == Some(source.as_str()));
    own.iter().chain(MAPPINGS.iter().filter(is_for)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mapping_can_be_read_and_is_for_a_source() {
        for text in TEXTS {
            let mapping = Mapping::parse(text).unwrap();
            assert!(mapping.name().is_some() && mapping.source().is_some(), "{text}");
            assert!(!mapping.when.is_always(), "{:?} would take everything", mapping.name());
        }
    }
}
