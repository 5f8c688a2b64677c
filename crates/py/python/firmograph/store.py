"""A database from Python: ingest, golden records, why they are so, and the calls that ingestors have.

Every call blocks, without the interpreter's lock, and hears Ctrl-C: what it was writing is rolled back then, and an
ingest goes on with ``resume=True``. Nothing runs between two calls, and nothing is opened before the first.
``firmograph.aio`` has the same as coroutines.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from os import PathLike, fspath
from types import TracebackType
from typing import Any, Literal, NamedTuple

from . import FirmographError, ForkError
from ._documents import envelope, written
from ._firmograph import StoreCore
from .budgets import Amount, Budgets, Permit
from .display import Company, Explanation, Explanations, IngestSummary, Person, Run, Runs
from .figures import Figures

__all__ = ["BulkResult", "Progress", "Store"]

_Path = str | PathLike[str]


class Progress(NamedTuple):
    """How far an ingest is: what is committed of the file at hand, and what became of the run's records so far."""

    path: str
    bytes: int
    size: int | None
    read: int
    accepted: int
    rejected: int
    skipped: int


def _heard(progress: Callable[[Progress], object]) -> Callable[[str, int, int | None, int, int, int, int], object]:
    def heard(
        path: str, bytes: int, size: int | None, read: int, accepted: int, rejected: int, skipped: int
    ) -> object:
        return progress(Progress(path, bytes, size, read, accepted, rejected, skipped))

    return heard


class BulkResult(dict[str, Any]):
    """``{"status": "success", "records_processed": n, "result": None}``, and what the engine knows beside it.

    ``runs`` are the numbers of the runs, one for each source among the rows, and ``run`` is the last of them,
    ``None`` where there were no rows. ``accepted + rejected + skipped`` is ``records_processed``: rejects are kept
    (``Store.rejects(run)``), and what is skipped was known already.
    """

    runs: tuple[int, ...]
    accepted: int
    rejected: int
    skipped: int

    def __init__(self, told: Mapping[str, Any]) -> None:
        super().__init__(status="success", records_processed=told["count"], result=None)
        reports = [said["report"] for said in told["reports"]]
        self.runs = tuple(report["run"] for report in reports)
        self.accepted, self.rejected, self.skipped = (
            sum(report[name] for report in reports) for name in ("accepted", "rejected", "skipped")
        )

    @property
    def run(self) -> int | None:
        return self.runs[-1] if self.runs else None


