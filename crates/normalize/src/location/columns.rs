use firmograph_core::{Evidence, Outcome};

use super::country::{self, Country};
use super::reading::Reading;
use super::region::{self, Region};
use super::resolve::{Answer, in_country, in_region, names, text};
use super::split::{Part, split};
use super::{Location, city, no_span, refused};

/// The parts of a place as the columns of a record have them; blank and missing are the same.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlaceParts<'a> {
    /// Free text: "Austin, Texas, United States".
    pub location: Option<&'a str>,
    /// Street address, perhaps with the rest.
    pub address: Option<&'a str>,
    /// City.
    pub city: Option<&'a str>,
    /// State or region.
    pub state: Option<&'a str>,
    /// Postal code. It is kept by those who call and decides nothing here.
    pub postal_code: Option<&'a str>,
    /// Country, by name or code; `NA` is Namibia here.
    pub country: Option<&'a str>,
}

/// The place that the parts of a record mean together.
///
/// City, state and country of one record support each other: `Paris`, `TX`, `US` is the one in Texas, and `CA` beside a city of
/// California is no country. The free text and the address are read in that country and fill in what the columns leave out, if
/// they name the same country and city. A state that no part names stays out, and one that the country does not have is dropped.
///
/// The rules are those of [`match_location`](crate::match_location). The span is that of the free text where that decided, else empty.
///
/// ```
/// use firmograph_normalize::{PlaceParts, match_place};
/// let parts = PlaceParts { city: Some("Paris"), state: Some("TX"), country: Some("US"), ..PlaceParts::default() };
/// assert_eq!(match_place(&parts).value().unwrap().region, Some("Texas"));
/// let parts = PlaceParts { location: Some("Mountain View, CA"), country: Some("United States"), ..PlaceParts::default() };
/// assert_eq!(match_place(&parts).value().unwrap().city.as_deref(), Some("Mountain View"));
/// ```
#[must_use]
pub fn match_place(parts: &PlaceParts<'_>) -> Outcome<Location> {
    let country = given(parts.country);
    let mut hint = country.and_then(country::column);
    let mut state = given(parts.state);
    // "England" or "Texas" in the column of countries.
    if hint.is_none() && state.is_none() {
        state = country;
    }
    let columns = read_columns(given(parts.city), state, hint);
    if let Ok(reading) = &columns {
        hint = reading.country.or(hint);
    }
    let mut best = columns;
    for free in [given(parts.location), given(parts.address)].into_iter().flatten() {
        best = together(best, text(free, hint));
    }
    match best {
        Ok(reading) if !reading.says_nothing() => {
            let evidence = Evidence::new(reading.rule, reading.reference, no_span(), reading.percent);
            Outcome::matched(Location::from(reading), evidence)
        }
        Ok(_) => Outcome::unmatched("not_recognised"),
        Err(reason) => Outcome::unmatched(reason),
    }
}

/// A part that says something; only a country may be called `NA`.
fn given(part: Option<&str>) -> Option<&str> {
    part.filter(|part| match refused(part) {
        None => true,
        Some("placeholder") => part.trim().eq_ignore_ascii_case("na"),
        Some(_) => false,
    })
}

fn read_columns(city: Option<&str>, state: Option<&str>, country: Option<&'static Country>) -> Answer {
    let city_text = city.filter(|city| !city.trim().eq_ignore_ascii_case("na"));
    let towns = city_text.map(split).unwrap_or_default();
    let states = state.map(split).unwrap_or_default();
    let state = states.parts.first();
    let remote = towns.is_remote || states.is_remote;
    let read = match (country, state) {
        (Some(country), Some(state)) => in_both(&towns.parts, state, country),
        (Some(country), None) => in_one(&towns.parts, city_text, country),
        (None, Some(state)) => {
            let mut all = towns.parts.clone();
            all.push(state.clone());
            names(&all, None)
        }
        (None, None) if towns.parts.is_empty() => Err("blank"),
        (None, None) => city_text.map_or(Err("blank"), |city| text(city, None)),
    };
    match read {
        Ok(reading) => Ok(Reading { is_remote: reading.is_remote || remote, ..reading }),
        Err(_) if remote => Ok(Reading { country, ..Reading::remote() }),
        Err(reason) => Err(reason),
    }
}

/// Only a city and a country.
fn in_one(towns: &[Part<'_>], city: Option<&str>, country: &'static Country) -> Answer {
    let Some(city) = city.filter(|_| !towns.is_empty()) else { return in_country(&[], country) };
    match towns {
        // A column of cities holds cities: New York is one.
        [town] if city::in_country(&town.key, country.code).is_some_and(|city| city.population >= 50_000) => {
            let Some(city) = city::in_country(&town.key, country.code) else {
                return in_country(towns, country);
            };
            Ok(Reading::city(&city, "city_country", 93))
        }
        _ => text(city, Some(country)),
    }
}

fn in_both(towns: &[Part<'_>], state: &Part<'_>, country: &'static Country) -> Answer {
    if let Some(region) = region::find_in(&state.key, country.code) {
        return in_named(towns, region);
    }
    // The state of another country, with a city of it, that the country given does not have.
    let town = towns.last();
    let elsewhere = town.and_then(|town| {
        region::find(&state.key)
            .filter_map(|region| city::in_region(&town.key, region).map(|city| (city.population, region)))
            .max_by_key(|(population, _)| *population)
            .filter(|_| city::in_country(&town.key, country.code).is_none())
    });
    match elsewhere {
        Some((_, region)) => in_region(towns, region).map(|reading| Reading { percent: 60, ..reading }),
        None => {
            in_country(towns, country).map(|reading| Reading { percent: reading.percent.min(75), ..reading })
        }
    }
}

fn in_named(towns: &[Part<'_>], region: &'static Region) -> Answer {
    // "Austin, TX" in the column of cities.
    let towns = match towns {
        [rest @ .., last]
            if !rest.is_empty() && region::find_in(&last.key, region.country()) == Some(region) =>
        {
            rest
        }
        _ => towns,
    };
    in_region(towns, region)
}

/// The reading of the columns, with what the free text adds to it.
fn together(columns: Answer, free: Answer) -> Answer {
    match (columns, free) {
        (Ok(columns), Ok(free)) => {
            let same_country =
                free.country.is_none() || columns.country.is_none() || columns.country == free.country;
            let same_city = columns.city.is_none() || free.city.is_none() || columns.city == free.city;
            let same_region =
                columns.region.is_none() || free.region.is_none() || columns.region == free.region;
            if !(same_country && same_city && same_region) || free.says_nothing() {
                return Ok(Reading { percent: columns.percent.min(75), ..columns });
            }
            // A town that is only in the street address may be a street of the city's region.
            let decided = columns.city.is_none() && free.city.is_some() || columns.says_nothing();
            let (rule, reference, percent) = if decided {
                (free.rule, free.reference, free.percent)
            } else {
                (columns.rule, columns.reference, columns.percent)
            };
            Ok(Reading {
                city: columns.city.or(free.city),
                region: columns.region.or(free.region),
                country: columns.country.or(free.country),
                metro: columns.metro.or(free.metro),
                other_metro: columns.other_metro.or(free.other_metro),
                is_remote: columns.is_remote || free.is_remote,
                rule,
                reference,
                percent,
            })
        }
        (Ok(columns), Err(_)) => Ok(columns),
        (Err(_), Ok(free)) => Ok(free),
        (Err("blank"), Err(reason)) => Err(reason),
        (Err(reason), Err(_)) => Err(reason),
    }
}
