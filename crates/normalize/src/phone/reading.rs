//! The digits of one number read by the rules of libphonenumber, plainly first and then with what is commonly lost put back.

use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumber, Region, ValidationError,
    get_national_significant_number_owned,
};

use super::cell::Part;

/// A number that was read.
#[derive(Debug)]
pub(super) struct Reading {
    /// Digits of E.164, without the plus sign.
    pub digits: String,
    /// How many of them are the country calling code.
    pub code_length: usize,
    pub is_valid: bool,
    /// ISO 3166-1 code, or `001` for a number of no country.
    pub region: Option<Region>,
    pub rule: &'static str,
    pub percent: u8,
}

impl Reading {
    /// Digits behind the country calling code.
    pub(super) fn national(&self) -> &str {
        &self.digits[self.code_length..]
    }

    fn by(self, rule: &'static str, percent: u8) -> Self {
        Reading { rule, percent, ..self }
    }
}

/// Reads the digits of `part`, at home in `region`.
pub(super) fn read(part: &Part, region: Option<Region>) -> Result<Reading, &'static str> {
    let digits = part.digits.as_str();
    let plain = if part.plus { read_plus(part, digits, region) } else { read_bare(part, digits, region) };
    if plain.as_ref().is_ok_and(|reading| reading.is_valid) {
        return plain;
    }
    if let Some(reading) = part.keypad.as_deref().and_then(|keypad| read_keypad(part, keypad, region)) {
        return Ok(reading);
    }
    plain
}

fn read_plus(part: &Part, digits: &str, region: Option<Region>) -> Result<Reading, &'static str> {
    let code = digits.strip_prefix("00").unwrap_or(digits);
    let plain = international(code);
    if is_good(&plain) {
        return plain;
    }
    if let Some(reading) = without_trunk(part, digits) {
        return Ok(reading);
    }
    // Mobile numbers of Mexico had a 1 behind the calling code until August 2019.
    if plain.is_err()
        && let Some(rest) = code.strip_prefix("521").filter(|rest| rest.len() == 10)
        && let Ok(reading) = international(&format!("52{rest}"))
        && reading.is_valid
    {
        return Ok(reading.by("obsolete_prefix", 85));
    }
    // A plus sign before a national number, which no country's code explains.
    if plain.is_err()
        && let Some(region) = region
        && let Ok(reading) = national(digits, region)
        && reading.is_valid
    {
        return Ok(reading.by("stray_plus", 60));
    }
    plain
}

fn read_bare(part: &Part, digits: &str, region: Option<Region>) -> Result<Reading, &'static str> {
    let at_home = region.map(|region| (region, national(digits, region)));
    if let Some((region, home)) = &at_home
        && is_good(home)
    {
        if let Some(reading) = with_code_of(*region, digits, home) {
            return Ok(reading);
        }
        return at_home.map_or(Err("no_region"), |(_, home)| home.map(|home| by_prefix(home, digits)));
    }
    // `0049 ...` from most countries, `011 49 ...` from North America, `0011 49 ...` from Australia.
    for prefix in ["00", "0011", "011"] {
        if let Some(code) = digits.strip_prefix(prefix).filter(|code| !code.starts_with('0')) {
            let abroad = international(code);
            if is_good(&abroad) {
                return abroad.map(|reading| reading.by("international_prefix", 90));
            }
            if let Some(reading) = without_trunk(part, digits) {
                return Ok(reading.by("international_prefix", 90));
            }
        }
    }
    if let Some(reading) = lost_plus(part, digits, &at_home) {
        return Ok(reading);
    }
    at_home.map_or(Err("no_region"), |(_, home)| home)
}

/// Eleven digits or more that begin with the calling code of `region`, where national numbers begin with a zero that these do not have:
/// `4915123456789` is a German mobile number and no number of the area 04915.
fn with_code_of(region: Region, digits: &str, home: &Result<Reading, &'static str>) -> Option<Reading> {
    if digits.len() < 11 || digits.starts_with('0') {
        return None;
    }
    let code = PHONE_NUMBER_UTIL.get_country_code_for_region(region)?.to_string();
    if !digits.starts_with(&code) {
        return None;
    }
    // Where a zero before it changes nothing, it is written.
    let same = national(&format!("0{digits}"), region);
    if !matches!((home, same), (Ok(home), Ok(same)) if home.digits == same.digits) {
        return None;
    }
    international(digits).ok().filter(|reading| reading.is_valid).map(|reading| reading.by("lost_plus", 85))
}

/// A national reading, told from one that holds its country's calling code or a prefix for abroad.
fn by_prefix(reading: Reading, digits: &str) -> Reading {
    if reading.digits == digits {
        reading.by("lost_plus", 90)
    } else if !digits.ends_with(reading.national()) || !digits.ends_with(reading.digits.as_str()) {
        reading.by("national", 95)
    } else {
        reading.by("international_prefix", 95)
    }
}

