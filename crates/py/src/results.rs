use firmograph_core::Matched;
use firmograph_normalize as normalize;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A value field as the Python class holds it.
trait LayOut<T> {
    fn lay_out(self) -> T;
}

impl<T> LayOut<T> for T {
    fn lay_out(self) -> T {
        self
    }
}

impl LayOut<String> for &str {
    fn lay_out(self) -> String {
        self.to_owned()
    }
}

impl LayOut<Option<String>> for Option<&str> {
    fn lay_out(self) -> Option<String> {
        self.map(str::to_owned)
    }
}

impl LayOut<Option<String>> for Option<Cow<'_, str>> {
    fn lay_out(self) -> Option<String> {
        self.map(Cow::into_owned)
    }
}

impl LayOut<Vec<String>> for Vec<&str> {
    fn lay_out(self) -> Vec<String> {
        self.into_iter().map(str::to_owned).collect()
    }
}

/// Python takes a vector of bytes for `bytes`; these are numbers.
impl LayOut<Vec<u16>> for Vec<u8> {
    fn lay_out(self) -> Vec<u16> {
        self.into_iter().map(u16::from).collect()
    }
}

impl LayOut<String> for normalize::LinkedinKind {
    fn lay_out(self) -> String {
        match self {
            normalize::LinkedinKind::Company => "company",
            normalize::LinkedinKind::Person => "person",
            normalize::LinkedinKind::School => "school",
            normalize::LinkedinKind::Showcase => "showcase",
        }
        .to_owned()
    }
}

/// A field as a part of its object's hash.
trait HashField {
    fn hash_field(&self, hasher: &mut DefaultHasher);
}

/// Declares fields that Rust can hash.
macro_rules! hash_field {
    ($($kind:ty),*) => {$(
        impl HashField for $kind {
            fn hash_field(&self, hasher: &mut DefaultHasher) {
                self.hash(hasher);
            }
        }
    )*};
}

hash_field!(
    String,
    Option<String>,
    Vec<String>,
    Vec<u16>,
    bool,
    Option<bool>,
    u8,
    u16,
    Option<i64>,
    (u32, u32)
);

impl HashField for f64 {
    fn hash_field(&self, hasher: &mut DefaultHasher) {
        // Zero and minus zero are equal, so their hashes must be.
        (self + 0.0).to_bits().hash(hasher);
    }
}

/// Declares the Python class of one kind of result: its value fields, then the four fields of evidence.
macro_rules! result_class {
    ($(#[doc = $doc:literal])* $name:ident from $value:ty { $($field:ident: $kind:ty),* $(,)? }) => {
        $(#[doc = $doc])*
        #[pyclass(frozen, get_all, eq, module = "firmograph")]
        #[derive(PartialEq)]
        pub(crate) struct $name {
            $($field: $kind,)*
            rule: String,
            confidence: f64,
            reference: String,
            span: (u32, u32),
        }

        impl From<Matched<$value>> for $name {
            fn from(matched: Matched<$value>) -> Self {
                let Matched { value, evidence } = matched;
                $name {
                    $($field: value.$field.lay_out(),)*
                    rule: evidence.rule.into_owned(),
                    confidence: evidence.confidence,
                    reference: evidence.reference.into_owned(),
                    span: (evidence.span.0, evidence.span.1),
                }
            }
        }

        #[pymethods]
        impl $name {
            #[new]
            #[allow(clippy::too_many_arguments, reason = "a pickle gives back all fields")]
            fn new(
                $($field: $kind,)*
                rule: String,
                confidence: f64,
                reference: String,
                span: (u32, u32),
            ) -> Self {
                $name { $($field,)* rule, confidence, reference, span }
            }

            #[classattr]
            fn __match_args__(py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
                PyTuple::new(py, [$(stringify!($field),)* "rule", "confidence", "reference", "span"])
            }

            /// The fields in their order, as a new dict.
            fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
                let dict = PyDict::new(py);
                $(dict.set_item(stringify!($field), &self.$field)?;)*
                dict.set_item("rule", &self.rule)?;
                dict.set_item("confidence", self.confidence)?;
                dict.set_item("reference", &self.reference)?;
                dict.set_item("span", self.span)?;
                Ok(dict)
            }

            fn __hash__(&self) -> u64 {
                let mut hasher = DefaultHasher::new();
                $(self.$field.hash_field(&mut hasher);)*
                self.rule.hash_field(&mut hasher);
                self.confidence.hash_field(&mut hasher);
                self.reference.hash_field(&mut hasher);
                self.span.hash_field(&mut hasher);
                hasher.finish()
            }

            fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
                let fields = PyTuple::new(py, self.to_dict(py)?.values())?;
                Ok((py.get_type::<$name>().into_any(), fields))
            }

            fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
                let mut text = String::from(concat!(stringify!($name), "("));
                for (name, value) in self.to_dict(py)? {
                    if !text.ends_with('(') {
                        text.push_str(", ");
                    }
                    text.push_str(&format!("{name}={}", value.repr()?));
                }
                text.push(')');
                Ok(text)
            }
        }
    };
}

