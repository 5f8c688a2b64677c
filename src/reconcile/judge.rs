//! What became of each value of a record: looked up where it belongs, in the dimension row of its source and in the golden
//! record, place by place.

use crate::batch::Matcher;
use crate::pipeline::{Keys, NoKey, Notices, PipelineOptions};
use crate::reader::truncated;
use crate::reconcile::compare::part_of;
use crate::reconcile::held::{Held, Holdings};
use crate::reconcile::places::{is_composed, may_be_aside, places};
use crate::reconcile::report::{Finding, Link, ValueClass};
use crate::reconcile::tally::{File, Slot, Tally, Verdict, count};
use firmograph_core::{
    Attribute, EntityKind, Field, FieldSet, MatchedValue, PayloadId, Position, RawValue, Reject, RejectCode,
    Scalar, Timestamp, golden_columns,
};
use firmograph_normalize::is_placeholder;
use std::borrow::Cow;
use std::collections::HashSet;
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

/// Records that are kept as rejects, by a hash of their text.
pub(crate) type Kept = HashSet<PayloadId, ahash::RandomState>;

/// Judges consecutive records of one file.
pub(crate) struct Judge<'j> {
    pub(super) file: &'j File,
    pub(super) holdings: &'j Holdings<'j>,
    pub(super) rejects: &'j Kept,
    pub(super) options: &'j PipelineOptions,
    pub(super) matchers: Vec<Matcher>,
    /// Of each attribute the last value that was matched: each of its parts asks for it.
    pub(super) last: Vec<Option<(RawValue, Option<Arc<MatchedValue>>)>>,
    pub(crate) tally: Tally,
}

impl<'j> Judge<'j> {
    pub(crate) fn new(
        file: &'j File,
        holdings: &'j Holdings<'j>,
        rejects: &'j Kept,
        options: &'j PipelineOptions,
    ) -> Self {
        let matchers = Attribute::ALL.iter().copied().map(Matcher::new).collect();
        let last = vec![None; Attribute::ALL.len()];
        Judge { file, holdings, rejects, options, matchers, last, tally: Tally::default() }
    }

    /// A record that could not be read.
    pub(crate) fn reject(&mut self, reject: &Reject) {
        let code = reject.code.code();
        let body = String::from_utf8_lossy(&reject.original);
        let cells: Option<Vec<String>> = serde_json::from_str(&body).ok().filter(|_| self.file.is_table);
        let id = cells.as_ref().and_then(|cells| self.id_of_cells(cells));
        let verdict = self.refusal(&reject.original, code);
        match cells {
            Some(cells) => {
                for (column, cell) in cells.iter().enumerate() {
                    self.refused(&Slot::Column(column), reject.position.line, cell, &verdict);
                }
            }
            None => {
                let slot = Slot::Path(reject.column.as_deref().unwrap_or_default().into(), None);
                self.refused(&slot, reject.position.line, &body, &verdict);
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
            let verdict = self.refusal(given.body.as_bytes(), code);
            self.refuse_all(given, cells.as_deref(), &verdict);
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
    fn refuse_all(&mut self, given: &Given, cells: Option<&[String]>, verdict: &Verdict) {
        let (file, line) = (self.file, given.position.line);
        if let Some(cells) = cells {
            for (column, cell) in cells.iter().enumerate() {
                self.refused(&Slot::Column(column), line, cell, verdict);
            }
            return;
        }
        for told in &given.told {
            for (field, text) in told.fields.iter() {
                self.refused(&file.path_of(field), line, text, verdict);
            }
        }
    }

    /// The verdict about the values of a record that was refused: they are among the rejects, or lost.
    fn refusal(&self, original: &[u8], code: &'static str) -> Verdict {
        match self.rejects.contains(&truncated(&blake3::hash(original))) {
            true => (ValueClass::Unplaced, Some(code.into())),
            false => (ValueClass::Lost, Some("reject_missing".into())),
        }
    }

    fn refused(&mut self, slot: &Slot, line: u64, text: &str, verdict: &Verdict) {
        let verdict = nothing(text).unwrap_or_else(|| verdict.clone());
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
}

/// What is missing where a key leads to no golden record.
pub(super) const NO_GOLDEN_ROW: &str = "no_golden_row";

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
