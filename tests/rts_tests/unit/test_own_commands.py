"""Where a unit is run, and a module's own command: `cwd` and `run`, in real runs."""

import json
import os
import sys
from dataclasses import dataclass

import pytest

from tests.project import Done, Project

pytestmark = pytest.mark.xdist_group("own-commands")  # one worker makes the run that all of it looks at

PROBE = "import json, os, sys; print(json.dumps([os.getcwd(), os.environ.get('PWD'), sys.argv[1:]]))"
ODD = "some folder/with 'quotes' $(and) more"


@dataclass(frozen=True)
class Placed:
    """One run of units in several folders."""

    project: Project
    done: Done

    def seen(self, target: str) -> tuple[str, str | None, list[str]]:
        """The folder below the project's own in which a unit ran, its PWD below the same, and its words."""
        where, pwd, words = json.loads(self.project.log(target))
        root = self.project.root
        return os.path.relpath(where, root), pwd and os.path.relpath(pwd, root), words


@pytest.fixture(scope="module")
def placed(tmp_path_factory: pytest.TempPathFactory) -> Placed:
    project = Project(tmp_path_factory.mktemp("placed") / "project")
    for folder in ("units", "out", "tests/b", ODD):
        (project.root / folder).mkdir(parents=True, exist_ok=True)
    (project.root / "artifact").write_bytes(b"the program")
    script = project.root / "tests" / "b" / "probe"
    script.write_text(f"#!{sys.executable}\n{PROBE}\n")
    script.chmod(0o755)
    (project.root / "bin").mkdir()
    (project.root / "bin" / "own-probe").symlink_to(script)
    project.write(
        {},
        defaults={
            "artifact": "artifact",
            "target_dir": "out",
            "run": [sys.executable, "-c", PROBE, "{artifact}", "{target_dir}"],
        },
        variants={"v": {}, "w": {"cwd": "tests/{module}", "target_dir": "elsewhere"}},
        modules={
            "a": {"only": ["v"]},
            "b": {},
            "own": {"only": ["v"], "run": ["./probe", "own", "{artifact}"], "cwd": "tests/b"},
            "shell": {"only": ["v"], "run": {"shell": "./probe {artifact} {module}"}, "cwd": "tests/./b/"},
            "odd": {"only": ["v"], "cwd": ODD},
            "back": {"only": ["w"], "cwd": "."},
            "built": {"only": ["v"], "cwd": "{target_dir}"},
            "path": {"only": ["v"], "run": ["own-probe", "found"], "env": {"PATH": f"{project.root}/bin"}},
            "no_path": {"only": ["v"], "run": ["sh", "-c", ":"], "env": {"PATH": f"{project.root}/bin"}},
            "missing": {"only": ["v"], "cwd": "not/there"},
            "file": {"only": ["v"], "cwd": "suite.yaml"},
        },
    )
    return Placed(project, project.make("-j2", "test"))


def test_without_cwd_a_unit_runs_in_the_suite_s_folder(placed: Placed) -> None:
    where, _, words = placed.seen("test-v-a")
    assert (where, words) == (".", ["artifact", "out"])
    assert placed.project.records()["v/a"]["cwd"] is None


def test_cwd_may_name_the_module_and_its_units_get_absolute_paths(placed: Placed) -> None:
    root = placed.project.root
    assert placed.seen("test-w-b") == ("tests/b", "tests/b", [f"{root}/artifact", f"{root}/elsewhere"])
    assert placed.project.records()["w/b"]["cwd"] == "tests/b"


def test_a_module_has_a_command_of_its_own_that_is_found_from_its_folder(placed: Placed) -> None:
    assert placed.seen("test-v-own") == ("tests/b", "tests/b", ["own", f"{placed.project.root}/artifact"])


def test_a_module_s_own_command_may_be_for_the_shell(placed: Placed) -> None:
    assert placed.seen("test-v-shell") == ("tests/b", "tests/b", [f"{placed.project.root}/artifact", "shell"])


def test_any_folder_will_do(placed: Placed) -> None:
    assert placed.seen("test-v-odd")[0] == ODD
    assert placed.seen("test-v-built")[0] == "out"
    assert placed.seen("test-w-back")[0] == "."


@pytest.mark.parametrize(
    ("unit", "reason"), [("v/missing", "No such file or directory"), ("v/file", "Not a directory")]
)
def test_a_folder_that_cannot_be_entered_is_an_error_that_names_it(placed: Placed, unit: str, reason: str) -> None:
    record = placed.project.records()[unit]
    assert record["status"] == "error"
    folder = {"v/missing": "not/there", "v/file": "suite.yaml"}[unit]
    assert record["note"] == f"the working directory {folder} cannot be entered: {reason}"


def test_the_program_is_looked_up_in_the_unit_s_path(placed: Placed) -> None:
    assert placed.seen("test-v-path")[2] == ["found"]
    record = placed.project.records()["v/no_path"]
    assert record["note"] == "sh cannot be executed: No such file or directory"


def test_the_supervisor_stays_where_it_is(placed: Placed) -> None:
    """Units beside and after those with a folder of their own ran where they should, and records are in place."""
    errors = {name for name, status in placed.project.statuses().items() if status != "passed"}
    assert errors == {"v/missing", "v/file", "v/no_path"}


def test_a_dry_run_shows_the_folder(placed: Placed) -> None:
    done = placed.project.make("-n", "test")
    assert f"(cd tests/b && ./probe own {placed.project.root}/artifact)  # v/own" in done.out
    assert "# v/a" in done.out
    assert "(cd . " not in done.out


def test_reproducing_a_unit_runs_it_in_its_folder(placed: Placed) -> None:
    assert placed.project.make("test-v-own").status == 0
    assert placed.seen("test-v-own")[0] == "tests/b"
