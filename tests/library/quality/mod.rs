//! Scores: against a second implementation, on both databases, through every change, and against tampering.

mod accidents;
mod naive;
mod rules;

use crate::common::Place;
use crate::common::customers::Dice;
use crate::on_both;
use crate::undo::is_true;
use crate::use_it::{Test, options};
use firmograph::store::QualityRow;
use firmograph::{
    Attribute, Day, Dimension, EntityKind, Hooks, NewPin, PriorityChange, Quality, QualityBy,
    QualityCheckOptions, QualityGate, QualityReportOptions, Scalar, Source, Timestamp, golden_columns,
    pin_value,
};
use naive::{Naive, Scores};
use std::collections::BTreeMap;

const KINDS: [EntityKind; 2] = [EntityKind::Company, EntityKind::Person];

impl Test<'_> {
    fn scores(&mut self, kind: EntityKind) -> Vec<QualityRow> {
        self.drive(async |engine| engine.store().quality_page(kind, "", 100_000).await.unwrap())
    }

    fn all_scores(&mut self) -> Vec<QualityRow> {
        KINDS.into_iter().flat_map(|kind| self.scores(kind)).collect()
    }

    fn quality(&mut self, kind: EntityKind, key: &str) -> Quality {
        self.drive(async |engine| engine.quality(kind, key).await.unwrap().unwrap().quality)
    }

    /// Ingests a text as of a day.
    fn ingest_on(&mut self, day: &str, source: &str, text: &str) {
        let file = self.file(&format!("{source}-{day}.csv"), text);
        let now: Timestamp = format!("{day}T09:30:00Z").parse().unwrap();
        let mut hooks = Hooks { clock: &move || now, progress: &mut |_| {}, interrupted: Default::default() };
        self.drive(async |engine| engine.ingest(&[file.into()], &options(source), &mut hooks).await.unwrap());
    }

    fn dimensions(&mut self, kind: EntityKind, keys: &[&str]) -> BTreeMap<String, Vec<Dimension>> {
        let mut said: BTreeMap<String, Vec<Dimension>> = BTreeMap::new();
        for attribute in Attribute::of(kind) {
            for row in self.drive(async |engine| engine.store().dimensions(attribute, keys).await.unwrap()) {
                said.entry(row.key().to_owned()).or_default().push(row);
            }
        }
        said
    }
}

const HEADER: &str = "Email,Full Name,Job Title,Department,Person LinkedIn URL,Phone,Mobile Phone,Person City,Person Country,\
    Company,Website,Industry,Employee Size,Annual Revenue,Company Type,Description,Company City,Company Phone,\
    Company LinkedIn URL,Observed At\n";

/// One row about somebody at company `number`: each cell given, a placeholder, nonsense or blank, as the dice fall.
fn line(number: usize, dice: &mut Dice) -> String {
    let mut cell = |texts: &[&str]| -> String {
        match dice.below(10) {
            0 | 1 => String::new(),
            2 => ["N/A", "-", "TBD"][dice.below(3)].to_owned(),
            3 => "qq zz".to_owned(),
            _ => texts[dice.below(texts.len())].to_owned(),
        }
    };
    let domain = format!("brook{number}-mills.com");
    let names = ["Ada Hale", "Bo Ito", "ADA HALE"];
    let cells = [
        cell(&names),
        cell(&["CEO", "Chief Executive Officer", "Sales Manager", "VP Sales"]),
        cell(&["Sales", "sales ", "Finance"]),
        cell(&[&format!("linkedin.com/in/p{number}"), "https://www.linkedin.com/in/else"]),
        cell(&["+1 617 555 0102", "+44 20 7946 0958", "(617) 253-1000"]),
        cell(&["+1 617 253 1000", "+1 617 253 1001"]),
        cell(&["Boston", "Leeds"]),
        cell(&["United States", "US", "United Kingdom"]),
        cell(&["Brook Mills", "BROOK MILLS INC", "Fjord Optics"]),
        cell(&[&format!("https://www.{domain}/en"), &domain, "fjord-optics.no"]),
        cell(&["Software", "Banking", "banking"]),
        cell(&["11-50", "30", "51-200"]),
        cell(&["$1M", "$5,000,000", "$1M - $10M"]),
        cell(&["Public", "Private Company"]),
        cell(&["Makes mills.", "Makes brooks and mills."]),
        cell(&["Boston", "Paris"]),
        cell(&["+1 617 253 1000", "+47 22 85 50 50"]),
        cell(&[&format!("linkedin.com/company/c{number}"), "linkedin.com/company/other"]),
        cell(&["2026-01-31", "2025-10-01", "2025-03-03T04:05:06Z", "2026-07-01"]),
    ];
    let email = match dice.below(8) {
        0 => format!("p{number}@gmail.com"),
        1 => format!("p{number}@mailinator.com"),
        2 => format!("P{number}+news@{domain}"),
        _ => format!("p{number}@{domain}"),
    };
    let quoted: Vec<_> = cells.iter().map(|cell| format!("\"{cell}\"")).collect();
    format!("{email},{}\n", quoted.join(","))
}

