"""Figures: the numbers are what is stored, and Altair takes them."""

import collections
import json
import pathlib

import altair as alt
import firmograph as fg
import pytest

CUSTOMERS = pathlib.Path(__file__).parents[2] / "examples" / "data" / "customers.csv"
NAMES = ["coverage", "source_overlap", "level_funnel", "provenance"]


@pytest.fixture
def store(url):
    with fg.Store(url) as store:
        store.ingest(CUSTOMERS, "customers-csv")
        store.bulk_insert_companies(
            [
                {"domain": "northlight-robotics.com", "name": "Northlight", "industry": "Textiles"},
                {"domain": "acme.com"},
            ],
            source="clay",
        )
        yield store


@pytest.mark.parametrize("name", NAMES)
def test_altair_and_notebooks_show_it(store, name):
    figure = getattr(store.figures, name)()
    assert isinstance(figure, dict) and figure.rows
    chart = alt.Chart.from_dict(dict(figure))
    assert json.loads(chart.to_json())["mark"] == figure["mark"]
    bundle = figure._repr_mimebundle_()
    assert bundle["application/vnd.vegalite.v5+json"] == figure and figure["title"] in bundle["text/plain"]
    assert json.loads(json.dumps(figure)) == figure
    # Every field that is drawn is there.
    fields = {channel["field"] for channel in figure["encoding"].values() if isinstance(channel, dict)}
    assert all(fields <= set(row) for row in figure.rows)


def test_the_numbers_are_those_of_the_golden_records(store):
    counts = store.get_database_counts()
    coverage = {(row["entity"], row["column"]): row for row in store.figures.coverage().rows}
    assert coverage["company", "domain"]["total"] == counts["companies"]
    email = coverage["person", "email"]
    assert email["total"] == counts["prospects"] and 0 < email["filled"] <= email["total"]
    assert email["share"] == email["filled"] / email["total"]
    assert ("company", "key") not in coverage

    overlap = {(row["entity"], row["source"], row["other"]): row["keys"] for row in store.figures.source_overlap().rows}
    assert overlap["company", "clay", "customers-csv"] == overlap["company", "customers-csv", "clay"] == 1
    assert overlap["company", "clay", "clay"] == 1, "a domain alone says nothing of a company"

    funnel = store.figures.level_funnel().rows
    assert sum(step["prospects"] for step in funnel) == counts["prospects"]
    levels = [step["level"] for step in funnel if step["level"] is not None]
    assert levels == sorted(levels) and len(levels) > 3

    won = collections.Counter()
    for row in store.figures.provenance().rows:
        won[row["entity"], row["attribute"]] += row["records"]
    assert won["company", "company_name"] == coverage["company", "name"]["filled"]
    who = {row["source"]: row["records"] for row in store.figures.provenance().rows if row["attribute"] == "industry"}
    assert who["clay"] == 1


def test_an_empty_store_has_figures_too():
    with fg.Store("sqlite::memory:") as store:
        for name in NAMES:
            figure = getattr(store.figures, name)()
            alt.Chart.from_dict(dict(figure))
            assert all(row.get("filled", 0) == 0 and row.get("share", 0) == 0 for row in figure.rows)
