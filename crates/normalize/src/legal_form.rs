//! Legal forms and how they stand in a name.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::company_name::trim_edges;
use crate::form_trie::{ASCII_STEPS, IS_BEYOND_ASCII, IS_SIGN, Mark, PARTS_WORDS, ROOT, Trie};
use crate::text;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Form {
    pub(crate) name: &'static str,
    pub(crate) country: Option<&'static str>,
}

pub(crate) const DATA: &str = include_str!("../data/legal_forms.csv");

struct Row {
    form: Form,
    /// Letters of the form, folded.
    letters: usize,
    doubt: Option<Doubt>,
}

struct Forms {
    rows: Vec<Row>,
    /// Rows by their folded letters, the last first, and folded last words with the most words of a form that ends so.
    ends: Trie,
    /// Forms of scripts without blanks, longest first.
    unspaced: Vec<Form>,
    /// Folded first words of the forms that stand in front.
    starts: Trie,
    /// The forms that stand in front, folded.
    prefixes: Trie,
}

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    let (mut rows, mut unspaced, mut ends) = (Vec::new(), Vec::new(), Ends::default());
    for line in DATA.lines().skip(1) {
        let Some((name, country)) = line.rsplit_once(',') else { continue };
        let form = Form { name, country: (!country.is_empty()).then_some(country) };
        let whole = folded(name);
        let last_word = folded(name.rsplit(' ').next().unwrap_or(name));
        ends.add(&last_word, name.split(' ').count());
        if name.contains(is_unspaced) {
            unspaced.push(form);
        }
        // `S. A. de C. V.` and the `S A` of the SEC end in a word of one letter.
        let letters = whole.chars().count();
        if let Some(last) = whole.chars().last()
            && (name.contains('.') || SPACED.contains(&whole.as_str()))
        {
            ends.add(&last.to_string(), letters.min(MOST_WORDS));
            ends.add(&last_word, letters.min(MOST_WORDS));
        }
        ends.mark(&whole).word.get_or_insert(rows.len() as u16);
        rows.push(Row { form, letters, doubt: doubt_of(&whole) });
    }
    unspaced.sort_by_key(|form| std::cmp::Reverse(form.name.len()));
    let (mut starts, mut prefixes) = (BTreeMap::new(), BTreeMap::new());
    for (prefix, at) in PREFIXES.iter().zip(0..) {
        let mark = Mark { word: Some(at), most_words: 0 };
        starts.insert(folded(prefix.split(' ').next().unwrap_or(prefix)).into_bytes(), mark);
        prefixes.insert(folded(prefix).into_bytes(), mark);
    }
    let [starts, prefixes] = [starts, prefixes].map(|words| Trie::new(&words));
    Forms { rows, ends: Trie::new(&ends.0), unspaced, starts, prefixes }
});

/// Folded words, the last byte first.
#[derive(Default)]
struct Ends(BTreeMap<Vec<u8>, Mark>);

impl Ends {
    fn mark(&mut self, folded: &str) -> &mut Mark {
        self.0.entry(folded.bytes().rev().collect()).or_default()
    }

    fn add(&mut self, end: &str, words: usize) {
        let mark = self.mark(end);
        mark.most_words = mark.most_words.max(words as u8);
    }
}

impl Forms {
    /// What is known of a folded form or of its folded last word.
    fn mark(&self, folded: &str) -> Mark {
        self.ends.get(folded.bytes().rev())
    }

