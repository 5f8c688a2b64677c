//! What lists write beside a company name: where it is incorporated, its ticker, its former name, its parent.

use crate::legal_form::{ends_in_form, has_name};

/// Whether `name` or a part of it may have a note. Most names have no sign or letters of one, and need no further look.
pub(crate) fn may_have_note(name: &str) -> bool {
    // Every bit is a place of a pattern, and moves on with each byte that may stand there (Baeza-Yates and Gonnet, "Shift-And").
    let (mut places, mut reached) = (0, 0);
    for &c in name.as_bytes() {
        places = (places << 1 | STARTS) & NOTES[usize::from(c)];
        reached |= places;
    }
    reached & ENDS != 0
}

/// What a name with a note has somewhere: a text for each place of a pattern, of the bytes that may stand there.
const PATTERNS: [&[&[u8]]; 8] = [
    &[b")]/\\:"],
    &[b" ", b"-"],
    &[b",", b" ", b"aApPtT"],
    &[b" ", b"dD", b"bB."],
    &[b" ", b"dD", b"oO", b"iI"],
    &[b" ", b"fF", b"kK."],
    &[b" ", b"fF", b"oO", b"rR"],
    &[b" ", b"pPtT", b"rR", b"aAeE"],
];

/// Bits of the first places of the patterns, of the last ones, and of the places where a byte may stand.
const fn bits() -> (u32, u32, [u32; 256]) {
    let (mut starts, mut ends, mut notes) = (0, 0, [0; 256]);
    let (mut pattern, mut bit) = (0, 1);
    while pattern < PATTERNS.len() {
        starts |= bit;
        let mut place = 0;
        while place < PATTERNS[pattern].len() {
            let mut bytes = PATTERNS[pattern][place];
            while let [c, rest @ ..] = bytes {
                notes[*c as usize] |= bit;
                bytes = rest;
            }
            ends = if place + 1 == PATTERNS[pattern].len() { ends | bit } else { ends };
            bit <<= 1;
            place += 1;
        }
        pattern += 1;
    }
    (starts, ends, notes)
}

const STARTS: u32 = bits().0;
const ENDS: u32 = bits().1;
static NOTES: [u32; 256] = bits().2;

/// `name` without one note at its end, or in front of its trade name; none where it has no note.
pub(crate) fn without_note(name: &str) -> Option<&str> {
    let bytes = name.as_bytes();
    let rest = match bytes.last()? {
        b')' | b']' => without_brackets(name),
        b'/' | b'\\' => without_state(name),
        _ => None,
    };
    rest.or_else(|| {
        let mut rest = None;
        for (at, &c) in bytes.iter().enumerate().skip(1) {
            rest = match c {
                b'/' | b'\\' => without_state(name),
                b' ' => behind_blank(name, at),
                b':' => without_ticker(name, at),
                _ => None,
            };
            if rest.is_some() {
                break;
            }
        }
        rest
    })
    .filter(|rest| has_name(rest) && rest.len() < name.len())
}

/// `name` without notes between slashes at its end.
pub(crate) fn without_states(name: &str) -> &str {
    let mut name = name;
    while let [.., b'/' | b'\\'] = name.as_bytes()
        && let Some(rest) = without_state(name).filter(|rest| has_name(rest))
    {
        name = rest;
    }
    name
}

/// `ACME CORP /DE/`, `ACME CORP\DE\`, `ACME CORP/DE`, `ACME INC / MA`, `ACME CO /NEW`: how the SEC tells apart companies of one
/// name.
fn without_state(name: &str) -> Option<&str> {
    let open = name.trim_end_matches(['/', '\\', ' ']);
    let at = open.rfind(['/', '\\'])?;
    let closed = open.len() < name.len();
    let (rest, note) = (open[..at].trim_end(), open[at + 1..].trim_start());
    if note.len() > 4 || note.len() < 2 || !note.bytes().all(|c| c.is_ascii_alphabetic()) {
        return None;
    }
    let apart = rest.len() < at;
    // `A/S` and `NV/SA` are forms of their own.
    let says_where = is_state(note)
        || ["NEW", "OLD", "ADR", "ADV", "BD", "FI", "TA"]
            .iter()
            .any(|known| note.eq_ignore_ascii_case(known));
    let after_form = !ends_in_form(name) && ends_in_form(rest);
    ((closed || says_where) && (apart || after_form)).then_some(rest)
}

