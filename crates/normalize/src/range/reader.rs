//! From text to tokens.

use super::Counts;
use super::currency::{Named, code_of, scaled_code_of};
use super::number::Number;
use super::words::{Entry, Word, look_up, word_end};

const MOST_TOKENS: usize = 12;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    Number(Number),
    Dash,
    To,
    And,
    Plus,
    More,
    Less,
    Least,
    Most,
    Up,
    From,
    No,
    Month(u8),
    Separator,
}

pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) counts: Counts,
    pub(super) tokens: [Token; MOST_TOKENS],
    pub(super) count: usize,
    pub(super) approximate: bool,
    pub(super) named: Named,
    /// A word of a language that writes a decimal comma was read.
    pub(super) foreign: bool,
    /// `between` was read: the next `and` is not part of a number.
    pub(super) between: bool,
    /// A scale written before its number: `MEUR 5`.
    pub(super) scale_before: Option<i32>,
    /// A scale that means two things was read: `mil` is a million in English and a thousand in Spanish.
    pub(super) mil: bool,
    /// `T` is a trillion in English, and a thousand before a euro or a franc.
    pub(super) terse_t: bool,
    /// A number whose separator is a decimal one in one language and of thousands in another, with a scale: `1,500 Mio`.
    pub(super) doubtful: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], counts: Counts) -> Self {
        Reader {
            bytes,
            at: 0,
            counts,
            tokens: [Token::Dash; MOST_TOKENS],
            count: 0,
            approximate: false,
            named: Named::default(),
            foreign: false,
            between: false,
            scale_before: None,
            mil: false,
            terse_t: false,
            doubtful: false,
        }
    }

    pub(super) fn push(&mut self, token: Token) -> Result<(), &'static str> {
        let place = self.tokens.get_mut(self.count).ok_or("not_a_range")?;
        *place = token;
        self.count += 1;
        Ok(())
    }

    pub(super) fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    /// The word at `start`, which is empty where none is.
    pub(super) fn word_at(&self, start: usize) -> &'a [u8] {
        let known = |piece: &[u8]| look_up(piece).is_some() || code_of(piece).is_some();
        &self.bytes[start..word_end(self.bytes, start, known)]
    }

    /// Where the next thing that is no blank stands.
    pub(super) fn past_blanks(&self, from: usize) -> usize {
        from + self.bytes[from..].iter().take_while(|c| **c == b' ').count()
    }

    pub(super) fn read(&mut self) -> Result<(), &'static str> {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b':' | b'"' | b'*' | b'=' | b'\'' => self.at += 1,
                // `51_200` in the names that programs give to ranges.
                b'_' if self.follows_number() && self.peek(1).is_ascii_digit() => {
                    self.sign(Token::Dash, 1)?
                }
                b'_' => self.at += 1,
                b'0'..=b'9' => self.read_number()?,
                b'.' if self.peek(1) == b'.' && self.follows_number() => {
                    self.at += self.bytes[self.at..].iter().take_while(|c| **c == b'.').count();
                    if self.at < self.bytes.len() {
                        self.push(Token::To)?;
                    }
                }
                b'.' if self.peek(1).is_ascii_digit() => self.read_number()?,
                b'.' | b',' | b';' => self.at += 1,
                b'-' => self.sign(Token::Dash, 1)?,
                b'+' => self.sign(Token::Plus, 1)?,
                b'~' => {
                    // `10~50` is how East Asia writes a range.
                    self.at += 1;
                    if self.follows_number() {
                        self.push(Token::To)?;
                    } else {
                        self.approximate = true;
                    }
                }
                // `50 <` may be said of the number or of what it is compared with.
                b'<' | b'>' if self.follows_number() => return Err("ambiguous_sign"),
                b'<' | b'>' => {
                    let equal = self.peek(1) == b'=' || self.at > 0 && self.bytes[self.at - 1] == b'=';
                    let token = match (byte, equal) {
                        (b'<', true) => Token::Most,
                        (b'<', false) => Token::Less,
                        (_, true) => Token::Least,
                        (_, false) => Token::More,
                    };
                    self.sign(token, 1 + usize::from(self.peek(1) == b'='))?;
                }
                b'/' => self.sign(Token::Separator, 1)?,
                b'&' => self.sign(Token::And, 1)?,
                b'$' if self.counts == Counts::Dollars => {
                    self.named.sign = true;
                    self.at += 1;
                }
                b'(' | b'[' => self.bracket()?,
                b'a'..=b'z' | 0x80.. => self.read_word()?,
                _ => return Err("unknown_word"),
            }
        }
        Ok(())
    }

    fn sign(&mut self, token: Token, width: usize) -> Result<(), &'static str> {
        self.at += width;
        self.push(token)
    }

    fn follows_number(&self) -> bool {
        self.count > 0 && matches!(self.tokens[self.count - 1], Token::Number(_))
    }

    /// A note in brackets says nothing; a number in brackets is how accountants write a loss.
    fn bracket(&mut self) -> Result<(), &'static str> {
        let rest = &self.bytes[self.at..];
        let end = rest.iter().position(|c| matches!(c, b')' | b']')).ok_or("not_a_range")?;
        if rest[..end].iter().any(u8::is_ascii_digit) {
            return Err(if self.count == 0 { "negative" } else { "several_numbers" });
        }
        if self.count == 0 && end + 1 == rest.len() {
            return Err("not_a_range");
        }
        // `5M (EUR)` is no note.
        let note = rest[1..end].trim_ascii();
        if self.counts == Counts::Dollars
            && let Some(code) = code_of(note)
        {
            self.named.add(code)?;
        }
        self.at += end + 1;
        Ok(())
    }

    fn read_word(&mut self) -> Result<(), &'static str> {
        let word = self.word_at(self.at);
        if word.is_empty() {
            return Err("unknown_word");
        }
        let start = self.at;
        self.at += word.len();
        // The letter o is mistyped as a nought: `51 t0 200`.
        if word == b"t" && self.peek(0) == b'0' && !self.peek(1).is_ascii_digit() {
            self.at += 1;
            return self.push(Token::To);
        }
        // `A$` and `R$` are dollars of somebody else, or reals.
        if self.peek(0) == b'$'
            && self.counts == Counts::Dollars
            && let Some(code) = code_of(&self.bytes[start..=self.at])
        {
            self.at += 1;
            return self.named.add(code);
        }
        if matches!(word, b"a" | b"an") {
            return self.article(word);
        }
        // `O` is `or` in Spanish and Italian.
        if word == b"o" && self.follows_number() {
            return self.push(Token::And);
        }
        let Some(Entry { word: role, foreign }) = look_up(word) else { return self.currency(word) };
        self.foreign |= foreign;
        let token = match role {
            Word::Filler => return Ok(()),
            Word::People if self.counts == Counts::People => return Ok(()),
            Word::Money if self.counts == Counts::Dollars => return Ok(()),
            Word::People | Word::Money => return Err("unknown_word"),
            Word::About => {
                self.approximate = true;
                return Ok(());
            }
            Word::Between => {
                self.between = true;
                return Ok(());
            }
            Word::Minus => return Err("negative"),
            Word::Number(value) => return self.spelled(value),
            Word::Half => return self.part(5, -1),
            Word::Quarter => return self.part(25, -2),
            Word::Scale(power) if word[0] >= 0x80 && power <= 8 => return self.spelled_scale(power),
            // `Millions` and a lone `million` name no number.
            Word::Scale(_) => return Err("vague"),
            Word::To => Token::To,
            Word::And => Token::And,
            Word::Plus => Token::Plus,
            Word::More => Token::More,
            Word::Less => Token::Less,
            Word::Least => Token::Least,
            Word::Most => Token::Most,
            Word::Up => Token::Up,
            Word::From => Token::From,
            Word::No => Token::No,
            Word::Month(month) => Token::Month(month),
        };
        self.push(token)
    }

    /// `A million` is one; `10 a 50` is a range in Spanish and Portuguese.
    fn article(&mut self, word: &[u8]) -> Result<(), &'static str> {
        let next = look_up(self.word_at(self.past_blanks(self.at))).map(|entry| entry.word);
        match next {
            Some(Word::Scale(_)) if !self.follows_number() => self.spelled(1),
            _ if word == b"a" && self.follows_number() => self.push(Token::To),
            _ => Ok(()),
        }
    }

    fn currency(&mut self, word: &[u8]) -> Result<(), &'static str> {
        if self.counts == Counts::People {
            return Err("unknown_word");
        }
        if let Some(code) = code_of(word) {
            return self.named.add(code);
        }
        let (code, power) = scaled_code_of(word).ok_or("unknown_word")?;
        self.named.add(code)?;
        if self.count > 0 {
            for token in &mut self.tokens[..self.count] {
                if let Token::Number(number) = token {
                    number.scale_by(power);
                }
            }
        } else {
            self.scale_before = Some(power);
        }
        Ok(())
    }
}
