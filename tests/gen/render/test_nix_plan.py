"""nix/plan.json: what it says, that its shell lines mean what the suite says, and when it is rendered at all."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longpole.gen.plan.plan import make_plan
from longpole.gen.render.nix_plan import build_line, nix_plan
from longpole.gen.suite.model import Command
from longpole.gen.suite.read import load_suite, suite_from_bytes
from longpole.rts_tests.contracts.placeholders import escape
from tests.project import REPOSITORY, Done, Project

PLATFORMS = {"x86_64-linux": {"default": "checked", "shards": 3}, "aarch64-darwin": {"nightly": True}}
SHOW = "import json,sys; print(json.dumps(sys.argv[1:]))"


def suite(**more: Any) -> bytes:
    rest = {"defaults": {"run": ["true"]}, "variants": {"v": {}}, "modules": {"m": {"seeds": 3, "chunks": 3}}}
    return json.dumps({"version": 1, "name": "tiny", **rest, **more}).encode()


def seen(line: str) -> list[str]:
    """The words that a command gets when bash executes the line, as a build phase does."""
    environ = {"PYTHON": sys.executable, "LONGPOLE_CLIENTS": "/the clients"}
    done = subprocess.run(["bash", "-euc", line], env=environ, capture_output=True, check=True)
    found: list[str] = json.loads(done.stdout)
    return found


def test_the_committed_plan_is_of_this_suite() -> None:
    assert (REPOSITORY / "nix/plan.json").read_text() == nix_plan(load_suite(str(REPOSITORY / "suite.yaml"))).replace(
        f"{REPOSITORY}/", ""
    )


def test_forks_are_units_and_their_commands_are_left_to_the_run() -> None:
    forks = {"list": ["l"], "run": ["r"], "max_forks": 4}
    read = suite_from_bytes(suite(variants={"v": {}, "w": {}}, modules={"m": {"forks": forks}, "n": {}}), "s")
    plan = json.loads(nix_plan(read))
    assert plan["units"] == len(make_plan(read).units) == 10
    assert "forks" not in json.dumps(plan["variants"])


def test_it_says_what_each_platform_does() -> None:
    plan = json.loads(nix_plan(suite_from_bytes(suite(platforms=PLATFORMS), "suite.yaml")))
    assert plan["version"] == 1
    assert plan["systems"] == {
        "x86_64-linux": {"default": "checked", "nightly": False, "shards": 3},
        "aarch64-darwin": {"default": "build", "nightly": True, "shards": 1},
    }


def test_weights_and_seeds_do_not_change_it() -> None:
    one = suite(modules={"m": {"weight": 1, "seeds": 3}, "n": {}})
    other = suite(modules={"m": {"weight": 9, "seeds": 30}, "o": {}})
    assert nix_plan(suite_from_bytes(one, "s")) == nix_plan(suite_from_bytes(other, "s"))


@pytest.mark.parametrize("file", ["suite.yaml", "examples/nix-adopter/suite.yaml"])
def test_its_units_are_those_of_the_plan(file: str) -> None:
    read = load_suite(str(REPOSITORY / file))
    assert json.loads(nix_plan(read))["units"] == len(make_plan(read).units)


def test_a_module_of_some_variants_counts_for_these_alone() -> None:
    modules = {"m": {"seeds": 6, "chunks": 3, "only": ["v"]}, "n": {}}
    text = suite(variants={"v": {}, "w": {}}, modules=modules)
    assert json.loads(nix_plan(suite_from_bytes(text, "s")))["units"] == 5


def test_each_suite_of_a_project_has_a_plan_of_its_own(with_platforms: Project) -> None:
    root = with_platforms.root
    for name in ("slow.yaml", "tests/fuzz.yaml"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_bytes(suite(name=Path(name).stem, platforms=PLATFORMS))
    for name in ("suite.yaml", "slow.yaml", "tests/fuzz.yaml"):
        assert render(with_platforms, "--nix", "--suite", name).status == 0
    plans = {path.name: json.loads(path.read_text())["suite_file"] for path in (root / "nix").iterdir()}
    assert plans == {
        "plan.json": "suite.yaml",
        "slow.plan.json": "slow.yaml",
        "tests-fuzz.plan.json": "tests/fuzz.yaml",
    }


def test_a_second_suite_leaves_the_workflows_of_the_first_alone(with_platforms: Project) -> None:
    root = with_platforms.root
    (root / "slow.yaml").write_bytes(suite(name="slow", platforms=PLATFORMS))
    render(with_platforms, "--nix", "--ci")
    workflows = {path: path.read_bytes() for path in (root / ".github/workflows").iterdir()}
    assert render(with_platforms, "--nix", "--suite", "slow.yaml").status == 0
    assert workflows == {path: path.read_bytes() for path in (root / ".github/workflows").iterdir()}
    done = render(with_platforms, "--ci", "--suite", "slow.yaml")
    assert done.status == 2
    assert ".github/workflows/ci.yml: this file was rendered from another suite, and is left alone" in done.err
    assert workflows == {path: path.read_bytes() for path in (root / ".github/workflows").iterdir()}


def test_the_plan_of_another_suite_that_had_the_first_place_keeps_it(with_platforms: Project) -> None:
    root = with_platforms.root
    (root / "suite.yaml").rename(root / "slow.yaml")
    render(with_platforms, "--nix", "--suite", "slow.yaml")
    (root / "nix/slow.plan.json").rename(root / "nix/plan.json")
    (root / "slow.yaml").write_bytes(suite(name="other", platforms=PLATFORMS))
    assert render(with_platforms, "--suite", "slow.yaml").status == 0
    assert json.loads((root / "nix/plan.json").read_text())["suite"] == "other"
    assert not (root / "nix/slow.plan.json").exists()


WORDS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=3), WORDS)
@pytest.mark.slow
def test_no_word_breaks_out_of_its_line(words: list[str], value: str) -> None:
    argv = ("{python}", "-c", SHOW, *map(escape, words), "{target_dir}" + escape(words[0]))
    line = build_line(Command(argv, shell=False), {"target_dir": value})
    assert seen(line) == [*words, value + words[0]]


@settings(max_examples=40, deadline=None)
@given(WORDS)
@pytest.mark.slow
def test_no_value_breaks_out_of_a_shell_text(value: str) -> None:
    text = "{python} -c '" + SHOW + '\' {target_dir} "$((1 + 1))"'
    line = build_line(Command(("sh", "-c", text), shell=True), {"target_dir": value})
    assert seen(line) == [value, "2"]


def render(project: Project, *flags: str) -> Done:
    return project.longpole("render", *flags)


@pytest.fixture
def with_platforms(project: Project) -> Project:
    project.root.joinpath("suite.yaml").write_bytes(suite(platforms=PLATFORMS))
    return project


def files(project: Project) -> set[str]:
    found = {path.relative_to(project.root) for path in project.root.rglob("*") if path.is_file()}
    return {str(path) for path in found if path.parts[0] != ".longpole"}


def test_a_project_gets_neither_nix_nor_ci_unasked(with_platforms: Project) -> None:
    (with_platforms.root / "nix").mkdir()
    (with_platforms.root / ".github/workflows").mkdir(parents=True)
    assert render(with_platforms).status == 0
    assert files(with_platforms) == {"suite.yaml", "Makefile"}


def test_asked_for_they_are_written_and_then_kept_up_to_date(with_platforms: Project) -> None:
    assert render(with_platforms, "--nix", "--ci").status == 0
    made = {"nix/plan.json", ".github/workflows/ci.yml", ".github/workflows/nightly.yml"}
    assert files(with_platforms) == {"suite.yaml", "Makefile", *made}
    with_platforms.root.joinpath("suite.yaml").write_bytes(suite(name="other", platforms=PLATFORMS))
    stale = render(with_platforms, "--check")
    assert stale.status == 1
    for name in made:
        assert f"+++ {name} (rendered)" in stale.out
    done = with_platforms.make("list")
    assert "wrote" not in done.text
    assert render(with_platforms, "--check").status == 0


@pytest.mark.slow
def test_one_that_is_removed_stays_away_until_it_is_asked_for(with_platforms: Project) -> None:
    render(with_platforms, "--nix")
    (with_platforms.root / "nix/plan.json").unlink()
    assert render(with_platforms).status == 0
    assert not (with_platforms.root / "nix/plan.json").exists()
    assert render(with_platforms, "--check", "--nix").status == 1


@pytest.mark.parametrize("path", ["nix/plan.json", ".github/workflows/ci.yml"])
def test_a_file_of_somebody_else_is_never_replaced(with_platforms: Project, path: str) -> None:
    theirs = with_platforms.root / path
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs\n")
    assert render(with_platforms).status == 0
    done = render(with_platforms, "--nix", "--ci")
    assert done.status == 2
    assert f"{path}: the file there was not rendered by Longpole, and is left alone; move it" in done.err
    assert theirs.read_text() == "theirs\n"


@pytest.mark.parametrize("flag", ["--nix", "--ci"])
def test_without_platforms_there_is_nothing_to_render(project: Project, flag: str) -> None:
    Path(project.root, "suite.yaml").write_bytes(suite())
    done = render(project, flag)
    assert done.status == 2
    assert "suite.yaml: there are no `platforms` in the suite" in done.err


def test_steps_come_first_with_their_outputs_and_a_plan_without_them_is_as_before() -> None:
    steps = {
        "late": {"build": ["true", "{step}"], "output": "out/{step}", "need": ["early"]},
        "early": {"build": {"shell": "touch {output}"}, "output": "early"},
    }
    plan = json.loads(nix_plan(suite_from_bytes(suite(steps=steps), "suite.yaml")))
    assert plan["steps"] == [
        {"name": "early", "output": "early", "build": "sh -c 'touch early'"},
        {"name": "late", "output": "out/late", "build": "true late"},
    ]
    assert "steps" not in json.loads(nix_plan(suite_from_bytes(suite(), "suite.yaml")))


def test_a_build_has_the_variables_of_the_suite() -> None:
    odd = "a 'b' $HOME \"c\"\n#"
    show = "import json,os; print(json.dumps([os.environ['ODD']]))"
    variants = {"v": {"build": ["{python}", "-c", show], "env": {"ODD": odd}}}
    steps = {"s": {"build": ["{python}", "-c", show], "output": "o", "env": {"ODD": odd}}}
    plan = json.loads(nix_plan(suite_from_bytes(suite(variants=variants, steps=steps), "suite.yaml")))
    assert seen(plan["variants"][0]["build"]) == seen(plan["steps"][0]["build"]) == [odd]


def test_the_clients_are_those_of_the_builder() -> None:
    words = Command(("{python}", "-c", SHOW, "{clients}/x y", "-I={clients}"), shell=False)
    assert seen(build_line(words, {})) == ["/the clients/x y", "-I=/the clients"]
    text = Command(("sh", "-c", "exec {python} -c '" + SHOW.replace("'", "'\\''") + "' {clients}/x"), shell=True)
    assert seen(build_line(text, {})) == ["/the clients/x"]
