//! A mapping applied to one document.

use crate::language::{ITEM, named};
use crate::mapping::{Mapping, Rule, Unit};
use crate::path::{self, continued, find};
use crate::tabular::set;
use crate::times;
use crate::tree::Node;
use firmograph_core::{Field, FieldSetBuilder};

/// What fills one field.
#[derive(Clone, Copy)]
pub(crate) enum Filling<'t, 'a> {
    Found(&'t Node<'a>),
    Constant(&'t str),
}

/// What fills the fields of one record, in the order in which it is tried.
pub(crate) type Filled<'t, 'a> = Vec<(Field, Filling<'t, 'a>)>;

/// The first mapping whose condition holds, and the documents within the record to which it applies.
pub(crate) fn choose<'t, 'a>(mappings: &[Mapping], root: &'t Node<'a>) -> Option<(usize, &'t [Node<'a>])> {
    mappings.iter().enumerate().find_map(|(index, mapping)| {
        let documents = match mapping.list.as_deref().and_then(|list| find(root, list)) {
            Some(Node::Array(elements)) => elements.as_slice(),
            _ => std::slice::from_ref(root),
        };
        mapping.when.holds(documents.first()?).then_some((index, documents))
    })
}

/// What the mapping finds in one document, by record.
pub(crate) fn evaluate<'t, 'a>(mapping: &'t Mapping, root: &'t Node<'a>) -> Vec<Filled<'t, 'a>> {
    if mapping.records.is_empty() {
        return vec![filled(mapping, &[&mapping.common], root, None)];
    }
    let mut records = Vec::new();
    for rule in &mapping.records {
        let rules = [rule, &mapping.common];
        match &rule.each {
            None => records.push(filled(mapping, &rules, root, None)),
            Some(each) => match find(root, each) {
                Some(Node::Array(elements)) => {
                    records.extend(elements.iter().map(|item| filled(mapping, &rules, root, Some(item))));
                }
                Some(one) => records.push(filled(mapping, &rules, root, Some(one))),
                None => {}
            },
        }
    }
    if records.is_empty() {
        // Its lists are empty; what holds for every record still dates the payload.
        records.push(filled(mapping, &[&mapping.common], root, None));
    }
    records
}

/// Sets the fields of one record.
pub(crate) fn fill(mapping: &Mapping, filled: &Filled<'_, '_>, builder: &mut FieldSetBuilder) {
    for &(field, filling) in filled {
        let text = match filling {
            Filling::Found(node) => node.text().unwrap_or_default(),
            Filling::Constant(text) => text,
        };
        set_by(mapping, builder, field, text);
    }
}

/// Sets a field as the mapping has it: not from a text that means nothing there.
pub(crate) fn set_by(mapping: &Mapping, builder: &mut FieldSetBuilder, field: Field, text: &str) {
    if mapping.is_blank(field, text) {
        return;
    }
    // Only the mapping knows the form, and this field is said of no company or person.
    if field == Field::ObservedAt
        && let Some(instant) = times::in_rfc_3339(text, &mapping.times)
    {
        return set(builder, field, &instant);
    }
    set(builder, field, text);
}

/// A document, the element of its list that is looked at, and what was picked.
struct Scope<'t, 'a> {
    root: &'t Node<'a>,
    item: Option<&'t Node<'a>>,
    picked: Vec<(&'t str, Option<&'t Node<'a>>)>,
}

impl<'t, 'a> Scope<'t, 'a> {
    fn find(&self, path: &str) -> Option<&'t Node<'a>> {
        if let Some((name, rest)) = named(path) {
            if name == ITEM && self.item.is_some() {
                return continued(self.item?, rest);
            }
            if let Some((_, node)) = self.picked.iter().find(|(given, _)| *given == name) {
                return continued((*node)?, rest);
            }
        }
        find(self.root, path)
    }

    fn holds(&self, condition: &str) -> bool {
        let (path, _) = path::parted(condition);
        match named(path) {
            None => path::holds(self.root, condition),
            // The condition is asked of the value itself.
            Some(_) => match (self.find(path), path::parted(condition).1) {
                (Some(node), Some(wanted)) => node.text() == Some(wanted),
                (found, None) => found.is_some_and(Node::says_something),
                (None, Some(_)) => false,
            },
        }
    }
}

/// What `rules` find, the first before the second.
fn filled<'t, 'a>(
    mapping: &'t Mapping,
    rules: &[&'t Rule],
    root: &'t Node<'a>,
    item: Option<&'t Node<'a>>,
) -> Filled<'t, 'a> {
    let mut scope = Scope { root, item, picked: Vec::with_capacity(mapping.pick.len()) };
    for (name, paths) in &mapping.pick {
        let picked = paths.iter().find_map(|path| scope.find(path).filter(|node| node.says_something()));
        scope.picked.push((name, picked));
    }
    let mut filled = Vec::new();
    for rule in rules {
        for (field, paths) in &rule.fields {
            let found = paths.iter().filter_map(|path| scope.find(path));
            filled.extend(found.map(|node| (*field, Filling::Found(node))));
        }
        for (condition, said) in &rule.says {
            if scope.holds(condition) {
                filled.extend(said.iter().map(|(field, text)| (*field, Filling::Constant(text.as_str()))));
            }
        }
        for (field, unit) in &rule.units {
            match unit {
                Unit::Constant(unit) => filled.push((*field, Filling::Constant(unit))),
                Unit::Path(paths) => {
                    let found = paths.iter().filter_map(|path| scope.find(path));
                    filled.extend(found.map(|node| (*field, Filling::Found(node))));
                }
            }
        }
    }
    filled
}
