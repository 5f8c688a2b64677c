//! The spellings that most values have, read without tokens: `920`, `51-200`, `10,001+ employees`, `1K-5K`, `501 to 1000`, `$10M - $25M`,
//! `< $1M`, `$5 Million`. What is written otherwise is left to the reader, which gives the same answer for these.

use super::{Counts, Currency, Form, Interval};

/// A number, whether a scale was written with it, and its count of digits.
#[derive(Clone, Copy)]
struct Plain {
    value: i64,
    factor: i64,
    digits: usize,
    decimals: bool,
}

/// The interval, or none where the text is not plain.
pub(super) fn parse(text: &[u8], counts: Counts) -> Option<Interval> {
    let money = counts == Counts::Dollars;
    let (approximate, text) = match text {
        [b'~', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let (less, rest) = match text {
        [b'<', b' ', rest @ ..] if money => (true, rest),
        [b'<', rest @ ..] if money => (true, rest),
        _ => (false, text),
    };
    let (first, rest) = amount(rest, money)?;
    let (first, second, form) = match rest {
        [] => (first.scaled()?, first.scaled()?, if less { Form::LessThan } else { Form::Point }),
        _ if less => return None,
        b"+" => (first.scaled()?, first.scaled()?, Form::AtLeast),
        b" employees" if !money => (first.scaled()?, first.scaled()?, Form::Point),
        b"+ employees" if !money => (first.scaled()?, first.scaled()?, Form::AtLeast),
        [b'-', rest @ ..] | [b' ', b'-', b' ', rest @ ..] | [b' ', b't', b'o', b' ', rest @ ..] => {
            let (second, rest) = amount(rest, money)?;
            if !rest.is_empty() && (money || rest != b" employees") {
                return None;
            }
            // `1-5K`: the scale is written once and means both.
            if second.decimals && first.factor == 1 {
                return None;
            }
            let shared = first.factor == 1 && second.factor > 1 && first.digits <= 3;
            if shared && first.value > 0 && first.value < second.value {
                (first.value.checked_mul(second.factor)?, second.scaled()?, Form::Between)
            } else {
                (first.scaled()?, second.scaled()?, Form::Between)
            }
        }
        _ => return None,
    };
    (first <= second && second <= counts.most()).then_some(Interval {
        first,
        second,
        form,
        approximate,
        scientific: false,
        currency: Currency::Dollars,
    })
}

impl Plain {
    fn scaled(self) -> Option<i64> {
        self.value.checked_mul(self.factor)
    }
}

/// A number of at most 15 digits, in groups of three behind commas or in one, with its scale, and what stands behind it.
fn amount(text: &[u8], money: bool) -> Option<(Plain, &[u8])> {
    let text = match text {
        [b'$', rest @ ..] | [b'U', b'S', b'D', b' ', rest @ ..] if money => rest,
        _ => text,
    };
    let (mut value, digits, mut rest) = run(text);
    if !(1..=15).contains(&digits) {
        return None;
    }
    while let [b',', group @ ..] = rest {
        let (more, count, behind) = run(group);
        if count != 3 || digits > 3 || value == 0 || value >= 1_000_000_000_000 {
            return None;
        }
        (value, rest) = (value * 1000 + more, behind);
    }
    // Decimals of less than a thousandth of the scale, and decimals without one, are left to the reader.
    let mut tenths = 1;
    if let [b'.', fraction @ ..] = rest {
        let (more, count, behind) = run(fraction);
        if !(1..=3).contains(&count) || digits > 9 || value >= 1_000_000_000 {
            return None;
        }
        tenths = [10, 100, 1000][count - 1];
        (value, rest) = (value * tenths + more, behind);
    }
    let (factor, rest) = match rest {
        [b'k' | b'K', rest @ ..] => (1_000, rest),
        [b'm' | b'M', rest @ ..] => (1_000_000, rest),
        [b'b' | b'B', rest @ ..] => (1_000_000_000, rest),
        [b' ', word @ ..] if money && word.eq_ignore_ascii_case(b"million") => (1_000_000, &word[7..]),
        [b' ', word @ ..] if money && word.eq_ignore_ascii_case(b"billion") => (1_000_000_000, &word[7..]),
        _ => (1, rest),
    };
    if tenths > factor {
        return None;
    }
    // What follows a scale must not make another word of it.
    match rest {
        [] | [b'+' | b'-', ..] => {}
        [b' ', b'-', ..] | [b' ', b't', b'o', b' ', ..] | [b' ', b'e', ..] => {}
        _ => return None,
    }
    Some((Plain { value, factor: factor / tenths, digits, decimals: tenths > 1 }, rest))
}

/// The digits at the start, their count, and the rest. Past 15 digits the value means nothing.
fn run(text: &[u8]) -> (i64, usize, &[u8]) {
    let (mut value, mut count) = (0_i64, 0);
    while let Some(&digit @ b'0'..=b'9') = text.get(count) {
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
        count += 1;
    }
    (value, count, &text[count..])
}
