//! Columns of raw values to columns of standard values.

mod cell;
mod filled;
mod layout;
mod repeats;

use crate::TextColumn;
use arrow_array::builder::NullBufferBuilder;
use arrow_array::{Array, ArrayRef, StructArray, new_empty_array};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, Field, FieldRef, Fields};
use filled::filled;
use firmograph_core::{Error, ErrorKind, Outcome};
use firmograph_normalize as normalize;
use firmograph_normalize::{ExchangeRate, Kind, RangeOptions};
use layout::{Columns, Layout};
use repeats::Repeats;
use std::sync::Arc;

/// Rows of the largest array that is given back; longer ones are cut.
pub const MAX_ROWS: usize = 65_536;

/// What is done with a column: a normaliser, and which fields of its results are wanted.
///
/// ```
/// # use arrow_array::{Array, ArrayRef, StringArray, cast::AsArray, types::UInt8Type};
/// # use firmograph_arrow::{Beside, ColumnKernel};
/// # use firmograph_normalize::Kind;
/// # use std::sync::Arc;
/// let titles: ArrayRef = Arc::new(StringArray::from(vec![Some("VP of Sales"), None]));
/// let levels = ColumnKernel::new(Kind::JobTitle, Some("level"))?.run("Title", &titles, Beside::Constant(None))?;
/// assert_eq!(levels.as_primitive::<UInt8Type>().iter().collect::<Vec<_>>(), [Some(6), None]);
/// # Ok::<(), firmograph_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ColumnKernel {
    kind: Kind,
    /// All fields, or the one that is wanted.
    fields: Fields,
    one: bool,
    /// Currencies, with millionths of a US dollar for one unit.
    rates: Vec<(String, i64)>,
}

