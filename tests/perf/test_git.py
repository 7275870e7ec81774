"""How `perf` calls git: what it returns, its errors, and that a time-out or Ctrl-C ends all of it."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.perf.git import GitError, GitTimeout, git, without_secrets
from tests.project import eventually, tool

TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    subprocess.run([tool("git"), "init", "-q", folder], check=True)
    return folder


@pytest.fixture
def slow(repository: Path) -> str:
    """An alias of git that starts a helper, writes the pids of both, and never ends."""
    pids = repository / "pids"
    script = f"sleep 1000 & echo $$ $! > '{pids}.tmp'; mv '{pids}.tmp' '{pids}'; wait"
    return f"alias.slow=!{script}"


def alive(pids: str) -> bool:
    for pid in pids.split():
        try:
            state = Path("/proc", pid, "stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue
        if state not in "ZX":
            return True
    return False


def test_output_is_returned_byte_by_byte(repository: Path) -> None:
    data = bytes(range(256)) * 5000 + b"\r\n"
    name = git(repository, "hash-object", "-w", "--stdin", input=data).decode().strip()
    assert git(repository, "cat-file", "blob", name) == data


def test_output_goes_to_a_file(repository: Path, tmp_path: Path) -> None:
    name = git(repository, "hash-object", "-w", "--stdin", input=b"x" * 100_000).decode().strip()
    with open(tmp_path / "out", "wb") as file:
        assert git(repository, "cat-file", "blob", name, out=file) == b""
    assert (tmp_path / "out").read_bytes() == b"x" * 100_000


def test_an_error_has_place_and_gits_last_line(repository: Path) -> None:
    with pytest.raises(GitError) as raised:
        git(repository, "rev-parse", "--verify", "--end-of-options", "no-such-branch", remedy="name a branch")
    assert raised.value.status == 128
    assert str(raised.value) == f"{repository}: git rev-parse: Needed a single revision; name a branch"


def test_a_folder_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="no such folder"):
        git(tmp_path / "none", "version")


def test_no_git_on_path_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="install git"):
        git(tmp_path, "version")


def test_variables_of_a_surrounding_git_do_not_reach_it(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    monkeypatch.setenv("GIT_TRACE", "1")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    assert git(repository, "rev-parse", "--git-dir") == b".git\n"


def test_the_users_configuration_changes_no_output(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config").write_text(
        "[color]\nui=always\n[core]\nquotePath=true\npager=false\n[pager]\nls-tree=false\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    blob = git(repository, "hash-object", "-w", "--stdin", input=b"").decode().strip()
    tree = git(repository, "mktree", input=f"100644 blob {blob}\tä\n".encode()).decode().strip()
    assert git(repository, "ls-tree", "--name-only", tree) == "ä\n".encode()


def test_a_call_that_takes_too_long_is_ended_with_its_helpers(repository: Path, slow: str) -> None:
    with pytest.raises(GitTimeout, match="did not end in"):
        git(repository, "-c", slow, "slow", timeout=0.5)
    pids = repository / "pids"
    if pids.exists():  # on a busy machine it may have been ended before it began
        eventually("the helper has ended", lambda: not alive(pids.read_text()))


def test_an_interrupt_ends_git_and_its_helpers(repository: Path, slow: str) -> None:
    pids = repository / "pids"
    script = "import sys; from longpole.perf.git import git; git(sys.argv[1], '-c', sys.argv[2], 'slow')"
    process = subprocess.Popen([sys.executable, "-c", script, repository, slow], stderr=subprocess.PIPE)
    eventually("the helper has started", pids.exists)
    process.send_signal(signal.SIGINT)
    assert b"KeyboardInterrupt" in process.communicate()[1]
    eventually("the helper has ended", lambda: not alive(pids.read_text()))


INTERRUPTED_START = """
import os, signal, sys, time
from longpole.perf import git
def interrupted(*words, start=git._start):
    running = start(*words)
    while not os.path.exists(f"{sys.argv[1]}/pids"):
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)
    return running
git._start = interrupted
signal.signal(signal.SIGINT, signal.default_int_handler)
git.git(sys.argv[1], "-c", sys.argv[2], "slow")
"""


def test_an_interrupt_while_git_is_being_started_ends_it_too(repository: Path, slow: str) -> None:
    words = [sys.executable, "-c", INTERRUPTED_START, str(repository), slow]
    done = subprocess.run(words, stderr=subprocess.PIPE, check=False)
    assert b"KeyboardInterrupt" in done.stderr
    helper = (repository / "pids").read_text()
    eventually("the helper has ended", lambda: not alive(helper))


def test_it_leaves_no_thread_and_no_open_file(repository: Path) -> None:
    git(repository, "version")
    threads, files = threading.active_count(), len(os.listdir("/proc/self/fd"))
    git(repository, "version")
    assert len(os.listdir("/proc/self/fd")) == files
    eventually("the threads have ended", lambda: threading.active_count() <= threads)


@given(st.from_regex(r"[^/@\s'\"]{1,30}", fullmatch=True), st.from_regex(r"[^\s'\"?]{0,20}", fullmatch=True))
def test_no_password_is_printed(secret: str, query: str) -> None:
    printed = without_secrets(f"fatal: unable to access 'https://{secret}@example.invalid/a?token={secret}{query}'")
    assert printed == "fatal: unable to access 'https://example.invalid/a'"
