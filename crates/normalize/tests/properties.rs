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
        "(<|>|~|\\$|up to )?[0-9.,]{1,9} ?(k|m|bn|crore)?( ?(-|to|–) ?[0-9.,]{1,9} ?(K|M|B)?)?(\\+| employees)?",
        "(https?://)?([a-zà-ü0-9_-]{1,9}\\.){0,3}(com|co\\.uk|io|con)(/[a-z%0-9]{0,5}){0,2}",
        "[A-Za-z0-9._+\" -]{1,12}@([a-zà-ü0-9-]{1,9}\\.){0,2}(com|co\\.uk|con)",
        "(https?://)?([a-z]{2}\\.)?linkedin\\.com/(in|pub|company|school)/[a-zé%0-9A-F-]{1,12}(/[a-z]{0,5})?",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_kind_holds(text in texts()) {
        for &kind in fg::Kind::ALL {
            check(kind, &text);
        }
        let _ = fg::fold_person_name(&text);
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
