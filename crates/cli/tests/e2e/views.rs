//! Views of golden records: one row for each, complete leads, who said what, and what changed since.

use crate::binary::{done, ends, ingest};
use crate::common::Place;
use crate::on_both;
use serde_json::Value;

const CLAY: &str = "\
Email,Full Name,Job Title,Person Country,Company Name,Company Domain,Industry,Company Country,Employees
ada@brook-mills.com,Ada Brook,Chief Executive Officer,Germany,Brook Mills,brook-mills.com,Software Development,Germany,51-200
ben@brook-mills.com,Ben Reed,Rock Star Zzyzx,Germany,Brook Mills,brook-mills.com,Software Development,Germany,51-200
cas@vale-forge.com,Cas Vale,VP Sales,France,Vale Forge,vale-forge.com,Stuff Nobody Knows,France,11-50
";
const APOLLO: &str = "\
Company Name,Company Domain,Industry,Employees
Brook Mills Ltd,brook-mills.com,Retail,201-500
Brook Mills Limited,brook-mills.com,Retail,201-500
";

fn rows(place: &Place, what: &str) -> Vec<Value> {
    done(place, &["export", what]).rows()
}

fn texts<'r>(rows: &'r [Value], column: &str) -> Vec<&'r str> {
    rows.iter().map(|row| row[column].as_str().unwrap_or_default()).collect()
}

fn one_row_for_each_golden_record_and_who_said_what(place: &Place) {
    let (clay, apollo) = (place.file("clay.csv", CLAY), place.file("apollo.csv", APOLLO));
    ingest(place, &["--source", "clay", &clay]);
    ingest(place, &["--source", "apollo", &apollo]);

    let companies = rows(place, "companies_full");
    let mut domains = texts(&companies, "domain");
    domains.sort_unstable();
    assert_eq!(domains, ["brook-mills.com", "vale-forge.com"], "two sources, and no row twice");
    let brook = companies.iter().find(|row| row["domain"] == "brook-mills.com").unwrap();
    assert_eq!(brook["employee_range"], "51-200");
    assert_eq!(
        (&brook["industry"], &brook["industry_source"]),
        (&"Software Development".into(), &"clay".into())
    );
    assert_eq!((&brook["country_code"], &brook["key_kind"]), (&"DE".into(), &"domain".into()));

    let people = rows(place, "people_full");
    assert_eq!(people.len(), 3);
    let ada = people.iter().find(|row| row["first_name"] == "Ada").unwrap();
    assert_eq!((&ada["job_title_level"], &ada["company_domain"]), (&1.into(), &"brook-mills.com".into()));
    assert_eq!(
        (&ada["job_title_source"], &ada["job_title_level_name"]),
        (&"clay".into(), &"C-Level Executive".into())
    );

    // Ben's title says nothing, and Vale Forge's industry is none.
    let leads = rows(place, "leads");
    assert_eq!(texts(&leads, "full_name"), ["Ada Brook"]);
    assert!(leads[0].as_object().unwrap().iter().all(|(name, value)| {
        !value.is_null()
            || [
                "linkedin_url",
                "person_city",
                "person_state",
                "company_linkedin_url",
                "company_city",
                "company_state",
            ]
            .contains(&name.as_str())
    }));

    let said = rows(place, "company_provenance");
    let industry: Vec<_> = said
        .iter()
        .filter(|row| row["key"] == "brook-mills.com" && row["attribute"] == "industry")
        .map(|row| {
            (row["source"].as_str().unwrap(), row["matched_value"].as_str().unwrap(), row["is_winner"] == 1)
        })
        .collect();
    assert_eq!(industry, [("apollo", "Retail", false), ("clay", "Software Development", true)]);
    let named: Vec<_> = rows(place, "person_provenance");
    assert!(named.iter().all(|row| row["is_winner"] == 1 && row["source"] == "clay"), "{named:?}");
}

fn what_changed_since(place: &Place) {
    let clay = place.file("clay.csv", CLAY);
    ingest(place, &["--source", "clay", &clay]);
    let all = rows(place, "company_prospect_view");
    assert_eq!(all.len(), 3);
    let newest = texts(&all, "last_updated").into_iter().max().unwrap().to_owned();
    let since = |time: &str| done(place, &["export", "company_prospect_view", "--since", time]).rows();
    assert!(since(&newest).is_empty(), "exclusive");
    assert_eq!(since("2020-01-01").len(), 3);

    let more = place.file("more.csv", "Email,Full Name,Job Title\ndot@vale-forge.com,Dot Vale,CFO\n");
    std::thread::sleep(std::time::Duration::from_millis(5));
    ingest(place, &["--source", "clay", &more]);
    assert_eq!(texts(&since(&newest), "email"), ["dot@vale-forge.com"]);

    ends(place, 2, &["export", "leads", "--since", "2020-01-01"]);
    ends(place, 2, &["export", "companies", "--since", "2020-01-01"]);
    ends(place, 2, &["export", "companies_full", "--since", "yesterday"]);
}

on_both! { one_row_for_each_golden_record_and_who_said_what what_changed_since }

#[test]
fn whoever_deletes_a_golden_row_is_heard() {
    let Some(place) = Place::postgres() else { return };
    let clay = place.file("clay.csv", CLAY);
    ingest(&place, &["--source", "clay", &clay]);
    let server = place.server().unwrap();
    let id = server.query("DELETE FROM \"Prospect\" WHERE \"firstName\" = 'Cas' RETURNING \"id\"");
    let gone = rows(&place, "deletions");
    assert_eq!((texts(&gone, "entity"), texts(&gone, "id")), (vec!["person"], vec![id.as_str()]));
    let after = gone[0]["deleted_at"].as_str().unwrap();
    assert!(done(&place, &["export", "deletions", "--since", after]).rows().is_empty());
}
