use crate::Timestamp;
use jiff::civil::{Date, date};
use std::fmt;
use std::str::FromStr;

/// A day of the calendar, in UTC: ages are told in days, so a score does not depend on the hour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(i64);

const FIRST: Date = date(1970, 1, 1);
const NANOSECONDS: i128 = 86_400_000_000_000;

impl Day {
    /// The day that `time` is on.
    #[must_use]
    pub fn of(time: Timestamp) -> Self {
        // Not by seconds: those of times before 1970 are cut towards it.
        Day(time.as_nanosecond().div_euclid(NANOSECONDS) as i64)
    }

    /// Days from `earlier` to this one; negative where that is later.
    #[must_use]
    pub fn since(self, earlier: Day) -> i64 {
        self.0 - earlier.0
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days = jiff::Span::new().try_days(self.0);
        match days.and_then(|days| FIRST.checked_add(days)) {
            Ok(date) => write!(f, "{date}"),
            // No timestamp is so far away.
            Err(_) => write!(f, "{}", self.0),
        }
    }
}

impl FromStr for Day {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        let date: Date = text.parse()?;
        Ok(Day(date.duration_since(FIRST).as_hours() / 24))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (text, day) in
            [("1970-01-01", 0), ("2026-01-02", 20_455), ("1969-12-31", -1), ("2024-02-29", 19_782)]
        {
            assert_eq!(text.parse::<Day>().unwrap(), Day(day));
            assert_eq!(Day(day).to_string(), text);
        }
        let of = |text: &str| Day::of(text.parse().unwrap()).to_string();
        assert_eq!(of("1969-12-31T23:59:59.5Z"), "1969-12-31");
        assert_eq!(of("2026-01-02T23:59:59Z"), "2026-01-02");
        assert!("tomorrow".parse::<Day>().is_err());
    }
}
