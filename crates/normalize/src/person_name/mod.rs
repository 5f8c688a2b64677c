//! Names of persons: a key to compare them by, and their parts with a form to show.
//!
//! The six tables `data/name_*.csv` were written for this project in 2026 from common knowledge of forms of address, academic and
//! professional titles, nobiliary particles and frequent family names. In evidence `person_names@version` stands for all of them.

mod case;
mod join;
mod order;
mod split;
mod strip;
mod words;

pub use join::{PersonNameParts, join_person_name};
pub use split::{PersonName, split_person_name};
pub(crate) use words::{
    CREDENTIAL_DATA, PARTICLE_DATA, PREFIX_DATA, REFUSAL_DATA, SUFFIX_DATA, SURNAME_DATA,
};

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
