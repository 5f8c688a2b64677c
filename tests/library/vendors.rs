//! What is read from the payloads of vendors: each mapping has a fixture and, beside it, what is observed in it.
//!
//! `FIRMOGRAPH_BLESS=1 cargo test -p firmograph --test library vendors` writes the expectations anew; read the difference.

use crate::common::Place;
use crate::on_both;
use crate::use_it::{Test, options};
use firmograph::pipeline::{PipelineOptions, match_value, observe};
use firmograph::sources::{Format, Input, Item, Mapping, OpenOptions, vendor_mappings};
use firmograph::{
    Attribute, Field, FileOptions, IngestOptions, Observation, PayloadId, Source, parse_observed_at,
};
use firmograph_core::Scalar;
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};

/// A file as its source's mappings read it.
struct Read {
    /// Names of the mappings of its first records.
    mappings: Vec<String>,
    unread: Vec<(String, u64)>,
    /// What is observed in each payload.
    payloads: Vec<Value>,
    /// Payloads that identify nobody.
    rejected: usize,
}

fn read(path: &Path, source: &str) -> Read {
    let source = Source::new(source).unwrap();
    let open = OpenOptions { source: Some(source.clone()), ..OpenOptions::default() };
    let mut input = Input::open(path, &open).unwrap();
    let options = PipelineOptions::new(source);
    let names = input.decision().mappings.iter().map(|name| name.split('/').next().unwrap().to_owned());
    let mut read = Read { mappings: names.collect(), unread: Vec::new(), payloads: Vec::new(), rejected: 0 };
    while let Some(item) = input.next_item().unwrap() {
        let Item::Record(record) = item else { panic!("{item:?}") };
        let observed_at = record
            .fields
            .get(Field::ObservedAt)
            .map(|text| parse_observed_at(text).unwrap_or_else(|| panic!("{text:?} is no time")).to_string());
        let mut records = Vec::new();
        for fields in std::iter::once(&record.fields).chain(&record.also) {
            let mut said = Map::new();
            let keys = observe(fields, PayloadId::default(), None, &options, &mut |observation| {
                said.insert(observation.attribute.spec().name.to_owned(), shown(&observation, &options));
            });
            records.push(match keys {
                Ok(keys) => json!({ "company": keys.company, "person": keys.person, "said": said }),
                Err(no_key) => json!({ "no_key": no_key.cause }),
            });
        }
        read.rejected += usize::from(records.iter().all(|record| record.get("no_key").is_some()));
        let mut payload = json!({ "records": records });
        if let Some(observed_at) = observed_at {
            payload["observed_at"] = observed_at.into();
        }
        read.payloads.push(payload);
    }
    read.unread = input.unread_keys();
    read
}

/// The parts of an observation as given, and its standard value column by column.
fn shown(observation: &Observation, options: &PipelineOptions) -> Value {
    let spec = observation.attribute.spec();
    let raw = spec.parts.iter().zip(observation.raw.parts(spec.parts.len()));
    let raw: Map<_, _> = raw.filter_map(|(name, text)| Some(((*name).to_owned(), text?.into()))).collect();
    let matched = match_value(observation.attribute, &observation.raw, options).map(|matched| {
        let columns = spec.matched.iter().zip(&matched.columns);
        let columns = columns.map(|((name, _), value)| ((*name).to_owned(), scalar(value)));
        columns.filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>()
    });
    json!({ "raw": raw, "matched": matched })
}

fn scalar(value: &Scalar) -> Value {
    match value {
        Scalar::Null => Value::Null,
        Scalar::Int(number) => (*number).into(),
        Scalar::Text(text) => Value::from(&**text),
    }
}

fn records() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/records")
}

