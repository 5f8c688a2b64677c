//! What was researched is not paid twice, whoever asks at once.

use crate::common::Place;
use crate::on_both;
use firmograph::{
    BudgetOptions, BudgetPeriod, BudgetScope, Budgets, Call, Found, MicroDollars, NewBudget, NotReserved,
    Research, ResearchCache, ResearchError, ResearchKey, ResearchOptions, ResearchOrigin, Settlement, Stale,
    Timestamp,
};
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const CENTS: MicroDollars = MicroDollars::new(50_000);
const HOUR: i64 = 3_600;

/// A clock that a test moves.
#[derive(Clone, Default)]
struct Seconds(Arc<AtomicI64>);

impl Seconds {
    fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }

    fn options(&self) -> ResearchOptions {
        let clock = self.clone();
        ResearchOptions::new(Arc::new(move || clock.now()))
    }

    fn now(&self) -> Timestamp {
        let noon: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        noon.checked_add(Duration::from_secs(self.0.load(Ordering::SeqCst) as u64)).unwrap()
    }
}

fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap().block_on(test)
}

#[expect(clippy::disallowed_methods, reason = "several processes have no other clock in common")]
fn now() -> Timestamp {
    Timestamp::now()
}

fn key(entity: &str) -> ResearchKey {
    ResearchKey::new("acme", "company", entity, "funding").model("small")
}

fn found(content: &str) -> Option<Found> {
    Some(Found { cost: CENTS, ..Found::text(content) })
}

async fn get(cache: &ResearchCache, key: &ResearchKey, answer: Option<Found>) -> Research {
    cache.get_or_compute(key, async || Ok::<_, std::io::Error>(answer)).await.unwrap()
}

/// The answer of a cache that must have one.
async fn stored(cache: &ResearchCache, key: &ResearchKey) -> Research {
    let asked = cache.get_or_compute(key, async || Err(std::io::Error::other("it is asked again"))).await;
    asked.unwrap()
}

fn sixty_four_tasks_ask_once(place: &Place) {
    run(async {
        let cache = Arc::new(ResearchCache::open(&place.url(), Seconds::default().options()).await.unwrap());
        let asked = Arc::new(AtomicU64::new(0));
        let tasks = (0..64).map(|_| {
            let (cache, asked) = (Arc::clone(&cache), Arc::clone(&asked));
            tokio::spawn(async move {
                let compute = async || {
                    asked.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    Ok::<_, std::io::Error>(found("Series B"))
                };
                cache.get_or_compute(&key("acme.com"), compute).await.unwrap()
            })
        });
        let mut computed = 0;
        for task in tasks.collect::<Vec<_>>() {
            let research = task.await.unwrap();
            assert_eq!(research.found.unwrap().content, "Series B");
            match research.origin {
                ResearchOrigin::Computed => computed += 1,
                _ => assert_eq!(research.saved, CENTS),
            }
        }
        assert_eq!((asked.load(Ordering::SeqCst), computed), (1, 1));
        let stats = cache.stats().await.unwrap();
        assert_eq!((stats.rows, stats.hits, stats.saved.to_string().as_str()), (1, 63, "3.15"));
        assert_eq!((stats.flights, stats.cost), (0, CENTS));
    });
}

/// The same test program once more, which runs [`a_child_asks`] only.
fn child(place: &Place, what: &str) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["research::a_child_asks", "--exact"]).stdout(Stdio::null());
    command.env("FIRMOGRAPH_TEST_RESEARCH", what).env("FIRMOGRAPH_TEST_RESEARCH_URL", place.url());
    command.env("FIRMOGRAPH_TEST_RESEARCH_LOG", place.folder().join("log")).spawn().unwrap()
}

/// What another process does; nothing where no test started it.
#[test]
fn a_child_asks() {
    let Ok(what) = std::env::var("FIRMOGRAPH_TEST_RESEARCH") else { return };
    let of = |name: &str| std::env::var(format!("FIRMOGRAPH_TEST_RESEARCH_{name}")).unwrap();
    run(async {
        let mut options = ResearchOptions::new(Arc::new(now));
        options.flight_time_to_live = Duration::from_secs(2);
        let cache = Arc::new(ResearchCache::open(&of("URL"), options).await.unwrap());
        let tasks = (0..8).map(|_| {
            let (cache, log, hangs) = (Arc::clone(&cache), of("LOG"), what == "hangs");
            tokio::spawn(async move {
                let compute = async || {
                    let mut log = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
                    writeln!(log, "asked").unwrap();
                    // Longer than a flight lives without being renewed.
                    tokio::time::sleep(Duration::from_secs(if hangs { 600 } else { 3 })).await;
                    Ok::<_, std::io::Error>(found("Series B"))
                };
                cache.get_or_compute(&key("acme.com"), compute).await.unwrap()
            })
        });
        for task in tasks.collect::<Vec<_>>() {
            assert_eq!(task.await.unwrap().found.unwrap().content, "Series B");
        }
        cache.flush().await.unwrap();
    });
}

