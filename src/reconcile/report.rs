//! What a reconciliation tells. Everything is in an order that is the same on every machine.

use serde::Serialize;
use std::collections::BTreeMap;

/// What became of one value of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum ValueClass {
    /// A golden record shows it, byte by byte; or it is the one that is shown, in a part that no golden column has.
    Carried,
    /// A golden record shows its standard form.
    Standardised,
    /// It is kept as it is: it has no standard form.
    Unmatched,
    /// It is kept, and another value of its source, another source or a pin is shown.
    InConflict,
    /// No attribute takes it: it is kept in the payload, and it was found there.
    PayloadOnly,
    /// It says that there is no value: `N/A`, `-`, `no-email-available`.
    Placeholder,
    /// The cell is blank.
    Blank,
    /// It is of a record that is kept as a reject, or of a company or person that nothing identifies.
    Unplaced,
    /// It should be in the database and is not.
    Lost,
}

impl ValueClass {
    /// Every class.
    pub const ALL: [ValueClass; 9] = [
        ValueClass::Carried,
        ValueClass::Standardised,
        ValueClass::Unmatched,
        ValueClass::InConflict,
        ValueClass::PayloadOnly,
        ValueClass::Placeholder,
        ValueClass::Blank,
        ValueClass::Unplaced,
        ValueClass::Lost,
    ];

    /// Its name, as in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ValueClass::Carried => "carried",
            ValueClass::Standardised => "standardised",
            ValueClass::Unmatched => "unmatched",
            ValueClass::InConflict => "in_conflict",
            ValueClass::PayloadOnly => "payload_only",
            ValueClass::Placeholder => "placeholder",
            ValueClass::Blank => "blank",
            ValueClass::Unplaced => "unplaced",
            ValueClass::Lost => "lost",
        }
    }
}

/// How many values are of each class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClassCounts([u64; ValueClass::ALL.len()]);

impl ClassCounts {
    /// How many are of one class.
    #[must_use]
    pub fn of(&self, class: ValueClass) -> u64 {
        self.0[class as usize]
    }

    /// How many there are.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    pub(crate) fn count(&mut self, class: ValueClass, values: u64) {
        self.0[class as usize] += values;
    }

    pub(crate) fn add(&mut self, other: &ClassCounts) {
        self.0.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine += theirs);
    }
}

impl Serialize for ClassCounts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(ValueClass::ALL.iter().map(|&class| (class.name(), self.of(class))))
    }
}

/// The records of the input. `read` = `accepted` + `rejected` + `repeated` + `blank`, as an ingest counts them, but that known
/// payloads are accepted here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RecordCounts {
    /// Records, and blank lines.
    pub read: u64,
    /// Records that name somebody: each distinct payload once.
    pub accepted: u64,
    /// Records that could not be taken, by code.
    pub rejected: BTreeMap<String, u64>,
    /// Records equal to an earlier one.
    pub repeated: u64,
    /// Blank lines.
    pub blank: u64,
    /// Accepted payloads that are not stored as they were given. Must be 0.
    pub payloads_missing: u64,
}

/// Who is spoken of, and who is there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct EntityCounts {
    /// Distinct keys of companies in the input.
    pub company_keys: u64,
    /// Distinct keys of persons in the input.
    pub person_keys: u64,
    /// Distinct golden companies that those keys lead to.
    pub golden_companies: u64,
    /// Distinct golden prospects that those keys lead to.
    pub golden_prospects: u64,
    /// Keys without a golden record. Must be 0.
    pub without_golden_record: u64,
    /// Persons that more than one record names: mailboxes, profiles, or names within a company.
    pub repeated_persons: u64,
    /// Those of them that are known by a mailbox.
    pub repeated_mailboxes: u64,
    /// Records whose person works for another company now, as newer or better supported records say.
    pub employer_elsewhere: u64,
}

/// To whom the records lead, repeated ones too. Together they are all records but blank lines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LinkCounts {
    /// To a golden company and a golden prospect.
    pub both: u64,
    /// To a company alone, by the reason why there is no person.
    pub company_only: BTreeMap<String, u64>,
    /// To a person alone, by the reason why there is no company.
    pub person_only: BTreeMap<String, u64>,
    /// To nobody, by the code of the reject.
    pub nobody: BTreeMap<String, u64>,
}

/// What became of the values of one column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnCounts {
    /// Its name in the input; of JSON the path.
    pub column: String,
    /// The field that it fills, if any.
    pub field: Option<String>,
    /// Each value once: by the best class among its places, unless one place has lost it.
    #[serde(flatten)]
    pub values: ClassCounts,
}

/// What became of the values of one column in one of the places where they belong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlaceCounts {
    /// The column's name in the input.
    pub column: String,
    /// Attribute and part: `company_location.city`.
    pub place: String,
    /// Carried, standardised, unmatched, in conflict or lost.
    #[serde(flatten)]
    pub values: ClassCounts,
    /// Of those in conflict, what is shown instead: `same_source` for another value of the same source, the name of another
    /// source, or `pin`.
    pub shown_instead: BTreeMap<String, u64>,
}

/// A value-for-value comparison of an input with the database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Reconciliation {
    /// The files, as they are called in `raw.files`.
    pub files: Vec<String>,
    /// Whose records they are.
    pub source: String,
    /// The records.
    pub records: RecordCounts,
    /// Companies and persons.
    pub entities: EntityCounts,
    /// To whom the records lead.
    pub links: LinkCounts,
    /// Companies and persons of which records of this input say different things, by attribute.
    pub disagreeing: BTreeMap<String, u64>,
    /// All values.
    pub values: ClassCounts,
    /// The values by column, in the order of the input.
    pub columns: Vec<ColumnCounts>,
    /// The values that attributes take, by column and place.
    pub places: Vec<PlaceCounts>,
    /// Why values are in the payload alone, unplaced or lost: by class, then reason.
    pub reasons: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Reconciliation {
    /// Values, payloads and golden records that should be in the database and are not.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.values.of(ValueClass::Lost) + self.records.payloads_missing + self.entities.without_golden_record
    }
}

/// What is told while an input is reconciled, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Finding {
    /// A value that is unplaced or lost.
    Value(UnplacedValue),
    /// To whom a record leads.
    Link(Link),
}

/// A value that has no place in the database, with its place in the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnplacedValue {
    /// The file, as it is called in `raw.files`.
    pub file: String,
    /// Physical line on which its record begins.
    pub line: u64,
    /// The column; empty where a record could not be split.
    pub column: String,
    /// The value, or the record's text.
    pub value: String,
    /// `unplaced` or `lost`.
    pub class: ValueClass,
    /// Why: the code of a reject, `no_company` or `no_person` with the reason behind a colon, or what is missing.
    pub reason: String,
}

/// A record with the golden records that it leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// The file, as it is called in `raw.files`.
    pub file: String,
    /// Physical line on which the record begins.
    pub line: u64,
    /// What stands in the column that was asked for.
    pub id: Option<String>,
    /// Id of the golden company.
    pub company_id: Option<String>,
    /// Id of the golden prospect.
    pub prospect_id: Option<String>,
    /// Why there is no company, or no prospect, or neither.
    pub reason: Option<String>,
}
