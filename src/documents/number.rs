//! Decimal numbers as text: every digit is kept, and equal numbers are equal texts.

use std::cmp::Ordering;

/// Digits that a number may have, and zeros behind the point: more than any float, far less than `numeric` holds.
const MOST_DIGITS: i64 = 400;
/// Digits before the point: what is longer no float holds, so programs could not be told it.
const MOST_WHOLE: i64 = 308;

/// The one spelling of a JSON number: no exponent, no plus, no zeros that say nothing; there is one zero.
pub(crate) fn canonical(text: &str) -> Result<Box<str>, String> {
    let refused = || format!("{text:.40} is no number below 1e{MOST_WHOLE} of at most {MOST_DIGITS} digits");
    let (is_negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().map_err(|_| refused())?),
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refused());
    }
    let leading = digits.len() - digits.trim_start_matches('0').len();
    let digits = &digits[leading..];
    // Where the point stands, counted from the first digit that is not zero.
    let point = (whole.len() as i64 - leading as i64).saturating_add(exponent);
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return Ok("0".into());
    }
    let count = digits.len() as i64;
    if count > MOST_DIGITS || !(-MOST_DIGITS..=MOST_WHOLE).contains(&point) {
        return Err(refused());
    }
    let zeros = |number: i64| "0".repeat(number.max(0) as usize);
    let unsigned = match point {
        ..=0 => format!("0.{}{digits}", zeros(-point)),
        _ if point >= count => format!("{digits}{}", zeros(point - count)),
        _ => format!("{}.{}", &digits[..point as usize], &digits[point as usize..]),
    };
    Ok(if is_negative { format!("-{unsigned}") } else { unsigned }.into())
}

/// The number times a power of ten, to the nearest whole number, half away from zero; nothing where it is too large.
pub(crate) fn scaled(canonical: &str, power: usize) -> Option<i64> {
    let (is_negative, text) = match canonical.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, canonical),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let shown: String = fraction.chars().chain("0".repeat(power).chars()).take(power).collect();
    let mut number: i64 = format!("{whole}{shown}").parse().ok()?;
    if fraction.as_bytes().get(power).is_some_and(|digit| *digit >= b'5') {
        number = number.checked_add(1)?;
    }
    Some(if is_negative { -number } else { number })
}

/// The order of two numbers in their one spelling.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    let magnitude = |text: &str| {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        (whole.len(), whole.to_owned(), fraction.to_owned())
    };
    match (a.strip_prefix('-'), b.strip_prefix('-')) {
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(a), Some(b)) => magnitude(b).cmp(&magnitude(a)),
        (None, None) => magnitude(a).cmp(&magnitude(b)),
    }
}

/// Whether it has no fraction.
pub(crate) fn is_whole(canonical: &str) -> bool {
    !canonical.contains('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_numbers_are_one_text() {
        for (given, wanted) in [
            ("0", "0"),
            ("-0.00e7", "0"),
            ("1", "1"),
            ("10", "10"),
            ("1.50", "1.5"),
            ("15e-1", "1.5"),
            ("0.0001E2", "0.01"),
            ("-12.30e+3", "-12300"),
            ("123456789012345678901234567890.10", "123456789012345678901234567890.1"),
            ("1e-3", "0.001"),
        ] {
            assert_eq!(&*canonical(given).unwrap(), wanted, "{given}");
        }
        assert!(
            canonical("1e308").is_err()
                && canonical("9e307").is_ok()
                && canonical("1e99999999999999999999").is_err()
        );
    }

    #[test]
    fn numbers_are_scaled_and_compared() {
        assert_eq!(scaled("0.87", 4), Some(8_700));
        assert_eq!(scaled("0.99995", 4), Some(10_000));
        assert_eq!(scaled("-1.23456", 4), Some(-12_346));
        assert_eq!(scaled("87", 2), Some(8_700));
        assert_eq!(scaled("9999999999999999999", 2), None);
        let sorted = ["-100", "-99.5", "-2", "-0.1", "0", "0.09", "0.1", "2", "10", "10.01"];
        for pair in sorted.windows(2) {
            assert_eq!(compare(pair[0], pair[1]), Ordering::Less, "{pair:?}");
            assert_eq!(compare(pair[1], pair[0]), Ordering::Greater, "{pair:?}");
        }
    }
}
