//! Companies spread over three databases hold together what one database holds, and each shard is sound by itself.

use crate::common::Place;
use crate::common::customers::Customers;
use crate::use_it::{Test, options};
use firmograph::store::Tally;
use firmograph::{
    Engine, EntityKind, Error, ExportOptions, Hooks, IngestOptions, RunStatus, ShardMap, Sharded,
    ShardedReport, Timestamp,
};
use firmograph_core::entity_id;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

type Row = Map<String, Value>;

/// Three shards; on PostgreSQL, on two clusters.
struct Shards {
    places: [Place; 3],
    runtime: tokio::runtime::Runtime,
    sharded: Sharded,
}

impl Shards {
    fn of(places: [Place; 3]) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let map = ShardMap::new(places.iter().map(Place::url)).unwrap();
        let sharded = runtime.block_on(Sharded::open(map)).unwrap();
        Shards { places, runtime, sharded }
    }

    fn sqlite() -> Self {
        Shards::of([Place::sqlite(), Place::sqlite(), Place::sqlite()])
    }

    fn postgres() -> Option<Self> {
        Some(Shards::of([Place::postgres()?, Place::second_postgres()?, Place::postgres()?]))
    }

    /// Ingests texts, each as a file; `progress` is told how many records are read.
    fn try_ingest(
        &mut self,
        texts: &[&str],
        options: &IngestOptions,
        progress: &mut dyn FnMut(u64),
        interrupted: Arc<AtomicBool>,
    ) -> Result<ShardedReport, Error> {
        let names = (0..texts.len()).map(|index| format!("{}-{index}.csv", options.pipeline.source));
        let files: Vec<PathBuf> =
            names.zip(texts).map(|(name, text)| self.places[0].file(&name, text).into()).collect();
        let mut hooks = Hooks {
            clock: &|| Timestamp::UNIX_EPOCH,
            progress: &mut |so_far| progress(so_far.tally.read),
            interrupted,
        };
        self.runtime.block_on(self.sharded.ingest(&files, options, &mut hooks))
    }

    /// Counts must add up, on each shard and together.
    #[track_caller]
    fn ingest(&mut self, texts: &[&str], options: &IngestOptions) -> ShardedReport {
        let report = self.try_ingest(texts, options, &mut |_| {}, Arc::default()).unwrap();
        assert_eq!(report.status, RunStatus::Done);
        let mut sum = Tally::default();
        for shard in &report.shards {
            for tally in shard.files.iter().map(|file| file.tally).chain([shard.tally]) {
                assert_eq!(tally.read, tally.accepted + tally.rejected + tally.skipped, "{report:?}");
            }
            sum += shard.tally;
        }
        assert_eq!(report.tally, sum);
        for shard in &report.shards[1..] {
            assert_eq!(shard.tally.rejected, 0, "rejects go to shard 0");
        }
        report
    }

    fn golden(&mut self, shard: usize, kind: EntityKind) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut sink = |row| {
            rows.push(row);
            Ok(())
        };
        let engine = &mut self.sharded.engines()[shard];
        self.runtime.block_on(engine.export(kind, ExportOptions::default(), &mut sink)).unwrap();
        rows
    }

    /// Golden rows of all shards by id; a person may be on several.
    fn all(&mut self, kind: EntityKind) -> BTreeMap<String, Vec<Row>> {
        let mut all = BTreeMap::<String, Vec<Row>>::new();
        for shard in 0..3 {
            for row in self.golden(shard, kind) {
                all.entry(row["id"].as_str().unwrap().to_owned()).or_default().push(row);
            }
        }
        all
    }

    /// What is stored is what the payloads say, on each shard.
    #[track_caller]
    fn are_sound(&mut self) {
        for shard in 0..3 {
            let engine = &mut self.sharded.engines()[shard];
            let mut wrong = Vec::new();
            let verified = self.runtime.block_on(engine.verify(Timestamp::UNIX_EPOCH, &mut |difference| {
                wrong.push(format!("{difference:?}"));
            }));
            verified.unwrap();
            assert!(wrong.is_empty(), "shard {shard}: {wrong:#?}");
            let engine = &mut self.sharded.engines()[shard];
            let wrong = self.runtime.block_on(engine.store().inconsistencies()).unwrap();
            assert!(wrong.iter().all(|(_, count)| *count == 0), "shard {shard}: {wrong:?}");
        }
    }
}

