//! A second implementation of the score, written from the declared table alone: fractions, loops and strings, nothing shared with
//! the first but the words.

use firmograph::{Attribute, Dimension, EntityKind, Priorities, Scalar, coalesce, normalize, quality_table};
use std::collections::BTreeMap;

/// A row of the declared table by column.
type Line = BTreeMap<&'static str, &'static str>;

pub(super) struct Naive {
    lines: Vec<Line>,
    /// Attribute or `*`, source, number.
    priorities: Vec<(String, String, i64)>,
    /// Companies' keys that count for another.
    joined: BTreeMap<String, String>,
}

/// What is to be equal.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Scores {
    pub(super) score: i128,
    pub(super) parts: Vec<i128>,
    pub(super) completeness: i128,
    pub(super) grade: String,
    /// Name, points, score.
    pub(super) attributes: Vec<(String, i128, i128)>,
    /// Name, source, parts; only those that are there.
    pub(super) fields: Vec<(String, Option<String>, Vec<i128>)>,
    pub(super) email_grade: Option<String>,
    pub(super) phone_score: Option<i64>,
    pub(super) verified_at: Option<i64>,
    pub(super) sources: Vec<String>,
}

const PARTS: [&str; 5] = ["completeness", "validity", "agreement", "freshness", "trust"];

impl Naive {
    pub(super) fn new(priorities: Vec<(String, String, i64)>, joined: BTreeMap<String, String>) -> Self {
        let mut rows = quality_table();
        let head = rows.next().unwrap();
        let lines = rows.map(|cells| head.iter().copied().zip(cells).collect()).collect();
        Naive { lines, priorities, joined }
    }

    fn number(&self, rule: &str, name: &str) -> i128 {
        let line = self.lines.iter().find(|line| line["rule"] == rule && line["name"] == name);
        line.unwrap_or_else(|| panic!("{rule} {name}"))["number"].parse().unwrap()
    }

    fn lines(&self, rule: &str, kind: EntityKind) -> Vec<&Line> {
        self.lines.iter().filter(|line| line["rule"] == rule && line["kind"] == kind.name()).collect()
    }

    /// `day` is the number of days since 1970 of the day of the score.
    pub(super) fn score(
        &self,
        kind: EntityKind,
        said: &[Dimension],
        golden: &BTreeMap<&str, Scalar>,
        day: i64,
        belief: &Priorities,
    ) -> Scores {
        let mut scores = Scores::default();
        for row in said {
            if !scores.sources.contains(&row.source().to_string()) {
                scores.sources.push(row.source().to_string());
            }
        }
        scores.sources.sort();
        let lines = self.lines("field", kind);
        let all: i128 = lines.iter().map(|line| line["number"].parse::<i128>().unwrap()).sum();
        let (mut weights, mut sums) = (BTreeMap::new(), BTreeMap::new());
        let (mut there, mut whole) = (0, vec![0; 5]);
        let mut agreeing = BTreeMap::new();
        for line in lines {
            let weight: i128 = line["number"].parse().unwrap();
            *weights.entry(line["attribute"]).or_insert(0) += weight;
            sums.entry(line["attribute"]).or_insert(vec![0; 5]);
            if !golden_says(line, golden) {
                continue;
            }
            there += weight;
            let (by, seen, percents, agree) = self.field(line, said, golden, day, belief);
            if by.is_some() {
                agreeing.insert(line["name"], agree + 1);
            }
            scores.verified_at = scores.verified_at.max(seen);
            let parts: Vec<i128> = PARTS
                .iter()
                .zip(percents)
                .map(|(part, percent)| percent * self.number("part", part))
                .collect();
            for (index, points) in parts.iter().enumerate() {
                sums.get_mut(line["attribute"]).unwrap()[index] += weight * points;
                whole[index] += weight * points;
            }
            scores.fields.push((line["name"].to_owned(), by, parts));
        }
        (scores.score, scores.parts) = shared(&whole, all);
        let order = Attribute::ALL.iter().map(|attribute| attribute.spec().name);
        let names: Vec<&str> = order.filter(|name| weights.contains_key(name)).collect();
        let of_attributes: Vec<i128> = names.iter().map(|name| sums[name].iter().sum()).collect();
        let (_, points) = shared(&of_attributes, all);
        for (name, points) in names.into_iter().zip(points) {
            scores.attributes.push((name.to_owned(), points, shared(&sums[name], weights[name]).0));
        }
        scores.completeness = there * 10_000 / all;
        for line in self.lines("grade", kind).into_iter().rev() {
            if scores.completeness >= line["number"].parse::<i128>().unwrap() * 100 {
                scores.grade = line["name"].to_owned();
            }
        }
        if kind == EntityKind::Person {
            scores.email_grade = self.email(said, golden, *agreeing.get("email").unwrap_or(&0), belief);
        }
        scores.phone_score = self.phone(kind, said, golden, belief);
        scores
    }

