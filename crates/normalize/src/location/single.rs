//! One name alone.

use super::case::display;
use super::city::{self, Bare};
use super::country::{self, Country};
use super::metro;
use super::reading::Reading;
use super::region::{self, Region};
use super::resolve::{Answer, dominant, in_country, in_region, names, tail, writes_states};
use super::split::Part;

/// A city as large as this is meant as often as a region of its name.
const LARGE: u32 = 250_000;

/// Reads one name, in the country of the record if that is known.
pub(super) fn single(part: &Part<'_>, hint: Option<&'static Country>) -> Answer {
    match hint {
        Some(hint) => in_hint(part, hint),
        None => alone(part),
    }
}

fn in_hint(part: &Part<'_>, hint: &'static Country) -> Answer {
    let key = part.key.as_str();
    if let Some((country, is_code)) = country::find(key) {
        if country == hint {
            return Ok(Reading::country(hint, "country", 98));
        }
        let inside = region::find_in(key, hint.code).is_some() || city::in_country(key, hint.code).is_some();
        if !inside && !is_code {
            return Err("contradiction");
        }
    }
    let area = metro::core(key).and_then(metro::find).filter(|row| row.country_code == hint.code);
    if let Some(row) = area {
        return Ok(Reading::metro(row));
    }
    in_country(std::slice::from_ref(part), hint)
}

fn alone(part: &Part<'_>) -> Answer {
    let key = part.key.as_str();
    if let Some(row) = metro::core(key).and_then(metro::find) {
        return Ok(Reading::metro(row));
    }
    let country = country::find(key);
    if let Some((country, is_code)) = country {
        let state = region::find(key).any(|region| region.country() == "US");
        return match (state, is_code) {
            // "IND" is India before it is Indiana.
            (true, true) if key.len() == 3 => Ok(Reading::country(country, "country_code", 85)),
            (true, _) => Err("ambiguous"),
            (false, true) => Ok(Reading::country(country, "country_code", 85)),
            (false, false) => Ok(Reading::country(country, "country", 98)),
        };
    }
    if let Some(answer) = region_alone(key) {
        return answer;
    }
    let bare = dominant(key);
    // "Washington DC" says more than the city's name.
    if !city::has_own_name(key)
        && let Some((left, right)) = tail(part)
        && let Ok(reading) = names(&[left, right], None)
        && reading.rule != "unlisted_city"
    {
        return Ok(Reading { percent: reading.percent.min(90), ..reading });
    }
    if !matches!(bare, Err("not_recognised")) {
        return bare;
    }
    if let Some(answer) = codes_first(part) {
        return answer;
    }
    let Some(area) = metro::core(key) else { return Err("not_recognised") };
    let inner = Part { raw: "", key: area.to_owned(), numbered: true, begins: false };
    match alone(&inner).or_else(|_| dominant(area)) {
        Ok(reading) => {
            let other_metro = Some(display(part.raw));
            Ok(Reading { other_metro, rule: "metro", percent: 75, ..reading })
        }
        Err(_) => Err("ambiguous"),
    }
}

/// A name of regions: the one of that name, if no large city elsewhere has it too.
fn region_alone(key: &str) -> Option<Answer> {
    let mut regions = region::find(key).peekable();
    let first = *regions.peek()?;
    if key.len() <= 3 && key.is_ascii() {
        return Some(code_alone(region::find(key)));
    }
    let city = city::bare(key);
    let Some(country) = country::by_alpha2(first.country()) else { return Some(Err("ambiguous")) };
    let all: Vec<&'static Region> = regions.collect();
    let states = all.iter().filter(|region| matches!(region.country(), "US" | "CA" | "AU")).count();
    Some(match city {
        // "New York", "Washington": a state, or the city.
        Bare::Dominant(city) if all.len() == 1 && writes_states(country) => {
            let state = Reading::region(first, "region_or_city", 80);
            if city.country == first.country() && city.region == first.suffix() || city.population < LARGE {
                Ok(state)
            } else if city.country == first.country() {
                Ok(Reading::country(country, "region_or_city", 80))
            } else {
                Err("ambiguous")
            }
        }
        Bare::Dominant(city) if states == 0 => Ok(Reading::city(&city, "dominant_city", 80)),
        Bare::Dominant(_) => Err("ambiguous"),
        Bare::Ambiguous if all.len() == 1 && first.is_top() && !has_large_city(key) => {
            Ok(Reading::region(first, "region", 85))
        }
        Bare::Unknown if all.len() == 1 => Ok(Reading::region(first, "region", 92)),
        Bare::Ambiguous | Bare::Unknown => Err("ambiguous"),
    })
}

/// An abbreviation of regions alone: that of one of the countries whose addresses have them.
fn code_alone(regions: impl Iterator<Item = &'static Region> + Clone) -> Answer {
    let mut posted = regions.clone().filter(|region| matches!(region.country(), "US" | "CA" | "AU"));
    let mut all = regions.clone();
    match (posted.next(), posted.next(), all.next(), all.next()) {
        (Some(only), None, ..) => Ok(Reading::region(only, "region_code", 70)),
        (None, _, Some(only), None) => Ok(Reading::region(only, "region_code", 60)),
        _ => Err("ambiguous"),
    }
}

fn has_large_city(key: &str) -> bool {
    ["US", "CA", "AU", "GB", "MX", "CO", "CL", "AR", "ES", "IN", "BR", "SC"]
        .iter()
        .filter_map(|country| city::in_country(key, country))
        .any(|city| !city.is_alternate && city.population >= LARGE)
}

/// The subdivision of an ISO 3166-2 code as it is written, `US-CA`.
pub(super) fn iso_code(raw: &str) -> Option<&'static Region> {
    let bytes = raw.as_bytes();
    let looks = (4..=6).contains(&bytes.len())
        && bytes[2] == b'-'
        && bytes[..2].iter().all(u8::is_ascii_alphabetic)
        && bytes[3..].iter().all(u8::is_ascii_alphanumeric);
    if looks { region::by_code(&raw.to_ascii_uppercase()) } else { None }
}

/// "US-CA-San Jose", "USA-TX-Austin".
fn codes_first(part: &Part<'_>) -> Option<Answer> {
    let pieces: Vec<&str> = part.raw.split('-').map(str::trim).collect();
    let [country, rest @ ..] = &pieces[..] else { return None };
    let capitals =
        |text: &str| text.len() <= 3 && !text.is_empty() && text.bytes().all(|c| c.is_ascii_uppercase());
    let (country, _) = country::find(&super::key::key(country)).filter(|_| capitals(country))?;
    let part = |raw: &&'_ str| Part { key: super::key::key(raw), raw: "", numbered: true, begins: false };
    match rest {
        [region, city] => {
            let region = region::find_in(&super::key::key(region), country.code)?;
            Some(in_region(&[part(city)], region))
        }
        [one] => {
            let found = in_country(&[part(one)], country);
            found
                .is_ok_and(|reading| reading.city.is_some() || reading.region.is_some())
                .then(|| in_country(&[part(one)], country))
        }
        _ => None,
    }
}
