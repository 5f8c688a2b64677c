use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Whether `format` can give a day.
pub(crate) fn is_format(format: &str) -> bool {
    // What it prints it must be able to read: a directive that does not exist, or a form without a day, cannot.
    let noon = DateTime::constant(2026, 11, 21, 12, 0, 0, 0).to_zoned(TimeZone::UTC);
    let printed = noon.ok().and_then(|noon| jiff::fmt::strtime::format(format, &noon).ok());
    printed.is_some_and(|printed| read(&printed, format).is_some())
}

/// The instant that `text` names in the first of these forms that it has, in RFC 3339; UTC where it names no offset.
pub(crate) fn in_rfc_3339(text: &str, formats: &[String]) -> Option<String> {
    let text = text.trim();
    formats.iter().find_map(|format| read(text, format)).map(|instant| instant.to_string())
}

/// The instant so many milliseconds after 1970, in RFC 3339.
pub(crate) fn of_milliseconds(milliseconds: i64) -> Option<String> {
    Some(Timestamp::from_millisecond(milliseconds).ok()?.to_string())
}

fn read(text: &str, format: &str) -> Option<Timestamp> {
    // Narrow blanks stand before AM and PM in what newer browsers write.
    let text = text.replace(['\u{202f}', '\u{a0}'], " ");
    let parsed = jiff::fmt::strtime::parse(format, &text).ok()?;
    if let Ok(instant) = parsed.to_timestamp() {
        return Some(instant);
    }
    let local = parsed
        .to_datetime()
        .or_else(|_| parsed.to_date().map(|date: Date| date.to_datetime(Default::default())));
    Some(local.ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, format: &str) -> Option<String> {
        in_rfc_3339(text, &[format.to_owned()])
    }

    #[test]
    fn forms_of_vendors_are_instants() {
        let stamp = "%m/%d/%Y, %I:%M %p";
        assert_eq!(read("2/3/2026, 7:44 PM", stamp).as_deref(), Some("2026-02-03T19:44:00Z"));
        assert_eq!(read("12/31/2025, 12:05 AM", stamp).as_deref(), Some("2025-12-31T00:05:00Z"));
        assert_eq!(read(" 2/3/2026, 7:44\u{202f}PM", stamp).as_deref(), Some("2026-02-03T19:44:00Z"));
        assert_eq!(read("31.01.2026", "%d.%m.%Y").as_deref(), Some("2026-01-31T00:00:00Z"));
        assert_eq!(
            read("2026-01-31 01:00 +0200", "%Y-%m-%d %H:%M %z").as_deref(),
            Some("2026-01-30T23:00:00Z")
        );
        assert_eq!(read("05-2025", "%d.%m.%Y"), None);
    }

    #[test]
    fn a_form_without_a_day_is_none() {
        assert!(is_format("%m/%d/%Y, %I:%M %p") && is_format("%F"));
        assert!(!is_format("%m-%Y") && !is_format("%H:%M") && !is_format("%&"));
    }
}
