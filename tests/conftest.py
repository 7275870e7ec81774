"""Fixtures of all tests: an environment that the caller does not reach into, projects to run, and golden files.

Golden files are refreshed by `python -m pytest --update-golden`; look at the difference before you keep it.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.left_out import LEFT_OUT
from tests.project import Project

# A busy machine is no failure: nothing is timed in tests.
settings.register_profile("longpole", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "mutants",
    settings.get_profile("longpole"),
    max_examples=30,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)
settings.load_profile("longpole")

_FOREIGN = ("LONGPOLE_", "GITHUB_", "MAKE", "GIT_")
_STEERING = {
    "MFLAGS",
    "GNUMAKEFLAGS",
    "SEED",
    "FILTER",
    "SELECT",
    "SHARD",
    "FAIL_FAST",
    "NO_SKIP",
    "WARM",
    "NO_COLOR",
    "FORCE_COLOR",
    "CLICOLOR_FORCE",
    "CI",
    "TERM",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="Write tests/golden/ anew instead of comparing.")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more worker than cores: many tests wait for runs that wait."""
    return (os.cpu_count() or 1) + 1


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which tests were left out, and how to have them."""
    for line in config.stash.get(LEFT_OUT, []):
        terminalreporter.line(line, yellow=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start the slow tests first, so that no worker ends with one of them alone."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@pytest.fixture(scope="session", autouse=True)
def _own_environment() -> None:
    """Take away what steers make, git, Longpole and CI, so that the tests pass inside `make -j8 check` too."""
    for name in list(os.environ):
        if name.startswith(_FOREIGN) or name in _STEERING:
            del os.environ[name]


@pytest.fixture(autouse=True)
def _reset_environment(_own_environment: None) -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """An empty project in a folder of its own; what a failing test leaves running in it is ended."""
    made = Project(tmp_path / "project")
    yield made
    made.end()


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a golden file, or write it under `--update-golden`."""

    def check(name: str, text: str) -> None:
        path = Path(__file__).parent / "golden" / name
        if request.config.getoption("--update-golden"):
            path.write_bytes(text.encode())
        assert path.read_bytes().decode() == text, f"{path} differs; if that is meant, run pytest --update-golden"

    return check
