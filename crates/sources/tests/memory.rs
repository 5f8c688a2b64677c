//! Memory stays bounded whatever a file holds. Alone in its binary, because it watches the whole process.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "tests")]
#![cfg(target_os = "linux")]

use firmograph_core::RejectCode;
use firmograph_sources::{Input, Item, OpenOptions};
use std::io::Write;

/// The most memory this process has held, in bytes.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}

#[test]
fn hostile_files_of_twenty_megabytes_stay_within_a_few() {
    const SIZE: usize = 20 * 1024 * 1024;
    let folder = tempfile::tempdir().unwrap();
    let commas: &[u8] = b",";
    for (name, start, filler, end) in [
        ("commas.csv", &b"Email,City\n"[..], commas, &b"\na@x.example,Rome\n"[..]),
        ("quoted.csv", b"Email,City\n\"", b"x", b"\"\na@x.example,Rome\n"),
        (
            "lines.csv",
            b"Email,City\n\"",
            b"another line of the same cell, which never seems to end anywhere\n",
            b"\"\na@x.example,Rome\n",
        ),
        ("open.csv", b"Email,City\na@x.example,Rome\n\"", b"x", b""),
        ("array.json", b"[{\"email\":\"a@x.example\"},{\"email\":\"", b"x", b"\"}]"),
        ("line.jsonl", b"{\"email\":\"a@x.example\"}\n{\"email\":\"", b"x", b"\"}\n"),
        ("deep.json", b"[{\"email\":\"a@x.example\"},", b"[", b""),
    ] {
        let path = folder.path().join(name);
        let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
        file.write_all(start).unwrap();
        let chunk = filler.repeat(1024 * 1024 / filler.len());
        for _ in 0..SIZE / chunk.len() {
            file.write_all(&chunk).unwrap();
        }
        file.write_all(end).unwrap();
        drop(file);
        let mut input = Input::open(&path, &OpenOptions::default()).unwrap();
        let (mut records, mut rejects) = (0, Vec::new());
        while let Some(item) = input.next_item().unwrap() {
            match item {
                Item::Record(_) => records += 1,
                Item::Reject(reject) => rejects.push(reject.code),
                Item::Blank(_) => {}
            }
        }
        assert!(records >= 1, "{name}: {records} records");
        assert_eq!(rejects.first(), Some(&RejectCode::RecordTooLong), "{name}");
        assert!(peak() < 24 * 1024 * 1024, "{name}: {} bytes", peak());
    }
}
