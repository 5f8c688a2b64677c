//! What random sequences found, each in its smallest form.

use super::World;
use super::act::{Act, NOW, source};
use super::model::Model;
use crate::common::Place;
use crate::on_both;
use crate::undo::is_true;
use crate::use_it::Test;
use firmograph::{Attribute, EntityKind, JoinRequest, LookupEntry, NewPin, PriorityChange, pin_value};

const PAGE: &str = "https://www.linkedin.com/company/brook-mills";

fn world<'p>(place: &'p Place) -> World<'p> {
    World { test: Test::new(place), model: Model::default(), ingests: Vec::new() }
}

fn pin(attribute: Attribute, key: &str, value: &str) -> Act {
    Act::Pin(NewPin {
        attribute,
        key: key.to_owned(),
        value: pin_value(attribute, &[value]).unwrap(),
        author: "ada".to_owned(),
        reason: "told".to_owned(),
        expires_at: None,
    })
}

fn join(from: &str, into: &str) -> Act {
    let (from_key, into_key) = (from.into(), into.into());
    Act::Join(JoinRequest { kind: EntityKind::Company, from_key, into_key, why: "one".to_owned() })
}

fn lookup(raw: &str, standard: &str) -> Act {
    let entry = LookupEntry { line: 2, raw: raw.to_owned(), standard: standard.to_owned() };
    Act::Lookup(Attribute::Industry, vec![entry])
}

fn keys(test: &mut Test<'_>) -> Vec<String> {
    let mut keys: Vec<String> =
        test.companies().iter().map(|row| row["externalId"].as_str().unwrap().to_owned()).collect();
    keys.sort();
    keys
}

const INDUSTRY: &str = "Company,Website,Industry\nBrook Mills,brook-mills.com,Widgetry\n";

fn a_dry_undo_of_a_lookup_leaves_what_values_mean(place: &Place) {
    let mut world = world(place);
    world.test.ingest("csv", INDUSTRY);
    let run = lookup("Widgetry", "Banking").run(&mut world.test, false).unwrap().run;
    Act::Undo(run).run(&mut world.test, true).unwrap();
    is_true(&mut world.test);
    world.test.ingest("clay", INDUSTRY);
    assert_eq!(world.test.companies()[0]["industry"], "Banking");
    is_true(&mut world.test);
}

fn another_row_of_a_lookup_makes_no_match_older(place: &Place) {
    let mut world = world(place);
    world.test.ingest("csv", INDUSTRY);
    world.does(&lookup("Widgetry", "Banking"));
    world.does(&lookup("Farm Craft", "Farming"));
    world.does(&Act::LevelMap("Original,Level\nGrowth Wizkid,8\n", false));
    world.test.ingest("clay", "Email,Full Name,Job Title\nada@brook-mills.com,Ada Hale,Growth Wizkid\n");
    world.does(&Act::LevelMap("Original,Level\nProduct Manager,3\n", false));
    world.does(&Act::Rebuild);
}

const BY_PAGE: &str =
    "Company,Company LinkedIn URL,Industry\nBrook,linkedin.com/company/brook-mills,Banking\n";
const BY_DOMAIN: &str = "Company,Website,Industry\nBrook Mills,brook-mills.com,Hospitals and Health Care\n";

fn joins_follow_from_pins_too(place: &Place) {
    let mut world = world(place);
    world.test.ingest("csv", BY_PAGE);
    world.test.ingest("clay", BY_DOMAIN);
    let page = format!("linkedin_url={PAGE}");
    world.does(&pin(Attribute::CompanyContact, "brook-mills.com", &page));
    assert_eq!(keys(&mut world.test), ["brook-mills.com"]);
    world.does(&Act::Unpin(Attribute::CompanyContact, "brook-mills.com".to_owned()));
    assert_eq!(keys(&mut world.test).len(), 2);
}

