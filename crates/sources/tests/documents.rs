//! JSON documents and JSON lines.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use common::{gzip, read, try_read, utf16};
use firmograph_core::{Field, RejectCode};
use firmograph_sources::{Format, Mapping, OpenOptions};

#[test]
fn lines_arrays_and_wrapped_arrays_give_the_same_records() {
    let one =
        r#"{"firstName": "Zoë", "email":"z@x.example", "company": {"name":"Acme","domain":"acme.example"}}"#;
    let two = r#"{"firstName":"José","employees":45,"is_public":false,"email":null}"#;
    let array = format!("[\n {one} ,\n{two}\n]\n");
    let lines = format!("{one}\n\n{two}\r\n");
    let wrapped = format!("{{\"total\": 2, \"people\": [{one},\n\n{two}], \"next\": null}}");
    let pretty = format!("{one}{two}");
    for (name, text, positions) in [
        ("x.json", &array, [2, 3]),
        ("x.ndjson", &lines, [1, 3]),
        ("x.json", &lines, [1, 3]),
        ("x.json", &wrapped, [1, 3]),
        ("x.json", &pretty, [1, 1]),
    ] {
        for bytes in [text.clone().into_bytes(), gzip(text.as_bytes()), utf16(text, true, true)] {
            let read = read(name, &bytes);
            assert!(read.rejects().is_empty(), "{name} {:?}", read.rejects());
            assert_eq!(read.lines(), positions, "{text}");
            assert_eq!(&*read.records()[0].payload, one);
            assert_eq!(&*read.records()[1].payload, two);
            assert_eq!(read.field(0, Field::CompanyName), Some("Acme"));
            assert_eq!(read.field(0, Field::CompanyDomain), Some("acme.example"));
            assert_eq!(read.field(1, Field::EmployeeSize), Some("45"));
            assert_eq!(read.field(1, Field::Email), None);
            assert!(read.columns.is_none());
        }
    }
    assert_eq!(read("x", lines).decision.format, Format::JsonLines);
}

#[test]
fn bad_elements_are_rejected_and_reading_goes_on() {
    let text = "{\"email\":\"a@x.example\"}\n{\"email\": oops}\n[1]\n{\"email\":\"b\\u0000\"}\n{\"email\":\"b\\\\u0000\"}\n\
                {\"email\":\"\\ud800\"}\n{\"email\":\"c@x.example\"}";
    let lines = read("x.jsonl", text);
    use RejectCode::{BadJson, NulCharacter};
    assert_eq!(lines.codes(), [BadJson, BadJson, NulCharacter, BadJson]);
    assert_eq!(lines.lines(), [1, 5, 7]);
    assert_eq!(lines.field(1, Field::Email), Some("b\\u0000"));
    let array = read("x.json", format!("[{}]", text.replace('\n', ",\n")));
    assert_eq!(array.codes(), lines.codes());
    assert_eq!(array.records().len(), 3);
    assert!(lines.rejects()[0].cause.contains("expected value"), "{}", lines.rejects()[0].cause);

    let cut = read("x.json", "[{\"email\":\"a@x.example\"},\n{\"email\":\"b");
    assert_eq!((cut.records().len(), cut.codes()), (1, vec![BadJson, BadJson]));
    let loose =
        read("x.json", "{\"data\":[{\"email\":\"a@x.example\"}],\"more\":[ {\"email\":\"b@x.example\"}]}");
    assert_eq!((loose.records().len(), loose.codes()), (1, vec![BadJson]));
}

