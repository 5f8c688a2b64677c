//! Golden rows without a database are those that an ingest of the same rows stores.

use crate::common::Place;
use crate::use_it::Test;
use firmograph::{
    Coalescer, EntityKind, Golden, NormalizedRecord, NormalizedRow, Normalizer, NormalizerOptions,
    Priorities, Scalar, Source,
};
use proptest::prelude::*;
use std::collections::{BTreeSet, HashMap};

const CUSTOMERS: &str = include_str!("../../examples/data/customers.csv");

fn rows(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let columns = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect());
    (columns, rows.collect())
}

/// The records of a text of a source, and how many rows were blank or rejected.
fn normalized(source: &str, text: &str) -> (Vec<NormalizedRecord>, usize) {
    let (columns, rows) = rows(text);
    let options = NormalizerOptions::new(Source::new(source).unwrap());
    let mut normalizer = Normalizer::new(&columns, options).unwrap();
    let mut others = 0;
    let mut records = Vec::new();
    // In two pieces: they must not matter.
    for rows in rows.chunks(rows.len().div_ceil(2).max(1)) {
        rows.iter().for_each(|row| normalizer.read(|column| row.get(column).map_or("", String::as_str)));
        for row in normalizer.finish() {
            match row {
                NormalizedRow::Record(record) => records.push(record),
                NormalizedRow::Reject(_) | NormalizedRow::Blank(_) => others += 1,
            }
        }
    }
    assert_eq!(records.len() + others, rows.len());
    (records, others)
}

fn golden(records: impl IntoIterator<Item = NormalizedRecord>) -> Golden {
    let mut coalescer = Coalescer::new(Priorities::compiled());
    for record in records {
        coalescer.push(record);
    }
    coalescer.finish()
}

/// What another source says about some of the customers.
fn second() -> String {
    let (columns, rows) = rows(CUSTOMERS);
    let at = |name: &str| columns.iter().position(|column| column == name).unwrap();
    let (email, company) = (at("Email address"), at("Company"));
    let mut text = "email,company,title,employees,industry\n".to_owned();
    for (number, row) in rows.iter().enumerate().filter(|(number, _)| number % 3 == 0) {
        let (email, company) = (&row[email], row[company].replace('"', ""));
        text += &format!("{email},\"{company}\",Director {number},{},Banking\n", number * 10);
    }
    text
}

#[test]
fn a_database_stores_the_same_golden_rows() {
    let place = Place::sqlite();
    let mut test = Test::new(&place);
    let reports = [("csv", CUSTOMERS), ("linkedin", &second())].map(|(source, text)| {
        let report = test.ingest(source, text);
        let (records, others) = normalized(source, text);
        let payloads: BTreeSet<_> = records.iter().map(|record| record.payload).collect();
        assert_eq!(report.tally.accepted as usize, payloads.len(), "{source}");
        // A row that stands there twice is passed over.
        let repeated = records.len() - payloads.len();
        assert_eq!((report.tally.rejected + report.tally.skipped) as usize, others + repeated, "{source}");
        records
    });
    let golden = golden(reports.into_iter().flatten());
    assert!(golden.companies.len() > 20 && golden.persons.len() > 100);
    // What a database joins (a page of which the domain is known) takes both sides: the root's id stands for the key's own.
    let mut root_ids: HashMap<Scalar, Scalar> = HashMap::new();
    for (kind, rows) in [(EntityKind::Company, &golden.companies), (EntityKind::Person, &golden.persons)] {
        let mut entity = |key: &str| test.runtime.block_on(test.engine.entity(kind, key)).unwrap().unwrap();
        let pairs: Vec<_> = rows.iter().map(|row| (row, entity(&row.key).golden)).collect();
        let joined: Vec<_> = pairs.iter().filter(|(row, stored)| row.key != stored.key).collect();
        assert!(joined.len() < 10, "{joined:?}");
        let roots: BTreeSet<_> = joined.iter().map(|(_, stored)| &stored.key).collect();
        root_ids.extend(joined.iter().map(|(row, stored)| (row.values[0].clone(), stored.values[0].clone())));
        for (row, stored) in &pairs {
            if row.key == stored.key && !roots.contains(&row.key) {
                let values = row.values.iter().map(|value| root_ids.get(value).unwrap_or(value));
                assert!(values.eq(&stored.values), "{}: {:?} {:?}", row.key, row.values, stored.values);
            }
        }
    }
}

#[test]
fn a_record_counts_once() {
    let (records, _) = normalized("csv", CUSTOMERS);
    let mut coalescer = Coalescer::new(Priorities::compiled());
    let new = records.iter().filter(|record| coalescer.push((*record).clone())).count();
    assert!(!records.iter().any(|record| coalescer.push(record.clone())));
    // One of the rows stands there twice.
    assert_eq!((coalescer.len(), new), (records.len() - 1, records.len() - 1));
    let mut merged = coalescer.clone();
    merged.merge(coalescer.clone());
    assert_eq!(merged.finish(), coalescer.finish());
    let mut restored = Coalescer::new(Priorities::compiled());
    for record in merged.into_records() {
        restored.push(record);
    }
    assert_eq!(restored.finish(), coalescer.finish());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn any_order_and_any_deal_gives_the_same_rows(seed in any::<u64>(), hands in 1_usize..5) {
        let records: Vec<_> = [("csv", CUSTOMERS), ("linkedin", &second())]
            .into_iter()
            .flat_map(|(source, text)| normalized(source, text).0)
            .collect();
        let whole = golden(records.clone());
        let mut dealt: Vec<Coalescer> = (0..hands).map(|_| Coalescer::new(Priorities::compiled())).collect();
        // A record may come to two of them.
        for (at, record) in records.into_iter().enumerate().rev() {
            let place = (seed.rotate_left(at as u32 % 64) ^ at as u64) as usize;
            dealt[(place / 7) % hands].push(record.clone());
            dealt[place % hands].push(record);
        }
        let merged = dealt.into_iter().reduce(|mut all, other| { all.merge(other); all }).unwrap();
        prop_assert_eq!(merged.finish(), whole);
    }
}
