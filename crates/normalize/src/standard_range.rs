//! Which standard range an interval belongs to. Employees and money differ in their table and in what an end means.

use firmograph_core::{Evidence, Outcome};
use serde::Serialize;

use crate::range::{self, Counts, Form, Interval};
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
}

impl Standard {
    pub(crate) fn new(data: &'static str, counts: Counts, reference: &'static str) -> Self {
        let row = |line: &'static str| {
            let mut cells = line.split(',');
            let name = cells.next()?;
            let low = cells.next()?.parse().ok()?;
            let below = cells.next()?.parse::<i64>().map_or(i64::MAX, |high| high + 1);
            Some(Row { name, low, below })
        };
        let rows: Vec<Row> = data.lines().skip(1).filter_map(row).collect();
        let holds_zero = rows.first().is_some_and(|row| row.below == 1);
        Standard { rows, counts, reference, holds_zero }
    }

    /// Matches `raw`.
    pub(crate) fn find(&self, raw: &str) -> Outcome<RangeMatch> {
        if text::is_too_long(raw) {
            return Outcome::unmatched("too_long");
        }
        match range::parse(raw, self.counts).and_then(|interval| self.place(interval)) {
            Ok((found, rule, percent)) => {
                let span = text::span_of(raw, text::trim(raw));
                Outcome::matched(found, Evidence::new(rule, self.reference, span, percent))
            }
            Err(reason) => Outcome::unmatched(reason),
        }
    }

    /// Matches one number to the range that holds it.
    pub(crate) fn value(&self, raw: &str, value: i64, rule: &'static str) -> Outcome<RangeMatch> {
        let interval = Interval { first: value, second: value, form: Form::Point, approximate: false };
        match self.place(interval) {
            Ok((found, _, percent)) => {
                let span = text::span_of(raw, text::trim(raw));
                Outcome::matched(found, Evidence::new(rule, self.reference, span, percent))
            }
            Err(reason) => Outcome::unmatched(reason),
        }
    }

    fn place(&self, interval: Interval) -> Result<(RangeMatch, &'static str, u8), &'static str> {
        let people = self.counts == Counts::People;
        let Interval { first, second, form, approximate } = interval;
        // An exclusive bound of people is the next whole person; of money it is the bound itself.
        let one = i64::from(people);
        let (minimum, maximum) = match form {
            Form::Point | Form::Between | Form::SpreadsheetDate => (Some(first), Some(second)),
            Form::AtLeast => (Some(first), None),
            Form::MoreThan => (Some(first + one), None),
            Form::AtMost => (None, Some(first)),
            Form::LessThan => (None, Some(first - one)),
        };
        if !self.holds_zero && maximum.is_some_and(|most| most < 1) {
            return Err("zero");
        }
        let found = |row: &Row, straddles, overlap: f64| RangeMatch {
            name: row.name,
            minimum,
            maximum,
            straddles,
            overlap: (overlap * 100.0).round() / 100.0,
        };
        let lessened = |percent: u8| if approximate { percent.min(80) } else { percent };
        if let (Some(low), Some(high)) = (minimum, maximum)
            && low == high
        {
            let row = self.holding(low);
            return Ok((
                found(row, false, 1.0),
                if approximate { "approximate" } else { "number" },
                lessened(100),
            ));
        }
        let Some(high) = maximum else {
            // `1000+` names the end of 501-1000 and means those above it, as every vendor's top range does.
            let low = minimum.unwrap_or(0).max(1);
            let row = self.holding(if people && form == Form::AtLeast { low + 1 } else { low });
            let open = row.below == i64::MAX;
            let overlap = share(low, low.saturating_mul(2).max(low + 1), row.low, row.below);
            return Ok((
                found(row, !open || low < row.low, overlap),
                "open_above",
                lessened(if open { 100 } else { 80 }),
            ));
        };
        let low = minimum.unwrap_or(1).max(1);
        let below = if people { high + 1 } else { high.max(low + 1) };
        // Ties go up, so a later range need only be as good.
        let mut best = self.holding(low);
        let mut most = share(low, below, best.low, best.below);
        if below > best.below {
            for row in self.rows.iter().filter(|row| row.low > low && row.low < below) {
                let overlap = share(low, below, row.low, row.below);
                if overlap >= most - 1e-9 {
                    (best, most) = (row, overlap);
                }
            }
        }
        let straddles = low < best.low || below > best.below;
        let (rule, percent) = match form {
            Form::SpreadsheetDate => ("spreadsheet_date", 60),
            _ if straddles => ("largest_overlap", ((most * 100.0) as u8).clamp(30, 95)),
            _ if low == best.low && (below == best.below || minimum.is_none()) => ("same_range", 100),
            _ => ("within", 100),
        };
        Ok((found(best, straddles, most), rule, lessened(percent)))
    }

    /// The range that holds `value`; the first one for anything below.
    fn holding(&self, value: i64) -> &Row {
        let place = self.rows.partition_point(|row| row.below <= value);
        &self.rows[place.min(self.rows.len() - 1)]
    }
}

/// Share of `[low, below)` inside `[row_low, row_below)` on a log scale.
fn share(low: i64, below: i64, row_low: i64, row_below: i64) -> f64 {
    let (from, to) = (low.max(row_low).max(1), below.min(row_below));
    if from <= low && to >= below {
        return 1.0;
    }
    if from >= to {
        return 0.0;
    }
    (to as f64 / from as f64).ln() / (below as f64 / low.max(1) as f64).ln()
}
