//! Reads stored payloads again, a page at a time on all cores: about whom each speaks, and what it says. A payload is read
//! as its file was: by the same columns or mapping, with the same repairs.

use crate::file_options::FileOptions;
use crate::ingest::IngestOptions;
use crate::lookups::Maps;
use crate::parallel;
use crate::pipeline::{Keys, PipelineOptions, read};
use firmograph_core::{
    Attribute, EntityKind, Error, ErrorKind, FieldSet, PayloadId, RawValue, Source, Timestamp,
};
use firmograph_sources::Extractor;
use firmograph_store::{Payloads, RunFile, Store, StoredPayload};
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Payloads of the first page; later ones are as large as their text allows.
const FIRST_PAGE: usize = 1_024;
/// Payloads of one page at most.
const MOST_OF_A_PAGE: usize = 8_192;
/// Text that a page is meant to hold.
const PAGE_BYTES: usize = 32 << 20;

/// What one payload says about one company and one person.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) payload: PayloadId,
    pub(crate) observed_at: Option<Timestamp>,
    pub(crate) source: Source,
    /// Whether hosts without a dot are repaired in it.
    pub(crate) repairs: bool,
    pub(crate) company: Option<Box<str>>,
    pub(crate) person: Option<Box<str>>,
    pub(crate) said: Vec<(Attribute, RawValue)>,
}

/// About whom a reader wants to hear.
#[derive(Debug)]
pub(crate) enum Wanted {
    /// Everybody.
    All,
    /// Companies and persons with these keys.
    Keys(HashSet<Arc<str>, ahash::RandomState>, HashSet<Arc<str>, ahash::RandomState>),
}

impl Wanted {
    /// Those of `companies` and `persons`.
    pub(crate) fn keys<'k>(
        companies: impl IntoIterator<Item = &'k Arc<str>>,
        persons: impl IntoIterator<Item = &'k Arc<str>>,
    ) -> Self {
        Wanted::Keys(companies.into_iter().cloned().collect(), persons.into_iter().cloned().collect())
    }

    pub(crate) fn has(&self, kind: EntityKind, key: &str) -> bool {
        match self {
            Wanted::All => true,
            Wanted::Keys(companies, persons) => match kind {
                EntityKind::Company => companies.contains(key),
                EntityKind::Person => persons.contains(key),
            },
        }
    }
}

/// How the payloads of each file are read.
pub(crate) struct Readers {
    files: HashMap<i64, ReadAs>,
    /// One for each of the pieces that a page is read in.
    workers: Vec<Worker>,
}

/// How the payloads of one file are read.
struct ReadAs {
    header: Option<String>,
    options: FileOptions,
    pipeline: PipelineOptions,
}

/// Extractors of the files that a thread has met: they remember what they have seen.
#[derive(Default)]
struct Worker {
    by_file: HashMap<(i64, bool), Extractor>,
}

impl Readers {
    pub(crate) async fn open(store: &mut Store, maps: &Maps) -> Result<Self, Error> {
        let mut files = HashMap::new();
        for file in store.files(None).await? {
            files.insert(file.id, ReadAs::of(&file, maps)?);
        }
        Ok(Readers { files, workers: Vec::new() })
    }

    /// What the payloads of a page say about those who are wanted, in the order of the page.
    pub(crate) fn read(
        &mut self,
        page: Vec<StoredPayload>,
        wanted: &Wanted,
        values: bool,
    ) -> Result<Vec<Told>, Error> {
        let chunks = parallel::owned_chunks(page);
        self.workers.resize_with(self.workers.len().max(chunks.len()), Worker::default);
        let files = &self.files;
        let jobs = chunks.into_iter().zip(self.workers.drain(..)).collect();
        let done = parallel::map(jobs, |(payloads, mut worker): (Vec<StoredPayload>, Worker)| {
            let told = worker.read(&payloads, files, wanted, values);
            (told, worker)
        });
        let mut all = Vec::new();
        for (told, worker) in done {
            self.workers.push(worker);
            all.append(&mut told?);
        }
        Ok(all)
    }
}

impl ReadAs {
    fn of(file: &RunFile, maps: &Maps) -> Result<Self, Error> {
        let source = Source::new(&file.source)?;
        let options = match &file.options {
            Some(options) => FileOptions::parse(options)?,
            // Files of the first version have none.
            None => FileOptions::of(&IngestOptions::new(source.clone())),
        };
        let mut pipeline = maps.options(source);
        pipeline.repair_domains = options.repair_domains;
        pipeline.shard.clone_from(&options.shard);
        Ok(ReadAs { header: file.header.clone(), options, pipeline })
    }

    fn extractor(&self, is_row: bool) -> Result<Extractor, Error> {
        self.options.extractor(self.header.as_deref().filter(|_| is_row))
    }
}

