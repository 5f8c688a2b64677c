//! Words that may stand beside the numbers of a range, in the languages that business data is seen to use.

use super::Counts;

pub(super) fn word_end(bytes: &[u8], start: usize) -> usize {
    let length = bytes[start..].iter().take_while(|c| c.is_ascii_lowercase() || **c >= 0x80).count();
    start + length
}

/// Powers of ten of the scales that stand behind digits.
pub(super) fn scale(word: &[u8]) -> Option<i32> {
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

pub(super) fn spelled_scale(word: &[u8]) -> Option<i32> {
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

pub(super) fn small(word: &[u8]) -> Option<u64> {
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

pub(super) fn month(word: &[u8]) -> Option<u8> {
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

pub(super) fn is_unit(word: &[u8], counts: Counts) -> bool {
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

pub(super) fn is_other_currency(word: &[u8]) -> bool {
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
