//! Legal forms and how they stand in a name.

use ahash::{AHashMap, AHashSet};
use std::sync::LazyLock;

use crate::company_name::trim_edges;
use crate::text;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    pub(crate) name: &'static str,
    pub(crate) country: Option<&'static str>,
}

pub(crate) const DATA: &str = include_str!("../data/legal_forms.csv");

struct Forms {
    by_key: AHashMap<Box<str>, Form>,
    /// Folded last word of every form with the most words of a form that ends so. Most names end in another word and need no
    /// further look.
    ends: AHashMap<Box<str>, usize>,
    /// Bit n of a letter: a last word of n bytes starts with it.
    lengths: [u32; 128],
    /// Forms of scripts without blanks, longest first.
    unspaced: Vec<Form>,
    /// Folded first word of every form that stands in front.
    starts: AHashSet<Box<str>>,
    /// As `lengths`, of first words.
    start_lengths: [u32; 128],
    prefixes: AHashSet<Box<str>>,
}

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    let mut forms = Forms {
        by_key: AHashMap::new(),
        ends: AHashMap::new(),
        lengths: [0; 128],
        unspaced: Vec::new(),
        starts: AHashSet::new(),
        start_lengths: [0; 128],
        prefixes: AHashSet::new(),
    };
    for line in DATA.lines().skip(1) {
        let Some((name, country)) = line.rsplit_once(',') else { continue };
        let form = Form { name, country: (!country.is_empty()).then_some(country) };
        let whole = folded(name);
        let words = name.split(' ').count();
        forms.add_end(&folded(name.rsplit(' ').next().unwrap_or(name)), words);
        if name.contains(is_unspaced) {
            forms.unspaced.push(form);
        }
        // `S. A. de C. V.` and the `S A` of the SEC end in a word of one letter.
        let letters = whole.chars().count();
        if let Some(last) = whole.chars().last()
            && (name.contains('.') || SPACED.contains(&whole.as_str()))
        {
            forms.add_end(&last.to_string(), letters.min(MOST_WORDS));
            forms.add_end(&folded(name.rsplit(' ').next().unwrap_or(name)), letters.min(MOST_WORDS));
        }
        forms.by_key.entry(whole.into()).or_insert(form);
    }
    for prefix in PREFIXES {
        let start = folded(prefix.split(' ').next().unwrap_or(prefix));
        if let Some(place) = start.bytes().next().and_then(|c| forms.start_lengths.get_mut(usize::from(c))) {
            *place |= 1 << start.len().min(31);
        }
        forms.starts.insert(start.into());
        forms.prefixes.insert(folded(prefix).into());
    }
    forms.unspaced.sort_by_key(|form| std::cmp::Reverse(form.name.len()));
    forms
});

impl Forms {
    fn add_end(&mut self, end: &str, words: usize) {
        let most = self.ends.entry(end.into()).or_default();
        *most = words.max(*most);
        if let Some(place) = end.bytes().next().and_then(|first| self.lengths.get_mut(usize::from(first))) {
            *place |= 1 << end.len().min(31);
        }
    }

    /// The most words of a form that ends in `end`.
    fn words_of_end(&self, end: &str) -> Option<usize> {
        let first = *end.as_bytes().first()?;
        let possible =
            self.lengths.get(usize::from(first)).is_none_or(|lengths| lengths >> end.len().min(31) & 1 == 1);
        if possible { self.ends.get(end).copied() } else { None }
    }
}

/// Forms without dots that are also written with a blank behind each letter.
const SPACED: [&str; 12] = ["ag", "bv", "llc", "llp", "lp", "nv", "plc", "sa", "sarl", "sas", "spa", "srl"];

/// Forms that stand in front of the name.
const PREFIXES: [&str; 49] = [
    "PT",
    "UAB",
    "SIA",
    "ООО",
    "ОАО",
    "ЗАО",
    "ПАО",
    "АО",
    "НАО",
    "ТОО",
    "ТОВ",
    "ПАТ",
    "ПрАТ",
    "ИП",
    "ФОП",
    "ОДО",
    "ЧУП",
    "ЕООД",
    "ЕАД",
    "OOO",
    "OAO",
    "ZAO",
    "TOV",
    "PJSC",
    "OJSC",
    "CJSC",
    "JSC",
    "LLC",
    "Yugen Kaisha",
    "Kabushiki Kaisha",
    "Công ty TNHH",
    "Công ty TNHH MTV",
    "Công ty cổ phần",
    "Công ty CP",
    "Công ty TNHH Một thành viên",
    "CTCP",
    "Cty TNHH",
    "Cty CP",
    "Общество с ограниченной ответственностью",
    "Публичное акционерное общество",
    "Акционерное общество",
    "Закрытое акционерное общество",
    "Открытое акционерное общество",
    "Индивидуальный предприниматель",
    "Товариство з обмеженою відповідальністю",
    "Приватне акціонерне товариство",
    "SARL",
    "EURL",
    "SASU",
];

