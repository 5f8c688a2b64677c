//! What became of each value of a record: looked up where it belongs, in the dimension row of its source and in the golden
//! record, place by place.

use crate::batch::Matcher;
use crate::pipeline::{Keys, NoKey, Notices, PipelineOptions};
use crate::reconcile::held::{Held, Holdings};
use crate::reconcile::places::{Place, Shows, is_composed, may_be_aside, places};
use crate::reconcile::report::{Finding, Link, ValueClass};
use crate::reconcile::tally::{File, Slot, Tally, Verdict, count};
use firmograph_core::{
    Attribute, Dimension, EntityKind, Field, FieldSet, MatchedValue, PayloadId, Position, RawValue, Reject,
    RejectCode, Scalar, Timestamp, golden_columns,
};
use firmograph_normalize::is_placeholder;
use std::borrow::Cow;
use std::sync::Arc;

/// One record of a payload, read again.
pub(crate) struct Told {
    pub(crate) fields: FieldSet,
    pub(crate) keys: Result<Keys, NoKey>,
    pub(crate) said: Vec<(Attribute, RawValue)>,
}

/// One payload of the input.
pub(crate) struct Given {
    pub(crate) position: Position,
    pub(crate) id: PayloadId,
    pub(crate) observed_at: Option<Timestamp>,
    pub(crate) body: Box<str>,
    /// Its records; there is at least one.
    pub(crate) told: Vec<Told>,
    /// Whether an earlier record is equal.
    pub(crate) is_repeated: bool,
}

impl Given {
    /// Whether one of its records names somebody.
    pub(crate) fn is_accepted(&self) -> bool {
        self.told.iter().any(|told| told.keys.is_ok())
    }
}

/// Judges consecutive records of one file.
pub(crate) struct Judge<'j> {
    file: &'j File,
    holdings: &'j Holdings<'j>,
    options: &'j PipelineOptions,
    matchers: Vec<Matcher<'j>>,
    pub(crate) tally: Tally,
}

impl<'j> Judge<'j> {
    pub(crate) fn new(file: &'j File, holdings: &'j Holdings<'j>, options: &'j PipelineOptions) -> Self {
        let matchers = Attribute::ALL.iter().map(|&attribute| Matcher::new(attribute, options)).collect();
        Judge { file, holdings, options, matchers, tally: Tally::default() }
    }

    /// A record that could not be read.
    pub(crate) fn reject(&mut self, reject: &Reject) {
        let code = reject.code.code();
        let body = String::from_utf8_lossy(&reject.original);
        let cells: Option<Vec<String>> = serde_json::from_str(&body).ok().filter(|_| self.file.is_table);
        let id = cells.as_ref().and_then(|cells| self.id_of_cells(cells));
        match cells {
            Some(cells) => {
                for (column, cell) in cells.iter().enumerate() {
                    self.refused(&Slot::Column(column), reject.position.line, cell, code);
                }
            }
            None => {
                let slot = Slot::Path(reject.column.as_deref().unwrap_or_default().into(), None);
                self.refused(&slot, reject.position.line, &body, code);
            }
        }
        self.nobody(reject.position.line, id, code);
    }

    fn nobody(&mut self, line: u64, id: Option<String>, code: &str) {
        count(&mut self.tally.links.nobody, code);
        self.link(line, id, [None, None], Some(code.to_owned()));
    }

    fn link(&mut self, line: u64, id: Option<String>, ids: [Option<&str>; 2], reason: Option<String>) {
        let file = self.file.label.clone();
        let [company_id, prospect_id] = ids.map(|id| id.map(str::to_owned));
        self.tally.findings.push(Finding::Link(Link { file, line, id, company_id, prospect_id, reason }));
    }

    fn id_of_cells(&self, cells: &[String]) -> Option<String> {
        let wanted = self.file.id_column.as_deref()?;
        let column = self.file.columns.iter().position(|(name, _)| name == wanted)?;
        cells.get(column).cloned()
    }

