//! Normalized frames hold every row and read back to the records, and golden frames do not depend on how rows came together.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{
    Array, ArrayRef, BinaryArray, DictionaryArray, Int64Array, LargeStringArray, RecordBatch,
    RecordBatchIterator, StringArray, StringViewArray, StructArray, new_null_array,
};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use firmograph::sources::Mapping;
use firmograph::{
    Coalescer, DocumentNormalizer, Engine, EntityKind, Hooks, IngestOptions, NormalizedRow, Normalizer,
    NormalizerOptions, Position, Priorities, Source, Timestamp,
};
use firmograph_arrow::{
    BatchOptions, FrameCoalescer, MAX_ROWS, NormalizedBatches, golden_batches, needed_fields,
    normalized_fields, priorities,
};
use std::sync::Arc;

const COLUMNS: [&str; 7] = ["Email", "Company", "Title", "Staff", "Sector", "City", "seen_at"];

/// A table of so many invented rows, some of them blank, repeated, or of nobody.
fn table(rows: usize) -> Vec<[String; 7]> {
    let titles = ["CTO", "VP Sales", "Head of Marketing", "intern", "", "Account Exec"];
    let staff = ["51-200", "10,001+", "", "11-50"];
    let row = |number: usize| {
        if number % 17 == 3 {
            return [const { String::new() }; 7];
        }
        let company = number % 40;
        let email = match number % 11 {
            5 => "nobody at all".to_owned(),
            _ => format!("person{}@company{company}.com", number % 90),
        };
        let company = if number % 11 == 5 { String::new() } else { format!("Company {company}, Inc.") };
        let seen = if number.is_multiple_of(3) { "2026-01-31T12:00:00Z".to_owned() } else { String::new() };
        let city = if number.is_multiple_of(5) { "Austin, TX" } else { "" };
        let (title, staff) = (titles[number % 6].to_owned(), staff[number % 4].to_owned());
        [email, company, title, staff, "Banking".to_owned(), city.to_owned(), seen]
    };
    (0..rows).map(row).collect()
}

fn mapping() -> Mapping {
    let text = "[fields]\nemail = \"Email\"\ncompany_name = \"Company\"\njob_title = \"Title\"\n\
        employee_size = \"Staff\"\nindustry = \"Sector\"\nlocation = \"City\"\nobserved_at = \"seen_at\"\n";
    Mapping::parse(text).unwrap()
}

fn options(source: &str) -> BatchOptions {
    let mut options = BatchOptions::new(Source::new(source).unwrap());
    options.normalizer.mappings = vec![mapping()];
    options
}

fn raw_batch(rows: &[[String; 7]]) -> RecordBatch {
    let columns = (0..7).map(|column| {
        let cells = rows.iter().map(|row| (!row[column].is_empty()).then_some(row[column].as_str()));
        // Every layout of text that engines have.
        let array: ArrayRef = match column % 4 {
            0 => Arc::new(StringArray::from_iter(cells)),
            1 => Arc::new(LargeStringArray::from_iter(cells)),
            2 => Arc::new(StringViewArray::from_iter(cells)),
            _ => Arc::new(cells.collect::<DictionaryArray<Int32Type>>()),
        };
        (COLUMNS[column], array, true)
    });
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn normalized(batches: Vec<RecordBatch>, options: BatchOptions) -> Vec<RecordBatch> {
    let schema = batches[0].schema();
    let input = RecordBatchIterator::new(batches.into_iter().map(Ok), schema);
    NormalizedBatches::new(input, options).unwrap().collect::<Result<_, _>>().unwrap()
}

fn push_all(coalescer: &mut FrameCoalescer, batches: &[RecordBatch]) {
    for batch in batches {
        coalescer.push(batch, "").unwrap();
    }
}

/// The rows as the records that need no frame.
fn direct(rows: &[[String; 7]], options: NormalizerOptions) -> Vec<NormalizedRow> {
    let mut normalizer = Normalizer::new(&COLUMNS.map(str::to_owned), options).unwrap();
    rows.iter().for_each(|row| normalizer.read(|column| row[column].as_str()));
    normalizer.finish()
}

fn code(batch: &RecordBatch, options: BatchOptions) -> &'static str {
    let input = RecordBatchIterator::new([Ok(batch.clone())], batch.schema());
    NormalizedBatches::new(input, options).unwrap_err().code()
}

