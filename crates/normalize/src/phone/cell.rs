//! A cell taken apart into the numbers that it holds, with their extensions.

use ahash::AHashMap;
use std::sync::LazyLock;

use crate::text;

/// One number as it stands in a cell.
#[derive(Debug, Clone, Default)]
pub(super) struct Part {
    /// Its digits in ASCII, without the plus sign and the extension.
    pub digits: String,
    /// Whether a plus sign stands before them.
    pub plus: bool,
    /// The digits behind a word such as `ext`.
    pub extension: String,
    /// Where the digit of `(0)` is among [`Part::digits`].
    pub trunk: Option<usize>,
    /// Digits with the letters among them as on a keypad, where there are letters.
    pub keypad: Option<String>,
    /// Where the letters end, in bytes of the cell.
    pub lettered: usize,
    /// Numbers of digits before which something else than a digit stands.
    pub breaks: Vec<usize>,
    /// The breaks that are slashes.
    pub slashes: Vec<usize>,
    /// Whether it is called a fax number.
    pub is_fax: bool,
    /// Whether digits are hidden behind `*` or `x`.
    pub is_masked: bool,
    /// Bytes of the cell.
    pub span: (usize, usize),
    in_extension: bool,
    has_note: bool,
}

impl Part {
    /// The digits of an E.164 number.
    pub(super) fn international(digits: &str) -> Part {
        Part { digits: digits.to_owned(), plus: true, ..Part::default() }
    }

    /// The digits from one place to another as a part of their own.
    pub(super) fn slice(&self, from: usize, to: usize) -> Part {
        let inside = |at: &usize| (from..to).contains(at);
        Part {
            digits: self.digits[from..to].to_owned(),
            plus: self.plus && from == 0,
            trunk: self.trunk.filter(inside).map(|at| at - from),
            breaks: self.breaks.iter().filter(|at| inside(at)).map(|at| at - from).collect(),
            extension: if to == self.digits.len() { self.extension.clone() } else { String::new() },
            is_fax: self.is_fax,
            span: self.span,
            ..Part::default()
        }
    }
}

/// Digits that a number must have before a separator or a label ends it: area codes in brackets are shorter.
const ENOUGH: usize = 7;
/// Longest extension of RFC 3966 in practice.
const LONGEST_EXTENSION: usize = 9;
/// Parts beyond these are not read: a cell with more is no cell of a table.
const MOST_PARTS: usize = 16;

/// The numbers of `cell` in order. Parts without digits are left out.
pub(super) fn parts(cell: &str) -> Vec<Part> {
    let mut scan = Scan::default();
    let mut chars = cell.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, c)) = chars.next() {
        if scan.parts.len() >= MOST_PARTS {
            break;
        }
        if let Some(value) = text::digit(c) {
            scan.digit(char::from(b'0' + value), at, at + c.len_utf8());
        } else {
            match c {
                '+' | '＋' | '⁺' | '﹢' => scan.plus(at),
                ';' | '|' | '\n' | '\r' | '、' | '；' | '，' => scan.end(),
                ',' if before == ',' => scan.start_extension(),
                ',' => scan.end_if(ENOUGH),
                '/' | '\\' | '／' => {
                    let digits = scan.part.digits.len();
                    scan.part.slashes.push(digits);
                    scan.touch();
                }
                '(' | '（' => {
                    scan.touch();
                    let mut ahead = chars.clone().filter(|(_, c)| *c != ' ').map(|(_, c)| c);
                    if text::digit(ahead.next().unwrap_or(' ')) == Some(0)
                        && matches!(ahead.next(), Some(')' | '）'))
                        && !scan.part.in_extension
                    {
                        scan.part.trunk = Some(scan.part.digits.len());
                    }
                }
                '#' => scan.start_extension(),
                '*' | '•' | '●' | '·' if before == c => scan.part.is_masked = true,
                c if c.is_alphabetic() => {
                    let mut end = at + c.len_utf8();
                    while let Some((next, c)) = chars.next_if(|(_, c)| c.is_alphabetic() || *c == '\'') {
                        end = next + c.len_utf8();
                    }
                    let digit_follows = chars.peek().is_some_and(|(_, c)| text::digit(*c).is_some());
                    scan.word(&cell[at..end], at, digit_follows);
                }
                _ if text::is_invisible(c) => {}
                _ => scan.touch(),
            }
        }
        before = c;
    }
    scan.end();
    scan.parts
}

#[derive(Default)]
struct Scan {
    parts: Vec<Part>,
    part: Part,
}

impl Scan {
    fn digit(&mut self, digit: char, at: usize, end: usize) {
        if self.part.in_extension {
            if self.part.extension.len() < LONGEST_EXTENSION {
                self.part.extension.push(digit);
                self.part.span.1 = end;
            }
            return;
        }
        if self.part.has_note && self.part.digits.len() >= ENOUGH {
            self.end();
        }
        let part = &mut self.part;
        if part.digits.is_empty() {
            part.digits.reserve(16);
            if !part.plus {
                part.span.0 = at;
            }
        }
        part.digits.push(digit);
        if let Some(keypad) = &mut part.keypad {
            keypad.push(digit);
        }
        part.span.1 = end;
    }

    /// Something else than a digit: a group ends here.
    fn touch(&mut self) {
        let digits = self.part.digits.len();
        if digits > 0 && self.part.breaks.last() != Some(&digits) {
            self.part.breaks.push(digits);
        }
        if self.part.in_extension && !self.part.extension.is_empty() {
            // `ext. 12 (mobile ...)`: what follows is no part of the extension, and of no number.
            self.part.has_note = true;
        }
    }