    fn id_of(&self, given: &Given, cells: Option<&[String]>) -> Option<String> {
        if let Some(cells) = cells {
            return self.id_of_cells(cells);
        }
        let wanted = self.file.id_column.as_deref()?;
        let document: serde_json::Value = serde_json::from_str(&given.body).ok()?;
        match document.get(wanted)? {
            serde_json::Value::String(text) => Some(text.clone()),
            // As MongoDB exports its own ids.
            serde_json::Value::Object(object) => Some(object.get("$oid")?.as_str()?.to_owned()),
            other => Some(other.to_string()),
        }
    }

    pub(crate) fn payload(&mut self, given: &Given) {
        let cells: Option<Vec<String>> =
            if self.file.is_table { serde_json::from_str(&given.body).ok() } else { None };
        let line = given.position.line;
        let id = self.id_of(given, cells.as_deref());
        if !given.is_accepted() {
            let code = RejectCode::NoKey.code();
            self.refuse_all(given, cells.as_deref(), code);
            return self.nobody(line, id, code);
        }
        let kept = self.holdings.payload(given.id);
        let is_kept =
            kept.is_some_and(|kept| kept.body == given.body && kept.observed_at == given.observed_at);
        if !is_kept && !given.is_repeated {
            self.tally.payloads_missing += 1;
        }
        let file = self.file;
        let mut taken = vec![false; file.columns.len()];
        for told in &given.told {
            let mut done = 0_u64;
            for (column, cell) in cells.iter().flatten().enumerate() {
                let fields = file.columns.get(column).map_or(&[][..], |(_, fields)| fields);
                for &field in fields {
                    if done & (1 << field as u8) == 0 && told.fields.get(field) == Some(cell) {
                        done |= 1 << field as u8;
                        taken[column] = true;
                        self.field(&Slot::Column(column), field, cell, told, given, is_kept);
                    }
                }
            }
            for (field, text) in told.fields.iter().filter(|(field, _)| done & (1 << *field as u8) == 0) {
                self.field(&file.path_of(field), field, text, told, given, is_kept);
            }
            self.linked(told, line, id.clone());
        }
        for (column, cell) in cells.iter().flatten().enumerate() {
            if taken.get(column) == Some(&false) {
                let is_field = file.columns.get(column).is_some_and(|(_, fields)| !fields.is_empty());
                let reason = if is_field { "other_column" } else { "no_field" };
                let verdict = nothing(cell).unwrap_or_else(|| in_payload(is_kept, reason));
                self.tally.value(file, &Slot::Column(column), line, cell, verdict);
            }
        }
    }

    /// Every value of a record that names nobody.
    fn refuse_all(&mut self, given: &Given, cells: Option<&[String]>, code: &'static str) {
        let (file, line) = (self.file, given.position.line);
        if let Some(cells) = cells {
            for (column, cell) in cells.iter().enumerate() {
                self.refused(&Slot::Column(column), line, cell, code);
            }
            return;
        }
        for told in &given.told {
            for (field, text) in told.fields.iter() {
                self.refused(&file.path_of(field), line, text, code);
            }
        }
    }

    fn refused(&mut self, slot: &Slot, line: u64, text: &str, code: &'static str) {
        let verdict = nothing(text).unwrap_or((ValueClass::Unplaced, Some(code.into())));
        self.tally.value(self.file, slot, line, text, verdict);
    }

