//! `schema prisma`: to stdout, to a file, for one schema, and refused on SQLite.

use crate::binary::{done, ends};
use crate::common::Place;

#[test]
fn a_prisma_schema_of_a_server() {
    let Some(place) = Place::postgres() else { return };
    let all = done(&place, &["schema", "prisma"]).out;
    assert!(all.contains("model Prospect {") && all.contains("view company_prospect_view {"), "{all}");
    assert!(all.contains("env(\"DATABASE_URL\")") && all.contains("model CorePersonJobTitles {"), "{all}");
    done(&place, &["schema", "prisma", "--prisma", "6", "--output", "schema.prisma"]);
    assert_eq!(std::fs::read_to_string(place.folder().join("schema.prisma")).unwrap(), all);
    let seven =
        done(&place, &["schema", "prisma", "--prisma", "7", "--schema", "public", "--schema", "raw"]).out;
    assert!(!seven.contains("DATABASE_URL") && seven.contains("schemas  = [\"public\", \"raw\"]"), "{seven}");
    assert!(seven.contains("model RawRuns {") && !seven.contains("CorePersonJobTitles"), "{seven}");
    ends(&place, 2, &["schema", "prisma", "--prisma", "3"]);
    ends(&place, 3, &["schema", "prisma", "--output", "missing/schema.prisma"]);
}

#[test]
fn sqlite_has_no_catalogue() {
    let said = ends(&Place::sqlite(), 2, &["schema", "prisma"]);
    assert!(said.err.contains("not-postgres") && said.err.contains("--database"), "{}", said.err);
}
