"""Intelligence documents and monitoring from Python."""

import asyncio
from datetime import date
from decimal import Decimal
from types import MappingProxyType

import pytest
from prometheus_client.parser import text_string_to_metric_families

import firmograph as fg
from firmograph import aio

ROUNDS = {"rounds": [{"type": "seed", "announced_on": "2019-02-01", "amount": 1500000}], "stage": "early"}


def rows():
    return [
        {"kind": "funding_rounds", "domain": "brook-mills.com", "source": "crunchbase", "confidence": 0.9,
         "observed_at": date(2026, 1, 10), "document": ROUNDS},
        {"kind": "funding_rounds", "domain": "brook-mills.com", "source": "clay",
         "document": {"rounds": [{"type": "Seed", "announced_on": "2019-02-01", "amount": Decimal("1400000.50")}]}},
        {"kind": "salary", "entity": "person", "email": "ada@brook-mills.com",
         "document": {"currency": "USD", "median": 180000}},
    ]  # fmt: skip


def test_documents_are_imported_shown_and_found(url):
    with fg.Store(url) as store:
        done = store.import_documents(rows(), source="apollo")
        assert (done["accepted"], done["rejected"]) == (3, 0)
        known = store.documents("brook-mills.com")
        funding = known["documents"]["funding_rounds"]
        assert funding == {"rounds": [{"type": "Seed", "announced_on": "2019-02-01", "amount": 1400000.5}], "stage": "early"}
        told = known["attribution"]["funding_rounds"]
        assert told["stage"]["source"] == "crunchbase"
        assert told["rounds"]["elements"][0]["lost"][0]["value"]["amount"] == 1500000
        assert [one["source"] for one in known["sources"]] == ["clay", "crunchbase"]
        person = store.documents("Ada@brook-mills.com", "salary")
        assert (person["entity"], person["sources"][0]["source"]) == ("person", "apollo")
        assert store.documents("nobody.com") is None
        found = store.find_documents("funding_rounds", contains={"rounds": [{"amount": 1400000.50}]})
        assert [(one["entity"], one["key"]) for one in found] == [("company", "brook-mills.com")]
        assert store.find_documents("salary", entity="company") == []
        assert len(store.find_documents("salary")) == 1
        again = store.import_documents(rows(), source="apollo")
        assert (again["accepted"], again["skipped"]) == (0, 3)
        assert store.verify()["differences"] == []
        store.undo(done["run"])
        assert store.documents("brook-mills.com") is None


def test_what_cannot_be_taken_is_a_reject(url):
    bad = [
        {"kind": "horoscope", "domain": "a.com", "document": {"x": 1}},
        {"kind": "growth", "domain": "a.com", "confidence": 87, "document": {"headcount": 1}},
        {"kind": "growth", "domain": "a.com", "document": {"headcount": float("nan")}},
        ["no", "envelope"],
    ]
    with fg.Store(url) as store:
        assert store.import_documents(bad, dry_run=True)["rejected"] == 4
        assert not store.rejects()
        done = store.import_documents(bad)
        assert (done["read"], done["accepted"], done["rejected"]) == (4, 0, 4)
        codes = [(one["record"], one["code"], one["column"]) for one in store.rejects(done["run"])]
        assert codes == [
            (1, "unknown-kind", "/kind"),
            (2, "bad-confidence", "/confidence"),
            (3, "bad-envelope", None),
            (4, "bad-envelope", None),
        ]
        for wrong in [
            lambda: store.documents("a.com", "horoscope"),
            lambda: store.find_documents("horoscope"),
            lambda: store.import_documents([], source="pin"),
            lambda: store.import_documents([], observed_at="soon"),
        ]:
            with pytest.raises(fg.FirmographError):
                wrong()
        with pytest.raises(TypeError):
            store.find_documents("growth", contains={1, 2})


def growth(domain, **document):
    return {"kind": "growth", "domain": domain, "source": "clay", "document": document}


