//! Money held for calls that are under way, and alerts.

use crate::Store;
use crate::budgets::{WindowKey, read_window_key};
use crate::payloads::ValueRows;
use crate::table::{ColumnKind, Table};
use crate::value::{Row, Value};
use firmograph_core::{BudgetStanding, Error, ErrorKind, MicroDollars, Timestamp};

/// What became of a reservation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ReservationState {
    /// The call is under way.
    Held,
    /// The call was paid.
    Settled,
    /// The call cost nothing.
    Released,
    /// Nobody said in time what became of the call.
    Expired,
}

impl ReservationState {
    const ALL: [ReservationState; 4] = [
        ReservationState::Held,
        ReservationState::Settled,
        ReservationState::Released,
        ReservationState::Expired,
    ];

    /// Its name, as it is stored and written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            ReservationState::Held => "held",
            ReservationState::Settled => "settled",
            ReservationState::Released => "released",
            ReservationState::Expired => "expired",
        }
    }
}

/// Money held for one call.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Reservation {
    /// A ULID.
    pub id: String,
    /// The workspace that pays.
    pub workspace: String,
    /// Who is called.
    pub provider: String,
    /// What is asked of the provider.
    pub operation: Option<String>,
    /// Where.
    pub endpoint: Option<String>,
    /// For whom.
    pub user: Option<String>,
    /// `company` or `person`.
    pub entity_type: Option<String>,
    /// Key or id of the company or person.
    pub entity_id: Option<String>,
    /// The process that holds it, as it calls itself.
    pub holder: Option<String>,
    /// How much is held.
    pub amount: MicroDollars,
    /// What became of it.
    pub state: ReservationState,
    /// When it was made.
    pub reserved_at: Timestamp,
    /// From when on it counts no more.
    pub expires_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// What one holder holds in a window.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Held {
    /// The process, as it calls itself; else the user.
    pub holder: Option<String>,
    /// Calls under way.
    pub calls: i64,
    /// Held for them.
    pub amount: MicroDollars,
    /// When the first of them expires.
    pub expires_at: Timestamp,
}

/// An alert: a window reached a percentage of its cap. Raised once for each cap that the window has.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct BudgetAlert {
    /// A ULID.
    pub id: String,
    /// Which window.
    #[serde(flatten)]
    pub window: WindowKey,
    /// 80, 95 or 100.
    pub percentage: i64,
    /// As things stood.
    #[serde(flatten)]
    pub standing: BudgetStanding,
    /// When it was raised.
    pub raised_at: Timestamp,
    /// When somebody took note of it.
    pub acknowledged_at: Option<Timestamp>,
    /// Who did.
    pub acknowledged_by: Option<String>,
}

const RESERVATION: &str = "id, workspace, provider, operation, endpoint, user_id, entity_type, entity_id, holder, amount_micros, state, \
                           reserved_at, expires_at, ended_at";
const ALERT: &str = "id, workspace, provider, user_id, period, starts_at, percentage, cap_micros, spent_micros, \
                     reserved_micros, raised_at, acknowledged_at, acknowledged_by";
/// Holders that a refusal names.
const HOLDERS: usize = 5;

