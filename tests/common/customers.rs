//! Synthetic lead exports, as messy as real ones and always the same: repeated companies whose rows disagree, free mail,
//! broken addresses, placeholders, odd blanks, exact duplicates, blank lines, cells with delimiters and line ends.

/// What the columns are called, word by word; the four header styles are spelt from it.
const COLUMNS: [&str; 21] = [
    "salutation",
    "first name",
    "last name",
    "email address",
    "job title",
    "job title level",
    "job title link",
    "department",
    "company name",
    "industry",
    "employee size",
    "employee size link",
    "revenue",
    "address line 1",
    "address line 2",
    "city",
    "state",
    "zip code",
    "country",
    "phone",
    "mobile phone",
];
const EMAIL: usize = 3;
const PROFILE: usize = 6;
/// Cells that noise leaves alone, so that it is known which rows can be taken.
const KEYS: [usize; 2] = [EMAIL, PROFILE];

const GIVEN: &[&str] =
    &["Ines", "Tomas", "Aïcha", "Björk", "Chidi", "Daria", "Emre", "Fleur", "Gita", "Håkan", "Ömer", "Łucja"];
const FAMILY: &[&str] = &[
    "Abe",
    "Brandt",
    "Costa",
    "D'Angelo",
    "Eze",
    "Fröhlich",
    "Gómez",
    "Hale",
    "Ito",
    "Jansen",
    "Núñez",
    "Li",
];
const STEMS: &[&str] = &["alder", "basalt", "cedar", "dune", "estuary", "fjord", "glacier", "heath", "inlet"];
const TRADES: &[&str] = &["freight", "optics", "dairy", "lending", "turbines", "clinics", "games", "paper"];
const SUFFIXES: &[&str] = &["com", "com", "io", "co.uk", "de", "com.br", "net"];
const FORMS: &[&str] = &["", "", " Inc.", ", LLC", " GmbH", " Ltd", " S.A.", " Pty Ltd"];
const TITLES: &[&str] = &[
    "CEO",
    "Founder & CEO",
    "Chief Revenue Officer",
    "SVP, Sales",
    "Vice Presedent Marketing",
    "Managing Director",
    "Director of Engineering",
    "Head of Product",
    "Sr. Manager - Finance",
    "Product Manager",
    "Staff Engineer",
    "Account Executive",
    "Assistant to the CEO",
    "Intern",
    "Wizard of Light Bulb Moments",
    "Banking",
];
const LEVELS: &[&str] = &["C-Level", "VP", "Director", "Manager", "Non-Manager", "Dir\u{325}ector", ""];
const INDUSTRIES: &[&str] = &["Software Development", "Banking", "Oil and Gas", "Food & Beverages", "retail"];
const SIZES: &[&str] =
    &["1-10", "11 TO 50", "51 t0 200", "201-500 employees", "1K-5K", "10,001+", "250", "?"];
const REVENUES: &[&str] =
    &["$0-$1M", "5M", "10 Million", "$10M - $25M", "USD 750K", "100B-1T", "undisclosed", "3200000"];
const PLACES: &[(&str, &str, &str, &str)] = &[
    ("Lyon", "Auvergne-Rhône-Alpes", "69001", "France"),
    ("New Haven", "CT", "06510", "USA"),
    ("Leeds", "", "LS1 1UR", "UK"),
    ("Curitiba", "PR", "80000-000", "Brazil"),
    ("Osaka", "", "530-0001", "Japan"),
];
const NOTHING: &[&str] = &["", "N/A", "null", "-", "  ", "None"];
const FREE: &[&str] = &["gmail.com", "yahoo.com", "web.de", "outlook.com"];

/// Numbers that look random and are the same everywhere (splitmix64).
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Dice(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }

    /// Whether something that happens `percent` times in a hundred happens now.
    fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// One line of a file; `None` is a blank one.
pub(crate) type Line = Option<[String; 21]>;

/// Lines of a customer file, and what must become of them.
#[derive(Clone)]
pub(crate) struct Customers {
    pub(crate) lines: Vec<Line>,
    /// Lines that identify nobody.
    pub(crate) unusable: u64,
    /// Exact repetitions of earlier, usable lines.
    pub(crate) repeated: u64,
    pub(crate) blank: u64,
}

impl Customers {
    /// `count` lines, about a quarter as many companies.
    pub(crate) fn make(count: usize, seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let companies: Vec<_> = (0..count / 4 + 1).map(|number| Company::make(number, &mut dice)).collect();
        let mut made = Customers { lines: Vec::with_capacity(count), unusable: 0, repeated: 0, blank: 0 };
        let mut usable: Vec<usize> = Vec::new();
        for number in 0..count {
            let roll = dice.below(100);
            if roll == 0 {
                made.blank += 1;
                made.lines.push(None);
            } else if roll < 4 && !usable.is_empty() {
                made.repeated += 1;
                let earlier = usable[dice.below(usable.len())];
                made.lines.push(made.lines[earlier].clone());
            } else if roll < 6 {
                made.unusable += 1;
                made.lines.push(Some(unusable(number, &mut dice)));
            } else {
                // The first companies are met much more often than the last.
                let (a, b) = (dice.below(companies.len()), dice.below(companies.len()));
                usable.push(number);
                made.lines.push(Some(companies[a.min(b)].employee(number, &mut dice)));
            }
        }
        made
    }

    pub(crate) fn accepted(&self) -> u64 {
        self.lines.len() as u64 - self.unusable - self.skipped()
    }