#[test]
fn every_row_is_there_with_its_own_columns() {
    let rows = table(20_000);
    let raw = raw_batch(&rows);
    let tags: BinaryArray = (0..20_000_u32).map(|n| Some(n.to_le_bytes())).collect();
    let mut columns = raw.columns().to_vec();
    let mut fields = raw.schema().fields().to_vec();
    fields.push(Arc::new(Field::new("tags", tags.data_type().clone(), true)));
    columns.push(Arc::new(tags));
    let raw = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
    let batches = normalized(vec![raw.slice(0, 12_345), raw.slice(12_345, 7_655)], options("csv"));
    assert!(batches.iter().all(|batch| batch.num_rows() <= MAX_ROWS));
    assert_eq!(batches.iter().map(RecordBatch::num_rows).sum::<usize>(), rows.len());
    let mut row = 0;
    let (mut records, mut blank, mut rejected) = (0, 0, 0);
    for batch in &batches {
        for (column, given) in raw.columns().iter().enumerate() {
            assert_eq!(batch.column(column), &given.slice(row, batch.num_rows()), "{column}");
        }
        for at in 0..batch.num_rows() {
            let code = batch["reject_code"].as_string::<i32>();
            match code.is_valid(at).then(|| code.value(at)) {
                None => records += 1,
                Some("blank") => blank += 1,
                Some("no-key") => rejected += 1,
                Some(other) => panic!("{other}"),
            }
            assert_eq!(code.is_null(at), batch["payload"].is_valid(at));
        }
        row += batch.num_rows();
    }
    assert_eq!(blank, rows.iter().filter(|row| row.iter().all(String::is_empty)).count());
    assert!(records > 10_000 && rejected > 500, "{records} {rejected}");
}

#[test]
fn a_frame_reads_back_to_the_records_it_was_made_of() {
    let rows = table(600);
    let mut own = options("csv");
    own.normalizer.observed_at = Some(Timestamp::from_second(1_700_000_000).unwrap());
    let batches = normalized(vec![raw_batch(&rows)], own.clone());
    let mut coalescer = FrameCoalescer::new(Priorities::compiled(), None);
    push_all(&mut coalescer, &batches);
    let mut expected = Coalescer::new(Priorities::compiled());
    for row in direct(&rows, own.normalizer) {
        let NormalizedRow::Record(mut record) = row else { continue };
        // What a frame does not say, because its rows stand beside those that were given.
        record.position = Position::default();
        record.notices = Default::default();
        expected.push(record);
    }
    assert!(expected.len() > 250);
    // Record by record, evidence and all.
    assert_eq!(coalescer.coalescer().records(), expected.records());
    let state = coalescer.state().unwrap();
    let mut restored = FrameCoalescer::new(Priorities::compiled(), None);
    push_all(&mut restored, &state);
    assert_eq!(restored.state().unwrap(), state);
    let mut carried = FrameCoalescer::new(Priorities::compiled(), None);
    carried.push_bytes(&coalescer.to_bytes().unwrap()).unwrap();
    assert_eq!(carried.coalescer().records(), expected.records());
    assert_eq!(carried.push_bytes(b"no state").unwrap_err().code(), "bad-state");
    let golden = expected.finish();
    let frames = coalescer.finish().unwrap();
    assert_eq!(frames.companies, golden_batches(EntityKind::Company, &golden.companies).unwrap());
    assert_eq!(frames.persons, golden_batches(EntityKind::Person, &golden.persons).unwrap());
    assert_eq!(restored.finish().unwrap(), frames);
}

/// Numbers without end, the same each time.
fn shuffled(mut count: usize, seed: u64) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    let mut state = seed;
    while count > 1 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let other = (state >> 33) as usize % count;
        count -= 1;
        places.swap(count, other);
    }
    places
}

