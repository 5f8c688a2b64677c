//! Reads any spelling of an interval of whole numbers. What the numbers count is the caller's affair.

use crate::text;
use std::borrow::Cow;

/// An interval as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Interval {
    /// First number, or the only one.
    pub(crate) first: i64,
    /// Second number of [`Form::Between`]; else equal to `first`.
    pub(crate) second: i64,
    pub(crate) form: Form,
    pub(crate) approximate: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Point,
    Between,
    AtLeast,
    MoreThan,
    AtMost,
    LessThan,
    /// An interval that a spreadsheet turned into a date: `10-Jan` was `1-10`.
    SpreadsheetDate,
}

/// What may stand beside the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Counts {
    People,
    Dollars,
}

/// Longer text is prose, not a range.
const LONGEST: usize = 96;
const MOST_TOKENS: usize = 12;

/// Reads `raw`, or says why it is no interval.
pub(crate) fn parse(raw: &str, counts: Counts) -> Result<Interval, &'static str> {
    let trimmed = text::trim(raw);
    if trimmed.is_empty() {
        return Err("blank");
    }
    if trimmed.len() > LONGEST {
        return Err(if is_url(trimmed) { "url" } else { "not_a_range" });
    }
    let mut buffer = [0_u8; LONGEST];
    let folded: Cow<'_, str>;
    let bytes: &[u8] = if trimmed.is_ascii() {
        let bytes = &mut buffer[..trimmed.len()];
        bytes.copy_from_slice(trimmed.as_bytes());
        bytes.make_ascii_lowercase();
        bytes
    } else {
        folded = fold_signs(trimmed);
        folded.as_bytes()
    };
    let mut reader =
        Reader { bytes, at: 0, counts, tokens: [Token::Dash; MOST_TOKENS], count: 0, approximate: false };
    match reader.read() {
        Ok(()) => reader.interval(),
        Err("unknown_word") => Err(if is_url(trimmed) {
            "url"
        } else if crate::is_placeholder(trimmed) {
            "placeholder"
        } else {
            "not_a_range"
        }),
        Err(reason) if crate::is_placeholder(trimmed) && !bytes.iter().any(u8::is_ascii_digit) => {
            Err(if reason == "blank" { reason } else { "placeholder" })
        }
        Err(reason) => Err(reason),
    }
}

fn is_url(text: &str) -> bool {
    text.contains("://") || text.contains("www.") || text.contains(".com/")
}

/// Folds and writes signs outside ASCII as words that the reader knows.
fn fold_signs(text: &str) -> Cow<'_, str> {
    let mut signs = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '€' | '£' | '¥' | '₹' | '₽' | '₩' | '₺' | '₴' | '₦' | '₱' | '฿' | '₫' | '₪' | '₵' | '₡'
            | '元' | '円' => {
                signs.push_str(" eur ");
            }
            '≥' | '⩾' => signs.push_str(">="),
            '≤' | '⩽' => signs.push_str("<="),
            '～' | '≈' | '∼' | '≃' => signs.push('~'),
            '→' => signs.push('-'),
            '٬' | '，' => signs.push(','),
            '٫' => signs.push('.'),
            '’' => signs.push('\''),
            other => signs.push(other),
        }
    }
    Cow::Owned(text::fold_accents(&signs).into_owned())
}

/// A decimal number `mantissa * 10^exponent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Number {
    mantissa: u64,
    exponent: i32,
    /// A scale (`k`, `million`) was written with it.
    scaled: bool,
    /// Power of ten of that scale, already in `exponent`.
    scale: i32,
    scientific: bool,
    /// Count of digits before any separator: tells `2024-01-10` from `100-500-1000`.
    digits: u8,
}

impl Number {
    fn value(self) -> Option<i64> {
        let ten = 10_u128.checked_pow(self.exponent.unsigned_abs())?;
        let mantissa = u128::from(self.mantissa);
        let value = if self.exponent >= 0 { mantissa.checked_mul(ten)? } else { mantissa / ten };
        i64::try_from(value).ok()
    }

