//! The match key of a company name: what two spellings of one company have in common.

use crate::text;

/// Letters and digits of `display`, folded, without accents, `&` as `and`, without an article in front and without the words at
/// the end that come and go: `The Coca-Cola Company` and `COCA COLA CO` are equal. Never empty where `display` has a letter.
///
/// Endings beyond legal forms are what one source of two leaves out. Leaving out `Group` and `Holdings` joined 8 groups of the 7,864 names
/// that file with the SEC, some of them of different companies; what `.com` and `& Co` join was not counted.
pub(crate) fn key_of(display: &str) -> String {
    if display.is_ascii() {
        return Words::read_ascii(display).key();
    }
    let key = Words::read(text::fold_accents(display).chars()).key();
    // Marks that signs kept apart stand side by side now, and have an order.
    text::nfc(key)
}

/// Letters and digits of `words`, folded as in a key, and every word kept.
pub(crate) fn plain(words: &str) -> String {
    let mut plain = Vec::with_capacity(words.len() + 4);
    if words.is_ascii() {
        words.bytes().for_each(|c| push_ascii(&mut plain, c.to_ascii_lowercase()));
    } else {
        text::fold_accents(words).chars().for_each(|c| push(&mut plain, c));
    }
    String::from_utf8(plain).unwrap_or_default()
}

/// ASCII letters, small, and digits; 0 for every other byte.
static LETTERS: [u8; 256] = {
    let mut letters = [0; 256];
    let mut c = 0;
    while c < 128_u8 {
        if c.is_ascii_alphanumeric() {
            letters[c as usize] = c.to_ascii_lowercase();
        }
        c += 1;
    }
    letters
};

const REMEMBERED: usize = 8;

/// Words run together, with the places where the last few start.
struct Words {
    /// UTF-8.
    text: Vec<u8>,
    starts: [usize; REMEMBERED],
    count: usize,
    starts_with_the: bool,
    /// Where `.com` starts that ends the last word.
    dot_com: Option<usize>,
}

impl Words {
    fn with_capacity(bytes: usize) -> Words {
        Words {
            text: Vec::with_capacity(bytes),
            starts: [0; REMEMBERED],
            count: 0,
            starts_with_the: false,
            dot_com: None,
        }
    }

    fn read(folded: impl Iterator<Item = char>) -> Words {
        let mut words = Words::with_capacity(40);
        let (mut start, mut dot) = (0, None);
        for c in folded {
            match c {
                ' ' | ',' => {
                    words.end(start, dot.take());
                    start = words.text.len();
                }
                '.' => dot = Some(words.text.len()),
                c => push(&mut words.text, c),
            }
        }
        words.end(start, dot);
        words
    }

    fn read_ascii(display: &str) -> Words {
        // A sign becomes three letters, an abbreviation thirteen.
        let mut words = Words::with_capacity(display.len() + 10);
        let (mut start, mut dot) = (0, None);
        let mut rest = display.as_bytes();
        loop {
            let letters = rest.iter().position(|&c| LETTERS[usize::from(c)] == 0).unwrap_or(rest.len());
            let (run, behind) = rest.split_at(letters);
            words.text.extend(run.iter().map(|&c| LETTERS[usize::from(c)]));
            let Some((&c, behind)) = behind.split_first() else { break };
            match c {
                b' ' | b',' => {
                    words.end(start, dot.take());
                    start = words.text.len();
                }
                b'.' => dot = Some(words.text.len()),
                c => push_ascii(&mut words.text, c),
            }
            rest = behind;
        }
        words.end(start, dot);
        words
    }

    #[inline]
    fn end(&mut self, start: usize, dot: Option<usize>) {
        if self.text.len() == start {
            return;
        }
        // Most words are longer than any of those.
        if matches!(self.text.len() - start, 3 | 4)
            && let Some(whole) = spelled_out(&self.text[start..])
        {
            self.text.truncate(start);
            self.text.extend_from_slice(whole);
        }
        self.starts_with_the |= self.count == 0 && self.text == b"the";
        self.starts[self.count % REMEMBERED] = start;
        self.count += 1;
        self.dot_com = dot.filter(|&at| at > start + 1 && self.text.get(at..) == Some(b"com"));
    }

