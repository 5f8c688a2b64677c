//! The declared table of quality: weights, steps and fields, as `data/quality.csv` says them.

use crate::{Attribute, EntityKind, golden_columns};
use std::sync::LazyLock;

/// Version of the compiled table. To be raised with every change of the file or of the formula: stored rows say by which
/// version they were scored.
pub const QUALITY_VERSION: &str = "2026.2";

/// The parts of a score, in the order in which they are stored and shown.
pub const QUALITY_PARTS: [&str; 5] = ["completeness", "validity", "agreement", "freshness", "trust"];

/// A fact about a company or person that the score counts.
#[derive(Debug, Clone)]
pub struct QualityField {
    /// Its name, unique within a kind.
    pub name: &'static str,
    /// Company or person.
    pub kind: EntityKind,
    /// How much it weighs among the fields of its kind.
    pub weight: i64,
    /// The attribute that it belongs to.
    pub attribute: Attribute,
    /// Golden columns, by index: it is there when one of them is.
    pub(crate) golden: Vec<usize>,
    /// Matched columns, by index: it is valid when one of them is known. None: it has no standard form.
    pub(crate) matched: Vec<usize>,
    /// Raw parts, by index.
    pub(crate) raw: Vec<usize>,
    pub(crate) compare: Compare,
}

impl QualityField {
    /// Whether there is a standard form to hold it against.
    #[must_use]
    pub fn has_standard(&self) -> bool {
        !self.matched.is_empty() || self.compare == Compare::Site
    }

    /// Whether what several sources say of it is held against each other.
    #[must_use]
    pub fn is_compared(&self) -> bool {
        self.compare != Compare::None
    }

    /// Names of the golden columns of which one must be known.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        let columns = golden_columns(self.kind);
        self.golden.iter().filter_map(|&index| columns.get(index)).map(|column| column.name)
    }
}

/// By what two sources are held against each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Compare {
    /// The first of these matched columns that the winner knows.
    Matched(Vec<usize>),
    /// The raw text, without regard to case and blanks.
    Raw,
    /// The registrable domain of a web address.
    Site,
    /// Not at all: two texts of one thing always differ.
    None,
}

/// The whole table.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Percent that each part weighs.
    pub(crate) parts: [i64; 5],
    pub(crate) alone: i64,
    pub(crate) not_compared: i64,
    pub(crate) agreement_pinned: i64,
    /// Younger than so many days: percent. Youngest first.
    pub(crate) freshness: Vec<(i64, i64)>,
    pub(crate) older: i64,
    pub(crate) unknown: i64,
    pub(crate) freshness_pinned: i64,
    /// By rank among the listed sources.
    pub(crate) ranks: Vec<i64>,
    pub(crate) listed: i64,
    pub(crate) unlisted: i64,
    pub(crate) trust_pinned: i64,
    pub(crate) fields: [Vec<QualityField>; 2],
    /// Letters and the least percentage of each, best first.
    pub(crate) grades: [Vec<(&'static str, i64)>; 2],
    /// Condition, least number of sources, grade; the first that holds decides.
    pub(crate) email: Vec<(&'static str, i64, &'static str)>,
    /// Condition and points.
    pub(crate) phone: [Vec<(&'static str, i64)>; 2],
}

const COMPILED: &str = include_str!("../../data/quality.csv");

pub(crate) static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    for line in COMPILED.lines().skip(1) {
        // A test holds that every line is read.
        let _ = read(&mut table, line);
    }
    table
});

pub(crate) fn place(kind: EntityKind) -> usize {
    match kind {
        EntityKind::Company => 0,
        EntityKind::Person => 1,
    }
}

/// The fields of one kind that the score counts, in the order of the table.
#[must_use]
pub fn quality_fields(kind: EntityKind) -> &'static [QualityField] {
    &TABLE.fields[place(kind)]
}

