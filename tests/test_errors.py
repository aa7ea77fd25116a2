import pytest

from detente import errors


def test_every_error_is_a_detente_error_and_a_builtin_one_and_carries_a_hint():
    classes = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.DetenteError)]
    assert len(classes) >= 8
    for one in classes:
        problem = one("what was found", hint="what repairs it")
        assert str(problem) == "what was found"
        assert problem.hint == "what repairs it"
        if one is not errors.DetenteError:
            assert issubclass(one, (LookupError, ValueError, RuntimeError))


def test_the_tree_in_the_docstring_names_every_class():
    for name, one in vars(errors).items():
        if isinstance(one, type) and issubclass(one, errors.DetenteError):
            assert name in errors.__doc__


def test_an_unknown_name_comes_with_the_nearest_known_one():
    problem = errors.unknown_name("measure", "un_agrement", ["un_agreement", "fatalities"])
    assert "un_agreement" in problem.hint
    assert "fatalities" not in problem.hint


def test_a_name_like_nothing_known_comes_with_all_of_them():
    assert "fatalities" in errors.unknown_name("measure", "zzz", ["fatalities"]).hint


def test_a_lookup_error_prints_without_quotes():
    with pytest.raises(KeyError):
        {}["x"]
    assert str(errors.UnknownName("no such thing")) == "no such thing"
