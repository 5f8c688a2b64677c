//! Which words of a name are given, which are the family's.

use std::ops::Range;

use super::case;
use super::split::PersonName;
use super::words::{Entry, When};

/// A word of a name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<'a> {
    pub text: &'a str,
    pub entry: Option<&'static Entry>,
}

impl Word<'_> {
    fn particle(&self) -> Option<When> {
        self.entry.and_then(|entry| entry.particle)
    }

    fn surname(&self) -> Option<When> {
        self.entry.and_then(|entry| entry.surname)
    }

    fn is_small(&self) -> bool {
        self.text.chars().next().is_some_and(char::is_lowercase)
    }
}

/// What is known of the order.
#[derive(Debug, Clone, Copy)]
pub(super) enum Layout {
    /// Nothing: as people write names.
    AsWritten,
    /// The words from here on are the family's, with its particles.
    FamilyFrom(usize),
    /// So many words are the given name, so many the middle name, the others the family's.
    Columns(usize, usize),
}

pub(super) struct Arranged {
    pub name: PersonName,
    pub rule: &'static str,
    pub percent: u8,
}

/// The parts of the name that `words` are.
pub(super) fn arrange(
    words: &[Word<'_>],
    layout: Layout,
    suffix: Option<&str>,
) -> Result<Arranged, &'static str> {
    let letters = |word: &Word<'_>| word.text.chars().filter(|c| c.is_alphabetic()).count();
    let is_whole = words.iter().all(|word| word.text.chars().any(is_undivided));
    if !is_whole && !words.iter().any(|word| letters(word) > 1) {
        return Err("no_name");
    }
    let plan = plan(words, layout, is_whole);
    let count = words.len();
    let one_case = match layout {
        Layout::AsWritten if count == 1 => false,
        Layout::Columns(..) => true,
        _ => case::is_one_case(words.iter().map(|word| word.text)),
    };
    let mut display = String::with_capacity(words.iter().map(|word| word.text.len() + 1).sum::<usize>() + 4);
    let mut places = [(0, 0); 24];
    for (at, word) in words.iter().enumerate() {
        if at > 0 {
            display.push(' ');
        }
        let start = display.len();
        let repairs = match layout {
            Layout::Columns(given, middle) => {
                let column = match at {
                    at if at < given => &words[..given],
                    at if at < given + middle => &words[given..given + middle],
                    _ => &words[given + middle..],
                };
                case::is_one_case(column.iter().map(|word| word.text)) && !is_initials(word.text)
            }
            _ => one_case,
        };
        match repairs {
            true if plan.small.contains(&at) && is_written_small(word) => {
                case::push_lower(&mut display, word.text)
            }
            true if at == 0 && count > 1 && is_initials(word.text) => {
                display.push_str(&word.text.to_ascii_uppercase());
            }
            true => case::push_name(&mut display, word.text),
            false => display.push_str(word.text),
        }
        if let Some(place) = places.get_mut(at) {
            *place = (start, display.len());
        }
    }
    let part = |range: &Range<usize>| {
        (!range.is_empty() && range.end <= places.len())
            .then(|| display[places[range.start].0..places[range.end - 1].1].to_owned())
    };
    let mut name = PersonName {
        given: part(&plan.given),
        middle: part(&plan.middle),
        particle: part(&plan.particle),
        family: part(&plan.family),
        suffix: suffix.map(str::to_owned),
        ..PersonName::default()
    };
    if let Some(suffix) = suffix {
        display.push(' ');
        display.push_str(suffix);
    }
    name.display = display;
    Ok(Arranged { name, rule: plan.rule, percent: plan.percent })
}

/// Ranges of words.
struct Plan {
    given: Range<usize>,
    middle: Range<usize>,
    particle: Range<usize>,
    family: Range<usize>,
    /// Where particles are written in small letters.
    small: Range<usize>,
    rule: &'static str,
    percent: u8,
}

