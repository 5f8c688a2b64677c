"""Budgets that no call gets past: the most that a call can cost is held before it is made.

>>> from firmograph.budgets import Budgets
>>> budgets = Budgets("sqlite::memory:")
>>> budgets.set("acme", day=50, month=1000, time_zone="America/New_York")
>>> with budgets.reserve("lusha", "1.50", workspace="acme", operation="enrich") as permit:
...     answer = {"email": "ada@acme.com"}  # here stands the call
...     done = permit.settle("1.50", hit=True)
>>> [(window["period"], window["spent"], window["cap"]) for window in budgets.show("acme")]
[('day', Decimal('1.500000'), Decimal('50.000000')), ('month', Decimal('1.500000'), Decimal('1000.000000'))]

Amounts are dollars: ``Decimal``, ``int`` or text such as ``"0.0198"``, with at most six digits after the point, up to a billion;
or a ``float``, which is rounded to the nearest millionth, because ``0.0198 * 3`` is 0.05940000000000001. They come back as
``Decimal``.
"""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Awaitable, Callable, Generator, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, DecimalException, Inexact, InvalidOperation
from types import TracebackType
from typing import Any, ParamSpec, TypeVar, cast

from . import FirmographError, ForkError
from ._firmograph import BudgetsCore

__all__ = ["Amount", "Budgets", "Permit", "to_dollars", "to_json", "to_micros", "to_plain"]

Amount = Decimal | int | str | float
_P = ParamSpec("_P")
_T = TypeVar("_T")
_Told = str | Callable[..., str | None] | None

_MICRO = Decimal("0.000001")
_AMOUNTS = ("cap", "spent", "reserved", "overrun")
# The caller's context may round, or raise where nothing is wrong.
_EXACT = Context(prec=60, traps=[InvalidOperation, Inexact])
_ROUNDING = Context(prec=60, rounding=ROUND_HALF_UP, traps=[InvalidOperation])


def to_micros(amount: Amount) -> int:
    """Dollars as whole millionths; raises ``bad-amount`` where they are none."""
    try:
        if isinstance(amount, bool):
            raise TypeError
        if isinstance(amount, float):
            exact = Decimal(repr(float(amount)), _ROUNDING).quantize(_MICRO, context=_ROUNDING)
        elif isinstance(amount, str):
            exact = Decimal(amount.strip().removeprefix("$"), _EXACT)
        else:
            exact = Decimal(str(amount), _EXACT)
        micros = int(exact.scaleb(6, context=_EXACT).to_integral_exact(context=_EXACT))
        if abs(micros) < 1 << 63:
            return micros
    except (DecimalException, TypeError, ValueError, OverflowError):
        pass
    raise FirmographError(
        f"{amount!r} is no amount of dollars",
        code="bad-amount",
        help="write 50, '0.0198' or Decimal('1.5'): at most six digits after the point",
    )


def to_dollars(micros: int) -> Decimal:
    """Whole millionths as dollars."""
    return Decimal(micros).scaleb(-6, context=_EXACT)


