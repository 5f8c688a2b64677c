//! The function that a title names.

use super::levels::EXECUTIVE;
use super::lexer::Gap;
use super::parse::{Head, Parsed};
use super::rank::Mods;
use super::table::Role;
use super::units::Unit;

/// Number of the function of the holder, 0 where no word says one.
pub(super) fn function(head: &Head, parsed: &Parsed) -> u8 {
    let vice = head.mods.any(Mods::VICE | Mods::DEPUTY | Mods::ASSISTANT | Mods::ASSOCIATE);
    match head.role {
        Role::Chief if head.function != 0 => head.function,
        Role::Chief => best(head, parsed, true).unwrap_or(EXECUTIVE),
        Role::Governance | Role::Owner => EXECUTIVE,
        Role::President if !vice => best(head, parsed, !runs_a_part(head, parsed)).unwrap_or(EXECUTIVE),
        Role::Partner => best(head, parsed, false).unwrap_or(EXECUTIVE),
        Role::Director if head.mods.any(Mods::MANAGING) => best(head, parsed, false).unwrap_or(EXECUTIVE),
        Role::ExecutiveDirector => best(head, parsed, false).unwrap_or(EXECUTIVE),
        _ => best(head, parsed, false).unwrap_or_default(),
    }
}

/// "Managing Director - Investment Banking": what follows names a part of the company and no other title, place or name.
fn runs_a_part(head: &Head, parsed: &Parsed) -> bool {
    parsed.units.iter().skip(head.unit + 1).all(|unit| {
        let part = matches!(unit.role, Role::Function | Role::Domain) && unit.function != 0;
        (part || matches!(unit.role, Role::Scope | Role::Of | Role::Article))
            && (unit.gap <= Gap::Comma || unit.gap == Gap::Amp)
    })
}

/// The best function word: strong before weak, the segment of the head before the others, then the leftmost.
fn best(head: &Head, parsed: &Parsed, same_segment: bool) -> Option<u8> {
    let score = |unit: &Unit| (u8::from(unit.strong) << 1) | u8::from(unit.segment == head.segment);
    let mut found: Option<(u8, u8)> = None;
    for unit in &parsed.units {
        if unit.function == 0 || unit.foreign || (same_segment && unit.segment != head.segment) {
            continue;
        }
        let score = score(unit);
        if found.is_none_or(|(best, _)| score > best) {
            found = Some((score, unit.function));
        }
    }
    found.map(|(_, function)| function)
}
