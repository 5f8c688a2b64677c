"""What blocks, waited for by a coroutine. Who is cancelled while the threads that all share are busy waits for none of them: what
has not begun never will.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextvars import copy_context
from functools import partial
from typing import Generic, ParamSpec, TypeVar

from .budgets import Permit

__all__ = ["in_own_thread", "in_thread", "reserved_in_thread", "to_its_end", "until_stopped"]

_P = ParamSpec("_P")
_T = TypeVar("_T")

# How often a thread is told to stop that may not have come to what can be stopped.
_AGAIN = 0.02


class _Work(Generic[_T]):
    """Something that blocks: in a thread of those that all share, as soon as one is free."""

    def __init__(self, work: Callable[[], _T]) -> None:
        self._work = work
        # Taken by the thread that begins it, or by who does not want it any more.
        self._claim = threading.Lock()
        # No task: what cancels all tasks would end the waiting for it, and not the thread.
        self._done = asyncio.get_running_loop().run_in_executor(None, partial(copy_context().run, self._begin))

    def _begin(self) -> _T:
        if self._claim.acquire(blocking=False):
            return self._work()
        raise CancelledError

    async def result(self) -> _T:
        await asyncio.wait({self._done})
        return self._done.result()

    def prevent(self) -> bool:
        """Sees to it that it never begins; gives whether that is so."""
        is_free = self._claim.acquire(blocking=False)
        if is_free:
            self._done.cancel()
        return is_free

    async def ended(self, stop: Callable[[], object] | None = None) -> asyncio.Future[_T]:
        """Waits for its end, during which it is told to stop."""
        await _ended(self._done, stop)
        return self._done


async def _ended(done: asyncio.Future[_T], stop: Callable[[], object] | None = None) -> None:
    """Waits however often who waits is cancelled. What it raises when nobody listens any more is nobody's."""
    while not done.done():
        if stop is not None:
            stop()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.wait({done}, timeout=None if stop is None else _AGAIN)
    if not done.cancelled():
        done.exception()


async def in_thread(work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Does something that blocks. What is cancelled is done to its end if it has begun, and else not at all."""
    doing = _Work(partial(work, *args, **kwargs))
    try:
        return await doing.result()
    except asyncio.CancelledError:
        if not doing.prevent():
            await doing.ended()
        raise


async def to_its_end(work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """As :func:`in_thread`, for what must be done: what is cancelled meanwhile is booked all the same."""
    doing = _Work(partial(work, *args, **kwargs))
    try:
        return await doing.result()
    except asyncio.CancelledError:
        await doing.ended()
        raise


async def until_stopped(stop: Callable[[], object], work: Callable[[], _T]) -> _T:
    """As :func:`in_thread`, for what ends soon after ``stop()``, if it had come so far."""
    doing = _Work(work)
    try:
        return await doing.result()
    except asyncio.CancelledError:
        if not doing.prevent():
            await doing.ended(stop)
        raise


async def in_own_thread(work: Callable[[], _T], waits: Callable[[], bool]) -> _T:
    """Does something that blocks and may wait for another thread: those that all share are few, and all might wait. Who is
    cancelled waits for its end where ``waits()`` says so then.
    """
    done = _begun(work)
    try:
        await asyncio.wait({done})
        return done.result()
    except asyncio.CancelledError:
        # What it raises when nobody listens any more is nobody's.
        done.add_done_callback(lambda done: done.cancelled() or done.exception())
        if not done.done() and waits():
            await _ended(done)
        raise


async def reserved_in_thread(reserve: Callable[[], Permit]) -> Permit:
    """Reserves; who is cancelled meanwhile holds nothing."""
    doing = _Work(reserve)
    try:
        return await doing.result()
    except asyncio.CancelledError:
        if not doing.prevent():
            done = await doing.ended()
            if done.exception() is None:
                # What cannot be let go of ends by itself; who is cancelled must hear of that alone.
                await _ended(_begun(done.result().release))
        raise


def _begun(work: Callable[[], _T]) -> asyncio.Future[_T]:
    """Does something in a thread of its own."""
    done: Future[_T] = Future()
    args = (_do, work, done)
    threading.Thread(target=copy_context().run, args=args, name="firmograph", daemon=True).start()
    return asyncio.wrap_future(done)


def _do(work: Callable[[], _T], done: Future[_T]) -> None:
    try:
        done.set_result(work())
    except BaseException as error:
        done.set_exception(error)
