"""Calls of a project's own tools, through `sh`."""

import os
import shlex
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from longpole.rts_tests.contracts.clients import clients_folder
from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.excerpt import causes
from longpole.rts_tests.contracts.harmless import harmless
from longpole.rts_tests.contracts.log_tail import excerpt_in

LINES = 20
"""Lines of a failed program's output that are shown: its likely causes, and its end."""
MAX_CAUSE = 300
MAX_COMMAND = 200


def output_of(
    root: Path, *words: str, env: Mapping[str, str] | None = None, ok: tuple[int, ...] = (0,), remedy: str = ""
) -> str:
    """What the program prints on standard output, in the folder `root`; `env` is added to the environment.

    Raises `UseError`, with an excerpt of its output, if it is missing or ends with a status that is not `ok`.
    """
    import sh

    program = os.path.basename(words[0])
    try:
        command = sh.Command(words[0])
        done = command(
            *words[1:],
            _cwd=str(root),
            _env={**os.environ, **(env or {})},
            _in="",
            _tty_out=False,
            _ok_code=list(ok),
            _encoding="utf-8",
            _decode_errors="replace",
            _truncate_exc=False,
            _return_cmd=True,
        )
    except sh.CommandNotFound:
        remedy = f"install {program}, or choose another runner with --from"
        raise UseError.at("", f"{program} is missing", remedy) from None
    except sh.ForkException:
        what = f"{program} cannot be started: the system refuses to execute {words[0]}"
        raise UseError.at("", what, "make it work by hand first") from None
    except sh.ErrorReturnCode as error:
        raise _failure(words, error.exit_code, error.stdout + error.stderr, remedy) from None
    return str(done)


def _failure(words: tuple[str, ...], status: int, printed: bytes, remedy: str) -> UseError:
    """The error of a program that failed: one line with the most likely cause, and an excerpt of what it printed."""
    lines = [line for line in excerpt_in(printed, LINES) if line.strip()]
    cause = harmless(_cause(lines), colour=False).strip()
    ended = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"failed with status {status}"
    what = f"`{_shown(words)}` {ended}{f': {_cut(cause, MAX_CAUSE)}' if cause else ''}"
    return UseError(Problem("", None, None, what, remedy or "make it work by hand first"), output="\n".join(lines))


def _cause(lines: list[str]) -> str:
    """The line that most likely says why; with the next one, if it ends with a colon, as with `CMake Error at …:`."""
    found = causes(lines)
    place = found[0] if found else len(lines) - 1
    said = [line.strip() for line in lines[place : place + 2]]
    return " ".join(said if said and said[0].endswith(":") else said[:1])


def _shown(words: tuple[str, ...]) -> str:
    """The command as its user knows it: a client of ours by its name, and no path of the Python that runs it."""
    if words[0] == sys.executable and len(words) > 1 and words[1].startswith(f"{clients_folder()}/"):
        return _cut(shlex.join([f"clients/{os.path.basename(words[1])}", *words[2:]]), MAX_COMMAND)
    return _cut(shlex.join([os.path.basename(words[0]), *words[1:]]), MAX_COMMAND)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
