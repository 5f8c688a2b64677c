use crate::documents::{Documents, Sets};
use crate::evaluate::set_by;
use crate::header::{self, Target};
use crate::mapping::{Mapping, Rule, Unit, is_same_column, unknown_column};
use crate::path::parted;
use crate::tabular::set;
use crate::tree::Node;
use firmograph_core::{Error, Field, FieldSet, FieldSetBuilder};
use std::borrow::Cow;

/// Reads the rows of a table with given column names.
pub(crate) struct Rows {
    names: Vec<String>,
    reading: Reading,
    builder: FieldSetBuilder,
}

enum Reading {
    /// Cells fill fields as they are.
    Cells { records: Vec<Plan>, mapping: Option<Box<Mapping>> },
    /// Each row is a document: a mapping chooses by content, or leads into JSON that stands in a cell.
    Documents(Box<Documents>),
}

/// What fills the fields of one record: a field's columns stand in the order in which they are tried.
#[derive(Debug, Default, PartialEq, Eq)]
struct Plan {
    columns: Vec<(Field, usize)>,
    constants: Vec<(Field, String)>,
}

/// Whether a mapping is one for a table of these columns.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    No,
    /// What stands in the cells decides.
    ByRow,
    Yes,
}

impl Rows {
    /// Plans a table: the first of `mappings` that fits, then recognition of its headers.
    pub(crate) fn new(names: &[String], mappings: &[Mapping]) -> Result<Rows, Error> {
        Rows::planned(names, mappings, true)
    }

    /// As [`Rows::new`], for rows that may lack columns which a mapping names.
    pub(crate) fn of_part(names: &[String], mappings: &[Mapping]) -> Result<Rows, Error> {
        Rows::planned(names, mappings, false)
    }

    fn planned(names: &[String], mappings: &[Mapping], is_whole: bool) -> Result<Rows, Error> {
        let fitting: Vec<(&Mapping, Fit)> = mappings
            .iter()
            .map(|mapping| (mapping, fit(mapping, names)))
            .filter(|(_, fit)| *fit != Fit::No)
            .collect();
        let mapping = fitting.first().map(|(mapping, _)| *mapping);
        let by_row =
            fitting.first().is_some_and(|&(mapping, fit)| fit == Fit::ByRow || needs_tree(mapping, names));
        let checked = match (is_whole, by_row) {
            (false, _) => 0,
            (true, true) => fitting.len(),
            (true, false) => fitting.len().min(1),
        };
        for (mapping, _) in &fitting[..checked] {
            check(mapping, names)?;
        }
        let reading = if by_row {
            let adapted = fitting.iter().map(|(mapping, _)| adapted(mapping, names));
            Reading::Documents(Box::new(Documents::new(adapted.collect())))
        } else {
            Reading::Cells { records: plan(names, mapping), mapping: mapping.cloned().map(Box::new) }
        };
        Ok(Rows { names: names.to_vec(), reading, builder: FieldSetBuilder::default() })
    }

    /// The fields of one row, of which `cell` gives the text by column.
    pub(crate) fn read<'c>(&mut self, cell: impl Fn(usize) -> &'c str) -> Sets {
        match &mut self.reading {
            Reading::Cells { records, mapping: None } if records.len() == 1 => {
                // The hottest loop of reading: a table without a mapping.
                for &(field, column) in &records[0].columns {
                    set(&mut self.builder, field, cell(column));
                }
                Sets { first: self.builder.build(), also: Vec::new() }
            }
            Reading::Cells { records, mapping } => {
                let mut sets =
                    records.iter().map(|plan| plan.fill(mapping.as_deref(), &cell, &mut self.builder));
                let first = sets.next();
                let also = sets.collect();
                Sets { first: first.unwrap_or_else(|| self.builder.build()), also }
            }
            Reading::Documents(documents) => {
                let entries = self.names.iter().enumerate().map(|(column, name)| {
                    let node = Node::of_text(Cow::Borrowed(cell(column)), true);
                    (Cow::Borrowed(name.as_str()), node)
                });
                documents.read(&Node::Object(entries.collect()), None)
            }
        }
    }

    /// Which column fills which field.
    pub(crate) fn mapped(&self) -> Vec<(Field, String)> {
        match &self.reading {
            Reading::Cells { records, .. } => {
                let planned = records.iter().flat_map(|plan| &plan.columns);
                planned.map(|&(field, column)| (field, self.names[column].clone())).collect()
            }
            Reading::Documents(documents) => documents
                .mappings()
                .iter()
                .flat_map(Mapping::fields)
                .flat_map(|(field, paths)| paths.iter().map(move |path| (field, path.clone())))
                .collect(),
        }
    }

    /// The field that `column` fills.
    pub(crate) fn field_of(&self, column: usize) -> Option<Field> {
        match &self.reading {
            Reading::Cells { records, .. } => {
                let mut planned = records.iter().flat_map(|plan| &plan.columns);
                planned.find(|(_, of)| *of == column).map(|(field, _)| *field)
            }
            Reading::Documents(_) => {
                let name = &self.names[column];
                let mapped = self.mapped();
                mapped
                    .into_iter()
                    .find(|(_, path)| path == name || leads_into(path, name))
                    .map(|(field, _)| field)
            }
        }
    }

    /// Whether what stands in `column` may matter.
    pub(crate) fn reads(&self, column: &str) -> bool {
        match &self.reading {
            Reading::Cells { .. } => self
                .names
                .iter()
                .position(|name| name == column)
                .is_some_and(|at| self.field_of(at).is_some()),
            Reading::Documents(documents) => documents.reads(column),
        }
    }

    /// The mappings by which rows are read.
    pub(crate) fn mappings(&self) -> &[Mapping] {
        match &self.reading {
            Reading::Cells { mapping, .. } => mapping.as_deref().map_or(&[], std::slice::from_ref),
            Reading::Documents(documents) => documents.mappings(),
        }
    }
}