fn plan(words: &[Word<'_>], layout: Layout, is_whole: bool) -> Plan {
    let count = words.len();
    let none = || Plan {
        given: 0..0,
        middle: 0..0,
        particle: 0..0,
        family: 0..0,
        small: 0..0,
        rule: "one_word",
        percent: 70,
    };
    match layout {
        Layout::Columns(given, middle) => {
            let from = given + middle;
            let family = from + particles_at(words, from);
            let rule = "parts";
            let percent = if given > 0 && from < count { 95 } else { 70 };
            Plan {
                given: 0..given,
                middle: given..from,
                particle: from..family,
                family: family..count,
                small: from..count,
                rule,
                percent,
            }
        }
        _ if is_whole && count == 2 && !words.iter().all(|word| word.text.chars().all(is_katakana)) => {
            let (family, given) = match layout {
                Layout::FamilyFrom(_) => (1..2, 0..1),
                _ => (0..1, 1..2),
            };
            Plan { given, family, rule: "family_first", percent: 85, ..none() }
        }
        _ if is_whole => Plan { rule: "undivided", percent: 80, ..none() },
        Layout::FamilyFrom(from) => {
            let family = from + particles_at(words, from);
            let before = particles_before(words, from, false);
            let given = 0..before.min(if before > 1 && is_bound(words[0].text) { 2 } else { 1 });
            Plan {
                middle: given.end..before,
                given,
                particle: before..family,
                family: family..count,
                small: 1..count - 1,
                rule: "last_first",
                percent: 95,
            }
        }
        Layout::AsWritten if count == 1 => none(),
        Layout::AsWritten => as_written(words),
    }
}

fn as_written(words: &[Word<'_>]) -> Plan {
    let count = words.len();
    let last = count - 1;
    let is_vietnamese = |at: usize| words[at].surname() == Some(When::Vietnamese);
    if is_vietnamese(0) && !is_vietnamese(last) {
        return Plan {
            given: last..count,
            middle: 1..last,
            particle: 0..0,
            family: 0..1,
            small: 0..0,
            rule: "family_first",
            percent: 75,
        };
    }
    // `DUPONT Jean`: the family name may be the one in capitals, in French, or the name that somebody shouted.
    let is_shouted = |word: &Word<'_>| {
        word.text.chars().count() > 3 && !word.text.chars().any(|c| c.is_lowercase() || c == '.')
    };
    if is_shouted(&words[0]) && words[1..].iter().all(|word| word.text.chars().any(char::is_lowercase)) {
        return Plan {
            given: 0..0,
            middle: 0..0,
            particle: 0..0,
            family: 0..0,
            small: 0..0,
            rule: "order_unknown",
            percent: 50,
        };
    }
    let one_case = case::is_one_case(words.iter().map(|word| word.text));
    // `de la Cruz`, `von Humboldt`: a family name with nothing before it.
    let leading = words.iter().take_while(|word| word.particle().is_some_and(is_leading)).count();
    let leads =
        if one_case { leading > 1 || words[0].particle() == Some(When::Leads) } else { words[0].is_small() };
    if leading > 0 && leading < count && leads {
        return Plan {
            given: 0..0,
            middle: 0..0,
            particle: 0..leading,
            family: leading..count,
            small: 0..last,
            rule: "family_only",
            percent: 80,
        };
    }
    let mut family = last;
    let joins = |at: usize| {
        words[at].particle() == Some(When::Joins)
            && (one_case && words[at].text.eq_ignore_ascii_case("y") || words[at].is_small())
    };
    let is_iberian = |at: usize| words[at].surname() == Some(When::Iberian);
    if count > 3 && joins(last - 1) {
        family = last - 2;
    } else if count > 2 && (is_iberian(last) && is_iberian(last - 1)) {
        family = last - 1;
    } else {
        while family > 1 && words[family - 1].particle() == Some(When::Head) {
            family -= 1;
        }
    }
    let particle = if is_vietnamese(last) { family } else { particles_before(words, family, one_case) };
    let small = if is_vietnamese(last) { 0..0 } else { 1..last };
    let given = if particle > 1 && is_bound(words[0].text) { 2 } else { 1 };
    Plan {
        given: 0..given,
        middle: given..particle,
        particle: particle..family,
        family: family..count,
        small,
        rule: "given_family",
        percent: 90,
    }
}

/// `Abdul Rahman`: half of a given name.
fn is_bound(word: &str) -> bool {
    ["abdul", "abdel", "abd", "abu", "umm"].iter().any(|bound| word.eq_ignore_ascii_case(bound))
}

fn is_leading(when: When) -> bool {
    matches!(when, When::Any | When::Leads)
}

/// How many words from `from` on are particles before the family name.
fn particles_at(words: &[Word<'_>], from: usize) -> usize {
    let is_particle = |word: &Word<'_>| match word.particle() {
        Some(When::Any | When::Leads | When::Kept) => true,
        Some(When::Lower) => word.is_small(),
        _ => false,
    };
    let run = words[from.min(words.len())..].iter().take_while(|word| is_particle(word)).count();
    if from + run < words.len() { run } else { 0 }
}

/// Where the particles before the family name at `family` begin; the first word is none.
fn particles_before(words: &[Word<'_>], family: usize, one_case: bool) -> usize {
    let mut start = family;
    while start > 1 {
        let word = &words[start - 1];
        let is_particle = match word.particle() {
            Some(When::Any | When::Leads | When::Kept) => true,
            Some(When::Lower) => !one_case && word.is_small(),
            _ => false,
        };
        if !is_particle {
            break;
        }
        start -= 1;
    }
    start
}

fn is_written_small(word: &Word<'_>) -> bool {
    match word.particle() {
        Some(When::Any | When::Leads) => true,
        Some(When::Joins) => word.text.eq_ignore_ascii_case("y") || word.is_small(),
        Some(When::Lower) => word.is_small(),
        _ => false,
    }
}

/// `JR`, `TJ`: two consonants, which no given name is.
fn is_initials(word: &str) -> bool {
    let is_consonant = |c: &u8| c.is_ascii_alphabetic() && !b"aeiouyAEIOUY".contains(c);
    matches!(word.as_bytes(), [a, b] if is_consonant(a) && is_consonant(b))
        && !word.eq_ignore_ascii_case("ng")
}

/// Letters of scripts that are written without blanks between family and given name.
fn is_undivided(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{2fa1f}')
}

fn is_katakana(c: char) -> bool {
    matches!(c, '\u{30a0}'..='\u{30ff}')
}
