//! Collections of leads made from a seed, with the truth that they were made from.

use crate::common::customers::Dice;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What is true of one lead, by naive means: the documents were made from it, in the order of their times.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    pub(crate) company: usize,
    /// Numbers of its documents.
    pub(crate) documents: BTreeSet<usize>,
    pub(crate) status: usize,
    pub(crate) title: Option<String>,
    pub(crate) research: BTreeSet<String>,
    pub(crate) scores: BTreeSet<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Collection {
    pub(crate) documents: Vec<Value>,
    pub(crate) leads: Vec<Truth>,
    /// The newest number of employees that is not 0, and the names of what is used, of each company that is named.
    pub(crate) companies: BTreeMap<usize, (Option<i64>, BTreeSet<String>)>,
    /// Documents whose tier does not follow from their score.
    pub(crate) wrong_tiers: usize,
}

struct Company {
    name: String,
    domain: Option<String>,
    country: Option<&'static str>,
}

struct Person {
    lead: usize,
    company: usize,
    name: String,
    email: Option<String>,
    profile: Option<String>,
}

const FIRST: [&str; 6] = ["Ada", "Bo", "Cy", "Di", "Evan", "Fay"];
const LAST: [&str; 6] = ["Hale", "Ito", "Poe", "Ross", "Öberg", "O'Brian"];
const TOOLS: [&str; 5] = ["Salesforce", "AWS", "C++", "Kafka", "Jira"];

fn pick<'a, T>(dice: &mut Dice, from: &'a [T]) -> &'a T {
    &from[dice.below(from.len())]
}

/// The name as somebody might write it.
fn spelled(dice: &mut Dice, name: &str) -> String {
    match dice.below(4) {
        0 => name.to_lowercase(),
        1 => name.to_uppercase(),
        2 => name.replace(' ', "  "),
        _ => name.to_owned(),
    }
}

/// About so many documents.
pub(crate) fn make(count: usize, seed: u64) -> Collection {
    let mut dice = Dice::new(seed);
    let mut collection = Collection::default();
    let mut companies = Vec::new();
    let mut persons = Vec::new();
    while collection.documents.len() < count {
        let number = companies.len();
        // What means something in a regular expression means nothing here.
        let tail = ["", " (UK)", "++", ".*"][dice.below(4)];
        companies.push(Company {
            name: format!("Quarry{number} Works{tail}"),
            domain: (dice.below(3) > 0).then(|| format!("quarry{number}-works.com")),
            country: (dice.below(3) == 0).then_some("United Kingdom"),
        });
        let mut names = BTreeSet::new();
        for _ in 0..1 + dice.below(4) {
            // The same names again and again, but once in a company.
            let name = format!("{} {}", pick(&mut dice, &FIRST), pick(&mut dice, &LAST));
            if !names.insert(name.clone()) {
                continue;
            }
            let lead = collection.leads.len();
            collection.leads.push(Truth { company: number, ..Truth::default() });
            let domain = companies[number].domain.as_ref();
            let email = domain.filter(|_| dice.below(2) == 0).map(|domain| format!("person{lead}@{domain}"));
            // Two keys that no document shows together cannot be known for one.
            let profile = email.is_none() && dice.below(2) == 0;
            let profile = profile.then(|| format!("https://www.linkedin.com/in/person-{lead}"));
            persons.push(Person { lead, company: number, email, profile, name });
            for _ in 0..1 + dice.below(3) {
                let document = document(&mut dice, &mut collection, &companies, &persons[persons.len() - 1]);
                collection.documents.push(document);
            }
            if dice.below(8) == 0 {
                again(&mut collection);
            }
        }
    }
    collection
}

/// The document before, migrated: everything in it is known.
fn again(collection: &mut Collection) {
    let number = collection.documents.len();
    let mut copy = collection.documents[number - 1].clone();
    copy["_id"] = id(number).into();
    copy["_migrated"] = true.into();
    if is_wrong(&copy["icp"]) {
        collection.wrong_tiers += 1;
    }
    if let Some(lead) = collection.leads.last_mut() {
        lead.documents.insert(number);
    }
    collection.documents.push(copy);
}

