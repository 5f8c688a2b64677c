use ahash::AHashSet;
use std::sync::LazyLock;

use crate::text::fold;

static PLACEHOLDERS: LazyLock<AHashSet<&'static str>> =
    LazyLock::new(|| include_str!("../data/placeholders.csv").lines().skip(1).collect());

/// Longer text is never looked up; the longest row of `data/placeholders.csv` is shorter.
const LONGEST: usize = 40;

/// Whether `text` says only that there is no value: blank, `N/A`, `-`, `TBD`, `-Select-`, `#N/A` and the like.
///
/// ```
/// use firmograph_normalize::is_placeholder;
/// assert!(is_placeholder(" n/a ") && is_placeholder("---") && is_placeholder("-Select-"));
/// assert!(!is_placeholder("Nano"));
/// ```
#[must_use]
pub fn is_placeholder(text: &str) -> bool {
    if text.len() > LONGEST {
        return crate::text::trim(text).is_empty();
    }
    let folded = fold(text);
    let core = folded.trim_matches(|c: char| c.is_ascii_punctuation() || c == ' ');
    core.is_empty() && folded.chars().all(|c| "-_.*?/#~'\" ,:;|=<>()[]".contains(c))
        || PLACEHOLDERS.contains(core)
}

#[cfg(test)]
mod tests {
    #[test]
    fn data_is_sorted_unique_and_folded() {
        crate::testing::assert_sorted_list(include_str!("../data/placeholders.csv"));
    }
}
