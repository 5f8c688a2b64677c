use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE};
use firmograph_core::{Error, ErrorKind};

/// The encoding of a file, and how it was found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chosen {
    pub(crate) encoding: &'static Encoding,
    /// Neither asked for, nor marked, nor proven by the bytes.
    pub(crate) guessed: bool,
    /// Length of the byte order mark.
    pub(crate) mark: usize,
}

impl Chosen {
    /// Whether rows can be found before decoding: delimiters and line ends are single ASCII bytes.
    pub(crate) fn is_row_wise(self) -> bool {
        self.encoding.is_ascii_compatible() && self.encoding != ISO_2022_JP
    }
}

/// Decides the encoding from the first bytes of a file, `complete` if they are all of it.
pub(crate) fn decide(sample: &[u8], complete: bool, asked: Option<&str>) -> Result<Chosen, Error> {
    let marked = Encoding::for_bom(sample);
    if let Some(label) = asked {
        let encoding = Encoding::for_label_no_replacement(label.as_bytes()).ok_or_else(|| {
            Error::new(ErrorKind::Usage, "unknown-encoding", format!("{label:?} is not an encoding"))
                .with_help(
                    "name it as browsers do: utf-8, utf-16le, windows-1252, iso-8859-2, shift_jis, gbk, ...",
                )
        })?;
        let mark = marked.filter(|(of, _)| *of == encoding).map_or(0, |(_, length)| length);
        return Ok(Chosen { encoding, guessed: false, mark });
    }
    if let Some((encoding, mark)) = marked {
        return Ok(Chosen { encoding, guessed: false, mark });
    }
    if let Some(encoding) = unmarked_utf16(sample) {
        return Ok(Chosen { encoding, guessed: true, mark: 0 });
    }
    let (sound, broken) = utf8_evidence(sample, complete);
    if broken == 0 {
        return Ok(Chosen { encoding: UTF_8, guessed: false, mark: 0 });
    }
    // A damaged row in a UTF-8 file must not turn every other row into mojibake.
    if sound >= 4 * broken {
        return Ok(Chosen { encoding: UTF_8, guessed: true, mark: 0 });
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(sample, complete);
    Ok(Chosen { encoding: detector.guess(None, Utf8Detection::Deny), guessed: true, mark: 0 })
}

/// UTF-16 without a mark, when it is clear: almost every other byte of Western text is zero.
fn unmarked_utf16(sample: &[u8]) -> Option<&'static Encoding> {
    let pairs = &sample[..sample.len().min(8192) & !1];
    if pairs.len() < 4 {
        return None;
    }
    let zeros = |at: usize| pairs.chunks_exact(2).filter(|pair| pair[at] == 0).count() * 10;
    let half = pairs.len() / 2;
    match (zeros(0), zeros(1)) {
        (even, odd) if odd >= 7 * half && even <= half => Some(UTF_16LE),
        (even, odd) if even >= 7 * half && odd <= half => Some(UTF_16BE),
        _ => None,
    }
}

/// Sound multi-byte sequences and broken ones; a sequence that the sample cuts off is neither.
fn utf8_evidence(sample: &[u8], complete: bool) -> (usize, usize) {
    let (mut sound, mut broken) = (0, 0);
    let mut rest = sample;
    loop {
        let (valid, error) = match std::str::from_utf8(rest) {
            Ok(text) => (text, None),
            Err(error) => {
                (std::str::from_utf8(&rest[..error.valid_up_to()]).unwrap_or_default(), Some(error))
            }
        };
        sound += valid.bytes().filter(|&byte| byte >= 0xC0).count();
        let Some(error) = error else { return (sound, broken) };
        match error.error_len() {
            Some(length) => {
                broken += 1;
                rest = &rest[error.valid_up_to() + length..];
            }
            None => return (sound, broken + usize::from(complete)),
        }
    }
}

/// Turns a stream of an encoding that cannot be split row by row into UTF-8.
///
/// Malformed input becomes the byte 0xFF, which no UTF-8 has, so that the row it stands in is rejected as badly encoded
/// and does not pass with replacement characters.
pub(crate) struct Transcoder {
    decoder: encoding_rs::Decoder,
    raw: Vec<u8>,
    start: usize,
    end: usize,
    last: bool,
    done: bool,
}

impl Transcoder {
    pub(crate) fn new(encoding: &'static Encoding) -> Transcoder {
        let decoder = encoding.new_decoder_without_bom_handling();
        Transcoder { decoder, raw: vec![0; 64 * 1024], start: 0, end: 0, last: false, done: false }
    }

    /// Fills some of `buffer`; `more` gives raw bytes and 0 at the end.
    pub(crate) fn read(
        &mut self,
        buffer: &mut [u8],
        mut more: impl FnMut(&mut [u8]) -> Result<usize, Error>,
    ) -> Result<usize, Error> {
        let Some(room) = buffer.len().checked_sub(1) else { return Ok(0) };
        let mut written = 0;
        while !self.done {
            if self.start == self.end && !self.last {
                match more(&mut self.raw) {
                    Ok(read) => {
                        (self.start, self.end, self.last) = (0, read, read == 0);
                    }
                    Err(error) => {
                        self.done = true;
                        return Err(error);
                    }
                }
            }
            let raw = &self.raw[self.start..self.end];
            let (result, used, count) =
                self.decoder.decode_to_utf8_without_replacement(raw, &mut buffer[written..room], self.last);
            self.start += used;
            written += count;
            match result {
                DecoderResult::InputEmpty => self.done = self.last,
                DecoderResult::OutputFull => break,
                DecoderResult::Malformed(..) => {
                    buffer[written] = 0xFF;
                    written += 1;
                    if written >= room {
                        break;
                    }
                }
            }
            if written > 0 && self.start == self.end {
                break;
            }
        }
        Ok(written)
    }
}

/// Decodes the text of one cell; `None` where a byte has no meaning in `encoding`.
pub(crate) fn decode<'a>(encoding: &'static Encoding, cell: &'a [u8]) -> Option<std::borrow::Cow<'a, str>> {
    encoding.decode_without_bom_handling_and_without_replacement(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(sample: &[u8]) -> (&'static str, bool) {
        let chosen = decide(sample, true, None).unwrap();
        (chosen.encoding.name(), chosen.guessed)
    }

    #[test]
    fn a_mark_or_sound_utf8_is_certain_and_the_rest_is_a_guess() {
        assert_eq!(name(b"Email,Name"), ("UTF-8", false));
        assert_eq!(name("Email,Zoë".as_bytes()), ("UTF-8", false));
        assert_eq!(name(b"\xff\xfeE\0"), ("UTF-16LE", false));
        assert_eq!(name(b"E\0m\0a\0i\0l\0"), ("UTF-16LE", true));
        assert_eq!(name(b"\0E\0m\0a\0i\0l"), ("UTF-16BE", true));
        assert_eq!(name(b"Name,City\nJos\xe9,M\xfcnchen\n"), ("windows-1252", true));
    }

    #[test]
    fn one_damaged_row_does_not_make_a_file_another_encoding() {
        let mut sample = "Zoë,München,São Paulo,Łódź\n".repeat(5).into_bytes();
        sample.extend_from_slice(b"Jos\xe9,x\n");
        assert_eq!(name(&sample), ("UTF-8", true));
    }

    #[test]
    fn a_cut_sequence_at_the_end_of_a_sample_says_nothing() {
        let text = "Zoë".as_bytes();
        assert!(!decide(&text[..text.len() - 1], false, None).unwrap().guessed);
    }
}
