use crate::tree::Node;

/// The first value at `path`: keys joined by dots, indexes of arrays, and in brackets what an array's element must be.
///
/// Keys are compared as they are, so one that has a dot or a bracket of its own is found, too; what is null is not.
pub(crate) fn find<'t, 'a>(node: &'t Node<'a>, path: &str) -> Option<&'t Node<'a>> {
    match node {
        Node::Nothing => None,
        _ if path.is_empty() => Some(node),
        Node::Object(entries) => entries.iter().find_map(|(key, value)| {
            let rest = path.strip_prefix(key.as_ref())?;
            continued(value, rest)
        }),
        Node::Array(elements) if path.starts_with('[') => filtered(elements, path),
        Node::Array(elements) => {
            let length = path.find(|c: char| !c.is_ascii_digit()).unwrap_or(path.len());
            let element = elements.get(path[..length].parse::<usize>().ok()?)?;
            continued(element, &path[length..])
        }
        Node::Inner(_, held) => find(held, path),
        Node::Text(_) | Node::Plain(_) => None,
    }
}

/// What a path finds that begins behind the value: at a dot, a bracket, or its end.
pub(crate) fn continued<'t, 'a>(value: &'t Node<'a>, rest: &str) -> Option<&'t Node<'a>> {
    match rest.as_bytes().first() {
        None => find(value, rest),
        Some(b'.') => find(value, &rest[1..]),
        // One object where there may be several is a list of one.
        Some(b'[') => match value {
            Node::Object(_) => filtered(std::slice::from_ref(value), rest),
            value => find(value, rest),
        },
        Some(_) => None,
    }
}

/// `[is_current=true,company_domain].title` of these elements: the first for which all conditions hold.
fn filtered<'t, 'a>(elements: &'t [Node<'a>], path: &str) -> Option<&'t Node<'a>> {
    let (conditions, rest) = path[1..].split_once(']')?;
    let holds = |element: &Node<'_>| {
        conditions
            .split(',')
            .filter(|condition| !condition.is_empty())
            .all(|text| holds(element, text.trim()))
    };
    continued(elements.iter().find(|element| holds(element))?, rest)
}

/// Whether a condition holds: `path` says something, `!path` says nothing, `path=text` is this very text.
pub(crate) fn holds(node: &Node<'_>, condition: &str) -> bool {
    if let Some(path) = condition.strip_prefix('!') {
        return !find(node, path).is_some_and(Node::says_something);
    }
    match parted(condition) {
        (path, Some(wanted)) => find(node, path).and_then(Node::text) == Some(wanted),
        (path, None) => find(node, path).is_some_and(Node::says_something),
    }
}

/// A condition as its path and the text wanted there. An equal sign within brackets belongs to the path.
pub(crate) fn parted(condition: &str) -> (&str, Option<&str>) {
    let behind = condition.rfind(']').map_or(0, |at| at + 1);
    match condition[behind..].find('=') {
        Some(at) => {
            let (path, wanted) = condition.split_at(behind + at);
            (path.trim_end(), Some(wanted[1..].trim_start()))
        }
        None => (condition, None),
    }
}

/// The path with every index and every condition written as `[]`, under which keys are counted.
pub(crate) fn folded(path: &str) -> String {
    let mut folded = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(open) = rest.find('[') {
        let Some(length) = rest[open..].find(']') else { break };
        push_keys(&mut folded, &rest[..open]);
        folded.push_str("[]");
        rest = &rest[open + length + 1..];
    }
    push_keys(&mut folded, rest);
    folded
}

fn push_keys(folded: &mut String, keys: &str) {
    for (at, key) in keys.split('.').enumerate() {
        let is_index = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
        match (at, is_index) {
            (0, true) if folded.is_empty() => folded.push_str(key),
            (_, true) => folded.push_str("[]"),
            (0, false) => folded.push_str(key),
            (_, false) => {
                folded.push('.');
                folded.push_str(key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROLES: &str = r#"{"roles": [
        {"title": "Advisor", "current": true, "domain": null},
        {"title": "Clerk", "current": false, "domain": "old.example"},
        {"title": "Officer", "current": true, "domain": "bank.example"}
    ], "a.b": {"c": 1}, "a": {"b": {"c": 2, "d": 3}}, "held": "{\"x\": [5]}", "Size (staff) [est]": 7}"#;

    fn text(path: &str) -> Option<String> {
        let tree = Node::parse(ROLES, true).unwrap();
        find(&tree, path).and_then(Node::text).map(str::to_owned)
    }

    #[test]
    fn a_path_leads_through_objects_arrays_and_held_json() {
        assert_eq!(text("roles.1.title").as_deref(), Some("Clerk"));
        assert_eq!(text("held.x.0").as_deref(), Some("5"));
        assert_eq!(text("a.b.c").as_deref(), Some("1"), "a key with a dot comes first where it stands first");
        assert_eq!(text("a.b.d").as_deref(), Some("3"), "and does not hide the other");
        assert_eq!(text("Size (staff) [est]").as_deref(), Some("7"));
        assert_eq!(text("roles.0.domain"), None);
        assert_eq!(text("roles.9.title"), None);
        assert_eq!(text("roles"), None);
    }

    #[test]
    fn brackets_choose_the_first_element_that_fits() {
        assert_eq!(text("roles[current=true,domain].title").as_deref(), Some("Officer"));
        assert_eq!(text("roles[current=true].title").as_deref(), Some("Advisor"));
        assert_eq!(text("roles[!domain].title").as_deref(), Some("Advisor"));
        assert_eq!(text("roles[].title").as_deref(), Some("Advisor"));
        assert_eq!(text("a[b].b.d").as_deref(), Some("3"), "one object is a list of one");
        assert_eq!(text("roles[current=maybe].title"), None);
        assert_eq!(text("roles[current=true"), None);
    }

    #[test]
    fn paths_are_folded() {
        assert_eq!(folded("a.0.b[c=1,d].e"), "a[].b[].e");
        assert_eq!(folded("a[0]"), "a[]");
        assert_eq!(folded("2"), "2");
        assert_eq!(folded("a.0.1.b"), "a[][].b");
    }
}
