//! The text of a mapping file, to what it means.

use crate::mapping::{Mapping, Rule, Unit, When, suggestion};
use crate::times;
use firmograph_core::{Error, ErrorKind, Field};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Option<String>,
    source: Option<String>,
    list: Option<String>,
    recognise: Option<bool>,
    #[serde(default)]
    when: FileWhen,
    #[serde(default)]
    pick: Ordered<OneOrMore>,
    #[serde(default)]
    fields: Ordered<OneOrMore>,
    #[serde(default)]
    says: Ordered<Ordered<String>>,
    #[serde(default)]
    units: Ordered<FileUnit>,
    #[serde(default)]
    records: Vec<FileRecord>,
    #[serde(default)]
    blank: Ordered<OneOrMore>,
    #[serde(default)]
    times: FileTimes,
    #[serde(default)]
    ignore: Vec<String>,
}

/// Entries of a table with their places, so that an error can name its line.
type Ordered<T> = BTreeMap<Spanned<String>, T>;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct FileWhen {
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    equals: BTreeMap<String, toml::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRecord {
    each: Option<String>,
    #[serde(default)]
    fields: Ordered<OneOrMore>,
    #[serde(default)]
    says: Ordered<Ordered<String>>,
    #[serde(default)]
    units: Ordered<FileUnit>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct FileTimes {
    #[serde(default)]
    formats: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a column name or a list of column names")]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a unit, or { path = \"where it stands\" }")]
enum FileUnit {
    Constant(String),
    Path { path: OneOrMore },
}

impl OneOrMore {
    fn into_vec(self) -> Vec<String> {
        match self {
            OneOrMore::One(one) => vec![one],
            OneOrMore::More(more) => more,
        }
    }
}

/// The name under which the element of a list is known.
pub(crate) const ITEM: &str = "item";

pub(crate) fn parse(text: &str) -> Result<Mapping, Error> {
    let file: File = toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span.start));
        bad_mapping(line, error.message())
            .with_help("a mapping has a [fields] table (field = \"Column\") and an ignore list")
    })?;
    let mut ignore = file.ignore;
    let mut fields = Vec::new();
    for (name, columns) in in_order(file.fields) {
        if name.get_ref() == "ignore" {
            ignore.extend(columns.into_vec());
        } else {
            fields.push((name, columns));
        }
    }
    let common = rule(text, None, fields, file.says, file.units)?;
    let records = file
        .records
        .into_iter()
        .map(|FileRecord { each, fields, says, units }| rule(text, each, in_order(fields), says, units))
        .collect::<Result<Vec<_>, _>>()?;
    if let Some(format) = file.times.formats.iter().find(|format| !times::is_format(format)) {
        let line = line_of(text, text.find(format.as_str()).unwrap_or(0));
        let error = bad_mapping(line, &format!("{format:?} is no form of a date and a time"));
        return Err(
            error.with_help("write it as strptime does, with year, month and day: %m/%d/%Y, %I:%M %p")
        );
    }
    if file.recognise == Some(true) && !records.is_empty() {
        let line = line_of(text, text.find("recognise").unwrap_or(0));
        return Err(bad_mapping(
            line,
            "of several records nothing is recognised: name what fills their fields",
        ));
    }
    let equals = file.when.equals.into_iter().map(|(path, value)| match value {
        toml::Value::String(text) => (path, text),
        value => (path, value.to_string()),
    });
    let mapping = Mapping {
        text: text.into(),
        name: file.name,
        source: file.source,
        list: file.list,
        when: When { has: file.when.has, equals: equals.collect() },
        pick: in_order(file.pick).into_iter().map(|(n, paths)| (n.into_inner(), paths.into_vec())).collect(),
        recognises: file.recognise.unwrap_or(records.is_empty()),
        common,
        records,
        blank: in_order(file.blank)
            .into_iter()
            .map(|(name, patterns)| Ok((field(text, &name)?, patterns.into_vec())))
            .collect::<Result<Vec<_>, Error>>()?,
        times: file.times.formats,
        ignore,
        is_own: true,
    };
    check_names(text, &mapping)?;
    Ok(mapping)
}

