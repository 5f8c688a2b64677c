use crate::language::{ITEM, named};
use crate::mapping::{Mapping, Rule};
use crate::path::{folded, parted};
use crate::tree::Node;
use ahash::{AHashMap, AHashSet};
use std::collections::hash_map::Entry;

/// The keys that a mapping knows, folded: those it reads, and those of which it says that they are not to be read.
#[derive(Debug, Default)]
pub(crate) struct Known {
    read: AHashSet<String>,
    ignored: AHashSet<String>,
}

/// Keys that stand in payloads and that no mapping knows, counted by record.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    counts: AHashMap<String, Count>,
    record: u64,
    others: u64,
}

#[derive(Debug)]
struct Count {
    records: u64,
    last: u64,
}

/// Distinct keys that are counted by name: an object used as a map has new ones in every record.
const MAX_KEYS: usize = 256;

impl Known {
    pub(crate) fn of(mapping: &Mapping) -> Known {
        let mut known = Known::default();
        known.ignored.extend(mapping.ignore.iter().map(|path| folded(path)));
        let when = mapping.when.has.iter().chain(mapping.when.equals.iter().map(|(path, _)| path));
        let picked = mapping.pick.iter().flat_map(|(_, paths)| paths);
        for path in when.chain(picked) {
            known.reads(mapping, None, path);
        }
        for rule in mapping.rules() {
            if let Some(each) = &rule.each {
                known.reads(mapping, None, each);
            }
            for path in rule.paths() {
                known.reads(mapping, Some(rule), path);
            }
        }
        known
    }

    /// Whether the key, or one that it stands within, is not to be read.
    pub(crate) fn ignores(&self, path: &str) -> bool {
        if self.ignored.is_empty() {
            return false;
        }
        let ends = path.char_indices().filter(|(_, c)| matches!(c, '.' | '[')).map(|(at, _)| at);
        ends.chain([path.len()]).any(|end| self.ignored.contains(&path[..end]))
    }

    fn reads(&mut self, mapping: &Mapping, rule: Option<&Rule>, path: &str) {
        let Some((name, rest)) = named(path) else { return self.reads_plainly(path) };
        if name == ITEM
            && let Some(each) = rule.and_then(|rule| rule.each.as_deref())
        {
            self.reads_plainly(&format!("{each}[]{rest}"));
            // A list of one may be written without its brackets.
            return self.reads_plainly(&format!("{each}{rest}"));
        }
        for picked in mapping.pick.iter().filter(|(given, _)| given == name).flat_map(|(_, paths)| paths) {
            if named(picked).is_none_or(|(inner, _)| inner == ITEM) {
                self.reads(mapping, rule, &format!("{picked}{rest}"));
            }
        }
    }

    fn reads_plainly(&mut self, path: &str) {
        self.read.insert(folded(path));
        // The conditions in brackets read keys, too.
        let mut from = 0;
        while let Some(open) = path[from..].find('[').map(|at| from + at) {
            let Some(close) = path[open..].find(']').map(|at| open + at) else { return };
            let list = folded(&path[..open]);
            for condition in path[open + 1..close].split(',').filter(|text| !text.trim().is_empty()) {
                let key = parted(condition.trim().trim_start_matches('!')).0;
                self.read.insert(format!("{list}[].{}", folded(key)));
            }
            from = close + 1;
        }
    }
}

impl Unread {
    pub(crate) fn next_record(&mut self) {
        self.record += 1;
    }

