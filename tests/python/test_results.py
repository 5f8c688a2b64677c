"""Results as values: hash, equality, pickles, copies, patterns."""

import copy
import pickle

import firmograph as fg
import pytest
from test_functions import KNOWN, each


@each
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_gives_the_same_value(function, protocol):
    result = function(KNOWN[function])
    again = pickle.loads(pickle.dumps(result, protocol))
    assert type(again) is type(result)
    assert again == result
    assert again.to_dict() == result.to_dict()


@each
def test_copies_are_equal(function):
    result = function(KNOWN[function])
    assert copy.copy(result) == copy.deepcopy(result) == result
    assert copy.deepcopy({"a": [result]}) == {"a": [result]}


@each
def test_equal_results_are_one_key(function):
    result, again = function(KNOWN[function]), function(KNOWN[function])
    assert hash(result) == hash(again)
    assert len({result, again, copy.copy(result)}) == 1
    fields = result.to_dict()
    other = type(result)(**{**fields, "rule": fields["rule"] + "_else"})
    assert other != result
    assert hash(other) != hash(result)
    assert {result: 1, other: 2}[again] == 1


@each
def test_any_field_makes_a_difference(function):
    result = function(KNOWN[function])
    fields = result.to_dict()
    for name, value in fields.items():
        changed = {
            str: lambda value: value + "x",
            bool: lambda value: not value,
            int: lambda value: value - 1,
            float: lambda value: value / 2 + 0.001,
            list: lambda value: value[1:] or [value[0]] * 2 if value else value,
            tuple: lambda value: (value[0], value[1] + 1),
            type(None): lambda value: value,
        }[type(value)](value)
        if changed != value:
            other = type(result)(**{**fields, name: changed})
            assert other != result, name
            assert hash(other) != hash(result), name


def test_zero_is_zero():
    fields = fg.match_employee_range("51-200").to_dict()
    plus, minus = (fg.RangeMatch(**{**fields, "overlap": zero}) for zero in (0.0, -0.0))
    assert plus == minus
    assert hash(plus) == hash(minus)


@each
def test_the_repr_makes_the_value(function):
    result = function(KNOWN[function])
    assert eval(repr(result), vars(fg)) == result  # noqa: S307


@each
def test_results_are_frozen_and_final(function):
    result = function(KNOWN[function])
    with pytest.raises(AttributeError):
        result.anything = 1
    with pytest.raises(AttributeError):
        del result.rule
    with pytest.raises(TypeError):
        type("Sub", (type(result),), {})


@each
def test_patterns(function):
    result = function(KNOWN[function])
    assert result.__match_args__ == tuple(result.to_dict())


def test_patterns_by_place_and_by_name():
    match fg.match_job_title("VP of Sales"):
        case fg.JobTitle(level, name, function=area):
            assert (level, name, area) == (6, fg.match_job_title("VP of Sales").level_name, "Sales")
        case _:
            pytest.fail("no match")
    match fg.extract_domain("acme.github.io"):
        case fg.Domain(is_private_suffix=False):
            pytest.fail("a private suffix")
        case fg.Domain("acme.github.io"):
            pass
        case other:
            pytest.fail(repr(other))


def test_a_result_is_made_of_all_its_fields():
    with pytest.raises(TypeError):
        fg.CompanyType()
    with pytest.raises(TypeError):
        fg.CompanyType(name="Public Company", code=1, rule="r", confidence=1.0, reference="t@1", span=(0, 1))
    made = fg.CompanyType(name="Public Company", code="C", rule="r", confidence=1.0, reference="t@1", span=(0, 1))
    assert made.code == "C"


def test_lists_are_copies():
    title = fg.match_job_title("Founder & CEO")
    before = hash(title)
    title.levels.append(99)
    assert 99 not in title.levels
    assert hash(title) == before
