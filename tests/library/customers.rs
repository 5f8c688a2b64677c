//! Customers of the flat table: grouped by domain, merged by the stated policy, each linked or listed with a reason.

use crate::common::Place;
use crate::common::customer_table::{Customer, Meant, counts, csv, how_many, make};
use crate::on_both;
use crate::reconcile::reconciled;
use crate::use_it::Test;
use firmograph::{Attribute, IngestOptions, Source, ValueClass, customer_options};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

fn how() -> IngestOptions {
    customer_options(Source::new("customers").unwrap()).unwrap()
}

/// What customers say of an attribute, part by part.
fn parts(attribute: Attribute, customer: &Customer) -> Vec<Option<String>> {
    let said = |column| customer.said(column).map(str::to_owned);
    let place = || vec![None, said("address"), said("city"), said("state"), said("zipCode"), said("country")];
    match attribute {
        Attribute::CompanyName => vec![said("company")],
        Attribute::EmployeeRange => vec![customer.size(), said("employeeSizeLink"), None],
        Attribute::CompanyLocation | Attribute::PersonLocation => place(),
        Attribute::Industry => vec![said("industry")],
        Attribute::Revenue => vec![said("revenue"), None],
        Attribute::PersonName => {
            vec![said("salutation"), said("firstName"), None, said("lastName"), None]
        }
        Attribute::JobTitle => {
            vec![said("jobTitle"), said("jobTitleLevel"), said("department"), said("jobTitleLink")]
        }
        other => panic!("{other:?}"),
    }
}

const OF_COMPANIES: [Attribute; 5] = [
    Attribute::CompanyName,
    Attribute::EmployeeRange,
    Attribute::CompanyLocation,
    Attribute::Industry,
    Attribute::Revenue,
];
const OF_PERSONS: [Attribute; 3] = [Attribute::PersonName, Attribute::JobTitle, Attribute::PersonLocation];

type Groups<'c> = BTreeMap<&'c str, Vec<&'c Customer>>;

fn grouped<'c>(customers: &'c [Customer], key: impl Fn(&'c Customer) -> Option<&'c str>) -> Groups<'c> {
    let mut groups = Groups::new();
    for customer in customers {
        if let Some(key) = key(customer) {
            groups.entry(key).or_default().push(customer);
        }
    }
    groups
}

/// The value that counts, of every group, for each attribute.
#[track_caller]
fn assert_policy(test: &mut Test<'_>, groups: &Groups<'_>, attributes: &[Attribute]) {
    let keys: Vec<&str> = groups.keys().copied().collect();
    for &attribute in attributes {
        let rows = test.drive(async |engine| engine.store().dimensions(attribute, &keys).await).unwrap();
        let width = attribute.spec().parts.len();
        let shown: BTreeMap<String, Vec<Option<String>>> = rows
            .iter()
            .map(|row| {
                let parts = row.raw().parts(width).map(|part| part.map(str::to_owned));
                (row.key().to_owned(), parts.collect())
            })
            .collect();
        for (key, customers) in groups {
            let said = customers.iter().map(|customer| (customer.seen(), parts(attribute, customer)));
            assert_eq!(shown.get(*key), counts(said).as_ref(), "{attribute:?} of {key}");
        }
    }
}

