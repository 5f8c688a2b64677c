//! Counts of one file, made in pieces and added up.

use crate::reconcile::report::{ClassCounts, ColumnCounts, Finding, LinkCounts, PlaceCounts, Reconciliation};
use crate::reconcile::report::{UnplacedValue, ValueClass};
use firmograph_core::{Attribute, Field};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A column: one of a table by its number, or a path of a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Slot {
    Column(usize),
    Path(Box<str>, Option<Field>),
}

/// What is to be known of a file to tell its values.
#[derive(Debug, Default)]
pub(crate) struct File {
    /// As it is called in `raw.files`.
    pub(crate) label: String,
    /// Whether payloads are cells in the order of `columns`.
    pub(crate) is_table: bool,
    /// Columns of a table, with the fields that each may fill.
    pub(crate) columns: Vec<(String, Vec<Field>)>,
    /// Which column fills which field.
    pub(crate) mapped: Vec<(Field, String)>,
    /// The column by whose cells records are told in links.
    pub(crate) id_column: Option<String>,
}

impl File {
    pub(crate) fn name<'s>(&'s self, slot: &'s Slot) -> &'s str {
        match slot {
            Slot::Column(column) => self.columns.get(*column).map_or("", |(name, _)| name),
            Slot::Path(path, _) => path,
        }
    }

    fn field(&self, slot: &Slot) -> Option<Field> {
        match slot {
            Slot::Column(column) => self.columns.get(*column)?.1.first().copied(),
            Slot::Path(_, field) => *field,
        }
    }

    /// The path by which `field` is told where no column is it.
    pub(crate) fn path_of(&self, field: Field) -> Slot {
        let path = self.mapped.iter().find(|(of, _)| *of == field).map(|(_, path)| path.as_str());
        Slot::Path(path.unwrap_or_else(|| field.name()).into(), Some(field))
    }
}

#[derive(Debug, Default)]
struct PlaceTally {
    values: ClassCounts,
    instead: BTreeMap<String, u64>,
}

/// What was counted, and what is to be told.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    columns: BTreeMap<Slot, ClassCounts>,
    places: BTreeMap<(Slot, Attribute, &'static str), PlaceTally>,
    reasons: BTreeMap<(ValueClass, Cow<'static, str>), u64>,
    pub(crate) links: LinkCounts,
    pub(crate) payloads_missing: u64,
    pub(crate) employer_elsewhere: u64,
    pub(crate) findings: Vec<Finding>,
}

/// What became of a value, and why where that is to be told.
pub(crate) type Verdict = (ValueClass, Option<Cow<'static, str>>);

impl Tally {
    /// Counts one value of a column and tells those that have no place.
    pub(crate) fn value(&mut self, file: &File, slot: &Slot, line: u64, value: &str, verdict: Verdict) {
        let (class, reason) = verdict;
        match self.columns.get_mut(slot) {
            Some(counts) => counts.count(class, 1),
            None => self.columns.entry(slot.clone()).or_default().count(class, 1),
        }
        let Some(reason) = reason else { return };
        if matches!(class, ValueClass::Unplaced | ValueClass::Lost) {
            self.findings.push(Finding::Value(UnplacedValue {
                file: file.label.clone(),
                line,
                column: file.name(slot).to_owned(),
                value: value.to_owned(),
                class,
                reason: reason.clone().into_owned(),
            }));
        }
        *self.reasons.entry((class, reason)).or_default() += 1;
    }

    /// Counts keys of documents that nothing reads.
    pub(crate) fn unread(&mut self, path: &str, count: u64) {
        let class = ValueClass::PayloadOnly;
        self.columns.entry(Slot::Path(path.into(), None)).or_default().count(class, count);
        *self.reasons.entry((class, "no_field".into())).or_default() += count;
    }

    /// Counts a value in one of its places; `instead` is what is shown where it is not.
    pub(crate) fn place(
        &mut self,
        slot: &Slot,
        attribute: Attribute,
        part: &'static str,
        class: ValueClass,
        instead: Option<&str>,
    ) {
        let tally = self.places.entry((slot.clone(), attribute, part)).or_default();
        tally.values.count(class, 1);
        if let Some(instead) = instead {
            match tally.instead.get_mut(instead) {
                Some(count) => *count += 1,
                None => drop(tally.instead.insert(instead.to_owned(), 1)),
            }
        }
    }

    pub(crate) fn add(&mut self, other: Tally) {
        let Tally { columns, places, reasons, links, payloads_missing, employer_elsewhere, findings } = other;
        for (slot, counts) in columns {
            self.columns.entry(slot).or_default().add(&counts);
        }
        for (place, tally) in places {
            let mine = self.places.entry(place).or_default();
            mine.values.add(&tally.values);
            add(&mut mine.instead, tally.instead);
        }
        for (reason, count) in reasons {
            *self.reasons.entry(reason).or_default() += count;
        }
        self.links.both += links.both;
        add(&mut self.links.company_only, links.company_only);
        add(&mut self.links.person_only, links.person_only);
        add(&mut self.links.nobody, links.nobody);
        self.payloads_missing += payloads_missing;
        self.employer_elsewhere += employer_elsewhere;
        self.findings.extend(findings);
    }

    /// Adds the counts of a whole file to the report.
    pub(crate) fn tell(self, file: &File, report: &mut Reconciliation) {
        // Columns of a table come in its order, also those in which nothing stands.
        let table = (0..file.columns.len()).map(Slot::Column);
        let slots: Vec<Slot> = table.chain(self.columns.keys().cloned()).collect();
        let mut columns = self.columns;
        for slot in slots {
            let (name, field) = (file.name(&slot), file.field(&slot).map(|field| field.name().to_owned()));
            let counts = columns.remove(&slot).unwrap_or_default();
            report.values.add(&counts);
            match report.columns.iter_mut().find(|known| known.column == name && known.field == field) {
                Some(known) => known.values.add(&counts),
                None => report.columns.push(ColumnCounts { column: name.to_owned(), field, values: counts }),
            }
        }
        for ((slot, attribute, part), tally) in self.places {
            let column = file.name(&slot);
            let place = format!("{}.{part}", attribute.spec().name);
            match report.places.iter_mut().find(|known| known.column == column && known.place == place) {
                Some(known) => {
                    known.values.add(&tally.values);
                    add(&mut known.shown_instead, tally.instead);
                }
                None => report.places.push(PlaceCounts {
                    column: column.to_owned(),
                    place,
                    values: tally.values,
                    shown_instead: tally.instead,
                }),
            }
        }
        for ((class, reason), count) in self.reasons {
            let of_class = report.reasons.entry(class.name().to_owned()).or_default();
            *of_class.entry(reason.into_owned()).or_default() += count;
        }
        report.links.both += self.links.both;
        add(&mut report.links.company_only, self.links.company_only);
        add(&mut report.links.person_only, self.links.person_only);
        add(&mut report.links.nobody, self.links.nobody);
        report.records.payloads_missing += self.payloads_missing;
        report.entities.employer_elsewhere += self.employer_elsewhere;
    }
}

pub(crate) fn add(mine: &mut BTreeMap<String, u64>, theirs: BTreeMap<String, u64>) {
    for (name, count) in theirs {
        *mine.entry(name).or_default() += count;
    }
}

pub(crate) fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count += 1,
        None => drop(counts.insert(name.to_owned(), 1)),
    }
}
