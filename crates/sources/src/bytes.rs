use crate::bson_lines;
use crate::encoding::Transcoder;
use firmograph_core::{Error, ErrorKind};
use flate2::read::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The text of a file as bytes: unpacked, without its byte order mark, and in UTF-8 where a transcoder is set.
pub(crate) struct Stream {
    source: Source,
    transcoder: Option<Transcoder>,
    read: Arc<AtomicU64>,
    is_bson: bool,
}

/// How much of a file is looked at before anything is decided.
pub(crate) const SAMPLE: usize = 128 * 1024;

impl Stream {
    /// Opens `path`, unpacking gzip, which its first two bytes tell.
    pub(crate) fn open(path: &Path) -> Result<(Stream, Option<u64>), Error> {
        let name = path.display().to_string();
        let unreadable = |error: io::Error| cannot_read(&name, error);
        let file = File::open(path).map_err(unreadable)?;
        let size = file.metadata().ok().filter(|data| data.is_file()).map(|data| data.len());
        let read = Arc::new(AtomicU64::new(0));
        let mut file = Counted { inner: file, read: Arc::clone(&read) };
        let mut magic = Vec::with_capacity(2);
        file.by_ref().take(2).read_to_end(&mut magic).map_err(unreadable)?;
        let is_gzip = magic == [0x1f, 0x8b];
        let whole = Cursor::new(magic).chain(file);
        let reader: Box<dyn Read + Send> = if is_gzip {
            Box::new(MultiGzDecoder::new(BufReader::with_capacity(64 * 1024, whole)))
        } else {
            Box::new(whole)
        };
        let source = Source { reader, name, is_gzip, head: Vec::new(), taken: 0, broken: None };
        Ok((Stream { source, transcoder: None, read, is_bson: false }, size))
    }

    pub(crate) fn is_gzip(&self) -> bool {
        self.source.is_gzip
    }

    /// From now on gives what the file holds as lines of JSON: nothing may have been read yet.
    pub(crate) fn read_bson(&mut self) {
        let packed = std::mem::replace(&mut self.source.reader, Box::new(io::empty()));
        self.source.reader = Box::new(bson_lines::Lines::new(packed));
        self.is_bson = true;
    }

    pub(crate) fn is_bson(&self) -> bool {
        self.is_bson
    }

    /// The first bytes, up to [`SAMPLE`], and whether they are all there is. They will be read again.
    pub(crate) fn sample(&mut self) -> Result<(&[u8], bool), Error> {
        let source = &mut self.source;
        let mut filled = 0;
        source.head.resize(SAMPLE, 0);
        while filled < SAMPLE && source.broken.is_none() {
            match source.read_more(filled) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if filled == 0 => return Err(error),
                Err(error) => source.broken = Some(error),
            }
        }
        source.head.truncate(filled);
        Ok((&source.head, filled < SAMPLE))
    }

    /// Drops the first bytes of the sample: a byte order mark.
    pub(crate) fn skip(&mut self, count: usize) {
        self.source.taken = count;
    }

    pub(crate) fn transcode(&mut self, transcoder: Transcoder) {
        self.transcoder = Some(transcoder);
    }

    /// Reads into `buffer`, which must have room for some 16 bytes; 0 is the end.
    pub(crate) fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        match &mut self.transcoder {
            None => self.source.read(buffer),
            Some(transcoder) => transcoder.read(buffer, |raw| self.source.read(raw)),
        }
    }

    pub(crate) fn bytes_read(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }
}

struct Source {
    reader: Box<dyn Read + Send>,
    name: String,
    is_gzip: bool,
    head: Vec<u8>,
    taken: usize,
    broken: Option<Error>,
}

impl Source {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        if self.taken < self.head.len() {
            let rest = &self.head[self.taken..];
            let count = rest.len().min(buffer.len());
            buffer[..count].copy_from_slice(&rest[..count]);
            self.taken += count;
            return Ok(count);
        }
        if let Some(error) = self.broken.take() {
            return Err(error);
        }
        loop {
            match self.reader.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other.map_err(|error| self.explain(error)),
            }
        }
    }

    fn read_more(&mut self, filled: usize) -> Result<usize, Error> {
        loop {
            match self.reader.read(&mut self.head[filled..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other.map_err(|error| self.explain(error)),
            }
        }
    }

    fn explain(&self, error: io::Error) -> Error {
        let name = &self.name;
        match error.kind() {
            io::ErrorKind::UnexpectedEof if self.is_gzip => Error::new(
                ErrorKind::Environment,
                "truncated-gzip",
                format!("{name} ends in the middle of its compressed data; the rows before that were read"),
            )
            .with_help("fetch the file again: the copy is incomplete")
            .with_cause(error),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
                if self.is_gzip && !bson_lines::is_ours(&error) =>
            {
                Error::new(
                    ErrorKind::Environment,
                    "corrupt-gzip",
                    format!("{name} is damaged: {error}; the rows before that were read"),
                )
                .with_help("fetch the file again, or unpack what can be saved with gzip -dc")
                .with_cause(error)
            }
            io::ErrorKind::InvalidData => Error::new(
                ErrorKind::Environment,
                "corrupt-bson",
                format!("{name} is no sound BSON: {error}; the documents before that were read"),
            )
            .with_help("dump the collection again: the copy is incomplete or damaged")
            .with_cause(error),
            _ => cannot_read(name, error),
        }
    }
}

fn cannot_read(name: &str, error: io::Error) -> Error {
    Error::new(ErrorKind::Environment, "cannot-read", format!("cannot read {name}: {error}"))
        .with_cause(error)
}

/// Counts what is read of the file itself, packed as it is: a progress bar needs that.
struct Counted<R> {
    inner: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
