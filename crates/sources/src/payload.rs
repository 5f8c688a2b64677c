/// Appends the cells as a JSON array of text, in the form that `serde_json` would give it.
///
/// Written here because this is the hottest loop of reading: whole runs are copied, and nothing is allocated.
pub(crate) fn push_array<'a>(json: &mut String, cells: impl Iterator<Item = &'a str>) {
    json.push('[');
    for (index, cell) in cells.enumerate() {
        json.push_str(if index == 0 { "\"" } else { ",\"" });
        push_escaped(json, cell);
        json.push('"');
    }
    json.push(']');
}

/// Appends `text` as a JSON string, quotes and all.
pub fn push_json_text(json: &mut String, text: &str) {
    json.push('"');
    push_escaped(json, text);
    json.push('"');
}

/// Appends `text` with what RFC 8259 section 7 asks to be escaped, escaped.
fn push_escaped(json: &mut String, text: &str) {
    let mut from = 0;
    for (at, &byte) in text.as_bytes().iter().enumerate() {
        if !ESCAPED[byte as usize] {
            continue;
        }
        json.push_str(&text[from..at]);
        from = at + 1;
        match byte {
            b'"' => json.push_str("\\\""),
            b'\\' => json.push_str("\\\\"),
            b'\n' => json.push_str("\\n"),
            b'\r' => json.push_str("\\r"),
            b'\t' => json.push_str("\\t"),
            8 => json.push_str("\\b"),
            12 => json.push_str("\\f"),
            _ => {
                json.push_str("\\u00");
                json.push(HEX[usize::from(byte >> 4)] as char);
                json.push(HEX[usize::from(byte & 15)] as char);
            }
        }
    }
    json.push_str(&text[from..]);
}

const HEX: &[u8; 16] = b"0123456789abcdef";

const ESCAPED: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 32 {
        table[byte] = true;
        byte += 1;
    }
    table[b'"' as usize] = true;
    table[b'\\' as usize] = true;
    table
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_serde_json(cells in proptest::collection::vec("\\PC*|[\\x00-\\x7f]*", 0..6)) {
            let mut json = String::new();
            push_array(&mut json, cells.iter().map(String::as_str));
            prop_assert_eq!(json, serde_json::to_string(&cells).unwrap());
        }
    }
}
