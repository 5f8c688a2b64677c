use super::cell::Cell;
use arrow_array::ArrayRef;
use arrow_array::builder::{ArrayBuilder, Float64Builder, StringBuilder};
use arrow_schema::{Field, FieldRef};
use firmograph_core::Matched;
use firmograph_normalize as normalize;
use std::sync::Arc;

/// A result whose fields are columns.
pub(super) trait Layout: Sized {
    type Columns: Columns<Self>;
}

/// The columns of one kind of result, as far as they are wanted.
pub(super) trait Columns<T> {
    /// Every field in its order, each nullable: a row without a result has none.
    fn fields() -> Vec<FieldRef>;

    /// Columns for every field, or for the one that is `wanted`.
    fn new(wanted: Option<&str>) -> Self;

    fn push(&mut self, result: Option<&Matched<T>>);

    /// The columns that were wanted, in the order of the fields.
    fn finish(self) -> Vec<ArrayRef>;
}

/// Declares the columns of a kind of result: its value fields, then rule, confidence and reference.
macro_rules! layout {
    ($($result:ty => $columns:ident { $($field:ident: $kind:ty),* $(,)? })*) => {$(
        pub(super) struct $columns {
            $($field: Option<<$kind as Cell>::Builder>,)*
            rule: Option<StringBuilder>,
            confidence: Option<Float64Builder>,
            reference: Option<StringBuilder>,
        }

        impl Layout for $result {
            type Columns = $columns;
        }

        impl Columns<$result> for $columns {
            fn fields() -> Vec<FieldRef> {
                vec![
                    $(field::<$kind>(stringify!($field)),)*
                    field::<String>("rule"),
                    field::<f64>("confidence"),
                    field::<String>("reference"),
                ]
            }

            fn new(wanted: Option<&str>) -> Self {
                let is_wanted = |name| wanted.is_none_or(|wanted| wanted == name);
                $columns {
                    $($field: is_wanted(stringify!($field)).then(Default::default),)*
                    rule: is_wanted("rule").then(Default::default),
                    confidence: is_wanted("confidence").then(Default::default),
                    reference: is_wanted("reference").then(Default::default),
                }
            }

            fn push(&mut self, result: Option<&Matched<$result>>) {
                $(if let Some(builder) = &mut self.$field {
                    match result {
                        Some(result) => Cell::append(&result.value.$field, builder),
                        None => <$kind as Cell>::append_null(builder),
                    }
                })*
                let evidence = result.map(|result| &result.evidence);
                if let Some(builder) = &mut self.rule {
                    builder.append_option(evidence.map(|evidence| &evidence.rule));
                }
                if let Some(builder) = &mut self.confidence {
                    builder.append_option(evidence.map(|evidence| evidence.confidence));
                }
                if let Some(builder) = &mut self.reference {
                    builder.append_option(evidence.map(|evidence| &evidence.reference));
                }
            }

            fn finish(self) -> Vec<ArrayRef> {
                let columns = [
                    $(self.$field.map(built),)*
                    self.rule.map(built),
                    self.confidence.map(built),
                    self.reference.map(built),
                ];
                columns.into_iter().flatten().collect()
            }
        }
    )*};
}

fn field<T: Cell>(name: &str) -> FieldRef {
    Arc::new(Field::new(name, T::data_type(), true))
}

fn built(mut builder: impl ArrayBuilder) -> ArrayRef {
    builder.finish()
}

layout! {
    normalize::Domain => DomainColumns {
        domain: String,
        host: String,
        suffix: String,
        is_private_suffix: bool,
        icann_domain: Option<String>,
        is_free_mail: bool,
        is_disposable: bool,
    }
    normalize::Email => EmailColumns {
        address: String,
        key: String,
        host: String,
        domain: Option<String>,
        is_role: bool,
        is_free_mail: bool,
        is_disposable: bool,
        suggestion: Option<String>,
    }
    normalize::CompanyName => CompanyNameColumns {
        display: String,
        key: String,
        legal_form: Option<&'static str>,
        legal_form_country: Option<&'static str>,
    }
    normalize::JobTitle => JobTitleColumns {
        level: u8,
        level_name: &'static str,
        levels: Vec<u8>,
        seniority: &'static str,
        function: Option<&'static str>,
        cleaned_title: String,
        people_manager: Option<bool>,
    }
    normalize::RangeMatch => RangeColumns {
        name: &'static str,
        minimum: Option<i64>,
        maximum: Option<i64>,
        straddles: bool,
        overlap: f64,
        currency: Option<&'static str>,
        micro_dollars: Option<i64>,
    }
    normalize::LinkedinUrl => LinkedinUrlColumns {
        url: String,
        kind: normalize::LinkedinKind,
        slug: String,
    }
    normalize::Industry => IndustryColumns {
        name: &'static str,
        code: u16,
        finer: Option<&'static str>,
        also: Vec<&'static str>,
    }
    normalize::CompanyType => CompanyTypeColumns {
        name: &'static str,
        code: &'static str,
    }
    normalize::Location => LocationColumns {
        city: Option<std::borrow::Cow<'static, str>>,
        region: Option<&'static str>,
        region_code: Option<&'static str>,
        country: Option<&'static str>,
        country_code: Option<&'static str>,
        metro: Option<std::borrow::Cow<'static, str>>,
        is_remote: bool,
    }
    normalize::Phone => PhoneColumns {
        e164: String,
        is_valid: bool,
        region: Option<String>,
        extension: Option<String>,
        is_fictional: bool,
        others: Vec<String>,
    }
    normalize::PersonName => PersonNameColumns {
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
