"""Pictures of what is stored, as Vega-Lite: dicts that notebooks draw, and that ``altair.Chart.from_dict`` takes."""

from __future__ import annotations

from typing import Any, Protocol

__all__ = ["Figure", "Figures"]

_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"


class Figure(dict[str, Any]):
    """A Vega-Lite specification with its data in it."""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """What it shows, a dict for each mark."""
        rows: list[dict[str, Any]] = self["data"]["values"]
        return rows

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        text = f"Figure: {self['title']} ({len(self.rows)} marks)"
        return {"application/vnd.vegalite.v5+json": dict(self), "text/plain": text}


class _Counts(Protocol):
    def figure_counts(self, name: str, /) -> list[dict[str, Any]]: ...


class Figures:
    """The pictures of one store.

    >>> from firmograph import Store
    >>> with Store("sqlite::memory:") as store:
    ...     done = store.bulk_insert_prospects([{"email": "ada@acme.com", "jobTitle": "CFO"}])
    ...     funnel = store.figures.level_funnel()
    >>> [(step["name"], step["prospects"]) for step in funnel.rows]
    [('C-Level Executive', 1)]
    """

    def __init__(self, store: _Counts) -> None:
        self._store = store

    def coverage(self) -> Figure:
        """How full each column of the golden tables is."""
        return coverage_of(self._store.figure_counts("coverage"))

    def source_overlap(self) -> Figure:
        """Of how many companies and persons each two sources both speak."""
        return overlap_of(self._store.figure_counts("source_overlap"))

    def level_funnel(self) -> Figure:
        """How many prospects are on each job-title level, the first level first."""
        return funnel_of(self._store.figure_counts("level_funnel"))

    def provenance(self) -> Figure:
        """Which source won each attribute, and how often."""
        return provenance_of(self._store.figure_counts("provenance"))


def coverage_of(rows: list[dict[str, Any]]) -> Figure:
    """The picture of :meth:`Figures.coverage`."""
    values = [{**row, "share": row["filled"] / row["total"] if row["total"] else 0.0} for row in rows]
    share = {
        "field": "share",
        "type": "quantitative",
        "title": "filled",
        "axis": {"format": "%"},
        "scale": {"domain": [0, 1]},
    }
    column = {"field": "column", "type": "nominal", "sort": None, "title": None}
    return _figure("How full the golden records are", values, "bar", x=share, y=column, row=_entity(), resolve=True)


def overlap_of(rows: list[dict[str, Any]]) -> Figure:
    """The picture of :meth:`Figures.source_overlap`."""
    # Each pair is told once; a matrix has it twice.
    values = rows + [
        {**row, "source": row["other"], "other": row["source"]} for row in rows if row["source"] != row["other"]
    ]
    shade = {"field": "keys", "type": "quantitative", "title": "both speak of"}
    x = {"field": "source", "type": "nominal", "title": None}
    y = {"field": "other", "type": "nominal", "title": None}
    return _figure("What sources share", values, "rect", x=x, y=y, color=shade, row=_entity(), resolve=True)


def funnel_of(rows: list[dict[str, Any]]) -> Figure:
    """The picture of :meth:`Figures.level_funnel`."""
    values = [{**row, "name": row["name"] or "no level"} for row in rows]
    count = {"field": "prospects", "type": "quantitative", "title": "prospects", "stack": "center", "axis": None}
    level = {"field": "name", "type": "nominal", "sort": None, "title": None}
    return _figure("Prospects by level", values, "bar", x=count, y=level)


def provenance_of(rows: list[dict[str, Any]]) -> Figure:
    """The picture of :meth:`Figures.provenance`."""
    share = {
        "field": "records",
        "type": "quantitative",
        "stack": "normalize",
        "title": "golden records",
        "axis": {"format": "%"},
    }
    attribute = {"field": "attribute", "type": "nominal", "sort": None, "title": None}
    source = {"field": "source", "type": "nominal"}
    return _figure("Who is believed", rows, "bar", x=share, y=attribute, color=source, row=_entity(), resolve=True)


def _entity() -> dict[str, Any]:
    return {"field": "entity", "type": "nominal", "title": None}


def _figure(title: str, values: list[dict[str, Any]], mark: str, *, resolve: bool = False, **encoding: Any) -> Figure:
    # Every number is in the tooltip, as it is stored.
    names = list(values[0]) if values else []
    tooltip = [
        {"field": name, "type": "nominal" if isinstance(values[0][name], str) else "quantitative"} for name in names
    ]
    figure = Figure({"$schema": _SCHEMA, "title": title, "data": {"values": values}, "mark": {"type": mark}})
    figure["encoding"] = {**encoding, "tooltip": tooltip} if tooltip else encoding
    if resolve:
        figure["resolve"] = {"scale": {"y": "independent"}}
    return figure
