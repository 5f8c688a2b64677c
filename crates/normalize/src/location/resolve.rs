//! Decides which of the names of a text are city, region and country.
//!
//! A text is read from its end, where the widest name stands. A code or a name that may be several things is decided by the gazetteer: the one
//! in which the town before it lies; failing that, the state of the United States, as `City, ST` is written there.

use super::case::display;
use super::city::{self, Bare};
use super::country::{self, Country};
use super::metro;
use super::reading::Reading;
use super::region::{self, Region};
use super::single::{iso_code, single};
use super::split::{Part, split};
use super::town::{is_a_town, looks_like_codes};
use super::words;

pub(super) type Answer = Result<Reading, &'static str>;

/// A rival reading whose place is this many times larger makes the first one doubtful.
const RIVAL: u64 = 100;

/// A city as large as this is known to people elsewhere.
const KNOWN: u32 = 100_000;

/// A city as large as this may be meant by a name that is also that of a region elsewhere.
const LARGE: u32 = 250_000;

/// Reads a whole text; `hint` is the country that the record names.
pub(super) fn text(raw: &str, hint: Option<&'static Country>) -> Answer {
    if let Some(region) = iso_code(raw.trim()) {
        return Ok(Reading::region(region, "region_code", 97));
    }
    let found = split(raw);
    let answer = if found.parts.is_empty() {
        match (found.is_remote, found.is_macro_region) {
            (true, _) => Ok(Reading { country: hint, ..Reading::remote() }),
            (false, true) => Err("macro_region"),
            (false, false) => Err("not_a_place"),
        }
    } else {
        match several(&found.parts, hint) {
            Some(answer) => answer,
            None => match names(&found.parts, hint) {
                Err(reason) => listed(&found.parts, hint).unwrap_or(Err(reason)),
                read => read,
            },
        }
    };
    match answer {
        Ok(reading) => Ok(Reading { is_remote: reading.is_remote || found.is_remote, ..reading }),
        Err(_) if found.is_remote => Ok(Reading { country: hint, percent: 60, ..Reading::remote() }),
        Err(_) if found.is_macro_region => Err("macro_region"),
        Err(reason) => Err(reason),
    }
}

