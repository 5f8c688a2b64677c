//! What a user says about which source is believed first, checked.

use firmograph::{Attribute, Error, ErrorKind, Policy, Priorities, Source};
use std::collections::BTreeSet;

/// The compiled priorities and policies, but for what is said here: for an attribute, or `*` for every one that has no list of
/// its own, the sources that are believed, the first of them first; for an attribute, by which policy it is coalesced.
///
/// ```
/// use firmograph::{Attribute, Policy, Source};
///
/// let priorities = firmograph_arrow::priorities(
///     &[("company_name", vec!["crunchbase", "clay"])],
///     &[("industry", "longest")],
/// )?;
/// assert_eq!(priorities.number(Attribute::CompanyName, &Source::new("clay")?), Some(1));
/// assert_eq!(priorities.policy(Attribute::Industry), Policy::Longest);
/// let error = firmograph_arrow::priorities(&[], &[("industry", "loudest")]).unwrap_err();
/// assert_eq!(error.code(), "unknown-policy");
/// # Ok::<(), firmograph::Error>(())
/// ```
///
/// # Errors
/// Usage: `unknown-attribute`, `unknown-policy`, `bad-source`, `repeated-source`, and `reserved-source` for a pin, which outranks
/// every source as it is.
pub fn priorities<S: AsRef<str>>(sources: &[(S, Vec<S>)], policies: &[(S, S)]) -> Result<Priorities, Error> {
    let mut rows = Vec::new();
    let mut said = BTreeSet::new();
    for (name, believed) in sources {
        let name = name.as_ref();
        if name != "*" {
            attribute(name)?;
        }
        said.insert(name);
        let mut seen = BTreeSet::new();
        for (source, number) in believed.iter().zip(0..) {
            let source = source.as_ref();
            if Source::new(source)?.is_pin() {
                let message = format!("{source:?} is the source of pins, which outrank every other");
                return Err(usage("reserved-source", message).with_help("leave it out"));
            }
            if !seen.insert(source) {
                let message = format!("{source:?} stands twice among the sources of {name:?}");
                return Err(usage("repeated-source", message));
            }
            rows.push((name, source, number));
        }
    }
    for (name, source, number) in Priorities::compiled_rows() {
        if !said.contains::<str>(name) {
            rows.push((name, source, number));
        }
    }
    let mut priorities = Priorities::from_rows(rows);
    for (name, policy) in policies {
        let policy = policy.as_ref();
        let found = Policy::from_name(policy).ok_or_else(|| {
            let all: Vec<_> = Policy::ALL.iter().map(|policy| policy.name()).collect();
            usage("unknown-policy", format!("{policy:?} is not a policy"))
                .with_help(format!("use one of {}", all.join(", ")))
        })?;
        priorities = priorities.with_policy(attribute(name.as_ref())?, found);
    }
    Ok(priorities)
}

fn attribute(name: &str) -> Result<Attribute, Error> {
    Attribute::from_name(name).ok_or_else(|| {
        let all: Vec<_> = Attribute::ALL.iter().map(|attribute| attribute.spec().name).collect();
        usage("unknown-attribute", format!("{name:?} is not an attribute"))
            .with_help(format!("use one of {}", all.join(", ")))
    })
}

fn usage(code: &'static str, message: String) -> Error {
    Error::new(ErrorKind::Usage, code, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(priorities: &Priorities, attribute: Attribute, source: &str) -> Option<i64> {
        priorities.number(attribute, &Source::new(source).unwrap())
    }

    #[test]
    fn what_is_not_said_stays_as_compiled() {
        let compiled = Priorities::compiled();
        assert_eq!(priorities::<&str>(&[], &[]).unwrap(), compiled);
        let own = priorities(&[("*", vec!["clay", "manual"])], &[]).unwrap();
        assert_eq!(number(&own, Attribute::Industry, "clay"), Some(0));
        assert_eq!(number(&own, Attribute::Industry, "linkedin"), None, "the list replaces the compiled one");
        assert_eq!(number(&own, Attribute::CompanyName, "crunchbase"), Some(1));
        let none = priorities(&[("company_name", vec![])], &[]).unwrap();
        assert_eq!(
            number(&none, Attribute::CompanyName, "manual"),
            Some(0),
            "no list of its own is the one for all"
        );
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let code = |name, sources| priorities(&[(name, sources)], &[]).unwrap_err().code();
        assert_eq!(code("colour", vec!["clay"]), "unknown-attribute");
        assert_eq!(code("*", vec!["Clay"]), "bad-source");
        assert_eq!(code("industry", vec!["clay", "manual", "clay"]), "repeated-source");
        assert_eq!(code("industry", vec!["pin"]), "reserved-source");
        let policy = |name, policy| priorities(&[], &[(name, policy)]).unwrap_err().code();
        assert_eq!(policy("*", "longest"), "unknown-attribute");
        assert_eq!(policy("industry", ""), "unknown-policy");
    }
}
