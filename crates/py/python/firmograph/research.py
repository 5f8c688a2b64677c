"""Answers of language models and researchers, kept so that nobody pays for the same one twice.

>>> from firmograph.research import Found, ResearchCache
>>> cache = ResearchCache("sqlite::memory:")
>>> def ask():
...     return Found("Series B in 2025", sources=["https://acme.com/news"], tokens=900, cost="0.05")
>>> first = cache.get_or_compute("acme.com", "funding", ask, workspace="acme")
>>> second = cache.get_or_compute("acme.com", "funding", ask, workspace="acme")
>>> first.origin, second.origin, second.content, second.saved
('computed', 'cache', 'Series B in 2025', Decimal('0.050000'))
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from decimal import Decimal
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from . import BudgetExceeded, FirmographError, ForkError
from ._firmograph import ResearchCore
from .budgets import Amount, Budgets, Permit, to_dollars, to_json, to_micros, to_plain

if TYPE_CHECKING:
    from datetime import datetime, timedelta

__all__ = ["Found", "Research", "ResearchCache"]

_DAY = 24 * 3600.0
# What is being asked by whoever runs here: who asks the same then would wait for itself.
_ASKING: ContextVar[tuple[list[tuple[Any, ...]], ...]] = ContextVar("firmograph_asking", default=())


class Found(NamedTuple):
    """What asking found. ``content`` is None where it found nothing, which is remembered too; ``extracted`` is what was read in
    it, as JSON has it; ``confidence`` is 0 to 1; ``cost`` is in dollars, also where nothing was found.
    """

    content: str | None
    sources: Sequence[str] = ()
    extracted: Any = None
    confidence: float | None = None
    tokens: int | None = None
    cost: Amount = 0


class Research(NamedTuple):
    """The answer to a question. ``origin`` is ``"computed"``, ``"cache"``, or ``"stale"``: its time is over, and the budget pays
    for no other.
    """

    content: str | None
    """What was found; None where nothing was."""
    sources: tuple[str, ...]
    extracted: Any
    confidence: float | None
    tokens: int | None
    cost: Decimal
    """What asking cost, in dollars, whenever it was."""
    origin: str
    age: timedelta
    """How long ago it was asked."""
    saved: Decimal
    """What it would have cost to ask again; 0 where it was asked now."""
    expires_at: datetime | None
    """Until when it counts; None is for ever."""
    not_stored: str | None
    """Why an answer that was asked now could not be stored: it will be asked again."""
    not_booked: str | None = None
    """Why a call that was paid is not in the books: its reservation holds the money until its time is over."""

    @property
    def is_miss(self) -> bool:
        """Whether nothing was found."""
        return self.content is None


def _seconds(given: float | timedelta | None) -> float | None:
    return given if given is None or isinstance(given, (int, float)) else given.total_seconds()


def _found(given: object) -> Found:
    if given is None or isinstance(given, str):
        return Found(given)
    if not isinstance(given, Found):
        raise FirmographError(
            f"asking gave a {type(given).__name__}", code="bad-found", help="give a Found, a str, or None for nothing"
        )
    return given


def _cost(cost: Amount) -> int:
    try:
        return to_micros(cost)
    except FirmographError as refused:
        # Tokens times a price have more digits than there are millionths.
        try:
            return to_micros(float(cost))
        except (ValueError, OverflowError, FirmographError):
            raise refused from None


def _arguments(found: Found) -> dict[str, Any]:
    """What is stored. It is paid, so all that can be kept is."""
    return {
        "content": None if found.content is None else to_plain(found.content),
        "sources": [to_plain(str(source)) for source in found.sources],
        "extracted": None if found.extracted is None else to_json(found.extracted),
        "confidence": None if found.confidence is None else float(found.confidence),
        "tokens": None if found.tokens is None else int(found.tokens),
        "cost": _cost(found.cost),
    }


def _research(said: dict[str, Any]) -> Research:
    # Importing it takes longer than everything else here.
    from datetime import datetime, timedelta, timezone

    expires_at: int | None = said["expires_at"]
    since = datetime(1970, 1, 1, tzinfo=timezone.utc)
    return Research(
        content=said["content"],
        sources=tuple(said["sources"]),
        extracted=said["extracted"],
        confidence=said["confidence"],
        tokens=said["tokens"],
        cost=to_dollars(said["cost"]),
        origin=said["origin"],
        age=timedelta(seconds=said["age"]),
        saved=to_dollars(said["saved"]),
        expires_at=None if expires_at is None else since + timedelta(milliseconds=expires_at),
        not_stored=said["not_stored"],
    )


class ResearchCache:
    """A cache of research in a SQLite file or a PostgreSQL database.

    Threads and tasks may share one, and processes may have one each: of all that ask the same at once, one asks, and the others
    wait for its answer. Times to live are seconds or a ``timedelta``, None for ever: ``time_to_live`` of answers,
    ``miss_time_to_live`` of the knowledge that nothing was found. ``stale`` says what becomes of an answer whose time is over
    while the budget pays for no other: ``"refuse"`` raises ``BudgetExceeded``, ``"serve"`` gives it, and it says so.
    ``max_rows`` and ``max_bytes`` bound what is kept.
    """

    def __init__(
        self,
        url: str = "sqlite://firmograph.db",
        *,
        time_to_live: float | timedelta | None = 30 * _DAY,
        miss_time_to_live: float | timedelta | None = _DAY,
        stale: str = "refuse",
        max_rows: int | None = None,
        max_bytes: int | None = None,
        holder: str | None = None,
    ) -> None:
        if stale not in ("refuse", "serve"):
            raise FirmographError(f"{stale!r} is no rule", code="bad-stale", help="take 'refuse' or 'serve'")
        self._core = ResearchCore(
            url, _seconds(time_to_live), _seconds(miss_time_to_live), stale == "serve", max_rows, max_bytes, holder
        )
        self._serves = stale == "serve"

    @property
    def url(self) -> str:
        """The URL it was made with."""
        return self._core.url

    def __repr__(self) -> str:
        # A URL may hold a password.
        return f"ResearchCache({self._core.shown!r})"

    def __enter__(self) -> ResearchCache:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, ForkError):
            self.close()

    def close(self) -> None:
        """Writes the hits that were counted, and closes the database; a later call opens it again."""
        self._core.close()

    def get_or_compute(
        self,
        entity: str,
        research_type: str,
        compute: Callable[[], Found | str | None],
        *,
        workspace: str,
        entity_type: str = "company",
        model: str | None = None,
        question: str | None = None,
        budgets: Budgets | None = None,
        provider: str | None = None,
        worst: Amount | None = None,
        user: str | None = None,
    ) -> Research:
        """The stored answer about a company or person while it counts, else what ``compute()`` gives, which is stored.

        ``model`` and ``question`` are part of what is asked. With ``budgets``, ``worst`` is held at ``provider`` before
        ``compute`` is called, and the ``cost`` of what it found is booked; who is given a stored answer needs no money. What
        ``compute`` raises is raised, and the next one that waits asks. ``compute`` may ask something else, but not the same,
        for which it would wait for ever (``busy``).

        >>> budgets = Budgets("sqlite::memory:")
        >>> budgets.set("acme", day=1)
        >>> cache = ResearchCache("sqlite::memory:")
        >>> paid = {"budgets": budgets, "provider": "some-model", "worst": "0.10"}
        >>> for _ in range(3):
        ...     answer = cache.get_or_compute("acme.com", "news", lambda: Found(None, cost="0.02"), workspace="acme", **paid)
        >>> answer.is_miss, budgets.show()[0]["spent"], cache.stats()["saved"]
        (True, Decimal('0.020000'), Decimal('0.040000'))
        """
        key = self._key(workspace, entity_type, entity, research_type, model, question)
        not_booked: list[str] = []
        if budgets is not None and not isinstance(cast("object", budgets), Budgets):
            raise FirmographError(f"{type(budgets).__name__} is no firmograph.Budgets", code="bad-call")
        if budgets is not None and (provider is None or worst is None):
            raise FirmographError("say which provider is asked, and what it costs at worst", code="bad-call")

        asked = (self._core.absolute_url or id(self._core), *key.values())
        if any(asked in asking for asking in _ASKING.get()):
            raise FirmographError(
                f"{research_type} of {entity} is being asked by what asks it here",
                code="busy",
                help="what computes an answer cannot wait for that answer",
            )

        def ask() -> dict[str, Any]:
            asking = [asked]
            token = _ASKING.set((*_ASKING.get(), asking))
            try:
                return answered()
            finally:
                _ASKING.reset(token)
                # Tasks that were begun meanwhile have it still.
                asking.clear()

        def answered() -> dict[str, Any]:
            if budgets is None or provider is None or worst is None:
                return _arguments(_found(compute()))
            permit = budgets.reserve(
                provider,
                worst,
                workspace=workspace,
                operation=research_type,
                user=user,
                entity_type=entity_type,
                entity_id=entity,
            )
            said = _arguments(_paid(permit, compute))
            try:
                permit.settle(to_dollars(said["cost"]), hit=said["content"] is not None, tokens=said["tokens"])
            except Exception as error:
                # The answer is paid: it is given and kept all the same.
                not_booked.append(str(error))
            return said

        try:
            research = _research(json.loads(self._core.get_or_compute(key, ask)))
        except BudgetExceeded:
            stored = self._stored(key) if self._serves else None
            if stored is None:
                raise
            return stored
        return research._replace(not_booked=not_booked[0]) if not_booked else research

    def stored(
        self,
        entity: str,
        research_type: str,
        *,
        workspace: str,
        entity_type: str = "company",
        model: str | None = None,
        question: str | None = None,
    ) -> Research | None:
        """The stored answer, also where its time is over (``origin`` is ``"stale"`` then); None where nobody asked yet."""
        return self._stored(self._key(workspace, entity_type, entity, research_type, model, question))

    def _stored(self, key: dict[str, Any]) -> Research | None:
        said = json.loads(self._core.stored(key))
        return None if said is None else _research(said)

    @staticmethod
    def _key(
        workspace: str, entity_type: str, entity: str, research_type: str, model: str | None, question: str | None
    ) -> dict[str, Any]:
        return {
            "workspace": workspace,
            "entity_type": entity_type,
            "entity_id": entity,
            "research_type": research_type,
            "model": model,
            "question": question,
        }

    def stats(self) -> dict[str, Any]:
        """Sums over what is kept: ``rows, bytes, misses, expired, hits, saved, cost, flights, others``; amounts in dollars."""
        stats = json.loads(self._core.stats())
        return {name: to_dollars(value) if name in ("saved", "cost") else value for name, value in stats.items()}

    def list(
        self, entity: str | None = None, *, workspace: str | None = None, limit: int = 100
    ) -> list[dict[str, Any]]:
        """What was researched, newest first, without its content; of a company or person, of a workspace, or all."""
        rows = json.loads(self._core.list(workspace, entity, limit))
        return [
            {name: to_dollars(value) if name in ("saved", "cost") and value is not None else value for name, value in row.items()}
            for row in rows
        ]

    def expire(self) -> int:
        """Deletes answers whose time is over; where they may be served, ninety days later. Gives how many."""
        return self._core.expire()

    def __reduce__(self) -> Any:
        raise TypeError("make a ResearchCache in each process")


def _paid(permit: Permit, compute: Callable[[], Found | str | None]) -> Found:
    """What was found; who failed to find out costs nothing."""
    try:
        return _found(compute())
    except Exception:
        # The call's own error is the one to raise; a reservation that cannot be let go of ends by itself.
        with contextlib.suppress(FirmographError):
            permit.release()
        raise
