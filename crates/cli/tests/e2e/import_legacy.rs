//! Rows that another program wrote, observed by a command that is killed again and again.

use crate::binary::{assert_same, done, export, program, run};
use crate::common::Place;
use crate::common::customers::Dice;
use crate::on_both;
use std::process::Stdio;
use std::time::Duration;

/// Companies and prospects as a program writes them that knows nothing of firmograph; every seventh id has a capital, and every fifth
/// person is there twice.
fn write(place: &Place) {
    let numbers =
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1500) ";
    place.sql(&format!(
        "{numbers}INSERT INTO \"Company\" (\"id\", \"domain\", \"name\", \"phone\", \"updatedAt\") \
         SELECT 'd' || n || '.com', 'd' || n || '.com', 'Firm ' || n, '617 555 ' || n, '2026-01-01 00:00:00' FROM numbers"
    ));
    place.sql(&format!(
        "{numbers}INSERT INTO \"Prospect\" (\"id\", \"email\", \"jobTitleLevel\", \"companyId\", \"updatedAt\") \
         SELECT CASE WHEN n % 7 = 0 THEN 'A' ELSE 'a' END || n || '@d' || n || '.com', 'a' || n || '@d' || n || '.com', \
         'Manager ', 'd' || n || '.com', '2026-01-01 00:00:00' FROM numbers"
    ));
    place.sql(&format!(
        "{numbers}INSERT INTO \"Prospect\" (\"id\", \"email\", \"jobTitleLevel\", \"companyId\", \"updatedAt\") \
         SELECT 'twin' || n, 'a' || n || '@d' || n || '.com', 'C-Level', 'd' || n || '.com', '2025-01-01 00:00:00' \
         FROM numbers WHERE n % 5 = 0"
    ));
}

/// `FIRMOGRAPH_KILLS` makes it more often.
fn killed_anywhere_and_gone_on_with(place: &Place) {
    let kills = std::env::var("FIRMOGRAPH_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(3);
    done(place, &["migrate", "up"]);
    write(place);
    let before = export(place);
    let args = ["import", "legacy", "--batch-size", "100"];
    done(place, &args);
    let undisturbed = export(place);
    assert!(undisturbed.contains("\"standardizedJobTitleLevelId\":10"), "the levels are filled in");
    let twins = undisturbed.lines().filter(|line| line.contains("\"id\":\"twin"));
    assert_eq!(
        twins.filter(|line| line.contains("\"standardizedJobTitleLevelId\":1,")).count(),
        300,
        "a level each"
    );
    assert_eq!(run(place, 1)["accepted"].as_u64(), Some(3_300));
    done(place, &["runs", "undo", "1"]);
    assert_same(&export(place), &before, "undone");
    let again = [&args[..], &["--again"]].concat();
    let mut dice = Dice::new(54);
    for _ in 0..kills {
        let mut child =
            program(place).args(&again).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(20 + dice.below(900) as u64));
        // It may have ended; what counts is the end of all of them.
        drop(child.kill());
        child.wait().unwrap();
    }
    done(place, &again);
    assert_same(&export(place), &undisturbed, "killed, and gone on with");
    done(place, &["doctor"]);
    done(place, &["verify"]);
}

on_both! {
    killed_anywhere_and_gone_on_with
}
