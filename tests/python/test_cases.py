"""The shared case files, tests/cases/*.csv: the rows that the Rust tests read, through the Python functions.

Columns: ``input``, the expected fields of the result, ``record_country`` (what the record says elsewhere), ``note``. When
the first expected field is blank, a result without that field is expected, or None.
"""

import csv
from pathlib import Path

import firmograph as fg
import pytest

CASES = Path(__file__).resolve().parents[1] / "cases"

FUNCTIONS = {
    "domain": fg.extract_domain,
    "email": fg.normalize_email,
    "company_name": fg.clean_company_name,
    "job_title": fg.match_job_title,
    "employee_range": fg.match_employee_range,
    "revenue_range": fg.match_revenue_range,
    "funding_range": fg.match_funding_range,
    "linkedin_url": fg.canonical_linkedin_url,
    "industry": fg.match_industry,
    "company_type": fg.match_company_type,
    "phone": fg.normalize_phone,
    "person_name": fg.split_person_name,
    "location": fg.match_location,
}

# Columns that are no field of the result.
COUNTRY = "record_country"
OTHER = ("input", "note", COUNTRY)


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        for row in reader:
            yield reader.line_num, row


def written(value):
    """A field as a case file writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ";".join(str(item) for item in value)
    return str(value)


def difference(function, row):
    """What the row expects and the function does not say, or None."""
    first, *others = (name for name in row if name not in OTHER)
    country = [row[COUNTRY]] if COUNTRY in row else []
    result = function(row["input"], *country)
    if not row[first]:
        return None if getattr(result, first, None) is None else f"expected no {first}, got {result!r}"
    if result is None:
        return f"expected {row[first]!r}, got no match"
    for name in (first, *others):
        found = written(getattr(result, name))
        if row[name] != found:
            return f"expected {name} {row[name]!r}, got {found!r}"
    return None


@pytest.mark.parametrize("path", sorted(CASES.glob("*.csv")), ids=lambda path: path.stem)
def test_cases(path):
    assert path.stem in FUNCTIONS, f"{path.name} has no function in FUNCTIONS"
    function = FUNCTIONS[path.stem]
    checked = 0
    wrong = []
    for line, row in rows_of(path):
        checked += 1
        found = difference(function, row)
        if found:
            wrong.append(f"{path.name}:{line}: {row['input']!r}: {found}")
    assert checked > 0
    assert not wrong, "\n".join(wrong)


def test_every_function_has_a_case_file():
    assert {path.stem for path in CASES.glob("*.csv")} == set(FUNCTIONS)