/// Runs a test on three SQLite files and on two clusters.
macro_rules! on_shards {
    ($($name:ident)*) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                super::$name(super::Shards::sqlite());
            }

            #[test]
            fn postgres() {
                if let Some(shards) = super::Shards::postgres() {
                    super::$name(shards);
                }
            }
        }
    )*};
}

fn by_id(rows: Vec<Row>) -> BTreeMap<String, Row> {
    rows.into_iter().map(|row| (row["id"].as_str().unwrap().to_owned(), row)).collect()
}

/// Records that each name one company by its domain, and a person by a business address.
fn business(count: usize) -> String {
    let mut text = "Email,Full Name,Company,Employees,Industry,Job Title,City,Country\n".to_owned();
    for number in 0..count {
        let company = number % 97;
        let size = ["1-10", "11-50", "51 t0 200", "?"][number % 4];
        let title = ["CTO", "Head of Product", "Vice Presedent Marketing"][number % 3];
        text += &format!(
            "person{number}@firm-{company}.example,Ada Hale,Firm {company} Ltd,{size},Banking,{title},Leeds,UK\n"
        );
    }
    text
}

fn the_union_is_what_one_database_holds(mut shards: Shards) {
    let place = Place::sqlite();
    let mut whole = Test::in_memory(&place);
    let text = business(600).replace(".example", ".com");
    let mut cut = options("csv");
    cut.batch_rows = 90;
    for (source, text) in [("csv", text.as_str()), ("clay", &text.replace("Banking", "Retail"))] {
        let options = IngestOptions { pipeline: options(source).pipeline, ..cut.clone() };
        let one = whole.ingest_with(&[text], &options);
        let spread = shards.ingest(&[text], &options);
        assert_eq!((spread.tally, spread.shared), (one.tally, 0));
    }
    for kind in [EntityKind::Company, EntityKind::Person] {
        let (one, spread) = (by_id(whole.golden(kind)), shards.all(kind));
        assert_eq!(one.len(), if kind == EntityKind::Company { 97 } else { 600 });
        assert!(spread.values().all(|rows| rows.len() == 1), "nobody is on two shards");
        let spread: BTreeMap<_, _> = spread.into_iter().map(|(id, mut rows)| (id, rows.remove(0))).collect();
        assert_eq!(spread, one);
    }
    for shard in 0..3 {
        let companies = shards.golden(shard, EntityKind::Company);
        assert!(companies.len() > 15, "shard {shard} has its share: {}", companies.len());
        for row in companies {
            assert_eq!(shards.sharded.map().shard_of(row["domain"].as_str().unwrap()), shard);
        }
    }
    shards.are_sound();
    let again = shards.ingest(&[&text], &cut);
    assert_eq!((again.tally.accepted, again.tally.skipped), (0, 600), "payloads are known where they are");
}

/// Messy records: free mail, companies without a domain that are joined to one, rejects, repeated and blank lines.
fn what_needs_two_shards_is_all_that_differs(mut shards: Shards) {
    let place = Place::sqlite();
    let mut whole = Test::in_memory(&place);
    let text = Customers::make(900, 7).csv("spaced");
    let mut options = options("csv");
    options.batch_rows = 130;
    let one = whole.ingest_with(&[&text], &options);
    let spread = shards.ingest(&[&text], &options);
    assert!(one.tally.rejected > 0 && one.counters.blank_lines > 0 && one.counters.repeated_payloads > 0);
    assert_eq!(spread.tally, one.tally);
    let rejects = shards.runtime.block_on(shards.sharded.engines()[0].rejects(None)).unwrap();
    assert_eq!(rejects.len() as u64, one.tally.rejected);

    // Companies that one database joined, and those that some shard holds under a key which one database joined away.
    let (companies, spread_companies) = (by_id(whole.companies()), shards.all(EntityKind::Company));
    let mut joined: BTreeSet<String> =
        spread_companies.keys().filter(|id| !companies.contains_key(*id)).cloned().collect();
    let joins = whole.with(async |engine| engine.joins(false).await.unwrap());
    joined.extend(joins.iter().map(|join| entity_id(EntityKind::Company, &join.into_key)));
    assert!(!joined.is_empty(), "the data must have companies that are joined");
    let mut compared = 0;
    for (id, row) in &companies {
        if !joined.contains(id) {
            assert_eq!(spread_companies.get(id).map(Vec::as_slice), Some(std::slice::from_ref(row)));
            compared += 1;
        }
    }
    assert!(compared * 2 > companies.len(), "{compared} of {}", companies.len());

    let (persons, spread_persons) = (by_id(whole.prospects()), shards.all(EntityKind::Person));
    assert!(spread_persons.keys().eq(persons.keys()), "the same persons");
    let mut compared = 0;
    for (id, row) in &persons {
        let rows = &spread_persons[id];
        let company = row["companyId"].as_str();
        let is_joined = company.is_some_and(|company| joined.contains(company));
        if rows.len() == 1 && !is_joined {
            assert_eq!(rows[0], *row);
            compared += 1;
        }
    }
    assert!(compared * 2 > persons.len(), "{compared} of {}", persons.len());
    shards.are_sound();
}

