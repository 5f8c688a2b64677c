//! A reconciliation for people, and as JSON for programs.

use crate::args::Format;
use crate::ingest::grouped;
use crate::output::{Output, Row, chosen, failed, row_of};
use firmograph::{Error, Finding, IngestReport, Link, Reconciliation, UnplacedValue, ValueClass};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Values shown of each reason.
const SHOWN: usize = 20;
/// Characters shown of a value.
const WIDTH: usize = 60;

/// Keeps what a reconciliation tells on the way, and writes links as they come.
pub(crate) struct Ear {
    unplaced: Vec<UnplacedValue>,
    unlinked: Vec<Link>,
    links: Option<csv::Writer<BufWriter<File>>>,
}

impl Ear {
    pub(crate) fn new(links: Option<&Path>) -> Result<Self, Error> {
        let links = links.map(|path| -> Result<_, Error> {
            let mut file = csv::Writer::from_writer(BufWriter::new(File::create(path).map_err(failed)?));
            file.write_record(["id", "line", "companyId", "prospectId", "reason"])
                .map_err(|error| failed(error.into()))?;
            Ok(file)
        });
        Ok(Ear { unplaced: Vec::new(), unlinked: Vec::new(), links: links.transpose()? })
    }

    pub(crate) fn hear(&mut self, finding: Finding) -> Result<(), Error> {
        match finding {
            Finding::Value(value) => self.unplaced.push(value),
            Finding::Link(link) => {
                if let Some(links) = &mut self.links {
                    let text = |text: &Option<String>| text.clone().unwrap_or_default();
                    let line = link.line.to_string();
                    let ids = [&link.company_id, &link.prospect_id, &link.reason].map(text);
                    let cells = [text(&link.id), line].into_iter().chain(ids);
                    links.write_record(cells).map_err(|error| failed(error.into()))?;
                }
                if link.reason.is_some() {
                    self.unlinked.push(link);
                }
            }
            _ => {}
        }
        Ok(())
    }

    pub(crate) fn finish(&mut self) -> Result<(), Error> {
        self.links.as_mut().map_or(Ok(()), csv::Writer::flush).map_err(failed)
    }
}

/// All of it, as the report's file has it.
#[derive(Serialize)]
struct Whole<'r> {
    run: i64,
    dry_run: bool,
    lost: u64,
    #[serde(flatten)]
    reconciliation: &'r Reconciliation,
    unplaced: &'r [UnplacedValue],
    unlinked: &'r [Link],
}

impl<'r> Whole<'r> {
    fn of(reconciliation: &'r Reconciliation, ear: &'r Ear, ingest: &IngestReport) -> Self {
        Whole {
            run: ingest.run,
            dry_run: ingest.dry_run,
            lost: reconciliation.lost(),
            reconciliation,
            unplaced: &ear.unplaced,
            unlinked: &ear.unlinked,
        }
    }
}

/// The report as a value, with every place that it tells of.
pub(crate) fn whole(reconciliation: &Reconciliation, ear: &Ear, ingest: &IngestReport) -> Row {
    row_of(&Whole::of(reconciliation, ear, ingest))
}

/// Writes the report's file if one is asked for, and the report to stdout in the format asked for: text without one.
pub(crate) fn write_report(
    format: Option<Format>,
    file: Option<&Path>,
    ingest: &IngestReport,
    reconciliation: &Reconciliation,
    ear: &Ear,
) -> Result<(), Error> {
    let whole = Whole::of(reconciliation, ear, ingest);
    if let Some(path) = file {
        write_json(BufWriter::new(File::create(path).map_err(failed)?), &whole, true)?;
    }
    let out = BufWriter::new(std::io::stdout());
    match format {
        Some(Format::Json) => write_json(out, &whole, true),
        Some(Format::Ndjson) => write_json(out, &whole, false),
        Some(Format::Csv) => Output::stdout(chosen(format)).rows(reconciliation.columns.iter().map(row_of)),
        Some(Format::Table) | None => write_text(out, reconciliation, ear).map_err(failed),
    }
}

pub(crate) fn write_json(mut sink: impl Write, whole: &impl Serialize, is_pretty: bool) -> Result<(), Error> {
    let written = match is_pretty {
        true => serde_json::to_writer_pretty(&mut sink, whole),
        false => serde_json::to_writer(&mut sink, whole),
    };
    written.map_err(|error| failed(error.into()))?;
    sink.write_all(b"\n").and_then(|()| sink.flush()).map_err(failed)
}

