use firmograph_core::{Evidence, Outcome, Span};
use rlibphonenumber::{PHONE_NUMBER_UTIL, Region};
use serde::Serialize;
use std::borrow::Cow;

use super::cell::{Part, parts};
use super::dummy;
use super::reading::{Reading, read};
use crate::text;

/// A telephone number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Phone {
    /// The number in the form of [E.164](https://www.itu.int/rec/T-REC-E.164), `+12015550123`.
    pub e164: String,
    /// Whether such a number can be in service. A number that is not has the length of one.
    pub is_valid: bool,
    /// Country of the number, ISO 3166-1 alpha-2; `001` for one of no country (`+800`), none where the calling code is shared and the
    /// number is nobody's.
    pub region: Option<String>,
    /// The digits to dial once connected.
    pub extension: Option<String>,
    /// Whether a regulator keeps the number free for films and books (`555-0100` to `555-0199` in North America).
    pub is_fictional: bool,
    /// The other valid numbers of the cell, in order.
    pub others: Vec<String>,
}

/// Reads the first valid telephone number of a cell, which may be national where `region` says whose (the record's country, ISO 3166-1
/// alpha-2 in any case).
///
/// A number is unmatched with `no_region` when nothing ties it to a country, `unknown_region` when `region` is not a code of one,
/// `no_area_code`, `too_few_digits`, `too_many_digits`, `invalid_length` and `unknown_country_code` when no number is such, `placeholder`
/// for `555-5555` and its like, `spreadsheet_damage` for `4.41415E+11`, `masked` for `212-555-XXXX`, `no_digits`, `not_recognised`.
///
/// ```
/// use firmograph_normalize::normalize_phone;
/// let found = normalize_phone("020 7183 8750 ext. 4", Some("GB")).ok().unwrap();
/// assert_eq!((found.value.e164.as_str(), found.value.extension.as_deref()), ("+442071838750", Some("4")));
/// assert_eq!(found.evidence.rule, "national");
/// assert_eq!(normalize_phone("020 7183 8750", None).reason(), Some("no_region"));
/// assert_eq!(normalize_phone("(555) 555-5555", Some("US")).reason(), Some("placeholder"));
/// ```
#[must_use]
pub fn normalize_phone(raw: &str, region: Option<&str>) -> Outcome<Phone> {
    if text::is_too_long(raw) {
        return Outcome::unmatched("too_long");
    }
    let trimmed = text::trim(raw);
    if trimmed.is_empty() {
        return Outcome::unmatched("blank");
    }
    // `555...` is nobody's number in America, and behind a plus sign one in Brazil.
    if !trimmed.starts_with('+') && crate::is_placeholder(trimmed) {
        return Outcome::unmatched("placeholder");
    }
    let cell = match plain(trimmed) {
        Ok(cell) => cell,
        Err(reason) => return Outcome::unmatched(reason),
    };
    let region = region.map(text::trim).filter(|region| !region.is_empty());
    let home = region.and_then(known_region);
    let parts = parts(&cell.text);
    let found = find(&parts, home);
    let best = found.iter().position(|(part, reading)| reading.is_valid && !part.is_fax);
    let best = best.or_else(|| found.iter().position(|(_, reading)| reading.is_valid));
    let Some((part, reading)) = found.get(best.unwrap_or(0)) else {
        return Outcome::unmatched(match why_none(&parts, home) {
            "no_region" if region.is_some() => "unknown_region",
            reason => reason,
        });
    };
    let others = found.iter().filter(|(other, _)| !std::ptr::eq(&**other, &**part));
    let others = others.filter(|(_, other)| other.is_valid && other.digits != reading.digits);
    let phone = Phone {
        e164: e164(reading),
        is_valid: reading.is_valid,
        region: reading.region.map(|region| region.to_string()),
        extension: (!part.extension.is_empty()).then(|| part.extension.clone()),
        is_fictional: dummy::is_fictional(&reading.digits),
        others: others.map(|(_, other)| e164(other)).collect(),
    };
    let (rule, percent) = match cell.rule {
        Some(rule) => (rule, reading.percent.min(80)),
        None => (reading.rule, reading.percent),
    };
    let percent = if reading.is_valid { percent } else { percent.min(40) };
    Outcome::matched(
        phone,
        Evidence::new(rule, REFERENCE, cell.span(raw, trimmed, part, reading.rule), percent),
    )
}

/// The metadata that the crate at the version of the manifest carries.
const REFERENCE: &str = "libphonenumber@9.0.42";

