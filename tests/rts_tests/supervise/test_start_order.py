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
