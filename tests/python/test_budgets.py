"""Budgets from Python, on both databases: what is held, charged, refused, let go of, and told."""

import asyncio
import doctest
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import firmograph as fg
import firmograph.budgets
import pytest
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
