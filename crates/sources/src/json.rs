use crate::elements::{Element, Elements};
use crate::header::{self, Target};
use crate::input::{Item, Record};
use crate::mapping::Mapping;
use crate::tabular::{OVERLONG_KEPT, set};
use ahash::AHashMap;
use firmograph_core::{Error, Field, FieldSet, FieldSetBuilder, Position, Reject, RejectCode};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::VecDeque;
use std::fmt;

/// The objects of a JSON file as items.
pub(crate) struct Json {
    elements: Elements,
    limit: usize,
    mapping: Mapping,
    targets: AHashMap<String, Target>,
    /// Items that were read ahead to see what the file is like.
    ahead: VecDeque<Item>,
    /// Paths of the objects read ahead, and what they are taken for; `None` once reading has begun.
    seen: Option<Seen>,
    /// What broke the file while reading ahead; said once the items before it are given out.
    broken: Option<Error>,
    record: u64,
    fields: FieldSetBuilder,
}

/// Paths, and what each is taken for.
type Seen = Vec<(String, Option<Field>)>;

/// Objects that are read ahead, and how many bytes of them at most.
const AHEAD: usize = 20;
const AHEAD_BYTES: usize = 1024 * 1024;

/// Objects within objects that are walked; deeper ones stay in the payload.
const MAX_DEPTH: usize = 16;

/// Elements of one array that a mapping can reach.
const MAX_INDEX: usize = 64;

/// Distinct paths whose meaning is remembered: objects used as maps have new ones in every record.
const MAX_TARGETS: usize = 4096;

/// Keys that only wrap a record and say nothing about what is in it.
const WRAPPERS: [&str; 8] =
    ["raw_payload", "payload", "data", "attributes", "fields", "properties", "record", "rawPayload"];

impl Json {
    pub(crate) fn new(elements: Elements, limit: usize, mapping: Mapping) -> Json {
        Json {
            elements,
            limit,
            mapping,
            targets: AHashMap::new(),
            ahead: VecDeque::new(),
            seen: Some(Vec::new()),
            broken: None,
            record: 0,
            fields: FieldSetBuilder::default(),
        }
    }

    /// Reads the first objects ahead: the paths in them, and whether that was the whole file.
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
                    Ok(text) => take_object(
                        text,
                        &self.mapping,
                        &mut self.targets,
                        &mut self.fields,
                        self.seen.as_mut(),
                    )
                    .map(|fields| (Box::from(text), fields))
                    .map_err(|refusal| (refusal, text.as_bytes().to_vec())),
                    Err(_) => {
                        let cause = "bytes that are not utf-8 text".to_owned();
                        let code = RejectCode::BadEncoding;
                        Err((Refusal { code, column: None, cause }, raw.trim_ascii().to_vec()))
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
                Err((Refusal { code: RejectCode::RecordTooLong, column: None, cause }, original))
            }
        };
        self.record += 1;
        let position = Position { record: self.record, line };
        Ok(Some(match item {
            Ok((payload, fields)) => Item::Record(Record { position, payload, fields }),
            Err((Refusal { code, column, cause }, original)) => {
                Item::Reject(Reject { code, position, column, cause, original })
            }
        }))
    }
}

/// Why one object could not be taken.
struct Refusal {
    code: RejectCode,
    column: Option<String>,
    cause: String,
}

impl Refusal {
    fn bad_json(cause: impl fmt::Display) -> Refusal {
        Refusal { code: RejectCode::BadJson, column: None, cause: cause.to_string() }
    }
}

/// One value of an object, by where it stands.
struct Leaf<'a> {
    /// As a mapping names it: `company.name`, `emails.0`.
    path: String,
    /// As a header: the keys joined by blanks, without indexes and wrappers. Empty behind the first of an array.
    header: String,
    value: &'a RawValue,
}

