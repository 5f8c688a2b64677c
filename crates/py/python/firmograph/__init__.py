"""Firmographic normalising with evidence.

Each function takes one raw text and gives an object with named fields, or None when the text has no standard value;
None goes in as well. Every result also says how it was found: ``rule``, ``confidence`` (0 to 1), ``reference`` (the
table and its version) and ``span`` (the bytes of the UTF-8 text that decided).

>>> import firmograph as fg
>>> fg.extract_domain("jane@mail.acme.co.uk").domain
'acme.co.uk'
>>> fg.match_employee_range("51 t0 200").name
'51-200'
>>> fg.match_job_title("Vice President of Sales").level
6
>>> fg.match_location("Austin, TX").country
'United States'
"""

import json as _json

from ._batch import coalesce, normalize_batch
from . import columns
from ._firmograph import (
    Coalescer,
    CompanyName,
    CompanyType,
    Domain,
    Email,
    Golden,
    Industry,
    JobTitle,
    LinkedinUrl,
    Location,
    PersonName,
    Phone,
    RangeMatch,
    canonical_linkedin_url,
    clean_company_name,
    delete_lead_json as _delete_lead_json,
    explain_json as _explain_json,
    extract_domain,
    lead_json as _lead_json,
    leads_json as _leads_json,
    match_company_type,
    match_employee_range,
    match_funding_range,
    match_industry,
    match_job_title,
    match_location,
    match_revenue_range,
    normalize_email,
    normalize_phone,
    refresh_lead_json as _refresh_lead_json,
    split_person_name,
    upload_leads_json as _upload_leads_json,
)
from .records import NormalizedRecords, normalize_records

__all__ = [
    "Coalescer",
    "CompanyName",
    "CompanyType",
    "Domain",
    "Email",
    "FirmographError",
    "Golden",
    "Industry",
    "JobTitle",
    "LinkedinUrl",
    "Location",
    "NormalizedRecords",
    "PersonName",
    "Phone",
    "RangeMatch",
    "canonical_linkedin_url",
    "clean_company_name",
    "coalesce",
    "columns",
    "delete_lead",
    "explain",
    "extract_domain",
    "lead",
    "leads",
    "match_company_type",
    "match_employee_range",
    "match_funding_range",
    "match_industry",
    "match_job_title",
    "match_location",
    "match_revenue_range",
    "normalize_batch",
    "normalize_email",
    "normalize_phone",
    "normalize_records",
    "refresh_lead",
    "split_person_name",
    "upload_leads",
]


class FirmographError(Exception):
    """The base of every error that this module raises by itself; ``code`` is stable, the text is for people.

    >>> FirmographError("no such table", code="environment").code
    'environment'
    """

    code: str
    help: "str | None"

    def __init__(self, message: str, *, code: str = "error", help: "str | None" = None) -> None:
        super().__init__(message)
        self.code = code
        self.help = help


class BudgetExceeded(FirmographError):
    """A budget has no room for a call. ``response`` is the body of an HTTP response with status 429, as a dict, and
    ``details`` the amounts in it.
    """

    response: "dict[str, object]"

    def __init__(
        self,
        message: str,
        *,
        code: str = "budget-exceeded",
        help: "str | None" = None,
        response: "dict[str, object] | None" = None,
    ) -> None:
        super().__init__(message, code=code, help=help)
        self.response = response or {}

    @property
    def details(self):
        return self.response.get("details", {})


class ForkError(FirmographError):
    """A store was used in a process that was forked from the one that opened it: open one in each process, after the fork."""


def explain(key, attribute=None, *, database="sqlite://firmograph.db"):
    """Why the values of a company or person are what they are: one dict for each attribute, or for the one named.

    Each has the ``winner`` with raw and standard value, evidence, payload and times, ``won_because``, ``why``, and the
    ``losers``, each with ``lost_because`` and ``why``: what ``firmograph explain --format json`` says.

    >>> try:
    ...     explain("nobody.example", "employee_range", database="sqlite::memory:")
    ... except FirmographError as error:
    ...     print(error.code)
    unknown-key
    """
    return _json.loads(_explain_json(key, attribute, database))


def leads(*, status=None, company=None, limit=100, after=None, database="sqlite://firmograph.db"):
    """Leads with company, person, signals and current score, in the order of their ids, at most ``limit`` behind the id ``after``.

    ``status`` is ``uploaded``, ``researched`` or ``icp_scored``; ``company`` a domain, page, key or id.

    >>> leads(database="sqlite::memory:")
    []
    """
    return _json.loads(_leads_json(status, company, limit, after, database))


def lead(id, *, database="sqlite://firmograph.db"):
    """One lead with everything that is known about it, its research and the history of its scores; ``None`` where there is none.

    >>> lead("nobody", database="sqlite::memory:") is None
    True
    """
    return _json.loads(_lead_json(id, database))


def upload_leads(path, mapping=None, *, database="sqlite://firmograph.db"):
    """Takes a CSV of leads. ``mapping`` says which header holds ``name``, ``title``, ``company`` and ``email``; without, they are recognised.

    Gives what became of each row, with its physical line. Uploading the same rows again changes nothing.

    >>> try:
    ...     upload_leads("no-such-file.csv", database="sqlite::memory:")
    ... except FirmographError as error:
    ...     print(error.code)
    cannot-read
    """
    mapping = dict(mapping or {})
    columns = [mapping.pop(name, None) for name in ("name", "title", "company", "email")]
    if mapping:
        raise FirmographError(f"no such column of a lead: {', '.join(map(str, mapping))}", code="unknown-column")
    return _json.loads(_upload_leads_json(str(path), *columns, database))


def refresh_lead(id, *, research=None, icp=None, database="sqlite://firmograph.db"):
    """Attaches research, a score, or both to a lead, in one transaction. Each is an object, or the text of a reply that holds one.

    >>> try:
    ...     refresh_lead("nobody", icp={"icp_score": 92}, database="sqlite::memory:")
    ... except FirmographError as error:
    ...     print(error.code)
    unknown-lead
    """
    texts = [part if part is None or isinstance(part, str) else _json.dumps(part) for part in (research, icp)]
    return _json.loads(_refresh_lead_json(id, *texts, database))


def delete_lead(id, *, dry_run=False, database="sqlite://firmograph.db"):
    """Believes none of a lead's documents any more; gives the run, which ``firmograph runs undo`` takes back.

    >>> try:
    ...     delete_lead("nobody", database="sqlite::memory:")
    ... except FirmographError as error:
    ...     print(error.code)
    unknown-lead
    """
    return _json.loads(_delete_lead_json(id, dry_run, database))


# The store needs the errors above.
from .budgets import Budgets, Permit  # noqa: E402
from .display import Company, Explanation, Explanations, IngestSummary, Person, Run, Runs  # noqa: E402
from .figures import Figure, Figures  # noqa: E402
from .research import Found, Research, ResearchCache  # noqa: E402
from .store import BulkResult, Progress, Store  # noqa: E402

__all__ += [
    "BudgetExceeded",
    "Budgets",
    "BulkResult",
    "Company",
    "Explanation",
    "Explanations",
    "Figure",
    "Figures",
    "ForkError",
    "Found",
    "IngestSummary",
    "Permit",
    "Person",
    "Progress",
    "Research",
    "ResearchCache",
    "Run",
    "Runs",
    "Store",
]
