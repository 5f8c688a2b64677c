//! What was paid in a waterfall is kept, for whomever it was asked about, and not paid twice.

use crate::common::Place;
use crate::on_both;
use crate::waterfall::{CENT, drive, industry, noon, nothing, outcomes, waterfall};
use firmograph::store::Store;
use firmograph::{
    AfterTimeout, EntityKind, Field, Found, Hooks, JoinRequest, MicroDollars, Permit, Provider,
    ProviderAnswer, ProviderError, Providers, ResearchCache, ResearchKey, ResearchOptions, ResearchOrigin,
    StepOutcome, Subject, UnitPrice, Usage, WhyStopped,
};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Longer than a busy machine takes for what a provider does with the database here.
const PATIENCE: Duration = Duration::from_secs(60);

fn what_a_call_may_use_is_to_be_said_where_it_costs(place: &Place) {
    drive(place, 5, async |mut test| {
        test.tells("quarry", 0, |_| {
            let usage = Usage { hit: true, credits: 3, tokens: 1_000, ..Usage::default() };
            Ok(ProviderAnswer::hit([(Field::Industry, "Banking")]).used(usage))
        });
        let mut one = waterfall("name = \"industry\"", "\"never\"", &["quarry"]);
        let none = UnitPrice::default();
        for (price, setting) in [
            (UnitPrice { per_credit: CENT, ..none }, "max_credits"),
            (UnitPrice { per_million_tokens: CENT, ..none }, "max_tokens"),
        ] {
            one.attributes[0].steps[0].price = Some(price);
            let plan = one.plan(&mut test.engine, &test.budgets, 1, &test.options, noon()).await;
            for error in [plan.unwrap_err(), test.try_run(&one, &["acme.com"]).await.unwrap_err()] {
                assert_eq!(error.code(), "no-limit");
                assert!(
                    error.help().unwrap().contains(setting) && error.to_string().contains("quarry"),
                    "{error}"
                );
            }
        }
        assert!(test.asked().is_empty());
        (one.attributes[0].steps[0].max_credits, one.attributes[0].steps[0].max_tokens) = (3, 1_000);
        one.attributes[0].steps[0].price = Some(UnitPrice { per_credit: CENT, ..none });
        let plan = one.plan(&mut test.engine, &test.budgets, 1, &test.options, noon()).await.unwrap();
        assert_eq!(
            (plan.worst, test.run(&one, &["acme.com"]).await.cost),
            (CENT.saturating_mul(3), plan.worst)
        );
    });
}

/// Answers, and leaves no table behind.
struct Breaks(String);

impl Provider for Breaks {
    async fn call(&self, _: &Permit<'_>, _: &Subject) -> Result<ProviderAnswer, ProviderError> {
        let mut store = Store::open(&self.0).await.map_err(ProviderError::new)?;
        store.migrate_down(0).await.map_err(ProviderError::new)?;
        Ok(ProviderAnswer::hit([(Field::Industry, "Banking")]))
    }
}

fn a_database_that_fails_loses_no_answer(place: &Place) {
    drive(place, 5, async |mut test| {
        let breaks = Breaks(place.url());
        test.providers = Providers::new().with("quarry", breaks);
        test.options.together = 1;
        // Whether somebody checked a value is asked of the database.
        let mut one = waterfall("name = \"industry\"", "\"verified\"", &["quarry"]);
        one.attributes[0].steps[0].timeout = PATIENCE;
        let report = test.run(&one, &["acme.com", "birch.com", "cedar.com"]).await;
        assert_eq!((report.calls, report.cost, report.not_stored.len()), (1, CENT, 1), "{report:?}");
        assert!(report.not_stored[0].1.contains("Banking"));
        assert!(report.error.is_some() && report.stopped.is_some());
        let ends: Vec<_> =
            report.entities.iter().map(|of| (of.key.as_str(), of.attributes[0].stopped)).collect();
        assert_eq!(ends, ["acme.com", "birch.com", "cedar.com"].map(|key| (key, WhyStopped::Failed)));
        // Before anything was paid it is an error.
        assert!(test.try_run(&one, &["acme.com"]).await.is_err());
    });
}