/// One payload that holds companies of several shards.
fn a_payload_of_several_shards_is_whole_on_each(mut shards: Shards) {
    let pair = |origin: &str, customer: &str| {
        json!({ "origin_company_domain": origin, "origin_company_name": origin,
                "company_customer_name": customer, "company_customer_domain": customer })
        .to_string()
    };
    let domains: Vec<String> = (0..12).map(|number| format!("firm-{number}.com")).collect();
    let mut lines = Vec::new();
    for (number, origin) in domains.iter().enumerate() {
        lines.push(pair(origin, &domains[(number + 1) % 12]));
        lines.push(pair(origin, &domains[(number + 5) % 12]));
    }
    let text = lines.join("\n");
    let mut options = options("manual");
    options.open.format = Some(firmograph::sources::Format::JsonLines);
    let place = Place::sqlite();
    let mut whole = Test::in_memory(&place);
    let one = whole.ingest_with(&[&text], &options);
    let spread = shards.ingest(&[&text], &options);
    assert!(spread.shared > 5, "{}", spread.shared);
    assert_eq!(spread.tally.read - spread.shared, one.tally.read);
    assert_eq!(spread.tally.accepted - spread.shared, one.tally.accepted);
    let of_shards = shards.all(EntityKind::Company).into_values().map(|rows| {
        assert_eq!(rows.len(), 1, "a company is on its shard alone");
        rows[0].clone()
    });
    assert_eq!(by_id(of_shards.collect()), by_id(whole.companies()));
    // What is read again from the payloads is what belongs here.
    shards.are_sound();
}

/// Makes a shard refuse a company, and take it again.
fn refuse(place: &Place, key: &str, refuses: bool) {
    let sql = match (place.server().is_some(), refuses) {
        (true, true) => {
            format!("ALTER TABLE core.company_names ADD CONSTRAINT refuse CHECK (key <> '{key}')")
        }
        (true, false) => "ALTER TABLE core.company_names DROP CONSTRAINT refuse".to_owned(),
        (false, true) => format!(
            "CREATE TRIGGER refuse BEFORE INSERT ON core_company_names WHEN NEW.key = '{key}' \
             BEGIN SELECT RAISE(ABORT, 'refused'); END"
        ),
        (false, false) => "DROP TRIGGER refuse".to_owned(),
    };
    match place.server() {
        Some(server) => drop(server.query(&sql)),
        None => place.sql(&sql),
    }
}

fn each_shard_goes_on_where_it_stopped(mut shards: Shards) {
    let mut text = business(500).replace(".example", ".com");
    let map = shards.sharded.map().clone();
    let late = (0..).map(|number| format!("late-{number}.com")).find(|key| map.shard_of(key) == 1).unwrap();
    let middle = text.lines().take(231).map(|line| line.len() + 1).sum();
    text.insert_str(middle, &format!("x@{late},Bo Ito,Late Ltd,1-10,Banking,CEO,Oslo,Norway\n"));
    let mut options = options("csv");
    (options.batch_rows, options.resume) = (50, true);

    refuse(&shards.places[1], &late, true);
    let failed = shards.try_ingest(&[&text], &options, &mut |_| {}, Arc::default());
    assert!(failed.is_err(), "{failed:?}");
    refuse(&shards.places[1], &late, false);
    let checkpoints = |shards: &mut Shards| {
        let mut all = Vec::new();
        for engine in shards.sharded.engines() {
            all.push(shards.runtime.block_on(engine.store().files(None)).unwrap()[0].checkpoint);
        }
        all
    };
    assert_eq!(checkpoints(&mut shards), [250, 200, 250], "the others ended the batch at hand");

    // Stopped again, with other batches: the next must end where shards 0 and 2 stand.
    options.batch_rows = 40;
    let flag = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&flag);
    let mut batches = 0;
    let mut count = |_| {
        batches += 1;
        stop.store(batches == 2, Ordering::Relaxed);
    };
    let stopped = shards.try_ingest(&[&text], &options, &mut count, flag).unwrap();
    assert_eq!(stopped.status, RunStatus::Interrupted);
    assert_eq!(checkpoints(&mut shards), [250, 250, 250], "40 rows and 10 for shard 1 alone");

    let report = shards.ingest(&[&text], &options);
    assert_eq!(report.tally, Tally { read: 501, accepted: 501, rejected: 0, skipped: 0 });
    assert_eq!(report.shards.iter().map(|shard| shard.run).collect::<Vec<_>>(), [1, 1, 1], "each in its run");
    let place = Place::sqlite();
    let mut whole = Test::in_memory(&place);
    whole.ingest("csv", &text);
    for kind in [EntityKind::Company, EntityKind::Person] {
        let spread = shards.all(kind).into_values().flatten().collect();
        assert_eq!(by_id(spread), by_id(whole.golden(kind)));
    }
    shards.are_sound();
}

