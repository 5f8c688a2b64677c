//! From a head and what qualifies it to a level and a seniority.

use super::levels::EXECUTIVE;
use super::levels::seniority::{
    C_LEVEL, CONTRIBUTOR, DIRECTOR, ENTRY, FREELANCE, HEAD, INTERN, MANAGER, OWNER, SENIOR, VP,
};
use super::parse::{Head, Parsed};
use super::table::Role;

/// Words that qualify a head.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mods(u16);

impl Mods {
    pub(super) const SENIOR: u16 = 1;
    pub(super) const JUNIOR: u16 = 2;
    pub(super) const ASSOCIATE: u16 = 4;
    pub(super) const ASSISTANT: u16 = 8;
    pub(super) const DEPUTY: u16 = 16;
    pub(super) const VICE: u16 = 32;
    pub(super) const EXECUTIVE: u16 = 64;
    pub(super) const PRINCIPAL: u16 = 128;
    pub(super) const STAFF: u16 = 256;
    pub(super) const GROUP: u16 = 512;
    pub(super) const MANAGING: u16 = 1024;
    pub(super) const CHIEF: u16 = 2048;
    pub(super) const FREELANCE: u16 = 4096;

    /// The flag of a modifying word.
    pub(super) fn of(role: Role) -> Option<u16> {
        Some(match role {
            Role::Senior => Self::SENIOR,
            Role::Junior => Self::JUNIOR,
            Role::Associate => Self::ASSOCIATE,
            Role::Assistant => Self::ASSISTANT,
            Role::Deputy => Self::DEPUTY,
            Role::Vice => Self::VICE,
            Role::Executive => Self::EXECUTIVE,
            Role::Principal => Self::PRINCIPAL,
            Role::Staff => Self::STAFF,
            Role::Group => Self::GROUP,
            Role::Managing => Self::MANAGING,
            _ => return None,
        })
    }

    pub(super) fn set(&mut self, flag: u16) {
        self.0 |= flag;
    }

    pub(super) fn any(self, flags: u16) -> bool {
        self.0 & flags != 0
    }

    pub(super) fn with(self, other: Mods) -> Mods {
        Mods(self.0 | other.0)
    }
}

/// A level with the rule that gave it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ranked {
    pub(super) level: u8,
    pub(super) seniority: &'static str,
    pub(super) rule: &'static str,
    pub(super) percent: u8,
}

/// Level and seniority of `head`.
pub(super) fn rank(head: &Head, parsed: &Parsed) -> Ranked {
    let (level, seniority, rule, percent) =
        if head.role.leads() { leading(head, parsed) } else { working(head, parsed) };
    let percent: u8 = if head.typo { percent - 15 } else { percent };
    let rule = head.rule.unwrap_or(if head.typo { "typo" } else { rule });
    Ranked {
        level,
        seniority,
        rule,
        percent: if matches!(rule, "office_of" | "former" | "modifier_alone") { 60 } else { percent },
    }
}

/// Whether the holder leads people: said for ranks that do and for work that does not.
pub(super) fn leads_people(head: &Head, ranked: &Ranked, parsed: &Parsed) -> Option<bool> {
    match head.role {
        Role::Governance | Role::Owner | Role::Partner => None,
        // They manage accounts, products and projects; a group of such managers has a leader.
        Role::IcManager => Some(head.mods.any(Mods::GROUP | Mods::CHIEF)),
        // Banks give the rank of vice president to specialists.
        Role::VicePresident if head.with_work => None,
        Role::Lead if works_later(head, parsed) => None,
        _ => Some(ranked.level <= 10),
    }
}

fn leading(head: &Head, parsed: &Parsed) -> (u8, &'static str, &'static str, u8) {
    let mods = head.mods;
    let below = mods.any(Mods::ASSOCIATE | Mods::ASSISTANT | Mods::DEPUTY | Mods::VICE | Mods::JUNIOR);
    match head.role {
        Role::Chief if mods.any(Mods::ASSOCIATE | Mods::ASSISTANT) => (8, DIRECTOR, "modified_rank", 75),
        Role::Chief => (1, C_LEVEL, "rank_word", 97),
        Role::Governance => (2, C_LEVEL, "governance", 95),
        Role::President if mods.any(Mods::VICE) => vice_president(6, mods),
        Role::President if mods.any(Mods::ASSISTANT | Mods::ASSOCIATE) => (7, VP, "modified_rank", 80),
        Role::President => (3, C_LEVEL, "rank_word", 95),
        Role::VicePresident => vice_president(head.level, mods),
        Role::Owner => (3, OWNER, "rank_word", 95),
        Role::Partner if mods.any(Mods::ASSOCIATE | Mods::ASSISTANT) => (8, DIRECTOR, "modified_rank", 75),
        Role::Partner => (3, OWNER, "rank_word", 85),
        Role::Director if mods.any(Mods::MANAGING) => (3, C_LEVEL, "modified_rank", 95),
        Role::Director if below || head.level == 9 => (9, DIRECTOR, "modified_rank", 95),
        Role::Director => (8, DIRECTOR, "rank_word", 95),
        Role::ExecutiveDirector if below => (9, DIRECTOR, "modified_rank", 80),
        // Alone it heads a charity or a chamber; with a function behind it, a department.
        Role::ExecutiveDirector
            if parsed.units.iter().any(|unit| !matches!(unit.function, 0 | EXECUTIVE)) =>
        {
            (8, DIRECTOR, "modified_rank", 75)
        }
        Role::ExecutiveDirector => (3, C_LEVEL, "modified_rank", 75),
        Role::Head if (1..8).contains(&head.level) => (head.level, HEAD, "rank_word", 90),
        Role::Head if below => (9, HEAD, "modified_rank", 90),
        Role::Head => (8, HEAD, "rank_word", 92),
        Role::IcManager if mods.any(Mods::JUNIOR) => (13, ENTRY, "modified_rank", 85),
        Role::IcManager if mods.any(Mods::ASSOCIATE | Mods::ASSISTANT) => {
            (12, CONTRIBUTOR, "modified_rank", 80)
        }
        Role::Manager | Role::IcManager if mods.any(Mods::JUNIOR) => (13, ENTRY, "modified_rank", 80),
        Role::Manager | Role::IcManager
            if mods.any(
                Mods::SENIOR | Mods::GROUP | Mods::EXECUTIVE | Mods::PRINCIPAL | Mods::CHIEF | Mods::STAFF,
            ) && !below =>
        {
            (9, MANAGER, "modified_rank", 92)
        }
        Role::Lead if works_later(head, parsed) => (10, SENIOR, "rank_word", 80),
        _ if below => (head.level.max(10), MANAGER, "modified_rank", 85),
        _ => (head.level, MANAGER, "rank_word", 92),
    }
}