fn told(quality: &Quality) -> Scores {
    let wide = |all: &[i64]| all.iter().map(|&number| i128::from(number)).collect::<Vec<_>>();
    let fields = firmograph::quality_fields(quality.kind).iter().zip(&quality.fields);
    let fields = fields.filter_map(|(spec, field)| {
        let field = field.as_ref()?;
        Some((spec.name.to_owned(), field.by.as_ref().map(|by| by.to_string()), wide(&field.parts)))
    });
    let attributes = quality.attributes.iter();
    Scores {
        score: quality.score.into(),
        parts: wide(&quality.parts),
        completeness: quality.completeness.into(),
        grade: quality.grade.to_owned(),
        attributes: attributes
            .map(|of| (of.attribute.spec().name.to_owned(), of.points.into(), of.score.into()))
            .collect(),
        fields: fields.collect(),
        email_grade: quality.email_grade.map(str::to_owned),
        phone_score: quality.phone_score,
        verified_at: quality.verified_at.map(|time| time.as_microsecond()),
        sources: quality.sources.iter().map(|source| source.to_string()).collect(),
    }
}

/// Every stored score is what the second implementation makes of the dimension rows and the golden rows.
fn as_a_second_implementation_says(test: &mut Test<'_>, day: i64) -> usize {
    let stored = test.drive(async |engine| engine.store().priority_rows().await.unwrap());
    let joins = test.drive(async |engine| engine.joins(false).await.unwrap());
    let of_companies = joins.iter().filter(|join| join.entity == "company");
    let joined = of_companies.map(|join| (join.from_key.clone(), join.into_key.clone())).collect();
    let naive =
        Naive::new(stored.into_iter().map(|row| (row.attribute, row.source, row.priority)).collect(), joined);
    let belief = test.drive(async |engine| engine.store().priorities().await.unwrap());
    let mut records = 0;
    for kind in KINDS {
        let scores = test.scores(kind);
        let keys: Vec<&str> = scores.iter().map(|row| &*row.key).collect();
        let mut said = test.dimensions(kind, &keys);
        // What all keys of one company or person say together.
        for join in joins.iter().filter(|join| join.entity == kind.name()) {
            let found =
                test.drive(async |engine| engine.entity(kind, &join.into_key).await.unwrap().unwrap());
            said.insert(found.golden.key.into(), found.dimensions);
        }
        let golden = test.drive(async |engine| engine.store().golden_by_key(kind, &keys).await.unwrap());
        assert_eq!(golden.len(), scores.len());
        let golden: BTreeMap<_, _> = golden.into_iter().map(|row| (row.key.clone(), row)).collect();
        for row in &scores {
            let values = golden_columns(kind).iter().map(|column| column.name);
            let values: BTreeMap<&str, Scalar> =
                values.zip(golden[&row.key].values.iter().cloned()).collect();
            let rows = said.get(&*row.key).map_or(&[][..], Vec::as_slice);
            let expected = naive.score(kind, rows, &values, day, &belief);
            assert_eq!(told(&row.quality(kind).unwrap()), expected, "{}", row.key);
            assert_eq!(i128::from(row.score), expected.score, "{}", row.key);
            assert_eq!(row.parts.map(i128::from).to_vec(), expected.parts, "{}", row.key);
        }
        records += scores.len();
    }
    records
}