fn whoever_was_there_for_a_pin_alone_goes_with_it(place: &Place) {
    let mut world = world(place);
    world.test.ingest("csv", "Email,Full Name\nada@brook-mills.com,Ada Hale\n");
    let larch = world.test.ingest("csv", "Email\ninfo@larch.com\n").run;
    pin(Attribute::PersonCompany, "ada@brook-mills.com", "larch.com").run(&mut world.test, false).unwrap();
    pin(Attribute::Industry, "larch.com", "Banking").run(&mut world.test, false).unwrap();
    world.test.take_back(larch, false, NOW).0.unwrap();
    is_true(&mut world.test);
    world.does(&Act::Unpin(Attribute::Industry, "larch.com".to_owned()));
    assert_eq!(keys(&mut world.test), ["brook-mills.com", "larch.com"], "somebody works there");
    world.does(&Act::Unpin(Attribute::PersonCompany, "ada@brook-mills.com".to_owned()));
    assert_eq!(keys(&mut world.test), ["brook-mills.com"]);
}

fn a_join_that_is_taken_back_with_its_run_refuses_nothing(place: &Place) {
    let mut world = world(place);
    world.test.ingest("csv", BY_PAGE);
    world.test.ingest(
        "clay",
        &format!("Company,Website,Company LinkedIn URL\nBrook Mills,brook-mills.com,{PAGE}\n"),
    );
    assert_eq!(keys(&mut world.test), ["brook-mills.com"]);
    world.does(&join("linkedin.com/company/brook-mills", "brook-mills.com"));
}

fn a_priority_counts_for_joined_keys_of_one_source_each(place: &Place) {
    let mut world = world(place);
    world.test.ingest("linkedin", BY_PAGE);
    world.test.ingest("clay", BY_DOMAIN);
    world.does(&join("linkedin.com/company/brook-mills", "brook-mills.com"));
    assert_eq!(world.test.companies()[0]["industry"], "Banking");
    let sources = Some(vec![source("clay"), source("linkedin")]);
    world.does(&Act::SetPriority(Some(Attribute::Industry), PriorityChange { sources, policy: None }));
    assert_eq!(world.test.companies()[0]["industry"], "Hospitals and Health Care");
}

/// By the page its company is found again, and is changed by that; as a whole it is told.
fn a_row_that_one_step_makes_is_told_once(place: &Place) {
    let mut world = world(place);
    let text = format!(
        "Company,Website,Company LinkedIn URL,Industry\nBrook,,{PAGE},Banking\n,brook-mills.com,{PAGE},Retail\n"
    );
    let run = world.test.ingest("csv", &text).run;
    let undo = world.test.take_back(run, false, NOW).0.unwrap();
    let (redo, flips) = world.test.take_back(undo.run, false, NOW);
    let told: Vec<_> = flips.iter().map(|flip| (flip.key.as_str(), flip.column)).collect();
    assert_eq!((told.as_slice(), redo.unwrap().flips), (&[("brook-mills.com", "id")][..], 1));
    is_true(&mut world.test);
}

/// The page has a golden row since somebody counts for it, and then it is that of a domain.
fn a_join_may_be_the_reason_for_another(place: &Place) {
    let mut world = world(place);
    world
        .test
        .ingest("csv", &format!("Website,Company LinkedIn URL\nbrook-mills.com,{PAGE}\nold-brook.com,\n"));
    world.does(&join("old-brook.com", "linkedin.com/company/brook-mills"));
    assert_eq!(keys(&mut world.test), ["brook-mills.com"]);
}

fn a_map_that_another_process_imports_counts_at_once(place: &Place) {
    let mut world = world(place);
    world.test.ingest("csv", INDUSTRY);
    let mut other = Test::new(place);
    lookup("Widgetry", "Banking").run(&mut other, false).unwrap();
    let run = world.test.ingest("clay", INDUSTRY).run;
    assert_eq!(world.test.companies()[0]["industry"], "Banking");
    lookup("Widgetry", "Retail").run(&mut other, false).unwrap();
    world.test.take_back(run, false, NOW).0.unwrap();
    assert_eq!(world.test.companies()[0]["industry"], "Retail");
    Act::Rebuild.run(&mut world.test, false).unwrap();
    is_true(&mut other);
}

on_both! {
    a_map_that_another_process_imports_counts_at_once
    a_dry_undo_of_a_lookup_leaves_what_values_mean
    another_row_of_a_lookup_makes_no_match_older
    joins_follow_from_pins_too
    whoever_was_there_for_a_pin_alone_goes_with_it
    a_join_that_is_taken_back_with_its_run_refuses_nothing
    a_priority_counts_for_joined_keys_of_one_source_each
    a_row_that_one_step_makes_is_told_once
    a_join_may_be_the_reason_for_another
}