fn by<'r>(rows: &'r [Map<String, Value>], column: &str) -> BTreeMap<&'r str, &'r Map<String, Value>> {
    rows.iter().filter_map(|row| Some((row[column].as_str()?, row))).collect()
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn customers_that_disagree(place: &Place) {
    let customers = make(how_many(2_500), 41);
    let mut test = Test::new(place);
    let report = test.ingest_with(&[&csv(&customers)], &how());
    let nobody = customers.iter().filter(|customer| customer.meant == Meant::Nobody).count() as u64;
    assert_eq!((report.tally.read, report.tally.rejected), (customers.len() as u64, nobody));
    let domains = grouped(&customers, Customer::domain);
    let persons = grouped(&customers, Customer::person);
    assert_policy(&mut test, &domains, &OF_COMPANIES);
    assert_policy(&mut test, &persons, &OF_PERSONS);

    // Golden columns that show what was said.
    let (companies, prospects) = (test.companies(), test.prospects());
    let names = customers.iter().filter(|customer| customer.meant == Meant::Names).count();
    assert_eq!(companies.len(), domains.len() + names);
    assert_eq!(prospects.len(), persons.len() + names);
    let (by_domain, by_key) = (by(&companies, "domain"), by(&prospects, "externalId"));
    for (domain, customers) in &domains {
        let said = |attribute| {
            counts(customers.iter().map(|customer| (customer.seen(), parts(attribute, customer))))
        };
        let at = said(Attribute::CompanyLocation).unwrap();
        let golden = by_domain[domain];
        assert_eq!(golden["address"].as_str().map(str::to_owned), at[1].as_deref().map(squeezed), "{domain}");
        assert_eq!(golden["zipCode"].as_str().map(str::to_owned), at[4].as_deref().map(squeezed), "{domain}");
        let size = said(Attribute::EmployeeRange).unwrap()[0].clone().unwrap();
        let least = size.split(['-', '+']).next().unwrap();
        assert_eq!(golden["minEmployeeSize"].to_string(), least, "{domain}: {size}");
    }
    for (key, customers) in &persons {
        let job = counts(customers.iter().map(|c| (c.seen(), parts(Attribute::JobTitle, c)))).unwrap();
        let golden = by_key[key];
        for (column, part) in [("jobTitle", 0), ("jobTitleLevel", 1), ("department", 2)] {
            let shown = golden[column].as_str().map(str::to_owned);
            assert_eq!(shown, job[part].as_deref().map(squeezed), "{column} of {key}");
        }
    }

    // Nothing is lost, and each customer is linked to whom it means.
    let file = test.file("customers-0.csv", &csv(&customers));
    let told = reconciled(&mut test, &file, &how(), Some("id"));
    assert_eq!(told.report.lost(), 0, "{:?}", told.report.reasons);
    assert_eq!(told.links.len(), customers.len());
    for (customer, link) in customers.iter().zip(&told.links) {
        assert_eq!(link.id.as_deref(), Some(customer.cell("id")));
        let company = customer.domain().map(|domain| by_domain[domain]["id"].as_str().unwrap());
        let person = customer.person().map(|key| by_key[key]["id"].as_str().unwrap());
        let is_linked = (link.company_id.as_deref(), link.prospect_id.as_deref());
        let reason = match &customer.meant {
            Meant::Names => {
                assert!(is_linked.0.is_some() && is_linked.1.is_some(), "{link:?}");
                None
            }
            meant => {
                assert_eq!(is_linked, (company, person), "{meant:?}");
                match meant {
                    Meant::Company { .. } => Some("no_person:role_mailbox".to_owned()),
                    Meant::Person { why, .. } => Some(format!("no_company:{why}")),
                    Meant::Nobody => Some("no-key".to_owned()),
                    Meant::Both { .. } | Meant::Names => None,
                }
            }
        };
        assert_eq!(link.reason, reason, "{:?}", customer.meant);
    }
    for column in &told.report.columns {
        assert_eq!(column.values.total(), customers.len() as u64, "{}", column.column);
        let is_ours = ["id", "externalSource", "externalId"].contains(&&*column.column);
        assert_eq!(column.field.is_none(), is_ours, "{}", column.column);
    }
    let mailboxes = persons.iter().filter(|(key, all)| key.contains('@') && all.len() > 1).count() as u64;
    assert_eq!(told.report.entities.repeated_mailboxes, mailboxes);
    for attribute in OF_COMPANIES {
        let differ = |customers: &&Vec<&Customer>| {
            let said: BTreeSet<_> = customers.iter().map(|customer| parts(attribute, customer)).collect();
            said.iter().filter(|parts| parts.iter().any(Option::is_some)).count() > 1
        };
        let expected = domains.values().filter(differ).count() as u64;
        let told = told.report.disagreeing.get(attribute.spec().name);
        assert_eq!(told.copied().unwrap_or_default(), expected, "{attribute:?}");
    }
}

/// The same customers once more, and in another order and other batches: nothing changes.
fn repeated_and_in_any_order(place: &Place) {
    let customers = make(600, 42);
    let mut test = Test::new(place);
    test.ingest_with(&[&csv(&customers)], &how());
    let golden = (test.companies(), test.prospects());
    let again = test.ingest_with(&[&csv(&customers)], &how());
    assert_eq!((again.tally.accepted, again.counters.changes()), (0, 0));
    assert_eq!((test.companies(), test.prospects()), golden);
    let mut other = Test::in_memory(place);
    let reversed: Vec<Customer> = customers.iter().rev().cloned().collect();
    other.ingest_with(&[&csv(&reversed)], &IngestOptions { batch_rows: 77, ..how() });
    assert_eq!((other.companies(), other.prospects()), golden);
}

/// Columns that are missing or strange are no error, and a table of another source is read alike.
fn any_columns(place: &Place) {
    let mut test = Test::new(place);
    let text = "id,email,company,favourite,updatedAt\nc1,ada@brook-mills.com,Brook Mills,blue,2024-04-03 10:11:12.345\n";
    let options = IngestOptions { label: Some("postgres://h/db#Customer".to_owned()), ..how() };
    let report = test.ingest_with(&[text], &options);
    assert_eq!((report.tally.accepted, &*report.files[0].path), (1, "postgres://h/db#Customer"));
    let options = customer_options(Source::new("old_crm").unwrap()).unwrap();
    test.ingest_with(&[text], &options);
    let name = test.drive(async |engine| {
        engine.store().dimensions(Attribute::CompanyName, &["brook-mills.com"]).await.unwrap()
    });
    let seen: Vec<_> = name.iter().map(|row| row.first().observed_at.unwrap().to_string()).collect();
    assert_eq!(seen, ["2024-04-03T10:11:12.345Z"; 2]);
    let file = test.file("old_crm-0.csv", text);
    let told = reconciled(&mut test, &file, &options, None);
    assert_eq!((told.report.lost(), told.report.values.of(ValueClass::PayloadOnly)), (0, 2));
    let several = test.drive(async |engine| {
        let mut hooks = firmograph::Hooks {
            clock: &|| firmograph::Timestamp::UNIX_EPOCH,
            progress: &mut |_| {},
            interrupted: Default::default(),
        };
        let options = IngestOptions { label: Some("one".to_owned()), ..how() };
        engine.ingest(&[file.clone().into(), file.into()], &options, &mut hooks).await
    });
    assert_eq!(several.unwrap_err().code(), "label-of-several");
}

on_both! {
    customers_that_disagree
    repeated_and_in_any_order
    any_columns
}
