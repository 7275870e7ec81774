"""Other runners, told to run the same commands: what each needs on disk, and its command line.

Each has its own defaults and as many jobs as Longpole; what differs is said beside it. Units are named by number, and a
runner that sorts is told to keep the order in which the commands are given.
"""

import shlex
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from bench.machine import first_line
from bench.measure import CannotMeasure, Contender, jobs, once

Commands = Sequence[Sequence[str]]

LIT_CONFIG = """\
import lit.formats
config.name = "units"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".test"]
config.test_source_root = {folder!r}
config.test_exec_root = {working!r}
"""


@dataclass(frozen=True, slots=True)
class Work:
    """Commands that runners are to run in the folder `working`, in this order."""

    commands: Commands
    working: Path
    environ: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Runner:
    """`make` writes what the runner reads into a folder of its own, and returns the command's arguments."""

    tool: str
    make: Callable[[Path, Work], tuple[str, ...]]
    in_own_folder: bool = False


def find(name: str) -> str | None:
    """Where a tool is: on the path or beside the interpreter; `parallel` counts only if it is GNU's."""
    path = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if path is not None and name == "parallel" and "GNU" not in first_line(path, "--version"):
        return None
    return path


def bare_make(folder: Path, commands: Commands, environ: Mapping[str, str], name: str) -> Contender:
    """A Makefile of phony targets, each recipe one silent command."""
    folder.mkdir()
    targets = [f"u{index}" for index in range(len(commands))]
    lines = [".SUFFIXES:", "MAKEFLAGS += -rR", f"all: {' '.join(targets)}", f".PHONY: all {' '.join(targets)}"]
    for target, command in zip(targets, commands, strict=True):
        lines += [f"{target}:", f"\t@{shlex.join(command).replace('$', '$$')}"]
    (folder / "Makefile").write_text("\n".join(lines) + "\n")
    return Contender(name, ("make", f"-j{jobs()}"), folder, environ)


def runners(names: Sequence[str], work: Work, scratch: Path, suffix: str = "") -> tuple[list[Contender], list[str]]:
    """Every runner of `names` that is installed, told to do `work`; and what is left out, with the reason.

    `suffix` is added to the contenders' names.
    """
    contenders, left_out = [], []
    for name in names:
        runner = RUNNERS[name]
        path = sys.executable if runner.tool == "pytest" else find(runner.tool)
        missing = runner.tool if path is None else _missing_module(name)
        if path is None or missing:
            left_out.append(f"{name}{suffix}: {missing} is not installed")
            continue
        folder = scratch / f"with-{name}{suffix}".replace(",", "").replace(" ", "-")
        folder.mkdir()
        try:
            argv = runner.make(folder, work)
        except CannotMeasure as error:
            left_out.append(str(error))
            continue
        cwd = folder if runner.in_own_folder else work.working
        environ = {**work.environ, "PARALLEL_HOME": str(folder)}
        contenders.append(Contender(f"{name}{suffix}", (path, *argv), cwd, environ))
    return contenders, left_out


def _missing_module(name: str) -> str | None:
    """The first package that is not there of those that pytest needs; None for other runners."""
    needed: tuple[str, ...] = ("pytest",) if name.startswith("pytest") else ()
    if name.startswith("pytest, a process"):
        needed += ("xdist",)
    return next((module for module in needed if find_spec(module) is None), None)


def _ctest(folder: Path, work: Work, *more: str, costs: bool = True) -> tuple[str, ...]:
    """COST has precedence over what CTest has learnt, and so keeps the order."""
    lines = []
    for index, command in enumerate(work.commands):
        words = " ".join(f"[==[{word}]==]" for word in command)
        cost = f"COST {len(work.commands) - index} " if costs else ""
        lines.append(f"add_test(u{index} {words})")
        lines.append(f"set_tests_properties(u{index} PROPERTIES {cost}WORKING_DIRECTORY [==[{work.working}]==])")
    (folder / "CTestTestfile.cmake").write_text("\n".join(lines) + "\n")
    return (f"-j{jobs()}", *more)


def _ninja(folder: Path, work: Work) -> tuple[str, ...]:
    lines = [f"builddir = {folder}", "rule run", "  command = $what"]
    for index, command in enumerate(work.commands):
        lines += [f"build u{index}: run", f"  what = {shlex.join(command).replace('$', '$$')}"]
    (folder / "build.ninja").write_text("\n".join(lines) + "\n")
    return (f"-j{jobs()}", "-k0", "-f", str(folder / "build.ninja"))


def _lit(folder: Path, work: Work, *more: str) -> tuple[str, ...]:
    (folder / "lit.cfg").write_text(LIT_CONFIG.format(folder=str(folder), working=str(work.working)))
    for index, command in enumerate(work.commands):
        (folder / f"u{index:06}.test").write_text(f"RUN: {shlex.join(command)}\n")
    return (f"-j{jobs()}", "--order=lexical", *more, str(folder))