class Store:
    """A SQLite file or a PostgreSQL database, opened and brought up to date when it is first needed.

    >>> with Store("sqlite::memory:") as store:
    ...     row = {"domain": "acme.com", "name": "ACME INC", "minEmployeeSize": 201, "maxEmployeeSize": 500}
    ...     done = store.bulk_insert_companies([row])
    ...     company = store.company("https://www.acme.com/about")
    >>> done
    {'status': 'success', 'records_processed': 1, 'result': None}
    >>> company["name"], company["employeeRange"], company["provenance"]["company_name"]["source"]
    ('Acme', '201-500', 'csv')

    One call works at a time; others of the same Store wait, but for what a call itself calls (``progress``, a signal's
    handler), which is refused (``busy``). A Store does not come along into a forked process: there, each call raises
    ``ForkError``. A SQLite file that something else in this process has open is refused (``file-open-elsewhere``),
    because two SQLite libraries in one process take each other's locks away; that is looked for on Linux and other
    Unix, and is no danger on Windows. A relative path is that of the folder where the Store was made, and a file that
    was moved or replaced while it is open is refused (``file-replaced``) until the Store is closed.
    """

    def __init__(self, url: str = "sqlite://firmograph.db") -> None:
        self._core = StoreCore(url)
        self._budgets = Budgets(url)

    @property
    def url(self) -> str:
        """The URL it was made with."""
        return self._core.url

    @property
    def budgets(self) -> Budgets:
        """The caps of this database, with the usual options; make :class:`firmograph.Budgets` for others. Of a store in
        memory they are in a database in memory of their own.
        """
        return self._budgets

    @property
    def figures(self) -> Figures:
        """Pictures of what is stored, as Vega-Lite."""
        return Figures(self)

    def __repr__(self) -> str:
        # A URL may hold a password.
        return f"Store({self._core.shown!r})"

    def __enter__(self) -> Store:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, ForkError):
            # What Ctrl-C stopped closes the database when it comes to its end, which may take longer than people wait.
            self._core.close(isinstance(error, KeyboardInterrupt))
            self._budgets.close()

    def __reduce__(self) -> tuple[type[Store], tuple[str]]:
        # The other process may stand in another folder.
        url = self._core.absolute_url
        if url is None:
            raise TypeError("a database in memory cannot go to another process")
        return Store, (url,)

    def open(self) -> None:
        """Opens the database and brings it up to date, which every other call does by itself."""
        self._core.open()

    def close(self) -> None:
        """Closes the database; a later call opens it again."""
        self._core.close(False)
        self._budgets.close()

    def interrupt(self) -> None:
        """Stops what another thread is doing with this Store: there, the call raises ``FirmographError`` with the
        code ``interrupted``.
        """
        self._core.interrupt()

    def migrate(self) -> dict[str, Any]:
        """Brings the tables up to this version: ``{"version": v, "applied": [...]}``, with the migrations that this
        call applied.

        >>> Store("sqlite::memory:").migrate()["applied"][0]
        1
        """
        return self._told(self._core.migrate())

    def ingest(
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
        """Ingests files as one run, as ``firmograph ingest`` does, and gives what became of their records.

        ``max_rejects`` is a number or a percentage (``"2.5%"``) at which the run stops. ``progress`` is called with a
        :class:`Progress` after each batch, in this thread; what it raises ends the run after that batch and is raised
        here. It may not call this Store (``busy``), which works still; another one may read. A run that was
        interrupted, in whichever way, goes on with ``resume=True``.
        """
        count, percent = _limit(max_rejects)
        heard = None if progress is None else _heard(progress)
        report = self._core.ingest(
            _paths(paths),
            source,
            [] if mapping is None else _paths(mapping),
            dry_run,
            count,
            percent,
            resume,
            batch_size,
            observed_at,
            repair_domains,
            heard,
        )
        return IngestSummary(self._told(report))

    def bulk_insert_companies(self, rows: Iterable[Mapping[str, Any]], *, source: str | None = None) -> BulkResult:
        """Writes rows of the 19 columns of ``"Company"`` as observations, those of one source all or none; other keys
        are passed over.

        ``source`` says them, else what each row names as ``externalSource``, else ``csv``. A blank (None, NaN, NaT,
        an empty text) never replaces a value. A row that cannot be taken is a reject of its run, no exception. The
        same rows again change nothing where they have an ``updatedAt``; one without is seen now, each time.
        """
        return BulkResult(self._told(self._core.insert("company", rows, source)))

    def bulk_insert_prospects(self, rows: Iterable[Mapping[str, Any]], *, source: str | None = None) -> BulkResult:
        """Writes rows of the 21 columns of ``"Prospect"`` likewise. ``companyId`` is a domain, or the id of a row of
        ``"Company"``.
        """
        return BulkResult(self._told(self._core.insert("person", rows, source)))

    def company(self, key: str) -> Company | None:
        """The golden record of a company, by domain, website, LinkedIn page or key; None where nothing is known of
        it.
        """
        found = self._told(self._core.entity("company", key))
        return None if found is None else Company(found)

    def person(self, key: str) -> Person | None:
        """The golden record of a person, by e-mail address, LinkedIn profile or key; None where nothing is known of
        them.
        """
        found = self._told(self._core.entity("person", key))
        return None if found is None else Person(found)

    def get_company_by_domain(self, domain: str) -> dict[str, Any] | None:
        """The row of ``"Company"`` with this domain, every column of it; None where there is none."""
        return self._told(self._core.golden_company(domain))

    def get_company_id_by_domain(self, domain: str) -> str | None:
        """The id of that row."""
        row = self.get_company_by_domain(domain)
        return None if row is None else row["id"]

    def explain(self, key: str, attribute: str | None = None) -> Explanations:
        """Why the values of a company or person are what they are; see :func:`firmograph.explain`."""
        return Explanations(Explanation(told) for told in self._told(self._core.explain(key, attribute)))

    def refresh_views(self) -> None:
        """Brings ``company_prospect_view`` up to date on PostgreSQL. ``ingest`` does so by itself; bulk inserts leave
        it to you.
        """
        self._core.refresh_views()

    def health_check(self) -> dict[str, Any]:
        """Whether the database answers: ``status``, ``database_name``, ``user_name``, ``version``, ``tables``,
        ``connection_test``.

        An outage is told here and raised everywhere else: the status is ``unhealthy`` then, ``error`` has the
        server's sentence and ``code`` its code.

        >>> Store("sqlite::memory:").health_check()["status"]
        'healthy'
        """
        try:
            return {"status": "healthy", **self._told(self._core.facts()), "connection_test": True}
        except ForkError:
            raise
        except FirmographError as error:
            told = {
                "database_name": None,
                "user_name": None,
                "version": None,
                "tables": list[str](),
                "connection_test": False,
            }
            return {"status": "unhealthy", **told, "error": str(error), "code": error.code}

    def get_database_counts(self) -> dict[str, int]:
        """How many golden rows there are: ``{"companies": n, "prospects": n}``."""
        return self._told(self._core.counts())

    def get_company_prospect_view_count(self) -> int:
        """How many rows ``company_prospect_view`` has; on PostgreSQL as of its last refresh."""
        return self._told(self._core.view_count())

    def runs(self, *, limit: int = 100) -> Runs:
        """The newest runs, the newest first."""
        return Runs(Run(run) for run in self._told(self._core.runs(limit)))

    def rejects(self, run: int | None = None) -> list[dict[str, Any]]:
        """What could not be taken, of one run or of all: ``record``, ``line``, ``code``, ``column``, ``cause``,
        ``original``.
        """
        return self._told(self._core.rejects(run))

    def undo(self, run: int, *, dry_run: bool = False) -> dict[str, Any]:
        """Takes back what a run did, as if it had not been; undoing the undo does it again."""
        return self._told(self._core.undo(run, dry_run))

    def verify(self) -> dict[str, Any]:
        """Computes everything anew from the payloads: ``{"payloads": n, "differences": [...]}``; of a sound database
        none.
        """
        return self._told(self._core.verify())

    def reserve(
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
        """Holds the most that a call of a provider can cost; see :meth:`firmograph.Budgets.reserve`.

        >>> with Store("sqlite::memory:") as store:
        ...     store.budgets.set("acme", day=1)
        ...     with store.reserve("prospeo", "0.02", workspace="acme") as permit:
        ...         done = store.settle(permit, "0.015")
        ...     store.budgets.show()[0]["spent"]
        Decimal('0.015000')
        """
        return self._budgets.reserve(
            provider,
            worst,
            workspace=workspace,
            operation=operation,
            endpoint=endpoint,
            user=user,
            entity_type=entity_type,
            entity_id=entity_id,
        )

    def settle(self, reservation: str | Permit, cost: Amount, **outcome: Any) -> dict[str, Any]:
        """Books what a call cost, by its permit or the id of its reservation; see :meth:`firmograph.Permit.settle`."""
        if isinstance(reservation, Permit):
            return reservation.settle(cost, **outcome)
        return self._budgets.settle(reservation, cost, **outcome)

    def release(self, reservation: str | Permit) -> bool:
        """Lets go of what is held for a call; gives whether it was held still."""
        if isinstance(reservation, Permit):
            return reservation.release()
        return self._budgets.release(reservation)

    def quality(self, key: str, *, as_of: str | None = None) -> dict[str, Any] | None:
        """How good one golden record is: ``score``, ``grade``, ``completeness``, ``parts``, ``attributes`` with their
        fields, and why; None where nothing is known of it. The key is as of :meth:`company` and :meth:`person`.

        ``as_of`` tells ages against another day (``2026-01-31``) than that on which the record was scored.

        >>> with Store("sqlite::memory:") as store:
        ...     _ = store.bulk_insert_companies([{"domain": "acme.com", "name": "ACME INC", "city": "N/A"}])
        ...     found = store.quality("acme.com")
        >>> found["completeness"], found["score"] == round(sum(found["parts"].values()), 2)
        (10.0, True)
        """
        return self._told(self._core.quality(key, as_of))

    def quality_report(
        self, by: str = "entity", *, as_of: str | None = None, source: str | None = None, svg: _Path | None = None
    ) -> list[dict[str, Any]]:
        """The mean scores of groups of records, by ``entity``, ``source``, ``attribute``, ``field``, ``month`` or
        ``grade``; drawn into the file ``svg``, too.
        """
        told = self._told(self._core.quality_report(by, as_of, source))
        if svg is not None:
            with open(svg, "w", encoding="utf-8", newline="\n") as file:
                file.write(told["svg"])
        return told["rows"]

    def check_quality(
        self,
        *,
        min: Mapping[str, float] | None = None,
        max_null: Mapping[str, float] | None = None,
        source: str | None = None,
        as_of: str | None = None,
    ) -> dict[str, Any]:
        """Whether limits are kept: ``{"passed": bool, "gates": [...]}``, each gate with its value, by how much it is
        missed, and the source at fault.

        ``min`` has the least mean of measures (``{"completeness": 80}``), ``max_null`` the largest percentage of
        records that may lack a golden column or a field (``{"name": 1, "person.email": 5}``).
        """
        gates = [[f"{name}={_percentage(limit)}" for name, limit in (asked or {}).items()] for asked in (min, max_null)]
        return self._told(self._core.check_quality(gates[0], gates[1], source, as_of))

    def refresh_quality(self, *, as_of: str | None = None) -> dict[str, int]:
        """Scores every record anew, as of today or another day: ``{"records": n, "written": n, "removed": n}``."""
        return self._told(self._core.refresh_quality(as_of))

    def import_documents(
        self,
        rows: Iterable[Mapping[str, Any]],
        *,
        source: str = "documents",
        observed_at: str | None = None,
        dry_run: bool = False,
    ) -> IngestSummary:
        """Imports intelligence documents in their envelopes as one run; what cannot be taken is a reject of it.

        ``source`` and ``observed_at`` are of documents that do not say so themselves. The same again changes nothing.
        What a source says is its newest document of a kind. Those without ``observed_at`` have no order: of two the more
        confident one stands, then the greater one, whichever was imported last; ``files[0]["notes"]`` says so.

        >>> rounds = {"rounds": [{"type": "seed", "announced_on": "2019-02-01"}]}
        >>> with Store("sqlite::memory:") as store:
        ...     done = store.import_documents([{"kind": "funding_rounds", "domain": "acme.com", "document": rounds}])
        ...     known = store.documents("acme.com")
        ...     found = store.find_documents("funding_rounds", contains={"rounds": [{"type": "seed"}]})
        >>> done["accepted"], known["documents"]["funding_rounds"] == rounds, [one["key"] for one in found]
        (1, True, ['acme.com'])
        """
        envelopes = [envelope(row) for row in rows]
        return IngestSummary(self._told(self._core.import_documents(envelopes, source, observed_at, dry_run)))

    def documents(self, key: str, kind: str | None = None) -> dict[str, Any] | None:
        """What is known of a person or company beyond its attributes: ``documents`` of all sources together by kind,
        ``attribution`` (who gave each key, who agreed, what lost and why), and ``sources`` (what each says). None where
        no document speaks of it.
        """
        return self._told(self._core.documents(key, kind))

    def find_documents(
        self,
        kind: str,
        *,
        contains: Any = None,
        entity: Literal["company", "person"] | None = None,
        limit: int = 1000,
    ) -> list[dict[str, Any]]:
        """Documents of one kind that contain something, as ``@>`` of PostgreSQL says, in the order of the keys:
        ``entity``, ``key``, ``kind``, ``document``.
        """
        part = written({} if contains is None else contains)
        return self._told(self._core.find_documents(kind, part, entity, limit))

    def stats(self, *, accuracy_rows: int = 200) -> dict[str, Any]:
        """What runs did and how fast, what could not be taken or matched, how fresh views are, and whether a sample of
        ``accuracy_rows`` values of each attribute is still matched as it is stored.

        >>> Store("sqlite::memory:").stats()["companies"]
        0
        """
        return self._told(self._core.stats(accuracy_rows))

    def prometheus(self, *, accuracy_rows: int = 200) -> str:
        """The same as a page for Prometheus to scrape (``text/plain; version=0.0.4``)."""
        return self._told(self._core.prometheus(accuracy_rows))

    def figure_counts(self, name: str) -> list[dict[str, Any]]:
        """What the figure ``coverage``, ``source_overlap``, ``level_funnel`` or ``provenance`` is drawn from;
        another name raises ``unknown-figure``.
        """
        return self._told(self._core.figure(name))

    @staticmethod
    def _told(text: str) -> Any:
        return json.loads(text)


def _paths(paths: _Path | Iterable[_Path]) -> list[str]:
    if isinstance(paths, (str, PathLike)):
        paths = [paths]
    return [fspath(path) for path in paths]


def _percentage(limit: object) -> object:
    """Rounds what was worked out (``0.1 + 0.2``) to the two decimals that a limit has. More are refused later."""
    if isinstance(limit, (int, float, Decimal)):
        rounded = round(float(limit), 2)
        if abs(float(limit) - rounded) < 1e-9:
            return f"{rounded:.2f}"
    return limit


def _limit(limit: int | str | None) -> tuple[int | None, float | None]:
    if limit is None or isinstance(limit, int) and not isinstance(limit, bool) and limit >= 0:
        return limit, None
    try:
        text = str(limit).strip()
        if text.endswith("%") and 0 <= float(text[:-1]) <= 100:
            return None, float(text[:-1])
        if text.isdigit():
            return int(text), None
    except ValueError:
        pass
    raise FirmographError(f"{limit!r} is no limit: a number, or a percentage such as '2.5%'", code="max-rejects")
