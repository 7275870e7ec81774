"""In which order make starts units when something has to be built first."""

import json

from tests.project import Project


def test_the_heaviest_units_of_all_variants_start_first_even_though_their_builds_ran_just_before(
    project: Project,
) -> None:
    scripts = {"heavy": "exit 0", **{f"light{number}": "exit 0" for number in range(10)}}
    variants = {name: {"build": ["mkdir", "-p", "{target_dir}"]} for name in ("a", "b")}
    project.write(scripts, modules={"heavy": {"weight": 100}}, variants=variants)
    assert project.make("-j2", "test").status == 0
    events = [json.loads(line) for line in (project.last / "events.jsonl").read_text().splitlines()]
    started = [event["id"] for event in events if event["event"] == "unit started"]
    assert len(started) == 22
    assert {"a/heavy", "b/heavy"} <= set(started[:3])


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
    assert "again: make retest" in done.out


def test_prebuilt_artifacts_are_used_as_they_are(project: Project) -> None:
    project.write({"x": "exit 0"}, variants={"v": {"build": ["false"]}})
    assert project.make("test", "PREBUILT=1").status == 0


def test_a_build_sees_the_environment_of_its_variant_whatever_it_holds(project: Project) -> None:
    value = "a 'b' \"c\" $HOME $(shell touch canary)\n#d"
    build = {"shell": 'mkdir -p {target_dir} && printf %s "$FLAGS" > {target_dir}/flags'}
    project.write({"x": "exit 0"}, variants={"v": {"build": build, "env": {"FLAGS": value}}})
    assert project.make("build").status == 0
    assert (project.root / "target-v" / "flags").read_text() == value
    assert not (project.root / "canary").exists()
