"""Real Nix, in a store of its own: what tests build neither needs nor changes the machine's /nix.

One store, one checkout and one stand-in for nixpkgs are shared by all tests of a session, so that what one has built
the next finds. A test that changes something clones the checkout first.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.nix.world import Nix, init, lock_inputs
from tests.project import REPOSITORY, tool

LEFT_OUT = pytest.StashKey[int]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what asks for `nix`; leave it out where there is none, unless nothing may be left out."""
    found = [item for item in items if "nix" in getattr(item, "fixturenames", ())]
    for item in found:
        item.add_marker("nix")
        item.add_marker("slow")
        item.add_marker(pytest.mark.xdist_group("nix"))  # one worker makes the store and what is in it, once
    if found and shutil.which("nix") is None and not os.environ.get("LONGPOLE_NO_SKIPS"):
        config.stash[LEFT_OUT] = len(found)
        config.hook.pytest_deselected(items=found)
        items[:] = [item for item in items if item not in found]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out, and how to have it."""
    if number := config.stash.get(LEFT_OUT, 0):
        terminalreporter.line(f"left out: {number} tests that need `nix` (Debian: apt install nix-bin)", yellow=True)


@pytest.fixture(scope="session")
def nix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nix]:
    home = tmp_path_factory.mktemp("nix")
    standin = home / "host-nixpkgs"
    shutil.copytree(REPOSITORY / "tests/nix/host-nixpkgs", standin)
    (standin / "python").write_text(f"{sys.executable}\n")
    (home / "etc").mkdir()
    yield Nix(home, standin)
    subprocess.run(["chmod", "-R", "u+w", str(home)], check=False)  # a store is read-only, also for who removes it
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This repository as it is in the working tree, committed: what the flake sees of a clean clone."""
    folder = tmp_path_factory.mktemp("checkout") / "longpole"
    listed = [tool("git"), "-C", str(REPOSITORY), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split("\0"):
        source = REPOSITORY / name
        if name and (source.is_file() or source.is_symlink()):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, folder / name, follow_symlinks=False)
    init(folder)
    return folder


@pytest.fixture
def clone(checkout: Path, tmp_path: Path) -> Callable[[], Path]:
    """Make a copy of the checkout that may be changed."""
    numbers = iter(range(100))

    def make() -> Path:
        folder = tmp_path / f"clone-{next(numbers)}"
        subprocess.run([tool("git"), "clone", "--quiet", str(checkout), str(folder)], check=True)
        return folder

    return make


@pytest.fixture
def adopter(nix: Nix, checkout: Path, tmp_path: Path) -> Path:
    """examples/nix-adopter on its own, its inputs locked to the checkout and the stand-in, committed."""
    folder = tmp_path / "calc"
    shutil.copytree(checkout / "examples/nix-adopter", folder)
    lock_inputs(nix, folder, checkout)
    return folder
