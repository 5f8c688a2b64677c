//! One row that is handed over, and the payload that is made of it: always the same text for the same row.

use crate::given::{COMPANY_COLUMNS, PROSPECT_COLUMNS};
use crate::reader::parse_time;
use firmograph_core::{EntityKind, Error, ErrorKind, Field, FieldSet, Position, Reject, RejectCode, Source};
use firmograph_normalize::{LinkedinKind, canonical_linkedin_url, is_placeholder};
use firmograph_sources::{Extractor, Item, Record};
use serde_json::{Map, Value};

/// The longest payload that is taken, in bytes: as of a file, unless somebody says otherwise.
const LONGEST: usize = 1024 * 1024;

/// A row as a program gives it.
#[derive(Debug, Clone, PartialEq)]
pub enum GivenRow {
    /// Values by column. Columns that are not those of the table are passed over, as are nulls and blank texts.
    Row(Map<String, Value>),
    /// What could not be read as a row: it becomes a reject.
    Unreadable {
        /// The column to blame.
        column: Option<String>,
        /// What is wrong, in one sentence.
        cause: String,
        /// The row, as it can be shown.
        original: String,
    },
}

/// A row on its way to a payload.
#[derive(Debug)]
pub(super) struct Taken {
    position: Position,
    pub(super) row: Result<Row, Reject>,
}

/// What a row says.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// The columns that say something, as they were given.
    pub(super) said: Map<String, Value>,
    /// The key of the company that `companyId` means, where that is no domain.
    pub(super) company: Option<Box<str>>,
    /// Columns that the row leaves blank, as its source had filled them before.
    pub(super) stood: Map<String, Value>,
    /// The payload and its fields, as long as they are those of the above.
    pub(super) made: Option<Made>,
}

/// A payload and the fields that are read in it.
pub(super) type Made = (Box<str>, FieldSet);

pub(super) fn reserved(source: &Source) -> Error {
    let message = format!("rows cannot be said by `{source}`, which firmograph itself speaks as");
    Error::new(ErrorKind::Usage, "reserved-source", message).with_help("give the source another name")
}

/// Takes the columns of the table out of each row.
pub(super) fn taken(kind: EntityKind, rows: Vec<(u64, GivenRow)>) -> Vec<Taken> {
    let columns = match kind {
        EntityKind::Company => COMPANY_COLUMNS.as_slice(),
        EntityKind::Person => PROSPECT_COLUMNS.as_slice(),
    };
    let rows = rows.into_iter().map(|(number, given)| {
        let position = Position { record: number, line: number };
        let row = match given {
            GivenRow::Row(given) => {
                columns_of(columns, &given).and_then(|row| row.checked(kind)).map_err(|why| {
                    let original = Value::Object(given).to_string().into_bytes();
                    Reject { code: why.code, position, column: why.column, cause: why.cause, original }
                })
            }
            GivenRow::Unreadable { column, cause, original } => {
                let original = original.into_bytes();
                Err(Reject { code: RejectCode::BadValue, position, column, cause, original })
            }
        };
        Taken { position, row }
    });
    rows.collect()
}

/// Why a row cannot be taken.
struct Refusal {
    code: RejectCode,
    column: Option<String>,
    cause: String,
}

