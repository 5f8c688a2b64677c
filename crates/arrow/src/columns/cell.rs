use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Float64Builder, Int64Builder, ListBuilder, StringBuilder, UInt8Builder,
    UInt16Builder,
};
use arrow_schema::{DataType, Field};
use firmograph_normalize::LinkedinKind;
use std::borrow::Cow;
use std::sync::Arc;

/// A value of a result's field as a cell of an Arrow column.
pub(super) trait Cell {
    /// What builds the column.
    type Builder: ArrayBuilder;

    /// A builder with room for so many rows: growing would cost as much as filling.
    fn builder(rows: usize) -> Self::Builder;

    /// The column's type.
    fn data_type() -> DataType;

    fn append(&self, builder: &mut Self::Builder);

    fn append_null(builder: &mut Self::Builder);
}

/// Declares cells that one builder takes as they are.
macro_rules! cell {
    ($($kind:ty => $builder:ty, $data_type:expr, |$rows:ident| $room:expr, |$cell:ident| $value:expr;)*) => {$(
        impl Cell for $kind {
            type Builder = $builder;

            fn builder($rows: usize) -> $builder {
                $room
            }

            fn data_type() -> DataType {
                $data_type
            }

            #[inline]
            fn append(&self, builder: &mut $builder) {
                let $cell = self;
                builder.append_value($value);
            }

            fn append_null(builder: &mut $builder) {
                builder.append_null();
            }
        }
    )*};
}

cell! {
    String => StringBuilder, DataType::Utf8, |rows| texts(rows), |text| text;
    &'static str => StringBuilder, DataType::Utf8, |rows| texts(rows), |text| text;
    Cow<'static, str> => StringBuilder, DataType::Utf8, |rows| texts(rows), |text| text;
    LinkedinKind => StringBuilder, DataType::Utf8, |rows| texts(rows), |kind| linkedin_kind(*kind);
    bool => BooleanBuilder, DataType::Boolean, |rows| BooleanBuilder::with_capacity(rows), |flag| *flag;
    u8 => UInt8Builder, DataType::UInt8, |rows| UInt8Builder::with_capacity(rows), |number| *number;
    u16 => UInt16Builder, DataType::UInt16, |rows| UInt16Builder::with_capacity(rows), |number| *number;
    i64 => Int64Builder, DataType::Int64, |rows| Int64Builder::with_capacity(rows), |number| *number;
    f64 => Float64Builder, DataType::Float64, |rows| Float64Builder::with_capacity(rows), |number| *number;
}

impl<T: Cell> Cell for Option<T> {
    type Builder = T::Builder;

    fn builder(rows: usize) -> T::Builder {
        T::builder(rows)
    }

    fn data_type() -> DataType {
        T::data_type()
    }

    #[inline]
    fn append(&self, builder: &mut T::Builder) {
        match self {
            Some(cell) => cell.append(builder),
            None => T::append_null(builder),
        }
    }

    fn append_null(builder: &mut T::Builder) {
        T::append_null(builder);
    }
}

impl<T: Cell> Cell for Vec<T> {
    type Builder = ListBuilder<T::Builder>;

    fn builder(rows: usize) -> Self::Builder {
        ListBuilder::with_capacity(T::builder(rows), rows)
    }

    fn data_type() -> DataType {
        DataType::List(Arc::new(Field::new_list_field(T::data_type(), true)))
    }

    #[inline]
    fn append(&self, builder: &mut Self::Builder) {
        for cell in self {
            cell.append(builder.values());
        }
        builder.append(true);
    }

    fn append_null(builder: &mut Self::Builder) {
        builder.append_null();
    }
}

/// Room for texts of the usual length; pages that nobody writes to cost nothing.
fn texts(rows: usize) -> StringBuilder {
    StringBuilder::with_capacity(rows, rows * 32)
}

fn linkedin_kind(kind: LinkedinKind) -> &'static str {
    match kind {
        LinkedinKind::Company => "company",
        LinkedinKind::Person => "person",
        LinkedinKind::School => "school",
        LinkedinKind::Showcase => "showcase",
    }
}
