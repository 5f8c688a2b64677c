//! Places: what a text, or the parts of an address, say about city, region and country.

mod case;
mod city;
mod columns;
pub(crate) mod country;
mod key;
pub(crate) mod metro;
mod reading;
pub(crate) mod region;
mod resolve;
mod single;
mod split;
mod town;
mod words;

use firmograph_core::{Evidence, Outcome, Span};
use serde::Serialize;
use std::borrow::Cow;

use self::reading::Reading;
use crate::{placeholder, text};

pub use columns::{PlaceParts, match_place};

/// A place. What the text does not say is nothing: a region is never made up from a city.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Location {
    /// City or town, as the gazetteer spells it where it is listed there.
    pub city: Option<Cow<'static, str>>,
    /// State, province or the like, in English.
    pub region: Option<&'static str>,
    /// Its ISO 3166-2 code, `US-CA`.
    pub region_code: Option<&'static str>,
    /// Country or territory, in English.
    pub country: Option<&'static str>,
    /// Its ISO 3166-1 alpha-2 code; `XK` for Kosovo.
    pub country_code: Option<&'static str>,
    /// Metropolitan area, if the text names one.
    pub metro: Option<Cow<'static, str>>,
    /// Whether the text says that work is done from anywhere; hybrid work is done somewhere.
    pub is_remote: bool,
}

/// The place that a text means. `country` is the country that the record names elsewhere, by name or code, if it does; it narrows what
/// the text may mean and is overruled by a country in the text.
///
/// The text is matched as a name or as names from the narrow to the wide: `City, ST`, `City, Region, Country`, a street before them, postal
/// codes, the order turned round, an area, words about remote work. The `rule` of the evidence says how:
///
/// | rule | matched |
/// |---|---|
/// | `country`, `country_code`, `region`, `region_code` | a name or code of ISO 3166 |
/// | `city_region` | a city that the gazetteer has in the region named |
/// | `city_country` | a city that it has in the country named; the region was not said |
/// | `dominant_city` | a name alone: the largest place of it, of 50,000 people and eight times the size of any other |
/// | `unlisted_city` | a town that the gazetteer does not have, in a clear form, as given |
/// | `metro` | an area; of a listed one also its city and region |
/// | `region_or_city` | a name that is both: what both readings have in common |
/// | `common_of_several` | several places: what they have in common |
/// | `remote` | anywhere |
///
/// Unmatched: `ambiguous` ("Springfield", "Georgia", "CA"), `macro_region` ("EMEA"), `several_places` without anything in common,
/// `contradiction` with `country`, `not_recognised`, `not_a_place`, `placeholder`, `blank`, `too_long`.
///
/// ```
/// use firmograph_normalize::match_location;
/// let found = match_location("SAN FRANCISCO, CA 94105", None).ok().unwrap().value;
/// assert_eq!((found.city.as_deref(), found.region, found.country_code), (Some("San Francisco"), Some("California"), Some("US")));
/// assert_eq!(match_location("Deutschland", None).value().unwrap().country, Some("Germany"));
/// assert_eq!(match_location("Greater Seattle Area", None).value().unwrap().metro.as_deref(), Some("Greater Seattle Area"));
/// assert!(match_location("Fully Remote", None).value().unwrap().is_remote);
/// assert_eq!(match_location("CA", None).reason(), Some("ambiguous"));
/// assert_eq!(match_location("CA", Some("US")).value().unwrap().region_code, Some("US-CA"));
/// ```
#[must_use]
pub fn match_location(raw: &str, country: Option<&str>) -> Outcome<Location> {
    if let Some(reason) = refused(raw) {
        return Outcome::unmatched(reason);
    }
    let hint = country.and_then(country::column);
    finish(raw, resolve::text(raw, hint))
}

/// The ISO 3166-1 code (alpha-2) of what stands in a column of countries: a code, a name in one of thirty languages, an everyday
/// name. `NA` is Namibia there.
///
/// ```
/// use firmograph_normalize::country_code;
/// assert_eq!(country_code("Deutschland"), Some("DE"));
/// assert_eq!(country_code("U.S.A."), Some("US"));
/// assert_eq!(country_code("Atlantis"), None);
/// ```
#[must_use]
pub fn country_code(text: &str) -> Option<&'static str> {
    country::column(text).map(|country| country.code)
}

/// Why a text is not even read.
fn refused(raw: &str) -> Option<&'static str> {
    if text::is_too_long_a_name(raw) {
        return Some("too_long");
    }
    if text::trim(raw).is_empty() {
        return Some("blank");
    }
    if placeholder::is_placeholder(raw) {
        return Some("placeholder");
    }
    if raw.contains("://") || raw.contains("www.") || raw.contains('@') {
        return Some("not_a_place");
    }
    None
}

fn finish(raw: &str, answer: Result<Reading, &'static str>) -> Outcome<Location> {
    let reading = match answer {
        Ok(reading) if reading.says_nothing() => return Outcome::unmatched("not_recognised"),
        Ok(reading) => reading,
        Err(reason) => return Outcome::unmatched(reason),
    };
    let span = text::span_of(raw, text::trim(raw));
    let evidence = Evidence::new(reading.rule, reading.reference, span, reading.percent);
    Outcome::matched(Location::from(reading), evidence)
}

impl From<Reading> for Location {
    fn from(reading: Reading) -> Self {
        Location {
            city: reading.city,
            region: reading.region.map(|region| region.name),
            region_code: reading.region.map(|region| region.code),
            country: reading.country.map(|country| country.name),
            country_code: reading.country.map(|country| country.code),
            metro: reading.metro.map(Cow::Borrowed).or(reading.other_metro.map(Cow::Owned)),
            is_remote: reading.is_remote,
        }
    }
}

/// A span that covers nothing of any one text, for a place put together from several columns.
fn no_span() -> Span {
    Span(0, 0)
}
