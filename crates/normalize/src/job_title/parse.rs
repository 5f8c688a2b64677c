//! Heads of a title, what qualifies them and what only depends on them.
//!
//! Words are read from left to right in segments: a comma, a dash, a slash or "and" starts the next one. Inside a segment the
//! leftmost rank word is the head, and a word for an occupation is one only where no rank word stands. What follows "of" is the
//! object of the head; what follows "to" or "at" is somebody else.

use super::lexer::{Gap, Lexed};
use super::rank::{self, Mods, Ranked};
use super::table::{Entry, Role, by_suffix, by_typo, lookup};

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
    fallback: Option<Head>,
}

impl Parsed {
    /// The head that decides, with its rank.
    pub(super) fn primary(&self) -> Option<(&Head, Ranked)> {
        let head = self.heads.first().or(self.fallback.as_ref())?;
        Some((head, rank::rank(head, self)))
    }

    /// The next unit tied to `at` by a blank or a hyphen.
    fn next(&self, at: usize) -> Option<&Unit> {
        self.units.get(at + 1).filter(|unit| unit.gap.joins())
    }

    /// The first head after `at` in the same noun phrase.
    fn later_head(&self, at: usize) -> Option<&Unit> {
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

    /// Nothing else stands in the segment of `at`.
    fn alone(&self, at: usize) -> bool {
        let starts = at == 0 || self.units.get(at).is_some_and(|unit| !unit.gap.joins());
        starts && self.next(at).is_none()
    }
}

/// Reads `lexed` into `parsed`, which is emptied first.
pub(super) fn parse(lexed: &Lexed, parsed: &mut Parsed) {
    parsed.units.clear();
    parsed.heads.clear();
    parsed.fallback = None;
    read_units(lexed, parsed);
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
enum Block {
    Nothing,
    Object,
    Other,
}

struct Reader<'a> {
    parsed: &'a mut Parsed,
    segment: usize,
    tie: Gap,
    mods: Mods,
    /// Modifiers of the occupation heads of this segment.
    carried: Mods,
    block: Block,
    office: Option<usize>,
    former: Option<usize>,
    modifier: Option<usize>,
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
            return at + 1;
        }
        self.modify(at, unit);
        match unit.role {
            Role::Former => {
                self.former.get_or_insert(at);
                self.block = Block::Other;
            }
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
            Role::Partner if self.parsed.later_head(at).is_some() => {}
            Role::Head | Role::Lead => {
                let next = self.parsed.next(at).map(|next| (next.role, next.last_token));
                match next {
                    Some((Role::Occupation | Role::Officer | Role::Consultant, last))
                        if unit.role == Role::Head && unit.level != 3 =>
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
        let Some(head) = self.parsed.heads.last_mut() else { return };
        let qualifies = match unit.role {
            // "Consultant senior", "Engineer (Senior)".
            Role::Senior | Role::Junior => !head.role.leads() && (head.segment == segment || alone),
            // "Directeur adjoint".
            Role::Deputy => head.segment == segment,
            _ => false,
        };
        if qualifies {
            head.mods.set(flag);
        }
    }

    /// A rank word.
    fn lead(&mut self, at: usize, unit: Unit, rule: Option<&'static str>) {
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
    fn work(&mut self, at: usize, unit: Unit, rule: Option<&'static str>) {
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

    fn push(&mut self, at: usize, unit: Unit, mods: Mods, rule: Option<&'static str>) {
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

    /// Learners learn whatever the words around them name: "Product Manager Intern".
    fn intern(&mut self, at: usize, unit: Unit) {
        let segment = self.segment;
        // "Student Affairs Director", "Intern Program Manager": the learners are the object.
        if self.parsed.later_head(at).is_some_and(|head| head.role.leads())
            && self.parsed.next(at).is_some_and(|next| !next.role.leads())
        {
            return;
        }
        let alone = self.parsed.alone(at) && matches!(self.tie, Gap::Dash | Gap::Open | Gap::Comma);
        let level = |head: &Head| head.segment == segment || (alone && head.level >= 10);
        if self.parsed.heads.last().is_some_and(level) {
            self.parsed.heads.pop();
        }
        self.push(at, Unit { level: 14, ..unit }, Mods::default(), None);
    }

    /// "Principal" and "Staff" with nothing behind them.
    fn standing(&mut self, at: usize, unit: Unit, lexed: &Lexed) {
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
    fn chief(&mut self, at: usize, unit: Unit) -> usize {
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
    fn drop_executive_before(&mut self, at: usize) {
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

    fn finish(&mut self) {
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

/// Splits the words into units, the longest phrase first.
fn read_units(lexed: &Lexed, parsed: &mut Parsed) {
    let mut gap = Gap::Space;
    let mut at = 0;
    while let Some(token) = lexed.tokens.get(at) {
        gap = gap.max(token.gap);
        if token.unspaced {
            read_unspaced(lexed, at, gap, parsed);
            gap = Gap::Space;
            at += 1;
            continue;
        }
        let word = lexed.words(at, at);
        let mut last = at;
        let mut typo = false;
        let mut entry = lookup(word);
        if let Some(start) = entry
            && start.longest > 1
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
        let entry =
            entry.filter(|entry| entry.role != Role::Unknown).or_else(|| by_suffix(word)).or_else(|| {
                let near = by_typo(word);
                typo = near.is_some();
                near
            });
        let possessive = lexed.tokens.get(last).is_some_and(|token| token.possessive);
        push_unit(entry, (at, last), gap, possessive, typo, parsed);
        gap = Gap::Space;
        if parsed.units.last().is_some_and(|unit| unit.role == Role::And) {
            parsed.units.pop();
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
fn read_unspaced(lexed: &Lexed, at: usize, gap: Gap, parsed: &mut Parsed) {
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
                push_unit(Some(entry), (at, at), gap, false, false, parsed);
                gap = Gap::Space;
                end
            }
            None => c.len_utf8(),
        };
        rest = &rest[length..];
        if parsed.units.len() > 96 {
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
    parsed: &mut Parsed,
) {
    let entry = entry.unwrap_or_default();
    parsed.units.push(Unit {
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
