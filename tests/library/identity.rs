//! Who is who: companies without a domain, several keys of one company or person, and what only looks the same.

use crate::common::Place;
use crate::on_both;
use crate::use_it::{Test, options};
use firmograph::EntityKind::{self, Company, Person};
use firmograph::{ChangeReport, Error, JoinRequest, Timestamp, read_aliases};
use serde_json::{Map, Value};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn request(kind: EntityKind, from: &str, into: &str) -> JoinRequest {
    JoinRequest { kind, from_key: from.into(), into_key: into.into(), why: "one and the same".to_owned() }
}

fn try_join(test: &mut Test<'_>, kind: EntityKind, from: &str, into: &str) -> Result<ChangeReport, Error> {
    let requests = [request(kind, from, into)];
    test.with(async |engine| engine.join(&requests, "ada", false, NOW, &mut |_| {}).await)
}

#[track_caller]
fn join(test: &mut Test<'_>, kind: EntityKind, from: &str, into: &str) -> ChangeReport {
    let report = try_join(test, kind, from, into).unwrap();
    check(test);
    report
}

/// Takes the newest join that counts back.
#[track_caller]
fn undo(test: &mut Test<'_>) {
    test.with(async |engine| {
        let id = engine.joins(false).await.unwrap().last().unwrap().id;
        engine.undo_join(id, "ada", false, NOW, &mut |_| {}).await.unwrap();
    });
    check(test);
}

#[track_caller]
fn check(test: &mut Test<'_>) {
    let wrong = test.with(async |engine| engine.store().inconsistencies().await.unwrap());
    assert!(wrong.iter().all(|(_, count)| *count == 0), "{wrong:?}");
}

/// Keys of the golden companies, sorted.
fn keys(test: &mut Test<'_>) -> Vec<String> {
    let rows = test.companies();
    let mut keys: Vec<String> =
        rows.iter().map(|row| row["externalId"].as_str().unwrap().to_owned()).collect();
    keys.sort();
    keys
}

#[track_caller]
fn company(test: &mut Test<'_>, key: &str) -> Map<String, Value> {
    let found = test.companies().into_iter().find(|row| row["externalId"] == key);
    found.unwrap_or_else(|| panic!("no company {key}"))
}

#[track_caller]
fn works_for(test: &mut Test<'_>, person: &str) -> Value {
    let prospects = test.prospects();
    let found = prospects.iter().find(|row| row["externalId"] == person);
    found.unwrap_or_else(|| panic!("no {person}"))["companyId"].clone()
}

fn a_name_and_country_is_a_provisional_company(place: &Place) {
    let mut test = Test::new(place);
    let text = "Company,Country,Employees\nBrook Mills Ltd,UK,11-50\nBROOK MILLS,United Kingdom,11-50\n\
                Brook Mills,Canada,51-200\nBrook Mills,,1-10\nN/A,UK,\nFreelance,UK,\nx@y.zz,UK,\n";
    let report = test.ingest("csv", text);
    assert_eq!((report.tally.accepted, report.tally.rejected), (4, 3), "{report:?}");
    assert_eq!(keys(&mut test), ["name:brookmills|", "name:brookmills|ca", "name:brookmills|gb"]);
    let uk = company(&mut test, "name:brookmills|gb");
    assert_eq!((&uk["domain"], &uk["keyKind"]), (&Value::Null, &"name".into()));
    assert_eq!((&uk["name"], &uk["employeeRange"]), (&"Brook Mills".into(), &"11-50".into()));
    // The place tells the country where no column does.
    test.ingest("clay", "Company,Company Location\nBrook Mills,\"Leeds, United Kingdom\"\n");
    assert_eq!(keys(&mut test).len(), 3);
    assert_eq!(company(&mut test, "name:brookmills|gb")["externalSource"], "clay");
}

