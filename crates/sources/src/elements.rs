use crate::window::Window;
use firmograph_core::Error;

/// Cuts JSON text into elements in bounded memory: lines, the elements of an array, or values one after the other.
pub(crate) struct Elements {
    window: Window,
    layout: Layout,
    limit: usize,
}

/// Where the elements stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// One a line.
    Lines,
    /// One after the other, as a single object or pretty-printed objects without an array around them.
    Values,
    /// Inside an array, whose opening bracket has been read. `wrapped`: the array is a value of an object.
    Array { wrapped: bool },
    /// Behind the array.
    Done { wrapped: bool },
}

/// One element, not yet taken. Lengths are in bytes of the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Element {
    End,
    /// An empty line.
    Blank(usize),
    /// The text of one element, with the white space and line end around it.
    Text(usize),
    /// An element longer than the limit; `skip` passes over it.
    TooLong,
    /// The file ends inside this element.
    Cut(usize),
    /// The file ends inside the array, or goes on behind its end.
    Loose(&'static str),
}

impl Elements {
    pub(crate) fn new(window: Window, layout: Layout, limit: usize) -> Elements {
        Elements { window, layout, limit }
    }

    pub(crate) fn next(&mut self) -> Result<Element, Error> {
        match self.layout {
            Layout::Lines => self.line(),
            Layout::Values | Layout::Array { .. } => self.value(),
            Layout::Done { wrapped } => self.rest(wrapped),
        }
    }

    pub(crate) fn data(&self, length: usize) -> &[u8] {
        let data = self.window.data();
        &data[..length.min(data.len())]
    }

    pub(crate) fn line_number(&self) -> u64 {
        self.window.line()
    }

    pub(crate) fn take(&mut self, length: usize) {
        self.window.consume(length);
    }

    pub(crate) fn bytes_read(&self) -> u64 {
        self.window.bytes_read()
    }

    /// Passes over an element that is too long.
    pub(crate) fn skip(&mut self) {
        if self.layout == Layout::Lines {
            return self.window.skip_line();
        }
        let mut scanner = Scanner::default();
        loop {
            if let Some(length) = scanner.scan(self.window.data()) {
                return self.window.consume(length);
            }
            // A CRLF that the window would cut in two must still count as one line.
            if self.window.data().last() == Some(&b'\r') && self.window.fill() {
                continue;
            }
            let length = self.window.data().len();
            scanner.forget(length);
            self.window.consume(length);
            if !self.window.fill() {
                return;
            }
        }
    }

    fn line(&mut self) -> Result<Element, Error> {
        let mut searched = 0;
        loop {
            let data = self.window.data();
            if let Some(at) = memchr::memchr(b'\n', &data[searched..]) {
                let length = searched + at + 1;
                let is_blank = data[..length].iter().all(u8::is_ascii_whitespace);
                return Ok(match length {
                    _ if is_blank => Element::Blank(length),
                    length if length > self.limit + 1 => Element::TooLong,
                    length => Element::Text(length),
                });
            }
            searched = data.len();
            if searched > self.limit {
                return Ok(Element::TooLong);
            }
            if !self.window.fill() {
                self.check_failure()?;
                let data = self.window.data();
                return Ok(match data.len() {
                    0 => Element::End,
                    length if data.iter().all(u8::is_ascii_whitespace) => Element::Blank(length),
                    length => Element::Text(length),
                });
            }
        }
    }

    fn value(&mut self) -> Result<Element, Error> {
        let in_array = matches!(self.layout, Layout::Array { .. });
        self.skip_space(if in_array { b"," } else { b"" });
        match self.window.data().first() {
            None => {
                self.check_failure()?;
                if in_array {
                    self.layout = Layout::Values;
                    return Ok(Element::Loose("the file ends inside the array"));
                }
                return Ok(Element::End);
            }
            Some(b']') if in_array => {
                self.window.consume(1);
                self.layout = Layout::Done { wrapped: self.layout == Layout::Array { wrapped: true } };
                return self.next();
            }
            Some(_) => {}
        }
        let mut scanner = Scanner::default();
        loop {
            if let Some(length) = scanner.scan(self.window.data()) {
                return Ok(if length > self.limit { Element::TooLong } else { Element::Text(length) });
            }
            if self.window.data().len() > self.limit {
                return Ok(Element::TooLong);
            }
            if !self.window.fill() {
                self.check_failure()?;
                return Ok(Element::Cut(self.window.data().len()));
            }
        }
    }

    /// Behind the array: nothing, or the rest of the object around it, which must not hold more records.
    fn rest(&mut self, wrapped: bool) -> Result<Element, Error> {
        self.layout = Layout::Values;
        let mut in_string = false;
        let mut escaped = false;
        let mut opened = false;
        let mut loose = false;
        loop {
            for &byte in self.window.data() {
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' => escaped = in_string,
                    b'"' => in_string = !in_string,
                    b'{' => loose |= opened,
                    _ => {}
                }
                // Another list of objects; a `meta` object or a list of names is no record.
                opened = !in_string && (byte == b'[' || (opened && byte.is_ascii_whitespace()));
                loose |= !wrapped && !byte.is_ascii_whitespace();
            }
            self.window.consume(self.window.data().len());
            if !self.window.fill() {
                self.check_failure()?;
                let cause = "the file goes on behind its array; what stands there was not read";
                return Ok(if loose { Element::Loose(cause) } else { Element::End });
            }
        }
    }

    fn skip_space(&mut self, also: &[u8]) {
        loop {
            let is_skipped = |byte: &u8| byte.is_ascii_whitespace() || also.contains(byte);
            let count = self.window.data().iter().take_while(|byte| is_skipped(byte)).count();
            self.window.consume(count);
            if !self.window.data().is_empty() || !self.window.fill() {
                return;
            }
        }
    }

    fn check_failure(&mut self) -> Result<(), Error> {
        match self.window.failure() {
            None => Ok(()),
            Some(error) => {
                self.window.consume(self.window.data().len());
                self.layout = Layout::Values;
                Err(error)
            }
        }
    }
}

/// Finds the end of one JSON value by its brackets and quotation marks; whether it is sound JSON is another question.
#[derive(Default)]
struct Scanner {
    at: usize,
    depth: usize,
    in_string: bool,
    escaped: bool,
    in_scalar: bool,
}

impl Scanner {
    /// The length of the value, once its end is in `data`; `data` must begin as it did in the last call.
    fn scan(&mut self, data: &[u8]) -> Option<usize> {
        while let Some(&byte) = data.get(self.at) {
            self.at += 1;
            if self.in_string {
                match byte {
                    _ if self.escaped => self.escaped = false,
                    b'\\' => self.escaped = true,
                    b'"' => {
                        self.in_string = false;
                        if self.depth == 0 {
                            return Some(self.at);
                        }
                    }
                    _ => {}
                }
                continue;
            }
            match byte {
                b',' | b']' | b'}' if self.in_scalar => return Some(self.at - 1),
                byte if self.in_scalar && byte.is_ascii_whitespace() => return Some(self.at - 1),
                b'"' => self.in_string = true,
                b'{' | b'[' => self.depth += 1,
                b'}' | b']' => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(self.at);
                    }
                }
                _ => self.in_scalar = self.depth == 0,
            }
        }
        None
    }

    fn forget(&mut self, count: usize) {
        self.at -= count;
    }
}