    fn linked(&mut self, told: &Told, line: u64, id: Option<String>) {
        let Ok(keys) = &told.keys else { return };
        let held = |kind, key: &Option<Box<str>>| {
            key.as_deref().and_then(|key| self.holdings.about(kind, key)).filter(|held| held.golden.is_some())
        };
        let company = held(EntityKind::Company, &keys.company);
        let person = held(EntityKind::Person, &keys.person);
        let links = &mut self.tally.links;
        let reason = match (company, person) {
            (Some(_), Some(_)) => {
                links.both += 1;
                None
            }
            (Some(_), None) => {
                let why = no_person(&keys.notices);
                count(&mut links.company_only, why);
                Some(format!("no_person:{why}"))
            }
            (None, Some(_)) => {
                let why = no_company(&keys.notices);
                count(&mut links.person_only, why);
                Some(format!("no_company:{why}"))
            }
            (None, None) => {
                count(&mut links.nobody, NO_GOLDEN_ROW);
                Some(NO_GOLDEN_ROW.to_owned())
            }
        };
        let (company_id, prospect_id) = (company.and_then(Held::id), person.and_then(Held::id));
        if let (Some(company), Some(person)) = (company_id, person.and_then(|held| held.golden.as_ref())) {
            let at = golden_columns(EntityKind::Person).iter().position(|column| column.name == "companyId");
            let employer = at.and_then(|at| person.values.get(at)).and_then(Scalar::as_text);
            self.tally.employer_elsewhere += u64::from(employer != Some(company));
        }
        self.link(line, id, [company_id, prospect_id], reason);
    }

    /// Judges the value of one field.
    fn field(&mut self, slot: &Slot, field: Field, text: &str, told: &Told, given: &Given, is_kept: bool) {
        let verdict = match (nothing(text), &told.keys) {
            (Some(verdict), _) => verdict,
            (None, Err(_)) => (ValueClass::Unplaced, Some(RejectCode::NoKey.code().into())),
            (None, Ok(_)) if field == Field::ObservedAt => observed(text, given, is_kept),
            (None, Ok(keys)) => self.placed(slot, field, text, told, keys, is_kept),
        };
        self.tally.value(self.file, slot, given.position.line, text, verdict);
    }

