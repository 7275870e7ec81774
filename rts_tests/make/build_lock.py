"""Run the build of one target directory while no other run builds it.

`python -m longpole.rts_tests.make.build_lock VARIANT TARGET_DIR [NAME=VALUE...] -- COMMAND...` waits for the lock, runs
the command and exits with its status. Each line of its output begins with the variant's name. Inside a run, it reports
the result to the supervisor, and leaves the build's log, times and result in the run's folder. The command
inherits make's jobserver, but not the variables that tell our recipes that they are inside a run. Under `make -n` the
command is only shown, unless it is a make, which then shows what it would do.
"""

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from longpole.rts_tests.contracts.builds import Build, write_build
from longpole.rts_tests.contracts.records import utc
from longpole.rts_tests.make.build_output import run_build
from longpole.rts_tests.make.handover import BUILT, NOT_BUILT
from longpole.rts_tests.make.makeflags import is_dry_run, without_letters

_INSIDE_A_RUN = (
    "LONGPOLE_REQUEST",
    "LONGPOLE_REPLY",
    "LONGPOLE_GROUPS",
    "LONGPOLE_GOALS",
    "LONGPOLE_NEWLINE",
    "LONGPOLE_LEVEL",
    "LONGPOLE_BUILDS",
)


def _environment(target_dir: str) -> dict[str, str]:
    environ = {name: value for name, value in os.environ.items() if name not in _INSIDE_A_RUN}
    if "MAKEFLAGS" in environ:  # our -rR must not affect the user's build
        environ["MAKEFLAGS"] = without_letters(environ["MAKEFLAGS"], "rR")
    environ["LONGPOLE_BUILD"] = target_dir  # processes that a build leaves running are not leaks
    return environ


def main(argv: list[str]) -> int:
    """Build; return the command's exit status, 128 + n if signal n ended it, 127 if it cannot be executed.

    Return 2, with a message on standard error, if the target directory cannot be locked.
    """
    end = argv.index("--")
    (variant, target_dir, *settings), command = argv[:end], argv[end + 1 :]
    environ = _environment(target_dir)
    for setting in settings:
        name, _, value = setting.partition("=")
        environ[name] = value
    dry_run = is_dry_run(environ.get("MAKEFLAGS", ""))
    if dry_run and os.path.basename(command[0]) not in ("make", "gmake"):
        print(shlex.join(command), flush=True)
        return 0
    if dry_run:
        return subprocess.run(command, env=environ, close_fds=False, check=False).returncode
    from filelock import FileLock, Timeout

    locks = Path(environ.get("LONGPOLE_STATE") or ".longpole") / "locks"
    asked = time.monotonic()
    try:
        locks.mkdir(parents=True, exist_ok=True)
        lock = FileLock(locks / f"{target_dir.replace('/', '%')}.lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            print(f"longpole: waiting for another build of {target_dir}", file=sys.stderr, flush=True)
            lock.acquire()
    except OSError as error:
        print(f"longpole: cannot lock {target_dir}: {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    with lock:
        status = _build(variant, command, environ, waited_s=time.monotonic() - asked)
    if request := os.environ.get("LONGPOLE_REQUEST"):
        with open(request, "ab", buffering=0) as pipe:
            pipe.write(f"{NOT_BUILT if status else BUILT}{variant}\n".encode())
    return status


def _build(name: str, command: Sequence[str], environ: dict[str, str], *, waited_s: float) -> int:
    """Run the command; return its exit status, 127 if it cannot be executed. A run's folder of builds says so, too."""
    folder = os.environ.get("LONGPOLE_BUILDS")
    started_at, begun = time.time(), time.monotonic()
    try:
        status = run_build(name, command, environ, folder and f"{folder}/{name}.log")
    except OSError as error:
        print(f"{name}: longpole: {command[0]} cannot be executed: {error.strerror}", file=sys.stderr)
        status = 127
    if folder:
        build = Build(
            name=name,
            started_at=utc(started_at),
            wall_s=round(time.monotonic() - begun, 6),
            waited_s=round(waited_s, 6),
            exit_code=status,
        )
        try:
            os.makedirs(folder, exist_ok=True)
            write_build(Path(folder), build)
        except OSError as error:
            print(f"longpole: {folder}: {error.strerror}; how {name} was built is not recorded", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
