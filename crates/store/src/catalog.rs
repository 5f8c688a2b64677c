//! The tables, views, keys and indexes that a PostgreSQL database really has, as its catalogue tells them.

use crate::Store;
use crate::value::Row;
use firmograph_core::{Error, ErrorKind};

/// What a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// A table, partitioned or not.
    Table,
    /// A view.
    View,
    /// A materialised view.
    MaterializedView,
}

/// A table or view with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: RelationKind,
    /// Of a view of ours: columns that tell its rows apart and are never null, which no catalogue knows.
    pub row_key: &'static [&'static str],
    /// Its columns, in their order.
    pub columns: Vec<Column>,
    /// Its indexes, by name; that of the primary key is among them.
    pub indexes: Vec<Index>,
    /// Its foreign keys, by name.
    pub foreign_keys: Vec<ForeignKey>,
    /// Its check and exclusion constraints as SQL, by name.
    pub checks: Vec<String>,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type as SQL spells it: `bigint`, `timestamp(3) without time zone`, `text[]`.
    pub data_type: String,
    /// Whether it may be null; every column of a view may, but those of its [`Relation::row_key`].
    pub is_nullable: bool,
    /// Its default as SQL.
    pub default: Option<String>,
    /// Whether the database numbers its rows.
    pub is_identity: bool,
    /// Whether the database computes it.
    pub is_generated: bool,
}

/// An index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Whether it is unique.
    pub is_unique: bool,
    /// Whether it is that of the primary key.
    pub is_primary: bool,
    /// Whether it is a B-tree over whole columns of all rows, in their own order: no condition, no expression, no other columns.
    pub is_plain: bool,
    /// Its columns, and whether each is descending. Of a plain index only.
    pub columns: Vec<(String, bool)>,
    /// The statement that makes it.
    pub definition: String,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    /// Its name.
    pub name: String,
    /// Columns that refer.
    pub columns: Vec<String>,
    /// Schema of the table that is referred to.
    pub target_schema: String,
    /// Its name.
    pub target: String,
    /// The columns that are referred to.
    pub target_columns: Vec<String>,
    /// What becomes of a row when the one it refers to is deleted: `NO ACTION`, `RESTRICT`, `CASCADE`, `SET NULL`, `SET DEFAULT`.
    pub on_delete: &'static str,
    /// And when its key changes.
    pub on_update: &'static str,
}

/// Relations that are neither the system's nor an extension's, and no parts of another one.
const OURS: &str = "c.relkind IN ('r', 'p', 'v', 'm') AND NOT c.relispartition AND n.nspname <> 'information_schema' \
    AND n.nspname NOT LIKE 'pg\\_%' AND NOT EXISTS (SELECT 1 FROM pg_depend e \
    WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')";

/// What tells the rows of our views apart.
const VIEW_KEYS: [(&str, &str, &[&str]); 9] = [
    ("core", "companies_full", &["id"]),
    ("core", "company_provenance", &["key", "attribute", "source"]),
    ("core", "key_roots", &["entity", "from_key"]),
    ("core", "leads", &["person_id"]),
    ("core", "people_full", &["id"]),
    ("core", "person_provenance", &["key", "attribute", "source"]),
    ("intelligence", "quality", &["entity", "key"]),
    ("public", "company_prospect_view", &["id"]),
    ("reference", "unmatched_values", &["attribute", "raw_value", "source"]),
];

