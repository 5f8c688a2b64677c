//! Calls: what they can cost is held, they are made at once, and what they gave is booked in their order.

use super::answer::{self, Taken};
use super::plan::counts_for;
use super::provider::{ProviderAnswer, ProviderError, Subject};
use super::report::{StepOutcome, StepReport, WhyStopped};
use super::run::{Answers, Asked, Next, Runner};
use super::together::{caught, together};
use super::{AfterTimeout, WaterfallStep, bad};
use crate::{Call, NotReserved, Permit, Settlement};
use firmograph_core::{BudgetScope, Error, MicroDollars, Timestamp};
use firmograph_sources::Extractor;
use std::collections::VecDeque;
use std::time::Duration;

/// What a call gave: in time or not, in a panic or not.
type Answered = Result<Result<Result<ProviderAnswer, ProviderError>, String>, tokio::time::error::Elapsed>;

impl<'r> Runner<'r> {
    /// Holds what the next calls can cost, as many as may be under way at once and as there is room for.
    pub(super) async fn reserve(
        &mut self,
        queue: &mut VecDeque<Next>,
        all: &mut [Asked],
    ) -> Result<Vec<(Next, Permit<'r>)>, Error> {
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
                    if let Err(error) = self.check_timeouts(&permit).await {
                        drop(permit.release().await);
                        return Err(error);
                    }
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
        Ok(permits)
    }

    /// Refuses to wait for a provider for longer than what its call may cost is held: the money would go to others meanwhile. How
    /// long that is, the first reservation says.
    async fn check_timeouts(&mut self, permit: &Permit<'_>) -> Result<(), Error> {
        let Some(id) = permit.reservation().filter(|_| !self.holds_long_enough) else { return Ok(()) };
        let mut lent = self.budgets.lend().await?;
        let held = lent.store().reservation(id).await?;
        lent.give_back();
        let held = held.map(|held| held.expires_at.duration_since(held.reserved_at));
        let held = held.and_then(|held| Duration::try_from(held).ok()).unwrap_or_default();
        let mut steps = self.waterfall.attributes.iter().flat_map(|of| &of.steps);
        if let Some(step) = steps.find(|step| step.timeout >= held) {
            let (provider, operation) = step.call();
            let (waits, held) = (step.timeout.as_secs_f64(), held.as_secs_f64());
            let message =
                format!("{operation} of {provider} is waited for {waits} s, and its money held for {held} s");
            return Err(bad(message).with_help("wait for less, or let reservations live for longer"));
        }
        self.holds_long_enough = true;
        Ok(())
    }

    /// Makes the calls, and books them in their order.
    pub(super) async fn call(
        &mut self,
        permits: Vec<(Next, Permit<'_>)>,
        all: &mut [Asked],
        answers: &mut Answers,
        now: Timestamp,
    ) {
        let calls = permits.iter().map(|(next, permit)| {
            let step = &self.waterfall.attributes[next.attribute].steps[next.step];
            let (subject, provider) = (&all[next.asked].subject, self.providers.get(&step.provider));
            async move {
                let asked = async {
                    match provider {
                        Some(provider) => provider.call_boxed(permit, subject).await,
                        None => Err(ProviderError::new("nobody answers")),
                    }
                };
                tokio::time::timeout(step.timeout, caught(asked)).await
            }
        });
        let given = together(calls.collect()).await;
        for ((next, permit), answered) in permits.iter().zip(given) {
            self.book(*next, permit, answered, &mut all[next.asked], answers, now).await;
        }
    }

    async fn book(
        &mut self,
        next: Next,
        permit: &Permit<'_>,
        answered: Answered,
        asked: &mut Asked,
        answers: &mut Answers,
        now: Timestamp,
    ) {
        let step = &self.waterfall.attributes[next.attribute].steps[next.step];
        let priced = &self.prices[next.attribute][next.step];
        let mut settlement = Settlement::paid(MicroDollars::ZERO);
        // Nobody knows what a call cost of which nothing was heard.
        let unheard =
            if step.after_timeout == AfterTimeout::Worst { permit.amount() } else { MicroDollars::ZERO };
        let (outcome, mut note) = match &answered {
            Ok(Ok(Ok(answer))) => {
                let usage = &answer.usage;
                let cost = answer.cost.unwrap_or_else(|| priced.price.cost(usage));
                settlement.cost = cost.max(MicroDollars::ZERO);
                settlement.hit = Some(usage.hit);
                settlement.matches = Some(i64::from(usage.matches));
                settlement.credits = Some(i64::from(usage.credits));
                settlement.tokens = (usage.tokens > 0).then_some(i64::from(usage.tokens));
                (if usage.hit { StepOutcome::Hit } else { StepOutcome::Miss }, None)
            }
            Ok(Ok(Err(error))) => {
                (settlement.cost, settlement.success) = (error.cost.max(MicroDollars::ZERO), false);
                (StepOutcome::Failed, Some(error.message.clone()))
            }
            Ok(Err(panic)) => {
                (settlement.cost, settlement.success) = (unheard, false);
                (StepOutcome::Failed, Some(format!("the provider panicked: {panic}")))
            }
            Err(_) => {
                (settlement.cost, settlement.success) = (unheard, false);
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
        let taken = match &answered {
            Ok(Ok(Ok(answer))) => self.take(answer, step, &asked.subject, now),
            _ => Ok(None),
        };
        match taken {
            Ok(Some(mut taken)) => {
                payload = taken.payload;
                settlement.payloads.extend(payload);
                if let Some(why) = taken.refused.take() {
                    note = Some(why);
                } else if let Some(other) = &taken.speaks_of {
                    note = Some(format!("it speaks of {other}"));
                }
                answers.entry(step.provider.clone()).or_default().push((next.asked, taken));
            }
            Ok(None) => {}
            Err(error) => note = Some(error.to_string()),
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