    fn form(&self, folded: &str) -> Option<Form> {
        self.mark(folded).word.map(|at| self.rows[usize::from(at)].form)
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

/// `name` without one legal form, at its end or else at its start. `unspaced`: what [`may_be_unspaced`] says of `name` or of
/// what it is a part of.
pub(crate) fn without_form(name: &str, unspaced: bool) -> Option<(&str, Form)> {
    without_suffix(name, unspaced).or_else(|| without_prefix(name, unspaced))
}

fn without_suffix(name: &str, unspaced: bool) -> Option<(&str, Form)> {
    if unspaced
        && let Some(found) = FORMS.unspaced.iter().find_map(|form| {
            let rest = trim_edges(strip_wide(name, form.name)?);
            has_name(rest).then_some((rest, *form))
        })
    {
        return Some(found);
    }
    let mut endings = Endings::default();
    if !endings.read_ascii(name) {
        endings = any_endings(name);
    }
    endings.longest_first().find_map(|(start, row)| {
        let row = &FORMS.rows[usize::from(row)];
        let (before, form) = name.split_at(start);
        let rest = trim_edges(before);
        (has_name(rest)
            && !dangles(rest)
            && !is_plain_word(name, form, row.letters)
            && !row.doubt.is_some_and(|doubt| doubt.applies(before, form)))
        .then_some((rest, row.form))
    })
}

/// Where the forms start that a name may end in, with their rows, the shortest first.
#[derive(Default)]
struct Endings {
    places: [(u32, u16); MOST_WORDS],
    count: usize,
}

impl Endings {
    /// Reads the forms at the end of a name backwards; false where a letter beyond ASCII stands among them.
    fn read_ascii(&mut self, name: &str) -> bool {
        let ends = &FORMS.ends;
        let (mut at, mut words, mut most, mut end) = (ROOT, 0, 1, name.len());
        for (place, &c) in name.as_bytes().iter().enumerate().rev() {
            match ASCII_STEPS[usize::from(c)] {
                IS_SIGN => {}
                IS_BEYOND_ASCII => return false,
                PARTS_WORDS => {
                    if words == 0 {
                        most = usize::from(ends.mark(at).most_words).min(MOST_WORDS);
                    }
                    if words == 0 || place + 1 < end {
                        words += 1;
                        if words <= most {
                            self.push(place + 1, ends.mark(at));
                        }
                    }
                    if words >= most {
                        break;
                    }
                    end = place;
                }
                step => {
                    let Some(next) = ends.step_ascii(at, step) else { break };
                    at = next;
                }
            }
        }
        true
    }

    fn push(&mut self, start: usize, mark: Mark) {
        if let (Some(place), Some(row)) = (self.places.get_mut(self.count), mark.word) {
            *place = (start as u32, row);
            self.count += 1;
        }
    }

    fn longest_first(&self) -> impl Iterator<Item = (usize, u16)> {
        self.places[..self.count].iter().rev().map(|&(start, row)| (start as usize, row))
    }
}

fn parts_words(c: u8) -> bool {
    ASCII_STEPS[usize::from(c)] == PARTS_WORDS
}

/// [`Endings::read_ascii`] of any name.
fn any_endings(name: &str) -> Endings {
    let mut endings = Endings::default();
    let word_start = |end: usize| name.as_bytes()[..end].iter().rposition(|&c| parts_words(c));
    let (mut words, mut most, mut end) = (0, 1, name.len());
    while words < most {
        let Some(at) = word_start(end) else { break };
        if words == 0 || at + 1 < end {
            let mark = FORMS.mark(&folded(&name[at + 1..]));
            if words == 0 {
                most = usize::from(mark.most_words).min(MOST_WORDS);
            }
            words += 1;
            if words <= most {
                endings.push(at + 1, mark);
            }
        }
        end = at;
    }
    endings
}

/// Whether the last word of `name` ends a legal form that can come off.
pub(crate) fn ends_in_form(name: &str) -> bool {
    let name = trim_edges(name);
    without_suffix(name, may_be_unspaced(name)).is_some() || FORMS.form(&folded(name)).is_some()
}

fn starts_with_the(name: &str) -> bool {
    name.get(..4).is_some_and(|the| the.eq_ignore_ascii_case("the "))
}

/// When a form is none.
#[derive(Clone, Copy)]
enum Doubt {
    /// `The Boring Company` is called so.
    BehindThe,
    /// `& Co` behind one word is how the company is called (`Tiffany & Co.`).
    BehindOneWord,
    /// Letters that are also words need a dot or a comma.
    WithoutDotOrComma,
    WithoutDot,
}

fn doubt_of(folded: &str) -> Option<Doubt> {
    Some(match folded {
        "company" => Doubt::BehindThe,
        "&co" | "&company" | "andco" | "andcompany" => Doubt::BehindOneWord,
        "na" | "pa" | "pc" | "ps" => Doubt::WithoutDotOrComma,
        "ace" | "aie" | "bm" | "ce" | "esp" | "eu" | "gs" | "iap" | "kd" | "od" | "sad" | "sam" | "sapa"
        | "scl" | "sec" | "sgr" | "spc" => Doubt::WithoutDot,
        _ => return None,
    })
}

impl Doubt {
    fn applies(self, before: &str, form: &str) -> bool {
        match self {
            Doubt::BehindThe => starts_with_the(before),
            Doubt::BehindOneWord => {
                let words = before.trim().split(' ').count();
                words < 2 || words == 2 && starts_with_the(before)
            }
            Doubt::WithoutDotOrComma => !form.contains(['.', '/']) && !before.trim_end().ends_with(','),
            Doubt::WithoutDot => !form.contains(['.', '/']),
        }
    }
}

/// `Tiffany & Co` is a name; so are `Marks and Co` and `Bank of SA`.
pub(crate) fn dangles(rest: &str) -> bool {
    match rest.bytes().next_back() {
        Some(b'&' | b'+') => true,
        // The last letters of the words below.
        Some(b'd' | b't' | b'y' | b'f' | b'e' | b'D' | b'T' | b'Y' | b'F' | b'E') => {
            let last = rest.rsplit(' ').next().unwrap_or(rest);
            ["and", "und", "et", "y", "of", "the", "de"].iter().any(|word| last.eq_ignore_ascii_case(word))
        }
        _ => false,
    }
}

/// A form of two letters in lower case inside a name of mixed case is a word: `Good as Gold`, `Made in da`.
fn is_plain_word(name: &str, form: &str, length: usize) -> bool {
    length <= 2
        && form.bytes().all(|c| c.is_ascii_lowercase() || c == b' ')
        && name.chars().any(char::is_uppercase)
        && !matches!(form, "hf" | "eg" | "kg")
}

fn without_prefix(name: &str, unspaced: bool) -> Option<(&str, Form)> {
    if unspaced
        && let Some(found) = FORMS.unspaced.iter().find_map(|form| {
            let rest = trim_edges(strip_wide_start(name, form.name)?);
            has_name(rest).then_some((rest, *form))
        })
    {
        return Some(found);
    }
    let first = first_word_of_form(name).filter(|&first| stands_as_form(name, first))?;
    let mut found = None;
    for (at, _) in name[first..].match_indices([' ', ',']).take(MOST_WORDS) {
        let at = first + at;
        let prefix = folded(&name[..at]);
        if FORMS.prefixes.get(prefix.bytes()).word.is_some() {
            let rest = trim_edges(&name[at..]);
            let form = FORMS.form(&prefix);
            // A form alone behind it would leave a form as the name.
            found = form.filter(|_| has_name(rest)).map(|form| (rest, form)).or(found);
        }
    }
    found
}

/// The end of the first word, where a form that stands in front starts with it.
fn first_word_of_form(name: &str) -> Option<usize> {
    let starts = &FORMS.starts;
    let mut at = ROOT;
    for (place, c) in name.bytes().enumerate().take(LONGEST_START + 1) {
        match ASCII_STEPS[usize::from(c)] {
            IS_SIGN => {}
            IS_BEYOND_ASCII => {
                let end = name.bytes().position(parts_words).filter(|&end| end <= LONGEST_START)?;
                return starts.get(folded(&name[..end]).bytes()).word.map(|_| end);
            }
            PARTS_WORDS => return starts.mark(at).word.map(|_| place),
            step => at = starts.step_ascii(at, step)?,
        }
    }
    None
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

/// Whether a character of `name` may be of a script without blanks: one that takes three bytes.
pub(crate) fn may_be_unspaced(name: &str) -> bool {
    !name.is_ascii() && name.bytes().any(|c| c >= 0xe0)
}

fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{30ff}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

/// Whether `rest` has a letter or a digit. Most names start with one.
#[inline]
pub(crate) fn has_name(rest: &str) -> bool {
    rest.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric) || rest.chars().any(char::is_alphanumeric)
}

/// Letters, digits and `&` of a legal form, folded.
fn folded(words: &str) -> String {
    text::fold_accents(words).chars().filter(|c| c.is_alphanumeric() || *c == '&').collect()
}
