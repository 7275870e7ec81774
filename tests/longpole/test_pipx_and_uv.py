"""Longpole installed by the real pipx and uv, for a user whose home is empty."""

import shutil
import sys
from pathlib import Path

import pytest

from longpole.version import VERSION
from tests.longpole.installed import build, wheels_of_dependencies
from tests.longpole.test_wheel import SHARE
from tests.project import REPOSITORY, Project

pytestmark = pytest.mark.slow

INSTALLERS = {"pipx": ["pipx"], "uv": ["uv", "tool"]}


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of Longpole, and those of all that it needs."""
    folder = tmp_path_factory.mktemp("wheels")
    build("wheel", folder)
    wheels_of_dependencies(folder)
    return folder


@pytest.fixture(params=INSTALLERS)
def user(request: pytest.FixtureRequest, tmp_path: Path, wheels: Path) -> Project:
    """A project of a user who typed `pipx install WHEEL`, or `uv tool install WHEEL`."""
    home = tmp_path / "home"
    home.mkdir()
    offline = {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "UV_OFFLINE": "1",
        "UV_FIND_LINKS": str(wheels),
        "UV_NO_CONFIG": "1",
        "UV_PYTHON": getattr(sys, "_base_executable", sys.executable),
        "UV_PYTHON_DOWNLOADS": "never",
    }
    path = f"{home}/.local/bin:/usr/bin:/bin"
    project = Project(tmp_path / "project", {"HOME": str(home), "PATH": path, **offline})
    program, *words = INSTALLERS[request.param]
    installer = Path(sys.executable).parent / program
    (wheel,) = wheels.glob("longpole-*.whl")
    done = project.run(str(installer), *words, "install", str(wheel))
    assert done.status == 0, done.text
    return project


def test_the_command_is_on_the_path_and_runs_a_suite(user: Project) -> None:
    home = Path(user.environ["HOME"])
    found = shutil.which("longpole", path=user.environ["PATH"])
    assert found == f"{home}/.local/bin/longpole"
    assert user.run("longpole", "--version").out == f"longpole, version {VERSION}\n"
    (user.root / "suite.yaml").write_text(
        'version: 1\nname: theirs\ndefaults: {build: ["true"]}\nvariants: {v: {}}\nmodules: {m: {run: ["true"]}}\n'
    )
    done = user.run("longpole", "render")
    assert done.status == 0, done.text
    done = user.make("test")
    assert done.status == 0, done.text
    assert user.statuses() == {"v/m": "passed"}


def test_the_manual_page_and_the_completions_are_in_the_home(user: Project) -> None:
    """pipx links them below ~/.local/share, where shells and man look; uv leaves them in the tool's own folder."""
    home = Path(user.environ["HOME"])
    share = home / ".local/share"
    own = share if (share / "man").exists() else share / "uv/tools/longpole/share"
    for name, source in SHARE.items():
        assert (own / name).read_bytes() == (REPOSITORY / "longpole" / source).read_bytes()
