//! Gives records their meaning: whom each speaks of, and what it says about them.

use crate::parallel;
use crate::pipeline::{Keys, PipelineOptions, read};
use crate::reader::{Identified, Identity};
use firmograph_core::{Attribute, Field, RawValue, Reject, RejectCode};
use firmograph_store::Payload;

/// What telling needs to know beside the records.
#[derive(Debug, Clone)]
pub(crate) struct Teller {
    pub(crate) identity: Identity,
    pub(crate) options: PipelineOptions,
    /// Field to column name, to name the column of a reject as the file does.
    pub(crate) columns: Vec<(Field, String)>,
}

/// A record that identifies somebody.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) payload: Payload,
    pub(crate) keys: Keys,
}

/// What consecutive records say.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) rows: Vec<Row>,
    /// By attribute, in the order of the list: what each of the rows says about it.
    pub(crate) said: Vec<Vec<Option<RawValue>>>,
    pub(crate) rejects: Vec<Reject>,
}

impl Teller {
    /// Tells what all records say, on all cores.
    pub(crate) fn tell_all(&self, records: Vec<Identified>) -> Vec<Chunk> {
        parallel::map(parallel::owned_chunks(records), |records| self.tell(records))
    }

    /// Tells what consecutive records say.
    pub(crate) fn tell(&self, records: Vec<Identified>) -> Chunk {
        let mut chunk = Chunk {
            rows: Vec::with_capacity(records.len()),
            // Growing would copy and clear pages, and room that is not used is never touched.
            said: Attribute::ALL.iter().map(|_| Vec::with_capacity(records.len())).collect(),
            rejects: Vec::new(),
        };
        for Identified { record, id, observed_at } in records {
            let place = chunk.rows.len();
            let told = read(&record.fields, &self.options, &mut |attribute, raw| {
                let said = &mut chunk.said[attribute as usize];
                said.resize_with(place, || None);
                said.push(Some(raw));
            });
            match told {
                Ok(keys) => {
                    let (header, body, line) = (self.identity.header, record.payload, record.position.line);
                    chunk.rows.push(Row { payload: Payload { id, header, observed_at, body, line }, keys });
                }
                Err(no_key) => {
                    let column =
                        no_key.field.and_then(|field| self.columns.iter().find(|(known, _)| *known == field));
                    chunk.rejects.push(Reject {
                        code: RejectCode::NoKey,
                        position: record.position,
                        column: column.map(|(_, column)| column.clone()),
                        cause: no_key.cause,
                        original: record.payload.as_bytes().to_vec(),
                    });
                }
            }
        }
        for said in &mut chunk.said {
            said.resize_with(chunk.rows.len(), || None);
        }
        chunk
    }
}

impl Chunk {
    /// Keeps the rows for which `keeps` says so.
    pub(crate) fn retain(&mut self, keeps: impl Fn(&Row) -> bool) {
        let kept: Vec<bool> = self.rows.iter().map(keeps).collect();
        if kept.iter().all(|&kept| kept) {
            return;
        }
        self.said.iter_mut().for_each(|said| retain_by(said, &kept));
        retain_by(&mut self.rows, &kept);
    }
}

fn retain_by<T>(items: &mut Vec<T>, kept: &[bool]) {
    let mut kept = kept.iter();
    items.retain(|_| kept.next() == Some(&true));
}

#[cfg(test)]
mod tests {
    use super::*;
    use firmograph_core::{FieldSet, PayloadId, Position, Source};
    use firmograph_sources::Record;

    fn record(number: u8, email: &str, title: &str) -> Identified {
        let fields: FieldSet = [(Field::Email, email), (Field::JobTitle, title)].into_iter().collect();
        let position = Position { line: number.into(), ..Position::default() };
        let record = Record { position, payload: email.into(), fields };
        Identified { record, id: PayloadId([number; 16]), observed_at: None }
    }

    #[test]
    fn what_is_said_stays_beside_its_row() {
        let source = Source::new("csv").unwrap();
        let identity = Identity { source: source.clone(), header: None, observed_at: None };
        let teller = Teller { identity, options: PipelineOptions::new(source), columns: Vec::new() };
        let mut chunk = teller.tell(vec![
            record(1, "a@acme.com", ""),
            record(2, "nobody", "CTO"),
            record(3, "b@acme.com", "CEO"),
            record(4, "c@acme.com", ""),
            record(5, "d@acme.com", "CFO"),
        ]);
        assert_eq!((chunk.rows.len(), chunk.rejects.len()), (4, 1));
        chunk.retain(|row| row.payload.line != 3);
        let titles: Vec<_> = chunk.said[Attribute::JobTitle as usize]
            .iter()
            .map(|said| said.as_ref().and_then(|raw| raw.part(0)))
            .collect();
        assert_eq!(titles, [None, None, Some("CFO")]);
        assert_eq!(chunk.rows.iter().map(|row| row.payload.line).collect::<Vec<_>>(), [1, 4, 5]);
    }
}
