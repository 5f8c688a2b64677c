from collections.abc import Mapping
from os import PathLike
from typing import Any

from ._batch import coalesce as coalesce
from ._batch import normalize_batch as normalize_batch
from ._firmograph import Coalescer as Coalescer
from ._firmograph import Golden as Golden
from . import columns as columns
from ._firmograph import CompanyName as CompanyName
from ._firmograph import CompanyType as CompanyType
from ._firmograph import Domain as Domain
from ._firmograph import Email as Email
from ._firmograph import Industry as Industry
from ._firmograph import JobTitle as JobTitle
from ._firmograph import LinkedinUrl as LinkedinUrl
from ._firmograph import Location as Location
from ._firmograph import PersonName as PersonName
from ._firmograph import Phone as Phone
from ._firmograph import RangeMatch as RangeMatch
from ._firmograph import canonical_linkedin_url as canonical_linkedin_url
from ._firmograph import clean_company_name as clean_company_name
from ._firmograph import extract_domain as extract_domain
from ._firmograph import match_company_type as match_company_type
from ._firmograph import match_employee_range as match_employee_range
from ._firmograph import match_funding_range as match_funding_range
from ._firmograph import match_industry as match_industry
from ._firmograph import match_job_title as match_job_title
from ._firmograph import match_location as match_location
from ._firmograph import match_revenue_range as match_revenue_range
from ._firmograph import normalize_email as normalize_email
from ._firmograph import normalize_phone as normalize_phone
from ._firmograph import split_person_name as split_person_name
from .records import NormalizedRecords as NormalizedRecords
from .records import normalize_records as normalize_records
from .budgets import Budgets as Budgets
from .budgets import Permit as Permit
from .display import Company as Company
from .display import Explanation as Explanation
from .display import Explanations as Explanations
from .display import IngestSummary as IngestSummary
from .display import Person as Person
from .display import Run as Run
from .display import Runs as Runs
from .figures import Figure as Figure
from .figures import Figures as Figures
from .research import Found as Found
from .research import Research as Research
from .research import ResearchCache as ResearchCache
from .store import BulkResult as BulkResult
from .store import Progress as Progress
from .store import Store as Store

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

class FirmographError(Exception):
    code: str
    help: str | None
    def __init__(self, message: str, *, code: str = "error", help: str | None = None) -> None: ...

class BudgetExceeded(FirmographError):
    response: dict[str, Any]
    def __init__(
        self,
        message: str,
        *,
        code: str = "budget-exceeded",
        help: str | None = None,
        response: dict[str, Any] | None = None,
    ) -> None: ...
    @property
    def details(self) -> dict[str, Any]: ...

class ForkError(FirmographError): ...

def explain(
    key: str, attribute: str | None = None, *, database: str = "sqlite://firmograph.db"
) -> list[dict[str, Any]]: ...
def leads(
    *,
    status: str | None = None,
    company: str | None = None,
    limit: int = 100,
    after: str | None = None,
    database: str = "sqlite://firmograph.db",
) -> list[dict[str, Any]]: ...
def lead(id: str, *, database: str = "sqlite://firmograph.db") -> dict[str, Any] | None: ...
def upload_leads(
    path: str | PathLike[str],
    mapping: Mapping[str, str] | None = None,
    *,
    database: str = "sqlite://firmograph.db",
) -> dict[str, Any]: ...
def refresh_lead(
    id: str,
    *,
    research: Mapping[str, Any] | str | None = None,
    icp: Mapping[str, Any] | str | None = None,
    database: str = "sqlite://firmograph.db",
) -> dict[str, Any]: ...
def delete_lead(
    id: str, *, dry_run: bool = False, database: str = "sqlite://firmograph.db"
) -> dict[str, Any]: ...
