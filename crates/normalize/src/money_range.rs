use firmograph_core::Outcome;
use std::sync::LazyLock;

use crate::exchange::{CurrencyAmount, RangeOptions};
use crate::range::Counts;
use crate::standard_range::{RangeMatch, Standard};
use crate::text;

pub(crate) const REVENUE_DATA: &str = include_str!("../data/revenue_ranges.csv");
pub(crate) const FUNDING_DATA: &str = include_str!("../data/funding_ranges.csv");

static REVENUE: LazyLock<Standard> =
    LazyLock::new(|| Standard::new(REVENUE_DATA, Counts::Dollars, "revenue_ranges@2026.1"));
static FUNDING: LazyLock<Standard> =
    LazyLock::new(|| Standard::new(FUNDING_DATA, Counts::Dollars, "funding_ranges@2026.1"));

/// The standard revenue range, in US dollars, of any spelling of an amount or an interval. A bare number is dollars;
/// another currency is unmatched, since no rate is known here, and so is no revenue at all.
///
/// ```
/// use firmograph_normalize::match_revenue_range;
/// assert_eq!(match_revenue_range("10m-50m").value().unwrap().name, "$10M - $25M");
/// assert_eq!(match_revenue_range("€5M").reason(), Some("other_currency"));
/// assert_eq!(match_revenue_range("$0").reason(), Some("zero"));
/// ```
#[must_use]
pub fn match_revenue_range(raw: &str) -> Outcome<RangeMatch> {
    match_revenue_range_with(raw, RangeOptions::default())
}

/// [`match_revenue_range`], with rates for other currencies. The ends of the interval are in dollars, and the match names the currency
/// and the rate.
///
/// ```
/// use firmograph_normalize::{ExchangeRate, RangeOptions, match_revenue_range_with};
/// let rates = [ExchangeRate { currency: "EUR", micro_dollars: 1_080_000 }];
/// let found = match_revenue_range_with("10,5 Mio. €", RangeOptions { rates: &rates }).ok().unwrap();
/// assert_eq!((found.value.name, found.value.minimum), ("$10M - $25M", Some(11_340_000)));
/// assert_eq!((found.value.currency, found.value.micro_dollars), (Some("EUR"), Some(1_080_000)));
/// assert_eq!(found.evidence.rule, "converted");
/// ```
#[must_use]
pub fn match_revenue_range_with(raw: &str, options: RangeOptions<'_>) -> Outcome<RangeMatch> {
    let ranges = &*REVENUE;
    let mut placed = ranges.find(raw, options.rates);
    if matches!(placed, Err("not_a_range")) && says(raw, &["prerevenue", "norevenue", "norevenues"]) {
        placed = Err("zero");
    }
    ranges.outcome(raw, placed)
}

/// The standard funding range, in US dollars; none raised is `Bootstrapped`.
///
/// ```
/// use firmograph_normalize::match_funding_range;
/// assert_eq!(match_funding_range("USD 750K").value().unwrap().name, "< $1M");
/// assert_eq!(match_funding_range("bootstrapped").value().unwrap().maximum, Some(0));
/// ```
#[must_use]
pub fn match_funding_range(raw: &str) -> Outcome<RangeMatch> {
    match_funding_range_with(raw, RangeOptions::default())
}

/// [`match_funding_range`], with rates for other currencies, as [`match_revenue_range_with`].
#[must_use]
pub fn match_funding_range_with(raw: &str, options: RangeOptions<'_>) -> Outcome<RangeMatch> {
    let ranges = &*FUNDING;
    let mut placed = ranges.find(raw, options.rates);
    if matches!(placed, Err("not_a_range"))
        && says(raw, &["bootstrapped", "selffunded", "unfunded", "nofunding", "bootstrap"])
    {
        placed = ranges.value(0, "bootstrapped");
    }
    ranges.outcome(raw, placed)
}

/// The amount that a text gives in a currency other than the US dollar: what is known where [`match_revenue_range`] says
/// `other_currency`. None where the text is no such amount, or names its currency by a word that several share (`kr`, `Rs`, `¥`).
///
/// ```
/// use firmograph_normalize::amount_in_other_currency;
/// let found = amount_in_other_currency("₹10 crore").unwrap();
/// assert_eq!((found.currency, found.minimum), ("INR", Some(100_000_000)));
/// assert_eq!(amount_in_other_currency("50 Mkr"), None);
/// ```
#[must_use]
pub fn amount_in_other_currency(raw: &str) -> Option<CurrencyAmount> {
    REVENUE.other_currency(raw)
}

fn says(raw: &str, phrases: &[&str]) -> bool {
    if raw.len() > 40 {
        return false;
    }
    let words: String = text::fold(raw).chars().filter(char::is_ascii_alphabetic).collect();
    phrases.contains(&words.as_str())
}
