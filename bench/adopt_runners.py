"""The projects' own runners, at as many jobs as Longpole: what builds their tests, and what is compared."""

import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from bench.measure import jobs
from bench.tools import find

Argv = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Commands:
    """What builds the tests, command after command, and the runners by name; `left_out` are those that are missing."""

    build: tuple[Argv, ...]
    runners: Mapping[str, Argv]
    left_out: tuple[str, ...] = ()


def _ctest(folder: Path) -> Commands:
    configure = ("cmake", "-S", ".", "-B", "build", "-DCMAKE_BUILD_TYPE=Debug")
    build = ("cmake", "--build", "build", "--parallel", str(jobs()))
    test = ("ctest", "--test-dir", "build", f"-j{jobs()}")
    return Commands((configure, build), {f"ctest -j{jobs()}": test})


def _meson(folder: Path) -> Commands:
    meson = find("meson") or "meson"
    build = ((meson, "setup", "build"), (meson, "compile", "-C", "build"))
    test = (meson, "test", "-C", "build", "--num-processes", str(jobs()))
    return Commands(build, {f"meson test --num-processes {jobs()}": test})


def _cargo(folder: Path) -> Commands:
    """cargo-nextest runs no doctests; where there are any, Cargo runs them behind it, as its users do."""
    words = ("--workspace",) if _packages(folder) > 1 else ()
    test = ("env", f"RUST_TEST_THREADS={jobs()}", "cargo", "test", *words)
    build = (("cargo", "test", "--no-run", *words),)
    if find("cargo-nextest") is None:
        return Commands(build, {"cargo test": test}, ("nextest: cargo-nextest is not installed",))
    run: Argv = (find("cargo-nextest") or "", "nextest", "run", f"-j{jobs()}", *words)
    if _has_doctests(folder, words):
        run = ("sh", "-c", f"{shlex.join(run)} && {shlex.join(('cargo', 'test', '--doc', *words))}")
    return Commands(build, {"cargo test": test, "cargo nextest": run})


def _packages(folder: Path) -> int:
    command = ["cargo", "metadata", "--no-deps", "--format-version", "1"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    return len(json.loads(done.stdout)["packages"]) if done.returncode == 0 else 1


def _has_doctests(folder: Path, words: Argv) -> bool:
    command = ["cargo", "test", "--doc", *words, "--", "--list", "--format", "terse"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    return b": test" in done.stdout


def _go(folder: Path) -> Commands:
    test = ("go", "test", "-p", str(jobs()), "-count=1", "./...")
    return Commands((("go", "test", "-run", "^$", "./..."),), {f"go test -p {jobs()}": test})


def _pytest(folder: Path) -> Commands:
    own = folder / ".venv/bin/python"
    python = str(own) if own.exists() else sys.executable
    test = (python, "-m", "pytest", "-q")
    runners: dict[str, Argv] = {"pytest": test}
    has_xdist = not own.exists() and find_spec("xdist") is not None
    if own.exists():
        done = subprocess.run([python, "-c", "import xdist"], capture_output=True, check=False)
        has_xdist = done.returncode == 0
    if has_xdist:
        runners = {f"pytest -n{jobs()}": (*test, f"-n{jobs()}"), "pytest": (*test, "-n0")}
    return Commands((), runners, () if has_xdist else ("pytest -n: pytest-xdist is not installed",))


@dataclass(frozen=True, slots=True)
class Runner:
    """The tool that must be there, and the commands in a folder."""

    tool: str
    commands: Callable[[Path], Commands]


RUNNERS = {
    "cargo": Runner("cargo", _cargo),
    "ctest": Runner("ctest", _ctest),
    "go": Runner("go", _go),
    "meson": Runner("meson", _meson),
    "pytest": Runner("python3", _pytest),
}
"""By the names of `longpole init --from`."""