    fn plus(&mut self, at: usize) {
        // `0+49`, `00+49`: zeros before a plus sign are the prefix that it stands for.
        if self.part.digits.bytes().all(|c| c == b'0') && self.part.extension.is_empty() {
            let is_fax = self.part.is_fax;
            self.part = Part { plus: true, is_fax, span: (at, at), ..Part::default() };
        } else {
            self.end();
            self.part.plus = true;
            self.part.span.0 = at;
        }
    }

    fn start_extension(&mut self) {
        if self.part.digits.is_empty() {
            match self.parts.pop() {
                Some(last) if last.extension.is_empty() => self.part = last,
                Some(last) => return self.parts.push(last),
                None => return,
            }
        }
        if self.part.digits.len() >= 5 && self.part.extension.is_empty() {
            self.part.in_extension = true;
        }
    }

    fn word(&mut self, word: &str, at: usize, digit_follows: bool) {
        self.touch();
        let folded = text::fold(word);
        let is_hidden = folded.bytes().all(|c| c == b'x');
        match WORDS.get(&*folded) {
            _ if is_hidden && folded.len() > 1 => self.part.is_masked = true,
            _ if is_hidden && self.part.digits.len() < 5 && !self.part.digits.is_empty() => {
                self.part.is_masked = true;
            }
            Some(Role::Extension) => self.start_extension(),
            Some(Role::Or) if self.part.digits.len() >= 5 => self.end(),
            Some(Role::Fax) => {
                self.end_if(ENOUGH);
                self.part = Part { is_fax: true, ..Part::default() };
            }
            // `M: +44 ...` begins a number; `212 555 0123 mobile` ends one.
            Some(Role::Label) if self.part.digits.len() >= ENOUGH => self.end(),
            Some(Role::Label) if !digit_follows && self.part.digits.len() < 5 && !self.part.plus => {
                self.keypad(word, at);
            }
            Some(_) => {}
            None => {
                self.keypad(word, at);
                if self.part.digits.is_empty() {
                    self.part.span.0 = at;
                }
            }
        }
    }

    fn keypad(&mut self, word: &str, at: usize) {
        let part = &mut self.part;
        part.has_note = !part.digits.is_empty();
        if part.digits.is_empty() || part.in_extension || !word.bytes().all(|c| c.is_ascii_alphabetic()) {
            return;
        }
        let digits = &part.digits;
        let keypad = part.keypad.get_or_insert_with(|| digits.clone());
        keypad.extend(word.bytes().map(key));
        part.lettered = at + word.len();
    }

    fn end_if(&mut self, digits: usize) {
        if self.part.digits.len() >= digits {
            self.end();
        } else {
            self.touch();
        }
    }

    fn end(&mut self) {
        let part = std::mem::take(&mut self.part);
        if !part.digits.is_empty() {
            self.parts.push(part);
        }
    }
}

/// The key of a letter, [ITU-T E.161](https://www.itu.int/rec/T-REC-E.161).
fn key(letter: u8) -> char {
    match letter.to_ascii_lowercase() {
        b'a'..=b'c' => '2',
        b'd'..=b'f' => '3',
        b'g'..=b'i' => '4',
        b'j'..=b'l' => '5',
        b'm'..=b'o' => '6',
        b'p'..=b's' => '7',
        b't'..=b'v' => '8',
        _ => '9',
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Extension,
    Fax,
    Label,
    Or,
}

static WORDS: LazyLock<AHashMap<&'static str, Role>> = LazyLock::new(|| {
    let role = |name: &str| match name {
        "extension" => Role::Extension,
        "fax" => Role::Fax,
        "or" => Role::Or,
        _ => Role::Label,
    };
    super::WORD_DATA
        .lines()
        .skip(1)
        .filter_map(|row| row.split_once(','))
        .map(|(word, name)| (word, role(name)))
        .collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_sorted_unique_and_folded() {
        crate::testing::assert_sorted_list(super::super::WORD_DATA);
        crate::testing::assert_sorted_list(super::super::FICTION_DATA);
        for (row, name) in super::super::WORD_DATA.lines().skip(1).filter_map(|row| row.split_once(',')) {
            assert!(["extension", "fax", "label", "or"].contains(&name), "{row}");
            assert_eq!(text::fold(row), row);
        }
    }

    #[test]
    fn takes_cells_apart() {
        for (cell, wanted) in [
            ("+49 (0) 89 1234-0", "+4908912340"),
            ("212 555 0123 x45", "2125550123x45"),
            ("212 555 0123, ext. 45", "2125550123x45"),
            ("tel:+1-212-555-0123;ext=7", "+12125550123x7"),
            ("M: 079 123 45 67 T: 044 123 45 67", "0791234567 0441234567"),
            ("+1 212 555 0123 +44 20 7946 0018", "+12125550123 +442079460018"),
            ("٠٢٠ ７１８３ 8750", "02071838750"),
        ] {
            let shown = |part: &Part| {
                let plus = if part.plus { "+" } else { "" };
                let x = if part.extension.is_empty() { "" } else { "x" };
                format!("{plus}{}{x}{}", part.digits, part.extension)
            };
            let got: Vec<_> = parts(cell).iter().map(shown).collect();
            assert_eq!(got.join(" "), wanted, "{cell}");
        }
    }
}