#[test]
fn neither_order_nor_deal_nor_engine_matters() {
    let rows = table(900);
    let mut batches = normalized(vec![raw_batch(&rows)], options("csv"));
    batches.extend(normalized(vec![raw_batch(&rows[100..400])], options("clay")));
    let mut whole = FrameCoalescer::new(Priorities::compiled(), None);
    push_all(&mut whole, &batches);
    let golden = whole.finish().unwrap();
    assert!(golden.companies[0].num_rows() > 30 && golden.persons[0].num_rows() > 80);
    let single: Vec<RecordBatch> =
        batches.iter().flat_map(|batch| (0..batch.num_rows()).map(|row| batch.slice(row, 1))).collect();
    for seed in 0..4 {
        let mut hands = vec![FrameCoalescer::new(Priorities::compiled(), None); 3];
        for place in shuffled(single.len(), seed) {
            let batch = if place % 2 == 0 { single[place].clone() } else { relaid(&single[place]) };
            hands[(place / 5) % 3].push(&batch, "").unwrap();
            hands[(place + seed as usize) % 3].push(&batch, "").unwrap();
        }
        let mut hands = hands.into_iter();
        let mut merged = hands.next().unwrap();
        hands.for_each(|other| merged.merge(other).unwrap());
        assert_eq!(merged.finish().unwrap(), golden, "{seed}");
        assert_eq!(merged.state().unwrap(), whole.state().unwrap(), "{seed}");
    }
}

/// The same batch as another engine lays it out: other kinds of text, other widths, other columns about.
fn relaid(batch: &RecordBatch) -> RecordBatch {
    let columns = batch.schema_ref().fields().iter().zip(batch.columns());
    let mut columns: Vec<(String, ArrayRef)> =
        columns.map(|(field, array)| (field.name().clone(), relaid_array(array))).rev().collect();
    columns.push(("more".to_owned(), Arc::new(Int64Array::from(vec![7; batch.num_rows()]))));
    RecordBatch::try_from_iter(columns).unwrap()
}

fn relaid_array(array: &ArrayRef) -> ArrayRef {
    match array.data_type() {
        DataType::Utf8 => Arc::new(array.as_string::<i32>().iter().collect::<StringViewArray>()),
        DataType::Int32 => {
            let numbers = array.as_primitive::<Int32Type>().iter().map(|number| number.map(i64::from));
            Arc::new(numbers.collect::<Int64Array>())
        }
        DataType::Struct(_) => {
            let cells = array.as_struct();
            let columns: Vec<ArrayRef> = cells.columns().iter().map(relaid_array).collect();
            let names = cells.column_names().into_iter().map(str::to_owned);
            let fields: Vec<Field> = names
                .zip(&columns)
                .map(|(name, column)| Field::new(name, column.data_type().clone(), true))
                .collect();
            Arc::new(StructArray::new(fields.into(), columns, cells.nulls().cloned()))
        }
        _ => Arc::clone(array),
    }
}

#[test]
fn one_kind_needs_the_columns_of_that_kind_alone() {
    let batches = normalized(vec![raw_batch(&table(500))], options("csv"));
    let mut both = FrameCoalescer::new(Priorities::compiled(), None);
    push_all(&mut both, &batches);
    let both = both.finish().unwrap();
    for kind in [EntityKind::Company, EntityKind::Person] {
        let mut one = FrameCoalescer::new(Priorities::compiled(), Some(kind));
        let needed = needed_fields("", kind);
        for batch in &batches {
            let schema = batch.schema();
            let kept: Vec<usize> =
                needed.iter().map(|field| schema.index_of(field.name()).unwrap()).collect();
            one.push(&batch.project(&kept).unwrap(), "").unwrap();
            let fewer = batch.project(&kept[1..]).unwrap();
            assert_eq!(one.push(&fewer, "").unwrap_err().code(), "missing-column");
        }
        let one = one.finish().unwrap();
        let (wanted, other) = match kind {
            EntityKind::Company => (one.companies == both.companies, one.persons.is_empty()),
            EntityKind::Person => (one.persons == both.persons, one.companies.is_empty()),
        };
        assert!(wanted && other, "{kind:?}");
    }
}

