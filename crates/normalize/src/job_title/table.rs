//! Words and phrases: what each does in the grammar of a title, and which function it names.

use super::compound;
use super::levels::function_number;
use super::lexer::{self, Lexed};
use super::unlisted::suffix_of;
use ahash::AHashMap;
use std::sync::LazyLock;

pub(crate) const WORD_DATA: &str = include_str!("../../data/title_words.csv");
pub(crate) const PHRASE_DATA: &str = include_str!("../../data/title_phrases.csv");
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
    pub(super) fn parse(name: &str) -> Role {
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
    /// The second words of those phrases, by [`letter`].
    pub(super) seconds: u32,
}

static TABLE: LazyLock<AHashMap<Box<str>, Entry>> = LazyLock::new(|| {
    let mut table = AHashMap::with_capacity(8192);
    let mut made = Vec::new();
    for file in [WORD_DATA, PHRASE_DATA] {
        for line in file.lines().skip(1) {
            let mut cells = fields(line);
            let (Some(word), Some(role), Some(level)) = (cells.next(), cells.next(), cells.next()) else {
                continue;
            };
            let compounds =
                cells.next().is_some_and(|language| matches!(language, "de" | "nl" | "sv" | "da"));
            for key in spellings(word) {
                if compounds && !key.contains(' ') {
                    made.push(key.clone());
                }
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
    take_endings(&mut table);
    take_parts(&mut table, &made);
    table
});

/// A word that is listed for its function alone has the role that its ending gives: "Vertriebsmitarbeiter", "ソフトウェアエンジニア".
fn take_endings(table: &mut AHashMap<Box<str>, Entry>) {
    let words: Vec<Box<str>> = table
        .iter()
        .filter(|(key, entry)| entry.role == Role::Function && !key.contains(' '))
        .map(|(key, _)| key.clone())
        .collect();
    for word in words {
        let role = if word.chars().all(lexer::is_unspaced) {
            let tails = word.char_indices().skip(1).filter_map(|(start, _)| table.get(&word[start..]));
            tails.map(|tail| (tail.role, tail.level)).find(|(role, _)| role.is_head())
        } else {
            suffix_of(&word).map(|suffix| (suffix.role, suffix.level))
        };
        if let (Some((role, level)), Some(entry)) = (role, table.get_mut(&word)) {
            (entry.role, entry.level) = (role, level);
        }
    }
}

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

/// Compounds that are listed for their role alone have the function of their parts: "Inköpschef", "営業担当".
fn take_parts(table: &mut AHashMap<Box<str>, Entry>, made: &[String]) {
    for word in made {
        let Some(suffix) = suffix_of(word) else { continue };
        let function = compound::of_last_part(&word[..word.len() - suffix.text.len()]);
        if let Some(entry) = table.get_mut(word.as_str()).filter(|entry| entry.function == 0) {
            (entry.function, entry.strong) = (function, function != 0);
        }
    }
    let unspaced: Vec<Box<str>> =
        table.keys().filter(|key| key.chars().all(lexer::is_unspaced)).cloned().collect();
    for word in unspaced {
        let starts = word.char_indices().skip(1).map(|(end, _)| &word[..end]);
        let function = starts.filter_map(|start| table.get(start)).map(|start| start.function).max();
        if let (Some(function), Some(entry)) = (function, table.get_mut(&word))
            && entry.function == 0
            && entry.role.is_head()
        {
            (entry.function, entry.strong) = (function, true);
        }
    }
}

/// The row of a folded word or phrase.
pub(super) fn lookup(key: &str) -> Option<Entry> {
    TABLE.get(key).copied()
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
pub(super) fn spellings(word: &str) -> Vec<String> {
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

/// A bit for the first letter of a word.
pub(super) fn letter(word: &str) -> u32 {
    1 << (word.as_bytes().first().copied().unwrap_or_default() % 32)
}

fn enter<'a>(table: &'a mut AHashMap<Box<str>, Entry>, key: &str) -> &'a mut Entry {
    if let Some((first, rest)) = key.split_once(' ') {
        let words = u8::try_from(key.split(' ').count()).unwrap_or(u8::MAX);
        let start = table.entry(first.into()).or_default();
        start.longest = start.longest.max(words);
        start.lengths |= 1 << words.min(31);
        start.seconds |= letter(rest);
    }
    let entry = table.entry(key.into()).or_default();
    entry.longest = entry.longest.max(1);
    entry
}

#[cfg(test)]
mod tests {
    use super::super::compound::STEM_DATA;
    use super::super::levels::ALIAS_DATA;
    use super::super::unlisted::SUFFIX_DATA;
    use super::*;

    fn keys(file: &'static str) -> Vec<&'static str> {
        file.lines().skip(1).filter_map(|line| fields(line).next()).collect()
    }

    #[test]
    fn reference_rows_are_sorted_and_unique() {
        for file in [WORD_DATA, PHRASE_DATA, SUFFIX_DATA, STEM_DATA, FUNCTION_WORD_DATA, ALIAS_DATA] {
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
        for line in FUNCTION_WORD_DATA.lines().skip(1).chain(STEM_DATA.lines().skip(1)) {
            assert_ne!(function_number(fields(line).nth(1).unwrap_or_default()), 0, "{line}");
        }
    }
}
