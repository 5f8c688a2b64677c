"""Ctrl-C, a progress callback that raises, cancelled coroutines, and processes that fork."""

import asyncio
import multiprocessing
import os
import signal
import sys
import threading
import time

import firmograph as fg
import pytest
from firmograph import aio

ROWS = 60_000
# From the signal to the exception, in seconds: far above the 0.1 that is promised, because other things run beside tests, and far
# below what the work would take that is left.
PATIENCE = 1.0


def customers(path, rows):
    with path.open("w") as file:
        file.write("Email,Company,Job Title,City,Country\n")
        for number in range(rows):
            company = number % 999
            file.write(f"ada.{number}@acme{company}.com,ACME {company} INC,VP of Sales,Boston,United States\n")
    return path


@pytest.fixture(autouse=True)
def ctrl_c():
    """What starts a program in the background lets it ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    return customers(tmp_path_factory.mktemp("large") / "large.csv", ROWS)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Four batches of 2,000."""
    return customers(tmp_path_factory.mktemp("small") / "small.csv", 8_000)


def interrupt_after(seconds):
    """Sends this process the signal of Ctrl-C; gives where the time of sending will stand."""
    sent = []

    def send():
        time.sleep(seconds)
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=send)
    thread.start()
    return thread, sent


def is_whole(store, summary, rows):
    """After it went on: every record is accepted once, as if nothing had been."""
    assert summary.is_done and summary["read"] == summary["accepted"] == rows
    assert store.get_database_counts() == {"companies": 999, "prospects": rows}
    assert len(store.runs()) == 1


def test_ctrl_c_ends_an_ingest_at_once_and_it_goes_on(url, large):
    with fg.Store(url) as store:
        store.migrate()
        thread, sent = interrupt_after(0.4)
        with pytest.raises(KeyboardInterrupt):
            store.ingest(large, batch_size=ROWS)
        took = time.monotonic() - sent[0]
        thread.join()
        assert took < PATIENCE, f"{took:.3f} s"
        # The batch at hand is gone, whole.
        assert store.get_database_counts() == {"companies": 0, "prospects": 0}
        assert [run["status"] for run in store.runs()] in ([], ["running"])
        is_whole(store, store.ingest(large, resume=True), ROWS)


def test_ctrl_c_leaves_a_with_block_at_once(url, large):
    with pytest.raises(KeyboardInterrupt):
        with fg.Store(url) as store:
            thread, sent = interrupt_after(0.6)
            store.ingest(large, batch_size=ROWS)
    took = time.monotonic() - sent[0]
    thread.join()
    assert took < PATIENCE, f"{took:.3f} s"
    assert store.get_database_counts() == {"companies": 0, "prospects": 0}
    store.close()


def test_ctrl_c_between_batches_keeps_what_is_committed(url, small):
    with fg.Store(url) as store:
        told = []

        def heard(progress):
            told.append(progress)
            if len(told) == 2:
                os.kill(os.getpid(), signal.SIGINT)

        with pytest.raises(KeyboardInterrupt):
            store.ingest(small, batch_size=2_000, progress=heard)
        assert len(told) == 2
        committed = store.get_database_counts()["prospects"]
        assert committed == 4_000
        summary = store.ingest(small, resume=True, batch_size=3_000)
        assert summary["files"][0]["resumed_at"] == committed
        is_whole(store, summary, 8_000)


def test_what_progress_raises_is_raised_and_the_run_goes_on(url, small):
    class Enough(Exception):
        pass

    def enough(progress):
        if progress.accepted >= 4_000:
            raise Enough(progress.accepted)

    with fg.Store(url) as store:
        with pytest.raises(Enough, match="4000"):
            store.ingest(small, batch_size=2_000, progress=enough)
        assert store.get_database_counts()["prospects"] == 4_000, "nothing is committed after what was heard"
        is_whole(store, store.ingest(small, resume=True), 8_000)


def test_ctrl_c_of_a_bulk_insert_leaves_nothing(url):
    rows = [{"email": f"ada.{n}@acme{n % 999}.com", "firstName": "Ada", "lastName": "Hale"} for n in range(ROWS)]
    with fg.Store(url) as store:
        store.migrate()
        thread, sent = interrupt_after(0.4)
        with pytest.raises(KeyboardInterrupt):
            store.bulk_insert_prospects(rows)
        took = time.monotonic() - sent[0]
        thread.join()
        assert took < PATIENCE, f"{took:.3f} s"
        assert store.get_database_counts() == {"companies": 0, "prospects": 0} and store.runs() == []
        assert store.bulk_insert_prospects(rows[:10]).accepted == 10


