"""What records, explanations and runs look like in a notebook. They are dicts and lists; this is their
``_repr_html_``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

__all__ = ["Company", "Explanation", "Explanations", "IngestSummary", "Person", "Run", "Runs"]

# Who wrote a row and what it was made of: of interest to programs.
_OURS = {"id", "key", "keyKind", "externalId", "externalSource", "provenance"}


def _part(record: Mapping[str, Any], name: str) -> dict[str, Any]:
    return cast("dict[str, Any]", record.get(name) or {})


def _parts(record: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", record.get(name) or [])


class Company(dict[str, Any]):
    """A golden company: its columns, and under ``provenance`` who won each attribute."""

    def _repr_html_(self) -> str:
        return _entity(self, self.get("name") or self.get("key"))


class Person(dict[str, Any]):
    """A golden person: likewise."""

    def _repr_html_(self) -> str:
        return _entity(self, self.get("fullName") or self.get("email") or self.get("key"))


class Explanation(dict[str, Any]):
    """Why one attribute is what it is: ``winner``, ``why`` and ``losers``."""

    def _repr_html_(self) -> str:
        return _explanation(self)


class Explanations(list[Explanation]):
    """Why several attributes are what they are."""

    def _repr_html_(self) -> str:
        return "".join(_explanation(one) for one in self)


class Run(dict[str, Any]):
    """One run, as ``firmograph runs list`` tells it."""

    def _repr_html_(self) -> str:
        return _runs([self])


class Runs(list[Run]):
    """Runs, the newest first."""

    def _repr_html_(self) -> str:
        return _runs(self)


class IngestSummary(dict[str, Any]):
    """What became of the records of a run: ``run``, ``status``, ``read = accepted + rejected + skipped``,
    ``counters``, ``files``.

    >>> summary = IngestSummary(run=3, status="done", read=2, accepted=1, rejected=1, skipped=0)
    >>> summary["accepted"], summary.run, summary.is_done
    (1, 3, True)
    """

    @property
    def run(self) -> int:
        """The number of the run; 0 of a dry run, which leaves no trace."""
        return int(self.get("run", 0))

    @property
    def is_done(self) -> bool:
        """Whether every file was read to its end."""
        return self.get("status") == "done"

    def _repr_html_(self) -> str:
        name = "dry run" if self.get("dry_run") else f"run {self.get('run')}"
        counts = ["read", "accepted", "rejected", "skipped"]
        files: list[list[object]] = []
        for file in _parts(self, "files"):
            files.append([file.get("path"), file.get("decision"), *(file.get(count) for count in counts)])
        files.append(["all", "", *(self.get(count) for count in counts)])
        html = _table(f"{name}: {self.get('status')}", ["file", "read as", *counts], files)
        counters = _part(self, "counters")
        noticed: list[list[object]] = [
            [key.replace("_", " "), value] for key, value in counters.items() if isinstance(value, int) and value
        ]
        for key in ("unmatched", "rejects"):
            for name, count in _part(counters, key).items():
                noticed.append([f"{key}: {name}", count])
        return html + (_table("noticed", ["what", "how often"], noticed) if noticed else "")


def _explanation(record: Mapping[str, Any]) -> str:
    title = f"{record.get('attribute')} of {record.get('key')}"
    rows: list[list[object]] = [["won", *_said(_part(record, "winner")), record.get("why")]]
    rows += [["lost", *_said(loser), loser.get("why")] for loser in _parts(record, "losers")]
    return _table(title, ["", "source", "said", "means", "rule", "where", "why"], rows)


def _runs(runs: Iterable[Mapping[str, Any]]) -> str:
    names = [
        "id",
        "command",
        "source",
        "status",
        "started_at",
        "read",
        "accepted",
        "rejected",
        "skipped",
        "undone_by",
    ]
    return _table("runs", names, [[run.get(name) for name in names] for run in runs])


def _entity(record: dict[str, Any], title: object) -> str:
    values: list[list[object]] = [[column, value] for column, value in record.items() if column not in _OURS and value is not None]
    provenance = cast("dict[str, dict[str, Any]]", _part(record, "provenance"))
    who: list[list[object]] = [
        [attribute, won.get("source"), won.get("rule"), won.get("sources")] for attribute, won in provenance.items()
    ]
    return _table(title, ["column", "value"], values) + _table(
        "who says so", ["attribute", "source", "rule", "sources"], who
    )


def _said(said: dict[str, Any]) -> list[object]:
    matched = _part(said, "matched")
    means: list[object] = [value for name, value in matched.items() if name != "evidence" and value is not None]
    rule = _part(matched, "evidence").get("rule")
    where = said.get("file")
    if where is not None and said.get("line") is not None:
        where = f"{where}:{said['line']}"
    return [said.get("source"), _joined(_part(said, "raw").values()), _joined(means), rule, where]


def _joined(values: Iterable[object]) -> str:
    return " | ".join(str(value) for value in values)


def _table(title: object, names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    # Imported where it is needed: its table of entities costs more than the rest of this module.
    from html import escape

    def cell(value: object) -> str:
        return f"<td>{'' if value is None else escape(str(value))}</td>"

    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    body = "".join(f"<tr>{''.join(map(cell, row))}</tr>" for row in rows)
    return f"<table><caption>{escape(str(title))}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
