//! Gives records their meaning: whom each speaks of, and what it says about them.

use crate::parallel;
use crate::pipeline::{Keys, PipelineOptions, read};
use crate::reader::{Identified, Identity};
use firmograph_core::{Attribute, EntityKind, Field, RawValue, Reject, RejectCode};
use firmograph_sources::Record;
use firmograph_store::Payload;

/// What telling needs to know beside the records.
#[derive(Debug, Clone)]
pub(crate) struct Teller {
    pub(crate) identity: Identity,
    pub(crate) options: PipelineOptions,
    /// Field to column name, to name the column of a reject as the file does.
    pub(crate) columns: Vec<(Field, String)>,
}

/// A record that identifies somebody. A payload may hold several; they stand one after the other.
#[derive(Debug)]
pub(crate) struct Row {
    /// Of a further record of the payload before it: the same without its text.
    pub(crate) payload: Payload,
    pub(crate) keys: Keys,
    /// Whether the payload is that of the row before, which stores and counts it.
    pub(crate) is_further: bool,
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
        for record in records {
            self.tell_payload(record, &mut chunk);
        }
        for said in &mut chunk.said {
            said.resize_with(chunk.rows.len(), || None);
        }
        chunk
    }

    /// Tells what the records of one payload say. It is accepted if one of them identifies somebody.
    fn tell_payload(&self, Identified { record, id, observed_at }: Identified, chunk: &mut Chunk) {
        let Record { position, payload: body, fields, also, .. } = record;
        let first = chunk.rows.len();
        let header = self.identity.header;
        let mut body = Some(body);
        let mut refused = None;
        for fields in std::iter::once(&fields).chain(&also) {
            let place = chunk.rows.len();
            let told = read(fields, &self.options, &mut |attribute, raw| {
                let said = &mut chunk.said[attribute as usize];
                said.resize_with(place, || None);
                said.push(Some(raw));
            });
            match told {
                Ok(keys) if !self.options.keeps(&keys) => {
                    chunk.said.iter_mut().for_each(|said| said.truncate(place));
                }
                Ok(keys) => {
                    let is_further = place > first;
                    let body = body.take().unwrap_or_default();
                    let payload = Payload { id, header, observed_at, body, line: position.line };
                    chunk.rows.push(Row { payload, keys, is_further });
                    if is_further {
                        chunk.forget_repeated(first);
                    }
                }
                Err(no_key) => refused = refused.or(Some(no_key)),
            }
        }
        let (Some(no_key), Some(body)) = (refused, body) else { return };
        let column = no_key.field.and_then(|field| self.columns.iter().find(|(known, _)| *known == field));
        chunk.rejects.push(Reject {
            code: RejectCode::NoKey,
            position,
            column: column.map(|(_, column)| column.clone()),
            cause: no_key.cause,
            original: body.as_bytes().to_vec(),
        });
    }
}

impl Chunk {
    /// How many payloads the rows have.
    pub(crate) fn payloads(&self) -> usize {
        self.rows.iter().filter(|row| !row.is_further).count()
    }

    /// Takes back what the last row says if a row of its payload, from `first` on, said the same of the same company or
    /// person: a payload supports a value once.
    fn forget_repeated(&mut self, first: usize) {
        let Some((last, earlier)) = self.rows[first..].split_last() else { return };
        let place = first + earlier.len();
        for (attribute, said) in Attribute::ALL.iter().zip(&mut self.said) {
            let key = |keys: &Keys| match attribute.spec().entity {
                EntityKind::Company => keys.company.clone(),
                EntityKind::Person => keys.person.clone(),
            };
            let mine = key(&last.keys);
            let is_repeated = said.get(place).is_some_and(|raw| {
                (first..place).zip(earlier).any(|(at, row)| said[at] == *raw && key(&row.keys) == mine)
            });
            if is_repeated {
                said[place] = None;
            }
        }
    }

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

    fn record(number: u8, email: &str, title: &str) -> Identified {
        let fields: FieldSet = [(Field::Email, email), (Field::JobTitle, title)].into_iter().collect();
        let position = Position { line: number.into(), ..Position::default() };
        let record = Record { position, payload: email.into(), fields, also: Vec::new() };
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

    #[test]
    fn the_records_of_one_payload_share_it() {
        let source = Source::new("csv").unwrap();
        let identity = Identity { source: source.clone(), header: None, observed_at: None };
        let teller = Teller { identity, options: PipelineOptions::new(source), columns: Vec::new() };
        let several = |number: u8, emails: &[&str]| {
            let mut first = record(number, emails[0], "CTO");
            let others = emails[1..].iter().map(|email| record(number, email, "CTO").record.fields);
            first.record.also = others.collect();
            first
        };
        let chunk = teller.tell(vec![
            several(1, &["nobody", "a@acme.com", "nobody", "b@brook-mills.com", "a@acme.com"]),
            several(2, &["nobody", "no one"]),
            record(3, "c@acme.com", "CEO"),
        ]);
        let further: Vec<_> = chunk.rows.iter().map(|row| (row.payload.line, row.is_further)).collect();
        assert_eq!(further, [(1, false), (1, true), (1, true), (3, false)]);
        assert_eq!((chunk.payloads(), chunk.rejects.len()), (2, 1));
        assert!(chunk.rejects[0].cause.contains("nobody"), "the first says why: {}", chunk.rejects[0].cause);
        assert_eq!(&*chunk.rows[0].payload.body, "nobody");
        assert_eq!(&*chunk.rows[1].payload.body, "");
        let said = chunk.said[Attribute::JobTitle as usize].iter().map(Option::is_some);
        assert_eq!(said.collect::<Vec<_>>(), [true, true, false, true], "said once of one person");
    }
}