impl Plan {
    fn fill<'c>(
        &self,
        mapping: Option<&Mapping>,
        cell: &impl Fn(usize) -> &'c str,
        builder: &mut FieldSetBuilder,
    ) -> FieldSet {
        for &(field, column) in &self.columns {
            match mapping {
                Some(mapping) => set_by(mapping, builder, field, cell(column)),
                None => set(builder, field, cell(column)),
            }
        }
        for (field, text) in &self.constants {
            set(builder, *field, text);
        }
        builder.build()
    }
}

fn column_of(names: &[String], path: &str) -> Option<usize> {
    let exact = names.iter().position(|name| name == path);
    exact.or_else(|| names.iter().position(|name| is_same_column(path, name)))
}

/// Whether `path` goes on behind the column's name.
fn leads_into(path: &str, name: &str) -> bool {
    path.strip_prefix(name).is_some_and(|rest| !name.is_empty() && rest.starts_with(['.', '[']))
}

fn leads_into_any(path: &str, names: &[String]) -> bool {
    names.iter().any(|name| leads_into(path, name))
}

fn fit(mapping: &Mapping, names: &[String]) -> Fit {
    let when = &mapping.when;
    let fit = |path: &str, there: Fit| match column_of(names, path) {
        Some(_) => there,
        None if leads_into_any(path, names) => Fit::ByRow,
        None => Fit::No,
    };
    let mut fits: Vec<Fit> = when.has.iter().map(|path| fit(path, Fit::Yes)).collect();
    fits.extend(when.equals.iter().map(|(path, _)| fit(path, Fit::ByRow)));
    let any = when.any.iter().map(|condition| match parted(condition) {
        (path, Some(_)) => fit(path, Fit::ByRow),
        (path, None) => fit(path, Fit::Yes),
    });
    fits.extend(any.max());
    fits.into_iter().min().unwrap_or(Fit::Yes)
}

/// Whether cells cannot simply be taken over.
fn needs_tree(mapping: &Mapping, names: &[String]) -> bool {
    let is_led = |path: &str| column_of(names, path).is_none() && leads_into_any(path, names);
    !mapping.pick.is_empty()
        || mapping.rules().any(|rule| !rule.each.is_empty() || !rule.says.is_empty())
        || mapping.rules().flat_map(Rule::paths).any(is_led)
}

/// What a user's own mapping names must be there.
fn check(mapping: &Mapping, names: &[String]) -> Result<(), Error> {
    if !mapping.is_own {
        return Ok(());
    }
    let is_there = |path: &String| {
        path.starts_with('$') || column_of(names, path).is_some() || leads_into_any(path, names)
    };
    if let Some((field, columns)) = mapping.fields().find(|(_, columns)| !columns.iter().any(is_there)) {
        return Err(unknown_column(&columns[0], names, &format!("the mapping fills {field} from it")));
    }
    match mapping.ignore.iter().find(|name| !is_there(name)) {
        Some(name) if mapping.when.is_always() => Err(unknown_column(name, names, "the mapping ignores it")),
        _ => Ok(()),
    }
}

