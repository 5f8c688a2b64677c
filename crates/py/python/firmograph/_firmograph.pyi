from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from os import PathLike
from typing import Any, Literal, SupportsFloat, final, type_check_only

from typing_extensions import CapsuleType, Self, disjoint_base

__all__ = [
    "ArrowArray",
    "ArrowChunks",
    "ArrowStream",
    "BudgetsCore",
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
    "ResearchCore",
    "StoreCore",
    "_golden_schema",
    "_mapping_text",
    "_normalize_batch",
    "_normalized_schema",
    "_panic",
    "_pass_through",
    "_restored",
    "canonical_linkedin_url",
    "clean_company_name",
    "columns",
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
    "normalize_records",
    "refresh_lead_json",
    "split_person_name",
    "upload_leads_json",
]

@final
class ArrowStream:
    """An Arrow stream that computes as it is read, and is read once."""
    def __arrow_c_stream__(self, requested_schema: object = None) -> CapsuleType:
        """The stream as a capsule. The requested schema is a wish that the protocol lets a producer leave open."""
    def __arrow_c_schema__(self) -> CapsuleType:
        """The type as a capsule; takes nothing from the stream."""

@disjoint_base
class ArrowChunks:
    """Arrow data that is there: any number of readers, any number of times."""
    def __len__(self) -> int: ...
    def __arrow_c_stream__(self, requested_schema: object = None) -> CapsuleType:
        """The arrays as a capsule, as often as anybody asks."""
    def __arrow_c_schema__(self) -> CapsuleType:
        """The type as a capsule."""

@final
class ArrowArray(ArrowChunks):
    """One Arrow array."""
    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[CapsuleType, CapsuleType]:
        """Type and array, each as a capsule."""

def columns(
    kind: str,
    source: object,
    *,
    column: str | None,
    prefix: str,
    field: str | None,
    country: object,
    country_column: str | None,
    rates: Mapping[str, SupportsFloat] | None,
) -> Any:
    """What :mod:`firmograph.columns` calls."""

@type_check_only
class _Result:
    """What every result says of how it was found."""
    @property
    def rule(self) -> str:
        """Name of the rule."""
    @property
    def confidence(self) -> float:
        """0 to 1."""
    @property
    def reference(self) -> str:
        """The table that was consulted, and its version."""
    @property
    def span(self) -> tuple[int, int]:
        """The bytes of the UTF-8 text that decided: the first, and the one behind the last."""
    def to_dict(self) -> dict[str, Any]:
        """The fields in their order, as a new dict."""

@final
class Domain(_Result):
    """The company key of a host, an address or a URL."""
    __match_args__ = (
        "domain", "host", "suffix", "is_private_suffix", "icann_domain", "is_free_mail", "is_disposable", "rule",
        "confidence", "reference", "span",
    )
    def __new__(
        cls, domain: str, host: str, suffix: str, is_private_suffix: bool, icann_domain: str | None,
        is_free_mail: bool, is_disposable: bool, rule: str, confidence: float, reference: str, span: tuple[int, int],
    ) -> Self: ...
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

@final
class Email(_Result):
    """An e-mail address with the mailbox that it delivers to."""
    __match_args__ = (
        "address", "key", "host", "domain", "is_role", "is_free_mail", "is_disposable", "suggestion", "rule",
        "confidence", "reference", "span",
    )
    def __new__(
        cls, address: str, key: str, host: str, domain: str | None, is_role: bool, is_free_mail: bool,
        is_disposable: bool, suggestion: str | None, rule: str, confidence: float, reference: str,
        span: tuple[int, int],
    ) -> Self: ...
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

@final
class CompanyName(_Result):
    """A company's name to show, a key to compare it by, and the legal form that it carried."""
    __match_args__ = ("display", "key", "legal_form", "legal_form_country", "rule", "confidence", "reference", "span")
    def __new__(
        cls, display: str, key: str, legal_form: str | None, legal_form_country: str | None, rule: str,
        confidence: float, reference: str, span: tuple[int, int],
    ) -> Self: ...
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

@final
class JobTitle(_Result):
    """One parse of a job title: level (1 is highest), seniority, function and the title itself, cleaned."""
    __match_args__ = (
        "level", "level_name", "levels", "seniority", "function", "cleaned_title", "people_manager", "rule",
        "confidence", "reference", "span",
    )
    def __new__(
        cls, level: int, level_name: str, levels: list[int], seniority: str, function: str | None, cleaned_title: str,
        people_manager: bool | None, rule: str, confidence: float, reference: str, span: tuple[int, int],
    ) -> Self: ...
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