fn free_mail_beside_a_company_name_works_for_the_provisional_company(place: &Place) {
    let mut test = Test::new(place);
    let text = "Email,Full Name,Company,Country\nada@gmail.com,Ada Hale,Brook Mills,UK\n\
                bo@gmail.com,Bo Ito,,UK\n,Cas Orr,Brook Mills,UK\n";
    let report = test.ingest("csv", text);
    assert_eq!(
        (report.tally.accepted, report.counters.free_mail, report.counters.without_company),
        (3, 2, 1)
    );
    let id = company(&mut test, "name:brookmills|gb")["id"].clone();
    assert_eq!(works_for(&mut test, "ada@gmail.com"), id);
    assert_eq!(works_for(&mut test, "bo@gmail.com"), Value::Null);
    assert_eq!(works_for(&mut test, "name:cas orr|name:brookmills|gb"), id);
    let why = test.explain(Person, "ada@gmail.com", "person_company");
    let winner = &why["winner"];
    assert_eq!(winner["matched"]["evidence"]["rule"], "name_and_country");
    assert_eq!((&winner["raw"]["name"], &winner["raw"]["country"]), (&"Brook Mills".into(), &"UK".into()));
}

const PAGE: &str = "Full Name,LinkedIn URL,Company,Company LinkedIn URL,Employees\n\
                    Ada Hale,linkedin.com/in/ada-hale,Brook,https://uk.linkedin.com/company/brook-mills/,11-50\n";
const DOMAIN: &str = "Company,Website,Company LinkedIn URL,Country\n\
                      Brook Mills Ltd,brook-mills.com,http://linkedin.com/company/brook-mills/about,UK\n";

fn a_page_joins_the_one_domain_that_has_it(place: &Place) {
    let mut given = Vec::new();
    for texts in [[PAGE, DOMAIN], [DOMAIN, PAGE]] {
        let mut test = Test::in_memory(place);
        for text in texts {
            test.ingest("csv", text);
        }
        given.push(test.export());
    }
    assert_eq!(given[0], given[1]);
    let mut test = Test::new(place);
    test.ingest("linkedin", PAGE);
    assert_eq!(keys(&mut test), ["linkedin.com/company/brook-mills"]);
    let why = test.explain(Person, "linkedin.com/in/ada-hale", "person_company");
    assert_eq!(why["winner"]["matched"]["evidence"]["rule"], "linkedin_page");
    let report = test.ingest("csv", DOMAIN);
    assert_eq!((report.counters.keys_joined, report.counters.keys_parted), (1, 0));
    check(&mut test);
    assert_eq!(keys(&mut test), ["brook-mills.com"]);
    let brook = company(&mut test, "brook-mills.com");
    assert_eq!((&brook["domain"], &brook["employeeRange"]), (&"brook-mills.com".into(), &"11-50".into()));
    assert_eq!(works_for(&mut test, "linkedin.com/in/ada-hale"), brook["id"]);
    // Whoever asks for the page is told of the company.
    let said = test.explain(Company, "linkedin.com/company/brook-mills", "employee_range");
    assert_eq!((&said["key"], &said["winner"]["source"]), (&"brook-mills.com".into(), &"linkedin".into()));
    let joins = test.with(async |engine| engine.joins(false).await.unwrap());
    assert_eq!((joins[0].author.as_str(), joins[0].removed_by), ("firmograph", None));
    assert_eq!(joins[0].why, "linkedin_page: https://www.linkedin.com/company/brook-mills");

    // What is said of the page later counts for the domain at once.
    test.ingest("linkedin", &PAGE.replace("11-50", "51-200").replace("ada-hale", "bo-ito"));
    test.ingest("linkedin", &PAGE.replace("11-50", "51-200").replace("ada-hale", "cas-orr"));
    assert_eq!(company(&mut test, "brook-mills.com")["employeeRange"], "51-200");
    assert_eq!(works_for(&mut test, "linkedin.com/in/cas-orr"), brook["id"]);

    // A second domain with that page, and nobody knows any more whose it is.
    let report = test.ingest("csv", &DOMAIN.replace("brook-mills.com", "brook-mills.co.uk"));
    assert_eq!((report.counters.keys_joined, report.counters.keys_parted), (0, 1));
    check(&mut test);
    assert_eq!(keys(&mut test), ["brook-mills.co.uk", "brook-mills.com", "linkedin.com/company/brook-mills"]);
    let page = company(&mut test, "linkedin.com/company/brook-mills")["id"].clone();
    assert_eq!(works_for(&mut test, "linkedin.com/in/ada-hale"), page);
    let found = test.with(async |engine| engine.duplicates(10).await.unwrap());
    assert_eq!((found[0].rule, found[0].keys.len()), ("linkedin_page", 3), "{found:?}");

    // A user says that both are one: then it is clear again.
    join(&mut test, Company, "brook-mills.co.uk", "brook-mills.com");
    assert_eq!(keys(&mut test), ["brook-mills.com"]);
    assert_eq!(works_for(&mut test, "linkedin.com/in/ada-hale"), brook["id"]);
}

