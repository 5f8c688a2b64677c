use crate::elements::Layout;

/// Keys under which a document keeps its list of records.
const LISTS: [&str; 15] = [
    "data",
    "records",
    "results",
    "people",
    "persons",
    "contacts",
    "leads",
    "companies",
    "organizations",
    "accounts",
    "prospects",
    "items",
    "rows",
    "hits",
    "documents",
];

/// Where the records of a JSON document stand, and how many bytes come before the first.
///
/// An array at the top, or one behind a key such as `data` in the first object; anything else is values one by one.
pub(crate) fn layout(text: &str) -> (Layout, usize) {
    let start = text.len() - text.trim_start().len();
    match text.as_bytes().get(start) {
        Some(b'[') => (Layout::Array { wrapped: false }, start + 1),
        Some(b'{') => match list_start(text.as_bytes(), start + 1) {
            Some(at) => (Layout::Array { wrapped: true }, at),
            None => (Layout::Values, start),
        },
        _ => (Layout::Values, start),
    }
}

/// The offset behind the opening bracket of the list among the object's own values, if the sample reaches it.
fn list_start(text: &[u8], from: usize) -> Option<usize> {
    let (mut at, mut depth) = (from, 1);
    let mut last: Option<&[u8]> = None;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'"' => {
                let end = string_end(text, at + 1)?;
                last = Some(&text[at + 1..end]);
                at = end;
            }
            b'[' if depth == 1 => {
                let is_list = last.is_some_and(|key| LISTS.iter().any(|list| list.as_bytes() == key));
                let first = text[at + 1..].iter().find(|byte| !byte.is_ascii_whitespace());
                if is_list && first == Some(&b'{') {
                    return Some(at + 1);
                }
                depth += 1;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return None;
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn string_end(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match text.get(at)? {
            b'\\' => at += 2,
            b'"' => return Some(at),
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_behind_a_known_key_holds_the_records() {
        let text = "{\"_note\": \"data [\", \"meta\": {\"data\": [{}]}, \"records\": [{\"a\": 1}]}";
        let (layout, at) = layout(text);
        assert_eq!(layout, Layout::Array { wrapped: true });
        assert_eq!(&text[at..at + 8], "{\"a\": 1}");
    }

    #[test]
    fn other_objects_are_records_themselves() {
        assert_eq!(layout(" {\"emails\": [{}]}"), (Layout::Values, 1));
        assert_eq!(layout("[{}]"), (Layout::Array { wrapped: false }, 1));
    }
}
