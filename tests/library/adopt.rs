//! Golden tables that another system made before firmograph came: taken over, filled in, and put back as they were.

use crate::common::Place;
use crate::use_it::Test;
use firmograph::store::Store;
use firmograph::{DirectWriteOptions, Hooks, Timestamp};
use serde_json::Value;

/// The tables as such a system has them: fewer columns, other types, its own indexes, triggers and view.
const THEIRS: &str = r#"
CREATE TABLE "Company" (
    "id" TEXT NOT NULL PRIMARY KEY, "domain" TEXT NOT NULL, "name" TEXT, "industry" TEXT, "minEmployeeSize" INTEGER,
    "maxEmployeeSize" INTEGER, "employeeSizeLink" TEXT, "revenue" BIGINT, "address" TEXT, "city" TEXT, "state" TEXT,
    "country" TEXT, "zipCode" TEXT, "phone" TEXT, "mobilePhone" TEXT, "externalSource" TEXT, "externalId" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL
);
CREATE UNIQUE INDEX "Company_domain_key" ON "Company" ("domain");
CREATE INDEX "Company_name_idx" ON "Company" ("name");
CREATE TABLE "JobTitleLevelDefinition" (
    "level" INTEGER PRIMARY KEY, "jobTitleLevel" TEXT NOT NULL UNIQUE, "examples" TEXT, "description" TEXT
);
INSERT INTO "JobTitleLevelDefinition" VALUES (10, 'Manager / Lead', 'Manager', 'Leads a team');
CREATE TABLE "JobTitleLevelMap" (
    "originalJobTitleLevel" TEXT PRIMARY KEY,
    "level" INTEGER NOT NULL REFERENCES "JobTitleLevelDefinition" ("level") ON DELETE CASCADE
);
INSERT INTO "JobTitleLevelMap" VALUES ('Manager', 10);
CREATE TABLE "Prospect" (
    "id" TEXT NOT NULL PRIMARY KEY, "salutation" TEXT, "firstName" TEXT, "lastName" TEXT, "email" TEXT, "jobTitle" TEXT,
    "jobTitleLevel" TEXT, "department" TEXT, "jobTitleLink" TEXT, "address" TEXT, "city" TEXT, "state" TEXT, "country" TEXT,
    "zipCode" TEXT, "phone" TEXT, "mobilePhone" TEXT,
    "companyId" TEXT NOT NULL REFERENCES "Company" ("id") ON DELETE RESTRICT ON UPDATE CASCADE,
    "externalSource" TEXT, "externalId" TEXT, "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL, "jobTitleLevelId" INTEGER
);
CREATE INDEX "Prospect_email_idx" ON "Prospect" ("email");
CREATE TABLE "Customer" ("id" TEXT PRIMARY KEY, "email" TEXT);
INSERT INTO "Company" ("id", "domain", "name", "revenue", "updatedAt") VALUES
    ('acme.com', 'acme.com', 'ACME INC', 5000000, '2025-10-28 10:00:00'),
    ('walkweltech.com (b)', 'walkweltech.com (b)', 'Walkwel', NULL, '2025-10-28 10:00:00');
INSERT INTO "Prospect" ("id", "email", "firstName", "jobTitleLevel", "companyId", "updatedAt", "jobTitleLevelId") VALUES
    ('Ada@acme.com', 'Ada@acme.com', 'ADA', 'Manager ', 'acme.com', '2025-10-28 10:00:00', NULL),
    ('bo@acme.com', 'bo@acme.com', 'bo', 'Vice Presedent', 'acme.com', '2025-10-28 10:00:00.123', 6);
CREATE MATERIALIZED VIEW company_prospect_view AS
    SELECT p."id" AS prospect_id, c."name" AS company_name FROM "Company" c JOIN "Prospect" p ON p."companyId" = c."id";
CREATE UNIQUE INDEX company_prospect_view_prospect ON company_prospect_view (prospect_id);
"#;

/// Every table, view, column, index and constraint of theirs, and the rows.
const CATALOGUE: &str = "SELECT string_agg(line, E'\\n' ORDER BY line) FROM (
    SELECT n.nspname || '.' || c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod) || a.attnotnull AS line
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE a.attnum > 0 AND NOT a.attisdropped AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        AND c.relname NOT LIKE '%firmograph_migrations%'
    UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relname NOT LIKE '%firmograph_migrations%'
    UNION ALL SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = current_schema()::regnamespace AND conrelid::regclass::text NOT LIKE '%firmograph_migrations%'
    UNION ALL SELECT 'company ' || to_jsonb(t)::text FROM \"Company\" t
    UNION ALL SELECT 'prospect ' || to_jsonb(t)::text FROM \"Prospect\" t
    UNION ALL SELECT 'map ' || to_jsonb(t)::text FROM \"JobTitleLevelMap\" t
    UNION ALL SELECT 'view ' || to_jsonb(t)::text FROM company_prospect_view t
) l";

#[test]
fn tables_of_another_system_are_taken_over_and_put_back() {
    let Some(place) = Place::postgres() else { return };
    let Some(server) = place.server() else { return };
    server.query(THEIRS);
    let before = server.query(CATALOGUE);
    assert!(before.contains("Vice Presedent") && before.contains("company_prospect_view"), "{before}");

    let mut test = Test::new(&place);
    assert_eq!(test.prospects().len(), 2, "their rows are there");
    let report = test.drive(async |engine| {
        let mut hooks = Hooks {
            clock: &|| Timestamp::UNIX_EPOCH,
            progress: &mut |_| {},
            interrupted: Default::default(),
        };
        engine.observe_direct_writes(DirectWriteOptions::default(), &mut hooks).await.unwrap().unwrap()
    });
    assert_eq!((report.tally.read, report.tally.rejected), (4, 0));
    let prospects = test.prospects();
    let of = |id: &str| prospects.iter().find(|row| row["id"] == id).unwrap();
    assert_eq!(of("Ada@acme.com")["jobTitleLevel"], "Manager ", "the raw level stays");
    assert_eq!(of("Ada@acme.com")["standardizedJobTitleLevelId"], 10);
    assert_eq!(of("bo@acme.com")["standardizedJobTitleLevelId"], 6);
    assert_eq!(of("bo@acme.com")["companyId"], "acme.com");
    assert_eq!(
        test.companies().iter().find(|row| row["id"] == "acme.com").unwrap()["name"],
        Value::from("ACME INC")
    );
    drop(test);

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut store = Store::open(&place.url()).await.unwrap();
        store.migrate_down(0).await.unwrap();
        store.close().await.unwrap();
    });
    let after = server.query(CATALOGUE);
    for (left, right) in after.lines().zip(before.lines()) {
        assert_eq!(left, right);
    }
    assert_eq!(after.lines().count(), before.lines().count());
    // And once more.
    assert_eq!(Test::new(&place).prospects().len(), 2);
}
