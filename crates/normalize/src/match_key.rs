//! The match key of a company name: what two spellings of one company have in common.

use crate::text;

/// Letters and digits of `display`, folded, without accents, `&` as `and`, without an article in front and without the words at
/// the end that come and go: `The Coca-Cola Company` and `COCA COLA CO` are equal. Never empty where `display` has a letter.
///
/// Endings beyond legal forms (`Group`, `Holdings`, `.com`) join 8 pairs of the 7,864 names that file with the SEC, and are what
/// one source of two leaves out in one of twenty names.
pub(crate) fn key_of(display: &str) -> String {
    if display.is_ascii() {
        return Words::read(display.bytes().map(|c| char::from(c.to_ascii_lowercase()))).key();
    }
    let key = Words::read(text::fold_accents(display).chars()).key();
    // Marks that signs kept apart stand side by side now, and have an order.
    text::nfc(key)
}

/// Letters and digits of `words`, folded as in a key, and every word kept.
pub(crate) fn plain(words: &str) -> String {
    let mut plain = String::with_capacity(words.len() + 4);
    if words.is_ascii() {
        words.bytes().for_each(|c| push(&mut plain, char::from(c.to_ascii_lowercase())));
    } else {
        text::fold_accents(words).chars().for_each(|c| push(&mut plain, c));
    }
    plain
}

const REMEMBERED: usize = 8;

/// Words run together, with the places where the last few start.
struct Words {
    text: String,
    starts: [usize; REMEMBERED],
    count: usize,
    starts_with_the: bool,
    /// Where `.com` starts that ends the last word.
    dot_com: Option<usize>,
}

impl Words {
    fn read(folded: impl Iterator<Item = char>) -> Words {
        let mut words = Words {
            text: String::with_capacity(40),
            starts: [0; REMEMBERED],
            count: 0,
            starts_with_the: false,
            dot_com: None,
        };
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

    fn end(&mut self, start: usize, dot: Option<usize>) {
        if self.text.len() == start {
            return;
        }
        if let Some(whole) = spelled_out(&self.text[start..]) {
            self.text.truncate(start);
            self.text.push_str(whole);
        }
        self.starts_with_the |= self.count == 0 && self.text == "the";
        self.starts[self.count % REMEMBERED] = start;
        self.count += 1;
        self.dot_com = dot.filter(|&at| at > start + 1 && self.text.get(at..) == Some("com"));
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
            let before = self.start(1).map_or("", |at| &self.text[at..start]);
            let is_company = matches!(last, "co" | "company");
            let cut = match before {
                "and" if is_company => self.start(1).filter(|&at| at > article),
                "and" | "und" | "et" | "y" | "of" | "the" | "de" | "dot" => None,
                _ if is_company || matches!(last, "group" | "holding" | "holdings" | "com") => Some(start),
                _ => None,
            };
            let Some(cut) = cut else { break };
            self.count -= if cut == start { 1 } else { 2 };
            self.text.truncate(cut);
        }
        if article > 0 {
            self.text.drain(..article);
        }
        self.text
    }
}

fn push(text: &mut String, c: char) {
    match c {
        'a'..='z' | '0'..='9' => text.push(c),
        '&' => text.push_str("and"),
        '+' if !text.is_empty() => text.push_str("plus"),
        // A mark of Indic and other scripts is a letter to its readers.
        c if !c.is_ascii() && (c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)) => {
            text.push(c);
        }
        _ => {}
    }
}

/// Abbreviations that stand for one word only.
fn spelled_out(word: &str) -> Option<&'static str> {
    Some(match word {
        "bros" => "brothers",
        "corp" => "corporation",
        "intl" => "international",
        "mfg" => "manufacturing",
        "mgmt" => "management",
        "natl" => "national",
        "svcs" => "services",
        "univ" => "university",
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
