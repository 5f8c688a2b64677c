//! Cities by name, of the gazetteer where that feature is on; without it no city is known, and those in a clear form are taken as given.

use super::region::Region;

#[cfg(feature = "gazetteer")]
use firmograph_gazetteer::Place;

/// A bare name stands for the largest place of it when that is this many times larger than any other.
const DOMINANCE: u32 = 8;

/// And has at least this many people.
const DOMINANT_FROM: u32 = 50_000;

/// A city of the gazetteer.
#[derive(Debug, Clone, Copy)]
pub(super) struct City {
    place: Place,
    pub(super) country: &'static str,
    /// The part of the ISO 3166-2 code behind the hyphen, or blank.
    pub(super) region: &'static str,
    pub(super) population: u32,
    pub(super) is_alternate: bool,
}

impl City {
    pub(super) fn name(&self) -> &'static str {
        self.place.name()
    }
}

#[cfg(feature = "gazetteer")]
pub(super) const REFERENCE: &str = "gazetteer@2026.1";

#[cfg(feature = "gazetteer")]
fn find(key: &str) -> impl Iterator<Item = City> {
    firmograph_gazetteer::find(key).map(|found| City {
        place: found.place,
        country: found.place.country,
        region: found.place.region,
        population: found.place.population,
        is_alternate: found.is_alternate,
    })
}

/// The name of a city; there are none.
#[cfg(not(feature = "gazetteer"))]
#[derive(Debug, Clone, Copy)]
enum Place {}

#[cfg(not(feature = "gazetteer"))]
impl Place {
    fn name(&self) -> &'static str {
        match *self {}
    }
}

#[cfg(not(feature = "gazetteer"))]
pub(super) const REFERENCE: &str = "subdivisions@2026.1";

#[cfg(not(feature = "gazetteer"))]
fn find(_: &str) -> impl Iterator<Item = City> {
    std::iter::empty()
}

/// The place of this name in a country: one of that very name before others, then the largest.
pub(super) fn in_country(key: &str, country: &str) -> Option<City> {
    best(find(key).filter(|city| city.country == country))
}

/// Every place of a name, looked up once.
pub(super) struct Named(Vec<City>);

impl Named {
    pub(super) fn new(key: &str) -> Self {
        Named(find(key).collect())
    }

    /// As [`in_country`].
    pub(super) fn in_country(&self, country: &str) -> Option<City> {
        best(self.0.iter().copied().filter(|city| city.country == country))
    }

    /// As [`in_region`].
    pub(super) fn in_region(&self, region: &Region) -> Option<City> {
        best(self.0.iter().copied().filter(|city| city.is_in(region)))
    }
}

impl City {
    /// Inside a region; or in its country, where the gazetteer knows no regions of it.
    fn is_in(&self, region: &Region) -> bool {
        self.country == region.country() && (self.region.is_empty() || self.region == region.suffix())
    }
}

/// One of that very name before others, then the largest.
fn best(cities: impl Iterator<Item = City>) -> Option<City> {
    cities.max_by_key(|city| (!city.is_alternate, city.population))
}

/// The place of this name in a region of its country; in the country, where the gazetteer knows no regions of it.
pub(super) fn in_region(key: &str, region: &Region) -> Option<City> {
    best(find(key).filter(|city| city.is_in(region)))
}

/// What a bare name stands for.
pub(super) enum Bare {
    /// One place far larger than any other of the name.
    Dominant(City),
    /// Several, or one too small to be known by its name alone.
    Ambiguous,
    /// None.
    Unknown,
}

/// The place that a bare name stands for.
pub(super) fn bare(key: &str) -> Bare {
    let (mut first, mut second) = (None::<City>, 0);
    for city in find(key) {
        match first {
            Some(before) if before.population >= city.population => {
                if !is_same(&before, &city) {
                    second = second.max(city.population);
                }
            }
            _ => {
                second = first.map_or(0, |before| before.population).max(second);
                first = Some(city);
            }
        }
    }
    match first {
        Some(city)
            if city.population >= DOMINANT_FROM
                && u64::from(city.population) >= u64::from(second) * u64::from(DOMINANCE) =>
        {
            Bare::Dominant(city)
        }
        Some(_) => Bare::Ambiguous,
        None => Bare::Unknown,
    }
}

fn is_same(a: &City, b: &City) -> bool {
    (a.country, a.region, a.population) == (b.country, b.region, b.population) && a.name() == b.name()
}

/// Whether any place has this name.
pub(super) fn is_any(key: &str) -> bool {
    find(key).next().is_some()
}

/// Whether any place has this name as its own.
pub(super) fn has_own_name(key: &str) -> bool {
    find(key).any(|city| !city.is_alternate)
}