#[test]
fn an_overlong_element_is_passed_over() {
    let options = OpenOptions { max_record_bytes: 1000, ..OpenOptions::default() };
    let long = format!("{{\"email\":\"a@x.example\",\"x\":\"{}\"}}", "],}{\\\"".repeat(60_000));
    for (name, text) in [
        ("x.json", format!("[{{\"email\":\"b@x.example\"}},{long},\n{{\"email\":\"c@x.example\"}}]")),
        ("x.jsonl", format!("{{\"email\":\"b@x.example\"}}\n{long}\n{{\"email\":\"c@x.example\"}}\n")),
    ] {
        let read = try_read(name, text.as_bytes(), &options).unwrap();
        assert_eq!(read.codes(), [RejectCode::RecordTooLong], "{name}");
        assert_eq!(read.records().len(), 2);
    }
}

#[test]
fn the_first_of_duplicate_keys_wins_and_the_payload_keeps_both() {
    let read = read("x.jsonl", "{\"email\":\"a@x.example\",\"email\":\"b@x.example\"}\n");
    assert_eq!(read.field(0, Field::Email), Some("a@x.example"));
    assert_eq!(&*read.records()[0].payload, "{\"email\":\"a@x.example\",\"email\":\"b@x.example\"}");
}

#[test]
fn dotted_paths_of_a_mapping_win() {
    let text = "{\"mails\":[\"a@x.example\",\"b@x.example\"],\"org\":{\"title\":\"Acme\"},\"email\":\"no@x.example\",\"city\":\"Rome\"}";
    let mapping = Mapping::parse(
        "[fields]\nemail = [\"mails.7\", \"mails.1\"]\ncompany_name = \"org.title\"\nignore = [\"city\"]",
    );
    let options = OpenOptions { mappings: vec![mapping.unwrap()], ..OpenOptions::default() };
    let read = try_read("x.json", text.as_bytes(), &options).unwrap();
    assert_eq!(read.field(0, Field::Email), Some("b@x.example"));
    assert_eq!(read.field(0, Field::CompanyName), Some("Acme"));
    assert_eq!(read.field(0, Field::City), None);
    let mapping = Mapping::parse("[fields]\nemail = \"mail.0\"").unwrap();
    let options = OpenOptions { mappings: vec![mapping], ..OpenOptions::default() };
    let error = try_read("x.json", text.as_bytes(), &options).err().unwrap();
    assert_eq!(error.code(), "unknown-column");
    assert!(error.help().unwrap().contains("mails.0"));
    assert_eq!(
        try_read("x.json", b"[{\"foo\":1}]", &OpenOptions::default()).err().unwrap().code(),
        "no-known-column"
    );
}

#[test]
fn real_payloads_are_read_where_they_are_present() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/payloads");
    for (name, field, text) in [
        ("apollo_export", Field::CompanyName, "Contentful"),
        ("salesnav_clay_person", Field::CompanyName, "Harvey"),
        ("clay_company_firmographics", Field::EmployeeSize, "51-200 employees"),
        ("clay_find_people", Field::FirstName, "Avery"),
        ("lusha_person", Field::JobTitle, "Director of Energy Services"),
        ("coresignal_company", Field::CompanyCity, "Phoenix"),
    ] {
        let Ok(bytes) = std::fs::read(format!("{folder}/{name}.json")) else { return };
        let read = read("x.json", &bytes);
        assert_eq!(read.field(0, field), Some(text), "{name}: {}", read.decision);
        assert!(read.rejects().is_empty(), "{name}");
    }
}

#[test]
fn a_truncated_gzip_gives_its_objects_and_then_an_error() {
    let text: String = (0..20_000u32)
        .map(|n| format!("{{\"email\":\"p{}@x.example\"}}\n", n.wrapping_mul(2_654_435_761)))
        .collect();
    for text in [text.clone(), format!("[{}]", text.trim_end().replace('\n', ",\n"))] {
        let packed = gzip(text.as_bytes());
        let read = try_read("x.json.gz", &packed[..packed.len() / 2], &OpenOptions::default()).unwrap();
        assert_eq!(read.error.as_ref().unwrap().code(), "truncated-gzip");
        assert!(read.rejects().is_empty());
        assert!(read.records().len() > 5_000 && read.records().len() < 15_000);
    }
}
