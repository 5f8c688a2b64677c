//! Numbers as people write them: grouped, decimal, scientific, with a scale behind them.

use super::Counts;
use super::reader::{Reader, Token};
use super::words::{Entry, Word, look_up};

/// A decimal number `mantissa * 10^exponent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub(super) mantissa: u64,
    pub(super) exponent: i32,
    /// A scale (`k`, `million`) was written with it.
    pub(super) scaled: bool,
    /// Power of ten of that scale, already in `exponent`.
    pub(super) scale: i32,
    pub(super) scientific: bool,
    /// Count of digits before any separator: tells `2024-01-10` from `100-500-1000`.
    pub(super) digits: u8,
}

impl Number {
    pub(super) fn whole(mantissa: u64) -> Self {
        Number { mantissa, exponent: 0, scaled: false, scale: 0, scientific: false, digits: 1 }
    }

    /// Multiplies by a power of ten that was written as a scale.
    pub(super) fn scale_by(&mut self, power: i32) {
        self.exponent = self.exponent.saturating_add(power);
        self.scale = self.scale.saturating_add(power);
        self.scaled = true;
    }

    pub(super) fn value(self) -> Option<i64> {
        let ten = 10_u128.checked_pow(self.exponent.unsigned_abs())?;
        let mantissa = u128::from(self.mantissa);
        let value = if self.exponent >= 0 { mantissa.checked_mul(ten)? } else { mantissa / ten };
        i64::try_from(value).ok()
    }

    pub(super) fn has_fraction(self) -> bool {
        self.exponent < 0
            && 10_u64
                .checked_pow(self.exponent.unsigned_abs())
                .is_none_or(|ten| !self.mantissa.is_multiple_of(ten))
    }
}

