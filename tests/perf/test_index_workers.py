"""Files that several processes encode become the same as those that one does, whatever happens to the processes."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from longpole.perf import index_workers
from longpole.perf.branch_source import BranchSource
from longpole.perf.index_encode import Encoded
from longpole.perf.index_workers import encoded_files
from longpole.perf.model import Skip
from longpole.perf.sources import WithPacks
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.branches import Repository, files_of, packed
from tests.perf.results import COMMIT, RESULT, result
from tests.project import tool

FILES = {
    **files_of(*(result(reason=f"number {number}") for number in range(8))),
    **files_of(Skip("p", COMMIT, RESULT.measured_at, "why")),
    f"runs/p/2026/04/{0:064}.json": b"damaged",
}


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BranchSource:
    repository = Repository(tmp_path / "repository")
    in_pack = files_of(*(result(platform="packed", reason=f"number {number}") for number in range(4)))
    repository.commit({**FILES, **packed(in_pack)})
    monkeypatch.setattr(index_workers, "_MANY", 2)
    return BranchSource(repository.folder, "perf")


@pytest.fixture
def read_here(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that this process has read itself."""
    read, found = WithPacks.read, list[str]()

    def noting(self: WithPacks, paths: Iterable[str]) -> Iterator[tuple[str, bytes | UseError]]:
        for path, data in read(self, paths):
            found.append(path)
            yield path, data

    monkeypatch.setattr(WithPacks, "read", noting)
    return found


def by_path(files: Iterator[Encoded]) -> list[Encoded]:
    return sorted(files, key=lambda each: each.path)


def test_workers_say_what_one_process_does(source: BranchSource, read_here: list[str]) -> None:
    paths = list(source.files())
    found = by_path(encoded_files(source, paths, cores=3))
    assert read_here == []
    assert found == by_path(encoded_files(source, paths, cores=1))
    assert sorted(read_here) == sorted(paths)
    assert len(found) == len(FILES) + 4


@pytest.mark.parametrize("python", ["false", "true"])
def test_what_workers_leave_is_done_here(
    source: BranchSource, read_here: list[str], monkeypatch: pytest.MonkeyPatch, python: str
) -> None:
    monkeypatch.setattr(sys, "executable", tool(python))
    found = list(encoded_files(source, list(source.files()), cores=3))
    assert len(found) == len(read_here) == len(FILES) + 4


def test_what_a_worker_did_before_it_was_killed_is_not_done_twice(
    source: BranchSource, read_here: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = index_workers._answers
    monkeypatch.setattr(index_workers, "_answers", lambda output: iter([next(answers(output))[:2]]))
    found = list(encoded_files(source, list(source.files()), cores=3))
    assert len({file.path for file in found}) == len(found) == len(FILES) + 4
    assert len(read_here) == len(FILES) + 4 - 3 * 2


def test_few_files_need_no_workers(source: BranchSource, read_here: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_workers, "_MANY", 1000)
    assert len(list(encoded_files(source, list(source.files())))) == len(read_here)
