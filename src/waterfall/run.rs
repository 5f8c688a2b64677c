//! Asking. Companies or persons are asked about at once, but what is held, booked and stored goes in their order, so that the
//! result does not depend on who answers first.

use super::about;
use super::answer::{self, Taken};
use super::plan::missing;
use super::prices::{Priced, prices};
use super::provider::{Providers, Subject};
use super::report::{AttributeReport, EntityReport, StepOutcome, StepReport, WaterfallReport, WhyStopped};
use super::{QualityOf, Waterfall, WaterfallStep};
use crate::joined::KeyJoins;
use crate::{Budgets, DirectWriteOptions, Engine, Entity, Hooks, key_of_text};
use firmograph_core::{EntityKind, Error, ErrorKind, MicroDollars};
use firmograph_sources::Mapping;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::Ordering;

/// How a waterfall is run. Whom it asks are [`Providers`]; one that keeps its answers, so that none is paid twice, is shown at
/// [`Provider`](super::Provider). How long a call may take and cost stands in the waterfall's steps, and how long what it may cost is
/// held in [`BudgetOptions`](crate::BudgetOptions).
///
/// ```
/// use firmograph::WaterfallOptions;
///
/// let mut options = WaterfallOptions::new("acme");
/// options.user = Some("ada".to_owned());
/// // One call at a time, its answer stored before the next is made: nothing that was paid can get lost.
/// (options.parallel, options.together) = (1, 1);
/// ```
#[derive(Clone)]
pub struct WaterfallOptions {
    /// The workspace that pays.
    pub workspace: String,
    /// For whom.
    pub user: Option<String>,
    /// Calls that are under way at once. What they can cost at most is held for each.
    pub parallel: usize,
    /// Companies or persons whose answers are stored together. What a killed process was answered and had not stored yet is paid
    /// and lost: at most one answer for each of them.
    pub together: usize,
    /// Grades an attribute, for the condition that asks for it.
    pub quality: Option<QualityOf>,
}

impl WaterfallOptions {
    /// Eight calls at once, answers of 64 stored together.
    #[must_use]
    pub fn new(workspace: &str) -> Self {
        WaterfallOptions {
            workspace: workspace.to_owned(),
            user: None,
            parallel: 8,
            together: 64,
            quality: None,
        }
    }
}

/// How far one company or person is.
pub(super) struct Asked {
    pub(super) subject: Subject,
    pub(super) entity: Option<Entity>,
    pub(super) attributes: Vec<Progress>,
    /// Calls that were made.
    pub(super) called: BTreeSet<(String, String)>,
    /// Other texts that were given for the same company or person.
    also: Vec<String>,
    /// Whether an answer could be kept for the key.
    has_identity: bool,
}

#[derive(Default)]
pub(super) struct Progress {
    pub(super) next: usize,
    pub(super) steps: Vec<StepReport>,
    stopped: Option<WhyStopped>,
}

/// A call that is to be made: of whom, for which attribute, which step.
#[derive(Clone, Copy)]
pub(super) struct Next {
    pub(super) asked: usize,
    pub(super) attribute: usize,
    pub(super) step: usize,
}

/// Somebody who is to be asked about: as given, and the key that this is.
struct Given<'g> {
    said: &'g str,
    key: Box<str>,
}

/// What is read into the database after a round: by provider, whose answers it is to whom.
pub(super) type Answers = BTreeMap<String, Vec<(usize, Taken)>>;

pub(super) struct Runner<'r> {
    pub(super) waterfall: &'r Waterfall,
    pub(super) prices: Vec<Vec<Priced>>,
    pub(super) mappings: Vec<Mapping>,
    pub(super) budgets: &'r Budgets,
    pub(super) providers: &'r Providers,
    pub(super) options: &'r WaterfallOptions,
    /// Providers of which a budget has no room, with what it said.
    pub(super) closed: BTreeMap<String, String>,
    /// Whether the first reservation was seen to hold its money for longer than any step waits.
    pub(super) holds_long_enough: bool,
    /// Who was asked about, by every key that is known of them: the place in the report.
    seen: BTreeMap<Box<str>, usize>,
    /// Why everything stops.
    pub(super) why: Option<WhyStopped>,
    pub(super) report: WaterfallReport,
}

