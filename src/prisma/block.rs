//! One model or view.

use super::names::{Link, Models, key};
use super::{PrismaVersion, types};
use firmograph_store::{Index, Relation, RelationKind};

/// A model or view on its way to text.
pub(super) struct Block<'r> {
    relation: &'r Relation,
    models: &'r Models<'r>,
    /// Name, type and attributes of each field.
    fields: Vec<[String; 3]>,
    /// Attributes of the whole.
    attributes: Vec<String>,
    /// What cannot be said.
    unsaid: Vec<String>,
}

impl<'r> Block<'r> {
    pub(super) fn of(relation: &'r Relation, models: &'r Models<'r>, version: PrismaVersion) -> Self {
        let (fields, attributes, unsaid) = (Vec::new(), Vec::new(), Vec::new());
        let mut block = Block { relation, models, fields, attributes, unsaid };
        block.add_columns();
        block.add_relations();
        block.add_indexes();
        block.unsaid.extend(relation.checks.iter().cloned());
        if let [_, _, ..] = relation.row_key {
            let fields: Vec<_> =
                relation.row_key.iter().map(|column| models.field(relation, column)).collect();
            block.attributes.push(format!("@@unique([{}])", fields.join(", ")));
        }
        if models.name(relation) != relation.name {
            block.attributes.push(format!("@@map({})", types::quoted(&relation.name)));
        }
        // Later versions can read a view whose rows nothing tells apart.
        let is_readable = version == PrismaVersion::V7 && relation.kind != RelationKind::Table;
        if !is_readable && !is_identified(relation) {
            block.attributes.push("@@ignore".to_owned());
        }
        block.attributes.push(format!("@@schema({})", types::quoted(&relation.schema)));
        block
    }

    fn add_columns(&mut self) {
        for column in &self.relation.columns {
            let field = self.models.field(self.relation, &column.name);
            let (scalar, native) = types::of(column);
            let mut attributes = Vec::new();
            if let Some(index) = self.single(&column.name) {
                let default = format!("{}_pkey", self.relation.name);
                match index {
                    index if !index.is_primary => {
                        attributes.push(format!("@unique(map: {})", types::quoted(&index.name)));
                    }
                    index if index.name == default => attributes.push("@id".to_owned()),
                    index => attributes.push(format!("@id(map: {})", types::quoted(&index.name))),
                }
            }
            if self.relation.row_key == [column.name.as_str()] {
                attributes.push("@unique".to_owned());
            }
            if let Some(default) = types::default(column) {
                attributes.push(format!("@default({default})"));
            }
            // Other programs' clients set it, as they always did; the database does not.
            if column.name == "updatedAt" && scalar == "DateTime" && self.relation.kind == RelationKind::Table
            {
                attributes.push("@updatedAt".to_owned());
            }
            if field != column.name {
                attributes.push(format!("@map({})", types::quoted(&column.name)));
            }
            attributes.extend(native);
            self.fields.push([field, scalar, attributes.join(" ")]);
        }
    }

