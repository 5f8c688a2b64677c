//! Days and times as Python's `isoformat` writes them, so that a row says the same from a frame as from a dict.

use firmograph_core::Timestamp;
use jiff::SignedDuration;
use jiff::civil::DateTime;
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
        let (hours, minutes) = (hours.parse::<u8>().ok()?, minutes.parse::<u8>().ok()?);
        let seconds = i32::from(hours) * 3_600 + i32::from(minutes) * 60;
        Offset::from_seconds(sign * seconds).ok().map(Offset::to_time_zone)
    };
    Some(of_offset().or_else(|| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC))
}

/// The day on which a second since 1970 falls; nothing beyond the year 9999.
pub(crate) fn day(seconds: i64) -> Option<String> {
    Some(clock(i128::from(seconds) * NANOS)?.date().to_string())
}

/// An instant in its zone, with six digits of a second where there is a fraction and nine where six do not do; nothing beyond the
/// year 9999.
pub(crate) fn instant(time: i64, per_second: i64, zone: Option<&TimeZone>) -> Option<String> {
    let nanos = i128::from(time) * (NANOS / i128::from(per_second));
    let (local, offset) = match zone {
        None => (clock(nanos)?, None),
        Some(zone) => {
            let time = Timestamp::from_nanosecond(nanos).ok()?;
            (zone.to_datetime(time), Some(zone.to_offset(time).seconds()))
        }
    };
    let mut text =
        format!("{}T{:02}:{:02}:{:02}", local.date(), local.hour(), local.minute(), local.second());
    match local.subsec_nanosecond() {
        0 => {}
        nanos if nanos % 1_000 == 0 => text.push_str(&format!(".{:06}", nanos / 1_000)),
        nanos => text.push_str(&format!(".{nanos:09}")),
    }
    if let Some(offset) = offset {
        let (sign, offset) = (if offset < 0 { '-' } else { '+' }, offset.abs());
        text.push_str(&format!("{sign}{:02}:{:02}", offset / 3_600, offset / 60 % 60));
    }
    Some(text)
}

const NANOS: i128 = 1_000_000_000;

/// What a wall clock shows so many nanoseconds after 1970 began.
fn clock(nanos: i128) -> Option<DateTime> {
    let seconds = i64::try_from(nanos.div_euclid(NANOS)).ok()?;
    let (seconds, nanos) = (SignedDuration::from_secs(seconds), nanos.rem_euclid(NANOS));
    let since = seconds + SignedDuration::from_nanos(i64::try_from(nanos).ok()?);
    DateTime::constant(1970, 1, 1, 0, 0, 0, 0).checked_add(since).ok()
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
        assert_eq!(day(253_402_214_400).unwrap(), "9999-12-31");
        assert_eq!(at(Some("+9999999:00")), "2026-09-21T14:13:20.500000+00:00");
        assert_eq!((day(i64::MAX), instant(i64::MAX, 1, None)), (None, None));
    }
}
