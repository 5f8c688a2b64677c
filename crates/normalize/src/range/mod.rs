//! Reads any spelling of an interval of whole numbers. What the numbers count is the caller's affair.
//!
//! [`reader`] turns the text into tokens with the help of [`number`] (digits, separators, scales) and [`words`]; [`grammar`] says which
//! sequences of tokens are an interval.

mod grammar;
mod number;
mod reader;
mod words;

use crate::text;
use reader::Reader;
use std::borrow::Cow;

/// An interval as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval {
    /// First number, or the only one.
    pub(crate) first: i64,
    /// Second number of [`Form::Between`]; else equal to `first`.
    pub(crate) second: i64,
    pub(crate) form: Form,
    pub(crate) approximate: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Point,
    Between,
    AtLeast,
    MoreThan,
    AtMost,
    LessThan,
    /// An interval that a spreadsheet turned into a date: `10-Jan` was `1-10`.
    SpreadsheetDate,
}

/// What may stand beside the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counts {
    People,
    Dollars,
}

impl Counts {
    /// The most that is believed: several times the largest employer, and about the product of the world in a year.
    fn most(self) -> i64 {
        match self {
            Counts::People => 10_000_000,
            Counts::Dollars => 100_000_000_000_000,
        }
    }
}

/// Longer text is prose, not a range.
const LONGEST: usize = 96;

/// Reads `raw`, or says why it is no interval.
pub(crate) fn parse(raw: &str, counts: Counts) -> Result<Interval, &'static str> {
    let trimmed = text::trim(raw);
    if trimmed.is_empty() {
        return Err("blank");
    }
    if trimmed.len() > LONGEST {
        return Err(if is_url(trimmed) { "url" } else { "not_a_range" });
    }
    if let Some(interval) = parse_plain(trimmed.as_bytes(), counts) {
        return Ok(interval);
    }
    parse_any(trimmed, counts)
}

/// [`parse_any`] for `920`, `51-200` and `10001+`, which need no tokens.
fn parse_plain(text: &[u8], counts: Counts) -> Option<Interval> {
    let (first, rest) = digits(text)?;
    let (second, form) = match rest {
        [] => (first, Form::Point),
        [b'+'] => (first, Form::AtLeast),
        [b'-', rest @ ..] => match digits(rest)? {
            (second, []) if second >= first => (second, Form::Between),
            _ => return None,
        },
        _ => return None,
    };
    (second <= counts.most()).then_some(Interval { first, second, form, approximate: false })
}

/// A number of at most 15 digits, and what stands behind it.
fn digits(text: &[u8]) -> Option<(i64, &[u8])> {
    let length = text.iter().take_while(|c| c.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(length);
    (1..=15)
        .contains(&length)
        .then(|| (digits.iter().fold(0, |value, c| value * 10 + i64::from(c - b'0')), rest))
}

fn parse_any(trimmed: &str, counts: Counts) -> Result<Interval, &'static str> {
    let mut buffer = [0_u8; LONGEST];
    let folded: Cow<'_, str>;
    let bytes: &[u8] = if trimmed.is_ascii() {
        let bytes = &mut buffer[..trimmed.len()];
        bytes.copy_from_slice(trimmed.as_bytes());
        bytes.make_ascii_lowercase();
        bytes
    } else {
        folded = fold_signs(trimmed);
        folded.as_bytes()
    };
    let mut reader = Reader::new(bytes, counts);
    match reader.read() {
        Ok(()) => reader.interval(),
        Err("unknown_word") => Err(if is_url(trimmed) {
            "url"
        } else if crate::is_placeholder(trimmed) {
            "placeholder"
        } else {
            "not_a_range"
        }),
        Err(reason) if crate::is_placeholder(trimmed) && !bytes.iter().any(u8::is_ascii_digit) => {
            Err(if reason == "blank" { reason } else { "placeholder" })
        }
        Err(reason) => Err(reason),
    }
}

fn is_url(text: &str) -> bool {
    text.contains("://") || text.contains("www.") || text.contains(".com/")
}

/// Folds and writes signs outside ASCII as words that the reader knows.
fn fold_signs(text: &str) -> Cow<'_, str> {
    let mut signs = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '€' | '£' | '¥' | '₹' | '₽' | '₩' | '₺' | '₴' | '₦' | '₱' | '฿' | '₫' | '₪' | '₵' | '₡'
            | '元' | '円' => {
                signs.push_str(" eur ");
            }
            '≥' | '⩾' => signs.push_str(">="),
            '≤' | '⩽' => signs.push_str("<="),
            '～' | '≈' | '∼' | '≃' => signs.push('~'),
            '→' => signs.push('-'),
            '٬' | '，' => signs.push(','),
            '٫' => signs.push('.'),
            '’' => signs.push('\''),
            other => signs.push(other),
        }
    }
    Cow::Owned(text::fold_accents(&signs).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn people(text: &str) -> Result<(i64, i64, Form), &'static str> {
        parse(text, Counts::People).map(|interval| (interval.first, interval.second, interval.form))
    }

    #[test]
    fn reads_separators() {
        for text in ["10,001", "10.001", "10'001", "10 001", "10_001", "10001.0", "1.0001e4"] {
            assert_eq!(people(text), Ok((10_001, 10_001, Form::Point)), "{text}");
        }
        assert_eq!(people("1,5 - 2,0"), Err("fraction"));
        assert_eq!(people("12,34"), Err("fraction"));
        assert_eq!(people("1,2,3"), Err("malformed_number"));
    }

    #[test]
    fn scale_written_once_means_both() {
        assert_eq!(people("1-5K"), Ok((1000, 5000, Form::Between)));
        assert_eq!(people("1-1.5K"), Ok((1000, 1500, Form::Between)));
        assert_eq!(people("500-1K"), Ok((500, 1000, Form::Between)));
        assert_eq!(people("1K-5K"), Ok((1000, 5000, Form::Between)));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_plain_path_agrees(text in "[0-9]{1,17}([-+,. ][0-9]{0,9}\\+?)?") {
            for counts in [Counts::People, Counts::Dollars] {
                if let Some(interval) = parse_plain(text.as_bytes(), counts) {
                    prop_assert_eq!(parse_any(&text, counts), Ok(interval));
                }
            }
        }
    }
}
