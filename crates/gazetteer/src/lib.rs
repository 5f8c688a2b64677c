//! Cities and towns of the world by name, from [GeoNames](https://www.geonames.org/) (CC BY 4.0; see the `LICENSE` of this crate).
//!
//! The table knows names and places and nothing else: which of several places was meant is for the caller to decide. It is
//! compiled in and searched where it lies, so nothing is built or allocated on first use.
//!
//! Names are looked up by their key: lower case, without accents and punctuation, words apart by one blank, `st`, `ste`, `mt` and
//! `ft` written out (`saint`, `sainte`, `mount`, `fort`) where a word follows.
//!
//! ```
//! let paris = firmograph_gazetteer::find("paris").max_by_key(|found| found.place.population).unwrap();
//! assert_eq!((paris.place.name(), paris.place.country), ("Paris", "FR"));
//! let louis = firmograph_gazetteer::find("saint louis").find(|found| found.place.region == "MO").unwrap();
//! assert_eq!(louis.place.name(), "St. Louis");
//! assert_eq!(firmograph_gazetteer::find("no such place").count(), 0);
//! ```

mod table;

pub use table::{VERSION, all, find};

/// A city, town or village.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    row: u32,
    /// ISO 3166-1 alpha-2 code.
    pub country: &'static str,
    /// The part of the ISO 3166-2 code behind the hyphen, of the highest level; blank outside the countries whose regions are known: US, CA,
    /// AU, GB, DE, FR, IN, BR, MX, IT, ES, NL, CH, CN and JP.
    pub region: &'static str,
    /// People, to three digits or better; 0 where it is not known.
    pub population: u32,
}

impl Place {
    /// The name in its usual spelling, mostly the English one.
    #[must_use]
    pub fn name(&self) -> &'static str {
        table::name(self.row as usize)
    }
}

/// A place, and whether it was found by its own name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The place.
    pub place: Place,
    /// Found by another name of it: one in another language, an older or a shorter one.
    pub is_alternate: bool,
}
