use ahash::AHashSet;
use std::sync::LazyLock;

use crate::text::{self, fold};

struct Placeholders {
    rows: AHashSet<&'static str>,
    /// Bit n of a first byte: a row of n bytes starts with it. Most texts need no further look.
    lengths: [u64; 128],
    /// Bits of [`start_bit`]: a row starts so.
    starts: [u64; 64],
}

static PLACEHOLDERS: LazyLock<Placeholders> = LazyLock::new(|| {
    let rows: AHashSet<&str> = DATA.lines().skip(1).collect();
    let (mut lengths, mut starts) = ([0; 128], [0; 64]);
    for row in &rows {
        if let Some(place) = row.bytes().next().and_then(|first| lengths.get_mut(usize::from(first))) {
            *place |= 1 << row.len();
        }
        let (place, bit) = start_bit(row.as_bytes());
        starts[place] |= bit;
    }
    Placeholders { rows, lengths, starts }
});

/// A bit of 4,096 for the first three bytes of a text, folded, with its place in words of 64 bits.
fn start_bit(text: &[u8]) -> (usize, u64) {
    let byte = |at: usize| text.get(at).map_or(0, |&c| usize::from(FOLDED[usize::from(c)]));
    let sum = byte(0) + 33 * byte(1) + 33 * 33 * byte(2);
    (sum / 64 % 64, 1 << (sum % 64))
}

const fn is_blank(c: u8) -> bool {
    c == b' ' || c.is_ascii_control()
}

/// Bytes in small letters, and every blank as one.
static FOLDED: [u8; 256] = {
    let mut folded = [0; 256];
    let mut c = 0;
    while c < 256 {
        folded[c] = if is_blank(c as u8) { b' ' } else { (c as u8).to_ascii_lowercase() };
        c += 1;
    }
    folded
};

pub(crate) const DATA: &str = include_str!("../data/placeholders.csv");

/// Longer text is never looked up; the longest row of `data/placeholders.csv` is shorter.
const LONGEST: usize = 40;

/// Whether `text` says only that there is no value: blank, `N/A`, `-`, `TBD`, `-Select-`, an error of a spreadsheet (`#REF!`), a
/// telephone number of fiction (`(555) 555-5555`), a mailbox of an example (`test@example.com`).
///
/// It is asked of a cell whatever its column, so what is nothing in one column alone (`Other`, the head count 0) is not one here.
///
/// ```
/// use firmograph_normalize::is_placeholder;
/// assert!(is_placeholder(" n/a ") && is_placeholder("---") && is_placeholder("-Select-"));
/// assert!(is_placeholder("555-1234") && is_placeholder("user@example.com"));
/// assert!(!is_placeholder("Nano") && !is_placeholder("+1 617 555 0101"));
/// ```
#[must_use]
pub fn is_placeholder(text: &str) -> bool {
    if text.len() > LONGEST {
        return text::trim(text).is_empty();
    }
    if cannot_start_row(text) {
        return is_fake_mailbox(text.trim_ascii_end());
    }
    if text.is_ascii() {
        is_ascii_placeholder(text.as_bytes()) || is_fake(text)
    } else {
        is_any_placeholder(text)
    }
}

/// Whether four letters are in front that no row has there. Marks behind them may change the last, so three count.
fn cannot_start_row(text: &str) -> bool {
    text.as_bytes().first_chunk::<4>().is_some_and(|start| {
        let (place, bit) = start_bit(start);
        PLACEHOLDERS.starts[place] & bit == 0 && start.iter().all(u8::is_ascii_alphabetic)
    })
}

/// What only an ASCII text can be: an error of a spreadsheet, a made-up number, a made-up mailbox.
fn is_fake(text: &str) -> bool {
    let text = text.trim_ascii();
    match text.as_bytes().first() {
        Some(b'#') => SHEET_ERRORS.iter().any(|error| text.eq_ignore_ascii_case(error)),
        Some(b'0'..=b'9' | b'+' | b'(') => is_fake_number(text.as_bytes()),
        Some(_) => is_fake_mailbox(text),
        None => false,
    }
}

