//! Types and defaults as Prisma says them.

use firmograph_store::Column;

/// A column's type: the scalar with what follows it, and the native type where it is not that scalar's own.
pub(super) fn of(column: &Column) -> (String, Option<String>) {
    let (element, is_list) = match column.data_type.strip_suffix("[]") {
        Some(element) => (element, true),
        None => (column.data_type.as_str(), false),
    };
    let (base, arguments) = split(element);
    let with = |native: &str| {
        let arguments = arguments.map(|given| given.replace(',', ", "));
        Some(format!("@db.{native}{}", arguments.map_or_else(String::new, |given| format!("({given})"))))
    };
    // Without a number of digits, times have six.
    let time = |native: &str| Some(format!("@db.{native}({})", arguments.unwrap_or("6")));
    let plain = |native: &str| Some(format!("@db.{native}"));
    let (scalar, native) = match base.as_str() {
        "text" => ("String", None),
        "character varying" => ("String", with("VarChar")),
        "character" | "bpchar" => ("String", with("Char")),
        "uuid" => ("String", plain("Uuid")),
        "citext" => ("String", plain("Citext")),
        "xml" => ("String", plain("Xml")),
        "inet" => ("String", plain("Inet")),
        "bit" => ("String", with("Bit")),
        "bit varying" => ("String", with("VarBit")),
        "bigint" => ("BigInt", None),
        "integer" => ("Int", None),
        "smallint" => ("Int", plain("SmallInt")),
        "oid" => ("Int", plain("Oid")),
        "double precision" => ("Float", None),
        "real" => ("Float", plain("Real")),
        "numeric" => ("Decimal", with("Decimal")),
        "money" => ("Decimal", plain("Money")),
        "boolean" => ("Boolean", None),
        "bytea" => ("Bytes", None),
        "jsonb" => ("Json", None),
        "json" => ("Json", plain("Json")),
        "date" => ("DateTime", plain("Date")),
        "timestamp without time zone" => ("DateTime", time("Timestamp")),
        "timestamp with time zone" => ("DateTime", time("Timestamptz")),
        "time without time zone" => ("DateTime", time("Time")),
        "time with time zone" => ("DateTime", time("Timetz")),
        _ => {
            let optional = if column.is_nullable { "?" } else { "" };
            return (format!("Unsupported({}){optional}", quoted(&column.data_type)), None);
        }
    };
    // An empty list is a list: Prisma has no optional ones.
    let end = match (is_list, column.is_nullable) {
        (true, _) => "[]",
        (false, true) => "?",
        (false, false) => "",
    };
    (format!("{scalar}{end}"), native)
}

/// A column's default.
pub(super) fn default(column: &Column) -> Option<String> {
    if column.is_identity {
        return Some("autoincrement()".to_owned());
    }
    if column.is_generated {
        return Some("dbgenerated()".to_owned());
    }
    let sql = column.default.as_deref()?;
    let (scalar, _) = of(column);
    let scalar = scalar.trim_end_matches('?');
    // The type that a literal is cast to says nothing that the column does not say.
    let literal = sql.split_once("::").map_or(sql, |(literal, _)| literal);
    let number = literal.trim_matches('\'');
    let is_number = |is_whole: bool| {
        let digits = number.strip_prefix('-').unwrap_or(number);
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        let all = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        all(whole) && all(part) && !(is_whole && digits.contains('.'))
    };
    let value = match scalar {
        "DateTime" if matches!(sql, "CURRENT_TIMESTAMP" | "now()") => "now()".to_owned(),
        "Int" | "BigInt" if sql.starts_with("nextval(") => "autoincrement()".to_owned(),
        "Int" | "BigInt" if is_number(true) => number.to_owned(),
        "Float" | "Decimal" if is_number(false) => number.to_owned(),
        "Boolean" if matches!(sql, "true" | "false") => sql.to_owned(),
        "String" | "Json" => match text_literal(sql) {
            Some(text) => quoted(&text),
            None => format!("dbgenerated({})", quoted(sql)),
        },
        _ => format!("dbgenerated({})", quoted(sql)),
    };
    Some(value)
}

/// The text of `'it''s'::text`; nothing where the SQL is anything else.
fn text_literal(sql: &str) -> Option<String> {
    let rest = sql.strip_prefix('\'')?;
    let mut text = String::new();
    let mut chars = rest.char_indices();
    while let Some((at, c)) = chars.next() {
        if c != '\'' {
            text.push(c);
        } else if rest[at + 1..].starts_with('\'') {
            text.push(c);
            chars.next();
        } else {
            let cast = &rest[at + 1..];
            let is_type = |c: char| c.is_ascii_alphanumeric() || "_ (),".contains(c);
            let is_cast = cast.strip_prefix("::").is_some_and(|kind| kind.chars().all(is_type));
            return (cast.is_empty() || is_cast).then_some(text);
        }
    }
    None
}

/// `numeric(10,2)` as `numeric` and `10,2`; what follows the brackets belongs to the name.
fn split(element: &str) -> (String, Option<&str>) {
    let parts = element.split_once('(').and_then(|(before, rest)| {
        let (inside, after) = rest.split_once(')')?;
        Some((format!("{before}{after}"), Some(inside)))
    });
    parts.unwrap_or_else(|| (element.to_owned(), None))
}

/// A text between quotation marks.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
