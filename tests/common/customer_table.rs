//! Rows of the flat table "Customer", with what must become of them: whom each row means, and which of several values is the
//! one that counts. What counts is found here in the plainest way and without the library.

use super::customers::Dice;
use std::collections::BTreeMap;

/// The columns in their order.
pub(crate) const COLUMNS: [&str; 26] = [
    "id",
    "salutation",
    "firstName",
    "lastName",
    "email",
    "company",
    "address",
    "city",
    "state",
    "country",
    "zipCode",
    "phone",
    "mobilePhone",
    "industry",
    "jobTitleLevel",
    "jobTitle",
    "department",
    "minEmployeeSize",
    "maxEmployeeSize",
    "jobTitleLink",
    "employeeSizeLink",
    "revenue",
    "externalSource",
    "externalId",
    "createdAt",
    "updatedAt",
];

/// Whom a row means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Meant {
    /// A mailbox at a company.
    Both { domain: String, mailbox: String },
    /// The mailbox of a role.
    Company { domain: String },
    /// A mailbox of free mail, or a profile.
    Person { key: String, why: &'static str },
    /// A person and a company of whom only names are known.
    Names,
    /// Nobody.
    Nobody,
}

/// One customer.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    pub(crate) cells: [String; 26],
    pub(crate) meant: Meant,
}

impl Customer {
    pub(crate) fn cell(&self, column: &str) -> &str {
        &self.cells[COLUMNS.iter().position(|name| *name == column).unwrap()]
    }

    /// A cell that says something, as the attribute that takes it has it.
    pub(crate) fn said(&self, column: &str) -> Option<&str> {
        let text = self.cell(column);
        let is_nothing = ["", "N/A", "-", "null", "no-domain-available", "no-email-available"];
        (!is_nothing.contains(&text.trim())).then_some(text)
    }

    pub(crate) fn domain(&self) -> Option<&str> {
        match &self.meant {
            Meant::Both { domain, .. } | Meant::Company { domain } => Some(domain),
            _ => None,
        }
    }

    /// The key of the person, where it does not depend on a company's name.
    pub(crate) fn person(&self) -> Option<&str> {
        match &self.meant {
            Meant::Both { mailbox: key, .. } | Meant::Person { key, .. } => Some(key),
            _ => None,
        }
    }

    /// When it was seen: all times are written alike, so they compare as text.
    pub(crate) fn seen(&self) -> &str {
        let updated = self.cell("updatedAt");
        if updated.is_empty() { self.cell("createdAt") } else { updated }
    }

    /// The number of employees as one text.
    pub(crate) fn size(&self) -> Option<String> {
        match (self.said("minEmployeeSize"), self.said("maxEmployeeSize")) {
            (Some(least), Some(most)) if least == most => Some(least.to_owned()),
            (Some(least), Some(most)) => Some(format!("{least}-{most}")),
            (Some(least), None) => Some(format!("{least}+")),
            (None, Some(most)) => Some(format!("up to {most}")),
            (None, None) => None,
        }
    }
}

