//! Providers that are asked in order: when it stops, what it costs, and that it can be taken back.

use crate::common::Place;
use crate::common::customers::Dice;
use crate::on_both;
use firmograph::{
    BudgetOptions, BudgetPeriod, BudgetScope, Budgets, Engine, Entity, EntityKind, Field, Hooks,
    MicroDollars, NewBudget, Permit, Provider, ProviderAnswer, ProviderError, Providers, StepOutcome,
    Subject, Timestamp, UnitPrice, Usage, Waterfall, WaterfallOptions, WaterfallReport, WhyStopped,
};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

pub(crate) const CENT: MicroDollars = MicroDollars::new(10_000);

pub(crate) fn noon() -> Timestamp {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

type Answer = dyn Fn(&Subject) -> Result<ProviderAnswer, ProviderError> + Send + Sync;

/// A provider of a test: tells whom it was asked about, waits, and answers as it was told.
#[derive(Clone)]
pub(crate) struct Told {
    name: &'static str,
    asked: Arc<Mutex<Vec<String>>>,
    wait: Duration,
    answer: Arc<Answer>,
}

impl Provider for Told {
    async fn call(&self, permit: &Permit<'_>, subject: &Subject) -> Result<ProviderAnswer, ProviderError> {
        assert_eq!(permit.call().provider, self.name);
        self.asked.lock().unwrap().push(format!("{} {}", self.name, subject.key));
        tokio::time::sleep(self.wait).await;
        (self.answer)(subject)
    }
}

pub(crate) struct Test {
    pub(crate) engine: Engine,
    pub(crate) budgets: Budgets,
    pub(crate) providers: Providers,
    pub(crate) options: WaterfallOptions,
    asked: Arc<Mutex<Vec<String>>>,
    interrupted: Arc<AtomicBool>,
}

impl Test {
    async fn new(place: &Place, dollars: i64) -> Self {
        let budgets = Budgets::open(&place.url(), BudgetOptions::new(Arc::new(noon))).await.unwrap();
        let (asked, interrupted) = (Arc::default(), Arc::default());
        let (providers, options) = (Providers::new(), WaterfallOptions::new("acme"));
        let engine = Engine::open(&place.url()).await.unwrap();
        let test = Test { engine, budgets, providers, options, asked, interrupted };
        test.set(BudgetScope::workspace("acme"), MicroDollars::dollars(dollars)).await;
        test
    }

    pub(crate) async fn set(&self, scope: BudgetScope, cap: MicroDollars) {
        let (period, time_zone) = (BudgetPeriod::Day, None);
        self.budgets.set(&NewBudget { scope, period, cap, time_zone, author: None }).await.unwrap();
    }

    pub(crate) fn tells(
        &mut self,
        name: &'static str,
        wait: u64,
        answer: impl Fn(&Subject) -> Result<ProviderAnswer, ProviderError> + Send + Sync + 'static,
    ) {
        let (asked, wait) = (Arc::clone(&self.asked), Duration::from_millis(wait));
        let told = Told { name, asked, wait, answer: Arc::new(answer) };
        self.providers = std::mem::take(&mut self.providers).with(name, told);
    }

    pub(crate) async fn try_run(
        &mut self,
        waterfall: &Waterfall,
        keys: &[&str],
    ) -> Result<WaterfallReport, firmograph::Error> {
        let mut hooks =
            Hooks { clock: &noon, progress: &mut |_| {}, interrupted: Arc::clone(&self.interrupted) };
        let (engine, budgets) = (&mut self.engine, &self.budgets);
        waterfall.run(engine, budgets, &self.providers, keys, &self.options, &mut hooks).await
    }

    pub(crate) async fn run(&mut self, waterfall: &Waterfall, keys: &[&str]) -> WaterfallReport {
        self.try_run(waterfall, keys).await.unwrap()
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    /// Spent and held, in micro-dollars.
    pub(crate) async fn standing(&self) -> (i64, i64) {
        let of = self.budgets.standing(Some("acme")).await.unwrap()[0].standing;
        (of.charged().micros(), of.reserved.micros())
    }

    pub(crate) async fn company(&mut self, key: &str) -> Option<Entity> {
        self.engine.entity(EntityKind::Company, key).await.unwrap()
    }
}

pub(crate) fn drive(place: &Place, dollars: i64, test: impl AsyncFnOnce(Test)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { test(Test::new(place, dollars).await).await });
}

/// A waterfall of one attribute over providers that cost a cent, hit or not.
pub(crate) fn waterfall(attribute: &str, until: &str, providers: &[&str]) -> Waterfall {
    let mut text = format!("[[attribute]]\n{attribute}\nuntil = {until}\n");
    for provider in providers {
        text.push_str(&format!(
            "[[attribute.step]]\nprovider = \"{provider}\"\nprice = {{ hit = \"0.01\", miss = \"0.01\" }}\n\
             hit_rate = \"50%\"\ntimeout_seconds = 1\n"
        ));
    }
    Waterfall::parse(&text).unwrap()
}

pub(crate) fn industry(text: &'static str) -> impl Fn(&Subject) -> Result<ProviderAnswer, ProviderError> {
    move |_| Ok(ProviderAnswer::hit([(Field::Industry, text)]))
}

pub(crate) fn nothing(_: &Subject) -> Result<ProviderAnswer, ProviderError> {
    Ok(ProviderAnswer::miss())
}

pub(crate) fn outcomes(report: &WaterfallReport, key: &str) -> Vec<StepOutcome> {
    let entity = report.entity(key).unwrap();
    entity.attributes.iter().flat_map(|of| of.steps.iter().map(|step| step.outcome)).collect()
}

fn it_stops_when_what_is_known_is_good_enough(place: &Place) {
    use StepOutcome::{Hit, Miss};
    use WhyStopped::{Exhausted, Good};
    drive(place, 5, async |mut test| {
        test.tells("none", 0, nothing);
        test.tells("odd", 0, industry("Fjords of optics"));
        test.tells("software", 0, industry("Software Development"));
        test.tells("again", 0, industry("software development"));
        test.tells("banking", 0, industry("Banking"));
        let all = ["none", "odd", "software", "banking", "again"];
        for (until, expected, why) in [
            ("\"present\"", &[Miss, Hit][..], Good),
            ("\"matched\"", &[Miss, Hit, Hit], Good),
            ("{ confidence = \"80%\" }", &[Miss, Hit, Hit], Good),
            ("{ agreement = 2 }", &[Miss, Hit, Hit, Hit, Hit], Good),
            ("{ agreement = 3 }", &[Miss, Hit, Hit, Hit, Hit], Exhausted),
            ("\"verified\"", &[Miss, Hit, Hit, Hit, Hit], Exhausted),
            ("{ quality = 80 }", &[Miss, Hit, Hit, Hit, Hit], Exhausted),
            ("\"never\"", &[Miss, Hit, Hit, Hit, Hit], Exhausted),
        ] {
            let report = test.run(&waterfall("name = \"industry\"", until, &all), &["acme.com"]).await;
            assert_eq!(outcomes(&report, "acme.com"), expected, "{until}");
            assert_eq!(report.entities[0].attributes[0].stopped, why, "{until}");
            assert_eq!(report.cost, CENT.saturating_mul(expected.len() as i64));
            let asked: Vec<_> = all[..expected.len()].iter().map(|name| format!("{name} acme.com")).collect();
            assert_eq!(test.asked(), asked);
            // Taken back, nothing is known any more, and the next begins anew.
            for run in report.runs.iter().rev() {
                test.engine.undo(*run, false, noon(), &mut |_| {}).await.unwrap();
            }
            assert!(test.company("acme.com").await.is_none());
        }
        let graded = waterfall("name = \"industry\"", "{ quality = 80 }", &all);
        test.options.quality = Some(Arc::new(|entity, _| Some(entity.dimensions.len() as u8 * 40)));
        let report = test.run(&graded, &["acme.com"]).await;
        assert_eq!(report.entities[0].attributes[0].stopped, Good);
        assert_eq!(report.calls, 3);
        // What is good already is not asked for.
        let again = test.run(&waterfall("name = \"industry\"", "\"matched\"", &all), &["acme.com"]).await;
        assert_eq!((again.calls, again.entities[0].attributes[0].stopped), (0, WhyStopped::GoodBefore));
        assert_eq!(test.standing().await.1, 0, "nothing stays held");
    });
}

fn what_is_verified_is_found_for_a_person(place: &Place) {
    drive(place, 5, async |mut test| {
        let profile = "linkedin.com/in/ada-specimen";
        test.tells("guess", 0, |_| Ok(ProviderAnswer::hit([(Field::Email, "ada@brook-mills.com")])));
        test.tells("check", 0, |subject| {
            let email = subject.text("email").map(str::to_owned);
            Ok(ProviderAnswer::hit([(Field::Email, email.unwrap_or_default())]).verified())
        });
        let mut waterfall =
            waterfall("name = \"person_contact\"\npart = \"email\"", "\"verified\"", &["guess", "check"]);
        waterfall.attributes[0].steps[1].requires = vec!["email".to_owned()];
        let report = test.run(&waterfall, &[profile]).await;
        assert_eq!(outcomes(&report, profile), [StepOutcome::Hit, StepOutcome::Hit], "{report:?}");
        assert_eq!(report.entities[0].attributes[0].stopped, WhyStopped::Good);
        // The mailbox is the better key, and the profile counts for it.
        let ada = test.engine.entity(EntityKind::Person, profile).await.unwrap().unwrap();
        assert_eq!(&*ada.golden.key, "ada@brook-mills.com");
        let again = test.run(&waterfall, &[profile]).await;
        assert_eq!((again.calls, again.entities[0].attributes[0].stopped), (0, WhyStopped::GoodBefore));
        for run in report.runs.iter().rev() {
            test.engine.undo(*run, false, noon(), &mut |_| {}).await.unwrap();
        }
        assert!(test.engine.entity(EntityKind::Person, profile).await.unwrap().is_none());
    });
}

fn answers_are_explained_booked_and_taken_back(place: &Place) {
    drive(place, 5, async |mut test| {
        let file = place.file("known.csv", "Domain,Industry\nacme.com,Fjords of optics\n");
        let options = firmograph::IngestOptions::new(firmograph::Source::new("csv").unwrap());
        let mut hooks = Hooks { clock: &noon, progress: &mut |_| {}, interrupted: Arc::default() };
        test.engine.ingest(&[file.into()], &options, &mut hooks).await.unwrap();
        let before = format!("{:?}", test.company("acme.com").await.unwrap().golden);
        let text = r#"{"domain": "acme.com", "industry": "Banking", "company_name": "Acme Inc"}"#;
        test.tells("quarry", 0, move |_| Ok(ProviderAnswer::json(text)));
        let waterfall = waterfall("name = \"industry\"", "\"matched\"", &["quarry"]);
        let report = test.run(&waterfall, &["acme.com"]).await;
        let step = &report.entities[0].attributes[0].steps[0];
        assert_eq!((step.outcome, step.cost, &step.note), (StepOutcome::Hit, CENT, &None));
        let acme = test.company("acme.com").await.unwrap();
        let attribute = firmograph::find_attribute("industry", None).unwrap();
        let explained = firmograph::explain_json(&acme, Some(attribute));
        assert_eq!(explained[0]["winner"]["source"], "quarry");
        assert_eq!(explained[0]["winner"]["payload"], *step.payload.as_ref().unwrap());
        assert_eq!(explained[0]["winner"]["observed_at"], "2026-03-01T12:00:00Z");
        // The ledger is joined with the payload by its id.
        let (ledger, bought) = if place.server().is_some() {
            ("intelligence.api_cost_tracking", "intelligence.cost_payloads")
        } else {
            ("intelligence_api_cost_tracking", "intelligence_cost_payloads")
        };
        place.sql(&format!(
            "DELETE FROM {ledger} WHERE EXISTS (SELECT 1 FROM {bought} b JOIN raw_payloads p ON p.id = b.payload_id \
             WHERE b.cost_id = {ledger}.id AND p.source = 'quarry')"
        ));
        let counts = test.engine.store().hit_counts("acme").await.unwrap();
        assert!(counts.is_empty(), "that very row is joined: {counts:?}");
        // What was taken in is read again as it was.
        let verified = test.engine.verify(noon(), &mut |_| {}).await.unwrap();
        assert_eq!(verified.differences, 0, "{verified:?}");
        for run in report.runs.iter().rev() {
            test.engine.undo(*run, false, noon(), &mut |_| {}).await.unwrap();
        }
        assert_eq!(format!("{:?}", test.company("acme.com").await.unwrap().golden), before);
    });
}

fn what_fails_costs_nothing_and_what_is_late_the_most(place: &Place) {
    use StepOutcome::{Failed, Hit, Miss, Skipped, TimedOut};
    drive(place, 5, async |mut test| {
        test.tells("broken", 0, |_| Err(ProviderError::new("it answered 500\0")));
        test.tells("slow", 5_000, nothing);
        test.tells("charges", 0, |_| Err(ProviderError { cost: CENT, ..ProviderError::new("no credits") }));
        test.tells("odd", 0, |_| Ok(ProviderAnswer::json("{\"industry\": \"Banking\"}")));
        test.tells("nul", 0, |_| Ok(ProviderAnswer::hit([(Field::Industry, "Bank\0ing")])));
        test.tells("last", 0, industry("Banking"));
        let mut names = vec!["broken", "slow", "charges", "odd", "nul", "last"];
        let mut waterfall = waterfall("name = \"industry\"", "\"matched\"", &names);
        waterfall.attributes[0].steps[5].requires = vec!["employee_range".to_owned()];
        names.pop();
        let report = test.run(&waterfall, &["acme.com"]).await;
        assert_eq!(outcomes(&report, "acme.com"), [Failed, TimedOut, Failed, Hit, Hit, Skipped]);
        let costs: Vec<i64> =
            report.entities[0].attributes[0].steps.iter().map(|step| step.cost.micros()).collect();
        assert_eq!(costs, [0, 10_000, 10_000, 10_000, 10_000, 0]);
        assert_eq!(test.standing().await, (40_000, 0));
        let notes: Vec<_> =
            report.entities[0].attributes[0].steps.iter().map(|step| step.note.is_some()).collect();
        assert_eq!(notes, [true, true, true, true, true, true], "{report:?}");
        assert!(test.company("acme.com").await.is_none(), "nobody said whom the industry is of");
        // Such answers are rejects of their runs.
        assert_eq!(report.runs.len(), 2);
        waterfall.attributes[0].steps[1].after_timeout = firmograph::AfterTimeout::Nothing;
        waterfall.attributes[0].steps.truncate(2);
        let report = test.run(&waterfall, &["acme.com"]).await;
        assert_eq!(
            (outcomes(&report, "acme.com"), report.cost),
            (vec![Failed, TimedOut], MicroDollars::ZERO)
        );
        assert_ne!(outcomes(&report, "acme.com"), [Miss]);
    });
}

fn a_budget_that_has_no_room_stops_it_with_what_was_found(place: &Place) {
    drive(place, 5, async |mut test| {
        let keys: Vec<String> = (0..10).map(|number| format!("acme{number}.com")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        // The later ones are quicker: what is refused does not depend on it.
        test.tells("first", 20, industry("Banking"));
        test.tells("other", 0, industry("Banking"));
        test.set(BudgetScope::workspace("acme"), CENT.saturating_mul(5)).await;
        let one = waterfall("name = \"industry\"", "\"matched\"", &["first", "other"]);
        let report = test.run(&one, &keys).await;
        let stopped: Vec<_> = report.entities.iter().map(|of| of.attributes[0].stopped).collect();
        assert_eq!(report.calls, 5);
        assert!(report.stopped.as_ref().unwrap().contains("day budget of workspace acme"), "{report:?}");
        assert_eq!(stopped, [[WhyStopped::Good; 5], [WhyStopped::Refused; 5]].concat());
        assert_eq!(test.standing().await, (50_000, 0));
        for (number, key) in keys.iter().enumerate() {
            assert_eq!(test.company(key).await.is_some(), number < 5, "{key}");
        }
        // Of a provider that has no room, the next one is asked.
        test.set(BudgetScope::workspace("acme"), MicroDollars::dollars(1)).await;
        let of_first = BudgetScope { provider: Some("first".to_owned()), ..BudgetScope::workspace("acme") };
        test.set(of_first, CENT.saturating_mul(7)).await;
        test.asked();
        let report = test.run(&one, &keys).await;
        assert_eq!((report.calls, &report.stopped), (5, &None), "{report:?}");
        let asked = test.asked();
        assert_eq!(asked.iter().filter(|call| call.starts_with("first")).count(), 2);
        assert!(
            report
                .entities
                .iter()
                .all(|of| matches!(of.attributes[0].stopped, WhyStopped::Good | WhyStopped::GoodBefore))
        );
        // Without a budget nobody is asked.
        test.options.workspace = "nobody".to_owned();
        let report = test.run(&one, &["new.com"]).await;
        assert_eq!((report.calls, report.entities[0].attributes[0].stopped), (0, WhyStopped::Failed));
    });
}

fn a_call_for_two_attributes_is_paid_once(place: &Place) {
    drive(place, 5, async |mut test| {
        test.tells("both", 0, |_| {
            Ok(ProviderAnswer::hit([(Field::Industry, "Banking"), (Field::Description, "They lend.")]))
        });
        test.tells("other", 0, nothing);
        let mut two = waterfall("name = \"industry\"", "\"never\"", &["both", "other"]);
        let more = waterfall("name = \"description\"", "{ agreement = 2 }", &["both", "other"]);
        two.attributes.extend(more.attributes);
        let plan = two.plan_for(&mut test.engine, &test.budgets, &["acme.com"], &test.options, noon());
        let plan = plan.await.unwrap();
        assert_eq!(plan.steps.iter().map(|step| step.calls).collect::<Vec<_>>(), [1, 1, 0, 0]);
        let report = test.run(&two, &["acme.com"]).await;
        assert_eq!(report.calls, 2);
        assert_eq!((plan.worst, plan.expected), (report.cost, report.cost));
        assert_eq!(outcomes(&report, "acme.com")[2..], [StepOutcome::Shared, StepOutcome::Shared]);
    });
}

fn an_interrupted_one_stores_what_was_paid(place: &Place) {
    drive(place, 5, async |mut test| {
        let flag = Arc::clone(&test.interrupted);
        test.tells("first", 0, move |_| {
            flag.store(true, Ordering::Relaxed);
            Ok(ProviderAnswer::hit([(Field::Industry, "Banking")]))
        });
        test.options.parallel = 2;
        let one = waterfall("name = \"industry\"", "\"never\"", &["first"]);
        let report = test.run(&one, &["a.com", "b.com", "c.com"]).await;
        assert_eq!(report.calls, 2);
        assert_eq!(report.entities[2].attributes[0].stopped, WhyStopped::Interrupted);
        assert!(test.company("b.com").await.is_some() && test.company("c.com").await.is_none());
    });
}

/// Steps with prices of every kind, for chances that a test plays.
fn gamble(dice: &mut Dice, attributes: usize) -> Waterfall {
    let mut text = String::new();
    for attribute in ["industry", "description", "company_type"].iter().take(attributes) {
        let until = ["\"present\"", "\"never\"", "{ agreement = 2 }"][dice.below(3)];
        text.push_str(&format!("[[attribute]]\nname = \"{attribute}\"\nuntil = {until}\n"));
        for provider in ["ash", "birch", "cedar"].iter().take(1 + dice.below(3)) {
            let cents = |dice: &mut Dice| format!("0.{:02}", dice.below(20));
            let (hit, miss, each, tokens) = (cents(dice), cents(dice), cents(dice), cents(dice));
            text.push_str(&format!(
                "[[attribute.step]]\nprovider = \"{provider}\"\noperation = \"op{}\"\nhit_rate = \"{}%\"\nmax_matches = 3\n\
                 max_tokens = 100000\nprice = {{ hit = \"{hit}\", miss = \"{miss}\", per_match = \"{each}\", \
                 per_million_tokens = \"{tokens}\" }}\n",
                dice.below(2),
                dice.below(101),
            ));
        }
    }
    Waterfall::parse(&text).unwrap()
}

/// 1,000 runs of random waterfalls about a company each, with providers that use whatever they may and fail now and then; fewer on
/// a server.
fn the_worst_case_is_never_exceeded(place: &Place) {
    let rounds = if place.server().is_some() { 50 } else { 250 };
    drive(place, 1_000_000, async |mut test| {
        let dice = Arc::new(Mutex::new(Dice::new(7)));
        for name in ["ash", "birch", "cedar"] {
            let dice = Arc::clone(&dice);
            test.tells(name, 0, move |_| {
                let mut dice = dice.lock().unwrap();
                let (matches, tokens) = (dice.below(4) as u32, dice.below(100_001) as u32);
                let usage = Usage { hit: dice.below(2) == 0, matches, tokens, credits: 0 };
                let text = ["Banking", "Retail"][dice.below(2)];
                let fields = [Field::Industry, Field::Description].map(|field| (field, text));
                let fields: Vec<_> = fields.into_iter().filter(|_| usage.hit && dice.below(2) == 0).collect();
                match dice.below(10) {
                    0 => Err(ProviderError::new("it failed")),
                    _ => Ok(ProviderAnswer::hit(fields).used(usage)),
                }
            });
        }
        let (mut dearest, mut spent) = (0.0_f64, MicroDollars::ZERO);
        for round in 0..rounds {
            let waterfall = {
                let mut dice = dice.lock().unwrap();
                let attributes = 1 + dice.below(3);
                gamble(&mut dice, attributes)
            };
            // Of some something is known from an earlier round.
            let keys: Vec<String> = (0..4).map(|n| format!("acme{}.com", round * 3 + n)).collect();
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let plan = waterfall.plan_for(&mut test.engine, &test.budgets, &keys, &test.options, noon());
            let plan = plan.await.unwrap();
            let report = test.run(&waterfall, &keys).await;
            assert!(report.cost <= plan.worst, "{waterfall:?} {plan:?} {report:?}");
            assert!(plan.expected <= plan.worst);
            let calls: u64 = plan.steps.iter().map(|step| step.calls).sum();
            assert!(report.calls <= calls);
            if plan.worst > MicroDollars::ZERO {
                dearest = dearest.max(report.cost.micros() as f64 / plan.worst.micros() as f64);
            }
            spent = spent.saturating_add(report.cost);
        }
        assert!(dearest > 0.5, "the worst case is not far from what happens: {dearest}");
        assert_eq!(test.standing().await, (spent.micros(), 0));
    });
}

/// Many companies through one waterfall, with chances that are those of the plan.
#[test]
fn the_expected_cost_is_near_the_mean() {
    let place = Place::sqlite();
    drive(&place, 1_000_000, async |mut test| {
        let price = |hit: i64, miss: i64| UnitPrice {
            hit: MicroDollars::new(hit),
            miss: MicroDollars::new(miss),
            ..UnitPrice::default()
        };
        let mut waterfall = waterfall("name = \"industry\"", "\"present\"", &["ash", "birch", "cedar"]);
        for (step, (rate, hit, miss)) in waterfall.attributes[0].steps.iter_mut().zip([
            (45, 10_000, 2_000),
            (70, 60_000, 0),
            (90, 90_000, 90_000),
        ]) {
            (step.hit_rate, step.price) = (firmograph::HitRate::Stated(rate * 100), Some(price(hit, miss)));
        }
        let dice = Arc::new(Mutex::new(Dice::new(11)));
        for (name, rate) in [("ash", 45), ("birch", 70), ("cedar", 90)] {
            let dice = Arc::clone(&dice);
            test.tells(name, 0, move |_| match dice.lock().unwrap().below(100) < rate {
                true => Ok(ProviderAnswer::hit([(Field::Industry, "Banking")])),
                false => Ok(ProviderAnswer::miss()),
            });
        }
        let keys: Vec<String> = (0..3_000).map(|number| format!("acme{number}.com")).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        (test.options.parallel, test.options.together) = (100, 1_000);
        let plan =
            waterfall.plan(&mut test.engine, &test.budgets, 3_000, &test.options, noon()).await.unwrap();
        let reached: Vec<u32> = plan.steps.iter().map(|step| step.reached_bp).collect();
        assert_eq!(reached, [10_000, 5_500, 1_650]);
        // 3,000 (0.45 x 1 + 0.55 x 0.2 cents), 1,650 x 0.7 x 6 cents, 495 x 9 cents.
        let expected: Vec<String> = plan.steps.iter().map(|step| step.expected.to_string()).collect();
        assert_eq!(expected, ["16.80", "69.30", "44.55"]);
        assert_eq!((plan.expected.to_string(), plan.worst.to_string()), ("130.65".into(), "480.00".into()));
        let report = test.run(&waterfall, &keys).await;
        let off =
            (report.cost.micros() - plan.expected.micros()).abs() as f64 / plan.expected.micros() as f64;
        assert!(off < 0.03, "{} was paid and {} expected", report.cost, plan.expected);
        // From now on the ledger says how often they find something.
        for step in &mut waterfall.attributes[0].steps {
            step.hit_rate = firmograph::HitRate::Ledger(None);
        }
        let plan =
            waterfall.plan(&mut test.engine, &test.budgets, 3_000, &test.options, noon()).await.unwrap();
        assert_eq!(plan.steps[0].hit_rate_calls, Some(3_000));
        let off =
            (report.cost.micros() - plan.expected.micros()).abs() as f64 / plan.expected.micros() as f64;
        assert!(off < 0.001, "what happened is what is expected next: {off}");
    });
}

on_both! {
    it_stops_when_what_is_known_is_good_enough
    what_is_verified_is_found_for_a_person
    answers_are_explained_booked_and_taken_back
    what_fails_costs_nothing_and_what_is_late_the_most
    a_budget_that_has_no_room_stops_it_with_what_was_found
    a_call_for_two_attributes_is_paid_once
    an_interrupted_one_stores_what_was_paid
    the_worst_case_is_never_exceeded
}
