//! Invented documents in the shape of the traps that real collections hold.

use serde_json::{Value, json};

/// What an agent writes when it knows nothing.
fn blank_company(name: &str) -> Value {
    json!({
        "name": name, "domain": "", "website_url": "", "linkedin_url": "", "industry": "",
        "company_size": {"employee_count": 0, "employee_count_confidence": "Low", "annual_revenue_usd": 0,
            "revenue_confidence": "Low", "is_public": false, "ticker": "", "exchange": ""},
        "headquarters": {"city": "Unknown", "state_or_region": "Unknown", "country": "Unknown", "raw_address": "Unknown"},
        "structure": "", "sales_motion": "", "technographics": [], "keywords": [], "confidence": "Low"
    })
}

fn blank_person(name: &str, title: &str, email: &str) -> Value {
    json!({
        "full_name": name, "title": title, "seniority": "", "department": "", "linkedin_url": "", "email": email,
        "location": {"city": "Unknown", "state_or_region": "Unknown", "country": "Unknown", "time_zone": "Unknown"},
        "reports_to": "Unknown",
        "decision_authority": {"budget_owner_likelihood": "Low", "decision_maker_likelihood": "Low",
            "champion_likelihood": "Low", "rationale": ""},
        "responsibilities": [], "pain_points": [], "confidence": "Low"
    })
}

fn requested(name: &str, company: &str) -> Value {
    json!({"requested_lead": {"name": name, "title": "", "company": company, "email": ""},
        "research_timestamp_utc": "2026-01-18T09:01:00Z", "tools_used": ["SEARCH"], "citations": [],
        "data_quality_warnings": ["time zone not verifiable"]})
}

pub(crate) fn scored() -> Value {
    json!({
        "icp_score": 92, "fit_tier": "Tier 1",
        "score_breakdown": {"company_fit": 95, "persona_fit": 92, "timing_fit": 88},
        "factor_breakdown": {
            "companyFit": {"score": 95, "factors": [{"name": "Industry", "value": 95, "weight": 40},
                {"name": "Size", "value": 98, "weight": 30}, {"name": "Geography", "value": 90, "weight": 30}]},
            "personaFit": {"score": 92, "factors": [{"name": "Seniority", "value": 95, "weight": 50},
                {"name": "Authority", "value": 89, "weight": 50}]},
            "timingFit": {"score": 88, "factors": [{"name": "Signals", "value": 88, "weight": 100}]}},
        "strengths": ["Scale"], "risks": ["Long cycle"], "gaps": ["Reporting line unknown"], "confidence_level": "High",
        "scoring_meta": {"inputs_used": ["CompanyProfile"], "scored_at": "2026-01-18T09:05:00Z"}
    })
}

/// A lead of which everything is known.
pub(crate) fn complete() -> Value {
    let mut company = blank_company("Brook Mills");
    company["domain"] = "brook-mills.com".into();
    company["website_url"] = "https://www.brook-mills.com".into();
    company["linkedin_url"] = "https://www.linkedin.com/company/brook-mills".into();
    company["industry"] = "Textile Manufacturing".into();
    company["company_size"] = json!({"employee_count": 7300, "employee_count_confidence": "High",
        "annual_revenue_usd": 640_000_000, "revenue_confidence": "High", "is_public": true, "ticker": "BRK", "exchange": "LSE"});
    company["headquarters"] = json!({"city": "Leeds", "state_or_region": "England", "country": "United Kingdom", "raw_address": "Unknown"});
    company["structure"] = "Public company (LSE: BRK)".into();
    company["keywords"] = json!(["cloth", "wool"]);
    company["technographics"] = json!([
        {"name": "Salesforce", "category": "CRM", "confidence": "High", "source": "Apollo"},
        {"name": "AWS", "category": "Cloud", "confidence": "Medium", "source": "Search"}]);
    let mut person = blank_person("Ada Hale", "VP of Sales Operations", "Ada.Hale@brook-mills.com");
    person["seniority"] = "VP".into();
    person["department"] = "Sales".into();
    person["linkedin_url"] = "https://www.linkedin.com/in/ada-hale".into();
    person["location"]["country"] = "United States".into();
    let mut meta = requested("Ada Hale", "Brook Mills");
    meta["citations"] = json!([{"source_name": "Company site", "url": "https://www.brook-mills.com/about",
        "accessed_at_utc": "2026-01-18T09:00:40Z"}]);
    json!({
        "_id": "75a000000000000000000001",
        "lead_input": {"name": "Ada Hale", "title": "VP of Sales Operations", "company": "Brook Mills", "email": "Ada.Hale@brook-mills.com"},
        "research": {"CompanyProfile": company, "PersonaProfile": person, "DetectedSignals": [
            {"type": "technical", "signal": "Moved to Salesforce", "source": "Search", "strength": "high",
                "recency": "last 90 days", "evidence": ["https://example.com/a"]},
            {"type": "persona_change", "signal": "New in role", "source": "Apollo", "strength": "medium", "recency": "2025-11", "evidence": []}],
            "ResearchMeta": meta},
        "icp": scored(), "status": "icp_scored",
        "createdAt": "2026-01-18T09:00:00.000Z", "updatedAt": "2026-01-20T09:00:00.000Z"
    })
}

fn researched(id: &str, name: &str, title: &str, company: &str, email: &str) -> Value {
    json!({
        "_id": id,
        "lead_input": {"name": name, "title": title, "company": company, "email": email},
        "research": {"CompanyProfile": blank_company(company), "PersonaProfile": blank_person(name, title, email),
            "DetectedSignals": [], "ResearchMeta": requested(name, company)},
        "status": "researched", "createdAt": "2026-01-18T09:00:00.000Z", "updatedAt": "2026-01-21T09:00:00.000Z"
    })
}