#[inline]
fn is_fake_mailbox(text: &str) -> bool {
    // All those hosts end in a name of three letters.
    matches!(text.as_bytes(), [.., b'.', _, _, _])
        && text.split_once('@').is_some_and(|(local, host)| {
            is_example_host(host) && is_example_name(local)
                || EXAMPLE_DOMAINS.iter().any(|domain| host.eq_ignore_ascii_case(domain))
                    && is_example_name(local)
        })
}

/// What spreadsheets show for a formula without a value; `#N/A` and `#DIV/0!` are rows of the table.
const SHEET_ERRORS: [&str; 8] =
    ["#ref!", "#value!", "#name?", "#null!", "#num!", "#spill!", "#calc!", "#getting_data"];

/// North American numbers nobody has: the area code 555, seven digits in the exchange 555, 555-5555 and 555-1234 anywhere, one
/// digit throughout, and 123-456-7890. A bare integer is no telephone number. The block 555-0100 to 555-0199 is kept for
/// fiction too, but samples of data use it as if it were real.
fn is_fake_number(text: &[u8]) -> bool {
    let mut digits = [0_u8; 15];
    let (mut length, mut marks) = (0, 0);
    for &c in text {
        match c {
            b'0'..=b'9' if length < digits.len() => {
                digits[length] = c;
                length += 1;
            }
            b' ' | b'-' | b'(' | b')' | b'.' | b'+' => marks += 1,
            _ => return false,
        }
    }
    let digits = &digits[..length];
    if marks == 0 || length < 7 {
        return length >= 7 && digits.iter().all(|&c| c == b'0');
    }
    if digits.iter().all(|c| c == &digits[0]) {
        // Blanks and dots alone may stand between thousands.
        return text.iter().any(|c| b"+-(".contains(c));
    }
    let national = if length == 11 { digits.strip_prefix(b"1").unwrap_or(digits) } else { digits };
    match national.len() {
        7 => text.starts_with(b"555") && !text[3..4].iter().all(u8::is_ascii_digit),
        10 => {
            national.starts_with(b"555")
                || national == b"1234567890"
                || matches!(&national[3..], b"5555555" | b"5551234")
        }
        _ => false,
    }
}

/// Whether mail to `host` can reach nobody: the names that RFC 2606 keeps for documentation.
pub(crate) fn is_example_host(host: &str) -> bool {
    match host.as_bytes() {
        [b'e' | b'E', b'x' | b'X', b'a' | b'A', ..] => {
            ["example.com", "example.net", "example.org"].iter().any(|name| host.eq_ignore_ascii_case(name))
        }
        _ => false,
    }
}

/// Whether a mailbox of this name at a host of examples is a stand-in. `jane.roe@example.com` is a person of a sample.
pub(crate) fn is_example_name(local: &str) -> bool {
    let base = local.trim_end_matches(|c: char| c.is_ascii_digit());
    EXAMPLE_NAMES.iter().any(|name| base.eq_ignore_ascii_case(name))
}

/// Hosts that stand for any host in forms and manuals. They are registered, so an address there is read, but as a cell it says
/// nothing.
const EXAMPLE_DOMAINS: [&str; 16] = [
    "test.com",
    "domain.com",
    "yourdomain.com",
    "company.com",
    "yourcompany.com",
    "email.com",
    "none.com",
    "na.com",
    "noemail.com",
    "nomail.com",
    "null.com",
    "fake.com",
    "sample.com",
    "asdf.com",
    "xxx.com",
    "abc.com",
];

const EXAMPLE_NAMES: [&str; 44] = [
    "test",
    "testing",
    "tester",
    "testuser",
    "test.user",
    "email",
    "e-mail",
    "mail",
    "user",
    "username",
    "example",
    "sample",
    "demo",
    "dummy",
    "fake",
    "foo",
    "bar",
    "foobar",
    "asdf",
    "qwerty",
    "abc",
    "xyz",
    "xxx",
    "none",
    "na",
    "null",
    "noemail",
    "no-email",
    "no.email",
    "nomail",
    "name",
    "yourname",
    "your.name",
    "your-name",
    "youremail",
    "your.email",
    "your-email",
    "first.last",
    "firstname.lastname",
    "placeholder",
    "unknown",
    "tbd",
    "notprovided",
    "noreply",
];

