"""Documents of Python as the JSON that the engine reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, cast

_SHOWN = 4_000
"""As much of a document as a reject shows that is no JSON."""


def envelope(row: object) -> tuple[str, str | None]:
    """The JSON of an envelope and nothing; or how it can be shown, and why it is no JSON."""
    try:
        return written(row), None
    except MemoryError:
        raise
    except Exception as error:
        wrong = f"{type(error).__name__}: {error}"
    try:
        shown = repr(row)[:_SHOWN]
    except MemoryError:
        raise
    except Exception:
        shown = f"<{type(row).__name__}>"
    shown, wrong = (text.encode(errors="replace").decode() for text in (shown, wrong))
    return shown, wrong


def written(value: object) -> str:
    """The JSON of a value."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except TypeError:
        text = _exactly(value)
    # Half of a surrogate pair is no text: said here, where one row is to blame.
    text.encode()
    return text


def _exactly(value: Any) -> str:
    """JSON of what the module json has no word for: times as text, decimals digit by digit, mappings that are no dict, and
    what numpy and pandas hold. What is no time (NaT), or nothing known (NA), is null.
    """
    if value is None or isinstance(value, (bool, str, int, float)):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Mapping):
        value = cast("Mapping[Any, Any]", value)
        # The module json knows which keys can be those of an object, and how they are spelled.
        entries = [f"{json.dumps({key: 0}, ensure_ascii=False)[1:-4]}: {_exactly(value[key])}" for key in value]
        return "{" + ", ".join(entries) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_exactly, cast("list[Any]", value))) + "]"
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError(f"{value} is no number that JSON has")
        return str(value)
    name = type(value).__name__
    if isinstance(value, date):
        text = value.isoformat()
        return "null" if text == "NaT" else json.dumps(text)
    if name in ("NAType", "NaTType"):
        return "null"
    # Python's own times have no nanoseconds: of such numpy makes numbers.
    if str(getattr(value, "dtype", "")).endswith(("[ns]", "[ps]", "[fs]", "[as]")):
        value = value.astype("datetime64[us]")
    plain = value.tolist() if hasattr(value, "dtype") and hasattr(value, "tolist") else value
    if plain is value or hasattr(plain, "dtype"):
        raise TypeError(f"a document holds what JSON holds, and no {name}")
    return _exactly(plain)
