use crate::text;
use std::borrow::Cow;
use unicode_normalization::char::is_combining_mark;

/// What the name of a place is compared by: no case, accents or punctuation, words apart by one blank, `&` as `and`, and `st`, `ste`, `mt`
/// and `ft` written out where a word follows, so that `St. Louis` and `SAINT LOUIS` are equal.
///
/// The tables of places hold keys; `scripts/gazetteer/build.py` makes them the same way.
pub(super) fn key(name: &str) -> String {
    let folded = if name.is_ascii() { Cow::Borrowed(name) } else { text::fold_accents(name) };
    let mut words = String::with_capacity(folded.len() + 8);
    // Letters since the last dot or blank: the dots of an initialism join it, any other dot ends a word.
    let mut letters = 0;
    for c in folded.chars() {
        match c {
            'a'..='z' | '0'..='9' => push(&mut words, &mut letters, c),
            'A'..='Z' => push(&mut words, &mut letters, c.to_ascii_lowercase()),
            '\'' | '`' => {}
            '.' => {
                if letters != 1 {
                    blank(&mut words);
                }
                letters = 0;
            }
            '&' => {
                blank(&mut words);
                words.push_str("and ");
                letters = 0;
            }
            c if !c.is_ascii() && (c.is_alphanumeric() || is_combining_mark(c)) => {
                push(&mut words, &mut letters, c);
            }
            _ => {
                blank(&mut words);
                letters = 0;
            }
        }
    }
    if words.ends_with(' ') {
        words.pop();
    }
    if may_be_short(&words) { written_out(&words) } else { words }
}

fn push(words: &mut String, letters: &mut u32, c: char) {
    words.push(c);
    *letters += 1;
}

fn blank(words: &mut String) {
    if !words.is_empty() && !words.ends_with(' ') {
        words.push(' ');
    }
}

fn may_be_short(words: &str) -> bool {
    words.as_bytes().windows(2).any(|pair| pair == b"t " || pair == b"e ")
}

fn written_out(words: &str) -> String {
    let mut full = String::with_capacity(words.len() + 8);
    let mut rest = words.split(' ').peekable();
    while let Some(word) = rest.next() {
        let last = rest.peek().is_none();
        full.push_str(match word {
            "st" if !last => "saint",
            "ste" if !last => "sainte",
            "mt" if !last => "mount",
            "ft" if !last => "fort",
            word => word,
        });
        if !last {
            full.push(' ');
        }
    }
    full
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        assert_eq!(key("St. Louis"), "saint louis");
        assert_eq!(key("Washington, D.C."), "washington dc");
        assert_eq!(key("U.S.A."), "usa");
        assert_eq!(key("Côte d’Ivoire"), "cote divoire");
        assert_eq!(key("Trinidad & Tobago"), "trinidad and tobago");
        assert_eq!(key(" Dallas–Fort  Worth "), "dallas fort worth");
        assert_eq!(key("Halle (Saale)"), "halle saale");
        assert_eq!(key("東京都"), "東京都");
    }

    #[cfg(feature = "gazetteer")]
    #[test]
    fn every_place_is_found_by_its_own_name() {
        let mut lost: Vec<_> = firmograph_gazetteer::all()
            .filter(|place| {
                !firmograph_gazetteer::find(&key(place.name()))
                    .any(|found| !found.is_alternate && found.place == *place)
            })
            .map(|place| place.name())
            .collect();
        lost.truncate(20);
        assert!(lost.is_empty(), "{lost:?}");
    }
}
