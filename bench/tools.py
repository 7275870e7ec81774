"""Other runners, told to run the same commands: what each needs on disk, and its command line."""

import shlex
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.machine import first_line
from bench.measure import Contender, jobs

Commands = Sequence[Sequence[str]]

LIT_CONFIG = """\
import lit.formats
config.name = "units"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".test"]
config.test_source_root = {folder!r}
config.test_exec_root = {working!r}
"""


def find(name: str) -> str | None:
    """Where a tool is: on the path or beside the interpreter; `parallel` counts only if it is GNU's."""
    path = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if path is not None and name == "parallel" and "GNU" not in first_line(path, "--version"):
        return None
    return path


def bare_make(folder: Path, commands: Commands, environ: dict[str, str], name: str) -> Contender:
    """A Makefile of phony targets, each recipe one silent command."""
    folder.mkdir()
    targets = [f"u{index}" for index in range(len(commands))]
    lines = [".SUFFIXES:", "MAKEFLAGS += -rR", f"all: {' '.join(targets)}", f".PHONY: all {' '.join(targets)}"]
    for target, command in zip(targets, commands, strict=True):
        lines += [f"{target}:", f"\t@{shlex.join(command).replace('$', '$$')}"]
    (folder / "Makefile").write_text("\n".join(lines) + "\n")
    return Contender(name, ("make", f"-j{jobs()}"), folder, environ)


def runners(
    names: Sequence[str], scratch: Path, commands: Commands, environ: dict[str, str], working: Path
) -> tuple[list[Contender], list[str]]:
    """Every runner of `names` that is installed, told to run `commands` in `working`; and what is left out, and why."""
    found, missing = [], []
    for name in names:
        path = find(name)
        if path is None:
            missing.append(f"{name}, which is not installed")
            continue
        folder = scratch / f"{working.name}-with-{name}"
        folder.mkdir()
        argv = _MAKERS[name](folder, commands, working)
        cwd = folder if name == "ctest" else working
        found.append(Contender(name, (path, *argv), cwd, {**environ, "PARALLEL_HOME": str(folder)}))
    return found, missing


def _ctest(folder: Path, commands: Commands, working: Path) -> tuple[str, ...]:
    lines = []
    for index, command in enumerate(commands):
        words = " ".join(f"[==[{word}]==]" for word in command)
        lines.append(f"add_test(u{index} {words})")
        lines.append(f"set_tests_properties(u{index} PROPERTIES WORKING_DIRECTORY [==[{working}]==])")
    (folder / "CTestTestfile.cmake").write_text("\n".join(lines) + "\n")
    return (f"-j{jobs()}",)


def _ninja(folder: Path, commands: Commands, _working: Path) -> tuple[str, ...]:
    lines = [f"builddir = {folder}", "rule run", "  command = $what"]
    for index, command in enumerate(commands):
        lines += [f"build u{index}: run", f"  what = {shlex.join(command).replace('$', '$$')}"]
    (folder / "build.ninja").write_text("\n".join(lines) + "\n")
    return (f"-j{jobs()}", "-k0", "-f", str(folder / "build.ninja"))


def _lit(folder: Path, commands: Commands, working: Path) -> tuple[str, ...]:
    (folder / "lit.cfg").write_text(LIT_CONFIG.format(folder=str(folder), working=str(working)))
    for index, command in enumerate(commands):
        (folder / f"u{index}.test").write_text(f"RUN: {shlex.join(command)}\n")
    return (f"-j{jobs()}", "-q", str(folder))


def _xargs(folder: Path, commands: Commands, _working: Path) -> tuple[str, ...]:
    """The words that all commands begin with are xargs' command, the rest of each is one line: no shell is needed."""
    first, *others = commands
    shared = 0
    while shared < len(first) - 1 and all(command[: shared + 1] == first[: shared + 1] for command in others):
        shared += 1
    path = _listed(folder, [command[shared:] for command in commands])
    return ("-a", path, "-L1", f"-P{jobs()}", *(first[:shared] or ("env",)))


def _parallel(folder: Path, commands: Commands, _working: Path) -> tuple[str, ...]:
    return ("--will-cite", f"-j{jobs()}", "-a", _listed(folder, commands))


def _listed(folder: Path, commands: Commands) -> str:
    path = folder / "commands.txt"
    path.write_text("".join(f"{shlex.join(command)}\n" for command in commands))
    return str(path)


_MAKERS: dict[str, Callable[[Path, Commands, Path], tuple[str, ...]]] = {
    "ctest": _ctest,
    "ninja": _ninja,
    "lit": _lit,
    "xargs": _xargs,
    "parallel": _parallel,
}
EVERY_RUNNER = tuple(_MAKERS)
