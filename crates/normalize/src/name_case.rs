//! Casing of a company name that came in one case only.

use ahash::AHashMap;
use std::borrow::Cow;
use std::sync::LazyLock;

use crate::acronym::{LONGEST_ACRONYM, is_acronym};
use crate::match_key::plain;
use crate::text;

/// How a word is written whatever the rules say.
#[derive(Clone, Copy)]
enum Spelling {
    /// A brand of `data/brands.csv`.
    Brand(&'static str),
    /// `of`, `de`: small unless it starts the name.
    Small,
    /// A short word or an abbreviation that the rule for acronyms would take for one.
    Word,
    /// An acronym that could be a word.
    Acronym,
}

/// Brands and common short words by their letters and digits. Brands are how companies spell themselves where title case would go
/// wrong, read off public lists of companies (SEC filers, stock exchanges, S&P 500, 2026).
static SPELLINGS: LazyLock<Spellings> = LazyLock::new(|| {
    let words = |list: &str, spelling: Spelling| -> Vec<(Box<[u8]>, Spelling)> {
        list.split(' ').map(|word| (word.as_bytes().into(), spelling)).collect()
    };
    let mut known: AHashMap<_, _> = DATA
        .lines()
        .skip(1)
        .map(|brand| (plain(brand).into_bytes().into(), Spelling::Brand(brand)))
        .collect();
    known.extend(words(WORDS, Spelling::Word));
    known.extend(words(ACRONYMS, Spelling::Acronym));
    known.extend(words(SMALL_WORDS, Spelling::Small));
    let mut starts = [0; STARTS];
    for start in known.keys().filter_map(|word| word.first_chunk()) {
        let (place, bit) = start_bit(start);
        starts[place] |= bit;
    }
    Spellings { words: known, starts }
});

struct Spellings {
    words: AHashMap<Box<[u8]>, Spelling>,
    /// Bits of [`start_bit`]: a word starts so.
    starts: [u64; STARTS],
}

const STARTS: usize = 256;

/// A bit of 16,384 for four letters, with its place in words of 64 bits.
fn start_bit(start: &[u8; 4]) -> (usize, u64) {
    let bit = u32::from_le_bytes(*start).wrapping_mul(0x9e37_79b1) >> 18;
    (bit as usize / 64, 1 << (bit % 64))
}

impl Spellings {
    fn get(&self, word: &[u8]) -> Option<Spelling> {
        self.words.get(word).copied()
    }

    /// Whether a name whose first word starts so can be a spelling of several words: nine of ten cannot.
    fn may_start(&self, name: &str) -> bool {
        match name.as_bytes().first_chunk::<4>() {
            Some(start) if start.iter().all(u8::is_ascii_alphanumeric) => {
                let (place, bit) = start_bit(start);
                self.starts[place] & bit != 0
            }
            _ => true,
        }
    }
}

pub(crate) const DATA: &str = include_str!("../data/brands.csv");

const SMALL_WORDS: &str = "of and the for in on at by to de del la du des di da do dos von und et y van der den with les las los og och \
mit or from per della dei zum zur ve dan upon sur";

const ACRONYMS: &str = "us usa uae iii vii viii xii xiii xiv xvi xviii hvac reit api ict ngo";

/// Words of two letters, of English and of names (other pairs of letters are initials), and abbreviations.
const WORDS: &str = "ad ah al am an as bo co dr ed el en ex fe ft go ha he hi ho if il im is jo jr le li lo ma me mi mr ms mt my na ne no oh \
os ox re sa se si so sr st su te un up we wu xi ye yo yu yi fu cie bros mrs ltd inc corp intl mfg svcs dept pkwy blvd cntr assn natl bldg rlty \
grp hldg hlds mgmt nth pvt tech plc mktg ctr ctrs hosp pty cty sdn bhd gmbh rly rwy sys ptrs trst schl jnr snr cert owl debt next hawk bowl \
serv conv perp alps raj zvi dsgn psych lynx aon";

/// Letters and digits of the words of a name. What is longer than any brand needs no look-up.
struct Letters {
    bytes: [u8; Letters::MOST],
    length: usize,
}

impl Letters {
    const MOST: usize = 64;

    fn of(words: &str) -> Letters {
        let mut letters = Letters { bytes: [0; Letters::MOST], length: 0 };
        letters.push(words);
        letters
    }

