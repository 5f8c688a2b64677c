//! From text to tokens.

use super::Counts;
use super::number::Number;
use super::words::{is_other_currency, is_unit, month, small, spelled_scale, word_end};

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
    Month(u8),
    Separator,
}

pub(super) enum Word {
    Filler,
    About,
    Token(Token),
    Scale(i32),
    Small(u64),
    OtherCurrency,
    Unknown,
}

pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) counts: Counts,
    pub(super) tokens: [Token; MOST_TOKENS],
    pub(super) count: usize,
    pub(super) approximate: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], counts: Counts) -> Self {
        Reader { bytes, at: 0, counts, tokens: [Token::Dash; MOST_TOKENS], count: 0, approximate: false }
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

    pub(super) fn read(&mut self) -> Result<(), &'static str> {
        while let Some(&byte) = self.bytes.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' | b':' | b'"' | b'*' => self.at += 1,
                b'0'..=b'9' => self.read_number()?,
                b'.' if self.peek(1).is_ascii_digit() => self.read_number()?,
                b'.' | b',' | b';' => self.at += 1,
                b'-' => self.sign(Token::Dash, 1)?,
                b'+' => self.sign(Token::Plus, 1)?,
                b'~' => {
                    // `10~50` is how East Asia writes a range.
                    let between = matches!(self.last(), Some(Token::Number(_)));
                    self.at += 1;
                    if between {
                        self.push(Token::To)?;
                    } else {
                        self.approximate = true;
                    }
                }
                b'<' => {
                    let equal = self.peek(1) == b'=';
                    self.sign(if equal { Token::Most } else { Token::Less }, 1 + usize::from(equal))?;
                }
                b'>' => {
                    let equal = self.peek(1) == b'=';
                    self.sign(if equal { Token::Least } else { Token::More }, 1 + usize::from(equal))?;
                }
                b'=' => self.at += 1,
                b'/' => self.sign(Token::Separator, 1)?,
                b'$' if self.counts == Counts::Dollars => self.at += 1,
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

    fn last(&self) -> Option<Token> {
        self.count.checked_sub(1).map(|place| self.tokens[place])
    }

    /// A note in brackets says nothing; a number in brackets is how accountants write a loss.
    fn bracket(&mut self) -> Result<(), &'static str> {
        let rest = &self.bytes[self.at..];
        let end = rest.iter().position(|c| matches!(c, b')' | b']')).ok_or("not_a_range")?;
        if rest[..end].iter().any(u8::is_ascii_digit) {
            return Err(if self.count == 0 { "negative" } else { "not_a_range" });
        }
        if self.count == 0 && end + 1 == rest.len() {
            return Err("not_a_range");
        }
        self.at += end + 1;
        Ok(())
    }

    fn read_word(&mut self) -> Result<(), &'static str> {
        let start = self.at;
        let end = word_end(self.bytes, start);
        let word = &self.bytes[start..end];
        self.at = end;
        // The letter o is mistyped as a nought: `51 t0 200`.
        if word == b"t" && self.peek(0) == b'0' && !self.peek(1).is_ascii_digit() {
            self.at += 1;
            return self.push(Token::To);
        }
        if self.peek(0) == b'$' {
            // `A$`, `HK$`, `R$`: dollars of somebody else, or reals.
            return if matches!(word, b"us" | b"usd" | b"u") { Ok(()) } else { Err("other_currency") };
        }
        match self.word(word) {
            Word::Filler => Ok(()),
            Word::About => {
                self.approximate = true;
                Ok(())
            }
            Word::Token(token) => self.push(token),
            Word::Scale(power) => {
                // `a million`; a scale behind digits was taken with them.
                let mut number = Number {
                    mantissa: 1,
                    exponent: power,
                    scaled: true,
                    scale: power,
                    scientific: false,
                    digits: 1,
                };
                self.scales(&mut number);
                self.push(Token::Number(number))
            }
            Word::Small(value) => {
                let mut number = Number {
                    mantissa: value,
                    exponent: 0,
                    scaled: false,
                    scale: 0,
                    scientific: false,
                    digits: 1,
                };
                if value >= 20 {
                    self.units(&mut number);
                }
                self.scales(&mut number);
                self.push(Token::Number(number))
            }
            Word::OtherCurrency if self.counts == Counts::Dollars => Err("other_currency"),
            Word::OtherCurrency | Word::Unknown => Err("unknown_word"),
        }
    }

    fn word(&self, word: &[u8]) -> Word {
        let token = match word {
            b"to" | b"bis" | b"until" | b"till" | b"thru" | b"through" | b"hasta" | b"tot" => Token::To,
            b"a" => {
                return if matches!(self.last(), Some(Token::Number(_))) {
                    Word::Token(Token::To)
                } else {
                    Word::Filler
                };
            }
            b"and" | b"y" | b"et" | b"und" | b"or" | b"oder" | b"ou" | b"o" | b"&" => Token::And,
            b"plus" => Token::Plus,
            b"more" | b"over" | b"above" | b"greater" | b"exceeding" | b"exceeds" | b"mehr" | b"uber"
            | b"mas" | b"plusde" | b"higher" | b"larger" => Token::More,
            b"less" | b"under" | b"below" | b"fewer" | b"lower" | b"unter" | b"weniger" | b"menos"
            | b"moins" | b"smaller" => Token::Less,
            b"least" | b"min" | b"minimum" | b"upwards" | b"mindestens" => Token::Least,
            b"most" | b"max" | b"maximum" | b"hochstens" => Token::Most,
            b"up" => Token::Up,
            b"about" | b"approx" | b"approximately" | b"around" | b"circa" | b"ca" | b"c" | b"est"
            | b"estimated" | b"roughly" | b"nearly" | b"almost" | b"some" | b"environ" | b"etwa"
            | b"rund" | b"estimate" => {
                return Word::About;
            }
            b"than" | b"at" | b"from" | b"between" | b"of" | b"the" | b"de" | b"als" | b"von"
            | b"zwischen" | b"total" | b"entre" | b"que" | b"in" | b"per" | b"size" | b"range"
            | b"company" | b"linkedin" => return Word::Filler,
            _ => {
                if is_unit(word, self.counts) {
                    return Word::Filler;
                } else if let Some(month) = month(word) {
                    Token::Month(month)
                } else if let Some(power) = spelled_scale(word) {
                    return Word::Scale(power);
                } else if let Some(value) = small(word) {
                    return Word::Small(value);
                } else if is_other_currency(word) {
                    return Word::OtherCurrency;
                } else {
                    return Word::Unknown;
                }
            }
        };
        Word::Token(token)
    }
}
