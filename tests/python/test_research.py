"""The research cache from Python, on both databases: what is asked once, kept, given again, paid for, and given up."""

import asyncio
import doctest
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import firmograph as fg
import firmograph.research
import pytest
from firmograph import Found, _aio_research, aio


@pytest.fixture
def cache(url):
    with fg.ResearchCache(url, holder="the test") as cache:
        yield cache


class Asked:
    """Answers, and counts how often it was asked."""

    def __init__(self, answer, pause=0.0):
        self.answer = answer
        self.pause = pause
        self.times = 0

    def __call__(self):
        self.times += 1
        time.sleep(self.pause)
        return self.answer


def test_the_examples_of_the_documentation_hold():
    for module in (firmograph.research, _aio_research):
        assert doctest.testmod(module).failed == 0


def test_an_answer_comes_back_as_it_was(cache):
    ask = Asked(
        Found(
            "Zürich \N{WHITE SQUARE} \x00",
            sources=["https://acme.com/a?b=1", "kept as it is"],
            extracted={"rounds": [{"amount": 1.5, "at": None}]},
            confidence=0.75,
            tokens=1234,
            cost="0.0198",
        )
    )
    first = cache.get_or_compute("acme.com", "funding", ask, workspace="acme", model="small", question="How much?")
    assert (first.origin, first.cost, first.saved, first.is_miss) == ("computed", Decimal("0.0198"), 0, False)
    again = cache.get_or_compute("acme.com", "funding", ask, workspace="acme", model="small", question="How much?")
    assert ask.times == 1
    assert (again.origin, again.saved) == ("cache", Decimal("0.0198"))
    assert again[:7] == first[:6] + ("cache",)
    assert again.sources == ("https://acme.com/a?b=1", "kept as it is")
    assert timedelta(days=29) < again.expires_at - again.expires_at.now(again.expires_at.tzinfo) <= timedelta(days=30)
    assert cache.stored("acme.com", "funding", workspace="acme") is None, "another question"
    other = cache.get_or_compute("acme.com", "funding", Asked("B"), workspace="other")
    assert (other.content, other.origin) == ("B", "computed"), "what one workspace found is not given to another"
    [of_acme] = cache.list("acme.com", workspace="acme")
    assert (of_acme["research_type"], of_acme["model"], of_acme["cost"]) == ("funding", "small", Decimal("0.0198"))
    stats = cache.stats()
    assert (stats["rows"], stats["hits"], stats["saved"]) == (2, 1, Decimal("0.0198"))


def test_a_miss_is_remembered_with_what_it_cost(cache):
    ask = Asked(Found(None, cost="0.02"))
    for _ in range(3):
        answer = cache.get_or_compute("acme.com", "ceo", ask, workspace="acme", entity_type="person")
    assert (ask.times, answer.is_miss, answer.content, answer.saved) == (1, True, None, Decimal("0.02"))
    assert cache.stats()["misses"] == 1


def test_what_is_paid_is_kept_whatever_it_holds(url):
    with fg.Budgets(url) as budgets, fg.ResearchCache(url) as cache:
        budgets.set("acme", day=1)
        paid = {"workspace": "acme", "budgets": budgets, "provider": "some-model", "worst": "0.10"}
        odd = Found(
            "half \ud83d", sources=["\udc00"], extracted={"at": timedelta(1), "rate": float("nan")}, tokens=900.0,
            cost=900 * Decimal("0.0000000411"),
        )
        for origin in ("computed", "cache"):
            answer = cache.get_or_compute("acme.com", "news", Asked(odd), **paid)
            assert (answer.content, answer.sources, answer.tokens, answer.cost) == ("half ?", ("?",), 900, Decimal("0.000037"))
            assert (answer.origin, answer.not_booked) == (origin, None) and "timedelta" in answer.extracted
        assert budgets.show()[0]["spent"] == Decimal("0.000037")


def test_what_is_over_is_asked_again_and_deleted(url):
    ask = Asked("A")
    with fg.ResearchCache(url, time_to_live=timedelta(milliseconds=1)) as cache:
        for _ in range(2):
            cache.get_or_compute("acme.com", "news", ask, workspace="acme")
            time.sleep(0.01)
        assert ask.times == 2
        assert cache.stored("acme.com", "news", workspace="acme").origin == "stale"
        assert (cache.expire(), cache.stats()["rows"]) == (1, 0)


