//! Which source is believed, set by users: shown, changed as a run with every golden value that flips, and taken back.

use crate::Engine;
use crate::change::{ChangeReport, FlipSink, Touched};
use firmograph_core::{Attribute, EntityKind, Error, ErrorKind, Policy, Priorities, Source, Timestamp};
use firmograph_store::{PolicyRow, PriorityRow, Run};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Commands whose runs change priorities.
pub(crate) const PRIORITY_COMMANDS: [&str; 2] = ["priority set", "priority reset"];

/// Keys of golden rows that are computed anew at a time.
const PAGE: usize = 100_000;

/// Priorities and policy in force for one attribute, or for all that have none of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttributePriorities {
    /// Name of the attribute; `*` for all that have no rows of their own.
    pub attribute: String,
    /// Name of the policy; `None` for `*`.
    pub policy: Option<&'static str>,
    /// The run that set the policy; `None` for the compiled one.
    pub policy_set_by: Option<i64>,
    /// Sources believed before all others, first first. Others follow, alphabetically where nothing else tells them apart.
    pub sources: Vec<String>,
    /// Whose rows those are: the attribute's own, or `*`.
    pub sources_of: String,
    /// The run that set the sources; `None` for the compiled ones.
    pub sources_set_by: Option<i64>,
}

/// What is to be set for an attribute; `None` leaves it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PriorityChange {
    /// Sources to be believed before all others, first first.
    pub sources: Option<Vec<Source>>,
    /// How one is chosen.
    pub policy: Option<Policy>,
}

/// What a run changed, and what was there.
#[derive(Debug, Serialize, Deserialize)]
struct Detail {
    attribute: String,
    sources: Option<Vec<String>>,
    policy: Option<String>,
    rows_before: Vec<PriorityRow>,
    policy_before: Option<PolicyRow>,
    /// Version of the compiled table, of which rows before may be.
    compiled: String,
}

