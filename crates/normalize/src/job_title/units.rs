//! Splits the words of a title into units: the words and phrases of the table, and words it does not know.

use super::lexer::{Gap, Lexed};
use super::table::{Entry, Role, letter, lookup};
use super::unlisted::{by_last_part, by_suffix, by_typo};

/// A word or phrase of the table, or a word it does not know.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    pub(super) role: Role,
    pub(super) level: u8,
    pub(super) function: u8,
    pub(super) strong: bool,
    pub(super) first_token: usize,
    pub(super) last_token: usize,
    pub(super) gap: Gap,
    pub(super) possessive: bool,
    pub(super) typo: bool,
    pub(super) segment: usize,
    /// Names somebody else, or a former rank: it says nothing of the holder.
    pub(super) foreign: bool,
}

/// Splits the words into units, the longest phrase first.
pub(super) fn read_units(lexed: &Lexed, units: &mut Vec<Unit>) {
    let mut gap = Gap::Space;
    let mut at = 0;
    while let Some(token) = lexed.tokens.get(at) {
        gap = gap.max(token.gap);
        if token.unspaced {
            read_unspaced(lexed, at, gap, units);
            gap = Gap::Space;
            at += 1;
            continue;
        }
        let word = lexed.words(at, at);
        let mut last = at;
        let mut typo = false;
        let mut entry = lookup(word);
        if let Some(start) = entry
            && start.seconds & letter(lexed.words(at + 1, at + 1)) != 0
        {
            let reach = phrase_reach(lexed, at, usize::from(start.longest));
            for end in (at + 1..=reach).rev().filter(|end| start.lengths >> (end - at + 1).min(31) & 1 == 1) {
                if let Some(phrase) =
                    lookup(lexed.words(at, end)).filter(|phrase| phrase.role != Role::Unknown)
                {
                    entry = Some(phrase);
                    last = end;
                    break;
                }
            }
        }
        let entry = entry
            .filter(|entry| entry.role != Role::Unknown)
            .or_else(|| by_suffix(word))
            .or_else(|| {
                let near = by_typo(word);
                typo = near.is_some();
                near
            })
            .or_else(|| by_last_part(word));
        let possessive = lexed.tokens.get(last).is_some_and(|token| token.possessive);
        push_unit(entry, (at, last), gap, possessive, typo, units);
        gap = Gap::Space;
        if units.last().is_some_and(|unit| unit.role == Role::And) {
            units.pop();
            gap = Gap::Amp;
        }
        at = last + 1;
    }
}

/// The last token that a phrase from `at` can reach: phrases cross blanks and hyphens.
fn phrase_reach(lexed: &Lexed, at: usize, longest: usize) -> usize {
    let mut end = at;
    while end + 1 < at + longest
        && let Some(next) = lexed.tokens.get(end + 1)
    {
        let short = lexed.tokens.get(at).is_some_and(|first| first.to - first.from <= 4);
        let letter = lexed.tokens.get(end).is_some_and(|before| before.to - before.from == 1);
        let crossed = next.gap.joins()
            || (next.gap == Gap::Dash && short)
            || (matches!(next.gap, Gap::Amp | Gap::Slash) && letter);
        if !crossed || next.unspaced || lexed.tokens.get(end).is_some_and(|before| before.possessive) {
            break;
        }
        end += 1;
    }
    end
}

/// Words written without blanks: the longest entry at each place.
fn read_unspaced(lexed: &Lexed, at: usize, gap: Gap, units: &mut Vec<Unit>) {
    /// Letters of the longest entry.
    const LONGEST: usize = 14;
    let mut rest = lexed.words(at, at);
    let mut gap = gap;
    while let Some(c) = rest.chars().next() {
        let ends = rest.char_indices().map(|(start, c)| start + c.len_utf8()).take(LONGEST);
        let mut found = None;
        for end in ends {
            if let Some(entry) = lookup(&rest[..end]).filter(|entry| entry.role != Role::Unknown) {
                found = Some((entry, end));
            }
        }
        let length = match found {
            Some((entry, end)) => {
                push_unit(Some(entry), (at, at), gap, false, false, units);
                gap = Gap::Space;
                end
            }
            None => c.len_utf8(),
        };
        rest = &rest[length..];
        if units.len() > 96 {
            return;
        }
    }
}

fn push_unit(
    entry: Option<Entry>,
    tokens: (usize, usize),
    gap: Gap,
    possessive: bool,
    typo: bool,
    units: &mut Vec<Unit>,
) {
    let entry = entry.unwrap_or_default();
    units.push(Unit {
        role: entry.role,
        level: entry.level,
        function: entry.function,
        strong: entry.strong,
        first_token: tokens.0,
        last_token: tokens.1,
        gap,
        possessive,
        typo,
        segment: 0,
        foreign: false,
    });
}
