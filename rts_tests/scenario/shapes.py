"""The keys of a scenario file: one table for the parser, the JSON Schema and the tests.

A shape is a mapping's keys; a key has a kind of value. All texts are text, whatever YAML would make of them:
`run: true` runs `true`, `content: 5` is `5`.
"""

from dataclasses import dataclass
from enum import Enum

MAX_TIMEOUT_S = 366 * 24 * 3600.0
MAX_EXIT_CODE = 255
MAX_COUNT = 9999
DURATION = r"^(0|[1-9][0-9]{0,9})([.][0-9]{1,9})?(ms|s|m|h)$"
"""A duration with a unit, for the JSON Schema."""
FLAG = ("true", "false")


class Kind(Enum):
    """What a value must be. Where the key is not required, nothing, `~` and `null` mean that it is absent."""

    TEXT = "text"
    NUMBER = "an exit status"
    SECONDS = "a number of seconds"
    COUNT = "a whole number"
    TEXTS = "a list of texts"
    TEXT_MAP = "a mapping of names to texts"
    TEXT_MAPS = "a list of mappings of names to texts"
    TEXT_LISTS = "a mapping of names to lists of texts"
    MAPPING = "a mapping"
    LIST = "a list of mappings"


@dataclass(frozen=True, slots=True)
class Key:
    """A key: its kind, what it says, the shape of its value or of its items, whether it must be there.

    A required text may be empty only if `empty`. An `extension` is refused in a strict suite.
    """

    name: str
    kind: Kind
    description: str
    of: "Shape | None" = None
    required: bool = False
    empty: bool = False
    nul: bool = False
    """Whether its texts may hold NUL characters."""
    extension: bool = False
    choices: tuple[str, ...] = ()
    """If there are any, its text is one of these."""
    instead: tuple[str, ...] = ()
    """Extensions, one of which may be there instead of this key, which is required."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A mapping: what it is called in messages, its keys, and extensions that this version does not have."""

    what: str
    keys: dict[str, Key]
    later: frozenset[str] = frozenset()


def _shape(what: str, *keys: Key, later: str = "") -> Shape:
    return Shape(what, {key.name: key for key in keys}, frozenset(later.split()))


def _text(name: str, description: str, *, required: bool = True) -> Key:
    return Key(name, Kind.TEXT, description, required=required)


def _content(name: str, description: str, *, required: bool = True) -> Key:
    """The content of a file, which may be empty, and hold anything."""
    return Key(name, Kind.TEXT, description, required=required, empty=True, nul=True)


FILE = _shape(
    "a file",
    _text("path", "Where it is, relative to the root of the repository."),
    _content("content", "Its content."),
)
COMMIT = _shape("a commit", _text("message", "Its message."))
HOOK = _shape(
    "a hook script",
    _text("name", "Its name; it is committed as `.daft/hooks/NAME`, executable."),
    _content("content", "Its content."),
)
BRANCH = _shape(
    "a branch",
    _text("name", "Its name."),
    _text("from", "The branch that it begins at, which stands before it. Default: the default branch.", required=False),
    Key("files", Kind.LIST, "Files that its commit adds or replaces.", FILE),
    Key("commits", Kind.LIST, "Its commit; the message is `Initial commit` unless one is given.", COMMIT),
)
_REPOSITORY_KEYS = (
    _text("default_branch", "The branch that HEAD names. Default: `main`.", required=False),
    Key("branches", Kind.LIST, "Its branches. Without any, it has one commit with a README.", BRANCH),
    _content("daft_yml", "The content of `daft.yml`, a commit of the default branch.", required=False),
    Key("hook_scripts", Kind.LIST, "Scripts, in one commit of the default branch.", HOOK),
)
_NAME = _text("name", "Its name: `remotes/NAME` in the sandbox, `$REMOTE_NAME` in texts.")
REPOSITORY = _shape("a repository", _NAME, *_REPOSITORY_KEYS)
REFERENCE = _shape(
    "a repository from a fixture",
    _NAME,
    _text("use_fixture", "The fixture that describes it: `repos/FIXTURE.yml` in the folder of fixtures."),
)
FIXTURE = _shape("a fixture", *_REPOSITORY_KEYS)

