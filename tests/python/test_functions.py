"""The functions as Python sees them: arguments, results, evidence, threads."""

import contextlib
import doctest
import inspect
import math
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from types import MappingProxyType

import firmograph as fg
import pytest

# One text that each function knows.
KNOWN = {
    fg.extract_domain: "jane@mail.acme.co.uk",
    fg.normalize_email: "Jane.Doe@Acme.com",
    fg.clean_company_name: "ACME Robotics, Inc.",
    fg.match_job_title: "Vice President of Sales",
    fg.match_employee_range: "51 t0 200",
    fg.match_revenue_range: "$10M - $25M",
    fg.match_funding_range: "$150 Million",
    fg.canonical_linkedin_url: "https://www.linkedin.com/company/acme/about/",
    fg.match_industry: "Banking, Insurance",
    fg.match_company_type: "PRIVATELY_HELD",
    fg.match_location: "SAN FRANCISCO, CA 94105",
    fg.normalize_phone: "+44 20 7183 8750 ext. 4",
    fg.split_person_name: "Prof. Dr. LUDWIG VAN DER BERG, MBA",
}
MONEY = (fg.match_revenue_range, fg.match_funding_range)
RANGES = (fg.match_employee_range, *MONEY)

# The functions that take more than a text.
SIGNATURES = {
    fg.match_location: "(text, country=None)",
    fg.normalize_phone: "(text, region=None)",
    fg.match_revenue_range: "(text, rates=None)",
    fg.match_funding_range: "(text, rates=None)",
}

each = pytest.mark.parametrize("function", KNOWN, ids=lambda function: function.__name__)
each_money = pytest.mark.parametrize("function", MONEY, ids=lambda function: function.__name__)
each_range = pytest.mark.parametrize("function", RANGES, ids=lambda function: function.__name__)


def test_every_function_is_listed_here():
    functions = {getattr(fg, name) for name in fg.__all__ if inspect.isbuiltin(getattr(fg, name))}
    assert functions == set(KNOWN)


@each
def test_a_known_text_gives_evidence(function):
    result = function(KNOWN[function])
    assert result.rule.replace("_", "").isalnum()
    assert 0 < result.confidence <= 1
    assert "@" in result.reference
    start, end = result.span
    assert 0 <= start <= end <= len(KNOWN[function].encode())


@each
@pytest.mark.parametrize("text", [None, "", "   ", "\u00a0", "N/A"], ids=repr)
def test_nothing_gives_none(function, text):
    assert function(text) is None


@each
@pytest.mark.parametrize("text", [b"bytes", ["acme.com"], object(), True], ids=lambda value: type(value).__name__)
def test_other_types_are_refused(function, text):
    with pytest.raises(TypeError):
        function(text)


@each
def test_a_number_is_for_ranges_only(function):
    numbers = [12_000_000, 12e6, Decimal(12_000_000)]
    with contextlib.suppress(ImportError):
        import numpy

        numbers += [numpy.int64(12_000_000), numpy.float32(12e6)]
    for number in numbers:
        if function in RANGES:
            assert function(number) == function("12000000")
        else:
            with pytest.raises(TypeError, match="a str or None was wanted"):
                function(number)


class NaTType:
    """As pandas calls it."""


@each
def test_what_a_data_frame_has_for_nothing_is_nothing(function):
    missing = [math.nan, NaTType()]
    with contextlib.suppress(ImportError):
        import numpy
        import pandas

        missing += [numpy.float64("nan"), numpy.float32("nan"), pandas.NA, pandas.NaT]
    assert [function(value) for value in missing] == [None] * len(missing)
    assert fg.match_location("CA", country=math.nan) is None and fg.normalize_phone("020 7183 8750", region=math.nan) is None


@each_range
@pytest.mark.parametrize("number", [-1, -(2**70), 2**63, 10**400])
def test_any_int_gives_a_result_or_none(function, number):
    assert function(number) == function(str(number))


@each
@pytest.mark.parametrize("text", ["\x00", "a\x00b", "@", "e\u0301" * 500, "🦀", "9" * 5000, "-" * 5000, "x@" * 999], ids=len)
def test_odd_text_never_raises(function, text):
    function(text)


@each
def test_a_lone_surrogate_is_no_text(function):
    with pytest.raises(UnicodeEncodeError):
        function("a\ud800b")


@each
def test_results_are_values(function):
    result, again = function(KNOWN[function]), function(KNOWN[function])
    assert result == again
    assert result is not again
    assert result != "something else"
    assert result.to_dict() == again.to_dict()
    with pytest.raises(AttributeError):
        result.rule = "changed"


@each
def test_to_dict_and_repr_say_every_field(function):
    result = function(KNOWN[function])
    fields = result.to_dict()
    assert list(fields)[-4:] == ["rule", "confidence", "reference", "span"]
    assert all(getattr(result, name) == value for name, value in fields.items())
    said = ", ".join(f"{name}={value!r}" for name, value in fields.items())
    assert repr(result) == f"{type(result).__name__}({said})"


