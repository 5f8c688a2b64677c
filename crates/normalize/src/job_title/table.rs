//! Words and phrases: what each does in the grammar of a title, and which function it names.

use super::levels::function_number;
use super::lexer::{self, Lexed};
use crate::slip::is_one_slip;
use ahash::AHashMap;
use std::sync::LazyLock;

pub(crate) const WORD_DATA: &str = include_str!("../../data/title_words.csv");
pub(crate) const PHRASE_DATA: &str = include_str!("../../data/title_phrases.csv");
pub(crate) const SUFFIX_DATA: &str = include_str!("../../data/title_suffixes.csv");
pub(crate) const FUNCTION_WORD_DATA: &str = include_str!("../../data/function_words.csv");

/// What a word does in a title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Role {
    #[default]
    Unknown,
    /// Known only as the start of a phrase, or for its function.
    Function,
    /// An industry, a department or another thing that is no title.
    Domain,
    Placeholder,
    Chief,
    ChiefWord,
    Governance,
    President,
    Owner,
    Partner,
    VicePresident,
    Director,
    ExecutiveDirector,
    Head,
    Manager,
    /// A manager of things rather than of people: product, project, account.
    IcManager,
    Lead,
    Occupation,
    Officer,
    /// Works for one executive: assistant to, secretary of.
    Aide,
    Consultant,
    Undefined,
    Commercial,
    Intern,
    Freelance,
    Senior,
    Junior,
    Associate,
    Assistant,
    Deputy,
    Vice,
    Managing,
    Executive,
    Principal,
    Staff,
    Group,
    Scope,
    Former,
    Non,
    Of,
    To,
    At,
    And,
    Article,
    Office,
}

impl Role {
    fn parse(name: &str) -> Role {
        match name {
            "domain" => Role::Domain,
            "placeholder" => Role::Placeholder,
            "chief" => Role::Chief,
            "chief_word" => Role::ChiefWord,
            "governance" => Role::Governance,
            "president" => Role::President,
            "owner" => Role::Owner,
            "partner" => Role::Partner,
            "vice_president" => Role::VicePresident,
            "director" => Role::Director,
            "executive_director" => Role::ExecutiveDirector,
            "head" => Role::Head,
            "manager" => Role::Manager,
            "ic_manager" => Role::IcManager,
            "lead" => Role::Lead,
            "occupation" => Role::Occupation,
            "officer" => Role::Officer,
            "aide" => Role::Aide,
            "consultant" => Role::Consultant,
            "undefined" => Role::Undefined,
            "commercial" => Role::Commercial,
            "intern" => Role::Intern,
            "freelance" => Role::Freelance,
            "senior" => Role::Senior,
            "junior" => Role::Junior,
            "associate" => Role::Associate,
            "assistant" => Role::Assistant,
            "deputy" => Role::Deputy,
            "vice" => Role::Vice,
            "managing_word" => Role::Managing,
            "executive" => Role::Executive,
            "principal" => Role::Principal,
            "staff" => Role::Staff,
            "group" => Role::Group,
            "scope" => Role::Scope,
            "former" => Role::Former,
            "non" => Role::Non,
            "of" => Role::Of,
            "to" => Role::To,
            "at" => Role::At,
            "and" => Role::And,
            "article" => Role::Article,
            "office" => Role::Office,
            _ => Role::Unknown,
        }
    }

    /// Names a rank that leads: these win over occupations, the leftmost first.
    pub(super) fn leads(self) -> bool {
        use Role::{
            Chief, ChiefWord, Director, ExecutiveDirector, Governance, Head, IcManager, Lead, Manager, Owner,
            Partner, President, VicePresident,
        };
        matches!(
            self,
            Chief
                | ChiefWord
                | Governance
                | President
                | Owner
                | Partner
                | VicePresident
                | Director
                | ExecutiveDirector
                | Head
                | Manager
                | IcManager
                | Lead
        )
    }

    /// Names work that a person does.
    pub(super) fn works(self) -> bool {
        matches!(self, Role::Occupation | Role::Officer | Role::Aide | Role::Consultant | Role::Undefined)
    }

    /// Can be what the words before it qualify.
    pub(super) fn is_head(self) -> bool {
        self.leads() || self.works() || matches!(self, Role::Intern | Role::Freelance)
    }
}

/// One row of the table.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Entry {
    pub(super) role: Role,
    pub(super) level: u8,
    /// Function number, 0 for none.
    pub(super) function: u8,
    /// A strong function word wins over a weak one that stands before it.
    pub(super) strong: bool,
    /// Words in the longest phrase that starts with this one.
    pub(super) longest: u8,
    /// Bit n: a phrase of n words starts with this one.
    pub(super) lengths: u32,
}

