//! Telephone numbers. The rules of every country are those of [libphonenumber](https://github.com/google/libphonenumber), through the
//! crate `rlibphonenumber`; what people and spreadsheets do to a number before it gets here is undone by [`cell`] and [`number`].
//!
//! `data/phone_words.csv` holds the words beside numbers in twenty languages (written for this project, 2026);
//! `data/phone_fictional.csv` the ranges that the regulators ACMA, ARCEP, BNetzA and Ofcom keep free for films and books (written down
//! from general knowledge in 2026 and not checked against their sites). North America's range, 555-0100 to 555-0199 in every area, is a rule in code.

#[cfg(feature = "phone")]
mod cell;
#[cfg(feature = "phone")]
mod dummy;
#[cfg(feature = "phone")]
mod number;
#[cfg(feature = "phone")]
mod reading;

#[cfg(feature = "phone")]
pub use number::{Phone, normalize_phone};

pub(crate) const WORD_DATA: &str = include_str!("../../data/phone_words.csv");
pub(crate) const FICTION_DATA: &str = include_str!("../../data/phone_fictional.csv");