@final
class RangeMatch(_Result):
    """A standard range, with the interval that the text gave."""
    __match_args__ = (
        "name", "minimum", "maximum", "straddles", "overlap", "currency", "micro_dollars", "rule", "confidence",
        "reference", "span",
    )
    def __new__(
        cls, name: str, minimum: int | None, maximum: int | None, straddles: bool, overlap: float,
        currency: str | None, micro_dollars: int | None, rule: str, confidence: float, reference: str,
        span: tuple[int, int],
    ) -> Self: ...
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

@final
class LinkedinUrl(_Result):
    """A LinkedIn page in its one spelling."""
    __match_args__ = ("url", "kind", "slug", "rule", "confidence", "reference", "span")
    def __new__(
        cls, url: str, kind: str, slug: str, rule: str, confidence: float, reference: str, span: tuple[int, int],
    ) -> Self: ...
    @property
    def url(self) -> str:
        """The URL in its one spelling."""
    @property
    def kind(self) -> str:
        """``company``, ``person``, ``school`` or ``showcase``."""
    @property
    def slug(self) -> str:
        """The name of the page in the URL."""

@final
class Industry(_Result):
    """One of LinkedIn's industries, the finer one that the text named, and others behind it."""
    __match_args__ = ("name", "code", "finer", "also", "rule", "confidence", "reference", "span")
    def __new__(
        cls, name: str, code: int, finer: str | None, also: list[str], rule: str, confidence: float, reference: str,
        span: tuple[int, int],
    ) -> Self: ...
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

@final
class CompanyType(_Result):
    """What kind of company this is, with LinkedIn's letter for it."""
    __match_args__ = ("name", "code", "rule", "confidence", "reference", "span")
    def __new__(
        cls, name: str, code: str, rule: str, confidence: float, reference: str, span: tuple[int, int],
    ) -> Self: ...
    @property
    def name(self) -> str:
        """Name of the type."""
    @property
    def code(self) -> str:
        """LinkedIn's letter for it."""

@final
class Location(_Result):
    """A place; what the text does not say is None."""
    __match_args__ = (
        "city", "region", "region_code", "country", "country_code", "metro", "is_remote", "rule", "confidence",
        "reference", "span",
    )
    def __new__(
        cls, city: str | None, region: str | None, region_code: str | None, country: str | None,
        country_code: str | None, metro: str | None, is_remote: bool, rule: str, confidence: float, reference: str,
        span: tuple[int, int],
    ) -> Self: ...
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

@final
class Phone(_Result):
    """A telephone number, its country, and the other numbers of the text."""
    __match_args__ = (
        "e164", "is_valid", "region", "extension", "is_fictional", "others", "rule", "confidence", "reference", "span",
    )
    def __new__(
        cls, e164: str, is_valid: bool, region: str | None, extension: str | None, is_fictional: bool,
        others: list[str], rule: str, confidence: float, reference: str, span: tuple[int, int],
    ) -> Self: ...
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

@final
class PersonName(_Result):
    """The parts of a person's name, and the name to show."""
    __match_args__ = (
        "prefix", "given", "middle", "particle", "family", "suffix", "credentials", "nickname", "display", "rule",
        "confidence", "reference", "span",
    )
    def __new__(
        cls, prefix: str | None, given: str | None, middle: str | None, particle: str | None, family: str | None,
        suffix: str | None, credentials: str | None, nickname: str | None, display: str, rule: str, confidence: float,
        reference: str, span: tuple[int, int],
    ) -> Self: ...
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

@final
class BudgetsCore:
    """Budgets, each call of which gives JSON text where it tells something; ``firmograph.Budgets`` shapes it."""

    def __new__(
        cls, url: str, fail_open: bool, time_to_live: float, holder: str | None, allow_without_budget: bool
    ) -> BudgetsCore: ...
    @property
    def url(self) -> str: ...
    @property
    def unguarded(self) -> int: ...
    def close(self) -> None: ...
    def take_alerts(self) -> list[str]: ...
    def set(
        self, workspace: str, provider: str | None, user: str | None, period: str, cap: int, time_zone: str | None,
        author: str | None,
    ) -> str: ...
    def remove(self, workspace: str, provider: str | None, user: str | None, period: str) -> bool: ...
    def list(self, what: str, workspace: str | None) -> str: ...
    def alerts(self, workspace: str | None, unacknowledged: bool) -> str: ...
    def acknowledge(self, alert: str, by: str) -> bool: ...
    def expire(self) -> int: ...
    def reserve(self, call: Mapping[str, Any], worst: int) -> str: ...
    def settle(
        self, reservation: str | None, begun: str, call: Mapping[str, Any], outcome: Mapping[str, Any]
    ) -> str: ...
    def release(self, reservation: str) -> bool: ...

