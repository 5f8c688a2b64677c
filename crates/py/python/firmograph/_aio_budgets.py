"""``Budgets`` as coroutines: each call waits in a thread. ``firmograph.aio`` has the names."""

from __future__ import annotations

from collections.abc import Generator
from decimal import Decimal
from functools import partial
from types import TracebackType
from typing import Any

from ._threads import in_thread, reserved_in_thread, to_its_end
from .budgets import Amount
from .budgets import Budgets as _Budgets
from .budgets import Permit as _Permit

__all__ = ["Budgets", "Permit"]


class Permit:
    """The right to make one call; see :class:`firmograph.Permit`. What is cancelled holds its money until the reservation's
    time is over, because nobody knows what became of the call.
    """

    def __init__(self, permit: _Permit) -> None:
        self._permit = permit

    @property
    def reservation(self) -> str | None:
        """The id of the reservation; None where the guard had failed and lets calls through."""
        return self._permit.reservation

    @property
    def amount(self) -> Decimal:
        """What is held, in dollars."""
        return self._permit.amount

    def __repr__(self) -> str:
        return f"aio.{self._permit!r}"

    async def __aenter__(self) -> Permit:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._permit.__aexit__(kind, error, trace)

    async def settle(self, cost: Amount, **outcome: Any) -> dict[str, Any]:
        """As of the blocking permit. It is booked also if this is cancelled."""
        return await to_its_end(partial(self._permit.settle, cost, **outcome))

    async def release(self) -> bool:
        return await to_its_end(self._permit.release)


class _Reserving:
    """Something to be awaited for its permit, or to be entered as it is."""

    def __init__(self, reserve: partial[_Permit]) -> None:
        self._reserve = reserve
        self._permit: Permit | None = None

    async def _reserved(self) -> Permit:
        return Permit(await reserved_in_thread(self._reserve))

    def __await__(self) -> Generator[Any, None, Permit]:
        return self._reserved().__await__()

    async def __aenter__(self) -> Permit:
        self._permit = await self._reserved()
        return self._permit

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._permit is not None:
            await self._permit.__aexit__(kind, error, trace)


class Budgets:
    """The same calls as :class:`firmograph.Budgets`, to be awaited; made with the same arguments, or from one of those.

    >>> import asyncio
    >>> from firmograph import aio
    >>> async def spend():
    ...     async with aio.Budgets("sqlite::memory:") as budgets:
    ...         await budgets.set("acme", day=50)
    ...         async with budgets.reserve("lusha", "1.50", workspace="acme") as permit:
    ...             await permit.settle("0.08")
    ...         return (await budgets.show())[0]["spent"]
    >>> asyncio.run(spend())
    Decimal('0.080000')
    """

    def __init__(self, url: str | _Budgets = "sqlite://firmograph.db", **options: Any) -> None:
        self._budgets = url if isinstance(url, _Budgets) else _Budgets(url, **options)

    @property
    def blocking(self) -> _Budgets:
        """The same budgets, of which calls block."""
        return self._budgets

    @property
    def unguarded(self) -> int:
        """Calls that were let through because the guard had failed (``fail="open"``)."""
        return self._budgets.unguarded

    @property
    def with_budget(self) -> Any:
        """The decorator, which takes coroutine functions too: see :meth:`firmograph.Budgets.with_budget`."""
        return self._budgets.with_budget

    async def __aenter__(self) -> Budgets:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await to_its_end(self._budgets.__exit__, kind, error, trace)

    async def close(self) -> None:
        await to_its_end(self._budgets.close)

    async def set(self, workspace: str, **caps: Any) -> None:
        """``day``, ``month``, ``provider``, ``user``, ``time_zone``, ``author``."""
        await in_thread(partial(self._budgets.set, workspace, **caps))

    async def remove(self, workspace: str, period: str, *, provider: str | None = None, user: str | None = None) -> bool:
        return await in_thread(self._budgets.remove, workspace, period, provider=provider, user=user)

    async def show(self, workspace: str | None = None) -> list[dict[str, Any]]:
        return await in_thread(self._budgets.show, workspace)

    async def history(self, workspace: str | None = None) -> list[dict[str, Any]]:
        return await in_thread(self._budgets.history, workspace)

    async def alerts(self, workspace: str | None = None, *, all: bool = False) -> list[dict[str, Any]]:
        return await in_thread(self._budgets.alerts, workspace, all=all)

    async def acknowledge(self, alert: str, by: str) -> bool:
        return await in_thread(self._budgets.acknowledge, alert, by)

    async def expire(self) -> int:
        return await in_thread(self._budgets.expire)

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
    ) -> _Reserving:
        """To be awaited, or to be entered: ``async with budgets.reserve(...) as permit``."""
        return _Reserving(
            partial(
                self._budgets.reserve,
                provider,
                worst,
                workspace=workspace,
                operation=operation,
                endpoint=endpoint,
                user=user,
                entity_type=entity_type,
                entity_id=entity_id,
            )
        )

    async def settle(self, reservation: str, cost: Amount, **outcome: Any) -> dict[str, Any]:
        return await to_its_end(partial(self._budgets.settle, reservation, cost, **outcome))

    async def release(self, reservation: str) -> bool:
        return await to_its_end(self._budgets.release, reservation)
