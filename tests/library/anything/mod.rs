//! Anything in any order: whatever was done, what is stored is what follows from what is believed, a dry run tells what the real
//! one does, taking back is as if it had never been, and how it came to be so does not matter.

mod act;
mod found;
mod fresh;
mod model;
mod pool;
mod told;

use crate::common::Place;
use crate::undo::is_true;
use crate::use_it::Test;
use act::{Act, Told, source};
use firmograph::{
    Attribute, EntityKind, JoinRequest, LookupEntry, NewPin, Policy, PriorityChange, pin_value,
};
use model::Model;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use told::{differing, flat, lines_that_differ};

/// What is to be done, before it is known to what.
#[derive(Debug, Clone)]
enum Plan {
    Ingest { source: usize, time: usize, lines: Vec<String>, batch_rows: usize },
    Again(Index),
    Undo(Index),
    RemoveSource(usize),
    SetPriority(Index, Vec<&'static str>, Option<Policy>),
    ResetPriority(Index),
    Pin(usize, Index),
    Unpin(Index),
    Lookup(bool, usize, usize),
    LevelMap(usize, bool),
    JoinCompanies(Index, Index),
    JoinPersons(Index, Index),
    Part(Index),
    Rebuild,
}

const PINS: [(Attribute, &[&str]); 8] = [
    (Attribute::Industry, &["Widgetry"]),
    (Attribute::EmployeeRange, &["300"]),
    (Attribute::CompanyName, &["Brook Mills"]),
    (Attribute::CompanyLocation, &["city=Leeds", "country=UK"]),
    (Attribute::CompanyContact, &["linkedin_url=https://www.linkedin.com/company/brook-mills"]),
    (Attribute::JobTitle, &["Growth Wizkid"]),
    (Attribute::PersonCompany, &["larch.com"]),
    (Attribute::PersonName, &["full_name=Ada Lund"]),
];

const PINNED_ATTRIBUTES: [Attribute; 8] = [
    Attribute::Industry,
    Attribute::EmployeeRange,
    Attribute::CompanyName,
    Attribute::CompanyLocation,
    Attribute::CompanyContact,
    Attribute::JobTitle,
    Attribute::PersonCompany,
    Attribute::PersonName,
];

/// Raw values to which a lookup may give a meaning, and the meanings.
const LOOKUPS: [(Attribute, [&str; 3], [&str; 2]); 2] = [
    (Attribute::Industry, ["Widgetry", "farm craft", "BANKING"], ["Banking", "Farming"]),
    (Attribute::CompanyType, ["Zaibatsu", "privately held", "Keiretsu"], ["Public Company", "Partnership"]),
];

const MAPS: [&str; 3] = [
    "Original,Level\nGrowth Wizkid,8\nGrade Q7,5\n",
    "Original,Level\nProduct Manager,3\n",
    "Original,Level\nGROWTH wizkid,4\nSenior Analyst,9\n",
];

fn plan() -> impl Strategy<Value = Plan> {
    let index = any::<Index>;
    let file = (0..pool::SOURCES.len(), 0..pool::TIMES.len(), pool::lines(), 1usize..4)
        .prop_map(|(source, time, lines, batch_rows)| Plan::Ingest { source, time, lines, batch_rows });
    let order = Just(pool::SOURCES.to_vec()).prop_shuffle();
    let order =
        (order, 0usize..5).prop_map(|(order, count)| order.into_iter().take(count).collect::<Vec<_>>());
    let policy = prop::option::of(prop::sample::select(Policy::ALL.to_vec()));
    prop_oneof![
        8 => file,
        1 => index().prop_map(Plan::Again),
        5 => index().prop_map(Plan::Undo),
        1 => (0..pool::SOURCES.len()).prop_map(Plan::RemoveSource),
        2 => (index(), order, policy).prop_map(|(attribute, order, policy)| Plan::SetPriority(attribute, order, policy)),
        1 => index().prop_map(Plan::ResetPriority),
        3 => (0..PINS.len(), index()).prop_map(|(pin, key)| Plan::Pin(pin, key)),
        1 => index().prop_map(Plan::Unpin),
        2 => (any::<bool>(), 0usize..3, 0usize..2).prop_map(|(which, raw, to)| Plan::Lookup(which, raw, to)),
        2 => (0..MAPS.len(), any::<bool>()).prop_map(|(map, replace)| Plan::LevelMap(map, replace)),
        2 => (index(), index()).prop_map(|(from, into)| Plan::JoinCompanies(from, into)),
        1 => (index(), index()).prop_map(|(from, into)| Plan::JoinPersons(from, into)),
        2 => index().prop_map(Plan::Part),
        1 => Just(Plan::Rebuild),
    ]
}

type Rows = BTreeMap<(&'static str, String), Map<String, Value>>;

/// A database to which anything is done, and what is known about how it should be.
struct World<'p> {
    test: Test<'p>,
    model: Model,
    ingests: Vec<Act>,
}

impl World<'_> {
    /// Golden rows by kind and key; each key has one.
    fn rows(&mut self) -> Rows {
        let mut rows = Rows::new();
        for kind in [EntityKind::Company, EntityKind::Person] {
            for row in self.test.golden(kind) {
                let key = row["externalId"].as_str().unwrap().to_owned();
                assert!(rows.insert((kind.name(), key), row.clone()).is_none(), "two golden rows: {row:?}");
            }
        }
        rows
    }

