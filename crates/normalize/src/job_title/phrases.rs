//! Words that say what they are only together with their neighbours: chiefs, learners, principals, and what stands for a head where
//! there is none.

use super::levels::function_name;
use super::lexer::{Gap, Lexed};
use super::parse::{Block, Head, Reader};
use super::rank::Mods;
use super::table::Role;
use super::units::Unit;

impl Reader<'_> {
    /// Learners learn whatever the words around them name: "Product Manager Intern".
    pub(super) fn intern(&mut self, at: usize, unit: Unit) {
        let segment = self.segment;
        // "Student Affairs Director", "Intern Program Manager": the learners are the object.
        if self.parsed.later_head(at).is_some_and(|head| head.role.leads())
            && self.parsed.next(at).is_some_and(|next| !next.role.leads())
        {
            return;
        }
        let alone = self.parsed.alone(at) && matches!(self.tie, Gap::Dash | Gap::Open | Gap::Comma);
        // "Polisher and Buffer Apprentice" learns both; "Barista & Student" is both.
        let shared = unit.gap.joins() && matches!(self.tie, Gap::Amp | Gap::Slash);
        let level = |head: &Head| {
            head.segment == segment
                || (alone && head.level >= 10)
                || (shared && head.role == Role::Occupation)
        };
        if self.parsed.heads.last().is_some_and(level) {
            self.parsed.heads.pop();
        }
        self.push(at, Unit { level: 14, ..unit }, Mods::default(), None);
    }

    /// "Former CEO" was one, and so was "Chairman Emeritus" or "CEO (retired)".
    pub(super) fn former(&mut self, at: usize, unit: Unit, lexed: &Lexed) {
        if !self.parsed.heads.is_empty() && self.parsed.next(at).is_none() {
            // A "Cigar Head Former" forms.
            if lexed.words(unit.first_token, unit.last_token) == "former" {
                return;
            }
            for head in self.parsed.heads.drain(..) {
                self.parsed.units[head.unit].foreign = true;
            }
        }
        self.former.get_or_insert(at);
        self.block = Block::Other;
    }

    /// "Member of the Scientific Advisory Board": who sits on a board governs.
    pub(super) fn sits_on_board(&self, at: usize, unit: Unit, lexed: &Lexed) -> bool {
        unit.role == Role::Occupation
            && matches!(
                lexed.words(unit.first_token, unit.last_token),
                "member" | "mitglied" | "membre" | "lid"
            )
            && self
                .parsed
                .units
                .iter()
                .skip(at + 1)
                .take_while(|next| next.gap.joins() || next.gap == Gap::Amp)
                .any(|next| next.role == Role::Governance)
    }

    /// "Director (Board)": the head just before it governs.
    pub(super) fn names_board(&mut self, at: usize, unit: Unit) -> bool {
        let head = self.parsed.heads.last_mut();
        let Some(head) =
            head.filter(|head| unit.gap == Gap::Open && head.role == Role::Director && head.unit + 1 == at)
        else {
            return false;
        };
        head.role = Role::Governance;
        true
    }

    /// "Designer - Freelance": how the work named before is done.
    pub(super) fn free(&mut self, at: usize) -> bool {
        let aside = self.parsed.alone(at) && matches!(self.tie, Gap::Dash | Gap::Comma | Gap::Open);
        let Some(head) = self.parsed.heads.last_mut().filter(|head| aside && head.role.works()) else {
            return false;
        };
        head.mods.set(Mods::FREELANCE);
        true
    }

    /// "HR Partner", "Sales Partner": beside a function that firms do not share in, a partner is a colleague.
    pub(super) fn is_colleague(&self, at: usize, unit: Unit) -> bool {
        let before = at.checked_sub(1).and_then(|before| self.parsed.units.get(before));
        unit.gap.joins()
            && before.is_some_and(|before| {
                before.strong
                    && matches!(
                        function_name(before.function),
                        Some("Sales" | "Marketing" | "Human Resources" | "Customer Success" | "Product")
                    )
            })
    }

    /// "Principal" and "Staff" with nothing behind them.
    pub(super) fn standing(&mut self, at: usize, unit: Unit, lexed: &Lexed) {
        let school = ["school", "academy", "college", "university", "elementary"];
        let of_school =
            lexed.tokens.iter().enumerate().any(|(token, _)| school.contains(&lexed.words(token, token)));
        if unit.role == Role::Principal
            && (of_school || self.mods.any(Mods::VICE | Mods::DEPUTY | Mods::ASSISTANT))
        {
            self.lead(at, Unit { role: Role::Head, level: 8, ..unit }, Some("school_principal"));
            return;
        }
        let first = at == 0 || !unit.gap.joins();
        let level = if unit.role == Role::Staff && !first { 12 } else { 11 };
        self.work(at, Unit { level, ..unit }, None);
    }

    /// "Chief ... Officer", "Chief of Operations", "Fire Chief", "Chief Engineer".
    pub(super) fn chief(&mut self, at: usize, unit: Unit) -> usize {
        let mut function = (0, false);
        let mut end = at + 1;
        while let Some(next) = self.parsed.units.get(end).copied() {
            if end > at + 9
                || matches!(next.role, Role::Of | Role::To | Role::At)
                || next.gap > Gap::Comma && !matches!(next.gap, Gap::Amp | Gap::Slash)
            {
                break;
            }
            if next.role == Role::Officer {
                for between in self.parsed.units.iter_mut().take(end + 1).skip(at) {
                    between.segment = self.segment;
                }
                self.lead(
                    at,
                    Unit {
                        role: Role::Chief,
                        level: 1,
                        last_token: next.last_token,
                        function: function.0,
                        ..unit
                    },
                    Some("chief_phrase"),
                );
                return end + 1;
            }
            if next.role.leads() || next.role.works() {
                break;
            }
            if next.function != 0 && (function.0 == 0 || (next.strong && !function.1)) {
                function = (next.function, next.strong);
            }
            end += 1;
        }
        let next = self.parsed.next(at).copied();
        let before =
            at.checked_sub(1).and_then(|before| self.parsed.units.get(before)).filter(|_| unit.gap.joins());
        let led =
            before.is_some_and(|before| matches!(before.role, Role::Unknown | Role::Domain | Role::Function));
        match next {
            Some(next) if next.role.leads() || next.role.works() => {
                self.mods.set(Mods::CHIEF);
                self.carried.set(Mods::CHIEF);
                self.modifier.get_or_insert(at);
            }
            Some(next) if matches!(next.role, Role::Unknown) || led => {
                self.lead(at, Unit { role: Role::Head, level: 8, ..unit }, Some("chief_of_group"))
            }
            Some(_) => self.lead(
                at,
                Unit { role: Role::Chief, level: 1, function: function.0, ..unit },
                Some("chief_phrase"),
            ),
            None if led => self.lead(at, Unit { role: Role::Head, level: 8, ..unit }, Some("chief_of_group")),
            None => self.lead(at, Unit { role: Role::Chief, level: 1, ..unit }, None),
        }
        at + 1
    }

    /// "CEO Office", "VP Assistant": the rank just before is somebody else's.
    pub(super) fn drop_executive_before(&mut self, at: usize) {
        let joined = self.parsed.units.get(at).is_some_and(|unit| unit.gap.joins());
        if let Some(head) =
            self.parsed.heads.last().filter(|head| joined && head.role.leads() && head.unit + 1 == at)
        {
            let unit = head.unit;
            self.parsed.units[unit].foreign = true;
            self.parsed.heads.pop();
            self.office.get_or_insert(unit);
        }
    }

    pub(super) fn finish(&mut self) {
        let heads = &mut self.parsed.heads;
        // In "Engineer, Team Lead" the rank stands in apposition and is the better name; in "Engineer & Founder" the first is first.
        if let Some(first) = heads.first()
            && matches!(
                first.role,
                Role::Occupation
                    | Role::Officer
                    | Role::Consultant
                    | Role::Undefined
                    | Role::Associate
                    | Role::Executive
                    | Role::Principal
            )
            && first.rule.is_none()
            && let Some(better) = heads.iter().position(|head| head.role.leads())
            && !heads[better].tie.coordinates()
        {
            let head = heads.remove(better);
            heads.insert(0, head);
        }
        if !heads.is_empty() {
            return;
        }
        let (at, level, rule) = match (self.office, self.former, self.modifier) {
            (Some(at), _, _) => (at, 12, "office_of"),
            (_, Some(at), _) => (at, 15, "former"),
            (_, _, Some(at)) => (at, 0, "modifier_alone"),
            _ => {
                let commercial = self.parsed.units.iter().position(|unit| unit.role == Role::Commercial);
                let Some(at) = commercial.filter(|_| self.parsed.units.len() <= 3) else { return };
                (at, 12, "occupation")
            }
        };
        let Some(unit) = self.parsed.units.get(at).copied() else { return };
        let mut mods = self.mods;
        if let Some(flag) = Mods::of(unit.role) {
            mods.set(flag);
        }
        let level = match (level, unit.role) {
            (0, Role::Senior) => 11,
            (0, Role::Junior) => 13,
            (0, _) => return,
            (level, _) => level,
        };
        let role = if rule == "former" { Role::Undefined } else { Role::Occupation };
        self.push(at, Unit { role, level, ..unit }, mods, Some(rule));
        self.parsed.fallback = self.parsed.heads.pop();
    }
}
