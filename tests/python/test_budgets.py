"""Budgets from Python, on both databases: what is held, charged, refused, let go of, and told."""

import asyncio
import contextlib
import doctest
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal, localcontext

import firmograph as fg
import firmograph.budgets
import pytest
from conftest import ask_server
from firmograph import _aio_budgets, aio


@pytest.fixture
def budgets(url):
    with fg.Budgets(url, holder="the test") as budgets:
        yield budgets


def standing(budgets):
    return [(row["period"], row["spent"], row["reserved"], row["cap"]) for row in budgets.show()]


def test_the_examples_of_the_documentation_hold():
    for module in (firmograph.budgets, _aio_budgets, fg.store):
        assert doctest.testmod(module).failed == 0


def test_a_block_is_charged_released_or_left_as_it_ends(budgets):
    budgets.set("acme", day=50, month="1000")
    with budgets.reserve("lusha", 10, workspace="acme") as permit:
        permit.settle("1.50", hit=True, tokens=12, request={"email": "ada@acme.com"})
    with pytest.raises(ZeroDivisionError), budgets.reserve("lusha", 10, workspace="acme"):
        raise ZeroDivisionError
    assert standing(budgets)[0] == ("day", Decimal("1.5"), 0, 50)
    with budgets.reserve("lusha", 0.1, workspace="acme") as permit:
        assert (permit.amount, str(permit)[:21]) == (Decimal("0.1"), "Permit('lusha', $0.1,")
    assert standing(budgets)[0][1] == Decimal("1.6")
    with pytest.raises(KeyboardInterrupt), budgets.reserve("lusha", 10, workspace="acme"):
        raise KeyboardInterrupt
    assert standing(budgets)[0][2] == 10
    with pytest.raises(fg.FirmographError) as raised:
        permit.settle(1)
    assert raised.value.code == "already-ended"


def test_a_refusal_is_the_body_of_a_response(budgets):
    alerts = []
    budgets._on_alert = alerts.append
    budgets.set("acme", day="9.99", time_zone="Asia/Tokyo")
    held = budgets.reserve("lusha", 9, workspace="acme")
    with pytest.raises(fg.BudgetExceeded) as raised:
        budgets.reserve("lusha", 1, workspace="acme")
    error = raised.value
    assert (error.code, error.response["success"], error.response["error"]) == (
        "budget-exceeded", False, "BUDGET_LIMIT_EXCEEDED",
    )
    assert error.details["dailyLimit"] == 9.99 and error.details["monthlyLimit"] is None
    assert (error.details["held"], error.details["remaining"]) == (9, 0.99)
    assert "held by the test $9.00" in str(error) and error.details["resetsAt"].endswith("T15:00:00Z")
    held.settle(9)
    assert [alert["percentage"] for alert in alerts] == [80]
    budgets.reserve("lusha", "0.98", workspace="acme").settle("0.98")
    assert [alert["percentage"] for alert in alerts] == [80, 95]
    with pytest.raises(fg.BudgetExceeded):
        budgets.reserve("lusha", 1, workspace="acme")
    assert [alert["percentage"] for alert in alerts] == [80, 95, 100]
    assert {alert["percentage"] for alert in budgets.alerts("acme")} == {80, 95, 100}
    assert budgets.acknowledge(alerts[0]["id"], "ada")
    assert len(budgets.alerts()) == 2 and len(budgets.alerts(all=True)) == 3


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (lambda budgets: budgets.reserve("lusha", 1, workspace="nobody"), "no-budget"),
        (lambda budgets: budgets.reserve("lusha", "1.0000001", workspace="acme"), "bad-amount"),
        (lambda budgets: budgets.reserve("lusha", float("nan"), workspace="acme"), "bad-amount"),
        (lambda budgets: budgets.reserve("lusha", True, workspace="acme"), "bad-amount"),
        (lambda budgets: budgets.reserve("lusha", -1, workspace="acme"), "bad-amount"),
        (lambda budgets: budgets.reserve("", 1, workspace="acme"), "bad-name"),
        (lambda budgets: budgets.set("acme", day=1, time_zone="Mars/Olympus"), "bad-time-zone"),
        (lambda budgets: budgets.remove("acme", "week"), "bad-period"),
        (lambda budgets: budgets.settle("nothing", 1), "unknown-reservation"),
        (lambda budgets: fg.Budgets(fail="maybe"), "bad-fail-mode"),
        (lambda budgets: fg.Budgets(time_to_live=-1), "bad-time-to-live"),
    ],
)
def test_what_cannot_be_is_refused_with_a_code(budgets, work, code):
    budgets.set("acme", day=50)
    with pytest.raises(fg.FirmographError) as raised:
        work(budgets)
    assert raised.value.code == code


