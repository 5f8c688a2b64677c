//! Conformance of both databases: the tables that the lists of core describe, there and back again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "a test that cannot set its scene should stop, and one that is skipped says so"
)]

#[path = "../../../tests/common/mod.rs"]
mod common;

use common::Place;
use firmograph_core::{Attribute, EntityKind, Observation, PayloadId, RawValue, Source, Timestamp};
use firmograph_core::{Dimension, Priorities, golden_row};
use firmograph_store::{LevelMapChanges, MappedLevel, Store};
use sqlx::{AssertSqlSafe, Connection, Row};
use std::collections::BTreeSet;

/// sqlx's own table, which remembers that nothing is applied.
const BOOKKEEPING: &str = "firmograph_migrations";

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// The first column of what a query gives.
async fn texts(place: &Place, sqlite: &str, postgres: &str) -> Vec<String> {
    if place.server().is_some() {
        let mut conn = sqlx::PgConnection::connect(&place.url()).await.unwrap();
        let rows = sqlx::query(AssertSqlSafe(postgres.to_owned())).fetch_all(&mut conn).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    } else {
        let mut conn = sqlx::SqliteConnection::connect(&place.url()).await.unwrap();
        let rows = sqlx::query(AssertSqlSafe(sqlite.to_owned())).fetch_all(&mut conn).await.unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }
}

/// Names of all that is in the database, schemas and types too.
async fn objects(place: &Place) -> BTreeSet<String> {
    let sqlite = "SELECT type || ' ' || name FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY 1";
    let postgres = "SELECT 'schema ' || nspname::text FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%' \
                    AND nspname NOT IN ('information_schema', 'public') \
                    UNION ALL SELECT 'relation ' || c.oid::regclass::text FROM pg_class c JOIN pg_namespace n \
                    ON n.oid = c.relnamespace WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' \
                    UNION ALL SELECT 'function ' || proname::text FROM pg_proc p JOIN pg_namespace n \
                    ON n.oid = p.pronamespace WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' \
                    ORDER BY 1";
    texts(place, sqlite, postgres).await.into_iter().filter(|name| !name.contains(BOOKKEEPING)).collect()
}

async fn columns(place: &Place, schema: &str, table: &str) -> Vec<String> {
    let name = if schema == "public" { table.to_owned() } else { format!("{schema}_{table}") };
    let sqlite = format!("SELECT name FROM pragma_table_info('{name}') ORDER BY cid");
    // information_schema does not know materialised views.
    let postgres = format!(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = '{schema}.\"{table}\"'::regclass AND attnum > 0 \
         AND NOT attisdropped ORDER BY attnum"
    );
    texts(place, &sqlite, &postgres).await
}

fn up_and_down_and_up_again(place: &Place) {
    wait(async {
        let mut store = Store::open(&place.url()).await.unwrap();
        let before = objects(place).await;
        let applied = store.migrate_up().await.unwrap();
        assert!(!applied.is_empty());
        let with_tables = objects(place).await;
        assert!(with_tables.len() > 30, "{with_tables:?}");
        assert!(store.migrate_up().await.unwrap().is_empty(), "nothing is applied twice");
        // One step at a time, each of which can be taken again.
        for (index, &version) in applied.iter().enumerate().rev() {
            let from_here = &applied[index..];
            assert_eq!(store.migrate_down(version - 1).await.unwrap(), [version]);
            assert_eq!(store.migrate_up().await.unwrap(), from_here);
            assert_eq!(objects(place).await, with_tables, "after {version} down and up");
            let down: Vec<_> = applied[index..].iter().rev().copied().collect();
            assert_eq!(store.migrate_down(version - 1).await.unwrap(), down);
        }
        assert_eq!(objects(place).await, before, "nothing of ours is left");
        assert_eq!(store.migrate_up().await.unwrap(), applied);
        let mut all: Vec<_> = applied.clone();
        all.reverse();
        assert_eq!(store.migrate_down(0).await.unwrap(), all);
        assert_eq!(objects(place).await, before);
        let status = store.migrations().await.unwrap();
        assert!(status.len() == applied.len() && status.iter().all(|migration| !migration.applied));
    });
}