    /// Counts the keys of a document that nobody reads. Keys that begin with `_` are notes.
    pub(crate) fn count(
        &mut self,
        known: &Known,
        document: &Node<'_>,
        is_recognised: &impl Fn(&Node<'_>) -> bool,
    ) {
        self.walk(known, document, &mut String::new(), is_recognised);
    }

    /// The keys, and how many records have each.
    pub(crate) fn counts(&self) -> Vec<(String, u64)> {
        let mut counts: Vec<_> =
            self.counts.iter().map(|(key, count)| (key.clone(), count.records)).collect();
        counts.sort_unstable();
        if self.others > 0 {
            counts.push(("others".to_owned(), self.others));
        }
        counts
    }

    fn walk(
        &mut self,
        known: &Known,
        node: &Node<'_>,
        path: &mut String,
        is_recognised: &impl Fn(&Node<'_>) -> bool,
    ) {
        let length = path.len();
        match node {
            Node::Object(entries) => {
                for (key, value) in entries.iter().filter(|(key, _)| !key.starts_with('_')) {
                    if length > 0 {
                        path.push('.');
                    }
                    path.push_str(key);
                    self.walk(known, value, path, is_recognised);
                    path.truncate(length);
                }
            }
            Node::Array(elements) => {
                path.push_str("[]");
                for element in elements {
                    self.walk(known, element, path, is_recognised);
                }
                path.truncate(length);
            }
            Node::Inner(_, held) if !known.read.contains(path.as_str()) => {
                self.walk(known, held, path, is_recognised);
            }
            leaf => {
                let is_known = !leaf.says_something()
                    || known.read.contains(path.as_str())
                    || known.ignores(path)
                    || is_recognised(leaf);
                if !is_known {
                    self.add(path);
                }
            }
        }
    }

    fn add(&mut self, path: &str) {
        if !self.counts.contains_key(path) && self.counts.len() >= MAX_KEYS {
            self.others += 1;
            return;
        }
        let first = Count { records: 1, last: self.record };
        match self.counts.entry(path.to_owned()) {
            Entry::Vacant(entry) => {
                entry.insert(first);
            }
            Entry::Occupied(mut entry) => {
                let count = entry.get_mut();
                count.records += u64::from(count.last != self.record);
                count.last = self.record;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unread(mapping: &str, documents: &[&str]) -> Vec<(String, u64)> {
        let known = Known::of(&Mapping::parse(mapping).unwrap());
        let mut unread = Unread::default();
        for document in documents {
            unread.next_record();
            unread.count(&known, &Node::parse(document, true).unwrap(), &|_| false);
        }
        unread.counts()
    }

    #[test]
    fn keys_that_nobody_reads_are_counted_by_record() {
        let mapping = "ignore = [\"jobs[].url\", \"meta\"]\n[when]\nhas = [\"id\"]\n\
                       [pick]\nrole = \"jobs[current=true]\"\n[fields]\njob_title = \"$role.title\"";
        let first = r#"{"id": 1, "jobs": [{"title": "a", "url": "b", "current": true, "new": 1}, {"new": 2}],
                        "meta": {"a": [{"b": 1}]}, "metadata": 1, "_note": "x", "none": null, "blank": " "}"#;
        let second = r#"{"id": 2, "held": "{\"inner\": {\"deep\": 1}}", "metadata": {"x": 1}}"#;
        let expected = [("held.inner.deep", 1), ("jobs[].new", 1), ("metadata", 1), ("metadata.x", 1)];
        assert_eq!(unread(mapping, &[first, second]), expected.map(|(key, count)| (key.to_owned(), count)));
    }

    #[test]
    fn lists_of_records_are_read_by_item() {
        let mapping = "[[records]]\neach = \"customers\"\n[records.fields]\ncompany_name = \"$item.name\"";
        assert_eq!(
            unread(mapping, &[r#"{"customers": [{"name": "A", "url": "u"}]}"#]),
            [("customers[].url".to_owned(), 1)]
        );
    }

    #[test]
    fn there_is_an_end_to_new_keys() {
        let keys: Vec<String> = (0..1000).map(|key| format!("\"k{key}\": 1")).collect();
        let counts = unread("[fields]\nemail = \"e\"", &[&format!("{{{}}}", keys.join(","))]);
        assert_eq!(counts.len(), MAX_KEYS + 1);
        assert_eq!(counts.last(), Some(&("others".to_owned(), 1000 - MAX_KEYS as u64)));
    }
}
