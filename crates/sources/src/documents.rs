use crate::evaluate::{self, Filled, Filling};
use crate::header::{self, Target};
use crate::mapping::Mapping;
use crate::path::folded;
use crate::tabular::set;
use crate::tree::Node;
use crate::unread::{Known, Unread};
use ahash::AHashMap;
use firmograph_core::{Field, FieldSet, FieldSetBuilder, RejectCode};
use std::fmt;

/// Reads documents: by the mapping whose condition holds, else by recognising their keys.
pub(crate) struct Documents {
    mappings: Vec<Mapping>,
    known: Vec<Known>,
    targets: AHashMap<String, Target>,
    builder: FieldSetBuilder,
    unread: Unread,
}

/// What the first documents look like.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Paths, and what each is taken for.
    pub(crate) paths: Vec<(String, Option<Field>)>,
    /// Mappings that were used, by their index.
    pub(crate) mappings: Vec<usize>,
    /// Fields for which a mapping found a value, with the mapping's index.
    pub(crate) filled: Vec<(usize, Field)>,
}

/// The fields of each record of one payload; there is at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sets {
    pub(crate) first: FieldSet,
    pub(crate) also: Vec<FieldSet>,
}

/// Elements of one array in which keys are looked for.
const MAX_INDEX: usize = 64;

/// Distinct keys whose meaning is remembered: objects used as maps have new ones in every record.
const MAX_TARGETS: usize = 4096;

/// Keys that only wrap a record and say nothing about what is in it.
const WRAPPERS: [&str; 8] =
    ["raw_payload", "payload", "data", "attributes", "fields", "properties", "record", "rawPayload"];

/// Why one object could not be taken.
pub(crate) struct Refusal {
    pub(crate) code: RejectCode,
    pub(crate) cause: String,
}

impl Refusal {
    pub(crate) fn bad_json(cause: impl fmt::Display) -> Refusal {
        Refusal { code: RejectCode::BadJson, cause: cause.to_string() }
    }
}

/// One value of an object, by where it stands.
struct Leaf<'t, 'a> {
    /// As a mapping names it: `company.name`, `emails.0`. Empty where nobody asks for it.
    path: String,
    /// As a header: the keys joined by blanks, without indexes and wrappers. Empty behind the first of an array.
    header: String,
    node: &'t Node<'a>,
}

impl Documents {
    /// Reads by the first of `mappings` whose condition holds.
    pub(crate) fn new(mappings: Vec<Mapping>) -> Documents {
        Documents {
            known: mappings.iter().map(Known::of).collect(),
            mappings,
            targets: AHashMap::new(),
            builder: FieldSetBuilder::default(),
            unread: Unread::default(),
        }
    }

    pub(crate) fn mappings(&self) -> &[Mapping] {
        &self.mappings
    }

    /// Whether what stands under `key` of a document may matter.
    pub(crate) fn reads(&self, key: &str) -> bool {
        header::look_up(key).is_known() || self.mappings.iter().any(|mapping| mapping.reads(key))
    }

    /// Keys that no mapping read, with the number of records that have them.
    pub(crate) fn unread(&self) -> Vec<(String, u64)> {
        self.unread.counts()
    }

    /// The fields of the object that `text` is.
    pub(crate) fn take(&mut self, text: &str, seen: Option<&mut Seen>) -> Result<Sets, Refusal> {
        // The parser's own message for what is no JSON at all is better than ours.
        serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(Refusal::bad_json)?;
        if !text.starts_with('{') {
            return Err(Refusal::bad_json("expected an object"));
        }
        if has_nul_escape(text) {
            let cause = "a NUL character (\\u0000) stands in this record".to_owned();
            return Err(Refusal { code: RejectCode::NulCharacter, cause });
        }
        if text.contains("\\u") {
            // Lone surrogates are found only by decoding, and no database keeps them.
            serde_json::from_str::<serde_json::Value>(text).map_err(Refusal::bad_json)?;
        }
        let tree = Node::parse(text, !self.mappings.is_empty());
        let tree = tree.ok_or_else(|| Refusal::bad_json("a string in it cannot be read"))?;
        Ok(self.read(&tree, seen))
    }

