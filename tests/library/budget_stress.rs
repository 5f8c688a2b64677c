//! Budgets under everything that comes at once: tasks, processes, and processes that are killed.
//!
//! A round is a workspace of its own: 64 tasks that try to pay 7 of 1,000 dollars, in one process, or in eight with 8 tasks each
//! that try 10 times to pay 7 of 300. Every fifth call fails, costs nothing and is tried again. All the while another
//! connection reads the counter rows. In the end the ledger must have as many calls as fit, to the dollar.
//!
//! Of the 20 rounds of an ordinary test each fifth has 40 tries a task, and the others have 10. `FIRMOGRAPH_BUDGET_ROUNDS` says
//! how many rounds there are, all of which have 40 (`scripts/budgets`).

use crate::common::Place;
use crate::on_both;
use firmograph::store::{CostKey, CostRange, Store};
use firmograph::{
    BudgetOptions, BudgetPeriod, BudgetScope, Budgets, Call, MicroDollars, NewBudget, NotReserved, Permit,
    Settlement, SharedClock, Timestamp,
};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// What a child is to do, and by what; [`child`] reads them.
const WORK: &str = "FIRMOGRAPH_BUDGET_CHILD";
const URL: &str = "FIRMOGRAPH_BUDGET_URL";
const START: &str = "FIRMOGRAPH_BUDGET_START";

const COST: MicroDollars = MicroDollars::dollars(7);
const PROCESSES: usize = 8;
const TIME_TO_LIVE: Duration = Duration::from_secs(2);

#[derive(Clone, Copy)]
struct Round {
    tasks: usize,
    tries: usize,
    cap: i64,
}

/// Set where more than the ordinary is asked for.
const ROUNDS: &str = "FIRMOGRAPH_BUDGET_ROUNDS";

/// In one process.
const WHOLE: Round = Round { tasks: 64, tries: 40, cap: 1_000 };
/// Of each of eight.
const EIGHTH: Round = Round { tasks: 8, tries: 10, cap: 300 };

fn rounds() -> usize {
    std::env::var(ROUNDS).ok().and_then(|text| text.parse().ok()).unwrap_or(20)
}

fn workspace(round: usize) -> String {
    format!("round-{round:04}")
}

/// Microseconds since the epoch: what all processes count the time of the test from.
fn wall() -> u64 {
    #[expect(clippy::disallowed_methods, reason = "killed processes are waited for")]
    let now = SystemTime::now();
    now.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros() as u64
}

/// As fast as time, and far from midnight.
fn clock(start: u64) -> SharedClock {
    let noon: Timestamp = "2026-03-10T12:00:00Z".parse().unwrap();
    Arc::new(move || noon.checked_add(Duration::from_micros(wall().saturating_sub(start))).unwrap())
}

async fn open(url: &str, start: u64, time_to_live: Duration) -> Arc<Budgets> {
    let mut options = BudgetOptions::new(clock(start));
    options.time_to_live = time_to_live;
    options.holder = Some(format!("process {}", std::process::id()));
    Arc::new(Budgets::open(url, options).await.unwrap())
}

async fn set(budgets: &Budgets, workspace: &str, dollars: i64) {
    for (period, cap) in [(BudgetPeriod::Day, dollars), (BudgetPeriod::Month, dollars * 5)] {
        let (scope, cap) = (BudgetScope::workspace(workspace), MicroDollars::dollars(cap));
        let budget = NewBudget { scope, period, cap, time_zone: None, author: None };
        budgets.set(&budget).await.unwrap();
    }
}

/// `None` where there is no room.
async fn reserve<'b>(budgets: &'b Budgets, call: &Call) -> Option<Permit<'b>> {
    match budgets.reserve(call, COST).await {
        Ok(permit) => Some(permit),
        Err(NotReserved::Refused(refusal)) => {
            let of = refusal.window.standing;
            assert!(of.charged().saturating_add(of.reserved) <= of.cap, "{of:?}");
            None
        }
        Err(NotReserved::Failed(error)) => panic!("{error}"),
    }
}

