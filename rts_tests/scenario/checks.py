"""Makes the checks of a step that has ended: what was expected, and what is there instead.

All checks are made, in the order of the format. Paths are relative to the folder in which the step was run. Files are
read here; git is asked only where a repository's files do not say which branch it is on.
"""

import os
import re
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from longpole.rts_tests.contracts.files import open_regular
from longpole.rts_tests.contracts.nearest import nearest
from longpole.rts_tests.scenario import git_files
from longpole.rts_tests.scenario.model import Check, Step
from longpole.rts_tests.scenario.patterns import ON_TEXTS, compiled
from longpole.rts_tests.scenario.steps import Outcome
from longpole.rts_tests.scenario.variables import Variables

MAX_FILE_BYTES = 256 << 20
"""Files beyond this size are not looked into."""
MAX_SHOWN = 400
"""Characters of a text in a message."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Control characters but tab and newline. As they are, they would be removed before a message is shown."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A check that was made. `text` is the expectation, variables replaced, in one line.

    `failure` says what is there instead; it is None if the check holds. `line` is that of the expectation in the file.
    `details` are more lines about it, such as a difference.
    """

    key: str
    text: str
    line: int
    failure: str | None
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a check may look at. `path` is absolute."""

    outcome: Outcome
    output: str
    variables: Variables
    cwd: str
    environ: Mapping[str, str]
    strict: bool

    def path(self, text: str) -> str:
        return os.path.join(self.cwd, self.variables.expand(text))


def check(
    step: Step,
    outcome: Outcome,
    variables: Variables,
    cwd: str,
    *,
    strict: bool = False,
    environ: Mapping[str, str] | None = None,
) -> tuple[Checked, ...]:
    """Return all checks of `step`, made now, in their order; without those that are not made here (`golden`).

    `cwd` is the absolute path of the folder in which it was run, and `environ` its environment, by default ours. With
    `strict` a link to nothing does not count as a file.
    """
    seen = _Seen(outcome, outcome.output, variables, cwd, os.environ if environ is None else environ, strict)
    made = [Checked("exit_code", str(step.exit_code), step.exit_line or step.line, _exit_code(step.exit_code, outcome))]
    if step.exit_code is None and outcome.problem is None:
        made.clear()
    made += [_made(each, seen) for each in step.checks if each.key in _CHECKS]
    return tuple(made)


def _made(each: Check, seen: _Seen) -> Checked:
    expand = seen.variables.expand_pattern if each.key in _WITH_PATTERN else seen.variables.expand
    texts = [*map(seen.variables.expand, each.texts[:-1]), expand(each.texts[-1])]
    return Checked(each.key, ": ".join(map(one_line, texts)), each.line, _CHECKS[each.key](seen, *texts))


def one_line(text: str) -> str:
    """Return `text` in one line, its newlines as `\\n`, and nothing as `""`."""
    return text.replace("\n", "\\n") or '""'


def _exit_code(expected: int | None, outcome: Outcome) -> str | None:
    if outcome.problem is not None:
        return outcome.problem
    if expected == outcome.exit_code:
        return None
    return f"it is {outcome.exit_code}{', a death by a signal' if outcome.exit_code < 0 else ''}"


def _shown(text: str) -> str:
    """A text in a message: quoted, with control characters as escapes, and its beginning only if it is long."""
    if not text:
        return "nothing"
    visible = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text[:MAX_SHOWN])
    quoted = f"`{visible}`"
    cut = len(text) - MAX_SHOWN
    return quoted if cut <= 0 else f"{quoted} and {cut} characters more"


def _what_is_at(path: str) -> str:
    """What is at a path, for messages."""
    try:
        mode = os.lstat(path).st_mode
    except OSError as error:
        return "there is nothing" if isinstance(error, FileNotFoundError) else f"{error.strerror}"
    except ValueError:
        return "it is no path"
    if stat.S_ISLNK(mode):
        return f"it is a link to {os.readlink(path)}" + ("" if os.path.exists(path) else ", which is not there")
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFREG: "a file", stat.S_IFIFO: "a fifo", stat.S_IFSOCK: "a socket"}
    return f"it is {kinds.get(stat.S_IFMT(mode), 'a device')}"


def _dirs_exist(seen: _Seen, path: str) -> str | None:
    full = seen.path(path)
    return None if os.path.isdir(full) else _what_is_at(full)


def _files_exist(seen: _Seen, path: str) -> str | None:
    full = seen.path(path)
    return None if os.path.isfile(full) else _what_is_at(full)


def _files_not_exist(seen: _Seen, path: str) -> str | None:
    full = seen.path(path)
    there = os.path.exists(full) if seen.strict else os.path.lexists(full)
    return _what_is_at(full) if there else None


class _UnreadableError(Exception):
    """Why a file cannot be looked into."""


def _content(path: str) -> str:
    """The text of a file. Nothing waits for a fifo or reads a device. Raises `_UnreadableError`."""
    try:
        with open_regular(path) as file:
            data = file.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            raise _UnreadableError(f"the file has more than {MAX_FILE_BYTES >> 20} MiB")
        return data.decode()
    except UnicodeDecodeError:
        raise _UnreadableError("the file is not UTF-8") from None
    except OSError as error:
        what = _what_is_at(path)
        raise _UnreadableError(f"the file cannot be read: {what if 'file' not in what else error.strerror}") from None
    except ValueError:
        raise _UnreadableError("the file cannot be read: it is no path") from None


def _file_contains(seen: _Seen, path: str, content: str) -> str | None:
    try:
        actual = _content(seen.path(path))
    except _UnreadableError as error:
        return str(error)
    return None if content in actual else f"the file holds {_with_nearest(actual, content)}"


def _file_not_contains(seen: _Seen, path: str, content: str) -> str | None:
    try:
        actual = _content(seen.path(path))
    except _UnreadableError as error:
        return str(error)
    return None if content not in actual else f"it is there{_line_of(actual, actual.index(content))}"


def _with_nearest(actual: str, expected: str) -> str:
    """What is there; if it is long, the line that resembles the first line expected most."""
    if len(actual) <= MAX_SHOWN:
        return _shown(actual)
    wanted = next((line for line in expected.split("\n") if line.strip()), "")
    near = nearest(wanted, actual[: 100 * MAX_SHOWN].split("\n")) if 0 < len(wanted) <= MAX_SHOWN else None
    return _shown(actual) if near is None else f"{len(actual)} characters; the nearest line is {_shown(near)}"


def _line_of(text: str, index: int) -> str:
    lines = text.count("\n") + 1
    return f", in line {text.count(chr(10), 0, index) + 1} of {lines}" if lines > 1 else ""


def _contains(text: str, expected: str, what: str, dropped: int) -> str | None:
    if expected in text:
        return None
    more = f", and {dropped} bytes that were not kept" if dropped else ""
    return f"{what} is {_with_nearest(text, expected)}{more}"


def _contains_not(text: str, unwanted: str, what: str, dropped: int) -> str | None:
    if unwanted in text:
        return f"it is in {what}{_line_of(text, text.index(unwanted))}"
    return _uncertain(what, dropped)


def _uncertain(what: str, dropped: int) -> str | None:
    """Of output that was not kept, nobody knows what it does not hold."""
    return f"{dropped} bytes of {what} were not kept" if dropped else None


def _output_contains(seen: _Seen, text: str) -> str | None:
    return _contains(seen.output, text, "the output", seen.outcome.dropped)


def _output_not_contains(seen: _Seen, text: str) -> str | None:
    return _contains_not(seen.output, text, "the output", seen.outcome.dropped)


def _is_git_worktree(seen: _Seen, folder: str, branch: str) -> str | None:
    full = seen.path(folder)
    actual = git_files.branch_of(full, seen.environ)
    if actual == branch:
        return None
    if actual is None:
        return "it is no git work tree" if os.path.isdir(full) else _what_is_at(full)
    return f"it is on {actual}" if actual else "HEAD is detached"


def _branch_exists(seen: _Seen, repository: str, pattern: str) -> str | None:
    full = seen.path(repository)
    if git_files.branches(full, pattern, seen.environ):
        return None
    if not os.path.isdir(full):
        return _what_is_at(full)
    names = git_files.branches(full, "*", seen.environ)
    return f"its branches are {_shown(', '.join(names))}" if names else "it has no branches"


def _stream_contains(stream: str, wanted: bool) -> Callable[[_Seen, str], str | None]:
    """The check of what one stream holds, with the white space around it."""
    compare = _contains if wanted else _contains_not

    def made(seen: _Seen, text: str) -> str | None:
        return compare(_stream(seen, stream).decode(errors="replace"), text, stream, seen.outcome.dropped)

    return made


def _stream_empty(stream: str) -> Callable[[_Seen, str], str | None]:
    def made(seen: _Seen, expected: str) -> str | None:
        data = _stream(seen, stream)
        if bool(data) == (expected == "false"):
            return None
        return f"{stream} is {_shown(data.decode(errors='replace'))}"

    return made


def _stream(seen: _Seen, stream: str) -> bytes:
    return seen.outcome.stdout if stream == "stdout" else seen.outcome.stderr


def _output_matches(seen: _Seen, pattern: str) -> str | None:
    try:
        found = compiled(pattern).search(seen.output)
    except ValueError as error:
        return f"it is not a regular expression: {error}"
    return None if found else f"the output is {_shown(seen.output)}"


def _output_not_matches(seen: _Seen, pattern: str) -> str | None:
    try:
        found = compiled(pattern).search(seen.output)
    except ValueError as error:
        return f"it is not a regular expression: {error}"
    if found is None:
        return _uncertain("the output", seen.outcome.dropped)
    return f"it matches {_shown(found[0])}{_line_of(seen.output, found.start())}"


def _files_match(seen: _Seen, path: str, pattern: str) -> str | None:
    try:
        actual = _content(seen.path(path))
        return None if compiled(pattern).search(actual) else f"the file holds {_shown(actual)}"
    except _UnreadableError as error:
        return str(error)
    except ValueError as error:
        return f"it is not a regular expression: {error}"


def _symlinks(seen: _Seen, path: str, target: str) -> str | None:
    full = seen.path(path)
    try:
        actual = os.readlink(full)
    except (OSError, ValueError):
        return _what_is_at(full)
    return None if actual == target else f"it is a link to {actual}"


def _mode(seen: _Seen, path: str, mode: str) -> str | None:
    full = seen.path(path)
    try:
        actual = stat.S_IMODE(os.stat(full).st_mode)
    except (OSError, ValueError):
        return _what_is_at(full)
    return None if actual == int(mode, 8) else f"it is {actual:04o}"


_CHECKS: dict[str, Callable[..., str | None]] = {
    "dirs_exist": _dirs_exist,
    "files_exist": _files_exist,
    "files_not_exist": _files_not_exist,
    "file_contains": _file_contains,
    "file_not_contains": _file_not_contains,
    "output_contains": _output_contains,
    "output_not_contains": _output_not_contains,
    "is_git_worktree": _is_git_worktree,
    "branch_exists": _branch_exists,
    "stdout_contains": _stream_contains("stdout", True),
    "stdout_not_contains": _stream_contains("stdout", False),
    "stderr_contains": _stream_contains("stderr", True),
    "stderr_not_contains": _stream_contains("stderr", False),
    "output_matches": _output_matches,
    "output_not_matches": _output_not_matches,
    "files_match": _files_match,
    "stdout_empty": _stream_empty("stdout"),
    "stderr_empty": _stream_empty("stderr"),
    "symlinks": _symlinks,
    "mode": _mode,
}
_WITH_PATTERN = (*ON_TEXTS, "files_match")
"""Keys of which the last text is a regular expression."""