fn a_name_joins_the_one_domain_of_its_country(place: &Place) {
    let names = "Company,Country,Employees\nBrook Mills,UK,11-50\nBrook Mills,Canada,51-200\nBrook Mills,,1-10\n\
                 Fjord Optics,Norway,1-10\n";
    let domains = "Company,Website,Country\nBrook Mills Ltd,brook-mills.com,GB\n\
                   Fjord Optics AS,fjord-optics.no,Norway\nFjord Optics,fjord-optics.com,Norway\n";
    let mut test = Test::new(place);
    let report = test.ingest_with(&[names, domains], &options("csv"));
    assert_eq!(report.counters.keys_joined, 1);
    check(&mut test);
    let expected = [
        "brook-mills.com",
        "fjord-optics.com",
        "fjord-optics.no",
        "name:brookmills|",
        "name:brookmills|ca",
        "name:fjordoptics|no",
    ];
    assert_eq!(keys(&mut test), expected);
    assert_eq!(company(&mut test, "brook-mills.com")["employeeRange"], "11-50");
    let found = test.with(async |engine| engine.duplicates(10).await.unwrap());
    let told: Vec<_> = found.iter().map(|one| (one.rule, one.value.as_str(), one.keys.join(" "))).collect();
    let expected = [
        (
            "name_and_country",
            "fjordoptics, NO",
            "fjord-optics.com fjord-optics.no name:fjordoptics|no".to_owned(),
        ),
        ("name", "brookmills", "brook-mills.com name:brookmills|".to_owned()),
    ];
    assert_eq!(told, expected);

    // What a user parts stays apart, and what a user joins is not asked for evidence.
    let together = test.export();
    undo(&mut test);
    assert_eq!(keys(&mut test).len(), 7);
    let apart = test.export();
    test.ingest("clay", "Company,Website,Country\nLarch,larch.com,UK\n");
    assert!(keys(&mut test).contains(&"name:brookmills|gb".to_owned()), "refused, and not made again");
    let larch = company(&mut test, "larch.com");
    let without =
        |export: String| export.lines().filter(|line| !line.contains("larch.com")).collect::<String>();
    assert_eq!(without(test.export()), without(apart));
    join(&mut test, Company, "name:brookmills|gb", "brook-mills.com");
    assert_eq!(without(test.export()), without(together));
    join(&mut test, Company, "name:brookmills|ca", "larch.com");
    let now = company(&mut test, "larch.com");
    assert_eq!((&now["id"], &now["employeeRange"]), (&larch["id"], &"51-200".into()));
}

const OLD: &str = "Email,Company,Employees,Industry\nada@old-brook.com,Old Brook,11-50,Banking\n\
                   bo@old-brook.com,Old Brook,11-50,Banking\ninfo@silent-brook.com,,,\n";
const NEW: &str = "Email,Company,Employees\ncas@brook-mills.com,Brook Mills,51-200\n";

