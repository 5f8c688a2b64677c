//! Columns of another system with what it knows beyond ours: scores, grades, JSON of its own. Each value stays as it is, whatever is
//! migrated, ingested or observed.

use crate::common::Place;
use crate::on_both;
use crate::use_it::Test;
use firmograph::store::Store;
use firmograph::{DirectWriteOptions, Hooks, Timestamp};
use serde_json::Value;

/// Columns of the tables, with types that both databases take and a value of each.
const OF_COMPANY: [(&str, &str, &str); 9] = [
    ("dataQualityScore", "DOUBLE PRECISION", "87.5"),
    ("dataQualityBreakdown", "JSONB", "'{\"completeness\": 90.0, \"b\": [1, null, \"x\"]}'"),
    ("customFields", "JSON", "'{\"decisionPower\": \"High\",  \"tier\": 2}'"),
    ("fundingRounds", "JSONB", "'[{\"type\": \"seed\", \"amount\": 1500000.10}]'"),
    ("aiIntelligence", "JSONB", "'{\"summary\": \"Grows.\"}'"),
    ("aiConfidence", "DOUBLE PRECISION", "0.7"),
    ("lastFundingAmount", "BIGINT", "9007199254740993"),
    ("opportunityAmount", "DECIMAL(15,2)", "12345.67"),
    ("aiLastUpdated", "TIMESTAMP(3)", "'2025-10-28 10:00:00.123'"),
];
const OF_PROSPECT: [(&str, &str, &str); 7] = [
    ("decisionPowerScore", "INTEGER", "72"),
    ("yearsExperience", "INTEGER", "11"),
    ("emailQualityGrade", "VARCHAR(10)", "'A+'"),
    ("phoneQualityScore", "DOUBLE PRECISION", "0.85"),
    ("dataQualityScore", "DOUBLE PRECISION", "75"),
    ("customFields", "JSON", "'{\"influence\": \"Low\"}'"),
    ("salaryProjections", "JSONB", "'{\"median\": 180000}'"),
];

const THEIRS: &str = r#"
CREATE TABLE "Company" (
    "id" TEXT NOT NULL PRIMARY KEY, "domain" TEXT NOT NULL, "name" TEXT, "industry" TEXT, "minEmployeeSize" INTEGER,
    "maxEmployeeSize" INTEGER, "employeeSizeLink" TEXT, "revenue" BIGINT, "address" TEXT, "city" TEXT, "state" TEXT,
    "country" TEXT, "zipCode" TEXT, "phone" TEXT, "mobilePhone" TEXT, "externalSource" TEXT, "externalId" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL
);
CREATE TABLE "Prospect" (
    "id" TEXT NOT NULL PRIMARY KEY, "salutation" TEXT, "firstName" TEXT, "lastName" TEXT, "email" TEXT NOT NULL, "jobTitle" TEXT,
    "jobTitleLevel" TEXT, "department" TEXT, "jobTitleLink" TEXT, "address" TEXT, "city" TEXT, "state" TEXT, "country" TEXT,
    "zipCode" TEXT, "phone" TEXT, "mobilePhone" TEXT, "companyId" TEXT NOT NULL, "externalSource" TEXT, "externalId" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "updatedAt" TIMESTAMP(3) NOT NULL
);
"#;

fn run(place: &Place, sql: &str) {
    match place.server() {
        Some(server) => drop(server.query(sql)),
        None => place.sql(sql),
    }
}

fn add_columns(place: &Place) {
    for (table, columns) in [("Company", OF_COMPANY.as_slice()), ("Prospect", &OF_PROSPECT)] {
        for (name, kind, _) in columns {
            run(place, &format!("ALTER TABLE \"{table}\" ADD COLUMN \"{name}\" {kind}"));
        }
        // One that has to be there, and that nobody but them fills.
        run(place, &format!("ALTER TABLE \"{table}\" ADD COLUMN \"isPublic\" BOOLEAN NOT NULL DEFAULT TRUE"));
    }
}

/// A company and its prospect, with every value, and a company without any.
fn add_rows(place: &Place) {
    let with = |columns: &[(&str, &str, &str)]| {
        let names: Vec<String> = columns.iter().map(|(name, _, _)| format!("\"{name}\"")).collect();
        let values: Vec<&str> = columns.iter().map(|(_, _, value)| *value).collect();
        (names.join(", "), values.join(", "))
    };
    let (names, values) = with(&OF_COMPANY);
    run(
        place,
        &format!(
            "INSERT INTO \"Company\" (\"id\", \"domain\", \"name\", \"updatedAt\", {names}) VALUES \
         ('acme.com', 'acme.com', 'ACME INC', '2025-10-28 10:00:00', {values})"
        ),
    );
    run(
        place,
        "INSERT INTO \"Company\" (\"id\", \"domain\", \"name\", \"updatedAt\") VALUES ('bare.com', 'bare.com', 'Bare', '2025-10-28 10:00:00')",
    );
    let (names, values) = with(&OF_PROSPECT);
    run(
        place,
        &format!(
            "INSERT INTO \"Prospect\" (\"id\", \"email\", \"firstName\", \"jobTitleLevel\", \"companyId\", \"updatedAt\", {names}) VALUES \
         ('ada@acme.com', 'ada@acme.com', 'ADA', 'Manager ', 'acme.com', '2025-10-28 10:00:00', {values})"
        ),
    );
}