    /// The start of the word `back` before the last.
    fn start(&self, back: usize) -> Option<usize> {
        (back < self.count.min(REMEMBERED)).then(|| self.starts[(self.count - 1 - back) % REMEMBERED])
    }

    fn key(mut self) -> String {
        let article = if self.starts_with_the && self.count > 1 { 3 } else { 0 };
        if let Some(at) = self.dot_com {
            self.text.truncate(at);
        }
        while let Some(start) = self.start(0).filter(|&start| start > article) {
            let last = &self.text[start..];
            let before = self.start(1).map_or(&b""[..], |at| &self.text[at..start]);
            let is_company = matches!(last, b"co" | b"company");
            let cut = match before {
                b"and" if is_company => self.start(1).filter(|&at| at > article),
                b"and" | b"und" | b"et" | b"y" | b"of" | b"the" | b"de" | b"dot" => None,
                _ if is_company || matches!(last, b"group" | b"holding" | b"holdings" | b"com") => {
                    Some(start)
                }
                _ => None,
            };
            let Some(cut) = cut else { break };
            self.count -= if cut == start { 1 } else { 2 };
            self.text.truncate(cut);
        }
        if article > 0 {
            self.text.drain(..article);
        }
        String::from_utf8(self.text).unwrap_or_default()
    }
}

fn push(text: &mut Vec<u8>, c: char) {
    if let Ok(c) = u8::try_from(c)
        && c.is_ascii()
    {
        push_ascii(text, c);
    } else if c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c) {
        // A mark of Indic and other scripts is a letter to its readers.
        text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
}

fn push_ascii(text: &mut Vec<u8>, c: u8) {
    match c {
        b'a'..=b'z' | b'0'..=b'9' => text.push(c),
        b'&' => text.extend_from_slice(b"and"),
        b'+' if !text.is_empty() => text.extend_from_slice(b"plus"),
        _ => {}
    }
}

/// Abbreviations that stand for one word only.
fn spelled_out(word: &[u8]) -> Option<&'static [u8]> {
    Some(match word {
        b"bros" => b"brothers",
        b"corp" => b"corporation",
        b"intl" => b"international",
        b"mfg" => b"manufacturing",
        b"mgmt" => b"management",
        b"natl" => b"national",
        b"svcs" => b"services",
        b"univ" => b"university",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_company_are_equal() {
        for (one, other) in [
            ("The Coca-Cola Company", "COCA COLA CO"),
            ("Marks & Spencer", "Marks and Spencer"),
            ("Eli Lilly and Company", "Eli Lilly"),
            ("Becton, Dickinson & Co.", "Becton Dickinson"),
            ("Amazon.com", "AMAZON COM"),
            ("Leidos Holdings", "leidos"),
            ("Altria Group", "Altria"),
            ("Packaging Corp of America", "Packaging Corporation of America"),
            ("Nestlé", "NESTLE"),
            ("O'Reilly Media", "OReilly Media"),
        ] {
            assert_eq!(key_of(one), key_of(other), "{one} {other}");
        }
    }

    #[test]
    fn different_companies_differ() {
        for (one, other) in [
            ("Delta Air Lines", "Delta Dental"),
            ("Bain & Company", "Bain Capital"),
            ("C++", "C"),
            ("Ford Motor Company", "Ford Foundation"),
            ("Theranos", "Ranos"),
            ("Bank of the Company", "Bank"),
        ] {
            assert_ne!(key_of(one), key_of(other), "{one} {other}");
        }
    }

    #[test]
    fn a_key_is_never_empty() {
        for name in [
            "The",
            "The Co",
            "The Group",
            "Co",
            "The Company",
            "Holdings Group",
            "And Co",
            "& Co.",
            ".com",
            "a.com",
            "Group.com",
        ] {
            assert!(!key_of(name).is_empty(), "{name}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_name_with_letters_has_a_key(name in "(The |the )?([A-Za-z&+.,']{0,5} ){0,9}(CO|Co\\.|Company|& Co|Group|and|.com)?( Holdings)?") {
            prop_assert_eq!(key_of(&name).is_empty(), plain(&name).is_empty());
        }
    }
}
