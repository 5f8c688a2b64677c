use crate::Store;
use crate::table::Table;
use crate::value::{Row, Rows, Value};
use firmograph_core::{
    Attribute, Dimension, EntityKind, Error, ErrorKind, Evidence, MatchedValue, PayloadId, RawValue, Source,
    Support, Timestamp,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// One of the values that a source gave beside the one shown, as kept in the column `others`.
#[derive(Serialize, Deserialize)]
struct Other<'a> {
    #[serde(borrow)]
    raw: Vec<Option<Cow<'a, str>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    observed_at: Option<Timestamp>,
    payloads: u32,
    payload: Cow<'a, str>,
}

struct DimensionRows<'d> {
    rows: &'d [&'d Dimension],
    now: Timestamp,
}

impl Rows for DimensionRows<'_> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn row<'a>(&'a self, index: usize, out: &mut Vec<Value<'a>>) {
        let row = self.rows[index];
        let spec = row.attribute().spec();
        out.extend([Value::text(row.key()), Value::text(row.source().as_str())]);
        out.extend(row.raw().parts(spec.parts.len()).map(Value::maybe));
        match row.matched() {
            Some(matched) => {
                out.extend(matched.columns.iter().map(Value::from));
                out.push(Value::Text(json(&matched.evidence)));
            }
            None => out.extend((0..=spec.matched.len()).map(|_| Value::Null)),
        }
        out.extend([Value::Int(row.first().payloads.into()), Value::Id(row.first().payload)]);
        out.push(if row.others().is_empty() { Value::Null } else { Value::Text(others(row)) });
        out.extend([Value::time(row.first().observed_at), Value::Time(self.now), Value::Time(self.now)]);
    }
}

fn json(value: &impl Serialize) -> Cow<'static, str> {
    // Serialising plain structs with text keys cannot fail.
    Cow::Owned(serde_json::to_string(value).unwrap_or_default())
}

fn others(row: &Dimension) -> Cow<'static, str> {
    let parts = row.attribute().spec().parts.len();
    let list: Vec<_> = row
        .others()
        .iter()
        .map(|support| Other {
            raw: support.raw.parts(parts).map(|part| part.map(Cow::Borrowed)).collect(),
            observed_at: support.observed_at,
            payloads: support.payloads,
            payload: support.payload.to_string().into(),
        })
        .collect();
    json(&list)
}

impl Store {
    /// Every row of `attribute` about one of `keys`, of all sources, in no particular order.
    ///
    /// # Errors
    /// When the database does not answer or holds rows of another shape.
    pub async fn dimensions(&mut self, attribute: Attribute, keys: &[&str]) -> Result<Vec<Dimension>, Error> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let table = Table::dimension(attribute);
        let columns = table.read(TIMES);
        let rest = format!("FROM {} WHERE {}", table.name, self.conn.any_text("\"key\"", 1));
        let mut all = Vec::new();
        for keys in keys.chunks(AT_ONCE) {
            for row in self.conn.fetch_many(&columns, &rest, &[Value::Texts(keys)]).await? {
                all.push(read(attribute, row)?);
            }
        }
        Ok(all)
    }

    /// Writes rows of one attribute, sorted by key and source: `new` ones the table does not have, `changed` ones it has.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_dimensions(
        &mut self,
        attribute: Attribute,
        new: &[&Dimension],
        changed: &[&Dimension],
        now: Timestamp,
    ) -> Result<(), Error> {
        let table = Table::dimension(attribute);
        self.conn.insert(&table, &DimensionRows { rows: new, now }).await?;
        self.conn.upsert(&table, &DimensionRows { rows: changed, now }).await
    }

    /// Every row of `attribute` about a key from `from` on and before `to`, in byte order; of all sources, in no particular
    /// order.
    ///
    /// # Errors
    /// When the database does not answer or holds rows of another shape.
    pub async fn dimensions_between(
        &mut self,
        attribute: Attribute,
        from: &str,
        to: Option<&str>,
    ) -> Result<Vec<Dimension>, Error> {
        let table = Table::dimension(attribute);
        let order = if self.conn.is_postgres() { "\"key\" COLLATE \"C\"" } else { "\"key\"" };
        let columns = table.read(TIMES);
        let (mut all, mut from, mut limit) = (Vec::new(), Box::<str>::from(from), AT_ONCE);
        // Page by page: a driver's row takes several times the room of ours.
        loop {
            let (filter, params) = between("key", &from, to, self.conn.is_postgres());
            let rest = format!("FROM {} WHERE {filter} ORDER BY {order} LIMIT {limit}", table.name);
            let rows = self.conn.fetch_many(&columns, &rest, &params).await?;
            let is_last = rows.len() < limit;
            let page: Vec<Dimension> =
                rows.into_iter().map(|row| read(attribute, row)).collect::<Result<_, _>>()?;
            if is_last {
                all.extend(page);
                return Ok(all);
            }
            // Of the last key there may be more: the next page begins with it.
            let next: Box<str> = page.last().map_or_else(Box::default, |row| row.key().into());
            if next == from {
                limit *= 2;
                continue;
            }
            all.extend(page.into_iter().filter(|row| *row.key() != *next));
            from = next;
        }
    }

    /// Deletes rows of one attribute.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn delete_dimensions(
        &mut self,
        attribute: Attribute,
        rows: &[&Dimension],
    ) -> Result<(), Error> {
        let table = Table::dimension(attribute);
        let mut by_source: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for row in rows {
            by_source.entry(row.source().as_str()).or_default().push(row.key());
        }
        let is_one = self.conn.any_text("\"key\"", 1);
        let sql = format!("DELETE FROM {} WHERE {is_one} AND source = $2", table.name);
        for (source, keys) in by_source {
            for keys in keys.chunks(AT_ONCE) {
                self.conn.execute(&sql, &[Value::Texts(keys), Value::text(source)]).await?;
            }
        }
        Ok(())
    }

    /// Those of `keys` of which any source says anything.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keys_with_dimensions(
        &mut self,
        kind: EntityKind,
        keys: &[&str],
    ) -> Result<HashSet<Box<str>>, Error> {
        let mut found = HashSet::new();
        let mut rest = keys.to_vec();
        for attribute in Attribute::of(kind) {
            if rest.is_empty() {
                break;
            }
            let is_one = self.conn.any_text("\"key\"", 1);
            let sql = format!("SELECT DISTINCT \"key\" FROM core.{} WHERE {is_one}", attribute.spec().table);
            for mut row in self.conn.fetch(&sql, &[Value::Texts(&rest)]).await? {
                found.insert(row.text()?);
            }
            rest.retain(|key| !found.contains(*key));
        }
        Ok(found)
    }

    /// Those of `companies` (keys) for which some source says that somebody works.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn employers_among(&mut self, companies: &[&str]) -> Result<HashSet<Box<str>>, Error> {
        if companies.is_empty() {
            return Ok(HashSet::new());
        }
        let table = Table::dimension(Attribute::PersonCompany);
        let is_one = self.conn.any_text("matched_company_key", 1);
        let sql = format!("SELECT DISTINCT matched_company_key FROM {} WHERE {is_one}", table.name);
        let rows = self.conn.fetch(&sql, &[Value::Texts(companies)]).await?;
        rows.into_iter().map(|mut row| row.text()).collect()
    }
}