/// What the record says beside the value: the country of a place or a telephone number.
#[derive(Debug, Clone, Copy)]
pub enum Beside<'a> {
    /// The same for each row.
    Constant(Option<&'a str>),
    /// A column as long as that of the values.
    Column(&'a ArrayRef),
}

impl ColumnKernel {
    /// All fields of `kind`, or the one of the name `field`.
    ///
    /// # Errors
    /// `unknown-field` (usage), which lists the fields that there are.
    pub fn new(kind: Kind, field: Option<&str>) -> Result<Self, Error> {
        let mut fields = fields(kind)?;
        if let Some(name) = field {
            fields.retain(|field| field.name() == name);
            if fields.is_empty() {
                let known: Vec<_> = self::fields(kind)?.iter().map(|field| field.name().clone()).collect();
                let message =
                    format!("{} has no field {name:?}; there are {}", kind.name(), known.join(", "));
                return Err(Error::new(ErrorKind::Usage, "unknown-field", message));
            }
        }
        Ok(ColumnKernel { kind, fields: fields.into(), one: field.is_some(), rates: Vec::new() })
    }

    /// Converts amounts of other currencies: millionths of a US dollar for one unit. Only ranges of money ask.
    #[must_use]
    pub fn with_rates(mut self, rates: Vec<(String, i64)>) -> Self {
        self.rates = rates;
        self
    }

    /// The fields that [`run`](Self::run) gives: all, or the one that is wanted. Each may be null.
    #[must_use]
    pub fn fields(&self) -> &Fields {
        &self.fields
    }

    /// The type of what [`run`](Self::run) gives: a struct, or that of the one field.
    #[must_use]
    pub fn data_type(&self) -> DataType {
        match self.fields.first() {
            Some(field) if self.one => field.data_type().clone(),
            _ => DataType::Struct(self.fields.clone()),
        }
    }

    /// The results of an array of raw values; `name` is for errors. A row without one is null.
    ///
    /// # Errors
    /// `arrow-type` where the values are no text, `length` where the column beside is of another length.
    pub fn run(&self, name: &str, values: &ArrayRef, beside: Beside<'_>) -> Result<ArrayRef, Error> {
        let (mut columns, nulls) = self.columns(name, values, beside)?;
        if self.one && columns.len() == 1 {
            return Ok(columns.remove(0));
        }
        Ok(Arc::new(StructArray::try_new(self.fields.clone(), columns, nulls).map_err(unfit)?))
    }

    /// The table `rows` with the results behind its own columns, which stay what they are.
    ///
    /// `place` is that of the values, `fields` are [`appended`](Self::appended).
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn append(
        &self,
        rows: &StructArray,
        place: usize,
        beside: Beside<'_>,
        fields: &Fields,
    ) -> Result<StructArray, Error> {
        let name = rows.fields().get(place).map_or("", |field| field.name());
        let (results, _) = self.columns(name, rows.column(place), beside)?;
        let columns = rows.columns().iter().cloned().chain(results).collect();
        StructArray::try_new(fields.clone(), columns, rows.nulls().cloned()).map_err(unfit)
    }

    /// The fields of a table with the results behind its own, their names behind `prefix`.
    ///
    /// # Errors
    /// `column-exists` (usage) where a name is taken.
    pub fn appended(&self, table: &Fields, prefix: &str) -> Result<Fields, Error> {
        let mut fields: Vec<FieldRef> = table.iter().cloned().collect();
        for field in &self.fields {
            let name = format!("{prefix}{}", field.name());
            if table.find(&name).is_some() {
                let message = format!("the table has a column {name:?} already");
                return Err(Error::new(ErrorKind::Usage, "column-exists", message)
                    .with_help("give a prefix for the names of the new columns"));
            }
            fields.push(Arc::new(Field::new(name, field.data_type().clone(), true)));
        }
        Ok(fields.into())
    }

    /// Says whether a column of this type can be read.
    ///
    /// # Errors
    /// `arrow-type` where the values are no text.
    pub fn check(name: &str, data_type: &DataType) -> Result<(), Error> {
        TextColumn::new(name, &new_empty_array(data_type)).map(drop)
    }

    fn columns(&self, name: &str, values: &ArrayRef, beside: Beside<'_>) -> Result<Found, Error> {
        let texts = Texts::new(name, values, beside)?;
        let rates: Vec<_> = self
            .rates
            .iter()
            .map(|(currency, rate)| ExchangeRate { currency, micro_dollars: *rate })
            .collect();
        let options = || RangeOptions { rates: &rates };
        match self.kind {
            Kind::Domain => self.each(&texts, |text, _| normalize::extract_domain(text)),
            Kind::Email => self.each(&texts, |text, _| normalize::normalize_email(text)),
            Kind::CompanyName => self.each(&texts, |text, _| normalize::clean_company_name(text)),
            Kind::JobTitle => self.each(&texts, |text, _| normalize::match_job_title(text)),
            Kind::EmployeeRange => self.each(&texts, |text, _| normalize::match_employee_range(text)),
            Kind::RevenueRange => {
                self.each(&texts, |text, _| normalize::match_revenue_range_with(text, options()))
            }
            Kind::FundingRange => {
                self.each(&texts, |text, _| normalize::match_funding_range_with(text, options()))
            }
            Kind::LinkedinUrl => self.each(&texts, |text, _| normalize::canonical_linkedin_url(text)),
            Kind::Industry => self.each(&texts, |text, _| normalize::match_industry(text)),
            Kind::CompanyType => self.each(&texts, |text, _| normalize::match_company_type(text)),
            Kind::Phone => self.each(&texts, |text, country| {
                let code = country.map(|country| normalize::country_code(country).unwrap_or(country));
                normalize::normalize_phone(text, code)
            }),
            Kind::PersonName => self.each(&texts, |text, _| normalize::split_person_name(text)),
            Kind::Location => self.each(&texts, normalize::match_location),
            other => Err(no_kernel(other)),
        }
    }

    fn each<'a, T: Layout>(
        &self,
        texts: &'a Texts<'a>,
        normalizer: impl Fn(&'a str, Option<&'a str>) -> Outcome<T>,
    ) -> Result<Found, Error> {
        let wanted = self.fields.first().filter(|_| self.one).map(|field| field.name().as_str());
        let mut columns = T::Columns::new(wanted, texts.rows);
        let mut nulls = (!self.one).then(|| NullBufferBuilder::new(texts.rows));
        let mut repeats = Repeats::new(texts.rows);
        for row in 0..texts.rows {
            if !repeats.is_new(|row| (texts.values.get(row), texts.beside(row))) {
                continue;
            }
            // Results are some hundred bytes: where they are made, they are read.
            let found = texts.values.get(row).map(|text| normalizer(text, texts.beside(row)));
            let result = match &found {
                Some(Outcome::Matched(matched)) => Some(matched),
                _ => None,
            };
            columns.push(result);
            if let Some(nulls) = &mut nulls {
                nulls.append(result.is_some());
            }
        }
        let (columns, nulls) = (columns.finish(), nulls.and_then(|mut nulls| nulls.finish()));
        let Some(places) = repeats.finish() else { return Ok((columns, nulls)) };
        let nulls = nulls.map(|nulls| places.iter().map(|&place| nulls.is_valid(place as usize)).collect());
        let columns = columns.iter().map(|column| filled(column, &places)).collect::<Result<_, _>>();
        Ok((columns.map_err(unfit)?, nulls))
    }
}