fn log(place: &Place) -> usize {
    std::fs::read_to_string(place.folder().join("log")).unwrap_or_default().lines().count()
}

fn several_processes_ask_once(place: &Place) {
    run(async { ResearchCache::open(&place.url(), Seconds::default().options()).await.unwrap() });
    let children: Vec<Child> = (0..4).map(|_| child(place, "asks")).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(log(place), 1);
    run(async {
        let cache = ResearchCache::open(&place.url(), Seconds::default().options()).await.unwrap();
        assert_eq!(cache.stats().await.unwrap().hits, 31);
    });
}

fn where_a_holder_is_killed_another_asks(place: &Place) {
    run(async { ResearchCache::open(&place.url(), Seconds::default().options()).await.unwrap() });
    let mut hanging = child(place, "hangs");
    let begun = Instant::now();
    while log(place) == 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "the child does not ask");
        std::thread::sleep(Duration::from_millis(20));
    }
    hanging.kill().unwrap();
    hanging.wait().unwrap();
    run(async {
        let mut options = ResearchOptions::new(Arc::new(now));
        options.flight_time_to_live = Duration::from_secs(2);
        let cache = ResearchCache::open(&place.url(), options).await.unwrap();
        assert_eq!(cache.stats().await.unwrap().flights, 1);
        let research = get(&cache, &key("acme.com"), found("Series C")).await;
        assert_eq!(research.origin, ResearchOrigin::Computed);
    });
}

fn a_task_that_is_dropped_holds_nobody_up(place: &Place) {
    run(async {
        let acme = key("acme.com");
        let cache = ResearchCache::open(&place.url(), Seconds::default().options()).await.unwrap();
        let hangs = cache.get_or_compute(&acme, async || {
            tokio::time::sleep(Duration::from_secs(600)).await;
            Ok::<_, std::io::Error>(None)
        });
        assert!(tokio::time::timeout(Duration::from_millis(500), hangs).await.is_err());
        let next = get(&cache, &acme, found("Series B"));
        let research = tokio::time::timeout(Duration::from_secs(10), next).await.unwrap();
        assert_eq!(research.origin, ResearchOrigin::Computed);
    });
}

fn a_miss_is_remembered_and_forgotten_in_time(place: &Place) {
    run(async {
        let seconds = Seconds::default();
        let cache = ResearchCache::open(&place.url(), seconds.options()).await.unwrap();
        let first = get(&cache, &key("acme.com"), None).await;
        assert!(first.is_miss() && first.origin == ResearchOrigin::Computed);
        seconds.pass(24 * HOUR - 1);
        let second = get(&cache, &key("acme.com"), found("Series B")).await;
        assert!(second.is_miss() && second.origin == ResearchOrigin::Cache);
        assert_eq!(second.age, Duration::from_secs(24 * 3_600 - 1));
        assert_eq!(cache.stats().await.unwrap().misses, 1);
        seconds.pass(1);
        let third = get(&cache, &key("acme.com"), found("Series B")).await;
        assert_eq!((third.origin, third.is_miss()), (ResearchOrigin::Computed, false));
        let rows = cache.list(Some("acme"), Some("acme.com"), 10).await.unwrap();
        assert_eq!((rows.len(), rows[0].hits, rows[0].is_miss), (1, 1, false));
        seconds.pass(30 * 24 * HOUR);
        assert_eq!(cache.expire().await.unwrap(), 1);
        assert_eq!(cache.stats().await.unwrap().rows, 0);
    });
}

fn where_asking_fails_the_next_asks(place: &Place) {
    run(async {
        let acme = key("acme.com");
        let cache = ResearchCache::open(&place.url(), Seconds::default().options()).await.unwrap();
        let failed = cache.get_or_compute(&acme, async || Err(std::io::Error::other("no answer")));
        assert!(matches!(failed.await, Err(ResearchError::Failed(_))));
        assert_eq!(cache.stats().await.unwrap().flights, 0);
        assert_eq!(get(&cache, &acme, found("B")).await.origin, ResearchOrigin::Computed);
        // An index of a server takes no longer ones.
        let long = |letters: usize| key(&"a".repeat(letters));
        assert!(get(&cache, &long(1_024), None).await.not_stored.is_none());
        let refused = cache.get_or_compute(&long(1_025), async || Ok::<_, std::io::Error>(None)).await;
        assert!(matches!(refused, Err(ResearchError::Cache(error)) if error.code() == "too-long"));
        let nobody = ResearchKey::new("", "company", "acme.com", "funding");
        let refused = cache.get_or_compute(&nobody, async || Ok::<_, std::io::Error>(None)).await;
        assert!(matches!(refused, Err(ResearchError::Cache(error)) if error.code() == "bad-name"));
    });
}

