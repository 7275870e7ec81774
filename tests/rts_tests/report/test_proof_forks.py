"""Shards of a module with forks: each class that was listed ran in exactly one fork."""

from dataclasses import replace
from pathlib import Path

import pytest

from longpole.rts_tests.contracts.plan import Plan, PlanModule, Unit
from longpole.rts_tests.contracts.plan_parts import PlanForks
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.forks.assignment import Assignment, write_assignment
from longpole.rts_tests.report.proof_forks import assigned, classes_proven, fork_reasons
from tests.rts_tests.report.made_cases import fork

FORKS = PlanForks(list_words=("list",), list_shell=False, run_words=("run",), run_shell=False, count=3)
MODULE = PlanModule(name="m", weight=1.0, seed_policy=None, first_seed=0, seeds=0, timeout_s=1.0, env={}, forks=FORKS)
PLAN = Plan(
    suite="x",
    jobs=None,
    grace_s=1.0,
    log_bytes=1,
    flaky="fail",
    keep="none",
    variants={},
    modules={"m": MODULE},
    units=tuple(Unit("v", "m", None, 0, 0, 1.0, "weight", False, fork=number) for number in range(3)),
)
CLASSES = (("A", "D"), ("B", "E"), ("C",))


def shard(
    folder: Path, number: int, *forks: Record, classes: tuple[tuple[str, ...], ...] | None = CLASSES
) -> tuple[str, Path, tuple[Record, ...]]:
    run = folder / str(number)
    run.mkdir()
    if classes is not None:
        write_assignment(run, Assignment(variant="v", module="m", forks=classes))
    return f"shard {number}/2", run, forks


def ran(number: int, *names: str) -> Record:
    return fork(number, *((name, 1.0) for name in names or CLASSES[number]))


def test_each_class_in_one_fork_is_proven(tmp_path: Path) -> None:
    shards = [shard(tmp_path, 1, ran(0), ran(2)), shard(tmp_path, 2, ran(1))]
    assert fork_reasons(PLAN, shards) == ([], [])
    assert classes_proven(PLAN, [record for _, _, records in shards for record in records]) == 5


def test_a_machine_that_found_another_class(tmp_path: Path) -> None:
    more = (("A", "D"), ("B", "E"), ("C", "F"))
    shards = [shard(tmp_path, 1, ran(0), ran(2)), shard(tmp_path, 2, ran(1), classes=more)]
    assert fork_reasons(PLAN, shards) == (
        [],
        ["shard 1/2 and shard 2/2 distributed the classes of v/m differently; only one of them found F"],
    )


def test_a_machine_that_distributed_otherwise(tmp_path: Path) -> None:
    shards = [shard(tmp_path, 1, ran(0), ran(2)), shard(tmp_path, 2, ran(1), classes=(("A",), ("B", "D"), ("C", "E")))]
    (reason,) = fork_reasons(PLAN, shards)[1]
    assert reason.endswith("differently; the classes are the same")


def test_a_class_that_was_given_and_not_told_of(tmp_path: Path) -> None:
    shards = [shard(tmp_path, 1, ran(0, "A"), ran(2)), shard(tmp_path, 2, ran(1))]
    assert fork_reasons(PLAN, shards) == (["given to a fork of v/m and not told of: D"], [])


def test_a_class_that_ran_twice_and_one_that_nobody_was_given(tmp_path: Path) -> None:
    shards = [shard(tmp_path, 1, ran(0), ran(2, "C", "A")), shard(tmp_path, 2, ran(1, "B", "E", "Z"))]
    assert fork_reasons(PLAN, shards) == (
        [],
        ["run in more than one fork of v/m: A", "run in a fork of v/m and given to none: Z"],
    )


def test_a_run_without_its_assignment_proves_nothing(tmp_path: Path) -> None:
    shards = [shard(tmp_path, 1, ran(0), ran(2), classes=None), shard(tmp_path, 2, ran(1))]
    assert fork_reasons(PLAN, shards) == (["shard 1/2 does not say which classes the forks of v/m had"], [])


def test_forks_that_have_no_record_are_the_business_of_the_proof_of_units(tmp_path: Path) -> None:
    assert fork_reasons(PLAN, [shard(tmp_path, 1, ran(0), ran(2))]) == ([], [])


def test_forks_that_told_of_no_class_are_not_counted(tmp_path: Path) -> None:
    """Forks whose results come from JUnit files tell of cases only."""
    silent = [fork(number, classes=()) for number in range(3)]
    assert fork_reasons(PLAN, [shard(tmp_path, 1, *silent)]) == ([], [])


def test_the_union_has_the_assignment(tmp_path: Path) -> None:
    shards = [shard(tmp_path, 1, ran(0), classes=None), shard(tmp_path, 2, ran(1))]
    (found,) = assigned(PLAN, [folder for _, folder, _ in shards])
    assert found.forks == CLASSES


@pytest.mark.parametrize("name", ["\x1b[2Jx", "a\nb"])
def test_no_name_of_a_class_controls_the_terminal(tmp_path: Path, name: str) -> None:
    (reason,) = fork_reasons(PLAN, [shard(tmp_path, 1, ran(0, "A", "D", name), ran(1), ran(2))])[1]
    assert reason.isprintable()


def test_what_is_wrong_with_one_module_hides_nothing_of_another(tmp_path: Path) -> None:
    units = [Unit("v", name, None, 0, 0, 1.0, "weight", False, fork=0) for name in ("m", "n", "o")]
    plan = replace(PLAN, modules=dict.fromkeys("mno", MODULE), units=tuple(units))
    one, other = tmp_path / "1", tmp_path / "2"
    for run, first in ((one, "A"), (other, "B")):
        run.mkdir()
        write_assignment(run, Assignment(variant="v", module="n", forks=((first,),)))
        write_assignment(run, Assignment(variant="v", module="o", forks=(("A",),)))
    ran_a, ran_b = (fork(0, (name, 1.0), unit="v/n") for name in "AB")
    twice = fork(0, ("A", 1.0), unit="v/o")
    silent = fork(0, ("A", 1.0), unit="v/m")  # without an assignment
    lost, wrong = fork_reasons(plan, [("one", one, (silent, ran_a, twice)), ("other", other, (ran_b, twice))])
    assert lost == ["one does not say which classes the forks of v/m had"]
    assert wrong == [
        "one and other distributed the classes of v/n differently; only one of them found A, B",
        "run in more than one fork of v/o: A",
    ]


def test_many_classes_are_counted(tmp_path: Path) -> None:
    names = tuple(f"C{index:02}" for index in range(25))
    shards = [shard(tmp_path, 1, ran(0, "A"), ran(1, "B"), ran(2, "C"), classes=(("A", *names), ("B",), ("C",)))]
    (reason,) = fork_reasons(PLAN, shards)[0]
    assert reason.endswith("not told of: C00, C01, C02, C03, C04, C05, C06, C07, C08, C09 and 15 more")
