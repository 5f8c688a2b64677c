//! Numbers in words: `two hundred and fifty thousand`, `half a million`, `zehn Millionen`.

use super::number::Number;
use super::reader::{Reader, Token};
use super::words::{Word, look_up};

impl Reader<'_> {
    /// Reads on behind a first number word.
    pub(super) fn spelled(&mut self, first: u64) -> Result<(), &'static str> {
        let (mut total, mut current, mut last, mut scale) = (0_u64, Some(first), i32::MAX, 0);
        loop {
            let (word, end) = self.next_word(current);
            match (word, current) {
                (Some(Word::Scale(2)), Some(hundreds @ 1..=99)) => current = Some(hundreds * 100),
                (Some(Word::Scale(power)), Some(value)) if power > 2 && power < last => {
                    if self.bytes[..end].ends_with(b"mil") {
                        self.mil = true;
                    }
                    let ten = 10_u64.checked_pow(power.unsigned_abs()).ok_or("implausible")?;
                    let group = value.checked_mul(ten).ok_or("implausible")?;
                    total = total.checked_add(group).ok_or("implausible")?;
                    (current, last, scale) = (None, power, power);
                }
                // `Hundred thousand million`.
                (Some(Word::Scale(power)), None) if power > 2 && last != i32::MAX => {
                    let ten = 10_u64.checked_pow(power.unsigned_abs()).ok_or("implausible")?;
                    total = total.checked_mul(ten).ok_or("implausible")?;
                    (last, scale) = (0, scale + power);
                }
                (Some(Word::Number(value)), None) if value < 100 => current = Some(value),
                (Some(Word::Number(value)), Some(before)) if joins(before, value) => {
                    current = Some(before + value)
                }
                _ => break,
            }
            self.at = end;
        }
        let mantissa = total.checked_add(current.unwrap_or(0)).ok_or("implausible")?;
        let mut number = Number::whole(mantissa);
        (number.scaled, number.scale) = (scale > 0, scale);
        self.and_a_half(&mut number);
        self.push(Token::Number(number))
    }

    /// A scale of a language that needs no number before it: `百人`.
    pub(super) fn spelled_scale(&mut self, power: i32) -> Result<(), &'static str> {
        let mut number = Number::whole(1);
        number.scale_by(power);
        self.scales(&mut number);
        self.push(Token::Number(number))
    }

    /// `Half a million`, `quarter of a million`: a part of a scale, and of nothing else.
    pub(super) fn part(&mut self, mantissa: u64, exponent: i32) -> Result<(), &'static str> {
        let mut number = Number { exponent, ..Number::whole(mantissa) };
        loop {
            let start = self.past_blanks(self.at);
            let word = self.word_at(start);
            if !matches!(word, b"a" | b"an" | b"of") {
                break;
            }
            self.at = start + word.len();
        }
        self.scales(&mut number);
        if number.scaled { self.push(Token::Number(number)) } else { Err("vague") }
    }

    /// `Two and a half million`.
    pub(super) fn and_a_half(&mut self, number: &mut Number) {
        let rest = &self.bytes[self.past_blanks(self.at)..];
        let half: &[u8] = b"and a half";
        if number.scaled || number.exponent != 0 || !rest.starts_with(half) {
            return;
        }
        let at = self.at;
        self.at = self.past_blanks(at) + half.len();
        let mut with_half = Number {
            mantissa: number.mantissa.saturating_mul(10).saturating_add(5),
            exponent: -1,
            ..*number
        };
        self.scales(&mut with_half);
        if with_half.scaled {
            *number = with_half;
        } else {
            self.at = at;
        }
    }

    /// The next word of a number and its end. An `and` is passed over where it can only stand inside a number.
    fn next_word(&self, current: Option<u64>) -> (Option<Word>, usize) {
        let at = |start: usize| {
            let word = self.word_at(start);
            (look_up(word).map(|entry| entry.word), start + word.len())
        };
        let blank = self.past_blanks(self.at);
        // A hyphen joins tens and units alone.
        if self.peek(0) == b'-' && current.is_some_and(|value| value % 100 >= 20) {
            return at(self.at + 1);
        }
        let (word, end) = at(blank);
        if word == Some(Word::And)
            && !self.between
            && current.is_none_or(|value| value > 0 && value % 100 == 0)
        {
            let after = at(self.past_blanks(end));
            let then = look_up(self.word_at(self.past_blanks(after.1))).map(|entry| entry.word);
            if matches!(after.0, Some(Word::Number(0..=99))) && !matches!(then, Some(Word::Scale(2))) {
                return after;
            }
        }
        (word, end)
    }
}

/// Whether `value` goes on with what `before` began: `twenty` and `five`, `hundred` and `fifty`.
fn joins(before: u64, value: u64) -> bool {
    let tens = before % 100;
    value > 0
        && (value < 10 && tens >= 20 && tens.is_multiple_of(10) || value < 100 && before >= 100 && tens == 0)
}