    fn placed(
        &mut self,
        slot: &Slot,
        field: Field,
        text: &str,
        told: &Told,
        keys: &Keys,
        is_kept: bool,
    ) -> Verdict {
        // Places that a golden column shows count before those that none does.
        let (mut best, mut lost): (Option<(bool, ValueClass)>, Option<&'static str>) = (None, None);
        // Whether somebody of whom it could speak is there, and whether another column speaks in its place.
        let (mut somebody, mut other) = (false, false);
        let all = places(field);
        let is_always_aside = all.iter().all(|place| place.golden.is_none());
        for place in all {
            let kind = place.attribute.spec().entity;
            let key = match kind {
                EntityKind::Company => &keys.company,
                EntityKind::Person => &keys.person,
            };
            let Some(key) = key else { continue };
            somebody |= place.golden.is_some() || is_always_aside;
            let said = told.said.iter().find(|(attribute, _)| *attribute == place.attribute);
            let Some((_, raw)) = said else { continue };
            let Some(part) = part_of(place, raw) else { continue };
            if !(part == text || is_composed(field) && part.contains(text.trim())) {
                other = true;
                continue;
            }
            let held = self.holdings.about(kind, key);
            let (class, why) = self.at(place, field, held, keys, raw, text);
            let instead = why.as_deref().filter(|_| class == ValueClass::InConflict);
            self.tally.place(slot, place.attribute, place.part, class, instead);
            match (class, why) {
                (ValueClass::Lost, Some(Cow::Borrowed(why))) => lost = lost.or(Some(why)),
                (ValueClass::Lost, _) => lost = lost.or(Some("not_in_dimension")),
                _ => {
                    let class = (place.golden.is_none(), class);
                    best = Some(best.map_or(class, |best| best.min(class)));
                }
            }
        }
        match (lost, best) {
            (Some(why), _) => (ValueClass::Lost, Some(why.into())),
            (None, Some((_, best))) => (best, None),
            (None, None) if all.is_empty() => in_payload(is_kept, "no_attribute"),
            (None, None) if !somebody => {
                let reason = match keys.company {
                    None => format!("no_company:{}", no_company(&keys.notices)),
                    Some(_) => format!("no_person:{}", no_person(&keys.notices)),
                };
                (ValueClass::Unplaced, Some(reason.into()))
            }
            (None, None) if other => in_payload(is_kept, "other_column"),
            (None, None) => match may_be_aside(field) {
                Some(reason) => in_payload(is_kept, reason),
                None => (ValueClass::Lost, Some("not_taken".into())),
            },
        }
    }

    /// Judges a value in one of its places. Beside a conflict stands what is shown instead, beside a loss what is missing.
    fn at(
        &mut self,
        place: &Place,
        field: Field,
        held: Option<&Held>,
        keys: &Keys,
        raw: &RawValue,
        text: &str,
    ) -> Verdict {
        let lost = |why: &'static str| (ValueClass::Lost, Some(why.into()));
        let Some((held, golden)) = held.and_then(|held| Some((held, held.golden.as_ref()?))) else {
            return lost(NO_GOLDEN_ROW);
        };
        let is_there = held.has(place.attribute, &self.options.source, raw);
        let Some(winner) = held.winner(place.attribute).filter(|_| is_there) else {
            return lost("not_in_dimension");
        };
        let columns = golden_columns(place.attribute.spec().entity);
        let at = |name: &str| columns.iter().position(|column| column.name == name);
        let shown = match place.golden.and_then(at) {
            None => None,
            Some(at) if golden.values[at] != held.expected.values[at] => return lost("golden_differs"),
            Some(at) => shown(&golden.values[at]),
        };
        let is_shown = winner.raw() == raw;
        let own: Option<Arc<MatchedValue>> = match winner.matched().filter(|_| is_shown) {
            Some(matched) => Some(Arc::clone(matched)),
            None if is_shown => None,
            None => self.matchers[place.attribute as usize].matched(raw),
        };
        let standard = |name: &str| {
            let at = place.attribute.matched(name)?;
            self::shown(own.as_ref()?.columns.get(at)?)
        };
        let is_text = |shown: &str| shown == text || is_composed(field) && shown.contains(text.trim());
        let as_text = |shown: Option<&str>| match shown {
            Some(shown) if is_text(shown) => Some(ValueClass::Carried),
            Some(shown) if is_squeezed(shown, text) => Some(ValueClass::Standardised),
            _ => None,
        };
        let as_standard = |standard: Option<Cow<'_, str>>, kept: Option<ValueClass>| match (&standard, &shown)
        {
            (Some(standard), Some(shown)) if standard == shown && shown == text => Some(ValueClass::Carried),
            (Some(standard), Some(shown)) if standard == shown => Some(ValueClass::Standardised),
            // Another spelling of the same mailbox.
            (Some(standard), Some(shown))
                if field == Field::Email && standard.eq_ignore_ascii_case(shown) =>
            {
                Some(ValueClass::Standardised)
            }
            (Some(_), _) => is_shown.then_some(ValueClass::Standardised),
            (None, _) => kept.or(is_shown.then_some(ValueClass::Unmatched)),
        };
        let class = match place.shows {
            Shows::Nothing => self.aside(place, winner, keys, text),
            Shows::Text => as_text(shown.as_deref()).or(is_shown.then_some(ValueClass::Unmatched)),
            Shows::Raw => as_text(shown.as_deref())
                .or(is_shown.then_some(ValueClass::Unmatched))
                .map(|class| if own.is_none() { ValueClass::Unmatched } else { class }),
            Shows::Standard(name) => {
                let kept = as_text(shown.as_deref()).map(|_| ValueClass::Unmatched);
                as_standard(standard(name), kept)
            }
            Shows::Only(name) => {
                let exact = at("revenue").filter(|_| field == Field::Revenue);
                let exact = exact.and_then(|at| self::shown(&golden.values[at]));
                match exact.as_deref() == Some(text) {
                    true => Some(ValueClass::Carried),
                    false => as_standard(standard(name), None),
                }
            }
            Shows::Whole => {
                let same = |name: &'static str| {
                    let there = at(name).and_then(|at| self::shown(&golden.values[at]));
                    standard(name) == there
                };
                let is_same =
                    own.is_some() && (is_shown || ["city", "state", "country"].into_iter().all(same));
                match as_text(shown.as_deref()) {
                    Some(ValueClass::Carried) => Some(ValueClass::Carried),
                    _ if is_same => Some(ValueClass::Standardised),
                    Some(_) => Some(ValueClass::Unmatched),
                    None => is_shown.then_some(ValueClass::Unmatched),
                }
            }
        };
        match class {
            Some(class) => (class, None),
            None => (ValueClass::InConflict, Some(self.instead(winner))),
        }
    }