def test_who_fails_says_so_and_the_next_asks(cache):
    with pytest.raises(ZeroDivisionError):
        cache.get_or_compute("acme.com", "news", lambda: 1 // 0, workspace="acme")
    with pytest.raises(KeyboardInterrupt):
        cache.get_or_compute("acme.com", "news", Raising(KeyboardInterrupt), workspace="acme")
    began = time.monotonic()
    assert cache.get_or_compute("acme.com", "news", Asked("A"), workspace="acme").content == "A"
    assert time.monotonic() - began < 10, "the right to ask was given back"


class Raising:
    def __init__(self, error):
        self.error = error

    def __call__(self):
        raise self.error


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (lambda cache: cache.get_or_compute("acme.com", "news", lambda: 7, workspace="acme"), "bad-found"),
        (lambda cache: cache.get_or_compute("acme.com", "news", lambda: "A", workspace=" "), "bad-name"),
        (lambda cache: cache.get_or_compute("acme.com", "news", lambda: Found("A", cost="x"), workspace="a"), "bad-amount"),
        (
            lambda cache: cache.get_or_compute("a.com", "news", lambda: "A", workspace="a", budgets=fg.Budgets()),
            "bad-call",
        ),
        (
            lambda cache: cache.get_or_compute(
                "a.com", "news", Raising(AssertionError()), workspace="a", budgets=aio.Budgets(), provider="p", worst=1
            ),
            "bad-call",
        ),
        (lambda cache: fg.ResearchCache(stale="maybe"), "bad-stale"),
        (lambda cache: fg.ResearchCache(time_to_live=-1), "bad-time-to-live"),
    ],
)
def test_what_cannot_be_is_refused_with_a_code(cache, work, code):
    with pytest.raises(fg.FirmographError) as raised:
        work(cache)
    assert raised.value.code == code


def test_of_threads_that_ask_at_once_one_does(cache):
    ask = Asked("A", pause=0.3)
    with ThreadPoolExecutor(8) as threads:
        work = [
            threads.submit(cache.get_or_compute, "acme.com", "news", ask, workspace="acme") for _ in range(8)
        ]
        origins = sorted(done.result().origin for done in work)
    assert (ask.times, origins) == (1, ["cache"] * 7 + ["computed"])


