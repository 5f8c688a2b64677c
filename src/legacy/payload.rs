//! A direct write as a payload: the columns of the attributes that it changed, as they stood after it. The parts of an attribute
//! are a coherent group, so all of them are said with the one that changed.

use firmograph_core::{EntityKind, Error, ErrorKind};
use firmograph_store::DirectWrite;
use serde_json::{Map, Value};

/// Columns that are said together, by golden table.
const COMPANY: &[&[&str]] = &[
    &["name"],
    &["industry"],
    &["minEmployeeSize", "maxEmployeeSize", "employeeSizeLink"],
    &["revenue"],
    &["address", "city", "state", "country", "zipCode"],
    &["phone", "mobilePhone", "website", "linkedinUrl"],
    &["companyType"],
    &["description"],
];
const PERSON: &[&[&str]] = &[
    &["salutation", "firstName", "lastName"],
    // Made of the others in rows of ours, so it is said only where it was written.
    &["fullName"],
    &["jobTitle", "jobTitleLevel", "department", "jobTitleLink"],
    &["address", "city", "state", "country", "zipCode"],
    &["phone", "mobilePhone", "linkedinUrl"],
];
/// Columns that say of whom the row speaks, and when it was written: always said.
const ALWAYS: &[&str] = &["id", "domain", "email", "companyId", "updatedAt"];

/// The payload of a direct write, always the same text for the same write.
///
/// # Errors
/// `database-shape` (environment) where what was noted is no row.
pub(super) fn of(write: &DirectWrite) -> Result<String, Error> {
    let row: Map<String, Value> = parsed(write, &write.written)?;
    let changed: Vec<String> = parsed(write, &write.changed)?;
    let (table, groups) = match write.entity {
        EntityKind::Company => ("Company", COMPANY),
        EntityKind::Person => ("Prospect", PERSON),
    };
    let is_said = |group: &&&[&str]| group.iter().any(|column| changed.iter().any(|name| name == column));
    let columns = ALWAYS.iter().chain(groups.iter().filter(is_said).copied().flatten());
    let mut said: Map<String, Value> = columns
        .filter_map(|column| {
            Some(((*column).to_owned(), row.get(*column).filter(|value| !value.is_null())?.clone()))
        })
        .collect();
    if let Some(company) = &write.works_for {
        said.insert("companyDomain".to_owned(), Value::from(company.as_str()));
    }
    let mut payload = Map::new();
    payload.insert("table".to_owned(), Value::from(table));
    payload.insert("operation".to_owned(), Value::from(write.operation.as_str()));
    payload.insert("row".to_owned(), Value::Object(said));
    Ok(Value::Object(payload).to_string())
}

fn parsed<T: serde::de::DeserializeOwned>(write: &DirectWrite, json: &str) -> Result<T, Error> {
    serde_json::from_str(json).map_err(|error| {
        let message = format!("what was noted of a write to row {:?} cannot be read: {error}", write.row_id);
        Error::new(ErrorKind::Environment, "database-shape", message)
            .with_help("the table raw.direct_writes was changed by hand or by another version")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(entity: EntityKind, changed: &str, written: &str, works_for: Option<&str>) -> DirectWrite {
        DirectWrite {
            id: 1,
            entity,
            row_id: "x".to_owned(),
            operation: "update".to_owned(),
            changed: changed.to_owned(),
            written: written.to_owned(),
            works_for: works_for.map(str::to_owned),
            written_at: None,
        }
    }

    #[test]
    fn the_group_of_what_changed_is_said_whole_and_nothing_else() {
        let row = r#"{"id":"a","domain":"acme.com","name":"Acme","city":"Lyon","country":"France","phone":null,"provenance":"{}"}"#;
        let payload = of(&write(EntityKind::Company, r#"["city"]"#, row, None)).unwrap();
        assert_eq!(
            payload,
            r#"{"table":"Company","operation":"update","row":{"id":"a","domain":"acme.com","city":"Lyon","country":"France"}}"#
        );
        let row =
            r#"{"id":"p","email":"a@acme.com","firstName":"Ada","fullName":"Old Name","companyId":"c"}"#;
        let payload = of(&write(EntityKind::Person, r#"["firstName"]"#, row, Some("acme.com"))).unwrap();
        assert!(
            !payload.contains("Old Name") && payload.contains(r#""companyDomain":"acme.com""#),
            "{payload}"
        );
    }

    #[test]
    fn what_is_no_row_is_an_error() {
        let error = of(&write(EntityKind::Company, "[]", "nothing", None)).unwrap_err();
        assert_eq!(error.code(), "database-shape");
    }
}
