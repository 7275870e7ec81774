"""When units start, and in which order, if something has to be built first."""

from collections.abc import Iterator
from typing import Any

from tests.project import Project, shell


def _started(project: Project) -> list[str]:
    return [event["id"] for event in project.events() if event["event"] == "unit started"]


def _until(file: str, then: str) -> str:
    """Lines that wait for a file that should be there soon."""
    return shell("i=0", f"until [ -e {file} ]; do i=$((i+1)); [ $i -lt 500 ] || exit 9; sleep 0.01; done", then)


def test_the_heaviest_unit_of_each_variant_starts_first_even_though_its_build_ran_just_before(project: Project) -> None:
    scripts = {"heavy": "exit 0", **{f"light{number}": "exit 0" for number in range(10)}}
    variants = {name: {"build": ["mkdir", "-p", "{target_dir}"]} for name in ("a", "b")}
    project.write(scripts, modules={"heavy": {"weight": 100}}, variants=variants)
    assert project.make("-j2", "test").status == 0
    started = _started(project)
    assert len(started) == 22
    for variant in variants:
        assert next(name for name in started if name.startswith(variant)) == f"{variant}/heavy"


def test_units_start_when_their_own_build_has_ended(project: Project) -> None:
    variants = {"quick": {"build": ["true"]}, "slow": {"build": {"shell": _until("quick", "touch slow")}}}
    project.write({"x": 'touch "$3"'}, variants=variants)
    done = project.make("-j2", "test")
    assert done.status == 0, done.text
    assert _started(project) == ["quick/x", "slow/x"]


def test_units_without_a_build_wait_for_none(project: Project) -> None:
    variants = {"plain": {}, "slow": {"build": {"shell": _until("plain", "touch slow")}}}
    project.write({"x": 'touch "$3"'}, variants=variants)
    assert project.make("-j2", "test").status == 0


def test_a_heavy_unit_starts_as_soon_as_it_is_built_before_lighter_ones_that_make_already_had(
    project: Project,
) -> None:
    variants = {"quick": {"build": ["true"]}, "slow": {"build": {"shell": _until("light0", "true")}}}
    light = {f"light{number}": "exit 0" for number in range(9)}
    scripts = {**light, "light0": shell("touch light0", _until("heavy", "true")), "heavy": "touch heavy"}
    modules: dict[str, Any] = {name: {"only": ["quick"]} for name in light}
    modules |= {"light0": {"only": ["quick"], "weight": 5}, "heavy": {"only": ["slow"], "weight": 100}}
    project.write(scripts, modules=modules, variants=variants)
    assert project.make("-j2", "test").status == 0
    assert _started(project)[:2] == ["quick/light0", "slow/heavy"]


def test_there_are_never_more_jobs_than_j_allows(project: Project) -> None:
    script = shell("echo + >>jobs", "sleep 0.02", "echo - >>jobs")
    build = {"build": {"shell": script}}
    project.write({f"x{number}": script for number in range(4)}, variants={name: build for name in "abcd"})
    assert project.make("-j3", "test").status == 0
    lines = (project.root / "jobs").read_text().split()
    assert len(lines) == 2 * (4 + 16)
    running = [lines[:end].count("+") - lines[:end].count("-") for end in range(len(lines))]
    assert max(running) == 3


def test_without_j_everything_runs_one_at_a_time_builds_first(project: Project) -> None:
    script = shell("echo + >>jobs", "echo - >>jobs")
    build = {"build": {"shell": "echo build >>jobs"}}
    project.write({"x": script, "y": script}, variants={"a": build, "b": build, "c": {}})
    assert project.make("test").status == 0
    assert (project.root / "jobs").read_text().split() == ["build"] * 2 + ["+", "-"] * 6


def test_a_build_that_fails_ends_a_run_that_fails_fast(project: Project) -> None:
    variants = {"bad": {"build": ["false"]}, "good": {"build": ["true"]}}
    project.write({"x": "exit 0", "y": "exit 0"}, modules={"x": {"weight": 9, "only": ["bad"]}}, variants=variants)
    done = project.make("test", "FAIL_FAST=1")
    assert done.status == 2
    assert "not run" in done.out
    assert project.statuses() == {}


