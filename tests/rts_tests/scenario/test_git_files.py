"""The branch read from files is the one that git prints, in whatever state git has left a repository."""

import os
import random
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from longpole.rts_tests.scenario import git_files
from longpole.rts_tests.scenario.git_files import branch_of, branches
from tests.rts_tests.scenario.plain_git import ENVIRON

CONFIG = '[user]\n\tname = A\n\temail = a@b\n[protocol "file"]\n\tallow = always\n'


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "gitconfig").write_text(CONFIG)
    return {**ENVIRON, "GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig")}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The commands of git that were run to find a branch."""
    commands: list[tuple[str, ...]] = []
    real: Callable[..., str | None] = git_files._git

    def counted(arguments: tuple[str, ...], *rest: object) -> str | None:
        commands.append(arguments)
        return real(arguments, *rest)

    monkeypatch.setattr(git_files, "_git", counted)
    return commands


def sh(script: str, folder: Path, environ: dict[str, str]) -> int:
    return subprocess.run(("sh", "-c", script), cwd=folder, env=environ, capture_output=True, check=False).returncode


def shown(folder: Path, environ: dict[str, str]) -> str | None:
    if not folder.is_dir():
        return None
    command = ("git", "branch", "--show-current")
    done = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


START = "git init -q -b main r && cd r && git commit -q --allow-empty -m x && "
READ = {
    "unborn": "git init -q -b trunk r",
    "a commit": START + "true",
    "a branch": START + "git switch -q -c feature/one",
    "unicode": START + "git switch -q -c f/ünï",
    "detached": START + "git checkout -q --detach",
    "packed": START + "git pack-refs --all",
    "packed with tags": START
    + "git tag -a -m x v1 && git pack-refs --all && git switch -q -c b && git pack-refs --all",
    "orphan": START + "git checkout -q --orphan o",
    "cloned": "git init -q --bare o && git clone -q o r 2>/dev/null",
    "cloned and pushed": START + "cd .. && git clone -q --bare r o && rm -rf r && git clone -q o r && cd r && "
    "git switch -q -c x/y && git push -q -u origin x/y",
    "sha256": "git init -q --object-format=sha256 r && cd r && git commit -q --allow-empty -m x && git switch -q -c s",
    "sha256 detached": "git init -q --object-format=sha256 r && cd r && git commit -q --allow-empty -m x && "
    "git switch -q --detach",
    "merging": START + "echo 1 >a && git add a && git commit -qm 1 && git switch -q -c b HEAD~ && echo 2 >a && "
    "git add a && git commit -qm 2; git merge -q main",
    "hooks": START + "git config core.hooksPath hooks && git config user.name 'Ä B' ; git config --unset user.name",
}
WORKTREES = {
    "worktree": START + "git worktree add -q ../w -b in/w",
    "worktree, detached": START + "git worktree add -q --detach ../w",
    "worktree of a bare one": START
    + "cd .. && git clone -q --bare r o && rm -rf r && cd o && git worktree add -q ../w main",
    "worktree, moved": START + "git worktree add -q ../v && git worktree move ../v ../w",
    "bare in .git": START + "cd .. && mkdir p && mv r/.git p/.git && rm -rf r && git -C p config core.bare true && "
    "git -C p worktree add -q ../w main",
}


@pytest.mark.parametrize("state", READ)
def test_plain_repositories_are_read(
    state: str, tmp_path: Path, environ: dict[str, str], asked: list[tuple[str, ...]]
) -> None:
    sh(READ[state], tmp_path, environ)
    expected = shown(tmp_path / "r", environ)
    assert expected is not None
    assert branch_of(str(tmp_path / "r"), environ) == expected
    assert asked == []


@pytest.mark.parametrize("state", WORKTREES)
def test_worktrees_are_read(state: str, tmp_path: Path, environ: dict[str, str], asked: list[tuple[str, ...]]) -> None:
    assert sh(WORKTREES[state], tmp_path, environ) == 0
    expected = shown(tmp_path / "w", environ)
    assert expected is not None
    assert branch_of(str(tmp_path / "w"), environ) == expected
    assert asked == []


ASKED = {
    "no such folder": "true",
    "no repository": "mkdir r",
    "a file": "touch r",
    "below": START + "mkdir ../r.new && cd .. && mv r x && mkdir x/below && ln -s x/below r",
    "bare": "git init -q --bare -b b r",
    "in .git": START + "cd .. && mv r x && ln -s x/.git r",
    "symbolic branch": START
    + "git symbolic-ref refs/heads/alias refs/heads/main && git symbolic-ref HEAD refs/heads/alias",
    "head is a link": START + "rm .git/HEAD && ln -s refs/heads/main .git/HEAD",
    "outside heads": START + "git tag t && git symbolic-ref HEAD refs/tags/t",
    "remote head": START + "git update-ref refs/remotes/o/x HEAD && git symbolic-ref HEAD refs/remotes/o/x",
    "broken head": START + "echo broken >.git/HEAD",
    "empty head": START + ": >.git/HEAD",
    "no head": START + "rm .git/HEAD",
    "no objects": START + "rm -r .git/objects",
    "no refs": START + "rm -r .git/refs",
    "broken branch": START + "echo broken >.git/refs/heads/main",
    "empty branch": START + ": >.git/refs/heads/main",
    "broken packed refs": START + "git pack-refs --all && echo broken >>.git/packed-refs",
    "bad name": START + "printf 'ref: refs/heads/a..b\\n' >.git/HEAD",
    "reftable's HEAD": START + "printf 'ref: refs/heads/.invalid\\n' >.git/HEAD",
    "spaces in HEAD": START + "printf 'ref:   refs/heads/main  \\n\\n' >.git/HEAD",
    "short name of an object": START + "printf '1234567\\n' >.git/HEAD",
    "detached, other format": START + "printf '%064d\\n' 1 >.git/HEAD",
    "broken config": START + "echo '[broken' >>.git/config",
    "bad boolean": START + "git config core.filemode maybe",
    "bad autosetup": START + "git config branch.autosetuprebase maybe",
    "future version": START + "git config core.repositoryformatversion 9",
    "unknown extension": START + "git config core.repositoryformatversion 1 && git config extensions.unheardof x",
    "old version, new extension": START + "git config extensions.objectformat sha256",
    "unborn, old version, new extension": "git init -q r && cd r && git config extensions.objectformat sha256",
    "included": START + "git config include.path other && echo '[broken' >.git/other",
    "work tree elsewhere": START + "git config core.worktree /nowhere",
    "config of a worktree": START + "git config extensions.worktreeConfig true && git config --worktree x.y z",
    "a variable": START + "git config alias.branch '!exit 1'",
    "gitdir to nowhere": "mkdir r && echo 'gitdir: /nowhere' >r/.git",
    "submodule": START
    + "cd .. && git init -q s && cd s && git submodule -q add ../r sub && cd .. && mv r y && ln -s s/sub r",
    "pruned worktree": START + "git worktree add -q ../v -b v && rm -rf .git/worktrees && cd .. && mv r z && mv v r",
}


@pytest.mark.parametrize("state", ASKED)
def test_everything_else_is_what_git_says(state: str, tmp_path: Path, environ: dict[str, str]) -> None:
    sh(ASKED[state], tmp_path, environ)
    assert branch_of(str(tmp_path / "r"), environ) == shown(tmp_path / "r", environ)


GLOBAL = {
    "broken": "[broken\n",
    "bad value": "[core]\n\tbare = maybe\n",
    "bad branch": "[branch]\n\tautosetuprebase = maybe\n",
    "unknown": "[daft]\n\tlayout = x\n",
    "quoted": '[user]\n\tname = "a b"\n',
    "comment": "# hello\n[user]\n\tname = a ; b\n",
    "no home": "[core]\n\thooksPath = ~nobody-like-this/x\n",
}


@pytest.mark.parametrize("configuration", GLOBAL)
def test_the_global_configuration_counts(configuration: str, tmp_path: Path, environ: dict[str, str]) -> None:
    sh(START + "true", tmp_path, environ)
    (tmp_path / "gitconfig").write_text(GLOBAL[configuration])
    assert branch_of(str(tmp_path / "r"), environ) == shown(tmp_path / "r", environ)


@pytest.mark.parametrize(
    "variable",
    [
        "GIT_DIR=/nowhere",
        "GIT_DIR=.git/../../o",
        "GIT_CONFIG_COUNT=x",
        "GIT_CEILING_DIRECTORIES=/",
        "GIT_WORK_TREE=/tmp",
    ],
)
def test_git_s_variables_count(variable: str, tmp_path: Path, environ: dict[str, str]) -> None:
    sh(START + "cd .. && git init -q --bare -b other o", tmp_path, environ)
    name, _, value = variable.partition("=")
    environ[name] = value
    assert branch_of(str(tmp_path / "r"), environ) == shown(tmp_path / "r", environ)


def test_a_repository_of_another_owner_is_git_s_to_judge(
    tmp_path: Path, environ: dict[str, str], asked: list[tuple[str, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    sh(START + "true", tmp_path, environ)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert branch_of(str(tmp_path / "r"), environ) == "main"
    assert len(asked) == 1


def test_a_path_that_no_system_has_is_no_worktree(environ: dict[str, str]) -> None:
    assert branch_of("a\0b", environ) is None
    assert branches("a\0b", "x", environ) == []


STEPS = (
    "git commit -q --allow-empty -m {}",
    "git switch -q -c b{}",
    "git switch -q -c d/e{}",
    "git switch -q main",
    "git checkout -q --detach",
    "git checkout -q --orphan o{}",
    "git pack-refs --all",
    "git gc -q",
    "git branch -q -m renamed{}",
    "git branch -D b{}",
    "git worktree add -q ../w{} -b in-w{}",
    "git worktree add -q --detach ../w{}",
    "git worktree remove ../w{}",
    "git symbolic-ref HEAD refs/heads/b{}",
    "git config branch.main.description x{}",
    "git remote add o{} ../r",
    "git fetch -q o{}",
    "git tag -a -m x t{}",
    "git config core.bare true",
    "git config extensions.worktreeConfig true",
)


def _same_after(steps: list[tuple[str, int]], object_format: str, folder: Path) -> None:
    (folder / "gitconfig").write_text(CONFIG)
    environ = {**ENVIRON, "GIT_CONFIG_GLOBAL": str(folder / "gitconfig")}
    sh(f"git init -q -b main --object-format={object_format} r", folder, environ)
    for step, number in steps:
        sh(step.format(number, number), folder / "r", environ)
    for tree in sorted(folder.iterdir()):
        assert branch_of(str(tree), environ) == shown(tree, environ)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 2)), max_size=10),
    object_format=st.sampled_from(("sha1", "sha256")),
)
def test_after_any_commands_the_branch_is_the_one_that_git_prints(
    steps: list[tuple[str, int]], object_format: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("any")
    _same_after(steps, object_format, folder)
    shutil.rmtree(folder)


@pytest.mark.slow
@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 2)), max_size=14),
    object_format=st.sampled_from(("sha1", "sha256")),
)
def test_after_many_commands_the_branch_is_the_one_that_git_prints(
    steps: list[tuple[str, int]], object_format: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("many")
    _same_after(steps, object_format, folder)
    shutil.rmtree(folder)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_is_no_reason_to_differ_from_git(seed: int, tmp_path: Path, environ: dict[str, str]) -> None:
    begun = START + "git switch -q -c b/c && git pack-refs --all && git commit -q --allow-empty -m 2 && "
    sh(begun + "git worktree add ../w", tmp_path, environ)
    random_numbers = random.Random(seed)
    files = [".git/HEAD", ".git/config", ".git/packed-refs", ".git/refs/heads/b/c", ".git/worktrees/w/commondir",
             ".git/worktrees/w/HEAD", ".git/worktrees/w/gitdir"]  # fmt: skip
    for _ in range(10):
        path = tmp_path / "r" / random_numbers.choice(files)
        whole = path.read_bytes()
        data = bytearray(whole)
        place = random_numbers.randrange(len(data))
        data[place : place + random_numbers.randrange(3)] = random_numbers.choice((b"", b" ", b"\n", b"x", b"\0", b'"'))
        path.write_bytes(data)
        for tree in ("r", "w"):
            assert branch_of(str(tmp_path / tree), environ) == shown(tmp_path / tree, environ), (path, bytes(data))
        path.write_bytes(whole)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("main", ["main"]), ("f*", ["f/1", "f/2"]), ("f/?", ["f/1", "f/2"]), ("f", []), ("F/1", []),
        ("[mx]ain", ["main"]), ("*", ["f/1", "f/2", "main"]), ("none", []), ("origin/*", []), ("", []),
    ],
)  # fmt: skip
def test_branches_are_those_that_git_lists(
    pattern: str, expected: list[str], tmp_path: Path, environ: dict[str, str]
) -> None:
    sh(START + "git branch f/1 && git branch f/2 && git tag f/3 && git update-ref refs/remotes/origin/x HEAD",
       tmp_path, environ)  # fmt: skip
    assert branches(str(tmp_path / "r"), pattern, environ) == expected
    assert branches(str(tmp_path / "r" / ".git"), pattern, environ) == expected


def test_no_repository_has_no_branches(tmp_path: Path, environ: dict[str, str]) -> None:
    assert branches(str(tmp_path), "*", environ) == []
    assert branches(str(tmp_path / "none"), "*", environ) == []


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(
    tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_files, "GIT_S", 0.2)
    subprocess.run(["git", "init", "-q", str(tmp_path / "r")], check=True, env=environ)
    (tmp_path / "r/.git/HEAD").unlink()
    os.mkfifo(tmp_path / "r/.git/HEAD")
    assert branch_of(str(tmp_path / "r"), environ) is None
    assert branches(str(tmp_path / "r"), "*", environ) == []
