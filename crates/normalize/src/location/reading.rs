//! What was understood of a text, before it becomes a result.

use std::borrow::Cow;

use super::city::{self, City};
use super::country::{self, Country};
use super::region::{self, Region};

pub(super) const COUNTRIES: &str = "countries@2026.1";
pub(super) const REGIONS: &str = "subdivisions@2026.1";
pub(super) const METROS: &str = "metros@2026.1";

/// One understanding of a text.
#[derive(Debug, Clone, Default)]
pub(super) struct Reading {
    pub(super) city: Option<Cow<'static, str>>,
    pub(super) region: Option<&'static Region>,
    pub(super) country: Option<&'static Country>,
    pub(super) metro: Option<&'static str>,
    /// Name of an area that is in no table.
    pub(super) other_metro: Option<String>,
    pub(super) is_remote: bool,
    pub(super) rule: &'static str,
    pub(super) reference: &'static str,
    pub(super) percent: u8,
}

impl Reading {
    pub(super) fn country(country: &'static Country, rule: &'static str, percent: u8) -> Self {
        Reading { country: Some(country), rule, reference: COUNTRIES, percent, ..Reading::default() }
    }

    pub(super) fn region(region: &'static Region, rule: &'static str, percent: u8) -> Self {
        let country = country::by_alpha2(region.country());
        Reading { region: Some(region), country, rule, reference: REGIONS, percent, ..Reading::default() }
    }

    pub(super) fn city(city: &City, rule: &'static str, percent: u8) -> Self {
        let country = country::by_alpha2(city.country);
        let city = Some(Cow::Borrowed(city.name()));
        Reading { city, country, rule, reference: city::REFERENCE, percent, ..Reading::default() }
    }

    /// The same place in a region that was named.
    pub(super) fn within(mut self, region: &'static Region) -> Self {
        self.region = Some(region);
        self.country = country::by_alpha2(region.country());
        self
    }

    pub(super) fn unlisted(self, name: String) -> Self {
        Reading { city: Some(Cow::Owned(name)), rule: "unlisted_city", ..self }
    }

    pub(super) fn remote() -> Self {
        Reading { is_remote: true, rule: "remote", reference: COUNTRIES, percent: 95, ..Reading::default() }
    }

    pub(super) fn metro(metro: &super::metro::Metro) -> Self {
        let region = region::by_code(metro.region_code);
        let city = (!metro.city.is_empty()).then_some(Cow::Borrowed(metro.city));
        let country = country::by_alpha2(metro.country_code);
        Reading {
            city,
            region,
            country,
            metro: Some(metro.name),
            rule: "metro",
            reference: METROS,
            percent: 90,
            ..Reading::default()
        }
    }

    /// What both readings say.
    pub(super) fn common(mut self, other: &Reading) -> Self {
        let same = self.country == other.country;
        if self.region != other.region || !same {
            self.region = None;
        }
        if self.city != other.city || !same || self.region != other.region {
            self.city = None;
        }
        if !same {
            self.country = None;
        }
        if self.metro != other.metro || self.other_metro != other.other_metro {
            (self.metro, self.other_metro) = (None, None);
        }
        self.is_remote |= other.is_remote;
        self.percent = self.percent.min(other.percent);
        self
    }

    pub(super) fn says_nothing(&self) -> bool {
        self.city.is_none()
            && self.region.is_none()
            && self.country.is_none()
            && self.metro.is_none()
            && self.other_metro.is_none()
            && !self.is_remote
    }
}
