//! What is taken of rows that a normalizer has read, and what is not.

use crate::forks::detached;
use firmograph::{Attribute, Coalescer, EntityKind, NormalizedRecord, NormalizedRow, Normalizer};
use firmograph_core::company_key_kind;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::borrow::Cow;

/// Rows that a normalizer has read and not yet given their meaning, with their places among all.
pub(crate) struct Waiting<'py, N> {
    pub(crate) normalizer: N,
    pub(crate) rows: Vec<(usize, Bound<'py, PyDict>)>,
    /// How many rows had theirs before.
    pub(crate) done: u64,
}

impl<'py, R: Send> Waiting<'py, Normalizer<R>> {
    pub(crate) fn new(normalizer: Normalizer<R>) -> Self {
        Waiting { normalizer, rows: Vec::new(), done: 0 }
    }

    /// Gives the rows that wait their meaning, without the interpreter's lock.
    pub(crate) fn normalize(
        &mut self,
        py: Python<'py>,
        require_company: bool,
        coalescer: &mut Coalescer,
        rejects: &mut Vec<Rejected<'py>>,
    ) {
        let waiting = std::mem::take(&mut self.rows);
        if waiting.is_empty() {
            return;
        }
        let first = self.done + 1;
        self.done += waiting.len() as u64;
        let normalizer = &mut self.normalizer;
        let refused = detached(py, || {
            let rows = normalizer.finish().into_iter();
            rows.filter_map(|row| taken(row, require_company, coalescer)).collect::<Vec<_>>()
        });
        for Refused { line, code, help, column, cause, taken } in refused {
            let Some((row, record)) = waiting.get((line - first) as usize) else { continue };
            let record = record.clone().into_any();
            rejects.push(Rejected { row: *row, code, help: help.into(), column, cause, taken, record });
        }
    }
}

/// A row that could not be taken, or not all of it.
pub(crate) struct Rejected<'py> {
    pub(crate) row: usize,
    pub(crate) code: &'static str,
    pub(crate) help: Cow<'static, str>,
    pub(crate) column: Option<String>,
    pub(crate) cause: String,
    /// What of the row was taken all the same.
    pub(crate) taken: Option<&'static str>,
    pub(crate) record: Bound<'py, PyAny>,
}

/// What of a row was not taken, and why.
struct Refused {
    /// Which row of its table, from 1.
    line: u64,
    code: &'static str,
    help: &'static str,
    column: Option<String>,
    cause: String,
    taken: Option<&'static str>,
}

/// Pushes a record; says what of the row was not taken.
fn taken(row: NormalizedRow, require_company: bool, coalescer: &mut Coalescer) -> Option<Refused> {
    let mut record: NormalizedRecord = match row {
        NormalizedRow::Record(record) => record,
        NormalizedRow::Reject(reject) => {
            return Some(Refused {
                line: reject.position.line,
                code: reject.code.code(),
                help: reject.code.help(),
                column: reject.column,
                cause: reject.cause,
                taken: None,
            });
        }
        NormalizedRow::Blank(position) => {
            let cause = "every cell is blank".to_owned();
            let (line, help, column, taken) = (position.line, "", None, None);
            return Some(Refused { line, code: "blank", help, column, cause, taken });
        }
    };
    let has_domain = record.company.as_deref().is_some_and(|key| company_key_kind(key) == "domain");
    let line = record.position.line;
    let refused = |code, help, cause: &str, taken| {
        Some(Refused { line, code, help, column: None, cause: cause.to_owned(), taken })
    };
    if require_company && !has_domain {
        let help = "give a business e-mail, a domain or a website, or call without require_company";
        return refused("no-company", help, "nothing in it gives the domain of a company", None);
    }
    if has_domain || record.company.is_none() {
        coalescer.push(record);
        return None;
    }
    // Writers find a company by its domain: one without would be inserted again with every load.
    let help = "give its domain or website, or let a Store write, which knows it by its page or name until a domain is known";
    if record.person.is_none() {
        return refused("no-domain", help, "the company has no domain to find it by", None);
    }
    record.company = None;
    let is_of_person = |attribute: Attribute| attribute.spec().entity == EntityKind::Person;
    record
        .values
        .retain(|value| is_of_person(value.attribute) && value.attribute != Attribute::PersonCompany);
    coalescer.push(record);
    let cause = "the person is taken without the company, which has no domain to find it by";
    refused("no-domain", help, cause, Some("prospect"))
}