CONTAINS = _shape(
    "a check of a file",
    _text("path", "The file."),
    _content("content", "The text that it holds, or does not hold."),
)
WORKTREE = _shape(
    "a check of a worktree",
    _text("dir", "The folder."),
    Key(
        "branch",
        Kind.TEXT,
        "The branch that is checked out there; empty if HEAD is detached.",
        required=True,
        empty=True,
    ),
)
BRANCH_EXISTS = _shape(
    "a check of a branch",
    _text("repo", "The folder of the repository."),
    _text("branch", "The local branch, or a glob that matches one."),
)
MATCH = _shape(
    "a match of a file",
    _text("path", "The file."),
    _text("pattern", "The regular expression."),
)
SYMLINK = _shape(
    "a check of a link",
    _text("path", "The symbolic link."),
    _text("target", "What it holds."),
)
MODE = _shape(
    "a check of a mode",
    _text("path", "The file or folder; links are followed."),
    _text("mode", "Its permissions, three or four octal digits, as `0755`."),
)
EXPECT = _shape(
    "`expect`",
    Key("exit_code", Kind.NUMBER, "The exit status, -1 for death by a signal. Default: any."),
    Key("dirs_exist", Kind.TEXTS, "Folders that exist."),
    Key("files_exist", Kind.TEXTS, "Files that exist."),
    Key("files_not_exist", Kind.TEXTS, "Paths at which there is nothing."),
    Key("file_contains", Kind.LIST, "Files, and texts that they hold.", CONTAINS),
    Key("file_not_contains", Kind.LIST, "Files, and texts that they do not hold.", CONTAINS),
    Key("output_contains", Kind.TEXTS, "Texts that the output holds.", nul=True),
    Key("output_not_contains", Kind.TEXTS, "Texts that the output does not hold.", nul=True),
    Key("is_git_worktree", Kind.LIST, "Folders, and the branches that are checked out there.", WORKTREE),
    Key("branch_exists", Kind.LIST, "Repositories, and branches that they have.", BRANCH_EXISTS),
    *(
        Key(f"{stream}_{verb}", Kind.TEXTS, f"Texts that {stream} {what}.", nul=True, extension=True)
        for stream in ("stdout", "stderr")
        for verb, what in (("contains", "holds"), ("not_contains", "does not hold"))
    ),
    Key("output_matches", Kind.TEXTS, "Regular expressions that are found in the output.", extension=True),
    Key("output_not_matches", Kind.TEXTS, "Regular expressions that are not found in the output.", extension=True),
    Key("files_match", Kind.LIST, "Files, and regular expressions that are found in them.", MATCH, extension=True),
    Key("stdout_empty", Kind.TEXT, "Whether nothing is printed on stdout.", choices=FLAG, extension=True),
    Key("stderr_empty", Kind.TEXT, "Whether nothing is printed on stderr.", choices=FLAG, extension=True),
    Key("symlinks", Kind.LIST, "Symbolic links, and what they hold.", SYMLINK, extension=True),
    Key("mode", Kind.LIST, "Files and folders, and their permissions.", MODE, extension=True),
    Key("golden", Kind.TEXT, "The file that holds its exit status and output.", extension=True),
)
_TIMEOUT = Key("timeout", Kind.SECONDS, "Seconds that it may take.", extension=True)
READY = _shape(
    "readiness",
    Key("output", Kind.TEXT, "It has printed this text."),
    Key("file", Kind.TEXT, "There is this file, folder or socket."),
    Key("port", Kind.TEXT, "Something listens on this TCP port."),
    Key("run", Kind.TEXT, "This command line, which is repeated, ends with exit status 0."),
    Key("timeout", Kind.SECONDS, "Seconds that it may take to be ready. Default: 30."),
)
STOP = _shape(
    "a stop",
    _text("name", "The background program."),
    _text("signal", "The signal that it is sent, as `INT`. Default: `TERM`.", required=False),
)
TTY = _shape(
    "a terminal",
    Key("rows", Kind.COUNT, "Its height. Default: 24."),
    Key("cols", Kind.COUNT, "Its width. Default: 80."),
)
EXCHANGE = _shape(
    "an item of a dialog",
    _text("wait", "A regular expression; it waits until the command has printed this."),
    _content("send", "The text that is typed then; end a line with a newline.", required=False),
    Key("timeout", Kind.SECONDS, "Seconds that it waits. Default: 30."),
)
EVENTUALLY = _shape(
    "a repetition",
    Key("within", Kind.SECONDS, "Seconds after which the command is not run again.", required=True),
    Key("every", Kind.SECONDS, "Seconds from one run to the next. Default: 0.1."),
)
STEP = _shape(
    "a step",
    _text("name", "What the step does; its name in reports."),
    Key("run", Kind.TEXT, "The command line, for bash.", required=True, instead=("stop", "wait")),
    _text("cwd", "Where it is run, relative to the work directory. Default: there.", required=False),
    Key("expect", Kind.MAPPING, "What must hold after it. Default: nothing.", EXPECT),
    _TIMEOUT,
    Key("background", Kind.TEXT, "A name for the command, which goes on running in the background.", extension=True),
    Key("ready", Kind.MAPPING, "When the background program is ready. Default: at once.", READY, extension=True),
    Key("stop", Kind.MAPPING, "A background program that is ended.", STOP, extension=True),
    Key("wait", Kind.TEXT, "A background program for the end of which the step waits.", extension=True),
    Key("stdin", Kind.TEXT, "The text on its standard input. Default: none.", empty=True, nul=True, extension=True),
    Key("tty", Kind.MAPPING, "It is run in a terminal of this size.", TTY, extension=True),
    Key("dialog", Kind.LIST, "What is typed, and what is waited for before that.", EXCHANGE, extension=True),
    Key("eventually", Kind.MAPPING, "It is run again until all checks hold.", EVENTUALLY, extension=True),
)
ISOLATE = _shape(
    "an isolation",
    Key("tmp", Kind.TEXT, "`private`: /tmp and /var/tmp are its own.", choices=("private",)),
    Key("home", Kind.TEXT, "`sandbox`: HOME is an empty folder in its sandbox.", choices=("sandbox",)),
    Key("network", Kind.TEXT, "`none`: there is no network but a loopback of its own.", choices=("none",)),
    Key("clock", Kind.TEXT, "The date and time at which it begins, as `2030-01-31 12:00:00`, in UTC."),
)
SCENARIO = _shape(
    "a scenario",
    _text("name", "What it is about; its name in reports."),
    _content("description", "More about it.", required=False),
    Key("repos", Kind.LIST, "The git repositories that it begins with.", REPOSITORY),
    Key("env", Kind.TEXT_MAP, "Variables of its texts, and of the environment of its commands."),
    Key("steps", Kind.LIST, "The command lines, run in this order.", STEP, required=True),
    _TIMEOUT,
    Key("tags", Kind.TEXTS, "Words to select it by.", extension=True),
    Key("matrix", Kind.TEXT_LISTS, "Variables and their values; each combination is a scenario.", extension=True),
    Key("exclude", Kind.TEXT_MAPS, "Combinations of the matrix that are left out.", extension=True),
    Key("requires", Kind.TEXTS, "Programs and features that it needs, as `git>=2.45`.", extension=True),
    Key("skip_if", Kind.TEXT, "A command line; if its exit status is 0, the scenario is skipped.", extension=True),
    Key("isolate", Kind.MAPPING, "What it does not share with the machine.", ISOLATE, extension=True),
    Key("locks", Kind.TEXTS, "Locks that it holds while it runs: one of your units on the machine.", extension=True),
    later="include teardown",
)
ORDER_OF_CHECKS = tuple(name for name in EXPECT.keys if name != "exit_code")
