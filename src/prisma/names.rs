//! Names of models, fields and relations: those of the database where Prisma takes them, and each once.

use firmograph_store::{Column, ForeignKey, Relation};
use std::collections::{BTreeMap, BTreeSet};

/// Words that no model may be called.
const RESERVED: [&str; 21] = [
    "PrismaClient",
    "BigInt",
    "Boolean",
    "Bytes",
    "DateTime",
    "Decimal",
    "Float",
    "Int",
    "Json",
    "String",
    "Unsupported",
    "async",
    "await",
    "case",
    "class",
    "default",
    "delete",
    "enum",
    "import",
    "public",
    "return",
];

/// A foreign key between two models of the schema, as both of its sides need it.
pub(super) struct Link<'r> {
    pub(super) key: &'r ForeignKey,
    /// The model that refers.
    pub(super) child: &'r Relation,
    /// The model that is referred to.
    pub(super) parent: &'r Relation,
    /// The name that both sides share.
    pub(super) name: String,
    /// The field of the child.
    pub(super) forward: String,
    /// The field of the parent.
    pub(super) back: String,
}

/// What everything is called.
pub(super) struct Models<'r> {
    names: BTreeMap<(&'r str, &'r str), String>,
    fields: BTreeMap<(&'r str, &'r str), BTreeMap<&'r str, String>>,
    pub(super) links: Vec<Link<'r>>,
}

impl<'r> Models<'r> {
    pub(super) fn new(relations: &[&'r Relation]) -> Self {
        let mut taken = BTreeSet::new();
        let mut models = Models { names: BTreeMap::new(), fields: BTreeMap::new(), links: Vec::new() };
        for relation in relations {
            let own = identifier(&relation.name);
            let wanted = if relation.schema == "public" {
                own
            } else {
                pascal(&relation.schema) + &pascal(&relation.name)
            };
            let wanted = if RESERVED.contains(&wanted.as_str()) { wanted + "Model" } else { wanted };
            models.names.insert(key(relation), free(wanted, &mut taken));
            let mut taken = BTreeSet::new();
            // Names that need no change are given first, so that a changed one never takes one of them.
            let (same, other): (Vec<&Column>, Vec<&Column>) =
                relation.columns.iter().partition(|column| identifier(&column.name) == column.name);
            let fields = same.into_iter().chain(other);
            let fields = fields.map(|column| (&*column.name, free(identifier(&column.name), &mut taken)));
            models.fields.insert(key(relation), fields.collect());
        }
        models.link(relations);
        models
    }

    fn link(&mut self, relations: &[&'r Relation]) {
        let mut taken: BTreeMap<(&str, &str), BTreeSet<String>> = self
            .fields
            .iter()
            .map(|(&relation, fields)| (relation, fields.values().cloned().collect()))
            .collect();
        for child in relations {
            for foreign in &child.foreign_keys {
                let target = (&*foreign.target_schema, &*foreign.target);
                let Some(parent) = relations.iter().find(|relation| key(relation) == target) else {
                    continue;
                };
                let columns = foreign.columns.join("_");
                let name = format!("{}_{columns}", self.name(child));
                let one = child
                    .foreign_keys
                    .iter()
                    .filter(|other| (&*other.target_schema, &*other.target) == target);
                let by = if one.count() > 1 || key(child) == target {
                    format!("By{}", pascal(&columns))
                } else {
                    String::new()
                };
                let back = plural(&lower(&self.name(child))) + &by;
                let forward = forward(foreign);
                let forward = free(forward, taken.entry(key(child)).or_default());
                let back = free(back, taken.entry(target).or_default());
                self.links.push(Link { key: foreign, child, parent, name, forward, back });
            }
        }
    }

    pub(super) fn name(&self, relation: &Relation) -> String {
        self.names.get(&key(relation)).cloned().unwrap_or_default()
    }

    pub(super) fn field(&self, relation: &Relation, column: &str) -> String {
        let field = self.fields.get(&key(relation)).and_then(|fields| fields.get(column));
        field.cloned().unwrap_or_else(|| column.to_owned())
    }
}

pub(super) fn key(relation: &Relation) -> (&str, &str) {
    (&relation.schema, &relation.name)
}

/// `companyId` refers to `company`, `run_id` to `run`; a column that is called by what it holds gets a field beside it.
fn forward(foreign: &ForeignKey) -> String {
    let one = foreign.columns.join("_");
    let stem = ["Id", "_id"].iter().find_map(|end| one.strip_suffix(end)).filter(|stem| !stem.is_empty());
    identifier(&stem.map_or_else(|| format!("{one}_row"), str::to_owned))
}

/// A text as an identifier: a letter, then letters, digits and `_`.
fn identifier(text: &str) -> String {
    let safe: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if safe.starts_with(|c: char| c.is_ascii_alphabetic()) { safe } else { format!("x{safe}") }
}

/// `company_names` as `CompanyNames`.
fn pascal(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let joined: String = words.map(|word| word[..1].to_ascii_uppercase() + &word[1..]).collect();
    identifier(&joined)
}

fn lower(text: &str) -> String {
    text.chars().enumerate().map(|(at, c)| if at == 0 { c.to_ascii_lowercase() } else { c }).collect()
}

fn plural(text: &str) -> String {
    if text.ends_with('s') { text.to_owned() } else { format!("{text}s") }
}

/// `wanted`, or with the first number that makes it one that is not taken.
fn free(wanted: String, taken: &mut BTreeSet<String>) -> String {
    let mut name = wanted.clone();
    let mut number = 1;
    while !taken.insert(name.clone()) {
        number += 1;
        name = format!("{wanted}{number}");
    }
    name
}