fn take_object(
    text: &str,
    mapping: &Mapping,
    targets: &mut AHashMap<String, Target>,
    builder: &mut FieldSetBuilder,
    seen: Option<&mut Seen>,
) -> Result<FieldSet, Refusal> {
    if !text.starts_with('{') {
        // The parser's own message for what is no JSON at all is better than ours.
        serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(Refusal::bad_json)?;
        return Err(Refusal::bad_json("expected an object"));
    }
    let entries: Entries<'_> = serde_json::from_str(text).map_err(Refusal::bad_json)?;
    if has_nul_escape(text) {
        let cause = "a NUL character (\\u0000) stands in this record".to_owned();
        return Err(Refusal { code: RejectCode::NulCharacter, column: None, cause });
    }
    if text.contains("\\u") {
        // Lone surrogates are found only by decoding, and no database keeps them.
        serde_json::from_str::<serde_json::Value>(text).map_err(Refusal::bad_json)?;
    }
    let mut leaves = Vec::with_capacity(entries.0.len());
    walk(&entries, "", "", 0, &mut leaves);

    let mut given = Vec::new();
    let mut mapped: Vec<(Field, usize)> = Vec::new();
    for (field, paths) in mapping.fields() {
        given.push(field);
        for path in paths {
            mapped.extend(leaves.iter().position(|leaf| leaf.path == *path).map(|leaf| (field, leaf)));
        }
    }
    let meant: Vec<Target> = leaves
        .iter()
        .enumerate()
        .map(|(at, leaf)| {
            if leaf.header.is_empty() || mapped.iter().any(|&(_, taken)| taken == at) {
                return Target::default();
            }
            if let Some(&target) = targets.get(&leaf.header) {
                return target;
            }
            let is_ignored = mapping.ignores(&leaf.header) || mapping.ignores(&leaf.path);
            let target = if is_ignored { Target::default() } else { header::look_up(&leaf.header) };
            if targets.len() < MAX_TARGETS {
                targets.insert(leaf.header.clone(), target);
            }
            target
        })
        .collect();
    let recognised = header::resolve(&meant, &given).into_iter().enumerate();
    mapped.extend(
        recognised.filter_map(|(at, field)| Some((field.filter(|field| !given.contains(field))?, at))),
    );
    for &(field, at) in &mapped {
        let value = leaves[at].value.get();
        if value.starts_with('"') {
            let text: String = serde_json::from_str(value).map_err(Refusal::bad_json)?;
            set(builder, field, &text);
        } else {
            set(builder, field, value);
        }
    }
    if let Some(seen) = seen {
        for (at, leaf) in leaves.iter().enumerate() {
            let field = mapped.iter().find(|&&(_, leaf)| leaf == at).map(|&(field, _)| field);
            match seen.iter_mut().find(|(path, _)| *path == leaf.path) {
                Some((_, known)) => *known = known.or(field),
                None if leaf.header.is_empty() && field.is_none() => {}
                None => seen.push((leaf.path.clone(), field)),
            }
        }
    }
    Ok(builder.build())
}

fn walk<'a>(entries: &Entries<'a>, path: &str, header: &str, depth: usize, leaves: &mut Vec<Leaf<'a>>) {
    for (key, value) in &entries.0 {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let header = match header {
            header if WRAPPERS.contains(&key.as_str()) => header.to_owned(),
            "" => key.clone(),
            header => format!("{header} {key}"),
        };
        walk_value(value, path, header, depth, leaves);
    }
}

fn walk_value<'a>(
    value: &'a RawValue,
    path: String,
    header: String,
    depth: usize,
    leaves: &mut Vec<Leaf<'a>>,
) {
    let text = value.get();
    match text.as_bytes().first() {
        Some(b'{') if depth < MAX_DEPTH => {
            if let Ok(entries) = serde_json::from_str::<Entries<'a>>(text) {
                walk(&entries, &path, &header, depth + 1, leaves);
            }
        }
        Some(b'[') if depth < MAX_DEPTH => {
            let elements: Vec<&'a RawValue> = serde_json::from_str(text).unwrap_or_default();
            for (index, element) in elements.into_iter().take(MAX_INDEX).enumerate() {
                // Only the first element is recognised by itself; a mapping can name any.
                let header = if index == 0 { header.clone() } else { String::new() };
                walk_element(element, format!("{path}.{index}"), header, depth + 1, leaves);
            }
        }
        Some(b'{' | b'[' | b'n') | None => {}
        Some(_) => leaves.push(Leaf { path, header, value }),
    }
}

fn walk_element<'a>(
    value: &'a RawValue,
    path: String,
    header: String,
    depth: usize,
    leaves: &mut Vec<Leaf<'a>>,
) {
    if !header.is_empty() {
        return walk_value(value, path, header, depth, leaves);
    }
    let before = leaves.len();
    walk_value(value, path, header, depth, leaves);
    leaves[before..].iter_mut().for_each(|leaf| leaf.header.clear());
}

/// The entries of an object as they stand: in order, duplicates included, values unread.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Entries<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry::<String, &'de RawValue>()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// Whether `\u0000` stands in the text as an escape, not behind an escaped backslash.
fn has_nul_escape(text: &str) -> bool {
    memchr::memmem::find_iter(text.as_bytes(), "\\u0000").any(|at| {
        let backslashes = text.as_bytes()[..at].iter().rev().take_while(|&&byte| byte == b'\\').count();
        backslashes % 2 == 0
    })
}

/// Line ends before the first byte that is not white space.
fn leading_lines(raw: &[u8]) -> u64 {
    let space = raw.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    crate::window::line_ends(&raw[..space], raw.get(space).copied())
}