    /// A part that no golden column shows. Of an employer it is enough that the same company is meant.
    fn aside(&self, place: &Place, winner: &Dimension, keys: &Keys, text: &str) -> Option<ValueClass> {
        if part_of(place, winner.raw()) == Some(text) {
            return Some(ValueClass::Carried);
        }
        if place.attribute != Attribute::PersonCompany {
            return None;
        }
        let employer = winner.matched()?.columns.first()?.as_text()?;
        let (Some(employer), Some(mine)) = (
            self.holdings.about(EntityKind::Company, employer),
            self.holdings.about(EntityKind::Company, keys.company.as_deref()?),
        ) else {
            return None;
        };
        std::ptr::eq(employer, mine).then_some(ValueClass::Standardised)
    }

    fn instead(&self, winner: &Dimension) -> Cow<'static, str> {
        let source = winner.source();
        if *source == self.options.source { "same_source".into() } else { source.to_string().into() }
    }
}

/// What is missing where a key leads to no golden record.
const NO_GOLDEN_ROW: &str = "no_golden_row";

fn part_of<'r>(place: &Place, raw: &'r RawValue) -> Option<&'r str> {
    raw.part(place.attribute.part(place.part)?)
}

/// The verdict about text that says nothing.
fn nothing(text: &str) -> Option<Verdict> {
    if text.trim_start().is_empty() {
        return Some((ValueClass::Blank, None));
    }
    is_placeholder(text).then_some((ValueClass::Placeholder, None))
}

fn in_payload(is_kept: bool, reason: &'static str) -> Verdict {
    match is_kept {
        true => (ValueClass::PayloadOnly, Some(reason.into())),
        false => (ValueClass::Lost, Some("payload_missing".into())),
    }
}

/// When it was observed stands beside the payload.
fn observed(text: &str, given: &Given, is_kept: bool) -> Verdict {
    match given.observed_at {
        Some(time) if is_kept && time.to_string() == text => (ValueClass::Carried, None),
        Some(_) if is_kept => (ValueClass::Standardised, None),
        _ => (ValueClass::Lost, Some("payload_missing".into())),
    }
}

fn shown(value: &Scalar) -> Option<Cow<'_, str>> {
    match value {
        Scalar::Null => None,
        Scalar::Int(number) => Some(number.to_string().into()),
        Scalar::Text(text) => Some((**text).into()),
    }
}

/// Whether `shown` is `text` without outer and repeated blanks.
fn is_squeezed(shown: &str, text: &str) -> bool {
    shown.split(' ').eq(text.split_whitespace())
}

/// Why a record names a company and no person.
fn no_person(notices: &Notices) -> &'static str {
    match notices {
        Notices { role_mailbox: true, .. } => "role_mailbox",
        Notices { unusable_email: true, .. } => "unusable_email",
        _ => "no_email",
    }
}

/// Why a record names a person and no company.
fn no_company(notices: &Notices) -> &'static str {
    match notices {
        Notices { free_mail: true, .. } => "free_mail",
        Notices { unusable_email: true, .. } => "unusable_email",
        _ => "no_domain",
    }
}
