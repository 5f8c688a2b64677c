"""Dicts of a reader in, dicts for a writer out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timezone
from os import PathLike, fspath
from typing import Any, NamedTuple

from ._batch import instant
from ._firmograph import normalize_records as _normalize_records

__all__ = ["NormalizedRecords", "normalize_records"]


class NormalizedRecords(NamedTuple):
    """What :func:`normalize_records` gives: one dict for each company, person and row that could not be taken."""

    companies: list[dict[str, Any]]
    """In the order of their domains, each domain once: the 19 keys of ``bulk_insert_companies``."""
    prospects: list[dict[str, Any]]
    """In the order of their ids, each once: the 21 keys of ``bulk_insert_prospects``, and ``standardizedJobTitleLevelId``."""
    rejects: list[dict[str, Any]]
    """In the order of the rows: ``row`` (from 0), ``code``, ``column``, ``cause``, ``help``, ``taken`` and the ``record`` as it was
    given. ``taken`` is ``"prospect"`` where the row's person was taken and its company was not, and None where nothing was."""


def normalize_records(
    rows: Iterable[Mapping[Any, Any]],
    source: str = "csv",
    *,
    mapping: str | PathLike[str] | None = None,
    observed_at: str | date | None = None,
    repair_domains: bool = False,
    require_company: bool = False,
    now: datetime | None = None,
) -> NormalizedRecords:
    """Companies and prospects of rows, as an ingestor that has a writer of its own wants them.

    ``rows`` are dicts as ``csv.DictReader`` or ``DataFrame.to_dict("records")`` give them, under headers in any style; None, NaN,
    NaT, blank text and empty lists and dicts are missing, and bytes are the UTF-8 text that they hold. A row with a list or a
    dict in it is read as a line of a JSON file would be. Rows of one company or person become one dict, whatever their order: what
    most rows say, or the newest where ``observed_at`` or a column of that name
    (``Observed At``, ``as_of``) says when. A value that is not known is None, never a guess.

    Ids are text: a company's is its domain, a person's the canonical mailbox (else the LinkedIn page, or name and company), and
    ``companyId`` is the domain. Sizes and ``revenue`` are ints or None, ``createdAt`` and ``updatedAt`` ISO text in UTC without
    offset. ``jobTitle`` and ``jobTitleLevel`` stay as given; ``standardizedJobTitleLevelId`` is the standard level, 1 to 15.

    A person whose company is not known (free mail, say) has ``companyId`` None; where a table allows no NULL there,
    ``require_company=True`` makes rejects of such rows. A company without a domain is a reject, because writers find companies by
    it; the person of its row is taken without it.

    ``mapping`` is a file that says which header is which field, ``repair_domains`` appends ``.com`` to hosts without a dot, ``now``
    is the time of writing (the clock's unless given). No row is lost and none raises: what could not be taken is in ``rejects``.
    Raises :class:`FirmographError` where no header at all is known and no row holds a list or dict, where a mapping names what no
    row has, or an option is wrong, and TypeError where no row is a dict.

    >>> rows = [
    ...     {"Email address": "Ada@Acme.com", "Company": "ACME, Inc.", "Employee Size": "51 t0 200", "Job Title": "VP Sales"},
    ...     {"Email address": "not an address"},
    ... ]
    >>> companies, prospects, rejects = normalize_records(rows)
    >>> companies[0]["domain"], companies[0]["name"], companies[0]["minEmployeeSize"]
    ('acme.com', 'ACME', 51)
    >>> prospects[0]["id"], prospects[0]["companyId"], prospects[0]["standardizedJobTitleLevelId"]
    ('ada@acme.com', 'acme.com', 6)
    >>> rejects[0]["row"], rejects[0]["code"]
    (1, 'no-key')
    """
    if now is None:
        now = datetime.now(timezone.utc)
    if now.tzinfo is not None:
        now = now.astimezone(timezone.utc).replace(tzinfo=None)
    return NormalizedRecords(
        *_normalize_records(
            rows,
            source,
            None if mapping is None else fspath(mapping),
            instant(observed_at),
            repair_domains,
            require_company,
            now.isoformat(timespec="milliseconds"),
        )
    )
