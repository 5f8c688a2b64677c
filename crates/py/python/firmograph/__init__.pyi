from ._firmograph import CompanyName as CompanyName
from ._firmograph import Domain as Domain
from ._firmograph import Email as Email
from ._firmograph import JobTitle as JobTitle
from ._firmograph import LinkedinUrl as LinkedinUrl
from ._firmograph import RangeMatch as RangeMatch
from ._firmograph import canonical_linkedin_url as canonical_linkedin_url
from ._firmograph import clean_company_name as clean_company_name
from ._firmograph import extract_domain as extract_domain
from ._firmograph import match_employee_range as match_employee_range
from ._firmograph import match_funding_range as match_funding_range
from ._firmograph import match_job_title as match_job_title
from ._firmograph import match_revenue_range as match_revenue_range
from ._firmograph import normalize_email as normalize_email

__all__ = [
    "CompanyName",
    "Domain",
    "Email",
    "FirmographError",
    "JobTitle",
    "LinkedinUrl",
    "RangeMatch",
    "canonical_linkedin_url",
    "clean_company_name",
    "extract_domain",
    "match_employee_range",
    "match_funding_range",
    "match_job_title",
    "match_revenue_range",
    "normalize_email",
]

class FirmographError(Exception):
    code: str
    def __init__(self, message: str, *, code: str = "error") -> None: ...
