//! Many rows in one cell. SQLite hands rows over one by one, from a thread of its own, with a copy of each cell: for
//! hundreds of thousands of rows that takes longer than finding them. So the rows of a page come as one text, each cell with
//! its length before it.

use crate::table::ColumnKind;
use crate::value::{Cell, Row};
use firmograph_core::{Error, ErrorKind};

/// A column to read: its SQL expression and how it is read.
pub(crate) type Read = (String, ColumnKind);

/// The query that packs what `rest` (`FROM ...`) finds.
pub(crate) fn query(columns: &[Read], rest: &str) -> String {
    let cells: Vec<_> = columns.iter().map(|(sql, _)| format!("octet_length({sql}), ' ', {sql}")).collect();
    let row = cells.join(", ");
    // Bytes, because ids are no text.
    format!("SELECT CAST(group_concat(packed, '') AS BLOB) FROM (SELECT concat({row}) AS packed {rest})")
}

/// The rows that were packed.
pub(crate) fn rows(mut packed: &[u8], columns: &[Read]) -> Result<Vec<Row>, Error> {
    let mut rows = Vec::new();
    while !packed.is_empty() {
        let mut cells = Vec::with_capacity(columns.len());
        for (_, kind) in columns {
            cells.push(cell(&mut packed, *kind).ok_or_else(broken)?);
        }
        rows.push(Row::new(cells));
    }
    Ok(rows)
}

/// The next cell: the number of its bytes, a blank, and its bytes; no number where there is none.
fn cell(packed: &mut &[u8], kind: ColumnKind) -> Option<Cell> {
    let blank = packed.iter().position(|&byte| byte == b' ')?;
    let (length, rest) = (&packed[..blank], &packed[blank + 1..]);
    if length.is_empty() {
        *packed = rest;
        return Some(Cell::Null);
    }
    let (bytes, rest) = rest.split_at_checked(std::str::from_utf8(length).ok()?.parse().ok()?)?;
    *packed = rest;
    Some(match kind {
        ColumnKind::Id | ColumnKind::Bytes => Cell::Bytes(bytes.to_vec()),
        ColumnKind::Int => match std::str::from_utf8(bytes).ok()? {
            text if text.parse::<i64>().is_ok() => Cell::Int(text.parse().ok()?),
            text => Cell::Text(text.into()),
        },
        ColumnKind::Real => Cell::Real(std::str::from_utf8(bytes).ok()?.parse().ok()?),
        ColumnKind::Text | ColumnKind::Json | ColumnKind::Time => {
            Cell::Text(std::str::from_utf8(bytes).ok()?.into())
        }
    })
}

fn broken() -> Error {
    Error::new(ErrorKind::Environment, "database-shape", "the database gave rows of another shape")
        .with_help("the tables were changed by hand or by another version: see `firmograph doctor`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Connection;
    use crate::value::Value;

    #[tokio::test]
    async fn every_cell_comes_as_it_is_stored() {
        let mut conn = Connection::open("sqlite::memory:").await.unwrap();
        conn.run("CREATE TABLE t (id BLOB, number BIGINT, said TEXT)").await.unwrap();
        let id = firmograph_core::PayloadId([b' ', 0, b'7', 255, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        for (number, said) in [(Value::Int(-12), "5 \u{fc}\0'|"), (Value::Null, ""), (Value::Int(7), "7 ")] {
            let params = [Value::Id(id), number, Value::text(said)];
            conn.execute("INSERT INTO t VALUES ($1, $2, $3)", &params).await.unwrap();
        }
        let columns = [("id", ColumnKind::Id), ("number", ColumnKind::Int), ("said", ColumnKind::Text)]
            .map(|(name, kind)| (name.to_owned(), kind));
        let packed = conn.fetch_many(&columns, "FROM t WHERE said <> $1", &[Value::text("x")]).await.unwrap();
        let plain = conn.fetch("SELECT id, number, said FROM t", &[]).await.unwrap();
        assert_eq!((packed.len(), format!("{packed:?}")), (3, format!("{plain:?}")));
        assert!(conn.fetch_many(&columns, "FROM t WHERE 1 = 0", &[]).await.unwrap().is_empty());
        assert!(rows(b"9 too few", &columns).is_err());
    }
}