async fn paid(
    cache: &ResearchCache,
    budgets: &Budgets,
    answer: Option<Found>,
) -> Result<Research, ResearchError<std::io::Error>> {
    let call = Call::new("acme", "perplexity").operation("research");
    let work = async |_| Ok((answer, Settlement::paid(CENTS)));
    cache.get_or_compute_paid(&key("acme.com"), budgets, &call, CENTS, work).await
}

fn what_is_stale_is_served_while_the_budget_is_exhausted(place: &Place) {
    for stale in [Stale::Refuse, Stale::Serve] {
        run(async {
            let seconds = Seconds::default();
            let mut options = seconds.options();
            options.stale = stale;
            let cache = ResearchCache::open(&place.url(), options).await.unwrap();
            let clock = seconds.clone();
            let budgets = BudgetOptions::new(Arc::new(move || clock.now()));
            let budgets = Budgets::open(&place.url(), budgets).await.unwrap();
            let cap = if stale == Stale::Refuse { CENTS } else { CENTS.saturating_mul(2) };
            let (scope, period) = (BudgetScope::workspace("acme"), BudgetPeriod::Month);
            budgets.set(&NewBudget { scope, period, cap, time_zone: None, author: None }).await.unwrap();
            let first = paid(&cache, &budgets, found("Series B")).await.unwrap();
            assert_eq!((first.origin, first.cost), (ResearchOrigin::Computed, CENTS));
            // While it counts, no budget is needed.
            assert_eq!(paid(&cache, &budgets, None).await.unwrap().saved, CENTS);
            seconds.pass(30 * 24 * HOUR);
            if stale == Stale::Refuse {
                let refused = paid(&cache, &budgets, None).await;
                assert!(matches!(refused, Err(ResearchError::NotReserved(NotReserved::Refused(_)))));
                assert_eq!(cache.expire().await.unwrap(), 1);
                return;
            }
            let research = paid(&cache, &budgets, None).await.unwrap();
            assert_eq!((research.origin, research.age.as_secs()), (ResearchOrigin::Stale, 30 * 24 * 3_600));
            assert_eq!(research.found.unwrap().content, "Series B");
            assert_eq!(cache.expire().await.unwrap(), 0, "it may be served still");
            assert_eq!(cache.stats().await.unwrap().expired, 1);
            seconds.pass(90 * 24 * HOUR);
            assert_eq!(cache.expire().await.unwrap(), 1);
            // The next month pays for a new one, and what nobody found costs too.
            let cost = paid(&cache, &budgets, None).await.unwrap();
            assert_eq!((cost.origin, cost.cost), (ResearchOrigin::Computed, CENTS));
            assert!(paid(&cache, &budgets, None).await.unwrap().is_miss());
        });
    }
}

fn whatever_was_found_comes_back(place: &Place) {
    run(async {
        let cache = ResearchCache::open(&place.url(), Seconds::default().options()).await.unwrap();
        let odd = Found {
            content: "a\0b'\"\\\u{f8fe}0 \u{10ffff}".to_owned(),
            sources: vec!["https://example.com/\0".to_owned(), String::new()],
            extracted: Some(serde_json::json!({ "k\0": [1, null, "\0", { "round": 2.5 }] })),
            confidence: Some(0.75),
            tokens: Some(5_000_000_000),
            cost: MicroDollars::dollars(5_000_000),
        };
        let huge = Found { cost: CENTS, ..Found::text(&"ä".repeat(4 << 20)) };
        let entity = "odd\0.com";
        get(&cache, &key(entity).question("why?\0"), Some(odd.clone())).await;
        get(&cache, &key("huge.com"), Some(huge.clone())).await;
        let again = stored(&cache, &key(entity).question("why?\0")).await.found.unwrap();
        // The columns of existing clients hold no larger number; the exact cost stands beside them.
        assert_eq!(again, Found { tokens: Some(i64::from(i32::MAX)), ..odd });
        assert_eq!(stored(&cache, &key("huge.com")).await.found, Some(huge));
        // Another model, question or workspace is another question.
        assert!(get(&cache, &key(entity), None).await.is_miss());
    });
}