    /// What a plan means here and now; `None` where there is nothing of the kind.
    fn act(&mut self, plan: &Plan) -> Option<Act> {
        let attribute = |index: &Index| {
            let all: Vec<_> = PINNED_ATTRIBUTES.iter().copied().map(Some).chain([None]).collect();
            *index.get(&all)
        };
        let join = |kind, from: &str, into: &str| {
            Act::Join(JoinRequest {
                kind,
                from_key: from.into(),
                into_key: into.into(),
                why: "one".to_owned(),
            })
        };
        let of = |index: &Index, keys: &[&'static str]| -> &'static str { keys[index.index(keys.len())] };
        Some(match plan {
            Plan::Ingest { source, time, lines, batch_rows } => {
                let (time, lines, batch_rows) = (*time, lines.clone(), *batch_rows);
                Act::Ingest { source: pool::SOURCES[*source], time, lines, batch_rows }
            }
            Plan::Again(index) => (!self.ingests.is_empty()).then(|| index.get(&self.ingests).clone())?,
            Plan::Undo(index) => {
                let runs = self.test.runs();
                (!runs.is_empty()).then(|| Act::Undo(index.get(&runs).id))?
            }
            Plan::RemoveSource(index) => Act::RemoveSource(pool::SOURCES[*index]),
            Plan::SetPriority(index, order, policy) => {
                let attribute = attribute(index);
                let sources = (!order.is_empty()).then(|| order.iter().map(|name| source(name)).collect());
                let policy = policy.filter(|_| attribute.is_some());
                Act::SetPriority(attribute, PriorityChange { sources, policy })
            }
            Plan::ResetPriority(index) => Act::ResetPriority(attribute(index)),
            Plan::Pin(pin, key) => {
                let (attribute, value) = PINS[*pin];
                let keys = match attribute.spec().entity {
                    EntityKind::Company => &pool::COMPANY_KEYS[..],
                    EntityKind::Person => &pool::PERSON_KEYS[..],
                };
                // Somebody whom it knows, mostly.
                let known: Vec<String> = self
                    .rows()
                    .into_keys()
                    .filter(|(kind, _)| *kind == attribute.spec().entity.name())
                    .map(|(_, key)| key)
                    .chain(keys.iter().take(1).map(|key| (*key).to_owned()))
                    .collect();
                Act::Pin(NewPin {
                    attribute,
                    key: key.get(&known).clone(),
                    value: pin_value(attribute, value).unwrap(),
                    author: "ada".to_owned(),
                    reason: "told".to_owned(),
                    expires_at: None,
                })
            }
            Plan::Unpin(index) => {
                let pins = self.test.drive(async |engine| engine.pins().await.unwrap());
                let pin = (!pins.is_empty()).then(|| index.get(&pins).clone())?;
                Act::Unpin(Attribute::from_name(pin.attribute).unwrap(), pin.key)
            }
            Plan::Lookup(which, raw, to) => {
                let (attribute, raws, meanings) = LOOKUPS[usize::from(*which)];
                let entry =
                    LookupEntry { line: 2, raw: raws[*raw].to_owned(), standard: meanings[*to].to_owned() };
                Act::Lookup(attribute, vec![entry])
            }
            Plan::LevelMap(map, replace) => Act::LevelMap(MAPS[*map], *replace),
            Plan::JoinCompanies(from, into) => {
                join(EntityKind::Company, of(from, &pool::COMPANY_KEYS), of(into, &pool::COMPANY_KEYS))
            }
            Plan::JoinPersons(from, into) => {
                join(EntityKind::Person, of(from, &pool::PERSON_KEYS), of(into, &pool::PERSON_KEYS))
            }
            Plan::Part(index) => {
                let joins = self.test.drive(async |engine| engine.joins(false).await.unwrap());
                (!joins.is_empty()).then(|| Act::Part(index.get(&joins).id))?
            }
            Plan::Rebuild => Act::Rebuild,
        })
    }

    /// Tries it, then does it: both tell the same, which is what differs. `None` where it is refused.
    fn try_and_do(&mut self, act: &Act) -> Option<Told> {
        let (before, export, runs) = (self.rows(), self.test.export(), self.test.runs());
        let dry = act.run(&mut self.test, true);
        assert!(
            self.test.export() == export && self.test.runs() == runs,
            "a dry run left something: {act:?}"
        );
        is_true(&mut self.test);
        let real = match (dry, act.run(&mut self.test, false)) {
            (Ok(dry), Ok(real)) => {
                assert_eq!(Told { run: real.run, ..dry }, real, "dry and real: {act:?}");
                real
            }
            (Err(dry), Err(real)) => {
                assert_eq!(dry.to_string(), real.to_string());
                assert!(self.test.export() == export && self.test.runs() == runs, "refused: {act:?}");
                return None;
            }
            (dry, real) => panic!("{act:?}: dry {dry:?}, real {real:?}"),
        };
        is_true(&mut self.test);
        let after = self.rows();
        if let Some(told) = &real.flips {
            let mut told: Vec<_> = told.iter().map(flat).collect();
            told.sort();
            assert_eq!(told, differing(&before, &after), "told and differing: {act:?}");
        }
        self.model.done(act, real.run);
        if matches!(act, Act::Ingest { .. }) {
            self.ingests.push(act.clone());
        }
        Some(real)
    }

    /// Does it, takes it back, and does it again.
    fn does(&mut self, act: &Act) {
        let before = self.test.export();
        let Some(done) = self.try_and_do(act) else { return };
        let after = self.test.export();
        if matches!(act, Act::Rebuild) {
            assert!(before == after, "a rebuild changed something");
            return;
        }
        let is_again = match act {
            Act::Undo(target) => !self.is_of_payloads(*target),
            _ => false,
        };
        if is_again {
            assert!(self.try_and_do(&Act::Undo(done.run)).is_none(), "not done again by undoing");
            return;
        }
        let back = self.try_and_do(&Act::Undo(done.run));
        let back = back.unwrap_or_else(|| panic!("what was just done cannot be taken back: {act:?}"));
        let export = self.test.export();
        assert!(export == before, "taken back: {act:?}\n{}", lines_that_differ(&before, &export));
        if self.is_of_payloads(done.run) {
            self.try_and_do(&Act::Undo(back.run)).expect("an undo of payloads can be taken back");
        } else {
            self.try_and_do(act).expect("what was taken back can be done anew");
        }
        let export = self.test.export();
        assert!(export == after, "done again: {act:?}\n{}", lines_that_differ(&after, &export));
    }

    /// Whether a run, or the one that it takes back in the end, changed which payloads are believed.
    fn is_of_payloads(&self, run: i64) -> bool {
        self.model.is_of_payloads(run)
    }
}

fn anything(place: &Place, test: Test<'_>, plans: &[Plan]) {
    let mut world = World { test, model: Model::default(), ingests: Vec::new() };
    for plan in plans {
        if let Some(act) = world.act(plan) {
            world.does(&act);
        }
    }
    world.is_as_a_fresh_one(place);
}

/// How often; what searches longer sets PROPTEST_CASES.
fn some(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    prop::collection::vec(plan(), 3..11)
}

proptest! {
    #![proptest_config(some(24))]

    #[test]
    fn anything_in_any_order(plans in plans()) {
        let place = Place::sqlite();
        anything(&place, Test::in_memory(&place), &plans);
    }
}

proptest! {
    #![proptest_config(some(3))]

    #[test]
    fn on_postgres(plans in plans()) {
        let Some(place) = Place::postgres() else { return Ok(()) };
        anything(&place, Test::new(&place), &plans);
    }
}