fn a_rebrand_is_joined_by_hand_and_undone(place: &Place) {
    let mut test = Test::new(place);
    test.ingest_with(&[OLD, NEW], &options("csv"));
    let before = test.export();
    let dry = [request(Company, "old-brook.com", "brook-mills.com")];
    let mut flips = Vec::new();
    let mut sink = |flip| flips.push(flip);
    let told = test.with(async |engine| engine.join(&dry, "ada", true, NOW, &mut sink).await.unwrap());
    assert_eq!(test.export(), before, "a dry run leaves nothing");
    let done = join(&mut test, Company, "old-brook.com", "brook-mills.com");
    assert_eq!((told.companies, told.prospects, told.flips), (done.companies, done.prospects, done.flips));
    assert_eq!((done.companies.gone, done.prospects.changed, flips.len() as u64), (1, 2, done.flips));
    assert_eq!(keys(&mut test), ["brook-mills.com", "silent-brook.com"]);
    let brook = company(&mut test, "brook-mills.com");
    assert_eq!((&brook["name"], &brook["industry"]), (&"Old Brook".into(), &"Banking".into()), "two say so");
    assert_eq!(works_for(&mut test, "ada@old-brook.com"), brook["id"]);

    // In a chain, with a company of which nothing is said but that it is there.
    let joined = test.export();
    join(&mut test, Company, "silent-brook.com", "old-brook.com");
    assert_eq!(keys(&mut test), ["brook-mills.com"]);
    let cycle = try_join(&mut test, Company, "brook-mills.com", "silent-brook.com").unwrap_err();
    assert_eq!(cycle.code(), "join-cycle");
    let twice = try_join(&mut test, Company, "old-brook.com", "other.com").unwrap_err();
    assert_eq!(twice.code(), "joined-already");
    let same = try_join(&mut test, Company, "old-brook.com", "old-brook.com").unwrap_err();
    assert_eq!(same.code(), "join-same-key");
    undo(&mut test);
    assert_eq!(test.export(), joined);
    undo(&mut test);
    assert_eq!(test.export(), before, "byte for byte");
    let runs = test.runs();
    assert_eq!((runs[0].command.as_str(), runs[0].status.as_str()), ("join undo", "done"));

    // Joined before anything is known, in one file or two, small batches or not: the same.
    let mut expected = None;
    for (texts, batch_rows) in [(vec![OLD, NEW], 1), (vec![NEW, OLD], 200_000), (vec![OLD, NEW], 2)] {
        let mut test = Test::in_memory(place);
        join(&mut test, Company, "old-brook.com", "brook-mills.com");
        join(&mut test, Company, "silent-brook.com", "brook-mills.com");
        let mut options = options("csv");
        options.batch_rows = batch_rows;
        test.ingest_with(&texts, &options);
        check(&mut test);
        let export = test.export();
        assert_eq!(*expected.get_or_insert_with(|| export.clone()), export);
        assert_eq!(keys(&mut test), ["brook-mills.com"]);
        undo(&mut test);
        undo(&mut test);
        assert_eq!(test.export(), before, "as if they had never been joined");
    }
}

fn names_within_joined_companies_are_reported(place: &Place) {
    let mut test = Test::new(place);
    let text = "Full Name,Company,Website,Country\nAda Hale,Brook Mills,,UK\nAda Hale,Brook Mills,brook-mills.com,UK\n";
    test.ingest("csv", text);
    assert_eq!(keys(&mut test), ["brook-mills.com"]);
    assert_eq!(test.prospects().len(), 2);
    let found = test.with(async |engine| engine.duplicates(10).await.unwrap());
    assert_eq!((found.len(), found[0].rule), (1, "name_and_company"), "{found:?}");
    let expected = ["name:ada hale|brook-mills.com", "name:ada hale|name:brookmills|gb"];
    assert_eq!(
        (found[0].keys.as_slice(), found[0].value.as_str()),
        (&expected.map(str::to_owned)[..], "ada hale, brook-mills.com")
    );
}

fn a_website_may_be_a_linkedin_page(place: &Place) {
    let mut test = Test::new(place);
    test.ingest("csv", "Company,Website\nBrook Mills,https://www.linkedin.com/company/brook-mills/\n");
    assert_eq!(keys(&mut test), ["linkedin.com/company/brook-mills"]);
    let brook = company(&mut test, "linkedin.com/company/brook-mills");
    assert_eq!(brook["linkedinUrl"], "https://www.linkedin.com/company/brook-mills");
}

fn aliases_are_data(place: &Place) {
    let mut test = Test::new(place);
    let text = "from_key,into_key,why\nhttps://www.old-brook.com/,Brook-Mills.com,rebrand of 2024\n\
                silent-brook.com,brook-mills.com,campaign\n";
    let requests = read_aliases(place.file("aliases.csv", text).as_ref()).unwrap();
    assert_eq!((&*requests[0].from_key, &*requests[0].into_key), ("old-brook.com", "brook-mills.com"));
    let import = |test: &mut Test<'_>| {
        test.with(async |engine| engine.join(&requests, "ada", false, NOW, &mut |_| {}).await.unwrap())
    };
    import(&mut test);
    test.ingest_with(&[OLD, NEW], &options("csv"));
    assert_eq!(keys(&mut test), ["brook-mills.com"]);
    assert_eq!(import(&mut test).flips, 0, "what is joined stays joined");
    assert_eq!(test.with(async |engine| engine.joins(true).await.unwrap()).len(), 2);
    let bad = place.file("bad.csv", "from_key,into_key,why\na.com,b.com,\n");
    assert_eq!(read_aliases(bad.as_ref()).unwrap_err().code(), "aliases");
}