@each
def test_keyword_and_help(function):
    assert function(text=KNOWN[function]) == function(KNOWN[function])
    assert str(inspect.signature(function)) == SIGNATURES.get(function, "(text)")
    assert ">>>" in function.__doc__


@pytest.mark.parametrize("region", ["GB", "gb", "UK", "Britain", " United Kingdom ", "Großbritannien"])
def test_a_national_number_is_read_in_its_country(region):
    assert fg.normalize_phone("020 7183 8750", region).e164 == "+442071838750"
    assert fg.normalize_phone("020 7183 8750", region=region).region == "GB"


@pytest.mark.parametrize("region", [None, "", "Atlantis", "\x00"])
def test_a_national_number_needs_a_country(region):
    assert fg.normalize_phone("020 7183 8750", region) is None
    assert fg.normalize_phone("+44 20 7183 8750", region).e164 == "+442071838750"


def test_the_other_numbers_of_a_cell_are_kept():
    phone = fg.normalize_phone("+44 20 7183 8750 / +49 30 123456")
    assert (phone.e164, phone.others) == ("+442071838750", ["+4930123456"])
    phone.others.append("changed")
    assert phone.others == ["+4930123456"]


@pytest.mark.parametrize("country", ["US", "us", "United States", "USA"])
def test_the_country_of_the_record_narrows_a_place(country):
    assert fg.match_location("CA") is None
    assert fg.match_location("CA", country).region_code == "US-CA"


def test_a_country_that_nobody_knows_narrows_nothing():
    assert fg.match_location("Austin, TX", "Atlantis") == fg.match_location("Austin, TX")


@pytest.mark.parametrize("function", [fg.match_location, fg.normalize_phone])
@pytest.mark.parametrize("country", [b"US", 44, ["US"]], ids=repr)
def test_a_country_is_text(function, country):
    with pytest.raises(TypeError):
        function(KNOWN[function], country)


def test_whoever_runs_a_private_suffix_is_said():
    assert fg.extract_domain("acme.github.io").icann_domain == "github.io"
    assert fg.extract_domain("acme.com").icann_domain is None


@each_money
@pytest.mark.parametrize(
    "rates",
    [{"EUR": 1.08}, {"eur": 1.08}, {"GBP": 2, "EUR": Decimal("1.08")}, MappingProxyType({"EUR": 1.0800004})],
    ids=repr,
)
def test_rates_convert(function, rates):
    found = function("10,5 Mio. €", rates)
    assert (found.minimum, found.maximum) == (11_340_000, 11_340_000)
    assert (found.currency, found.micro_dollars, found.rule) == ("EUR", 1_080_000, "converted")


@each_money
@pytest.mark.parametrize("millionths", [1, 7, 12_345, 999_999, 1_000_001, 1_234_567_891, 10**15])
def test_rates_are_exact_to_the_millionth(function, millionths):
    assert function("€1M", {"EUR": millionths / 10**6}).micro_dollars == millionths


@each_money
def test_without_a_rate_there_is_no_range(function):
    assert function("€5M") is function("€5M", {}) is function("€5M", rates={"GBP": 1.25}) is None
    dollars = function("$5M", rates={"EUR": 1.08})
    assert dollars == function("$5M")
    assert dollars.currency is dollars.micro_dollars is None
    assert function(None, rates={"EUR": 1.08}) is None


@each_money
@pytest.mark.parametrize("rate", [0, -1.08, 4e-7, 1e10, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(function, rate):
    with pytest.raises(ValueError, match="EUR"):
        function("€5M", {"EUR": rate})


@each_money
@pytest.mark.parametrize("rates", [1.08, "EUR", [("EUR", 1.08)], {"EUR": "1.08"}, {"EUR": None}, {"EUR": True}, {1: 2}], ids=repr)
def test_rates_of_other_types_are_refused(function, rates):
    with pytest.raises(TypeError):
        function("€5M", rates)


@each_money
@pytest.mark.parametrize("currency", ["", "euro", "€", "E R"])
def test_a_currency_is_a_code(function, currency):
    with pytest.raises(ValueError, match="currency"):
        function("€5M", {currency: 1.08})


def test_threads_agree():
    calls = [(function, text) for function, text in KNOWN.items()] * 200
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda call: call[0](call[1]), calls))
    assert found == [function(text) for function, text in calls]


def test_errors_have_a_code():
    error = fg.FirmographError("the text", code="environment")
    assert (str(error), error.code) == ("the text", "environment")
    assert issubclass(fg.FirmographError, Exception)


@pytest.mark.parametrize("item", [fg, *KNOWN], ids=lambda item: item.__name__)
def test_the_examples_hold(item):
    names = {name: getattr(fg, name) for name in fg.__all__}
    found = doctest.DocTestFinder(recurse=False).find(item, item.__name__, module=False, extraglobs=names)
    runner = doctest.DocTestRunner()
    for test in found:
        runner.run(test)
    assert runner.tries > 0
    assert runner.failures == 0
