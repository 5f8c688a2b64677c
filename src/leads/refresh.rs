//! What was found out about one lead, and how it was scored: one document more, in one transaction. Blanks, zeros and `Unknown` in it
//! say nothing, so they overwrite nothing; research and scores of before are kept.

use super::check::check;
use super::document::Document;
use super::json::{self, at};
use super::made::{Made, usage};
use super::read::{Lead, unknown_lead};
use crate::Engine;
use firmograph_core::{Error, ErrorKind, Position, Timestamp, company_key_kind};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// What a refresh did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeadRefresh {
    /// The run.
    pub run: i64,
    /// The lead: its id is another one where its company or person is known by a better key now; the old one finds it still.
    pub id: String,
    /// How far it has come.
    pub status: String,
    /// Whether the very same was attached before.
    pub was_known: bool,
    /// What does not fit together in it: kind, place, expected and found.
    pub findings: Vec<[String; 4]>,
}

impl Engine {
    /// Attaches research, a score or both to a lead, in one transaction. Each is JSON, or text with JSON in a fence as agents reply.
    ///
    /// # Errors
    /// `unknown-lead` and `not-json` (data), `nothing-to-attach` and `refresh-other-lead` (usage): nothing is changed then.
    pub async fn refresh_lead(
        &mut self,
        id: &str,
        research: Option<&str>,
        icp: Option<&str>,
        now: Timestamp,
    ) -> Result<LeadRefresh, Error> {
        let research = research.map(|text| reply(text, "research")).transpose()?;
        let icp = icp.map(|text| reply(text, "icp")).transpose()?;
        if research.is_none() && icp.is_none() {
            let help = "give research, a score, or both";
            return Err(usage("nothing-to-attach", "neither research nor a score is given", help));
        }
        let lead = self.lead(id).await?.ok_or_else(|| unknown_lead(id))?;
        let before = self.store.lead_documents(Some(("lead_id", &[&lead.id]))).await?;
        let mut document = Map::new();
        document.insert("lead_input".to_owned(), self.identity(&lead).await?);
        let status = if icp.is_some() { "icp_scored" } else { "researched" };
        let parts = [("research", research), ("icp", icp)];
        document.extend(parts.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
        document.insert("status".to_owned(), status.into());
        document.insert("updatedAt".to_owned(), now.to_string().into());
        let document = Value::Object(document);
        let findings = check(&Document::read(&document));
        let mut made = Made::new()?;
        let payload = made.add(&document, Position { record: 1, line: 1 }, Some(now))?;
        let report = self.begin_made(&format!("refresh of lead {}", lead.id), made, now).await?;
        let done = async {
            let noted = self.store.lead_documents_of(&[payload]).await?;
            let own = noted.into_iter().find_map(|one| one.lead_id);
            let earlier: Vec<_> = before.iter().map(|one| one.payload).collect();
            let earlier = self.store.lead_documents_of(&earlier).await?;
            let Some(own) = own.filter(|own| earlier.iter().any(|one| one.lead_id.as_ref() == Some(own)))
            else {
                let message = format!("what is said is of another company or person than lead {}", lead.id);
                let help =
                    "see `firmograph duplicates`: join the keys first, or import it as a lead of its own";
                return Err(usage("refresh-other-lead", message, help));
            };
            let lead = self.lead(&own).await?.ok_or_else(|| unknown_lead(&own))?;
            let findings = findings
                .into_iter()
                .map(|one| [one.code.to_owned(), one.path, one.expected, one.found])
                .collect();
            let was_known = report.tally.accepted == 0;
            Ok(LeadRefresh { run: report.run, id: lead.id, status: lead.status, was_known, findings })
        };
        let done = done.await;
        self.end_made(&report, done, now).await
    }

    /// By what the lead is known, so that the document is about nobody else.
    async fn identity(&mut self, lead: &Lead) -> Result<Value, Error> {
        let text = |name: &str| lead.columns[name].as_str().unwrap_or_default().to_owned();
        let payloads = self.store.lead_payloads(Some(("lead_id", &[&lead.id]))).await?;
        let newest = payloads.into_iter().max_by_key(|one| (one.document.observed_at, one.document.payload));
        let document = newest.and_then(|one| json::parse(&one.body)).map(|value| Document::read(&value));
        let company = document.and_then(|document| document.companies.into_iter().next()).unwrap_or_default();
        let mut identity = json!({ "name": text("name"), "title": text("title"), "company": company, "email": text("email") });
        let (company_key, person_key) = (text("company_key"), text("person_key"));
        match company_key_kind(&company_key) {
            _ if company_key.is_empty() => {}
            "domain" => identity["company_domain"] = company_key.into(),
            "linkedin" => identity["company_linkedin_url"] = format!("https://www.{company_key}").into(),
            _ => {
                identity["known_as"] = identity["company"].clone();
                let country = company_key.rsplit_once('|').map_or("", |(_, country)| country);
                identity["company_country"] = country.into();
            }
        }
        if person_key.starts_with("linkedin.com/") {
            identity["linkedin_url"] = format!("https://www.{person_key}").into();
        }
        Ok(identity)
    }
}

/// The object that an agent replied: as it is, in a fence, under the key of what was asked for, or as the text of a `response`.
fn reply(text: &str, key: &str) -> Result<Value, Error> {
    let refused = |why: String| {
        Error::new(ErrorKind::Data, "not-json", format!("the {key} is no JSON object: {why}"))
            .with_help("give what the agent replied, as JSON or in a ```json fence")
    };
    // A fence may stand within a string of what is JSON as it is.
    let value: Value = serde_json::from_str(text)
        .or_else(|_| serde_json::from_str(unfenced(text)))
        .map_err(|error| refused(error.to_string()))?;
    let value = json::plain(value);
    if let Some(inner) = value.get("response").and_then(Value::as_str) {
        return reply(inner, key);
    }
    let inner = at(&value, key);
    let value = if inner.is_object() { inner.clone() } else { value };
    match &value {
        Value::Object(_) if json::says_something(&value) => Ok(value),
        Value::Object(_) => Err(refused("it says nothing".to_owned())),
        other => Err(refused(format!("it is {}", other.to_string().chars().take(40).collect::<String>()))),
    }
}

/// What stands between the first fence and the next, or all where there is none.
fn unfenced(text: &str) -> &str {
    let Some((_, behind)) = text.split_once("```") else { return text.trim() };
    let behind =
        behind.split_once('\n').map_or(behind, |(word, rest)| if word.contains('{') { behind } else { rest });
    behind.rsplit_once("```").map_or(behind, |(inside, _)| inside).trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_are_read_as_agents_write_them() {
        let bare = json!({ "icp_score": 92 });
        let fenced = "Here it is:\n```json\n{\"icp_score\": 92}\n```\nDone.";
        let wrapped = json!({ "response": fenced }).to_string();
        for text in [
            "{\"icp_score\": 92}",
            fenced,
            "```{\"icp_score\": 92}```",
            &wrapped,
            "{\"icp\": {\"icp_score\": 92}}",
        ] {
            assert_eq!(reply(text, "icp").unwrap(), bare, "{text}");
        }
        for text in [
            "I could not find anything.",
            "[1]",
            "{}",
            "{\"icp_score\": 0}",
            "```json\n{\"icp_score\": 92\n```",
        ] {
            assert_eq!(reply(text, "icp").unwrap_err().code(), "not-json", "{text}");
        }
    }
}
