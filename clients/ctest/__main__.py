"""Configures and builds a CMake project: `python clients/ctest TARGET_DIR MAKE [ARGUMENT...]`, of `cmake`'s arguments.

`TARGET_DIR` is the build tree; `MAKE` makes the recipe one of make's, which thus shares its jobs with the build. Then
it writes the script `TARGET_DIR/longpole/ctest`, which runs the tests of exactly the names that it is given. CTest
itself runs them, so that all properties of tests mean what they mean to CTest. Messages and exit status of the build
are CMake's.
"""

import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import BinaryIO

_FOLDER = "longpole"
_CACHED = re.compile(r"^([A-Za-z0-9_]+):[A-Z]+=(.*)$", re.MULTILINE)
_CUSTOM = ("CTestCustom.cmake", "CTestCustom.ctest")
_SCRIPT = r"""#!/bin/sh
# Runs the tests of these names. Their list is read by way of a folder in TMPDIR: CTest writes a log and costs beside
# the list that it reads, and several of it would do so at once. In names, what regular expressions know is quoted.
@FILES@
pattern=
for name; do
  quoted=
  while :; do
    plain=${name%%[][().*+?^\$\|\\]*}
    quoted=$quoted$plain
    name=${name#"$plain"}
    [ -n "$name" ] || break
    rest=${name#?}
    quoted=$quoted\\${name%"$rest"}
    name=$rest
  done
  pattern="$pattern|$quoted"
done
exec @CTEST@ --no-tests=${CTEST_NO_TESTS_ACTION:-error} --output-on-failure --test-dir "$TMPDIR" \
  --output-junit "$TMPDIR/ctest.xml" -R "^(${pattern#|})\$"
"""


def main(argv: list[str]) -> int:
    """Configure if needed, build, and write the script; return the exit status."""
    if len(argv) < 2 or argv[0].startswith("-"):
        print("usage: python clients/ctest TARGET_DIR MAKE [ARGUMENT...]", file=sys.stderr)
        return 2
    if _is_dry_run(os.environ.get("MAKEFLAGS", "")):
        return 0
    if shutil.which("cmake") is None:
        print("cmake is missing; install CMake 3.21 or later", file=sys.stderr)
        return 2
    tree = os.path.abspath(argv[0])
    environ = _environ()
    status = _configured(tree, argv[2:], environ)
    if status != 0:
        return status
    cache = _cache(tree)
    config = _config(cache)
    select = ["--config", config] if config else []
    status = _run(["cmake", "--build", tree, *select, *_parallel(cache, environ)], environ)
    if status != 0:
        return status
    ctest = [cache.get("CMAKE_CTEST_COMMAND") or "ctest", *(["-C", config] if config else []), *_timeout(tree)]
    return _listed(tree, ctest, environ) or _write(os.path.join(tree, _FOLDER, "ctest"), script(tree, ctest))


def _listed(tree: str, ctest: Sequence[str], environ: Mapping[str, str]) -> int:
    """Write CTest's list of the tests, and return the exit status.

    Tests that are discovered when CTest reads its list are thus discovered once, not by several units at once.
    """
    path = os.path.join(tree, _FOLDER, "tests.json")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        return _run([*ctest, "--test-dir", tree, "--show-only=json-v1"], environ, file)


def script(tree: str, ctest: Sequence[str]) -> str:
    """The text of the script; `ctest` is the program with options."""
    files = [_print(f"subdirs({_bracket(tree)})", "CTestTestfile.cmake")]
    for name in _CUSTOM:
        path = os.path.join(tree, name)
        if os.path.isfile(path):
            files.append(_print(f"include({_bracket(path)})", name))
    return _SCRIPT.replace("@FILES@", "\n".join(files)).replace("@CTEST@", shlex.join(ctest))


def _print(line: str, name: str) -> str:
    return f"""printf '%s\\n' {shlex.quote(line)} >"$TMPDIR/{name}" || exit 1"""