#[test]
fn a_row_with_several_records_stands_there_once_for_each() {
    let columns = ["id", "raw"].map(str::to_owned);
    let people =
        r#"{"people":[{"email":"ada@acme.com","title":"CTO"},{"email":"bob@acme.com","title":"CEO"}]}"#;
    let mapping = Mapping::parse(
        "[[records]]\neach = \"raw.people\"\n[records.fields]\nemail = \"$item.email\"\njob_title = \"$item.title\"\n",
    );
    let Ok(mapping) = mapping else { panic!("{mapping:?}") };
    let cells = [vec!["1", "2", "3"], vec![people, "", people]];
    let arrays = columns
        .iter()
        .zip(cells)
        .map(|(name, cells)| (name.as_str(), Arc::new(StringArray::from(cells)) as ArrayRef));
    let raw = RecordBatch::try_from_iter(arrays).unwrap();
    let mut own = BatchOptions::new(Source::new("crm").unwrap());
    own.normalizer.mappings = vec![mapping];
    let batches = normalized(vec![raw], own);
    let ids: Vec<_> = batches[0]["id"].as_string::<i32>().iter().map(Option::unwrap).collect();
    assert_eq!(ids, ["1", "1", "2", "3", "3"]);
    let parts: Vec<_> = batches[0]["part"].as_primitive::<Int32Type>().iter().collect();
    assert_eq!(parts, [Some(0), Some(1), None, Some(0), Some(1)]);
}

#[test]
fn a_name_that_is_ours_is_refused_unless_ours_get_a_prefix() {
    let text = |cell: &str| Arc::new(StringArray::from(vec![cell.to_owned()])) as ArrayRef;
    let raw =
        RecordBatch::try_from_iter([("email", text("ada@acme.com")), ("Industry", text("Banking"))]).unwrap();
    let plain = BatchOptions::new(Source::new("csv").unwrap());
    assert_eq!(code(&raw, plain.clone()), "column-clash");
    let prefixed = BatchOptions { prefix: "fg_".to_owned(), ..plain.clone() };
    let batches = normalized(vec![raw.clone()], prefixed);
    assert_eq!(batches[0].num_columns(), 2 + normalized_fields("").len());
    let mut coalescer = FrameCoalescer::new(Priorities::compiled(), None);
    assert_eq!(coalescer.push(&batches[0], "").unwrap_err().code(), "missing-column");
    assert_eq!(coalescer.push(&batches[0], "fg_").unwrap(), 1);
    assert_eq!(coalescer.push(&batches[0], "fg_").unwrap(), 0, "the same record again");
    let bare = BatchOptions { keep: Some(vec!["email".to_owned()]), ..plain.clone() };
    let batches = normalized(vec![raw.clone()], bare);
    assert_eq!(batches[0].schema().field(1).name(), "source");
    coalescer.push(&batches[0], "").unwrap();
    assert_eq!(coalescer.len(), 1, "which columns are kept is no part of a record");
    let unknown = BatchOptions { keep: Some(vec!["e-mail".to_owned()]), ..plain };
    assert_eq!(code(&raw, unknown), "unknown-column");
}

