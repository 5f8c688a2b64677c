//! `company_prospect_view` has the columns and indexes that those who read it were promised.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that cannot set its scene should stop, and one that is skipped says so"
)]

#[path = "../../../tests/common/mod.rs"]
mod common;

use common::Place;
use firmograph_store::{Store, View};

/// The columns that clients have always read, in no particular order.
const PROMISED: [&str; 42] = [
    "company_id",
    "domain",
    "company_name",
    "industry",
    "revenue",
    "minEmployeeSize",
    "maxEmployeeSize",
    "company_address",
    "company_city",
    "company_state",
    "company_country",
    "company_zipcode",
    "company_phone",
    "company_mobilephone",
    "company_externalsource",
    "company_externalid",
    "company_createdat",
    "company_updatedat",
    "prospect_id",
    "salutation",
    "firstName",
    "lastName",
    "email",
    "jobTitle",
    "jobTitleLevel",
    "department",
    "jobTitleLink",
    "prospect_address",
    "prospect_city",
    "prospect_state",
    "prospect_country",
    "prospect_zipcode",
    "prospect_phone",
    "prospect_mobilephone",
    "companyId",
    "prospect_externalsource",
    "prospect_externalid",
    "prospect_createdat",
    "prospect_updatedat",
    "fullname",
    "companycontext",
    "last_updated",
];

/// What was promised beside them.
const LEVELS: [&str; 3] =
    ["standardized_job_title_level_id", "standardized_job_title_level", "job_title_level_description"];

/// Columns by which rows are looked up.
const INDEXED: [&str; 18] = [
    "company_city",
    "company_country",
    "company_id",
    "company_name",
    "company_state",
    "department",
    "email",
    "fullname",
    "industry",
    "jobTitle",
    "jobTitleLevel",
    "last_updated",
    "maxEmployeeSize",
    "minEmployeeSize",
    "prospect_id",
    "revenue",
    "standardized_job_title_level",
    "standardized_job_title_level_id",
];

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

fn every_promised_column_is_there(place: &Place) {
    let row = wait(async {
        let mut store = Store::open(&place.url()).await.unwrap();
        store.migrate_up().await.unwrap();
        place.sql("INSERT INTO \"Company\" (\"id\", \"updatedAt\") VALUES ('c', '2026-01-02 00:00:00')");
        let level = "INSERT INTO \"JobTitleLevelDefinition\" (\"id\", \"level\", \"jobTitleLevel\", \"examples\", \
                     \"description\") VALUES (8, 8, 'Director', 'Head', 'Leads a department')";
        place.sql(level);
        place.sql(
            "INSERT INTO \"Prospect\" (\"id\", \"companyId\", \"jobTitleLevel\", \"standardizedJobTitleLevelId\", \"updatedAt\") \
             VALUES ('p', 'c', 'Boss', 8, '2026-01-03 00:00:00')",
        );
        // Full, then concurrent: that one needs a unique index over every row.
        store.refresh_views().await.unwrap();
        store.refresh_views().await.unwrap();
        store.view_page(View::CompanyProspect, None, None, 10).await.unwrap().rows.remove(0)
    });
    let names: Vec<&str> = row.iter().map(|(name, _)| name.as_str()).collect();
    for column in PROMISED.iter().chain(&LEVELS) {
        assert!(names.contains(column), "{column} is not in {names:?}");
    }
    let text = |name: &str| {
        let cell = row.iter().find(|(column, _)| column == name);
        cell.unwrap().1.as_text().unwrap().to_owned()
    };
    assert_eq!(text("jobTitleLevel"), "Boss", "the raw level stays");
    assert_eq!([text(LEVELS[1]), text(LEVELS[2])], ["Director", "Leads a department"]);
    assert_eq!(row.iter().find(|(name, _)| name == LEVELS[0]).unwrap().1, firmograph_core::Scalar::Int(8));
}

on_both! { every_promised_column_is_there }

#[test]
fn every_column_by_which_rows_are_looked_up_has_an_index() {
    let Some(place) = Place::postgres() else { return };
    let server = place.server().unwrap();
    let single = "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] \
                  WHERE i.indrelid = 'company_prospect_view'::regclass AND i.indpred IS NULL AND i.indnatts = 1 \
                  AND NOT i.indisunique ORDER BY a.attname";
    let unique = "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] \
                  WHERE i.indrelid = 'company_prospect_view'::regclass AND i.indpred IS NULL AND i.indisunique";
    let levels = "SELECT string_agg(conname, ' ' ORDER BY conname) FROM pg_constraint WHERE contype = 'f' \
                  AND confrelid = '\"JobTitleLevelDefinition\"'::regclass";
    wait(async {
        let mut store = Store::open(&place.url()).await.unwrap();
        store.migrate_up().await.unwrap();
        assert_eq!(server.query(single).lines().collect::<Vec<_>>(), INDEXED);
        assert_eq!(
            server.query(unique),
            "id",
            "unique over every row, so that it can be refreshed beside readers"
        );
        assert_eq!(
            server.query(levels),
            "JobTitleLevelMap_level_fkey Prospect_standardizedJobTitleLevelId_fkey person_job_titles_matched_level_fkey"
        );
        store.migrate_down(7).await.unwrap();
        assert_eq!(store.migrate_down(6).await.unwrap(), [7]);
        assert_eq!(server.query(single), "last_updated\nstandardized_job_title_level_id");
        store.migrate_up().await.unwrap();
        assert_eq!(server.query(single).lines().collect::<Vec<_>>(), INDEXED);
    });
}
