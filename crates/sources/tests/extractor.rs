//! Stored payloads read again say what the file said.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its scene should stop")]

mod common;

use common::{Read, try_read};
use firmograph_core::{FieldSet, Source};
use firmograph_sources::{Extractor, Mapping, OpenOptions};

/// Reads a file, and then its payloads without the file; gives how many records it has.
#[track_caller]
fn read_again(name: &str, bytes: &[u8], options: &OpenOptions) -> usize {
    let read = try_read(name, bytes, options).unwrap();
    let mut extractor = extractor(&read, options);
    for record in read.records() {
        let said: Vec<FieldSet> = std::iter::once(&record.fields).chain(&record.also).cloned().collect();
        assert_eq!(extractor.extract(&record.payload).unwrap(), said, "{name}: {}", record.payload);
    }
    read.records().len()
}

fn extractor(read: &Read, options: &OpenOptions) -> Extractor {
    match &read.columns {
        Some(columns) => Extractor::for_table(columns, &options.mappings, options.source.as_ref()).unwrap(),
        None => Extractor::for_documents(&options.mappings, options.source.as_ref()),
    }
}

fn with(mappings: &[&str]) -> OpenOptions {
    let mappings = mappings.iter().map(|text| Mapping::parse(text).unwrap()).collect();
    OpenOptions { mappings, ..OpenOptions::default() }
}

const TABLE: &str = "Email;Firma;firmograph_code;E-Mail 2;City;Rohdaten;Umsatz\n\
    a@acme.example;Acme;no-key;b@acme.example;http://x;\"{\"\"hq\"\": {\"\"city\"\": \"\"Berlin\"\"}}\";12\n\
    ; ;;c@brook.example\n\
    d@brook.example;\"Brook; \"\"Mills\"\"\";;;Leeds;[];\n";

#[test]
fn rows_of_tables() {
    let none = OpenOptions::default();
    assert_eq!(read_again("a.csv", TABLE.as_bytes(), &none), 3);
    let mapping = "[fields]\nemail = [\"E-Mail 2\", \"Email\"]\nignore = [\"City\"]";
    assert_eq!(read_again("a.csv", TABLE.as_bytes(), &with(&[mapping])), 3);
    let mapping = "[fields]\ncompany_name = \"firma\"\n[units]\nrevenue = \"million EUR\"\n\
                   [blank]\ncity = \"http*\"\n[times]\nformats = [\"%d.%m.%Y\"]";
    assert_eq!(read_again("a.csv", TABLE.as_bytes(), &with(&[mapping])), 3);
    let led = "[fields]\ncompany_city = \"Rohdaten.hq.city\"\nrevenue = \"umsatz\"";
    assert_eq!(read_again("a.csv", TABLE.as_bytes(), &with(&[led])), 3);
    let by_row =
        "[when]\nhas = [\"Rohdaten.hq\"]\n[fields]\ncompany_city = \"Rohdaten.hq.city\"\nemail = \"Email\"";
    assert_eq!(read_again("a.csv", TABLE.as_bytes(), &with(&[by_row, mapping])), 3);
    let records = "[[records]]\n[records.fields]\nemail = \"Email\"\n[[records]]\n[records.fields]\nemail = \"E-Mail 2\"";
    assert_eq!(read_again("a.csv", TABLE.as_bytes(), &with(&[records])), 3);

    let latin = b"E-Mail,Firma,Stadt\nz@acme.example,Caf\xe9,M\xfcnchen\n";
    assert_eq!(read_again("latin.csv", latin, &none), 1);
    let bare = OpenOptions { has_header: Some(false), ..with(&["[fields]\nemail = \"column 2\""]) };
    assert_eq!(read_again("bare.csv", b"x,a@acme.example\ny,b@acme.example\n", &bare), 2);
}

const LINES: &str = r#"{"name": "Ada", "company": {"name": "Acme", "domain": "acme.example"}, "emails": ["a@x.example", "b@x.example"]}
{"name": "Bo \u00e9", "company": {"name": "Bo\"x"}, "kind": "b", "staff": 1.50, "raw": "{\"jobs\": [{\"t\": \"CTO\"}, {\"t\": \"CEO\", \"now\": true}]}"}
{"list": [{"name": "Cy", "company": "C Ltd"}, {"name": "Di", "company": "D Ltd"}], "kind": "list"}
"#;

#[test]
fn json_documents() {
    assert_eq!(read_again("a.jsonl", LINES.as_bytes(), &OpenOptions::default()), 3);
    let mapping = "[fields]\nemail = [\"emails.1\", \"emails.0\"]\nignore = [\"staff\"]";
    assert_eq!(read_again("a.jsonl", LINES.as_bytes(), &with(&[mapping])), 3);
    let picked = "[when]\nequals = { kind = \"b\" }\n[pick]\nrole = [\"raw.jobs[now=true]\"]\n\
                  [fields]\njob_title = \"$role.t\"\n[says]\n\"kind=b\" = { company_type = \"Private\" }";
    let listed = "list = \"list\"\n[when]\nhas = [\"company\"]\n[fields]\ncompany_name = \"company\"";
    assert_eq!(read_again("a.jsonl", LINES.as_bytes(), &with(&[picked, listed])), 3);
    let array = format!("[{}]", LINES.trim().replace('\n', ","));
    assert_eq!(read_again("a.json", array.as_bytes(), &with(&[picked, listed])), 3);
}

/// Every sample that the repository has, read for every source of which there is a mapping.
#[test]
fn every_sample_for_every_source() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let mut sources: Vec<Option<Source>> = firmograph_sources::vendor_mappings()
        .iter()
        .map(|mapping| mapping.source())
        .map(|name| Source::new(name.unwrap()).ok())
        .collect();
    sources.dedup();
    sources.push(None);
    let mut read = 0;
    for folder in ["examples/data", "tests/records"] {
        let Ok(entries) = std::fs::read_dir(format!("{root}/{folder}")) else { continue };
        for entry in entries.map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            if !name.ends_with(".csv") && !name.ends_with(".json") && !name.ends_with(".jsonl") {
                continue;
            }
            let bytes = std::fs::read(entry.path()).unwrap();
            for source in &sources {
                let options = OpenOptions { source: source.clone(), ..OpenOptions::default() };
                // Some files mean nothing without the mapping of their source.
                if try_read(&name, &bytes, &options).is_ok() {
                    read += read_again(&name, &bytes, &options);
                }
            }
        }
    }
    assert!(read > 0);
}

#[test]
fn what_is_no_payload_is_refused() {
    let mut rows = Extractor::for_table(&["Email".to_owned()], &[], None).unwrap();
    let mut documents = Extractor::for_documents(&[], None);
    for error in [rows.extract("{}").unwrap_err(), documents.extract("[]").unwrap_err()] {
        assert_eq!(error.code(), "bad-payload", "{error}");
    }
}