fn two_keys_do_not_wait_for_each_other(place: &Place) {
    run(async {
        let cache = ResearchCache::open(&place.url(), Seconds::default().options()).await.unwrap();
        let (slow, quick) = (key("slow.com"), key("quick.com"));
        let (ends, ended) = tokio::sync::oneshot::channel();
        let slow = cache.get_or_compute(&slow, async || {
            // Only the other answer ends it.
            ended.await.unwrap();
            Ok::<_, std::io::Error>(found("slow"))
        });
        let quick = async {
            let research = get(&cache, &quick, found("quick")).await;
            ends.send(()).unwrap();
            research
        };
        let both = tokio::time::timeout(Duration::from_secs(30), async { tokio::join!(slow, quick) });
        let (slow, quick) = both.await.unwrap();
        assert_eq!(slow.unwrap().found.unwrap().content, "slow");
        assert_eq!(quick.found.unwrap().content, "quick");
    });
}

fn a_full_cache_gives_up_what_was_given_least_recently(place: &Place) {
    run(async {
        let seconds = Seconds::default();
        let mut options = seconds.options();
        (options.max_rows, options.max_bytes) = (Some(4), Some(1_000));
        let cache = ResearchCache::open(&place.url(), options).await.unwrap();
        let table = if place.server().is_some() {
            "intelligence.research_data"
        } else {
            "intelligence_research_data"
        };
        place.sql(&format!(
            "INSERT INTO {table} (id, \"workspaceId\", \"entityType\", \"entityId\", \"researchType\", content, size) \
             VALUES ('theirs', 'acme', 'company', 'acme.com', 'news', 'of another program', 5000)"
        ));
        for name in ["a", "b", "c", "d"] {
            get(&cache, &key(name), found(name)).await;
            seconds.pass(1);
        }
        // What is given is kept.
        assert_eq!(stored(&cache, &key("a")).await.origin, ResearchOrigin::Cache);
        seconds.pass(1);
        get(&cache, &key("e"), found("e")).await;
        seconds.pass(1);
        let names = async || {
            let rows = cache.list(None, None, 100).await.unwrap();
            let mut names: Vec<_> = rows.into_iter().map(|row| row.entity_id).collect();
            names.sort();
            names
        };
        assert_eq!(names().await, ["a", "acme.com", "c", "d", "e"]);
        get(&cache, &key("f"), found(&"f".repeat(1_000))).await;
        assert_eq!(names().await, ["acme.com", "f"]);
        let large = get(&cache, &key("g"), found(&"g".repeat(1_001))).await;
        assert_eq!(large.not_stored.unwrap().code(), "too-large");
        assert_eq!(large.found.unwrap().content.len(), 1_001);
        let stats = cache.stats().await.unwrap();
        assert_eq!((stats.rows, stats.others, stats.bytes), (1, 1, 1_000));
        seconds.pass(400 * 24 * HOUR);
        assert_eq!(cache.expire().await.unwrap(), 1);
        assert_eq!(names().await, ["acme.com"]);
        assert_eq!(
            cache.show("theirs").await.unwrap().unwrap().content.as_deref(),
            Some("of another program")
        );
    });
}

fn an_answer_is_given_though_it_cannot_be_stored(place: &Place) {
    run(async {
        let acme = key("acme.com");
        let cache = ResearchCache::open(&place.url(), Seconds::default().options()).await.unwrap();
        let mut store = firmograph::store::Store::open(&place.url()).await.unwrap();
        let research = cache.get_or_compute(&acme, async || {
            store.migrate_down(7).await.unwrap();
            Ok::<_, std::io::Error>(found("Series B"))
        });
        let research = research.await.unwrap();
        assert_eq!(research.found.unwrap().content, "Series B");
        assert_eq!(research.not_stored.unwrap().code(), "not-migrated");
        // Nobody is asked where nobody could be told that it was asked.
        let refused = cache.get_or_compute(&acme, async || Ok::<_, std::io::Error>(None)).await;
        assert!(matches!(refused, Err(ResearchError::Cache(error)) if error.code() == "not-migrated"));
    });
}

