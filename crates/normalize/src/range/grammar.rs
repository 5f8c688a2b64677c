//! Which sequences of tokens are an interval, and which only look like one.

use super::number::Number;
use super::reader::{Reader, Token};
use super::{Counts, Currency, Form, Interval};

impl Reader<'_> {
    pub(super) fn interval(&self) -> Result<Interval, &'static str> {
        use Token::{
            And, Dash, From, Least, Less, Month, More, Most, No, Number as Num, Plus, Separator, To, Up,
        };
        let mut tokens = &self.tokens[..self.count];
        while let [rest @ .., Separator] = tokens {
            tokens = rest;
        }
        if !tokens.iter().any(|token| matches!(token, Num(_))) {
            return Err("not_a_range");
        }
        let one = |number: Number, form| self.finish(number, number, form);
        match *tokens {
            [Num(a)] => one(a, Form::Point),
            [Num(a), Dash | To | And, Num(b)]
            | [From, Num(a), Dash | To | And, Num(b)]
            | [Num(a), Up, To, Num(b)] => self.finish(a, b, Form::Between),
            [Num(a), Plus | Least]
            | [More | Least | Up | From, Num(a), Plus]
            | [Num(a), And, More | Up | Plus]
            | [From, Num(a), And, More | Up]
            | [From | Least, Num(a), Up]
            | [Num(a), More | Up]
            | [Num(a), Plus, And, More | Up]
            | [Least | From, Num(a)]
            | [No, Less, Num(a)] => one(a, Form::AtLeast),
            [More, Num(a)] => one(a, Form::MoreThan),
            [Less, Num(a)] | [Num(a), Less] => one(a, Form::LessThan),
            [Num(a), And, Less]
            | [Num(a), Most]
            | [Most, Num(a)]
            | [Up, To, Num(a)]
            | [To, Num(a)]
            | [No, More, Num(a)] => one(a, Form::AtMost),
            // A sign that says more than it means, or means something else: `+500` is 500, or more than it.
            [Plus, Num(_)] => Err("ambiguous_sign"),
            // `More than 100 to 500` and the like contradict themselves.
            [Dash, Num(_)] | [Dash, Num(_), ..] => Err("negative"),
            [Num(_), Dash | To, Dash, Num(_)] => Err("negative"),
            [Num(n), Dash | Separator, Month(m)]
            | [Month(m), Dash | Separator, Num(n)]
            | [Num(n), Month(m)]
            | [Month(m), Num(n)] => self.damaged(n, m),
            // With its year, a date is one that was never a range of two small numbers.
            [Num(_), Dash | Separator, Month(_), Dash | Separator, Num(_)]
            | [Num(_), Month(_), Num(_)]
            | [Month(_), Num(_), Num(_)] => Err("spreadsheet_date"),
            [Num(a), Dash | Separator, Num(b), Dash | Separator, Num(c), ..]
                if (a.digits == 4 && b.digits <= 2 && c.digits <= 2)
                    || (c.digits == 4 && a.digits <= 2 && b.digits <= 2) =>
            {
                Err("spreadsheet_date")
            }
            _ if tokens.iter().filter(|token| matches!(token, Num(_))).count() > 1 => Err("several_numbers"),
            _ => Err("not_a_range"),
        }
    }

    fn damaged(&self, number: Number, month: u8) -> Result<Interval, &'static str> {
        let value = number.value().filter(|_| self.counts == Counts::People && !number.scaled);
        let value = value.filter(|value| (1..=99).contains(value)).ok_or("spreadsheet_date")?;
        let month = i64::from(month);
        Ok(Interval {
            first: month.min(value),
            second: month.max(value),
            form: Form::SpreadsheetDate,
            ..Interval::default()
        })
    }

    fn finish(&self, mut first: Number, second: Number, form: Form) -> Result<Interval, &'static str> {
        // `10-50M` and `1-5K`: the scale is written once and means both.
        if form == Form::Between && second.scaled && !first.scaled && first.digits <= 3 && !first.scientific {
            let bare = |n: Number| n.mantissa as f64 * 10_f64.powi(n.exponent);
            let power = second.scale;
            let unscaled = Number { exponent: second.exponent - power, ..second };
            if first.mantissa > 0 && bare(first) < bare(unscaled) {
                first.exponent += power;
            }
        }
        let currency = self.named.currency()?;
        let mil =
            self.mil && (self.foreign || self.counts == Counts::People || currency != Currency::Dollars);
        if mil || self.terse_t && matches!(currency, Currency::Other("EUR" | "CHF")) {
            return Err("ambiguous_scale");
        }
        if self.doubtful {
            return Err("ambiguous_separator");
        }
        if self.counts == Counts::People
            && [first, second].iter().any(|n| !n.scaled && !n.scientific && n.has_fraction())
        {
            return Err("fraction");
        }
        let implausible = if first.scientific { "spreadsheet_number" } else { "implausible" };
        let (Some(low), Some(high)) = (first.value(), second.value()) else { return Err(implausible) };
        // Less than one, and more than nothing.
        if [(first, low), (second, high)].iter().any(|(n, value)| *value == 0 && n.mantissa > 0) {
            return Err("fraction");
        }
        if low > high {
            return Err("reversed");
        }
        if high > self.counts.most() {
            return Err(implausible);
        }
        let scientific = first.scientific || second.scientific;
        Ok(Interval { first: low, second: high, form, approximate: self.approximate, scientific, currency })
    }
}