/// One document for each trap: 01 complete; 02 the same company in other case with blanks; 03 a name full of what means something in
/// a regular expression, without e-mail; 04 a namesake of 03 elsewhere; 05 uploaded only; 06 without a title; 07 migrated before;
/// 08 of the later form.
pub(crate) fn traps() -> Vec<Value> {
    let mut second = researched(
        "75a000000000000000000002",
        "Bo Ito",
        "Director, Revenue Operations",
        "brook mills",
        "bo.ito@brook-mills.com",
    );
    second["research"]["CompanyProfile"]["technographics"] =
        json!([{"name": "salesforce", "category": "", "confidence": "High", "source": "Unknown"}]);
    let hostile =
        researched("75a000000000000000000003", "Cy Common", "Head of Engineering", "C++ Foundry (UK)", "");
    let namesake = researched(
        "75a000000000000000000004",
        "Cy Common",
        "Head of Engineering",
        "A.B* [Other] Foundry",
        "",
    );
    let uploaded = |id: &str, name: &str, title: &str, company: &str, email: &str| {
        json!({"_id": id, "lead_input": {"name": name, "title": title, "company": company, "email": email},
            "status": "uploaded", "createdAt": "2026-01-18T09:00:00.000Z", "updatedAt": "2026-01-20T09:00:00.000Z"})
    };
    let mut migrated = complete();
    migrated["_id"] = "75a000000000000000000007".into();
    migrated["_migrated"] = true.into();
    migrated["_new_lead_id"] = "75b000000000000000000001".into();
    let later = json!({"_id": "75b000000000000000000001", "name": "Ada Hale", "title": "VP of Sales Operations",
        "email": "Ada.Hale@brook-mills.com", "company_id": "75c000000000000000000001", "persona_id": "75d000000000000000000001",
        "status": "icp_scored", "source": "CSV", "createdAt": "2026-01-18T09:00:00.000Z", "updatedAt": "2026-01-20T09:00:00.000Z"});
    vec![
        complete(),
        second,
        hostile,
        namesake,
        uploaded("75a000000000000000000005", "Dana Draft", "CEO", "Draft Ltd", "dana@draft-works.com"),
        uploaded("75a000000000000000000006", "Evan Empty", "", "Fjord Optics", "evan@fjord-optics.no"),
        migrated,
        later,
    ]
}

pub(crate) fn wrapped(documents: &[Value]) -> String {
    json!({"_note": "an export", "documents": documents}).to_string()
}

/// As `mongoexport --jsonFormat=canonical` writes it.
pub(crate) fn extended(value: &Value) -> Value {
    match value {
        Value::Object(entries) => {
            let wrapped = entries.iter().map(|(key, value)| {
                let text = value.as_str();
                let value = match (key.as_str(), text) {
                    ("_id" | "_new_lead_id" | "company_id" | "persona_id", Some(id)) => json!({"$oid": id}),
                    ("createdAt" | "updatedAt", Some(at)) => {
                        let at: firmograph::Timestamp = at.parse().unwrap();
                        json!({"$date": {"$numberLong": at.as_millisecond().to_string()}})
                    }
                    _ => extended(value),
                };
                (key.clone(), value)
            });
            Value::Object(wrapped.collect())
        }
        Value::Array(elements) => elements.iter().map(extended).collect(),
        Value::Number(number) if number.as_i64().is_some_and(|number| number > i64::from(i32::MAX)) => {
            json!({"$numberLong": number.to_string()})
        }
        Value::Number(number) if number.is_i64() => json!({"$numberInt": number.to_string()}),
        Value::Number(number) => json!({"$numberDouble": number.to_string()}),
        other => other.clone(),
    }
}

/// A document in the binary form of MongoDB, as the specification has it (bsonspec.org, version 1.1): a second writer, so that the
/// reader is not tested by itself.
pub(crate) fn bson(value: &Value) -> Vec<u8> {
    let entries: Vec<(String, &Value)> = match value {
        Value::Object(entries) => entries.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(elements) => {
            elements.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
        }
        _ => Vec::new(),
    };
    let mut body = Vec::new();
    for (key, value) in entries {
        let (kind, bytes): (u8, Vec<u8>) = match value {
            Value::String(at) if ["createdAt", "updatedAt"].contains(&key.as_str()) => {
                let at: firmograph::Timestamp = at.parse().unwrap();
                (9, at.as_millisecond().to_le_bytes().to_vec())
            }
            Value::String(id) if key.ends_with("_id") && id.len() == 24 => {
                (7, (0..12).map(|at| u8::from_str_radix(&id[2 * at..2 * at + 2], 16).unwrap()).collect())
            }
            Value::String(text) => {
                let mut bytes = (text.len() as i32 + 1).to_le_bytes().to_vec();
                bytes.extend(text.as_bytes());
                bytes.push(0);
                (2, bytes)
            }
            Value::Object(_) => (3, bson(value)),
            Value::Array(_) => (4, bson(value)),
            Value::Bool(truth) => (8, vec![u8::from(*truth)]),
            Value::Null => (10, Vec::new()),
            Value::Number(number) => match number.as_i64() {
                Some(number) => (18, number.to_le_bytes().to_vec()),
                None => (1, number.as_f64().unwrap().to_le_bytes().to_vec()),
            },
        };
        body.push(kind);
        body.extend(key.as_bytes());
        body.push(0);
        body.extend(bytes);
    }
    let mut document = (body.len() as i32 + 5).to_le_bytes().to_vec();
    document.extend(body);
    document.push(0);
    document
}