fn read(attribute: Attribute, mut row: Row) -> Result<Dimension, Error> {
    let spec = attribute.spec();
    let key = row.text()?;
    let source = Source::new(&row.text()?)?;
    let parts = (0..spec.parts.len()).map(|_| row.maybe_text()).collect::<Result<Vec<_>, _>>()?;
    let columns = (0..spec.matched.len()).map(|_| row.scalar()).collect::<Result<Vec<_>, _>>()?;
    let evidence = row.maybe_text()?;
    let payloads = row.int()?;
    let payload = row.id()?;
    let others = row.maybe_text()?;
    let observed_at = row.maybe_time()?;
    let matched = match evidence {
        Some(text) => {
            let evidence: Evidence =
                serde_json::from_str(&text).map_err(|error| broken(spec.table, &key, error))?;
            Some(Arc::new(MatchedValue { columns, evidence }))
        }
        None => None,
    };
    let others = match others {
        Some(text) => {
            let list: Vec<Other<'_>> =
                serde_json::from_str(&text).map_err(|error| broken(spec.table, &key, error))?;
            list.into_iter().map(|other| support(spec.table, &key, &other)).collect::<Result<_, _>>()?
        }
        None => Vec::new(),
    };
    let raw = RawValue::new(parts.iter().map(Option::as_deref));
    let first = Support { raw, observed_at, payloads: payloads as u32, payload };
    Ok(Dimension::stored(key.into(), attribute, source, first, others, matched))
}

fn support(table: &str, key: &str, other: &Other<'_>) -> Result<Support, Error> {
    let id = u128::from_str_radix(&other.payload, 16).map_err(|error| broken(table, key, error))?;
    Ok(Support {
        raw: RawValue::new(other.raw.iter().map(Option::as_deref)),
        observed_at: other.observed_at,
        payloads: other.payloads,
        payload: PayloadId(id.to_be_bytes()),
    })
}

fn broken(table: &str, key: &str, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(
        ErrorKind::Environment,
        "database-shape",
        format!("the row of {key:?} in {table} cannot be read: {error}"),
    )
    .with_cause(error)
}

/// The last columns of a dimension table, which nobody reads here: when a row was written.
const TIMES: usize = 2;
/// Keys read or deleted by one statement, and rows of one page.
const AT_ONCE: usize = 10_000;

/// The condition that `column` is from `from` on and before `to`, in byte order whatever the database's collation.
pub(crate) fn between<'v>(
    column: &str,
    from: &'v str,
    to: Option<&'v str>,
    is_postgres: bool,
) -> (String, Vec<Value<'v>>) {
    let bytes = if is_postgres { " COLLATE \"C\"" } else { "" };
    let mut filter = format!("\"{column}\"{bytes} >= $1");
    let mut params = vec![Value::text(from)];
    if let Some(to) = to {
        filter = format!("{filter} AND \"{column}\"{bytes} < $2");
        params.push(Value::text(to));
    }
    (filter, params)
}