    /// The fields of a document.
    pub(crate) fn read(&mut self, root: &Node<'_>, mut seen: Option<&mut Seen>) -> Sets {
        let mappings = std::mem::take(&mut self.mappings);
        let mut sets = Vec::with_capacity(1);
        match evaluate::choose(&mappings, root) {
            None => sets.push(self.recognised(root, seen)),
            Some((index, documents)) => {
                self.unread.next_record();
                for document in documents {
                    self.mapped(&mappings, index, document, seen.as_deref_mut(), &mut sets);
                }
            }
        }
        self.mappings = mappings;
        let mut sets = sets.into_iter();
        let first = sets.next().unwrap_or_else(|| self.builder.build());
        Sets { first, also: sets.collect() }
    }

    /// The fields of a document that has no mapping.
    fn recognised(&mut self, root: &Node<'_>, seen: Option<&mut Seen>) -> FieldSet {
        let leaves = leaves(root, seen.is_some());
        let found = recognise(&mut self.targets, None, &leaves, &[]);
        for &(field, at) in &found {
            set(&mut self.builder, field, leaves[at].node.text().unwrap_or_default());
        }
        if let Some(seen) = seen {
            seen.look_at(&leaves, &found);
        }
        self.builder.build()
    }

    /// The fields of each record that the mapping finds in a document.
    fn mapped(
        &mut self,
        mappings: &[Mapping],
        index: usize,
        document: &Node<'_>,
        seen: Option<&mut Seen>,
        sets: &mut Vec<FieldSet>,
    ) {
        let mapping = &mappings[index];
        let records = evaluate::evaluate(mapping, document);
        let is_walked = seen.is_some() || mapping.recognises;
        let leaves = if is_walked { leaves(document, true) } else { Vec::new() };
        let mut taken = taken(&records, &leaves);
        let mut recognised = Vec::new();
        if mapping.recognises {
            recognised = recognise(&mut self.targets, Some((mapping, &self.known[index])), &leaves, &taken);
        }
        for filled in &records {
            evaluate::fill(mapping, filled, &mut self.builder);
            for &(field, at) in &recognised {
                let text = leaves[at].node.text().unwrap_or_default();
                evaluate::set_by(mapping, &mut self.builder, field, text);
            }
            sets.push(self.builder.build());
        }
        let is_recognised = |node: &Node<'_>| recognised.iter().any(|&(_, at)| same(leaves[at].node, node));
        self.unread.count(&self.known[index], document, &is_recognised);
        if let Some(seen) = seen {
            if !seen.mappings.contains(&index) {
                seen.mappings.push(index);
            }
            let filled = records.iter().flatten().map(|(field, _)| (index, *field));
            seen.filled.extend(filled);
            seen.filled.sort_unstable();
            seen.filled.dedup();
            taken.extend(recognised);
            seen.look_at(&leaves, &taken);
        }
    }
}

impl Seen {
    fn look_at(&mut self, leaves: &[Leaf<'_, '_>], taken: &[(Field, usize)]) {
        for (at, leaf) in leaves.iter().enumerate() {
            let field = taken.iter().find(|&&(_, taken)| taken == at).map(|&(field, _)| field);
            match self.paths.iter_mut().find(|(path, _)| *path == leaf.path) {
                Some((_, known)) => *known = known.or(field),
                None if leaf.header.is_empty() && field.is_none() => {}
                None => self.paths.push((leaf.path.clone(), field)),
            }
        }
    }
}

fn same(one: &Node<'_>, other: &Node<'_>) -> bool {
    std::ptr::addr_eq(one, other)
}

/// Which leaves a mapping takes, and for what.
fn taken(records: &[Filled<'_, '_>], leaves: &[Leaf<'_, '_>]) -> Vec<(Field, usize)> {
    if leaves.is_empty() {
        return Vec::new();
    }
    let found = records.iter().flatten().filter_map(|&(field, filling)| match filling {
        Filling::Found(node) => Some((field, leaves.iter().position(|leaf| same(leaf.node, node))?)),
        Filling::Constant(_) => None,
    });
    found.collect()
}