impl Engine {
    /// Priorities and policies in force: `*` first, then every attribute.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn priority_table(&mut self) -> Result<Vec<AttributePriorities>, Error> {
        let rows = self.store.priority_rows().await?;
        let policies = self.store.policy_rows().await?;
        let of = |attribute: Option<Attribute>| {
            let name = row_name(attribute);
            let owns = rows.iter().any(|row| row.attribute == name);
            let sources_of = if owns { name } else { row_name(None) };
            let mine = || rows.iter().filter(|row| row.attribute == sources_of);
            let policy = attribute.map(|attribute| self.priorities.policy(attribute).name());
            AttributePriorities {
                attribute: name.to_owned(),
                policy,
                policy_set_by: policies.iter().find(|row| row.attribute == name).map(|row| row.set_by),
                sources: mine().map(|row| row.source.clone()).collect(),
                sources_of: sources_of.to_owned(),
                sources_set_by: mine().filter_map(|row| row.set_by).max(),
            }
        };
        let all = Attribute::ALL.iter().map(|attribute| Some(*attribute));
        Ok(std::iter::once(None).chain(all).map(of).collect())
    }

    /// Sets which sources are believed first about `attribute` (`None`: about all that have no rows of their own), and by which
    /// policy. Every golden value that is or would be another one goes to `sink`.
    ///
    /// # Errors
    /// `nothing-to-set`, `repeated-source`, `reserved-source` or `policy-of-all` (usage) for a change that cannot be; when the
    /// database refuses. Nothing is changed then.
    pub async fn set_priority(
        &mut self,
        attribute: Option<Attribute>,
        change: &PriorityChange,
        dry_run: bool,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<ChangeReport, Error> {
        check(attribute, change)?;
        self.change_priority("priority set", attribute, change, dry_run, now, sink).await
    }

    /// Goes back to the compiled sources and policy of `attribute`.
    ///
    /// # Errors
    /// When the database refuses; nothing is changed then.
    pub async fn reset_priority(
        &mut self,
        attribute: Option<Attribute>,
        dry_run: bool,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<ChangeReport, Error> {
        let nothing = PriorityChange::default();
        self.change_priority("priority reset", attribute, &nothing, dry_run, now, sink).await
    }

    async fn change_priority(
        &mut self,
        command: &str,
        attribute: Option<Attribute>,
        change: &PriorityChange,
        dry_run: bool,
        now: Timestamp,
        sink: &mut FlipSink<'_>,
    ) -> Result<ChangeReport, Error> {
        let mut run = self.begin_change(command, now).await?;
        let done = async {
            self.write_priority(&mut run, attribute, change).await?;
            self.priorities = self.store.priorities().await?;
            let mut report = ChangeReport::default();
            for (kind, attributes) in about(attribute) {
                let mut after = String::new();
                loop {
                    let keys = self.store.contested_keys(&attributes, &after, PAGE).await?;
                    let Some(last) = keys.last() else { break };
                    after = last.to_string();
                    let keys: BTreeSet<_> = keys.into_iter().collect();
                    let touched = match kind {
                        EntityKind::Company => Touched { companies: keys, ..Default::default() },
                        EntityKind::Person => Touched { persons: keys, ..Default::default() },
                    };
                    // Dimensions speak of each of them, so nobody goes.
                    self.settle(&touched, &|_, _| true, now, &mut report, sink).await?;
                }
                // How far a source is trusted counts for everybody of whom it speaks, contested or not.
                self.rescore_all(kind, now).await?;
            }
            if attribute.is_none() {
                self.settle_all_documents(now).await?;
            }
            Ok(report)
        };
        let done = done.await;
        self.end_change(run, done, dry_run, now).await
    }

    async fn write_priority(
        &mut self,
        run: &mut Run,
        attribute: Option<Attribute>,
        change: &PriorityChange,
    ) -> Result<(), Error> {
        let name = row_name(attribute);
        let rows = self.store.priority_rows().await?;
        let detail = Detail {
            attribute: name.to_owned(),
            sources: change.sources.as_ref().map(|all| all.iter().map(Source::to_string).collect()),
            policy: change.policy.map(|policy| policy.name().to_owned()),
            rows_before: rows.into_iter().filter(|row| row.attribute == name).collect(),
            policy_before: self.store.policy_rows().await?.into_iter().find(|row| row.attribute == name),
            compiled: Priorities::VERSION.to_owned(),
        };
        run.detail = serde_json::to_string(&detail).ok();
        if *change == PriorityChange::default() {
            self.store.replace_priorities(name, &compiled(name)).await?;
            return self.store.replace_policy(name, None).await;
        }
        if let Some(sources) = &change.sources {
            let rows = (0..).zip(sources).map(|(priority, source)| PriorityRow {
                attribute: name.to_owned(),
                source: source.to_string(),
                priority,
                set_by: Some(run.id),
            });
            self.store.replace_priorities(name, &rows.collect::<Vec<_>>()).await?;
        }
        if let Some(policy) = change.policy {
            let policy = policy.name().to_owned();
            let row = PolicyRow { attribute: name.to_owned(), policy, set_by: run.id };
            self.store.replace_policy(name, Some(&row)).await?;
        }
        Ok(())
    }

    /// Puts back what stood before `run`, one of [`PRIORITY_COMMANDS`], and gives everybody whose golden rows it may concern.
    /// To be called within a change; the priorities of the engine are those put back.
    pub(crate) async fn take_back_priority(&mut self, run: &Run, now: Timestamp) -> Result<Touched, Error> {
        let detail: Detail = detail_of(run)?;
        for later in self.store.runs_in_force(&PRIORITY_COMMANDS, run.id).await? {
            if detail_of::<Detail>(&later)?.attribute == detail.attribute {
                return Err(changed_since(run, &later));
            }
        }
        let name = detail.attribute.as_str();
        // Rows of the compiled table are those of today.
        let is_compiled = detail.rows_before.iter().all(|row| row.set_by.is_none());
        if is_compiled && detail.compiled != Priorities::VERSION {
            self.store.replace_priorities(name, &compiled(name)).await?;
        } else {
            self.store.replace_priorities(name, &detail.rows_before).await?;
        }
        self.store.replace_policy(name, detail.policy_before.as_ref()).await?;
        self.priorities = self.store.priorities().await?;
        let mut touched = Touched::default();
        for (kind, attributes) in about(Attribute::from_name(name)) {
            let all = match kind {
                EntityKind::Company => &mut touched.companies,
                EntityKind::Person => &mut touched.persons,
            };
            let mut after = String::new();
            loop {
                let keys = self.store.contested_keys(&attributes, &after, PAGE).await?;
                let Some(last) = keys.last() else { break };
                after = last.to_string();
                all.extend(keys);
            }
            // How far a source is trusted counts for the others, too.
            self.rescore_all(kind, now).await?;
        }
        Ok(touched)
    }
}

/// The name by which the tables call an attribute, or all of them.
fn row_name(attribute: Option<Attribute>) -> &'static str {
    attribute.map_or("*", |attribute| attribute.spec().name)
}

