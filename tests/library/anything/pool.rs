//! A small pool of companies and people about whom sources say contradicting things: rows drawn from it collide.

use proptest::prelude::*;

/// Sources of the files.
pub(super) const SOURCES: [&str; 4] = ["csv", "clay", "linkedin", "manual"];

/// When a file was observed.
pub(super) const TIMES: [Option<&str>; 3] = [None, Some("2024-03-01"), Some("2025-06-01")];

const HEADER: &str = "Email,Full Name,LinkedIn URL,Job Title,Job Title Level,Company,Website,Company LinkedIn URL,\
                      Company Country,Company City,Employees,Industry,Company Type";

/// A company: names, domains, LinkedIn page, countries, cities. The last domain of the first has the page of the first.
struct Known {
    names: [&'static str; 3],
    domains: [&'static str; 2],
    page: &'static str,
    countries: [&'static str; 3],
    cities: [&'static str; 2],
}

const COMPANIES: [Known; 3] = [
    Known {
        names: ["Brook Mills Ltd", "BROOK MILLS", "Old Brook"],
        domains: ["brook-mills.com", "old-brook.com"],
        page: "https://www.linkedin.com/company/brook-mills",
        countries: ["UK", "United Kingdom", "Canada"],
        cities: ["Leeds", "Toronto"],
    },
    Known {
        names: ["Fjord Optics AS", "Fjord Optics", "Fjord"],
        domains: ["fjord-optics.no", "fjord-optics.com"],
        page: "https://uk.linkedin.com/company/fjord-optics/about",
        countries: ["Norway", "NO", "Norway"],
        cities: ["Oslo", "Bergen"],
    },
    Known {
        names: ["Lone Larch Inc", "Lone Larch", "Brook Mills"],
        domains: ["larch.com", "larch.com"],
        page: "https://www.linkedin.com/company/lone-larch",
        countries: ["Canada", "CA", "UK"],
        cities: ["Toronto", "Leeds"],
    },
];

const PEOPLE: [[&str; 2]; 3] = [["ada", "Ada Hale"], ["bo", "Bo Ito"], ["cas", "Cas Orr"]];

/// Titles; the map of levels speaks of two.
pub(super) const TITLES: [&str; 5] = ["", "CTO", "Growth Wizkid", "Senior Analyst", "Product Manager"];
const LEVELS: [&str; 3] = ["", "Grade Q7", "Director"];
const EMPLOYEES: [&str; 5] = ["", "11-50", "51-200", "201-500", "a few"];
/// Industries; the last two mean nothing without a lookup.
pub(super) const INDUSTRIES: [&str; 5] =
    ["", "Banking", "Hospitals and Health Care", "Widgetry", "Farm Craft"];
/// Kinds of companies, likewise.
pub(super) const TYPES: [&str; 4] = ["", "Public Company", "Privately Held", "Zaibatsu"];

/// Keys that the rows of the pool can make, and some that they cannot.
pub(super) const COMPANY_KEYS: [&str; 11] = [
    "brook-mills.com",
    "old-brook.com",
    "fjord-optics.no",
    "fjord-optics.com",
    "larch.com",
    "linkedin.com/company/brook-mills",
    "linkedin.com/company/fjord-optics",
    "name:brookmills|gb",
    "name:brookmills|",
    "name:fjordoptics|no",
    "unheard-of.com",
];

/// Likewise, of persons.
pub(super) const PERSON_KEYS: [&str; 6] = [
    "ada@brook-mills.com",
    "ada@gmail.com",
    "bo@brook-mills.com",
    "bo@gmail.com",
    "linkedin.com/in/ada",
    "linkedin.com/in/bo",
];

/// One row of a file as text.
fn line(who: (u8, u8, u8, u8), [name, country, city]: [usize; 3], said: [usize; 5]) -> String {
    let (company, by, person, address) = who;
    let known = &COMPANIES[usize::from(company)];
    let [first, full] = PEOPLE[usize::from(person % 3)];
    let domain = known.domains[usize::from(by == 1)];
    let (website, page, name, country) = match by {
        0 | 1 => (domain, "", known.names[name], known.countries[country]),
        2 => (domain, known.page, known.names[name], known.countries[country]),
        3 => ("", known.page, known.names[name], ""),
        4 => ("", "", known.names[name], known.countries[country]),
        5 => ("", "", known.names[name], ""),
        6 => (domain, known.page, "", ""),
        _ => ("", "", "", known.countries[country]),
    };
    let city = if country.is_empty() { "" } else { known.cities[city] };
    let of_host = |host: &str| format!("{first}@{host}");
    let profile = format!("linkedin.com/in/{first}");
    let (email, full, profile) = match address {
        0 => (String::new(), "", ""),
        1 => (of_host(known.domains[0]), full, ""),
        2 => (of_host("gmail.com"), full, ""),
        3 => (format!("info@{}", known.domains[0]), "", ""),
        4 => (String::new(), full, &*profile),
        5 => (String::new(), full, ""),
        _ => (of_host(known.domains[1]), full, &*profile),
    };
    let [title, level, employees, industry, kind] = said;
    [
        &*email,
        full,
        profile,
        TITLES[title],
        LEVELS[level],
        name,
        website,
        page,
        country,
        city,
        EMPLOYEES[employees],
        INDUSTRIES[industry],
        TYPES[kind],
    ]
    .join(",")
}

pub(super) fn lines() -> impl Strategy<Value = Vec<String>> {
    let who = (0u8..3, 0u8..8, 0u8..3, 0u8..7);
    let of_company =
        (0usize..3, 0usize..3, 0usize..2).prop_map(|(name, country, city)| [name, country, city]);
    let said = (0usize..5, 0usize..3, 0usize..5, 0usize..5, 0usize..4).prop_map(|all| all.into());
    prop::collection::vec((who, of_company, said).prop_map(|(who, of, said)| line(who, of, said)), 1..5)
}

/// A file of lines.
pub(super) fn file<'l>(lines: impl IntoIterator<Item = &'l String>) -> String {
    let lines = lines.into_iter().map(|line| format!("{line}\n"));
    format!("{HEADER}\n{}", lines.collect::<String>())
}
