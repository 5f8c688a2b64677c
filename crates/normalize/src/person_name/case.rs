//! Casing of a name that came in one case only.

use super::words::{When, entry};

/// Whether `words` have letters of one case only, so that their casing says nothing.
pub(super) fn is_one_case<'a>(words: impl Iterator<Item = &'a str>) -> bool {
    let (mut upper, mut lower) = (false, false);
    for c in words.flat_map(str::chars) {
        if c.is_ascii() {
            upper |= c.is_ascii_uppercase();
            lower |= c.is_ascii_lowercase();
        } else {
            upper |= c.is_uppercase();
            lower |= c.is_lowercase();
        }
    }
    upper != lower
}

/// Appends `word` in lower case; letters whose small form is longer stay.
pub(super) fn push_lower(text: &mut String, word: &str) {
    text.extend(word.chars().map(|c| one(c, c.to_lowercase())));
}

/// Appends `word` as a name is written: a capital at the start, behind hyphens, dots and the apostrophe of `O'` and `D'`, and behind
/// `Mc`. `Mac` is followed by a capital in the names that the table knows: `MacDonald`, but `Macey` and `Machado`.
pub(super) fn push_name(text: &mut String, word: &str) {
    for (place, part) in word.split('-').enumerate() {
        if place > 0 {
            text.push('-');
        }
        // `Fatima al-Fihri`: the article keeps its small letter before a hyphen.
        if place == 0 && part.eq_ignore_ascii_case("al") && word.len() > 3 {
            text.push_str("al");
        } else {
            push_part(text, part);
        }
    }
}

fn push_part(text: &mut String, part: &str) {
    let gaelic = match part.as_bytes() {
        [b'M' | b'm', b'C' | b'c', rest @ ..] if rest.len() >= 2 => 2,
        [b'M' | b'm', b'A' | b'a', b'C' | b'c', ..]
            if entry(part).is_some_and(|entry| entry.surname == Some(When::Mac)) =>
        {
            3
        }
        _ => 0,
    };
    let mut starts = true;
    let mut letters = 0;
    for (at, c) in part.char_indices() {
        if c.is_alphabetic() {
            let is_capital = starts || gaelic > 0 && at == gaelic;
            text.push(if is_capital { one(c, c.to_uppercase()) } else { one(c, c.to_lowercase()) });
            letters += 1;
            starts = false;
        } else {
            text.push(c);
            starts = match c {
                '\'' | '’' | 'ʼ' | '‘' => {
                    letters == 1 && at < 4 && part.len() - at > 2 || is_italian_article(&part[..at])
                }
                '.' => true,
                c => starts && !unicode_normalization::char::is_combining_mark(c),
            };
            letters = 0;
        }
    }
}

/// `dell'Acqua`, `Dall'Aglio`.
fn is_italian_article(part: &str) -> bool {
    ["dell", "dall", "nell", "sant"].iter().any(|article| part.eq_ignore_ascii_case(article))
}

/// The one letter that `changed` is, or `c`: names never grow (`ß`, `ŉ`), so that a name is a fixed point.
fn one(c: char, mut changed: impl ExactSizeIterator<Item = char>) -> char {
    if changed.len() == 1 { changed.next().unwrap_or(c) } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_names() {
        for (raw, wanted) in [
            ("MARY-ANN", "Mary-Ann"),
            ("o'brien", "O'Brien"),
            ("D’ANGELO", "D’Angelo"),
            ("MCDONALD", "McDonald"),
            ("macdonald", "MacDonald"),
            ("MACHADO", "Machado"),
            ("j.r.r.", "J.R.R."),
            ("AL-RASHID", "al-Rashid"),
            ("dell'acqua", "Dell'Acqua"),
            ("ÉMILE", "Émile"),
        ] {
            let mut text = String::new();
            push_name(&mut text, raw);
            assert_eq!(text, wanted);
        }
    }
}