#[test]
fn what_cannot_be_is_refused_with_a_code() {
    let email: ArrayRef = Arc::new(BinaryArray::from(vec![&b"ada@acme.example"[..]]));
    let raw = RecordBatch::try_from_iter([
        ("email", Arc::clone(&email)),
        ("id", Arc::new(Int64Array::from(vec![1]))),
    ]);
    let plain = BatchOptions::new(Source::new("csv").unwrap());
    assert_eq!(code(&raw.unwrap(), plain.clone()), "arrow-type");
    let raw = RecordBatch::try_from_iter([("id", Arc::new(Int64Array::from(vec![1])) as ArrayRef)]).unwrap();
    assert_eq!(code(&raw, plain), "no-known-column");
    let batch = &normalized(vec![raw_batch(&table(5))], options("csv"))[0];
    let replaced = |name: &str, array: ArrayRef| {
        let columns = batch.schema_ref().fields().iter().zip(batch.columns()).map(|(field, column)| {
            let column = if field.name() == name { &array } else { column };
            (field.name().clone(), Arc::clone(column))
        });
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut coalescer = FrameCoalescer::new(Priorities::compiled(), None);
        let code = coalescer.push(&batch, "").unwrap_err().code();
        assert!(coalescer.is_empty());
        code
    };
    let texts = |text: &str| Arc::new(StringArray::from(vec![text; 5])) as ArrayRef;
    assert_eq!(replaced("payload", texts("+0112233445566778899aabbccddeeff")), "bad-record");
    assert_eq!(replaced("source", texts("No Source")), "bad-source");
    assert_eq!(replaced("part", texts("second")), "bad-record");
    assert_eq!(replaced("part", Arc::new(Int64Array::from(vec![-1; 5]))), "bad-record");
    assert_eq!(replaced("observed_at", texts("yesterday")), "bad-record");
    assert_eq!(replaced("job_title", texts("CTO")), "arrow-type");
    assert_eq!(replaced("payload", email_of(5)), "arrow-type");
    let own = priorities(&[("*", vec!["clay"])], &[]).unwrap();
    let mut one = FrameCoalescer::new(Priorities::compiled(), None);
    assert_eq!(one.merge(FrameCoalescer::new(own, None)).unwrap_err().code(), "coalescer-mismatch");
    let companies = FrameCoalescer::new(Priorities::compiled(), Some(EntityKind::Company));
    assert_eq!(one.merge(companies).unwrap_err().code(), "coalescer-mismatch");
}

fn email_of(rows: usize) -> ArrayRef {
    new_null_array(&DataType::new_list(DataType::Int32, true), rows)
}

/// A row that holds others is read as the object that a file would hold: by its keys, and from any slice.
#[test]
fn a_row_that_holds_lists_and_structs_is_a_document() {
    let texts = |texts: [&str; 3]| Arc::new(StringArray::from(texts.to_vec())) as ArrayRef;
    let field = |name: &str, array: &ArrayRef| Arc::new(Field::new(name, array.data_type().clone(), true));
    let (names, domains) =
        (texts(["Acme", "Umbrella", ""]), texts(["acme.example", "umbrella.example", "initech.example"]));
    let company =
        StructArray::from(vec![(field("name", &names), names), (field("domain", &domains), domains)]);
    let mut emails = ListBuilder::new(StringBuilder::new());
    emails.append_value([Some("ada@acme.example"), Some("ada@home.example")]);
    emails.append_null();
    emails.append_value([Some("cid@initech.example")]);
    let raw = RecordBatch::try_from_iter([
        ("emails", Arc::new(emails.finish()) as ArrayRef),
        ("company", Arc::new(company) as ArrayRef),
        ("title", texts(["CTO", "", "VP of Sales"])),
    ]);
    let raw = raw.unwrap();
    let all = normalized(vec![raw.clone()], BatchOptions::new(Source::new("csv").unwrap()));
    let text = |batch: &RecordBatch, column: &str, row: usize| {
        let column = batch[column].as_string::<i32>();
        column.is_valid(row).then(|| column.value(row).to_owned())
    };
    let companies: Vec<_> = (0..3).map(|row| text(&all[0], "company_key", row)).collect();
    let expected = ["acme.example", "umbrella.example", "initech.example"];
    assert_eq!(companies, expected.map(|key| Some(key.to_owned())));
    assert_eq!(text(&all[0], "person_key", 0).as_deref(), Some("ada@acme.example"));
    assert_eq!(text(&all[0], "person_key", 1), None);
    let sliced = normalized(vec![raw.slice(2, 1)], BatchOptions::new(Source::new("csv").unwrap()));
    assert_eq!(
        text(&sliced[0], "payload", 0),
        text(&all[0], "payload", 2),
        "a slice is the rows that it has"
    );
    let options = NormalizerOptions::new(Source::new("csv").unwrap());
    let mut normalizer = DocumentNormalizer::of_documents(options);
    normalizer.read_document(concat!(
        r#"{"emails":["cid@initech.example"],"company":{"name":"","domain":"initech.example"},"#,
        r#""title":"VP of Sales"}"#
    ));
    let NormalizedRow::Record(record) = &normalizer.finish()[0] else { panic!("a record") };
    assert_eq!(text(&all[0], "payload", 2), Some(record.payload.to_string()), "as a line of JSON says it");
}

