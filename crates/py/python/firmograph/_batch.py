"""Tables with their meaning, and golden tables of them, by the Arrow that every data frame speaks."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any

from ._firmograph import Coalescer, Golden, _mapping_text, _normalize_batch  # pyright: ignore[reportPrivateUsage]

if TYPE_CHECKING:
    from ._firmograph import ArrowStream


def normalize_batch(
    stream: Any,
    source: str,
    *,
    mapping: str | PathLike[str] | None = None,
    observed_at: str | datetime.date | None = None,
    repair_domains: bool = False,
    keep: Sequence[str] | None = None,
    prefix: str = "",
) -> ArrowStream:
    """The table ``stream`` with what each row means beside it, as an Arrow stream that computes as it is read.

    ``stream`` is any table that speaks Arrow: of pyarrow, Polars, pandas, DuckDB. Its columns stay as they are (``keep`` names
    those to go on with; they are read in any case), and ours follow: who says it, of which company and person, why a row is no
    record (``reject_code``), and one struct for each attribute with what stood there, what it means and how that was found.
    A table with lists, structs or maps is read row by row as a JSON file of such rows would be; bytes are passed through. Every
    row is there; one in which a ``mapping`` (the path of a mapping file) finds several records stands there once for
    each. Where a column has the name of one of ours, give ours a ``prefix``.

    >>> import pyarrow as pa
    >>> table = pa.table({"email": ["ada@acme.com", "nobody"], "title": ["VP Sales", "CTO"]})
    >>> rows = pa.table(normalize_batch(table, "csv")).to_pylist()
    >>> rows[0]["company_key"], rows[0]["job_title"]["matched_level"]
    ('acme.com', 6)
    >>> rows[1]["title"], rows[1]["reject_code"]
    ('CTO', 'no-key')
    """
    text = None if mapping is None else _mapping_text(mapping)
    kept = None if keep is None else list(names(keep))
    return _normalize_batch(stream, source, text, instant(observed_at), repair_domains, kept, prefix)


def coalesce(tables: Any, policy: Mapping[str, Any] | None = None, *, prefix: str = "") -> Golden:
    """The golden companies and prospects of normalized tables: one, or several that come one after the other.

    ``policy`` says which source is believed first and how an attribute is coalesced, where that is not as it comes with
    firmograph: ``{"priorities": {"*": ["manual", "clay"], "company_name": ["crunchbase"]}, "policies": {"industry":
    "longest"}}``. A list replaces the one that comes with firmograph.

    >>> import pyarrow as pa
    >>> said = [("csv", "Head of Sales"), ("linkedin", "VP Sales")]
    >>> tables = [normalize_batch(pa.table({"email": ["ada@acme.com"], "title": [title]}), source) for source, title in said]
    >>> golden = coalesce(tables)
    >>> pa.table(golden.prospects)["jobTitle"].to_pylist()
    ['VP Sales']
    """
    coalescer = Coalescer(policy)
    is_one = hasattr(tables, "__arrow_c_stream__") or hasattr(tables, "__arrow_c_array__")
    each: Iterable[Any] = [tables] if is_one else tables
    for table in each:
        coalescer.push(table, prefix=prefix)
    return coalescer.finish()


def instant(observed_at: str | datetime.date | None) -> str | None:
    """A date or time as text; one without a zone is UTC."""
    return observed_at.isoformat() if isinstance(observed_at, datetime.date) else observed_at


def names(keep: Sequence[str]) -> Sequence[str]:
    """Names of columns; a text would be a list of letters."""
    if isinstance(keep, str):
        raise TypeError("keep is a list of names of columns, not one text")
    return keep