def test_in_plan_order_units_that_cannot_run_hold_nothing_back(project: Project) -> None:
    variants = {"bad": {"build": ["false"]}, "good": {"build": ["true"]}}
    modules = {"x": {"weight": 9, "only": ["bad"]}, "y": {"only": ["good"]}, "z": {"only": ["good"], "weight": 0.5}}
    waits = _until("printed", "true")
    project.write({"x": "", "y": "exit 0", "z": waits}, modules=modules, variants=variants)
    process = project.start("make", "test", environ={"LONGPOLE_ORDER": "input"})
    assert process.stdout is not None
    lines: Iterator[bytes] = iter(process.stdout.readline, b"")
    for line in lines:
        if line.startswith(b"PASS good/y"):
            (project.root / "printed").touch()
    process.communicate()
    assert project.statuses() == {"good/y": "passed", "good/z": "passed"}


def test_a_variable_of_the_user_changes_no_list_of_units(project: Project) -> None:
    project.write({"x": "exit 0", "y": "exit 0"}, variants={"v": {"build": ["true"]}})
    assert project.make("test", "MAKEFILES=", "units=nothing").status == 0
    assert len(project.statuses()) == 2


def test_a_variant_that_does_not_build_keeps_no_other_variant_from_running(project: Project) -> None:
    variants = {"bad": {"build": ["false"]}, "good": {"build": ["true"]}}
    project.write({"x": "exit 0", "y": "exit 0"}, variants=variants)
    done = project.make("-j2", "test")
    assert done.status == 2
    assert project.statuses() == {"good/x": "passed", "good/y": "passed"}
    assert "4 units: 2 passed, 2 not run" in done.out


def test_where_nothing_could_be_built_the_report_still_comes(project: Project) -> None:
    project.write({"x": "exit 0"}, variants={"bad": {"build": ["false"]}})
    done = project.make("test")
    assert done.status == 2
    assert "1 unit: 1 not run" in done.out
    assert "\nagain:    make retest, which runs every unit that failed or did not finish\n" in done.out


def test_prebuilt_artifacts_are_used_as_they_are(project: Project) -> None:
    project.write({"x": "exit 0"}, variants={"v": {"build": ["false"]}})
    assert project.make("test", "PREBUILT=1").status == 0


def test_what_is_pasted_after_a_run_that_built_nothing_builds_nothing(project: Project) -> None:
    variants = {"v": {"build": {"shell": "echo x >>built"}}}
    project.write({"bad": "exit 3"}, variants=variants, modules={"bad": {"seeds": 1, "seed_policy": "commit"}})
    done = project.make("test", "PREBUILT=1")
    seed = project.records()["v/bad"]["seed"]
    line = f"PREBUILT=1 make test-v-bad SEED={seed}"
    assert project.records()["v/bad"]["reproducer"] == line
    assert f"again: {line}" in done.out
    for form in ("text", "brief", "issue", "junit", "json"):
        assert line in project.longpole("report", "--format", form).out
    assert "FAIL v/bad" in project.run("sh", "-c", line).out
    assert not (project.root / "built").exists()


def test_what_a_run_that_built_nothing_did_not_run_is_run_without_a_build(project: Project) -> None:
    project.write({"a": "exit 1", "b": ""}, variants={"v": {"build": {"shell": "echo x >>built"}}})
    project.make("test", "PREBUILT=1", "FAIL_FAST=1", "-j1")
    (lost,) = {"v/a", "v/b"} - set(project.records())
    target = f"PREBUILT=1 make test-{lost.replace('/', '-')}"
    assert target in project.longpole("report", "--format", "issue").out
    assert "again: PREBUILT=1 make retest" in project.longpole("report").out


def test_a_build_sees_the_environment_of_its_variant_whatever_it_holds(project: Project) -> None:
    value = "a 'b' \"c\" $HOME $(shell touch canary)\n#d"
    build = {"shell": 'mkdir -p {target_dir} && printf %s "$FLAGS" > {target_dir}/flags'}
    project.write({"x": "exit 0"}, variants={"v": {"build": build, "env": {"FLAGS": value}}})
    assert project.make("build").status == 0
    assert (project.root / "target-v" / "flags").read_text() == value
    assert not (project.root / "canary").exists()