def test_another_thread_can_stop_a_store(url, large):
    with fg.Store(url) as store:
        store.migrate()
        threading.Timer(0.4, store.interrupt).start()
        with pytest.raises(fg.FirmographError) as error:
            store.ingest(large, batch_size=ROWS)
        assert error.value.code == "interrupted" and "resume=True" in error.value.help
        assert store.get_database_counts()["prospects"] == 0


def test_threads_share_a_store_and_wait_for_each_other(url):
    def insert(store, number):
        done = store.bulk_insert_companies([{"domain": f"acme{number}.com", "name": "ACME"}])
        accepted.append(done.accepted)

    accepted = []
    with fg.Store(url) as store:
        threads = [threading.Thread(target=insert, args=(store, number)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert accepted == [1] * 8 and store.get_database_counts()["companies"] == 8


def test_a_cancelled_coroutine_stops_and_rolls_back(url, large, small):
    async def use():
        async with aio.Store(url) as store:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(store.ingest(large, batch_size=ROWS), 0.5)
            assert await store.get_database_counts() == {"companies": 0, "prospects": 0}
            # One that waits for its turn is cancelled without harm to the one that works.
            working = asyncio.create_task(store.ingest(small, batch_size=2_000))
            await asyncio.sleep(0.05)
            waiting = asyncio.create_task(store.runs())
            await asyncio.sleep(0.05)
            waiting.cancel()
            assert (await working).is_done

    asyncio.run(use())


def in_child(work):
    """What a forked child says of `work`, or that it hung."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(write, str(work()).encode())
        except BaseException as error:
            os.write(write, f"{type(error).__name__} {getattr(error, 'code', error)}".encode())
        finally:
            os._exit(0)
    os.close(write)
    deadline = time.monotonic() + 30
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            pytest.fail("the child hangs")
        time.sleep(0.01)
    with os.fdopen(read) as pipe:
        return pipe.read()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_store_does_not_come_along_into_a_fork(url):
    store = fg.Store(url)
    assert in_child(store.get_database_counts) == "ForkError forked", "not even one that was never open"
    assert in_child(lambda: fg.Store(url).get_database_counts()) == "{'companies': 0, 'prospects': 0}"
    store.bulk_insert_companies([{"domain": "acme.com", "name": "ACME"}])
    for call in [store.get_database_counts, store.health_check, store.close, lambda: store.__enter__(), store.runs]:
        assert in_child(call) == "ForkError forked"
    # A child that lets go of the store does no harm to the parent's connection.
    holder = [store]
    assert in_child(lambda: holder.clear()) == "None"
    assert store.get_database_counts()["companies"] == 1
    other = "ForkError forked" if url.startswith("sqlite") else "{'companies': 1, 'prospects': 0}"
    assert in_child(lambda: fg.Store(url).get_database_counts()) == other, (
        "the parent's locks on the file did not come along"
    )
    store.close()
    assert in_child(lambda: fg.Store(url).get_database_counts()) == "{'companies': 1, 'prospects': 0}"
    assert issubclass(fg.ForkError, fg.FirmographError)


def count(store):
    try:
        return store.get_database_counts()
    except fg.FirmographError as error:
        return type(error).__name__, error.code


def inherited(queue):
    queue.put(count(HELD[0]))


HELD = []


@pytest.mark.skipif(sys.platform != "linux", reason="fork")
def test_multiprocessing_by_fork_and_by_spawn(url):
    with fg.Store(url) as store:
        store.bulk_insert_companies([{"domain": "acme.com", "name": "ACME"}])
        HELD[:] = [store]
        fork = multiprocessing.get_context("fork")
        queue = fork.Queue()
        process = fork.Process(target=inherited, args=(queue,))
        process.start()
        assert queue.get(timeout=30) == ("ForkError", "forked")
        process.join(30)
        assert process.exitcode == 0
        HELD.clear()
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            assert pool.apply_async(count, (store,)).get(60) == {"companies": 1, "prospects": 0}
        assert store.get_database_counts()["companies"] == 1


def test_a_database_in_memory_goes_nowhere():
    import pickle

    with pytest.raises(TypeError, match="memory"):
        pickle.dumps(fg.Store("sqlite::memory:"))
    # The other process may stand in another folder.
    assert pickle.loads(pickle.dumps(fg.Store("sqlite://a.db"))).url == f"sqlite://{os.path.abspath('a.db')}"