    pub(crate) fn skipped(&self) -> u64 {
        self.repeated + self.blank
    }

    pub(crate) fn shuffled(&self, seed: u64) -> Self {
        let mut copy = self.clone();
        Dice::new(seed).shuffle(&mut copy.lines);
        copy
    }

    /// The file in one of [`STYLES`].
    pub(crate) fn csv(&self, style: &str) -> String {
        self.table(style, ",", "\n")
    }

    pub(crate) fn table(&self, style: &str, delimiter: &str, end: &str) -> String {
        let header = COLUMNS.map(|column| spelt(column, style));
        let mut out = header.join(delimiter) + end;
        for line in &self.lines {
            if let Some(cells) = line {
                let cells: Vec<_> = cells.iter().map(|cell| quoted(cell, delimiter)).collect();
                out.push_str(&cells.join(delimiter));
            }
            out.push_str(end);
        }
        out
    }
}

/// `First Name`, `FirstName`, `first_name`, `firstName`.
pub(crate) const STYLES: [&str; 4] = ["spaced", "compact", "snake", "camel"];

fn spelt(column: &str, style: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    let words: Vec<_> = column.split(' ').collect();
    let capitals: Vec<_> = words.iter().map(|word| capital(word)).collect();
    match style {
        "spaced" => capitals.join(" "),
        "compact" => capitals.concat(),
        "snake" => words.join("_"),
        "camel" => words[0].to_owned() + &capitals[1..].concat(),
        _ => panic!("{style} is no header style"),
    }
}

fn quoted(cell: &str, delimiter: &str) -> String {
    if cell.contains(['"', '\n', '\r']) || cell.contains(delimiter) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

struct Company {
    domain: String,
    name: String,
}

impl Company {
    fn make(number: usize, dice: &mut Dice) -> Self {
        let (stem, trade) = (dice.pick(STEMS), dice.pick(TRADES));
        let name = format!("{} {} {number}{}", stem.to_uppercase(), trade, dice.pick(FORMS));
        Company { domain: format!("{stem}-{trade}{number}.{}", dice.pick(SUFFIXES)), name }
    }

    /// A row of somebody who works here, seen through the noise of an export.
    fn employee(&self, number: usize, dice: &mut Dice) -> [String; 21] {
        let (first, last) = (dice.pick(GIVEN), dice.pick(FAMILY));
        let ascii = |name: &str| name.chars().filter(char::is_ascii_alphabetic).collect::<String>();
        let local = format!("{}.{}{number}", ascii(first), ascii(last)).to_lowercase();
        let profile = format!("https://www.linkedin.com/in/{}", local.replace('.', "-"));
        let email = match dice.below(40) {
            0 => format!("{local}@{}", dice.pick(FREE)),
            1 => format!("{local}@{}", self.domain.split('.').next().unwrap()),
            2 => format!("{}@MAIL.{}", local.to_uppercase(), self.domain),
            3 => format!("{local}+news@{}", self.domain),
            4 => format!("{local}@@{}", self.domain),
            5 => format!("{local} at {}", self.domain),
            6 => format!("info@{}", self.domain),
            7 => dice.pick(NOTHING).to_owned(),
            _ => format!("{local}@{}", self.domain),
        };
        let place = PLACES[dice.below(PLACES.len())];
        let cells = [
            dice.pick(&["", "Mr.", "Ms", "Dr."]).to_owned(),
            first.to_owned(),
            last.to_owned(),
            email,
            dice.pick(TITLES).to_owned(),
            dice.pick(LEVELS).to_owned(),
            profile,
            dice.pick(&["Sales", "Finance", "R&D", ""]).to_owned(),
            self.name.clone(),
            dice.pick(INDUSTRIES).to_owned(),
            dice.pick(SIZES).to_owned(),
            format!("https://www.linkedin.com/company/{}/about/", self.domain.split('.').next().unwrap()),
            dice.pick(REVENUES).to_owned(),
            format!("{} High \"Old\" Street", number % 90 + 1),
            dice.pick(&["", "Floor 2, Suite 7", "Rear\nbuilding"]).to_owned(),
            place.0.to_owned(),
            place.1.to_owned(),
            place.2.to_owned(),
            place.3.to_owned(),
            format!("+44 20 5550 {:04}", number % 10_000),
            String::new(),
        ];
        let mut column = 0;
        cells.map(|cell| {
            let is_key = KEYS.contains(&column);
            column += 1;
            if is_key || !dice.percent(15) { cell } else { noisy(&cell, dice) }
        })
    }
}

/// A small accident as exports have them.
fn noisy(cell: &str, dice: &mut Dice) -> String {
    match dice.below(6) {
        0 => cell.to_uppercase(),
        1 => cell.to_lowercase(),
        2 => format!("  {cell} "),
        3 => cell.replace(' ', "  "),
        4 => cell.replace('-', "\u{2010}") + "\u{a0}",
        _ => dice.pick(NOTHING).to_owned(),
    }
}

/// A row of somebody of whom neither mailbox nor profile nor company is known.
fn unusable(number: usize, dice: &mut Dice) -> [String; 21] {
    let mut cells = std::array::from_fn(|_| String::new());
    cells[1] = dice.pick(GIVEN).to_owned();
    cells[2] = format!("{} {number}", dice.pick(FAMILY));
    cells[EMAIL] = dice.pick(&["", "N/A", "nobody@", "@nowhere.example", "no mail"]).to_owned();
    cells[4] = dice.pick(TITLES).to_owned();
    cells
}