def test_one_document_that_is_no_json_is_one_reject(url):
    class Refusing(dict):
        def __iter__(self):
            raise RuntimeError("no")

        def __repr__(self):
            raise RuntimeError("not even that")

        items = keys = __iter__

    circular = growth("f.com")
    circular["document"]["itself"] = circular
    bad = [
        growth("a.com", mood="\ud800"),
        growth("b.com", revenue=Decimal("Infinity")),
        growth("c.com", revenue=Decimal("sNaN")),
        growth("d.com", headcount=10**5000),
        growth("e.com", mood={1, 2}),
        circular,
        growth("g.com", mood=Refusing(a=Decimal(1))),
        {("a", "b"): 1},
    ]
    with fg.Store(url) as store:
        done = store.import_documents([growth("before.com", headcount=1), *bad, growth("after.com", headcount=2)])
        assert (done["accepted"], done["rejected"]) == (2, len(bad))
        told = store.rejects(done["run"])
        assert {one["code"] for one in told} == {"bad-envelope"}
        assert [one["record"] for one in told] == list(range(2, 2 + len(bad)))
        assert "surrogates" in told[0]["cause"] and "Infinity" in told[1]["cause"], told
        assert "set" in told[4]["cause"], told

        class Stopping(dict):
            def __iter__(self):
                raise KeyboardInterrupt

            items = keys = __iter__

        with pytest.raises(KeyboardInterrupt):
            store.import_documents([growth("a.com", mood=Stopping(a=Decimal(1)))])


def test_documents_hold_what_other_modules_make(url):
    numpy, pandas = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    exact = Decimal("12345678901234567890.123456789")
    rows = [
        MappingProxyType(growth("a.com", revenue=exact, as_of=pandas.NaT, more=MappingProxyType({"deep": [exact]}), x={1: None})),
        growth("b.com", headcount=numpy.int64(5), as_of=numpy.datetime64("2026-01-31T01:02:03", "ns"), mood=pandas.NA,
               since=numpy.datetime64("2026-01-31"), scores=numpy.array([1.5, 2]), days=numpy.array(["2026-01-31", "NaT"], dtype="datetime64[ns]")),
    ]  # fmt: skip
    with fg.Store(url) as store:
        done = store.import_documents(rows)
        assert (done["accepted"], done["rejected"]) == (2, 0), store.rejects(done["run"])
        assert store.find_documents("growth", contains={"revenue": exact, "more": {"deep": [exact]}})[0]["key"] == "a.com"
        assert not store.find_documents("growth", contains={"revenue": float(exact)})
        assert "as_of" not in store.documents("a.com")["documents"]["growth"]
        assert store.documents("b.com")["documents"]["growth"] == {
            "headcount": 5,
            "as_of": "2026-01-31T01:02:03",
            "since": "2026-01-31",
            "scores": [1.5, 2],
            "days": ["2026-01-31T00:00:00", None],
        }


def test_stats_are_told_and_prometheus_reads_them(url, tmp_path):
    file = tmp_path / "rows.csv"
    file.write_text("Email,Company,Job Title\nada@brook-mills.com,Brook Mills,CTO\nnobody,,\n")
    with fg.Store(url) as store:
        store.ingest(file)
        store.import_documents(rows())
        told = store.stats()
        assert (told["companies"], told["prospects"], told["payloads_believed"]) == (1, 1, 4)
        assert {one["command"] for one in told["runs"]} == {"ingest", "documents import"}
        families = {family.name: family for family in text_string_to_metric_families(store.prometheus())}
        assert all(name.startswith("firmograph_") and families[name].documentation for name in families)
        # The parser leaves `_total` out of the name of a counter.
        assert families["firmograph_rejects"].type == "counter"
        samples = {sample.name: sample for sample in families["firmograph_rejects"].samples}
        assert samples["firmograph_rejects_total"].labels == {"source": "csv", "code": "no-key"}
        summary = families["firmograph_run_duration_seconds"]
        assert summary.type == "summary"
        assert {sample.name.rpartition("_")[2] for sample in summary.samples} == {"sum", "count"}
        documents = {tuple(sample.labels.values()): sample.value for sample in families["firmograph_documents"].samples}
        assert documents == {("company", "funding_rounds"): 2, ("person", "salary"): 1}
        ratio = {sample.labels["attribute"]: sample.value for sample in families["firmograph_accuracy_ratio"].samples}
        assert ratio["job_title"] == 1
        assert not any(one.startswith("firmograph_accuracy") for one in store.prometheus(accuracy_rows=0).split())


def test_the_same_as_coroutines(url):
    async def work():
        async with aio.Store(url) as store:
            await store.import_documents(rows())
            known = await store.documents("brook-mills.com", "funding_rounds")
            found = await store.find_documents("funding_rounds", contains={"stage": "early"})
            stats, page = await store.stats(accuracy_rows=5), await store.prometheus()
            return list(known["documents"]), len(found), stats["runs"][0]["command"], page.count("# TYPE") > 5

    assert asyncio.run(work()) == (["funding_rounds"], 1, "documents import", True)