/// [`is_any_placeholder`] for ASCII, in memory on the stack.
fn is_ascii_placeholder(text: &[u8]) -> bool {
    let Some(start) = text.iter().position(u8::is_ascii_alphanumeric) else {
        return text.iter().all(|&c| c.is_ascii_control() || NOTHING.as_bytes().contains(&c));
    };
    let placeholders = &*PLACEHOLDERS;
    let mask = placeholders.lengths[usize::from(text[start].to_ascii_lowercase() & 127)];
    if mask == 0 {
        return false;
    }
    let end = text.iter().rposition(u8::is_ascii_alphanumeric).map_or(start, |last| last + 1);
    let given = &text[start..end];
    // Behind a blank at the second place may be more of them, which count as one.
    if !given.get(1).is_some_and(|&c| is_blank(c)) {
        let (place, bit) = start_bit(given);
        if placeholders.starts[place] & bit == 0 {
            return false;
        }
    }
    let squeezes = || given.windows(2).any(|pair| is_blank(pair[0]) && is_blank(pair[1]));
    if mask >> given.len() & 1 == 0 && !squeezes() {
        return false;
    }
    let mut core = [0_u8; LONGEST];
    let mut length = 0;
    for &c in given {
        if is_blank(c) && core[length.max(1) - 1] == b' ' {
            continue;
        }
        core[length] = FOLDED[usize::from(c)];
        length += 1;
    }
    std::str::from_utf8(&core[..length]).is_ok_and(|core| placeholders.rows.contains(core))
}

fn is_any_placeholder(text: &str) -> bool {
    let folded = fold(text);
    let core = folded.trim_matches(|c: char| c.is_ascii_punctuation() || c == ' ');
    core.is_empty() && folded.chars().all(|c| NOTHING.contains(c)) || PLACEHOLDERS.rows.contains(core)
}

/// Text of these alone says nothing. `&` and `+` are not among them: they are names.
const NOTHING: &str = "-_.*?/#~'\" ,:;|=<>()[]";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn data_is_sorted_unique_and_folded() {
        crate::testing::assert_sorted_list(DATA);
        assert!(DATA.lines().all(|row| row.len() < LONGEST));
    }

    #[test]
    fn every_row_is_one_however_it_is_written() {
        for row in DATA.lines().skip(1) {
            for text in [row.to_owned(), row.to_uppercase(), format!(" -{row}- "), row.replace(' ', "  ")] {
                assert!(is_placeholder(&text), "{text:?}");
            }
        }
    }

    #[test]
    fn made_up_values_are_nothing() {
        for text in [
            "(555) 555-5555",
            "555-5555",
            "555-1234",
            "+1 555 123 4567",
            "212-555-1234",
            "000-000-0000",
            "(999) 999-9999",
            "123-456-7890",
            "0000000000",
            "test@example.com",
            "Email@Example.com",
            "user1@example.org",
            "test@test.com",
            "none@none.com",
            "#REF!",
            "#NAME?",
            "http://localhost",
        ] {
            assert!(is_placeholder(text), "{text:?}");
        }
        for text in [
            "+1 617 555 0101",
            "5551234",
            "555",
            "555-700",
            "1.111.111",
            "5 551 234",
            "1-10",
            "2020",
            "jane.roe@example.com",
            "test@acme.com",
            "info@test.com",
            "#1 Cleaners",
            "Value",
        ] {
            assert!(!is_placeholder(text), "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_ascii_path_agrees(
            text in "[\\x00-\\x7f]{0,12}",
            row in prop::sample::select(DATA.lines().skip(1).collect::<Vec<_>>()),
            before in "[ \\-.#\\x01a]{0,3}",
            after in "[ \\-.#\\x01a]{0,3}",
        ) {
            for text in [text, format!("{before}{row}{after}")] {
                if text.len() <= LONGEST && text.is_ascii() {
                    prop_assert_eq!(is_ascii_placeholder(text.as_bytes()), is_any_placeholder(&text));
                }
            }
        }
    }
}