#[test]
fn every_mapping_reads_its_fixture_as_expected() {
    let mut differing = Vec::new();
    for mapping in vendor_mappings() {
        let name = mapping.name().unwrap();
        for source in mapping.sources() {
            let read = read(&records().join(format!("{name}.json")), source);
            assert_eq!(read.mappings, [name], "for {source}");
            assert_eq!(read.unread, [], "{name} for {source}: keys that it neither reads nor ignores");
            let found = format!("{:#}\n", Value::from(read.payloads));
            let expected = records().join(format!("{name}.expected.json"));
            if std::env::var_os("FIRMOGRAPH_BLESS").is_some() {
                std::fs::write(&expected, &found).unwrap();
            }
            if std::fs::read_to_string(&expected).unwrap_or_default() != found {
                differing.push(format!("{name} for {source} reads:\n{found}"));
            }
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn every_fixture_is_of_a_mapping() {
    for entry in std::fs::read_dir(records()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let stem = name.split('.').next().unwrap();
        let known = vendor_mappings().iter().any(|mapping| mapping.name() == Some(stem));
        assert!(known, "{name} belongs to no mapping");
    }
}

/// Payloads as vendors really send them, which are not part of the repository.
fn real_payloads() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = ["../shared", "../../shared"].map(|place| root.join(place).join("data/payloads"));
    let found = found.into_iter().find(|folder| folder.is_dir());
    if found.is_none() {
        eprintln!("skipped: there are no real payloads beside the repository");
    }
    found
}

/// File, source, mapping, and how many of its payloads identify nobody.
const REAL: &[(&str, &str, &str, usize)] = &[
    ("apollo_export", "apollo", "apollo_people", 0),
    ("clay_company_firmographics", "clay", "clay_company_firmographics", 0),
    ("clay_find_companies_generic", "clay", "clay_find_companies", 0),
    ("clay_find_companies_google", "clay", "clay_find_companies", 0),
    ("clay_find_people", "clay", "clay_find_people", 0),
    ("clay_person_profile", "clay", "clay_person_profile", 0),
    ("clay_person_profile_concurrent_roles", "clay", "clay_person_profile", 0),
    ("claygent_company_customers_flat", "clay", "claygent_customers", 0),
    ("claygent_company_customers_raw_rows", "clay", "claygent_customers", 0),
    ("companyenrich_company", "companyenrich", "companyenrich_company", 0),
    ("companyenrich_similar_preview", "companyenrich", "companyenrich_similar", 0),
    ("coresignal_company", "coresignal", "coresignal_company", 0),
    ("coresignal_person", "coresignal", "coresignal_person", 0),
    ("crunchbase_company", "crunchbase", "crunchbase_company", 0),
    ("crunchbase_vc_portfolio", "crunchbase", "crunchbase_portfolio", 0),
    ("crunchbase_vc_portfolio_shifted_columns", "crunchbase", "crunchbase_portfolio", 0),
    ("lusha_company", "lusha", "lusha_company", 0),
    ("lusha_person", "lusha", "lusha_person", 0),
    ("manual_company_customers_rows", "manual", "manual_customers", 0),
    ("perplexity_company", "perplexity", "perplexity_company", 1),
    ("perplexity_person", "perplexity", "perplexity_person", 1),
    ("salesnav_clay_person", "salesnav", "salesnav_people", 0),
    ("signal_job_change", "clay", "signal_job_change", 0),
    ("signal_job_posting", "clay", "signal_job_posting", 0),
    ("signal_new_hire", "clay", "signal_new_hire", 0),
    ("signal_news_fundraising", "clay", "signal_news_fundraising", 0),
    ("signal_promotion", "clay", "signal_promotion", 0),
];

#[test]
fn real_payloads_are_taken_by_their_mappings() {
    let Some(folder) = real_payloads() else { return };
    for (file, source, mapping, rejected) in REAL {
        let read = read(&folder.join(format!("{file}.json")), source);
        assert_eq!(read.mappings, [*mapping], "{file}");
        assert_eq!(read.unread, [], "{file}");
        assert_eq!(read.rejected, *rejected, "{file}: {:#}", Value::from(read.payloads));
    }
}

#[test]
fn google_is_read_as_the_worked_example_says() {
    let Some(folder) = real_payloads() else { return };
    let path = folder.join("clay_find_companies_google.json");
    let file: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let expected = &file["_expected_per_origin_doc"];
    let read = read(&path, "clay");
    let record = &read.payloads[0]["records"][0];
    assert_eq!(record["company"], "google.com");
    let said = |attribute: Attribute| &record["said"][attribute.spec().name];
    assert_eq!(said(Attribute::CompanyName)["raw"]["name"], expected["company_names"]["raw_name"]);
    let ranges = &expected["company_employee_ranges"];
    assert_eq!(said(Attribute::EmployeeRange)["raw"]["employee_range"], ranges["raw_size"]);
    assert_eq!(said(Attribute::EmployeeRange)["matched"]["employee_range"], ranges["matched"]);
    for (attribute, table, part, column) in [
        (Attribute::CompanyType, "company_types", "company_type", "company_type"),
        (Attribute::Industry, "company_industries", "industry", "industry"),
        (Attribute::Funding, "company_funding", "funding", "funding_range"),
        (Attribute::Revenue, "company_revenue", "revenue", "revenue_range"),
    ] {
        assert_eq!(said(attribute)["raw"][part], expected[table]["raw"], "{table}");
        assert_eq!(said(attribute)["matched"][column], expected[table]["matched"], "{table}");
    }
    let place = said(Attribute::CompanyLocation);
    assert_eq!(place["raw"]["location"], expected["company_locations"]["raw"]);
    for column in ["city", "state", "country"] {
        assert_eq!(place["matched"][column], expected["company_locations"][column], "{column}");
    }
}

const GUIDE: &str = include_str!("../../crates/sources/data/vendors/README.md");

/// The first block of the guide in this language.
fn block(language: &str) -> &'static str {
    let (_, rest) = GUIDE.split_once(&format!("\n```{language}\n")).unwrap();
    rest.split_once("```").unwrap().0
}

fn json_lines(source: &str) -> IngestOptions {
    let mut options = options(source);
    options.open.format = Some(Format::JsonLines);
    options
}

/// Whether every golden row that is expected is there, among its other columns.
#[track_caller]
fn assert_golden(rows: &[Map<String, Value>], expected: &Value) {
    let expected = expected.as_array().unwrap();
    assert_eq!(rows.len(), expected.len(), "{rows:#?}");
    for wanted in expected.iter().map(|row| row.as_object().unwrap()) {
        let has_all = |row: &&Map<String, Value>| {
            wanted.iter().all(|(column, value)| row.get(column).unwrap_or(&Value::Null) == value)
        };
        assert!(rows.iter().any(|row| has_all(&row)), "{wanted:?} is not among {rows:#?}");
    }
}

fn a_vendor_is_added_with_a_file_and_no_code(place: &Place) {
    let expected: Value = serde_json::from_str(block("json")).unwrap();
    let mut options = json_lines("quarry");
    options.open.mappings.push(Mapping::parse(block("toml")).unwrap());
    let mut test = Test::new(place);
    let report = test.ingest_with(&[block("jsonl")], &options);
    assert_eq!((report.tally.read, report.tally.accepted), (2, 2));
    assert_eq!(serde_json::to_value(&report.files[0].unread_keys).unwrap(), expected["unread_keys"]);
    assert_golden(&test.companies(), &expected["companies"]);
    assert_golden(&test.prospects(), &expected["prospects"]);
    // What was read, and how, is enough to read it again.
    let file = test.files().remove(0);
    let kept = FileOptions::parse(file.options.as_deref().unwrap()).unwrap();
    assert_eq!(kept.mappings, [block("toml")]);
    let mut again = kept.extractor(file.header.as_deref()).unwrap();
    let sets = again.extract(block("jsonl").lines().next().unwrap()).unwrap();
    assert_eq!(sets.len(), 2);
    assert_eq!(sets[1].get(Field::JobTitle), Some("CFO"));
}

/// Whether a payload holds one record or many, it is one payload, and the batches it is cut into change nothing.
fn a_payload_of_many_records_counts_once(place: &Place) {
    let line = |origin: &str, customer: &str, site: &str| {
        json!({ "origin_company_domain": origin, "origin_company_name": origin.to_uppercase(),
            "company_customer_name": customer, "company_customer_domain": site, "updated_at": "2026-01-08" })
        .to_string()
    };
    let lines = [
        line("forge.com", "Brook Mills", "brook-mills.com"),
        line("forge.com", "Northlight", "northlight-robotics.com"),
        line("-", "Quay", "quay-bank.com"),
        line("", "", ""),
        line("self.com", "SELF.COM", "self.com"),
    ];
    let text = lines.join("\n");
    let mut exports = Vec::new();
    for batch_rows in [1, 2, 1000] {
        let mut test = if batch_rows == 2 { Test::new(place) } else { Test::in_memory(place) };
        let options = IngestOptions { batch_rows, ..json_lines("manual") };
        let report = test.ingest_with(&[&text], &options);
        assert_eq!((report.tally.accepted, report.tally.rejected), (4, 1), "{report:?}");
        assert_eq!((report.counters.new_companies, report.counters.without_person), (5, 4));
        let said = test.explain(firmograph::EntityKind::Company, "forge.com", "company_name");
        assert_eq!(said["winner"]["payloads"], 2, "{said}");
        let said = test.explain(firmograph::EntityKind::Company, "self.com", "company_name");
        assert_eq!(said["winner"]["payloads"], 1, "a payload supports a value once: {said}");
        exports.push(test.export());
        let again = test.ingest_with(&[&text], &options);
        assert_eq!((again.tally.accepted, again.tally.skipped), (0, 4), "{again:?}");
    }
    assert!(exports.iter().all(|export| *export == exports[0]), "{exports:#?}");
}

/// The same customers as a table, and a table whose cells hold the payloads of a vendor.
fn tables_are_read_by_the_mappings_of_their_source(place: &Place) {
    let pairs = "origin_company_domain,origin_company_name,company_customer_name,company_customer_domain\n\
                 forge.com,Forge,Brook Mills,brook-mills.com\n";
    let mut test = Test::in_memory(place);
    let report = test.ingest_with(&[pairs], &options("manual"));
    assert_eq!((report.tally.accepted, report.counters.new_companies), (1, 2));
    assert!(report.files[0].decision.contains("mapping manual_customers"), "{}", report.files[0].decision);

    let held = json!({ "size": "11-50", "clay_company_id": 1, "name": "Brook Mills" }).to_string();
    let quoted = held.replace('"', "\"\"");
    let dump = format!(
        "company_domain,workflow_slug,raw_payload\nbrook-mills.com,clay-find-companies,\"{quoted}\"\nquay-bank.com,other,{{}}\n"
    );
    let mut test = Test::new(place);
    let report = test.ingest_with(&[&dump], &options("clay"));
    assert_eq!(report.tally.accepted, 2, "a row without a mapping is recognised: {report:?}");
    assert_golden(
        &test.companies(),
        &json!([
            { "domain": "brook-mills.com", "name": "Brook Mills", "employeeRange": "11-50" },
            { "domain": "quay-bank.com", "name": null },
        ]),
    );
}

on_both! {
    a_vendor_is_added_with_a_file_and_no_code
    a_payload_of_many_records_counts_once
    tables_are_read_by_the_mappings_of_their_source
}
