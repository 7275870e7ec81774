"""Repositories are built once a run, whoever needs them, and each sandbox has one of its own."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from longpole.rts_tests.scenario import commits
from longpole.rts_tests.scenario.model import Branch, File, Repository
from longpole.rts_tests.scenario.repositories import Store
from tests.rts_tests.scenario.plain_git import ENVIRON, IDENTITY, contents, git

SMALL = Repository("r", branches=(Branch("main", None, (File("a", "1\n"),)), Branch("b")))
LARGE = Repository("r", branches=(Branch("main", None, (File("a", os.urandom(1 << 20).hex()),)),))
BY_GIT = Repository("r", branches=(Branch("main", None, (File("a", "1"), File(".gitignore", "!b\n"))),))
KINDS = [SMALL, LARGE, BY_GIT]
IDS = ["small", "large", "by-git"]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"{tmp_path}/store", "sha1", IDENTITY)


@pytest.mark.parametrize("repository", KINDS, ids=IDS)
def test_a_repository_is_built_once_and_is_the_same_each_time(
    repository: Repository, store: Store, tmp_path: Path
) -> None:
    store.materialise(repository, f"{tmp_path}/one")
    kept = sorted(path.name for path in (tmp_path / "store").iterdir())
    store.materialise(repository, f"{tmp_path}/two")
    Store(f"{tmp_path}/store", "sha1", IDENTITY).materialise(repository, f"{tmp_path}/three")
    heads = {git(tmp_path / name, "show-ref") for name in ("one", "two", "three")}
    assert len(heads) == 1
    assert sorted(path.name for path in (tmp_path / "store").iterdir()) == kept


def test_the_name_is_no_part_of_what_is_built_but_all_else_is(store: Store, tmp_path: Path) -> None:
    kept = []
    others = [
        SMALL,
        Repository("other", branches=SMALL.branches),
        Repository("r", branches=SMALL.branches, daft_yml=""),
        Repository("r", branches=SMALL.branches, hook_scripts=(File("h", ""),)),
        Repository("r", "b", branches=SMALL.branches[1:], daft_yml="x"),
    ]
    for number, repository in enumerate(others):
        store.materialise(repository, f"{tmp_path}/{number}")
        kept.append(len([path for path in (tmp_path / "store").iterdir() if path.suffix == ".lock"]))
    assert kept == [1, 1, 2, 3, 4]


BUILD = """
import sys
from tests.rts_tests.scenario.test_store import KINDS, Store, IDENTITY
print("ready", flush=True)
sys.stdin.read(1)
store = Store(sys.argv[1], "sha1", IDENTITY)
for number, repository in enumerate(KINDS[::2]):
    store.materialise(repository, f"{sys.argv[2]}{number}")
