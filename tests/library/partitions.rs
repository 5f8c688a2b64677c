//! The tables stay fit for a PostgreSQL that spreads each over machines by the hash of one column, such as Citus: there, each
//! unique constraint, conflict target and foreign key must contain that column. Partitions by hash follow the same rule on one
//! machine, so they are what is tested.

use crate::common::Place;
use crate::common::postgres::Postgres;
use crate::use_it::Test;
use firmograph::{Attribute, EntityKind};

/// Unique indexes that lack the column by which their table would be spread. A new one must not come by accident.
///
/// `"Company"` by domain: the id is derived from the key, which is the domain where there is one, so the primary key would have to
/// become `UNIQUE ("domain", "id")`, the conflict target of our upsert likewise, and a company without a domain, whose domain is
/// null, could not be spread by it at all. By id, only the unique index of the domain has to go, which loses nothing: two
/// companies of ours with one domain would have one id.
const LACKING: [(&str, &str, &str, &str); 2] =
    [("\"Company\"", "domain", "Company_pkey", "id"), ("\"Company\"", "id", "Company_domain_key", "domain")];

/// Foreign keys to `"Company"`, all by id: by domain none of them could stay; by id, each refers to the column that spreads.
const REFERRING: &str =
    "Prospect(companyId)\nlead(company_id)\nresearch_run(company_id)\ntechnographic(company_id)";

/// Each table with the column by which it would be spread.
fn spread() -> Vec<(String, &'static str)> {
    let tables = Attribute::ALL.iter().map(|attribute| (format!("core.{}", attribute.spec().table), "key"));
    let company = ["domain", "id"].map(|column| ("\"Company\"".to_owned(), column));
    tables.chain(company).collect()
}

/// Name and columns of each unique index or exclusion of a table; `?` stands for an expression.
fn unique_indexes(server: &Postgres, table: &str) -> Vec<(String, Vec<String>)> {
    let rows = server.query(&format!(
        "SELECT i.relname, string_agg(COALESCE(a.attname, '?'), ',' ORDER BY k.n) FROM pg_index x \
         JOIN pg_class i ON i.oid = x.indexrelid \
         CROSS JOIN LATERAL unnest(x.indkey) WITH ORDINALITY k (number, n) \
         LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.number \
         WHERE x.indrelid = '{table}'::regclass AND (x.indisunique OR x.indisexclusion) AND k.n <= x.indnkeyatts \
         GROUP BY i.relname ORDER BY i.relname"
    ));
    let parsed = rows.lines().map(|row| {
        let (name, columns) = row.split_once('|').unwrap();
        (name.to_owned(), columns.split(',').map(str::to_owned).collect())
    });
    parsed.collect()
}

/// Puts a table in the place of `table` that has the same columns and is partitioned by `column`, with every unique index that
/// contains it, and gives those that do not. What refers to the table is gone.
fn partition(server: &Postgres, table: &str, column: &str) -> Vec<String> {
    let indexes = server.query(&format!(
        "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = '{table}'::regclass AND indisunique"
    ));
    let has_identity = server.query(&format!(
        "SELECT count(*) FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attidentity <> ''"
    ));
    // `"Company"` and `core.company_names` alike.
    let named = |suffix: &str| match table.strip_suffix('"') {
        Some(open) => format!("{open}_{suffix}\""),
        None => format!("{table}_{suffix}"),
    };
    let spread = named("spread");
    let columns = format!("(LIKE {table} INCLUDING DEFAULTS)");
    server.query(&format!("CREATE TABLE {spread} {columns} PARTITION BY HASH (\"{column}\")"));
    for number in 0..4 {
        let (partition, remainder) = (named(&number.to_string()), format!("MODULUS 4, REMAINDER {number}"));
        server
            .query(&format!("CREATE TABLE {partition} PARTITION OF {spread} FOR VALUES WITH ({remainder})"));
    }
    // Identity columns of partitioned tables came with PostgreSQL 17; a sequence is what they are made of.
    if has_identity == "1" {
        server.query(&format!("CREATE SEQUENCE {table}_number"));
        server.query(&format!("ALTER TABLE {spread} ALTER id SET DEFAULT nextval('{table}_number')"));
    }
    server.query(&format!("DROP TABLE {table} CASCADE"));
    let name = table.trim_start_matches("core.");
    server.query(&format!("ALTER TABLE {spread} RENAME TO {name}"));
    let mut refused = Vec::new();
    for index in indexes.lines() {
        if let Err(message) = server.try_query(index) {
            assert!(message.contains("must include all partitioning columns"), "{index}: {message}");
            refused.push(index.to_owned());
        }
    }
    refused
}