    fn has_fraction(self) -> bool {
        self.exponent < 0
            && 10_u64
                .checked_pow(self.exponent.unsigned_abs())
                .is_none_or(|ten| !self.mantissa.is_multiple_of(ten))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
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

enum Word {
    Filler,
    About,
    Token(Token),
    Scale(i32),
    Small(u64),
    OtherCurrency,
    Unknown,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    counts: Counts,
    tokens: [Token; MOST_TOKENS],
    count: usize,
    approximate: bool,
}

impl Reader<'_> {
    fn push(&mut self, token: Token) -> Result<(), &'static str> {
        let place = self.tokens.get_mut(self.count).ok_or("not_a_range")?;
        *place = token;
        self.count += 1;
        Ok(())
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn read(&mut self) -> Result<(), &'static str> {
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

    fn read_number(&mut self) -> Result<(), &'static str> {
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
        self.scales(&mut number);
        self.push(Token::Number(number))
    }

    /// Applies `k`, `million`, `hundred thousand` behind a number.
    fn scales(&mut self, number: &mut Number) {
        loop {
            let blanks = self.bytes[self.at..].iter().take_while(|c| **c == b' ').count();
            let start = self.at + blanks;
            let end = word_end(self.bytes, start);
            let word = &self.bytes[start..end];
            // `51 t0 200` is a mistyped `to`, not trillions.
            if word == b"t" && self.bytes.get(end) == Some(&b'0') {
                return;
            }
            let Some(power) = scale(word) else { return };
            number.exponent += power;
            number.scale += power;
            number.scaled = true;
            self.at = end;
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
                b',' | b'.' | b'\'' | b'_' => self.peek(1).is_ascii_digit(),
                b' ' => self.blank_joins(&groups[..=count], &separators[..count]),
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
        let scaled_next = {
            let start = self.at + self.bytes[self.at..].iter().take_while(|c| **c == b' ').count();
            scale(&self.bytes[start..word_end(self.bytes, start)]).is_some()
        };
        let decimals = decimals(groups, separators, mantissa, scaled_next).ok_or("malformed_number")?;
        Ok(Number {
            mantissa,
            exponent: -decimals,
            scaled: false,
            scale: 0,
            scientific: false,
            digits: groups[0],
        })
    }

    /// Whether a blank groups thousands: `10 001`. `51 200` is more likely a range that lost its dash, so only groups
    /// that a range's bound has, or a third group, are joined.
    fn blank_joins(&self, groups: &[u8], separators: &[u8]) -> bool {
        let next = &self.bytes[self.at + 1..];
        let three = next.len() >= 3 && next[..3].iter().all(u8::is_ascii_digit);
        if !three || next.get(3).is_some_and(u8::is_ascii_digit) || groups[0] > 3 || groups[0] == 0 {
            return false;
        }
        if separators.iter().any(|&c| c != b' ') {
            return false;
        }
        let more = next.get(3) == Some(&b' ')
            && next.get(4..7).is_some_and(|three| three.iter().all(u8::is_ascii_digit));
        more || !separators.is_empty() || matches!(&next[..3], b"000" | b"001" | b"999")
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

    /// The `five` of `twenty-five`.
    fn units(&mut self, number: &mut Number) {
        let start = self.at + usize::from(matches!(self.peek(0), b' ' | b'-'));
        let end = word_end(self.bytes, start);
        if let Some(unit @ 1..=9) = small(&self.bytes[start..end]) {
            number.mantissa += unit;
            self.at = end;
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
                if let Some(month) = month(word) {
                    Token::Month(month)
                } else if let Some(power) = spelled_scale(word) {
                    return Word::Scale(power);
                } else if let Some(value) = small(word) {
                    return Word::Small(value);
                } else if is_other_currency(word) {
                    return Word::OtherCurrency;
                } else if is_unit(word, self.counts) {
                    return Word::Filler;
                } else {
                    return Word::Unknown;
                }
            }
        };
        Word::Token(token)
    }

    fn interval(&self) -> Result<Interval, &'static str> {
        use Token::{And, Dash, Least, Less, Month, More, Most, Number as Num, Plus, Separator, To, Up};
        let mut tokens = &self.tokens[..self.count];
        while let [rest @ .., Separator] = tokens {
            tokens = rest;
        }
        if !tokens.iter().any(|token| matches!(token, Num(_))) {
            return Err("not_a_range");
        }
        let one = |number: Number, form| self.finish(number, number, form);
        match *tokens {
            [Num(a)] => one(a, Form::Point),
            [Num(a), Dash | To | And, Num(b)] => self.finish(a, b, Form::Between),
            [Num(a), Plus]
            | [More | Least | Up, Num(a), Plus]
            | [Num(a), And, More | Up | Plus]
            | [Num(a), More | Up]
            | [Least, Num(a)] => one(a, Form::AtLeast),
            [More, Num(a)] => one(a, Form::MoreThan),
            [Less, Num(a)] => one(a, Form::LessThan),
            [Num(a), And, Less] | [Num(a), Less] | [Most, Num(a)] | [Up, To, Num(a)] => one(a, Form::AtMost),
            // `More than 100 to 500` and the like contradict themselves.
            [Dash, Num(_)] | [Dash, Num(_), ..] => Err("negative"),
            [Num(_), Dash | To, Dash, Num(_)] => Err("negative"),
            [Num(n), Dash | Separator, Month(m)]
            | [Month(m), Dash | Separator, Num(n)]
            | [Num(n), Month(m)]
            | [Month(m), Num(n)] => self.damaged(n, m),
            [Num(a), Dash | Separator, Num(b), Dash | Separator, Num(c), ..]
                if (a.digits == 4 && b.digits <= 2 && c.digits <= 2)
                    || (c.digits == 4 && a.digits <= 2 && b.digits <= 2) =>
            {
                Err("spreadsheet_date")
            }
            [Num(_), Dash | To, Num(_), Dash | To, Num(_)] => Err("several_numbers"),
            _ if tokens.iter().filter(|token| matches!(token, Num(_))).count() > 1 => Err("several_numbers"),
            _ => Err("not_a_range"),
        }
    }

