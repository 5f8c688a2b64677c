//! Whatever the `csv` crate writes comes back as it was.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

mod common;

use firmograph_core::Field;
use firmograph_sources::{Item, OpenOptions};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn cells_come_back_identical(
        rows in proptest::collection::vec(proptest::array::uniform4("[\\PC\\n\\r\\t\",;'|\u{feff}]{0,12}"), 0..12),
        delimiter in proptest::sample::select(vec![b',', b';', b'\t', b'|']),
    ) {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        writer.write_record(["Email", "Company", "Notes", "City"]).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let read = common::try_read("x.csv", &bytes, &OpenOptions::default()).unwrap();
        prop_assert_eq!(read.decision.delimiter, Some(delimiter as char));
        let blank = |row: &[String; 4]| row.concat().bytes().all(|byte| byte.is_ascii_whitespace());
        let expected: Vec<&[String; 4]> = rows.iter().filter(|row| !blank(row)).collect();
        let records = read.records();
        prop_assert_eq!(records.len(), expected.len());
        prop_assert!(read.items.iter().all(|item| !matches!(item, Item::Reject(_))));
        for (record, row) in records.iter().zip(expected) {
            prop_assert_eq!(&*record.payload, serde_json::to_string(row).unwrap());
            let city = Some(row[3].as_str()).filter(|city| !city.trim().is_empty());
            prop_assert_eq!(record.fields.get(Field::City), city);
        }
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), limit in 1usize..100, name in "x\\.(csv|json|jsonl|gz)") {
        for prefix in [&b"Email,City\n"[..], b"[{\"email\":1},", b"{\"email\":1}\n", b""] {
            let options = OpenOptions { max_record_bytes: limit, ..OpenOptions::default() };
            let _ = common::try_read(&name, &[prefix, &bytes].concat(), &options);
        }
    }
}
