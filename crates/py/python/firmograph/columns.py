"""The normalisers of :mod:`firmograph` over whole columns, as Arrow in and Arrow out.

A column is a pyarrow ``Array`` or ``ChunkedArray``, a Polars or pandas ``Series``, whatever else has
``__arrow_c_stream__`` or ``__arrow_c_array__``, or a list. What comes back has these methods too: hand it to
``pl.Series``, ``pa.chunked_array``, ``pd.Series.from_arrow`` or a query of DuckDB. Neither pandas nor pyarrow is
imported, no thread is started, and the interpreter is free while the work is done, so that threads of yours scale.

A row is a struct of the result's fields with ``rule``, ``confidence`` and ``reference``, or null where nothing matched.
``field`` asks for one of the fields alone, as a plain column, which costs less.

With ``column`` the first argument is a table: it comes back with the results as further columns, each name behind
``prefix``, and its own columns as they are. That is a stream: it computes as it is read, and is read once.

>>> import firmograph as fg
>>> len(fg.columns.match_job_title(["VP of Sales", None, "Account Manager"], field="level"))
3
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, SupportsFloat, TypeAlias, TypeVar, Union, overload

from ._firmograph import ArrowArray, ArrowChunks, ArrowStream
from ._firmograph import columns as _columns

__all__ = [
    "ArrowArray",
    "ArrowChunks",
    "ArrowStream",
    "canonical_linkedin_url",
    "clean_company_name",
    "extract_domain",
    "match_company_type",
    "match_employee_range",
    "match_funding_range",
    "match_industry",
    "match_job_title",
    "match_location",
    "match_revenue_range",
    "normalize_email",
    "normalize_phone",
    "split_person_name",
]


class SupportsArrowStream(Protocol):
    """Whatever gives an Arrow stream: tables and columns of most libraries."""

    def __arrow_c_stream__(self, requested_schema: Any = None) -> object: ...


class SupportsArrowArray(Protocol):
    """Whatever gives one Arrow array: a batch, or a column in one piece."""

    def __arrow_c_array__(self, requested_schema: Any = None) -> Any: ...


Arrow: TypeAlias = Union[SupportsArrowStream, SupportsArrowArray]
Texts: TypeAlias = Union[Arrow, Sequence[Union[str, None]]]
TextsOrNumbers: TypeAlias = Union[Arrow, Sequence[Union[str, int, None]]]
Rates: TypeAlias = Mapping[str, SupportsFloat]

_Values = TypeVar("_Values", contravariant=True)


class ColumnFunction(Protocol[_Values]):
    """A function of this module: a column gives arrays, a table a stream."""

    @overload
    def __call__(self, source: _Values, *, field: str | None = None) -> ArrowChunks: ...
    @overload
    def __call__(self, source: Arrow, *, column: str, prefix: str = "", field: str | None = None) -> ArrowStream: ...


class MoneyFunction(Protocol):
    """One that takes ``rates`` too."""

    @overload
    def __call__(
        self, source: TextsOrNumbers, *, field: str | None = None, rates: Rates | None = None
    ) -> ArrowChunks: ...
    @overload
    def __call__(
        self, source: Arrow, *, column: str, prefix: str = "", field: str | None = None, rates: Rates | None = None
    ) -> ArrowStream: ...


class PlaceFunction(Protocol):
    """One that takes the country of the record too."""

    @overload
    def __call__(
        self, source: Texts, *, field: str | None = None, country: str | Texts | None = None
    ) -> ArrowChunks: ...
    @overload
    def __call__(
        self,
        source: Arrow,
        *,
        column: str,
        prefix: str = "",
        field: str | None = None,
        country: str | None = None,
        country_column: str | None = None,
    ) -> ArrowStream: ...


class PhoneFunction(Protocol):
    """One that takes the region of the record too."""

    @overload
    def __call__(
        self, source: Texts, *, field: str | None = None, region: str | Texts | None = None
    ) -> ArrowChunks: ...
    @overload
    def __call__(
        self,
        source: Arrow,
        *,
        column: str,
        prefix: str = "",
        field: str | None = None,
        region: str | None = None,
        region_column: str | None = None,
    ) -> ArrowStream: ...


# What a reader of types is told of the functions below, each of which is two.
def _of_texts(function: Any) -> ColumnFunction[Texts]:
    return function


def _of_numbers(function: Any) -> ColumnFunction[TextsOrNumbers]:
    return function


def _of_money(function: Any) -> MoneyFunction:
    return function


def _of_places(function: Any) -> PlaceFunction:
    return function


def _of_phones(function: Any) -> PhoneFunction:
    return function


def _run(kind: str, source: Any, country: Any = None, country_column: str | None = None, **options: Any) -> Any:
    rates = options.pop("rates", None)
    return _columns(kind, source, country=country, country_column=country_column, rates=rates, **options)


@_of_texts
def extract_domain(source: Any, *, column: str | None = None, prefix: str = "", field: str | None = None) -> Any:
    """The registrable domains of hosts, e-mail addresses or URLs.

    >>> len(extract_domain(["https://www.acme.co.uk", None]))
    2
    """
    return _run("domain", source, column=column, prefix=prefix, field=field)


@_of_texts
def normalize_email(source: Any, *, column: str | None = None, prefix: str = "", field: str | None = None) -> Any:
    """E-mail addresses, their mailboxes, and what kind of mailbox each is.

    >>> len(normalize_email(["Jane.Doe@Acme.com", None]))
    2
    """
    return _run("email", source, column=column, prefix=prefix, field=field)


@_of_texts
def clean_company_name(source: Any, *, column: str | None = None, prefix: str = "", field: str | None = None) -> Any:
    """Company names without legal form and noise, with keys to compare by.

    >>> len(clean_company_name(["ACME Robotics, Inc.", None]))
    2
    """
    return _run("company_name", source, column=column, prefix=prefix, field=field)


@_of_texts
def match_job_title(source: Any, *, column: str | None = None, prefix: str = "", field: str | None = None) -> Any:
    """Level, seniority and function of job titles.

    >>> len(match_job_title(["Vice President of Sales", None]))
    2
    """
    return _run("job_title", source, column=column, prefix=prefix, field=field)


@_of_numbers
def match_employee_range(
    source: Any,
    *,
    column: str | None = None,
    prefix: str = "",
    field: str | None = None,
) -> Any:
    """The standard employee ranges of texts or numbers of people.

    >>> len(match_employee_range(["51 to 200", None]))
    2
    """
    return _run("employee_range", source, column=column, prefix=prefix, field=field)


@_of_money
def match_revenue_range(
    source: Any,
    *,
    column: str | None = None,
    prefix: str = "",
    field: str | None = None,
    rates: Rates | None = None,
) -> Any:
    """The standard revenue ranges; ``rates``: US dollars for one unit of other currencies.

    >>> len(match_revenue_range(["€5M", 1_000_000], rates={"EUR": 1.08}))
    2
    """
    return _run("revenue_range", source, column=column, prefix=prefix, field=field, rates=rates)


@_of_money
def match_funding_range(
    source: Any,
    *,
    column: str | None = None,
    prefix: str = "",
    field: str | None = None,
    rates: Rates | None = None,
) -> Any:
    """The standard funding ranges; ``rates``: US dollars for one unit of other currencies.

    >>> len(match_funding_range(["€5M", 1_000_000], rates={"EUR": 1.08}))
    2
    """
    return _run("funding_range", source, column=column, prefix=prefix, field=field, rates=rates)


@_of_texts
def canonical_linkedin_url(
    source: Any,
    *,
    column: str | None = None,
    prefix: str = "",
    field: str | None = None,
) -> Any:
    """LinkedIn URLs in their one spelling, and what kind of page each names.

    >>> len(canonical_linkedin_url(["linkedin.com/company/acme", None]))
    2
    """
    return _run("linkedin_url", source, column=column, prefix=prefix, field=field)


@_of_texts
def match_industry(source: Any, *, column: str | None = None, prefix: str = "", field: str | None = None) -> Any:
    """The standard industries of names, or of codes of NAICS or SIC.

    >>> len(match_industry(["Banking", None]))
    2
    """
    return _run("industry", source, column=column, prefix=prefix, field=field)


@_of_texts
def match_company_type(source: Any, *, column: str | None = None, prefix: str = "", field: str | None = None) -> Any:
    """The standard types of companies.

    >>> len(match_company_type(["PRIVATELY_HELD", None]))
    2
    """
    return _run("company_type", source, column=column, prefix=prefix, field=field)


@_of_places
def match_location(
    source: Any,
    *,
    column: str | None = None,
    prefix: str = "",
    field: str | None = None,
    country: Any = None,
    country_column: str | None = None,
) -> Any:
    """The places that texts mean. ``country``: of every record, or a column of them; of a table, ``country_column``.

    >>> len(match_location(["CA", None], country="US"))
    2
    """
    return _run("location", source, country, country_column, column=column, prefix=prefix, field=field)


@_of_phones
def normalize_phone(
    source: Any,
    *,
    column: str | None = None,
    prefix: str = "",
    field: str | None = None,
    region: Any = None,
    region_column: str | None = None,
) -> Any:
    """Telephone numbers. ``region`` is the country of every record, or a column of them; of a table, ``region_column``.

    >>> len(normalize_phone(["020 7183 8750", "12"], region=["GB", None]))
    2
    """
    return _run("phone", source, region, region_column, column=column, prefix=prefix, field=field)


@_of_texts
def split_person_name(source: Any, *, column: str | None = None, prefix: str = "", field: str | None = None) -> Any:
    """The parts of persons' names, and the names to show.

    >>> len(split_person_name(["Jane Roe", None]))
    2
    """
    return _run("person_name", source, column=column, prefix=prefix, field=field)