/// One task of a round; gives how many calls it paid.
async fn spend(budgets: Arc<Budgets>, workspace: String, task: usize, tries: usize) -> i64 {
    let call = Call::new(&workspace, "lusha").operation("enrich");
    let mut paid = 0;
    for attempt in 0..tries {
        let Some(mut permit) = reserve(&budgets, &call).await else { continue };
        tokio::task::yield_now().await;
        if (task + attempt).is_multiple_of(5) {
            assert!(permit.release().await.unwrap());
            let Some(again) = reserve(&budgets, &call).await else { continue };
            permit = again;
        }
        permit.settle(&Settlement::paid(COST)).await.unwrap();
        paid += 1;
    }
    paid
}

fn spend_at_once(runtime: &tokio::runtime::Runtime, budgets: &Arc<Budgets>, name: &str, round: Round) -> i64 {
    let tasks: Vec<_> = (0..round.tasks)
        .map(|task| runtime.spawn(spend(Arc::clone(budgets), name.to_owned(), task, round.tries)))
        .collect();
    tasks.into_iter().map(|task| runtime.block_on(task).unwrap()).sum()
}

fn several_threads() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap()
}

/// Reads every counter row all the while, on a connection of its own.
struct Sampler {
    ended: Arc<AtomicBool>,
    samples: Arc<AtomicU64>,
    thread: std::thread::JoinHandle<()>,
}

impl Sampler {
    fn start(url: &str) -> Self {
        let (ended, samples) = (Arc::<AtomicBool>::default(), Arc::<AtomicU64>::default());
        let (url, until, count) = (url.to_owned(), Arc::clone(&ended), Arc::clone(&samples));
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut store = Store::open(&url).await.unwrap();
                while !until.load(Ordering::Relaxed) {
                    for window in store.budget_windows(None).await.unwrap() {
                        let of = window.standing;
                        assert!(of.spent.saturating_add(of.reserved) <= of.cap, "{window:?}");
                        assert_eq!(of.overrun, MicroDollars::ZERO, "{window:?}");
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            });
        });
        Sampler { ended, samples, thread }
    }

    fn end(self) {
        self.ended.store(true, Ordering::Relaxed);
        self.thread.join().expect("no sample was above the cap");
        assert!(self.samples.load(Ordering::Relaxed) > 10);
    }
}

/// The ledger has as many calls as fit, and the counters say the same.
async fn assert_full(url: &str, budgets: &Budgets, workspace: &str, cap: i64) {
    let full = MicroDollars::dollars(cap / 7 * 7);
    let range = CostRange { workspace: Some(workspace.to_owned()), ..CostRange::default() };
    let sums = Store::open(url).await.unwrap().cost_sums(CostKey::All, &range).await.unwrap();
    assert_eq!((sums[0].1.cost, sums[0].1.calls), (full, cap / 7), "{workspace}");
    for window in budgets.standing(Some(workspace)).await.unwrap() {
        let of = window.standing;
        assert_eq!((of.spent, of.reserved, of.overrun), (full, MicroDollars::ZERO, MicroDollars::ZERO));
    }
}

fn one_process_pays_what_fits(place: &Place) {
    let (url, start, runtime) = (place.url(), wall(), several_threads());
    let budgets = runtime.block_on(open(&url, start, Duration::from_secs(600)));
    let sampler = Sampler::start(&url);
    for round in 0..rounds() {
        let name = workspace(round);
        runtime.block_on(set(&budgets, &name, WHOLE.cap));
        let tries = if std::env::var(ROUNDS).is_ok() || round % 5 == 0 { WHOLE.tries } else { 10 };
        assert_eq!(spend_at_once(&runtime, &budgets, &name, Round { tries, ..WHOLE }), WHOLE.cap / 7);
        runtime.block_on(assert_full(&url, &budgets, &name, WHOLE.cap));
    }
    sampler.end();
}