static TABLE: LazyLock<AHashMap<Box<str>, Entry>> = LazyLock::new(|| {
    let mut table = AHashMap::with_capacity(8192);
    for file in [WORD_DATA, PHRASE_DATA] {
        for line in file.lines().skip(1) {
            let mut cells = fields(line);
            let (Some(word), Some(role), Some(level)) = (cells.next(), cells.next(), cells.next()) else {
                continue;
            };
            for key in spellings(word) {
                let entry = enter(&mut table, &key);
                if entry.role == Role::Unknown {
                    entry.role = Role::parse(role);
                    entry.level = level.parse().unwrap_or_default();
                }
            }
        }
    }
    for line in FUNCTION_WORD_DATA.lines().skip(1) {
        let mut cells = fields(line);
        let (Some(word), Some(function), Some(strength)) = (cells.next(), cells.next(), cells.next()) else {
            continue;
        };
        for key in spellings(word) {
            let entry = enter(&mut table, &key);
            entry.function = function_number(function);
            entry.strong = strength == "strong";
            if entry.role == Role::Unknown {
                entry.role = Role::Function;
            }
        }
    }
    inherit(&mut table);
    table
});

/// What a phrase does not say itself it takes from its words: the role from the last, the function from the first strong one.
fn inherit(table: &mut AHashMap<Box<str>, Entry>) {
    let phrases: Vec<Box<str>> = table.keys().filter(|key| key.contains(' ')).cloned().collect();
    for phrase in phrases {
        let last = phrase.rsplit(' ').next().and_then(|word| table.get(word)).copied().unwrap_or_default();
        let strong = phrase
            .split(' ')
            .filter_map(|word| table.get(word))
            .find(|word| word.strong)
            .map_or(0, |word| word.function);
        let Some(entry) = table.get_mut(&phrase) else { continue };
        if entry.role == Role::Function
            && (last.role.is_head()
                || matches!(last.role, Role::Assistant | Role::Associate | Role::Executive))
        {
            entry.role = last.role;
            entry.level = last.level;
        }
        if entry.function == 0 && strong != 0 {
            entry.function = strong;
            entry.strong = true;
        }
    }
}

/// A word that ends so is of this role, unless the table knows it.
#[derive(Debug, Clone)]
struct Suffix {
    text: String,
    role: Role,
    level: u8,
}

/// Suffixes by their last byte, longest first.
static SUFFIXES: LazyLock<AHashMap<u8, Vec<Suffix>>> = LazyLock::new(|| {
    let mut suffixes: AHashMap<u8, Vec<Suffix>> = AHashMap::new();
    for line in SUFFIX_DATA.lines().skip(1) {
        let mut cells = fields(line);
        let (Some(word), Some(role), Some(level)) = (cells.next(), cells.next(), cells.next()) else {
            continue;
        };
        for text in spellings(word) {
            let Some(&last) = text.as_bytes().last() else { continue };
            let suffix = Suffix { text, role: Role::parse(role), level: level.parse().unwrap_or_default() };
            suffixes.entry(last).or_default().push(suffix);
        }
    }
    for bucket in suffixes.values_mut() {
        bucket.sort_by_key(|suffix| std::cmp::Reverse(suffix.text.len()));
    }
    suffixes
});

/// Rank words long enough that one wrong letter cannot make another word of them, by first letter.
static NEAR: LazyLock<AHashMap<u8, Vec<&'static str>>> = LazyLock::new(|| {
    let mut near: AHashMap<u8, Vec<&'static str>> = AHashMap::new();
    for word in [
        "president",
        "chairman",
        "director",
        "manager",
        "executive",
        "supervisor",
        "associate",
        "assistant",
        "officer",
        "founder",
        "cofounder",
        "partner",
        "principal",
        "engineer",
        "developer",
        "specialist",
        "consultant",
        "coordinator",
        "administrator",
        "representative",
        "accountant",
        "technician",
        "analyst",
        "designer",
        "architect",
        "trainee",
        "senior",
        "managing",
        "operations",
        "marketing",
        "engineering",
    ] {
        near.entry(word.as_bytes()[0]).or_default().push(word);
    }
    near
});

/// The row of a folded word or phrase.
pub(super) fn lookup(key: &str) -> Option<Entry> {
    TABLE.get(key).copied()
}