/// Columns of results, and which rows have one, where somebody asks.
type Found = (Vec<ArrayRef>, Option<NullBuffer>);

/// Raw values, and what stands beside each.
struct Texts<'a> {
    values: TextColumn,
    rows: usize,
    constant: Option<&'a str>,
    column: Option<TextColumn>,
}

impl<'a> Texts<'a> {
    fn new(name: &str, values: &ArrayRef, beside: Beside<'a>) -> Result<Self, Error> {
        let (values, rows) = (TextColumn::new(name, values)?, values.len());
        let (constant, column) = match beside {
            Beside::Constant(constant) => (constant, None),
            Beside::Column(column) if column.len() == rows => {
                (None, Some(TextColumn::new("country", column)?))
            }
            Beside::Column(column) => {
                let message = format!("{rows} values, and {} countries beside them", column.len());
                return Err(Error::new(ErrorKind::Usage, "length", message));
            }
        };
        Ok(Texts { values, rows, constant, column })
    }

    fn beside(&self, row: usize) -> Option<&str> {
        self.column.as_ref().map_or(self.constant, |column| column.get(row))
    }
}

fn fields(kind: Kind) -> Result<Vec<FieldRef>, Error> {
    fn of<T: Layout>() -> Vec<FieldRef> {
        T::Columns::fields()
    }
    Ok(match kind {
        Kind::Domain => of::<normalize::Domain>(),
        Kind::Email => of::<normalize::Email>(),
        Kind::CompanyName => of::<normalize::CompanyName>(),
        Kind::JobTitle => of::<normalize::JobTitle>(),
        Kind::EmployeeRange | Kind::RevenueRange | Kind::FundingRange => of::<normalize::RangeMatch>(),
        Kind::LinkedinUrl => of::<normalize::LinkedinUrl>(),
        Kind::Industry => of::<normalize::Industry>(),
        Kind::CompanyType => of::<normalize::CompanyType>(),
        Kind::Phone => of::<normalize::Phone>(),
        Kind::PersonName => of::<normalize::PersonName>(),
        Kind::Location => of::<normalize::Location>(),
        other => return Err(no_kernel(other)),
    })
}

fn no_kernel(kind: Kind) -> Error {
    Error::new(ErrorKind::Usage, "unknown-kind", format!("columns of the kind {} are not known", kind.name()))
}

fn unfit(error: arrow_schema::ArrowError) -> Error {
    Error::new(ErrorKind::Data, "arrow-type", error.to_string()).with_cause(error)
}

/// Two columns of one length, in arrays that end at different rows, as pairs of arrays of equal length.
///
/// # Errors
/// `length` (usage) where one column is longer.
pub fn aligned(left: &[ArrayRef], right: &[ArrayRef]) -> Result<Vec<(ArrayRef, ArrayRef)>, Error> {
    let rows = |arrays: &[ArrayRef]| arrays.iter().map(|array| array.len()).sum::<usize>();
    if rows(left) != rows(right) {
        let message = format!("{} values, and {} countries beside them", rows(left), rows(right));
        return Err(Error::new(ErrorKind::Usage, "length", message));
    }
    let (mut pairs, mut right, mut used) = (Vec::new(), right.iter(), 0);
    let mut other = right.next();
    for array in left {
        let mut start = 0;
        while start < array.len() {
            let Some(beside) = other else { break };
            let length = (array.len() - start).min(beside.len() - used);
            if length > 0 {
                pairs.push((array.slice(start, length), beside.slice(used, length)));
            }
            (start, used) = (start + length, used + length);
            if used == beside.len() {
                (other, used) = (right.next(), 0);
            }
        }
    }
    Ok(pairs)
}

/// An array in pieces of at most [`MAX_ROWS`] rows, none of them copied; an empty array is one piece.
pub fn pieces(array: &ArrayRef) -> impl Iterator<Item = ArrayRef> + use<> {
    let array = array.clone();
    let starts = (0..array.len().max(1)).step_by(MAX_ROWS);
    starts.map(move |start| array.slice(start, MAX_ROWS.min(array.len() - start)))
}