impl Worker {
    fn read(
        &mut self,
        payloads: &[StoredPayload],
        files: &HashMap<i64, ReadAs>,
        wanted: &Wanted,
        values: bool,
    ) -> Result<Vec<Told>, Error> {
        let mut all = Vec::with_capacity(payloads.len());
        for payload in payloads {
            let what = || format!("payload {}", payload.id);
            let file = files.get(&payload.file).ok_or_else(|| {
                unreadable(&what(), &format!("it is of file {}, which is not there", payload.file))
            })?;
            if file.options.documents {
                continue;
            }
            let extractor = match self.by_file.entry((payload.file, payload.is_row)) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(free) => free.insert(file.extractor(payload.is_row)?),
            };
            let records = extractor
                .extract(&payload.body)
                .map_err(|error| unreadable(&what(), &error.to_string()).with_cause(error))?;
            all.extend(records.iter().filter_map(|fields| tell(fields, payload, file, wanted, values)));
        }
        Ok(all)
    }
}

fn tell(
    fields: &FieldSet,
    payload: &StoredPayload,
    file: &ReadAs,
    wanted: &Wanted,
    values: bool,
) -> Option<Told> {
    let mut said = Vec::new();
    let keys = read(fields, &file.pipeline, &mut |attribute, raw| {
        if values {
            said.push((attribute, raw));
        }
    });
    // A record that was taken and that no rule gives a key any more speaks of nobody.
    let keys = keys.ok().filter(|keys| file.pipeline.keeps(keys))?;
    let Keys { company, person, .. } = keys;
    let company = company.filter(|key| wanted.has(EntityKind::Company, key));
    let person = person.filter(|key| wanted.has(EntityKind::Person, key));
    said.retain(|(attribute, _)| match attribute.spec().entity {
        EntityKind::Company => company.is_some(),
        EntityKind::Person => person.is_some(),
    });
    (company.is_some() || person.is_some()).then(|| Told {
        payload: payload.id,
        observed_at: payload.observed_at,
        source: file.pipeline.source.clone(),
        repairs: file.pipeline.repair_domains,
        company,
        person,
        said,
    })
}

fn unreadable(what: &str, why: &str) -> Error {
    Error::new(ErrorKind::Environment, "payload-unreadable", format!("{what} cannot be read again: {why}"))
        .with_help("the tables were changed by hand or by another version: see `firmograph doctor`")
}

/// Reads some of the stored payloads again, page by page, and gives what they say about those who are wanted to `sink`; without
/// `values`, the keys alone.
pub(crate) async fn replay(
    store: &mut Store,
    readers: &mut Readers,
    which: Payloads<'_>,
    wanted: &Wanted,
    values: bool,
    sink: &mut (dyn FnMut(Told) + Send),
) -> Result<(), Error> {
    let (mut after, mut limit) = (None, FIRST_PAGE);
    loop {
        let page = store.payload_page(which, after, limit).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id);
        let is_last = page.len() < limit;
        let bytes: usize = page.iter().map(|payload| payload.body.len()).sum();
        // Ids are hashes, so the next page's payloads are about as long as this one's.
        limit = (PAGE_BYTES * page.len() / bytes.max(1)).clamp(16, MOST_OF_A_PAGE);
        readers.read(page, wanted, values)?.into_iter().for_each(&mut *sink);
        if is_last {
            return Ok(());
        }
    }
}

/// Everybody of whom some of the payloads speak.
pub(crate) async fn named(
    store: &mut Store,
    readers: &mut Readers,
    which: Payloads<'_>,
    wanted: &Wanted,
) -> Result<[BTreeSet<Arc<str>>; 2], Error> {
    let (mut companies, mut persons) = (BTreeSet::new(), BTreeSet::new());
    replay(store, readers, which, wanted, false, &mut |told| {
        for (key, keys) in [(told.company, &mut companies), (told.person, &mut persons)] {
            if let Some(key) = key.filter(|key| !keys.contains(&**key)) {
                keys.insert(Arc::from(key));
            }
        }
    })
    .await?;
    Ok([companies, persons])
}

/// Payloads whose keys stand for those of all.
const SAMPLE: usize = 8_192;

/// Companies and persons of whom a fair sample of the payloads speaks, each as often as it is named. Ids are hashes, so the
/// payloads with the least ids are such a sample.
pub(crate) async fn sampled(store: &mut Store, readers: &mut Readers) -> Result<[Vec<Box<str>>; 2], Error> {
    let page = store.payload_page(Payloads::Believed, None, SAMPLE).await?;
    let (mut companies, mut persons) = (Vec::new(), Vec::new());
    for told in readers.read(page, &Wanted::All, false)? {
        companies.extend(told.company);
        persons.extend(told.person);
    }
    Ok([companies, persons])
}