/// Every value of those columns of the three rows, as text.
fn values(place: &Place) -> String {
    let list = |table: &str, columns: &[(&str, &str, &str)]| {
        let names = columns.iter().map(|(name, _, _)| *name).chain(["isPublic"]);
        let cells: Vec<String> =
            names.map(|name| format!("COALESCE(CAST(\"{name}\" AS TEXT), '-')")).collect();
        format!(
            "SELECT \"id\" || ' ' || {} AS line FROM \"{table}\" WHERE \"id\" IN ('acme.com', 'bare.com', 'ada@acme.com')",
            cells.join(" || '|' || ")
        )
    };
    let sql = format!(
        "{} UNION ALL {} ORDER BY line",
        list("Company", &OF_COMPANY),
        list("Prospect", &OF_PROSPECT)
    );
    match place.server() {
        Some(server) => server.query(&sql),
        None => {
            let read = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); print('\\n'.join(r[0] for r in c.execute(sys.argv[2])))";
            let file = place.folder().join("test.db");
            let done =
                std::process::Command::new("python3").args(["-c", read]).arg(file).arg(sql).output().unwrap();
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
            String::from_utf8(done.stdout).unwrap().trim().to_owned()
        }
    }
}

fn migrate(place: &Place, down_to: Option<i64>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut store = Store::open(&place.url()).await.unwrap();
        match down_to {
            Some(version) => drop(store.migrate_down(version).await.unwrap()),
            None => drop(store.migrate_up().await.unwrap()),
        }
        store.close().await.unwrap();
    });
}

fn use_it(place: &Place) {
    let mut test = Test::new(place);
    let mut hooks =
        Hooks { clock: &|| Timestamp::UNIX_EPOCH, progress: &mut |_| {}, interrupted: Default::default() };
    test.drive(async |engine| engine.observe_direct_writes(DirectWriteOptions::default(), &mut hooks).await)
        .unwrap();
    test.ingest("manual", "Email,First Name,Company,Job Title,Employees\nada@acme.com,Ada,Acme Corp,CTO,51-200\nbo@bare.com,Bo,,,\n");
    let ada = test.prospects().into_iter().find(|row| row["id"] == "ada@acme.com").unwrap();
    assert_eq!((&ada["jobTitle"], &ada["companyId"]), (&Value::from("CTO"), &"acme.com".into()));
    let told = test.drive(async |engine| engine.golden_company("acme.com").await).unwrap().unwrap();
    assert!(told.contains_key("name"));
}

fn values_of_another_system_survive_every_migration(place: &Place) {
    if place.server().is_some() {
        // Tables of its own, which are taken over.
        run(place, THEIRS);
    } else {
        // On SQLite it adds its columns to tables of ours.
        migrate(place, None);
    }
    add_columns(place);
    add_rows(place);
    let before = values(place);
    assert_eq!(before.lines().count(), 3, "{before}");
    for part in ["87.5", "decisionPower", "9007199254740993", "12345.67", "A+", "180000", "72"] {
        assert!(before.contains(part), "{part} is not in {before}");
    }
    migrate(place, None);
    assert_eq!(values(place), before, "after migrating up");
    use_it(place);
    assert_eq!(values(place), before, "after observing and ingesting");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let versions = runtime.block_on(async {
        let mut store = Store::open(&place.url()).await.unwrap();
        store.migrations().await.unwrap().into_iter().map(|one| one.version).collect::<Vec<_>>()
    });
    // The first makes the tables themselves.
    for version in versions.iter().rev().skip(1) {
        migrate(place, Some(*version));
        assert_eq!(values(place), before, "down to {version}");
        migrate(place, None);
        assert_eq!(values(place), before, "up from {version}");
    }
    use_it(place);
    assert_eq!(values(place), before);
    if place.server().is_some() {
        migrate(place, Some(0));
        assert_eq!(values(place), before, "the tables put back");
        migrate(place, None);
        assert_eq!(values(place), before, "taken over once more");
    }
}

on_both! {
    values_of_another_system_survive_every_migration
}
