"""The shared case files, tests/cases/*.csv: the rows that the Rust tests read, through the Python functions.

Columns: ``input``, the expected fields of the result, ``note``. When the first expected field is blank, None is expected.
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
}


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
        return " ".join(str(item) for item in value)
    return str(value)


def difference(function, row):
    """What the row expects and the function does not say, or None."""
    fields = [name for name in row if name not in ("input", "note")]
    result = function(row["input"])
    if not row[fields[0]]:
        return None if result is None else f"expected no match, got {result!r}"
    if result is None:
        return f"expected {row[fields[0]]!r}, got no match"
    for name in fields:
        found = getattr(result, name)
        # A blank flag or share is one that the case does not speak of.
        silent = row[name] == "" and isinstance(found, (bool, float, list))
        if not silent and not same(row[name], found):
            return f"expected {name} {row[name]!r}, got {written(found)!r}"
    return None


def same(expected, found):
    if isinstance(found, float):
        return abs(float(expected) - found) < 0.005
    return expected == written(found)


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
