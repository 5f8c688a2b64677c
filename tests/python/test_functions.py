"""The functions as Python sees them: arguments, results, evidence, threads."""

import doctest
import inspect
from concurrent.futures import ThreadPoolExecutor

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
}
RANGES = (fg.match_employee_range, fg.match_revenue_range, fg.match_funding_range)

each = pytest.mark.parametrize("function", KNOWN, ids=lambda function: function.__name__)
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
@pytest.mark.parametrize("text", [b"bytes", 1.5, ["acme.com"], object(), True], ids=lambda value: type(value).__name__)
def test_other_types_are_refused(function, text):
    with pytest.raises(TypeError):
        function(text)


@each
def test_an_int_is_for_ranges_only(function):
    if function in RANGES:
        assert function(12_000_000) == function("12000000")
    else:
        with pytest.raises(TypeError):
            function(12)


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
    assert result.as_dict() == again.as_dict()
    with pytest.raises(AttributeError):
        result.rule = "changed"


@each
def test_as_dict_and_repr_say_every_field(function):
    result = function(KNOWN[function])
    fields = result.as_dict()
    assert list(fields)[-4:] == ["rule", "confidence", "reference", "span"]
    assert all(getattr(result, name) == value for name, value in fields.items())
    said = ", ".join(f"{name}={value!r}" for name, value in fields.items())
    assert repr(result) == f"{type(result).__name__}({said})"


@each
def test_keyword_and_help(function):
    assert function(text=KNOWN[function]) == function(KNOWN[function])
    assert str(inspect.signature(function)) == "(text)"
    assert ">>>" in function.__doc__


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