result_class! {
    /// The company key of a host, an address or a URL.
    Domain from normalize::Domain {
        domain: String,
        host: String,
        suffix: String,
        is_private_suffix: bool,
        icann_domain: Option<String>,
        is_free_mail: bool,
        is_disposable: bool,
    }
}

result_class! {
    /// An e-mail address with the mailbox that it delivers to.
    Email from normalize::Email {
        address: String,
        key: String,
        host: String,
        domain: Option<String>,
        is_role: bool,
        is_free_mail: bool,
        is_disposable: bool,
        suggestion: Option<String>,
    }
}

result_class! {
    /// A company's name to show, a key to compare it by, and the legal form that it carried.
    CompanyName from normalize::CompanyName {
        display: String,
        key: String,
        legal_form: Option<String>,
        legal_form_country: Option<String>,
    }
}

result_class! {
    /// One parse of a job title: level (1 is highest), seniority, function and the title itself, cleaned.
    JobTitle from normalize::JobTitle {
        level: u8,
        level_name: String,
        levels: Vec<u16>,
        seniority: String,
        function: Option<String>,
        cleaned_title: String,
        people_manager: Option<bool>,
    }
}

result_class! {
    /// A standard range, with the interval that the text gave.
    RangeMatch from normalize::RangeMatch {
        name: String,
        minimum: Option<i64>,
        maximum: Option<i64>,
        straddles: bool,
        overlap: f64,
        currency: Option<String>,
        micro_dollars: Option<i64>,
    }
}

result_class! {
    /// A LinkedIn page in its one spelling.
    LinkedinUrl from normalize::LinkedinUrl {
        url: String,
        kind: String,
        slug: String,
    }
}

result_class! {
    /// One of LinkedIn's industries, the finer one that the text named, and others behind it.
    Industry from normalize::Industry {
        name: String,
        code: u16,
        finer: Option<String>,
        also: Vec<String>,
    }
}

result_class! {
    /// What kind of company this is, with LinkedIn's letter for it.
    CompanyType from normalize::CompanyType {
        name: String,
        code: String,
    }
}

result_class! {
    /// A place; what the text does not say is None.
    Location from normalize::Location {
        city: Option<String>,
        region: Option<String>,
        region_code: Option<String>,
        country: Option<String>,
        country_code: Option<String>,
        metro: Option<String>,
        is_remote: bool,
    }
}

result_class! {
    /// A telephone number, its country, and the other numbers of the text.
    Phone from normalize::Phone {
        e164: String,
        is_valid: bool,
        region: Option<String>,
        extension: Option<String>,
        is_fictional: bool,
        others: Vec<String>,
    }
}

result_class! {
    /// The parts of a person's name, and the name to show.
    PersonName from normalize::PersonName {
        prefix: Option<String>,
        given: Option<String>,
        middle: Option<String>,
        particle: Option<String>,
        family: Option<String>,
        suffix: Option<String>,
        credentials: Option<String>,
        nickname: Option<String>,
        display: String,
    }
}
