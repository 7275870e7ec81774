"""Steps in real runs: built once, before what needs them."""

from typing import Any

import pytest

from longpole.rts_tests.contracts.builds import read_builds
from tests.project import Project

ECHO = {"shell": 'echo {step} >>built && mkdir -p {output} && echo "$FLAVOUR" >{output}/file'}
STEPS: dict[str, Any] = {
    "base": {"build": ECHO, "output": "out/{step}", "env": {"FLAVOUR": "a 'b' $HOME"}},
    "tom": {"build": ECHO, "output": "out/{step}", "need": ["base"]},
    "data": {"build": ECHO, "output": "data"},
    "unused": {"build": ECHO, "output": "unused"},
}
NEEDS = {"build": {"shell": "test -e out/tom/file && echo {variant} >>built"}, "need": ["tom"]}


@pytest.fixture
def shared(project: Project) -> Project:
    """Two variants share a step that needs another one; a module in all variants needs a third."""
    return _write(project, STEPS)


def _write(project: Project, steps: dict[str, Any]) -> Project:
    scripts = {"one": "", "two": "test -e data/file"}
    variants = {"a": NEEDS, "b": NEEDS, "plain": {}}
    return project.write(scripts, modules={"two": {"need": ["data"]}}, variants=variants, steps=steps)


def _built(project: Project) -> list[str]:
    path = project.root / "built"
    return path.read_text().split() if path.exists() else []


def test_a_step_is_built_once_before_those_that_need_it(shared: Project) -> None:
    done = shared.make("-j4", "test")
    assert done.status == 0, done.text
    built = _built(shared)
    assert sorted(built) == ["a", "b", "base", "data", "tom"]
    assert built.index("base") < built.index("tom") < min(built.index("a"), built.index("b"))
    assert list(shared.statuses().values()) == ["passed"] * 6
    assert set(read_builds(shared.last)) == {"a", "b", "base", "data", "tom"}
    assert (shared.root / "out/base/file").read_text() == "a 'b' $HOME\n"


def test_only_the_steps_that_are_needed_are_built(shared: Project) -> None:
    assert shared.make("test-plain-one").status == 0
    assert _built(shared) == []
    assert shared.make("test-plain-two").status == 0
    assert _built(shared) == ["data"]


def test_build_goals_build_what_they_need(shared: Project) -> None:
    assert shared.make("build-a").status == 0
    assert _built(shared) == ["base", "tom", "a"]
    assert shared.make("build-unused").status == 0
    assert shared.make("-j3", "build").status == 0
    assert sorted(_built(shared)[4:]) == ["a", "b", "base", "data", "tom", "unused"]


def test_clean_removes_outputs(shared: Project) -> None:
    shared.make("build")
    assert shared.make("clean").status == 0
    assert not any((shared.root / name).exists() for name in ("out/base", "out/tom", "data", "unused"))


def test_make_n_shows_steps_and_builds_nothing(shared: Project) -> None:
    done = shared.make("-n", "test")
    assert "echo base >>built" in done.out
    assert "unused" not in done.out
    assert _built(shared) == []


def test_prebuilt_builds_no_steps(shared: Project) -> None:
    shared.make("test-plain-two", "PREBUILT=1")
    assert _built(shared) == []


def test_a_step_that_fails_keeps_only_those_that_need_it_from_running(shared: Project) -> None:
    _write(shared, {**STEPS, "tom": {**STEPS["tom"], "build": ["false"]}})
    done = shared.make("-j2", "test")
    assert done.status == 2
    assert shared.statuses() == {"plain/one": "passed", "plain/two": "passed"}
    assert "6 units: 2 passed, 4 not run" in done.out
    assert {name: build.exit_code for name, build in read_builds(shared.last).items()} == {
        "base": 0,
        "tom": 1,
        "data": 0,
    }


def test_help_and_the_included_makefile_know_steps(shared: Project) -> None:
    assert "build-S step S" in shared.make("help").out
    assert "build-tom" in (shared.root / "Makefile").read_text()
