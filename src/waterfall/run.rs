//! Asking. Companies or persons are asked about at once, but what is held, booked and stored goes in their order, so that the
//! result does not depend on who answers first.

use super::answer::{self, Taken};
use super::plan::{counts_for, missing};
use super::prices::{Priced, prices};
use super::provider::{ProviderAnswer, ProviderError, Providers, Subject};
use super::report::{AttributeReport, EntityReport, StepOutcome, StepReport, WaterfallReport, WhyStopped};
use super::together::together;
use super::{AfterTimeout, QualityOf, Waterfall, WaterfallStep};
use crate::{Budgets, Call, DirectWriteOptions, Engine, Entity, Hooks, NotReserved, Permit, Settlement};
use firmograph_core::{BudgetScope, Error, ErrorKind, MicroDollars, Timestamp};
use firmograph_sources::{Extractor, Mapping};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::Ordering;

/// How a waterfall is run.
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
    attributes: Vec<Progress>,
    /// Calls that were made.
    called: BTreeSet<(String, String)>,
}

#[derive(Default)]
struct Progress {
    next: usize,
    steps: Vec<StepReport>,
    stopped: Option<WhyStopped>,
}

/// A call that is to be made: of whom, for which attribute, which step.
#[derive(Clone, Copy)]
struct Next {
    asked: usize,
    attribute: usize,
    step: usize,
}

/// What is read into the database after a round: by provider, whose answers it is to whom.
pub(super) type Answers = BTreeMap<String, Vec<(usize, Taken)>>;

/// What a call gave, in time or not.
type Answered = Result<Result<ProviderAnswer, ProviderError>, tokio::time::error::Elapsed>;

pub(super) struct Runner<'r> {
    waterfall: &'r Waterfall,
    prices: Vec<Vec<Priced>>,
    pub(super) mappings: Vec<Mapping>,
    budgets: &'r Budgets,
    providers: &'r Providers,
    options: &'r WaterfallOptions,
    /// Providers of which a budget has no room, with what it said.
    closed: BTreeMap<String, String>,
    /// Why everything stops.
    pub(super) why: Option<WhyStopped>,
    pub(super) report: WaterfallReport,
}

impl Waterfall {
    /// Asks about these companies or persons, of whom nothing need be known but their keys, and stores the answers. The budgets
    /// must be those of the same database as the engine's.
    ///
    /// A budget that has no room stops it with what was found: that of a provider stops asking this provider, another one stops
    /// everything. So does [`Hooks::interrupted`], after the calls under way.
    ///
    /// # Errors
    /// `bad-waterfall`, `no-price` and `no-provider` (usage), before anything is spent; when the database does not answer. What
    /// goes wrong once calls were paid is in the report.
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
        let (closed, report) = (BTreeMap::new(), WaterfallReport::default());
        let mut runner = Runner {
            waterfall: self,
            prices,
            mappings,
            budgets,
            providers,
            options,
            closed,
            why: None,
            report,
        };
        let mut seen = BTreeSet::new();
        let keys: Vec<&str> = keys.iter().map(AsRef::as_ref).filter(|key| seen.insert(*key)).collect();
        for block in keys.chunks(options.together.max(1)) {
            let mut all = Vec::with_capacity(block.len());
            for key in block {
                all.push(runner.begin(engine, key).await?);
            }
            runner.block(engine, &mut all, hooks).await?;
            let why = runner.why.unwrap_or(WhyStopped::Exhausted);
            runner.report.entities.extend(all.into_iter().map(|asked| asked.report(self, why)));
        }
        Ok(runner.report)
    }
}