impl Waterfall {
    /// Asks about these companies or persons, of whom nothing need be known but their keys, and stores the answers. The budgets
    /// must be those of the same database as the engine's. A key may be given as people write it ([`key_of_text`]); several keys of
    /// one company or person are asked about once. No call is made about a key that no record can have (a free-mail domain, the
    /// mailbox of a role), because no answer could be kept for it.
    ///
    /// A budget that has no room stops it with what was found: that of a provider stops asking this provider, another one stops
    /// everything. So does [`Hooks::interrupted`], after the calls under way.
    ///
    /// # Errors
    /// `bad-waterfall`, `no-price`, `no-limit` and `no-provider` (usage), and when the database does not answer, before anything is
    /// spent. What goes wrong once a call was made is in the report, with all that was paid.
    pub async fn run<S: AsRef<str>>(
        &self,
        engine: &mut Engine,
        budgets: &Budgets,
        providers: &Providers,
        keys: &[S],
        options: &WaterfallOptions,
        hooks: &mut Hooks<'_>,
    ) -> Result<WaterfallReport, Error> {
        self.check()?;
        for step in self.attributes.iter().flat_map(|of| &of.steps) {
            if providers.get(&step.provider).is_none() {
                let message = format!("nobody was given who answers for {}", step.provider);
                return Err(Error::new(ErrorKind::Usage, "no-provider", message));
            }
        }
        let now = (hooks.clock)();
        let prices = prices(self, engine.store(), now).await?;
        // As before every ingest: a golden value may be written over what others wrote.
        engine.observe_direct_writes(DirectWriteOptions::default(), hooks).await?;
        engine.expire_before_ingest(false, now).await?;
        let mappings = answer::mappings(self)?;
        let mut runner = Runner {
            waterfall: self,
            prices,
            mappings,
            budgets,
            providers,
            options,
            closed: BTreeMap::new(),
            holds_long_enough: false,
            seen: BTreeMap::new(),
            why: None,
            report: WaterfallReport::default(),
        };
        let keys: Vec<Given<'_>> = keys.iter().map(|key| Given::of(self.kind(), key.as_ref())).collect();
        for block in keys.chunks(options.together.max(1)) {
            runner.some(engine, block, hooks).await?;
        }
        Ok(runner.report)
    }
}

impl<'g> Given<'g> {
    fn of(kind: EntityKind, said: &'g str) -> Self {
        Given { said, key: key_of_text(kind, said) }
    }
}

