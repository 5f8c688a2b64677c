"""``Store`` as coroutines: each call waits in a thread, and what is cancelled is stopped and rolled back.

>>> import asyncio
>>> from firmograph import aio
>>> async def names():
...     async with aio.Store("sqlite::memory:") as store:
...         await store.bulk_insert_companies([{"domain": "acme.com", "name": "ACME INC"}])
...         return (await store.company("acme.com"))["name"], await store.get_database_counts()
>>> asyncio.run(names())
('Acme', {'companies': 1, 'prospects': 0})
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from os import PathLike
from types import TracebackType
from typing import Any, Literal, ParamSpec, TypeVar

from ._aio_budgets import Budgets, Permit
from ._aio_research import ResearchCache
from ._threads import until_stopped
from .budgets import Amount
from .display import Company, Explanations, IngestSummary, Person, Runs
from .figures import Figure
from .figures import Figures as _Figures
from .store import BulkResult, Progress
from .store import Store as _Store

__all__ = ["Budgets", "Figures", "Permit", "ResearchCache", "Store"]

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Path = str | PathLike[str]


class Store:
    """The same calls as :class:`firmograph.Store`, to be awaited. One works at a time; the others wait, and the loop
    goes on.
    """

    def __init__(self, url: str = "sqlite://firmograph.db") -> None:
        self._store = _Store(url)
        self._turn = asyncio.Lock()

    @property
    def url(self) -> str:
        """The URL it was made with."""
        return self._store.url

    @property
    def budgets(self) -> Budgets:
        """The caps of this database; they wait for nothing that the store does."""
        return Budgets(self._store.budgets)

    @property
    def figures(self) -> Figures:
        """Pictures of what is stored, as Vega-Lite."""
        return Figures(self._run, self._store.figures)

    def __repr__(self) -> str:
        return f"aio.{self._store!r}"

    async def __aenter__(self) -> Store:
        await self.initialize()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.cleanup()

    async def _run(self, work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        async with self._turn:
            return await until_stopped(self._store.interrupt, partial(work, *args, **kwargs))

    async def initialize(self) -> None:
        """Opens the database and brings it up to date, which every other call does by itself."""
        await self._run(self._store.open)

    async def cleanup(self) -> None:
        """Closes the database; a later call opens it again."""
        await self._run(self._store.close)

    open = initialize
    close = cleanup

    async def migrate(self) -> dict[str, Any]:
        return await self._run(self._store.migrate)

    async def ingest(
        self,
        paths: _Path | Iterable[_Path],
        source: str = "csv",
        *,
        mapping: _Path | Iterable[_Path] | None = None,
        dry_run: bool = False,
        max_rejects: int | str | None = None,
        resume: bool = False,
        batch_size: int | None = None,
        observed_at: str | None = None,
        repair_domains: bool = False,
        progress: Callable[[Progress], object] | None = None,
    ) -> IngestSummary:
        """As of the blocking store. ``progress`` is called in the thread that works, not in the loop's. What waits there
        for another call of this store waits for itself: that call's turn comes after this one.
        """
        return await self._run(
            self._store.ingest,
            paths,
            source,
            mapping=mapping,
            dry_run=dry_run,
            max_rejects=max_rejects,
            resume=resume,
            batch_size=batch_size,
            observed_at=observed_at,
            repair_domains=repair_domains,
            progress=progress,
        )

    async def bulk_insert_companies(
        self, rows: Iterable[Mapping[str, Any]], *, source: str | None = None
    ) -> BulkResult:
        return await self._run(self._store.bulk_insert_companies, rows, source=source)

    async def bulk_insert_prospects(
        self, rows: Iterable[Mapping[str, Any]], *, source: str | None = None
    ) -> BulkResult:
        return await self._run(self._store.bulk_insert_prospects, rows, source=source)

    async def company(self, key: str) -> Company | None:
        return await self._run(self._store.company, key)

    async def person(self, key: str) -> Person | None:
        return await self._run(self._store.person, key)

    async def get_company_by_domain(self, domain: str) -> dict[str, Any] | None:
        return await self._run(self._store.get_company_by_domain, domain)

    async def get_company_id_by_domain(self, domain: str) -> str | None:
        return await self._run(self._store.get_company_id_by_domain, domain)

    async def explain(self, key: str, attribute: str | None = None) -> Explanations:
        return await self._run(self._store.explain, key, attribute)

    async def refresh_views(self) -> None:
        await self._run(self._store.refresh_views)

    async def health_check(self) -> dict[str, Any]:
        return await self._run(self._store.health_check)

    async def get_database_counts(self) -> dict[str, int]:
        return await self._run(self._store.get_database_counts)

    async def get_company_prospect_view_count(self) -> int:
        return await self._run(self._store.get_company_prospect_view_count)

    async def runs(self, *, limit: int = 100) -> Runs:
        return await self._run(self._store.runs, limit=limit)

    async def rejects(self, run: int | None = None) -> list[dict[str, Any]]:
        return await self._run(self._store.rejects, run)

    async def undo(self, run: int, *, dry_run: bool = False) -> dict[str, Any]:
        return await self._run(self._store.undo, run, dry_run=dry_run)

    async def verify(self) -> dict[str, Any]:
        return await self._run(self._store.verify)

    async def reserve(
        self,
        provider: str,
        worst: Amount,
        *,
        workspace: str,
        operation: str | None = None,
        endpoint: str | None = None,
        user: str | None = None,
        entity_type: str | None = None,
        entity_id: str | None = None,
    ) -> Permit:
        return await self.budgets.reserve(
            provider,
            worst,
            workspace=workspace,
            operation=operation,
            endpoint=endpoint,
            user=user,
            entity_type=entity_type,
            entity_id=entity_id,
        )

    async def settle(self, reservation: str | Permit, cost: Amount, **outcome: Any) -> dict[str, Any]:
        if isinstance(reservation, Permit):
            return await reservation.settle(cost, **outcome)
        return await self.budgets.settle(reservation, cost, **outcome)

    async def release(self, reservation: str | Permit) -> bool:
        if isinstance(reservation, Permit):
            return await reservation.release()
        return await self.budgets.release(reservation)

    async def quality(self, key: str, *, as_of: str | None = None) -> dict[str, Any] | None:
        return await self._run(self._store.quality, key, as_of=as_of)

    async def quality_report(
        self, by: str = "entity", *, as_of: str | None = None, source: str | None = None, svg: _Path | None = None
    ) -> list[dict[str, Any]]:
        return await self._run(self._store.quality_report, by, as_of=as_of, source=source, svg=svg)

    async def check_quality(
        self,
        *,
        min: Mapping[str, float] | None = None,
        max_null: Mapping[str, float] | None = None,
        source: str | None = None,
        as_of: str | None = None,
    ) -> dict[str, Any]:
        return await self._run(self._store.check_quality, min=min, max_null=max_null, source=source, as_of=as_of)

    async def refresh_quality(self, *, as_of: str | None = None) -> dict[str, int]:
        return await self._run(self._store.refresh_quality, as_of=as_of)

    async def import_documents(
        self,
        rows: Iterable[Mapping[str, Any]],
        *,
        source: str = "documents",
        observed_at: str | None = None,
        dry_run: bool = False,
    ) -> IngestSummary:
        return await self._run(
            self._store.import_documents, rows, source=source, observed_at=observed_at, dry_run=dry_run
        )

    async def documents(self, key: str, kind: str | None = None) -> dict[str, Any] | None:
        return await self._run(self._store.documents, key, kind)

    async def find_documents(
        self,
        kind: str,
        *,
        contains: Any = None,
        entity: Literal["company", "person"] | None = None,
        limit: int = 1000,
    ) -> list[dict[str, Any]]:
        return await self._run(self._store.find_documents, kind, contains=contains, entity=entity, limit=limit)

    async def stats(self, *, accuracy_rows: int = 200) -> dict[str, Any]:
        return await self._run(self._store.stats, accuracy_rows=accuracy_rows)

    async def prometheus(self, *, accuracy_rows: int = 200) -> str:
        return await self._run(self._store.prometheus, accuracy_rows=accuracy_rows)

    async def figure_counts(self, name: str) -> list[dict[str, Any]]:
        return await self._run(self._store.figure_counts, name)


class Figures:
    """The pictures of one store, to be awaited."""

    def __init__(self, run: Callable[[Callable[[], Figure]], Awaitable[Figure]], figures: _Figures) -> None:
        self._run, self._figures = run, figures

    async def coverage(self) -> Figure:
        return await self._run(self._figures.coverage)

    async def source_overlap(self) -> Figure:
        return await self._run(self._figures.source_overlap)

    async def level_funnel(self) -> Figure:
        return await self._run(self._figures.level_funnel)

    async def provenance(self) -> Figure:
        return await self._run(self._figures.provenance)
