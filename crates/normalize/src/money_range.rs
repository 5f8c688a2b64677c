use firmograph_core::Outcome;
use std::sync::LazyLock;

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
    let outcome = REVENUE.find(raw);
    if is_wordy(&outcome) && says(raw, &["prerevenue", "norevenue"]) {
        return Outcome::unmatched("zero");
    }
    outcome
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
    let outcome = FUNDING.find(raw);
    if is_wordy(&outcome) && says(raw, &["bootstrapped", "selffunded", "unfunded", "nofunding", "bootstrap"])
    {
        return FUNDING.value(raw, 0, "bootstrapped");
    }
    outcome
}

fn is_wordy(outcome: &Outcome<RangeMatch>) -> bool {
    outcome.reason() == Some("not_a_range")
}

fn says(raw: &str, phrases: &[&str]) -> bool {
    if raw.len() > 40 {
        return false;
    }
    let words: String = text::fold(raw).chars().filter(char::is_ascii_alphabetic).collect();
    phrases.contains(&words.as_str())
}
