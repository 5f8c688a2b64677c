//! Heads of a title, what qualifies them and what only depends on them.
//!
//! Words are read from left to right in segments: a comma, a dash, a slash or "and" starts the next one. Inside a segment the
//! leftmost rank word is the head, and a word for an occupation is one only where no rank word stands. What follows "of" is the
//! object of the head; what follows "to" or "at" is somebody else.

use super::lexer::{Gap, Lexed};
use super::rank::{self, Mods, Ranked};
use super::table::Role;
use super::units::{Unit, read_units};

/// A word that names what the holder is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub(super) role: Role,
    pub(super) level: u8,
    pub(super) function: u8,
    pub(super) mods: Mods,
    pub(super) unit: usize,
    pub(super) segment: usize,
    pub(super) first_token: usize,
    pub(super) last_token: usize,
    pub(super) typo: bool,
    pub(super) rule: Option<&'static str>,
    /// An occupation follows in the same segment: "AVP Credit Risk Analyst".
    pub(super) with_work: bool,
    /// How the segment is tied to the one before.
    pub(super) tie: Gap,
}

/// What a text was read as.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    pub(super) units: Vec<Unit>,
    pub(super) heads: Vec<Head>,
    /// What stands for a head where the text has none.
    pub(super) fallback: Option<Head>,
}

impl Parsed {
    /// The head that decides, with its rank.
    pub(super) fn primary(&self) -> Option<(&Head, Ranked)> {
        let head = self.heads.first().or(self.fallback.as_ref())?;
        Some((head, rank::rank(head, self)))
    }

    /// The next unit tied to `at` by a blank or a hyphen.
    pub(super) fn next(&self, at: usize) -> Option<&Unit> {
        self.units.get(at + 1).filter(|unit| unit.gap.joins())
    }

    /// The first head after `at` in the same noun phrase.
    pub(super) fn later_head(&self, at: usize) -> Option<&Unit> {
        self.units
            .get(at + 1..)?
            .iter()
            .take_while(|unit| {
                (unit.gap.joins() || unit.gap == Gap::Amp)
                    && !matches!(unit.role, Role::Of | Role::To | Role::At)
            })
            .find(|unit| {
                unit.role.is_head()
                    || matches!(unit.role, Role::Assistant | Role::Associate | Role::Executive)
            })
    }

    /// A rank stands beside `at`: "Partner & Managing Director", and not "Partner and Channel Manager".
    pub(super) fn coordinated(&self, at: usize) -> bool {
        let leads = |unit: &Unit| unit.role.leads() || unit.role == Role::Managing;
        self.units.get(at + 1).is_some_and(|unit| unit.gap == Gap::Amp && leads(unit))
    }

    /// Nothing else stands in the segment of `at`.
    pub(super) fn alone(&self, at: usize) -> bool {
        let starts = at == 0 || self.units.get(at).is_some_and(|unit| !unit.gap.joins());
        starts && self.next(at).is_none()
    }
}

/// Reads `lexed` into `parsed`, which is emptied first.
pub(super) fn parse(lexed: &Lexed, parsed: &mut Parsed) {
    parsed.units.clear();
    parsed.heads.clear();
    parsed.fallback = None;
    read_units(lexed, &mut parsed.units);
    Reader {
        parsed,
        segment: 0,
        tie: Gap::Space,
        mods: Mods::default(),
        carried: Mods::default(),
        block: Block::Nothing,
        office: None,
        former: None,
        modifier: None,
    }
    .read(lexed);
}

/// Why the words that follow are not read as ranks of the holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    Nothing,
    Object,
    Other,
}

pub(super) struct Reader<'a> {
    pub(super) parsed: &'a mut Parsed,
    pub(super) segment: usize,
    pub(super) tie: Gap,
    pub(super) mods: Mods,
    /// Modifiers of the occupation heads of this segment.
    pub(super) carried: Mods,
    pub(super) block: Block,
    pub(super) office: Option<usize>,
    pub(super) former: Option<usize>,
    pub(super) modifier: Option<usize>,
}