fn compiled(name: &str) -> Vec<PriorityRow> {
    let rows = Priorities::compiled_rows().filter(|(attribute, _, _)| *attribute == name);
    let rows = rows.map(|(attribute, source, priority)| PriorityRow {
        attribute: attribute.to_owned(),
        source: source.to_owned(),
        priority,
        set_by: None,
    });
    rows.collect()
}

/// The attributes, by kind of entity, on which golden rows depend when the rows of `attribute` change. The rows of all
/// decide who is a record's first source too, so whoever says anything counts.
fn about(attribute: Option<Attribute>) -> Vec<(EntityKind, Vec<Attribute>)> {
    match attribute {
        Some(attribute) => vec![(attribute.spec().entity, vec![attribute])],
        None => {
            [EntityKind::Company, EntityKind::Person].map(|kind| (kind, Attribute::of(kind).collect())).into()
        }
    }
}

fn check(attribute: Option<Attribute>, change: &PriorityChange) -> Result<(), Error> {
    let refuse = |code, message: String, help: &str| {
        Err(Error::new(ErrorKind::Usage, code, message).with_help(help.to_owned()))
    };
    if change.policy.is_some() && attribute.is_none() {
        let message = "a policy is set for one attribute, not for all".to_owned();
        return refuse("policy-of-all", message, "name the attribute: see `firmograph priority show`");
    }
    let Some(sources) = &change.sources else {
        if change.policy.is_some() {
            return Ok(());
        }
        let message = "neither sources nor a policy are given".to_owned();
        return refuse("nothing-to-set", message, "give sources, those believed first first, or a policy");
    };
    if sources.is_empty() {
        let message = "an order of no sources says nothing".to_owned();
        return refuse(
            "nothing-to-set",
            message,
            "`firmograph priority reset` goes back to the built-in order",
        );
    }
    if sources.iter().any(Source::is_pin) {
        let message = "`pin` is no source among others: pins outrank all of them".to_owned();
        return refuse("reserved-source", message, "leave it out");
    }
    let mut seen = BTreeSet::new();
    match sources.iter().find(|source| !seen.insert(*source)) {
        Some(twice) => refuse("repeated-source", format!("{twice} is named twice"), "name each source once"),
        None => Ok(()),
    }
}

/// What a run wrote about itself.
pub(crate) fn detail_of<'d, D: Deserialize<'d>>(run: &'d Run) -> Result<D, Error> {
    serde_json::from_str(run.detail.as_deref().unwrap_or_default()).map_err(|error| {
        let message = format!("run {} ({}) does not say what it changed: {error}", run.id, run.command);
        Error::new(ErrorKind::Environment, "database-shape", message).with_cause(error)
    })
}

/// A run cannot be taken back, because a later one changed the same.
pub(crate) fn changed_since(run: &Run, later: &Run) -> Error {
    let message = format!(
        "run {} ({}) cannot be taken back: run {} ({}) changed the same later",
        run.id, run.command, later.id, later.command
    );
    Error::new(ErrorKind::Usage, "changed-since", message)
        .with_help(format!("take run {} back first", later.id))
}
