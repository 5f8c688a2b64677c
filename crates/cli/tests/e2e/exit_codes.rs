//! 0 done, 1 over the limit or not found, 2 usage, 3 environment. (1 for rejects: `rejects.rs`; 130: `interrupted.rs`.)

use crate::binary::{ends, program};
use crate::common::Place;
use std::net::TcpListener;
use std::time::{Duration, Instant};

#[test]
fn usage_is_2() {
    let place = Place::sqlite();
    let file = place.file("leads.csv", "Email\nada@brook-mills.com\n");
    ends(&place, 2, &["--no-such-option"]);
    ends(&place, 2, &["no-such-command"]);
    ends(&place, 2, &["ingest"]);
    ends(&place, 2, &["ingest", &file, "--source", "Not A Source"]);
    ends(&place, 2, &["ingest", &file, "--observed-at", "yesterday"]);
    ends(&place, 2, &["ingest", &file, "--delimiter", "::"]);
    ends(&place, 2, &["ingest", &file, "--resume", "--dry-run"]);
    ends(&place, 2, &["normalize", "colour", "red"]);
    ends(&place, 2, &["explain", "brook-mills.com", "colour"]);
    ends(&place, 2, &["lookup", "list", "colours"]);
    ends(&place, 2, &["migrate", "down", "--to", "0"]);
    let unknown = place.file("unknown.csv", "shoe,hat\n1,2\n");
    let said = ends(&place, 2, &["ingest", &unknown]);
    assert!(said.err.contains("help:") && said.err.contains("shoe"), "{}", said.err);
}

#[test]
fn a_bad_database_url_is_2() {
    let place = Place::sqlite();
    for url in ["mysql://somewhere/else", "firmograph.db", "postgres://host:port/name", ""] {
        let said = ends(&place, 2, &["--database", url, "runs", "list"]);
        assert!(said.err.contains("help:"), "{url:?}: {}", said.err);
    }
}

#[test]
fn what_is_not_known_is_1() {
    let place = Place::sqlite();
    ends(&place, 1, &["company", "nobody.example"]);
    ends(&place, 1, &["person", "nobody@nobody.example"]);
    ends(&place, 1, &["explain", "nobody.example"]);
    ends(&place, 1, &["runs", "show", "7"]);
}

#[test]
fn a_missing_file_or_folder_is_3_and_leaves_no_run() {
    let place = Place::sqlite();
    let there = place.file("there.csv", "Email\nada@brook-mills.com\n");
    ends(&place, 3, &["ingest", &there, "missing.csv"]);
    assert!(ends(&place, 0, &["runs", "list"]).out.is_empty(), "no half a run");
    ends(&place, 3, &["--database", "sqlite://no/such/folder/test.db", "runs", "list"]);
    ends(&place, 3, &["export", "companies", "--output", "no/such/folder/companies.csv"]);
}

#[test]
fn an_unreachable_server_is_3_at_once() {
    let place = Place::sqlite();
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let started = Instant::now();
    let url = format!("postgres://nobody@127.0.0.1:{port}/nothing");
    let said = ends(&place, 3, &["--database", &url, "runs", "list"]);
    assert!(said.err.contains("database-unreachable") && said.err.contains("help:"), "{}", said.err);
    assert!(started.elapsed() < Duration::from_secs(10));
}

/// Something listens and says nothing, as behind a firewall.
#[test]
fn a_server_that_does_not_answer_is_3_in_bounded_time() {
    let place = Place::sqlite();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("postgres://nobody@127.0.0.1:{}/nothing", silent.local_addr().unwrap().port());
    let mut child = program(&place).args(["--database", &url, "runs", "list"]).spawn().unwrap();
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(30) {
        if let Some(status) = child.try_wait().unwrap() {
            assert_eq!(status.code(), Some(3));
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    panic!("no end within 30 seconds");
}