/// The columns that say something, in the order of the table; or the one that cannot.
fn columns_of(columns: &[&'static str], given: &Map<String, Value>) -> Result<Row, Refusal> {
    let mut said = Map::new();
    for &column in columns {
        let refused = |code, what: &str| Refusal {
            code,
            column: Some(column.to_owned()),
            cause: format!("{column} {what}"),
        };
        match given.get(column) {
            Some(Value::Array(_)) => {
                return Err(refused(RejectCode::BadValue, "is a list, which no cell holds"));
            }
            Some(Value::Object(_)) => {
                return Err(refused(RejectCode::BadValue, "is an object, which no cell holds"));
            }
            Some(Value::String(text)) if text.contains('\0') => {
                let what = "has a NUL character, which PostgreSQL cannot keep";
                return Err(refused(RejectCode::NulCharacter, what));
            }
            Some(value) if !is_blank(value) => {
                said.insert(column.to_owned(), value.clone());
            }
            Some(_) | None => {}
        }
    }
    Ok(Row { said, ..Row::default() })
}

fn is_profile(id: &str) -> bool {
    canonical_linkedin_url(id).value().is_some_and(|page| page.kind == LinkedinKind::Person)
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

impl Row {
    /// The text of a column that says something.
    pub(super) fn text(&self, column: &str) -> Option<&str> {
        self.said.get(column)?.as_str()
    }

    /// Whether the row says something in a column; a placeholder is nothing.
    pub(super) fn says(&self, column: &str) -> bool {
        let says = |value: &Value| value.as_str().is_none_or(|text| !is_placeholder(text));
        self.said.get(column).is_some_and(says)
    }

    fn checked(self, kind: EntityKind) -> Result<Self, Refusal> {
        // A character is escaped by six at most, and what is not text is short.
        let text: usize = self.said.values().filter_map(Value::as_str).map(str::len).sum();
        let length = if text < LONGEST / 8 { 0 } else { self.payload(kind).len() };
        if length <= LONGEST {
            return Ok(self);
        }
        let cause = format!("the row has {length} bytes, and {LONGEST} are taken");
        Err(Refusal { code: RejectCode::RecordTooLong, column: None, cause })
    }

    /// The payload: the row as it was given, and what is needed to read it.
    fn payload(&self, kind: EntityKind) -> String {
        let table = match kind {
            EntityKind::Company => "Company",
            EntityKind::Person => "Prospect",
        };
        let mut payload = Map::new();
        payload.insert("table".to_owned(), Value::from(table));
        payload.insert("row".to_owned(), Value::Object(self.said.clone()));
        if let Some(company) = &self.company {
            payload.insert("companyDomain".to_owned(), Value::from(&**company));
        }
        // Ids are addresses in the origin system; elsewhere they are not.
        if let Some(id) = self.text("id").filter(|id| kind == EntityKind::Person && id.contains('@'))
            && !self.says("email")
        {
            payload.insert("mailbox".to_owned(), Value::from(id));
        }
        // What firmograph itself gives as the id of a person whose e-mail is not known.
        if let Some(id) = self.text("id").filter(|id| kind == EntityKind::Person && is_profile(id)) {
            payload.insert("profile".to_owned(), Value::from(id));
        }
        // What is no time means now, as in the origin system.
        if let Some(time) = self.text("updatedAt").filter(|text| parse_time(text).is_some()) {
            payload.insert("observedAt".to_owned(), Value::from(time));
        }
        if !self.stood.is_empty() {
            payload.insert("stood".to_owned(), Value::Object(self.stood.clone()));
        }
        Value::Object(payload).to_string()
    }

    /// The payload of the row as far as it is known, and its fields.
    pub(super) fn make(&self, kind: EntityKind, extractor: &mut Extractor) -> Result<Made, Error> {
        let payload: Box<str> = self.payload(kind).into();
        let fields = extractor.extract(&payload)?.into_iter().next();
        let nothing = || FieldSet::from_iter(std::iter::empty::<(Field, &str)>());
        Ok((payload, fields.unwrap_or_else(nothing)))
    }
}

impl Taken {
    /// The row as one thing in a file.
    pub(super) fn item(self, kind: EntityKind, extractor: &mut Extractor) -> Result<Item, Error> {
        let position = self.position;
        let mut row = match self.row {
            Ok(row) => row,
            Err(reject) => return Ok(Item::Reject(reject)),
        };
        let (payload, fields) = match row.made.take() {
            Some(made) => made,
            None => row.make(kind, extractor)?,
        };
        Ok(Item::Record(Record { position, payload, fields, also: Vec::new() }))
    }
}
