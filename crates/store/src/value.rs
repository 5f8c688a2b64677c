use firmograph_core::{Error, ErrorKind, MicroDollars, PayloadId, Scalar, Timestamp};
use std::borrow::Cow;

/// A parameter of a statement or a cell to write.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Int(i64),
    Real(f64),
    Bool(bool),
    Text(Cow<'a, str>),
    Bytes(&'a [u8]),
    Id(PayloadId),
    Time(Timestamp),
    /// A list of texts for [`crate::connection::Connection::any_text`].
    Texts(&'a [&'a str]),
    /// A list of ids for [`crate::connection::Connection::any_id`].
    Ids(&'a [PayloadId]),
}

impl<'a> Value<'a> {
    pub(crate) fn text(text: &'a str) -> Self {
        Value::Text(Cow::Borrowed(text))
    }

    pub(crate) fn maybe(text: Option<&'a str>) -> Self {
        text.map_or(Value::Null, Value::text)
    }

    /// An instant to be compared with others: where times are text, all of them are equally long.
    pub(crate) fn moment(time: Timestamp) -> Self {
        Value::Text(Cow::Owned(format!("{time:.6}")))
    }

    pub(crate) fn money(amount: MicroDollars) -> Self {
        Value::Int(amount.micros())
    }

    pub(crate) fn time(time: Option<Timestamp>) -> Self {
        time.map_or(Value::Null, Value::Time)
    }
}

impl<'a> From<&'a Scalar> for Value<'a> {
    fn from(scalar: &'a Scalar) -> Self {
        match scalar {
            Scalar::Null => Value::Null,
            Scalar::Int(number) => Value::Int(*number),
            Scalar::Text(text) => Value::text(text),
        }
    }
}

/// A cell that was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Real(f64),
    Text(Box<str>),
    Bytes(Vec<u8>),
    Time(Timestamp),
}

/// Cells of one row, taken out from left to right.
#[derive(Debug)]
pub(crate) struct Row(std::vec::IntoIter<Cell>);

impl Row {
    pub(crate) fn new(cells: Vec<Cell>) -> Self {
        Row(cells.into_iter())
    }

    fn next(&mut self) -> Cell {
        self.0.next().unwrap_or(Cell::Null)
    }

    pub(crate) fn maybe_text(&mut self) -> Result<Option<Box<str>>, Error> {
        match self.next() {
            Cell::Null => Ok(None),
            Cell::Text(text) => Ok(Some(text)),
            other => Err(unexpected("text", &other)),
        }
    }

    pub(crate) fn text(&mut self) -> Result<Box<str>, Error> {
        self.maybe_text()?.ok_or_else(|| unexpected("text", &Cell::Null))
    }

    pub(crate) fn maybe_int(&mut self) -> Result<Option<i64>, Error> {
        match self.next() {
            Cell::Null => Ok(None),
            Cell::Int(number) => Ok(Some(number)),
            other => Err(unexpected("a number", &other)),
        }
    }

    pub(crate) fn maybe_real(&mut self) -> Result<Option<f64>, Error> {
        match self.next() {
            Cell::Null => Ok(None),
            Cell::Real(number) => Ok(Some(number)),
            other => Err(unexpected("a number", &other)),
        }
    }

    pub(crate) fn int(&mut self) -> Result<i64, Error> {
        self.maybe_int()?.ok_or_else(|| unexpected("a number", &Cell::Null))
    }

    pub(crate) fn bytes(&mut self) -> Result<Vec<u8>, Error> {
        match self.next() {
            Cell::Bytes(bytes) => Ok(bytes),
            other => Err(unexpected("bytes", &other)),
        }
    }

    pub(crate) fn id(&mut self) -> Result<PayloadId, Error> {
        let bytes = self.bytes()?;
        bytes.as_slice().try_into().map(PayloadId).map_err(|_| unexpected("16 bytes", &Cell::Bytes(bytes)))
    }

    /// SQLite keeps times as RFC 3339 text; other programs, and its own default, write them without the Z.
    pub(crate) fn maybe_time(&mut self) -> Result<Option<Timestamp>, Error> {
        match self.next() {
            Cell::Null => Ok(None),
            Cell::Time(time) => Ok(Some(time)),
            Cell::Text(text) => match text.parse().or_else(|_| format!("{text}Z").parse()) {
                Ok(time) => Ok(Some(time)),
                Err(_) => Err(unexpected("a time", &Cell::Text(text))),
            },
            other => Err(unexpected("a time", &other)),
        }
    }

    pub(crate) fn time(&mut self) -> Result<Timestamp, Error> {
        self.maybe_time()?.ok_or_else(|| unexpected("a time", &Cell::Null))
    }

    pub(crate) fn money(&mut self) -> Result<MicroDollars, Error> {
        self.int().map(MicroDollars::new)
    }

    /// A text of which an empty one stands for none, as a part of a key has to.
    pub(crate) fn some_text(&mut self) -> Result<Option<String>, Error> {
        let text = self.text()?;
        Ok((!text.is_empty()).then(|| text.into()))
    }

    pub(crate) fn scalar(&mut self) -> Result<Scalar, Error> {
        match self.next() {
            Cell::Null => Ok(Scalar::Null),
            Cell::Int(number) => Ok(Scalar::Int(number)),
            Cell::Text(text) => Ok(Scalar::Text(text)),
            other => Err(unexpected("text or a number", &other)),
        }
    }
}

fn unexpected(wanted: &str, given: &Cell) -> Error {
    Error::new(
        ErrorKind::Environment,
        "database-shape",
        format!("the database gave {given:?} where {wanted} was wanted"),
    )
    .with_help("the tables were changed by hand or by another version: see `firmograph doctor`")
}

/// Rows to write in bulk; a row is laid out in the order of its [`crate::table::Table`]'s columns.
pub(crate) trait Rows {
    fn len(&self) -> usize;
    fn row<'a>(&'a self, index: usize, out: &mut Vec<Value<'a>>);
}