/// `(The)`, `(NASDAQ: ACME)`, `(formerly Nordwind)`, `(a Nordwind company)`, `(TM)`, and a place behind a legal form: `Inc (Delaware)`.
fn without_brackets(name: &str) -> Option<&str> {
    let open = name.rfind(['(', '['])?;
    let (rest, note) = (name[..open].trim_end(), name[open + 1..name.len() - 1].trim());
    if rest.is_empty() {
        return None;
    }
    let is_note = ["the", "r", "tm", "sm"].iter().any(|known| note.eq_ignore_ascii_case(known))
        || note.split_once(':').is_some_and(|(exchange, _)| is_exchange(exchange.trim()))
        || is_parent(note)
        || is_former(note)
        || (is_place(note) || is_state(note)) && ends_in_form(rest);
    is_note.then_some(rest)
}

/// Notes that start with a blank at `at`.
fn behind_blank(name: &str, at: usize) -> Option<&str> {
    let letter = |at: usize| name.as_bytes().get(at).map_or(b' ', u8::to_ascii_lowercase);
    let (before, note) = (&name[..at], &name[at + 1..]);
    match (letter(at + 1), letter(at + 2)) {
        (b'd', b'b' | b'/' | b'.' | b'o') | (b't', b'/' | b'r') => trade_name(note),
        (b'f', b'o' | b'k' | b'/' | b'.') | (b'n', b'/') | (b'p', b'r') if is_former(note) => Some(before),
        (b'-', b' ') => {
            let note = note[2..].trim_start();
            (is_place(note) || is_parent(note) || is_former(note)).then_some(before)
        }
        (b'a' | b'p', _) if letter(at - 1) == b',' => is_parent(note).then_some(before),
        (b't', b'h') if letter(at - 1) == b',' => note.eq_ignore_ascii_case("the").then_some(before),
        _ => None,
    }
}

/// The name behind `dba`, `d/b/a`, `doing business as`, `t/a`, `trading as`: what the company is called.
fn trade_name(note: &str) -> Option<&str> {
    ["dba ", "dba: ", "d/b/a ", "d.b.a. ", "d.b.a ", "doing business as ", "t/a ", "t/as ", "trading as "]
        .iter()
        .find_map(|words| after(note, words))
        .filter(|rest| has_name(rest))
}

/// Whether a text says what the company was called before.
fn is_former(note: &str) -> bool {
    ["formerly ", "fka ", "f/k/a ", "f.k.a. ", "n/k/a ", "previously ", "formally known as "]
        .iter()
        .find_map(|words| after(note, words))
        .is_some_and(has_name)
}

/// `a Nordwind company`, `part of Nordwind Group`, `a division of Nordwind`.
fn is_parent(note: &str) -> bool {
    if after(note, "part of ").is_some_and(has_name) {
        return true;
    }
    let Some(rest) = after(note, "a ").or_else(|| after(note, "an ")) else { return false };
    let ends = |word: &str| {
        rest.len()
            .checked_sub(word.len())
            .and_then(|at| rest.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(word))
    };
    ends(" company")
        || ends(" business")
        || ["division of ", "subsidiary of ", "member of ", "unit of ", "brand of ", "part of "]
            .iter()
            .any(|words| after(rest, words).is_some())
}

/// `Acme NASDAQ: ACME`, with the colon at `at`.
fn without_ticker(name: &str, at: usize) -> Option<&str> {
    let start = name[..at].rfind(' ')?;
    let symbol = name[at + 1..].trim();
    (is_exchange(&name[start + 1..at])
        && !symbol.is_empty()
        && symbol.len() <= 8
        && symbol.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-')))
    .then(|| name[..start].trim_end_matches([' ', '-', ',']))
}

fn after<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(words.len())?;
    start.eq_ignore_ascii_case(words).then_some(rest)
}

