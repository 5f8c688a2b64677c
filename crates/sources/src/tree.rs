use std::borrow::Cow;

/// A JSON value in its order and with its duplicates, whose leaves are the text as it stands: a number keeps its digits.
#[derive(Debug)]
pub(crate) enum Node<'a> {
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
    Array(Vec<Node<'a>>),
    /// The text of a string.
    Text(Cow<'a, str>),
    /// The text of a string that itself holds an object or an array, and what it holds.
    Inner(Cow<'a, str>, Box<Node<'a>>),
    /// A number or a truth value, as written.
    Plain(Cow<'a, str>),
    /// Null, and what is nested too deeply to be read.
    Nothing,
}

/// Objects within objects that are read; deeper ones stay in the payload.
const MAX_DEPTH: usize = 16;

impl<'a> Node<'a> {
    /// Reads JSON text; `None` where it is none. With `inner`, strings that hold JSON are read, too.
    pub(crate) fn parse(text: &'a str, inner: bool) -> Option<Node<'a>> {
        let mut reader = Reader { text, at: 0, inner };
        reader.value(0)
    }

    /// The node of a text that stands alone, such as a cell.
    pub(crate) fn of_text(text: Cow<'a, str>, inner: bool) -> Node<'a> {
        let held = if inner { holds_json(&text).map(Node::into_owned) } else { None };
        match held {
            Some(held) => Node::Inner(text, Box::new(held)),
            None => Node::Text(text),
        }
    }

    /// The text of a leaf.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Node::Text(text) | Node::Inner(text, _) | Node::Plain(text) => Some(text),
            Node::Object(_) | Node::Array(_) | Node::Nothing => None,
        }
    }

    /// Whether there is something: more than null, blank text, or an empty object or array.
    pub(crate) fn says_something(&self) -> bool {
        match self {
            Node::Object(entries) => !entries.is_empty(),
            Node::Array(elements) => !elements.is_empty(),
            Node::Nothing => false,
            leaf => leaf.text().is_some_and(|text| !text.trim_start().is_empty()),
        }
    }

    fn into_owned(self) -> Node<'static> {
        let own = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        match self {
            Node::Object(entries) => {
                Node::Object(entries.into_iter().map(|(key, node)| (own(key), node.into_owned())).collect())
            }
            Node::Array(elements) => Node::Array(elements.into_iter().map(Node::into_owned).collect()),
            Node::Text(text) => Node::Text(own(text)),
            Node::Inner(text, node) => Node::Inner(own(text), Box::new(node.into_owned())),
            Node::Plain(text) => Node::Plain(own(text)),
            Node::Nothing => Node::Nothing,
        }
    }
}

/// The object or array that `text` holds, if it is one. What stands in its strings is not looked into again.
fn holds_json(text: &str) -> Option<Node<'_>> {
    let trimmed = text.trim_ascii();
    let is_closed = |open, close| trimmed.starts_with(open) && trimmed.ends_with(close);
    if !is_closed('{', '}') && !is_closed('[', ']') {
        return None;
    }
    serde_json::from_str::<serde::de::IgnoredAny>(trimmed).ok()?;
    Node::parse(trimmed, false)
}

/// The extended JSON of MongoDB wraps what JSON has no word for: `{"$oid": "65a0..."}` is an id, `{"$numberLong": "7"}` a
/// number, `{"$date": ...}` an instant.
fn unwrapped<'a>(mut entries: Vec<(Cow<'a, str>, Node<'a>)>) -> Node<'a> {
    let kind = match &entries[..] {
        [(key, _)] => key.strip_prefix('$').unwrap_or_default(),
        _ => "",
    };
    let is_number = matches!(kind, "numberInt" | "numberLong" | "numberDouble" | "numberDecimal");
    if !is_number && !matches!(kind, "oid" | "date") {
        return Node::Object(entries);
    }
    match entries.pop() {
        Some((_, Node::Text(text))) if is_number => Node::Plain(text),
        Some((key, Node::Plain(number))) if &*key == "$date" => {
            let instant = number.parse().ok().and_then(crate::times::of_milliseconds);
            instant.map_or(Node::Plain(number), |instant| Node::Text(Cow::Owned(instant)))
        }
        Some((_, leaf @ (Node::Text(_) | Node::Plain(_)))) => leaf,
        Some(other) => Node::Object(vec![other]),
        None => Node::Object(entries),
    }
}