    fn push(&mut self, words: &str) {
        if words.is_ascii() {
            for c in words.bytes() {
                match c {
                    b'a'..=b'z' | b'0'..=b'9' => self.push_byte(c),
                    b'&' => b"and".iter().for_each(|&c| self.push_byte(c)),
                    b'+' if self.length > 0 => b"plus".iter().for_each(|&c| self.push_byte(c)),
                    _ => {}
                }
            }
        } else {
            plain(words).bytes().for_each(|c| self.push_byte(c));
        }
    }

    fn push_byte(&mut self, c: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = c;
        }
        self.length += 1;
    }

    fn spelling(&self, start: usize) -> Option<Spelling> {
        let word = self.bytes.get(start..self.length).filter(|word| !word.is_empty())?;
        SPELLINGS.get(word)
    }
}

fn spelling_of(word: &str) -> Option<Spelling> {
    if word.bytes().all(|c| c.is_ascii_lowercase()) {
        SPELLINGS.get(word.as_bytes())
    } else {
        Letters::of(word).spelling(0)
    }
}

/// `name` itself where its casing is mixed; else brands, then acronyms, then title case.
pub(crate) fn repair(name: &str) -> Cow<'_, str> {
    let (upper, lower) = cases(name);
    if upper == lower {
        return Cow::Borrowed(name);
    }
    let turned = if upper { initials_first(name) } else { None };
    let mut folded = turned.unwrap_or_else(|| name.to_owned());
    if folded.is_ascii() {
        folded.make_ascii_lowercase();
    } else {
        folded = folded.to_lowercase();
    }
    let mut repaired = String::with_capacity(name.len() + 8);
    let mut rest = folded.as_str();
    if let Some((brand, end)) = leading_brand(&folded) {
        repaired.push_str(brand);
        let Some(behind) = folded[end..].strip_prefix(' ') else { return repaired.into() };
        repaired.push(' ');
        rest = behind;
    }
    let alone = upper && !text::has_byte(&folded, b' ');
    while let Some(end) = rest.bytes().position(|c| c == b' ') {
        push_word(&mut repaired, &rest[..end], alone);
        repaired.push(' ');
        rest = &rest[end + 1..];
    }
    push_word(&mut repaired, rest, alone);
    repaired.into()
}

/// Whether a text has capitals, and small letters.
fn cases(text: &str) -> (bool, bool) {
    let (mut upper, mut lower) = (false, false);
    if text.is_ascii() {
        upper = text.bytes().any(|c| c.is_ascii_uppercase());
        lower = text.bytes().any(|c| c.is_ascii_lowercase());
    } else {
        for c in text.chars() {
            upper |= c.is_uppercase();
            lower |= c.is_lowercase();
        }
    }
    (upper, lower)
}

/// `SMITH A O` is how the SEC files A. O. Smith: the family name in front, two initials behind it.
fn initials_first(name: &str) -> Option<String> {
    // Of most names the second word is longer.
    let behind_family = name.bytes().position(|c| c == b' ')?;
    if name.as_bytes().get(behind_family + 2) != Some(&b' ') {
        return None;
    }
    let mut words = name.splitn(4, ' ');
    let (family, first, second, rest) = (words.next()?, words.next()?, words.next()?, words.next());
    let is_initial = |word: &str| word.len() == 1 && word.bytes().all(|c| c.is_ascii_uppercase());
    if !is_initial(first)
        || !is_initial(second)
        || family.len() < 4
        || !family.bytes().all(|c| c.is_ascii_uppercase())
        || ["AI", "EV", "HR", "IT", "NA", "PR", "TV", "UK", "US"]
            .contains(&format!("{first}{second}").as_str())
    {
        return None;
    }
    let mut turned = format!("{first} {second} {family}");
    if let Some(rest) = rest {
        turned.push(' ');
        turned.push_str(rest);
    }
    Some(turned)
}

/// A brand that is the whole of `folded`, or one with signs in it that starts it, whatever stands between its words: `coca cola
/// bottling`. Gives the end of its last word.
fn leading_brand(folded: &str) -> Option<(&'static str, usize)> {
    if !SPELLINGS.may_start(folded) {
        return None;
    }
    let mut letters = Letters::of("");
    let (mut found, mut start, mut words) = (None, 0, 0);
    while start <= folded.len() && letters.length <= Letters::MOST {
        let end =
            folded.as_bytes()[start..].iter().position(|&c| c == b' ').map_or(folded.len(), |at| start + at);
        letters.push(&folded[start..end]);
        words += 1;
        let is_whole = end == folded.len();
        // `#CMA*CGM` becomes two words, and loses its signs here as `#CMA CGM` does.
        let is_joined = words == 1 && letters.length < end;
        if (is_joined || words > 1 && (is_whole || words <= 3))
            && let Some(Spelling::Brand(brand)) = letters.spelling(0)
            && (words > 1 || brand.contains(' '))
            && (is_whole || !brand.bytes().all(|c| c.is_ascii_alphanumeric()))
        {
            found = Some((brand, end));
        }
        start = end + 1;
    }
    found
}

