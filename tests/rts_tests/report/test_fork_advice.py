"""What the report advises where the longest unit is a fork: a smaller class, more forks, or a queue."""

import pytest

from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.advice import advice
from tests.rts_tests.report.made_cases import fork, run_of

SMALL = [(f"C{index}", 1.0) for index in range(12)]


def advised(*records: Record, cores: int = 4) -> str:
    (line,) = advice(run_of(*records, jobs=cores, cores=cores))
    return line


def test_one_fork_on_several_cores_could_be_more() -> None:
    assert advised(fork(0, *SMALL)) == (
        "long pole: v/m[fork-0] took 12.00 s of 12.00 s; `max_forks: 4` divides the 12 classes of v/m further"
    )


def test_no_more_forks_are_advised_than_there_are_classes() -> None:
    assert "`max_forks: 3` divides the 3 classes of v/m" in advised(fork(0, *SMALL[:3]), cores=8)


def test_a_fork_whose_threads_keep_the_cores_busy_need_not_be_divided() -> None:
    assert "max_forks" not in advised(fork(0, *SMALL[:9], user_s=36.0), fork(1, *SMALL[9:], lane=1, user_s=12.0))


def test_a_class_that_takes_most_of_its_fork_is_named() -> None:
    long = fork(0, ("com.example.Slow", 9.0), ("Other", 1.0))
    assert advised(long, fork(1, *SMALL[:2], lane=1)) == (
        "long pole: v/m[fork-0] took 10.00 s of 10.00 s; its class com.example.Slow took 9.00 s of that: "
        "two smaller classes can share it"
    )


def test_as_many_forks_as_cores_can_steal() -> None:
    line = advised(fork(0, *SMALL[:9]), fork(1, *SMALL[9:], lane=1), cores=2)
    assert line.endswith("the next run knows how long its classes take; `stealing: true` evens out what varies")


def test_a_fork_that_began_late_is_no_long_pole() -> None:
    line = advised(fork(0, *SMALL[:4]), fork(1, *SMALL[4:], started_s=4.0), cores=2)
    assert line.startswith("idle tail: v/m[fork-1] came last and took 8.00 s of 12.00 s; ")


def test_forks_that_end_together_need_no_advice() -> None:
    assert advice(run_of(fork(0, *SMALL[:6]), fork(1, *SMALL[6:], lane=1))) == []


def test_time_before_the_first_fork_went_into_the_listing() -> None:
    line = advised(fork(0, *SMALL[:2], started_s=3.0), fork(1, *SMALL[2:4], started_s=3.0, lane=1), cores=2)
    assert line == (
        "3.00 s of 5.00 s went into listing the classes of forks, before the first unit; "
        "a `list` that starts faster, or reads names only, would help"
    )


def test_a_fork_that_is_slow_to_start_says_so() -> None:
    line = advised(fork(0, ("A", 0.5), ("B", 0.5), wall_s=9.0), fork(1, ("C", 0.5), wall_s=1.0, lane=1), cores=2)
    assert line.endswith("its classes took 1.00 s of that, and the rest was the start of its process")
    alone = advised(fork(0, ("A", 0.5), wall_s=9.0), fork(1, ("C", 0.5), wall_s=1.0, lane=1), cores=2)
    assert alone.endswith("its classes took 0.50 s of that, and the rest was the start of its process")


def test_forks_without_a_class_are_no_tail() -> None:
    skipped = [fork(number, status=Status.SKIPPED, exit_code=None, started_s=4.0) for number in (2, 3)]
    records = [fork(0, *SMALL[:6]), fork(1, *SMALL[6:], lane=1), *skipped]
    assert advice(run_of(*records)) == []


@pytest.mark.parametrize("name", ["a\nb", "\x1b[2Jx"])
def test_no_name_of_a_class_breaks_the_line(name: str) -> None:
    line = advised(fork(0, (name, 9.0)), fork(1, ("B", 1.0), lane=1))
    assert line.isprintable()