def _meson(folder: Path, work: Work) -> tuple[str, ...]:
    """Meson always writes JUnit. What its test command reads is made by its set-up, which is not measured."""
    lines = ["project('units')"]
    for index, command in enumerate(work.commands):
        program, *words = (
            f"'{word.replace(chr(92), chr(92) * 2).replace(chr(39), chr(92) + chr(39))}'" for word in command
        )
        priority = len(work.commands) - index
        lines.append(f"test('u{index}', find_program({program}), args: [{', '.join(words)}], priority: {priority},")
        lines.append(f"  workdir: '{work.working}', timeout: 0)")
    (folder / "meson.build").write_text("\n".join(lines) + "\n")
    setup = (find("meson") or "meson", "setup", "--backend=none", "build")
    once(Contender("meson setup", setup, folder, work.environ), folder / "setup.txt")
    return ("test", "-C", str(folder / "build"), "--no-rebuild", f"-j{jobs()}")


def _pytest(folder: Path, bodies: Sequence[str], *more: str) -> tuple[str, ...]:
    functions = [f"def test_u{index:06}():\n    {body}\n" for index, body in enumerate(bodies)]
    (folder / "test_units.py").write_text("import subprocess\n\n\n" + "\n\n".join(functions))
    (folder / "pytest.ini").write_text("[pytest]\n")
    return ("-m", "pytest", "-c", str(folder / "pytest.ini"), "-p", "no:cacheprovider", *more, str(folder))


def _pytest_empty(folder: Path, work: Work, *more: str) -> tuple[str, ...]:
    """Functions that do nothing, called in pytest's own process: no process is started for a unit."""
    return _pytest(folder, ["pass"] * len(work.commands), *more)


def _pytest_process(folder: Path, work: Work, *more: str) -> tuple[str, ...]:
    """Functions that run a unit's command; an idle worker of pytest-xdist takes units from another one."""
    bodies = [f"subprocess.run({list(command)!r}, check=True)" for command in work.commands]
    return _pytest(folder, bodies, f"-n{jobs()}", "--dist=worksteal", *more)


def _xargs(folder: Path, work: Work) -> tuple[str, ...]:
    """The words that all commands begin with are xargs' command, the rest of each is one line: no shell is needed."""
    first, *others = work.commands
    shared = 0
    while shared < len(first) - 1 and all(command[: shared + 1] == first[: shared + 1] for command in others):
        shared += 1
    path = _listed(folder, [command[shared:] for command in work.commands])
    return ("-a", path, "-L1", f"-P{jobs()}", *(first[:shared] or ("env",)))


def _parallel(folder: Path, work: Work) -> tuple[str, ...]:
    return ("--will-cite", f"-j{jobs()}", "-a", _listed(folder, work.commands))


def _listed(folder: Path, commands: Commands) -> str:
    path = folder / "commands.txt"
    path.write_text("".join(f"{shlex.join(command)}\n" for command in commands))
    return str(path)


def _junit(folder: Path) -> str:
    return str(folder / "junit.xml")


RUNNERS: dict[str, _Runner] = {
    "CTest": _Runner("ctest", _ctest, in_own_folder=True),
    "CTest, JUnit": _Runner(
        "ctest", lambda folder, work: _ctest(folder, work, "--output-junit", _junit(folder)), in_own_folder=True
    ),
    "CTest, learnt": _Runner("ctest", lambda folder, work: _ctest(folder, work, costs=False), in_own_folder=True),
    "ninja": _Runner("ninja", _ninja),
    "lit": _Runner("lit", _lit),
    "lit, JUnit": _Runner("lit", lambda folder, work: _lit(folder, work, "--xunit-xml-output", _junit(folder))),
    "meson, JUnit": _Runner("meson", _meson, in_own_folder=True),
    "pytest, empty functions": _Runner("pytest", _pytest_empty),
    "pytest, empty functions, JUnit": _Runner(
        "pytest", lambda folder, work: _pytest_empty(folder, work, "--junit-xml", _junit(folder))
    ),
    "pytest, a process a unit": _Runner("pytest", _pytest_process),
    "pytest, a process a unit, JUnit": _Runner(
        "pytest", lambda folder, work: _pytest_process(folder, work, "--junit-xml", _junit(folder))
    ),
    "xargs": _Runner("xargs", _xargs),
    "GNU parallel": _Runner("parallel", _parallel),
}
"""Every runner of any command by the name of its contender."""

VERSIONS = {
    "CTest": ("ctest", "--version"),
    "ninja": ("ninja", "--version"),
    "lit": ("lit", "--version"),
    "meson": ("meson", "--version"),
    "nextest": ("cargo-nextest", "--version"),
    "xargs": ("xargs", "--version"),
    "GNU parallel": ("parallel", "--version"),
}


def versions() -> list[str]:
    """Name and version of each runner that is installed."""
    lines = [f"pytest {_pytest_version()}"]
    for name, (tool, option) in VERSIONS.items():
        path = find(tool)
        words = [] if path is None else first_line(path, option).split()
        version = next((word for word in words if word[0].isdigit()), None)
        if version is not None:
            lines.append(f"{name} {version}")
    return lines


def _pytest_version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("pytest")
    except PackageNotFoundError:
        return "not installed"
