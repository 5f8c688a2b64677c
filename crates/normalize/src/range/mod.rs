//! Reads any spelling of an interval of whole numbers. What the numbers count is the caller's affair.
//!
//! [`plain`] reads what most values look like. For all others [`reader`] turns the text into tokens with the help of [`number`] (digits,
//! separators, scales), [`spelled`] (numbers in words), [`words`] and [`currency`]; [`grammar`] says which sequences of tokens are an interval.

pub(crate) mod currency;
mod grammar;
mod number;
mod plain;
mod reader;
mod spelled;
pub(crate) mod words;

use crate::text;
pub(crate) use currency::Currency;
use reader::Reader;
use std::borrow::Cow;

/// An interval as it was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Interval {
    /// First number, or the only one.
    pub(crate) first: i64,
    /// Second number of [`Form::Between`]; else equal to `first`.
    pub(crate) second: i64,
    pub(crate) form: Form,
    pub(crate) approximate: bool,
    /// Written as spreadsheets write long numbers: `4.41415E+11`. The digits that are not shown are lost.
    pub(crate) scientific: bool,
    pub(crate) currency: Currency,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Form {
    #[default]
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
    if let Some(interval) = plain::parse(trimmed.as_bytes(), counts) {
        return Ok(interval);
    }
    parse_any(trimmed, counts)
}

#[inline(never)] // its buffers would weigh on the plain path
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

/// Folds, and writes signs outside ASCII as those that the reader knows.
fn fold_signs(text: &str) -> Cow<'_, str> {
    let mut signs = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let after = || text[at + c.len_utf8()..].chars().next().unwrap_or(' ');
        match c {
            // Blanks that are made for thousands: figure, thin and narrow.
            '\u{2007}' | '\u{2009}' | '\u{202f}' if before.is_numeric() && after().is_numeric() => {
                signs.push('\'')
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
        before = c;
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
        for text in ["10,001", "10.001", "10'001", "10 001", "10_001", "10\u{202f}001", "10001.0", "1.0001e4"]
        {
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
        fn the_plain_path_agrees(
            text in "~?([<>$]{0,2}|USD) ?[0-9]{1,9}([,.][0-9]{1,3}){0,2} ?[kKmMbB]?( employees|\\+)?(( ?(-|to|–) ?)[$]?[0-9]{1,9}([,.][0-9]{1,3}){0,2} ?(k|M|B|T|Million|billion)?)?(\\+| employees)?"
        ) {
            for counts in [Counts::People, Counts::Dollars] {
                if let Some(interval) = plain::parse(text.as_bytes(), counts) {
                    prop_assert_eq!(parse_any(&text, counts), Ok(interval));
                }
            }
        }
    }
}
