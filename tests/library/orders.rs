//! Five sources that contradict each other, in every order and cut into batches of any size: one answer.

use crate::common::Place;
use crate::use_it::{Test, options};
use firmograph::EntityKind;

/// Each source with its files. Companies are known by domain, by LinkedIn page, by name and country, and by name alone; some of
/// them turn out to be one, two could be either of two and stay.
const SOURCES: [(&str, &[&str]); 5] = [
    (
        "crunchbase",
        &["Company,Website,Country,Company LinkedIn URL,Employees,Industry\n\
           Brook Mills Ltd,brook-mills.com,UK,https://www.linkedin.com/company/brook-mills,51-200,Banking\n\
           BROOK MILLS LTD,www.brook-mills.com,UK,https://linkedin.com/company/Brook-Mills/about,11-50,Banking\n\
           Fjord Optics AS,fjord-optics.no,Norway,,11-50,\n\
           Fjord Optics,fjord-optics.com,NO,,1-10,Banking\n\
           \"Solano Health, Inc.\",solano-health.com,United States,,1001-5000,Hospitals and Health Care\n"],
    ),
    (
        "linkedin",
        &[
            "Company,Company LinkedIn URL,Employees,Industry\n\
             Brook Mills,uk.linkedin.com/company/brook-mills/,201-500,Textile Manufacturing\n\
             Lone Larch,linkedin.com/company/lone-larch,11-50,Banking\n",
            "Full Name,LinkedIn URL,Company,Company LinkedIn URL,Job Title\n\
             Flo Dahl,linkedin.com/in/flo-dahl,Brook Mills,linkedin.com/company/brook-mills,CFO\n",
        ],
    ),
    (
        "clay",
        &["Email,Full Name,Company,Country,Job Title,Employees\n\
           ada.hale@gmail.com,Ada Hale,Solano Health,USA,CTO,501-1000\n\
           bo.ito@gmail.com,Bo Ito,Fjord Optics,Norway,CEO,51-200\n\
           cas.orr@gmail.com,Cas Orr,Lone Larch,Canada,CFO,\n"],
    ),
    (
        "csv",
        &["Full Name,Company,Country,Employees,Job Title\n\
           Dot Ray,Solano Health LLC,US,1001-5000,Analyst\n\
           Eve Lund,Solano Health,,11-50,Nurse\n\
           Dot Ray,SOLANO HEALTH,United States,501-1000,Senior Analyst\n\
           ,N/A,US,1-10,\n"],
    ),
    (
        "manual",
        &[
            "Email,Company,Country,Employees\n\
             gus@solano-health.com,Solano Health Corp,US,5001-10000\n\
             flo@brook-mills.com,Brook,,\n",
            "Company,Country,City\nLone Larch Inc,Canada,Toronto\nFjord Optics,Norway,Oslo\n",
        ],
    ),
];

/// Ingests in `order`; the number decides how it is cut.
fn export(mut test: Test<'_>, order: &[usize; 5], number: usize) -> String {
    for &index in order {
        let (source, files) = SOURCES[index];
        let mut options = options(source);
        options.batch_rows = [1, 2, 200_000][number % 3];
        if number.is_multiple_of(2) {
            test.ingest_with(files, &options);
        } else {
            for file in files.iter().rev() {
                test.ingest_with(&[file], &options);
            }
        }
    }
    let wrong = test.with(async |engine| engine.store().inconsistencies().await.unwrap());
    assert!(wrong.iter().all(|(_, count)| *count == 0), "{wrong:?}");
    test.export()
}

/// All 120.
fn orders() -> Vec<[usize; 5]> {
    fn rest(begun: &mut Vec<usize>, all: &mut Vec<[usize; 5]>) {
        if let Ok(order) = begun.as_slice().try_into() {
            all.push(order);
        }
        for next in (0..5).filter(|next| !begun.contains(next)).collect::<Vec<_>>() {
            begun.push(next);
            rest(begun, all);
            begun.pop();
        }
    }
    let mut all = Vec::new();
    rest(&mut Vec::new(), &mut all);
    all
}

#[test]
fn five_sources_in_all_120_orders_and_any_batches() {
    let place = Place::sqlite();
    let mut whole = Test::in_memory(&place);
    for (source, files) in SOURCES {
        whole.ingest_with(files, &options(source));
    }
    let kinds = |test: &mut Test<'_>| {
        let mut kinds: Vec<String> = test
            .golden(EntityKind::Company)
            .iter()
            .map(|row| row["externalId"].as_str().unwrap().to_owned())
            .collect();
        kinds.sort();
        kinds
    };
    let expected = [
        "brook-mills.com",
        "fjord-optics.com",
        "fjord-optics.no",
        "linkedin.com/company/lone-larch",
        "name:fjordoptics|no",
        "name:lonelarch|ca",
        "name:solanohealth|",
        "solano-health.com",
    ];
    assert_eq!(kinds(&mut whole), expected);
    let expected = whole.export();
    assert!(expected.contains("\"employeeRange\":\"5001-10000\""), "{expected}");
    let orders = orders();
    assert_eq!(orders.len(), 120);
    for (number, order) in orders.iter().enumerate() {
        let given = export(Test::in_memory(&place), order, number);
        assert_eq!(given, expected, "{order:?}, cut {}", number % 6);
    }
    // PostgreSQL makes a database for each, so it has a sample, each with another cut.
    for (number, order) in orders.iter().enumerate().step_by(19) {
        let Some(place) = Place::postgres() else { return };
        assert_eq!(export(Test::new(&place), order, number), expected, "{order:?} on PostgreSQL");
    }
}
