//! Unit prices: what an operation costs, and from when on.

use crate::budget::Budgets;
use firmograph_core::{Error, ErrorKind, MicroDollars, Timestamp, UnitPrice};
use firmograph_store::PricedOperation;
use std::collections::BTreeSet;
use std::path::Path;

/// Columns of a file of prices; the first three must be there.
const COLUMNS: [&str; 9] = [
    "provider",
    "operation",
    "valid_from",
    "hit",
    "miss",
    "per_match",
    "per_credit",
    "per_million_tokens",
    "origin",
];

/// Stands for every operation that has no price of its own.
const ANY: &str = "*";

/// The price that counts at an instant: of the operation itself, else of `*`; of these, the newest that begins then or before.
///
/// ```
/// use firmograph::{price_at, store::PricedOperation};
///
/// let price = |operation: &str, valid_from: &str| PricedOperation {
///     provider: "lusha".to_owned(),
///     operation: operation.to_owned(),
///     valid_from: valid_from.parse().unwrap(),
///     price: Default::default(),
///     origin: None,
/// };
/// let prices = [price("enrich", "2026-03-01T00:00:00Z"), price("*", "2026-01-01T00:00:00Z")];
/// let at = |instant: &str| price_at(&prices, "lusha", "enrich", instant.parse().unwrap()).map(|found| &*found.operation);
/// assert_eq!(at("2026-03-01T00:00:00Z"), Some("enrich"));
/// assert_eq!(at("2026-02-28T23:59:59.999999Z"), Some("*"));
/// assert_eq!(at("2025-12-31T23:59:59Z"), None);
/// ```
#[must_use]
pub fn price_at<'p>(
    prices: &'p [PricedOperation],
    provider: &str,
    operation: &str,
    at: Timestamp,
) -> Option<&'p PricedOperation> {
    let of = |operation: &str| {
        let counts = prices.iter().filter(|price| {
            price.provider == provider && price.operation == operation && price.valid_from <= at
        });
        counts.max_by_key(|price| price.valid_from)
    };
    of(operation).or_else(|| of(ANY))
}

/// Reads a CSV file of prices: `provider`, `operation` (`*` for all others), `valid_from` (a date, or an instant with its
/// offset), amounts of dollars `hit`, `miss`, `per_match`, `per_credit`, `per_million_tokens`, and `origin`, which says where
/// the price stands. An empty amount is nothing.
///
/// # Errors
/// `cannot-read` (environment); `bad-prices` (usage) with the line, for a column that there is not, a cell that cannot be read,
/// an amount below nothing, and two prices of one operation and instant.
pub fn read_prices(path: &Path) -> Result<Vec<PricedOperation>, Error> {
    let bad = |what: String| {
        Error::new(ErrorKind::Usage, "bad-prices", format!("{}: {what}", path.display()))
            .with_help(format!("columns are {}; see examples/data/unit_prices.csv", COLUMNS.join(", ")))
    };
    let file = std::fs::read(path).map_err(|error| {
        let message = format!("{} cannot be read: {error}", path.display());
        Error::new(ErrorKind::Environment, "cannot-read", message).with_cause(error)
    })?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(&*file);
    let header = reader.headers().map_err(|error| bad(error.to_string()))?.clone();
    if let Some(unknown) = header.iter().find(|name| !COLUMNS.contains(name)) {
        return Err(bad(format!("there is no column {unknown:?}")));
    }
    if let Some(missing) = COLUMNS[..3].iter().find(|name| !header.iter().any(|is| is == **name)) {
        return Err(bad(format!("the column {missing:?} is missing")));
    }
    let mut prices: Vec<PricedOperation> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| bad(error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let bad = |what: String| bad(format!("line {line}: {what}"));
        let cell = |name: &str| {
            header.iter().position(|is| is == name).and_then(|index| record.get(index)).unwrap_or_default()
        };
        let amount = |name: &str| match cell(name) {
            "" => Ok(MicroDollars::ZERO),
            text => match text.parse::<MicroDollars>() {
                Ok(amount) if amount >= MicroDollars::ZERO => Ok(amount),
                Ok(_) => Err(bad(format!("{name} is less than nothing"))),
                Err(error) => Err(bad(format!("{name}: {error}"))),
            },
        };
        if cell("provider").is_empty() || cell("operation").is_empty() {
            return Err(bad("provider and operation must be named".to_owned()));
        }
        let valid_from = crate::parse_observed_at(cell("valid_from"))
            .ok_or_else(|| bad(format!("{:?} is not a date", cell("valid_from"))))?;
        let price = PricedOperation {
            provider: cell("provider").to_owned(),
            operation: cell("operation").to_owned(),
            valid_from,
            price: UnitPrice {
                hit: amount("hit")?,
                miss: amount("miss")?,
                per_match: amount("per_match")?,
                per_credit: amount("per_credit")?,
                per_million_tokens: amount("per_million_tokens")?,
            },
            origin: Some(cell("origin")).filter(|text| !text.is_empty()).map(str::to_owned),
        };
        let same = |other: &PricedOperation| {
            (&other.provider, &other.operation, other.valid_from)
                == (&price.provider, &price.operation, price.valid_from)
        };
        if prices.iter().any(same) {
            return Err(bad("this operation has another price from the same instant on".to_owned()));
        }
        prices.push(price);
    }
    Ok(prices)
}

