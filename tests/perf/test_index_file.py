"""The database of an index is brought up to date by what is new, and thrown away whenever it does not fit."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from longpole.perf import index_file
from longpole.perf.branch_source import BranchSource
from longpole.perf.index import Index
from longpole.perf.index_tables import USER_VERSION
from longpole.perf.model import VERSION
from longpole.perf.sources import FolderSource
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.branches import Repository, files_of, packed, write
from tests.perf.results import result

ITEMS = [result(reason=f"number {number}") for number in range(6)]
FILES = [files_of(item) for item in ITEMS]


class Counting(BranchSource):
    """A branch that says what was read of it."""

    def __init__(self, repository: Repository) -> None:
        super().__init__(repository.folder, "perf")
        self.was_read: list[str] = []

    def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | UseError]]:
        for path, data in super().read(paths):
            self.was_read.append(path)
            yield path, data


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def reasons(index: Index) -> list[str]:
    return sorted(str(run.reason) for run in index.runs())


def numbers(*which: int) -> list[str]:
    return [f"number {number}" for number in which]


def opened(repository: Repository, state: Path) -> tuple[Index, list[str]]:
    """The index, and what was read of the branch for it."""
    source = Counting(repository)
    return Index.open(source, state), source.was_read


def database(state: Path) -> Path:
    (path,) = state.glob("*.sqlite")
    return path


def test_only_what_is_new_is_read(repository: Repository, state: Path) -> None:
    repository.commit({**FILES[0], **FILES[1]})
    assert opened(repository, state)[1] == sorted([*FILES[0], *FILES[1]])
    assert opened(repository, state)[1] == []
    repository.commit(FILES[2])
    index, was_read = opened(repository, state)
    assert was_read == [*FILES[2]]
    assert reasons(index) == numbers(0, 1, 2)
    assert opened(repository, state)[1] == []


def test_what_the_branch_has_no_more_is_forgotten(repository: Repository, state: Path) -> None:
    repository.commit({**FILES[0], **FILES[1]})
    opened(repository, state)
    repository.commit(FILES[2], remove=FILES[0])
    assert reasons(opened(repository, state)[0]) == numbers(1, 2)


def test_a_branch_that_was_made_anew_is_indexed_anew(repository: Repository, state: Path) -> None:
    repository.commit({**FILES[0], **FILES[1]})
    opened(repository, state)
    repository.git("update-ref", "-d", "refs/heads/perf")
    repository.git("reflog", "expire", "--expire=now", "--all")
    repository.git("gc", "-q", "--prune=now")
    repository.commit({**FILES[1], **FILES[2]})
    assert reasons(opened(repository, state)[0]) == numbers(1, 2)


def test_packing_reads_and_changes_nothing(repository: Repository, state: Path) -> None:
    repository.commit({**FILES[0], **FILES[1]})
    before = opened(repository, state)[0].runs()
    repository.commit(packed({**FILES[0], **FILES[1]}), remove=[*FILES[0], *FILES[1]])
    index, was_read = opened(repository, state)
    assert (index.runs(), was_read) == (before, [])


STEPS = st.lists(st.tuples(st.sets(st.integers(0, 5)), st.sets(st.integers(0, 5))), min_size=1, max_size=4)


@settings(max_examples=30)
@given(STEPS)
def test_however_a_folder_changes_the_index_holds_what_is_there(steps: list[tuple[set[int], set[int]]]) -> None:
    """Each step says which results are there as files, and which in a pack."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for loose, in_packs in steps:
            results = folder / "results"
            subprocess.run(["rm", "-rf", results], check=True)
            results.mkdir()
            for number in loose:
                write(results, FILES[number])
            write(results, packed({path: data for number in in_packs for path, data in FILES[number].items()}))
            index = Index.open(FolderSource(results), folder / "state")
            assert reasons(index) == numbers(*sorted(loose | in_packs))
            assert len(index.points()) == len(loose | in_packs)


def test_files_of_a_folder_that_were_indexed_are_not_read_again(tmp_path: Path, state: Path) -> None:
    Index.open(FolderSource(write(tmp_path / "r", FILES[0])), state)
    (was_indexed,) = FILES[0]
    source = FolderSource(write(tmp_path / "r", FILES[1]))
    (tmp_path / "r" / was_indexed).chmod(0)
    (tmp_path / "r" / was_indexed).rename(tmp_path / "elsewhere")
    assert reasons(Index.open(source, state)) == numbers(0, 1)


def test_sources_have_indexes_of_their_own(tmp_path: Path, state: Path) -> None:
    for number, name in enumerate("ab"):
        Index.open(FolderSource(write(tmp_path / name, FILES[number])), state)
    assert len(list(state.glob("*.sqlite"))) == 2
    assert reasons(Index.open(FolderSource(tmp_path / "a"), state)) == numbers(0)


