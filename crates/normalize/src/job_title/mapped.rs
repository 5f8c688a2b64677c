//! What a map of titles needs beyond the answer: a title at a level that somebody else chose, and what is doubtful about a title.

use super::levels::{EXECUTIVE, function_name, labelled, seniority_of_label};
use super::table::Role;
use super::{JobTitle, Scratch, clean, is_address, level_name, lexer, match_job_title, parse};
use crate::{match_industry, text};
use firmograph_core::Outcome;

/// `raw` at `level`, whatever the rules say. Words that agree with the level give the rest; where there are none, the level does.
pub(crate) fn with_level(raw: &str, level: u8) -> Option<JobTitle> {
    let level_name = level_name(level)?;
    let read = match_job_title(raw).ok().map(|matched| matched.value);
    let agrees = read.as_ref().filter(|read| read.level == level);
    let seniority = agrees.map_or_else(|| seniority_of_label(level, ""), |read| read.seniority);
    let people_manager = match agrees {
        Some(read) => read.people_manager,
        None if matches!(level, 2 | 3) => None,
        None => Some(level <= 10),
    };
    let (function, levels, cleaned_title) = match read {
        Some(read) => (read.function, read.levels, read.cleaned_title),
        None => (None, Vec::new(), text::tidy(raw).into_owned()),
    };
    let others = levels.into_iter().skip(1).filter(|&other| other != level);
    Some(JobTitle {
        level,
        level_name,
        levels: std::iter::once(level).chain(others).collect(),
        seniority,
        function: function.or_else(|| function_name(if level <= 3 { EXECUTIVE } else { 0 })),
        cleaned_title,
        people_manager,
    })
}

/// A title as the rules read it, and what they had to overlook.
pub(crate) struct Review {
    pub(crate) outcome: Outcome<JobTitle>,
    /// Words of an industry or a department, or a link or a number; not merely a title in words that the rules do not know.
    pub(crate) is_no_title: bool,
    /// A word that the rules took for another that is one letter away.
    pub(crate) misspelt: Option<String>,
    /// The text is a known name of a level, and its words alone would mean this other one.
    pub(crate) other_reading: Option<u8>,
    /// Words without case, accents and punctuation: two texts with the same key differ in spelling only.
    pub(crate) key: String,
}

/// Reads `raw` once more, for its weak points.
pub(crate) fn review(raw: &str) -> Review {
    let mut review = Review {
        outcome: match_job_title(raw),
        is_no_title: false,
        misspelt: None,
        other_reading: None,
        key: String::new(),
    };
    if text::is_too_long_a_name(raw) {
        return review;
    }
    let clean = clean::clean(raw);
    let mut scratch = Scratch::default();
    lexer::lex(&clean.text, &mut scratch.lexed);
    review.key.clone_from(&scratch.lexed.folded);
    parse::parse(&scratch.lexed, &mut scratch.parsed);
    // "Urban Transit Services" ends in what it is; "Sales Zzyzx" ends in a word that may well name a person.
    let last = scratch.parsed.units.last();
    let ends_known = is_address(&clean.text) || last.is_none_or(|unit| unit.role != Role::Unknown);
    review.is_no_title = match review.outcome.reason() {
        Some("not_a_title") if ends_known => true,
        Some(_) => match_industry(raw).value().is_some(),
        None => false,
    };
    let label = labelled(&review.key);
    if label.is_none() {
        let typo = scratch.parsed.units.iter().find(|unit| unit.typo);
        review.misspelt = typo.map(|unit| scratch.lexed.words(unit.first_token, unit.last_token).to_owned());
    }
    let by_words = scratch.parsed.primary().map(|(_, ranked)| ranked.level);
    review.other_reading = by_words.filter(|&level| label.is_some_and(|label| label != level));
    review
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_agree_give_the_rest() {
        let title = with_level("head of  sales", 8).unwrap();
        assert_eq!((title.seniority, title.function), ("Head", Some("Sales")));
        let raised = with_level("Head of Sales", 6).unwrap();
        assert_eq!((raised.level, raised.seniority, raised.function), (6, "VP", Some("Sales")));
        let both = with_level("EVP & COO", 1).unwrap();
        assert_eq!((both.levels, both.level_name), (vec![1], "C-Level Executive"));
        let banking = with_level(" Banking ", 12).unwrap();
        assert_eq!((banking.cleaned_title.as_str(), banking.function), ("Banking", None));
        assert_eq!(banking.seniority, "Individual Contributor");
        assert!(with_level("CEO", 0).is_none() && with_level("CEO", 16).is_none());
    }

    #[test]
    fn weak_points() {
        assert_eq!(review("Vice Presedent of Sales").misspelt.as_deref(), Some("presedent"));
        assert_eq!(review("Vice President").misspelt, None);
        assert_eq!(review("Senior Executive").other_reading, Some(11));
        assert_eq!(review("Director").other_reading, None);
        for (text, is_no_title) in [
            ("Wholesale", true),
            ("Marketing", true),
            ("https://example.com", true),
            ("Zzyzx Wholesale", true),
            ("Wholesale Zzyzx", false),
            ("Director", false),
        ] {
            assert_eq!(review(text).is_no_title, is_no_title, "{text}");
        }
        assert_eq!(review("Director, Sales").key, review("director - sales").key);
    }
}
