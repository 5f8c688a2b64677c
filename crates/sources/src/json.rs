use crate::documents::{Documents, Refusal, Seen, Sets};
use crate::elements::{Element, Elements};
use crate::input::{Item, Record};
use crate::mapping::Mapping;
use crate::tabular::OVERLONG_KEPT;
use firmograph_core::{Error, Position, Reject, RejectCode};
use std::collections::VecDeque;

/// The objects of a JSON file as items.
pub(crate) struct Json {
    elements: Elements,
    limit: usize,
    documents: Documents,
    /// Items that were read ahead to see what the file is like.
    ahead: VecDeque<Item>,
    /// What the objects read ahead look like; `None` once reading has begun.
    seen: Option<Seen>,
    /// What broke the file while reading ahead; said once the items before it are given out.
    broken: Option<Error>,
    record: u64,
}

/// Objects that are read ahead, and how many bytes of them at most.
const AHEAD: usize = 20;
const AHEAD_BYTES: usize = 1024 * 1024;

impl Json {
    pub(crate) fn new(elements: Elements, limit: usize, mappings: Vec<Mapping>) -> Json {
        Json {
            elements,
            limit,
            documents: Documents::new(mappings),
            ahead: VecDeque::new(),
            seen: Some(Seen::default()),
            broken: None,
            record: 0,
        }
    }

    /// Reads the first objects ahead: what they look like, and whether that was the whole file.
    pub(crate) fn look_ahead(&mut self) -> Result<(Seen, bool), Error> {
        let mut bytes = 0;
        let mut is_whole = false;
        while self.ahead.len() < AHEAD && bytes < AHEAD_BYTES {
            match self.read() {
                Ok(Some(item)) => {
                    bytes += match &item {
                        Item::Record(record) => record.payload.len(),
                        Item::Reject(reject) => reject.original.len(),
                        Item::Blank(_) => 1,
                    };
                    self.ahead.push_back(item);
                }
                Ok(None) => {
                    is_whole = true;
                    break;
                }
                Err(error) if self.ahead.is_empty() => return Err(error),
                Err(error) => {
                    self.broken = Some(error);
                    break;
                }
            }
        }
        Ok((self.seen.take().unwrap_or_default(), is_whole))
    }

    pub(crate) fn next_item(&mut self) -> Result<Option<Item>, Error> {
        match self.ahead.pop_front() {
            Some(item) => Ok(Some(item)),
            None => self.broken.take().map_or_else(|| self.read(), Err),
        }
    }

    pub(crate) fn bytes_read(&self) -> u64 {
        self.elements.bytes_read()
    }

    pub(crate) fn mappings(&self) -> &[Mapping] {
        self.documents.mappings()
    }

    /// Keys that no mapping read.
    pub(crate) fn unread(&self) -> Vec<(String, u64)> {
        self.documents.unread()
    }

    fn read(&mut self) -> Result<Option<Item>, Error> {
        let element = self.elements.next()?;
        let mut line = self.elements.line_number();
        let item = match element {
            Element::End => return Ok(None),
            Element::Blank(length) => {
                self.elements.take(length);
                return Ok(Some(Item::Blank(Position { record: self.record, line })));
            }
            Element::Text(length) => {
                let raw = self.elements.data(length);
                line += leading_lines(raw);
                let taken = match std::str::from_utf8(raw.trim_ascii()) {
                    Ok(text) => self
                        .documents
                        .take(text, self.seen.as_mut())
                        .map(|sets| (Box::from(text), sets))
                        .map_err(|refusal| (refusal, text.as_bytes().to_vec())),
                    Err(_) => {
                        let cause = "bytes that are not utf-8 text".to_owned();
                        let code = RejectCode::BadEncoding;
                        Err((Refusal { code, cause }, raw.trim_ascii().to_vec()))
                    }
                };
                self.elements.take(length);
                taken
            }
            Element::Cut(length) => {
                let original = self.elements.data(length).to_vec();
                self.elements.take(length);
                Err((Refusal::bad_json("the file ends inside this element"), original))
            }
            Element::Loose(cause) => Err((Refusal::bad_json(cause), Vec::new())),
            Element::TooLong => {
                let original = self.elements.data(self.limit.min(OVERLONG_KEPT)).to_vec();
                self.elements.skip();
                let cause = format!("the record is longer than {} bytes", self.limit);
                Err((Refusal { code: RejectCode::RecordTooLong, cause }, original))
            }
        };
        self.record += 1;
        let position = Position { record: self.record, line };
        Ok(Some(match item {
            Ok((payload, Sets { first: fields, also })) => {
                Item::Record(Record { position, payload, fields, also })
            }
            Err((Refusal { code, cause }, original)) => {
                Item::Reject(Reject { code, position, column: None, cause, original })
            }
        }))
    }
}

/// Line ends before the first byte that is not white space.
fn leading_lines(raw: &[u8]) -> u64 {
    let space = raw.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    crate::window::line_ends(&raw[..space], raw.get(space).copied())
}