def damage_by_another_schema(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 1")
        connection.execute("UPDATE runs SET reason = 'means something else'")
    connection.close()


def damage_tables(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE runs")
    connection.close()


def damage_all(path: Path) -> None:
    path.write_bytes(b"garbage" * 3000)


def damage_all_but_the_first_pages(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:8192] + bytes(len(data) - 8192))


def damage_the_end(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def damage_to_nothing(path: Path) -> None:
    os.truncate(path, 0)


def damage_by_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def damage_by_another_journal(path: Path) -> None:
    Path(f"{path}-journal").write_bytes(bytes.fromhex("d9d505f920a163d7") + bytes(5000))


DAMAGES = [value for name, value in sorted(globals().items()) if name.startswith("damage_")]


@pytest.mark.parametrize("damage", DAMAGES)
def test_an_index_that_does_not_fit_is_made_anew(
    repository: Repository, state: Path, damage: Callable[[Path], None], capfd: pytest.CaptureFixture[str]
) -> None:
    repository.commit({**FILES[0], **FILES[1]})
    opened(repository, state)
    damage(database(state))
    for number in (2, 3):
        index, _ = opened(repository, state)
        assert reasons(index) == numbers(*range(number))
        assert len(index.points()) == number
        repository.commit(FILES[number])
    assert capfd.readouterr() == ("", "")


def test_damage_that_a_question_meets_is_mended(repository: Repository, state: Path) -> None:
    repository.commit({**FILES[0], **FILES[1]})
    opened(repository, state)
    repository.commit(FILES[2])
    index, _ = opened(repository, state)
    runs = index.runs()
    with database(state).open("r+b") as file:
        file.write(b"garbage" * 3000)
    assert [point.run for point in index.points()] == [run.id for run in runs]
    assert index.runs() == runs


def test_damage_met_in_the_middle_of_an_answer_is_mended(
    repository: Repository, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for files in sorted(FILES[:3], key=list, reverse=True):
        repository.commit(files)
        index, _ = opened(repository, state)
    expected = opened(repository, state)[0].runs()
    order = Index._order

    def damages(self: Index, platform: str | None) -> list[int]:
        found = order(self, platform)
        database(state).write_bytes(b"garbage" * 3000)
        return found

    monkeypatch.setattr(Index, "_order", damages)
    assert [point.run for point in index.points()] == [run.id for run in expected]
    assert index.runs() == expected


def test_a_reader_sees_what_there_was_when_it_began(repository: Repository, state: Path) -> None:
    repository.commit(FILES[0])
    before, _ = opened(repository, state)
    repository.commit({**FILES[1], **files_of(result(platform="other"))})
    after, _ = opened(repository, state)
    assert (len(before.runs()), len(after.runs())) == (1, 3)
    assert before.platforms() == [ITEMS[0].platform]
    assert len(before.points()) == 1
    repository.commit({}, remove=FILES[0])
    opened(repository, state)
    assert len(after.points()) == 3


def test_a_state_directory_that_cannot_be_written_is_done_without(repository: Repository, tmp_path: Path) -> None:
    repository.commit(FILES[0])
    (tmp_path / "file").write_text("")
    assert reasons(opened(repository, tmp_path / "file" / "state")[0]) == numbers(0)


def test_an_index_that_another_process_holds_for_too_long_is_done_without(
    repository: Repository, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_file, "_WAIT_S", 0.05)
    repository.commit(FILES[0])
    opened(repository, state)
    repository.commit(FILES[1])
    with FileLock(f"{database(state)}.lock"):
        assert reasons(opened(repository, state)[0]) == numbers(0, 1)


def test_an_error_in_the_middle_changes_nothing(
    repository: Repository, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Failing(Counting):
        def read(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes | UseError]]:
            yield from list(super().read(paths))[:1]
            raise UseError.at("git", "failed")

    for files, expected in ((FILES[0], 1), ({**FILES[1], **FILES[2]}, 3)):
        repository.commit(files)
        with pytest.raises(UseError, match="failed"):
            Index.open(Failing(repository), state)
        assert not list(state.glob("*.new"))
        assert len(opened(repository, state)[0].runs()) == expected


def test_indexes_that_nobody_uses_are_removed(tmp_path: Path, state: Path) -> None:
    for number, name in enumerate("abc"):
        Index.open(FolderSource(write(tmp_path / name, FILES[number])), state)
        if name == "a":
            old = database(state)
            os.utime(old, (0, 0))
            (state / "index-1.new").write_text("")
            os.utime(state / "index-1.new", (0, 0))
            (state / "other").write_text("")
            os.utime(state / "other", (0, 0))
    assert not old.exists()
    assert len(list(state.glob("*.sqlite"))) == 2
    assert (state / "other").exists()
    assert not (state / "index-1.new").exists()


def test_the_version_of_result_files_is_part_of_the_schema() -> None:
    assert USER_VERSION % 1000 == VERSION


SCRIPT = """
import sys
from pathlib import Path
from longpole.perf.branch_source import BranchSource
from longpole.perf.index import Index
index = Index.open(BranchSource(sys.argv[1], "perf"), Path(sys.argv[2]))
print(len(index.runs()), len(index.points()))
"""


def test_processes_at_once_agree(repository: Repository, state: Path) -> None:
    for count in (1, 3):
        repository.commit({path: data for files in FILES[:count] for path, data in files.items()})
        argv = [sys.executable, "-c", SCRIPT, str(repository.folder), str(state)]
        started = [subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)]
        assert [each.communicate() for each in started] == [(b"%d %d\n" % (count, count), b"")] * 4