#[test]
fn bytes_beside_a_struct_are_passed_through_and_within_it_are_text() {
    let bytes = |bytes: &[u8]| Arc::new(BinaryArray::from(vec![bytes])) as ArrayRef;
    let inner = bytes(b"ada@acme.example");
    let data =
        StructArray::from(vec![(Arc::new(Field::new("email", inner.data_type().clone(), true)), inner)]);
    let columns = |name| {
        RecordBatch::try_from_iter([("data", Arc::new(data.clone()) as ArrayRef), (name, bytes(b"x"))])
    };
    let plain = BatchOptions::new(Source::new("csv").unwrap());
    let found = normalized(vec![columns("blob").unwrap()], plain.clone());
    assert_eq!(found[0]["person_key"].as_string::<i32>().value(0), "ada@acme.example");
    assert_eq!(found[0]["blob"].as_binary::<i32>().value(0), b"x");
    assert_eq!(
        code(&columns("title").unwrap(), plain),
        "arrow-type",
        "what means something is not passed over"
    );
}

#[test]
fn a_failing_input_ends_the_batches() {
    let raw = raw_batch(&table(3));
    let failing = [Ok(raw.clone()), Err(ArrowError::ComputeError("gone".to_owned())), Ok(raw.clone())];
    let input = RecordBatchIterator::new(failing, raw.schema());
    let mut batches = NormalizedBatches::new(input, options("csv")).unwrap();
    assert!(batches.next().unwrap().is_ok());
    assert!(batches.next().unwrap().is_err());
    assert!(batches.next().is_none());
}

#[test]
fn a_database_stores_the_same_golden_rows() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let rows = table(700);
    let mut engine = runtime.block_on(Engine::open("sqlite::memory:")).unwrap();
    let mut coalescer = FrameCoalescer::new(Priorities::compiled(), None);
    for (source, rows) in [("csv", &rows[..]), ("clay", &rows[50..350])] {
        let file = folder.path().join(format!("{source}.csv"));
        let line =
            |cells: &[String]| cells.iter().map(|cell| format!("\"{cell}\"")).collect::<Vec<_>>().join(",");
        let lines: Vec<_> =
            std::iter::once(COLUMNS.join(",")).chain(rows.iter().map(|row| line(row))).collect();
        std::fs::write(&file, lines.join("\n")).unwrap();
        let mut options = IngestOptions::new(Source::new(source).unwrap());
        options.open.mappings = vec![mapping()];
        let mut hooks = Hooks {
            clock: &|| Timestamp::UNIX_EPOCH,
            progress: &mut |_| {},
            interrupted: Default::default(),
        };
        runtime.block_on(engine.ingest(&[file], &options, &mut hooks)).unwrap();
        push_all(&mut coalescer, &normalized(vec![raw_batch(rows)], self::options(source)));
    }
    let golden = coalescer.finish().unwrap();
    for (kind, batch) in
        [(EntityKind::Company, &golden.companies[0]), (EntityKind::Person, &golden.persons[0])]
    {
        assert!(batch.num_rows() > 30);
        for row in 0..batch.num_rows() {
            let key = batch["key"].as_string::<i32>().value(row);
            let entity = runtime.block_on(engine.entity(kind, key)).unwrap().unwrap();
            let stored = golden_batches(kind, &[entity.golden]).unwrap();
            assert_eq!(stored[0], batch.slice(row, 1), "{key}");
        }
    }
}
