"""Run the build of one target directory while no other run builds it.

`python -m longpole.rts_tests.make.build_lock VARIANT TARGET_DIR [NAME=VALUE...] -- COMMAND...` waits for the lock,
then runs the command and exits as it did; inside a run, it tells the supervisor when the build succeeded.
The command keeps make's jobserver but none of the variables by which a recipe of ours knows that it is inside a run.
Under `make -n` the command is only shown, unless it is itself a make, which then shows what it would do.
"""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from longpole.rts_tests.make.handover import BUILT
from longpole.rts_tests.make.makeflags import only_shows, without_letters

_INSIDE_A_RUN = ("LONGPOLE_REQUEST", "LONGPOLE_REPLY", "LONGPOLE_SELECTION", "LONGPOLE_GOALS", "LONGPOLE_NEWLINE")


def _environment(target_dir: str) -> dict[str, str]:
    environ = {name: value for name, value in os.environ.items() if name not in _INSIDE_A_RUN}
    if "MAKEFLAGS" in environ:  # our -rR is not for the build below
        environ["MAKEFLAGS"] = without_letters(environ["MAKEFLAGS"], "rR")
    environ["LONGPOLE_BUILD"] = target_dir  # what a build leaves running is not a unit's leak
    return environ


def main(argv: list[str]) -> int:
    """Build; return the command's exit status, 128 + n when a signal ended it, 127 when it cannot be executed."""
    end = argv.index("--")
    (variant, target_dir, *settings), command = argv[:end], argv[end + 1 :]
    environ = _environment(target_dir)
    for setting in settings:
        name, _, value = setting.partition("=")
        environ[name] = value
    shown = only_shows(environ.get("MAKEFLAGS", ""))
    if shown and os.path.basename(command[0]) not in ("make", "gmake"):
        print(shlex.join(command), flush=True)
        return 0
    if shown:
        return _execute(command, environ)
    from filelock import FileLock, Timeout

    locks = Path(environ.get("LONGPOLE_STATE") or ".longpole") / "locks"
    try:
        locks.mkdir(parents=True, exist_ok=True)
        lock = FileLock(locks / f"{target_dir.replace('/', '%')}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            print(f"longpole: waiting for another build of {target_dir}", file=sys.stderr, flush=True)
            lock.acquire()
    except OSError as error:
        print(f"longpole: {target_dir} cannot be locked: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    with lock:
        status = _execute(command, environ)
    request = os.environ.get("LONGPOLE_REQUEST")
    if status == 0 and request:
        with open(request, "ab", buffering=0) as pipe:
            pipe.write(f"{BUILT}{variant}\n".encode())
    return status


def _execute(command: list[str], environ: dict[str, str]) -> int:
    sys.stdout.flush()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the command hears it too; what it leaves is its own to clean
    try:
        process = subprocess.Popen(command, env=environ, close_fds=False, restore_signals=True)
    except OSError as error:
        print(f"longpole: {command[0]} cannot be executed: {error.strerror}", file=sys.stderr)
        return 127
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    status = process.wait()
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
