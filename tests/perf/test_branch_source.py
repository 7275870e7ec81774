"""The result files of a branch: which there are, what is new since a commit, and that nothing else is read."""

import os
from pathlib import Path

import pytest

from longpole.perf import branch_source
from longpole.perf.branch_source import BranchSource
from longpole.perf.files import MAX_BYTES
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.branches import Repository, files_of, packed
from tests.perf.results import result

FILES = files_of(*(result(platform=name) for name in ("a", "b", "c")))
A, B, C = FILES


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def some(*paths: str) -> dict[str, bytes]:
    return {path: FILES[path] for path in paths}


def source(repository: Repository, branch: str = "perf") -> BranchSource:
    return BranchSource(repository.folder, branch)


def content(repository: Repository) -> dict[str, bytes | UseError]:
    opened = source(repository)
    return dict(opened.read(opened.files()))


def added(repository: Repository, since: str) -> dict[str, bytes | UseError] | None:
    opened = source(repository)
    paths = opened.added_since(since)
    return None if paths is None else dict(opened.read(paths))


def test_all_files_are_read(repository: Repository) -> None:
    repository.commit(some(A, B))
    repository.commit(some(C))
    assert content(repository) == FILES


def test_many_files_are_read_in_parts(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branch_source, "_AT_ONCE", len(FILES[A]) + 10)
    repository.commit(FILES)
    assert content(repository) == FILES


def test_an_empty_branch_has_no_files(repository: Repository) -> None:
    repository.commit({})
    assert content(repository) == {}


def test_what_is_no_path_of_a_result_is_passed_over(repository: Repository) -> None:
    repository.commit(
        {
            "README.md": b"1",
            "runs/a/2026/04/x.json": b"2",
            f"other/{A}": b"3",
            f"{A}.json": b"4",
            "runs/\u00e4/2026/04/x.json": b"5",
            A.upper(): b"6",
        }
    )
    repository.commit({B: b"../../../etc/passwd"}, mode="120000")
    assert content(repository) == {}


def test_files_of_a_pack_are_read_as_before(repository: Repository) -> None:
    repository.commit({**packed(some(A)), **packed(some(B)), **some(B, C)})
    assert content(repository) == FILES


def test_a_damaged_pack_is_a_file_that_cannot_be_read(repository: Repository) -> None:
    path = next(iter(packed(some(A))))
    repository.commit({path: b"x", **some(B)})
    read = content(repository)
    assert "damaged pack" in str(read.pop(path))
    assert read == some(B)


def test_a_file_that_is_too_large_is_not_read(repository: Repository) -> None:
    repository.commit({A: b" " * (MAX_BYTES + 1), **some(B)})
    read = content(repository)
    assert str(read[A]) == f"{A}: larger than 16 MiB; it is no result file"
    assert read[B] == FILES[B]


def test_a_file_that_the_repository_has_lost_is_an_error_of_that_file(repository: Repository) -> None:
    repository.commit(FILES)
    name = repository.git("rev-parse", f"perf:{A}")
    (repository.folder / "objects" / name[:2] / name[2:]).unlink()
    read = content(repository)
    assert str(read[A]) == f"{A}: its content is not in the repository; fetch it, or repair the repository"
    assert read[B] == FILES[B]


def test_only_what_is_new_since_a_commit_is_added(repository: Repository) -> None:
    first = repository.commit(some(A))
    assert added(repository, first) == {}
    second = repository.commit(some(B))
    repository.commit(some(C))
    assert added(repository, first) == some(B, C)
    assert added(repository, second) == some(C)


@pytest.mark.parametrize("commit", ["0" * 40, "1234567890" * 4, "no commit", "--help", ""])
def test_since_a_commit_that_git_does_not_know_is_not_known(repository: Repository, commit: str) -> None:
    repository.commit(some(A))
    assert added(repository, commit) is None