impl Store {
    /// Every table and view of a PostgreSQL database, in the byte order of schema and name; other programs' too.
    ///
    /// # Errors
    /// `not-postgres` (usage) on SQLite, which has no such catalogue; when the database does not answer.
    pub async fn relations(&mut self) -> Result<Vec<Relation>, Error> {
        if !self.is_postgres() {
            let message = "this is a SQLite database: it has no schemas and no catalogue to read";
            return Err(Error::new(ErrorKind::Usage, "not-postgres", message)
                .with_help("give the URL of a PostgreSQL database with --database; an empty one will do"));
        }
        let sql = format!(
            "SELECT n.nspname::text, c.relname::text, c.relkind::text FROM pg_class c \
             JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OURS} \
             ORDER BY n.nspname::text COLLATE \"C\", c.relname::text COLLATE \"C\""
        );
        let mut relations = Vec::new();
        for mut row in self.conn.fetch(&sql, &[]).await? {
            let (schema, name): (String, String) = (row.text()?.into(), row.text()?.into());
            let kind = match &*row.text()? {
                "v" => RelationKind::View,
                "m" => RelationKind::MaterializedView,
                _ => RelationKind::Table,
            };
            let of_view = |view: &&(&str, &str, &[&str])| (view.0, view.1) == (&*schema, &*name);
            let row_key = match kind {
                RelationKind::Table => None,
                _ => VIEW_KEYS.iter().find(of_view).map(|view| view.2),
            };
            let row_key: &'static [&'static str] = row_key.unwrap_or_default();
            let (columns, indexes, foreign_keys, checks) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
            relations.push(Relation { schema, name, kind, row_key, columns, indexes, foreign_keys, checks });
        }
        self.put_columns(&mut relations).await?;
        self.put_indexes(&mut relations).await?;
        self.put_constraints(&mut relations).await?;
        Ok(relations)
    }

    async fn put_columns(&mut self, relations: &mut [Relation]) -> Result<(), Error> {
        let sql = format!(
            "SELECT n.nspname::text, c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), \
             NOT a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity <> '', a.attgenerated <> '' \
             FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid \
             LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
             WHERE {OURS} AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.oid, a.attnum"
        );
        for mut row in self.conn.fetch(&sql, &[]).await? {
            let Some(relation) = of(relations, &mut row)? else { continue };
            let name: String = row.text()?.into();
            let is_key = relation.row_key.contains(&name.as_str());
            relation.columns.push(Column {
                name,
                data_type: row.text()?.into(),
                is_nullable: row.int()? == 1 && !is_key,
                default: row.maybe_text()?.map(Into::into),
                is_identity: row.int()? == 1,
                is_generated: row.int()? == 1,
            });
        }
        Ok(())
    }

    async fn put_indexes(&mut self, relations: &mut [Relation]) -> Result<(), Error> {
        // Options of a column: 0 is ascending, 3 descending with nulls first, which is what DESC means by itself.
        let sql = format!(
            "SELECT n.nspname::text, c.relname::text, x.relname::text, i.indisunique, i.indisprimary, \
             m.amname = 'btree' AND i.indpred IS NULL AND i.indexprs IS NULL AND i.indnkeyatts = i.indnatts \
             AND k.is_plain AND pg_get_indexdef(i.indexrelid) NOT LIKE '%NULLS NOT DISTINCT%', \
             k.columns, pg_get_indexdef(i.indexrelid) \
             FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
             JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am m ON m.oid = x.relam \
             CROSS JOIN LATERAL (SELECT bool_and(a.attname IS NOT NULL AND o.opcdefault \
             AND i.indcollation[p] = a.attcollation AND i.indoption[p] IN (0, 3)) AS is_plain, \
             json_agg(json_build_array(a.attname, i.indoption[p] = 3) ORDER BY p)::text AS columns \
             FROM generate_series(0, i.indnkeyatts - 1) AS p \
             LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[p] AND a.attnum > 0 \
             LEFT JOIN pg_opclass o ON o.oid = i.indclass[p]) k \
             WHERE {OURS} ORDER BY x.relname::text COLLATE \"C\""
        );
        for mut row in self.conn.fetch(&sql, &[]).await? {
            let Some(relation) = of(relations, &mut row)? else { continue };
            let name = row.text()?.into();
            let [is_unique, is_primary, is_plain] = [row.int()? == 1, row.int()? == 1, row.int()? == 1];
            let columns = row.text()?;
            let columns = if is_plain { parsed(&columns)? } else { Vec::new() };
            let definition = row.text()?.into();
            relation.indexes.push(Index { name, is_unique, is_primary, is_plain, columns, definition });
        }
        Ok(())
    }

    async fn put_constraints(&mut self, relations: &mut [Relation]) -> Result<(), Error> {
        let names = |keys: &str, table: &str| {
            format!(
                "(SELECT json_agg(a.attname ORDER BY k.place) FROM unnest(f.{keys}) WITH ORDINALITY AS k (number, place) \
                 JOIN pg_attribute a ON a.attrelid = f.{table} AND a.attnum = k.number)::text"
            )
        };
        let sql = format!(
            "SELECT n.nspname::text, c.relname::text, f.conname::text, f.contype::text, pg_get_constraintdef(f.oid), \
             {}, tn.nspname::text, t.relname::text, {}, f.confdeltype::text, f.confupdtype::text \
             FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
             LEFT JOIN pg_class t ON t.oid = f.confrelid LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace \
             WHERE {OURS} AND f.contype IN ('f', 'c', 'x') ORDER BY f.conname::text COLLATE \"C\"",
            names("conkey", "conrelid"),
            names("confkey", "confrelid")
        );
        for mut row in self.conn.fetch(&sql, &[]).await? {
            let Some(relation) = of(relations, &mut row)? else { continue };
            let (name, kind, definition) = (row.text()?, row.text()?, row.text()?);
            if &*kind != "f" {
                relation.checks.push(format!("CONSTRAINT {name} {definition}"));
                continue;
            }
            relation.foreign_keys.push(ForeignKey {
                name: name.into(),
                columns: parsed(&row.text()?)?,
                target_schema: row.text()?.into(),
                target: row.text()?.into(),
                target_columns: parsed(&row.text()?)?,
                on_delete: action(&row.text()?),
                on_update: action(&row.text()?),
            });
        }
        Ok(())
    }
}

/// The relation that the first two cells of a row name.
fn of<'r>(relations: &'r mut [Relation], row: &mut Row) -> Result<Option<&'r mut Relation>, Error> {
    let (schema, name) = (row.text()?, row.text()?);
    let place =
        relations.binary_search_by(|known| (&*known.schema, &*known.name).cmp(&(&*schema, &*name))).ok();
    Ok(place.and_then(|place| relations.get_mut(place)))
}

fn parsed<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, Error> {
    serde_json::from_str(json).map_err(|error| {
        Error::new(ErrorKind::Environment, "database-shape", format!("the catalogue gave {json}"))
            .with_cause(error)
    })
}

fn action(letter: &str) -> &'static str {
    match letter {
        "r" => "RESTRICT",
        "c" => "CASCADE",
        "n" => "SET NULL",
        "d" => "SET DEFAULT",
        _ => "NO ACTION",
    }
}