#[test]
fn unique_constraints_contain_the_column_that_spreads() {
    let Some(place) = Place::postgres() else { return };
    drop(Test::new(&place));
    let server = place.server().unwrap();
    let mut lacking = Vec::new();
    for (table, column) in spread() {
        let indexes = unique_indexes(server, &table);
        assert!(!indexes.is_empty(), "{table} has no key: what its rows are could be there twice");
        for (index, columns) in indexes {
            if !columns.iter().any(|name| name == column) {
                lacking.push((table.clone(), column, index, columns.join(",")));
            }
        }
    }
    let expected = LACKING.map(|(table, column, index, columns)| {
        (table.to_owned(), column, index.to_owned(), columns.to_owned())
    });
    assert_eq!(
        lacking, expected,
        "a unique index without the column that spreads its table cannot be kept there"
    );
    let referring = server.query(
        "SELECT c.conrelid::regclass::text || '(' || a.attname || ')' FROM pg_constraint c \
         JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) \
         WHERE c.contype = 'f' AND c.confrelid = '\"Company\"'::regclass ORDER BY c.conrelid::regclass::text COLLATE \"C\"",
    );
    assert_eq!(referring.replace('"', ""), REFERRING);
}

/// Two sources, the second of which changes what the first said: rows are inserted, then upserted.
fn ingest(test: &mut Test<'_>) -> String {
    let others: String = (0..30).map(|number| format!("person{number}@firm-{number}.com,,,,\n")).collect();
    test.ingest("clay", &format!("Email,Company,Employees,Job Title,Country\n{others}"));
    test.ingest(
        "csv",
        "Email,Company,Employees,Job Title,Country\nada@brook-mills.com,Brook Mills,51-200,CTO,UK\n\
         bo@fjord-optics.no,Fjord Optics,11-50,CEO,Norway\ncas@gmail.com,Lone Larch,1-10,CFO,Canada\n",
    );
    test.ingest(
        "crunchbase",
        "Website,Company,Employees,Industry\nbrook-mills.com,Brook Mills Ltd,201-500,Textile Manufacturing\n\
         solano-health.com,Solano Health,1001-5000,Hospitals and Health Care\n",
    );
    let text = "Email,Company,Employees,Job Title\nada@brook-mills.com,BROOK MILLS,51-200,Chief Technology Officer\n";
    test.ingest("csv", text);
    test.export()
}

#[test]
fn our_statements_run_on_spread_tables() {
    let Some(place) = Place::postgres() else { return };
    let sqlite = Place::sqlite();
    let expected = ingest(&mut Test::new(&sqlite));
    let mut test = Test::new(&place);
    let server = place.server().unwrap();
    for attribute in Attribute::ALL {
        let refused = partition(server, &format!("core.{}", attribute.spec().table), "key");
        assert!(refused.is_empty(), "{refused:?}");
    }
    let refused = partition(server, "\"Company\"", "id");
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].contains("Company_domain_key"), "{refused:?}");
    assert_eq!(ingest(&mut test), expected);
    let spread = "SELECT count(DISTINCT tableoid) > 1 FROM";
    for table in ["core.company_names", "core.person_contacts", "\"Company\""] {
        assert_eq!(server.query(&format!("{spread} {table}")), "t", "{table} is in several partitions");
    }
}

#[test]
fn companies_by_domain_need_another_conflict_target() {
    let Some(place) = Place::postgres() else { return };
    let mut test = Test::new(&place);
    let server = place.server().unwrap();
    let refused = partition(server, "\"Company\"", "domain");
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].contains("Company_pkey"), "{refused:?}");
    let upsert = |target: &str| {
        server.try_query(&format!(
            "INSERT INTO \"Company\" (\"id\", \"domain\", \"updatedAt\") VALUES ('a', 'brook-mills.com', now()) \
             ON CONFLICT ({target}) DO UPDATE SET \"name\" = 'again'"
        ))
    };
    let by_id = upsert("\"id\"").unwrap_err();
    assert!(by_id.contains("no unique or exclusion constraint matching"), "{by_id}");
    upsert("\"domain\"").unwrap();
    upsert("\"domain\"").unwrap();
    assert_eq!(server.query("SELECT \"name\", count(*) OVER () FROM \"Company\""), "again|1");
    assert_eq!(test.golden(EntityKind::Company).len(), 1, "reading needs nothing of it");
}