/// Stock exchanges by the names that tickers are written with.
fn is_exchange(word: &str) -> bool {
    [
        "NASDAQ",
        "NYSE",
        "NYSEMKT",
        "NYSE American",
        "AMEX",
        "LSE",
        "LON",
        "AIM",
        "TSX",
        "TSXV",
        "TSE",
        "TYO",
        "ASX",
        "NSE",
        "BSE",
        "HKEX",
        "HKSE",
        "HKG",
        "SGX",
        "SSE",
        "SZSE",
        "FRA",
        "ETR",
        "XETRA",
        "EPA",
        "Euronext",
        "AMS",
        "BIT",
        "SIX",
        "SWX",
        "STO",
        "OMX",
        "OSE",
        "JSE",
        "KRX",
        "TWSE",
        "OTC",
        "OTCMKTS",
        "OTCQB",
        "OTCQX",
        "OTCBB",
        "CSE",
        "CVE",
        "BVMF",
        "B3",
        "BMV",
        "Ticker",
        "Symbol",
    ]
    .iter()
    .any(|known| word.eq_ignore_ascii_case(known))
}

/// Postal codes of the United States and of Canadian provinces.
fn is_state(note: &str) -> bool {
    note.len() == 2
        && [
            "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA",
            "KS", "KY", "LA", "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM",
            "NY", "NC", "ND", "OH", "OK", "OR", "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA",
            "WV", "WI", "WY", "PR", "ON", "QC", "BC", "AB", "MB", "SK", "NS", "NB",
        ]
        .iter()
        .any(|known| note.eq_ignore_ascii_case(known))
}

/// Countries and states where lists say that a company of this name sits there.
fn is_place(note: &str) -> bool {
    [
        "USA",
        "US",
        "U.S.",
        "U.S.A.",
        "United States",
        "North America",
        "Americas",
        "UK",
        "U.K.",
        "United Kingdom",
        "England",
        "Ireland",
        "Canada",
        "Mexico",
        "Brazil",
        "Germany",
        "Deutschland",
        "France",
        "Spain",
        "Italy",
        "Netherlands",
        "Belgium",
        "Switzerland",
        "Austria",
        "Poland",
        "Sweden",
        "Norway",
        "Denmark",
        "Finland",
        "India",
        "China",
        "Japan",
        "Singapore",
        "Hong Kong",
        "Malaysia",
        "Australia",
        "New Zealand",
        "South Africa",
        "UAE",
        "EMEA",
        "APAC",
        "Europe",
        "Asia",
        "Delaware",
        "Nevada",
        "California",
        "New York",
        "Texas",
        "Florida",
        "Maryland",
        "Bermuda",
        "Cayman Islands",
        "Ontario",
        "Quebec",
        "British Columbia",
    ]
    .iter()
    .any(|known| note.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_come_off() {
        for (given, wanted) in [
            ("NORDWIND CORP /DE/", "NORDWIND CORP"),
            ("NORDWIND CORP/OH/", "NORDWIND CORP"),
            ("NORDWIND INC /NEW", "NORDWIND INC"),
            ("NORDWIND LIMITED/NV", "NORDWIND LIMITED"),
            ("NORDWIND INC / MA", "NORDWIND INC"),
            ("Nordwind (The)", "Nordwind"),
            ("Nordwind (NYSE: NRD)", "Nordwind"),
            ("Nordwind NASDAQ:NRD", "Nordwind"),
            ("Nordwind (formerly Südwind)", "Nordwind"),
            ("Nordwind, formerly Südwind", "Nordwind,"),
            ("Südwind, a Nordwind company", "Südwind,"),
            ("Südwind (part of Nordwind)", "Südwind"),
            ("Südwind LLC dba Nordwind", "Nordwind"),
            ("Südwind LLC d/b/a Nordwind", "Nordwind"),
            ("Südwind Ltd t/a Nordwind", "Nordwind"),
            ("Nordwind - USA", "Nordwind"),
            ("Nordwind Inc (Delaware)", "Nordwind Inc"),
            ("Nordwind, The", "Nordwind,"),
        ] {
            assert_eq!(without_note(given), Some(wanted), "{given}");
            assert!(may_have_note(given), "{given}");
        }
    }

    #[test]
    fn names_stay() {
        for name in [
            "Nordwind (UK)",
            "Nordwind A/S",
            "Nordwind NV/SA",
            "RE/MAX",
            "Food for All",
            "Stop the Clock",
            "Data/AI",
            "Nordwind - Haus",
            "24/7",
            "N/A",
            "Part of Me",
            "The a",
            "dba Nordwind",
            "A Company",
            "Made in the USA",
        ] {
            assert_eq!(without_note(name), None, "{name}");
        }
    }
}
