"""What a type checker sees of the module; checked in strict mode, and run by test_typing.py."""

from __future__ import annotations

from typing import Any

import firmograph as fg
from typing_extensions import assert_type


def results() -> None:
    title = fg.match_job_title("VP of Sales")
    assert title is not None
    assert_type(title.level, int)
    assert_type(title.levels, list[int])
    assert_type(title.function, "str | None")
    assert_type(title.span, tuple[int, int])
    assert_type(title.to_dict(), dict[str, Any])
    assert_type(fg.match_location("Austin, TX", country="US"), "fg.Location | None")
    assert_type(fg.match_revenue_range(5_000_000, rates={"EUR": 1.08}), "fg.RangeMatch | None")
    assert {title: 1}[title] == 1
    made = fg.CompanyType(name="Public Company", code="C", rule="r", confidence=1.0, reference="t@1", span=(0, 1))
    assert_type(made.code, str)


def patterns(domain: fg.Domain) -> str:
    match domain:
        case fg.Domain(name, is_private_suffix=True):
            assert_type(name, str)
            return name
        case fg.Domain(_, host):
            assert_type(host, str)
            return host


def columns() -> None:
    titles = ["VP of Sales", None]
    found = fg.columns.match_job_title(titles)
    assert_type(found, fg.columns.ArrowChunks)
    assert len(found) == 2
    ranges = fg.columns.match_employee_range([12, "51-200", None], field="name")
    assert_type(ranges, fg.columns.ArrowChunks)
    money = fg.columns.match_revenue_range(["€5M"], rates={"EUR": 1.08})
    assert_type(money, fg.columns.ArrowChunks)
    places = fg.columns.match_location(["CA", "NY"], country=["US", None])
    assert_type(fg.columns.normalize_phone(["020 7183 8750"], region="GB"), fg.columns.ArrowChunks)
    # A column of Arrow in, whoever made it; of a table, which column it is.
    assert_type(fg.columns.match_company_type(ranges, field="name"), fg.columns.ArrowChunks)
    assert_type(fg.columns.match_industry(places, column="city", prefix="i_"), fg.columns.ArrowStream)


def errors() -> str:
    try:
        fg.explain("nobody.example", database="sqlite::memory:")
    except fg.FirmographError as error:
        assert_type(error.code, str)
        return error.code
    return ""


if __name__ == "__main__":
    results()
    domain = fg.extract_domain("acme.github.io")
    assert domain is not None
    assert patterns(domain) == "acme.github.io"
    columns()
    assert errors() == "unknown-key"
