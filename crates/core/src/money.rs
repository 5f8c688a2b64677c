use crate::{Error, ErrorKind};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Micro-dollars in a dollar.
const DOLLAR: i64 = 1_000_000;
/// Digits after the point that a whole number of micro-dollars has.
const DIGITS: usize = 6;

/// An amount of money: a whole number of micro-dollars, so that sums are exact and two machines agree on them.
///
/// Its text is in dollars, with at least two and at most six digits after the point. It can be negative, as a difference is.
///
/// ```
/// use firmograph_core::MicroDollars;
///
/// let price: MicroDollars = "$0.0198".parse()?;
/// assert_eq!(price.micros(), 19_800);
/// assert_eq!((price.to_string(), price.decimal_4()), ("0.0198".to_owned(), "0.0198".to_owned()));
/// assert_eq!("1000".parse::<MicroDollars>()?.to_string(), "1000.00");
/// assert!("0.0000001".parse::<MicroDollars>().is_err(), "finer than a micro-dollar");
/// # Ok::<(), firmograph_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MicroDollars(i64);

impl MicroDollars {
    /// No money.
    pub const ZERO: MicroDollars = MicroDollars(0);

    /// This many micro-dollars.
    #[must_use]
    pub const fn new(micros: i64) -> Self {
        MicroDollars(micros)
    }

    /// This many whole dollars, as far as 64 bits reach.
    #[must_use]
    pub const fn dollars(dollars: i64) -> Self {
        MicroDollars(dollars.saturating_mul(DOLLAR))
    }

    /// The number of micro-dollars.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The sum; `None` beyond 9.2 trillion dollars.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(MicroDollars)
    }

    /// The sum, or the largest amount there is.
    #[must_use]
    pub fn saturating_add(self, other: Self) -> Self {
        MicroDollars(self.0.saturating_add(other.0))
    }

    /// The difference, or the least amount there is.
    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        MicroDollars(self.0.saturating_sub(other.0))
    }

    /// So many times as much, or the largest amount there is.
    #[must_use]
    pub fn saturating_mul(self, times: i64) -> Self {
        MicroDollars(self.0.saturating_mul(times))
    }

    /// Dollars with four digits after the point, as a column `DECIMAL(10,4)` holds them: rounded half away from zero.
    #[must_use]
    pub fn decimal_4(self) -> String {
        let tenths_of_a_cent = (self.0.unsigned_abs() + 50) / 100;
        let sign = if self.0 < 0 && tenths_of_a_cent > 0 { "-" } else { "" };
        format!("{sign}{}.{:04}", tenths_of_a_cent / 10_000, tenths_of_a_cent % 10_000)
    }

    /// Hundredths of a percent that this is of `whole`, rounded down; `None` where the whole is nothing or less.
    #[must_use]
    pub fn basis_points_of(self, whole: Self) -> Option<i64> {
        if whole.0 <= 0 {
            return None;
        }
        i64::try_from(i128::from(self.0) * 10_000 / i128::from(whole.0)).ok()
    }
}

impl fmt::Display for MicroDollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0.unsigned_abs() / DOLLAR as u64, self.0.unsigned_abs() % DOLLAR as u64);
        let part = format!("{part:06}");
        let kept = part.trim_end_matches('0').len().max(2);
        let sign = if self.0 < 0 { "-" } else { "" };
        f.pad(&format!("{sign}{whole}.{}", &part[..kept]))
    }
}

impl FromStr for MicroDollars {
    type Err = Error;

    /// Dollars: digits, a point and at most six digits, with a `$` before them or not. Nothing is rounded.
    fn from_str(text: &str) -> Result<Self, Error> {
        let bad = || {
            Error::new(ErrorKind::Usage, "bad-amount", format!("{text:?} is no amount of dollars"))
                .with_help("write 50, 0.0198 or $1.50: at most six digits after the point")
        };
        let trimmed = text.trim();
        let (sign, rest) = trimmed.strip_prefix('-').map_or((1, trimmed), |rest| (-1, rest));
        let rest = rest.strip_prefix('$').unwrap_or(rest);
        let (whole, part) = rest.split_once('.').unwrap_or((rest, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(part) || part.len() > DIGITS || rest.ends_with('.') {
            return Err(bad());
        }
        let whole: i64 = whole.parse().map_err(|_| bad())?;
        let part: i64 = format!("{part:0<DIGITS$}").parse().map_err(|_| bad())?;
        let micros = whole.checked_mul(DOLLAR).and_then(|micros| micros.checked_add(part)).ok_or_else(bad)?;
        Ok(MicroDollars(sign * micros))
    }
}

impl std::iter::Sum for MicroDollars {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(MicroDollars::ZERO, MicroDollars::saturating_add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn four_digits_round_half_away_from_zero() {
        let of = |micros| MicroDollars::new(micros).decimal_4();
        assert_eq!([of(49), of(50), of(-50), of(-49)], ["0.0000", "0.0001", "-0.0001", "0.0000"]);
        assert_eq!(of(1_234_567_890), "1234.5679");
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in
            ["", "-", "$", ".5", "5.", "1,000", "1e3", "+1", "1.0000000", "9223372036855", "NaN", "--1"]
        {
            assert!(text.parse::<MicroDollars>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_says_every_micro_dollar(micros in -9_000_000_000_000_000_000_i64..9_000_000_000_000_000_000) {
            let amount = MicroDollars::new(micros);
            prop_assert_eq!(amount.to_string().parse::<MicroDollars>().unwrap(), amount);
        }
    }
}