def test_a_guard_that_cannot_be_asked_refuses_unless_told_otherwise():
    nowhere = "postgres://nobody@127.0.0.1:1/nothing"
    with pytest.raises(fg.FirmographError) as raised:
        fg.Budgets(nowhere).reserve("lusha", 1, workspace="acme")
    assert raised.value.code == "guard-failed"
    budgets = fg.Budgets(nowhere, fail="open")
    permit = budgets.reserve("lusha", 1, workspace="acme")
    assert (permit.reservation, permit.release(), budgets.unguarded) == (None, False, 1)


def test_decorated_functions_are_not_called_without_money(budgets):
    budgets.set("acme", day=3)
    called = []

    @budgets.with_budget(
        "lusha", 1, workspace=lambda email, **_: email.split("@")[1].split(".")[0], entity_type="person",
        entity_id=lambda email, **_: email, cost=lambda answer: answer["cost"],
    )
    def enrich(email, *, cost="1"):
        """Finds out more."""
        called.append(email)
        if email.startswith("error"):
            raise LookupError(email)
        return {"cost": cost}

    assert enrich.__doc__ == "Finds out more." and enrich("ada@acme.com", cost="0.5") == {"cost": "0.5"}
    with pytest.raises(LookupError):
        enrich("error@acme.com")
    for _ in range(2):
        enrich("bob@acme.com")
    with pytest.raises(fg.BudgetExceeded):
        enrich("eve@acme.com")
    assert "eve@acme.com" not in called and standing(budgets)[0][1] == Decimal("2.5")

    @budgets.with_budget("lusha", "0.25", workspace="acme")
    async def find(email):
        await asyncio.sleep(0)
        return email

    async def both():
        return await asyncio.gather(find("a"), find("b"))

    assert asyncio.iscoroutinefunction(find) and asyncio.run(both()) == ["a", "b"]
    with pytest.raises(fg.BudgetExceeded):
        asyncio.run(find("c"))


def test_what_was_paid_and_cannot_be_booked_stays_held(budgets):
    budgets.set("acme", day=50)

    def is_held(amount):
        assert standing(budgets) == [("day", 0, amount, 50)]

    with pytest.raises(fg.FirmographError) as raised, budgets.reserve("lusha", 1, workspace="acme") as permit:
        permit.settle("0.05940000000000001")
    assert raised.value.code == "bad-amount" and permit.reservation in str(getattr(raised.value, "__notes__", permit.reservation))
    is_held(1)

    @budgets.with_budget("lusha", 2, workspace="acme", cost=lambda answer: answer["cost"])
    def enrich():
        return {}

    with pytest.raises(KeyError):
        enrich()
    is_held(3)

    @budgets.with_budget("lusha", 3, workspace="acme", cost=lambda answer: "much")
    async def find():
        return {}

    with pytest.raises(fg.FirmographError):
        asyncio.run(find())
    is_held(6)

    async def by_hand():
        async with aio.Budgets(budgets) as spending, spending.reserve("lusha", 4, workspace="acme") as permit:
            await permit.settle(-1)

    with pytest.raises(fg.FirmographError):
        asyncio.run(by_hand())
    is_held(10)
    # It can be settled still; who does not say what it cost is charged all of it.
    permit.settle(1)
    with budgets.reserve("lusha", 5, workspace="acme") as permit, contextlib.suppress(fg.FirmographError):
        permit.settle("much")
    assert standing(budgets) == [("day", 6, 9, 50)]