/// Reads names that belong together.
pub(super) fn names(parts: &[Part<'_>], hint: Option<&'static Country>) -> Answer {
    let (last, rest) = match parts {
        [] => return Err("not_a_place"),
        [one] => return single(one, hint),
        [rest @ .., last] => (last, rest),
    };
    if let Some(country) = split_country(parts) {
        return Ok(Reading::country(country, "country", 97));
    }
    let straight = by_last(last, rest, hint);
    if let Some(Ok(reading)) = &straight
        && reading.rule != "unlisted_city"
    {
        return Ok(reading.clone());
    }
    // "US - CA - San Jose", "India - Bangalore".
    let first = &parts[0];
    // A short word is a code only in capitals.
    let is_wide = country::find(&first.key).is_some() || region::find(&first.key).any(Region::is_top);
    if is_wide && (first.key.len() > 3 || !first.raw.chars().any(char::is_lowercase)) {
        let turned: Vec<Part<'_>> = parts.iter().rev().cloned().collect();
        if let Some(Ok(reading)) = by_last(&turned[parts.len() - 1], &turned[..parts.len() - 1], hint)
            && reading.city.is_some()
            && reading.rule != "unlisted_city"
        {
            return Ok(reading);
        }
    }
    if let Some(answer) = straight {
        return answer;
    }
    // "Austin Texas" behind a street, or "CA US".
    if let Some((left, right)) = tail(last) {
        let mut more = rest.to_vec();
        more.extend([left, right]);
        if let Some(Ok(reading)) = by_last(&more[rest.len() + 1], &more[..=rest.len()], hint)
            && reading.rule != "unlisted_city"
        {
            return Ok(reading);
        }
    }
    if let Some(hint) = hint {
        return in_country(parts, hint);
    }
    // A quarter or a street before a city that is known by its name.
    match single(last, None) {
        Ok(reading) if reading.city.is_some() && !rest[rest.len() - 1].begins && !last.begins => {
            Ok(Reading { percent: reading.percent.min(60), ..reading })
        }
        Ok(_) => Err("not_recognised"),
        Err(reason) => Err(reason),
    }
}

/// Names of ISO 3166-1 that have a comma, and the like: "Korea, Republic of", "Hong Kong, China".
fn split_country(parts: &[Part<'_>]) -> Option<&'static Country> {
    if parts.len() > 3 || parts.iter().any(|part| part.numbered) {
        return None;
    }
    // No such name ends in the code of a state.
    let last = parts.last().map_or("", |part| part.key.as_str());
    if last.len() == 2 && last != "of" && last != "us" {
        return None;
    }
    let mut whole = String::with_capacity(64);
    for part in parts {
        if !whole.is_empty() {
            whole.push(' ');
        }
        whole.push_str(&part.key);
    }
    country::by_name(&whole)
}

/// Reads names by what the last of them is; nothing if it is no country and no region.
fn by_last(last: &Part<'_>, rest: &[Part<'_>], hint: Option<&'static Country>) -> Option<Answer> {
    let country = country::find(&last.key);
    let here = |region: &&'static Region| hint.is_none_or(|hint| hint.code == region.country());
    let regions = region::find(&last.key);
    match country {
        Some((country, _)) if hint == Some(country) => Some(in_country(rest, country)),
        Some((country, is_code)) => {
            if let Some(region) = hint.and_then(|_| regions.clone().find(here)) {
                return Some(in_region(rest, region));
            }
            let state = regions.clone().any(|region| region.country() == "US");
            if is_code || state {
                Some(choose(rest, regions, Some(country)))
            } else {
                Some(in_country(rest, country))
            }
        }
        None => {
            let regions =
                regions.filter(|region| !(borough(region) && city::in_country(&last.key, "GB").is_some()));
            let mut in_hint = regions.clone().filter(here).peekable();
            if in_hint.peek().is_some() {
                Some(choose(rest, in_hint, None))
            } else if regions.clone().next().is_some() {
                // The record's country has no such region, so its country is not that of this text.
                Some(
                    choose(rest, regions, None)
                        .map(|reading| Reading { percent: reading.percent.min(70), ..reading }),
                )
            } else {
                None
            }
        }
    }
}

/// Which of several regions, or the country, the last name is.
fn choose(
    rest: &[Part<'_>],
    regions: impl Iterator<Item = &'static Region> + Clone,
    country: Option<&'static Country>,
) -> Answer {
    let Some(town) = rest.iter().rev().find(|part| is_usable(part)) else {
        let mut all = regions.clone();
        return match (all.next(), all.next(), country) {
            (Some(only), None, None) => Ok(Reading::region(only, "region", 80)),
            (None, _, Some(country)) => Ok(Reading::country(country, "country", 90)),
            _ => Err("ambiguous"),
        };
    };
    let size = |city: &city::City| u64::from(city.population.max(1000));
    let named = city::Named::new(&town.key);
    let known = |region: &'static Region| named.in_region(region).map(|city| (region, city));
    // A code that is also one of the United States means another place only beside a city of some size.
    let state = regions.clone().any(|region| region.country() == "US");
    let stands = |home: &str, city: &city::City| home == "US" || !state || city.population >= KNOWN;
    let best = regions
        .clone()
        .filter_map(known)
        .filter(|(region, city)| stands(region.country(), city))
        .max_by_key(|(region, city)| (region.country() == "US", !city.is_alternate, city.population));
    let elsewhere = country.and_then(|country| named.in_country(country.code));
    let elsewhere = elsewhere.filter(|city| stands(city.country, city));
    // "Toronto, ON, CA", "Quebec, CA", "Deutschland 10961, DE".
    let nested = country.filter(|country| {
        region::find_in(&town.key, country.code).is_some() || country::by_name(&town.key) == Some(*country)
    });
    match (best, nested) {
        (Some((_, city)), Some(_)) if city.population >= 50_000 => Err("ambiguous"),
        (None, Some(country)) => in_country(rest, country),
        (Some((region, city)), None | Some(_)) => {
            let rivals = regions.filter(|region| region.is_top()).filter_map(known).map(|(_, city)| city);
            let doubtful = rivals
                .chain(elsewhere)
                .any(|rival| !rival.is_alternate && size(&rival) >= size(&city).saturating_mul(RIVAL));
            if doubtful {
                Err("ambiguous")
            } else {
                Ok(Reading::city(&city, "city_region", 97).within(region))
            }
        }
        (None, None) => {
            if let (Some(_), Some(country)) = (elsewhere, country) {
                return in_country(rest, country);
            }
            let home = ["US", "CA", "AU"]
                .iter()
                .find_map(|home| regions.clone().find(|region| region.country() == *home));
            let mut all = regions.clone();
            match (home, country, all.next(), all.next()) {
                (Some(region), ..) => in_region(rest, region),
                (None, Some(country), ..) => in_country(rest, country),
                (None, None, Some(only), None) => in_region(rest, only),
                _ => Err("ambiguous"),
            }
        }
    }
}

/// Reads what stands before a region.
pub(super) fn in_region(rest: &[Part<'_>], region: &'static Region) -> Answer {
    let named = Reading::region(region, "region", 95);
    let mut usable = rest.iter().rev().filter(|part| is_usable(part));
    let Some(town) = usable.next() else { return Ok(named) };
    for part in std::iter::once(town).chain(usable.take(2)) {
        if let Some(city) = city::in_region(&part.key, region) {
            return Ok(Reading::city(&city, "city_region", 97).within(region));
        }
    }
    if let Some(area) = metro::core(&town.key) {
        if let Some(row) = metro::find(area).filter(|row| row.country_code == region.country()) {
            return Ok(Reading { region: Some(region), ..Reading::metro(row) });
        }
        let city = city::in_region(area, region);
        let found = city.map_or(named, |city| Reading::city(&city, "metro", 90).within(region));
        return Ok(Reading { other_metro: Some(display(town.raw)), rule: "metro", percent: 85, ..found });
    }
    let unlisted = rest.iter().rev().find(|part| is_usable(part) && is_a_town(part));
    Ok(match unlisted {
        Some(town) => Reading { percent: 70, ..named.unlisted(display(town.raw)) },
        None => named,
    })
}

/// Reads what stands before a country.
pub(super) fn in_country(rest: &[Part<'_>], country: &'static Country) -> Answer {
    // "Deutschland 10961, DE".
    let mut rest = rest;
    while let [before @ .., last] = rest {
        if before.is_empty()
            || country::find(&last.key).is_none_or(|(same, _)| same != country)
            || city::in_country(&last.key, country.code).is_some()
        {
            break;
        }
        rest = before;
    }
    let named = Reading::country(country, "country", 98);
    let Some(at) = rest.iter().rposition(is_usable) else { return Ok(named) };
    let (last, before) = (&rest[at], &rest[..at]);
    if let Some(region) = region::find_in(&last.key, country.code) {
        if !before.iter().any(|part| is_usable(part) && !words::is_street(&part.key)) {
            return Ok(region_or_city(last, region, country));
        }
        let large = city::in_country(&last.key, country.code)
            .filter(|city| !city.is_alternate && city.population >= 100_000);
        return match large {
            // "Canary Wharf, London, UK": a city, not the district of its name.
            Some(city) if borough(region) => Ok(Reading::city(&city, "city_country", 85)),
            _ => in_region(before, region),
        };
    }
    if let Some(city) = city::in_country(&last.key, country.code) {
        let found = Reading::city(&city, "city_country", 93);
        // "CA, San Jose, US".
        let region = before.last().and_then(|part| region::find_in(&part.key, country.code));
        return Ok(match region.filter(|region| city::in_region(&last.key, region).is_some()) {
            Some(region) => found.within(region),
            None => found,
        });
    }
    if let Some(area) = metro::core(&last.key) {
        if let Some(row) = metro::find(area).filter(|row| row.country_code == country.code) {
            return Ok(Reading::metro(row));
        }
        let found = match city::in_country(area, country.code) {
            Some(city) => Reading::city(&city, "metro", 85),
            None => named,
        };
        return Ok(Reading { other_metro: Some(display(last.raw)), rule: "metro", percent: 85, ..found });
    }
    if let Some(city) = before
        .iter()
        .rev()
        .filter(|part| is_usable(part))
        .find_map(|part| city::in_country(&part.key, country.code))
    {
        return Ok(Reading::city(&city, "city_country", 80));
    }
    if let Some((left, right)) = tail(last) {
        let inside = |region: &&Region| city::in_region(&left.key, region).is_some();
        if let Some(region) = region::find_in(&right.key, country.code).filter(inside) {
            return in_region(&[left], region);
        }
        if country::find(&right.key).is_some_and(|(same, _)| same == country) {
            return in_country(&[left], country);
        }
    }
    if country::find(&last.key).is_some_and(|(same, _)| same == country) {
        return Ok(named);
    }
    let town =
        rest.iter().rev().find(|part| is_usable(part) && is_a_town(part) && !looks_like_codes(&part.key));
    Ok(match town {
        Some(town) if is_known_elsewhere(&town.key) => return Err("contradiction"),
        Some(town) => Reading { percent: 60, ..named.unlisted(display(town.raw)) },
        None => Reading { percent: 80, ..named },
    })
}

/// One name before a country that is both a region and perhaps a city: what both readings have in common, or the city where a city of that
/// very name is what people write.
fn region_or_city(part: &Part<'_>, region: &'static Region, country: &'static Country) -> Reading {
    // "Milano, Italia" is the city of that name, "Bayern" no city at all.
    let city = city::in_country(&part.key, country.code)
        .filter(|city| !city.is_alternate || city.name() == region.name && !writes_states(country));
    match city {
        Some(city) if writes_states(country) => {
            if city.population >= LARGE && city.region != region.suffix() {
                Reading::country(country, "region_or_city", 80)
            } else {
                Reading::region(region, "region", 93)
            }
        }
        Some(city) if city.population >= 50_000 || !region.is_top() => {
            Reading::city(&city, "city_country", 90)
        }
        _ => Reading::region(region, "region", 95),
    }
}

/// Whether a bare region before the country is the usual form.
pub(super) fn writes_states(country: &Country) -> bool {
    matches!(country.code, "US" | "CA" | "AU")
}

/// Districts of the United Kingdom, many of them named as their city is.
fn borough(region: &Region) -> bool {
    region.country() == "GB" && !region.is_top()
}

/// Several places in one text: what they have in common.
fn several(parts: &[Part<'_>], hint: Option<&'static Country>) -> Option<Answer> {
    if !parts.iter().skip(1).any(|part| part.begins) {
        return None;
    }
    let mut groups: Vec<&[Part<'_>]> = Vec::new();
    let mut start = 0;
    for at in 1..=parts.len() {
        if at == parts.len() || parts[at].begins {
            groups.push(&parts[start..at]);
            start = at;
        }
    }
    // "Austin / TX" and "Austin; Texas; United States" are one place.
    if groups.iter().all(|group| group.len() == 1)
        && let Ok(reading) = names(parts, hint)
        && reading.percent >= 90
        && reading.city.is_some()
    {
        return Some(Ok(reading));
    }
    let readings: Result<Vec<Reading>, _> = groups.iter().map(|group| names(group, hint)).collect();
    Some(all_of(readings.ok()?))
}

/// Places joined by words: "London or Berlin".
fn listed(parts: &[Part<'_>], hint: Option<&'static Country>) -> Option<Answer> {
    let [part] = parts else { return None };
    for joint in [" or ", " and ", " und ", " et ", " y ", " oder "] {
        if let Some((left, right)) = part.key.split_once(joint) {
            let read = |key: &str| {
                names(&[Part { raw: "", key: key.to_owned(), numbered: true, begins: false }], hint)
            };
            if let (Ok(left), Ok(right)) = (read(left), read(right)) {
                return Some(all_of(vec![left, right]));
            }
        }
    }
    None
}

fn all_of(readings: Vec<Reading>) -> Answer {
    let first = readings.first().cloned().ok_or("not_a_place")?;
    let alike = readings.iter().all(|reading| {
        (reading.country, reading.region, &reading.city) == (first.country, first.region, &first.city)
    });
    let common = readings.iter().skip(1).fold(first, |common, reading| common.common(reading));
    if common.says_nothing() {
        return Err("several_places");
    }
    Ok(if alike {
        common
    } else {
        Reading { rule: "common_of_several", percent: common.percent.min(70), ..common }
    })
}

/// The last words of a name as a country or region, and what stands before them: "San Francisco CA", "Toronto Ontario".
pub(super) fn tail<'a>(part: &Part<'a>) -> Option<(Part<'a>, Part<'a>)> {
    let words: Vec<&str> = part.key.split(' ').collect();
    (1..=3.min(words.len().checked_sub(1)?)).rev().find_map(|count| {
        let cut = words.len() - count;
        let right = words[cut..].join(" ");
        // A short word is a code only in capitals: "in", "de" and "la" are words.
        let code = right.len() > 3 || {
            let given = part.raw.trim_end_matches(['.', ' ']);
            let last = given.rsplit(|c: char| c.is_whitespace() || c == '-').next().unwrap_or(given);
            last.chars().any(char::is_alphabetic) && !last.chars().any(char::is_lowercase)
        };
        let known = code && (country::find(&right).is_some() || region::find(&right).next().is_some());
        known.then(|| {
            let new = |key: String, raw: &'a str| Part { raw, key, numbered: part.numbered, begins: false };
            let left_raw = raw_words(part.raw, cut);
            (new(words[..cut].join(" "), left_raw), new(right, &part.raw[left_raw.len()..]))
        })
    })
}

/// The first words of a text, counted as its key counts them.
fn raw_words(raw: &str, count: usize) -> &str {
    let mut seen = 0;
    let mut inside = false;
    for (at, c) in raw.char_indices() {
        let letter = !(c.is_whitespace() || c == '-');
        if letter && !inside {
            if seen == count {
                return raw[..at].trim_end_matches([' ', '-', ',']);
            }
            seen += 1;
        }
        inside = letter;
    }
    raw
}

/// What a bare name stands for, as a reading.
pub(super) fn dominant(key: &str) -> Answer {
    match city::bare(key) {
        Bare::Dominant(city) => Ok(Reading::city(&city, "dominant_city", 80)),
        Bare::Ambiguous => Err("ambiguous"),
        Bare::Unknown => Err("not_recognised"),
    }
}

fn is_usable(part: &Part<'_>) -> bool {
    let county = |end: &str| part.key.ends_with(end);
    let within = county(" county") || county(" parish") || county(" borough");
    !part.key.is_empty() && (!within || region::find(&part.key).next().is_some())
}

/// Whether a name is well known, and not in the country that was named.
fn is_known_elsewhere(key: &str) -> bool {
    key.len() > 3
        && (country::by_name(key).is_some()
            || region::find(key).any(Region::is_top)
            || matches!(city::bare(key), Bare::Dominant(_)))
}
