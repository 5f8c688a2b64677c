//! What [`checks`] asks of every kind, for any text: total, deterministic, and a fixed point on its own output.

mod checks;

use checks::check;
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
        "(Soft|Bank|Health|IT|Oil|NAICS|SIC|urn:li:industry:|[0-9]{1,6})[a-z0-9]{0,6}( ?[&,;/>(-] ?| and )?(Insurance|Services|Energy|Care|[0-9]{2})?\\)?",
        "((Sr|Vice|Chief|former|Assistant|to the|CEO|Director|leiter|Vertriebs|Partner|[A-Za-zé.]{1,8})[ ,/&'()-]{1,2}){1,6}",
        "(Tel:? ?|M: )?(\\+|00|011)?[1-9][0-9]{0,2}[ .-]?(\\(0?[0-9]{0,3}\\))?[ /-]?[0-9]{2,5}[ -]?[0-9]{2,5}( ?(x|ext\\.?|#|/|;|or) ?[0-9]{1,9})?",
        "((Dr|Prof|Mr|Ing|Sr)\\. )?[A-Zdlv][a-zé']{0,7}( (van|de|la|der|bin|y|Mc|Mac|O'|D’|II|Jr|St)){0,2}[ ,-]{1,2}[A-Za-zßŉ.]{1,8}( [A-Z]{2,8})?(,? (PhD|MBA|Jr\\.?|III|MA|M\\.D\\.)){0,2}( [(|\"'-] ?[a-z/]{1,8}[)\"']?)?",
        "(Greater |Remote - |HQ: )?(Paris|SAN JOSE|St\\. Louis|Springfield|[A-Za-z' -]{1,15}|Zürich|New York)( Area|, [A-Z]{2}|, Texas|/ON)?( [0-9]{5})?(, (US|Germany|UK|CA|Georgia|[A-Z][a-z]{1,8}))?",
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
    fn every_kind_holds(text in texts()) {
        for &kind in fg::Kind::ALL {
            check(kind, &text);
        }
        let _ = fg::fold_person_name(&text);
        let _ = fg::match_location(&text, Some("US"));
    }

    #[test]
    fn hosts_and_addresses_hold(text in prop_oneof![texts(), addresses()]) {
        for kind in [fg::Kind::Domain, fg::Kind::Email, fg::Kind::LinkedinUrl] {
            check(kind, &text);
            if let Some(span) = fg::normalize(kind, &text).get("span") {
                let place = |at: usize| span[at].as_u64().and_then(|at| usize::try_from(at).ok()).unwrap_or(usize::MAX);
                prop_assert!(text.get(place(0)..place(1)).is_some_and(|part| !part.is_empty()), "{kind:?} {text:?}");
            }
        }
        if let Some(found) = fg::extract_domain(&text).ok() {
            prop_assert!(found.value.host.is_ascii());
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
    fn the_level_of_a_title_is_the_level_of_its_name(text in texts()) {
        if let Some(found) = fg::match_job_title(&text).ok() {
            let level = fg::match_job_title(found.value.level_name).ok().unwrap().value.level;
            prop_assert_eq!(level, found.value.level);
        }
    }

    #[test]
    fn a_finer_industry_rolls_up_where_it_did(text in texts()) {
        if let Some(found) = fg::match_industry(&text).ok() {
            prop_assert!(!found.value.also.contains(&found.value.name));
            prop_assert_eq!(fg::match_industry(found.value.name).ok().unwrap().value.finer, None);
            if let Some(finer) = found.value.finer {
                let again = fg::match_industry(finer).ok().unwrap().value;
                prop_assert_eq!((again.name, again.finer), (found.value.name, Some(finer)));
            }
        }
    }

    #[test]
    fn a_place_in_columns_stays_where_it_is(text in texts()) {
        // A town that no table has is given as it was found; what vouched for it there may not be in the columns.
        if let Some(found) = fg::match_location(&text, None).ok()
            && found.value.country.is_some()
            && found.evidence.rule != "unlisted_city"
        {
            let found = found.value;
            let parts = fg::PlaceParts {
                city: found.city.as_deref(),
                state: found.region,
                country: found.country_code,
                ..fg::PlaceParts::default()
            };
            let again = fg::match_place(&parts);
            prop_assert_eq!(again.value().map(place), Some(place(&found)), "{:?}", &text);
        }
    }

    #[test]
    fn numbers_and_names_hold(text in texts()) {
        for region in [None, Some("US"), Some("DE"), Some("BR")] {
            if let Some(found) = fg::normalize_phone(&text, region).ok() {
                let again = fg::normalize_phone(&found.value.e164, None).ok().unwrap().value;
                prop_assert_eq!((&again.e164, again.is_valid, &again.region), (&found.value.e164, found.value.is_valid, &found.value.region));
            }
        }
        let (first, last) = text.split_once(' ').unwrap_or((&text, ""));
        let parts = fg::PersonNameParts { first_name: Some(first), last_name: Some(last), ..Default::default() };
        if let Some(found) = fg::join_person_name(&parts).ok() {
            let again = fg::split_person_name(&found.value.display).ok().unwrap().value;
            prop_assert_eq!(again.display, found.value.display);
        }
    }
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