def test_a_request_that_json_cannot_say_is_booked(budgets):
    budgets.set("acme", day=50)
    circle = {}
    circle["itself"] = circle
    requests = [{"at": Decimal(1)}, {"rate": float("nan")}, {(1, 2): 3}, circle, {"name": "a\ud800b\0"}]
    for request in requests:
        with budgets.reserve("lusha", 1, workspace="acme") as permit:
            permit.settle(1, request=request, success=False, error="\udcff\0")
    assert standing(budgets) == [("day", len(requests), 0, 50)]


def test_amounts_are_what_they_are_whatever_the_context(budgets):
    with localcontext() as context:
        context.prec = 3
        budgets.set("acme", day="1234.56789", month=0.0198 * 3)
        assert [row[3] for row in standing(budgets)] == [Decimal("1234.56789"), Decimal("0.0594")]
        budgets.set("acme", month=5)
        with budgets.reserve("lusha", 0.0198 * 3, workspace="acme") as permit:
            permit.settle(0.1 + 0.2)
        assert {row[1] for row in standing(budgets)} == {Decimal("0.3")}
    for amount in ("0.05940000000000001", Decimal("0.0000001"), 1e300, float("inf"), 2_000_000_000):
        with pytest.raises(fg.FirmographError) as raised:
            budgets.reserve("lusha", amount, workspace="acme")
        assert raised.value.code == "bad-amount"
    # Of two caps none is set where one of them is no cap, and the time zone stays.
    budgets.set("acme", day=9, time_zone="Asia/Tokyo")
    ends_at = budgets.show()[0]["ends_at"]
    with pytest.raises(fg.FirmographError):
        budgets.set("acme", day=8, month=-1)
    budgets.set("acme", day=7)
    assert (budgets.show()[0]["cap"], budgets.show()[0]["ends_at"]) == (7, ends_at)


def test_an_alert_that_cannot_be_told_loses_nothing(url, caplog):
    told = []

    def on_alert(alert):
        told.append(alert["percentage"])
        raise RuntimeError("nobody listens")

    with fg.Budgets(url, on_alert=on_alert) as budgets:
        budgets.set("acme", day=1)
        with budgets.reserve("lusha", 1, workspace="acme") as permit:
            permit.settle(1)
        assert sorted(told) == [80, 95, 100] and standing(budgets) == [("day", 1, 0, 1)]
    assert "nobody listens" in caplog.text


def test_a_guard_that_fails_open_closes_again(postgres):
    with fg.Budgets(postgres, fail="open") as budgets:
        budgets.set("acme", day=1)
        budgets.reserve("lusha", 1, workspace="acme").settle(1)
        ask_server("ALTER TABLE intelligence.budgets RENAME TO gone", postgres.rsplit("/", 1)[1])
        permit = budgets.reserve("lusha", 1, workspace="acme")
        assert (permit.reservation, budgets.unguarded) == (None, 1)
        ask_server("ALTER TABLE intelligence.gone RENAME TO budgets", postgres.rsplit("/", 1)[1])
        permit.settle(1)
        with pytest.raises(fg.FirmographError) as raised:
            permit.settle(1)
        assert raised.value.code == "already-ended"
        with pytest.raises(fg.BudgetExceeded):
            budgets.reserve("lusha", 1, workspace="acme")
        # Full, and how things stand cannot be asked.
        ask_server("ALTER TABLE intelligence.reservations RENAME TO gone", postgres.rsplit("/", 1)[1])
        with pytest.raises(fg.BudgetExceeded) as raised:
            budgets.reserve("lusha", 1, workspace="acme")
        assert raised.value.response["error"] == "BUDGET_LIMIT_EXCEEDED" and budgets.unguarded == 1


def test_threads_spend_what_there_is_and_no_more(budgets):
    budgets.set("acme", day=100)

    def tries(worker):
        paid = 0
        for attempt in range(10):
            try:
                permit = budgets.reserve("lusha", 7, workspace="acme")
            except fg.BudgetExceeded:
                continue
            if (worker + attempt) % 3 == 0:
                permit.release()
            else:
                permit.settle(7)
                paid += 1
        return paid

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(tries, range(16))) == 14
    assert standing(budgets) == [("day", 98, 0, 100)]


