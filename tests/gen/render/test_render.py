"""The Makefile: its text, and what it does under real make."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from longpole.gen.render.outputs import Project as Outputs
from longpole.gen.render.outputs import render
from tests.gen.render.portable import portable
from tests.project import REPOSITORY, Done, Project, tool

EXAMPLE = """\
version: 1
name: example
defaults:
  build: ["{make}", -C, src, "VARIANT={variant}", "OUT=../{target_dir}"]
  artifact: "{target_dir}/program"
  run: ["{artifact}", "{module}", "{first_seed}", "{seed_count}"]
variants:
  debug: {env: {CFLAGS: "-O0 -g"}}
  release: {build: {shell: "./configure --fast && {make} 'it''s' $HOME"}}
  ready: {artifact: program, build: ["true"]}
modules:
  gc: {weight: 15, seeds: 30, chunks: 3}
  text: {weight: 2, except: [ready]}
  utf8:
"""


@pytest.fixture
def example(project: Project) -> Project:
    (project.root / "suite.yaml").write_text(EXAMPLE)
    project.render()
    return project


def test_the_makefile_of_an_example(example: Project, golden: Callable[[str, str], None]) -> None:
    golden("Makefile", portable((example.root / "Makefile").read_text()))


def test_the_plan_file_of_an_example(example: Project, golden: Callable[[str, str], None]) -> None:
    golden("plan.json", (example.root / ".longpole" / "plan.json").read_text())


def test_a_suite_without_forks_says_nothing_of_them(example: Project) -> None:
    assert "fork" not in example.make("help").out


def test_rendering_is_deterministic(example: Project) -> None:
    script = "import pathlib; from longpole.gen.render.outputs import Project, render; "
    script += "texts = render(Project('suite.yaml', pathlib.Path('.longpole'))).texts; "
    script += "print(*(f'{path}\\n{text}' for path, text in texts.items()))"
    texts = {example.run(sys.executable, "-c", script, PYTHONHASHSEED=str(seed)).out for seed in (0, 1)}
    assert len(texts) == 1
    assert "test-debug-gc-2" in texts.pop()


def test_the_makefile_names_the_command_that_made_it(example: Project) -> None:
    first = (example.root / "Makefile").read_text().splitlines()[0]
    assert first.startswith("# Rendered from suite.yaml by `longpole render`. Do not edit")


def test_heaviest_first_over_all_variants(example: Project) -> None:
    text = (example.root / "Makefile").read_text()
    listed = re.findall(r"^\t(test-\S+)", text.partition("\nLONGPOLE_UNITS =")[2].partition("\n\n")[0], re.MULTILINE)
    assert listed[:3] == ["test-debug-gc-0", "test-debug-gc-1", "test-debug-gc-2"]
    assert {target.split("-")[2] for target in listed[:9]} == {"gc"}
    assert [target.split("-")[2] for target in listed[9:]] == ["text"] * 2 + ["utf8"] * 3


NEWER = {
    "3.82 .ONESHELL": r"^\.ONESHELL",
    "3.82 .RECIPEPREFIX": r"\.RECIPEPREFIX",
    "3.82 private": r"^\s*private\s",
    "3.82 undefine": r"^\s*undefine\s",
    "3.82 define with an operator": r"^define\s+\S+\s*[:+?]?=",
    "4.0 !=": r"^[^\t#'\"]*!=",
    "4.0 ::=": r"::=",
    "4.0 $(file": r"\$\(file\b",
    "4.0 $(guile": r"\$\(guile\b",
    "4.0 --output-sync": r"--output-sync|(?<=MAKEFLAGS)\s*\+?=.*-O\b",
    "4.2 .SHELLSTATUS": r"\.SHELLSTATUS",
    "4.3 grouped targets": r"&:",
    "4.4 $(let": r"\$\(let\b",
    "4.4 $(intcmp": r"\$\(intcmp\b",
    "4.4 .WAIT": r"\.WAIT\b",
    "4.4 .NOTINTERMEDIATE": r"\.NOTINTERMEDIATE",
    "else on one line with more than ifeq": r"^\s*else[ \t]+(?!ifeq|ifneq|ifdef|ifndef)",
}


@pytest.mark.parametrize("feature", NEWER)
def test_nothing_newer_than_make_3_81_is_used(example: Project, feature: str) -> None:
    sources = [*(REPOSITORY / "templates").glob("*.mk"), REPOSITORY / "Makefile.in", example.root / "Makefile"]
    for path in sources:
        assert not re.search(NEWER[feature], path.read_text(), re.MULTILINE), path


def test_built_in_rules_are_off(example: Project) -> None:
    (example.root / "Makefile.sh").write_text("echo made by a built-in rule\n")
    (example.root / "list.c").write_text("")
    done = example.make("-n", "-p", "help")
    assert done.status == 0
    assert "made by a built-in rule" not in (example.root / "Makefile").read_text()
    assert "%.o: %.c" not in done.out


def test_make_has_no_warning_about_the_makefile(example: Project) -> None:
    done = example.make("-n", "--warn-undefined-variables", "help")
    lines = [line for line in done.err.splitlines() if "MAKECMDGOALS" not in line and "LONGPOLE_" not in line]
    assert lines == []


def test_a_path_with_a_space_is_refused_with_a_message(tmp_path: Path) -> None:
    project = Project(tmp_path / "a b")
    project.write({"one": ""})
    done = project.make("test")
    assert done.status == 2
    assert f"{project.root}: make cannot work in a path with spaces; move the checkout" in done.err
    assert project.runs == []


@pytest.mark.parametrize("name", ["plain", "with-é", "a,b+c", "x'y", "a;b", "a&b(c)", "#hash", "100%", "do$$lar"])
def test_a_checkout_works_wherever_it_is_moved(project: Project, name: str) -> None:
    project.write({"one": "pwd"}, variants={"v": {"build": ["mkdir", "-p", "{target_dir}"]}})
    moved = project.root.parent / name
    project.root.rename(moved)
    project.root = moved
    done = project.make("test")
    assert done.status == 0, done.text
    assert project.log("test-v-one").decode() == f"{moved}\n"


def test_a_venv_inside_the_checkout_is_named_relative_to_it(project: Project) -> None:
    bin_ = project.root / ".venv" / "bin"
    bin_.mkdir(parents=True)
    (bin_ / "python").symlink_to(sys.executable)
    shutil.copy(Path(sys.prefix) / "pyvenv.cfg", project.root / ".venv")
    (project.root / ".venv" / "lib").symlink_to(Path(sys.prefix) / "lib")
    project.write({"one": ""})
    assert project.run(str(bin_ / "python"), "-m", "longpole", "render").status == 0
    assert "LONGPOLE_PYTHON = $(CURDIR)/.venv/bin/python\n" in (project.root / ".longpole" / "local.mk").read_text()


def touch(path: Path) -> None:
    """Make a file newer than whatever was rendered, however coarse the clock is."""
    later = max(os.stat(each).st_mtime for each in path.parent.rglob("*") if each.is_file()) + 10
    os.utime(path, (later, later))


def test_the_makefile_renders_itself_when_the_suite_changed(project: Project) -> None:
    project.write({"one": ""})
    suite = (project.root / "suite.yaml").read_text()
    (project.root / "units" / "two.sh").write_text("")
    (project.root / "suite.yaml").write_text(suite.replace('"one": {}', '"one": {}, "two": {}'))
    touch(project.root / "suite.yaml")
    assert project.make("test-v-two").status == 0
    assert set(project.statuses()) == {"v/two"}


def test_the_makefile_renders_itself_when_a_template_changed(project: Project) -> None:
    project.write({"one": ""})
    (project.root / "templates").mkdir()
    (project.root / "templates" / "project.mk").write_text("hello:\n\t@echo hello from a template\n")
    assert project.longpole("render").status == 0
    assert project.make("hello").out == "hello from a template\n"
    (project.root / "templates" / "project.mk").write_text("hello:\n\t@echo changed\n")
    touch(project.root / "templates" / "project.mk")
    assert project.make("hello").out.splitlines()[-1] == "changed"


def test_what_runs_teach_changes_the_order_and_no_rendered_file(project: Project) -> None:
    project.write({"quick": "", "slow": "sleep 0.1"}, modules={"quick": {"weight": 9}})
    files = [project.root / name for name in ("Makefile", ".longpole/plan.json", ".longpole/rendered")]
    before = [(path.read_bytes(), path.stat().st_mtime_ns) for path in files]
    assert started(project.make("-j1", "test")) == ["v/quick", "v/slow"]
    again = project.make("-j1", "test")
    assert started(again) == ["v/slow", "v/quick"]
    assert "wrote" not in again.text
    assert [(path.read_bytes(), path.stat().st_mtime_ns) for path in files] == before


def started(done: Done) -> list[str]:
    """The units of a run at -j1, in the order in which they were run."""
    return re.findall(r"^PASS (\S+)", done.out, re.MULTILINE)


def test_list_dry_run_and_single_targets_show_the_order_in_force(project: Project) -> None:
    project.write({"quick": "", "slow": "sleep 0.1", "other": ""}, modules={"quick": {"weight": 9}})
    listed = [line.split()[3] for line in project.make("list").out.splitlines()[:-1]]
    assert listed == ["v/quick", "v/other", "v/slow"]
    project.make("-j1", "test")
    listed = [line.split()[3] for line in project.make("list").out.splitlines()[:-1]]
    assert listed[0] == "v/slow"
    shown = re.findall(r"# (v/\S+)$", project.make("-n", "test").out, re.MULTILINE)
    assert shown == listed
    assert started(project.make("-j1", "test-v-quick", "test-v-slow")) == ["v/slow", "v/quick"]


def test_a_makefile_that_is_committed_works_in_a_fresh_clone(project: Project) -> None:
    project.write({"one": ""})
    shutil.rmtree(project.root / ".longpole")
    text = (project.root / "Makefile").read_text()
    assert str(project.root) not in text
    assert sys.prefix not in text
    done = project.make("test")
    assert done.status == 0, done.text
    assert (project.root / "Makefile").read_text() == text


def test_a_fresh_clone_without_longpole_says_so(project: Project) -> None:
    project.write({"one": ""})
    shutil.rmtree(project.root / ".longpole")
    done = project.make("test", PATH="/usr/bin:/bin")
    assert done.status == 2
    assert "longpole is not installed, or not in PATH" in done.err


def test_nothing_is_done_when_nothing_has_changed(project: Project) -> None:
    project.write({"one": ""})
    stamp = os.stat(project.root / ".longpole" / "rendered").st_mtime_ns
    text = project.make("--debug=b", "help").out
    assert "longpole render" not in text
    assert "Must remake" not in text.replace("Must remake target 'help'", "")
    assert os.stat(project.root / ".longpole" / "rendered").st_mtime_ns == stamp


def test_a_suite_that_became_wrong_stops_make_with_its_place(project: Project) -> None:
    project.write({"one": ""})
    (project.root / "suite.yaml").write_text("version: 1\nname: x\nmoduls: {}\n")
    touch(project.root / "suite.yaml")
    done = project.make("test")
    assert done.status == 2
    assert "suite.yaml:3:1: " in done.err
    assert "Traceback" not in done.text
    assert project.runs == []


HOSTILE_WORDS = [
    "$(shell touch canary)",
    "`touch canary`",
    "x\n\ttouch canary",
    "x\nall: ; touch canary",
    "'; touch canary; '",
    '"; touch canary; "',
    "&& touch canary",
    "$${IFS}",
    "#",
    "\\",
    "-",
    "@",
    "+",
    "a\\\nb",
    "\t",
    "",
    " ",
    "$(eval $(shell touch canary))",
    "é\u2028\U0001f40d",
    "endef\n",
    "\r\n",
    "{% raw %}{{ 7 * 7 }}{% endraw %}",
    "*",
    "~",
]
PRINT = "import sys, json, os; json.dump([sys.argv[2:], os.environ['HOSTILE']], open(sys.argv[1], 'w'))"


def yaml_text(value: object) -> str:
    """JSON, but for characters beyond U+FFFF, which YAML writes in one piece."""

    def whole(match: re.Match[str]) -> str:
        character = json.loads('"' + match[0] + '"')
        return f"\\U{ord(character):08x}"

    return re.sub(r"\\ud[89ab]..\\ud[c-f]..", whole, json.dumps(value))


@pytest.fixture
def hostile(project: Project) -> Project:
    """A legal suite whose every free text tries to break out, with names at the edge of what is allowed."""
    escaped = [word.replace("{", "{{").replace("}", "}}") for word in HOSTILE_WORDS]
    value = "\n".join(HOSTILE_WORDS)
    script = "printf '%s\\0' {target_dir} \"$HOSTILE\" >shell.out; : $(touch only-what-it-says)"
    suite = {
        "version": 1,
        "name": "_-.",
        "variants": {
            "_": {
                "target_dir": "a/@+,-.{variant}",
                "build": ["{python}", "-c", PRINT, "build.out", *escaped],
                "run": ["{python}", "-c", PRINT, "run.out", *escaped],
                "env": {"HOSTILE": value},
            },
            "0.-_" + "x" * 96: {
                "build": {"shell": script},
                "run": {"shell": script.replace("shell.out", "shell-run.out")},
                "env": {"HOSTILE": value},
            },
        },
        "modules": {"_.-": {"env": {"_": value}}, "y" * 100: {}, "9": {"seeds": 1}},
    }
    (project.root / "suite.yaml").write_text(yaml_text(suite))
    project.render()
    return project


def test_a_hostile_but_legal_suite_does_only_what_it_says(hostile: Project) -> None:
    done = hostile.make("-j2", "test")
    assert done.status == 0, done.text
    assert set(hostile.statuses().values()) == {"passed"}
    assert len(hostile.statuses()) == 6
    assert json.loads((hostile.root / "build.out").read_bytes()) == [HOSTILE_WORDS, "\n".join(HOSTILE_WORDS)]
    assert json.loads((hostile.root / "run.out").read_bytes()) == [HOSTILE_WORDS, "\n".join(HOSTILE_WORDS)]
    target_dir = "target-0.-_" + "x" * 96
    for name in ("shell.out", "shell-run.out"):
        assert (hostile.root / name).read_bytes().decode().split("\0")[:2] == [target_dir, "\n".join(HOSTILE_WORDS)]
    assert not (hostile.root / "canary").exists()
    made = {path.name for path in hostile.root.iterdir()}
    assert made == {
        "suite.yaml", "Makefile", ".longpole", "build.out", "run.out", "shell.out", "shell-run.out", "only-what-it-says"
    }  # fmt: skip


@pytest.mark.parametrize("goals", [["help"], ["list"], ["-n", "test"], ["build"], ["clean"], ["report"]])
def test_no_other_goal_lets_a_hostile_suite_out(hostile: Project, goals: list[str]) -> None:
    hostile.make(*goals)
    assert not (hostile.root / "canary").exists()


def test_make_n_shows_a_hostile_suite_in_words_that_can_be_pasted(hostile: Project) -> None:
    done = hostile.make("-n", "test")
    assert done.status == 0, done.text
    assert "run.out" in done.out
    assert not (hostile.root / "run.out").exists()


def test_makefile_text_is_stable_after_a_render_of_hostile_words(hostile: Project) -> None:
    assert hostile.longpole("render", "--check").status == 0
    assert all(not written for _, written in hostile.render())


def test_ten_thousand_units_render_and_make_reads_them(project: Project) -> None:
    suite = {
        "version": 1,
        "name": "many",
        "defaults": {"run": ["true"]},
        "variants": {f"v{number}": {} for number in range(5)},
        "modules": {"m": {"seeds": 2000, "chunks": 2000}},
    }
    (project.root / "suite.yaml").write_text(json.dumps(suite))
    project.render()
    done = subprocess.run(
        [tool("make"), "-n", "help"], cwd=project.root, env=project.environ, capture_output=True, check=True
    )
    assert b"many: 10000 units" in done.stdout


def test_a_state_directory_of_the_environment_is_not_rendered_into_the_makefile(example: Project) -> None:
    before = (example.root / "Makefile").read_text()
    assert example.longpole("render", LONGPOLE_STATE="elsewhere").status == 0
    assert (example.root / "Makefile").read_text() == before
    assert "elsewhere" not in before


def test_the_rendered_texts_are_all_told(example: Project) -> None:
    import contextlib

    with contextlib.chdir(example.root):
        texts = render(Outputs("suite.yaml", Path(".longpole"))).texts
    assert {str(path) for path in texts} == {"Makefile", ".longpole/plan.json", ".longpole/local.mk"}