def to_plain(text: str) -> str:
    """Without halves of surrogate pairs, which no database takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def to_json(said: Any) -> str:
    """JSON for what was paid: what JSON cannot say must not lose it, and is the text that Python writes for it."""
    try:
        return to_plain(json.dumps(said, ensure_ascii=False, allow_nan=False, default=str))
    except (TypeError, ValueError, RecursionError):
        return to_plain(json.dumps(repr(said), ensure_ascii=False))


def _in_dollars(row: dict[str, Any]) -> dict[str, Any]:
    return {name: to_dollars(value) if name in _AMOUNTS else value for name, value in row.items()}


class Permit:
    """The right to make one call that costs at most :attr:`amount`. Settle it, or release it.

    As a context manager: a block that raises an ``Exception`` releases it, unless it had begun to settle: what was paid and could
    not be booked stays held until the reservation's time is over, and can be settled until then and later. A block that ends
    without having said what the call cost is charged the whole amount; one that is interrupted or cancelled leaves the money
    held until the reservation's time is over, because nobody knows what became of the call.
    """

    def __init__(
        self, core: BudgetsCore, told: Callable[[], None], call: dict[str, Any], micros: int, reserved: dict[str, Any]
    ) -> None:
        self._core = core
        self._tell = told
        self._call = call
        self._micros = micros
        self._begun: str = reserved["begun"]
        self._settling = False
        self._booked = False
        self._ended = False
        self.reservation: str | None = reserved["id"]
        """The id of the reservation; None where the guard had failed and lets calls through."""

    @property
    def amount(self) -> Decimal:
        """What is held, in dollars."""
        return to_dollars(self._micros)

    def __repr__(self) -> str:
        return f"Permit({self._call['provider']!r}, ${self.amount.normalize(_EXACT):f}, {self.reservation!r})"

    def __enter__(self) -> Permit:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._ended:
            return
        if error is None:
            try:
                self.settle(self.amount)
            except FirmographError as failed:
                # Somebody settled it by its id.
                if failed.code != "already-ended":
                    raise
        elif isinstance(error, Exception) and not self._settling:
            # The block's own error is the one to raise; a reservation that cannot be let go of ends by itself.
            with contextlib.suppress(FirmographError):
                self.release()

    async def __aenter__(self) -> Permit:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        from ._threads import to_its_end

        await to_its_end(self.__exit__, kind, error, trace)

    def settle(
        self,
        cost: Amount,
        *,
        success: bool = True,
        error: str | None = None,
        tokens: int | None = None,
        hit: bool | None = None,
        matches: int | None = None,
        credits: int | None = None,
        request: Mapping[str, Any] | None = None,
        run: int | None = None,
    ) -> dict[str, Any]:
        """Books what the call cost: ``{"cost_id": id, "late": bool}``. What was held beyond it is free again.

        ``run`` is the run that wrote what the call gave (``Store.bulk_insert_prospects(...).run``): by it the call is joined
        with the values that it bought. ``late`` says that the reservation was over before. What JSON cannot say of ``request`` is
        kept as the text that Python writes for it.

        Where it raises, nothing is booked and the money stays held: settle again, here or by :meth:`Budgets.settle`.
        """
        with self._paid():
            if self.reservation is None and self._booked:
                # No row of the database knows.
                raise FirmographError("this call was settled before", code="already-ended")
            outcome = {
                "cost": to_micros(cost),
                "success": success,
                "error": None if error is None else to_plain(str(error)),
                "tokens": tokens,
                "hit": hit,
                "matches": matches,
                "credits": credits,
                "request": None if request is None else to_json(request),
                "run": run,
            }
            settled = json.loads(self._core.settle(self.reservation, self._begun, self._call, outcome))
            self._ended = self._booked = True
        self._tell()
        return settled

    @contextlib.contextmanager
    def _paid(self) -> Generator[None, None, None]:
        """From here on the call is paid: whatever fails within leaves the money held, and says so."""
        self._settling = True
        try:
            yield
        except Exception as failed:
            # Python 3.10 has no notes.
            note = getattr(failed, "add_note", None)
            is_over = getattr(failed, "code", None) in ("already-ended", "unknown-reservation")
            if note is not None and self.reservation is not None and not is_over:
                note(
                    f"nothing is booked: the reservation {self.reservation} holds the money until its time is over, "
                    "and can be settled by its id until then and later"
                )
            raise

    def release(self) -> bool:
        """Lets go of what is held: the call was not made, or cost nothing. Gives whether it was held still."""
        self._ended = True
        return self.reservation is not None and self._core.release(self.reservation)


class Budgets:
    """Caps on what calls of providers may cost, by day and month: of a workspace, and of a provider or user within it.

    Threads and tasks may share one, and processes may have one each: the database decides, one counter row for each window.
    ``fail`` says what becomes of a call when the database does not answer: ``"closed"`` refuses it, ``"open"`` lets it through
    and counts it (:attr:`unguarded`). A caller that dies gives back what it had reserved after ``time_to_live`` seconds.
    ``on_alert`` is called with each alert once: at 80, 95 and 100 % of a cap; an ``Exception`` that it raises is logged, because
    the call is paid or allowed all the same. A workspace for which no cap is set may not spend anything, unless
    ``allow_without_budget``.
    """

    def __init__(
        self,
        url: str = "sqlite://firmograph.db",
        *,
        fail: str = "closed",
        time_to_live: float = 600.0,
        holder: str | None = None,
        allow_without_budget: bool = False,
        on_alert: Callable[[dict[str, Any]], object] | None = None,
    ) -> None:
        if fail not in ("closed", "open"):
            raise FirmographError(f"{fail!r} is no way to fail", code="bad-fail-mode", help="take 'closed' or 'open'")
        self._core = BudgetsCore(url, fail == "open", time_to_live, holder, allow_without_budget)
        self._on_alert = on_alert

    @property
    def unguarded(self) -> int:
        """Calls that were let through because the guard had failed (``fail="open"``)."""
        return self._core.unguarded

    def __enter__(self) -> Budgets:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, ForkError):
            self.close()

    def close(self) -> None:
        """Closes the database; a later call opens it again."""
        self._core.close()

    def set(
        self,
        workspace: str,
        *,
        day: Amount | None = None,
        month: Amount | None = None,
        provider: str | None = None,
        user: str | None = None,
        time_zone: str | None = None,
        author: str | None = None,
    ) -> None:
        """Sets caps, inclusive, of a calendar day and month of a time zone. They hold at once; None leaves one as it is, and its
        time zone, which is UTC where there was none.
        """
        caps = [(period, to_micros(cap)) for period, cap in (("day", day), ("month", month)) if cap is not None]
        if any(cap < 0 for _, cap in caps):
            raise FirmographError("a cap is less than nothing", code="bad-amount")
        for period, cap in caps:
            self._core.set(workspace, provider, user, period, cap, time_zone, author)

    def remove(self, workspace: str, period: str, *, provider: str | None = None, user: str | None = None) -> bool:
        """Takes the cap of ``"day"`` or ``"month"`` away; gives whether there was one."""
        return self._core.remove(workspace, provider, user, period)

    def show(self, workspace: str | None = None) -> list[dict[str, Any]]:
        """The open window of every cap: ``workspace, provider, user, period, starts_at, ends_at, cap, spent, reserved,
        overrun, refusals``.
        """
        return [_in_dollars(row) for row in json.loads(self._core.list("standing", workspace))]

    def history(self, workspace: str | None = None) -> list[dict[str, Any]]:
        """Every window that was ever begun, newest first within a budget."""
        return [_in_dollars(row) for row in json.loads(self._core.list("history", workspace))]

    def alerts(self, workspace: str | None = None, *, all: bool = False) -> list[dict[str, Any]]:
        """Alerts that nobody took note of, newest first; with ``all`` every one."""
        return [_in_dollars(row) for row in json.loads(self._core.alerts(workspace, not all))]

    def acknowledge(self, alert: str, by: str) -> bool:
        """Notes that somebody took note of an alert, by its ``id``; gives whether it had been open."""
        return self._core.acknowledge(alert, by)

    def expire(self) -> int:
        """Frees what callers had reserved of whom nothing was heard in time, which reserving does where it needs room."""
        return self._core.expire()

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
        """Holds ``worst``, the most that a call can cost, in every window that it counts for.

        Raises ``BudgetExceeded`` where one has no room, and ``FirmographError`` with the code ``no-budget`` where none is set,
        or ``guard-failed`` where the database does not answer.
        """
        call = {
            "workspace": workspace,
            "provider": provider,
            "operation": operation,
            "endpoint": endpoint,
            "user": user,
            "entity_type": entity_type,
            "entity_id": entity_id,
        }
        micros = to_micros(worst)
        try:
            reserved = json.loads(self._core.reserve(call, micros))
        finally:
            self._tell()
        return Permit(self._core, self._tell, call, micros, reserved)

    def settle(self, reservation: str, cost: Amount, **outcome: Any) -> dict[str, Any]:
        """As :meth:`Permit.settle`, by the id of a reservation, which another process may have made."""
        call = dict.fromkeys(("operation", "endpoint", "user", "entity_type", "entity_id"))
        call |= {"workspace": "", "provider": ""}
        reserved = {"id": reservation, "begun": "1970-01-01T00:00:00Z"}
        return Permit(self._core, self._tell, call, 0, reserved).settle(cost, **outcome)

    def release(self, reservation: str) -> bool:
        """As :meth:`Permit.release`, by the id of a reservation."""
        return self._core.release(reservation)

    def with_budget(
        self,
        provider: str,
        worst: Amount,
        *,
        workspace: _Told = None,
        operation: _Told = None,
        endpoint: _Told = None,
        user: _Told = None,
        entity_type: _Told = None,
        entity_id: _Told = None,
        cost: Callable[[Any], Amount] | None = None,
    ) -> Callable[[Callable[_P, _T]], Callable[_P, _T]]:
        """A decorator for a function, or a coroutine function, that makes one call: it is not called without money.

        Texts may be functions of the same arguments. ``cost`` says from the answer what the call cost, which is ``worst``
        without it. A function that raises costs nothing; where ``cost`` raises, the call is paid, so the money stays held.

        >>> budgets = Budgets("sqlite::memory:")
        >>> budgets.set("acme", day=1)
        >>> @budgets.with_budget("prospeo", "0.02", workspace="acme", entity_id=lambda domain: domain)
        ... def find_email(domain):
        ...     return f"ada@{domain}"
        >>> find_email("acme.com"), budgets.show()[0]["spent"]
        ('ada@acme.com', Decimal('0.020000'))
        """
        if workspace is None:
            raise FirmographError("say which workspace pays", code="bad-name")
        told = {
            "workspace": workspace,
            "operation": operation,
            "endpoint": endpoint,
            "user": user,
            "entity_type": entity_type,
            "entity_id": entity_id,
        }

        def reserve(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Permit:
            said = {name: text(*args, **kwargs) if callable(text) else text for name, text in told.items()}
            return self.reserve(provider, worst, **cast("dict[str, Any]", said))

        def paid(permit: Permit, answer: Any) -> Amount:
            with permit._paid():  # pyright: ignore[reportPrivateUsage]
                return worst if cost is None else cost(answer)

        def decorate(function: Callable[_P, _T]) -> Callable[_P, _T]:
            # asyncio takes longer to import than everything else here.
            from inspect import iscoroutinefunction

            if iscoroutinefunction(function):
                from ._threads import reserved_in_thread, to_its_end

                @functools.wraps(function)
                async def awaited(*args: _P.args, **kwargs: _P.kwargs) -> Any:
                    async with await reserved_in_thread(lambda: reserve(args, kwargs)) as permit:
                        answer = await cast("Awaitable[Any]", function(*args, **kwargs))
                        await to_its_end(permit.settle, paid(permit, answer))
                    return answer

                return cast("Callable[_P, _T]", awaited)

            @functools.wraps(function)
            def called(*args: _P.args, **kwargs: _P.kwargs) -> _T:
                with reserve(args, kwargs) as permit:
                    answer = function(*args, **kwargs)
                    permit.settle(paid(permit, answer))
                return answer

            return called

        return decorate

    def _tell(self) -> None:
        for text in self._core.take_alerts():
            if self._on_alert is None:
                continue
            try:
                self._on_alert(_in_dollars(json.loads(text)))
            except Exception:
                from logging import getLogger

                getLogger("firmograph").exception("on_alert raised; the alert is stored")

    def __reduce__(self) -> Any:
        raise TypeError("make Budgets in each process")
