"""Coroutines that are cancelled: in time where nothing has begun, and quietly."""

from programs import said

FULL = """
from concurrent.futures import ThreadPoolExecutor

async def full(seconds):
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(1))
    held = loop.run_in_executor(None, time.sleep, seconds)
    await asyncio.sleep(0.05)
    return held

async def timed(work, seconds=0.2):
    began = time.monotonic()
    try:
        await asyncio.wait_for(work, seconds)
        said = "done"
    except asyncio.TimeoutError:
        said = "timeout"
    return said if time.monotonic() - began < 2 else "late"
"""


def run(program, folder):
    text = "\n".join(line[4:] if line.startswith("    ") else line for line in program.splitlines())
    return said(FULL + text, folder)


def test_a_timeout_counts_while_all_threads_are_busy(tmp_path):
    program = """
    async def main():
        store, budgets, cache = aio.Store("sqlite://x.db"), aio.Budgets("sqlite://x.db"), aio.ResearchCache("sqlite://x.db")
        await store.get_database_counts()
        await budgets.set("acme", day=5)
        held = await full(4)
        rows = [{"domain": "acme.com"}]
        for work in (store.get_database_counts(), store.bulk_insert_companies(rows), budgets.set("acme", day=9),
                     budgets.reserve("lusha", 1, workspace="acme"), cache.stats()):
            print(await timed(work))
        await held
        # What never began is not done afterwards either.
        print((await store.get_database_counts())["companies"], (await budgets.show())[0]["cap"],
              (await budgets.show())[0]["reserved"])
        await store.close(), await budgets.close(), await cache.close()
    asyncio.run(main())
    """
    assert run(program, tmp_path) == ["timeout"] * 5 + ["0", "5.000000", "0.000000"]


def test_what_is_paid_is_booked_while_all_threads_are_busy(tmp_path):
    program = """
    async def main():
        budgets = aio.Budgets("sqlite://x.db")
        await budgets.set("acme", day=5)
        permit = await budgets.reserve("lusha", 1, workspace="acme")
        held = await full(1)
        settling = asyncio.create_task(permit.settle(1))
        await asyncio.sleep(0.05)
        for _ in range(3):
            settling.cancel()
            await asyncio.sleep(0.05)
        try:
            await settling
        except asyncio.CancelledError:
            print("cancelled", (await budgets.show())[0]["spent"])
        await budgets.close()
    asyncio.run(main())
    """
    assert run(program, tmp_path) == ["cancelled", "1.000000"]


def test_who_is_cancelled_twice_waits_and_nothing_is_logged(tmp_path):
    program = """
    import gc, logging
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr, format="%(name)s %(message)s")
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    rows = "".join(f"ada.{n}@acme{n}.com,CEO\\n" for n in range(20_000))
    with open("a.csv", "w") as file:
        file.write("email,title\\n" + rows)

    async def main():
        store = aio.Store("sqlite://x.db")
        await store.open()
        for _ in range(2):
            task = asyncio.create_task(store.ingest("a.csv", batch_size=500))
            await asyncio.sleep(0.4)
            for _ in range(3):
                task.cancel()
                await asyncio.sleep(0)
            try:
                await task
            except asyncio.CancelledError:
                # Its thread has ended: the turn is free, and nothing of it works on.
                print("cancelled", all(thread.name == "MainThread" or not busy(thread) for thread in threading.enumerate()))
            await asyncio.wait_for(store.get_database_counts(), 5)
        done = await store.ingest("a.csv", resume=True)
        print(done["read"], (await store.get_database_counts())["prospects"])
        await store.close()
        gc.collect()

    def busy(thread):
        frame = sys._current_frames().get(thread.ident)
        while frame is not None:
            if frame.f_code.co_name == "ingest":
                return True
            frame = frame.f_back
        return False
    asyncio.run(main())
    """
    assert run(program, tmp_path) == ["cancelled", "True", "cancelled", "True", "20000", "20000"]


def test_a_program_that_ends_stops_what_nobody_awaits(tmp_path):
    program = """
    rows = "".join(f"ada.{n}@acme{n}.com,CEO\\n" for n in range(100_000))
    with open("a.csv", "w") as file:
        file.write("email,title\\n" + rows)
    kept = []
    async def main():
        store = aio.Store("sqlite://x.db")
        await store.open()
        kept.append(asyncio.create_task(store.ingest("a.csv", batch_size=500)))
        await asyncio.sleep(0.5)
    asyncio.run(main())
    print(fg.Store("sqlite://x.db").get_database_counts()["prospects"] < 100_000)
    """
    assert run(program, tmp_path) == ["True"]