@final
class ResearchCore:
    """The research cache, each call of which gives JSON text; ``firmograph.ResearchCache`` shapes it."""

    def __new__(
        cls, url: str, time_to_live: float | None, miss_time_to_live: float | None, serves_stale: bool,
        max_rows: int | None, max_bytes: int | None, holder: str | None,
    ) -> ResearchCore: ...
    @property
    def url(self) -> str: ...
    @property
    def absolute_url(self) -> str | None: ...
    @property
    def shown(self) -> str: ...
    def close(self) -> None: ...
    def get_or_compute(self, key: Mapping[str, Any], compute: Callable[[], Mapping[str, Any]]) -> str: ...
    def stored(self, key: Mapping[str, Any]) -> str: ...
    def stats(self) -> str: ...
    def list(self, workspace: str | None, entity: str | None, limit: int) -> str: ...
    def expire(self) -> int: ...

@final
class StoreCore:
    """A database, each call of which gives JSON text; ``firmograph.Store`` shapes it."""

    def __new__(cls, url: str) -> StoreCore: ...
    @property
    def url(self) -> str: ...
    @property
    def absolute_url(self) -> str | None: ...
    @property
    def shown(self) -> str: ...
    def open(self) -> str: ...
    def close(self, haste: bool) -> str: ...
    def interrupt(self) -> None: ...
    def migrate(self) -> str: ...
    def ingest(
        self, paths: Sequence[str], source: str, mappings: Sequence[str], dry_run: bool, max_rejects: int | None,
        max_percent: float | None, resume: bool, batch_size: int | None, observed_at: str | None, repair_domains: bool,
        progress: Callable[[str, int, int | None, int, int, int, int], object] | None,
    ) -> str: ...
    def insert(self, kind: str, rows: Iterable[Mapping[str, Any]], source: str | None) -> str: ...
    def entity(self, kind: str, key: str) -> str: ...
    def golden_company(self, domain: str) -> str: ...
    def explain(self, key: str, attribute: str | None) -> str: ...
    def refresh_views(self) -> str: ...
    def facts(self) -> str: ...
    def counts(self) -> str: ...
    def view_count(self) -> str: ...
    def runs(self, limit: int) -> str: ...
    def rejects(self, run: int | None) -> str: ...
    def undo(self, run: int, dry_run: bool) -> str: ...
    def verify(self) -> str: ...
    def quality(self, key: str, as_of: str | None) -> str: ...
    def quality_report(self, by: str, as_of: str | None, source: str | None) -> str: ...
    def check_quality(
        self, min: Sequence[str], max_null: Sequence[str], source: str | None, as_of: str | None
    ) -> str: ...
    def refresh_quality(self, as_of: str | None) -> str: ...
    def figure(self, name: str) -> str: ...
    def import_documents(
        self, envelopes: Sequence[tuple[str, str | None]], source: str, observed_at: str | None, dry_run: bool
    ) -> str: ...
    def documents(self, key: str, kind: str | None) -> str: ...
    def find_documents(self, kind: str, contains: str, of: str | None, limit: int) -> str: ...
    def stats(self, accuracy_rows: int) -> str: ...
    def prometheus(self, accuracy_rows: int) -> str: ...

def explain_json(key: str, attribute: str | None, database: str) -> str: ...
def leads_json(
    status: str | None, company: str | None, limit: int, after: str | None, database: str
) -> str: ...
def lead_json(id: str, database: str) -> str: ...
def upload_leads_json(
    path: str, name: str | None, title: str | None, company: str | None, email: str | None, database: str
) -> str: ...
def normalize_records(
    rows: Iterable[Mapping[Any, Any]],
    source: str,
    mapping: str | None,
    observed_at: str | None,
    repair_domains: bool,
    require_company: bool,
    now: str,
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]: ...
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

def match_employee_range(text: str | float | Decimal | None) -> RangeMatch | None:
    """The standard employee range of a text or a number of people."""

def match_revenue_range(text: str | float | Decimal | None, rates: Mapping[str, SupportsFloat] | None = None) -> RangeMatch | None:
    """The standard revenue range; ``rates``: US dollars for one unit of other currencies."""

def match_funding_range(text: str | float | Decimal | None, rates: Mapping[str, SupportsFloat] | None = None) -> RangeMatch | None:
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

# For the tests of this module alone.
def _panic(message: str) -> None: ...
def _pass_through(source: object, *, collect: bool = False, fails: int | None = None, panics: int | None = None) -> Any: ...
