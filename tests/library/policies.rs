//! Which source is believed is set, shown, tried and taken back, with every golden value that flips.

use crate::common::Place;
use crate::common::customers::Customers;
use crate::on_both;
use crate::use_it::Test;
use firmograph::{Attribute, ChangeReport, Error, Flip, Policy, PriorityChange, Source, Timestamp};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

const CRUNCHBASE: &str = "\
Website,Company,Employee Size,Industry
one-brook.com,One Brook GmbH,11-50,Software
two-brook.com,Two Brook Holding Ltd,51-200,Software
six-brook.com,Six Brook,51-200,Banking
";
const CLAY: &str = "\
Website,Company,Employee Size,Industry
one-brook.com,One,51-200,Banking
two-brook.com,Two Brook,51-200,Software
three-brook.com,Three Brook,11-50,Software
";
const CSV: &str = "\
Email,Company,Employee Size,Full Name
ada@one-brook.com,The One Brook,1001-5000,Ada Hale
bea@two-brook.com,Two,11-50,Bea Moss
";

impl Test<'_> {
    fn set(&mut self, attribute: Option<Attribute>, change: &PriorityChange, dry_run: bool) -> Told {
        let mut flips = Vec::new();
        let mut sink = |flip| flips.push(flip);
        let report =
            self.runtime.block_on(self.engine.set_priority(attribute, change, dry_run, NOW, &mut sink));
        (report, flips)
    }

    fn reset(&mut self, attribute: Option<Attribute>) -> Told {
        let mut flips = Vec::new();
        let mut sink = |flip| flips.push(flip);
        let report = self.runtime.block_on(self.engine.reset_priority(attribute, false, NOW, &mut sink));
        (report, flips)
    }

    pub(crate) fn take_back(&mut self, run: i64, dry_run: bool, now: Timestamp) -> Told {
        let mut flips = Vec::new();
        let mut sink = |flip| flips.push(flip);
        let report = self.runtime.block_on(self.engine.undo(run, dry_run, now, &mut sink));
        (report, flips)
    }

    fn three_sources(&mut self) {
        self.ingest("crunchbase", CRUNCHBASE);
        self.ingest("clay", CLAY);
        self.ingest("csv", CSV);
    }

    /// Policy and sources in force.
    fn in_force(&mut self, attribute: &str) -> (Option<&'static str>, String, Option<i64>, Option<i64>) {
        let table = self.runtime.block_on(self.engine.priority_table()).unwrap();
        assert_eq!(table.len(), Attribute::ALL.len() + 1);
        let row = table.into_iter().find(|row| row.attribute == attribute).unwrap();
        (row.policy, row.sources.join(","), row.policy_set_by, row.sources_set_by)
    }

    fn names(&mut self) -> Vec<String> {
        self.companies().iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    }
}

pub(crate) type Told = (Result<ChangeReport, Error>, Vec<Flip>);

fn sources(names: &str) -> PriorityChange {
    let sources = names.split(',').map(|name| Source::new(name).unwrap());
    PriorityChange { sources: Some(sources.collect()), policy: None }
}

fn by(policy: Policy) -> PriorityChange {
    PriorityChange { sources: None, policy: Some(policy) }
}

/// What differs between golden rows, as flips tell it.
pub(crate) fn differing(
    entity: &'static str,
    before: &[Map<String, Value>],
    after: &[Map<String, Value>],
) -> Vec<Flip> {
    let shown = |value: &Value| match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    assert_eq!(before.len(), after.len());
    let pairs = before.iter().zip(after).flat_map(|(before, after)| {
        assert_eq!(before["id"], after["id"]);
        before.iter().zip(after.values()).map(|((column, old), new)| (&after["externalId"], column, old, new))
    });
    let pairs = pairs.filter(|(_, column, old, new)| old != new && column.as_str() != "provenance");
    let columns = firmograph_columns();
    let mut flips: Vec<_> = pairs
        .map(|(key, column, old, new)| Flip {
            entity,
            key: key.as_str().unwrap().to_owned(),
            column: columns.iter().find(|name| *name == column).unwrap(),
            before: shown(old),
            after: shown(new),
        })
        .collect();
    flips.sort_by(|a, b| (&a.key, a.column).cmp(&(&b.key, b.column)));
    flips
}

fn firmograph_columns() -> BTreeSet<&'static str> {
    use firmograph::EntityKind::{Company, Person};
    [Company, Person]
        .iter()
        .flat_map(|kind| firmograph::golden_columns(*kind))
        .map(|column| column.name)
        .collect()
}

