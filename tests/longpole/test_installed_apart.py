"""Longpole installed apart from the project, as pipx and uv do: an environment of its own, a link in ~/.local/bin."""

import json
import os
import venv
from pathlib import Path

import pytest
import wasmtime

from tests.longpole.installed import build, install
from tests.project import Project

pytestmark = pytest.mark.slow

SUITE = {
    "version": 1,
    "name": "apart",
    "steps": {"clients": {"build": ["cp", "-R", "{clients}", "{output}"], "output": "clients"}},
    "defaults": {
        "need": ["clients"],
        "build": ["{python}", "-c", "import sys; open('built', 'w').write(sys.prefix)"],
    },
    "variants": {"v": {}},
    "modules": {
        "theirs": {"run": ["{python}", "-c", "import sys; print(sys.prefix, flush=True); import longpole"]},
        "call": {"run": {"wasm": "tests.cwasm", "call": "run"}},
    },
}


def test_the_project_s_python_and_longpole_s_are_two(tmp_path: Path) -> None:
    home = tmp_path / "home"
    own = home / ".local" / "share" / "tools" / "longpole"
    packages = install(build("wheel", tmp_path / "wheel"), own)
    links = home / ".local" / "bin"
    links.mkdir(parents=True)
    (links / "longpole").symlink_to(own / "bin" / "longpole")
    project = Project(tmp_path / "project", {"HOME": str(home), "PATH": f"{links}:/usr/bin:/bin"})
    venv.create(project.root / ".venv", with_pip=False)
    (project.root / "tests.wasm").write_bytes(wasmtime.wat2wasm('(module (func (export "run")))'))
    (project.root / "suite.yaml").write_text(json.dumps(SUITE))
    for argv in (["precompile", "tests.wasm", "tests.cwasm"], ["render"]):
        done = project.run("longpole", *argv)
        assert done.status == 0, done.text

    done = project.make("test")
    assert project.statuses() == {"v/theirs": "failed", "v/call": "passed"}, done.text
    theirs = str(project.root / ".venv")
    assert (project.root / "built").read_text() == theirs
    first, *_, last = project.log("test-v-theirs").decode().splitlines()
    assert first == theirs
    assert last == "ModuleNotFoundError: No module named 'longpole'"

    assert (project.root / "clients/pytest/__main__.py").is_file()
    local = (project.root / ".longpole" / "local.mk").read_text()
    assert f"LONGPOLE_CLIENTS = {os.path.realpath(packages)}/longpole/clients\n" in local
    assert f"LONGPOLE_PYTHON = {os.path.realpath(own)}/bin/python\n" in local
