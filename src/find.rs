//! Companies, persons and attributes by what people call them.

use crate::export::scalar_json;
use crate::identity::key_of_text;
use crate::{Engine, Entity, explain_json};
use firmograph_core::{Attribute, EntityKind, Error, ErrorKind};
use serde_json::{Map, Value};

/// The attribute of this name, or the one whose name ends with it: `title` is `job_title`. Where both a company and a person
/// have such an attribute (`name`, `location`, `contact`) it is the company's, unless `kind` says otherwise.
///
/// # Errors
/// `unknown-attribute` (usage) where there is none, `ambiguous-attribute` (usage) where several are equally good.
///
/// ```
/// use firmograph::{Attribute, EntityKind, find_attribute};
///
/// assert_eq!(find_attribute("name", None)?, Attribute::CompanyName);
/// assert_eq!(find_attribute("name", Some(EntityKind::Person))?, Attribute::PersonName);
/// assert_eq!(find_attribute("range", None).unwrap_err().code(), "ambiguous-attribute");
/// # Ok::<(), firmograph::Error>(())
/// ```
pub fn find_attribute(name: &str, kind: Option<EntityKind>) -> Result<Attribute, Error> {
    let of_kind = |attribute: &Attribute| kind.is_none_or(|kind| attribute.spec().entity == kind);
    if let Some(attribute) = Attribute::from_name(name).filter(of_kind) {
        return Ok(attribute);
    }
    let ends = |attribute: &Attribute| {
        let rest = attribute.spec().name.strip_suffix(name);
        !name.is_empty() && rest.is_some_and(|rest| rest.ends_with('_'))
    };
    let mut found: Vec<_> = Attribute::ALL.iter().copied().filter(of_kind).filter(ends).collect();
    if found.iter().any(|attribute| attribute.spec().entity == EntityKind::Company) {
        found.retain(|attribute| attribute.spec().entity == EntityKind::Company);
    }
    let names = |all: &[Attribute]| all.iter().map(|attribute| attribute.spec().name).collect::<Vec<_>>();
    match found.as_slice() {
        [only] => Ok(*only),
        [] => {
            let all: Vec<_> = Attribute::ALL.iter().copied().filter(of_kind).collect();
            Err(Error::new(ErrorKind::Usage, "unknown-attribute", format!("{name:?} is not an attribute"))
                .with_help(format!("use one of {}", names(&all).join(", "))))
        }
        several => {
            let message = format!("{name:?} may be {}", names(several).join(" or "));
            Err(Error::new(ErrorKind::Usage, "ambiguous-attribute", message)
                .with_help("write the whole name"))
        }
    }
}

impl Engine {
    /// A company by key or anything that names its domain or LinkedIn page, or a person by key, e-mail address or LinkedIn profile, as people write
    /// them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(&mut self, kind: EntityKind, text: &str) -> Result<Option<Entity>, Error> {
        let key = key_of_text(kind, text);
        match self.entity(kind, &key).await? {
            // Not every key is what its text would be read as.
            None if *key != *text && !text.contains('\0') => self.entity(kind, text).await,
            found => Ok(found),
        }
    }

    /// A golden company as its table has it, times too, by its domain or what names it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn golden_company(&mut self, domain: &str) -> Result<Option<Map<String, Value>>, Error> {
        let key = key_of_text(EntityKind::Company, domain);
        let ids = self.store.company_ids(&[&key]).await?;
        let Some((_, id)) = ids.first() else { return Ok(None) };
        let row = self.store.whole_golden_row(EntityKind::Company, id).await?;
        Ok(row.map(|row| row.iter().map(|(name, value)| (name.clone(), scalar_json(value))).collect()))
    }

    /// Why the values of a person or company are what they are, as [`explain_json`] tells it: of one attribute, or of all.
    ///
    /// # Errors
    /// `unknown-key` (data) where the database knows nobody of this name, those of [`find_attribute`], and when the database
    /// does not answer.
    pub async fn explain(&mut self, text: &str, attribute: Option<&str>) -> Result<Vec<Value>, Error> {
        let Some(name) = attribute else {
            let entity = match self.find(EntityKind::Person, text).await? {
                None => self.find(EntityKind::Company, text).await?,
                person => person,
            };
            return Ok(explain_json(&entity.ok_or_else(|| unknown(text))?, None));
        };
        // A name that only a person's attribute has says that a person is meant; of another, both may be.
        let wanted = find_attribute(name, None)?;
        if let Ok(of_person) = find_attribute(name, Some(EntityKind::Person))
            && let Some(person) = self.find(EntityKind::Person, text).await?
        {
            return Ok(explain_json(&person, Some(of_person)));
        }
        let entity = self.find(wanted.spec().entity, text).await?.ok_or_else(|| unknown(text))?;
        Ok(explain_json(&entity, Some(wanted)))
    }
}

/// Nobody has this key.
pub(crate) fn unknown(key: &str) -> Error {
    Error::new(ErrorKind::Data, "unknown-key", format!("the database knows nothing about {key:?}")).with_help(
        "companies are found by domain or LinkedIn page, persons by e-mail address or LinkedIn profile",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_by_name_and_by_the_end_of_it() {
        let found = |name: &str, kind| find_attribute(name, kind).map_err(|error| error.code());
        for attribute in Attribute::ALL {
            assert_eq!(found(attribute.spec().name, None), Ok(*attribute));
        }
        let person = Some(EntityKind::Person);
        assert_eq!(found("title", None), Ok(Attribute::JobTitle));
        assert_eq!(found("company", None), Ok(Attribute::PersonCompany));
        assert_eq!(found("location", None), Ok(Attribute::CompanyLocation));
        assert_eq!(found("location", person), Ok(Attribute::PersonLocation));
        assert_eq!(found("employee_range", person), Err("unknown-attribute"));
        assert_eq!(found("range", None), Err("ambiguous-attribute"));
        for unknown in ["", "ame", "_name", "names", "*"] {
            assert_eq!(found(unknown, None), Err("unknown-attribute"), "{unknown:?}");
        }
    }
}
