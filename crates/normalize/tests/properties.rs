//! Total, deterministic, and a fixed point on its own output, for any text.

use firmograph_normalize as fg;
use proptest::prelude::*;

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,40}",
        "[A-Za-z&.,' ]{1,20}( (Inc|GmbH|S\\.A\\.|Co|Ltd|AG|as|SE|\\(株\\)|株式会社|/DE/)\\.?,?){0,3}",
        "(<|>|~|\\$|up to )?[0-9.,]{1,9} ?(k|m|bn|crore)?( ?(-|to|–) ?[0-9.,]{1,9} ?(K|M|B)?)?(\\+| employees)?",
        "(https?://)?([a-zà-ü0-9_-]{1,9}\\.){0,3}(com|co\\.uk|io|con)(/[a-z%0-9]{0,5}){0,2}",
        "[A-Za-z0-9._+\" -]{1,12}@([a-zà-ü0-9-]{1,9}\\.){0,2}(com|co\\.uk|con)",
        "(Greater |Remote - |HQ: )?(Paris|SAN JOSE|St\\. Louis|Springfield|[A-Za-z' -]{1,15}|Zürich|New York)( Area|, [A-Z]{2}|, Texas|/ON)?( [0-9]{5})?(, (US|Germany|UK|CA|Georgia|[A-Z][a-z]{1,8}))?",
        "(https?://)?([a-z]{2}\\.)?linkedin\\.com/(in|pub|company|school)/[a-zé%0-9A-F-]{1,12}(/[a-z]{0,5})?",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn total_and_deterministic(text in texts()) {
        for &kind in fg::Kind::ALL {
            prop_assert_eq!(fg::normalize(kind, &text), fg::normalize(kind, &text));
        }
        let _ = fg::fold_person_name(&text);
        let _ = fg::match_location(&text, Some("US"));
    }

    #[test]
    fn fixed_points(text in texts()) {
        if let Some(found) = fg::extract_domain(&text).ok() {
            prop_assert_eq!(&fg::extract_domain(&found.value.domain).ok().unwrap().value.domain, &found.value.domain);
            prop_assert_eq!(&fg::extract_domain(&found.value.host).ok().unwrap().value, &found.value);
        }
        if let Some(found) = fg::normalize_email(&text).ok() {
            prop_assert_eq!(fg::normalize_email(&found.value.address).ok().unwrap().value, found.value.clone());
            let key = fg::normalize_email(&found.value.key).ok().unwrap().value.key;
            prop_assert_eq!(key, found.value.key);
        }
        if let Some(found) = fg::clean_company_name(&text).ok() {
            prop_assert!(!found.value.display.is_empty() && !found.value.key.is_empty());
            let again = fg::clean_company_name(&found.value.display).ok().unwrap().value;
            prop_assert_eq!(&again.display, &found.value.display);
            prop_assert_eq!(&again.key, &found.value.key);
        }
        if let Some(found) = fg::canonical_linkedin_url(&text).ok() {
            prop_assert_eq!(fg::canonical_linkedin_url(&found.value.url).ok().unwrap().value, found.value);
        }
        if let Some(found) = fg::match_location(&text, None).ok() {
            // In columns always; written out where both city and region are known: "New York, United
            // States" is read as the state, "Ferrara, Italy" as the city.
            let parts = fg::PlaceParts {
                city: found.value.city.as_deref(),
                state: found.value.region,
                country: found.value.country_code,
                ..fg::PlaceParts::default()
            };
            if found.value.country.is_some() {
                let again = fg::match_place(&parts);
                prop_assert_eq!(again.value().map(place), Some(place(&found.value)), "{:?}: {:?}", &text, &again);
            }
            if found.value.city.is_some() && found.value.region.is_some() {
                let again = fg::match_location(&shown(&found.value), None);
                prop_assert_eq!(again.value().map(place), Some(place(&found.value)), "{:?}: {:?}", &text, &again);
            }
        }
        for find in [fg::match_employee_range, fg::match_revenue_range, fg::match_funding_range] {
            if let Some(found) = find(&text).ok() {
                let again = find(found.value.name).ok().unwrap().value;
                prop_assert_eq!(again.name, found.value.name);
                prop_assert!((0.0..=1.0).contains(&found.value.overlap));
            }
        }
    }
}

/// City, region and country as people write them.
fn shown(location: &fg::Location) -> String {
    let parts = [location.city.as_deref(), location.region, location.country];
    parts.into_iter().flatten().collect::<Vec<&str>>().join(", ")
}

fn place(location: &fg::Location) -> (Option<&str>, Option<&str>, Option<&str>) {
    (location.city.as_deref(), location.region_code, location.country_code)
}

#[test]
fn every_country_and_region_is_a_fixed_point() {
    for table in fg::reference_tables() {
        for row in &table.rows {
            let code = row[0].as_str();
            let (wanted, state, country) = match table.name {
                "countries" => ((None, None, Some(code)), None, row[3].as_str()),
                "subdivisions" => ((None, Some(code), Some(&code[..2])), Some(row[1].as_str()), &code[..2]),
                _ => continue,
            };
            let parts = fg::PlaceParts { state, country: Some(country), ..fg::PlaceParts::default() };
            let found = fg::match_place(&parts);
            assert_eq!(found.value().map(place), Some(wanted), "{row:?} {found:?}");
        }
    }
}

#[test]
fn every_standard_range_is_a_fixed_point() {
    for table in fg::reference_tables() {
        let find = match table.name {
            "employee_ranges" => fg::match_employee_range,
            "revenue_ranges" => fg::match_revenue_range,
            "funding_ranges" => fg::match_funding_range,
            _ => continue,
        };
        for row in &table.rows {
            assert_eq!(find(&row[0]).value().unwrap_or_else(|| panic!("{}", row[0])).name, row[0]);
        }
    }
}
