//! Tables: dialects, encodings, positions, rejects.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use common::{gzip, read, try_read, utf16};
use firmograph_core::{ErrorKind, Field, Position, RejectCode};
use firmograph_sources::{Item, Mapping, OpenOptions};

const TEXT: &str =
    "First Name,Email,Company,Notes\r\nZoë,zoe@acme.example,\"Acme, Inc\",\"a\r\nb\"\r\nJosé,,Łódź GmbH,\r\n";

fn assert_is_text(read: &common::Read) {
    assert_eq!(read.records().len(), 2, "{:?}", read.items);
    assert_eq!(&*read.records()[0].payload, r#"["Zoë","zoe@acme.example","Acme, Inc","a\r\nb"]"#);
    assert_eq!(&*read.records()[1].payload, r#"["José","","Łódź GmbH",""]"#);
    assert_eq!(read.field(0, Field::CompanyName), Some("Acme, Inc"));
    assert_eq!(read.field(1, Field::Email), None);
    assert_eq!(read.lines(), [2, 4]);
    assert_eq!(read.columns.as_deref().unwrap(), ["First Name", "Email", "Company", "Notes"]);
}

#[test]
fn every_unicode_encoding_gives_the_same_records() {
    let marked = format!("\u{feff}{TEXT}");
    for (bytes, encoding) in [
        (TEXT.as_bytes().to_vec(), "utf-8"),
        (marked.into_bytes(), "utf-8"),
        (utf16(TEXT, true, true), "utf-16le"),
        (utf16(TEXT, false, true), "utf-16be"),
        (utf16(TEXT, true, false), "utf-16le"),
        (utf16(TEXT, false, false), "utf-16be"),
    ] {
        let plain = read("x.csv", &bytes);
        assert_eq!(plain.decision.encoding, encoding);
        assert_is_text(&plain);
        let packed = read("x.csv.gz", gzip(&bytes));
        assert!(packed.decision.gzip);
        assert_is_text(&packed);
    }
}

#[test]
fn every_delimiter_gives_the_same_cells() {
    for (delimiter, name) in
        [(',', "x.csv"), (';', "x.csv"), ('\t', "x.tsv"), ('\t', "x.txt"), ('|', "x.csv")]
    {
        let text = TEXT.replace("Acme, Inc", "Acme\u{1}Inc").replace(',', &delimiter.to_string());
        let read = read(name, text.replace('\u{1}', ", "));
        assert_eq!(read.decision.delimiter, Some(delimiter));
        assert_is_text(&read);
    }
}

#[test]
fn windows_1252_is_guessed_aloud_and_decoded_by_cell() {
    let bytes = b"Name,Email,City\nJos\xe9,j@x.example,M\xfcnchen\nplain,p@x.example,Rome\n";
    let guessed = read("x.csv", bytes);
    assert!(guessed.decision.encoding_guessed);
    assert!(guessed.decision.to_string().contains("windows-1252 (guessed)"), "{}", guessed.decision);
    assert_eq!(guessed.field(0, Field::City), Some("München"));
    assert_eq!(guessed.field(1, Field::City), Some("Rome"));
    let options = OpenOptions { encoding: Some("latin1".into()), ..OpenOptions::default() };
    assert_eq!(try_read("x.csv", bytes, &options).unwrap().field(0, Field::FullName), Some("José"));
    let options = OpenOptions { encoding: Some("klingon".into()), ..OpenOptions::default() };
    assert_eq!(try_read("x.csv", bytes, &options).err().unwrap().code(), "unknown-encoding");
}

#[test]
fn a_badly_encoded_row_is_rejected_with_its_bytes() {
    let mut bytes = b"Name,Email\n".to_vec();
    bytes.extend("A,a@x.example\n".repeat(20_000).into_bytes());
    bytes.extend(b"Jos\xe9,\"j@x\"\r\nB,b@x.example\n");
    let read = read("x.csv", &bytes);
    assert_eq!(read.decision.encoding, "utf-8");
    assert_eq!(read.records().len(), 20_001);
    let rejects = read.rejects();
    assert_eq!(rejects.len(), 1);
    assert_eq!(rejects[0].code, RejectCode::BadEncoding);
    assert_eq!(rejects[0].position, Position { record: 20_001, line: 20_002 });
    assert_eq!(rejects[0].original, b"Jos\xe9,\"j@x\"");
    assert_eq!(rejects[0].column.as_deref(), Some("Name"));
}

#[test]
fn a_lone_surrogate_in_utf_16_rejects_its_row() {
    let mut bytes = utf16("Name,Email\nA,", true, true);
    bytes.extend([0x00, 0xD8]);
    bytes.extend(utf16("\nB,b@x.example\n", true, false));
    let read = read("x.csv", &bytes);
    assert_eq!(read.codes(), [RejectCode::BadEncoding]);
    assert_eq!(read.field(0, Field::Email), Some("b@x.example"));
}

#[test]
fn lines_count_whatever_ends_them_and_blanks_have_no_number() {
    for end in ["\n", "\r\n", "\r"] {
        let text =
            ["", "Email,Notes", "", "a@x.example,\"1", "2\"", " , ", "Email,Notes", "b@x.example,"].join(end);
        let read = read("x.csv", text);
        assert_eq!(read.lines(), [4, 8], "{end:?}");
        let numbers: Vec<u64> = read.records().iter().map(|record| record.position.record).collect();
        assert_eq!(numbers, [1, 2]);
        let blanks = read.items.iter().filter(|item| matches!(item, Item::Blank(_))).count();
        assert_eq!(blanks, 3, "an empty line, a row of blanks, the header again");
    }
}

#[test]
fn rows_of_other_lengths() {
    let read = read("x.csv", "Email,City,X\na@x.example\nb@x.example,Rome,1,,\nc@x.example,Rome,1,,2\n");
    assert_eq!(&*read.records()[0].payload, r#"["a@x.example","",""]"#);
    assert_eq!(&*read.records()[1].payload, r#"["b@x.example","Rome","1"]"#);
    let rejects = read.rejects();
    assert_eq!(rejects[0].code, RejectCode::TooManyCells);
    assert_eq!(rejects[0].cause, "5 cells where the header has 3 columns");
    assert_eq!(rejects[0].original, br#"["c@x.example","Rome","1","","2"]"#);
}

#[test]
fn far_too_many_cells_are_counted_and_not_kept() {
    for encoding in ["utf-8", "windows-1252"] {
        let options = OpenOptions { encoding: Some(encoding.into()), ..OpenOptions::default() };
        let row =
            |end: &str| [b"a@x.example,\xc3\xa9".as_slice(), &b",".repeat(5000), end.as_bytes()].concat();
        let bytes = [b"Email,City\n".as_slice(), &row("\n"), &row("x\n"), b"b@x.example,Rome\n"].concat();
        let read = try_read("x.csv", &bytes, &options).unwrap();
        assert_eq!((read.records().len(), read.codes()), (2, vec![RejectCode::TooManyCells]));
        assert!(read.rejects()[0].cause.starts_with("5002 cells"), "{}", read.rejects()[0].cause);
        assert_eq!(read.rejects()[0].original, row("x"));
    }
}

#[test]
fn an_input_can_move_to_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<firmograph_sources::Input>();
}

#[test]
fn nul_characters_are_rejected_with_their_column() {
    let read = read("x.csv", "Email,City\na@x.example,Ro\0me\nb@x.example,Rome\n");
    let reject = read.rejects()[0];
    assert_eq!((reject.code, reject.column.as_deref()), (RejectCode::NulCharacter, Some("City")));
    assert_eq!(reject.original, br#"["a@x.example","Ro\u0000me"]"#);
    assert_eq!(read.records().len(), 1);
}

#[test]
fn an_unclosed_quote_keeps_the_rows_it_swallowed() {
    let read = read("x.csv", "Email,City\na@x.example,Rome\nb@x.example,\"Oslo\nc@x.example,Bonn\n");
    assert_eq!(read.records().len(), 1);
    let reject = read.rejects()[0];
    assert_eq!((reject.code, reject.position.line), (RejectCode::UnclosedQuote, 3));
    assert!(
        reject.cause.contains("opens on this line") && reject.cause.contains("last 2 lines"),
        "{}",
        reject.cause
    );
    assert_eq!(reject.original, b"b@x.example,\"Oslo\nc@x.example,Bonn");
}

#[test]
fn an_overlong_record_is_rejected_and_reading_goes_on_at_the_next_line() {
    let options = OpenOptions { max_record_bytes: 1000, ..OpenOptions::default() };
    let long = "x".repeat(5000);
    let swallowed = "b@x.example,Rome\n".repeat(400);
    let text = format!("Email,City\na@x.example,{long}\nq@x.example,\"Oslo\n{swallowed}");
    let read = try_read("x.csv", text.as_bytes(), &options).unwrap();
    assert_eq!(read.codes()[..2], [RejectCode::RecordTooLong; 2]);
    assert_eq!(read.rejects()[0].original.len(), 1000);
    assert!(read.rejects()[1].cause.contains("opens on line 3"), "{}", read.rejects()[1].cause);
    assert_eq!(read.records().len(), 400, "no swallowed row is lost");
    assert_eq!(read.lines()[0], 4);
}

#[test]
fn the_first_column_that_says_something_wins_and_both_stay_in_the_payload() {
    let read = read("x.csv", "Email,Email,E-Mail\n ,b@x.example,c@x.example\n");
    assert_eq!(read.field(0, Field::Email), Some("b@x.example"));
    assert_eq!(&*read.records()[0].payload, r#"[" ","b@x.example","c@x.example"]"#);
}

#[test]
fn own_annotations_are_no_part_of_a_record() {
    let read = read("x.csv", "firmograph_code,Email,firmograph_line,City\nbad-date,a@x.example,7,Rome\n");
    assert_eq!(read.columns.as_deref().unwrap(), ["Email", "City"]);
    assert_eq!(&*read.records()[0].payload, r#"["a@x.example","Rome"]"#);
}

#[test]
fn a_separator_line_is_no_row() {
    let read = read("x.csv", "sep=;\r\nEmail;City\r\na@x.example;Rome\r\n");
    assert_eq!((read.decision.delimiter, read.lines()), (Some(';'), vec![3]));
}

#[test]
fn files_that_say_nothing_are_errors() {
    let code = |bytes: &[u8], options: &OpenOptions| {
        let error = try_read("x.csv", bytes, options).err().expect("an error");
        (error.kind(), error.code())
    };
    let options = OpenOptions::default();
    assert_eq!(code(b"", &options), (ErrorKind::Data, "empty-file"));
    assert_eq!(code(b"\xef\xbb\xbf\r\n \n", &options), (ErrorKind::Data, "empty-file"));
    assert_eq!(code(b"foo,bar\n1,2\n", &options), (ErrorKind::Usage, "no-header"));
    let header = OpenOptions { has_header: Some(true), ..options.clone() };
    assert_eq!(code(b"foo,bar\n1,2\n", &header), (ErrorKind::Usage, "no-known-column"));
    let none = OpenOptions { has_header: Some(false), ..options };
    assert_eq!(code(b"foo,bar\n1,2\n", &none), (ErrorKind::Usage, "no-known-column"));
    let missing =
        firmograph_sources::Input::open(std::path::Path::new("/nowhere/x.csv"), &header).err().unwrap();
    assert_eq!((missing.kind(), missing.code()), (ErrorKind::Environment, "cannot-read"));
}

#[test]
fn a_mapping_reads_files_without_known_headers_or_without_any() {
    let mapping = Mapping::parse("[fields]\nemail = \"foo\"").unwrap();
    let options = OpenOptions { mappings: vec![mapping], ..OpenOptions::default() };
    let mapped = try_read("x.csv", b"foo;bar\na@x.example;2\n", &options).unwrap();
    assert_eq!(mapped.field(0, Field::Email), Some("a@x.example"));
    let mapping = Mapping::parse("[fields]\nemail = \"column 2\"").unwrap();
    let options = OpenOptions { mappings: vec![mapping], has_header: Some(false), ..OpenOptions::default() };
    let bare = try_read("x.csv", b"1,a@x.example\n2,b@x.example\n", &options).unwrap();
    assert_eq!(bare.records().len(), 2);
    assert_eq!((bare.field(0, Field::Email), bare.lines()), (Some("a@x.example"), vec![1, 2]));
    assert_ne!(mapped.decision.fingerprint(), bare.decision.fingerprint());
}

#[test]
fn a_truncated_gzip_gives_its_rows_and_then_an_error() {
    let mut text = String::from("Email,City\n");
    for row in 0..50_000u32 {
        text.push_str(&format!("p{}@x.example,Rome {}\n", row.wrapping_mul(2_654_435_761), row));
    }
    let packed = gzip(text.as_bytes());
    let read = try_read("x.csv.gz", &packed[..packed.len() / 2], &OpenOptions::default()).unwrap();
    let error = read.error.as_ref().unwrap();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Environment, "truncated-gzip"));
    let rows = read.records();
    assert!(rows.len() > 10_000 && rows.len() < 40_000, "{}", rows.len());
    let last = rows.last().unwrap();
    assert!(text.contains(&format!(
        "{},{}\n",
        last.fields.get(Field::Email).unwrap(),
        last.fields.get(Field::City).unwrap()
    )));
    let two = [gzip(b"Email,City\na@x.example,Rome\n"), gzip(b"b@x.example,Rome\n")].concat();
    assert_eq!(common::read("x.csv.gz", two).records().len(), 2);
}

#[test]
fn a_decision_is_one_line_and_serialises() {
    let read = read("customers.csv", "Email address,Company,Foo,Bar\na@x.example,Acme,1,2\n");
    assert_eq!(
        read.decision.to_string(),
        "customers.csv: csv, utf-8, delimiter ',', 4 columns: 2 mapped (email <- \"Email address\", \
         company_name <- \"Company\"), 2 kept in the payload: \"Foo\", \"Bar\""
    );
    assert_eq!(read.decision.fingerprint(), "csv ,;email<-\"Email address\";company_name<-\"Company\"");
    let json = serde_json::to_value(&read.decision).unwrap();
    assert_eq!(json["columns"][0]["field"], "email");
    assert_eq!(json["format"], "csv");
}
