"""What builds mean for units: the bound of a run in which units wait for them, and whom a failed step keeps."""

from dataclasses import replace

from longpole.rts_tests.contracts.builds import Build
from longpole.rts_tests.report.released import released_s
from longpole.rts_tests.report.summary import read_summary
from tests.made_up import record
from tests.project import Project

AT = "2026-11-21T10:00:{:02}.000Z"


def _build(name: str, end: int) -> Build:
    return Build(name=name, started_at=AT.format(0), wall_s=float(end), waited_s=0.0, exit_code=0)


def test_the_bound_is_the_end_of_a_build_and_what_is_left_then() -> None:
    made = [
        replace(record("v/x"), variant=variant, module=module, started_at=AT.format(start), wall_s=float(wall))
        for variant, module, start, wall in [
            ("quick", "x", 2, 10),
            ("slow", "x", 20, 4),
            ("slow", "y", 20, 4),
            ("slow", "z", 24, 1),
        ]
    ]
    needs = {"quick/x": ("quick",), "slow/x": ("slow",), "slow/y": ("slow",), "slow/z": ("slow",)}
    builds = {"quick": _build("quick", 2), "slow": _build("slow", 20)}
    assert released_s(made, builds, needs, 2) == 18 + 4.5
    assert released_s(made, builds, needs, 9) == 18 + 4
    assert released_s(made, {"quick": builds["quick"]}, needs, 2) == 0
    assert released_s(made, builds, {}, 2) == 0
    assert released_s([], builds, needs, 2) == 0


def test_a_run_whose_units_wait_for_a_build_is_not_blamed_for_it(project: Project) -> None:
    until = {"shell": "i=0; until [ -e ran ]; do i=$((i+1)); [ $i -lt 500 ] || exit 1; sleep 0.01; done; sleep 0.2"}
    project.write({"x": "touch ran"}, variants={"quick": {"build": ["true"]}, "slow": {"build": until}})
    assert project.make("-j2", "test").status == 0
    makespan = read_summary(project.last).makespan
    assert makespan.bound_s >= 0.2 > makespan.units_s


def test_a_failed_step_says_whom_it_kept_from_running(project: Project) -> None:
    steps = {"s": {"build": ["false"], "output": "out"}}
    variants = {"a": {"need": ["s"], "build": ["true"]}, "b": {}}
    project.write({"x": ""}, variants=variants, steps=steps)
    assert project.make("test").status == 2
    (failed,) = read_summary(project.last).failed_builds
    assert (failed.build.name, [outcome.id for outcome in failed.kept]) == ("s", ["a/x"])
