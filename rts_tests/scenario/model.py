"""A scenario after it has been read: frozen, fixtures filled in, variables not yet expanded.

Lines count from 1. Texts are as in the file; what may hold variables (`$NAME`) is said beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class File:
    """A file of a repository. `path` is relative to its root; `content` is literal."""

    path: str
    content: str


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch. It begins at `base`, None for the default branch.

    `messages` are those of its commits; the first one has the files, so a second one would be empty.
    """

    name: str
    base: str | None = None
    files: tuple[File, ...] = ()
    messages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Repository:
    """A bare repository `remotes/NAME` of the sandbox. `hook_scripts` are committed in `.daft/hooks/`, executable.

    Two of them that differ in `name` only have the same content.
    """

    name: str
    default_branch: str = "main"
    branches: tuple[Branch, ...] = ()
    daft_yml: str | None = None
    hook_scripts: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation of a step: its key, its place, and its texts, in which variables are expanded.

    `file_contains` has (path, content), `is_git_worktree` (dir, branch), `branch_exists` (repo, branch), `mode` and
    `symlinks` two texts as well, `files_match` (path, pattern); all others have one text.
    """

    key: str
    texts: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Ready:
    """When a background program is ready. `kind` is `output`, `file`, `port` or `run`; `text` may hold variables."""

    kind: str
    text: str
    timeout_s: float | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """A background program, and the number of the signal that it is sent."""

    name: str
    signal: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """One item of a dialog: after the pattern `wait` was printed, `send` is typed. Both may hold variables."""

    wait: str
    send: str = ""
    timeout_s: float | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Terminal:
    """The size of a terminal, in characters."""

    rows: int = 24
    columns: int = 80


@dataclass(frozen=True, slots=True)
class Input:
    """What a command reads: the text `stdin`, which may hold variables; what is typed in a dialog; else nothing.

    In a `terminal` its output, and its input unless there is `stdin`, is a terminal of its own.
    """

    stdin: str | None = None
    terminal: Terminal | None = None
    dialog: tuple[Exchange, ...] = ()


@dataclass(frozen=True, slots=True)
class Repeat:
    """A command that is run again, every `every_s`, until its checks hold, for at most `within_s`."""

    within_s: float
    every_s: float


@dataclass(frozen=True, slots=True)
class Step:
    """A command line. `run` and `cwd` may hold variables; `cwd` is relative to the work directory.

    `exit_code` is None if any will do. `checks` are in the order in which they are made. A step that has a name in
    `background` goes on running. One with `stop` or `wait` ends that program, or waits for its end, and `run` is empty.
    """

    name: str
    run: str
    line: int
    cwd: str | None = None
    exit_code: int | None = None
    checks: tuple[Check, ...] = ()
    timeout_s: float | None = None
    background: str | None = None
    ready: Ready | None = None
    stop: Stop | None = None
    wait: str | None = None
    input: Input = Input()
    repeat: Repeat | None = None
    exit_line: int = 0
    """The line of `exit_code`; 0 if there is none."""


@dataclass(frozen=True, slots=True)
class Isolation:
    """What a scenario does not share with the machine.

    A private /tmp, a home in its sandbox, no network but a loopback, a clock that begins at so many seconds since 1970.
    """

    tmp: bool = False
    home: bool = False
    network: bool = False
    clock_s: int | None = None


Axis = tuple[str, tuple[str, ...]]
"""A variable of a matrix and its values."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario. `path` is its file, as it was named; `env` may not hold variables.

    If it has a `matrix`, it stands for its cells: `matrix.cells`. `excluded` are the combinations that are none.
    """

    path: str
    name: str
    description: str | None = None
    repositories: tuple[Repository, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    timeout_s: float | None = None
    tags: tuple[str, ...] = ()
    matrix: tuple[Axis, ...] = ()
    excluded: tuple[tuple[tuple[str, str], ...], ...] = ()
    cell: str = ""
    """The name of the cell that it is, if its file has a matrix."""
    requires: tuple[str, ...] = ()
    """What it needs, each as `conditions.Requirement` in text."""
    skip_if: str | None = None
    """A command line, which may hold variables; it is skipped if its exit status is 0."""
    isolation: Isolation = Isolation()
    locks: tuple[str, ...] = ()
    """Locks that it holds while it runs, besides those of the suite."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What all scenarios of a suite share in one variant. Paths are absolute; `bin` comes first on PATH.

    `inherited` are the names of the caller's variables that commands see; `names` are variables of the suite, such as
    WORKSPACE_ROOT, which texts may use. `home` is `user` or `sandbox`.
    """

    root: str
    fixtures: str
    strict: bool = False
    inherited: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    safety_env: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    identity: tuple[str, str] = ("Test User", "test@example.com")
    gitconfig: str = ""
    home: str = "user"
    bin: str | None = None
    object_format: str = "sha1"
    """How repositories name their objects: `sha1` or `sha256`."""
    step_timeout_s: float | None = None
    isolate: tuple[str, ...] = ()
    """`tmp`, `network`: what no scenario shares with the machine."""
    folders: Mapping[str, str] = field(default_factory=dict)
    """Folders that are made in the sandbox, by the variables that hold their paths; relative to its base."""
    short_folders: tuple[str, ...] = ()
    """Variables that hold the path of a folder each, short enough for a socket."""
    redact: tuple[tuple[str, str], ...] = ()
    """Patterns of text that differs from run to run, and what golden files have instead."""