def test_a_file_that_is_gone_or_changed_is_no_addition(repository: Repository) -> None:
    first = repository.commit(some(A, B))
    second = repository.commit(some(C), remove=[A])
    assert added(repository, first) is None
    repository.commit({C: b"other"})
    assert added(repository, second) is None


def test_packing_adds_nothing(repository: Repository) -> None:
    first = repository.commit(some(A, B))
    pack = packed(some(A))
    second = repository.commit(pack, remove=[A])
    assert added(repository, first) == {}
    repository.commit({**packed(some(B)), **some(C)}, remove=[B])
    assert added(repository, second) == some(C)
    assert added(repository, first) == some(C)
    assert content(repository) == FILES


def test_a_pack_that_replaces_another_adds_what_is_new_in_it(repository: Repository) -> None:
    late = files_of(result(platform="a", reason="late"))
    old, new = packed(some(A)), packed({**some(A), **late})
    first = repository.commit(old)
    second = repository.commit(new, remove=old)
    assert added(repository, first) == late
    repository.commit(old, remove=new)
    assert added(repository, second) is None


def test_a_rewritten_branch_is_compared_by_its_files(repository: Repository) -> None:
    first = repository.commit(some(A))
    repository.git("update-ref", "-d", "refs/heads/perf")
    repository.commit(some(A, B))
    assert added(repository, first) == some(B)


def test_the_branch_of_the_repository_goes_before_that_of_origin(repository: Repository) -> None:
    theirs = repository.commit(some(A), branch="theirs")
    other = repository.commit(some(B), branch="other")
    repository.git("update-ref", "refs/remotes/origin/perf", theirs)
    assert source(repository).key == theirs
    assert source(repository, "origin/perf").key == theirs
    assert source(repository, "refs/heads/theirs").key == theirs
    repository.git("update-ref", "refs/heads/perf", other)
    assert source(repository).key == other
    assert source(repository).place == source(repository).place


@pytest.mark.parametrize("branch", ["perf", "per*", "--help", "refs/heads", "main", ""])
def test_a_branch_that_is_missing_is_an_error_of_use(repository: Repository, branch: str) -> None:
    repository.commit({}, branch="perf/more")
    with pytest.raises(UseError) as refused:
        source(repository, branch)
    assert str(refused.value) == (
        f"{repository.folder}: no branch {branch!r}; "
        "put results there with `longpole perf collect`, or read a folder of them with --results"
    )
    repository.git("remote", "add", "origin", ".")
    with pytest.raises(UseError) as refused:
        source(repository, branch)
    assert str(refused.value) == (
        f"{repository.folder}: no branch {branch!r}, neither its own nor one of origin; "
        f"type `git fetch origin {branch}:{branch}`"
    )


def test_a_folder_without_a_repository_is_an_error_of_use(tmp_path: Path) -> None:
    with pytest.raises(UseError, match="not a git repository"):
        BranchSource(tmp_path, "perf")


def test_the_files_of_a_partial_clone_are_fetched_at_once(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git would fetch each file by itself when it is read."""
    repository.commit(FILES)
    repository.git("config", "uploadpack.allowFilter", "true")
    log, clone = tmp_path / "fetches", tmp_path / "clone"
    repository.git("clone", "-q", "--bare", "--filter=blob:none", f"file://{repository.folder}", os.fspath(clone))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "remote.origin.uploadpack")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", f"echo >>'{log}'; git-upload-pack")
    for _ in range(2):
        opened = BranchSource(clone, "perf")
        assert dict(opened.read(opened.files())) == FILES
    assert log.read_text() == "\n"


def test_a_clone_of_depth_1_has_all_files(repository: Repository, tmp_path: Path) -> None:
    repository.commit(some(A))
    repository.commit(some(B, C))
    clone = tmp_path / "clone"
    repository.git("clone", "-q", "--depth=1", "--branch=perf", f"file://{repository.folder}", os.fspath(clone))
    opened = BranchSource(clone, "perf")
    assert dict(opened.read(opened.files())) == FILES
