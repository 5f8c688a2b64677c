use crate::bytes::Stream;
use firmograph_core::Error;
use memchr::memchr_iter;

/// A window on the stream: the bytes from the start of the current record on, and the line it starts on.
///
/// It grows by what the caller asks for and never shrinks; callers stop asking at their record limit, which bounds it.
pub(crate) struct Window {
    stream: Stream,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    line: u64,
    at_end: bool,
    failure: Option<Error>,
}

/// How much is read at once.
const CHUNK: usize = 128 * 1024;

impl Window {
    pub(crate) fn new(stream: Stream) -> Window {
        Window { stream, buffer: Vec::new(), start: 0, end: 0, line: 1, at_end: false, failure: None }
    }

    pub(crate) fn data(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// The physical line of the first byte of [`Window::data`].
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Appends more of the stream; false at its end. A stream that breaks ends here too: see [`Window::failure`].
    pub(crate) fn fill(&mut self) -> bool {
        if self.at_end {
            return false;
        }
        if self.buffer.len() - self.end < CHUNK {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            if self.buffer.len() - self.end < CHUNK {
                self.buffer.resize(self.end + 2 * CHUNK, 0);
            }
        }
        match self.stream.read(&mut self.buffer[self.end..]) {
            Ok(0) => self.at_end = true,
            Ok(read) => self.end += read,
            Err(error) => {
                self.at_end = true;
                self.failure = Some(error);
            }
        }
        !self.at_end
    }

    /// Reads on until at least `wanted` bytes are here or the stream ends.
    pub(crate) fn fill_to(&mut self, wanted: usize) {
        while self.data().len() < wanted && self.fill() {}
    }

    /// What broke the stream, once; its last record is then cut and must not be taken.
    pub(crate) fn failure(&mut self) -> Option<Error> {
        self.failure.take()
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Drops the first `count` bytes and counts the lines that end in them.
    pub(crate) fn consume(&mut self, count: usize) {
        let gone = &self.buffer[self.start..self.start + count];
        let after = self.buffer.get(self.start + count).filter(|_| self.start + count < self.end);
        self.line += line_ends(gone, after.copied());
        self.start += count;
    }

    /// Drops everything up to and including the next line end, however far it is.
    pub(crate) fn skip_line(&mut self) {
        loop {
            if let Some(length) = self.line_length() {
                self.consume(length);
                return;
            }
            self.consume(self.data().len());
            if !self.fill() {
                return;
            }
        }
    }

    /// The length of the first line with its end, if the end is in the window. Reads one byte on after a CR.
    pub(crate) fn line_length(&mut self) -> Option<usize> {
        let at = memchr::memchr2(b'\n', b'\r', self.data())?;
        Some(at + self.line_end_length(at))
    }

    /// The length of the line end that starts at `at`: CRLF is one.
    pub(crate) fn line_end_length(&mut self, at: usize) -> usize {
        if self.data()[at] == b'\r' {
            self.fill_to(at + 2);
            return 1 + usize::from(self.data().get(at + 1) == Some(&b'\n'));
        }
        1
    }

    pub(crate) fn bytes_read(&self) -> u64 {
        self.stream.bytes_read()
    }
}

/// Line ends in `bytes`, which are followed by `after`: LF, CRLF and a CR alone each count one.
pub(crate) fn line_ends(bytes: &[u8], after: Option<u8>) -> u64 {
    let feeds = memchr_iter(b'\n', bytes).count() as u64;
    let alone = |at: usize| bytes.get(at + 1).copied().or(after) != Some(b'\n');
    feeds + memchr_iter(b'\r', bytes).filter(|&at| alone(at)).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_counts_once() {
        assert_eq!(line_ends(b"a\r\nb\nc\rd", None), 3);
        assert_eq!(line_ends(b"a\r", Some(b'\n')), 0);
        assert_eq!(line_ends(b"a\r", None), 1);
    }
}
