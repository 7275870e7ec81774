"""Real Nix, in a store of its own: what tests build neither needs nor changes the machine's /nix.

One store, one checkout and one stand-in for nixpkgs are shared by all tests of a session, so that what one has built
the next finds. A test that changes something clones the checkout first.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.left_out import leave_out
from tests.nix.world import Nix, init, lock_inputs
from tests.project import REPOSITORY, tool


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what asks for `nix`; leave it out where there is none."""
    found = [item for item in items if "nix" in getattr(item, "fixturenames", ())]
    for item in found:
        item.add_marker("nix")
        item.add_marker("slow")
        item.add_marker(pytest.mark.xdist_group("nix"))  # one worker makes the store and what is in it, once
    leave_out(config, items, found, "`nix` (Debian: apt install nix-bin)" if shutil.which("nix") is None else None)


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