/// The mapping with every path that is meant for a column written as the column is.
fn adapted(mapping: &Mapping, names: &[String]) -> Mapping {
    let mut mapping = mapping.clone();
    let adapt = |path: &mut String| {
        if !leads_into_any(path, names)
            && let Some(column) = column_of(names, path)
        {
            path.clone_from(&names[column]);
        }
    };
    mapping.when.has.iter_mut().for_each(adapt);
    mapping.when.equals.iter_mut().for_each(|(path, _)| adapt(path));
    for rule in std::iter::once(&mut mapping.common).chain(&mut mapping.records) {
        rule.fields.iter_mut().flat_map(|(_, paths)| paths).for_each(adapt);
        for (_, unit) in &mut rule.units {
            if let Unit::Path(paths) = unit {
                paths.iter_mut().for_each(adapt);
            }
        }
    }
    mapping
}

/// Plans the records of a row: by the mapping first, then by recognising its headers.
fn plan(names: &[String], mapping: Option<&Mapping>) -> Vec<Plan> {
    let Some(mapping) = mapping else {
        let targets: Vec<Target> = names.iter().map(|name| header::look_up(name)).collect();
        let columns = (0..).zip(header::resolve(&targets, &[])).filter_map(|(at, field)| Some((field?, at)));
        return vec![Plan { columns: columns.collect(), constants: Vec::new() }];
    };
    let mut records = Vec::new();
    if mapping.records.is_empty() {
        records.push(planned(names, &[&mapping.common]));
    }
    records.extend(mapping.records.iter().map(|rule| planned(names, &[rule, &mapping.common])));
    if mapping.recognises
        && let [plan] = &mut records[..]
    {
        let given: Vec<Field> = mapping.common.fields.iter().map(|(field, _)| *field).collect();
        // Fields of which a vendor's table lacks every column may be recognised in others.
        let given: Vec<Field> = if mapping.is_own {
            given
        } else {
            given.into_iter().filter(|field| plan.columns.iter().any(|(filled, _)| filled == field)).collect()
        };
        let is_taken = |column: usize| plan.columns.iter().any(|&(_, taken)| taken == column);
        let targets: Vec<Target> = names
            .iter()
            .enumerate()
            .map(|(column, name)| {
                let is_taken = is_taken(column) || mapping.ignores(name);
                if is_taken { Target::default() } else { header::look_up(name) }
            })
            .collect();
        let recognised = (0..).zip(header::resolve(&targets, &given));
        plan.columns.extend(
            recognised.filter_map(|(at, field)| Some((field.filter(|field| !given.contains(field))?, at))),
        );
    }
    records
}

fn planned(names: &[String], rules: &[&Rule]) -> Plan {
    let mut plan = Plan::default();
    for rule in rules {
        let units = rule.units.iter().filter_map(|(field, unit)| match unit {
            Unit::Path(paths) => Some((*field, paths)),
            Unit::Constant(_) => None,
        });
        for (field, paths) in rule.fields.iter().map(|(field, paths)| (*field, paths)).chain(units) {
            plan.columns.extend(paths.iter().filter_map(|path| Some((field, column_of(names, path)?))));
        }
        plan.constants.extend(rule.units.iter().filter_map(|(field, unit)| match unit {
            Unit::Constant(unit) => Some((*field, unit.clone())),
            Unit::Path(_) => None,
        }));
    }
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmograph_core::ErrorKind;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_mapping_wins_for_its_fields_and_the_rest_is_recognised() {
        let mapping =
            Mapping::parse("[fields]\nemail = [\"Mail B\", \"Mail A\"]\nignore = [\"City\"]").unwrap();
        let names = names(&["Email", "Mail A", "Mail B", "City", "Company"]);
        let plan = &plan(&names, Some(&mapping))[0];
        assert_eq!(plan.columns, [(Field::Email, 2), (Field::Email, 1), (Field::CompanyName, 4)]);
    }

    #[test]
    fn a_missing_column_is_suggested() {
        let mapping = Mapping::parse("[fields]\nemail = \"Mial\"").unwrap();
        let error = Rows::new(&names(&["Mail", "Company"]), &[mapping]).err().unwrap();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Usage, "unknown-column"));
        assert!(error.help().unwrap().contains("\"Mail\""));
    }

    #[test]
    fn a_cell_that_holds_json_is_led_into() {
        let mapping =
            Mapping::parse("[fields]\ncompany_name = \"raw.name\"\ncompany_domain = \"host\"").unwrap();
        let mut rows = Rows::new(&names(&["Host", "raw"]), &[mapping]).unwrap();
        let sets = rows.read(|column| ["acme.example", r#"{"name": "Acme"}"#][column]);
        assert_eq!(sets.first.get(Field::CompanyName), Some("Acme"));
        assert_eq!(sets.first.get(Field::CompanyDomain), Some("acme.example"));
        assert_eq!(rows.field_of(1), Some(Field::CompanyName));
    }
}
