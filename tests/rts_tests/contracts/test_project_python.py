"""`{python}` is the project's Python, in builds and in units alike; Longpole's own stays its own."""

import json
import os
import sys
import venv
from pathlib import Path
from typing import Any

import pytest
import wasmtime

from longpole.rts_tests.contracts.project_python import project_python
from tests.project import Project


def python_in(home: Path) -> str:
    """Make what looks like an environment."""
    python = home / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    return str(python)


def test_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    environ: dict[str, str] = {}
    assert project_python(environ, None) == sys.executable
    assert project_python(environ, "python3.12") == "python3.12"
    assert project_python(environ, "tools/python") == str(tmp_path / "tools/python")
    assert project_python(environ, "/usr/bin/python3") == "/usr/bin/python3"
    environ["CONDA_PREFIX"] = str(tmp_path / "conda")
    assert project_python(environ, "x") == "x", "there is no such environment"
    conda = python_in(tmp_path / "conda")
    assert project_python(environ, "x") == conda
    active = python_in(tmp_path / "active")
    environ["VIRTUAL_ENV"] = str(tmp_path / "active")
    assert project_python(environ, "x") == active
    own = python_in(tmp_path / ".venv")
    assert project_python(environ, "x") == own


@pytest.mark.parametrize("value", ["", " ", "relative/none", "/nowhere"])
def test_what_is_no_environment_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.chdir(tmp_path)
    assert project_python({"VIRTUAL_ENV": value}, None) == sys.executable


def test_an_environment_whose_path_make_cannot_read_is_passed_over_by_runs_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    python_in(tmp_path / "my env")
    assert project_python({"VIRTUAL_ENV": str(tmp_path / "my env")}, None) == sys.executable


@pytest.fixture
def printing(project: Project) -> Project:
    """A project whose build and whose unit print their Python."""
    print_it = "import sys; open(sys.argv[1], 'w').write(sys.executable)"
    return project.write(
        {"one": ""},
        modules={"one": {"run": ["{python}", "-c", print_it, "unit"]}},
        defaults={"build": ["{python}", "-c", print_it, "built"]},
        limits={"python": "tools/python"},
    )


def pythons(project: Project, **environ: str) -> set[str]:
    """The Pythons of a build and a unit in a run."""
    done = project.make("test", **environ)
    assert done.status == 0, done.text
    return {(project.root / name).read_text() for name in ("built", "unit")}


def test_builds_and_units_have_the_same_python(printing: Project) -> None:
    configured = python_in(printing.root / "tools")
    os.rename(printing.root / "tools" / "bin" / "python", printing.root / "tools" / "python")
    assert pythons(printing) == {configured.replace("/bin/", "/")}
    active = python_in(printing.root.parent / "active")
    assert pythons(printing, VIRTUAL_ENV=str(printing.root.parent / "active")) == {active}
    own = python_in(printing.root / ".venv")
    assert pythons(printing, VIRTUAL_ENV=str(printing.root.parent / "active")) == {own}
    shown = printing.make("-n", "test")
    commands = [line for line in shown.out.splitlines() if line.startswith(f"{own} -c")]
    assert len(commands) == 2, shown.out


def test_without_any_it_is_longpole_s_own(project: Project) -> None:
    project.write({"one": ""}, modules={"one": {"run": ["{python}", "-c", "import sys; print(sys.executable)"]}})
    assert project.make("test").status == 0
    assert project.log("test-v-one").decode().strip() == sys.executable


def test_wasm_calls_and_longpole_s_commands_run_in_its_own(project: Project) -> None:
    """The project's environment has neither Longpole nor the engine."""
    venv.create(project.root / ".venv", with_pip=False)
    wat = '(module (func (export "test_one") (param i64 i64)))'
    (project.root / "tests.wasm").write_bytes(wasmtime.wat2wasm(wat))
    suite: dict[str, Any] = {
        "version": 1,
        "name": "own",
        "defaults": {
            "artifact": "{target_dir}/tests.cwasm",
            "run": {"wasm": "{artifact}", "call": "test_{module}", "args": [1, 2]},
        },
        "variants": {
            "module": {"build": ["{python}", "-EPm", "longpole", "precompile", "tests.wasm", "{artifact}"]},
            "shell": {
                "build": {"shell": "{longpole_python} -EPm longpole precompile tests.wasm {artifact}"},
                "warm": False,
            },
        },
        "modules": {"one": {}},
    }
    (project.root / "suite.yaml").write_text(json.dumps(suite))
    project.render()
    done = project.make("-j2", "test")
    assert (done.status, set(project.statuses().values())) == (0, {"passed"}), done.text
