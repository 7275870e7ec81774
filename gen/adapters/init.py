"""`longpole init`: from the project to files, in three steps.

project ─▶ tests ─▶ draft ─▶ suite.yaml and lines of .gitignore
"""

from dataclasses import dataclass
from pathlib import Path

from longpole.gen.adapters.example import example
from longpole.gen.adapters.model import Draft, Settings
from longpole.gen.adapters.registry import Found
from longpole.gen.adapters.suite import to_text
from longpole.rts_tests.contracts.errors import Problem, UseError
from longpole.rts_tests.contracts.files import read_regular, write_atomic
from longpole.rts_tests.contracts.quantities import count

SUITE = "suite.yaml"
IGNORED = ("/.longpole/", "/target-*/")
"""What every project should not commit."""
SCHEMA = Path(".longpole/suite.schema.json")


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is to be written: the suite, and lines for `.gitignore` that it has not; and what is not mapped."""

    suite: str
    ignored: tuple[str, ...]
    contents: str
    """What the suite runs: `34 tests`."""
    modules: int
    unmapped: tuple[Problem, ...]


def propose(root: Path, found: Found, settings: Settings) -> Proposal:
    """Ask the project's runner for its tests, and make the suite that runs them. Raises `UseError`."""
    draft, contents = draft_of(root, found, settings)
    wanted = (*IGNORED, *draft.ignored)
    return Proposal(to_text(draft), _missing(root, wanted), contents, len(draft.modules), draft.unmapped)


def propose_example(root: Path) -> Proposal:
    """A suite to begin with, where no runner is known."""
    draft = example(root)
    return Proposal(to_text(draft), _missing(root, IGNORED), "an example", len(draft.modules), ())


def draft_of(root: Path, found: Found, settings: Settings) -> tuple[Draft, str]:
    """The suite of a project's tests, and what it runs in words. Raises `UseError` if there are none."""
    tests = found.adapter.read(root, settings)
    names = found.adapter.names(tests)
    if not names:
        raise UseError.at(found.place, f"{found.adapter.title} lists no tests", "write one, and try again")
    draft = found.adapter.to_suite(tests, settings)
    return draft, draft.contents or count(len(names), "test")


def write(root: Path, proposal: Proposal) -> list[str]:
    """Write what is proposed; return a line for each file. Raises `UseError` and writes nothing if a suite is there."""
    from longpole.gen.suite.schema import json_schema

    path = root / SUITE
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(proposal.suite)
        (root / SCHEMA).parent.mkdir(exist_ok=True)
        write_atomic(root / SCHEMA, json_schema().encode())
        _ignore(root / ".gitignore", proposal.ignored)
    except FileExistsError:
        raise _exists() from None
    except OSError as error:
        what = f"cannot be written: {error.strerror}"
        raise UseError.at(str(error.filename or path), what, "make the folder writable") from None
    lines = [f"wrote {SUITE}: {count(proposal.modules, 'module')}, {proposal.contents}"]
    if proposal.ignored:
        lines.append(f"added to .gitignore: {' '.join(proposal.ignored)}")
    return lines


def refuse_existing(root: Path) -> None:
    """Raise `UseError` if the project has a suite: before its tests are built and listed."""
    if (root / SUITE).exists():
        raise _exists()


def _exists() -> UseError:
    remedy = "--update adds and removes modules; --dry-run prints a new one"
    return UseError.at(SUITE, "exists, and is left alone", remedy)


def commands(root: Path, jobs: int) -> str:
    """What to type next: the makefile gets another name where the project has one."""
    own = [name for name in ("GNUmakefile", "makefile", "Makefile") if (root / name).exists()]
    if own:
        return f"longpole render -o longpole.mk && make -f longpole.mk -j{jobs} test"
    return f"longpole render && make -j{jobs} test"


def _missing(root: Path, wanted: tuple[str, ...]) -> tuple[str, ...]:
    """The lines that `.gitignore` has not; with or without slashes at their ends they are the same."""
    try:
        present = {line.strip().strip("/") for line in (root / ".gitignore").read_text(errors="replace").splitlines()}
    except OSError:
        present = set()
    return tuple(line for line in dict.fromkeys(wanted) if line.strip("/") not in present)


def _ignore(path: Path, lines: tuple[str, ...]) -> None:
    """Add lines at the end; what is there stays, byte for byte."""
    if not lines:
        return
    try:
        before = read_regular(path)
    except FileNotFoundError:
        before = b""
    separator = b"\n" if before and not before.endswith(b"\n") else b""
    with open(path, "ab") as file:
        file.write(separator + "".join(f"{line}\n" for line in lines).encode())
