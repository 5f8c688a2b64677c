use crate::Done;
use crate::args::{ExplainArgs, Format, KeyArg};
use crate::output::{Output, Row, cell, chosen};
use firmograph::{Engine, Entity, EntityKind, Error, ErrorKind, entity_json, find_attribute};
use serde_json::{Map, Value};
use std::process::ExitCode;

pub(crate) async fn company(database: &str, format: Option<Format>, arg: &KeyArg) -> Done {
    show_found(database, format, EntityKind::Company, &arg.key).await
}

pub(crate) async fn person(database: &str, format: Option<Format>, arg: &KeyArg) -> Done {
    show_found(database, format, EntityKind::Person, &arg.key).await
}

async fn show_found(database: &str, format: Option<Format>, kind: EntityKind, key: &str) -> Done {
    let found = Engine::open(database).await?.find(kind, key).await?;
    let entity = found.ok_or_else(|| {
        Error::new(ErrorKind::Data, "unknown-key", format!("the database knows nothing about {key:?}"))
            .with_help("companies are found by domain or LinkedIn page, persons by e-mail address or LinkedIn profile")
    })?;
    show(&entity, format)
}

pub(crate) async fn explain(database: &str, format: Option<Format>, args: &ExplainArgs) -> Done {
    // Refused before a database is made that nothing would be read from.
    args.attribute.as_deref().map(|name| find_attribute(name, None)).transpose()?;
    let explained = Engine::open(database).await?.explain(&args.key, args.attribute.as_deref()).await?;
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

/// One explanation in lines: the winner and each loser, with the standard value, why, what was said, by which rule, and by which
/// payload.
fn for_people(value: &Value) -> String {
    let mut out = format!("{}: {}\n", cell(&value["key"]), cell(&value["attribute"]));
    let winner = &value["winner"];
    let won = [cell(&value["won_because"]), cell(&value["why"])];
    out.push_str(&said(winner, "won", &won));
    for loser in value["losers"].as_array().into_iter().flatten() {
        let lost = [cell(&loser["lost_because"]), cell(&loser["why"])];
        out.push_str(&said(loser, "lost", &lost));
    }
    out
}

fn said(said: &Value, how: &str, [code, why]: &[String; 2]) -> String {
    let parts = |object: &Value, shown: fn(&Value) -> String| -> String {
        let parts = object.as_object().into_iter().flatten();
        let parts = parts.filter(|(name, value)| *name != "evidence" && !value.is_null());
        parts.map(|(name, value)| format!("{name} {}", shown(value))).collect::<Vec<_>>().join(", ")
    };
    let quoted = |object: &Value| parts(object, Value::to_string);
    let matched = &said["matched"];
    let value = if matched.is_null() { "no standard value".to_owned() } else { parts(matched, cell) };
    let mut lines = vec![
        format!("  {how:<4} {}: {value}", cell(&said["source"])),
        format!("why      {why} ({code})"),
        format!("raw      {}", quoted(&said["raw"])),
    ];
    let evidence = &matched["evidence"];
    if evidence.is_object() {
        lines.push(format!(
            "rule     {} of {}, bytes {} to {}, confidence {}",
            cell(&evidence["rule"]),
            cell(&evidence["reference"]),
            cell(&evidence["span"][0]),
            cell(&evidence["span"][1]),
            cell(&evidence["confidence"]),
        ));
    }
    let place = match said["file"].as_str() {
        Some(file) => format!(", {file} line {}", cell(&said["line"])),
        None => String::new(),
    };
    let more = match said["payloads"].as_u64() {
        Some(payloads) if payloads > 1 => format!(" and {} more", payloads - 1),
        _ => String::new(),
    };
    lines.push(format!("payload  {}{place}{more}", cell(&said["payload"])));
    let observed = said["observed_at"].as_str().unwrap_or("at a time not known");
    let stored = said["stored_at"].as_str().unwrap_or("at a time not known");
    lines.push(format!("time     observed {observed}, stored {stored}"));
    if let Some(others) = said["also_said"].as_array().filter(|others| !others.is_empty()) {
        let first = quoted(&others[0]["raw"]);
        let rest = if others.len() > 1 { format!(" and {} others", others.len() - 1) } else { String::new() };
        lines.push(format!("also     {first}{rest}"));
    }
    let pin = &said["pin"];
    if pin.is_object() {
        let until = pin["expires_at"].as_str().map_or_else(String::new, |at| format!(", until {at}"));
        lines.push(format!("pin      by {}: {}{until}", cell(&pin["author"]), cell(&pin["reason"])));
    }
    lines.join("\n       ") + "\n"
}
