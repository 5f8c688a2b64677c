use super::*;
use firmograph_store::{Column, ForeignKey, Index};

fn column(name: &str, data_type: &str, default: Option<&str>) -> Column {
    Column {
        name: name.to_owned(),
        data_type: data_type.to_owned(),
        is_nullable: false,
        default: default.map(str::to_owned),
        is_identity: false,
        is_generated: false,
    }
}

fn index(name: &str, columns: &[&str], is_unique: bool, is_primary: bool) -> Index {
    let columns = columns.iter().map(|column| ((*column).to_owned(), false)).collect();
    let definition = format!("CREATE INDEX {name}");
    Index { name: name.to_owned(), is_unique, is_primary, is_plain: true, columns, definition }
}

fn table(schema: &str, name: &str, columns: Vec<Column>, indexes: Vec<Index>) -> Relation {
    let (schema, name, kind) = (schema.to_owned(), name.to_owned(), RelationKind::Table);
    Relation {
        schema,
        name,
        kind,
        row_key: &[],
        columns,
        indexes,
        foreign_keys: Vec::new(),
        checks: Vec::new(),
    }
}

fn written(relations: &[Relation]) -> String {
    prisma_schema(relations, &PrismaOptions { version: PrismaVersion::V6, schemas: Vec::new() })
}

#[track_caller]
fn has(text: &str, line: &str) {
    let squeezed = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.lines().any(|known| squeezed(known) == line), "{line:?} is not in\n{text}");
}

#[test]
fn defaults_and_types_that_no_table_of_ours_has() {
    let mut list = column("tags", "character varying(30)[]", Some("'{}'::character varying[]"));
    list.is_nullable = true;
    let columns = vec![
        column("id", "integer", Some("nextval('t_id_seq'::regclass)")),
        column("said", "text", Some("'it''s \"so\"'::text")),
        column("many", "bigint", Some("'-5'::bigint")),
        column("rate", "numeric(10,2)", Some("0.25")),
        column("on", "boolean", Some("true")),
        column("at", "timestamp with time zone", Some("now()")),
        column("day", "date", Some("CURRENT_DATE")),
        column("_odd name", "point", None),
        column("sum", "text", Some("lower('A'::text)")),
        list,
    ];
    let text = written(&[table("public", "case", columns, vec![index("case_pkey", &["id"], true, true)])]);
    for line in [
        "model caseModel {",
        "id Int @id @default(autoincrement())",
        r#"said String @default("it's \"so\"")"#,
        "many BigInt @default(-5)",
        "rate Decimal @default(0.25) @db.Decimal(10, 2)",
        "on Boolean @default(true)",
        "at DateTime @default(now()) @db.Timestamptz(6)",
        r#"day DateTime @default(dbgenerated("CURRENT_DATE")) @db.Date"#,
        r#"x_odd_name Unsupported("point") @map("_odd name")"#,
        r#"sum String @default(dbgenerated("lower('A'::text)"))"#,
        r#"tags String[] @default(dbgenerated("'{}'::character varying[]")) @db.VarChar(30)"#,
        r#"@@map("case")"#,
    ] {
        has(&text, line);
    }
}

#[test]
fn relations_have_two_sides_with_names_of_their_own() {
    let columns = |names: &[&str]| names.iter().map(|name| column(name, "bigint", None)).collect::<Vec<_>>();
    let mut child = table(
        "core",
        "moves",
        columns(&["id", "from_id", "into_id", "elsewhere_id"]),
        vec![index("moves_pkey", &["id"], true, true), index("moves_into", &["into_id"], true, false)],
    );
    child.columns[1].is_nullable = true;
    for (name, target, on_delete) in [
        ("from_id", "Place", "CASCADE"),
        ("into_id", "Place", "SET NULL"),
        ("elsewhere_id", "gone", "CASCADE"),
    ] {
        child.foreign_keys.push(ForeignKey {
            name: format!("moves_{name}_fkey"),
            columns: vec![name.to_owned()],
            target_schema: "public".to_owned(),
            target: target.to_owned(),
            target_columns: vec!["id".to_owned()],
            on_delete,
            on_update: "NO ACTION",
        });
    }
    // A name that a relation would like to have is taken by a column.
    let parent = table(
        "public",
        "Place",
        columns(&["id", "coreMovesByFromId"]),
        vec![index("place_key", &["id"], true, true)],
    );
    let text = written(&[child, parent]);
    for line in [
        r#"from Place? @relation("CoreMoves_from_id", fields: [from_id], references: [id], onDelete: Cascade, onUpdate: NoAction, map: "moves_from_id_fkey")"#,
        r#"into Place @relation("CoreMoves_into_id", fields: [into_id], references: [id], onDelete: SetNull, onUpdate: NoAction, map: "moves_into_id_fkey")"#,
        r#"coreMovesByFromId2 CoreMoves[] @relation("CoreMoves_from_id")"#,
        r#"coreMovesByIntoId CoreMoves? @relation("CoreMoves_into_id")"#,
        r#"into_id BigInt @unique(map: "moves_into")"#,
        r#"id BigInt @id(map: "place_key")"#,
        "// FOREIGN KEY moves_elsewhere_id_fkey to public.gone, which is not written here",
    ] {
        has(&text, line);
    }
}

#[test]
fn rows_that_nothing_tells_apart_are_ignored() {
    let of = |relation: &Relation, version| {
        prisma_schema(std::slice::from_ref(relation), &PrismaOptions { version, schemas: Vec::new() })
    };
    let columns = vec![column("a", "text", None), column("b", "text", None)];
    let mut loose = table("public", "loose", columns, vec![index("loose_a", &["a"], true, false)]);
    assert!(!written(&[loose.clone()]).contains("@@ignore"));
    loose.columns[0].is_nullable = true;
    has(&of(&loose, PrismaVersion::V6), "@@ignore");
    has(&of(&loose, PrismaVersion::V7), "@@ignore");
    loose.kind = RelationKind::View;
    has(&of(&loose, PrismaVersion::V6), "@@ignore");
    assert!(!of(&loose, PrismaVersion::V7).contains("@@ignore"), "a view can be read without");
    loose.row_key = &["a", "b"];
    has(&of(&loose, PrismaVersion::V6), "@@unique([a, b])");
    loose.row_key = &["b"];
    has(&of(&loose, PrismaVersion::V6), "b String @unique");
    assert!(!of(&loose, PrismaVersion::V6).contains("@@ignore"));
}

#[test]
fn each_version_has_its_head() {
    let tables = [table("core", "a", Vec::new(), Vec::new()), table("public", "b", Vec::new(), Vec::new())];
    let of = |version| prisma_schema(&tables, &PrismaOptions { version, schemas: Vec::new() });
    assert!(of(PrismaVersion::V6).contains(r#"["multiSchema", "views"]"#));
    assert!(of(PrismaVersion::V6).contains("env(\"DATABASE_URL\")"));
    assert!(!of(PrismaVersion::V7).contains("DATABASE_URL"));
    has(&of(PrismaVersion::V7), r#"schemas = ["public", "core"]"#);
    let one = PrismaOptions { version: PrismaVersion::V6, schemas: vec!["core".to_owned()] };
    let one = prisma_schema(&tables, &one);
    assert!(one.contains("model CoreA {") && !one.contains("model b"), "{one}");
}
