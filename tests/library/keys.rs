//! Who a record is about, or why it is about nobody.

use crate::common::Place;
use crate::on_both;
use crate::use_it::{Test, options};
use serde_json::Value;

fn free_mail_makes_a_prospect_without_a_company(place: &Place) {
    let mut test = Test::new(place);
    let report = test.ingest("csv", "Email,First Name,Last Name\nada.hale@gmail.com,Ada,Hale\n");
    assert_eq!(
        (report.tally.accepted, report.counters.free_mail, report.counters.without_company),
        (1, 1, 1)
    );
    assert!(test.companies().is_empty());
    let ada = test.prospects().remove(0);
    assert_eq!((&ada["email"], &ada["companyId"]), (&"ada.hale@gmail.com".into(), &Value::Null));
}

fn free_mail_beside_a_website_works_for_the_website(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("csv", "Email,Website\nada@gmail.com,https://www.brook-mills.com/en\n");
    let company = test.companies().remove(0);
    assert_eq!(company["domain"], "brook-mills.com");
    assert_eq!(test.prospects()[0]["companyId"], company["id"]);
}

fn a_role_mailbox_links_to_a_company_and_makes_no_person(place: &Place) {
    let mut test = Test::new(place);
    let report = test.ingest("csv", "Email,Company,Full Name\ninfo@brook-mills.com,Brook Mills,Ada Hale\n");
    assert_eq!((report.tally.accepted, report.counters.role_mailboxes), (1, 1));
    assert_eq!(report.counters.without_person, 1);
    assert_eq!(test.companies()[0]["name"], "Brook Mills");
    assert!(test.prospects().is_empty());
}

fn a_file_of_companies_alone(place: &Place) {
    let mut test = Test::new(place);
    let text = "Company,Website,Employees,Phone\n\
                Brook Mills Ltd,http://brook-mills.com,51-200,+44 1\n\
                Fjord Optics AS,fjord-optics.no,11-50,+47 2\n";
    let report = test.ingest("csv", text);
    assert_eq!((report.tally.accepted, report.counters.without_person), (2, 2));
    let companies = test.companies();
    let mut told: Vec<_> = companies
        .iter()
        .map(|c| [&c["domain"], &c["employeeRange"], &c["phone"]].map(|v| v.as_str()))
        .collect();
    told.sort();
    let expected = [["brook-mills.com", "51-200", "+44 1"], ["fjord-optics.no", "11-50", "+47 2"]];
    assert_eq!(told, expected.map(|row| row.map(Some)));
    assert!(test.prospects().is_empty());
}

fn a_person_without_any_key_is_rejected(place: &Place) {
    let mut test = Test::new(place);
    let report = test.ingest("csv", "First Name,Last Name,Email,City\nAda,Hale,,Leeds\nBo,Ito,N/A,Osaka\n");
    assert_eq!((report.tally.rejected, report.tally.accepted, report.counters.rejects["no-key"]), (2, 0, 2));
    assert_eq!((test.rejects(), test.prospects().len()), (2, 0));
}

fn a_name_within_a_company_is_a_key(place: &Place) {
    let mut test = Test::new(place);
    let text = "Full Name,Website,Job Title\nAda Hale,brook-mills.com,CTO\nADA  HALE,www.brook-mills.com,\n\
                Ada Hale,fjord-optics.no,CEO\n";
    test.ingest("csv", text);
    assert_eq!((test.prospects().len(), test.companies().len()), (2, 2), "one Ada in each company");
}

fn a_person_with_a_linkedin_profile_alone(place: &Place) {
    let mut test = Test::new(place);
    let text = "Full Name,LinkedIn URL\nAda Hale,https://uk.linkedin.com/in/Ada-Hale/?trk=x\n\
                Ada Hale,linkedin.com/in/ada-hale\n";
    let report = test.ingest("csv", text);
    assert_eq!((report.tally.accepted, report.counters.without_company), (2, 2));
    let prospects = test.prospects();
    assert_eq!(prospects.len(), 1, "two spellings of one profile");
    assert_eq!(prospects[0]["linkedinUrl"], "https://www.linkedin.com/in/ada-hale");
    assert_eq!((&prospects[0]["email"], &prospects[0]["companyId"]), (&Value::Null, &Value::Null));
}

fn sub_addresses_are_one_person(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("csv", "Email\nAda.Hale+news@Brook-Mills.com\nada.hale@brook-mills.com\n");
    assert_eq!((test.prospects().len(), test.companies().len()), (1, 1));
}

fn a_host_without_a_dot_is_repaired_only_when_asked(place: &Place) {
    let text = "Email,Full Name\nx@unionbankofindia,Ada Hale\n";
    let mut test = Test::new(place);
    let report = test.ingest("csv", text);
    assert_eq!((report.tally.rejected, report.counters.repaired_domains), (1, 0));
    let mut repairing = options("csv");
    repairing.pipeline.repair_domains = true;
    let report = test.ingest_with(&[text], &repairing);
    assert_eq!((report.tally.accepted, report.counters.repaired_domains), (1, 1));
    assert_eq!(test.companies()[0]["domain"], "unionbankofindia.com");
    let explained = test.explain(firmograph::EntityKind::Person, "x@unionbankofindia.com", "person_company");
    assert_eq!(explained["winner"]["matched"]["evidence"]["rule"], "repaired_dotless");
    assert_eq!(explained["winner"]["raw"]["company"], "x@unionbankofindia", "the raw text stays");
}

fn two_columns_of_employees_are_one_range(place: &Place) {
    let text = "Email,Company,minEmployeeSize,maxEmployeeSize\n\
                a@both.example.com,Both,201,500\nb@least.com,Least,10001,\nc@most.com,Most,,50\nd@same.com,Same,45,45\n";
    let mut test = Test::new(place);
    test.ingest("csv", text);
    let companies = test.companies();
    let sizes: Vec<_> = companies
        .iter()
        .map(|company| {
            ["domain", "minEmployeeSize", "maxEmployeeSize", "employeeRange"].map(|name| &company[name])
        })
        .collect();
    let of = |domain: &str| sizes.iter().find(|row| row[0] == domain).unwrap()[1..].to_vec();
    let text = |value: &str| Value::from(value);
    assert_eq!(of("example.com"), [&Value::from(201), &Value::from(500), &text("201-500")]);
    assert_eq!(of("least.com"), [&Value::from(10_001), &Value::Null, &text("10001+")]);
    assert_eq!(of("most.com")[..2], [&Value::Null, &Value::from(50)]);
    assert_eq!(of("same.com"), [&Value::from(45), &Value::from(45), &text("11-50")]);
}

on_both! {
    two_columns_of_employees_are_one_range
    free_mail_makes_a_prospect_without_a_company
    free_mail_beside_a_website_works_for_the_website
    a_role_mailbox_links_to_a_company_and_makes_no_person
    a_file_of_companies_alone
    a_person_without_any_key_is_rejected
    a_name_within_a_company_is_a_key
    a_person_with_a_linkedin_profile_alone
    sub_addresses_are_one_person
    a_host_without_a_dot_is_repaired_only_when_asked
}
