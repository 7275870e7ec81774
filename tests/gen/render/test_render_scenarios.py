"""A suite with scenarios, rendered: its targets, its plan, its settings; what changes them, and what does not."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.gen.render.portable import portable
from tests.project import Project

SUITE = """\
version: 1
name: scenarios
defaults: {bin: "{target_dir}/bin", run: ["{target_dir}/tests"]}
variants:
  sha1:
  sha256: {object_format: sha256, gitconfig: "[app]\\n\\tmode = 2\\n", env: {APP_MODE: "2"}}
modules: {unit: }
scenarios:
  gitconfig: "[init]\\n\\tdefaultBranch = main\\n"
  safety_env: {APP_STATE: $BASE_DIR/state}
  folders: {APP_CONFIG_DIR: config}
  labels: [e2e]
"""
ONE = "name: one\\nsteps: [{name: one, run: 'true'}]\\n".replace("\\n", "\n")
FILES = {
    "top.yml": ONE,
    "clone/basic.yml": ONE + "tags: [net]\n",
    "clone/deep.yaml": ONE + "timeout: 7\n",
    "fetch/cells.yml": ONE + "matrix: {FROM: [a, b]}\n",
    "broken.yml": "name: x\n",
    "fixtures/repos/std.yml": "branches: [{name: main}]\n",
    "clone/deeper/ignored.yml": "broken",
}


@pytest.fixture
def example(project: Project) -> Project:
    (project.root / "suite.yaml").write_text(SUITE)
    for variant in ("sha1", "sha256"):
        (project.root / f"target-{variant}/bin").mkdir(parents=True)
    for name, text in FILES.items():
        path = project.root / "scenarios" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    project.render()
    return project


def test_a_suite_with_scenarios(example: Project, golden: Callable[[str, str], None]) -> None:
    golden("scenarios.mk", portable((example.root / "Makefile").read_text()))
    golden("scenarios-plan.json", (example.root / ".longpole/plan.json").read_text())
    golden("scenarios-settings.json", (example.root / ".longpole/scenarios.json").read_text())
    assert "test-V-G of the scenarios in group G" in example.make("help").out


def rendered_again(project: Project) -> bool:
    return bool([path for path, written in project.render() if written])


def test_nothing_changes_as_long_as_no_scenario_does(example: Project) -> None:
    assert not rendered_again(example)
    assert example.longpole("render").out.strip() == "nothing has changed"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("new.yml", ONE),
        ("group/new.yml", ONE),
        ("clone/basic.yml", ONE),
        ("clone/basic.yml", None),
        ("fetch/cells.yml", ONE + "matrix: {FROM: [a, b, c]}\n"),
        ("top.yml", ONE + "timeout: 3\n"),
    ],
)
def test_a_change_that_matters_is_noticed(example: Project, name: str, text: str | None) -> None:
    path = example.root / "scenarios" / name
    if text is None:
        path.unlink()
    else:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    before = (example.root / ".longpole/plan.json").read_bytes()
    assert "wrote .longpole/plan.json" in example.longpole("render").out
    assert (example.root / ".longpole/plan.json").read_bytes() != before


def test_what_is_no_scenario_changes_nothing(example: Project) -> None:
    before = (example.root / ".longpole/plan.json").read_bytes()
    (example.root / "scenarios/clone/deeper/more.yml").write_text(ONE)
    (example.root / "scenarios/README.md").write_text("text")
    (example.root / "scenarios/.hidden.yml").write_text("x")
    example.longpole("render")
    assert (example.root / ".longpole/plan.json").read_bytes() == before


def test_the_plan_does_not_depend_on_where_the_state_is(example: Project) -> None:
    before = (example.root / ".longpole/plan.json").read_bytes()
    example.longpole("render", LONGPOLE_STATE="elsewhere")
    assert (example.root / "elsewhere/plan.json").read_bytes() == before
    assert json.loads((example.root / "elsewhere/scenarios.json").read_text())["cache"] == "elsewhere/scenarios.cache"
    done = example.make("test-sha1-top", LONGPOLE_STATE="elsewhere")
    assert done.status == 0, done.text


def test_parsed_files_are_kept_and_a_damaged_cache_is_no_error(example: Project) -> None:
    cache = example.root / ".longpole/scenarios.cache"
    assert cache.stat().st_size > 100
    cache.write_bytes(b"damaged")
    (example.root / "scenarios/top.yml").write_text(ONE + "tags: [x]\n")
    assert example.longpole("render").status == 0
    assert example.make("test-sha1-top").status == 0


def test_a_makefile_without_scenarios_is_as_before(project: Project) -> None:
    project.write({"a": ""})
    text = (project.root / "Makefile").read_text()
    assert "cenario" not in text
    assert not os.path.exists(project.root / ".longpole/scenarios.json")
    assert not Path(project.root, ".longpole/scenarios.cache").exists()


def test_a_suite_that_has_scenarios_no_more_forgets_them(example: Project) -> None:
    text = SUITE[: SUITE.index("scenarios:\n")]
    (example.root / "suite.yaml").write_text(text)
    example.longpole("render")
    assert {unit["id"] for unit in json.loads(example.longpole("list", "--json").out)["units"]} == {
        "sha1/unit",
        "sha256/unit",
    }


def test_goals_that_meet_are_in_the_makefile_once(project: Project) -> None:
    suite = {"version": 1, "name": "x", "variants": {"a": {}, "a-b": {}}, "scenarios": {}}
    (project.root / "suite.yaml").write_text(json.dumps(suite))
    for name in ("b/x.yml", "c.yml", "c/y.yml", "b-d/z.yml", "d/w.yml"):
        path = project.root / "scenarios" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ONE)
    project.render()
    (project.root / "GNUmakefile").write_text("include Makefile\n")
    for makefile in ("Makefile", "GNUmakefile"):
        done = project.make("-f", makefile, "-n", "test-a-b-d")
        assert done.status == 0, done.text
        assert "more than once" not in done.text
    project.make("-f", "Makefile", "test-a-b-d")
    assert set(project.statuses()) == {"a/b-d/z", "a-b/d/w"}, "a goal of two groups runs both"
    project.make("-f", "Makefile", "test-a-b")
    assert {name.split("/")[0] for name in project.statuses()} == {"a-b"}, "the variant wins over a group"
