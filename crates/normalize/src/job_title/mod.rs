//! Job titles: one parse gives level, all levels named, seniority, function and a cleaned title.
//!
//! A title is grammar, not keywords. [`clean`] makes the readable form, [`lexer`] its folded words, [`table`] says what each word or
//! phrase does and [`unlisted`] what a word does that is in no list, [`parse`] finds the heads, what qualifies them and what only
//! depends on them, and [`rank`] turns a head into a level. The words, phrases and endings under `data/` were collected by hand in 2026.

mod clean;
mod compound;
mod function;
mod levels;
mod lexer;
mod mapped;
mod parse;
mod phrases;
mod rank;
mod table;
mod units;
mod unlisted;

pub(crate) use compound::STEM_DATA;
pub(crate) use levels::{ALIAS_DATA, FUNCTION_DATA, LEVEL_DATA, SENIORITY_DATA};
pub use levels::{level_name, level_of_name};
pub(crate) use mapped::{Review, review, with_level};
pub(crate) use table::{FUNCTION_WORD_DATA, PHRASE_DATA, WORD_DATA};
pub(crate) use unlisted::SUFFIX_DATA;

use firmograph_core::{Evidence, Outcome, Span};
use levels::{EXECUTIVE, function_name, labelled, seniority_of_label};
use lexer::{Gap, Lexed};
use rank::Ranked;
use serde::Serialize;
use std::cell::RefCell;
use table::Role;

use crate::text;

const REFERENCE: &str = "job_titles@2026.1";

/// What a title says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct JobTitle {
    /// 1 (highest) to 15.
    pub level: u8,
    /// Standard name of the level.
    pub level_name: &'static str,
    /// Every level that the title names, the first named first.
    pub levels: Vec<u8>,
    /// One of the eleven seniorities.
    pub seniority: &'static str,
    /// One of the thirteen functions, where a word says so.
    pub function: Option<&'static str>,
    /// The title in readable form: a fixed point of the matcher.
    pub cleaned_title: String,
    /// Whether the holder leads people, where the title says so: managers of products, projects and accounts do not, and a vice
    /// president who is an analyst is not known to.
    pub people_manager: Option<bool>,
}

/// Matches a job title, in any of the ten commonest business languages.
///
/// Where a title names several ranks the first is primary. What is not a title is unmatched, with a reason: `blank`,
/// `placeholder`, `not_a_title` (an industry, a department, a link, a number, a person's name with a degree), `not_recognised` or
/// `too_long`.
///
/// A `Consultant` or `Advisor` for nothing in particular is an outsider (level 15); one for something is employed (level 12).
///
/// ```
/// use firmograph_normalize::match_job_title;
///
/// let founder = match_job_title("FOUNDER & C.E.O.").ok().unwrap();
/// assert_eq!((founder.value.level, founder.value.levels), (3, vec![3, 1]));
/// assert_eq!(founder.value.seniority, "Owner");
///
/// let assistant = match_job_title("Executive Assistant to the CEO").ok().unwrap();
/// assert_eq!((assistant.value.level, assistant.evidence.rule.as_ref()), (13, "assistant_to"));
///
/// assert_eq!(match_job_title("Banking").reason(), Some("not_a_title"));
/// ```
#[must_use]
pub fn match_job_title(raw: &str) -> Outcome<JobTitle> {
    if text::is_too_long_a_name(raw) {
        return Outcome::unmatched("too_long");
    }
    thread_local! {
        static SCRATCH: RefCell<Scratch> = RefCell::default();
    }
    SCRATCH.with(|scratch| match scratch.try_borrow_mut() {
        Ok(mut scratch) => matched(raw, &mut scratch),
        Err(_) => matched(raw, &mut Scratch::default()),
    })
}

/// Memory that one call leaves for the next.
#[derive(Debug, Default)]
struct Scratch {
    lexed: Lexed,
    parsed: parse::Parsed,
}

