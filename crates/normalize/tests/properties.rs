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
        "(https?://)?([a-z]{2}\\.)?linkedin\\.com/(in|pub|company|school)/[a-zé%0-9A-F-]{1,12}(/[a-z]{0,5})?",
    ]
}

/// Addresses with what stands around and inside them in exports, ASCII or not.
fn addresses() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{1,6}@(\\PC{1,4}\\.){1,2}(com|\\PC{1,3})",
        "(\\PC{0,3}|Jane |mailto:|<|\"|'|\r\n |\n)?[a-z.+\"\\\\\u{37e}\u{ff20}\u{2025}ŉßİẞΣﬁ½Ⱥ-]{1,9}@([a-z0-9.-]{1,6}\\.)?(com|example.com|io|[0-9]{1,3})(>|\"|'| \\(b\\)|; x@acme.com|\\.|\n|\r\n )?",
        "[a-zA-Z]{1,3}@\\[(IPv6:)?[0-9a-f:.]{1,20}\\]",
        "(https?:?[/\\\\]{0,3}|[a-z]{1,4}@|\\[)?(xn--)?[a-z0-9_.\u{3002}\u{ff0e}\u{ad}\u{200d}ßς٣\u{301}аеорху-]{1,12}\\.(com|co\\.uk|рф|example|github\\.io|0x7f|1)(\\.|:80|/| \\(b\\)|, acme.org)?",
        "(linkedin\\.(com|cn)[/\\\\]|https?:?//)(linkedin\\.com/)?(in|pub|company|school|showcase|edu|sales/company|comm/in|authwall\\?sessionRedirect=linkedin\\.com%2Fin)/(\\PC{1,8}|(%[0-9A-Fa-f]{2}){1,4}|[0-9]{1,4}|ACoAA[A-Za-z]{1,4})(/[0-9a-f]{1,3}){0,3}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.max(3000), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn total_and_deterministic(text in texts()) {
        for &kind in fg::Kind::ALL {
            prop_assert_eq!(fg::normalize(kind, &text), fg::normalize(kind, &text));
        }
        let _ = fg::fold_person_name(&text);
    }

    #[test]
    fn hosts_and_addresses_are_fixed_points(text in prop_oneof![texts(), addresses()]) {
        for kind in [fg::Kind::Domain, fg::Kind::Email, fg::Kind::LinkedinUrl] {
            let line = fg::normalize(kind, &text);
            prop_assert_eq!(&line, &fg::normalize(kind, &text));
            if let Some(span) = line.get("span") {
                let place = |at: usize| span[at].as_u64().and_then(|at| usize::try_from(at).ok()).unwrap_or(usize::MAX);
                prop_assert!(text.get(place(0)..place(1)).is_some_and(|part| !part.is_empty()), "{}", line);
            }
        }
        if let Some(found) = fg::extract_domain(&text).ok() {
            prop_assert!(found.value.host.is_ascii());
            prop_assert_eq!(&fg::extract_domain(&found.value.domain).ok().unwrap().value.domain, &found.value.domain);
            prop_assert_eq!(&fg::extract_domain(&found.value.host).ok().unwrap().value, &found.value);
        }
        if let Some(found) = fg::normalize_email(&text).ok() {
            prop_assert_eq!(fg::normalize_email(&found.value.address).ok().unwrap().value, found.value.clone());
            let key = fg::normalize_email(&found.value.key).ok().unwrap().value.key;
            prop_assert_eq!(key, found.value.key);
        }
        if let Some(found) = fg::canonical_linkedin_url(&text).ok() {
            prop_assert_eq!(fg::canonical_linkedin_url(&found.value.url).ok().unwrap().value, found.value);
        }
    }

    /// A map says what it was given, and what is sound in it is never lost to another spelling.
    #[test]
    fn sound_rows_of_a_map_answer(
        rows in proptest::collection::vec((prop_oneof![texts(), "[ABab é-]{1,3}"], 0..17_u8), 0..6),
    ) {
        let columns = fg::LevelMapColumns::recognize(&["original", "level"]).unwrap();
        let rows: Vec<_> =
            (2..).zip(&rows).map(|(line, (text, level))| columns.row(line, &[text.clone(), level.to_string()])).collect();
        let check = fg::check_level_map(&rows, &[]);
        let wanted = check.wanted(fg::LevelMapPolicy::Sound);
        let map = fg::LevelMap::new(wanted.iter().map(|entry| (&entry.original, entry.level)));
        for entry in wanted {
            let title = fg::match_job_title_with(&entry.original, Some(&map)).ok().unwrap();
            prop_assert_eq!(title.value.level, entry.level);
        }
        let forced = fg::LevelMap::new(check.entries.iter().map(|entry| (&entry.original, entry.level)));
        prop_assert!(check.entries.iter().all(|entry| forced.level(&entry.original).is_some()));
    }

    #[test]
    fn fixed_points(text in texts()) {
        if let Some(found) = fg::clean_company_name(&text).ok() {
            prop_assert!(!found.value.display.is_empty() && !found.value.key.is_empty());
            let again = fg::clean_company_name(&found.value.display).ok().unwrap().value;
            prop_assert_eq!(&again.display, &found.value.display);
            prop_assert_eq!(&again.key, &found.value.key);
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