fn push_word(repaired: &mut String, folded: &str, alone: bool) {
    // A longer word of letters alone is a brand, or no acronym.
    if folded.len() > LONGEST_ACRONYM && folded.bytes().all(|c| c.is_ascii_lowercase()) {
        match SPELLINGS.get(folded.as_bytes()) {
            Some(Spelling::Brand(brand)) => return repaired.push_str(brand),
            None => return push_title(repaired, folded),
            Some(_) => {}
        }
    }
    if push_known(repaired, folded, alone) {
        return;
    }
    if !folded.bytes().any(|c| matches!(c, b'-' | b'/')) {
        return push_title(repaired, folded);
    }
    let mut start = 0;
    while start < folded.len() {
        let end = folded[start..].find(['-', '/']).map_or(folded.len(), |at| start + at + 1);
        let part = &folded[start..end];
        if !push_known(repaired, part, false) {
            push_title(repaired, part);
        }
        start = end;
    }
}

/// A word of the table or an acronym, with the punctuation around it.
fn push_known(repaired: &mut String, folded: &str, alone: bool) -> bool {
    let is_edge = |c: &u8| c.is_ascii_punctuation() && !matches!(c, b'&' | b'+');
    let bytes = folded.as_bytes();
    let Some(first) = bytes.iter().position(|c| !is_edge(c)) else { return false };
    let last = bytes.iter().rposition(|c| !is_edge(c)).map_or(first, |last| last + 1);
    let (before, core, after) = (&folded[..first], &folded[first..last], &folded[last..]);
    let dotted = core.contains('.');
    let mut spelling = spelling_of(core);
    let mut possessive = "";
    if spelling.is_none()
        && let Some(base) = core.strip_suffix("'s")
    {
        spelling = spelling_of(base).filter(|spelling| matches!(spelling, Spelling::Brand(_)));
        possessive = "'s";
    }
    match spelling {
        // `W.W.` is two initials, whatever `WW` is.
        Some(Spelling::Brand(brand)) if !dotted || brand.contains('.') => {
            repaired.push_str(before);
            repaired.push_str(brand);
            repaired.push_str(possessive);
            let said = after.chars().next().is_some_and(|c| brand.ends_with(c));
            repaired.push_str(&after[usize::from(said)..]);
            true
        }
        Some(Spelling::Small) if !repaired.is_empty() && before.is_empty() && !dotted => {
            repaired.push_str(folded);
            true
        }
        Some(Spelling::Small | Spelling::Word) if !dotted && !alone => false,
        Some(Spelling::Acronym) if !dotted => push_upper(repaired, folded),
        _ if is_acronym(core, alone) => push_upper(repaired, folded),
        // The dots of `A.B.` belong to it.
        _ if after.starts_with('.') && dotted && is_acronym(&folded[first..=last], alone) => {
            push_upper(repaired, folded)
        }
        _ => false,
    }
}

fn push_upper(repaired: &mut String, folded: &str) -> bool {
    repaired.extend(folded.chars().map(|c| c.to_ascii_uppercase()));
    true
}

fn push_title(repaired: &mut String, folded: &str) {
    if !folded.starts_with("mc") && folded.bytes().all(|c| c.is_ascii_lowercase()) {
        let start = repaired.len();
        repaired.push_str(folded);
        return repaired[start..].get_mut(..1).into_iter().for_each(str::make_ascii_uppercase);
    }
    let mut starts = true;
    let mut letters_before = 0;
    let mut chars = folded.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_alphabetic() {
            if starts {
                repaired.extend(title(c));
            } else {
                repaired.push(c);
            }
            letters_before += 1;
            starts = repaired.ends_with("Mc")
                && letters_before == 2
                && chars.peek().is_some_and(|c| c.is_alphabetic());
        } else {
            repaired.push(c);
            // `McDonald's` but `O'Reilly` and `L'Oréal`: an apostrophe starts a word behind one letter only.
            starts = match c {
                '\'' | '’' => letters_before == 1,
                '.' => letters_before <= 1 || is_top_level(chars.clone()),
                '0'..='9' => letters_before == 0 && starts && !is_ordinal(chars.clone()),
                _ => !unicode_normalization::char::is_combining_mark(c),
            };
            // `Acme.com`: what stands behind the dot of a domain stays small.
            if c == '.' && is_top_level(chars.clone()) {
                starts = false;
            }
            letters_before = 0;
        }
    }
}

