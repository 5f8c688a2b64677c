use std::fmt;

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A field that a source's mapping can fill. The names are what a mapping file uses.
        ///
        /// `City`, `Phone` and the like without an owner are what a lead export says beside both a person and a company;
        /// the `Company…` and `Person…` ones say whose it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[non_exhaustive]
        pub enum Field {
            $($(#[$doc])* #[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Field {
            /// Every field, in declaration order.
            pub const ALL: &'static [Field] = &[$(Field::$variant,)*];

            /// The name used in mapping files.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Field::$variant => $name,)* }
            }

            /// The field of this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Field> {
                match name { $($name => Some(Field::$variant),)* _ => None }
            }
        }
    };
}

fields! {
    Salutation = "salutation",
    FirstName = "first_name",
    MiddleName = "middle_name",
    LastName = "last_name",
    FullName = "full_name",
    Email = "email",
    JobTitle = "job_title",
    JobTitleLevel = "job_title_level",
    Department = "department",
    JobTitleLink = "job_title_link",
    PersonLinkedinUrl = "person_linkedin_url",
    Phone = "phone",
    MobilePhone = "mobile_phone",
    PersonLocation = "person_location",
    PersonAddress = "person_address",
    PersonCity = "person_city",
    PersonState = "person_state",
    PersonPostalCode = "person_postal_code",
    PersonCountry = "person_country",
    CompanyKey = "company_key",
    CompanyName = "company_name",
    CompanyDomain = "company_domain",
    CompanyWebsite = "company_website",
    CompanyLinkedinUrl = "company_linkedin_url",
    CompanyPhone = "company_phone",
    CompanyLocation = "company_location",
    CompanyAddress = "company_address",
    CompanyCity = "company_city",
    CompanyState = "company_state",
    CompanyPostalCode = "company_postal_code",
    CompanyCountry = "company_country",
    Industry = "industry",
    EmployeeSize = "employee_size",
    EmployeeSizeLink = "employee_size_link",
    EmployeeMinimum = "employee_minimum",
    EmployeeMaximum = "employee_maximum",
    EmployeeUnit = "employee_unit",
    Revenue = "revenue",
    RevenueUnit = "revenue_unit",
    Funding = "funding",
    FundingUnit = "funding_unit",
    CompanyType = "company_type",
    Description = "description",
    FoundedYear = "founded_year",
    Location = "location",
    AddressLine1 = "address_line_1",
    AddressLine2 = "address_line_2",
    City = "city",
    State = "state",
    PostalCode = "postal_code",
    Country = "country",
    LinkedinUrl = "linkedin_url",
    ObservedAt = "observed_at",
}

const COUNT: usize = Field::ALL.len();

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The raw text of one record by field, exactly as the source gave it. One allocation for all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldSet {
    text: Box<str>,
    spans: Box<[(u32, u32); COUNT]>,
}

impl FieldSet {
    /// The raw text of `field`; `None` where the record does not have it or has it empty.
    #[must_use]
    pub fn get(&self, field: Field) -> Option<&str> {
        let (start, end) = self.spans[field as usize];
        (start < end).then(|| &self.text[start as usize..end as usize])
    }

    /// Fields with text, in declaration order.
    pub fn iter(&self) -> impl Iterator<Item = (Field, &str)> {
        Field::ALL.iter().filter_map(|&field| self.get(field).map(|text| (field, text)))
    }

    /// Bytes of text held.
    #[must_use]
    pub fn text_len(&self) -> usize {
        self.text.len()
    }
}

impl<'a> FromIterator<(Field, &'a str)> for FieldSet {
    fn from_iter<I: IntoIterator<Item = (Field, &'a str)>>(fields: I) -> Self {
        let mut builder = FieldSetBuilder::default();
        for (field, text) in fields {
            builder.set(field, text);
        }
        builder.build()
    }
}

/// Builds [`FieldSet`]s; keeps its buffer between records.
#[derive(Debug, Clone)]
pub struct FieldSetBuilder {
    text: String,
    spans: [(u32, u32); COUNT],
}

impl Default for FieldSetBuilder {
    fn default() -> Self {
        FieldSetBuilder { text: String::new(), spans: [(0, 0); COUNT] }
    }
}

impl FieldSetBuilder {
    /// Sets `field`, unless `text` is empty or the field is set already (the first of several columns wins).
    pub fn set(&mut self, field: Field, text: &str) {
        let span = &mut self.spans[field as usize];
        if text.is_empty() || span.0 < span.1 {
            return;
        }
        let start = self.text.len() as u32;
        self.text.push_str(text);
        *span = (start, self.text.len() as u32);
    }

    /// The fields set since the last `build`.
    pub fn build(&mut self) -> FieldSet {
        let set = FieldSet { text: self.text.as_str().into(), spans: Box::new(self.spans) };
        self.text.clear();
        self.spans = [(0, 0); COUNT];
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_a_bijection() {
        for &field in Field::ALL {
            assert_eq!(Field::from_name(field.name()), Some(field));
        }
    }

    #[test]
    fn the_first_of_two_columns_wins_and_blank_is_absent() {
        let mut builder = FieldSetBuilder::default();
        builder.set(Field::City, "");
        builder.set(Field::City, "Paris");
        builder.set(Field::City, "London");
        let set = builder.build();
        assert_eq!(set.get(Field::City), Some("Paris"));
        assert_eq!(set.get(Field::State), None);
        assert_eq!(builder.build().get(Field::City), None);
    }
}