fn who_is_known_by_name_is_not_asked_about_again(place: &Place) {
    drive(place, 5, async |mut test| {
        test.tells("quarry", 0, |subject| {
            Ok(match subject.key.as_str() {
                "name:acme|de" => {
                    ProviderAnswer::hit([(Field::Industry, "Banking"), (Field::CompanyName, "ACME GmbH")])
                }
                _ => ProviderAnswer::hit([(Field::Industry, "Banking"), (Field::CompanyCountry, "Germany")]),
            })
        });
        let one = waterfall("name = \"industry\"", "\"matched\"", &["quarry"]);
        let keys = ["name:acme|de", "name:brookmills|"];
        let report = test.run(&one, &keys).await;
        assert_eq!((report.calls, report.entities.len()), (2, 2), "{report:?}");
        assert_eq!(
            report.entities.iter().map(|of| of.attributes[0].stopped).collect::<Vec<_>>(),
            [WhyStopped::Good; 2]
        );
        assert_eq!(test.run(&one, &keys).await.calls, 0);
        let brook = test.company("name:brookmills|").await.unwrap();
        assert_eq!(&*brook.golden.key, "name:brookmills|de");
        let verified = test.engine.verify(noon(), &mut |_| {}).await.unwrap();
        assert_eq!(verified.differences, 0, "{verified:?}");

        // Names of persons do not move, whatever an answer calls them.
        test.tells("quarry", 0, |_| {
            Ok(ProviderAnswer::hit([(Field::FullName, "Bob Sample"), (Field::JobTitle, "CTO")]))
        });
        let one = waterfall("name = \"job_title\"", "\"matched\"", &["quarry"]);
        let keys = ["name:ada specimen|acme.com", "name:ada specimen|name:acme|de"];
        let report = test.run(&one, &keys).await;
        assert_eq!(
            report.entities.iter().map(|of| of.attributes[0].stopped).collect::<Vec<_>>(),
            [WhyStopped::Good; 2]
        );
        assert_eq!(test.run(&one, &keys).await.calls, 0);
        // Of whom no answer could be kept, nobody is asked.
        let report = test.run(&one, &["info@acme.com", "name:ada specimen|"]).await;
        assert_eq!(outcomes(&report, "info@acme.com"), [StepOutcome::Skipped]);
        assert_eq!((report.calls, outcomes(&report, "name:ada specimen|").len()), (0, 1));
        let plan = one.plan_for(&mut test.engine, &test.budgets, &["info@acme.com"], &test.options, noon());
        assert_eq!(plan.await.unwrap().worst, MicroDollars::ZERO);
    });
}

fn several_keys_of_one_company_are_asked_about_once(place: &Place) {
    drive(place, 5, async |mut test| {
        let request = |from: &str, into: &str| JoinRequest {
            kind: EntityKind::Company,
            from_key: from.into(),
            into_key: into.into(),
            why: "a rebrand".to_owned(),
        };
        let joins = [request("acme.io", "acme.com")];
        test.engine.join(&joins, "ada", false, noon(), &mut |_| {}).await.unwrap();
        let page = "linkedin.com/company/acme";
        test.tells("quarry", 0, |_| {
            let page = "https://www.linkedin.com/company/acme";
            let fields = [(Field::CompanyDomain, "acme.com"), (Field::CompanyLinkedinUrl, page)];
            Ok(ProviderAnswer::hit([&fields[..], &[(Field::Industry, "Banking")]].concat()))
        });
        test.tells("other", 0, industry("Banking"));
        let keys = ["acme.io", "https://www.Acme.com/about", "acme.com", page];
        for together in [64, 1] {
            test.options.together = together;
            let one = waterfall("name = \"industry\"", "\"never\"", &["quarry"]);
            let plan = one
                .plan_for(&mut test.engine, &test.budgets, &keys[..3], &test.options, noon())
                .await
                .unwrap();
            let report = test.run(&one, &keys[..3]).await;
            assert_eq!((plan.entities, plan.worst), (1, report.cost));
            assert_eq!((report.entities.len(), report.calls), (1, 1), "{report:?}");
            for key in &keys[..3] {
                assert_eq!(report.entity(key), Some(&report.entities[0]), "{key}");
            }
        }
        // A page that is joined is not joined again with each answer.
        let two = waterfall("name = \"industry\"", "\"never\"", &["quarry", "other"]);
        test.run(&two, &[page]).await;
        let report = test.run(&two, &[page, "acme.com"]).await;
        assert_eq!((report.entities.len(), report.calls, report.runs.len()), (1, 2, 2), "{report:?}");
    });
}

fn a_provider_that_panics_takes_nobody_with_it(place: &Place) {
    drive(place, 5, async |mut test| {
        test.tells("quarry", 0, |subject| match subject.key.as_str() {
            "acme.com" => panic!("it has no {}", subject.key),
            _ => Ok(ProviderAnswer::hit([(Field::Industry, "Banking")])),
        });
        let mut one = waterfall("name = \"industry\"", "\"matched\"", &["quarry"]);
        let report = test.run(&one, &["acme.com", "birch.com"]).await;
        let step = &report.entities[0].attributes[0].steps[0];
        assert_eq!((step.outcome, step.cost), (StepOutcome::Failed, CENT));
        assert!(step.note.as_ref().unwrap().contains("it has no acme.com"), "{step:?}");
        assert!(test.company("birch.com").await.is_some());
        one.attributes[0].steps[0].after_timeout = AfterTimeout::Nothing;
        assert_eq!(test.run(&one, &["acme.com"]).await.cost, MicroDollars::ZERO);
        assert_eq!(test.standing().await, (20_000, 0));
    });
}