fn the_dimension_tables_are_those_of_the_attribute_list(place: &Place) {
    wait(async {
        Store::open(&place.url()).await.unwrap().migrate_up().await.unwrap();
        for attribute in Attribute::ALL {
            let spec = attribute.spec();
            // Without their order: a later migration adds columns at the end.
            let mut expected: BTreeSet<String> = ["id", "key", "source"].map(str::to_owned).into();
            expected.extend(spec.parts.iter().map(|part| format!("raw_{part}")));
            expected.extend(spec.matched.iter().map(|(name, _)| format!("matched_{name}")));
            let rest =
                ["evidence", "payloads", "payload_id", "others", "observed_at", "created_at", "updated_at"];
            expected.extend(rest.map(str::to_owned));
            let found: BTreeSet<_> = columns(place, "core", spec.table).await.into_iter().collect();
            assert_eq!(found, expected, "{}", spec.table);
        }
        // What tells triggers that firmograph writes is a setting of the session on PostgreSQL.
        let sqlite = "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'core\\_%' ESCAPE '\\' \
                      AND name <> 'core_writer'";
        let postgres = "SELECT 'core_' || tablename::text FROM pg_tables WHERE schemaname = 'core'";
        let found: BTreeSet<_> = texts(place, sqlite, postgres).await.into_iter().collect();
        let expected: BTreeSet<_> = Attribute::ALL
            .iter()
            .map(|attribute| format!("core_{}", attribute.spec().table))
            .chain(["core_deletions", "core_joined_keys", "core_key_joins"].map(str::to_owned))
            .chain(["core_lead_documents", "core_pins"].map(str::to_owned))
            .collect();
        assert_eq!(found, expected, "and there are no others");
    });
}

fn the_golden_tables_have_their_columns(place: &Place) {
    wait(async {
        Store::open(&place.url()).await.unwrap().migrate_up().await.unwrap();
        for (kind, table) in [(EntityKind::Company, "Company"), (EntityKind::Person, "Prospect")] {
            let found: BTreeSet<_> = columns(place, "public", table).await.into_iter().collect();
            let mut expected: BTreeSet<_> =
                firmograph_core::golden_columns(kind).iter().map(|column| column.name.to_owned()).collect();
            expected.extend(["createdAt".to_owned(), "updatedAt".to_owned()]);
            assert_eq!(found, expected, "{table}");
        }
    });
}

fn company(name: &str) -> firmograph_core::GoldenRow {
    let key = "brook-mills.com";
    let row = Dimension::from(Observation {
        key: key.into(),
        attribute: Attribute::CompanyName,
        source: Source::new("csv").unwrap(),
        raw: RawValue::new([Some(name)]),
        payload: PayloadId::default(),
        observed_at: None,
    });
    golden_row(EntityKind::Company, key, &[row], &Priorities::compiled(), &|_| None)
}

fn the_view_tells_levels_and_is_refreshed_twice(place: &Place) {
    wait(async {
        let mut store = Store::open(&place.url()).await.unwrap();
        store.migrate_up().await.unwrap();
        let columns = columns(place, "public", "company_prospect_view").await;
        let needed = [
            "id",
            "company_id",
            "prospect_id",
            "domain",
            "standardized_job_title_level_id",
            "standardized_job_title_level",
            "job_title_level_description",
            "seniority",
            "job_function",
            "last_updated",
        ];
        for column in needed {
            assert!(columns.iter().any(|found| found == column), "{column} is not in {columns:?}");
        }
        let sql = "SELECT company_name FROM company_prospect_view";
        store.refresh_views().await.unwrap();
        assert!(texts(place, sql, sql).await.is_empty());
        let (brook, mills) = (company("Brook"), company("Mills"));
        for (new, changed, name) in [(vec![brook], vec![], "Brook"), (vec![], vec![mills], "Mills")] {
            store.begin().await.unwrap();
            store.write_golden(EntityKind::Company, &new, &changed, Timestamp::UNIX_EPOCH).await.unwrap();
            store.commit().await.unwrap();
            // The second of these finds rows, so it is the one that goes on beside readers.
            for _ in 0..2 {
                store.refresh_views().await.unwrap();
                assert_eq!(texts(place, sql, sql).await, [name]);
            }
        }
    });
}

fn a_rolled_back_transaction_leaves_nothing(place: &Place) {
    wait(async {
        let mut store = Store::open(&place.url()).await.unwrap();
        store.migrate_up().await.unwrap();
        let objects_before = objects(place).await;
        // On PostgreSQL taking indexes away is a transaction of its own, which only `mend_indexes` undoes.
        if store.is_postgres() {
            store.suspend_indexes().await.unwrap();
        }
        store.begin().await.unwrap();
        if !store.is_postgres() {
            store.suspend_indexes().await.unwrap();
        }
        store
            .write_golden(EntityKind::Company, &[company("Brook")], &[], Timestamp::UNIX_EPOCH)
            .await
            .unwrap();
        assert!(!store.has_fewer_golden(EntityKind::Company, 1).await.unwrap());
        store.rollback().await.unwrap();
        assert!(store.has_fewer_golden(EntityKind::Company, 1).await.unwrap());
        if store.is_postgres() {
            assert_ne!(objects(place).await, objects_before, "indexes are away");
        }
        // What opens the database next puts back what a crash left away.
        let mut next = Store::open(&place.url()).await.unwrap();
        next.mend_indexes().await.unwrap();
        assert_eq!(objects(place).await, objects_before, "indexes are where they were");
    });
}

