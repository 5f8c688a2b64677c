//! Total, deterministic, and a fixed point on its own output, for any text.

use firmograph_normalize as fg;
use proptest::prelude::*;

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,40}",
        "[A-Za-z&.,' ]{1,20}( (Inc|GmbH|S\\.A\\.|Co|Ltd|AG|as|SE|\\(株\\)|株式会社|/DE/)\\.?,?){0,3}",
        "(PT |The |ООО )?[A-Za-zéß.'-]{1,7}( [A-Z]{1,6}){0,3}(( |, )(INC|inc/DE/|GROUP|& Co|\\(The\\)|- USA|dba Acme|The|N\\.V\\.|a X company|f/k/a B|NYSE:A)){0,3}",
        "(<|>|~|\\$|up to )?[0-9.,]{1,9} ?(k|m|bn|crore)?( ?(-|to|–) ?[0-9.,]{1,9} ?(K|M|B)?)?(\\+| employees)?",
        "(https?://)?([a-zà-ü0-9_-]{1,9}\\.){0,3}(com|co\\.uk|io|con)(/[a-z%0-9]{0,5}){0,2}",
        "[A-Za-z0-9._+\" -]{1,12}@([a-zà-ü0-9-]{1,9}\\.){0,2}(com|co\\.uk|con)",
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
        for find in [fg::match_employee_range, fg::match_revenue_range, fg::match_funding_range] {
            if let Some(found) = find(&text).ok() {
                let again = find(found.value.name).ok().unwrap().value;
                prop_assert_eq!(again.name, found.value.name);
                prop_assert!((0.0..=1.0).contains(&found.value.overlap));
            }
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
