"""Our names and the user's: neither stands in for the other, wherever the user keeps his."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import wasmtime

from longpole.version import VERSION
from tests.longpole.installed import build, install
from tests.project import Done, Project
from tests.tiers import slow

FOLDERS = ("gen", "perf", "rts_tests")
"""What folders of our repository are called, and could be of anybody's."""
LIBRARIES = ("longpole", "click", "jinja2", "yaml", "pydantic", "filelock", "wasmtime")
"""What we import, Longpole itself included."""

NOTE = """
import os, sys
with open({log!r}, "a") as log:
    print(__name__, "by", os.environ.get("LONGPOLE_UNIT") or sys.orig_argv, file=log)
MARK = "theirs"
"""
SEES = "import gen, perf, rts_tests, os; print(gen.MARK, perf.MARK, rts_tests.MARK, os.environ.get('PYTHONPATH'))"
WAT = '(module (import "host" "print" (func (param i32 i32))) (func (export "test_sees") (param i64 i64)))'
SUITE = {
    "version": 1,
    "name": "names",
    "variants": {
        "warm": {
            "warm": True,
            "artifact": "tests.cwasm",
            "build": ["{python}", "-EPm", "longpole.rts_tests.warm.precompile", "tests.wasm", "{artifact}"],
            "run": ["{python}", "-m", "rts_tests.warm.wasm", "{artifact}", "test_{module}", "1", "1"],
        },
        "python": {"run": ["{python}", "-c", SEES]},
        "shell": {"run": ["sh", "-c", "pwd; exit 1"]},
    },
    "modules": {"sees": {}},
}


class Theirs(Project):
    """A project of warm, of Python and of shell units; `home` is the environment that Longpole is installed in."""

    def __init__(self, root: Path, home: Path) -> None:
        super().__init__(root / "project", {"PATH": f"{home}/bin:{os.environ['PATH']}"})
        self.python = str(home / "bin" / "python")
        self.imported = root / "imported"
        (self.root / "tests.wasm").write_bytes(wasmtime.wat2wasm(WAT))
        (self.root / "suite.yaml").write_text(json.dumps(SUITE))

    def keep(self, folder: Path, *, as_packages: bool = False) -> None:
        """Put packages and modules with our names into `folder`; each notes who imports it."""
        folder.mkdir(exist_ok=True)
        names = {*FOLDERS, *(LIBRARIES if as_packages else ())}
        for name in names:
            (folder / name).mkdir()
        for name in (*FOLDERS, *LIBRARIES):
            path = folder / name / "__init__.py" if name in names else folder / f"{name}.py"
            path.write_text(NOTE.format(log=str(self.imported)))

    def importers(self) -> set[str]:
        """Who imported what is the user's: the ids of units, or the arguments of programs."""
        if not self.imported.exists():
            return set()
        return {line.partition(" by ")[2] for line in self.imported.read_text().splitlines()}

    def script(self, *argv: str) -> Done:
        """Run the command as it is installed, along PATH."""
        return self.run("longpole", *argv)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(params=["modules on PYTHONPATH", *slow("folder", "packages on PYTHONPATH", "environment")])
def theirs(request: pytest.FixtureRequest, wheel: Path, tmp_path: Path) -> Iterator[Theirs]:
    """A project with such names beside its Makefile, on PYTHONPATH, or in its virtual environment."""
    packages = install(wheel, tmp_path / "venv")
    project = Theirs(tmp_path, tmp_path / "venv")
    match request.param:
        case "folder":
            project.keep(project.root)
        case "environment":
            project.keep(packages)
        case kind:
            project.keep(tmp_path / "theirs", as_packages=kind.startswith("packages"))
            project.environ["PYTHONPATH"] = str(tmp_path / "theirs")
    yield project
    project.end()


def test_every_command_is_ours_and_every_unit_sees_what_is_theirs(theirs: Theirs) -> None:
    assert theirs.script("--version").out == f"longpole, version {VERSION}\n"
    done = theirs.script("render")
    assert done.status == 0, done.text
    assert theirs.script("list").out == theirs.run(theirs.python, "-EPm", "longpole", "list").out

    done = theirs.make("-j2", "test")
    assert theirs.statuses() == {"warm/sees": "passed", "python/sees": "passed", "shell/sees": "failed"}, done.text
    assert theirs.log("test-python-sees").decode() == f"theirs theirs theirs {theirs.environ.get('PYTHONPATH')}\n"
    assert theirs.log("test-shell-sees").decode() == f"{theirs.root}\n"

    theirs.make("retest")
    assert theirs.statuses() == {"shell/sees": "failed"}
    for unit in ("python/sees", "warm/sees"):
        done = theirs.script("stress", unit, "--count", "2")
        assert done.status == 0, done.text
    assert theirs.importers() == {"python/sees", "python/sees#1", "python/sees#2"}


def test_python_m_takes_no_library_from_pythonpath_or_from_the_current_folder(wheel: Path, tmp_path: Path) -> None:
    """Without -E and -P, Python looks for Longpole itself there, which is not for us to prevent."""
    install(wheel, tmp_path / "venv")
    project = Theirs(tmp_path, tmp_path / "venv")
    for folder in (project.root, tmp_path / "theirs"):
        project.keep(folder)
        (folder / "longpole.py").unlink()
    done = project.longpole("render", PYTHONPATH=str(tmp_path / "theirs"))
    assert done.status == 0, done.text
    assert project.importers() == set()


def test_what_is_on_pythonpath_alone_is_found_there(wheel: Path, tmp_path: Path) -> None:
    """As after `pip install --target`: Longpole and its dependencies are nowhere else."""
    packages = install(wheel, tmp_path / "venv")
    target = packages.rename(tmp_path / "target")
    packages.mkdir()
    project = Theirs(tmp_path, tmp_path / "venv")
    done = project.run("longpole", "list", PYTHONPATH=str(target))
    assert done.status == 0, done.text


def test_a_folder_that_was_removed_is_no_error_of_ours(wheel: Path, tmp_path: Path) -> None:
    install(wheel, tmp_path / "venv")
    project = Theirs(tmp_path, tmp_path / "venv")
    done = project.run("sh", "-c", "mkdir gone && cd gone && rmdir ../gone && longpole list", PYTHONPATH="/nowhere")
    assert (done.status, "Traceback" in done.err) == (2, False), done.text
    assert "suite.yaml: there is no such file" in done.err
