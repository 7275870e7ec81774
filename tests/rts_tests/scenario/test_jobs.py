"""How many scenarios run at once."""

import pytest

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.scenario.jobs import Jobs, jobs_of, parse_jobs


@pytest.mark.parametrize(
    ("option", "variable", "parallel", "suite", "number", "source"),
    [
        (3, "5", True, 7, 3, "-j3"),
        (None, "5", True, 7, 5, "LONGPOLE_JOBS=5"),
        (None, "0", True, 7, 1, "LONGPOLE_JOBS=0"),
        (None, None, True, 7, 16, "--parallel"),
        (None, None, False, 7, 7, None),
        (None, None, False, None, 16, None),
    ],
)
def test_who_decides(
    option: int | None, variable: str | None, parallel: bool, suite: int | None, number: int, source: str | None
) -> None:
    assert jobs_of(option, variable, parallel=parallel, suite=suite, cores=16) == Jobs(number, source)


@pytest.mark.parametrize(
    "text", ["", " 2", "2 ", "-1", "+2", "1.0", "two", "0x2", "٣", "1_0", "65537", "9" * 5000, "\n"]
)
def test_what_is_no_number_is_refused_also_where_the_option_decides(text: str) -> None:
    with pytest.raises(UseError, match=r"LONGPOLE_JOBS: .*give a number from 0 to 65536") as raised:
        jobs_of(2, text, parallel=False, suite=None, cores=4)
    assert raised.value.exit_code == 2


def test_the_message_says_what_is_wrong() -> None:
    for text, what in (("", "LONGPOLE_JOBS: is empty; "), ("x", "LONGPOLE_JOBS: 'x' is not a number of jobs; ")):
        with pytest.raises(UseError) as raised:
            parse_jobs(text)
        assert str(raised.value).startswith(what)


@pytest.mark.parametrize(("text", "number"), [("0", 1), ("1", 1), ("007", 7), ("65536", 65_536), (None, None)])
def test_what_is_a_number(text: str | None, number: int | None) -> None:
    assert parse_jobs(text) == number
