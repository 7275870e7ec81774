"""Projects to adopt, and the clients that adapters call."""

import importlib.util
import os
import pwd
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

from tests.project import REPOSITORY, Project, tool


@pytest.fixture
def empty(project: Project) -> Project:
    """A folder without a suite."""
    for name in os.listdir(project.root):
        if name in ("suite.yaml", "Makefile"):
            (project.root / name).unlink()
    return project


def write(root: Path, files: Mapping[str, str]) -> None:
    """Write files by their paths below `root`."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def adopted(project: Project) -> str:
    """Write the suite, and run it without an edit; the suite's text."""
    done = project.longpole("init")
    assert done.status == 0, done.text
    assert project.longpole("render").status == 0
    made = project.make("-j2", "test")
    assert made.status == 0, made.text
    assert "jobserver" not in made.text
    return (project.root / "suite.yaml").read_text()


def with_rust(project: Project) -> None:
    """Let a project's commands use the Rust of this user, whatever HOME is."""
    tool("cargo")
    project.environ.update(rust_environ())


def rust_environ() -> dict[str, str]:
    """The environment variables that say where the Rust of this user is, whatever HOME is."""
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    places = {
        name: os.environ.get(name) or str(home / folder)
        for name, folder in (("RUSTUP_HOME", ".rustup"), ("CARGO_HOME", ".cargo"))
    }
    return {name: place for name, place in places.items() if os.path.isdir(place)}


def go_program() -> str | None:
    """The path of go, which may be where its own installer puts it; None if it is missing."""
    return shutil.which("go", path=f"{os.environ['PATH']}:/usr/local/go/bin")


def with_go(project: Project) -> None:
    """Let a project's commands use Go, without a network.

    What is built of Go's own library is shared with this user.
    """
    found = go_program()
    if found is None:
        raise RuntimeError("these tests need `go`; install it")
    project.environ["PATH"] = f"{project.environ['PATH']}:{os.path.dirname(found)}"
    home = pwd.getpwuid(os.getuid()).pw_dir
    project.environ["GOCACHE"] = os.environ.get("GOCACHE") or f"{home}/.cache/go-build"
    project.environ.update(GOFLAGS="-buildvcs=false", GOPROXY="off", GOTOOLCHAIN="local")


def cargo_client() -> ModuleType:
    """The client that builds the tests of Cargo."""
    return _client("cargo")


def ctest_client() -> ModuleType:
    """The client that builds projects of CMake."""
    return _client("ctest")


def go_client() -> ModuleType:
    """The client that builds the tests of Go."""
    return _client("go")


def meson_client() -> ModuleType:
    """The client that builds projects of Meson."""
    return _client("meson")


def maven_client() -> ModuleType:
    """The client that lets Maven prepare tests."""
    folder = str(REPOSITORY / "clients/maven")
    if folder not in sys.path:
        sys.path.append(folder)  # the client's other module is beside it
    return _client("maven")


def _client(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"{name}_client", REPOSITORY / f"clients/{name}/__main__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