    /// The first unique index over this column alone, that of the primary key before others.
    fn single(&self, column: &str) -> Option<&'r Index> {
        if self.relation.kind != RelationKind::Table {
            return None;
        }
        let of_one = |index: &&Index| is_one(index) && index.columns[0].0 == column;
        let all: Vec<_> = self.relation.indexes.iter().filter(of_one).collect();
        all.iter().find(|index| index.is_primary).or(all.first()).copied()
    }

    /// Fields of foreign keys: one at each side, under a name that both share.
    fn add_relations(&mut self) {
        let models = self.models;
        for link in models.links.iter().filter(|link| key(link.child) == key(self.relation)) {
            let list = |relation: &Relation, columns: &[String]| {
                let fields: Vec<_> = columns.iter().map(|column| models.field(relation, column)).collect();
                fields.join(", ")
            };
            let attribute = format!(
                "@relation({}, fields: [{}], references: [{}], onDelete: {}, onUpdate: {}, map: {})",
                types::quoted(&link.name),
                list(link.child, &link.key.columns),
                list(link.parent, &link.key.target_columns),
                action(link.key.on_delete),
                action(link.key.on_update),
                types::quoted(&link.key.name)
            );
            let is_optional = self
                .relation
                .columns
                .iter()
                .any(|column| column.is_nullable && link.key.columns.contains(&column.name));
            let scalar = models.name(link.parent) + if is_optional { "?" } else { "" };
            self.fields.push([link.forward.clone(), scalar, attribute]);
        }
        for link in models.links.iter().filter(|link| key(link.parent) == key(self.relation)) {
            let many = if is_one_to_one(link) { "?" } else { "[]" };
            let mut attribute = format!("@relation({})", types::quoted(&link.name));
            if !is_identified(link.child) {
                attribute.push_str(" @ignore");
            }
            self.fields.push([link.back.clone(), models.name(link.child) + many, attribute]);
        }
        for foreign in &self.relation.foreign_keys {
            let is_linked = models.links.iter().any(|link| std::ptr::eq(link.key, foreign));
            if !is_linked {
                let target = format!("{}.{}", foreign.target_schema, foreign.target);
                self.unsaid
                    .push(format!("FOREIGN KEY {} to {target}, which is not written here", foreign.name));
            }
        }
    }

    fn add_indexes(&mut self) {
        for index in &self.relation.indexes {
            let is_table = self.relation.kind == RelationKind::Table;
            if !is_table || !index.is_plain || index.is_unique && index.columns.iter().any(|column| column.1)
            {
                self.unsaid.push(index.definition.clone());
                continue;
            }
            if is_one(index) && self.single(&index.columns[0].0).is_some_and(|one| one.name == index.name) {
                continue;
            }
            let fields = index.columns.iter().map(|(column, is_descending)| {
                let field = self.models.field(self.relation, column);
                if *is_descending { format!("{field}(sort: Desc)") } else { field }
            });
            let fields: Vec<_> = fields.collect();
            let name = match (index.is_primary, index.is_unique) {
                (true, _) => "@@id",
                (false, true) => "@@unique",
                (false, false) => "@@index",
            };
            let map = if index.is_primary && index.name == format!("{}_pkey", self.relation.name) {
                String::new()
            } else {
                format!(", map: {}", types::quoted(&index.name))
            };
            self.attributes.push(format!("{name}([{}]{map})", fields.join(", ")));
        }
        // The primary key first, then by kind and name.
        let rank = |attribute: &String| {
            ["@@id", "@@unique", "@@index"].iter().position(|kind| attribute.starts_with(kind))
        };
        self.attributes.sort_by_key(rank);
    }

    pub(super) fn write(&self, text: &mut String) {
        let word = if self.relation.kind == RelationKind::Table { "model" } else { "view" };
        if self.relation.kind == RelationKind::MaterializedView {
            text.push_str("// Materialised: as of its last refresh.\n");
        }
        if !is_identified(self.relation) {
            text.push_str("// Nothing that Prisma knows tells its rows apart.\n");
        }
        text.push_str(&format!("{word} {} {{\n", self.models.name(self.relation)));
        let width =
            |part: usize| self.fields.iter().map(|field| field[part].chars().count()).max().unwrap_or(0);
        let (names, types) = (width(0), width(1));
        for [name, scalar, attributes] in &self.fields {
            let line = format!("  {name:names$} {scalar:types$} {attributes}");
            text.push_str(line.trim_end());
            text.push('\n');
        }
        if !self.unsaid.is_empty() {
            text.push_str("\n  // What Prisma cannot say:\n");
        }
        for sql in &self.unsaid {
            text.push_str(&format!("  //   {}\n", sql.split_whitespace().collect::<Vec<_>>().join(" ")));
        }
        text.push('\n');
        for attribute in &self.attributes {
            text.push_str(&format!("  {attribute}\n"));
        }
        text.push_str("}\n");
    }
}

/// Whether an index can be said at a field: unique, plain, of one column.
fn is_one(index: &Index) -> bool {
    index.is_unique && index.is_plain && matches!(index.columns.as_slice(), [(_, false)])
}

/// Whether something tells the rows apart: of a table, an index of all of them whose columns are never null.
fn is_identified(relation: &Relation) -> bool {
    let is_required =
        |name: &str| relation.columns.iter().any(|column| column.name == name && !column.is_nullable);
    if relation.kind != RelationKind::Table {
        return !relation.row_key.is_empty();
    }
    relation.indexes.iter().any(|index| {
        index.is_unique
            && index.is_plain
            && index.columns.iter().all(|(name, is_descending)| !is_descending && is_required(name))
    })
}

/// Whether at most one row refers to another: exactly the columns that refer are unique.
fn is_one_to_one(link: &Link<'_>) -> bool {
    let mut referring: Vec<&str> = link.key.columns.iter().map(String::as_str).collect();
    referring.sort_unstable();
    link.child.indexes.iter().any(|index| {
        let mut columns: Vec<&str> = index.columns.iter().map(|(name, _)| name.as_str()).collect();
        columns.sort_unstable();
        index.is_unique && index.is_plain && columns == referring
    })
}

fn action(sql: &str) -> &'static str {
    match sql {
        "RESTRICT" => "Restrict",
        "CASCADE" => "Cascade",
        "SET NULL" => "SetNull",
        "SET DEFAULT" => "SetDefault",
        _ => "NoAction",
    }
}