    /// Who said it, when, the five percentages, and how many others agree.
    fn field(
        &self,
        line: &Line,
        said: &[Dimension],
        golden: &BTreeMap<&str, Scalar>,
        day: i64,
        belief: &Priorities,
    ) -> (Option<String>, Option<i64>, [i128; 5], i128) {
        let attribute = Attribute::from_name(line["attribute"]).unwrap();
        let Some(order) = ranked(said, attribute, belief) else { return (None, None, [100, 0, 0, 0, 0], 0) };
        let tried = if line["attribute"].ends_with("contact") { order.len() } else { 1 };
        let Some(winner) = order[..tried].iter().find(|row| fills(line, row, golden)) else {
            return (None, None, [100, 0, 0, 0, 0], 0);
        };
        let valid = match names(line, "matched").as_slice() {
            [] if line["compare"] == "site" => raw(line, winner).is_some_and(|text| site(text).is_some()),
            [] => true,
            some => some.iter().any(|name| matched(winner, name).is_some()),
        };
        let (mut agree, mut differ) = (0, 0);
        for other in order.iter().filter(|row| row.source() != winner.source()) {
            match (line["compare"], raw(line, winner), raw(line, other)) {
                ("none", _, _) => {}
                ("raw", Some(mine), Some(theirs)) => {
                    count(plain(mine) == plain(theirs), &mut agree, &mut differ)
                }
                ("raw", _, _) => {}
                ("site", Some(mine), Some(theirs)) => {
                    if let (Some(mine), Some(theirs)) = (site(mine), site(theirs)) {
                        count(mine == theirs, &mut agree, &mut differ);
                    }
                }
                ("site", _, _) => {}
                (_, mine, theirs) => {
                    let columns = names(line, "compare");
                    match columns.iter().find(|name| matched(winner, name).is_some()) {
                        Some(name) => {
                            if let Some(theirs) = matched(other, name) {
                                let mine = matched(winner, name).unwrap();
                                count(self.same(mine) == self.same(theirs), &mut agree, &mut differ);
                            }
                        }
                        None => {
                            if let (Some(mine), Some(theirs)) = (mine, theirs) {
                                count(plain(mine) == plain(theirs), &mut agree, &mut differ);
                            }
                        }
                    }
                }
            }
        }
        let is_pin = winner.source().as_str() == "pin";
        let agreement = if is_pin {
            self.number("agreement", "pinned")
        } else if line["compare"] == "none" {
            self.number("agreement", "not_compared")
        } else if agree + differ == 0 {
            self.number("agreement", "alone")
        } else {
            100 * agree / (agree + differ)
        };
        let seen = winner.first().observed_at.map(|time| time.as_microsecond());
        let percents = [
            100,
            if valid { 100 } else { 0 },
            agreement,
            if is_pin { self.number("freshness", "pinned") } else { self.freshness(seen, day) },
            self.trust(attribute, winner.source().as_str()),
        ];
        (Some(winner.source().to_string()), seen, percents, agree)
    }

    /// A value, or the company's key that it counts for, without regard to case.
    fn same(&self, value: String) -> String {
        let mut value = value;
        while let Some(into) = self.joined.get(&value) {
            value.clone_from(into);
        }
        value.to_lowercase()
    }

    fn freshness(&self, seen: Option<i64>, day: i64) -> i128 {
        let Some(seen) = seen else { return self.number("freshness", "unknown") };
        // All random times are after 1970.
        let age = (day - seen / 86_400_000_000).max(0);
        for line in self.lines.iter().filter(|line| line["rule"] == "freshness") {
            if line["name"].parse::<i64>().is_ok_and(|days| age < days) {
                return line["number"].parse().unwrap();
            }
        }
        self.number("freshness", "older")
    }

