//! Calls the program and reads what it says.

use crate::common::Place;
use serde_json::Value;
use std::io::Write;
use std::process::{Command, Output, Stdio};

/// The program on the database of `place`, working in its folder.
pub(crate) fn program(place: &Place) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_firmograph"));
    command.current_dir(place.folder()).env("FIRMOGRAPH_DATABASE", place.url()).stdin(Stdio::null());
    command
}

/// What came of one call.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Said {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Said {
    /// Each line as JSON.
    pub(crate) fn rows(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

pub(crate) fn call(place: &Place, args: &[&str]) -> Said {
    program(place).args(args).output().unwrap().into()
}

pub(crate) fn call_with_input(place: &Place, args: &[&str], input: &str) -> Said {
    let mut child = program(place)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap().into()
}

/// Calls the program, which must end with `code`.
#[track_caller]
pub(crate) fn ends(place: &Place, code: i32, args: &[&str]) -> Said {
    let said = call(place, args);
    assert_eq!(said.code, code, "{args:?}: {}{}", said.out, said.err);
    said
}

/// Calls the program, which must succeed.
#[track_caller]
pub(crate) fn done(place: &Place, args: &[&str]) -> Said {
    ends(place, 0, args)
}

/// `ingest` with a report, which must succeed.
#[track_caller]
pub(crate) fn ingest(place: &Place, args: &[&str]) -> Value {
    let mut all = vec!["--format", "ndjson", "ingest"];
    all.extend(args);
    done(place, &all).rows().remove(0)
}

/// Companies and prospects as exported.
#[track_caller]
pub(crate) fn export(place: &Place) -> String {
    let companies = done(place, &["export", "companies", "--format", "ndjson"]).out;
    companies + "--\n" + &done(place, &["export", "prospects", "--format", "ndjson"]).out
}

/// The run of this number with its files.
#[track_caller]
pub(crate) fn run(place: &Place, number: i64) -> Value {
    done(place, &["runs", "show", &number.to_string(), "--format", "ndjson"]).rows().remove(0)
}

/// Read, accepted, rejected and skipped of a report, run or file, which must add up.
#[track_caller]
pub(crate) fn tally(value: &Value) -> [u64; 4] {
    let counts = ["read", "accepted", "rejected", "skipped"].map(|name| value[name].as_u64().unwrap());
    assert_eq!(counts[0], counts[1] + counts[2] + counts[3], "read = accepted + rejected + skipped: {value}");
    counts
}

/// Fails with the first line that differs, not with both texts.
#[track_caller]
pub(crate) fn assert_same(left: &str, right: &str, what: &str) {
    if left != right {
        let pair = left.lines().zip(right.lines()).find(|(a, b)| a != b);
        panic!(
            "{what}: {} and {} lines; the first that differs: {pair:#?}",
            left.lines().count(),
            right.lines().count()
        );
    }
}