fn a_dry_run_lists_what_the_real_one_flips_and_an_undo_puts_back(place: &Place) {
    let mut test = Test::new(place);
    test.three_sources();
    let name = Some(Attribute::CompanyName);
    assert_eq!(
        test.in_force("company_name"),
        (Some("by_priority"), "manual,crunchbase,clay".to_owned(), None, None)
    );
    let (before, export, runs) = (test.companies(), test.export(), test.runs());

    let (dry, would) = test.set(name, &sources("csv,clay"), true);
    let dry = dry.unwrap();
    assert_eq!((test.export(), test.runs()), (export.clone(), runs), "a dry run leaves nothing");
    assert!(!would.is_empty() && dry.dry_run && dry.run == 0);

    let (done, did) = test.set(name, &sources("csv,clay"), false);
    let done = done.unwrap();
    assert_eq!(did, would);
    assert_eq!(did, differing("company", &before, &test.companies()));
    assert_eq!((dry.flips, dry.companies), (done.flips, done.companies));
    assert_eq!((done.flips, done.companies.changed), (did.len() as u64, 2));
    assert_eq!(
        test.in_force("company_name"),
        (Some("by_priority"), "csv,clay".to_owned(), None, Some(done.run))
    );
    assert!(
        test.explain(firmograph::EntityKind::Company, "one-brook.com", "company_name")
            .to_string()
            .contains("csv is believed before clay")
    );

    let (undone, back) = test.take_back(done.run, true, NOW);
    assert_eq!(undone.unwrap().flips, done.flips);
    assert_eq!(test.in_force("company_name").1, "csv,clay", "a dry run takes nothing back");
    let (undone, again) = test.take_back(done.run, false, NOW);
    let undone = undone.unwrap();
    assert_eq!(back, again);
    assert_eq!(test.export(), export);
    assert_eq!(
        test.in_force("company_name"),
        (Some("by_priority"), "manual,crunchbase,clay".to_owned(), None, None)
    );
    let runs = test.runs();
    assert_eq!((runs[0].id, runs[0].target_run), (undone.run, Some(done.run)));
    assert_eq!((runs[1].id, runs[1].undone_by), (done.run, Some(undone.run)));
    assert_eq!(test.take_back(done.run, false, NOW).0.unwrap_err().code(), "already-undone");
    assert_eq!(test.take_back(99, false, NOW).0.unwrap_err().code(), "unknown-run");
}

fn it_does_not_matter_when_a_priority_is_set(place: &Place) {
    let customers = Customers::make(300, 51).csv("spaced");
    let (header, rows) = customers.split_once('\n').unwrap();
    // The same companies and persons, of whom another source says something else.
    let others = ["Ma Mo", "201-500 11-50", "$5M $9M", "Man Wom", "Sa So"]
        .iter()
        .filter_map(|pair| pair.split_once(' '))
        .fold(rows.to_owned(), |rows, (from, to)| rows.replace(from, to));
    let customers = [customers.clone(), format!("{header}\n{others}")];
    let (order, all) = (sources("zoom,clay"), Attribute::ALL);
    let mut test = Test::new(place);
    let mut other = Test::in_memory(place);
    for attribute in all {
        other.set(Some(*attribute), &order, false).0.unwrap();
    }
    other.set(None, &order, false).0.unwrap();
    for (customers, source) in customers.iter().zip(["zoom", "clay"]).rev() {
        other.ingest(source, customers);
    }
    for (customers, source) in customers.iter().zip(["zoom", "clay"]) {
        test.ingest(source, customers);
    }
    assert!(test.export() != other.export());
    let mut flips = 0;
    for attribute in all.iter().copied().map(Some).chain([None]) {
        flips += test.set(attribute, &order, false).0.unwrap().flips;
    }
    assert!(flips > 20, "{flips}");
    assert_eq!(test.export(), other.export());
    // Whoever opens the database later believes the same.
    let mut later = Test::new(place);
    assert_eq!(later.in_force("job_title").1, "zoom,clay");
}

fn the_default_order_decides_the_first_source(place: &Place) {
    let mut test = Test::new(place);
    test.three_sources();
    let before = test.companies();
    let (report, flips) = test.set(None, &sources("csv"), false);
    assert_eq!(flips, differing("company", &before, &test.companies()));
    assert_eq!(report.unwrap().flips, flips.len() as u64);
    let sources_flip: Vec<_> = flips
        .iter()
        .filter(|flip| flip.column == "externalSource")
        .map(|flip| flip.after.as_deref())
        .collect();
    assert_eq!(sources_flip, [Some("csv"); 2]);
    assert!(flips.iter().any(|flip| flip.column == "employeeRange"), "rows of all count for it");
    assert!(flips.iter().all(|flip| flip.column != "name"), "names have an order of their own");
    // An order of industries is no order of all.
    let before = test.companies();
    let (_, flips) = test.set(Some(Attribute::Industry), &sources("crunchbase"), false);
    assert!(flips.iter().all(|flip| flip.column == "industry"), "{flips:?}");
    assert_eq!(flips, differing("company", &before, &test.companies()));
}

