//! The queue of unmatched values: what it suggests, and what accepting a value does.

use crate::binary::{call, done, ends, export, ingest};
use crate::common::Place;
use crate::on_both;

const LEADS: &str = "\
Company Domain,Company Name,Industry,Company Type
brook-mills.com,Brook Mills,Softwear Developmnt,Privat Companny
vale-forge.com,Vale Forge,Softwear  developmnt,Public Company
lake-print.com,Lake Print,Zzyzx Goods,Public Company
";

fn queue(place: &Place) -> Vec<(String, u64, Vec<String>)> {
    let rows = done(place, &["lookup", "unmatched", "--attribute", "industry"]).rows();
    rows.iter()
        .map(|row| {
            assert_eq!(row["can_import"], true);
            let suggestions = row["suggestions"].as_array().unwrap().iter();
            let suggestions = suggestions.map(|name| name.as_str().unwrap().to_owned()).collect();
            (row["raw"].as_str().unwrap().to_owned(), row["rows"].as_u64().unwrap(), suggestions)
        })
        .collect()
}

fn accepting_a_value_changes_exactly_the_rows_concerned(place: &Place) {
    for source in ["clay", "csv"] {
        let leads = place.file(&format!("{source}.csv"), LEADS);
        ingest(place, &["--source", source, &leads]);
    }
    let unmatched = queue(place);
    assert_eq!(unmatched.len(), 3, "{unmatched:?}");
    let nearest = |raw: &str| unmatched.iter().find(|row| row.0 == raw).unwrap();
    assert_eq!(nearest("Softwear Developmnt").1, 2, "rows of both sources");
    assert_eq!(nearest("Softwear Developmnt").2[0], "Software Development");
    assert!(nearest("Zzyzx Goods").2.is_empty());
    let before = export(place);

    let file = place.file(
        "industries.csv",
        "raw_value,standard_value\n\nSOFTWEAR developmnt,Software Development\nZzyzx Goods,Goods\n,Retail\nBoth,Retail\nboth,Banking\n",
    );
    let check = ends(place, 1, &["lookup", "check", "industry", &file]).rows();
    let findings: Vec<_> =
        check.iter().map(|row| (row["line"].as_u64().unwrap(), row["finding"].as_str().unwrap())).collect();
    let expected =
        [(4, "not_a_standard_value"), (5, "no_raw_value"), (6, "contradiction"), (7, "contradiction")];
    assert_eq!(findings, expected);

    let dry = ends(place, 1, &["lookup", "import", "industry", &file, "--dry-run"]);
    assert!(
        dry.err.contains("1 raw values applied") && dry.err.contains("4 values matched anew"),
        "{}",
        dry.err
    );
    assert_eq!(export(place), before);

    let said = ends(place, 1, &["lookup", "import", "industry", &file]);
    assert!(said.err.contains("4 values matched anew, 2 golden values differ"), "{}", said.err);
    assert_eq!(queue(place).len(), 1);
    let why = done(place, &["explain", "vale-forge.com", "industry"]).out;
    assert!(why.contains("Software Development") && why.contains("industry_lookup@"), "{why}");
    let differing = export(place).lines().zip(before.lines()).filter(|(new, old)| new != old).count();
    assert_eq!(differing, 2, "Lake Print stays as it is");

    // The meaning counts for what comes later too, and importing it again changes nothing.
    let more = place.file("more.csv", "Company Domain,Industry\nhill-farm.com,softwear developmnt\n");
    ingest(place, &["--source", "csv", &more]);
    assert_eq!(done(place, &["company", "hill-farm.com"]).rows()[0]["industry"], "Software Development");
    let again = ends(place, 1, &["lookup", "import", "industry", &file]);
    assert!(again.err.contains("0 raw values applied, 1 there already"), "{}", again.err);
    let listed = done(place, &["lookup", "list", "industry_lookup"]).rows();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["standard"], "Software Development");
}

on_both! { accepting_a_value_changes_exactly_the_rows_concerned }

#[test]
fn what_is_no_lookup_is_refused() {
    let place = Place::sqlite();
    let file = place.file("one.csv", "only\nx\n");
    assert!(ends(&place, 2, &["lookup", "import", "industry", &file]).err.contains("not-a-lookup"));
    ends(&place, 3, &["lookup", "import", "industry", "missing.csv"]);
    assert_eq!(call(&place, &["lookup", "list", "colour_lookup"]).code, 2);
}