/// Longest form in words: `Sp. z o. o. Sp. k.`.
const MOST_WORDS: usize = 7;

/// `name` without the legal form at its end.
pub(crate) fn without_suffix(name: &str) -> Option<(&str, Form)> {
    if !name.is_ascii()
        && let Some(found) = FORMS.unspaced.iter().find_map(|form| {
            let rest = trim_edges(strip_wide(name, form.name)?);
            has_name(rest).then_some((rest, *form))
        })
    {
        return Some(found);
    }
    // A comma parts a form from the name as a blank does: `Acme,Inc`.
    let word_start = |end: usize| name.as_bytes()[..end].iter().rposition(|&c| c == b' ' || c == b',');
    let start = word_start(name.len())? + 1;
    let mut last = Folded::default();
    last.push(&name[start..]);
    let most = FORMS.words_of_end(last.as_str())?;
    let mut starts = [start; MOST_WORDS];
    let (mut count, mut end) = (1, start - 1);
    while count < most.min(MOST_WORDS) {
        let Some(at) = word_start(end) else { break };
        if at + 1 < end {
            starts[count] = at + 1;
            count += 1;
        }
        end = at;
    }
    for (more, &start) in starts[..count].iter().enumerate().rev() {
        let mut folded = Folded::default();
        let whole = if more == 0 {
            &last
        } else {
            folded.push(&name[start..]);
            &folded
        };
        let Some(&form) = FORMS.by_key.get(whole.as_str()) else { continue };
        let rest = trim_edges(&name[..start]);
        if has_name(rest)
            && !dangles(rest)
            && !is_plain_word(name, &name[start..], whole.length)
            && !is_doubtful(&name[..start], &name[start..], whole.as_str())
        {
            return Some((rest, form));
        }
    }
    None
}

/// Whether the last word of `name` ends a legal form that can come off.
pub(crate) fn ends_in_form(name: &str) -> bool {
    let name = trim_edges(name);
    without_suffix(name).is_some() || FORMS.by_key.contains_key(folded(name).as_str())
}

fn starts_with_the(name: &str) -> bool {
    name.get(..4).is_some_and(|the| the.eq_ignore_ascii_case("the "))
}

/// `& Co` behind one word is how the company is called (`Tiffany & Co.`); letters that are also words need a dot or a comma.
fn is_doubtful(before: &str, form: &str, folded: &str) -> bool {
    match folded {
        // `The Boring Company` is called so.
        "company" => starts_with_the(before),
        "&co" | "&company" | "andco" | "andcompany" => {
            let words = before.trim().split(' ').count();
            words < 2 || words == 2 && starts_with_the(before)
        }
        "na" | "pa" | "pc" | "ps" => !form.contains(['.', '/']) && !before.trim_end().ends_with(','),
        "ace" | "aie" | "bm" | "ce" | "esp" | "eu" | "gs" | "iap" | "kd" | "od" | "sad" | "sam" | "sapa"
        | "scl" | "sec" | "sgr" | "spc" => !form.contains(['.', '/']),
        _ => false,
    }
}

/// `Tiffany & Co` is a name; so are `Marks and Co` and `Bank of SA`.
pub(crate) fn dangles(rest: &str) -> bool {
    let last = rest.rsplit(' ').next().unwrap_or(rest);
    rest.ends_with(['&', '+'])
        || ["and", "und", "et", "y", "of", "the", "de"].iter().any(|word| last.eq_ignore_ascii_case(word))
}

/// A form of two letters in lower case inside a name of mixed case is a word: `Good as Gold`, `Made in da`.
fn is_plain_word(name: &str, form: &str, length: usize) -> bool {
    length <= 2
        && form.bytes().all(|c| c.is_ascii_lowercase() || c == b' ')
        && name.chars().any(char::is_uppercase)
        && !matches!(form, "hf" | "eg" | "kg")
}

