//! Reads as much of a Prisma schema as there is to compare. It fails on a line that it does not know.

/// A field of a block.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) rest: String,
}

/// A model or view.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) is_view: bool,
    pub(super) name: String,
    pub(super) fields: Vec<Field>,
    /// `@@...`, one a line.
    pub(super) attributes: Vec<String>,
    pub(super) comments: String,
}

/// What stands between the brackets behind `name`; nothing between them, or no brackets, is an empty text.
pub(super) fn argument(text: &str, name: &str) -> Option<String> {
    let mut from = 0;
    let start = loop {
        let at = from + text[from..].find(name)?;
        let before = text[..at].chars().next_back();
        let after = text[at + name.len()..].chars().next();
        // `@id` is not `@@id`, and not the start of `@idle`.
        if before.is_none_or(|c| c == ' ') && after.is_none_or(|c| !c.is_alphanumeric()) {
            break at + name.len();
        }
        from = at + name.len();
    };
    let Some(rest) = text[start..].strip_prefix('(') else { return Some(String::new()) };
    let (mut depth, mut is_text, mut is_escaped) = (1, false, false);
    for (at, c) in rest.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_text => is_escaped = true,
            '"' => is_text = !is_text,
            '(' if !is_text => depth += 1,
            ')' if !is_text => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(rest[..at].to_owned());
        }
    }
    panic!("{text}: a bracket is not closed");
}

/// The text in the first quotation marks.
pub(super) fn text(quoted: &str) -> String {
    quoted.split('"').nth(1).unwrap_or_else(|| panic!("{quoted}: no text")).to_owned()
}

/// The value of `key: value` among arguments.
pub(super) fn named(arguments: &str, key: &str) -> Option<String> {
    let (_, rest) = arguments.split_once(&format!("{key}: "))?;
    let end = if rest.starts_with('[') { rest.find(']')? + 1 } else { rest.find(',').unwrap_or(rest.len()) };
    Some(rest[..end].to_owned())
}

/// `[a, b(sort: Desc)]` as names.
pub(super) fn list(text: &str) -> Vec<String> {
    let inside = text.trim_start_matches('[').split(']').next().unwrap();
    inside.split(", ").map(|one| one.split('(').next().unwrap().to_owned()).collect()
}

impl Block {
    pub(super) fn schema(&self) -> String {
        text(&self.attribute("@@schema").unwrap())
    }

    /// Name in the database.
    pub(super) fn table(&self) -> String {
        self.attribute("@@map").map_or_else(|| self.name.clone(), |map| text(&map))
    }

    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        self.attributes.iter().find_map(|line| argument(line, name))
    }

    /// Fields that are columns, not relations.
    pub(super) fn columns(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| argument(&field.rest, "@relation").is_none())
    }

    /// Names in the database of fields.
    pub(super) fn stored(&self, fields: &[String]) -> Vec<String> {
        let of = |name: &String| self.fields.iter().find(|field| field.name == *name).unwrap().stored();
        fields.iter().map(of).collect()
    }
}

impl Field {
    /// Name in the database.
    pub(super) fn stored(&self) -> String {
        argument(&self.rest, "@map").map_or_else(|| self.name.clone(), |map| text(&map))
    }
}

pub(super) fn parse(schema: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut is_inside = false;
    let mut is_head = false;
    for line in schema.lines().map(str::trim) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match (is_inside, words.as_slice()) {
            (_, []) => {}
            (true, ["}"]) => is_inside = false,
            (false, ["}"]) if is_head => is_head = false,
            (true, ["//", ..]) => blocks.last_mut().unwrap().comments += &format!("{line}\n"),
            (false, ["//", ..]) => {}
            (false, ["generator" | "datasource", _, "{"]) => is_head = true,
            (false, [_, "=", ..]) if is_head => {}
            (false, [kind @ ("model" | "view"), name, "{"]) => {
                is_inside = true;
                blocks.push(Block {
                    is_view: *kind == "view",
                    name: (*name).to_owned(),
                    fields: Vec::new(),
                    attributes: Vec::new(),
                    comments: String::new(),
                });
            }
            (true, [first, ..]) if first.starts_with("@@") => {
                blocks.last_mut().unwrap().attributes.push(line.to_owned());
            }
            (true, [name, kind, rest @ ..]) => {
                let (name, kind) = ((*name).to_owned(), (*kind).to_owned());
                blocks.last_mut().unwrap().fields.push(Field { name, kind, rest: rest.join(" ") });
            }
            _ => panic!("what is {line:?}?"),
        }
    }
    blocks
}
