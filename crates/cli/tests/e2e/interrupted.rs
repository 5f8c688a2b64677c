//! Runs that end early, and how they go on.

use crate::binary::{assert_same, done, ends, export, ingest, program, run, tally};
use crate::common::Place;
use crate::common::customers::Customers;
use crate::on_both;
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// An ingest that stops for nobody but us.
struct Running {
    child: Child,
    talk: BufReader<std::process::ChildStderr>,
}

impl Running {
    fn start(place: &Place, args: &[&str]) -> Self {
        let mut command = program(place);
        let mut child = command.arg("ingest").args(args).stderr(Stdio::piped()).spawn().unwrap();
        let talk = BufReader::new(child.stderr.take().unwrap());
        Running { child, talk }
    }

    /// Waits until so many batches are committed.
    #[track_caller]
    fn wait_for_batches(&mut self, count: usize) {
        for _ in 0..count {
            let mut line = String::new();
            self.talk.read_line(&mut line).unwrap();
            if !line.contains("rows read (") {
                self.talk.read_to_string(&mut line).unwrap();
                panic!("it ended by itself: {line}");
            }
        }
    }

    /// SIGKILL: no chance to say goodbye.
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGINT, as Ctrl-C sends it; gives the exit code.
    fn interrupt(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        let mut rest = String::new();
        self.talk.read_to_string(&mut rest).unwrap();
        self.child.wait().unwrap().code()
    }
}

/// What an uninterrupted run gives.
fn uninterrupted(text: &str) -> (String, [u64; 4]) {
    let place = Place::sqlite();
    let file = place.file("customers.csv", text);
    let counts = tally(&ingest(&place, &[&file]));
    (export(&place), counts)
}

fn killed_at_several_points_and_resumed(place: &Place) {
    let customers = Customers::make(20_000, 11);
    let text = customers.csv("spaced");
    static UNINTERRUPTED: OnceLock<(String, [u64; 4])> = OnceLock::new();
    let (expected, counts) = UNINTERRUPTED.get_or_init(|| uninterrupted(&text));
    let file = place.file("customers.csv", &text);
    done(place, &["migrate", "up"]);
    let args = [&*file, "--batch-size", "1000", "--resume"];
    // The moments differ so that some fall into reading, some into writing, some into committing.
    for (batches, pause) in [(0, 5), (0, 300), (1, 0), (2, 45), (3, 110), (4, 200), (1, 20)] {
        let mut running = Running::start(place, &args);
        running.wait_for_batches(batches);
        std::thread::sleep(Duration::from_millis(pause));
        running.kill();
        if batches > 0 {
            let run = run(place, 1);
            assert_eq!(run["status"], "running", "a killed run looks as if it still ran");
            assert!(tally(&run)[0] > 0 && tally(&run) == tally(&run["files"][0]), "{run}");
        }
    }
    let report = ingest(place, &args);
    assert_eq!((report["run"].as_i64(), tally(&report)), (Some(1), *counts), "one run, counted once");
    assert!(report["files"][0]["resumed_at"].as_u64().unwrap() >= 11_000);
    let stored = run(place, 1);
    assert_eq!((&stored["status"], tally(&stored)), (&"done".into(), *counts));
    assert_same(&export(place), expected, "killed seven times");
}

/// Before anything is read: between two tables, or between the tables and the reference rows in them.
fn killed_while_it_makes_the_tables(place: &Place) {
    let file = place.file("leads.csv", "Email,Job Title\nada@brook-mills.com,CFO\n");
    for pause in (0..16).map(|step| step * 6) {
        let running = Running::start(place, &[&file, "--source", &format!("s{pause}")]);
        std::thread::sleep(Duration::from_millis(pause));
        running.kill();
        ingest(place, &[&file, "--resume"]);
        done(place, &["doctor"]);
        done(place, &["migrate", "down", "--to", "0", "--yes"]);
    }
}

