//! Days and times as Python's `isoformat` writes them, so that a row says the same from a frame as from a dict.

use firmograph_core::Timestamp;
use jiff::tz::{Offset, TimeZone};

/// The zone of an Arrow type: a name of the time zone database, or an offset such as `+02:00`. `None` for a wall clock that says
/// no zone; one that nobody knows is UTC, in which Arrow keeps all.
pub(crate) fn zone(name: Option<&str>) -> Option<TimeZone> {
    let name = name?;
    let of_offset = || {
        let (sign, digits) = match name.split_at_checked(1)? {
            ("+", digits) => (1, digits),
            ("-", digits) => (-1, digits),
            _ => return None,
        };
        let (hours, minutes) = digits.split_once(':').or_else(|| digits.split_at_checked(2))?;
        let seconds = hours.parse::<i32>().ok()? * 3_600 + minutes.parse::<i32>().ok()? * 60;
        Offset::from_seconds(sign * seconds).ok().map(Offset::to_time_zone)
    };
    Some(of_offset().or_else(|| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC))
}

/// The day on which a second since 1970 falls; nothing beyond the year 9999.
pub(crate) fn day(seconds: i64) -> Option<String> {
    let time = Timestamp::from_second(seconds).ok()?;
    Some(TimeZone::UTC.to_datetime(time).date().to_string())
}

/// An instant in its zone, with six digits of a second where there is a fraction and nine where six do not do; nothing beyond the
/// year 9999.
pub(crate) fn instant(time: i64, per_second: i64, zone: Option<&TimeZone>) -> Option<String> {
    let nanos = i128::from(time) * i128::from(1_000_000_000 / per_second);
    let time = Timestamp::from_nanosecond(nanos).ok()?;
    let utc = TimeZone::UTC;
    let zone_or_utc = zone.unwrap_or(&utc);
    let local = zone_or_utc.to_datetime(time);
    let mut text =
        format!("{}T{:02}:{:02}:{:02}", local.date(), local.hour(), local.minute(), local.second());
    match local.subsec_nanosecond() {
        0 => {}
        nanos if nanos % 1_000 == 0 => text.push_str(&format!(".{:06}", nanos / 1_000)),
        nanos => text.push_str(&format!(".{nanos:09}")),
    }
    if zone.is_some() {
        let offset = zone_or_utc.to_offset(time).seconds();
        let (sign, offset) = (if offset < 0 { '-' } else { '+' }, offset.abs());
        text.push_str(&format!("{sign}{:02}:{:02}", offset / 3_600, offset / 60 % 60));
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_python_writes_them() {
        let at = |zone_name| instant(1_790_000_000_500, 1_000, zone(zone_name).as_ref()).unwrap();
        assert_eq!(at(None), "2026-09-21T14:13:20.500000");
        assert_eq!(at(Some("UTC")), "2026-09-21T14:13:20.500000+00:00");
        assert_eq!(at(Some("+02:00")), "2026-09-21T16:13:20.500000+02:00");
        assert_eq!(at(Some("-0330")), "2026-09-21T10:43:20.500000-03:30");
        assert_eq!(at(Some("America/New_York")), "2026-09-21T10:13:20.500000-04:00");
        assert_eq!(at(Some("Nowhere/Land")), "2026-09-21T14:13:20.500000+00:00");
        assert_eq!(instant(-1, 1_000_000_000, None).unwrap(), "1969-12-31T23:59:59.999999999");
        assert_eq!(instant(0, 1, None).unwrap(), "1970-01-01T00:00:00");
        assert_eq!(day(-1).unwrap(), "1969-12-31");
        assert_eq!((day(i64::MAX), instant(i64::MAX, 1, None)), (None, None));
    }
}