/// A cell as text of numbers.
struct Cell<'a> {
    text: Cow<'a, str>,
    rule: Option<&'static str>,
}

impl Cell<'_> {
    fn span(&self, raw: &str, trimmed: &str, part: &Part, rule: &str) -> Span {
        let end = if rule == "letters" { part.span.1.max(part.lettered) } else { part.span.1 };
        match &self.text {
            Cow::Borrowed(text) => {
                text.get(part.span.0..end).map_or(Span::all(raw), |part| text::span_of(raw, part))
            }
            Cow::Owned(_) => text::span_of(raw, trimmed),
        }
    }
}

/// Undoes what spreadsheets, data frames and links do to a number.
fn plain(trimmed: &str) -> Result<Cell<'_>, &'static str> {
    let (mut points, mut letters, mut strange) = (0, false, false);
    for c in trimmed.bytes() {
        points += usize::from(c == b'.');
        letters |= c.is_ascii_alphabetic();
        strange |= matches!(c, b'@' | b'%' | b':');
    }
    let kept = |text| Ok(Cell { text: Cow::Borrowed(text), rule: None });
    if points == 0 && !strange {
        return match exponent(trimmed) {
            Some(_) => Err("spreadsheet_damage"),
            None => kept(trimmed),
        };
    }
    if points == 1 {
        if let Some(whole) = trimmed.trim_end_matches('0').strip_suffix('.')
            && whole.len() >= 7
            && whole.len() < trimmed.len() - 1
            && whole.strip_prefix('+').unwrap_or(whole).bytes().all(|c| c.is_ascii_digit())
        {
            return Ok(Cell { text: Cow::Borrowed(whole), rule: Some("float_text") });
        }
        if letters && let Some(exponent) = exponent(trimmed) {
            return exponent.map(|text| Cell { text: Cow::Owned(text), rule: Some("float_text") });
        }
    }
    if !strange {
        return kept(trimmed);
    }
    let lower = trimmed.to_ascii_lowercase();
    if trimmed.contains('@') {
        return Err("not_recognised");
    }
    if let Some(at) = lower.find("wa.me/") {
        let text: String = trimmed[at + 6..].chars().take_while(|c| c.is_ascii_digit()).collect();
        return Ok(Cell { text: Cow::Owned(format!("+{text}")), rule: None });
    }
    if lower.contains("://") && !lower.starts_with("tel:") {
        return Err("not_recognised");
    }
    if let Some((number, context)) = lower.split_once(";phone-context=+") {
        let code: String = context.chars().take_while(|c| c.is_ascii_digit() || *c == '-').collect();
        return Ok(Cell {
            text: Cow::Owned(format!("+{code}{}", number.trim_start_matches("tel:"))),
            rule: None,
        });
    }
    if lower.contains("%2") {
        let text = ["%2b", "%20", "%28", "%29", "%2d"].iter().zip(["+", " ", "(", ")", "-"]);
        let text = text.fold(lower, |text, (code, plain)| text.replace(code, plain));
        return Ok(Cell { text: Cow::Owned(text), rule: None });
    }
    kept(trimmed)
}

/// The digits of a number in scientific notation, where it has all of them; nothing where it is in no such notation.
fn exponent(text: &str) -> Option<Result<String, &'static str>> {
    let (mantissa, power) = text.split_once(['E', 'e'])?;
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, ""));
    let power = power.strip_prefix('+').unwrap_or(power);
    let is_number = |text: &str| text.bytes().all(|c| c.is_ascii_digit());
    if whole.len() != 1 || !is_number(whole) || !is_number(fraction) || power.is_empty() || !is_number(power)
    {
        return None;
    }
    match power.parse::<usize>() {
        Ok(power) if power == fraction.len() && power >= 7 => Some(Ok([whole, fraction].concat())),
        _ => Some(Err("spreadsheet_damage")),
    }
}

/// The region of a country code, if the numbering of one is known.
fn known_region(code: &str) -> Option<Region> {
    let code = match code.as_bytes() {
        // Not of ISO 3166-1, but written by everybody (exceptionally reserved there).
        [b'U' | b'u', b'K' | b'k'] => "GB",
        [b'E' | b'e', b'L' | b'l'] => "GR",
        [_, _] => code,
        _ => return None,
    };
    let region = Region::from_code(code).ok()?;
    PHONE_NUMBER_UTIL.get_country_code_for_region(region).map(|_| region)
}

fn e164(reading: &Reading) -> String {
    let mut text = String::with_capacity(reading.digits.len() + 1);
    text.push('+');
    text.push_str(&reading.digits);
    text
}

