//! Numbers that were typed because a form asked for one.

use std::sync::LazyLock;

use super::FICTION_DATA;

/// Runs along the keypad.
const RUNS: [&str; 8] =
    ["1234567890", "0123456789", "9876543210", "123456789", "12345678", "1234567", "987654321", "87654321"];

/// One digit all along, as `000 000 0000`.
pub(super) fn is_one_digit(digits: &str) -> bool {
    let first = digits.bytes().next();
    digits.len() >= 5 && digits.bytes().all(|c| Some(c) == first)
}

/// What nobody is called by, where it is no valid number: one digit all along, a run along the keypad, `555-1234`. Some of these are
/// numbers of real people elsewhere: 012-345 6789 is a Malaysian mobile number.
pub(super) fn is_dummy(digits: &str) -> bool {
    let national = digits.strip_prefix('1').unwrap_or(digits);
    [digits, national].into_iter().any(|digits| is_one_digit(digits) || RUNS.contains(&digits))
        || ends_like_555(national)
}

/// `555-1234` and `555-5555`, alone or behind an area code: North America's exchange 555 gives neither to anybody.
pub(super) fn ends_like_555(national: &str) -> bool {
    matches!(national.len(), 7 | 10) && (national.ends_with("5551234") || national.ends_with("5555555"))
}

/// Whether a number is of a range that a regulator keeps free for films and books; `digits` are those of E.164.
pub(super) fn is_fictional(digits: &str) -> bool {
    if digits.len() == 11 && digits.starts_with('1') {
        return digits[4..].starts_with("55501");
    }
    static RANGES: LazyLock<Vec<(&str, usize)>> = LazyLock::new(|| {
        let row = |row: &'static str| {
            let mut cells = row.split(',');
            Some((cells.next()?, cells.next()?.parse().ok()?))
        };
        FICTION_DATA.lines().skip(1).filter_map(row).collect()
    });
    let place = RANGES.partition_point(|(prefix, _)| *prefix <= digits);
    place > 0 && digits.starts_with(RANGES[place - 1].0) && digits.len() == RANGES[place - 1].1
}