/// Whether `st`, `nd`, `rd` or `th` is the rest of a word: `1st`.
fn is_ordinal(mut rest: impl Iterator<Item = char>) -> bool {
    matches!(
        (rest.next(), rest.next()),
        (Some('s'), Some('t')) | (Some('n' | 'r'), Some('d')) | (Some('t'), Some('h'))
    ) && !rest.next().is_some_and(char::is_alphabetic)
}

/// Whether the rest of a word is the end of a domain as names have it.
fn is_top_level(rest: impl Iterator<Item = char>) -> bool {
    let mut end = [0_u8; 4];
    let mut length = 0;
    for c in rest {
        if length == end.len() || !c.is_ascii_alphanumeric() {
            return false;
        }
        end[length] = c as u8;
        length += 1;
    }
    matches!(
        &end[..length],
        b"com" | b"net" | b"org" | b"io" | b"ai" | b"co" | b"de" | b"info" | b"biz" | b"app"
    )
}

/// Letters with no single upper-case form (`ß`, `ŉ`) stay as they are: spelling them out would not be a fixed point.
fn title(c: char) -> impl Iterator<Item = char> {
    let mut upper = c.to_uppercase();
    let one = if upper.len() == 1 { upper.next() } else { None };
    std::iter::once(one.unwrap_or(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brands_are_sorted_and_distinct() {
        let rows: Vec<&str> = DATA.lines().skip(1).collect();
        for pair in rows.windows(2) {
            let order = |row: &str| (row.to_lowercase(), row.to_owned());
            assert!(order(pair[0]) < order(pair[1]), "{pair:?}");
        }
        let keys: std::collections::BTreeSet<_> = rows.iter().map(|row| plain(row)).collect();
        assert_eq!(keys.len(), rows.len());
        assert!(keys.iter().all(|key| key.len() <= Letters::MOST));
    }

    #[test]
    fn no_brand_is_a_small_word_or_a_legal_form() {
        for word in [SMALL_WORDS, WORDS, ACRONYMS].iter().flat_map(|words| words.split(' ')) {
            assert!(!matches!(SPELLINGS.get(word.as_bytes()), Some(Spelling::Brand(_)) | None), "{word}");
        }
        let brands =
            SPELLINGS.words.values().filter(|spelling| matches!(spelling, Spelling::Brand(_))).count();
        assert_eq!(brands, DATA.lines().count() - 1);
        for brand in DATA.lines().skip(1) {
            assert_eq!(crate::clean_company_name(brand).value().unwrap().display, brand);
            assert_eq!(repair(brand), brand);
            assert_eq!(repair(&brand.to_uppercase()), brand);
        }
    }

    #[test]
    fn repairs_only_one_case() {
        for (raw, wanted) in [
            ("ACME WIDGETS", "Acme Widgets"),
            ("ibm", "IBM"),
            ("MCDONALDS", "McDonald's"),
            ("O'REILLY MEDIA", "O'Reilly Media"),
            ("COCA COLA BOTTLING", "Coca-Cola Bottling"),
            ("BANK OF AMERICA", "Bank of America"),
            ("deVere Group", "deVere Group"),
            ("BMW'S GARAGE", "BMW's Garage"),
            ("3m", "3M"),
            ("#}CMA*CGM", "CMA CGM"),
            ("(CMA*CGM) IBM", "CMA CGM IBM"),
            ("ACME (UK) BANK", "Acme (UK) Bank"),
            ("SMITH A O", "A. O. Smith"),
            ("BERGER W X TOOLS", "W X Berger Tools"),
            ("acme.com", "Acme.com"),
            ("1ST SOURCE", "1st Source"),
            ("STRATFORD-UPON-AVON", "Stratford-upon-Avon"),
            ("J.P. MORGAN", "J.P. Morgan"),
            ("IBM-ACME", "IBM-Acme"),
        ] {
            assert_eq!(repair(raw), wanted);
            assert_eq!(repair(wanted), wanted);
        }
    }
}