    fn damaged(&self, number: Number, month: u8) -> Result<Interval, &'static str> {
        let value = number.value().filter(|_| self.counts == Counts::People && !number.scaled);
        let value = value.filter(|value| (1..=99).contains(value)).ok_or("spreadsheet_date")?;
        let month = i64::from(month);
        Ok(Interval {
            first: month.min(value),
            second: month.max(value),
            form: Form::SpreadsheetDate,
            approximate: true,
        })
    }

    fn finish(&self, mut first: Number, second: Number, form: Form) -> Result<Interval, &'static str> {
        // `10-50M` and `1-5K`: the scale is written once and means both.
        if form == Form::Between && second.scaled && !first.scaled && first.digits <= 3 && !first.scientific {
            let bare = |n: Number| n.mantissa as f64 * 10_f64.powi(n.exponent);
            let power = second.scale;
            let unscaled = Number { exponent: second.exponent - power, ..second };
            if first.mantissa > 0 && bare(first) < bare(unscaled) {
                first.exponent += power;
            }
        }
        if self.counts == Counts::People
            && [first, second].iter().any(|n| !n.scaled && !n.scientific && n.has_fraction())
        {
            return Err("fraction");
        }
        let implausible = if first.scientific { "spreadsheet_number" } else { "implausible" };
        let (Some(low), Some(high)) = (first.value(), second.value()) else { return Err(implausible) };
        if low > high {
            return Err("reversed");
        }
        if self.counts == Counts::People && high > MOST_PEOPLE {
            return Err(implausible);
        }
        if self.counts == Counts::Dollars && high > MOST_DOLLARS {
            return Err(implausible);
        }
        Ok(Interval { first: low, second: high, form, approximate: self.approximate })
    }
}

