use crate::text;

/// A name as a key compares it: compatibility-composed, lower case, without accents, blanks squeezed.
///
/// ```
/// use firmograph_normalize::fold_person_name;
/// assert_eq!(fold_person_name("  ZOË   Łukasiewicz "), "zoe lukasiewicz");
/// ```
#[must_use]
pub fn fold_person_name(name: &str) -> String {
    text::fold_accents(name).into_owned()
}