def test_of_processes_that_ask_at_once_one_does(url, tmp_path):
    fg.ResearchCache(url).stats()
    program = (
        "import sys, time, firmograph as fg\n"
        "def ask():\n"
        "    open(sys.argv[2], 'a').write('asked ')\n"
        "    time.sleep(0.5)\n"
        "    return 'A'\n"
        "with fg.ResearchCache(sys.argv[1]) as cache:\n"
        "    assert cache.get_or_compute('acme.com', 'news', ask, workspace='acme').content == 'A'\n"
    )
    asked = tmp_path / "asked"
    processes = [subprocess.Popen([sys.executable, "-c", program, url, asked]) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4
    assert asked.read_text() == "asked "


def test_a_budget_pays_only_for_what_is_asked(url):
    with fg.Budgets(url) as budgets, fg.ResearchCache(url, time_to_live=0.001, stale="serve") as cache:
        budgets.set("acme", day="0.10")
        paid = {"workspace": "acme", "budgets": budgets, "provider": "some-model", "worst": "0.08"}
        with pytest.raises(LookupError):
            cache.get_or_compute("acme.com", "news", Raising(LookupError()), **paid)
        first = cache.get_or_compute("acme.com", "news", Asked(Found("A", tokens=7, cost="0.05")), **paid)
        assert (first.origin, first.cost, first.not_booked) == ("computed", Decimal("0.05"), None)
        assert budgets.show()[0]["spent"] == Decimal("0.05") and budgets.show()[0]["reserved"] == 0
        time.sleep(0.01)
        never = Asked("B")
        stale = cache.get_or_compute("acme.com", "news", never, **paid)
        assert (stale.origin, stale.content, never.times) == ("stale", "A", 0)
        with pytest.raises(fg.BudgetExceeded):
            cache.get_or_compute("brook.com", "news", never, **paid)
    with fg.Budgets(url) as budgets, fg.ResearchCache(url) as cache:
        with pytest.raises(fg.BudgetExceeded):
            cache.get_or_compute("acme.com", "news", never, **{**paid, "budgets": budgets})
        assert never.times == 0


def test_coroutines_ask_in_their_own_loop(url):
    async def asking():
        async with aio.ResearchCache(url) as cache:
            loop, asked = asyncio.get_running_loop(), []

            def ask(number):
                async def answer():
                    assert asyncio.get_running_loop() is loop
                    # As a caller's own client does; more of them at once than the loop has threads.
                    await asyncio.to_thread(time.sleep, 0.01)
                    asked.append(number)
                    return f"A{number}"

                return answer

            work = [
                cache.get_or_compute(f"acme{number}.com", "news", ask(number), workspace="acme")
                for number in [*range(40)] * 2
            ]
            answers = await asyncio.gather(*work)
            assert [answer.content for answer in answers] == [f"A{number}" for number in range(40)] * 2
            assert sorted(asked) == [*range(40)]
            task = asyncio.ensure_future(cache.get_or_compute("late.com", "news", ask("late"), workspace="acme"))
            while "late" not in asked:
                await asyncio.sleep(0.001)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert (await cache.stored("late.com", "news", workspace="acme")).content == "Alate"
            assert (await cache.stats())["rows"] == 41

    asyncio.run(asking())


def test_coroutines_pay_and_who_is_cancelled_pays_or_does_not_ask(url):
    async def paying(cache, budgets):
        paid = {"workspace": "acme", "budgets": budgets, "provider": "some-model", "worst": "0.10"}
        begun, end = asyncio.Event(), asyncio.Event()

        async def ask():
            begun.set()
            await end.wait()
            return Found("A", cost="0.05")

        first = asyncio.ensure_future(cache.get_or_compute("acme.com", "news", ask, **paid))
        await begun.wait()
        second = asyncio.ensure_future(cache.get_or_compute("acme.com", "news", ask, **paid))
        await asyncio.sleep(0.1)
        began = time.monotonic()
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        assert time.monotonic() - began < 5, "it asked nobody, so there is nothing to wait for"
        end.set()
        assert (await first).content == "A"
        assert (await budgets.show())[0]["spent"] == Decimal("0.05")

        async def never():
            begun.set()
            await asyncio.sleep(3600)

        begun.clear()
        asyncio.ensure_future(cache.get_or_compute("brook.com", "news", never, **paid))
        await begun.wait()
        raise LookupError("the loop ends while somebody asks")

    with fg.Budgets(url) as budgets, fg.ResearchCache(url) as cache:
        budgets.set("acme", day=1)
        with pytest.raises(LookupError):
            asyncio.run(paying(aio.ResearchCache(cache), aio.Budgets(budgets)))
        # Nobody knows whether the provider was paid.
        assert budgets.show()[0]["reserved"] == Decimal("0.10")


def test_hits_that_are_written_by_themselves_hold_no_lock(url):
    with fg.ResearchCache(url) as cache, fg.Budgets(url) as budgets:
        budgets.set("acme", day=1)
        for pause in (0, 0, 5.1, 0.1, 0.1):
            time.sleep(pause)
            cache.get_or_compute("acme.com", "news", Asked("A"), workspace="acme")
        began = time.monotonic()
        budgets.reserve("lusha", "0.1", workspace="acme").settle("0.1")
        assert time.monotonic() - began < 20, "as long as a writer waits for another is a minute"
        [row] = fg.ResearchCache(url).list("acme.com")
        assert row["hits"] >= 2


def test_ctrl_c_is_heard_while_another_asks(cache):
    begun, end = threading.Event(), threading.Event()

    def ask():
        begun.set()
        end.wait(60)
        return "A"

    other = threading.Thread(target=cache.get_or_compute, args=("acme.com", "news", ask), kwargs={"workspace": "acme"})
    other.start()
    begun.wait(30)
    # Whoever runs the tests in the background has switched it off.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            cache.get_or_compute("acme.com", "news", Asked("B"), workspace="acme")
        assert time.monotonic() - began < 10
    finally:
        signal.signal(signal.SIGINT, before)
        end.set()
        other.join()
    assert cache.get_or_compute("acme.com", "news", Asked("B"), workspace="acme").content == "A"


def test_a_forked_process_is_told_to_make_its_own(cache):
    cache.stats()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            cache.stats()
        except fg.ForkError:
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    assert cache.stats()["rows"] == 0


def test_a_store_works_on_the_same_database_meanwhile(url):
    with fg.Store(url) as store, fg.ResearchCache(url) as cache:
        store.bulk_insert_companies([{"domain": "acme.com", "name": "Acme"}])
        assert cache.get_or_compute("acme.com", "news", Asked("A"), workspace="acme").content == "A"
        store.bulk_insert_companies([{"domain": "brook.com", "name": "Brook"}])
        assert cache.get_or_compute("acme.com", "news", Asked("B"), workspace="acme").content == "A"
        assert store.get_database_counts()["companies"] == 2
