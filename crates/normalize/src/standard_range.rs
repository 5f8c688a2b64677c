//! Which standard range an interval belongs to. Employees and money differ in their table and in what an end means.

use firmograph_core::{Evidence, Outcome};
use serde::Serialize;

use crate::exchange::{CurrencyAmount, ExchangeRate, in_dollars};
use crate::range::{self, Counts, Currency, Form, Interval};
use crate::text;

/// A standard range and the interval it was read from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RangeMatch {
    /// Name of the standard range.
    pub name: &'static str,
    /// Low end of the raw interval; none where it is open.
    pub minimum: Option<i64>,
    /// High end of the raw interval, inclusive for employees; none where it is open.
    pub maximum: Option<i64>,
    /// Whether the raw interval crosses a bound of the standard range.
    pub straddles: bool,
    /// Share of the raw interval inside the standard range on a log scale, rounded to 0.01. An interval without a high end
    /// counts up to double its low end.
    pub overlap: f64,
    /// ISO 4217 code of the currency that the text named, where it was another than the US dollar: the ends were converted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<&'static str>,
    /// The rate that they were converted at, in millionths of a US dollar for one unit of the currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub micro_dollars: Option<i64>,
}

/// A table of standard ranges without gaps, lowest first.
#[derive(Debug)]
pub(crate) struct Standard {
    rows: Vec<Row>,
    counts: Counts,
    reference: &'static str,
    /// Nothing at all is in a range of the table: true of funding alone.
    holds_zero: bool,
}

#[derive(Debug)]
struct Row {
    name: &'static str,
    low: i64,
    /// First value above; `i64::MAX` for the last range.
    below: i64,
    /// Logarithms of both, of which the first is that of 1 at least.
    logs: (f64, f64),
}