/// Every number of the parts that is at least possible; parts that hold two numbers are split.
fn find(parts: &[Part], home: Option<Region>) -> Vec<(Cow<'_, Part>, Reading)> {
    let mut found = Vec::with_capacity(parts.len());
    for part in parts {
        if part.is_masked || dummy::is_one_digit(&part.digits) && part.digits.starts_with('0') {
            continue;
        }
        match split(part, home) {
            Some((first, second)) => {
                found.push(first);
                let reading = accepted(&second, home);
                found.extend(reading.map(|reading| (Cow::Owned(second), reading)));
            }
            None => found.extend(accepted(part, home).map(|reading| (Cow::Borrowed(part), reading))),
        }
    }
    found
}

/// A reading that is no placeholder. One that is not valid must at least be read the same from its E.164 form.
fn accepted(part: &Part, home: Option<Region>) -> Option<Reading> {
    let reading = read(part, home).ok().filter(|reading| !is_placeholder(part, reading))?;
    if !reading.is_valid {
        let whole = Part::international(&reading.digits);
        let again = read(&whole, None).ok().filter(|again| !is_placeholder(&whole, again))?;
        if again.digits != reading.digits || again.is_valid {
            return None;
        }
    }
    Some(reading)
}

fn is_placeholder(part: &Part, reading: &Reading) -> bool {
    let national = reading.national();
    let is_american = reading.code_length == 1 && reading.digits.starts_with('1');
    !reading.is_valid && [&*part.digits, &*reading.digits, national].into_iter().any(dummy::is_dummy)
        || is_american && (dummy::is_one_digit(national) || dummy::ends_like_555(national))
}

/// Two numbers with nothing but a slash or a blank between them.
fn split(part: &Part, home: Option<Region>) -> Option<((Cow<'_, Part>, Reading), Part)> {
    let length = part.digits.len();
    // Longer than E.164 allows: two numbers, if any.
    let too_long = length > 15 + usize::from(!part.plus) * 2;
    let at_slash = part
        .slashes
        .iter()
        .copied()
        .filter(|&at| at >= 9 && length > at && (length - at >= 5 || length - at <= 2));
    let at_any = part.breaks.iter().copied().filter(|&at| too_long && at >= 7 && length - at >= 5);
    at_slash.chain(at_any).find_map(|at| {
        let first = part.slice(0, at);
        let reading = accepted(&first, home).filter(|reading| reading.is_valid)?;
        Some(((Cow::Owned(first), reading), part.slice(at, length)))
    })
}

/// Why no part is a number: what is wrong with the longest.
fn why_none(parts: &[Part], home: Option<Region>) -> &'static str {
    let Some(part) = parts.iter().max_by_key(|part| part.digits.len()) else { return "no_digits" };
    if parts.iter().any(|part| part.is_masked) {
        return "masked";
    }
    if dummy::is_dummy(&part.digits) {
        return "placeholder";
    }
    match read(part, home) {
        Ok(reading) if is_placeholder(part, &reading) => "placeholder",
        Ok(_) => "not_recognised",
        Err("no_region") if part.digits.len() < 4 => "too_few_digits",
        Err(reason) => reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(raw: &str, region: Option<&str>) -> String {
        let outcome = normalize_phone(raw, region);
        match (outcome.value(), outcome.reason()) {
            (Some(phone), _) => [phone.e164.as_str()]
                .into_iter()
                .chain(phone.others.iter().map(String::as_str))
                .collect::<Vec<_>>()
                .join(" "),
            (None, reason) => reason.unwrap_or_default().to_owned(),
        }
    }

    #[test]
    fn regions_are_codes_in_any_case() {
        for region in ["gb", "GB", " Uk "] {
            assert_eq!(shown("020 7183 8750", Some(region)), "+442071838750");
        }
        for region in ["Britain", "ZZ", "é", "1"] {
            assert_eq!(shown("020 7183 8750", Some(region)), "unknown_region");
            assert_eq!(shown("+44 20 7183 8750", Some(region)), "+442071838750");
        }
    }

    #[test]
    fn several_numbers_in_a_cell() {
        for cell in [
            "212 736 5000 / 646 736 5000",
            "212-736-5000 or 646-736-5000",
            "(212) 736-5000 (646) 736-5000",
            "212.736.5000, 646.736.5000",
            "T: 212 736 5000 M: 646 736 5000",
            "Fax 646 736 5000; 212 736 5000",
        ] {
            assert_eq!(shown(cell, Some("US")), "+12127365000 +16467365000", "{cell}");
        }
    }
}