"""


@pytest.mark.slow
def test_processes_that_need_a_repository_at_the_same_time_get_one_build(tmp_path: Path) -> None:
    command = (sys.executable, "-c", BUILD, f"{tmp_path}/store")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    waiting = [subprocess.Popen((*command, f"{tmp_path}/{letter}"), **pipes) for letter in "abcdefgh"]  # type: ignore[call-overload]
    for process in waiting:
        assert process.stdout.readline() == b"ready\n"
    for process in waiting:
        process.stdin.write(b"x")
        process.stdin.flush()
    for process in waiting:
        process.communicate()
        assert process.returncode == 0
    for number in range(2):
        # Commits have the second in which they were made, so two builds may differ only if they took place twice.
        packs = {
            tuple(
                (path.name, path.read_bytes())
                for path in sorted((tmp_path / f"{letter}{number}").rglob("*"))
                if path.is_file()
            )
            for letter in "abcdefgh"
        }
        assert len(packs) == 1
    assert not [path for path in (tmp_path / "store").iterdir() if ".tmp" in path.name or ".made" in path.name]


def test_another_thread_that_builds_is_waited_for(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    building, go_on, builds = threading.Event(), threading.Event(), []
    real = commits.packed

    def slow(*arguments: object) -> object:
        builds.append(1)
        building.set()
        assert go_on.wait(60)
        return real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("longpole.rts_tests.scenario.repositories.packed", slow)
    first = threading.Thread(target=store.materialise, args=(SMALL, f"{tmp_path}/one"))
    second = threading.Thread(target=store.materialise, args=(SMALL, f"{tmp_path}/two"))
    first.start()
    assert building.wait(60)
    second.start()
    go_on.set()
    first.join()
    second.join()
    assert builds == [1]
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


DAMAGE = {
    "gc": "git gc -q --prune=now",
    "repack": "git repack -adq && git prune-packed",
    "push": "git clone -q . ../w && cd ../w && echo 2 >a && git commit -qam 2 && git push -q origin HEAD:main HEAD:new",
    "config": "git config core.bare false && git config x.y z",
    "refs": "git update-ref -d refs/heads/main && git pack-refs --all && git symbolic-ref HEAD refs/heads/other",
    "chmod": "chmod -R 0777 .",
    "truncate": "chmod -R u+w . && for f in objects/pack/* HEAD refs/heads/* config; do : >$f; done",
    "append": "chmod -R u+w . && for f in objects/pack/*; do echo x >>$f; done",
    "in place": "chmod -R u+w . && dd if=/dev/zero of=$(ls objects/pack/*.pack) bs=1 count=40 conv=notrunc 2>/dev/null",
    "remove": "rm -rf *",
    "hook": "echo exit 1 >hooks/pre-receive && chmod +x hooks/pre-receive",
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("repository", [SMALL, LARGE], ids=IDS[:2])
def test_what_one_sandbox_does_to_its_repository_changes_no_other(
    repository: Repository, damage: str, store: Store, tmp_path: Path
) -> None:
    def state(bare: Path) -> dict[str, tuple[int, int, bytes]]:
        files = [path for path in bare.rglob("*") if path.is_file()]
        return {
            str(path.relative_to(bare)): (path.stat().st_mode, path.stat().st_nlink, path.read_bytes())
            for path in files
        }

    (tmp_path / "x").mkdir()
    store.materialise(repository, f"{tmp_path}/x/one")
    store.materialise(repository, f"{tmp_path}/two")
    before = state(tmp_path / "two")
    subprocess.run(("sh", "-ec", DAMAGE[damage]), cwd=tmp_path / "x" / "one", env=ENVIRON, check=True)
    assert state(tmp_path / "two") == before
    store.materialise(repository, f"{tmp_path}/three")
    assert state(tmp_path / "three") == before


@pytest.mark.parametrize("error", [None, 18, 22, 38])
def test_a_large_pack_is_copied_where_the_kernel_cannot(
    error: int | None, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> int:
        raise OSError(error, "no")

    if error is None:
        monkeypatch.delattr(os, "copy_file_range")
    else:
        monkeypatch.setattr(os, "copy_file_range", fails)
    store.materialise(LARGE, f"{tmp_path}/built")
    assert git(tmp_path / "built", "fsck", "--strict") == ""


def test_a_disk_that_is_full_is_reported(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "copy_file_range", fails)
    with pytest.raises(OSError, match="No space"):
        store.materialise(LARGE, f"{tmp_path}/built")


def test_what_is_in_the_place_of_a_repository_is_kept(store: Store, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(FileExistsError):
        store.materialise(SMALL, f"{tmp_path}/mine")
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_build_that_was_killed_is_built_again(store: Store, tmp_path: Path) -> None:
    store.materialise(BY_GIT, f"{tmp_path}/one")
    (image,) = (path for path in (tmp_path / "store").iterdir() if path.with_name(f"{path.name}.lock").exists())
    image.unlink()
    (tmp_path / "store" / f"{image.name}.made" / "bare").mkdir(parents=True)
    store.materialise(BY_GIT, f"{tmp_path}/two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert not (tmp_path / "store" / f"{image.name}.made").exists()


def test_the_user_s_configuration_of_git_makes_no_difference(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / "templates" / "hooks").mkdir(parents=True)
    (home / "templates" / "hooks" / "pre-commit").write_text("exit 1")
    configuration = f"[init]\ntemplateDir = {home}/templates\n[core]\nexcludesFile = {home}/ignored\nhooksPath = /x\n"
    (home / ".gitconfig").write_text(configuration + "[commit]\ngpgSign = true\n")
    (home / "ignored").write_text("*\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_TEMPLATE_DIR", f"{home}/templates")
    for name, repository in zip(IDS, KINDS, strict=True):
        store.materialise(repository, f"{tmp_path}/{name}")
        assert git(tmp_path / name, "ls-tree", "--name-only", "main").split()[-1] == "a"
        assert list((tmp_path / name / "hooks").iterdir()) == []


def test_git_is_started_once_for_all_plain_repositories(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands = []
    real = subprocess.run
    monkeypatch.setattr(
        "longpole.rts_tests.scenario.git.subprocess.run",
        lambda command, **options: commands.append(command) or real(command, **options),  # type: ignore[func-returns-value]
    )
    for number in range(5):
        repository = Repository("r", branches=SMALL.branches, daft_yml=str(number))
        store.materialise(repository, f"{tmp_path}/{number}")
    assert [command[1] for command in commands] == ["init"]


def test_a_git_that_is_missing_is_one_error(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Exception, match=r"git: cannot be started.*install git"):
        store.materialise(SMALL, f"{tmp_path}/one")
    assert not (tmp_path / "one").exists()