/// Random rows of four sources about `count` companies and the people there.
fn random(count: usize, seed: u64) -> Vec<(&'static str, String)> {
    let mut dice = Dice::new(seed);
    let sources = ["manual", "clay", "csv", "zoom"].into_iter();
    let files = sources.map(|source| {
        let mut text = HEADER.to_owned();
        for number in 0..count {
            if source == "csv" || dice.below(3) > 0 {
                text.push_str(&line(number, &mut dice));
            }
        }
        (source, text)
    });
    files.collect()
}

fn ten_thousand_random_records_score_as_a_second_implementation_says(place: &Place) {
    let mut test = Test::new(place);
    for (source, text) in random(4_200, 7) {
        test.ingest_on("2026-03-15", source, &text);
    }
    // 2026-03-15.
    let records = as_a_second_implementation_says(&mut test, 20_527);
    assert!(records >= 10_000, "{records}");
}

/// What each score is made of must be the same bytes on both databases, whatever came first and however it was cut.
#[test]
fn databases_orders_and_batches_give_the_same_bytes() {
    let files = random(60, 11);
    let place = Place::sqlite();
    let mut whole = Test::in_memory(&place);
    for (source, text) in &files {
        whole.ingest_on("2026-03-15", source, text);
    }
    let expected = whole.all_scores();
    assert!(expected.len() > 120, "{}", expected.len());
    let mut backwards = Test::in_memory(&place);
    for (source, text) in files.iter().rev() {
        let mut options = options(source);
        options.batch_rows = 7;
        let file = backwards.file("part.csv", text);
        let now: Timestamp = "2026-03-15T22:00:00Z".parse().unwrap();
        let mut hooks = Hooks { clock: &move || now, progress: &mut |_| {}, interrupted: Default::default() };
        backwards.drive(async |engine| engine.ingest(&[file.into()], &options, &mut hooks).await.unwrap());
    }
    assert_eq!(backwards.all_scores(), expected);
    if let Some(place) = Place::postgres() {
        let mut server = Test::new(&place);
        for (source, text) in &files {
            server.ingest_on("2026-03-15", source, text);
        }
        assert_eq!(server.all_scores(), expected);
    }
}

const COMPANIES: &str = "\
Company,Website,Industry,Employee Size,Company City,Observed At
Brook Mills,brook-mills.com,Banking,11-50,Boston,2026-01-01
Fjord Optics,fjord-optics.no,N/A,TBD,-,2026-01-01
";
const AGAIN: &str =
    "Company,Website,Industry,Observed At\nBrook Mills Inc,brook-mills.com,Software,2026-02-01\n";

fn placeholders_are_missing_and_unchanged_scores_keep_their_day(place: &Place) {
    let mut test = Test::new(place);
    test.ingest_on("2026-01-15", "csv", COMPANIES);
    let fjord = test.quality(EntityKind::Company, "fjord-optics.no");
    assert_eq!((fjord.completeness, fjord.grade), (2_000, "F"), "name and website");
    assert_eq!(test.quality(EntityKind::Company, "brook-mills.com").completeness, 5_000);
    let before = test.all_scores();
    // The same file again, and a repeat under another date: nothing is written.
    test.ingest_on("2026-02-20", "csv", COMPANIES);
    assert_eq!(test.all_scores(), before);
    test.ingest_on("2026-02-20", "zoom", AGAIN);
    let after = test.all_scores();
    assert_eq!(after.iter().map(|row| &*row.as_of).collect::<Vec<_>>(), ["2026-02-20", "2026-01-15"]);
    let brook = test.quality(EntityKind::Company, "brook-mills.com");
    let field = |name: &str| {
        let index =
            firmograph::quality_fields(EntityKind::Company).iter().position(|field| field.name == name);
        brook.fields[index.unwrap()].clone().unwrap()
    };
    assert_eq!((field("name").agree.len(), field("industry").differ.len()), (1, 1));
    is_true(&mut test);
    // The stored day is the only thing that another day needs.
    let later = brook.at("2026-12-31".parse().unwrap());
    assert!(
        later.score < brook.score && later.parts[..3] == brook.parts[..3] && later.parts[4] == brook.parts[4]
    );
    let now: Timestamp = "2026-12-31T01:00:00Z".parse().unwrap();
    let report = test.drive(async |engine| engine.refresh_quality(Day::of(now), now).await.unwrap());
    assert_eq!((report.records, report.written, report.removed), (2, 2, 0));
    assert_eq!(test.quality(EntityKind::Company, "brook-mills.com"), later);
    is_true(&mut test);
}

