//! The file of a waterfall.

use super::{
    AfterTimeout, HitRate, StopCondition, TIMEOUT, Waterfall, WaterfallAttribute, WaterfallStep, bad,
};
use crate::find_attribute;
use firmograph_core::{Error, MicroDollars, UnitPrice};
use firmograph_sources::Mapping;
use serde::Deserialize;
use std::path::Path;
use std::time::Duration;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    mappings: Vec<String>,
    #[serde(default)]
    attribute: Vec<FileAttribute>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileAttribute {
    name: String,
    part: Option<String>,
    until: StopCondition,
    #[serde(default)]
    step: Vec<FileStep>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileStep {
    provider: String,
    operation: Option<String>,
    price: Option<FilePrice>,
    hit_rate: Option<String>,
    max_matches: Option<u32>,
    max_credits: Option<u32>,
    max_tokens: Option<u32>,
    #[serde(default)]
    requires: Vec<String>,
    timeout_seconds: Option<u64>,
    after_timeout: Option<String>,
}

/// Dollars as text: a number of TOML is a binary fraction.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FilePrice {
    hit: Option<String>,
    miss: Option<String>,
    per_match: Option<String>,
    per_credit: Option<String>,
    per_million_tokens: Option<String>,
}

pub(super) fn parse(text: &str, folder: Option<&Path>) -> Result<Waterfall, Error> {
    let file: File = toml::from_str(text).map_err(|error| bad(error.to_string()).with_cause(error))?;
    let mappings = file.mappings.iter().map(|name| match folder {
        Some(folder) => Mapping::from_path(&folder.join(name)),
        None => Err(bad(format!("the mapping {name:?} is looked for beside its file, and it has none"))),
    });
    let mappings = mappings.collect::<Result<_, _>>()?;
    let attributes = file.attribute.into_iter().map(attribute).collect::<Result<_, _>>()?;
    let waterfall = Waterfall { attributes, mappings };
    waterfall.check()?;
    Ok(waterfall)
}

fn attribute(file: FileAttribute) -> Result<WaterfallAttribute, Error> {
    let attribute = find_attribute(&file.name, None)?;
    let part = file.part.map(|name| {
        attribute.part(&name).ok_or_else(|| {
            let parts = attribute.spec().parts.join(", ");
            bad(format!("{} has no part {name:?}", attribute.spec().name))
                .with_help(format!("its parts are {parts}"))
        })
    });
    let steps = file.step.into_iter().map(step).collect::<Result<_, _>>()?;
    Ok(WaterfallAttribute { attribute, part: part.transpose()?, until: file.until, steps })
}

fn step(file: FileStep) -> Result<WaterfallStep, Error> {
    let new = WaterfallStep::new(&file.provider, file.operation.as_deref().unwrap_or("enrich"));
    let after_timeout = match file.after_timeout.as_deref() {
        None | Some("worst") => AfterTimeout::Worst,
        Some("nothing") => AfterTimeout::Nothing,
        Some(other) => return Err(bad(format!("after_timeout is worst or nothing, not {other:?}"))),
    };
    Ok(WaterfallStep {
        price: file.price.map(price).transpose()?,
        hit_rate: file.hit_rate.map_or(Ok(new.hit_rate), |text| hit_rate(&text))?,
        max_matches: file.max_matches.unwrap_or(new.max_matches),
        max_credits: file.max_credits.unwrap_or(new.max_credits),
        max_tokens: file.max_tokens.unwrap_or(new.max_tokens),
        requires: file.requires,
        timeout: file.timeout_seconds.map_or(TIMEOUT, Duration::from_secs),
        after_timeout,
        ..new
    })
}

fn price(file: FilePrice) -> Result<UnitPrice, Error> {
    let amount = |text: Option<String>| -> Result<MicroDollars, Error> {
        let amount: MicroDollars = text.map_or(Ok(MicroDollars::ZERO), |text| text.parse())?;
        if amount < MicroDollars::ZERO {
            Err(bad(format!("a price of {amount} dollars")))
        } else {
            Ok(amount)
        }
    };
    Ok(UnitPrice {
        hit: amount(file.hit)?,
        miss: amount(file.miss)?,
        per_match: amount(file.per_match)?,
        per_credit: amount(file.per_credit)?,
        per_million_tokens: amount(file.per_million_tokens)?,
    })
}

/// `60%`, `60.25%`, `ledger`, or `ledger or 60%`.
fn hit_rate(text: &str) -> Result<HitRate, Error> {
    let wrong = || {
        bad(format!("{text:?} is no hit rate")).with_help("write 60%, 60.25%, ledger, or \"ledger or 60%\"")
    };
    let (ledger, rate) = match text.trim().strip_prefix("ledger") {
        None => (false, text.trim()),
        Some("") => return Ok(HitRate::Ledger(None)),
        Some(rest) => (true, rest.trim().strip_prefix("or ").ok_or_else(wrong)?.trim()),
    };
    let rate = rate.strip_suffix('%').ok_or_else(wrong)?;
    // Hundredths of a percent, exactly: as cents of dollars are.
    let rate: MicroDollars = rate.parse().map_err(|_| wrong())?;
    let points = u32::try_from(rate.micros() / 10_000).map_err(|_| wrong())?;
    if rate.micros() % 10_000 != 0 || points > 10_000 {
        return Err(wrong());
    }
    Ok(if ledger { HitRate::Ledger(Some(points)) } else { HitRate::Stated(points) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hit_rates() {
        assert_eq!(hit_rate("60%").unwrap(), HitRate::Stated(6_000));
        assert_eq!(hit_rate(" 60.25% ").unwrap(), HitRate::Stated(6_025));
        assert_eq!(hit_rate("ledger").unwrap(), HitRate::Ledger(None));
        assert_eq!(hit_rate("ledger or 100%").unwrap(), HitRate::Ledger(Some(10_000)));
        for text in ["", "60", "-1%", "101%", "1.005%", "ledger 60%", "often"] {
            assert_eq!(hit_rate(text).unwrap_err().code(), "bad-waterfall", "{text}");
        }
    }

    #[test]
    fn what_cannot_be_run_is_refused() {
        let step = "[[attribute.step]]\nprovider = \"quarry\"\n";
        let one = format!("[[attribute]]\nname = \"industry\"\nuntil = \"present\"\n{step}");
        assert!(parse(&one, None).is_ok());
        for (text, part) in [
            (String::new(), "no attribute"),
            ("[[attribute]]\nname = \"industry\"\nuntil = \"present\"".to_owned(), "no step"),
            (format!("{one}{one}"), "twice"),
            (format!("{one}{step}"), "twice"),
            (one.replace("present", "perfect"), "perfect"),
            (one.replace("\"present\"", "{ agreement = 0 }"), "agreement"),
            (one.replace("\"present\"", "{ confidence = \"101%\" }"), "confidence"),
            (format!("{one}requires = [\"shoe_size\"]"), "shoe_size"),
            (format!("{one}price = {{ hit = \"-1\" }}"), "-1"),
            (format!("{one}pirce = {{ hit = \"1\" }}"), "pirce"),
            (one.replace("quarry", "pin"), "pin"),
            (format!("mappings = [\"quarry.toml\"]\n{one}"), "quarry.toml"),
            (format!("{one}[[attribute]]\nname = \"job_title\"\nuntil = \"never\"\n{step}"), "of a person"),
        ] {
            let error = parse(&text, None).unwrap_err();
            assert!(error.to_string().contains(part), "{part}: {error}");
        }
    }
}
