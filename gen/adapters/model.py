"""What an adapter is, and what it hands on: the draft of a suite."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar, runtime_checkable

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.errors import Problem

Tests = TypeVar("Tests")


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user said: words for the project's own build, its variants, reports with durations by test, jobs."""

    jobs: int
    durations: Mapping[str, float] = field(default_factory=dict)
    """Seconds that a test took, by the name that its own runner gives it."""
    verifies: bool = False
    """Whether the names are those to compare a run with: a runner that cannot list its tests runs them for it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A variant, module or step: its name, its keys in the suite, and a comment, which may have several lines."""

    name: str
    keys: Mapping[str, Any]
    comment: str = ""
    tests: tuple[str, ...] = ()
    """The tests of a module, as its `args` name them, if they do, but without doubled braces; see `Draft.forms`."""
    together: tuple[tuple[str, ...], ...] = ()
    """Those of its tests that must share a unit."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A suite, before it is text.

    `unmapped` is what the project has and the suite has not, each with its place and what to do about it; `ignored` are
    lines for `.gitignore` besides Longpole's own.
    """

    name: str
    variants: tuple[Entry, ...]
    modules: tuple[Entry, ...]
    steps: tuple[Entry, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, Any] = field(default_factory=dict)
    comment: str = ""
    unmapped: tuple[Problem, ...] = ()
    ignored: tuple[str, ...] = ()
    contents: str = ""
    """What is said of its tests where their number is not known, such as `12 test files`."""
    forms: tuple[tuple[str, ...], ...] = ()
    """Words of `run`, in modules or in their `forks`, by which `init --update` knows the adapter's modules.

    There is a `*` for a name: `("{target_dir}/tests/*", "--exact", "{args}")`. The default `run` is one of them anyway,
    with `*` for `{module}`. Where a form has `{args}` and no `*`, each word of `args` is a test, and a module is any
    group of tests; else a module is one thing: the words but `{args}` and options.
    """


class Adapter(Protocol[Tests]):
    """One test runner. `detect` looks at files only; `read` asks the runner; the rest is pure."""

    name: str
    """As in `--from`."""
    title: str
    """As its users call it."""
    looks_for: str
    """What `detect` looks for, for the message of a project that has none of it: `go.mod or go.work`."""

    def detect(self, root: Path) -> str | None:
        """The file, relative to `root`, that shows that the project uses this runner; None if none does."""

    def read(self, root: Path, settings: Settings) -> Tests:
        """The tests of the project, as the runner lists them. Raises `UseError`."""

    def to_suite(self, tests: Tests, settings: Settings) -> Draft:
        """The suite that runs these tests, each once in each variant."""

    def names(self, tests: Tests) -> Collection[str]:
        """The names that the runner gives its tests; what `init --verify` compares."""

    def name_of(self, case: Case, module: str) -> str | None:
        """The name that the runner gives a case of a module; None if the case is no test, but a class as a whole."""


@runtime_checkable
class NamesTests(Protocol):
    """An adapter whose `args` name tests in words of its own, such as a regular expression."""

    def with_tests(self, args: Sequence[str], keep: Callable[[str], bool]) -> tuple[str, ...] | None:
        """The words of `args` without the tests that are not to be kept; None if they choose no test any more."""
