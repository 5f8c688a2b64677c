//! Amounts in currencies other than the US dollar. Rates are the caller's: this library has none, and no clock to choose one by.

use serde::Serialize;

/// What one unit of a currency is worth.
///
/// ```
/// use firmograph_normalize::ExchangeRate;
/// let euro = ExchangeRate { currency: "EUR", micro_dollars: 1_080_000 };
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExchangeRate<'a> {
    /// ISO 4217 code, in any case.
    pub currency: &'a str,
    /// Millionths of a US dollar; a rate that is not positive is none.
    pub micro_dollars: i64,
}

/// How amounts of money are read.
///
/// The default converts nothing: other currencies stay unmatched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RangeOptions<'a> {
    /// Rates to convert other currencies with; the first of a currency counts.
    pub rates: &'a [ExchangeRate<'a>],
}

/// An amount as it was written, in its own currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CurrencyAmount {
    /// ISO 4217 code.
    pub currency: &'static str,
    /// Low end in units of the currency; none where it is open.
    pub minimum: Option<i64>,
    /// High end in units of the currency; none where it is open.
    pub maximum: Option<i64>,
}

/// `amount` at `micro_dollars` a unit, in whole dollars, halves up; none where that is more than can be said.
pub(crate) fn in_dollars(amount: i64, micro_dollars: i64) -> Option<i64> {
    let micro = i128::from(amount) * i128::from(micro_dollars);
    i64::try_from((micro + 500_000).div_euclid(1_000_000)).ok().filter(|dollars| *dollars < i64::MAX / 4)
}

#[cfg(test)]
mod tests {
    use super::in_dollars;

    #[test]
    fn rounds_halves_up() {
        assert_eq!(in_dollars(3, 500_000), Some(2));
        assert_eq!(in_dollars(1_000_000, 1_080_000), Some(1_080_000));
        assert_eq!(in_dollars(i64::MAX, 1_000_000), None);
    }
}