impl Budgets {
    /// All prices, by provider, operation and time.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn prices(&self) -> Result<Vec<PricedOperation>, Error> {
        let mut lent = self.lend().await?;
        let prices = lent.store().prices().await?;
        lent.give_back();
        Ok(prices)
    }

    /// Stores prices; one of the same operation and instant is replaced. Prices that are not named stay: what was paid was paid
    /// at them.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_prices(&self, prices: &[PricedOperation]) -> Result<(), Error> {
        let now = self.now();
        let mut lent = self.begin().await?;
        let done = lent.store().write_prices(prices, now).await;
        lent.end(done).await
    }

    /// What an operation costs at an instant, as [`price_at`].
    ///
    /// # Errors
    /// `no-price` (usage) where there is none, with the names that are spelt alike; when the database does not answer.
    pub async fn price_at(
        &self,
        provider: &str,
        operation: &str,
        at: Timestamp,
    ) -> Result<PricedOperation, Error> {
        let prices = self.prices().await?;
        if let Some(price) = price_at(&prices, provider, operation, at) {
            return Ok(price.clone());
        }
        let message = format!("there is no price of {provider} {operation} at {at}");
        let of_provider = prices.iter().filter(|price| price.provider == provider);
        let operations: BTreeSet<&str> = of_provider.map(|price| &*price.operation).collect();
        if operations.contains(operation) {
            let help = "all prices of this operation begin later: see `firmograph cost prices list`";
            return Err(Error::new(ErrorKind::Usage, "no-price", message).with_help(help));
        }
        let providers: BTreeSet<&str> = prices.iter().map(|price| &*price.provider).collect();
        Err(if operations.is_empty() {
            super::unknown("no-price", message, provider, providers.iter().copied())
        } else {
            super::unknown("no-price", message, operation, operations.iter().copied())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_counts_from_its_very_instant() {
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/data/unit_prices.csv"));
        let prices = read_prices(path).unwrap();
        let hit = |operation: &str, at: &str| {
            price_at(&prices, "prospeo", operation, at.parse().unwrap())
                .map(|found| found.price.hit.to_string())
        };
        assert_eq!(hit("email", "2025-12-31T23:59:59.999999999Z"), Some("0.015".to_owned()));
        assert_eq!(hit("email", "2026-01-01T00:00:00Z"), Some("0.0198".to_owned()));
        assert_eq!(hit("email", "2024-12-31T23:59:59Z"), None);
        // An operation without a price of its own; the general price is not newer than one's own, however new it is.
        assert_eq!(hit("phone", "2026-07-01T00:00:00Z"), Some("0.10".to_owned()));
        assert_eq!(hit("email", "2026-07-01T00:00:00Z"), Some("0.0198".to_owned()));
        assert!(price_at(&prices, "nobody", "email", Timestamp::UNIX_EPOCH).is_none());
        assert!(prices.iter().all(|price| price.origin.is_some()));
    }

    #[test]
    fn what_is_no_price_is_refused_with_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("prices.csv");
        for (content, part) in [
            ("provider,operation\na,b\n", "valid_from"),
            ("provider,operation,valid_from,color\n", "color"),
            ("provider,operation,valid_from,hit\na,b,2026-01-01,1\na,b,soon,1\n", "line 3"),
            ("provider,operation,valid_from,hit\na,b,2026-01-01,-1\n", "less than nothing"),
            ("provider,operation,valid_from,hit\na,b,2026-01-01,0.0000001\n", "hit"),
            ("provider,operation,valid_from\na,,2026-01-01\n", "must be named"),
            ("provider,operation,valid_from\na,b,2026-01-01\na,b,2026-01-01T00:00:00Z\n", "another price"),
            ("provider,operation,valid_from\na,b\n", "prices.csv"),
        ] {
            std::fs::write(&path, content).unwrap();
            let error = read_prices(&path).unwrap_err();
            assert_eq!((error.code(), error.to_string().contains(part)), ("bad-prices", true), "{error}");
        }
        assert_eq!(read_prices(&folder.path().join("none")).unwrap_err().code(), "cannot-read");
    }
}
