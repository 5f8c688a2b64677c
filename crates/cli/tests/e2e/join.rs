//! `join` and `duplicates`: what is said, what changes, how they end.

use crate::binary::{done, ends, ingest};
use crate::common::Place;
use crate::on_both;

fn keys_are_joined_listed_and_parted(place: &Place) {
    let text = "Email,Company,Country\nada@old-brook.com,Brook Mills,UK\nbo@brook-mills.com,Brook Mills Ltd,UK\n\
                cas@gmail.com,Brook Mills,UK\n";
    ingest(place, &[&place.file("leads.csv", text)]);
    let found = done(place, &["duplicates"]);
    let rows = found.rows();
    assert_eq!((rows.len(), &rows[0]["rule"]), (1, &"name_and_country".into()), "{}", found.out);
    assert_eq!(rows[0]["keys"].as_array().unwrap().len(), 3);
    assert!(found.err.contains("nothing was merged"), "{}", found.err);
    let all = || done(place, &["export", "companies"]).out + &done(place, &["export", "prospects"]).out;
    let before = all();
    let join = ["join", "https://old-brook.com", "Brook-Mills.com", "--reason", "rebrand", "--author", "ada"];
    let dry = done(place, &[&join[..], &["--dry-run"]].concat());
    assert!(dry.err.contains("dry run (rolled back): companies 0 new"), "{}", dry.err);
    assert_eq!(all(), before);
    let joined = done(place, &join);
    assert_eq!(joined.out, dry.out);
    assert!(joined.rows().iter().any(|flip| flip["key"] == "old-brook.com" && flip["column"] == "id"));
    let joins = done(place, &["join", "list"]).rows();
    let authors: Vec<_> = joins.iter().map(|join| join["author"].as_str().unwrap()).collect();
    assert_eq!(authors, ["ada", "firmograph"], "of one domain the name is known to be its name");
    assert!(done(place, &["duplicates"]).out.is_empty());
    let company = done(place, &["company", "old-brook.com"]).rows().remove(0);
    assert_eq!(company["domain"], "brook-mills.com");
    assert!(
        ends(place, 2, &["join", "brook-mills.com", "old-brook.com", "--reason", "x"])
            .err
            .contains("join-cycle")
    );
    done(place, &["join", "undo", "1"]);
    assert_eq!(all(), before);
    assert!(ends(place, 1, &["join", "undo", "1"]).err.contains("unknown-join"));
    let aliases = place.file("aliases.csv", "from_key,into_key,why\nold-brook.com,brook-mills.com,rebrand\n");
    let imported = done(place, &["join", "import", &aliases]);
    assert_eq!(imported.out, joined.out);
    let company = done(place, &["company", "name:brookmills|gb"]).rows().remove(0);
    assert_eq!(company["domain"], "brook-mills.com");
    assert_eq!(done(place, &["join", "list", "--all"]).rows().len(), 4);
    ends(place, 2, &["join", "brook-mills.com"]);
}

on_both! { keys_are_joined_listed_and_parted }
