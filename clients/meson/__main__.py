"""Configures and builds a Meson project: `python clients/meson TARGET_DIR [ARGUMENT...]`, of `meson setup`'s arguments.

`TARGET_DIR` is the build tree. The build is what `meson test` would build, with the jobs of make. Then the lists
`TARGET_DIR/longpole/tests.jsonl` and `benchmarks.jsonl` are written, from which the client `batch` runs tests. Messages
and exit status of the build are Meson's and ninja's.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

FOLDER = "longpole"
_LISTED = ("meson-private/build.dat", "meson-private/meson_test_setup.dat", "meson-private/meson_benchmark_setup.dat")
"""What the lists are made of."""
_NINJAS = ("ninja", "ninja-build", "samu")


def main(argv: Sequence[str]) -> int:
    """Configure if needed, build, and write the lists; return the exit status."""
    if not argv or argv[0].startswith("-"):
        print("usage: python clients/meson TARGET_DIR [ARGUMENT...]", file=sys.stderr)
        return 2
    ninja = os.environ.get("NINJA") or next(filter(shutil.which, _NINJAS), None)
    if shutil.which("meson") is None or ninja is None:
        print(f"{'meson' if ninja else 'ninja'} is missing; install Meson 1.0 or later, and ninja", file=sys.stderr)
        return 2
    tree = os.path.abspath(argv[0])
    environ = dict(os.environ)
    jobs = _jobs(environ.get("MAKEFLAGS", ""), "MAKELEVEL" in environ)
    return (
        _configured(tree, list(argv[1:]))
        or _run([ninja, "-C", tree, *jobs, "all", "meson-test-prereq"])
        or _listed(tree)
    )


def _configured(tree: str, arguments: list[str]) -> int:
    """Configure, unless that was done with these arguments; return the exit status. The build configures again.

    With other arguments the tree is configured anew: Meson would keep what earlier ones said.
    """
    record = os.path.join(tree, FOLDER, "arguments.json")
    wanted = json.dumps(arguments)
    with contextlib.suppress(OSError), open(record, encoding="utf-8") as file:
        if file.read() == wanted and os.path.isfile(os.path.join(tree, "build.ninja")):
            return 0
    shutil.rmtree(os.path.join(tree, "meson-private"), ignore_errors=True)
    status = _run(["meson", "setup", *arguments, tree])
    if status == 0:
        os.makedirs(os.path.dirname(record), exist_ok=True)
        with open(record, "w", encoding="utf-8") as file:
            file.write(wanted)
    return status


def _listed(tree: str) -> int:
    """Write the lists, unless they are newer than what they are made of; return the exit status."""
    folder = os.path.join(tree, FOLDER)
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tests.py")
    newest = max(os.stat(path).st_mtime_ns for path in (script, *(os.path.join(tree, name) for name in _LISTED)))
    with contextlib.suppress(OSError):
        if os.stat(os.path.join(folder, "benchmarks.jsonl")).st_mtime_ns > newest:
            return 0
    return _run(["meson", "runpython", script, tree, folder])


def _jobs(flags: str, is_in_make: bool) -> list[str]:
    """How many jobs ninja has: those of make."""
    found = re.search(r"(?:^| )-j(\d+)", flags)
    if found is not None:
        return ["-j", found.group(1)]
    return ["-j", "1"] if is_in_make and not re.search(r"(?:^| )-j", flags) else []


def _run(command: Sequence[str], environ: Mapping[str, str] | None = None) -> int:
    return subprocess.run(command, stdin=subprocess.DEVNULL, env=environ, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