fn rule(
    text: &str,
    each: Option<String>,
    fields: Vec<(Spanned<String>, OneOrMore)>,
    says: Ordered<Ordered<String>>,
    units: Ordered<FileUnit>,
) -> Result<Rule, Error> {
    let mut rule = Rule { each, ..Rule::default() };
    for (name, columns) in fields {
        let (field, columns) = (field(text, &name)?, columns.into_vec());
        if columns.is_empty() {
            let line = line_of(text, name.span().start);
            return Err(bad_mapping(line, &format!("no column is given for {field}")));
        }
        rule.fields.push((field, columns));
    }
    for (condition, said) in in_order(says) {
        let said = in_order(said).into_iter().map(|(name, value)| Ok((field(text, &name)?, value)));
        rule.says.push((condition.into_inner(), said.collect::<Result<Vec<_>, Error>>()?));
    }
    for (name, unit) in in_order(units) {
        let of = match name.get_ref().as_str() {
            "revenue" => Field::RevenueUnit,
            "funding" => Field::FundingUnit,
            "employee_size" => Field::EmployeeUnit,
            other => {
                let line = line_of(text, name.span().start);
                return Err(bad_mapping(line, &format!("{other:?} has no unit"))
                    .with_help("units are those of revenue, funding and employee_size"));
            }
        };
        let unit = match unit {
            FileUnit::Constant(unit) => Unit::Constant(unit),
            FileUnit::Path { path } => Unit::Path(path.into_vec()),
        };
        rule.units.push((of, unit));
    }
    Ok(rule)
}

fn field(text: &str, name: &Spanned<String>) -> Result<Field, Error> {
    Field::from_name(name.get_ref()).ok_or_else(|| {
        let names: Vec<&str> = Field::ALL.iter().map(|field| field.name()).collect();
        let line = line_of(text, name.span().start);
        let error = bad_mapping(line, &format!("there is no field {:?}", name.get_ref()));
        error.with_help(suggestion(name.get_ref(), &names, "the fields are"))
    })
}

/// Refuses a path that begins with a name nobody gave, where names are given at all.
fn check_names(text: &str, mapping: &Mapping) -> Result<(), Error> {
    if mapping.pick.is_empty() && mapping.records.is_empty() {
        return Ok(());
    }
    for path in mapping.paths() {
        let Some((name, _)) = named(path) else { continue };
        if name != ITEM && !mapping.pick.iter().any(|(given, _)| given == name) {
            let line = line_of(text, text.find(path).unwrap_or(0));
            let names: Vec<&str> = mapping.pick.iter().map(|(name, _)| name.as_str()).chain([ITEM]).collect();
            let error = bad_mapping(line, &format!("nothing is called ${name}"));
            return Err(error.with_help(suggestion(name, &names, "there are")));
        }
    }
    Ok(())
}

/// `$role.title` as the name `role` and the rest, dot included.
pub(crate) fn named(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix('$')?;
    Some(rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len())))
}

fn in_order<T>(entries: Ordered<T>) -> Vec<(Spanned<String>, T)> {
    let mut entries: Vec<_> = entries.into_iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

fn bad_mapping(line: usize, message: &str) -> Error {
    Error::new(ErrorKind::Usage, "bad-mapping", format!("mapping, line {line}: {message}"))
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|&byte| byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> (String, String) {
        let error = parse(text).unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Usage, "bad-mapping"));
        (error.to_string(), error.help().unwrap_or_default().to_owned())
    }

    #[test]
    fn errors_name_the_line() {
        assert!(refused("\n[fields]\nemail = \"Mail\"\n\n[feilds]\n").0.contains("line 5"));
        let (message, help) = refused("[fields]\nemail = \"Mail\"\ncompanyname = \"X\"\n");
        assert!(message.contains("line 3") && help.contains("company_name"), "{message} {help}");
        assert!(refused("[fields]\nemail = 3\n").0.contains("line 2"));
        let (message, help) = refused("[[records]]\neach = \"a\"\n[records.fields]\nemail = \"$itm.mail\"\n");
        assert!(message.contains("line 4") && help.contains("item"), "{message} {help}");
        let (message, _) = refused("[units]\n\nindustry = \"SIC\"\n");
        assert!(message.contains("line 3"), "{message}");
        let (message, _) = refused("[fields]\nemail = \"m\"\n[times]\nformats = [\"%H:%M\"]\n");
        assert!(message.contains("line 4"), "{message}");
        let (message, _) = refused("recognise = true\n[[records]]\n[records.fields]\nemail = \"m\"\n");
        assert!(message.contains("line 1"), "{message}");
    }

    #[test]
    fn the_whole_language_is_read() {
        let mapping = parse(
            r#"
            name = "acme_people"
            source = "acme"
            ignore = ["meta"]
            [when]
            has = ["person.name"]
            equals = { kind = "person", version = 2 }
            [pick]
            role = ["jobs[current=true]", "jobs[]"]
            [fields]
            job_title = "$role.title"
            [says]
            "public=true" = { company_type = "Public Company" }
            [units]
            revenue = "million USD"
            funding = { path = "currency" }
            [blank]
            company_city = "http*"
            [times]
            formats = ["%d.%m.%Y"]
            "#,
        )
        .unwrap();
        assert_eq!(mapping.when.equals, [("kind".into(), "person".into()), ("version".into(), "2".into())]);
        assert_eq!(mapping.pick[0].1.len(), 2);
        assert_eq!(mapping.common.units.len(), 2);
        assert!(mapping.recognises && mapping.is_blank(Field::CompanyCity, " http://x "));
    }
}
