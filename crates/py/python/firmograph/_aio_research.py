"""``ResearchCache`` as coroutines: each call waits in a thread. ``firmograph.aio`` has the name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import CancelledError
from functools import partial
from types import TracebackType
from typing import Any

from ._aio_budgets import Budgets
from ._threads import in_own_thread, in_thread, to_its_end
from .research import Found, Research
from .research import ResearchCache as _ResearchCache

__all__ = ["ResearchCache"]

_Asking = Callable[[], Awaitable[Found | str | None]]


class ResearchCache:
    """The same calls as :class:`firmograph.ResearchCache`, to be awaited; made with the same arguments, or from one of those.

    >>> import asyncio
    >>> from firmograph import aio
    >>> async def ask():
    ...     await asyncio.sleep(0)
    ...     return "Series B"
    >>> async def twice():
    ...     async with aio.ResearchCache("sqlite::memory:") as cache:
    ...         asked = [cache.get_or_compute("acme.com", "funding", ask, workspace="acme") for _ in range(2)]
    ...         return [answer.content for answer in await asyncio.gather(*asked)], (await cache.stats())["hits"]
    >>> asyncio.run(twice())
    (['Series B', 'Series B'], 1)
    """

    def __init__(self, url: str | _ResearchCache = "sqlite://firmograph.db", **options: Any) -> None:
        self._cache = url if isinstance(url, _ResearchCache) else _ResearchCache(url, **options)

    @property
    def url(self) -> str:
        """The URL it was made with."""
        return self._cache.url

    async def __aenter__(self) -> ResearchCache:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await to_its_end(self._cache.__exit__, kind, error, trace)

    async def close(self) -> None:
        await to_its_end(self._cache.close)

    async def get_or_compute(self, entity: str, research_type: str, compute: _Asking, **asked: Any) -> Research:
        """As of the blocking cache; ``compute`` is a coroutine function, which runs in this loop, and ``budgets`` may be those of
        ``aio``. Who is cancelled while ``compute`` runs has it run to its end: what it found is paid, and is stored.
        """
        loop, begun, is_left = asyncio.get_running_loop(), False, False
        budgets = asked.get("budgets")
        if isinstance(budgets, Budgets):
            asked["budgets"] = budgets.blocking

        async def awaited() -> Found | str | None:
            nonlocal begun
            if is_left:
                raise asyncio.CancelledError
            begun = True
            return await compute()

        def ask() -> Found | str | None:
            try:
                return asyncio.run_coroutine_threadsafe(awaited(), loop).result()
            except CancelledError:
                if begun:
                    # Nobody knows what became of the call: what is held for it stays held.
                    raise asyncio.CancelledError from None
                raise

        def waits() -> bool:
            nonlocal is_left
            is_left = True
            return begun

        # Not one of the few threads that all share: what is asked may need one of those.
        return await in_own_thread(partial(self._cache.get_or_compute, entity, research_type, ask, **asked), waits)

    async def stored(self, entity: str, research_type: str, **asked: Any) -> Research | None:
        return await in_thread(partial(self._cache.stored, entity, research_type, **asked))

    async def stats(self) -> dict[str, Any]:
        return await in_thread(self._cache.stats)

    async def list(self, entity: str | None = None, **limits: Any) -> list[dict[str, Any]]:
        return await in_thread(partial(self._cache.list, entity, **limits))

    async def expire(self) -> int:
        return await in_thread(self._cache.expire)