fn two_mailboxes_of_one_person(place: &Place) {
    let text = "Email,Full Name,Job Title,LinkedIn URL\nada@brook-mills.com,Ada Hale,CTO,linkedin.com/in/ada-hale\n\
                ada.hale@larch.com,Ada B. Hale,,linkedin.com/in/ada-hale\nbo@larch.com,Bo Ito,CEO,\n";
    let mut test = Test::new(place);
    test.ingest("csv", text);
    let before = test.export();
    let found = test.with(async |engine| engine.duplicates(10).await.unwrap());
    assert_eq!((found.len(), found[0].rule, found[0].entity), (1, "linkedin_profile", "person"));
    assert_eq!(found[0].keys, ["ada.hale@larch.com", "ada@brook-mills.com"]);
    let done = join(&mut test, Person, "ada.hale@larch.com", "ada@brook-mills.com");
    assert_eq!((done.prospects.gone, done.companies.gone), (1, 0));
    assert_eq!(test.prospects().len(), 2);
    assert!(test.with(async |engine| engine.duplicates(10).await.unwrap()).is_empty());
    test.ingest(
        "clay",
        "Email,Job Title,Phone\nada.hale@larch.com,Chief Technology Officer,+1 617 555 0002\n",
    );
    assert_eq!(test.prospects().len(), 2);
    let said = test.explain(Person, "ada.hale@larch.com", "job_title");
    assert_eq!((&said["key"], &said["winner"]["source"]), (&"ada@brook-mills.com".into(), &"clay".into()));
    undo(&mut test);
    assert_eq!(test.prospects().len(), 3);
    let mut never = Test::in_memory(place);
    never.ingest("csv", text);
    assert_eq!(never.export(), before);
    never.ingest(
        "clay",
        "Email,Job Title,Phone\nada.hale@larch.com,Chief Technology Officer,+1 617 555 0002\n",
    );
    assert_eq!(never.export(), test.export());
}

/// Large enough for two connections and for indexes that are built afterwards.
fn a_large_batch_of_joined_keys(place: &Place) {
    let mut text = "Email,Company,Employees,Country\n".to_owned();
    for number in 0..6_000 {
        let company = number % 500;
        let host = if number % 2 == 0 { "old" } else { "new" };
        text.push_str(&format!("p{number}@{host}{company}.com,{host} {company},11-50,UK\n"));
    }
    let requests: Vec<_> = (0..300)
        .map(|n| request(Company, &format!("old{}.com", 2 * n), &format!("new{}.com", 2 * n + 1)))
        .collect();
    let mut exports = Vec::new();
    for mut test in [Test::in_memory(place), Test::new(place)] {
        test.ingest("csv", "Email\nsomebody@elsewhere.com\n");
        test.with(async |engine| engine.join(&requests, "ada", false, NOW, &mut |_| {}).await.unwrap());
        test.ingest("csv", &text);
        check(&mut test);
        exports.push(test.export());
    }
    let mut after = Test::in_memory(place);
    after.ingest("csv", "Email\nsomebody@elsewhere.com\n");
    after.ingest("csv", &text);
    after.with(async |engine| engine.join(&requests, "ada", false, NOW, &mut |_| {}).await.unwrap());
    exports.push(after.export());
    assert!(exports[0] == exports[1] && exports[1] == exports[2]);
    assert!(!exports[0].contains("\"old0.com\"") && exports[0].contains("\"new1.com\""));
}

on_both! {
    a_name_and_country_is_a_provisional_company
    free_mail_beside_a_company_name_works_for_the_provisional_company
    a_page_joins_the_one_domain_that_has_it
    a_name_joins_the_one_domain_of_its_country
    a_rebrand_is_joined_by_hand_and_undone
    names_within_joined_companies_are_reported
    a_website_may_be_a_linkedin_page
    aliases_are_data
    two_mailboxes_of_one_person
    a_large_batch_of_joined_keys
}