fn whatever_changes_belief_changes_scores_and_taking_it_back_restores_them(place: &Place) {
    let now = Timestamp::UNIX_EPOCH;
    let mut test = Test::new(place);
    test.ingest("csv", COMPANIES);
    let alone = test.all_scores();
    test.ingest("zoom", AGAIN);
    let both = test.all_scores();
    assert_ne!(alone, both);
    let run = test.runs()[0].id;
    test.take_back(run, false, now).0.unwrap();
    assert_eq!(test.all_scores(), alone);
    let undo = test.runs()[0].id;
    test.take_back(undo, false, now).0.unwrap();
    assert_eq!(test.all_scores(), both);
    is_true(&mut test);

    // Trust counts for records of one source, too.
    let change = PriorityChange { sources: Some(vec![Source::new("csv").unwrap()]), policy: None };
    test.drive(async |engine| engine.set_priority(None, &change, false, now, &mut |_| {}).await.unwrap());
    let trusted = test.all_scores();
    assert!(trusted.iter().zip(&both).all(|(after, before)| after.score > before.score), "{trusted:?}");
    is_true(&mut test);
    test.drive(async |engine| engine.reset_priority(None, false, now, &mut |_| {}).await.unwrap());
    assert_eq!(test.all_scores(), both);

    let attribute = Attribute::Industry;
    let pin = NewPin {
        attribute,
        key: "fjord-optics.no".to_owned(),
        value: pin_value(attribute, &["Software"]).unwrap(),
        author: "desk".to_owned(),
        reason: "they said so".to_owned(),
        expires_at: None,
    };
    test.drive(async |engine| engine.set_pin(&pin, false, now, &mut |_| {}).await.unwrap());
    assert_eq!(test.quality(EntityKind::Company, "fjord-optics.no").completeness, 3_000);
    is_true(&mut test);
    let removed = async |engine: &mut firmograph::Engine| {
        engine.remove_pin(attribute, "fjord-optics.no", false, now, &mut |_| {}).await.unwrap()
    };
    test.drive(removed);
    assert_eq!(test.all_scores(), both);

    let join = firmograph::JoinRequest {
        kind: EntityKind::Company,
        from_key: "fjord-optics.no".into(),
        into_key: "brook-mills.com".into(),
        why: "one house".to_owned(),
    };
    let joined =
        test.drive(async |engine| engine.join(&[join], "desk", false, now, &mut |_| {}).await.unwrap());
    assert_eq!(test.all_scores().len(), 1, "one record has one score");
    is_true(&mut test);
    test.take_back(joined.run, false, now).0.unwrap();
    assert_eq!(test.all_scores(), both);

    let zoom = Source::new("zoom").unwrap();
    test.drive(async |engine| engine.remove_source(&zoom, false, now, &mut |_| {}).await.unwrap());
    assert_eq!(test.all_scores(), alone);
    let csv = Source::new("csv").unwrap();
    test.drive(async |engine| engine.remove_source(&csv, false, now, &mut |_| {}).await.unwrap());
    assert!(test.all_scores().is_empty() && test.companies().is_empty());
    is_true(&mut test);
}

fn verify_finds_a_score_that_somebody_changed(place: &Place) {
    let mut test = Test::new(place);
    test.ingest_on("2026-01-15", "csv", COMPANIES);
    let verified = |test: &mut Test<'_>| {
        let mut found = Vec::new();
        test.drive(async |engine| {
            engine.verify(Timestamp::UNIX_EPOCH, &mut |difference| found.push(difference)).await.unwrap()
        });
        let told = found.into_iter().map(|difference| (difference.table, difference.key, difference.column));
        told.collect::<Vec<_>>()
    };
    let table = || "intelligence.company_quality".to_owned();
    let row = |key: &str, column: &str| (table(), key.to_owned(), column.to_owned());
    let set = |what: &str| {
        place.sql(&format!("UPDATE intelligence_company_quality SET {what} WHERE key = 'brook-mills.com'"))
    };
    assert_eq!(verified(&mut test), []);
    set("score = score + 1, trust_points = trust_points + 1");
    assert_eq!(
        verified(&mut test),
        [row("brook-mills.com", "score"), row("brook-mills.com", "trust_points")]
    );
    set("score = score - 1, trust_points = trust_points - 1, grade = 'A+'");
    assert_eq!(verified(&mut test), [row("brook-mills.com", "grade")]);
    set("grade = 'F', key = 'nobody.example'");
    assert_eq!(verified(&mut test), [row("nobody.example", "key"), row("brook-mills.com", "key")]);
    let now: Timestamp = "2026-01-15T00:00:00Z".parse().unwrap();
    let report = test.drive(async |engine| engine.refresh_quality(Day::of(now), now).await.unwrap());
    assert_eq!((report.written, report.removed), (1, 1));
    assert_eq!(verified(&mut test), []);
    // A score goes with its golden row, whoever deletes that.
    place.sql("DELETE FROM \"Company\" WHERE domain = 'brook-mills.com'");
    assert_eq!(test.scores(EntityKind::Company).len(), 1);
}