impl Store {
    /// Writes a new reservation, held in these windows.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn write_reservation(
        &mut self,
        reservation: &Reservation,
        windows: &[WindowKey],
    ) -> Result<(), Error> {
        use ColumnKind::{Int, Text, Time};
        let kinds = [Text, Text, Text, Text, Text, Text, Text, Text, Text, Int, Text, Time, Time];
        let columns: Vec<_> = RESERVATION.split(", ").map(str::trim).zip(kinds).collect();
        let row = vec![
            Value::text(&reservation.id),
            Value::text(&reservation.workspace),
            Value::text(&reservation.provider),
            Value::maybe(reservation.operation.as_deref()),
            Value::maybe(reservation.endpoint.as_deref()),
            Value::maybe(reservation.user.as_deref()),
            Value::maybe(reservation.entity_type.as_deref()),
            Value::maybe(reservation.entity_id.as_deref()),
            Value::maybe(reservation.holder.as_deref()),
            Value::money(reservation.amount),
            Value::text(reservation.state.name()),
            Value::moment(reservation.reserved_at),
            Value::moment(reservation.expires_at),
        ];
        let table = Table::new("intelligence.reservations", &columns, &["id"]);
        self.conn.insert(&table, &ValueRows(vec![row])).await?;
        let columns = [
            ("reservation_id", Text),
            ("workspace", Text),
            ("provider", Text),
            ("user_id", Text),
            ("period", Text),
            ("starts_at", Time),
        ];
        let table = Table::new("intelligence.reservation_windows", &columns, &["reservation_id"]);
        let rows = windows.iter().map(|window| {
            let mut row = vec![Value::text(&reservation.id)];
            row.extend(window.values());
            row
        });
        self.conn.insert(&table, &ValueRows(rows.collect())).await
    }

    /// A reservation by its id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reservation(&mut self, id: &str) -> Result<Option<Reservation>, Error> {
        let sql = format!("SELECT {RESERVATION} FROM intelligence.reservations WHERE id = $1");
        let rows = self.conn.fetch(&sql, &[Value::text(id)]).await?;
        rows.into_iter().next().map(read_reservation).transpose()
    }

    /// The windows in which a reservation is held, in the order in which they are to be written.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reservation_windows(&mut self, id: &str) -> Result<Vec<WindowKey>, Error> {
        let sql = "SELECT workspace, provider, user_id, period, starts_at FROM intelligence.reservation_windows \
                   WHERE reservation_id = $1";
        let rows = self.conn.fetch(sql, &[Value::text(id)]).await?;
        let mut windows =
            rows.into_iter().map(|mut row| read_window_key(&mut row)).collect::<Result<Vec<_>, Error>>()?;
        windows.sort_unstable();
        Ok(windows)
    }

    /// Changes the state of a reservation that is in `from`; gives whether it was. Of callers that come at once, one finds it
    /// so.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn end_reservation(
        &mut self,
        id: &str,
        from: ReservationState,
        to: ReservationState,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let sql = format!(
            "UPDATE intelligence.reservations SET state = $2, ended_at = {} WHERE id = $1 AND state = $4",
            self.conn.moment(3)
        );
        let params = [Value::text(id), Value::text(to.name()), Value::moment(now), Value::text(from.name())];
        Ok(self.conn.execute(&sql, &params).await? > 0)
    }

    /// Ids of reservations that are held though their time is over; at most `limit`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn overdue_reservations(&mut self, now: Timestamp, limit: usize) -> Result<Vec<String>, Error> {
        let sql = format!(
            "SELECT id FROM intelligence.reservations WHERE state = 'held' AND expires_at <= {} \
             ORDER BY expires_at, id LIMIT {limit}",
            self.conn.moment(1)
        );
        let rows = self.conn.fetch(&sql, &[Value::moment(now)]).await?;
        rows.into_iter().map(|mut row| row.text().map(Into::into)).collect()
    }

    /// Who holds how much in a window, those who hold most first, at most five of them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn held(&mut self, window: &WindowKey) -> Result<Vec<Held>, Error> {
        let is_window =
            self.is_window().replace("workspace", "w.workspace").replace("provider", "w.provider");
        let is_window = is_window.replace("user_id", "w.user_id");
        let sql = format!(
            "SELECT COALESCE(r.holder, r.user_id), COUNT(*), CAST(SUM(r.amount_micros) AS BIGINT), MIN(r.expires_at) \
             FROM intelligence.reservation_windows w JOIN intelligence.reservations r ON r.id = w.reservation_id \
             WHERE r.state = 'held' AND {is_window} GROUP BY 1 ORDER BY 3 DESC, 1 LIMIT {HOLDERS}"
        );
        let rows = self.conn.fetch(&sql, &window.values()).await?;
        rows.into_iter()
            .map(|mut row| {
                Ok(Held {
                    holder: row.maybe_text()?.map(Into::into),
                    calls: row.int()?,
                    amount: row.money()?,
                    expires_at: row.time()?,
                })
            })
            .collect()
    }

    /// Writes an alert unless its window had it at the same cap; gives whether it is new. One of another cap is replaced, also
    /// where somebody took note of it: with the new cap the percentage is news.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn raise_alert(&mut self, alert: &BudgetAlert) -> Result<bool, Error> {
        let sql = format!(
            "INSERT INTO intelligence.budget_alerts AS known (workspace, provider, user_id, period, starts_at, id, percentage, \
             cap_micros, spent_micros, reserved_micros, raised_at) VALUES ($1, $2, $3, $4, {}, $6, $7, $8, $9, $10, {}) \
             ON CONFLICT (workspace, provider, user_id, period, starts_at, percentage) DO UPDATE SET id = excluded.id, \
             cap_micros = excluded.cap_micros, spent_micros = excluded.spent_micros, \
             reserved_micros = excluded.reserved_micros, raised_at = excluded.raised_at, acknowledged_at = NULL, \
             acknowledged_by = NULL WHERE known.cap_micros <> excluded.cap_micros",
            self.conn.moment(5),
            self.conn.moment(11)
        );
        let mut params = alert.window.values().to_vec();
        params.extend([
            Value::text(&alert.id),
            Value::Int(alert.percentage),
            Value::money(alert.standing.cap),
            Value::money(alert.standing.charged()),
            Value::money(alert.standing.reserved),
            Value::moment(alert.raised_at),
        ]);
        Ok(self.conn.execute(&sql, &params).await? > 0)
    }

    /// Alerts, newest first, of a workspace or of all: those that nobody took note of, or every one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn budget_alerts(
        &mut self,
        workspace: Option<&str>,
        unacknowledged: bool,
    ) -> Result<Vec<BudgetAlert>, Error> {
        let (mut conditions, mut params) = (vec!["1 = 1"], Vec::new());
        if let Some(workspace) = workspace {
            params.push(Value::text(workspace));
            conditions.push("workspace = $1");
        }
        if unacknowledged {
            conditions.push("acknowledged_at IS NULL");
        }
        let sql = format!(
            "SELECT {ALERT} FROM intelligence.budget_alerts WHERE {} ORDER BY raised_at DESC, percentage DESC, id",
            conditions.join(" AND ")
        );
        let rows = self.conn.fetch(&sql, &params).await?;
        rows.into_iter().map(read_alert).collect()
    }

    /// Notes that somebody took note of an alert; gives whether it had been open.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn acknowledge_alert(&mut self, id: &str, by: &str, now: Timestamp) -> Result<bool, Error> {
        let sql = format!(
            "UPDATE intelligence.budget_alerts SET acknowledged_at = {}, acknowledged_by = $2 \
             WHERE id = $1 AND acknowledged_at IS NULL",
            self.conn.moment(3)
        );
        let params = [Value::text(id), Value::text(by), Value::moment(now)];
        Ok(self.conn.execute(&sql, &params).await? > 0)
    }
}