fn lookups_ask_where_it_can_be(mut shards: Shards) {
    let text = "Email,Full Name,Website\nada@acme.com,Ada Hale,\nbo@gmail.com,Bo Ito,acme.com\n\
                bo@gmail.com,Bo Ito,brook-mills.com\n,Cas Orr,fjord-optics.no\ndot@gmail.com,Dot Ray,\n";
    shards.ingest(&[text], &options("csv"));
    let map = shards.sharded.map().clone();
    let mut found = |kind, text: &str| {
        let found = shards.runtime.block_on(shards.sharded.find(kind, text)).unwrap();
        found.iter().map(|found| (found.shard, found.entity.golden.key.to_string())).collect::<Vec<_>>()
    };
    let at = |company: &str, key: &str| (map.shard_of(company), key.to_owned());
    assert_eq!(found(EntityKind::Company, "https://www.Acme.com/about"), [at("acme.com", "acme.com")]);
    assert_eq!(found(EntityKind::Company, "nobody.example"), []);
    assert_eq!(found(EntityKind::Person, "ADA@acme.com"), [at("acme.com", "ada@acme.com")]);
    // Known at two companies, of shards 2 and 0: on both, each with its company.
    assert_ne!(map.shard_of("acme.com"), map.shard_of("brook-mills.com"));
    let mut both = [at("acme.com", "bo@gmail.com"), at("brook-mills.com", "bo@gmail.com")];
    both.sort();
    assert_eq!(found(EntityKind::Person, "bo@gmail.com"), both);
    let by_name = "name:cas orr|fjord-optics.no";
    assert_eq!(found(EntityKind::Person, by_name), [at("fjord-optics.no", by_name)]);
    let alone = [at("dot@gmail.com", "dot@gmail.com")];
    assert_eq!(found(EntityKind::Person, "dot@gmail.com"), alone, "a person without a company, by itself");
}

fn a_database_keeps_its_place(mut shards: Shards) {
    let mut dry = options("csv");
    dry.dry_run = true;
    let report = shards.ingest(&["Email\nada@acme.com\nbo@brook-mills.com\n"], &dry);
    assert_eq!((report.tally.accepted, report.shards[2].run), (2, 0));
    assert!(shards.all(EntityKind::Company).is_empty(), "a dry run leaves nothing");
    shards.ingest(&["Email\nada@acme.com\n"], &options("csv"));
    let open = |order: &[usize]| {
        let map = ShardMap::new(order.iter().map(|&place| shards.places[place].url())).unwrap();
        shards.runtime.block_on(Sharded::open(map)).map(drop).map_err(|error| error.code())
    };
    assert_eq!(open(&[0, 1, 2]), Ok(()));
    assert_eq!(open(&[1, 0, 2]), Err("other-shard"));
    assert_eq!(open(&[0, 1]), Err("other-shard"));
    // A shard is an ordinary database, too.
    let mut alone = shards.runtime.block_on(Engine::open(&shards.places[2].url())).unwrap();
    let acme = shards.runtime.block_on(alone.entity(EntityKind::Company, "acme.com")).unwrap();
    assert!(acme.is_some());
}

on_shards! {
    the_union_is_what_one_database_holds
    what_needs_two_shards_is_all_that_differs
    a_payload_of_several_shards_is_whole_on_each
    each_shard_goes_on_where_it_stopped
    lookups_ask_where_it_can_be
    a_database_keeps_its_place
}