impl Standard {
    /// Reads a table.
    pub(crate) fn new(data: &'static str, counts: Counts, reference: &'static str) -> Self {
        let row = |line: &'static str| {
            let mut cells = line.split(',');
            let name = cells.next()?;
            let low = cells.next()?.parse().ok()?;
            let below = cells.next()?.parse::<i64>().map_or(i64::MAX, |high| high + 1);
            Some(Row { name, low, below, logs: (log(low), log(below)) })
        };
        let rows: Vec<Row> = data.lines().skip(1).filter_map(row).collect();
        let holds_zero = rows.first().is_some_and(|row| row.below == 1);
        Standard { rows, counts, reference, holds_zero }
    }

    /// Finds the range of `raw`. Amounts in other currencies need a rate.
    pub(crate) fn find(&self, raw: &str, rates: &[ExchangeRate<'_>]) -> Placed {
        if text::is_too_long(raw) {
            return Err("too_long");
        }
        let interval = range::parse(raw, self.counts)?;
        match interval.currency {
            Currency::Dollars => self.place(&interval),
            Currency::Other(currency) => self.converted(interval, currency, rates),
            Currency::Shared => Err("other_currency"),
        }
    }

    /// Finds the range that holds one number.
    pub(crate) fn value(&self, value: i64, rule: &'static str) -> Placed {
        let interval = Interval { first: value, second: value, ..Interval::default() };
        Ok(Place { rule, ..self.place(&interval)? })
    }

    /// What was found in `raw`, as it is given to the caller.
    #[inline]
    pub(crate) fn outcome(&self, raw: &str, placed: Placed) -> Outcome<RangeMatch> {
        match placed {
            Ok(place) => {
                let span = text::span_of(raw, text::trim(raw));
                let value = RangeMatch {
                    name: self.rows[place.row].name,
                    minimum: place.minimum,
                    maximum: place.maximum,
                    straddles: place.straddles,
                    overlap: f64::from(place.overlap) / 100.0,
                    currency: place.converted.map(|(currency, _)| currency),
                    micro_dollars: place.converted.map(|(_, rate)| rate),
                };
                Outcome::matched(value, Evidence::new(place.rule, self.reference, span, place.percent))
            }
            Err(reason) => Outcome::unmatched(reason),
        }
    }

    /// The amount that `raw` gives in another currency, where it names just one.
    pub(crate) fn other_currency(&self, raw: &str) -> Option<CurrencyAmount> {
        let interval = range::parse(raw, self.counts).ok()?;
        let Currency::Other(currency) = interval.currency else { return None };
        let (minimum, maximum) = self.ends(&interval);
        Some(CurrencyAmount { currency, minimum, maximum })
    }

    fn converted(&self, interval: Interval, currency: &'static str, rates: &[ExchangeRate<'_>]) -> Placed {
        let rate = rates.iter().find(|rate| rate.currency.eq_ignore_ascii_case(currency));
        let rate = rate.map(|rate| rate.micro_dollars).filter(|rate| *rate > 0).ok_or("other_currency")?;
        let first = in_dollars(interval.first, rate).ok_or("implausible")?;
        let second = in_dollars(interval.second, rate).ok_or("implausible")?;
        let place = self.place(&Interval { first, second, ..interval })?;
        let percent = place.percent.min(90);
        Ok(Place { rule: "converted", percent, converted: Some((currency, rate)), ..place })
    }

    /// The ends of an interval, inclusive for people.
    fn ends(&self, interval: &Interval) -> (Option<i64>, Option<i64>) {
        let &Interval { first, second, form, .. } = interval;
        // An exclusive bound of people is the next whole person; of money it is the bound itself.
        let one = i64::from(self.counts == Counts::People);
        match form {
            Form::Point | Form::Between | Form::SpreadsheetDate => (Some(first), Some(second)),
            Form::AtLeast => (Some(first), None),
            Form::MoreThan => (Some(first + one), None),
            Form::AtMost => (None, Some(first)),
            Form::LessThan => (None, Some(first - one)),
        }
    }

    fn place(&self, interval: &Interval) -> Placed {
        let people = self.counts == Counts::People;
        let &Interval { form, approximate, scientific, .. } = interval;
        let (minimum, maximum) = self.ends(interval);
        let nothing = maximum.is_some_and(|most| most < 1);
        if nothing && !self.holds_zero {
            return Err("zero");
        }
        let found = |row, straddles, overlap: f64, rule, percent: u8| {
            let (rule, percent) = match form {
                Form::SpreadsheetDate => ("spreadsheet_date", 60),
                _ if scientific => ("spreadsheet_number", percent.min(80)),
                Form::Point if approximate => ("approximate", 80),
                _ if approximate => (rule, percent.min(80)),
                _ => (rule, percent),
            };
            let overlap = (overlap * 100.0 + 0.5) as u8;
            Ok(Place { row, minimum, maximum, straddles, overlap, rule, percent, converted: None })
        };
        if let Some(high) = maximum
            && (minimum == maximum || nothing)
        {
            return found(self.holding(high), false, 1.0, "number", 100);
        }
        let low = minimum.unwrap_or(1).max(1);
        let Some(high) = maximum else {
            // `1000+` names the end of 501-1000 and means those above it, as every vendor's top range does.
            let place = self.holding(if people && form == Form::AtLeast { low + 1 } else { low });
            let row = &self.rows[place];
            let open = row.below == i64::MAX;
            let overlap = row.share(&Stretch::new(low, low.saturating_mul(2)));
            return found(place, !open || low < row.low, overlap, "open_above", if open { 100 } else { 80 });
        };
        let below = if people { high + 1 } else { high.max(low + 1) };
        let first = self.holding(low);
        let row = &self.rows[first];
        if below <= row.below {
            let same = low == row.low && (below == row.below || minimum.is_none());
            return found(first, false, 1.0, if same { "same_range" } else { "within" }, 100);
        }
        let stretch = Stretch::new(low, below);
        let (mut best, mut most) = (first, row.share(&stretch));
        for (place, row) in self.rows.iter().enumerate().skip(first + 1) {
            if row.low >= below {
                break;
            }
            let overlap = row.share(&stretch);
            // Ties go up, so a later range need only be as good.
            if overlap >= most - 1e-9 {
                (best, most) = (place, overlap);
            }
        }
        found(best, true, most, "largest_overlap", ((most * 100.0) as u8).clamp(30, 95))
    }

    /// The place of the range that holds `value`; the first one for anything below.
    fn holding(&self, value: i64) -> usize {
        let above = self.rows.iter().position(|row| value < row.below);
        above.unwrap_or(self.rows.len() - 1)
    }
}

/// The place of a range among the rows, and how it was found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    row: usize,
    minimum: Option<i64>,
    maximum: Option<i64>,
    straddles: bool,
    /// In percent.
    overlap: u8,
    rule: &'static str,
    percent: u8,
    converted: Option<(&'static str, i64)>,
}

/// Where a range was found, or the reason for none.
pub(crate) type Placed = Result<Place, &'static str>;

/// An interval `[low, below)` on a log scale.
struct Stretch {
    low: i64,
    below: i64,
    logs: (f64, f64),
}

impl Stretch {
    fn new(low: i64, below: i64) -> Self {
        Stretch { low, below, logs: (log(low), log(below)) }
    }
}

impl Row {
    /// Share of `span` inside the row.
    fn share(&self, span: &Stretch) -> f64 {
        if self.low <= span.low && self.below >= span.below {
            return 1.0;
        }
        let inside = self.logs.1.min(span.logs.1) - self.logs.0.max(span.logs.0);
        (inside / (span.logs.1 - span.logs.0)).clamp(0.0, 1.0)
    }
}

fn log(value: i64) -> f64 {
    (value.max(1) as f64).ln()
}
