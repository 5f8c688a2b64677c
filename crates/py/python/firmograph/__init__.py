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

from ._firmograph import (
    CompanyName,
    CompanyType,
    Domain,
    Email,
    Industry,
    JobTitle,
    LinkedinUrl,
    Location,
    PersonName,
    Phone,
    RangeMatch,
    canonical_linkedin_url,
    clean_company_name,
    explain_json as _explain_json,
    extract_domain,
    match_company_type,
    match_employee_range,
    match_funding_range,
    match_industry,
    match_job_title,
    match_location,
    match_revenue_range,
    normalize_email,
    normalize_phone,
    split_person_name,
)

__all__ = [
    "CompanyName",
    "CompanyType",
    "Domain",
    "Email",
    "FirmographError",
    "Industry",
    "JobTitle",
    "LinkedinUrl",
    "Location",
    "PersonName",
    "Phone",
    "RangeMatch",
    "canonical_linkedin_url",
    "clean_company_name",
    "explain",
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


class FirmographError(Exception):
    """The base of every error that this module raises by itself; ``code`` is stable, the text is for people.

    >>> FirmographError("no such table", code="environment").code
    'environment'
    """

    code: str

    def __init__(self, message: str, *, code: str = "error") -> None:
        super().__init__(message)
        self.code = code


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
