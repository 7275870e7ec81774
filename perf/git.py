"""Git, called through `sh`: the one place where `perf` starts it.

Standard input, output and error are files, so nothing is cut off, buffered in memory twice or passed through a
terminal. Git is started in a session of its own: it cannot ask for a password, and a time-out or Ctrl-C ends it with
the helpers that it has started (ssh, git-remote-https). The user's configuration is read, because it has what remotes
need (credentials, `url.<base>.insteadOf`), but what would change output or start hooks and garbage collection is
overridden.
"""

import os
import re
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import IO, Any

from longpole.rts_tests.contracts.errors import UseError

TIMEOUT_S = 600.0
"""How long a call may take, unless the caller says otherwise."""
_GRACE_S = 3.0
"""How long git may take to remove its temporary files once it is to end."""
_INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SETTINGS = {
    "color.ui": "false",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "core.quotePath": "false",
    "fetch.fsckObjects": "false",
    "gc.auto": "0",
    "log.showSignature": "false",
    "maintenance.auto": "false",
    "push.followTags": "false",
    "push.gpgSign": "false",
    "push.recurseSubmodules": "no",
    "submodule.recurse": "false",
}
_OF_A_REPOSITORY = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_DIR",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_QUARANTINE_PATH",
    "GIT_REPLACE_REF_BASE",
    "GIT_SHALLOW_FILE",
    "GIT_WORK_TREE",
}
"""Set where a hook or an alias of git started us: they would name another repository than `folder`."""
_SAYS_NOTHING = (
    "fatal: Could not read from remote repository.",
    "Please make sure you have the correct access rights",
    "and the repository exists.",
)
_PASSWORD = re.compile(r"(?<=://)[^/@\s'\"]*@")
_QUERY = re.compile(r"(://[^\s'\"?]*)\?[^\s'\"]*")


class GitError(UseError):
    """Git failed. `status` is its exit status (negative: a signal), `stderr` what it said, without passwords."""

    status: int = 0
    stderr: str = ""


class GitTimeout(GitError):
    """Git did not end in time."""


def git(
    folder: str | os.PathLike[str],
    *words: str,
    input: bytes | IO[bytes] = b"",
    env: Mapping[str, str] | None = None,
    timeout: float = TIMEOUT_S,
    place: str = "",
    remedy: str = "",
    out: IO[bytes] | None = None,
) -> bytes:
    """Run `git WORDS` in `folder`; return what it wrote, or write it to the file `out` and return nothing.

    `input` may be a file, which is read from where it stands; `env` is added to the environment; `timeout` is in
    seconds. Raises `GitError`, with `place` (default: the folder), git's own last message and `remedy`, if git is
    missing, fails or takes longer.
    """
    place = place or os.fspath(folder)
    if not os.path.isdir(folder):
        raise GitError.at(place, "no such folder", "name a folder with a git repository")
    with tempfile.TemporaryFile() as stdin, tempfile.TemporaryFile() as written, tempfile.TemporaryFile() as messages:
        if isinstance(input, bytes):
            stdin.write(input)
            stdin.seek(0)
        source = stdin if isinstance(input, bytes) else input
        options = {"_in": source, "_out": out or written, "_err": messages, "_env": _environment(env or {})}
        with _signals_later() as now:
            running = _start(os.fspath(folder), words, options)
            status = _wait(running, now, timeout, f"git {words[0]}", place)
        messages.seek(0)
        said = without_secrets(messages.read().decode(errors="replace"))
        if status != 0:
            raise _failure(place, words[0], status, said, remedy)
        written.seek(0)
        return written.read()


def without_secrets(text: str) -> str:
    """Return `text` without the user names, passwords and queries of the addresses in it."""
    return _QUERY.sub(r"\1", _PASSWORD.sub("", text))


def _start(folder: str, words: tuple[str, ...], options: dict[str, Any]) -> Any:  # noqa: ANN401  sh's process
    import sh

    settings = [word for key, value in _SETTINGS.items() for word in ("-c", f"{key}={value}")]
    options |= {"_cwd": folder, "_tty_out": False, "_new_session": True, "_bg": True, "_bg_exc": False}
    try:
        return sh.Command("git")("--no-pager", *settings, *words, **options)
    except sh.CommandNotFound:
        raise GitError.at("git", "not found on PATH", "install git") from None
    except sh.ForkException as error:
        last = str(error).strip().splitlines()[-1]
        raise GitError.at("git", f"cannot be started: {last}", "install git, or mend its arguments") from None


@contextmanager
def _signals_later() -> Iterator[Callable[[], None]]:
    """Signals are only noted until what this returns is called: one within the start would lose the git it started."""
    handlers: dict[signal.Signals, Any] = {}
    noted: list[int] = []
    if threading.current_thread() is threading.main_thread():
        handlers = {each: signal.getsignal(each) for each in _INTERRUPTIONS}
        handlers = {each: handler for each, handler in handlers.items() if callable(handler)}

    def now() -> None:
        while handlers:
            signal.signal(*handlers.popitem())
        while noted:
            signal.raise_signal(noted.pop())

    for each in handlers:
        signal.signal(each, lambda number, _: noted.append(number))
    try:
        yield now
    finally:
        now()


def _wait(running: Any, now: Callable[[], None], timeout: float, what: str, place: str) -> int:  # noqa: ANN401  of sh
    """The exit status of a git that was started, negative for a signal. Raises `GitTimeout`.

    From here on signals count: `now` says so.
    """
    import sh

    ended, late = threading.Event(), threading.Event()
    watch = threading.Thread(target=_end_if_late, args=(running.pid, timeout, ended, late), daemon=True)
    watch.start()
    try:
        now()
        running.wait()
    except sh.ErrorReturnCode as error:
        if not late.is_set():
            return int(error.exit_code)
        problem = f"{what} did not end in {timeout:g} s and was ended"
        raise GitTimeout.at(place, problem, "try again later, or allow it more time") from None
    except BaseException:
        _end(running.pid, partial(_reap, running))
        raise
    finally:
        ended.set()
        watch.join()
    return 0


def _end_if_late(pid: int, timeout: float, ended: threading.Event, late: threading.Event) -> None:
    if not ended.wait(timeout):
        late.set()
        _end(pid, ended.wait)


def _end(pid: int, wait: Callable[[float], object]) -> None:
    """End git and what it has started: first so that it removes its temporary files, then whatever is left."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGTERM)
    wait(_GRACE_S)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _reap(running: Any, seconds: float) -> None:  # noqa: ANN401  sh's process
    import sh

    with suppress(sh.TimeoutException, sh.ErrorReturnCode):
        running.wait(seconds)


def _environment(added: Mapping[str, str]) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in _OF_A_REPOSITORY and not name.startswith(("GIT_TRACE", "GIT_CURL", "LC_", "GIT_EXTERNAL"))
    }
    steady = {"LC_ALL": "C", "LANGUAGE": "", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_REPLACE_OBJECTS": "1"}
    return {**kept, **steady, "GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat", **added}


def _failure(place: str, command: str, status: int, said: str, remedy: str) -> GitError:
    """The error for a git that failed: with its first line that is an error, else its last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip() not in ("", *_SAYS_NOTHING)]
    errors = [line for line in lines if line.startswith(("fatal:", "error:", "ssh:"))]
    line = errors[0] if errors else lines[-1] if lines else f"exit status {status}"
    line = line.removeprefix("fatal: ").removeprefix("error: ").removesuffix(".")
    error = GitError.at(place, f"git {command}: {line}", remedy)
    assert isinstance(error, GitError)
    error.status, error.stderr = status, said
    return error