/// `name` without the legal form at its start.
pub(crate) fn without_prefix(name: &str) -> Option<(&str, Form)> {
    if !name.is_ascii()
        && let Some(found) = FORMS.unspaced.iter().find_map(|form| {
            let rest = trim_edges(strip_wide_start(name, form.name)?);
            has_name(rest).then_some((rest, *form))
        })
    {
        return Some(found);
    }
    let first = name.bytes().position(|c| c == b' ' || c == b',')?;
    if first > LONGEST_START {
        return None;
    }
    let mut word = Folded::default();
    word.push(&name[..first]);
    let possible = word.as_str().bytes().next().and_then(|c| FORMS.start_lengths.get(usize::from(c)));
    if possible.is_some_and(|lengths| lengths >> word.as_str().len().min(31) & 1 == 0)
        || !FORMS.starts.contains(word.as_str())
        || !stands_as_form(name, first)
    {
        return None;
    }
    let mut found = None;
    for (at, _) in name.match_indices([' ', ',']).take(MOST_WORDS) {
        let mut prefix = Folded::default();
        prefix.push(&name[..at]);
        if FORMS.prefixes.contains(prefix.as_str()) {
            let rest = trim_edges(&name[at..]);
            let form = FORMS.by_key.get(prefix.as_str());
            // A form alone behind it would leave a form as the name.
            found = form.filter(|_| has_name(rest)).map(|form| (rest, *form)).or(found);
        }
    }
    found
}

/// `Sia Partners` is a name, and so may be `SIA PARTNERS`; `SIA Rimi` and `PT. Nusantara` are not.
fn stands_as_form(name: &str, first: usize) -> bool {
    let (word, rest) = name.split_at(first);
    let is_small = |text: &str| text.bytes().any(|c| c.is_ascii_lowercase());
    let is_set_off = rest.chars().any(|c| c.is_lowercase() || matches!(c, '"' | '„' | '“'));
    !word.is_ascii()
        || word.ends_with('.')
        || word.len() > 5
        || if word.eq_ignore_ascii_case("SIA") {
            word == "SIA" && is_set_off
        } else {
            !is_small(word) || !name.chars().any(char::is_uppercase)
        }
}

/// Bytes of the longest first word of a form in front, with its dots.
const LONGEST_START: usize = 32;

fn strip_wide<'a>(name: &'a str, form: &str) -> Option<&'a str> {
    name.strip_suffix(form).or_else(|| match form {
        "(株)" => name.strip_suffix('㈱').or_else(|| name.strip_suffix("（株）")),
        "(주)" => name.strip_suffix('㈜').or_else(|| name.strip_suffix("（주）")),
        _ => None,
    })
}

fn strip_wide_start<'a>(name: &'a str, form: &str) -> Option<&'a str> {
    name.strip_prefix(form).or_else(|| match form {
        "(株)" => name.strip_prefix('㈱').or_else(|| name.strip_prefix("（株）")),
        "(주)" => name.strip_prefix('㈜').or_else(|| name.strip_prefix("（주）")),
        _ => None,
    })
}

fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

pub(crate) fn has_name(rest: &str) -> bool {
    rest.chars().any(char::is_alphanumeric)
}

fn folded(words: &str) -> String {
    let mut folded = Folded::default();
    folded.push(words);
    folded.as_str().to_owned()
}

/// Letters, digits and `&` of a legal form, folded, without an allocation for ASCII.
#[derive(Default)]
struct Folded {
    bytes: [u8; 32],
    length: usize,
    long: Option<String>,
}

impl Folded {
    fn push(&mut self, words: &str) {
        if words.is_ascii() && self.long.is_none() {
            for byte in words.bytes().filter(|c| c.is_ascii_alphanumeric() || *c == b'&') {
                let Some(place) = self.bytes.get_mut(self.length) else {
                    self.long = Some(
                        words
                            .bytes()
                            .filter(|c| c.is_ascii_alphanumeric() || *c == b'&')
                            .map(|c| char::from(c.to_ascii_lowercase()))
                            .collect(),
                    );
                    return;
                };
                *place = byte.to_ascii_lowercase();
                self.length += 1;
            }
        } else {
            let folded: String =
                text::fold_accents(words).chars().filter(|c| c.is_alphanumeric() || *c == '&').collect();
            self.length = folded.chars().count();
            self.long = Some(folded);
        }
    }

    fn as_str(&self) -> &str {
        match &self.long {
            Some(long) => long,
            None => std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default(),
        }
    }
}
