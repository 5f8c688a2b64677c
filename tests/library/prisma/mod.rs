//! The Prisma schema against the catalogue of the server that it is about, model by model and field by field.

mod parser;

use crate::common::Place;
use crate::common::postgres::Postgres;
use crate::use_it::Test;
use firmograph::{PrismaOptions, PrismaVersion};
use parser::{Block, argument, list, named, parse, text};
use std::collections::{BTreeMap, BTreeSet};

/// Tables of another program in the same database, with what none of ours has.
const OTHERS: &str = r#"
CREATE SCHEMA crm;
CREATE TABLE crm.account (
    region TEXT NOT NULL, number SERIAL, "Odd name" VARCHAR(30) DEFAULT 'it''s', rate NUMERIC(10,2) DEFAULT 0.5,
    is_open BOOLEAN NOT NULL DEFAULT true, tags TEXT[], seen DATE DEFAULT CURRENT_DATE, share DOUBLE PRECISION,
    notes JSONB DEFAULT '{}', small SMALLINT NOT NULL DEFAULT -1, parent_number INTEGER UNIQUE, parent_region TEXT,
    PRIMARY KEY (region, number), UNIQUE (number, "Odd name"), CHECK (small < 5),
    CONSTRAINT account_parent FOREIGN KEY (parent_region, parent_number) REFERENCES crm.account (region, number)
        ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE TABLE crm.contact (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    prospect TEXT NOT NULL UNIQUE REFERENCES "Prospect" ("id") ON DELETE CASCADE,
    owner TEXT REFERENCES "Company" ("id") ON DELETE SET NULL, seller TEXT REFERENCES "Company" ("id") ON UPDATE RESTRICT
);
CREATE INDEX contact_owner ON crm.contact (owner, seller DESC);
CREATE INDEX contact_lower ON crm.contact (lower(owner));
CREATE UNIQUE INDEX contact_some ON crm.contact (owner) WHERE seller IS NULL;
CREATE INDEX contact_hash ON crm.contact USING hash (seller);
CREATE TABLE crm.loose (a TEXT);
"#;

/// Everything that is no system's.
const FOREIGN: &str = "n.nspname NOT IN ('information_schema', 'pg_catalog', 'pg_toast')";

/// Rows of cells, by `psql`; cells must not hold the separator.
fn rows(server: &Postgres, sql: &str) -> Vec<Vec<String>> {
    let said = server.query(sql);
    said.lines().map(|line| line.split('|').map(str::to_owned).collect()).collect()
}

fn split(names: &str) -> Vec<String> {
    names.split(',').map(str::to_owned).collect()
}

/// Scalar and native type of a column by the name of its type and the modifier of it.
fn expected_type(kind: &str, modifier: i64) -> (String, Option<String>) {
    if let Some(element) = kind.strip_prefix('_') {
        let (scalar, native) = expected_type(element, modifier);
        return (scalar + "[]", native);
    }
    let digits = if modifier < 0 { 6 } else { modifier };
    let (scalar, native) = match kind {
        "text" => ("String", None),
        "varchar" if modifier > 0 => ("String", Some(format!("VarChar({})", modifier - 4))),
        "varchar" => ("String", Some("VarChar".to_owned())),
        "uuid" => ("String", Some("Uuid".to_owned())),
        "int8" => ("BigInt", None),
        "int4" => ("Int", None),
        "int2" => ("Int", Some("SmallInt".to_owned())),
        "float8" => ("Float", None),
        "float4" => ("Float", Some("Real".to_owned())),
        "numeric" if modifier < 0 => ("Decimal", Some("Decimal".to_owned())),
        "numeric" => {
            let (whole, part) = ((modifier - 4) >> 16, (modifier - 4) & 0x7ff);
            ("Decimal", Some(format!("Decimal({whole}, {part})")))
        }
        "bool" => ("Boolean", None),
        "bytea" => ("Bytes", None),
        "json" => ("Json", Some("Json".to_owned())),
        "jsonb" => ("Json", None),
        "date" => ("DateTime", Some("Date".to_owned())),
        "timestamp" => ("DateTime", Some(format!("Timestamp({digits})"))),
        "timestamptz" => ("DateTime", Some(format!("Timestamptz({digits})"))),
        other => panic!("this test does not know the type {other}"),
    };
    (scalar.to_owned(), native.map(|native| format!("@db.{native}")))
}

fn expected_default(sql: &str, is_identity: bool) -> Option<String> {
    let literal = sql.split("::").next().unwrap();
    let is_number = literal.trim_matches('\'').parse::<f64>().is_ok();
    match sql {
        _ if is_identity || sql.starts_with("nextval(") => Some("autoincrement()".to_owned()),
        "" => None,
        "CURRENT_TIMESTAMP" | "now()" => Some("now()".to_owned()),
        "true" | "false" => Some(sql.to_owned()),
        _ if is_number => Some(literal.trim_matches('\'').to_owned()),
        _ if literal.starts_with('\'') && literal.ends_with('\'') => {
            let inside = literal[1..literal.len() - 1].replace("''", "'");
            Some(format!("\"{}\"", inside.replace('\\', "\\\\").replace('"', "\\\"")))
        }
        _ => Some(format!("dbgenerated(\"{}\")", sql.replace('\\', "\\\\").replace('"', "\\\""))),
    }
}

type Blocks<'b> = BTreeMap<(String, String), &'b Block>;

fn relations_and_columns_are_those_of_the_catalogue(server: &Postgres, blocks: &Blocks<'_>) {
    let tables = format!(
        "SELECT n.nspname, c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE {FOREIGN} AND c.relkind IN ('r', 'v', 'm')"
    );
    let mut seen = BTreeSet::new();
    for row in rows(server, &tables) {
        let place = (row[0].clone(), row[1].clone());
        let block = blocks.get(&place).unwrap_or_else(|| panic!("{place:?} is not in the schema"));
        assert_eq!(block.is_view, row[2] != "r", "{place:?}");
        seen.insert(place);
    }
    assert_eq!(seen.len(), blocks.len(), "and nothing else is");
    let columns = format!(
        "SELECT n.nspname, c.relname, a.attname, t.typname, a.atttypmod, a.attnotnull, a.attidentity <> '', \
         pg_get_expr(d.adbin, d.adrelid) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid \
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE {FOREIGN} \
         AND c.relkind IN ('r', 'v', 'm') AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.oid, a.attnum"
    );
    let mut named: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for row in rows(server, &columns) {
        let place = (row[0].clone(), row[1].clone());
        let block = blocks[&place];
        let field =
            block.columns().find(|field| field.stored() == row[2]).unwrap_or_else(|| panic!("{row:?}"));
        let (scalar, native) = expected_type(&row[3], row[4].parse().unwrap());
        let key = block.attribute("@@unique").map_or_else(Vec::new, |fields| list(&fields));
        let is_view_key =
            block.is_view && (argument(&field.rest, "@unique").is_some() || key.contains(&field.name));
        let is_required = row[5] == "t" || is_view_key || scalar.ends_with("[]");
        let expected = if is_required { scalar } else { scalar + "?" };
        assert_eq!(field.kind, expected, "{row:?}");
        let found = field.rest.split(' ').position(|word| word.starts_with("@db."));
        let found = found.map(|at| field.rest.split(' ').skip(at).collect::<Vec<_>>().join(" "));
        assert_eq!(found, native, "{row:?}");
        let default = expected_default(&row[7], row[6] == "t");
        assert_eq!(argument(&field.rest, "@default"), default, "{row:?}");
        named.entry(place).or_default().push(row[2].clone());
    }
    for (place, block) in blocks {
        let fields: Vec<_> = block.columns().map(parser::Field::stored).collect();
        assert_eq!(fields, named[place], "{place:?}: names and order");
    }
}

/// Names and columns.
type Keys = BTreeSet<(String, Vec<String>)>;

/// Name and columns of what is said about whole columns: `@id`, `@unique` at fields, and `@@id`, `@@unique`, `@@index`.
fn said(block: &Block, kind: &str) -> Keys {
    let mut found = Keys::new();
    let map = |arguments: &str, default: &str| {
        named(arguments, "map").map_or_else(|| default.to_owned(), |name| text(&name))
    };
    let pkey = format!("{}_pkey", block.table());
    for field in block.columns() {
        if let Some(arguments) = argument(&field.rest, &format!("@{kind}")) {
            found.insert((map(&arguments, &pkey), vec![field.stored()]));
        }
    }
    for line in &block.attributes {
        if let Some(arguments) = argument(line, &format!("@@{kind}")) {
            found.insert((map(&arguments, &pkey), block.stored(&list(&arguments))));
        }
    }
    found
}

fn keys_and_indexes_are_those_of_the_catalogue(server: &Postgres, blocks: &Blocks<'_>) {
    let indexes = format!(
        "SELECT n.nspname, c.relname, x.relname, CASE WHEN i.indisprimary THEN 'id' WHEN i.indisunique THEN 'unique' \
         ELSE 'index' END, m.amname = 'btree' AND i.indpred IS NULL AND i.indexprs IS NULL AND c.relkind = 'r', \
         (SELECT string_agg(a.attname, ',' ORDER BY k.place) FROM unnest(i.indkey) WITH ORDINALITY AS k (number, place) \
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number) \
         FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam WHERE {FOREIGN} AND c.relkind IN ('r', 'm')"
    );
    let mut expected: BTreeMap<(String, String, String), Keys> = BTreeMap::new();
    for row in rows(server, &indexes) {
        let place = (row[0].clone(), row[1].clone());
        if row[4] == "t" {
            let kind = (row[0].clone(), row[1].clone(), row[3].clone());
            expected.entry(kind).or_default().insert((row[2].clone(), split(&row[5])));
        } else {
            let is_told = blocks[&place].comments.contains(&format!("INDEX {}", row[2]))
                || blocks[&place].comments.contains(&format!("INDEX \"{}\"", row[2]));
            assert!(is_told, "{row:?} is nowhere");
        }
    }
    for ((schema, table), block) in blocks.iter().filter(|(_, block)| !block.is_view) {
        for kind in ["id", "unique", "index"] {
            let place = (schema.clone(), table.clone(), kind.to_owned());
            assert_eq!(said(block, kind), expected.remove(&place).unwrap_or_default(), "{place:?}");
        }
    }
    assert!(expected.is_empty(), "{expected:?}");
}

fn foreign_keys_are_those_of_the_catalogue(server: &Postgres, blocks: &Blocks<'_>) {
    let keys = format!(
        "SELECT n.nspname, c.relname, f.conname, tn.nspname, t.relname, r.delete_rule, r.update_rule, \
         (SELECT string_agg(a.attname, ',' ORDER BY k.place) FROM unnest(f.conkey) WITH ORDINALITY AS k (number, place) \
         JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.number), \
         (SELECT string_agg(a.attname, ',' ORDER BY k.place) FROM unnest(f.confkey) WITH ORDINALITY AS k (number, place) \
         JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = k.number) \
         FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_class t ON t.oid = f.confrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace \
         JOIN information_schema.referential_constraints r ON r.constraint_schema = n.nspname AND r.constraint_name = f.conname \
         WHERE {FOREIGN} AND f.contype = 'f'"
    );
    let expected: BTreeSet<Vec<String>> = rows(server, &keys).into_iter().collect();
    assert!(expected.len() > 20, "{expected:?}");
    let models: BTreeMap<&str, &Block> = blocks.values().map(|block| (block.name.as_str(), *block)).collect();
    assert_eq!(models.len(), blocks.len(), "each model has a name of its own");
    let mut found = BTreeSet::new();
    let (mut forward, mut back) = (BTreeMap::new(), BTreeMap::new());
    for block in blocks.values() {
        let names: BTreeSet<_> = block.fields.iter().map(|field| &field.name).collect();
        assert_eq!(names.len(), block.fields.len(), "{}: each field has a name of its own", block.name);
        for field in &block.fields {
            let Some(arguments) = argument(&field.rest, "@relation") else { continue };
            let target = models[field.kind.trim_end_matches(['?', '[', ']'])];
            let pair = (block.name.clone(), target.name.clone());
            let Some(fields) = named(&arguments, "fields") else {
                assert!(back.insert(text(&arguments), (target.name.clone(), block.name.clone())).is_none());
                continue;
            };
            assert!(forward.insert(text(&arguments), pair).is_none(), "{arguments}: told once");
            let fields = list(&fields);
            let is_optional =
                block.fields.iter().any(|known| fields.contains(&known.name) && known.kind.ends_with('?'));
            assert_eq!(field.kind.ends_with('?'), is_optional, "{arguments}");
            let references = target.stored(&list(&named(&arguments, "references").unwrap()));
            let action = |key: &str| match named(&arguments, key).unwrap().as_str() {
                "NoAction" => "NO ACTION".to_owned(),
                "SetNull" => "SET NULL".to_owned(),
                "SetDefault" => "SET DEFAULT".to_owned(),
                other => other.to_uppercase(),
            };
            let stored = block.stored(&fields).join(",");
            let name = text(&named(&arguments, "map").unwrap());
            found.insert(vec![
                block.schema(),
                block.table(),
                name,
                target.schema(),
                target.table(),
                action("onDelete"),
                action("onUpdate"),
                stored,
                references.join(","),
            ]);
        }
    }
    assert_eq!(found, expected);
    assert_eq!(forward, back, "each relation has two sides");
}

#[test]
fn it_says_what_the_catalogue_says() {
    let Some(place) = Place::postgres() else { return };
    let server = place.server().unwrap();
    let mut test = Test::new(&place);
    for version in [PrismaVersion::V6, PrismaVersion::V7] {
        let options = PrismaOptions { version, schemas: Vec::new() };
        if version == PrismaVersion::V7 {
            server.query(OTHERS);
        }
        let schema = test.drive(async |engine| engine.prisma_schema(&options).await.unwrap());
        let again = test.drive(async |engine| engine.prisma_schema(&options).await.unwrap());
        assert_eq!(schema, again);
        let parsed = parse(&schema);
        let blocks: Blocks<'_> =
            parsed.iter().map(|block| ((block.schema(), block.table()), block)).collect();
        assert_eq!(blocks.len(), parsed.len());
        for name in
            ["Company", "Prospect", "JobTitleLevelDefinition", "JobTitleLevelMap", "company_prospect_view"]
        {
            assert!(parsed.iter().any(|block| block.name == name), "{name} keeps its name");
        }
        relations_and_columns_are_those_of_the_catalogue(server, &blocks);
        keys_and_indexes_are_those_of_the_catalogue(server, &blocks);
        foreign_keys_are_those_of_the_catalogue(server, &blocks);
    }
}

#[test]
fn two_databases_of_one_version_give_the_same_bytes_and_sqlite_says_why_not() {
    let sqlite = Place::sqlite();
    let options = PrismaOptions { version: PrismaVersion::V6, schemas: Vec::new() };
    let refused = Test::new(&sqlite).drive(async |engine| engine.prisma_schema(&options).await.unwrap_err());
    assert_eq!(refused.code(), "not-postgres");
    let (Some(one), Some(other)) = (Place::postgres(), Place::postgres()) else { return };
    let texts = [&one, &other]
        .map(|place| Test::new(place).drive(async |engine| engine.prisma_schema(&options).await.unwrap()));
    assert_eq!(texts[0], texts[1]);
}

/// What no catalogue knows is told of our views: the columns that tell their rows apart.
#[test]
fn rows_of_views_are_told_apart_by_what_is_said() {
    let Some(place) = Place::postgres() else { return };
    let mut test = Test::new(&place);
    let text = "Email,Full Name,Company,Job Title,Industry,Country,Employees\n\
                ada@brook-mills.com,Ada Hale,Brook Mills,CTO,Software Development,France,11-50\n\
                ada@brook-mills.com,Ada Hale,Brook,Zzyzx,Banking,France,51-200\n\
                bo@fjord-optics.no,Bo Ito,Fjord,Sales Manager,Zzyzx,Norway,?\n";
    test.ingest("crm", text);
    test.ingest("apollo", text);
    let options = PrismaOptions { version: PrismaVersion::V7, schemas: Vec::new() };
    let schema = test.drive(async |engine| engine.prisma_schema(&options).await.unwrap());
    let server = place.server().unwrap();
    let mut checked = 0;
    for block in parse(&schema).iter().filter(|block| block.is_view) {
        let keys: Vec<_> = said(block, "unique").into_iter().collect();
        let [(_, key)] = keys.as_slice() else { panic!("{}: {keys:?}", block.name) };
        let columns = key.join("\", \"");
        let view = format!("{}.\"{}\"", block.schema(), block.table());
        let nulls: Vec<_> = key.iter().map(|column| format!("\"{column}\" IS NULL")).collect();
        let sql = format!(
            "SELECT count(*) - count(DISTINCT (\"{columns}\")), count(CASE WHEN {} THEN 1 END) FROM {view}",
            nulls.join(" OR ")
        );
        assert_eq!(server.query(&sql), "0|0", "{view}");
        let count: u64 = server.query(&format!("SELECT count(*) FROM {view}")).parse().unwrap();
        checked += u64::from(count > 0);
    }
    assert!(checked >= 6, "{checked} views have rows");
}
