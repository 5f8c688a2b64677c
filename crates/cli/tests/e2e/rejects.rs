//! Rows that cannot be taken: told with their place, kept, exported, repaired, fed back, and limited in number.

use crate::binary::{call, done, ends, ingest, run, tally};
use crate::common::Place;
use crate::on_both;

/// Line 1 is the header; the record of line 4 goes on to line 5; line 8 is blank.
const FILE: &str = "\
Email,Full Name,Company,Notes
ada@brook-mills.com,Ada Hale,Brook Mills,fine
nobody@,Bo Ito,,\"a, comma\"
cleo@brook-mills.com,Cleo Li,Brook Mills,\"two
lines\"
dan@brook-mills.com,Dan Eze,Brook Mills,one,too many
,Eli Abe,,

info@gmail.com,Mail Box,,
\u{0}fay@brook-mills.com,Fay Jo,Brook Mills,
";

fn rejects_tell_their_place_and_cause(place: &Place) {
    let file = place.file("leads.csv", FILE);
    let report = ingest(place, &[&file]);
    assert_eq!(tally(&report), [8, 2, 5, 1]);
    let codes = [("no-key", 3), ("too-many-cells", 1), ("nul-character", 1)];
    assert_eq!(report["counters"]["rejects"].as_object().unwrap().len(), codes.len());
    for (code, count) in codes {
        assert_eq!(report["counters"]["rejects"][code], count, "{code}");
    }

    let listed = done(place, &["rejects", "list", "--run", "1"]).rows();
    let places: Vec<_> = listed
        .iter()
        .map(|reject| {
            assert_eq!((&reject["file"], &reject["run"]), (&file.as_str().into(), &1.into()));
            assert!(!reject["help"].as_str().unwrap().is_empty());
            (reject["line"].as_u64().unwrap(), reject["code"].as_str().unwrap(), reject["column"].as_str())
        })
        .collect();
    let expected = [
        (3, "no-key", Some("Email")),
        (6, "too-many-cells", None),
        (7, "no-key", None),
        (9, "no-key", Some("Email")),
        (10, "nul-character", Some("Email")),
    ];
    assert_eq!(places, expected);
    let cause = |index: usize| listed[index]["cause"].as_str().unwrap();
    assert!(cause(0).contains("nobody@"), "{}", cause(0));
    assert!(cause(1).contains('5') && cause(1).contains('4'), "{}", cause(1));
    assert_eq!(done(place, &["rejects", "list"]).rows(), listed);
    assert!(done(place, &["rejects", "list", "--run", "2"]).rows().is_empty());
}

fn an_exported_reject_can_be_repaired_and_ingested(place: &Place) {
    let file = place.file("leads.csv", FILE);
    ingest(place, &[&file]);
    let exported = done(place, &["rejects", "export", "--run", "1"]);
    let mut lines = exported.out.lines();
    let header = lines.next().unwrap();
    assert!(header.starts_with("Email,Full Name,Company,Notes,firmograph_file,firmograph_line,"), "{header}");
    assert_eq!(exported.out.matches(",no-key,").count(), 3);
    assert!(exported.out.contains("nobody@,Bo Ito,,\"a, comma\","), "cells as they were: {}", exported.out);

    let to_file = place.folder().join("repaired.csv");
    let path = to_file.to_str().unwrap();
    done(place, &["rejects", "export", "--run", "1", "--output", path]);
    let text = std::fs::read_to_string(path).unwrap();
    assert_eq!(text, exported.out, "the same to a file");
    std::fs::write(path, text.replacen("nobody@,", "bo@brook-mills.com,", 1)).unwrap();
    let report = ingest(place, &[path]);
    assert_eq!(tally(&report)[1], 1, "the repaired row is accepted: {report}");
    assert_eq!(tally(&report)[0], 5);
    let bo = done(place, &["person", "bo@brook-mills.com"]).rows().remove(0);
    assert_eq!((&bo["fullName"], &bo["externalSource"]), (&"Bo Ito".into(), &"csv".into()));

    // Fed back once more, nothing is new.
    let again = ingest(place, &[path]);
    assert_eq!((tally(&again)[1], tally(&again)[3]), (0, 1));
}

/// Of 400 rows, 8 identify nobody.
fn max_rejects_ends_with_1(place: &Place) {
    let mut text = "Email,Company\n".to_owned();
    for number in 0..400 {
        match number % 50 {
            7 => text.push_str(&format!("lost {number},\n")),
            _ => text.push_str(&format!("p{number}@brook-mills.com,Brook Mills\n")),
        }
    }
    let file = place.file("leads.csv", &text);
    let limited = |limit: &str, source: &str| {
        call(place, &["ingest", &file, "--max-rejects", limit, "--source", source, "--batch-size", "100"])
    };
    for (number, (limit, code, read)) in
        [("0", 1, 100), ("5", 1, 300), ("7", 1, 400), ("8", 0, 400), ("1%", 1, 400), ("2%", 0, 400)]
            .into_iter()
            .enumerate()
    {
        let said = limited(limit, &format!("s{number}"));
        assert_eq!(said.code, code, "{limit}: {}", said.err);
        let run = run(place, number as i64 + 1);
        assert_eq!(tally(&run)[0], read, "what was committed before stays: {run}");
        assert_eq!(run["status"], if code == 0 { "done" } else { "too_many_rejects" });
        assert_eq!(said.err.contains("--max-rejects"), code == 1, "{}", said.err);
    }
    for limit in ["many", "-1", "101%"] {
        let limit = format!("--max-rejects={limit}");
        ends(place, 2, &["ingest", &file, &limit]);
    }
}

on_both! {
    rejects_tell_their_place_and_cause
    an_exported_reject_can_be_repaired_and_ingested
    max_rejects_ends_with_1
}
