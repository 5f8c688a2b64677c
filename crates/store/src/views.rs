use crate::Store;
use crate::value::{Cell, Value};
use firmograph_core::{Error, Scalar, Timestamp};

/// A view that can be read as rows of named cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// `core.companies_full`: one row for each golden company.
    CompaniesFull,
    /// `core.people_full`: one row for each golden prospect.
    PeopleFull,
    /// `core.leads`: complete leads only.
    Leads,
    /// `core.company_provenance`: what each source says about each company, and who won.
    CompanyProvenance,
    /// `core.person_provenance`: likewise for persons.
    PersonProvenance,
    /// `company_prospect_view`: companies beside prospects; as of the last refresh on PostgreSQL.
    CompanyProspect,
    /// `core.deletions`: golden rows that are no more.
    Deletions,
}

impl View {
    /// Name in SQL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            View::CompaniesFull => "core.companies_full",
            View::PeopleFull => "core.people_full",
            View::Leads => "core.leads",
            View::CompanyProvenance => "core.company_provenance",
            View::PersonProvenance => "core.person_provenance",
            View::CompanyProspect => "company_prospect_view",
            View::Deletions => "core.deletions",
        }
    }

    /// Columns that tell its rows apart, in the order in which they are read.
    fn order(self) -> &'static [&'static str] {
        match self {
            View::CompaniesFull | View::PeopleFull | View::CompanyProspect => &["id"],
            View::Leads => &["person_id"],
            View::CompanyProvenance | View::PersonProvenance => &["key", "attribute", "source"],
            View::Deletions => &["entity", "id"],
        }
    }

    /// The column that says when a row last changed, where the view has one.
    #[must_use]
    pub fn changed_at(self) -> Option<&'static str> {
        match self {
            View::CompaniesFull | View::PeopleFull => Some("updated_at"),
            View::CompanyProspect => Some("last_updated"),
            View::Deletions => Some("deleted_at"),
            View::Leads | View::CompanyProvenance | View::PersonProvenance => None,
        }
    }
}

/// One row: names and values. Times are RFC 3339 text, ids hexadecimal.
pub type NamedRow = Vec<(String, Scalar)>;

impl Store {
    /// One page of a view in the byte order of the columns that tell its rows apart: after `after` (exclusive; what
    /// [`ViewPage::last`] said), at most `limit` rows. With `since`, only rows that changed after it (exclusive).
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn view_page(
        &mut self,
        view: View,
        after: Option<&[String]>,
        since: Option<Timestamp>,
        limit: usize,
    ) -> Result<ViewPage, Error> {
        // Byte order whatever the database's collation: pages of both backends must be the same.
        let collate = if self.conn.is_postgres() { " COLLATE \"C\"" } else { "" };
        let order: Vec<String> = view.order().iter().map(|column| format!("\"{column}\"{collate}")).collect();
        let mut wanted = Vec::new();
        let mut params = Vec::new();
        if let Some(after) = after {
            params.extend(after.iter().map(|text| Value::text(text)));
            let given: Vec<String> = (1..=after.len()).map(|n| format!("${n}")).collect();
            wanted.push(format!("({}) > ({})", order.join(", "), given.join(", ")));
        }
        if let (Some(since), Some(column)) = (since, view.changed_at()) {
            params.push(Value::Time(since));
            let n = params.len();
            wanted.push(match (self.conn.is_postgres(), view) {
                (true, View::Deletions) => format!("\"{column}\" > ${n}::timestamptz"),
                // The golden tables keep UTC without a time zone, as existing clients do.
                (true, _) => format!("\"{column}\" > (${n}::timestamptz AT TIME ZONE 'UTC')"),
                // Text of RFC 3339 with as many digits as needed: without the Z it is in the order of time. Others write a blank for the T.
                (false, _) => format!("replace(rtrim(\"{column}\", 'Z'), ' ', 'T') > rtrim(${n}, 'Z')"),
            });
        }
        let filter =
            if wanted.is_empty() { String::new() } else { format!("WHERE {}", wanted.join(" AND ")) };
        let order = order.join(", ");
        let sql = format!("SELECT * FROM {} {filter} ORDER BY {order} LIMIT {limit}", view.name());
        let rows = self.conn.fetch_named(&sql, &params).await?;
        let rows: Vec<NamedRow> = rows
            .into_iter()
            .map(|row| row.into_iter().map(|(name, cell)| (name, scalar(cell))).collect())
            .collect();
        let last = rows.last().map(|row| {
            let text = |name: &&str| {
                let cell = row.iter().find(|(column, _)| column == name);
                cell.and_then(|(_, value)| value.as_text()).unwrap_or_default().to_owned()
            };
            view.order().iter().map(text).collect()
        });
        Ok(ViewPage { rows, last })
    }
}

/// Some rows of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewPage {
    /// The rows; none at the end.
    pub rows: Vec<NamedRow>,
    /// Where the next page begins.
    pub last: Option<Vec<String>>,
}

pub(crate) fn scalar(cell: Cell) -> Scalar {
    match cell {
        Cell::Null => Scalar::Null,
        Cell::Int(number) => Scalar::Int(number),
        Cell::Real(number) => Scalar::Text(number.to_string().into()),
        Cell::Text(text) => Scalar::Text(text),
        Cell::Time(time) => Scalar::Text(time.to_string().into()),
        Cell::Bytes(bytes) => {
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            Scalar::Text(hex.into())
        }
    }
}
