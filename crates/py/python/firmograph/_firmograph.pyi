# Every result also says how it was found: rule, confidence (0 to 1), reference (the table and its version) and span (the
# bytes of the UTF-8 text that decided).

from collections.abc import Mapping
from typing import Any, ClassVar, SupportsFloat, final

__all__ = [
    "Coalescer",
    "CompanyName",
    "CompanyType",
    "Domain",
    "Email",
    "Golden",
    "Industry",
    "JobTitle",
    "LinkedinUrl",
    "Location",
    "PersonName",
    "Phone",
    "RangeMatch",
    "canonical_linkedin_url",
    "clean_company_name",
    "delete_lead_json",
    "explain_json",
    "extract_domain",
    "lead_json",
    "leads_json",
    "match_company_type",
    "match_employee_range",
    "match_funding_range",
    "match_industry",
    "match_job_title",
    "match_location",
    "match_revenue_range",
    "normalize_email",
    "normalize_phone",
    "refresh_lead_json",
    "split_person_name",
    "upload_leads_json",
]

@final
class Domain:
    """The company key of a host, an address or a URL."""
    @property
    def domain(self) -> str:
        """Registrable domain: A-labels, lower case."""
    @property
    def host(self) -> str:
        """The host as given, in A-labels and lower case."""
    @property
    def suffix(self) -> str:
        """Public suffix of the host."""
    @property
    def is_private_suffix(self) -> bool:
        """Whether the suffix stands in the private section of the list (``github.io``)."""
    @property
    def icann_domain(self) -> str | None:
        """Where the suffix is private: the registrable domain by the ICANN section alone."""
    @property
    def is_free_mail(self) -> bool:
        """Whether anybody can have a mailbox there."""
    @property
    def is_disposable(self) -> bool:
        """Whether the domain gives out throw-away mailboxes."""
    @property
    def rule(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def reference(self) -> str: ...
    @property
    def span(self) -> tuple[int, int]: ...
    def as_dict(self) -> dict[str, Any]:
        """The fields in their order, as a new dict."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Email:
    """An e-mail address with the mailbox that it delivers to."""
    @property
    def address(self) -> str:
        """The address as given, its host in lower case."""
    @property
    def key(self) -> str:
        """The mailbox that it delivers to, to compare by."""
    @property
    def host(self) -> str:
        """The host behind the @."""
    @property
    def domain(self) -> str | None:
        """Registrable domain of the host."""
    @property
    def is_role(self) -> bool:
        """Whether the mailbox is of a function (``info``), not of a person."""
    @property
    def is_free_mail(self) -> bool:
        """Whether anybody can have a mailbox there."""
    @property
    def is_disposable(self) -> bool:
        """Whether the host gives out throw-away mailboxes."""
    @property
    def suggestion(self) -> str | None:
        """What the address was probably meant to be; never applied."""
    @property
    def rule(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def reference(self) -> str: ...
    @property
    def span(self) -> tuple[int, int]: ...
    def as_dict(self) -> dict[str, Any]:
        """The fields in their order, as a new dict."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CompanyName:
    """A company's name to show, a key to compare it by, and the legal form that it carried."""
    @property
    def display(self) -> str:
        """The name to show."""
    @property
    def key(self) -> str:
        """The name to compare by."""
    @property
    def legal_form(self) -> str | None:
        """The legal form that the text carried, in its usual spelling."""
    @property
    def legal_form_country(self) -> str | None:
        """Country of the legal form, where it has just one."""
    @property
    def rule(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def reference(self) -> str: ...
    @property
    def span(self) -> tuple[int, int]: ...
    def as_dict(self) -> dict[str, Any]:
        """The fields in their order, as a new dict."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class JobTitle:
    """One parse of a job title: level (1 is highest), seniority, function and the title itself, cleaned."""
    @property
    def level(self) -> int:
        """1 (highest) to 15."""
    @property
    def level_name(self) -> str:
        """Name of the level."""
    @property
    def levels(self) -> list[int]:
        """All levels that the text names."""
    @property
    def seniority(self) -> str:
        """Seniority of the level."""
    @property
    def function(self) -> str | None:
        """Function (department) of the title."""
    @property
    def cleaned_title(self) -> str:
        """The title without noise."""
    @property
    def people_manager(self) -> bool | None:
        """Whether the title says that the person manages people."""
    @property
    def rule(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def reference(self) -> str: ...
    @property
    def span(self) -> tuple[int, int]: ...
    def as_dict(self) -> dict[str, Any]:
        """The fields in their order, as a new dict."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class RangeMatch:
    """A standard range, with the interval that the text gave."""
    @property
    def name(self) -> str:
        """Name of the standard range."""
    @property
    def minimum(self) -> int | None:
        """Low end of the interval in the text; None where it is open."""
    @property
    def maximum(self) -> int | None:
        """High end of the interval in the text; None where it is open."""
    @property
    def straddles(self) -> bool:
        """Whether the interval crosses a bound of the standard range."""
    @property
    def overlap(self) -> float:
        """Share of the interval inside the standard range, on a log scale."""
    @property
    def currency(self) -> str | None:
        """ISO 4217 code of the currency that was converted to dollars."""
    @property
    def micro_dollars(self) -> int | None:
        """The rate of that, in millionths of a US dollar."""
    @property
    def rule(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def reference(self) -> str: ...
    @property
    def span(self) -> tuple[int, int]: ...
    def as_dict(self) -> dict[str, Any]:
        """The fields in their order, as a new dict."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class LinkedinUrl:
    """A LinkedIn page in its one spelling."""
    @property
    def url(self) -> str:
        """The URL in its one spelling."""
    @property
    def kind(self) -> str:
        """``company``, ``person``, ``school`` or ``showcase``."""
    @property
    def slug(self) -> str:
        """The name of the page in the URL."""
    @property
    def rule(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def reference(self) -> str: ...
    @property
    def span(self) -> tuple[int, int]: ...
    def as_dict(self) -> dict[str, Any]:
        """The fields in their order, as a new dict."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Industry:
    """One of LinkedIn's industries, the finer one that the text named, and others behind it."""
    @property
    def name(self) -> str:
        """LinkedIn's current name."""
    @property
    def code(self) -> int:
        """LinkedIn's code."""
    @property
    def finer(self) -> str | None:
        """The finer industry that the text named, which belongs to this one."""
    @property
    def also(self) -> list[str]:
        """Other industries that the text names behind this one."""
    @property
    def rule(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def reference(self) -> str: ...
    @property
    def span(self) -> tuple[int, int]: ...
    def as_dict(self) -> dict[str, Any]:
        """The fields in their order, as a new dict."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class CompanyType:
    """What kind of company this is, with LinkedIn's letter for it."""
    @property
    def name(self) -> str:
        """Name of the type."""
    @property
    def code(self) -> str:
        """LinkedIn's letter for it."""
    @property
    def rule(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def reference(self) -> str: ...
    @property
    def span(self) -> tuple[int, int]: ...
    def as_dict(self) -> dict[str, Any]:
        """The fields in their order, as a new dict."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Location:
    """A place; what the text does not say is None."""
    @property
    def city(self) -> str | None:
        """City or town."""
    @property
    def region(self) -> str | None:
        """State, province or the like, in English."""
    @property
    def region_code(self) -> str | None:
        """ISO 3166-2 code of the region."""
    @property
    def country(self) -> str | None:
        """Country or territory, in English."""
    @property
    def country_code(self) -> str | None:
        """ISO 3166-1 alpha-2 code of the country."""
    @property
    def metro(self) -> str | None:
        """Metropolitan area, where the text names one."""
    @property
    def is_remote(self) -> bool:
        """Whether the text says that work is done from anywhere."""
    @property
    def rule(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def reference(self) -> str: ...
    @property
    def span(self) -> tuple[int, int]: ...
    def as_dict(self) -> dict[str, Any]:
        """The fields in their order, as a new dict."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class Phone:
    """A telephone number, its country, and the other numbers of the text."""
    @property
    def e164(self) -> str:
        """The number in the form of E.164."""
    @property
    def is_valid(self) -> bool:
        """Whether such a number can be in service."""
    @property
    def region(self) -> str | None:
        """Country of the number, ISO 3166-1 alpha-2; ``001`` for one of no country."""
    @property
    def extension(self) -> str | None:
        """The digits to dial once connected."""
    @property
    def is_fictional(self) -> bool:
        """Whether a regulator keeps the number free for films and books."""
    @property
    def others(self) -> list[str]:
        """The other valid numbers of the text."""
    @property
    def rule(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def reference(self) -> str: ...
    @property
    def span(self) -> tuple[int, int]: ...
    def as_dict(self) -> dict[str, Any]:
        """The fields in their order, as a new dict."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

@final
class PersonName:
    """The parts of a person's name, and the name to show."""
    @property
    def prefix(self) -> str | None:
        """Forms of address and titles before the name."""
    @property
    def given(self) -> str | None:
        """First given name or initial."""
    @property
    def middle(self) -> str | None:
        """Names between the first and the family name."""
    @property
    def particle(self) -> str | None:
        """What the family name is sorted without: ``van der``."""
    @property
    def family(self) -> str | None:
        """Family name."""
    @property
    def suffix(self) -> str | None:
        """``Jr``, ``III``, ``Esq``."""
    @property
    def credentials(self) -> str | None:
        """Degrees and professional letters."""
    @property
    def nickname(self) -> str | None:
        """The name in quotes or brackets within the name."""
    @property
    def display(self) -> str:
        """The name to show."""
    @property
    def rule(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def reference(self) -> str: ...
    @property
    def span(self) -> tuple[int, int]: ...
    def as_dict(self) -> dict[str, Any]:
        """The fields in their order, as a new dict."""
    def __eq__(self, other: object, /) -> bool: ...
    def __ne__(self, other: object, /) -> bool: ...
    __hash__: ClassVar[None]  # type: ignore[assignment]

def explain_json(key: str, attribute: str | None, database: str) -> str: ...
def leads_json(
    status: str | None, company: str | None, limit: int, after: str | None, database: str
) -> str: ...
def lead_json(id: str, database: str) -> str: ...
def upload_leads_json(
    path: str, name: str | None, title: str | None, company: str | None, email: str | None, database: str
) -> str: ...
def refresh_lead_json(id: str, research: str | None, icp: str | None, database: str) -> str: ...
def delete_lead_json(id: str, dry_run: bool, database: str) -> str: ...
def extract_domain(text: str | None) -> Domain | None:
    """The registrable domain of a host, an e-mail address or a URL."""

def normalize_email(text: str | None) -> Email | None:
    """An e-mail address, the mailbox it delivers to, and what kind of mailbox that is."""

def clean_company_name(text: str | None) -> CompanyName | None:
    """A company's name without legal form and noise, and a key to compare it by."""

def match_job_title(text: str | None) -> JobTitle | None:
    """Level, seniority and function of a job title, from one parse."""

def match_employee_range(text: str | int | None) -> RangeMatch | None:
    """The standard employee range of a text or a number of people."""

def match_revenue_range(text: str | int | None, rates: Mapping[str, SupportsFloat] | None = None) -> RangeMatch | None:
    """The standard revenue range; ``rates``: US dollars for one unit of other currencies."""

def match_funding_range(text: str | int | None, rates: Mapping[str, SupportsFloat] | None = None) -> RangeMatch | None:
    """The standard funding range; ``rates``: US dollars for one unit of other currencies."""

def canonical_linkedin_url(text: str | None) -> LinkedinUrl | None:
    """A LinkedIn URL in its one spelling, and what kind of page it names."""

def match_industry(text: str | None) -> Industry | None:
    """The standard industry of a name in any spelling, or of a code of NAICS or SIC."""

def match_company_type(text: str | None) -> CompanyType | None:
    """The standard type of a company: public, private, nonprofit and so on."""

def match_location(text: str | None, country: str | None = None) -> Location | None:
    """The place that a text means; ``country``: that of the record, by name or code."""

def normalize_phone(text: str | None, region: str | None = None) -> Phone | None:
    """The telephone number of a text; ``region``: country of the record, by name or code."""

def split_person_name(text: str | None) -> PersonName | None:
    """The parts of a person's name, and the name to show."""

@final
class Coalescer:
    """Gathers normalized records, in any order and from any engine, and coalesces them into golden companies and prospects.

    ``policy`` is that of ``firmograph.coalesce``. Where ``only`` is ``company`` or ``person``, records without a key of that
    kind are left out, and columns about the other kind need not be there.
    """

    def __new__(
        cls, policy: Mapping[str, Any] | None = None, *, only: Literal["company", "person"] | None = None
    ) -> Coalescer: ...
    def push(self, batch: Any, *, prefix: str = "") -> int:
        """Adds the records of a normalized table; gives how many were not there before. What a batch of it says counts whole or
        not at all.
        """
    def merge(self, other: Coalescer) -> None:
        """Adds every record of another coalescer of the same policy; those that both have count once."""
    def state(self) -> ArrowChunks:
        """The records as a table, in the order of their payloads: pushed into another coalescer, they make it what this one is."""
    def finish(self) -> Golden:
        """The golden companies and prospects of everything that was pushed."""
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class Golden:
    """Golden companies and prospects, each a table in the order of the keys."""

    @property
    def companies(self) -> ArrowChunks:
        """One row for each company."""
    @property
    def prospects(self) -> ArrowChunks:
        """One row for each person."""

def _normalize_batch(
    stream: Any,
    source: str,
    mapping: str | None,
    observed_at: str | None,
    repair_domains: bool,
    keep: list[str] | None,
    prefix: str,
) -> ArrowStream: ...
def _mapping_text(path: str | PathLike[str]) -> str: ...
def _normalized_schema(prefix: str, only: str | None = None) -> ArrowChunks: ...
def _golden_schema(only: str) -> ArrowChunks: ...
def _restored(policy: Mapping[str, Any], only: str | None, state: bytes) -> Coalescer: ...