fn any_policy_may_be_set(place: &Place) {
    let mut test = Test::new(place);
    test.three_sources();
    let name = Some(Attribute::CompanyName);
    let before = test.names();
    let run = test.set(name, &by(Policy::Longest), false).0.unwrap().run;
    assert_eq!(
        test.in_force("company_name"),
        (Some("longest"), "manual,crunchbase,clay".to_owned(), Some(run), None)
    );
    let longest = test.names();
    assert!(longest.iter().any(|name| name.contains("Two Brook")), "{longest:?}");
    let why = test.explain(firmograph::EntityKind::Company, "two-brook.com", "company_name");
    assert_eq!(why["won_because"], "longest");
    assert!(why["losers"][0]["why"].as_str().unwrap().contains("characters"), "{why}");
    // Both at once, and back to what is compiled.
    let both = PriorityChange { policy: Some(Policy::First), ..sources("csv") };
    let second = test.set(name, &both, false).0.unwrap().run;
    let (stale, _) = test.take_back(run, false, NOW);
    let stale = stale.unwrap_err();
    assert_eq!(stale.code(), "changed-since");
    assert!(stale.to_string().contains(&format!("run {second} (priority set)")), "{stale}");
    let reset = test.reset(name).0.unwrap().run;
    assert_eq!((test.names(), test.in_force("company_name").0), (before.clone(), Some("by_priority")));
    test.take_back(reset, false, NOW).0.unwrap();
    assert_eq!(test.in_force("company_name"), (Some("first"), "csv".to_owned(), Some(second), Some(second)));
    test.take_back(second, false, NOW).0.unwrap();
    assert_eq!(test.names(), longest);
    test.take_back(run, false, NOW).0.unwrap();
    assert_eq!(test.names(), before);
}

fn what_cannot_be_set_is_refused(place: &Place) {
    let mut test = Test::new(place);
    let runs = test.runs();
    let nothing = PriorityChange { sources: Some(Vec::new()), policy: None };
    for (attribute, change, code) in [
        (Some(Attribute::JobTitle), sources("clay,csv,clay"), "repeated-source"),
        (Some(Attribute::JobTitle), sources("clay,pin"), "reserved-source"),
        (None, by(Policy::Longest), "policy-of-all"),
        (None, PriorityChange::default(), "nothing-to-set"),
        (None, nothing, "nothing-to-set"),
    ] {
        assert_eq!(test.set(attribute, &change, false).0.unwrap_err().code(), code);
    }
    assert_eq!(test.runs(), runs);
}

fn keys_come_in_pages(place: &Place) {
    let mut test = Test::new(place);
    test.three_sources();
    let both = [Attribute::CompanyName, Attribute::Industry];
    let mut page = |attributes: &[Attribute], after: &str, limit| -> Vec<String> {
        let keys =
            test.runtime.block_on(test.engine.store().contested_keys(attributes, after, limit)).unwrap();
        keys.iter().map(|key| key.to_string()).collect()
    };
    assert_eq!(page(&both, "", 10), ["one-brook.com", "two-brook.com"]);
    assert_eq!(page(&both[..1], "", 1), ["one-brook.com"]);
    assert_eq!(page(&both[..1], "one-brook.com", 1), ["two-brook.com"]);
    assert!(page(&both, "two-brook.com", 1).is_empty());
}

fn sources_that_speak_of_joined_keys_disagree_too(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("clay", "Website,Company,Country,Industry\nhill-forge.com,Hill Forge Inc,US,Retail\n");
    test.ingest("crunchbase", "Company,Country,Industry\nHill Forge,United States,Banking\n");
    let industry = |test: &mut Test<'_>| {
        let companies = test.companies();
        assert_eq!(companies.len(), 1, "joined by name and country: {companies:?}");
        companies[0]["industry"].clone()
    };
    assert_eq!(industry(&mut test), "Retail");
    let before = test.export();
    let (report, flips) = test.set(Some(Attribute::Industry), &sources("crunchbase,clay"), false);
    assert_eq!((flips.len(), industry(&mut test)), (1, "Banking".into()), "{flips:?}");
    test.take_back(report.unwrap().run, false, NOW).0.unwrap();
    assert_eq!(test.export(), before);
}

on_both! {
    a_dry_run_lists_what_the_real_one_flips_and_an_undo_puts_back it_does_not_matter_when_a_priority_is_set
    the_default_order_decides_the_first_source any_policy_may_be_set what_cannot_be_set_is_refused
    keys_come_in_pages sources_that_speak_of_joined_keys_disagree_too
}