impl Reader<'_> {
    pub(super) fn read_number(&mut self) -> Result<(), &'static str> {
        let mut number = self.scan_digits()?;
        if self.peek(0) == b'e' {
            let signed = usize::from(matches!(self.peek(1), b'+' | b'-'));
            if self.peek(1 + signed).is_ascii_digit() {
                let negative = self.peek(1) == b'-';
                self.at += 1 + signed;
                let mut power = 0_i32;
                while self.peek(0).is_ascii_digit() {
                    power = (power * 10 + i32::from(self.peek(0) - b'0')).min(99);
                    self.at += 1;
                }
                number.exponent += if negative { -power } else { power };
                number.scientific = true;
            }
        }
        self.and_a_half(&mut number);
        self.scales(&mut number);
        if let (Some(power), false) = (self.scale_before, number.scaled) {
            number.scale_by(power);
        }
        self.push(Token::Number(number))
    }

    /// Applies `k`, `million`, `hundred thousand` behind a number.
    pub(super) fn scales(&mut self, number: &mut Number) {
        loop {
            let start = self.past_blanks(self.at);
            let word = self.word_at(start);
            let end = start + word.len();
            // `51 t0 200` is a mistyped `to`, not trillions.
            if word == b"t" && self.bytes.get(end) == Some(&b'0') {
                return;
            }
            let Some(Entry { word: Word::Scale(mut power), foreign }) = look_up(word) else { return };
            self.at = end;
            if word == b"mil" {
                // `Mil millones` are a thousand millions, and only they say so.
                if matches!(self.word_at(self.past_blanks(end)), b"millones" | b"milhoes") {
                    power = 3;
                } else {
                    self.mil = true;
                }
            }
            self.terse_t |= word == b"t";
            self.foreign |= foreign;
            number.scale_by(power);
            if self.peek(0) == b'.' && !self.peek(1).is_ascii_digit() {
                self.at += 1;
            }
        }
    }

    /// Digits with separators: `10,001`, `10.001`, `10'001`, `1,00,000`, `1.5`, `1,5`, `1.000,50`.
    fn scan_digits(&mut self) -> Result<Number, &'static str> {
        let mut mantissa = 0_u64;
        let mut groups = [0_u8; 8];
        let mut separators = [0_u8; 8];
        let mut count = 0;
        loop {
            while self.peek(0).is_ascii_digit() {
                let digit = u64::from(self.peek(0) - b'0');
                mantissa =
                    mantissa.checked_mul(10).and_then(|ten| ten.checked_add(digit)).ok_or("implausible")?;
                groups[count] = groups[count].saturating_add(1);
                self.at += 1;
            }
            let separator = self.peek(0);
            let joins = match separator {
                b',' | b'.' | b'\'' => self.peek(1).is_ascii_digit(),
                b' ' | b'_' => self.blank_joins(&groups[..=count], &separators[..count]),
                _ => false,
            };
            if !joins || count == 7 {
                break;
            }
            separators[count] = separator;
            count += 1;
            self.at += 1;
        }
        let (groups, separators) = (&groups[..=count], &separators[..count]);
        let next = look_up(self.word_at(self.past_blanks(self.at)));
        let scale_next = next.filter(|next| matches!(next.word, Word::Scale(_)));
        let scaled_next = separators == [b'.'] && scale_next.is_some();
        // `1.500 Mio` and `1,500 Mio` are 1,500 million to one reader and 1.5 million to the other.
        self.doubtful |= matches!(separators, [b'.' | b','])
            && groups[1] == 3
            && groups[0] <= 3
            && mantissa >= 1000
            && scale_next.is_some_and(|next| next.foreign);
        let decimals = decimals(groups, separators, mantissa, scaled_next).ok_or("malformed_number")?;
        Ok(Number { exponent: -decimals, digits: groups[0], ..Number::whole(mantissa) })
    }

    /// Whether a blank, or a low line, groups thousands: `10 001`. `51 200` is more likely a range that lost its dash, so people are
    /// joined only where a third group follows, the second is one that ends a range, or is no round end of one. Amounts need no such care.
    fn blank_joins(&self, groups: &[u8], separators: &[u8]) -> bool {
        let blank = self.peek(0);
        let next = &self.bytes[self.at + 1..];
        let three = next.len() >= 3 && next[..3].iter().all(u8::is_ascii_digit);
        if !three || next.get(3).is_some_and(u8::is_ascii_digit) || groups[0] > 3 || groups[0] == 0 {
            return false;
        }
        if separators.iter().any(|&c| c != blank) {
            return false;
        }
        let more = next.get(3) == Some(&blank)
            && next.get(4..7).is_some_and(|three| three.iter().all(u8::is_ascii_digit));
        more || !separators.is_empty()
            || matches!(&next[..3], b"000" | b"001" | b"999")
            || blank == b' ' && self.counts == Counts::Dollars
            || blank == b' '
                && groups[0] == 1
                && (self.bytes[self.at - 1] != b'1' || !matches!(&next[1..3], b"00" | b"50"))
    }
}

/// How many digits stand behind the decimal separator; `None` where the separators make no number.
pub(super) fn decimals(groups: &[u8], separators: &[u8], mantissa: u64, scaled_next: bool) -> Option<i32> {
    let last = i32::from(*groups.last()?);
    let grouped = |groups: &[u8]| {
        let (Some((&end, middle)), true) = (groups[1..].split_last(), groups[0] <= 3) else { return false };
        end == 3 && (middle.iter().all(|&g| g == 3) || (groups[0] <= 2 && middle.iter().all(|&g| g == 2)))
    };
    match *separators {
        [] => Some(0),
        [separator] => {
            let thousands = last == 3 && (1..=3).contains(&groups[0]) && mantissa >= 1000;
            match separator {
                b'.' if thousands && !scaled_next => Some(0),
                b'.' => Some(last),
                b',' if thousands => Some(0),
                b',' if last <= 2 && groups[0] > 0 => Some(last),
                b'\'' | b'_' | b' ' if thousands => Some(0),
                _ => None,
            }
        }
        [ref before @ .., end] => {
            let same = before.iter().all(|&c| c == before[0]);
            if same && end == before[0] {
                grouped(groups).then_some(0)
            } else if same && matches!(end, b'.' | b',') {
                grouped(&groups[..groups.len() - 1]).then_some(last)
            } else {
                None
            }
        }
    }
}