/// While another program holds the database, nobody renews a right to ask, and nobody takes it.
fn who_waits_for_the_database_keeps_the_right_to_ask(place: &Place) {
    run(async {
        let mut options = ResearchOptions::new(Arc::new(now));
        options.flight_time_to_live = Duration::from_millis(600);
        let one = ResearchCache::open(&place.url(), options.clone()).await.unwrap();
        let other = ResearchCache::open(&place.url(), options).await.unwrap();
        let mut store = firmograph::store::Store::open(&place.url()).await.unwrap();
        let (acme, asked) = (key("acme.com"), &AtomicU64::new(0));
        let [begun, held, free] = &[(); 3].map(|()| tokio::sync::Semaphore::new(0));
        let ask = || async move {
            asked.fetch_add(1, Ordering::SeqCst);
            begun.add_permits(1);
            drop(free.acquire().await.unwrap());
            tokio::time::sleep(Duration::from_secs(1)).await;
            Ok::<_, std::io::Error>(found("Series B"))
        };
        let holds = async {
            drop(begun.acquire().await.unwrap());
            store.begin_apart().await.unwrap();
            // In a file everything is held now, on a server this row.
            assert!(store.take_flight(&acme.hash(), "nobody", now(), now(), None).await.unwrap().is_some());
            held.add_permits(1);
            tokio::time::sleep(Duration::from_millis(1_500)).await;
            store.rollback().await.unwrap();
            free.add_permits(1);
        };
        let waits = async {
            drop(held.acquire().await.unwrap());
            other.get_or_compute(&acme, ask).await
        };
        let (first, (), second) = tokio::join!(one.get_or_compute(&acme, ask), holds, waits);
        assert_eq!(first.unwrap().origin, ResearchOrigin::Computed);
        assert_eq!((second.unwrap().origin, asked.load(Ordering::SeqCst)), (ResearchOrigin::Cache, 1));
    });
}

fn who_waited_is_given_what_could_not_be_stored(place: &Place) {
    run(async {
        let mut options = Seconds::default().options();
        options.max_bytes = Some(3);
        let cache = Arc::new(ResearchCache::open(&place.url(), options).await.unwrap());
        let asked = Arc::new(AtomicU64::new(0));
        for round in 1..=2 {
            let tasks = (0..16).map(|_| {
                let (cache, asked) = (Arc::clone(&cache), Arc::clone(&asked));
                tokio::spawn(async move {
                    let compute = async || {
                        asked.fetch_add(1, Ordering::SeqCst);
                        tokio::time::sleep(Duration::from_millis(500)).await;
                        Ok::<_, std::io::Error>(found("Series B"))
                    };
                    cache.get_or_compute(&key("acme.com"), compute).await.unwrap()
                })
            });
            for task in tasks.collect::<Vec<_>>() {
                let research = task.await.unwrap();
                assert_eq!(research.found.unwrap().content, "Series B");
                assert_eq!(research.origin == ResearchOrigin::Computed, research.not_stored.is_some());
            }
            // Who comes later asks again.
            assert_eq!(asked.load(Ordering::SeqCst), round);
        }
    });
}

fn who_is_given_an_answer_waits_for_no_writer(place: &Place) {
    run(async {
        let cache = ResearchCache::open(&place.url(), Seconds::default().options()).await.unwrap();
        get(&cache, &key("acme.com"), found("Series B")).await;
        let mut store = firmograph::store::Store::open(&place.url()).await.unwrap();
        store.begin_apart().await.unwrap();
        let many = async {
            for _ in 0..200 {
                stored(&cache, &key("acme.com")).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), many).await.unwrap();
        store.rollback().await.unwrap();
        assert_eq!(cache.stats().await.unwrap().hits, 200);
    });
}

#[test]
fn what_is_in_memory_is_lost_with_its_connection() {
    run(async {
        let cache = ResearchCache::open("sqlite::memory:", Seconds::default().options()).await.unwrap();
        let acme = key("acme.com");
        let dropped = cache.get_or_compute(&acme, async || Ok::<_, std::io::Error>(None));
        // It is begun, and dropped at once.
        tokio::select! { biased; _ = dropped => unreachable!(), () = std::future::ready(()) => {} }
        let lost = cache.get_or_compute(&acme, async || Ok::<_, std::io::Error>(None)).await;
        assert!(matches!(lost, Err(ResearchError::Cache(error)) if error.code() == "connection-lost"));
    });
}

on_both! {
    sixty_four_tasks_ask_once
    several_processes_ask_once
    where_a_holder_is_killed_another_asks
    a_task_that_is_dropped_holds_nobody_up
    a_miss_is_remembered_and_forgotten_in_time
    where_asking_fails_the_next_asks
    what_is_stale_is_served_while_the_budget_is_exhausted
    whatever_was_found_comes_back
    two_keys_do_not_wait_for_each_other
    a_full_cache_gives_up_what_was_given_least_recently
    an_answer_is_given_though_it_cannot_be_stored
    who_waits_for_the_database_keeps_the_right_to_ask
    who_waited_is_given_what_could_not_be_stored
    who_is_given_an_answer_waits_for_no_writer
}