fn matched(raw: &str, scratch: &mut Scratch) -> Outcome<JobTitle> {
    let clean = clean::clean(raw);
    let text = clean.text.as_str();
    if !text.chars().any(char::is_alphanumeric) {
        return Outcome::unmatched(if raw.chars().all(|c| c.is_whitespace() || c.is_control()) {
            "blank"
        } else {
            "placeholder"
        });
    }
    if !text.chars().any(char::is_alphabetic) || clean.marked && is_address(text) {
        return Outcome::unmatched("not_a_title");
    }
    lexer::lex(text, &mut scratch.lexed);
    let lexed = &scratch.lexed;
    if let Some(level) = labelled(&lexed.folded) {
        let (start, end) = clean.raw_range(0, text.len());
        let function = if level <= 3 { EXECUTIVE } else { 0 };
        let ranked = Ranked {
            level,
            seniority: seniority_of_label(level, &lexed.folded),
            rule: "level_label",
            percent: 100,
        };
        let people = if matches!(level, 2 | 3) { None } else { Some(level <= 10) };
        return outcome(ranked, vec![level], function, people, Span(start, end), clean.text);
    }
    parse::parse(lexed, &mut scratch.parsed);
    let parsed = &scratch.parsed;
    let Some((primary, ranked)) = parsed.primary() else {
        return Outcome::unmatched(reason(parsed, text));
    };
    if primary.role == Role::President && is_physician(lexed, parsed) {
        return Outcome::unmatched("not_a_title");
    }
    let mut levels = vec![ranked.level];
    for head in parsed.heads.iter().skip(1) {
        let level = rank::rank(head, parsed).level;
        if !levels.contains(&level) {
            levels.push(level);
        }
    }
    let function = function::function(primary, parsed);
    let people = rank::leads_people(primary, &ranked, parsed);
    let (first, last) = (primary.first_token, primary.last_token);
    let start = lexed.tokens.get(first).map_or(0, |token| token.start as usize);
    let end = lexed.tokens.get(last).map_or(text.len(), |token| token.end as usize);
    let (start, end) = clean.raw_range(start, end);
    outcome(ranked, levels, function, people, Span(start, end), clean.text)
}

fn outcome(
    ranked: Ranked,
    levels: Vec<u8>,
    function: u8,
    people_manager: Option<bool>,
    span: Span,
    cleaned_title: String,
) -> Outcome<JobTitle> {
    let Some(level_name) = level_name(ranked.level) else {
        return Outcome::unmatched("not_recognised");
    };
    let title = JobTitle {
        level: ranked.level,
        level_name,
        levels,
        seniority: ranked.seniority,
        function: function_name(function),
        cleaned_title,
        people_manager,
    };
    Outcome::matched(title, Evidence::new(ranked.rule, REFERENCE, span, ranked.percent))
}

/// A link, a host or a mailbox, alone.
fn is_address(text: &str) -> bool {
    const ENDINGS: [&str; 8] = ["com", "net", "org", "io", "co", "info", "edu", "gov"];
    if text.contains("://") {
        return true;
    }
    if text.contains(' ') {
        return false;
    }
    let Some((before, ending)) = text.rsplit_once('.') else { return false };
    text.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.'))
        || ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)) && before.len() > 2
        || text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www."))
}

/// "Jane Doe, MD", "John Smith MD": the degree behind a person's name. Alone, or beside a word that titles have, it is a managing
/// director.
fn is_physician(lexed: &Lexed, parsed: &parse::Parsed) -> bool {
    let word = |unit: &units::Unit| lexed.words(unit.first_token, unit.last_token);
    let Some(degree) = parsed.units.iter().position(|unit| word(unit) == "md") else { return false };
    let (before, after) = (&parsed.units[..degree], &parsed.units[degree + 1..]);
    let is_name = |unit: &units::Unit| {
        matches!(unit.role, Role::Unknown | Role::Article) && unit.function == 0 && unit.gap.joins()
    };
    let named = before.iter().all(is_name)
        && match parsed.units[degree].gap {
            Gap::Comma => !before.is_empty(),
            // "Jane Doe - MD", and not "Iberia - MD".
            Gap::Dash => (2..=4).contains(&before.len()),
            gap => before.len() >= 2 && gap.joins(),
        };
    let another = after.first().is_some_and(|unit| is_degree(word(unit)));
    parsed.heads.len() == 1
        && (named || before.is_empty() && another)
        && after.iter().all(|unit| matches!(unit.role, Role::Unknown | Role::Article) || word(unit) == "d")
}

/// Degrees that stand beside that of a physician; `Ph.D.` is read as two words.
fn is_degree(word: &str) -> bool {
    matches!(word, "phd" | "ph" | "dphil" | "mph" | "facs" | "facp" | "frcs" | "frcp" | "pharmd" | "scd")
}

fn reason(parsed: &parse::Parsed, text: &str) -> &'static str {
    let mut units = parsed.units.iter().map(|unit| unit.role);
    if units.clone().next().is_some() && units.clone().all(|role| matches!(role, Role::Placeholder)) {
        "placeholder"
    } else if units.any(|role| matches!(role, Role::Domain | Role::Function)) || text.contains('@') {
        "not_a_title"
    } else {
        "not_recognised"
    }
}
