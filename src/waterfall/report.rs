//! What became of a waterfall.

use firmograph_core::{Error, MicroDollars};
use serde::Serialize;

/// What was asked about whom, what it cost, and why it stopped.
#[derive(Debug, Default, Serialize)]
pub struct WaterfallReport {
    /// Everybody who was to be asked about, in the order in which they were given; each once, by whatever keys.
    pub entities: Vec<EntityReport>,
    /// Calls that were made.
    pub calls: u64,
    /// What they cost.
    pub cost: MicroDollars,
    /// Runs in which the answers were stored: taking them back, the last first, takes the waterfall back.
    pub runs: Vec<i64>,
    /// Why the whole waterfall stopped before its end: a budget has no room, or could not be asked; or the database failed.
    pub stopped: Option<String>,
    /// Calls that are not in the books; their reservations hold the money until their time is over.
    pub not_booked: Vec<String>,
    /// Answers that were paid and could not be stored: provider and payload.
    pub not_stored: Vec<(String, String)>,
    /// What the database said when it failed after calls were made.
    #[serde(skip)]
    pub error: Option<Error>,
}

/// What became of one company or person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EntityReport {
    /// Its key.
    pub key: String,
    /// What else was given for it: other keys that are joined with this one, and keys as people write them.
    pub also: Vec<String>,
    /// Each attribute that was to be found out.
    pub attributes: Vec<AttributeReport>,
    /// What it cost.
    pub cost: MicroDollars,
}

/// What became of one attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttributeReport {
    /// Its name, with its part.
    pub attribute: String,
    /// Steps that were come to.
    pub steps: Vec<StepReport>,
    /// Why no more is asked.
    pub stopped: WhyStopped,
    /// What its calls cost; a call for several attributes counts for the first.
    pub cost: MicroDollars,
}

/// What became of one step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// Who was to be asked.
    pub provider: String,
    /// What.
    pub operation: String,
    /// What became of it.
    pub outcome: StepOutcome,
    /// What it cost.
    pub cost: MicroDollars,
    /// The payload that came of it.
    pub payload: Option<String>,
    /// What else there is to say, in a sentence.
    pub note: Option<String>,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// The provider knew something.
    Hit,
    /// It knew nothing.
    Miss,
    /// The call failed.
    Failed,
    /// There was no answer in time.
    TimedOut,
    /// Something was not known that asking needs, or no answer could be kept for the key.
    Skipped,
    /// The call was made for another attribute.
    Shared,
    /// A budget of this provider has no room.
    Refused,
}

/// Why an attribute is not asked for any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyStopped {
    /// The condition held before anybody was asked.
    GoodBefore,
    /// The condition holds.
    Good,
    /// There is nobody left to ask.
    Exhausted,
    /// A budget has no room.
    Refused,
    /// It was interrupted.
    Interrupted,
    /// The budgets could not be asked, or the database failed.
    Failed,
}

impl WaterfallReport {
    /// The report of a company or person, by its key or another text that was given for it.
    #[must_use]
    pub fn entity(&self, key: &str) -> Option<&EntityReport> {
        self.entities.iter().find(|entity| entity.key == key || entity.also.iter().any(|also| also == key))
    }
}