impl<'r> Runner<'r> {
    /// Asks about some and reports them. Where that fails after calls were made, the report says so, and nobody else is asked about.
    async fn some(
        &mut self,
        engine: &mut Engine,
        block: &[Given<'_>],
        hooks: &mut Hooks<'_>,
    ) -> Result<(), Error> {
        let first = self.report.entities.len();
        let mut all = Vec::with_capacity(block.len());
        if self.why.is_none()
            && let Err(error) = self.ask(engine, block, &mut all, hooks).await
        {
            if self.report.calls == 0 {
                return Err(error);
            }
            self.fail(error);
        }
        for (index, asked) in all.iter().enumerate() {
            if let Some(entity) = &asked.entity {
                self.seen.insert(entity.golden.key.clone(), first + index);
            }
        }
        // Whoever was not come to.
        for given in block {
            if !self.is_again(given, &[], &mut all) {
                self.seen.insert(given.key.clone(), first + all.len());
                let subject = Subject::of(self.waterfall.kind(), &given.key, None);
                all.push(Asked::of(subject, None, given, self.waterfall));
            }
        }
        let why = self.why.unwrap_or(WhyStopped::Exhausted);
        self.report.entities.extend(all.into_iter().map(|asked| asked.report(self.waterfall, why)));
        Ok(())
    }

    async fn ask(
        &mut self,
        engine: &mut Engine,
        block: &[Given<'_>],
        all: &mut Vec<Asked>,
        hooks: &mut Hooks<'_>,
    ) -> Result<(), Error> {
        let joins = KeyJoins::read(&mut engine.store).await?;
        for given in block {
            let root = joins.kind(self.waterfall.kind()).root(&given.key);
            if !self.is_again(given, &[root], all) {
                let asked = self.begin(engine, &joins, given).await?;
                let index = self.report.entities.len() + all.len();
                self.seen.extend([&*given.key, root].map(|key| (key.into(), index)));
                all.push(asked);
            }
        }
        self.block(engine, all, hooks).await
    }

    /// Whether this was asked about before, by this key or another one that is known of it; what was given is noted there.
    fn is_again(&mut self, given: &Given<'_>, others: &[&str], all: &mut [Asked]) -> bool {
        let keys = std::iter::once(&*given.key).chain(others.iter().copied());
        let Some(index) = keys.into_iter().find_map(|key| self.seen.get(key).copied()) else { return false };
        let first = self.report.entities.len();
        let (key, also) = match (self.report.entities.get_mut(index), index.checked_sub(first)) {
            (Some(entity), _) => (&entity.key, &mut entity.also),
            (None, at) => match at.and_then(|at| all.get_mut(at)) {
                Some(asked) => (&asked.subject.key, &mut asked.also),
                None => return false,
            },
        };
        if key != given.said && !also.iter().any(|other| other == given.said) {
            also.push(given.said.to_owned());
        }
        true
    }

    /// Notes what went wrong once calls were made.
    pub(super) fn fail(&mut self, error: Error) {
        self.report.stopped.get_or_insert_with(|| error.to_string());
        self.report.error.get_or_insert(error);
        self.why = Some(WhyStopped::Failed);
    }

    async fn begin(&self, engine: &mut Engine, joins: &KeyJoins, given: &Given<'_>) -> Result<Asked, Error> {
        let kind = self.waterfall.kind();
        let entity = engine.entity_with(joins, kind, &given.key).await?;
        let subject = Subject::of(kind, &given.key, entity.as_ref());
        let mut asked = Asked::of(subject, entity, given, self.waterfall);
        for (of, progress) in self.waterfall.attributes.iter().zip(&mut asked.attributes) {
            let quality = self.options.quality.as_ref();
            // What is good enough now is never asked for, whatever becomes of it: the plan says so.
            if of.until.holds(of, asked.entity.as_ref(), engine, quality).await? {
                progress.stopped = Some(WhyStopped::GoodBefore);
            }
        }
        Ok(asked)
    }

    /// Asks about some, round by round: one call at most about each, then what they gave is stored.
    async fn block(
        &mut self,
        engine: &mut Engine,
        all: &mut [Asked],
        hooks: &mut Hooks<'_>,
    ) -> Result<(), Error> {
        loop {
            if hooks.interrupted.load(Ordering::Relaxed) {
                self.why.get_or_insert(WhyStopped::Interrupted);
            }
            if self.why.is_some() {
                return self.end(engine, all).await;
            }
            let mut queue = VecDeque::new();
            for (index, asked) in all.iter_mut().enumerate() {
                if let Some((attribute, step)) = self.next(engine, asked).await? {
                    queue.push_back(Next { asked: index, attribute, step });
                }
            }
            if queue.is_empty() {
                return Ok(());
            }
            let now = (hooks.clock)();
            let mut answers = Answers::new();
            while !queue.is_empty() && self.why.is_none() {
                let permits = match self.reserve(&mut queue, all).await {
                    Ok(permits) => permits,
                    Err(error) if self.report.calls == 0 => return Err(error),
                    Err(error) => {
                        self.fail(error);
                        break;
                    }
                };
                self.call(permits, all, &mut answers, now).await;
                if hooks.interrupted.load(Ordering::Relaxed) {
                    self.why.get_or_insert(WhyStopped::Interrupted);
                }
            }
            self.store(engine, all, answers, now, hooks).await?;
        }
    }

    /// Where it stops early, what the last answers made good enough is told so.
    async fn end(&self, engine: &mut Engine, all: &mut [Asked]) -> Result<(), Error> {
        if self.report.error.is_some() {
            return Ok(());
        }
        for asked in all {
            for (of, progress) in self.waterfall.attributes.iter().zip(&mut asked.attributes) {
                let quality = self.options.quality.as_ref();
                if progress.stopped.is_none()
                    && of.until.holds(of, asked.entity.as_ref(), engine, quality).await?
                {
                    progress.stopped = Some(WhyStopped::Good);
                }
            }
        }
        Ok(())
    }

    /// The next call about somebody, with everything that is passed over on the way noted.
    async fn next(&self, engine: &mut Engine, asked: &mut Asked) -> Result<Option<(usize, usize)>, Error> {
        for (index, of) in self.waterfall.attributes.iter().enumerate() {
            while asked.attributes[index].stopped.is_none() {
                let entity = asked.entity.as_ref();
                let good = of.until.holds(of, entity, engine, self.options.quality.as_ref()).await?;
                let progress = &mut asked.attributes[index];
                let Some(step) = of.steps.get(progress.next).filter(|_| !good) else {
                    let is_refused = progress.steps.iter().any(|step| step.outcome == StepOutcome::Refused);
                    progress.stopped = Some(match (good, is_refused) {
                        (true, _) => WhyStopped::Good,
                        (false, true) => WhyStopped::Refused,
                        (false, false) => WhyStopped::Exhausted,
                    });
                    break;
                };
                let passed_over = if !asked.has_identity {
                    Some((
                        StepOutcome::Skipped,
                        "no record has such a key, so no answer could be kept".to_owned(),
                    ))
                } else if let Some(name) = missing(step, &asked.subject) {
                    Some((StepOutcome::Skipped, format!("{name} is not known")))
                } else if asked.called.contains(&(step.provider.clone(), step.operation.clone())) {
                    Some((StepOutcome::Shared, "it was asked for another attribute".to_owned()))
                } else {
                    self.closed.get(&step.provider).map(|why| (StepOutcome::Refused, why.clone()))
                };
                let at = progress.next;
                let Some((outcome, note)) = passed_over else { return Ok(Some((index, at))) };
                progress.next += 1;
                progress.steps.push(StepReport::new(step, outcome, Some(note)));
            }
        }
        Ok(None)
    }
}

impl Asked {
    fn of(subject: Subject, entity: Option<Entity>, given: &Given<'_>, waterfall: &Waterfall) -> Self {
        let also = if *given.said == *subject.key { Vec::new() } else { vec![given.said.to_owned()] };
        let attributes = waterfall.attributes.iter().map(|_| Progress::default()).collect();
        let has_identity = about::has_identity(&subject);
        Asked { subject, entity, attributes, called: BTreeSet::new(), also, has_identity }
    }

    fn report(self, waterfall: &Waterfall, why: WhyStopped) -> EntityReport {
        let attributes = waterfall.attributes.iter().zip(self.attributes).map(|(of, progress)| {
            let cost = progress.steps.iter().map(|step| step.cost).sum();
            let stopped = progress.stopped.unwrap_or(why);
            AttributeReport { attribute: of.name(), steps: progress.steps, stopped, cost }
        });
        let attributes: Vec<AttributeReport> = attributes.collect();
        let cost = attributes.iter().map(|of| of.cost).sum();
        EntityReport { key: self.subject.key, also: self.also, attributes, cost }
    }
}

impl StepReport {
    pub(super) fn new(step: &WaterfallStep, outcome: StepOutcome, note: Option<String>) -> Self {
        let (provider, operation) = (step.provider.clone(), step.operation.clone());
        StepReport { provider, operation, outcome, cost: MicroDollars::ZERO, payload: None, note }
    }
}
