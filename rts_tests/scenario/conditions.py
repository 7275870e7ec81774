"""Conditions: what a scenario requires of the machine, and when it is skipped instead of run.

The version of a program is asked of it once a run: the first unit that needs it writes the answer to a file that all
others read, under a lock, so that they wait instead of asking again.
"""

import fcntl
import operator
import os
import platform
import re
import shlex
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from json import dumps
from typing import IO, Protocol

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import parse_json
from longpole.rts_tests.contracts.harmless import harmless_note
from longpole.rts_tests.contracts.nearest import nearest
from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.contracts.tree import Scalar
from longpole.rts_tests.scenario.model import Scenario
from longpole.rts_tests.scenario.reading import Record

PROBE_S = 10.0
"""Seconds that a program may take to tell its version."""
SKIP_IF_S = 60.0
"""Seconds that the command of `skip_if` may take."""
MAX_REASON = 300
MAX_OUTPUT = 1 << 16
"""Characters of a program's output that are searched for its version."""
SYSTEMS = ("linux", "darwin", "macos", "freebsd", "openbsd", "netbsd")
FEATURES = ("tty", "not_root", "root", "userns")
_MACHINES = {"arm64": "aarch64", "amd64": "x86_64"}
_ALIASES = {"macos": "darwin"}
Version = tuple[int, ...]
_OPERATORS: dict[str, Callable[[Version, Version], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_REQUIREMENT = re.compile(r"([^<>=!]*)(?:(>=|<=|==|!=|>|<|=)(.*))?", re.DOTALL)
_PROGRAM = re.compile(r"[A-Za-z0-9_.+@-]+|/[^\s<>=!]+")
_VERSION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){0,9}")
_DOTTED = re.compile(r"(?<![0-9.])[0-9]{1,9}(?:\.[0-9]{1,9}){1,9}")
_NUMBER = re.compile(r"(?<![0-9.])[0-9]{1,9}(?![0-9])")


class Skipped(Exception):
    """A scenario is not run; the text says why, in one line."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """A program, a feature, `os` or `arch`; and what its version or name is compared with, if it is."""

    name: str
    operator: str = ""
    value: str = ""

    def __str__(self) -> str:
        return f"{self.name}{self.operator}{self.value}"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command line did."""

    exit_code: int
    stdout: str
    stderr: str
    timed_out: bool = False


class Runs(Protocol):
    """What runs a command line in the work directory, as a step is run."""

    def __call__(self, text: str, environ: Mapping[str, str], timeout_s: float, /) -> Ran:
        """Run `text`; `environ` is its whole environment."""


def parse_requirement(text: str) -> Requirement | str:  # noqa: PLR0911  each line refuses one thing
    """What an item of `requires` says; or what is wrong with it and what to write, as a text."""
    match = _REQUIREMENT.fullmatch(text)
    if not text.strip():
        return "an item of `requires` is empty; remove it"
    if match is None:
        return f"{shown(text)} cannot be the name of a program; write `PROGRAM`, or `PROGRAM>=VERSION`"
    name, compares, value = match[1].strip(), match[2] or "", (match[3] or "").strip()
    if name in ("os", "arch") and compares:
        if compares not in ("=", "!="):
            return f"`{name}` takes `=` or `!=`; write `{name}={value}`"
        if name == "os" and value not in SYSTEMS:
            return f"{shown(value)} is no operating system; write {', '.join(SYSTEMS)}"
        return Requirement(name, compares, value) if value.isidentifier() else f"{shown(value)} is no machine"
    if name in FEATURES:
        return f"`{name}` is no program here; write `{name}` alone" if compares else Requirement(name)
    near = nearest(name, FEATURES, 0.8) if not compares else None
    if near is not None:
        return f"{shown(name)} is no program; did you mean `{near}`?"
    if not _PROGRAM.fullmatch(name) or not name.isprintable():
        remedy = "write one that is on PATH, or an absolute path"
        return f"{shown(name)} cannot be the name of a program; {remedy}"
    if compares and not _VERSION.fullmatch(value):
        return f"{shown(value)} is no version; write numbers, as in `git>=2.45`"
    return Requirement(name, compares, value)


def conditions_of(record: Record, problems: Problems) -> tuple[tuple[str, ...], str | None]:
    """`requires` and `skip_if` of a scenario. Errors go to `problems`."""
    requires: dict[str, Scalar] = {}
    for item in record.lists.get("requires", ()):
        requirement = parse_requirement(item.text)
        if isinstance(requirement, str):
            problems.add(item, *requirement.split("; ", 1))
        elif requires.setdefault(str(requirement), item) is not item:
            problems.add(item, f"`{requirement}` is required twice", "remove one of the two")
    skip_if = record.texts.get("skip_if")
    if skip_if is not None and not skip_if.strip():
        problems.add(record.places["skip_if"], "`skip_if` is empty", "write a command line, or remove it")
    return tuple(requires), skip_if


def skip_reason(
    scenario: Scenario, probes: "Probes", run: Runs, environ: Mapping[str, str], expand: Callable[[str], str]
) -> str | None:
    """Why the scenario is not run, in one line; None if it is. `environ` is that of its steps.

    Raises `UseError` if the command of `skip_if` does not end.
    """
    unmet = [why for text in scenario.requires if (why := _unmet(text, probes, run, environ)) is not None]
    if unmet:
        return _one_line("; ".join(unmet))
    if scenario.skip_if is None:
        return None
    text = expand(scenario.skip_if)
    ran = run(text, environ, SKIP_IF_S)
    if ran.timed_out:
        remedy = "write a command that ends"
        raise UseError.at(scenario.path, f"the command of `skip_if` took longer than {SKIP_IF_S:g} s", remedy)
    if ran.exit_code:
        return None
    lines = [line for line in ran.stdout.splitlines() if line.strip()]
    return _one_line(f"skip_if: {lines[-1] if lines else text}")


def has_tags(tags: Collection[str], wanted: Collection[str], unwanted: Collection[str]) -> bool:
    """Whether a scenario is meant: it has one of `wanted`, if there are any, and none of `unwanted`."""
    return (not wanted or not set(tags).isdisjoint(wanted)) and set(tags).isdisjoint(unwanted)


def compared(version: Version, compares: str, other: Version) -> bool:
    """Whether a version is `>=`, `==`, ... another; the shorter one is as if zeros followed."""
    length = max(len(version), len(other))
    padded = [each + (0,) * (length - len(each)) for each in (version, other)]
    return _OPERATORS[compares](*padded)


def version_in(text: str) -> Version | None:
    """The first numbers with dots between in a text, or else its first number; None if there is none."""
    found = _DOTTED.search(text) or _NUMBER.search(text)
    return None if found is None else tuple(int(part) for part in found[0].split("."))


class Probes:
    """What programs told of their versions. Answers are kept in `folder`, which all units of a run share, if not None.

    What cannot be kept is asked for again.
    """

    def __init__(self, folder: str | None) -> None:
        self._folder = folder
        self._known: dict[str, Version | str] = {}

    def version(self, path: str, run: Runs, environ: Mapping[str, str]) -> Version | str:
        """The version of the program at `path`, or why it is not known."""
        try:
            status = os.stat(path)
        except OSError as error:
            return f"{path} cannot be read: {error.strerror}"
        key = sha256(
            f"{os.path.realpath(path)}\0{status.st_ino}\0{status.st_mtime_ns}".encode("utf-8", "surrogateescape")
        )
        name = key.hexdigest()
        if name not in self._known:
            self._known[name] = self._shared(name, lambda: _ask(path, run, environ))
        return self._known[name]

    def _shared(self, name: str, ask: Callable[[], Version | str]) -> Version | str:
        if self._folder is None:
            return ask()
        try:
            os.makedirs(self._folder, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            file = os.fdopen(os.open(os.path.join(self._folder, f"{name}.json"), flags, 0o600), "r+b")
        except OSError:
            return ask()
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            known = _answer(file.read())
            return _kept(file, ask()) if known is None else known


def _kept(file: IO[bytes], answer: Version | str) -> Version | str:
    file.seek(0)
    file.truncate()
    file.write(dumps({"version": 1, "answer": answer}).encode())
    return answer


def _answer(data: bytes) -> Version | str | None:
    try:
        kept = parse_json(data)
    except ValueError:
        return None
    answer = kept.get("answer") if isinstance(kept, dict) else None
    if isinstance(answer, list) and answer and all(isinstance(part, int) for part in answer):
        return tuple(answer)
    return answer if isinstance(answer, str) else None


def _ask(path: str, run: Runs, environ: Mapping[str, str]) -> Version | str:
    name = os.path.basename(path)
    for option in ("--version", "-V"):
        ran = run(f"{shlex.quote(path)} {option}", environ, PROBE_S)
        if ran.timed_out:
            return f"`{name} {option}` took longer than {PROBE_S:g} s"
        for text in (ran.stdout, ran.stderr):
            found = version_in(text[:MAX_OUTPUT]) if not ran.exit_code else None
            if found is not None:
                return found
    return f"`{name} --version` names no version"


def _unmet(text: str, probes: Probes, run: Runs, environ: Mapping[str, str]) -> str | None:
    needed = parse_requirement(text)
    assert isinstance(needed, Requirement)
    why = next(_reasons(needed, probes, run, environ), None)
    return None if why is None else f"it needs `{needed}`, {why}"


def _reasons(needed: Requirement, probes: Probes, run: Runs, environ: Mapping[str, str]) -> Iterator[str]:
    if needed.name in ("os", "arch") and needed.operator:
        own = platform.system().lower() if needed.name == "os" else platform.machine().lower()
        aliases = _ALIASES if needed.name == "os" else _MACHINES
        is_same = aliases.get(own, own) == aliases.get(needed.value, needed.value)
        if is_same is (needed.operator == "!="):
            yield f"and this is {own}"
    elif needed.name in FEATURES:
        yield from _missing_feature(needed.name)
    elif (path := shutil.which(needed.name, path=environ.get("PATH", os.defpath))) is None:
        yield "which does not exist" if needed.name.startswith("/") else "which is not on PATH"
    elif needed.operator:
        version = probes.version(path, run, environ)
        if isinstance(version, str):
            yield f"and {version}"
        elif not compared(version, needed.operator, tuple(map(int, needed.value.split(".")))):
            yield f"and this is version {'.'.join(map(str, version))}"


def _missing_feature(name: str) -> Iterator[str]:
    if name == "not_root" and os.geteuid() == 0:
        yield "and this is root"
    elif name == "root" and os.geteuid() != 0:
        yield "and this is not root"
    elif name == "tty" and (why := _why_no_terminal()) is not None:
        yield f"and there are no pseudo-terminals: {why}"
    elif name == "userns" and (why := _why_no_userns()) is not None:
        yield f"and there are no user namespaces: {why}"


def _why_no_terminal() -> str | None:
    try:
        ends = os.openpty()
    except OSError as error:
        return error.strerror or str(error)
    for end in ends:
        os.close(end)
    return None


def _why_no_userns() -> str | None:
    from longpole.rts_tests.machine.namespaces import why_not

    return why_not()


def _one_line(text: str) -> str:
    line = " ".join(harmless_note(" ".join(text.split())).split())
    return line if len(line) <= MAX_REASON else f"{line[: MAX_REASON - 1]}…"
