use crate::Done;
use crate::args::{ExplainArgs, Format, KeyArg};
use crate::output::{Output, Row, cell, chosen};
use firmograph::{
    Attribute, Engine, Entity, EntityKind, Error, ErrorKind, entity_json, explain_json, key_of_text,
};
use serde_json::{Map, Value};
use std::process::ExitCode;

pub(crate) async fn company(database: &str, format: Option<Format>, arg: &KeyArg) -> Done {
    let mut engine = Engine::open(database).await?;
    let entity = find_company(&mut engine, &arg.key).await?.ok_or_else(|| unknown(&arg.key))?;
    show(&entity, format)
}

pub(crate) async fn person(database: &str, format: Option<Format>, arg: &KeyArg) -> Done {
    let mut engine = Engine::open(database).await?;
    let entity = find_person(&mut engine, &arg.key).await?.ok_or_else(|| unknown(&arg.key))?;
    show(&entity, format)
}

pub(crate) async fn explain(database: &str, format: Option<Format>, args: &ExplainArgs) -> Done {
    let only = args.attribute.as_deref().map(attribute).transpose()?;
    let mut engine = Engine::open(database).await?;
    let person = find_person(&mut engine, &args.key).await?;
    let entity = match person {
        Some(person) => Some(person),
        None => find_company(&mut engine, &args.key).await?,
    };
    let entity = entity.ok_or_else(|| unknown(&args.key))?;
    let explained = explain_json(&entity, only);
    if explained.is_empty() {
        eprintln!("no source says anything about it");
    }
    let format = chosen(format);
    if format == Format::Table {
        for value in &explained {
            println!("{}", for_people(value));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let rows = explained.into_iter().filter_map(|value| match value {
        Value::Object(row) => Some(row),
        _ => None,
    });
    Output::stdout(format).rows(rows)?;
    Ok(ExitCode::SUCCESS)
}

async fn find_company(engine: &mut Engine, key: &str) -> Result<Option<Entity>, Error> {
    engine.entity(EntityKind::Company, &key_of_text(EntityKind::Company, key)).await
}

async fn find_person(engine: &mut Engine, key: &str) -> Result<Option<Entity>, Error> {
    engine.entity(EntityKind::Person, &key_of_text(EntityKind::Person, key)).await
}

fn attribute(name: &str) -> Result<Attribute, Error> {
    Attribute::from_name(name).ok_or_else(|| {
        let names: Vec<_> = Attribute::ALL.iter().map(|attribute| attribute.spec().name).collect();
        Error::new(ErrorKind::Usage, "unknown-attribute", format!("{name:?} is not an attribute"))
            .with_help(format!("use one of {}", names.join(", ")))
    })
}

fn unknown(key: &str) -> Error {
    Error::new(ErrorKind::Data, "unknown-key", format!("the database knows nothing about {key:?}")).with_help(
        "companies are found by domain or LinkedIn page, persons by e-mail address or LinkedIn profile",
    )
}

pub(crate) fn show(entity: &Entity, format: Option<Format>) -> Done {
    let object = entity_json(entity);
    let format = chosen(format);
    if format != Format::Table {
        Output::stdout(format).rows([object])?;
        return Ok(ExitCode::SUCCESS);
    }
    let rows = object.iter().filter(|(name, value)| *name != "provenance" && !value.is_null());
    let rows = rows.map(|(name, value)| pair("field", name, "value", &cell(value)));
    Output::stdout(format).rows(rows)?;
    if let Some(Value::Object(provenance)) = object.get("provenance") {
        let rows = provenance.iter().map(|(attribute, won)| {
            let mut row = pair("attribute", attribute, "source", &cell(&won["source"]));
            row.insert("rule".to_owned(), won["rule"].clone());
            row.insert("sources".to_owned(), won["sources"].clone());
            row
        });
        Output::stdout(format).rows(rows)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn pair(a: &str, b: &str, c: &str, d: &str) -> Row {
    Map::from_iter([(a.to_owned(), Value::from(b)), (c.to_owned(), Value::from(d))])
}

/// One explanation as a few lines.
fn for_people(value: &Value) -> String {
    let mut out = format!("{}: {}\n", cell(&value["key"]), cell(&value["attribute"]));
    let said = |said: &Value| {
        let raw: Vec<_> = said["raw"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(part, text)| format!("{part} {:?}", cell(text)))
            .collect();
        let matched = said["matched"].as_object().map_or_else(
            || "no standard value".to_owned(),
            |columns| {
                let evidence = &columns["evidence"];
                let values: Vec<_> = columns
                    .iter()
                    .filter(|(name, value)| *name != "evidence" && !value.is_null())
                    .map(|(name, value)| format!("{name} {}", cell(value)))
                    .collect();
                format!(
                    "{} by {} ({}, confidence {})",
                    values.join(", "),
                    cell(&evidence["rule"]),
                    cell(&evidence["reference"]),
                    cell(&evidence["confidence"])
                )
            },
        );
        let others = said["also_said"].as_array().map_or(0, Vec::len);
        let also = if others == 0 { String::new() } else { format!("; it also gave {others} other values") };
        format!(
            "{} said {} -> {matched} [{} payloads, such as {}{}{also}]",
            cell(&said["source"]),
            raw.join(", "),
            cell(&said["payloads"]),
            cell(&said["payload"]),
            said["observed_at"].as_str().map_or_else(String::new, |time| format!(", observed {time}")),
        )
    };
    out.push_str(&format!("  won ({}): {}\n", cell(&value["won_because"]), said(&value["winner"])));
    for loser in value["losers"].as_array().into_iter().flatten() {
        out.push_str(&format!("  lost ({}): {}\n", cell(&loser["lost_because"]), said(loser)));
    }
    out
}
