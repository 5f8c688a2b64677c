use crate::packed::Read;
use firmograph_core::{Attribute, EntityKind, ScalarKind, golden_columns};

/// How a column is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ColumnKind {
    Text,
    Int,
    Real,
    Time,
    Id,
    Json,
    Bytes,
}

impl From<ScalarKind> for ColumnKind {
    fn from(kind: ScalarKind) -> Self {
        match kind {
            ScalarKind::Text => ColumnKind::Text,
            ScalarKind::Int => ColumnKind::Int,
        }
    }
}

/// A table as the bulk writers see it: name, columns in writing order, the columns of its key, and those that an
/// update must leave alone.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<(String, ColumnKind)>,
    pub(crate) key: &'static [&'static str],
    pub(crate) kept: &'static str,
}

impl Table {
    pub(crate) fn new(name: &str, columns: &[(&str, ColumnKind)], key: &'static [&'static str]) -> Self {
        let columns = columns.iter().map(|&(name, kind)| (name.to_owned(), kind)).collect();
        Table { name: name.to_owned(), columns, key, kept: "created_at" }
    }

    /// The dimension table of an attribute.
    pub(crate) fn dimension(attribute: Attribute) -> Self {
        use ColumnKind::{Id, Int, Json, Text, Time};
        let spec = attribute.spec();
        let mut columns = vec![("key".to_owned(), Text), ("source".to_owned(), Text)];
        columns.extend(spec.parts.iter().map(|part| (format!("raw_{part}"), Text)));
        columns.extend(spec.matched.iter().map(|&(name, kind)| (format!("matched_{name}"), kind.into())));
        let rest = [
            ("evidence", Json),
            ("payloads", Int),
            ("payload_id", Id),
            ("others", Json),
            ("observed_at", Time),
            ("created_at", Time),
            ("updated_at", Time),
        ];
        columns.extend(rest.map(|(name, kind)| (name.to_owned(), kind)));
        Table { name: format!("core.{}", spec.table), columns, key: &["key", "source"], kept: "created_at" }
    }

    /// The public golden table of one kind of entity.
    pub(crate) fn golden(kind: EntityKind) -> Self {
        let mut columns: Vec<_> =
            golden_columns(kind).iter().map(|column| (column.name.to_owned(), column.kind.into())).collect();
        columns.push(("createdAt".to_owned(), ColumnKind::Time));
        columns.push(("updatedAt".to_owned(), ColumnKind::Time));
        Table { name: golden_name(kind).to_owned(), columns, key: &["id"], kept: "createdAt" }
    }

    /// Column names, quoted and separated by commas.
    pub(crate) fn column_list(&self) -> String {
        let quoted: Vec<_> = self.columns.iter().map(|(name, _)| format!("\"{name}\"")).collect();
        quoted.join(", ")
    }

    /// The columns to be read, all but the last `times`.
    pub(crate) fn read(&self, times: usize) -> Vec<Read> {
        let columns = &self.columns[..self.columns.len() - times];
        columns.iter().map(|(name, kind)| (format!("\"{name}\""), *kind)).collect()
    }

    /// `ON CONFLICT (key) DO UPDATE SET ...` for everything but the key and the creation time.
    pub(crate) fn on_conflict(&self) -> String {
        let key: Vec<_> = self.key.iter().map(|name| format!("\"{name}\"")).collect();
        let set: Vec<_> = self
            .columns
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(|name| !self.key.contains(name) && *name != self.kept)
            .map(|name| format!("\"{name}\" = excluded.\"{name}\""))
            .collect();
        format!("ON CONFLICT ({}) DO UPDATE SET {}", key.join(", "), set.join(", "))
    }
}

/// Quoted name of a golden table.
pub(crate) fn golden_name(kind: EntityKind) -> &'static str {
    match kind {
        EntityKind::Company => "\"Company\"",
        EntityKind::Person => "\"Prospect\"",
    }
}

/// SQLite has no schemas: `core.company_names` is `core_company_names` there. The one function that maps names.
pub(crate) fn sqlite_names(sql: &str) -> String {
    ["raw.", "reference.", "core.", "intelligence."]
        .iter()
        .fold(sql.to_owned(), |sql, schema| sql.replace(schema, &schema.replace('.', "_")))
}