fn nobody_is_waited_for_longer_than_money_is_held(place: &Place) {
    drive(place, 5, async |mut test| {
        test.tells("quarry", 0, nothing);
        let mut one = waterfall("name = \"industry\"", "\"matched\"", &["quarry"]);
        for seconds in [0, 600] {
            one.attributes[0].steps[0].timeout = Duration::from_secs(seconds);
            let error = test.try_run(&one, &["acme.com"]).await.unwrap_err();
            assert_eq!(error.code(), "bad-waterfall", "{error}");
        }
        assert_eq!((test.asked().len(), test.standing().await), (0, (0, 0)));
        one.attributes[0].steps[0].timeout = Duration::from_secs(599);
        assert_eq!(test.run(&one, &["acme.com"]).await.calls, 1);
    });
}

/// Asks nobody twice, also where nothing was found.
struct Cached {
    cache: ResearchCache,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Provider for Cached {
    async fn call(&self, permit: &Permit<'_>, subject: &Subject) -> Result<ProviderAnswer, ProviderError> {
        let key = ResearchKey::new(&permit.call().workspace, "company", &subject.key, "quarry company");
        let ask = || async {
            self.asked.lock().unwrap().push(subject.key.clone());
            let found = subject.key == "acme.com";
            Ok::<_, ProviderError>(
                found.then(|| Found::text(r#"{"domain": "acme.com", "industry": "Banking"}"#)),
            )
        };
        let research = self.cache.get_or_compute(&key, ask).await.map_err(ProviderError::new)?;
        let answer = match &research.found {
            Some(found) => ProviderAnswer::json(&found.content),
            None => ProviderAnswer::miss(),
        };
        let is_new = research.origin == ResearchOrigin::Computed;
        Ok(if is_new { answer } else { answer.paid(MicroDollars::ZERO) })
    }
}

fn what_a_cache_answers_costs_nothing(place: &Place) {
    drive(place, 5, async |mut test| {
        let cache = ResearchCache::open(&place.url(), ResearchOptions::new(Arc::new(noon))).await.unwrap();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        test.providers = Providers::new().with("quarry", Cached { cache, asked: Arc::clone(&asked) });
        let mut one = waterfall("name = \"industry\"", "\"never\"", &["quarry"]);
        one.attributes[0].steps[0].timeout = PATIENCE;
        let keys = ["acme.com", "birch.com"];
        let [first, again] = [test.run(&one, &keys).await, test.run(&one, &keys).await];
        assert_eq!((first.cost, again.cost, again.calls), (CENT.saturating_mul(2), MicroDollars::ZERO, 2));
        assert_eq!(outcomes(&again, "acme.com"), [StepOutcome::Hit]);
        assert_eq!(outcomes(&again, "birch.com"), [StepOutcome::Miss]);
        // Both are asked about at once.
        asked.lock().unwrap().sort();
        assert_eq!(*asked.lock().unwrap(), keys);
        assert_eq!(test.standing().await, (20_000, 0));
    });
}

fn sources_that_agree_already_are_not_planned_for(place: &Place) {
    drive(place, 5, async |mut test| {
        let file = place.file("known.csv", "Domain,Industry\nacme.com,Banking\n");
        let options = firmograph::IngestOptions::new(firmograph::Source::new("csv").unwrap());
        let mut hooks = Hooks { clock: &noon, progress: &mut |_| {}, interrupted: Arc::default() };
        test.engine.ingest(&[file.into()], &options, &mut hooks).await.unwrap();
        let two = waterfall("name = \"industry\"", "{ agreement = 2 }", &["quarry", "other"]);
        // One hit is enough of the one, two are needed of the other: 1 + 0.5 and 1 + 1 calls.
        for (key, expected) in [("acme.com", "0.015"), ("birch.com", "0.02")] {
            let plan =
                two.plan_for(&mut test.engine, &test.budgets, &[key], &test.options, noon()).await.unwrap();
            assert_eq!(
                (plan.expected.to_string().as_str(), plan.worst),
                (expected, CENT.saturating_mul(2)),
                "{key}"
            );
        }
    });
}

on_both! {
    what_a_call_may_use_is_to_be_said_where_it_costs
    a_database_that_fails_loses_no_answer
    who_is_known_by_name_is_not_asked_about_again
    several_keys_of_one_company_are_asked_about_once
    a_provider_that_panics_takes_nobody_with_it
    nobody_is_waited_for_longer_than_money_is_held
    what_a_cache_answers_costs_nothing
    sources_that_agree_already_are_not_planned_for
}
