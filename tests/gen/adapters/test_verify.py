"""What ran against what should have run."""

import pytest

from longpole.gen.adapters.verify import names_that_ran, verdicts
from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.status import Status


@pytest.mark.parametrize(
    ("ran", "text"),
    [
        (["a", "b"], "v: 2 tests, each run once"),
        (["b"], "v: not the tests of the project's own runner\n  not run: a"),
        (["a", "b", "a"], "v: not the tests of the project's own runner\n  run twice: a"),
        (["a", "b", "c"], "v: not the tests of the project's own runner\n  unknown: c"),
    ],
)
def test_each_test_runs_once_and_nothing_else(ran: list[str], text: str) -> None:
    (verdict,) = verdicts(["a", "b"], {"v": ran})
    assert str(verdict) == text
    assert verdict.holds == ("once" in text)


def test_variants_are_judged_apart_and_long_lists_are_cut() -> None:
    names = [f"t{number}" for number in range(30)]
    first, second = verdicts(names, {"v": names, "w": []})
    assert first.holds
    assert str(second).endswith("t9 and 20 more")


def test_a_name_of_several_tests_is_to_run_as_often() -> None:
    for ran, text in ((["a", "a"], "v: 2 tests, each run once"), (["a"], "not run: a"), (["a"] * 3, "run twice: a")):
        (verdict,) = verdicts(["a", "a"], {"v": ran})
        assert str(verdict).endswith(text)


def test_cases_of_one_class_with_one_name_are_parts_of_one_test() -> None:
    cases = [Case("t", "a", Status.PASSED), Case("t", "b", Status.SKIPPED), Case("u", "", Status.PASSED)]
    assert names_that_ran([(case, case.class_name) for case in cases]) == ["t", "u"]
    twice = [Case("", "a", Status.PASSED), Case("", "a", Status.PASSED), Case("", "b", Status.NOT_RUN)]
    assert names_that_ran([(case, case.name) for case in twice]) == ["a", "a"]
    assert names_that_ran([(Case("x", "y", Status.PASSED), None)]) == []