    fn trust(&self, attribute: Attribute, source: &str) -> i128 {
        if source == "pin" {
            return self.number("trust", "pinned");
        }
        let own: Vec<_> = self.priorities.iter().filter(|row| row.0 == attribute.spec().name).collect();
        let rows: Vec<_> =
            if own.is_empty() { self.priorities.iter().filter(|row| row.0 == "*").collect() } else { own };
        let Some(mine) = rows.iter().find(|row| row.1 == source) else {
            return self.number("trust", "unlisted");
        };
        let mut better: Vec<i64> = rows.iter().map(|row| row.2).filter(|number| *number < mine.2).collect();
        better.sort();
        better.dedup();
        let rank = better.len().to_string();
        let line = self.lines.iter().find(|line| line["rule"] == "trust" && line["name"] == rank);
        line.map_or_else(|| self.number("trust", "listed"), |line| line["number"].parse().unwrap())
    }

    fn email(
        &self,
        said: &[Dimension],
        golden: &BTreeMap<&str, Scalar>,
        sources: i128,
        belief: &Priorities,
    ) -> Option<String> {
        let address = golden["email"].as_text()?;
        let company =
            ranked(said, Attribute::PersonCompany, belief).and_then(|rows| matched(rows[0], "company_key"));
        let company = company.map(|key| self.same(key));
        let mut true_of = vec!["invalid"];
        if let Some(mailbox) = normalize::normalize_email(address).value() {
            true_of = vec!["other_domain"];
            for (name, holds) in [
                ("disposable", mailbox.is_disposable),
                ("role", mailbox.is_role),
                ("own_domain", mailbox.domain.clone().is_some_and(|own| Some(self.same(own)) == company)),
                ("free_mail", mailbox.is_free_mail),
            ] {
                if holds {
                    true_of.push(name);
                }
            }
        }
        let lines = self.lines("email", EntityKind::Person);
        let holds =
            |line: &&&Line| true_of.contains(&line["name"]) && sources >= line["number"].parse().unwrap();
        lines.iter().find(holds).map(|line| line["value"].to_owned())
    }

    fn phone(
        &self,
        kind: EntityKind,
        said: &[Dimension],
        golden: &BTreeMap<&str, Scalar>,
        belief: &Priorities,
    ) -> Option<i64> {
        let table =
            if kind == EntityKind::Company { Attribute::CompanyContact } else { Attribute::PersonContact };
        let shown = ["phone", "mobilePhone"].map(|column| golden[column].as_text());
        if shown == [None, None] {
            return None;
        }
        // A standard number, or one that somebody writes so and of whom a standard number is known.
        let [phone, mobile] = [("phone", shown[0]), ("mobile_phone", shown[1])].map(|(name, shown)| {
            let order = ranked(said, table, belief).unwrap_or_default();
            let written = |row: &Dimension| row.raw().part(table.part(name).unwrap()).map(str::to_owned);
            let known = order.into_iter().filter_map(|row| Some((matched(row, name)?, written(row))));
            let mut known =
                known.filter(|(number, raw)| shown == Some(number.as_str()) || shown == raw.as_deref());
            shown.and_then(|_| known.next()).map(|(number, _)| number)
        });
        let mut points = 0;
        for line in self.lines("phone", kind) {
            let holds = match line["name"] {
                "valid" => phone.is_some() || mobile.is_some(),
                "phone" => phone.is_some(),
                "mobile_phone" => mobile.is_some(),
                "agreed" => [&phone, &mobile].into_iter().flatten().any(|number| {
                    let gives = |row: &&Dimension| {
                        row.attribute() == table
                            && ["phone", "mobile_phone"]
                                .iter()
                                .any(|of| matched(row, of).as_ref() == Some(number))
                    };
                    said.iter().filter(gives).count() >= 2
                }),
                "two" => phone.is_some() && mobile.is_some() && phone != mobile,
                other => panic!("{other}"),
            };
            if holds {
                points += line["number"].parse::<i64>().unwrap();
            }
        }
        Some(points.min(100))
    }
}

fn count(is_same: bool, agree: &mut i128, differ: &mut i128) {
    if is_same {
        *agree += 1;
    } else {
        *differ += 1;
    }
}

fn names(line: &Line, column: &str) -> Vec<&'static str> {
    line[column].split('|').filter(|name| !name.is_empty()).collect()
}