fn reports_and_checks_say_what_the_rows_say(place: &Place) {
    let mut test = Test::new(place);
    test.ingest_on("2026-01-15", "csv", COMPANIES);
    test.ingest_on("2026-01-15", "zoom", AGAIN);
    let report = |test: &mut Test<'_>, by: QualityBy| {
        let options = QualityReportOptions { by, ..Default::default() };
        test.drive(async |engine| engine.quality_report(&options).await.unwrap())
    };
    let rows = test.all_scores();
    let mean = (rows.iter().map(|row| row.score).sum::<i64>() + 1) / 2;
    let all = report(&mut test, QualityBy::Entity);
    assert_eq!((all.len(), all[0].records, all[0].score), (1, 2, mean));
    assert_eq!(all[0].parts.iter().sum::<i64>(), all[0].score);
    let of = |groups: Vec<firmograph::QualityGroup>| {
        groups.into_iter().map(|group| (group.group, group.records, group.filled)).collect::<Vec<_>>()
    };
    assert_eq!(
        of(report(&mut test, QualityBy::Source)),
        [("csv".into(), 2, 3_500), ("zoom".into(), 1, 5_000)]
    );
    assert_eq!(of(report(&mut test, QualityBy::Month))[0].0, "2026-01");
    assert_eq!(of(report(&mut test, QualityBy::Field))[4], ("industry".into(), 2, 5_000));
    assert_eq!(of(report(&mut test, QualityBy::Attribute)).len(), 8);
    assert_eq!(of(report(&mut test, QualityBy::Grade)), [("F".into(), 2, 3_500)]);

    let check = |test: &mut Test<'_>, gate: firmograph::QualityGate, source: Option<&str>| {
        let source = source.map(|name| Source::new(name).unwrap());
        let options = QualityCheckOptions { gates: vec![gate], source, as_of: None };
        test.drive(async |engine| engine.quality_check(&options).await)
    };
    let kept = check(&mut test, QualityGate::min("completeness=35").unwrap(), None).unwrap().remove(0);
    assert!(kept.passed && kept.at_fault.is_none() && kept.value == 3_500);
    let missed = check(&mut test, QualityGate::min("completeness=35.01").unwrap(), None).unwrap().remove(0);
    assert_eq!((missed.passed, missed.missed_by()), (false, 1));
    let fault = missed.at_fault.unwrap();
    assert_eq!((fault.source.as_str(), fault.records, fault.of), ("csv", 1, 2));
    let nulls = check(&mut test, QualityGate::max_null("industry=49.99%").unwrap(), None).unwrap().remove(0);
    assert_eq!((nulls.passed, nulls.value, nulls.records, nulls.missed_by()), (false, 5_000, 2, 1));
    assert_eq!(nulls.at_fault.unwrap().source, "csv");
    assert!(check(&mut test, QualityGate::max_null("industry=0%").unwrap(), Some("zoom")).unwrap()[0].passed);
    let unknown = check(&mut test, QualityGate::min("score=1").unwrap(), Some("zooom")).unwrap_err();
    assert_eq!((unknown.code(), unknown.help()), ("unknown-source", Some("did you mean zoom?")));
}

on_both! {
    ten_thousand_random_records_score_as_a_second_implementation_says
    placeholders_are_missing_and_unchanged_scores_keep_their_day
    whatever_changes_belief_changes_scores_and_taking_it_back_restores_them
    verify_finds_a_score_that_somebody_changed
    reports_and_checks_say_what_the_rows_say
}