/// The rows of the declared table, as they stand in the file; the first names the columns.
pub fn quality_table() -> impl Iterator<Item = Vec<&'static str>> {
    COMPILED.lines().map(|line| line.split(',').collect())
}

fn read(table: &mut Table, line: &'static str) -> Option<()> {
    let cells: Vec<&'static str> = line.split(',').collect();
    let &[rule, kind, name, number, value, attribute, golden, matched, raw, compare] = cells.as_slice()
    else {
        return None;
    };
    let number: i64 = number.parse().ok()?;
    let of = match kind {
        "company" => Some(EntityKind::Company),
        "person" => Some(EntityKind::Person),
        _ => None,
    };
    match (rule, name) {
        ("part", _) => table.parts[QUALITY_PARTS.iter().position(|part| *part == name)?] = number,
        ("agreement", "alone") => table.alone = number,
        ("agreement", "not_compared") => table.not_compared = number,
        ("agreement", "pinned") => table.agreement_pinned = number,
        ("freshness", "older") => table.older = number,
        ("freshness", "unknown") => table.unknown = number,
        ("freshness", "pinned") => table.freshness_pinned = number,
        ("freshness", days) => table.freshness.push((days.parse().ok()?, number)),
        ("trust", "pinned") => table.trust_pinned = number,
        ("trust", "listed") => table.listed = number,
        ("trust", "unlisted") => table.unlisted = number,
        ("trust", rank) if rank.parse() == Ok(table.ranks.len()) => table.ranks.push(number),
        ("grade", _) => table.grades[place(of?)].push((name, number)),
        ("email", _) => table.email.push((name, number, value)),
        ("phone", _) => table.phone[place(of?)].push((name, number)),
        ("field", _) => {
            let kind = of?;
            let attribute = Attribute::from_name(attribute)?;
            let golden_index =
                |column: &str| golden_columns(kind).iter().position(|golden| golden.name == column);
            let matched_index = |column: &str| attribute.matched(column);
            let field = QualityField {
                name,
                kind,
                weight: number,
                attribute,
                golden: all(golden, &golden_index)?,
                matched: all(matched, &matched_index)?,
                raw: all(raw, &|part| attribute.part(part))?,
                compare: match compare {
                    "raw" => Compare::Raw,
                    "site" => Compare::Site,
                    "none" => Compare::None,
                    columns => Compare::Matched(all(columns, &matched_index)?),
                },
            };
            table.fields[place(kind)].push(field);
        }
        _ => return None,
    }
    Some(())
}

/// The indexes of names that stand between bars; `None` where one is unknown.
fn all(names: &str, index: &dyn Fn(&str) -> Option<usize>) -> Option<Vec<usize>> {
    names.split('|').filter(|name| !name.is_empty()).map(index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_line_is_read() {
        let mut table = Table::default();
        for line in COMPILED.lines().skip(1) {
            assert_eq!(read(&mut table, line), Some(()), "{line}");
        }
        assert_eq!(table.parts.iter().sum::<i64>(), 100);
        for fields in &table.fields {
            let names: BTreeSet<_> = fields.iter().map(|field| field.name).collect();
            assert_eq!(names.len(), fields.len());
            for field in fields {
                assert_eq!(field.attribute.spec().entity, field.kind);
                assert!(field.weight > 0 && field.columns().count() > 0 && !field.raw.is_empty());
            }
        }
        // Ten and eight critical fields.
        assert_eq!(table.fields.each_ref().map(Vec::len), [10, 8]);
        assert!(table.freshness.is_sorted_by(|a, b| a.0 < b.0 && a.1 > b.1), "it decays");
        assert!(table.ranks.is_sorted_by(|a, b| a > b));
        for grades in &table.grades {
            assert!(grades.is_sorted_by(|a, b| a.1 > b.1) && grades.last().is_some_and(|last| last.1 == 0));
        }
        assert_eq!(table.phone.each_ref().map(|rows| rows.iter().map(|row| row.1).sum::<i64>()), [100, 100]);
    }
}
