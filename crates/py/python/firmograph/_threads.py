"""What blocks, waited for by a coroutine."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import ParamSpec, TypeVar

from .budgets import Permit

__all__ = ["in_own_thread", "in_thread", "reserved_in_thread"]

_P = ParamSpec("_P")
_T = TypeVar("_T")


async def in_thread(work: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
    """Does something that blocks, to its end: what is cancelled meanwhile is booked all the same."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *args, **kwargs))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


async def in_own_thread(work: Callable[[], _T], waits: Callable[[], bool]) -> _T:
    """As :func:`in_thread`, for what may wait for another thread: those that all share are few, and all might wait. Who is
    cancelled waits for its end where ``waits()`` says so then.
    """
    done: Future[_T] = Future()
    threading.Thread(target=_do, args=(work, done), name="firmograph", daemon=True).start()
    task = asyncio.wrap_future(done)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        # What it raises when nobody listens any more is nobody's.
        task.add_done_callback(lambda task: task.cancelled() or task.exception())
        if waits():
            await asyncio.wait({task})
        raise


def _do(work: Callable[[], _T], done: Future[_T]) -> None:
    try:
        done.set_result(work())
    except BaseException as error:
        done.set_exception(error)


async def reserved_in_thread(reserve: Callable[[], Permit]) -> Permit:
    """Reserves; who is cancelled meanwhile holds nothing."""
    task = asyncio.ensure_future(asyncio.to_thread(reserve))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if task.exception() is None:
            # What cannot be let go of ends by itself; who is cancelled must hear of that alone.
            with contextlib.suppress(Exception):
                await asyncio.to_thread(task.result().release)
        raise