def test_who_is_cancelled_books_or_holds_nothing(url):
    async def work():
        async with aio.Budgets(url) as budgets:
            await budgets.set("acme", day=50)
            begun = asyncio.Event()

            async def cancelled():
                async with budgets.reserve("lusha", 10, workspace="acme"):
                    begun.set()
                    await asyncio.sleep(60)

            task = asyncio.create_task(cancelled())
            await begun.wait()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            # The call was under way: nobody knows what it cost.
            assert (await budgets.show())[0]["reserved"] == 10
            permit = await budgets.reserve("lusha", 5, workspace="acme")
            assert await permit.release() and not await permit.release()
            reserving = asyncio.create_task(asyncio.wait_for(budgets.reserve("lusha", 20, workspace="acme"), 60))
            await asyncio.sleep(0)
            reserving.cancel()
            await asyncio.gather(reserving, return_exceptions=True)
            assert (await budgets.show())[0]["reserved"] == 10
            async with aio.Store(url) as store:
                permit = await store.reserve("lusha", 1, workspace="acme")
                await store.settle(permit, 1)
            return (await budgets.show())[0]["spent"]

    assert asyncio.run(work()) == 1


def test_what_a_call_bought_is_joined_with_it(url):
    with fg.Store(url) as store:
        store.budgets.set("acme", month=10)
        with store.reserve("lusha", "1.50", workspace="acme") as permit:
            done = store.bulk_insert_companies([{"domain": "acme.com", "name": "ACME INC"}], source="lusha")
            store.settle(permit, "1.50", run=done.run, hit=True)
        assert store.company("acme.com")["provenance"]["company_name"]["source"] == "lusha"
        assert store.budgets.history()[0]["spent"] == Decimal("1.5")


def test_a_dead_holder_gives_its_money_back(url):
    with fg.Budgets(url, time_to_live=1.5) as budgets:
        budgets.set("acme", day=10)
    holder = (
        "import sys, time, firmograph as fg\n"
        "fg.Budgets(sys.argv[1], time_to_live=1.5).reserve('lusha', 10, workspace='acme')\n"
        "print('held', flush=True)\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", holder, url], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "held\n"
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with fg.Budgets(url) as budgets:
        with pytest.raises(fg.BudgetExceeded):
            budgets.reserve("lusha", 10, workspace="acme")
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                budgets.reserve("lusha", 10, workspace="acme").settle(10)
                break
            except fg.BudgetExceeded:
                time.sleep(0.1)
        assert standing(budgets) == [("day", 10, 0, 10)]


def test_a_forked_process_is_told_to_make_its_own(url):
    with fg.Budgets(url) as budgets:
        budgets.set("acme", day=10)
        child = os.fork()
        if child == 0:
            code = 1
            try:
                budgets.show()
            except fg.ForkError:
                code = 0
            finally:
                os._exit(code)
        assert os.waitpid(child, 0)[1] == 0
        assert len(budgets.show()) == 1


def test_ctrl_c_is_heard_while_another_process_writes(tmp_path):
    database = f"sqlite://{tmp_path / 'busy.db'}"
    with fg.Budgets(database) as budgets:
        budgets.set("acme", day=10)
    writer = (
        "import sqlite3, sys, time\n"
        "with sqlite3.connect(sys.argv[1], isolation_level=None) as db:\n"
        "    db.execute('BEGIN IMMEDIATE')\n"
        "    print('writing', flush=True)\n"
        "    time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", writer, str(tmp_path / "busy.db")], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout.readline() == "writing\n"
        signal.signal(signal.SIGINT, signal.default_int_handler)
        threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        with pytest.raises(KeyboardInterrupt), fg.Budgets(database) as budgets:
            budgets.reserve("lusha", 1, workspace="acme")
    finally:
        process.kill()
        process.wait()
    with fg.Budgets(database) as budgets:
        budgets.reserve("lusha", 1, workspace="acme").settle(1)
        assert standing(budgets) == [("day", 1, 0, 10)]