/// While indexes are away, within the first batch.
fn killed_in_an_initial_load(place: &Place) {
    let customers = Customers::make(8_000, 12);
    let text = customers.csv("camel");
    let (expected, counts) = uninterrupted(&text);
    let file = place.file("customers.csv", &text);
    let indexes =
        |place: &Place| place.server().map(|server| server.query("SELECT count(*) FROM pg_indexes"));
    done(place, &["migrate", "up"]);
    let before = indexes(place);
    // A fast machine may end the run before a kill; the next then has nothing to do. Either way run 1 is the one that did
    // the work, and it counts it once.
    for pause in [40, 120, 250, 400] {
        let running = Running::start(place, &[&file, "--batch-size", "7500", "--resume"]);
        std::thread::sleep(Duration::from_millis(pause));
        running.kill();
    }
    ingest(place, &[&file, "--resume"]);
    let first = run(place, 1);
    assert_eq!((&first["status"], tally(&first)), (&"done".into(), counts));
    assert_same(&export(place), &expected, "killed in the first batch");
    assert_eq!(indexes(place), before);
}

fn ctrl_c_ends_with_130_and_resumes(place: &Place) {
    let customers = Customers::make(6_000, 13);
    let text = customers.csv("snake");
    let (expected, counts) = uninterrupted(&text);
    let file = place.file("customers.csv", &text);
    let args = [&*file, "--batch-size", "300"];
    let mut running = Running::start(place, &args);
    running.wait_for_batches(2);
    assert_eq!(running.interrupt(), Some(130));
    let stopped = run(place, 1);
    assert_eq!(stopped["status"], "interrupted");
    let [read, ..] = tally(&stopped);
    assert!((600..6_000).contains(&read), "{read} rows");
    let report = ingest(place, &[&file, "--batch-size", "1000", "--resume"]);
    assert_eq!((tally(&report), report["files"][0]["resumed_at"].as_u64()), (counts, Some(read)));
    assert_eq!(run(place, 1)["status"], "done");
    assert_same(&export(place), &expected, "interrupted once");
}

fn killed_in_the_second_of_two_files(place: &Place) {
    let (first, second) = (Customers::make(600, 14), Customers::make(5_000, 15));
    let files = [("first.csv", first.csv("spaced")), ("second.csv", second.csv("compact"))];
    let paths = files.each_ref().map(|(name, text)| place.file(name, text));
    let args = [&*paths[0], &*paths[1], "--batch-size", "300", "--resume"];
    let mut running = Running::start(place, &args);
    running.wait_for_batches(5);
    running.kill();
    let report = ingest(place, &args);
    assert_eq!(tally(&report)[0], 5_600);
    assert_eq!(report["files"][0]["resumed_at"], 600, "the first file was finished");
    assert_eq!(run(place, 1)["status"], "done");

    let whole = Place::sqlite();
    let paths = files.each_ref().map(|(name, text)| whole.file(name, text));
    ingest(&whole, &[&paths[0], &paths[1]]);
    assert_same(&export(place), &export(&whole), "killed in the second file");
}

fn what_cannot_be_resumed(place: &Place) {
    let customers = Customers::make(3_000, 16);
    let file = place.file("customers.csv", customers.csv("spaced"));
    let fresh = ingest(place, &[&file, "--resume", "--source", "other"]);
    assert_eq!((tally(&fresh)[0], &fresh["files"][0]["resumed_at"]), (3_000, &0.into()));

    let mut running = Running::start(place, &[&file, "--batch-size", "200"]);
    running.wait_for_batches(2);
    running.kill();
    let mut changed = customers.clone();
    changed.lines[2_990] = None;
    place.file("customers.csv", changed.csv("spaced"));
    let refused = ends(place, 2, &["ingest", &file, "--resume"]);
    assert!(refused.err.contains("resume-changed-file"), "{}", refused.err);
    assert_eq!(run(place, 2)["status"], "running", "refusing changes nothing");

    // As its help says: without --resume, what is stored is passed over.
    let again = ingest(place, &[&file]);
    assert_eq!((again["run"].as_i64(), tally(&again)[0]), (Some(3), 3_000));
    assert!(tally(&again)[3] > 300);
    let after = ingest(place, &[&file, "--resume"]);
    assert_eq!((after["run"].as_i64(), tally(&after)[1]), (Some(4), 0), "the newest run was done");
}

on_both! {
    killed_at_several_points_and_resumed
    killed_while_it_makes_the_tables
    killed_in_an_initial_load
    ctrl_c_ends_with_130_and_resumes
    killed_in_the_second_of_two_files
    what_cannot_be_resumed
}