/// Digits that begin with a country calling code whose plus sign was lost, as spreadsheets and databases of numbers do. With a region,
/// the number must be none of that region; without, it must be none of the countries whose numbers are written with as many digits
/// and no zero before them.
fn lost_plus(
    part: &Part,
    digits: &str,
    at_home: &Option<(Region, Result<Reading, &'static str>)>,
) -> Option<Reading> {
    if digits.starts_with('0') || digits.len() < 10 {
        return None;
    }
    // `44 (0)20 ...`: nobody writes the trunk zero in brackets but behind a calling code.
    if part.trunk.is_some_and(|at| (1..=3).contains(&at)) {
        let reading = international(digits).ok().filter(|reading| reading.is_valid);
        return reading.or_else(|| without_trunk(part, digits)).map(|reading| reading.by("lost_plus", 85));
    }
    let reading = || international(digits).ok().filter(|reading| reading.is_valid);
    match at_home {
        Some((_, home)) if digits.len() > 10 || home.is_err() => Some(reading()?.by("lost_plus", 75)),
        None if digits.len() > 10 => {
            let reading = reading()?;
            let in_groups = digits.len() == 11
                && digits.starts_with('1')
                && [1, 4, 7].iter().all(|at| part.breaks.contains(at))
                && part.breaks.iter().all(|at| [1, 4, 7, 11].contains(at));
            let is_ambiguous = !in_groups
                && LIKE_INTERNATIONAL.iter().any(|&region| {
                    national(digits, region)
                        .is_ok_and(|other| other.is_valid && other.digits != reading.digits)
                });
            (!is_ambiguous).then(|| reading.by("lost_plus", 70))
        }
        _ => None,
    }
}

/// Countries whose national numbers have eleven digits or more and are written without a zero before them.
const LIKE_INTERNATIONAL: [Region; 4] = [Region::CN, Region::BR, Region::RU, Region::ID];

/// Letters as keys. Exchanges of North America ignore what is dialled beyond their ten digits.
fn read_keypad(part: &Part, keypad: &str, region: Option<Region>) -> Option<Reading> {
    let letters = keypad.len() - part.digits.len();
    if letters < 3 {
        return None;
    }
    let is_american =
        |reading: &Reading| reading.code_length == 1 && reading.digits.starts_with('1') && reading.is_valid;
    let has_code = keypad.starts_with('1') && keypad.len() >= 11;
    let length = if has_code { 11 } else { 10 };
    let is_free =
        ["1800", "1833", "1844", "1855", "1866", "1877", "1888"].iter().any(|code| keypad.starts_with(code));
    let american = keypad.get(..length).and_then(|kept| match region {
        _ if has_code && (part.plus || is_free) => international(kept).ok(),
        Some(region) if !part.plus => national(kept, region).ok(),
        _ => None,
    });
    let reading = american.filter(is_american).or_else(|| {
        let whole = match region {
            _ if part.plus => international(keypad),
            Some(region) => national(keypad, region),
            None => return None,
        };
        whole.ok().filter(|reading| reading.is_valid)
    })?;
    // The digits alone and a word behind them would be as likely.
    (part.digits.len() < reading.national().len()).then(|| reading.by("letters", 85))
}

/// The number without the digit of `(0)`, where no rule of its country takes that away.
fn without_trunk(part: &Part, digits: &str) -> Option<Reading> {
    let at = part.trunk.filter(|&at| at > 0 && digits.as_bytes().get(at) == Some(&b'0'))?;
    let kept = [&digits[..at], &digits[at + 1..]].concat();
    let reading = international(kept.strip_prefix("00").unwrap_or(&kept)).ok()?;
    reading.is_valid.then(|| reading.by("trunk_zero", 90))
}

fn is_good(reading: &Result<Reading, &'static str>) -> bool {
    reading.as_ref().is_ok_and(|reading| reading.is_valid)
}

fn international(digits: &str) -> Result<Reading, &'static str> {
    let mut dialled = String::with_capacity(digits.len() + 1);
    dialled.push('+');
    dialled.push_str(digits);
    reading(&dialled, None).map(|reading| reading.by("international", 100))
}

fn national(digits: &str, region: Region) -> Result<Reading, &'static str> {
    reading(digits, Some(region)).map(|reading| reading.by("national", 95))
}

fn reading(dialled: &str, region: Option<Region>) -> Result<Reading, &'static str> {
    use rlibphonenumber::ParseError;
    let number = PHONE_NUMBER_UTIL.parse(dialled, region).map_err(|error| match error {
        ParseError::InvalidCountryCode => "unknown_country_code",
        ParseError::TooShortAfterIdd | ParseError::TooShortNsn => "too_few_digits",
        ParseError::TooLongNsn => "too_many_digits",
        ParseError::NotANumber(_) => "not_recognised",
    })?;
    let home = PHONE_NUMBER_UTIL.get_region_for_number(&number);
    let is_valid = home.is_some_and(|home| PHONE_NUMBER_UTIL.is_valid_number_for_region(&number, home));
    if !is_valid {
        match PHONE_NUMBER_UTIL.is_possible_number_with_reason(&number) {
            Ok(NumberLengthType::IsPossible) => {}
            Ok(NumberLengthType::IsPossibleLocalOnly) => return Err("no_area_code"),
            Err(ValidationError::InvalidCountryCode) => return Err("unknown_country_code"),
            Err(ValidationError::TooShort) => return Err("too_few_digits"),
            Err(ValidationError::TooLong) => return Err("too_many_digits"),
            Err(ValidationError::InvalidLength) => return Err("invalid_length"),
        }
    }
    let (digits, code_length) = e164(&number);
    Ok(Reading { digits, code_length, is_valid, region: home, rule: "", percent: 0 })
}

/// Digits of E.164, and how many of them are the calling code.
fn e164(number: &PhoneNumber) -> (String, usize) {
    let mut digits = number.country_code.to_string();
    let code_length = digits.len();
    digits.push_str(&get_national_significant_number_owned(number));
    (digits, code_length)
}