/// Reads JSON that is known to be well-formed, and stops at what is not.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    inner: bool,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Option<Node<'a>> {
        Some(match self.peek()? {
            // Passed over, so that no text can make the stack too long.
            b'{' | b'[' if depth > MAX_DEPTH => {
                self.skip_nested()?;
                Node::Nothing
            }
            b'{' => unwrapped(self.entries(depth)?),
            b'[' => Node::Array(self.elements(depth)?),
            b'"' => Node::of_text(self.string()?, self.inner),
            _ => match self.plain()? {
                "null" => Node::Nothing,
                text => Node::Plain(Cow::Borrowed(text)),
            },
        })
    }

    fn entries(&mut self, depth: usize) -> Option<Vec<(Cow<'a, str>, Node<'a>)>> {
        self.at += 1;
        let mut entries = Vec::new();
        loop {
            match self.peek()? {
                b'}' => break,
                b',' => self.at += 1,
                b'"' => {
                    let key = self.string()?;
                    if self.peek()? != b':' {
                        return None;
                    }
                    self.at += 1;
                    entries.push((key, self.value(depth + 1)?));
                }
                _ => return None,
            }
        }
        self.at += 1;
        Some(entries)
    }

    fn elements(&mut self, depth: usize) -> Option<Vec<Node<'a>>> {
        self.at += 1;
        let mut elements = Vec::new();
        loop {
            match self.peek()? {
                b']' => break,
                b',' => self.at += 1,
                _ => elements.push(self.value(depth + 1)?),
            }
        }
        self.at += 1;
        Some(elements)
    }

    /// The next byte that is not white space.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at)?.is_ascii_whitespace() {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        let start = self.at;
        let is_plain = self.skip_string()?;
        let quoted = self.text.get(start..self.at)?;
        if is_plain {
            return quoted.get(1..quoted.len() - 1).map(Cow::Borrowed);
        }
        serde_json::from_str::<String>(quoted).ok().map(Cow::Owned)
    }

    /// Passes over a string; whether it has no escapes.
    fn skip_string(&mut self) -> Option<bool> {
        let mut is_plain = true;
        self.at += 1;
        loop {
            let rest = self.text.as_bytes().get(self.at..)?;
            let found = memchr::memchr2(b'"', b'\\', rest)?;
            let is_escape = rest[found] == b'\\';
            self.at += found + if is_escape { 2 } else { 1 };
            if !is_escape {
                return Some(is_plain);
            }
            is_plain = false;
        }
    }

    fn plain(&mut self) -> Option<&'a str> {
        let rest = self.text.get(self.at..)?;
        let ends = |byte: &u8| matches!(byte, b',' | b']' | b'}') || byte.is_ascii_whitespace();
        let length = rest.as_bytes().iter().position(ends).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).filter(|text| !text.is_empty())
    }

    fn skip_nested(&mut self) -> Option<()> {
        let mut open = 0_usize;
        loop {
            match self.peek()? {
                b'"' => {
                    self.skip_string()?;
                    continue;
                }
                b'{' | b'[' => open += 1,
                b'}' | b']' => open -= 1,
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return Some(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_keep_their_text() {
        let text = r#" {"a": 1.50, "b" :"x\n\"y", "a":[true, null,{}], "":-0} "#;
        let Some(Node::Object(entries)) = Node::parse(text, false) else { panic!("no object") };
        assert_eq!(entries.iter().map(|(key, _)| key.as_ref()).collect::<Vec<_>>(), ["a", "b", "a", ""]);
        assert_eq!(entries[0].1.text(), Some("1.50"));
        assert_eq!(entries[1].1.text(), Some("x\n\"y"));
        assert!(matches!(&entries[2].1, Node::Array(elements) if elements.len() == 3));
        assert_eq!(entries[3].1.text(), Some("-0"));
    }

    #[test]
    fn extended_json_is_what_it_wraps() {
        let text = r#"[{"$oid": "65a0"}, {"$date": "2025-12-18T09:00:00Z"}, {"$date": {"$numberLong": "1766048400000"}},
                       {"$numberInt": "7"}, {"$numberDouble": "87.5"}, {"$else": "x"}, {"$oid": {"a": 1}}]"#;
        let Some(Node::Array(elements)) = Node::parse(text, false) else { panic!("no array") };
        let texts: Vec<_> = elements.iter().map(Node::text).collect();
        let instant = Some("2025-12-18T09:00:00Z");
        assert_eq!(texts, [Some("65a0"), instant, instant, Some("7"), Some("87.5"), None, None]);
        assert!(matches!(elements[3], Node::Plain(_)) && matches!(elements[6], Node::Object(_)));
    }

    #[test]
    fn depth_is_bounded_and_what_follows_is_read() {
        let text = format!("{{\"deep\":{}{},\"next\":1}}", "[".repeat(100_000), "]".repeat(100_000));
        let Some(Node::Object(entries)) = Node::parse(&text, false) else { panic!("no object") };
        assert_eq!(entries[1].1.text(), Some("1"));
    }

    #[test]
    fn a_string_that_holds_an_object_is_led_into_only_on_demand() {
        let text = r#"["{\"a\": {\"b\": 1}}", "[note] no JSON]", "{bad}"]"#;
        let Some(Node::Array(elements)) = Node::parse(text, true) else { panic!("no array") };
        assert!(matches!(&elements[0], Node::Inner(text, _) if text.starts_with('{')));
        assert!(matches!(elements[1..], [Node::Text(_), Node::Text(_)]));
        let Some(Node::Array(elements)) = Node::parse(text, false) else { panic!("no array") };
        assert!(matches!(elements[0], Node::Text(_)));
    }
}