/// What the leaves that nobody took are by their keys.
fn recognise(
    targets: &mut AHashMap<String, Target>,
    mapping: Option<(&Mapping, &Known)>,
    leaves: &[Leaf<'_, '_>],
    taken: &[(Field, usize)],
) -> Vec<(Field, usize)> {
    let meant: Vec<Target> = leaves
        .iter()
        .enumerate()
        .map(|(at, leaf)| {
            let is_ignored = |(mapping, known): (&Mapping, &Known)| {
                mapping.ignores(&leaf.header)
                    || mapping.ignores(&leaf.path)
                    || known.ignores(&folded(&leaf.path))
            };
            // Beside a mapping, keys that begin with `_` are notes.
            let is_note = mapping.is_some() && leaf.path.split('.').any(|key| key.starts_with('_'));
            if leaf.header.is_empty() || is_note || taken.iter().any(|&(_, taken)| taken == at) {
                return Target::default();
            }
            // A mapping may ignore one of two paths that make the same header.
            let name = if mapping.is_some() { &leaf.path } else { &leaf.header };
            if let Some(&target) = targets.get(name) {
                return target;
            }
            let is_ignored = mapping.is_some_and(is_ignored);
            let target = if is_ignored { Target::default() } else { header::look_up(&leaf.header) };
            if targets.len() < MAX_TARGETS {
                targets.insert(name.clone(), target);
            }
            target
        })
        .collect();
    let given: Vec<Field> =
        mapping.iter().flat_map(|(mapping, _)| mapping.fields()).map(|(field, _)| field).collect();
    let found = header::resolve(&meant, &given).into_iter().enumerate();
    found.filter_map(|(at, field)| Some((field.filter(|field| !given.contains(field))?, at))).collect()
}

fn leaves<'t, 'a>(root: &'t Node<'a>, with_paths: bool) -> Vec<Leaf<'t, 'a>> {
    let mut leaves = Vec::new();
    walk(root, String::new(), "", with_paths, &mut leaves);
    leaves
}

fn walk<'t, 'a>(
    node: &'t Node<'a>,
    path: String,
    header: &str,
    with_paths: bool,
    leaves: &mut Vec<Leaf<'t, 'a>>,
) {
    let below = |key: &dyn fmt::Display| match (with_paths, path.as_str()) {
        (false, _) => String::new(),
        (true, "") => key.to_string(),
        (true, path) => format!("{path}.{key}"),
    };
    match node {
        Node::Object(entries) => {
            for (key, value) in entries {
                let path = below(key);
                match header {
                    header if WRAPPERS.contains(&key.as_ref()) => {
                        walk(value, path, header, with_paths, leaves)
                    }
                    "" => walk(value, path, key, with_paths, leaves),
                    header => walk(value, path, &format!("{header} {key}"), with_paths, leaves),
                }
            }
        }
        Node::Array(elements) => {
            for (index, element) in elements.iter().take(MAX_INDEX).enumerate() {
                // Only the first element is recognised by itself; a mapping can name any.
                let before = leaves.len();
                walk(element, below(&index), header, with_paths, leaves);
                if index > 0 {
                    leaves[before..].iter_mut().for_each(|leaf| leaf.header.clear());
                }
            }
        }
        Node::Text(_) | Node::Inner(..) | Node::Plain(_) => {
            leaves.push(Leaf { path, header: header.to_owned(), node });
        }
        Node::Nothing => {}
    }
}

/// Whether `\u0000` stands in the text as an escape, not behind an escaped backslash.
fn has_nul_escape(text: &str) -> bool {
    memchr::memmem::find_iter(text.as_bytes(), "\\u0000").any(|at| {
        let backslashes = text.as_bytes()[..at].iter().rev().take_while(|&&byte| byte == b'\\').count();
        backslashes % 2 == 0
    })
}