fn vice_president(level: u8, mods: Mods) -> (u8, &'static str, &'static str, u8) {
    let level = match level {
        6 if mods.any(Mods::EXECUTIVE) => 4,
        5 if mods.any(Mods::EXECUTIVE) => 4,
        6 if mods.any(Mods::SENIOR) => 5,
        6 if mods.any(Mods::ASSISTANT | Mods::ASSOCIATE | Mods::JUNIOR | Mods::DEPUTY) => 7,
        level => level,
    };
    (level, VP, "rank_word", 96)
}

fn working(head: &Head, parsed: &Parsed) -> (u8, &'static str, &'static str, u8) {
    let mods = head.mods;
    match head.role {
        Role::Intern => return (14, INTERN, "learner", 93),
        Role::Freelance => return (15, FREELANCE, "freelance", 93),
        _ if mods.any(Mods::FREELANCE) => return (15, FREELANCE, "freelance", 88),
        Role::Undefined => return (15, CONTRIBUTOR, "undefined", 80),
        _ => {}
    }
    let senior = mods.any(Mods::SENIOR) || mods.any(Mods::PRINCIPAL);
    match head.role {
        Role::Associate | Role::Assistant if mods.any(Mods::SENIOR) => {
            (if head.role == Role::Assistant { 12 } else { 11 }, SENIOR, "modified_rank", 80)
        }
        Role::Assistant if mods.any(Mods::EXECUTIVE) => (13, CONTRIBUTOR, "support", 90),
        Role::Associate | Role::Assistant => (13, ENTRY, "support", 90),
        Role::Aide if senior => (12, SENIOR, "modified_rank", 80),
        Role::Aide => (13, CONTRIBUTOR, "support", 92),
        Role::Executive if mods.any(Mods::SENIOR) => (11, SENIOR, "modified_rank", 80),
        Role::Executive if mods.any(Mods::JUNIOR) => (13, ENTRY, "modified_rank", 85),
        Role::Executive => (13, CONTRIBUTOR, "executive_of_work", 85),
        Role::Principal | Role::Staff if head.level == 11 => (11, SENIOR, "rank_word", 75),
        _ if mods.any(Mods::CHIEF) => (8, HEAD, "chief_of_work", 80),
        _ if mods.any(Mods::JUNIOR) => (13, ENTRY, "modified_rank", 90),
        _ if senior => (11, SENIOR, "modified_rank", 92),
        // A staff engineer is an expert; a staff nurse is one of the staff.
        _ if mods.any(Mods::STAFF)
            && matches!(super::function::function(head, parsed), ENGINEERING | PRODUCT | DESIGN) =>
        {
            (11, SENIOR, "modified_rank", 88)
        }
        _ if mods.any(Mods::ASSOCIATE | Mods::ASSISTANT)
            && head.level == 12
            && (mods.any(Mods::ASSOCIATE) || head.last_token == head.first_token) =>
        {
            (13, ENTRY, "modified_rank", 85)
        }
        Role::Consultant if qualified(head, parsed) => (12, CONTRIBUTOR, "occupation", 75),
        Role::Consultant => (15, FREELANCE, "outsider", 75),
        _ if head.level == 11 => (11, SENIOR, "occupation", 80),
        _ => (head.level, CONTRIBUTOR, if head.level == 13 { "support" } else { "occupation" }, 88),
    }
}

const ENGINEERING: u8 = 6;
const PRODUCT: u8 = 8;
const DESIGN: u8 = 13;

/// A consultant or advisor for something is employed for it; one without is an outsider.
fn qualified(head: &Head, parsed: &Parsed) -> bool {
    let inside = head.function != 0 && head.last_token > head.first_token;
    let mut after = parsed.units.iter().skip(head.unit + 1);
    inside
        || after.any(|unit| unit.segment == head.segment && unit.function != 0 && !unit.foreign)
        || parsed.units.iter().take(head.unit).any(|unit| {
            unit.segment == head.segment
                && (unit.function != 0
                    || unit.role.works()
                    || matches!(unit.role, Role::Domain | Role::Function | Role::Unknown | Role::Intern))
        })
}

fn works_later(head: &Head, parsed: &Parsed) -> bool {
    head.with_work
        || parsed
            .units
            .iter()
            .skip(head.unit + 1)
            .any(|unit| unit.segment == head.segment && unit.role.works())
}