fn a_database_of_a_newer_version_is_left_alone(place: &Place) {
    wait(async {
        let mut store = Store::open(&place.url()).await.unwrap();
        store.migrate_up().await.unwrap();
        let newer = format!("UPDATE {BOOKKEEPING} SET version = 9999 WHERE version = 1");
        texts(place, &newer, &newer).await;
        let before = objects(place).await;
        for error in [store.migrate_up().await.unwrap_err(), store.migrate_down(0).await.unwrap_err()] {
            assert_eq!(error.code(), "migration-changed");
            assert!(error.to_string().contains("9999") && error.help().is_some(), "{error}");
        }
        assert_eq!(objects(place).await, before);
    });
}

fn mapped(rows: &[(&str, u8)]) -> Vec<MappedLevel> {
    let row = |&(original, level): &(&str, u8)| MappedLevel {
        original: original.to_owned(),
        name: format!("Level {level}"),
        level,
    };
    rows.iter().map(row).collect()
}

fn a_map_of_levels_is_added_to_changed_and_replaced(place: &Place) {
    wait(async {
        let mut store = Store::open(&place.url()).await.unwrap();
        store.migrate_up().await.unwrap();
        let levels: Vec<Vec<String>> = (1..=15)
            .map(|level| vec![format!("{level}"), format!("Level {level}"), String::new(), String::new()])
            .collect();
        let columns = ["level", "name", "examples", "description"];
        let definitions = firmograph_store::ReferenceRows {
            name: "job_title_levels",
            version: "test",
            columns: &columns,
            rows: &levels,
        };
        store.mirror_reference(&[definitions]).await.unwrap();
        assert!(store.level_map().await.unwrap().is_empty());

        // Case and blanks make another text here: other programs look texts up as they are spelt.
        let first = mapped(&[("Boss", 1), ("Chef d’équipe", 10), ("It's \"odd\", ", 12), ("boss", 1)]);
        store.begin().await.unwrap();
        let changes = store.write_level_map(&first, false).await.unwrap();
        assert_eq!(changes, LevelMapChanges { added: 4, ..LevelMapChanges::default() });
        store.commit().await.unwrap();
        assert_eq!(store.level_map().await.unwrap(), first, "in byte order");
        let created = "SELECT CAST(\"createdAt\" AS TEXT) FROM \"JobTitleLevelMap\" WHERE \"originalJobTitleLevel\" = 'Boss'";
        let old = "UPDATE \"JobTitleLevelMap\" SET \"createdAt\" = '2001-02-03 04:05:06', \"updatedAt\" = '2001-02-03 04:05:06'";
        texts(place, old, old).await;

        let second = mapped(&[("Aide", 13), ("Boss", 3), ("boss", 1)]);
        for is_kept in [false, true] {
            store.begin().await.unwrap();
            let changes = store.write_level_map(&second, false).await.unwrap();
            assert_eq!(changes, LevelMapChanges { added: 1, changed: 1, unchanged: 1, removed: 0 });
            if is_kept {
                store.commit().await.unwrap()
            } else {
                store.rollback().await.unwrap()
            }
            assert_eq!(store.level_map().await.unwrap().len(), if is_kept { 5 } else { 4 });
        }
        assert_eq!(store.level_map().await.unwrap()[1].level, 3);
        assert_eq!(texts(place, created, created).await, ["2001-02-03 04:05:06"], "creation is kept");
        let touched = "SELECT \"originalJobTitleLevel\" FROM \"JobTitleLevelMap\" WHERE \"updatedAt\" > '2001-02-04' \
                       ORDER BY 1";
        assert_eq!(texts(place, touched, touched).await, ["Aide", "Boss"]);

        store.begin().await.unwrap();
        let changes = store.write_level_map(&second, true).await.unwrap();
        assert_eq!(changes, LevelMapChanges { unchanged: 3, removed: 2, ..LevelMapChanges::default() });
        store.commit().await.unwrap();
        assert_eq!(store.level_map().await.unwrap(), second);

        // A level that is not defined is refused, and nothing is left of that transaction.
        store.begin().await.unwrap();
        assert!(store.write_level_map(&mapped(&[("Boss", 16)]), true).await.is_err());
        store.rollback().await.unwrap();
        assert_eq!(store.level_map().await.unwrap(), second);
    });
}

on_both! {
    up_and_down_and_up_again
    the_dimension_tables_are_those_of_the_attribute_list
    the_golden_tables_have_their_columns
    the_view_tells_levels_and_is_refreshed_twice
    a_rolled_back_transaction_leaves_nothing
    a_database_of_a_newer_version_is_left_alone
    a_map_of_levels_is_added_to_changed_and_replaced
}