/// How many customers the tests make: `FIRMOGRAPH_CUSTOMERS` says otherwise.
pub(crate) fn how_many(usual: usize) -> usize {
    std::env::var("FIRMOGRAPH_CUSTOMERS").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// The value that counts among those that customers give: the newest, then the one that most give, then the one with most
/// parts, then the first in byte order.
pub(crate) fn counts<'c>(
    said: impl Iterator<Item = (&'c str, Vec<Option<String>>)>,
) -> Option<Vec<Option<String>>> {
    let mut all: BTreeMap<Vec<Option<String>>, (&str, usize)> = BTreeMap::new();
    for (seen, parts) in said.filter(|(_, parts)| parts.iter().any(Option::is_some)) {
        let support = all.entry(parts).or_insert(("", 0));
        *support = (support.0.max(seen), support.1 + 1);
    }
    let filled = |parts: &[Option<String>]| parts.iter().flatten().count();
    let text = |parts: &[Option<String>]| parts.iter().flatten().map(String::as_str).collect::<String>();
    let best = all.into_iter().reduce(|best, other| {
        let rank = |(parts, (seen, count)): &(Vec<Option<String>>, (&str, usize))| {
            ((*seen).to_owned(), *count, filled(parts), std::cmp::Reverse(text(parts)))
        };
        if rank(&other) > rank(&best) { other } else { best }
    });
    best.map(|(parts, _)| parts)
}

/// Customers from a seed: always the same.
pub(crate) fn make(count: usize, seed: u64) -> Vec<Customer> {
    let mut dice = Dice::new(seed);
    let companies = count / 5 + 1;
    (0..count)
        .map(|number| {
            // The first companies are met much more often than the last.
            let company = dice.below(companies).min(dice.below(companies));
            customer(number, company, &mut dice)
        })
        .collect()
}

const STEMS: [&str; 6] = ["Alder", "Basalt", "Cedar", "Dune", "Estuary", "Fjord"];
const TRADES: [&str; 5] = ["Freight", "Optics", "Dairy", "Lending", "Turbines"];
const GIVEN: [&str; 6] = ["Ines", "TOMAS", "aïcha", "Chidi", "Daria", "Ömer"];
const FAMILY: [&str; 6] = ["Abe", "BRANDT", "costa", "D'Angelo", "Núñez", "Li"];
const SIZES: [(&str, &str); 6] =
    [("1", "10"), ("11", "50"), ("51", "200"), ("201", "500"), ("10001", ""), ("250", "250")];
const PLACES: [[&str; 4]; 4] = [
    ["Lyon", "", "69001", "France"],
    ["New Haven", "CT", "06510", "USA"],
    ["Leeds", "", "LS1 1UR\u{a0}", "UK"],
    ["Osaka", "", "530-0001", "Japan"],
];
const LEVELS: [&str; 5] = ["Manager ", "C-Level", "Vice President ", "Director", "N/A"];
const TITLES: [&str; 5] = ["CTO", "Sales Manager", "Wizard of Bulbs", "  Head of  Product", "VP, Marketing"];
const INDUSTRIES: [&str; 4] = ["Banking", "Retail", "Optics of Fjords", "Oil and Gas"];

fn customer(number: usize, company: usize, dice: &mut Dice) -> Customer {
    let (stem, trade) = (STEMS[company % 6], TRADES[company / 6 % 5]);
    let domain = format!("{}-{}{company}.com", stem.to_lowercase(), trade.to_lowercase());
    let name = format!("{stem} {trade} {company}");
    let name = match dice.below(5) {
        0 => format!("{name} Inc."),
        1 => name.to_uppercase(),
        2 => "no-domain-available".to_owned(),
        _ => name,
    };
    let (given, family) = (GIVEN[dice.below(6)], FAMILY[dice.below(6)]);
    // Some write again, under another row and with other letters.
    let local = format!("p{}.{company}", dice.below(6));
    let mut cells: [String; 26] = std::array::from_fn(|_| String::new());
    let mut set = |column: &str, text: &str| {
        text.clone_into(&mut cells[COLUMNS.iter().position(|name| *name == column).unwrap()]);
    };
    set("id", &format!("c{number:07}"));
    set("salutation", ["", "Mr.", "Dr."][dice.below(3)]);
    set("firstName", given);
    set("lastName", family);
    set("company", &name);
    set("address", &format!("{} High \"Old\" Street, rear", dice.below(3) + 1));
    let place = PLACES[dice.below(4)];
    for (column, text) in ["city", "state", "zipCode", "country"].into_iter().zip(place) {
        set(column, if dice.below(12) == 0 { "-" } else { text });
    }
    set("phone", &format!("+44 20 7946 {:04}", dice.below(4)));
    set("mobilePhone", ["", "N/A"][dice.below(2)]);
    set("industry", INDUSTRIES[dice.below(4)]);
    set("jobTitleLevel", LEVELS[dice.below(5)]);
    set("jobTitle", TITLES[dice.below(5)]);
    set("department", ["Sales", "R&D", ""][dice.below(3)]);
    let (least, most) = SIZES[dice.below(6)];
    set("minEmployeeSize", least);
    set("maxEmployeeSize", most);
    set("employeeSizeLink", ["", "https://example.net/sizes"][dice.below(2)]);
    set("revenue", ["", "5000000", "200000000"][dice.below(3)]);
    set("externalSource", "csv");
    set("externalId", &format!("x{number}"));
    set("createdAt", &format!("2024-04-{:02} 10:11:12.345", dice.below(4) + 1));
    if dice.below(3) > 0 {
        set("updatedAt", &format!("2024-05-{:02} 08:00:00.5", dice.below(3) + 1));
    }
    let (email, meant) = match dice.below(20) {
        0 => {
            set("company", "");
            let mailbox = format!("{local}@gmail.com");
            (mailbox.clone(), Meant::Person { key: mailbox, why: "free_mail" })
        }
        1 => (format!("info@{domain}"), Meant::Company { domain }),
        2 => {
            set("company", "");
            (format!("{local}@{}{company}", stem.to_lowercase()), Meant::Nobody)
        }
        3 => {
            set("company", "no-domain-available");
            let profile = format!("linkedin.com/in/p{number}");
            set("jobTitleLink", &format!("https://www.{profile}"));
            let key = profile;
            (["no-email-available", ""][dice.below(2)].to_owned(), Meant::Person { key, why: "no_domain" })
        }
        4 => {
            // Nobody else is called so: what only a name names is joined to a domain of the same name.
            set("company", &format!("Solo Works {number}"));
            ("no-email-available".to_owned(), Meant::Names)
        }
        roll => {
            let mailbox = format!("{local}@{domain}");
            let email = match roll {
                5 => mailbox.to_uppercase(),
                6 => format!(" {mailbox}\u{a0}"),
                _ => mailbox.clone(),
            };
            (email, Meant::Both { domain, mailbox })
        }
    };
    set("email", &email);
    Customer { cells, meant }
}

/// As `COPY` writes the table: a null is an empty cell.
pub(crate) fn csv(customers: &[Customer]) -> String {
    let mut out = COLUMNS.join(",") + "\n";
    for customer in customers {
        let quoted = customer.cells.iter().map(|cell| {
            let is_plain = !cell.contains([',', '"', '\n', '\r']);
            if is_plain { cell.clone() } else { format!("\"{}\"", cell.replace('"', "\"\"")) }
        });
        out.push_str(&(quoted.collect::<Vec<_>>().join(",") + "\n"));
    }
    out
}

/// Statements that make the table, as PostgreSQL and SQLite read them.
pub(crate) fn sql(schema: &str, customers: &[Customer]) -> Vec<String> {
    let kind = |column: &str| match column {
        "id" => "TEXT NOT NULL PRIMARY KEY",
        "minEmployeeSize" | "maxEmployeeSize" => "INTEGER",
        "revenue" => "BIGINT",
        "createdAt" | "updatedAt" => "TIMESTAMP(3)",
        _ => "TEXT",
    };
    let columns: Vec<_> = COLUMNS.iter().map(|column| format!("\"{column}\" {}", kind(column))).collect();
    let mut out = vec![format!("CREATE TABLE {schema}\"Customer\" ({});\n", columns.join(", "))];
    for customers in customers.chunks(100) {
        let rows = customers.iter().map(|customer| {
            let cells = customer.cells.iter().map(|cell| match cell.as_str() {
                "" => "NULL".to_owned(),
                text => format!("'{}'", text.replace('\'', "''")),
            });
            format!("({})", cells.collect::<Vec<_>>().join(","))
        });
        let rows = rows.collect::<Vec<_>>().join(",\n");
        out.push(format!("INSERT INTO {schema}\"Customer\" VALUES {rows};\n"));
    }
    out
}