fn start_child(work: &str, url: &str, start: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "budget_stress::child", "--nocapture"])
        .env(WORK, work)
        .env(URL, url)
        .env(START, start.to_string())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// No test by itself: what the tests below start as processes of their own.
#[test]
fn child() {
    let Ok(work) = std::env::var(WORK) else { return };
    let (url, start) = (std::env::var(URL).unwrap(), std::env::var(START).unwrap().parse().unwrap());
    let runtime = several_threads();
    match work.as_str() {
        "rounds" => {
            let budgets = runtime.block_on(open(&url, start, Duration::from_secs(600)));
            for round in 0..rounds() {
                spend_at_once(&runtime, &budgets, &workspace(round), EIGHTH);
            }
        }
        // Wherever they are killed, they hold three.
        "until-killed" => {
            let budgets = runtime.block_on(open(&url, start, TIME_TO_LIVE));
            let held = |_| runtime.block_on(reserve(&budgets, &Call::new(&workspace(0), "lusha"))).unwrap();
            let _held: Vec<Permit<'_>> = (0..3).map(held).collect();
            // More than fits before they are killed.
            loop {
                spend_at_once(&runtime, &budgets, &workspace(0), Round { tries: 1, ..EIGHTH });
            }
        }
        other => panic!("{other}"),
    }
}

fn eight_processes_pay_what_fits(place: &Place) {
    let (url, start, runtime) = (place.url(), wall(), several_threads());
    let budgets = runtime.block_on(open(&url, start, Duration::from_secs(600)));
    for round in 0..rounds() {
        runtime.block_on(set(&budgets, &workspace(round), EIGHTH.cap));
    }
    let sampler = Sampler::start(&url);
    let children: Vec<_> = (0..PROCESSES).map(|_| start_child("rounds", &url, start)).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    sampler.end();
    for round in 0..rounds() {
        runtime.block_on(assert_full(&url, &budgets, &workspace(round), EIGHTH.cap));
    }
}

fn what_killed_processes_held_comes_back_in_time(place: &Place) {
    const CAP: i64 = 10_000;
    let (url, start, runtime) = (place.url(), wall(), several_threads());
    let budgets = runtime.block_on(open(&url, start, TIME_TO_LIVE));
    runtime.block_on(set(&budgets, &workspace(0), CAP));
    let held = || {
        let windows = runtime.block_on(async {
            Store::open(&url).await.unwrap().budget_windows(Some(&workspace(0))).await.unwrap()
        });
        windows[0].standing.reserved
    };
    let sampler = Sampler::start(&url);
    let mut children: Vec<_> = (0..PROCESSES).map(|_| start_child("until-killed", &url, start)).collect();
    // Each of them holds three.
    let begun = Instant::now();
    while held() < MicroDollars::dollars(3 * 7 * PROCESSES as i64) {
        assert!(begun.elapsed() < Duration::from_secs(60), "the processes do not get to hold anything");
        std::thread::sleep(Duration::from_millis(10));
    }
    for child in &mut children {
        // SIGKILL: nothing of it runs any more.
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let killed = Instant::now();
    let lost = held();
    assert!(lost >= COST, "{lost}");
    while runtime.block_on(budgets.standing(Some(&workspace(0)))).unwrap()[0].standing.reserved
        > MicroDollars::ZERO
    {
        assert!(
            killed.elapsed() < TIME_TO_LIVE + Duration::from_secs(2),
            "it is held beyond its time to live"
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    let rest = Round { tasks: 16, tries: 200, cap: CAP };
    spend_at_once(&runtime, &budgets, &workspace(0), rest);
    sampler.end();
    runtime.block_on(assert_full(&url, &budgets, &workspace(0), CAP));
}

on_both! {
    one_process_pays_what_fits
    eight_processes_pay_what_fits
    what_killed_processes_held_comes_back_in_time
}