def _bracket(text: str) -> str:
    """The text as an argument in brackets, in which CMake replaces nothing."""
    level = "="
    while f"]{level}]" in text:
        level += "="
    return f"[{level}[{text}]{level}]"


def _configured(tree: str, arguments: list[str], environ: Mapping[str, str]) -> int:
    """Configure, unless that was done with these arguments; return the exit status. The build configures again."""
    record = os.path.join(tree, _FOLDER, "arguments.json")
    wanted = json.dumps(arguments)
    try:
        with open(record, encoding="utf-8") as file:
            if file.read() == wanted and os.path.isfile(os.path.join(tree, "CMakeCache.txt")):
                return 0
    except OSError:
        pass
    status = _run(["cmake", "-S", ".", "-B", tree, *arguments], environ)
    if status == 0:
        _write(record, wanted)
    return status


def _run(command: list[str], environ: Mapping[str, str], output: BinaryIO | None = None) -> int:
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, env=environ, check=False, close_fds=False)
    return done.returncode


def _cache(tree: str) -> dict[str, str]:
    """The variables in the tree's cache."""
    with open(os.path.join(tree, "CMakeCache.txt"), encoding="utf-8", errors="surrogateescape") as file:
        return dict(_CACHED.findall(file.read()))


def _config(cache: Mapping[str, str]) -> str:
    """The configuration to build and test: the build type, or with a multi-config generator one that the tree has."""
    build_type = cache.get("CMAKE_BUILD_TYPE", "")
    if not cache.get("CMAKE_CONFIGURATION_TYPES"):
        return build_type
    types = cache["CMAKE_CONFIGURATION_TYPES"].split(";")
    return next((name for name in (build_type, cache.get("CMAKE_DEFAULT_BUILD_TYPE")) if name in types), types[0])


def _timeout(tree: str) -> list[str]:
    """The seconds that a test may take if it does not say so itself, where the project changed them."""
    try:
        with open(os.path.join(tree, "DartConfiguration.tcl"), encoding="utf-8", errors="replace") as file:
            found = re.search(r"^TimeOut: ([0-9.]+)$", file.read(), re.MULTILINE)
    except OSError:
        return []
    return ["--timeout", found.group(1)] if found else []


def _is_dry_run(flags: str) -> bool:
    """Whether make only prints: `make -n` runs recipes that are make's, nevertheless."""
    first = flags.split(" ", maxsplit=1)[0]
    return "n" in first and not first.startswith("-") and "=" not in first


def _environ() -> dict[str, str]:
    """The environment; without make's flags if they name a jobserver that make has closed."""
    environ = dict(os.environ)
    found = re.search(r"--jobserver-(?:auth|fds)=(\d+),(\d+)", environ.get("MAKEFLAGS", ""))
    if found is not None and not all(_is_pipe(int(descriptor)) for descriptor in found.groups()):
        for name in ("MAKEFLAGS", "MFLAGS"):
            environ.pop(name, None)
    return environ


def _parallel(cache: Mapping[str, str], environ: Mapping[str, str]) -> list[str]:
    """How many jobs the build has, where it does not share those of make."""
    flags = os.environ.get("MAKEFLAGS", "")
    jobs = re.search(r"(?:^| )-j(\d+)", flags)
    if "--jobserver" in environ.get("MAKEFLAGS", "") and "Makefiles" in cache.get("CMAKE_GENERATOR", ""):
        return []
    if jobs is not None:
        return ["--parallel", jobs.group(1)]
    return ["--parallel", "1" if "MAKELEVEL" in os.environ else str(os.cpu_count() or 1)]


def _is_pipe(descriptor: int) -> bool:
    try:
        return stat.S_ISFIFO(os.fstat(descriptor).st_mode) and os.get_inheritable(descriptor)
    except OSError:
        return False


def _write(path: str, text: str) -> int:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = f"{path}.{os.getpid()}.tmp"
    with open(temporary, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(text)
    os.chmod(temporary, 0o755)  # noqa: S103
    os.replace(temporary, path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
