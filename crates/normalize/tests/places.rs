//! Places with the country of their record, and from columns. Texts alone are in `tests/cases/location.csv`.
#![cfg(feature = "gazetteer")]

use firmograph_normalize::{Location, PlaceParts, match_location, match_place};

type Short<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>);

fn short(location: &Location) -> Short<'_> {
    (location.city.as_deref(), location.region_code, location.country_code)
}

#[test]
fn the_country_of_the_record_narrows() {
    for (text, country, wanted) in [
        ("CA", "US", (None, Some("US-CA"), Some("US"))),
        ("CA", "Canada", (None, None, Some("CA"))),
        ("Georgia", "USA", (None, Some("US-GA"), Some("US"))),
        ("Georgia", "GE", (None, None, Some("GE"))),
        ("Paris", "US", (Some("Paris"), None, Some("US"))),
        ("Cambridge", "United Kingdom", (Some("Cambridge"), None, Some("GB"))),
        ("London", "CA", (Some("London"), None, Some("CA"))),
        ("Windhoek", "NA", (Some("Windhoek"), None, Some("NA"))),
        ("Valencia", "ES", (Some("Valencia"), None, Some("ES"))),
        ("Mountain View, CA", "United States", (Some("Mountain View"), Some("US-CA"), Some("US"))),
        ("Perth, WA", "AU", (Some("Perth"), Some("AU-WA"), Some("AU"))),
        ("Remote", "DE", (None, None, Some("DE"))),
        ("Nowhereville", "US", (Some("Nowhereville"), None, Some("US"))),
        // A country in the text is more than one beside it.
        ("Toronto, Canada", "US", (Some("Toronto"), None, Some("CA"))),
    ] {
        let found = match_location(text, Some(country));
        assert_eq!(found.value().map(short), Some(wanted), "{text} in {country}: {found:?}");
    }
}

#[test]
fn the_country_of_the_record_contradicts() {
    assert_eq!(
        match_location("Berlin", Some("US")).value().map(short),
        Some((Some("Berlin"), None, Some("US")))
    );
    assert_eq!(match_location("Bengaluru", Some("France")).reason(), Some("contradiction"));
    assert_eq!(match_location("Germany", Some("France")).reason(), Some("contradiction"));
}

#[test]
fn reasons() {
    for (text, reason) in [
        ("", "blank"),
        ("  ", "blank"),
        ("N/A", "placeholder"),
        ("NA", "placeholder"),
        ("EMEA", "macro_region"),
        ("Springfield", "ambiguous"),
        ("CA", "ambiguous"),
        ("London / Paris", "several_places"),
        ("Marketing", "not_recognised"),
        ("https://acme.com", "not_a_place"),
        ("12345", "not_a_place"),
    ] {
        assert_eq!(match_location(text, None).reason(), Some(reason), "{text}");
    }
}

fn columns<'a>(city: &'a str, state: &'a str, country: &'a str) -> PlaceParts<'a> {
    PlaceParts { city: Some(city), state: Some(state), country: Some(country), ..PlaceParts::default() }
}

#[test]
fn columns_support_each_other() {
    for (city, state, country, wanted) in [
        ("Paris", "TX", "US", (Some("Paris"), Some("US-TX"), Some("US"))),
        ("Paris", "", "US", (Some("Paris"), None, Some("US"))),
        ("Paris", "TX", "", (Some("Paris"), Some("US-TX"), Some("US"))),
        ("Paris", "", "", (Some("Paris"), None, Some("FR"))),
        ("Paris", "TX", "France", (Some("Paris"), None, Some("FR"))),
        ("Phoenix", "AZ", "United States", (Some("Phoenix"), Some("US-AZ"), Some("US"))),
        ("New York", "New York", "United States", (Some("New York"), Some("US-NY"), Some("US"))),
        ("New York", "", "US", (Some("New York"), None, Some("US"))),
        ("Berlin", "Berlin", "Germany", (Some("Berlin"), Some("DE-BE"), Some("DE"))),
        ("Dublin", "Leinster", "Ireland", (Some("Dublin"), Some("IE-L"), Some("IE"))),
        ("", "California", "", (None, Some("US-CA"), Some("US"))),
        ("", "", "NA", (None, None, Some("NA"))),
        ("", "", "516", (None, None, Some("NA"))),
        ("", "", "England", (None, Some("GB-ENG"), Some("GB"))),
        ("", "", "Georgia", (None, None, Some("GE"))),
        ("Unknown", "Unknown", "United States", (None, None, Some("US"))),
        ("Austin, TX", "TX", "US", (Some("Austin"), Some("US-TX"), Some("US"))),
        ("Austin, TX", "", "US", (Some("Austin"), Some("US-TX"), Some("US"))),
        ("Sydney", "NSW", "AU", (Some("Sydney"), Some("AU-NSW"), Some("AU"))),
        ("MÜNCHEN", "BY", "DEU", (Some("Munich"), Some("DE-BY"), Some("DE"))),
        ("https://acme.example/", "https://acme.example/", "US", (None, None, Some("US"))),
    ] {
        let found = match_place(&columns(city, state, country));
        assert_eq!(found.value().map(short), Some(wanted), "{city}, {state}, {country}: {found:?}");
    }
    let nothing = columns("https://acme.example/", "", "https://acme.example/");
    assert!(match_place(&nothing).value().is_none());
    assert_eq!(match_place(&PlaceParts::default()).reason(), Some("blank"));
}

#[test]
fn free_text_fills_in() {
    let parts = |location: &'static str, address: &'static str, country: &'static str| PlaceParts {
        location: Some(location),
        address: Some(address),
        country: Some(country),
        ..PlaceParts::default()
    };
    let found = match_place(&parts("Mountain View, CA", "", "United States"));
    assert_eq!(found.value().map(short), Some((Some("Mountain View"), Some("US-CA"), Some("US"))));
    let found = match_place(&parts("", "1600 Amphitheatre Pkwy, Mountain View, CA 94043", "US"));
    assert_eq!(found.value().map(short), Some((Some("Mountain View"), Some("US-CA"), Some("US"))));
    let found = match_place(&parts("San Francisco Bay Area", "", "United States"));
    assert_eq!(found.value().unwrap().metro.as_deref(), Some("San Francisco Bay Area"));
    // Columns and text that disagree: the columns, less sure.
    let all = PlaceParts { location: Some("Berlin, Germany"), ..columns("Austin", "TX", "US") };
    assert_eq!(match_place(&all).value().map(short), Some((Some("Austin"), Some("US-TX"), Some("US"))));
    // The region that only the text names.
    let all = PlaceParts { location: Some("Austin, Texas"), ..columns("Austin", "", "US") };
    assert_eq!(match_place(&all).value().map(short), Some((Some("Austin"), Some("US-TX"), Some("US"))));
}

#[test]
fn remote_places() {
    for (text, country) in
        [("Fully Remote", None), ("Anywhere", None), ("Remote (EMEA)", None), ("Remote - US", Some("US"))]
    {
        let found = match_location(text, None);
        let place = found.value().unwrap();
        assert!(
            place.is_remote && place.city.is_none() && place.country_code == country,
            "{text}: {found:?}"
        );
    }
    assert!(!match_location("Hybrid - London", None).value().unwrap().is_remote);
}