/// Rows about an attribute, the best first.
fn ranked<'d>(
    said: &'d [Dimension],
    attribute: Attribute,
    belief: &Priorities,
) -> Option<Vec<&'d Dimension>> {
    let found = coalesce(said, attribute, belief)?;
    let mut rows = vec![&said[found.winner]];
    rows.extend(found.losers.iter().map(|loss| &said[loss.index]));
    Some(rows)
}

fn matched(row: &Dimension, name: &str) -> Option<String> {
    match &row.matched()?.columns[row.attribute().matched(name).unwrap()] {
        Scalar::Null => None,
        Scalar::Int(number) => Some(number.to_string()),
        Scalar::Text(text) => Some(text.to_string()),
    }
}

fn raw<'d>(line: &Line, row: &'d Dimension) -> Option<&'d str> {
    for name in names(line, "raw") {
        match row.raw().part(row.attribute().part(name).unwrap()) {
            Some(text) if !text.trim().is_empty() => return Some(text),
            _ => {}
        }
    }
    None
}

/// Which matched column and which raw part each golden column is filled from.
const FILLED: [(&str, &str, &str); 22] = [
    ("name", "name", "name"),
    ("minEmployeeSize", "minimum", ""),
    ("maxEmployeeSize", "maximum", ""),
    ("employeeRange", "employee_range", ""),
    ("companyType", "company_type", "company_type"),
    ("city", "city", "city"),
    ("state", "state", "state"),
    ("country", "country", "country"),
    ("industry", "industry", "industry"),
    ("revenueRange", "revenue_range", ""),
    ("description", "", "description"),
    ("website", "", "website"),
    ("linkedinUrl", "linkedin_url", "linkedin_url"),
    ("phone", "phone", "phone"),
    ("mobilePhone", "mobile_phone", "mobile_phone"),
    ("fullName", "full_name", "full_name"),
    ("jobTitle", "", "job_title"),
    ("department", "", "department"),
    ("email", "email", ""),
    // Of both the same: an exact amount.
    ("revenue", "minimum", ""),
    ("revenue", "maximum", ""),
    // What the golden row shows of these is an id.
    ("companyId", "company_key", ""),
];

/// Whether the golden row shows what this source says.
fn fills(line: &Line, row: &Dimension, golden: &BTreeMap<&str, Scalar>) -> bool {
    names(line, "golden").into_iter().any(|column| {
        let shown = match &golden[column] {
            Scalar::Null => return false,
            Scalar::Int(number) => number.to_string(),
            Scalar::Text(text) if normalize::is_placeholder(text) => return false,
            Scalar::Text(text) => text.to_string(),
        };
        let mut ways = FILLED.iter().filter(|way| way.0 == column).map(|(_, of, part)| {
            let of = if of.is_empty() { None } else { matched(row, of) };
            let part = if part.is_empty() { None } else { row.attribute().part(part) };
            let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            of.or_else(|| Some(squeezed(row.raw().part(part?)?)).filter(|text| !text.is_empty()))
        });
        match column {
            "companyId" => ways.any(|said| said.is_some()),
            _ => ways.all(|said| said.is_some_and(|said| plain(&said) == plain(&shown))),
        }
    })
}

fn plain(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

fn site(text: &str) -> Option<String> {
    normalize::extract_domain(text).value().map(|domain| domain.domain.clone())
}

fn golden_says(line: &Line, golden: &BTreeMap<&str, Scalar>) -> bool {
    names(line, "golden").iter().any(|column| match &golden[column] {
        Scalar::Null => false,
        Scalar::Int(_) => true,
        Scalar::Text(text) => !normalize::is_placeholder(text),
    })
}

/// The sum of the shares by `by`, rounded half up, and each share cut off, with what is missing given one by one to whoever lacks
/// most.
fn shared(shares: &[i128], by: i128) -> (i128, Vec<i128>) {
    let sum: i128 = shares.iter().sum();
    let whole = if 2 * (sum % by) >= by { sum / by + 1 } else { sum / by };
    let mut cut: Vec<i128> = shares.iter().map(|share| share / by).collect();
    let mut lacking: Vec<i128> = shares.iter().map(|share| share % by).collect();
    while cut.iter().sum::<i128>() < whole {
        let most = *lacking.iter().max().unwrap();
        let place = lacking.iter().position(|rest| *rest == most).unwrap();
        cut[place] += 1;
        lacking[place] = -1;
    }
    (whole, cut)
}
