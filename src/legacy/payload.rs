//! A direct write as a payload: everything that its program said of the row so far. An update says the columns that it gave
//! another value; what stood in the row before may be what others said, and is not put into its mouth.

use firmograph_core::{EntityKind, Error, ErrorKind};
use firmograph_store::DirectWrite;
use serde_json::{Map, Value};

/// Columns that say of whom the row speaks, and when it was written: always said.
const ALWAYS: &[&str] = &["id", "domain", "email", "companyId", "updatedAt"];

/// Columns that say nothing about whom the row speaks of: who wrote it and when, and what is made of others.
const OURS: &[&str] = &[
    "id",
    "createdAt",
    "updatedAt",
    "externalSource",
    "externalId",
    "key",
    "keyKind",
    "provenance",
    "employeeRange",
    "revenueRange",
    "fundingRange",
    "legalForm",
    "standardizedJobTitleLevelId",
    "cleanedJobTitle",
    "seniority",
    "jobFunction",
];

/// What a program said of a row by a write and all before it, by column.
///
/// # Errors
/// `database-shape` (environment) where what was noted is no row.
pub(super) fn said(before: Option<&str>, write: &DirectWrite) -> Result<Map<String, Value>, Error> {
    // A row that is inserted begins anew: one that was there under its id was deleted.
    let mut said: Map<String, Value> = match before.filter(|_| write.operation != "insert") {
        Some(before) => parsed(write, before)?,
        None => Map::new(),
    };
    let row: Map<String, Value> = parsed(write, &write.written)?;
    let stood: Map<String, Value> = match &write.before {
        Some(stood) => parsed(write, stood)?,
        None => Map::new(),
    };
    for (column, value) in row {
        let is_said = !OURS.contains(&column.as_str()) && !value.is_null();
        if is_said && stood.get(&column) != Some(&value) {
            said.insert(column, value);
        }
    }
    said.sort_keys();
    Ok(said)
}

/// The payload of a direct write of which it is known what was said: always the same text for the same write.
///
/// # Errors
/// `database-shape` (environment) where what was noted is no row.
pub(super) fn of(write: &DirectWrite) -> Result<String, Error> {
    let row: Map<String, Value> = parsed(write, &write.written)?;
    let said: Map<String, Value> = parsed(write, write.said.as_deref().unwrap_or("{}"))?;
    let always = ALWAYS.iter().filter_map(|column| Some((*column, row.get(*column)?)));
    let others = said.iter().filter(|(column, _)| !ALWAYS.contains(&column.as_str()));
    let mut told: Map<String, Value> = always
        .filter(|(_, value)| !value.is_null())
        .map(|(column, value)| (column.to_owned(), value.clone()))
        .collect();
    if let Some(company) = &write.works_for {
        told.insert("companyDomain".to_owned(), Value::from(company.as_str()));
    }
    // PostgreSQL gives the keys of what it keeps in an order of its own.
    let mut others: Vec<_> = others.map(|(column, value)| (column.clone(), value.clone())).collect();
    others.sort_by(|a, b| a.0.cmp(&b.0));
    told.extend(others);
    let table = match write.entity {
        EntityKind::Company => "Company",
        EntityKind::Person => "Prospect",
    };
    let mut payload = Map::new();
    payload.insert("table".to_owned(), Value::from(table));
    payload.insert("operation".to_owned(), Value::from(write.operation.as_str()));
    payload.insert("row".to_owned(), Value::Object(told));
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

    fn write(entity: EntityKind, before: &str, written: &str) -> DirectWrite {
        DirectWrite {
            id: 1,
            entity,
            row_id: "x".to_owned(),
            operation: "update".to_owned(),
            before: Some(before.to_owned()),
            written: written.to_owned(),
            said: None,
            works_for: None,
            written_at: None,
        }
    }

    #[test]
    fn what_was_said_is_gathered_and_nothing_else_is_told() {
        let row = r#"{"id":"a","domain":"acme.com","name":"Acme","city":"Lyon","country":"France","phone":null,"provenance":"{}"}"#;
        let mut first = write(EntityKind::Company, &row.replace("Lyon", "Paris"), row);
        let told = said(Some(r#"{"phone":"617","city":"Paris"}"#), &first).unwrap();
        first.said = Some(Value::Object(told).to_string());
        assert_eq!(first.said.as_deref(), Some(r#"{"city":"Lyon","phone":"617"}"#));
        assert_eq!(
            of(&first).unwrap(),
            r#"{"table":"Company","operation":"update","row":{"id":"a","domain":"acme.com","city":"Lyon","phone":"617"}}"#
        );
    }

    #[test]
    fn a_row_that_is_inserted_again_says_nothing_of_before() {
        let again = DirectWrite {
            operation: "insert".to_owned(),
            ..write(EntityKind::Company, "{}", r#"{"id":"a","city":"Lyon"}"#)
        };
        let told = said(Some(r#"{"phone":"617"}"#), &again).unwrap();
        assert_eq!(Value::Object(told).to_string(), r#"{"city":"Lyon"}"#);
    }

    #[test]
    fn what_is_no_row_is_an_error() {
        let error = said(None, &write(EntityKind::Company, "{}", "nothing")).unwrap_err();
        assert_eq!(error.code(), "database-shape");
    }
}