/// Several times the largest employer there is.
const MOST_PEOPLE: i64 = 10_000_000;
/// About the product of the world in a year; no company is near.
const MOST_DOLLARS: i64 = 100_000_000_000_000;

fn word_end(bytes: &[u8], start: usize) -> usize {
    let length = bytes[start..].iter().take_while(|c| c.is_ascii_lowercase() || **c >= 0x80).count();
    start + length
}

/// How many digits stand behind the decimal separator; `None` where the separators make no number.
fn decimals(groups: &[u8], separators: &[u8], mantissa: u64, scaled_next: bool) -> Option<i32> {
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

/// Powers of ten of the scales that stand behind digits.
fn scale(word: &[u8]) -> Option<i32> {
    Some(match word {
        b"k" => 3,
        b"m" | b"mm" => 6,
        b"b" | b"g" => 9,
        b"t" => 12,
        _ if word == "万".as_bytes() => 4,
        _ if word == "億".as_bytes() || word == "亿".as_bytes() => 8,
        _ => return spelled_scale(word),
    })
}

fn spelled_scale(word: &[u8]) -> Option<i32> {
    Some(match word {
        b"hundred" | b"hundreds" => 2,
        b"thousand" | b"thousands" | b"thsd" | b"tausend" | b"tsd" | b"mille" | b"duizend" => 3,
        b"lakh" | b"lakhs" | b"lac" | b"lacs" => 5,
        b"mn" | b"mln" | b"mil" | b"mill" | b"mio" | b"million" | b"millions" | b"millionen"
        | b"millones" | b"milhoes" | b"milioni" | b"miljoen" | b"milion" | b"milione" | b"millon"
        | b"mios" => 6,
        b"cr" | b"crore" | b"crores" => 7,
        b"bn" | b"bln" | b"bil" | b"bill" | b"billion" | b"billions" | b"mrd" | b"mrds" | b"md"
        | b"milliard" | b"milliarden" | b"milliards" | b"miliardi" | b"bilhoes" | b"miljard" | b"mld" => 9,
        b"tn" | b"trn" | b"tr" | b"trillion" | b"trillions" => 12,
        _ => return None,
    })
}

fn small(word: &[u8]) -> Option<u64> {
    const WORDS: [&[u8]; 28] = [
        b"zero",
        b"one",
        b"two",
        b"three",
        b"four",
        b"five",
        b"six",
        b"seven",
        b"eight",
        b"nine",
        b"ten",
        b"eleven",
        b"twelve",
        b"thirteen",
        b"fourteen",
        b"fifteen",
        b"sixteen",
        b"seventeen",
        b"eighteen",
        b"nineteen",
        b"twenty",
        b"thirty",
        b"forty",
        b"fifty",
        b"sixty",
        b"seventy",
        b"eighty",
        b"ninety",
    ];
    let place = WORDS.iter().position(|candidate| *candidate == word)? as u64;
    Some(if place < 20 { place } else { (place - 18) * 10 })
}

fn month(word: &[u8]) -> Option<u8> {
    const MONTHS: [&[u8]; 12] = [
        b"january",
        b"february",
        b"march",
        b"april",
        b"may",
        b"june",
        b"july",
        b"august",
        b"september",
        b"october",
        b"november",
        b"december",
    ];
    if word == b"sept" {
        return Some(9);
    }
    let place = MONTHS.iter().position(|name| *name == word || &name[..3] == word)?;
    Some(place as u8 + 1)
}

fn is_unit(word: &[u8], counts: Counts) -> bool {
    match counts {
        Counts::People => {
            matches!(
                word,
                b"employees"
                    | b"employee"
                    | b"emp"
                    | b"emps"
                    | b"empl"
                    | b"people"
                    | b"persons"
                    | b"person"
                    | b"staff"
                    | b"workers"
                    | b"headcount"
                    | b"fte"
                    | b"ftes"
                    | b"members"
                    | b"member"
                    | b"team"
                    | b"personnel"
                    | b"associates"
                    | b"mitarbeiter"
                    | b"mitarbeitende"
                    | b"empleados"
                    | b"employes"
                    | b"employe"
                    | b"salaries"
                    | b"dipendenti"
                    | b"addetti"
                    | b"medewerkers"
                    | b"funcionarios"
                    | b"colaboradores"
                    | b"beschaftigte"
                    | b"anstallda"
                    | b"pracownikow"
                    | b"calisan"
                    | b"number"
                    | b"count"
                    | b"full"
                    | b"time"
                    | b"worldwide"
                    | b"globally"
                    | b"world"
                    | b"personas"
                    | b"pessoas"
            ) || word == "人".as_bytes()
                || word == "名".as_bytes()
        }
        Counts::Dollars => matches!(
            word,
            b"usd"
                | b"us"
                | b"dollar"
                | b"dollars"
                | b"revenue"
                | b"revenues"
                | b"annual"
                | b"annually"
                | b"arr"
                | b"funding"
                | b"raised"
                | b"year"
                | b"yr"
                | b"turnover"
                | b"sales"
                | b"yearly"
                | b"pa"
                | b"p"
                | b"u"
                | b"s"
                | b"amount"
                | b"annum"
                | b"ttm"
                | b"fy"
        ),
    }
}

fn is_other_currency(word: &[u8]) -> bool {
    matches!(
        word,
        b"eur"
            | b"euro"
            | b"euros"
            | b"gbp"
            | b"pound"
            | b"pounds"
            | b"sterling"
            | b"inr"
            | b"rs"
            | b"rupee"
            | b"rupees"
            | b"jpy"
            | b"yen"
            | b"cny"
            | b"rmb"
            | b"yuan"
            | b"krw"
            | b"won"
            | b"cad"
            | b"aud"
            | b"nzd"
            | b"chf"
            | b"franc"
            | b"francs"
            | b"sek"
            | b"nok"
            | b"dkk"
            | b"kr"
            | b"pln"
            | b"zl"
            | b"czk"
            | b"huf"
            | b"ron"
            | b"brl"
            | b"reais"
            | b"real"
            | b"mxn"
            | b"peso"
            | b"pesos"
            | b"zar"
            | b"rand"
            | b"sgd"
            | b"hkd"
            | b"twd"
            | b"ntd"
            | b"try"
            | b"tl"
            | b"lira"
            | b"aed"
            | b"dirham"
            | b"dirhams"
            | b"sar"
            | b"riyal"
            | b"ils"
            | b"nis"
            | b"rub"
            | b"ruble"
            | b"rubles"
            | b"php"
            | b"thb"
            | b"baht"
            | b"idr"
            | b"rupiah"
            | b"rp"
            | b"myr"
            | b"rm"
            | b"vnd"
            | b"uah"
            | b"ngn"
            | b"naira"
            | b"kes"
            | b"egp"
            | b"pkr"
            | b"bdt"
            | b"lkr"
            | b"clp"
            | b"cop"
            | b"ars"
            | b"pen"
            | b"qar"
            | b"kwd"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people(text: &str) -> Result<(i64, i64, Form), &'static str> {
        parse(text, Counts::People).map(|interval| (interval.first, interval.second, interval.form))
    }

    #[test]
    fn reads_separators() {
        for text in ["10,001", "10.001", "10'001", "10 001", "10_001", "10001.0", "1.0001e4"] {
            assert_eq!(people(text), Ok((10_001, 10_001, Form::Point)), "{text}");
        }
        assert_eq!(people("1,5 - 2,0"), Err("fraction"));
        assert_eq!(people("12,34"), Err("fraction"));
        assert_eq!(people("1,2,3"), Err("malformed_number"));
    }

    #[test]
    fn scale_written_once_means_both() {
        assert_eq!(people("1-5K"), Ok((1000, 5000, Form::Between)));
        assert_eq!(people("1-1.5K"), Ok((1000, 1500, Form::Between)));
        assert_eq!(people("500-1K"), Ok((500, 1000, Form::Between)));
        assert_eq!(people("1K-5K"), Ok((1000, 5000, Form::Between)));
    }
}