impl<'r> Runner<'r> {
    async fn begin(&self, engine: &mut Engine, key: &str) -> Result<Asked, Error> {
        let kind = self.waterfall.kind();
        let entity = engine.entity(kind, key).await?;
        let mut attributes = Vec::new();
        for of in &self.waterfall.attributes {
            let good = of.until.holds(of, entity.as_ref(), engine, self.options.quality.as_ref()).await?;
            // What is good enough now is never asked for, whatever becomes of it: the plan says so.
            attributes
                .push(Progress { stopped: good.then_some(WhyStopped::GoodBefore), ..Progress::default() });
        }
        let subject = Subject::of(kind, key, entity.as_ref());
        Ok(Asked { subject, entity, attributes, called: BTreeSet::new() })
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
                let permits = self.reserve(&mut queue, all).await;
                self.call(permits, all, &mut answers, now).await?;
                if hooks.interrupted.load(Ordering::Relaxed) {
                    self.why.get_or_insert(WhyStopped::Interrupted);
                }
            }
            self.store(engine, all, answers, now, hooks).await?;
        }
    }

    /// Where it stops early, what the last answers made good enough is told so.
    async fn end(&self, engine: &mut Engine, all: &mut [Asked]) -> Result<(), Error> {
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
                let passed_over = if let Some(name) = missing(step, &asked.subject) {
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

    /// Holds what the next calls can cost, as many as may be under way at once and as there is room for.
    async fn reserve(&mut self, queue: &mut VecDeque<Next>, all: &mut [Asked]) -> Vec<(Next, Permit<'r>)> {
        let budgets = self.budgets;
        let user = self.options.user.as_deref();
        let mut permits = Vec::new();
        // What is held for our own calls comes back: they wait for each other instead of being refused.
        let windows = budgets.standing(Some(&self.options.workspace)).await.unwrap_or_default();
        let mut left: Vec<_> =
            windows.into_iter().map(|window| (window.standing.remaining(), window.key.scope)).collect();
        while permits.len() < self.options.parallel.max(1) {
            let Some(next) = queue.front().copied() else { break };
            let step = &self.waterfall.attributes[next.attribute].steps[next.step];
            let worst = self.prices[next.attribute][next.step].worst;
            let progress = &mut all[next.asked].attributes[next.attribute];
            if let Some(why) = self.closed.get(&step.provider) {
                progress.next += 1;
                progress.steps.push(StepReport::new(step, StepOutcome::Refused, Some(why.clone())));
                queue.pop_front();
                continue;
            }
            let pays = |scope: &BudgetScope| counts_for(scope, &step.provider, user);
            let fits = left.iter().all(|(remaining, scope)| !pays(scope) || worst <= *remaining);
            if !fits && !permits.is_empty() {
                break;
            }
            let mut call = Call::new(&self.options.workspace, &step.provider).operation(&step.operation);
            let subject = &all[next.asked].subject;
            call = call.entity(subject.kind.name(), &subject.key);
            call.user = self.options.user.clone();
            match budgets.reserve(&call, worst).await {
                Ok(permit) => {
                    for (remaining, _) in left.iter_mut().filter(|(_, scope)| pays(scope)) {
                        *remaining = remaining.saturating_sub(worst);
                    }
                    queue.pop_front();
                    permits.push((next, permit));
                }
                // Somebody else was quicker; our own calls may leave room.
                Err(NotReserved::Refused(_)) if !permits.is_empty() => break,
                Err(NotReserved::Refused(refusal)) => {
                    let is_of_provider = refusal.window.key.scope.provider.is_some();
                    if is_of_provider {
                        self.closed.insert(step.provider.clone(), refusal.to_string());
                        continue;
                    }
                    self.report.stopped = Some(refusal.to_string());
                    self.why = Some(WhyStopped::Refused);
                    break;
                }
                Err(NotReserved::Failed(error)) => {
                    self.report.stopped = Some(error.to_string());
                    self.why = Some(WhyStopped::Failed);
                    break;
                }
            }
        }
        permits
    }

    /// Makes the calls, and books them in their order.
    async fn call(
        &mut self,
        permits: Vec<(Next, Permit<'_>)>,
        all: &mut [Asked],
        answers: &mut Answers,
        now: Timestamp,
    ) -> Result<(), Error> {
        let calls = permits.iter().map(|(next, permit)| {
            let step = &self.waterfall.attributes[next.attribute].steps[next.step];
            let (subject, provider) = (&all[next.asked].subject, self.providers.get(&step.provider));
            async move {
                let Some(provider) = provider else { return Ok(Err(ProviderError::new("nobody answers"))) };
                tokio::time::timeout(step.timeout, provider.call_boxed(permit, subject)).await
            }
        });
        let given = together(calls.collect()).await;
        for ((next, permit), answered) in permits.iter().zip(given) {
            self.book(*next, permit, answered, &mut all[next.asked], answers, now).await?;
        }
        Ok(())
    }

    async fn book(
        &mut self,
        next: Next,
        permit: &Permit<'_>,
        answered: Answered,
        asked: &mut Asked,
        answers: &mut Answers,
        now: Timestamp,
    ) -> Result<(), Error> {
        let step = &self.waterfall.attributes[next.attribute].steps[next.step];
        let priced = &self.prices[next.attribute][next.step];
        let mut settlement = Settlement::paid(MicroDollars::ZERO);
        let (outcome, mut note) = match &answered {
            Ok(Ok(answer)) => {
                let usage = &answer.usage;
                settlement.cost = priced.price.cost(usage);
                settlement.hit = Some(usage.hit);
                settlement.matches = Some(i64::from(usage.matches));
                settlement.credits = Some(i64::from(usage.credits));
                settlement.tokens = (usage.tokens > 0).then_some(i64::from(usage.tokens));
                (if usage.hit { StepOutcome::Hit } else { StepOutcome::Miss }, None)
            }
            Ok(Err(error)) => {
                (settlement.cost, settlement.success) = (error.cost.max(MicroDollars::ZERO), false);
                (StepOutcome::Failed, Some(error.message.clone()))
            }
            Err(_) => {
                let worst = step.after_timeout == AfterTimeout::Worst;
                settlement.cost = if worst { permit.amount() } else { MicroDollars::ZERO };
                settlement.success = false;
                (StepOutcome::TimedOut, Some(format!("no answer within {} s", step.timeout.as_secs_f64())))
            }
        };
        if outcome != StepOutcome::Hit && outcome != StepOutcome::Miss {
            settlement.error.clone_from(&note);
        }
        if settlement.cost > permit.amount() {
            note = Some(format!("it cost more than the {} that was held", permit.amount()));
        }
        let mut payload = None;
        if let Ok(Ok(answer)) = &answered
            && let Some(mut taken) = self.take(answer, step, &asked.subject, now)?
        {
            payload = taken.payload;
            settlement.payloads.extend(payload);
            if let Some(why) = taken.refused.take() {
                note = Some(why);
            } else if let Some(other) = &taken.speaks_of {
                note = Some(format!("it speaks of {other}"));
            }
            answers.entry(step.provider.clone()).or_default().push((next.asked, taken));
        }
        if let Err(error) = permit.settle(&settlement).await {
            let call = format!("{} of {} about {}", step.operation, step.provider, asked.subject.key);
            self.report.not_booked.push(format!("{call}, {} dollars: {error}", settlement.cost));
        }
        self.report.calls += 1;
        self.report.cost = self.report.cost.saturating_add(settlement.cost);
        asked.called.insert((step.provider.clone(), step.operation.clone()));
        let progress = &mut asked.attributes[next.attribute];
        progress.next = next.step + 1;
        let payload = payload.map(|payload| payload.to_string());
        let report = StepReport::new(step, outcome, note);
        progress.steps.push(StepReport { cost: settlement.cost, payload, ..report });
        Ok(())
    }

    fn take(
        &self,
        answer: &ProviderAnswer,
        step: &WaterfallStep,
        subject: &Subject,
        now: Timestamp,
    ) -> Result<Option<Taken>, Error> {
        let source = answer::source(&step.provider)?;
        let mut extractor = Extractor::for_documents(&self.mappings, Some(&source));
        let pipeline = crate::pipeline::PipelineOptions::new(source);
        Ok(answer::take(answer, step, subject, &mut extractor, &pipeline, now))
    }
}

impl Asked {
    fn report(self, waterfall: &Waterfall, why: WhyStopped) -> EntityReport {
        let attributes = waterfall.attributes.iter().zip(self.attributes).map(|(of, progress)| {
            let cost = progress.steps.iter().map(|step| step.cost).sum();
            let stopped = progress.stopped.unwrap_or(why);
            AttributeReport { attribute: of.name(), steps: progress.steps, stopped, cost }
        });
        let attributes: Vec<AttributeReport> = attributes.collect();
        let cost = attributes.iter().map(|of| of.cost).sum();
        EntityReport { key: self.subject.key, attributes, cost }
    }
}

impl StepReport {
    fn new(step: &WaterfallStep, outcome: StepOutcome, note: Option<String>) -> Self {
        let (provider, operation) = (step.provider.clone(), step.operation.clone());
        StepReport { provider, operation, outcome, cost: MicroDollars::ZERO, payload: None, note }
    }
}