fn read_reservation(mut row: Row) -> Result<Reservation, Error> {
    let maybe = |row: &mut Row| Ok::<_, Error>(row.maybe_text()?.map(String::from));
    Ok(Reservation {
        id: row.text()?.into(),
        workspace: row.text()?.into(),
        provider: row.text()?.into(),
        operation: maybe(&mut row)?,
        endpoint: maybe(&mut row)?,
        user: maybe(&mut row)?,
        entity_type: maybe(&mut row)?,
        entity_id: maybe(&mut row)?,
        holder: maybe(&mut row)?,
        amount: row.money()?,
        state: read_state(&row.text()?)?,
        reserved_at: row.time()?,
        expires_at: row.time()?,
        ended_at: row.maybe_time()?,
    })
}

fn read_state(name: &str) -> Result<ReservationState, Error> {
    ReservationState::ALL.into_iter().find(|state| state.name() == name).ok_or_else(|| {
        let message = format!("a reservation is {name:?}, which this version does not know");
        Error::new(ErrorKind::Environment, "database-shape", message)
    })
}

fn read_alert(mut row: Row) -> Result<BudgetAlert, Error> {
    let id = row.text()?.into();
    let window = read_window_key(&mut row)?;
    let percentage = row.int()?;
    let (cap, charged, reserved) = (row.money()?, row.money()?, row.money()?);
    let spent = charged.min(cap);
    Ok(BudgetAlert {
        id,
        window,
        percentage,
        standing: BudgetStanding { cap, spent, reserved, overrun: charged.saturating_sub(spent) },
        raised_at: row.time()?,
        acknowledged_at: row.maybe_time()?,
        acknowledged_by: row.maybe_text()?.map(Into::into),
    })
}