impl Reader<'_> {
    fn read(&mut self, lexed: &Lexed) {
        let mut at = 0;
        while at < self.parsed.units.len() {
            let unit = self.parsed.units[at];
            self.boundary(at, &unit);
            self.parsed.units[at].segment = self.segment;
            self.parsed.units[at].foreign = self.block == Block::Other;
            at = self.unit(at, unit, lexed);
        }
        self.finish();
    }

    /// Starts the next segment where the gap before a unit says so.
    fn boundary(&mut self, at: usize, unit: &Unit) {
        if unit.gap.joins() || at == 0 {
            return;
        }
        let coordinated = unit.gap == Gap::Amp;
        match self.block {
            // "Assistant to the President and CEO" is one phrase.
            Block::Other if coordinated || unit.gap == Gap::At => {}
            // "Head of Agents and Brokers" still speaks of its object; "Head of Sales and VP" does not.
            Block::Object if coordinated && !unit.role.leads() => {}
            _ => self.block = Block::Nothing,
        }
        if unit.gap == Gap::At {
            self.block = Block::Other;
        }
        if self.parsed.heads.iter().any(|head| head.segment == self.segment) {
            self.mods = Mods::default();
        }
        self.carried = Mods::default();
        self.segment += 1;
        self.tie = unit.gap;
    }

    /// Reads one unit; the index of the next to read.
    fn unit(&mut self, at: usize, unit: Unit, lexed: &Lexed) -> usize {
        match unit.role {
            Role::Of if self.office == Some(at.wrapping_sub(1)) && at > 0 => self.block = Block::Other,
            Role::Of if !self.parsed.heads.is_empty() && self.block == Block::Nothing => {
                self.block = Block::Object
            }
            Role::To | Role::At if at > 0 => {
                if let (Role::To, Some(head)) = (unit.role, self.parsed.heads.last_mut())
                    && head.segment == self.segment
                {
                    head.rule = head.rule.or(Some("assistant_to")).filter(|_| !head.role.leads());
                }
                self.block = Block::Other;
            }
            _ => {}
        }
        if self.block == Block::Other
            || matches!(unit.role, Role::Of | Role::To | Role::At | Role::And | Role::Article)
        {
            return at + 1;
        }
        if unit.possessive && unit.role.leads() {
            self.parsed.units[at].foreign = true;
            self.office.get_or_insert(at);
            return at + 1;
        }
        if self.block == Block::Object {
            // "Analista de Marketing Júnior"
            if matches!(unit.role, Role::Senior | Role::Junior) && self.parsed.next(at).is_none() {
                self.modify(at, unit);
            }
            return at + 1;
        }
        self.modify(at, unit);
        match unit.role {
            Role::Former => self.former(at, unit, lexed),
            Role::Non => {
                if let Some(next) = self.parsed.units.get(at + 1).copied()
                    && matches!(next.role, Role::Manager | Role::IcManager)
                {
                    self.work(
                        at,
                        Unit { role: Role::Occupation, level: 13, last_token: next.last_token, ..unit },
                        Some("non_manager"),
                    );
                    self.parsed.units[at + 1].segment = self.segment;
                    return at + 2;
                }
            }
            Role::Office => {
                self.drop_executive_before(at);
                self.office = Some(at);
            }
            Role::ChiefWord => return self.chief(at, unit),
            Role::Partner if self.parsed.later_head(at).is_some() && !self.parsed.coordinated(at) => {}
            Role::Partner if self.is_colleague(at, unit) => {
                self.work(at, Unit { role: Role::Occupation, level: 12, ..unit }, None);
            }
            Role::Governance if self.names_board(at, unit) => {}
            Role::Undefined if !self.parsed.heads.is_empty() => {}
            _ if self.sits_on_board(at, unit, lexed) => {
                self.lead(at, Unit { role: Role::Governance, ..unit }, None);
            }
            Role::Head | Role::Lead => {
                let next = self.parsed.next(at).map(|next| (next.role, next.last_token));
                match next {
                    Some((Role::Occupation | Role::Officer | Role::Consultant, last))
                        if lexed.words(unit.first_token, unit.last_token) == "head" =>
                    {
                        self.lead(
                            at,
                            Unit { role: Role::Manager, level: 10, last_token: last, ..unit },
                            Some("head_of_work"),
                        );
                    }
                    _ => self.lead(at, unit, None),
                }
            }
            Role::President
                if lexed.words(unit.first_token, unit.last_token) == "md"
                    && !self.parsed.heads.is_empty() => {}
            Role::Principal | Role::Staff if self.parsed.later_head(at).is_none() => {
                self.standing(at, unit, lexed)
            }
            Role::Executive | Role::Associate | Role::Assistant if self.parsed.later_head(at).is_none() => {
                if unit.role == Role::Assistant {
                    self.drop_executive_before(at);
                }
                let rule = (unit.role == Role::Assistant && self.office.is_some()).then_some("assistant_to");
                self.work(at, Unit { level: 13, ..unit }, rule);
            }
            Role::Assistant
                if self.parsed.next(at).is_some_and(|next| {
                    matches!(next.role, Role::Chief | Role::Owner | Role::Governance)
                }) =>
            {
                self.work(at, Unit { level: 13, ..unit }, Some("assistant_to"));
                self.block = Block::Other;
            }
            Role::Aide => {
                self.drop_executive_before(at);
                let follows = self.parsed.next(at).is_some_and(|next| next.role.leads());
                let rule = (follows || self.office.is_some()).then_some("assistant_to");
                self.work(at, unit, rule);
                if follows {
                    self.block = Block::Other;
                }
            }
            Role::Intern => self.intern(at, unit),
            Role::Freelance if self.free(at) => {}
            Role::Freelance => {
                self.mods.set(Mods::FREELANCE);
                self.carried.set(Mods::FREELANCE);
                if !self.parsed.heads.iter().any(|head| head.segment == self.segment)
                    && self.parsed.later_head(at).is_none()
                {
                    self.work(at, unit, Some("freelance"));
                }
            }
            role if role.leads() => {
                let joined =
                    self.parsed.next(at).is_some_and(|next| matches!(next.role, Role::Office | Role::Aide));
                if !joined || unit.role == Role::Manager {
                    self.lead(at, unit, None);
                } else {
                    self.parsed.units[at].foreign = true;
                    self.office.get_or_insert(at);
                }
            }
            role if role.works() => self.work(at, unit, None),
            _ => {}
        }
        at + 1
    }

    fn modify(&mut self, at: usize, unit: Unit) {
        let Some(flag) = Mods::of(unit.role) else { return };
        self.modifier.get_or_insert(at);
        self.mods.set(flag);
        self.carried.set(flag);
        let segment = self.segment;
        let alone = self.parsed.alone(at);
        let last = self.parsed.next(at).is_none();
        let Some(head) = self.parsed.heads.last_mut() else { return };
        let qualifies = match unit.role {
            // "Consultant senior", "Engineer (Senior)", "Project Manager Senior".
            Role::Senior | Role::Junior if head.role.leads() => head.segment == segment && last,
            Role::Senior | Role::Junior => head.segment == segment || alone,
            // "Directeur adjoint".
            Role::Deputy => head.segment == segment,
            _ => false,
        };
        if qualifies {
            head.mods.set(flag);
        }
    }

    /// A rank word.
    pub(super) fn lead(&mut self, at: usize, unit: Unit, rule: Option<&'static str>) {
        let mods = self.mods;
        let segment = self.segment;
        if self
            .parsed
            .heads
            .last()
            .is_some_and(|head| head.segment == segment && !head.role.leads() && head.role != Role::Intern)
        {
            self.parsed.heads.pop();
        }
        self.push(at, unit, mods, rule);
        self.mods = Mods::default();
    }

    /// A word for work.
    pub(super) fn work(&mut self, at: usize, unit: Unit, rule: Option<&'static str>) {
        let segment = self.segment;
        if let Some(head) = self.parsed.heads.last_mut().filter(|head| head.segment == segment) {
            if head.role.leads() || head.role == Role::Intern {
                head.with_work = true;
                return;
            }
            self.parsed.heads.pop();
        }
        self.push(at, unit, self.carried.with(self.mods), rule);
    }

    pub(super) fn push(&mut self, at: usize, unit: Unit, mods: Mods, rule: Option<&'static str>) {
        self.parsed.heads.push(Head {
            role: unit.role,
            level: unit.level,
            function: unit.function,
            mods,
            unit: at,
            segment: self.segment,
            first_token: unit.first_token,
            last_token: unit.last_token,
            typo: unit.typo,
            rule,
            with_work: false,
            tie: self.tie,
        });
    }
}