pub(crate) fn id(number: usize) -> String {
    format!("{number:024x}")
}

fn is_wrong(icp: &Value) -> bool {
    icp["icp_score"] == 91 && icp["fit_tier"] == "Tier 3"
}

fn document(dice: &mut Dice, collection: &mut Collection, companies: &[Company], person: &Person) -> Value {
    let number = collection.documents.len();
    let company = &companies[person.company];
    let title = if dice.below(5) == 0 { "" } else { *pick(dice, &["CTO", "VP Sales", "Head of Growth"]) };
    // Who has an e-mail or a profile is known by it most of the time, and by name alone now and then.
    let email = person.email.clone().filter(|_| dice.below(5) > 0).unwrap_or_default();
    let email = if dice.below(3) == 0 { email.to_uppercase() } else { email };
    let seconds = 1_760_000_000 + number as i64 * 60;
    let at = firmograph::Timestamp::from_second(seconds).unwrap().to_string();
    let rank = dice.below(3);
    let status = ["uploaded", "researched", "icp_scored"][rank];
    let mut document = json!({
        "_id": id(number),
        "lead_input": {"name": spelled(dice, &person.name), "title": title, "company": spelled(dice, &company.name), "email": email},
        "status": status,
        "createdAt": at, "updatedAt": at,
    });
    let truth = &mut collection.leads[person.lead];
    truth.documents.insert(number);
    truth.status = truth.status.max(rank);
    if !title.is_empty() {
        truth.title = Some(title.to_owned());
    }
    let of_company = collection.companies.entry(person.company).or_default();
    if rank >= 1 {
        let employees = [0, 0, 40, 700, 12_000][dice.below(5)];
        if employees > 0 {
            of_company.0 = Some(employees);
        }
        let used = pick(dice, &TOOLS);
        of_company.1.insert(used.to_lowercase());
        let says_domain = dice.below(3) > 0;
        let domain = company.domain.clone().filter(|_| says_domain).unwrap_or_default();
        let profile = person.profile.clone().filter(|_| dice.below(4) > 0).unwrap_or_default();
        let industry = *pick(dice, &["", "Unknown", "Software Development"]);
        let research = json!({
            "CompanyProfile": {"name": spelled(dice, &company.name), "domain": domain, "website_url": "", "linkedin_url": "",
                "industry": industry,
                "company_size": {"employee_count": employees, "annual_revenue_usd": 0, "is_public": false},
                "headquarters": {"city": "Unknown", "state_or_region": "", "country": company.country.unwrap_or("Unknown")},
                "technographics": [{"name": spelled(dice, used), "category": "", "confidence": "Medium", "source": "Search"}],
                "confidence": "Low"},
            "PersonaProfile": {"full_name": person.name, "title": "", "linkedin_url": profile, "email": "", "confidence": "Low"},
            "DetectedSignals": [{"type": "intent", "signal": format!("signal {number}"), "source": "Search", "strength": "low",
                "recency": "", "evidence": []}],
            "ResearchMeta": {"requested_lead": {"name": person.name}, "research_timestamp_utc": at, "tools_used": [],
                "citations": [{"source_name": "site", "url": format!("https://example.com/{number}"), "accessed_at_utc": at}],
                "data_quality_warnings": []}
        });
        truth.research.insert(research.to_string());
        document["research"] = research;
    }
    if rank == 2 {
        let (score, tier) =
            [(91, "Tier 1"), (71, "Tier 2"), (39, "Disqualified"), (91, "Tier 3")][dice.below(4)];
        let icp = json!({"icp_score": score, "fit_tier": tier, "confidence_level": "Low",
            "scoring_meta": {"inputs_used": [], "scored_at": at}});
        collection.wrong_tiers += usize::from(is_wrong(&icp));
        truth.scores.insert(icp.to_string());
        document["icp"] = icp;
    }
    document
}
