//! Which currency an amount is in.
//!
//! `currencies.csv` holds the active codes of [ISO 4217](https://www.iso.org/iso-4217-currency-codes.html) as of 2026, and the signs
//! and names in common use, written by hand. A name that several currencies share (`kr`, `Rs`, `¥`, `francs`) has no code.

use ahash::AHashMap;
use std::sync::LazyLock;

pub(crate) const DATA: &str = include_str!("../../data/currencies.csv");

/// The currency that a text names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Currency {
    /// None, or US dollars.
    #[default]
    Dollars,
    /// Another one, by its ISO 4217 code.
    Other(&'static str),
    /// A name that several currencies share.
    Shared,
}

/// What is known of the currency while a text is read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Named {
    /// `$` alone.
    pub(super) sign: bool,
    pub(super) shared: bool,
    code: Option<&'static str>,
}

impl Named {
    /// Takes note of a code, or of a shared name where it is empty; an error where two currencies are named.
    pub(super) fn add(&mut self, code: &'static str) -> Result<(), &'static str> {
        if code.is_empty() {
            self.shared = true;
        } else if self.code.is_some_and(|known| known != code) {
            return Err("several_currencies");
        } else {
            self.code = Some(code);
        }
        Ok(())
    }

    pub(super) fn currency(self) -> Result<Currency, &'static str> {
        match self.code {
            Some("USD") => Ok(Currency::Dollars),
            Some(code) if self.sign && !DOLLAR_SIGN.contains(&code) => Err("several_currencies"),
            Some(code) => Ok(Currency::Other(code)),
            None if self.shared => Ok(Currency::Shared),
            None => Ok(Currency::Dollars),
        }
    }
}

/// Currencies other than the US dollar that are written with a bare `$`.
const DOLLAR_SIGN: [&str; 22] = [
    "ARS", "AUD", "BBD", "BMD", "BND", "BSD", "BZD", "CAD", "CLP", "COP", "DOP", "FJD", "GYD", "HKD", "JMD",
    "KYD", "MXN", "NAD", "NZD", "SGD", "TTD", "TWD",
];

static CODES: LazyLock<AHashMap<&'static [u8], &'static str>> = LazyLock::new(|| {
    DATA.lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .map(|(word, code)| (word.as_bytes(), code))
        .collect()
});

/// The code of a word or sign, empty where several currencies share it.
pub(super) fn code_of(word: &[u8]) -> Option<&'static str> {
    CODES.get(word).copied()
}

/// The code and the scale of `MEUR`, `kUSD`, `Mkr` and `TEUR` (German, thousands), whose scale stands before the currency.
pub(super) fn scaled_code_of(word: &[u8]) -> Option<(&'static str, i32)> {
    let name = if word.ends_with(b"kr") { 2 } else { 3 };
    let cut = word.len().checked_sub(name).filter(|cut| (1..=2).contains(cut))?;
    let power = match &word[..cut] {
        b"k" | b"t" => 3,
        b"m" | b"mn" | b"mm" => 6,
        b"bn" => 9,
        _ => return None,
    };
    let name = &word[cut..];
    let code = code_of(name).filter(|code| code.is_empty() || code.as_bytes().eq_ignore_ascii_case(name))?;
    Some((code, power))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_folded_and_has_a_code_or_none() {
        crate::testing::assert_sorted_list(DATA);
        for (word, code) in DATA.lines().skip(1).filter_map(|line| line.split_once(',')) {
            assert_eq!(crate::text::fold_accents(word), word);
            assert!(
                code.is_empty() || code.len() == 3 && code_of(code.to_lowercase().as_bytes()) == Some(code)
            );
            assert!(
                super::super::words::look_up(word.as_bytes()).is_none(),
                "{word} is a word of ranges too"
            );
        }
    }

    #[test]
    fn scales_before_a_code() {
        assert_eq!(scaled_code_of(b"meur"), Some(("EUR", 6)));
        assert_eq!(scaled_code_of(b"teur"), Some(("EUR", 3)));
        assert_eq!(scaled_code_of(b"million"), None);
    }
}