/// The row of a word that the table does not have, by its ending.
pub(super) fn by_suffix(word: &str) -> Option<Entry> {
    // Three letters before the ending: "artist" is a word, "Christ" is a name.
    let bucket = SUFFIXES.get(word.as_bytes().last()?)?;
    let suffix = bucket
        .iter()
        .find(|suffix| word.len() >= suffix.text.len() + 4 && word.ends_with(suffix.text.as_str()))?;
    let base = lookup(&suffix.text).unwrap_or_default();
    Some(Entry {
        role: suffix.role,
        level: suffix.level,
        function: base.function,
        strong: false,
        longest: 1,
        lengths: 0,
    })
}

/// The row of the rank word that `word` misspells by one letter.
pub(super) fn by_typo(word: &str) -> Option<Entry> {
    if word.len() < 6 || !word.is_ascii() {
        return None;
    }
    let bucket = NEAR.get(word.as_bytes().first()?)?;
    bucket.iter().find(|known| one_edit(word.as_bytes(), known.as_bytes())).and_then(|known| lookup(known))
}

/// Equal but for one slip; a plural is not a typo.
fn one_edit(given: &[u8], known: &[u8]) -> bool {
    !(given.len() > known.len() && given.starts_with(known)) && is_one_slip(given, known)
}

/// Cells of one line of a reference file; a cell may be quoted, and holds no quote.
pub(super) fn fields(line: &'static str) -> impl Iterator<Item = &'static str> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest?;
        if let Some(quoted) = text.strip_prefix('"') {
            let (cell, after) = quoted.split_once('"').unwrap_or((quoted, ""));
            rest = after.strip_prefix(',');
            return Some(cell);
        }
        let (cell, after) = text.split_once(',').map_or((text, None), |(cell, after)| (cell, Some(after)));
        rest = after;
        Some(cell)
    })
}

/// The key under which a text is looked up: folded words with one space between.
pub(super) fn fold_key(text: &str) -> String {
    let mut lexed = Lexed::default();
    lexer::lex(text, &mut lexed);
    lexed.folded
}

/// A word as keys: accents off, and German umlauts also as two letters.
fn spellings(word: &str) -> Vec<String> {
    let plain = lexer::fold_text(word);
    let wide: String = word
        .chars()
        .map(|c| match c {
            'ä' => "ae".to_owned(),
            'ö' => "oe".to_owned(),
            'ü' => "ue".to_owned(),
            other => other.to_string(),
        })
        .collect();
    let wide = lexer::fold_text(&wide);
    if wide == plain { vec![plain] } else { vec![plain, wide] }
}

fn enter<'a>(table: &'a mut AHashMap<Box<str>, Entry>, key: &str) -> &'a mut Entry {
    if let Some((first, _)) = key.split_once(' ') {
        let words = u8::try_from(key.split(' ').count()).unwrap_or(u8::MAX);
        let start = table.entry(first.into()).or_default();
        start.longest = start.longest.max(words);
        start.lengths |= 1 << words.min(31);
    }
    let entry = table.entry(key.into()).or_default();
    entry.longest = entry.longest.max(1);
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(file: &'static str) -> Vec<&'static str> {
        file.lines().skip(1).filter_map(|line| fields(line).next()).collect()
    }

    #[test]
    fn reference_rows_are_sorted_and_unique() {
        for file in
            [WORD_DATA, PHRASE_DATA, SUFFIX_DATA, FUNCTION_WORD_DATA, super::super::levels::ALIAS_DATA]
        {
            let keys = keys(file);
            let unsorted: Vec<_> = keys.windows(2).filter(|pair| pair[0] >= pair[1]).collect();
            assert!(unsorted.is_empty(), "{unsorted:?}");
        }
    }

    #[test]
    fn roles_and_functions_are_known() {
        for file in [WORD_DATA, PHRASE_DATA, SUFFIX_DATA] {
            for line in file.lines().skip(1) {
                let role = fields(line).nth(1).unwrap_or_default();
                assert_ne!(Role::parse(role), Role::Unknown, "{line}");
            }
        }
        for line in FUNCTION_WORD_DATA.lines().skip(1) {
            assert_ne!(function_number(fields(line).nth(1).unwrap_or_default()), 0, "{line}");
        }
    }

    #[test]
    fn one_letter_is_a_typo_and_a_plural_is_not() {
        for (given, known) in [
            ("presedent", "president"),
            ("manger", "manager"),
            ("direcotr", "director"),
            ("diretor", "director"),
        ] {
            assert!(one_edit(given.as_bytes(), known.as_bytes()), "{given}");
        }
        for (given, known) in [("managers", "manager"), ("dictator", "director"), ("resident", "prezident")] {
            assert!(!one_edit(given.as_bytes(), known.as_bytes()), "{given}");
        }
    }
}
