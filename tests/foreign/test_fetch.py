"""Fetching is tried again, checks what it got, and leaves nothing behind that is not whole."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.foreign import fetch, table
from tests.foreign.table import FOREIGN, Foreign


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for module in (table, fetch):
        monkeypatch.setattr(module, "CACHE", tmp_path)
    return tmp_path


def _with_client(monkeypatch: pytest.MonkeyPatch, outcomes: list[str]) -> Foreign:
    """A project whose client fails with these messages, and succeeds when there is none."""

    def client(_project: Foreign, folder: Path) -> Path:
        (folder / "half").mkdir()
        if outcomes:
            raise fetch.CannotFetch(outcomes.pop(0))
        return folder / "half"

    monkeypatch.setitem(fetch.CLIENTS, "fake", client)
    return replace(FOREIGN[0], client="fake")


def test_a_failed_try_is_repeated(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = _with_client(monkeypatch, ["timeout", "timeout"])
    pauses: list[float] = []
    fetch.fetch(project, pauses.append)
    assert pauses == [fetch.PAUSE_S, 2 * fetch.PAUSE_S]
    assert [path.name for path in cache.iterdir()] == [project.id]


def test_a_registry_that_fails_is_named_and_nothing_is_left(
    cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = _with_client(monkeypatch, ["no network"] * fetch.TRIES)
    assert fetch.main([project], lambda _: None) == 1
    assert capsys.readouterr().err == f"foreign: {project.id} cannot be fetched: no network\n"
    assert list(cache.iterdir()) == []


def test_a_client_that_fails_is_quoted(tmp_path: Path) -> None:
    with pytest.raises(fetch.CannotFetch, match="exit status 3\n    why"):
        fetch._run(tmp_path, "sh", "-c", "echo why >&2; exit 3")
    with pytest.raises(fetch.CannotFetch, match="no-such-client: No such file"):
        fetch._run(tmp_path, "no-such-client")


def test_another_source_of_the_same_name_is_refused() -> None:
    with pytest.raises(fetch.CannotFetch, match="so it is another source"):
        fetch._compare(FOREIGN[0], '"00"\n')
    fetch._compare(FOREIGN[0], f'"{FOREIGN[0].digest}"\n')


def test_there_are_two_projects_of_cargo_go_and_pytest_at_least_each_with_a_digest() -> None:
    runners = [project.runner for project in FOREIGN]
    assert all(runners.count(runner) >= 2 for runner in ("cargo", "go", "pytest"))
    assert {"ctest", "meson"} <= set(runners)
    assert all(project.digest for project in FOREIGN)
    assert len({project.id for project in FOREIGN}) == len(FOREIGN)