pub(crate) fn write_text(mut out: impl Write, report: &Reconciliation, ear: &Ear) -> std::io::Result<()> {
    let (records, entities, links) = (&report.records, &report.entities, &report.links);
    writeln!(out, "reconciled {} of source {}", report.files.join(", "), report.source)?;
    let rejected: u64 = records.rejected.values().sum();
    writeln!(
        out,
        "  records    {} read: {} accepted, {rejected} rejected{}, {} repeated, {} blank",
        grouped(records.read),
        grouped(records.accepted),
        because(&records.rejected),
        grouped(records.repeated),
        grouped(records.blank)
    )?;
    writeln!(
        out,
        "  companies  {} keys, {} golden records",
        grouped(entities.company_keys),
        grouped(entities.golden_companies)
    )?;
    writeln!(
        out,
        "  persons    {} keys, {} golden records; {} mailboxes come more than once; {} records name a former employer",
        grouped(entities.person_keys),
        grouped(entities.golden_prospects),
        grouped(entities.repeated_mailboxes),
        grouped(entities.employer_elsewhere)
    )?;
    let sum = |counts: &BTreeMap<String, u64>| grouped(counts.values().sum());
    writeln!(
        out,
        "  linked     {} to both, {} to a company alone{}, {} to a person alone{}, {} to nobody{}",
        grouped(links.both),
        sum(&links.company_only),
        because(&links.company_only),
        sum(&links.person_only),
        because(&links.person_only),
        sum(&links.nobody),
        because(&links.nobody)
    )?;
    if !report.disagreeing.is_empty() {
        writeln!(
            out,
            "  records disagree about{}",
            because(&report.disagreeing).replace(" (", " ").replace(')', "")
        )?;
    }
    writeln!(out, "\n{}", table(report))?;
    for (class, reasons) in &report.reasons {
        writeln!(out, "  {}{}", class.replace('_', " "), because(reasons))?;
    }
    write_conflicts(&mut out, report)?;
    write_values(&mut out, ear)?;
    write_unlinked(&mut out, ear)?;
    let missing = [
        (records.payloads_missing, "payloads are not stored as they were given"),
        (entities.without_golden_record, "keys lead to no golden record"),
    ];
    for (count, what) in missing.into_iter().filter(|(count, _)| *count > 0) {
        writeln!(out, "  LOST: {} {what}", grouped(count))?;
    }
    writeln!(out, "\nlost: {}", grouped(report.lost()))?;
    out.flush()
}

/// The values by column; classes that none has are left out.
fn table(report: &Reconciliation) -> comfy_table::Table {
    let classes: Vec<ValueClass> =
        ValueClass::ALL.into_iter().filter(|&class| report.values.of(class) > 0).collect();
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    let names = classes.iter().map(|class| class.name().replace('_', " "));
    table.set_header(["column".to_owned(), "values".to_owned()].into_iter().chain(names));
    let all = ("all", &report.values);
    for (name, values) in report.columns.iter().map(|c| (c.column.as_str(), &c.values)).chain([all]) {
        let counts = classes.iter().map(|&class| values.of(class));
        let counts = [values.total()].into_iter().chain(counts).map(grouped);
        table.add_row([name.to_owned()].into_iter().chain(counts));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(comfy_table::CellAlignment::Right);
    }
    table
}

/// Where another value is shown, and whose: `same_source` is a newer or better supported one of the same source.
fn write_conflicts(out: &mut impl Write, report: &Reconciliation) -> std::io::Result<()> {
    let contested = || report.places.iter().filter(|place| !place.shown_instead.is_empty());
    if contested().next().is_some() {
        writeln!(out, "\nshown instead of values in conflict:")?;
    }
    for place in contested() {
        writeln!(out, "  {} in {}{}", place.column, place.place, because(&place.shown_instead))?;
    }
    Ok(())
}

fn write_values(out: &mut impl Write, ear: &Ear) -> std::io::Result<()> {
    let mut by_reason: BTreeMap<(&str, &str), Vec<&UnplacedValue>> = BTreeMap::new();
    for value in &ear.unplaced {
        by_reason.entry((value.class.name(), &value.reason)).or_default().push(value);
    }
    for ((class, reason), values) in by_reason {
        writeln!(out, "\n{class}: {reason}, {} values", grouped(values.len() as u64))?;
        for value in values.iter().take(SHOWN) {
            let UnplacedValue { file, line, column, value, .. } = value;
            writeln!(out, "  {file}:{line} {column}: {}", shown(value))?;
        }
        more(out, values.len())?;
    }
    Ok(())
}

fn write_unlinked(out: &mut impl Write, ear: &Ear) -> std::io::Result<()> {
    let mut by_reason: BTreeMap<&str, Vec<&Link>> = BTreeMap::new();
    for link in &ear.unlinked {
        by_reason.entry(link.reason.as_deref().unwrap_or_default()).or_default().push(link);
    }
    for (reason, links) in by_reason {
        writeln!(out, "\nnot linked to both: {reason}, {} records", grouped(links.len() as u64))?;
        for Link { file, line, id, .. } in links.iter().take(SHOWN) {
            writeln!(out, "  {file}:{line} {}", id.as_deref().unwrap_or_default())?;
        }
        more(out, links.len())?;
    }
    Ok(())
}

fn more(out: &mut impl Write, count: usize) -> std::io::Result<()> {
    match count.checked_sub(SHOWN) {
        Some(rest) if rest > 0 => writeln!(out, "  and {} more", grouped(rest as u64)),
        _ => Ok(()),
    }
}

/// A value on one line, cut where it is long; control characters would be obeyed by a terminal.
fn shown(value: &str) -> String {
    let clean: String = value.chars().map(|c| if c.is_control() { ' ' } else { c }).take(WIDTH).collect();
    if value.chars().nth(WIDTH).is_some() { clean + "..." } else { clean }
}

/// ` (3 no-key, 1 bad-date)`; nothing where there is nothing.
fn because(counts: &BTreeMap<String, u64>) -> String {
    let some: Vec<String> =
        counts.iter().map(|(name, count)| format!("{} {name}", grouped(*count))).collect();
    if some.is_empty() { String::new() } else { format!(" ({})", some.join(", ")) }
}
