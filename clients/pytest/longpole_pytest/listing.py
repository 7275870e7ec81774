"""`list`: the files in which pytest would look for tests, found by pytest itself, without importing them."""

from __future__ import annotations

import io
import os
import sys
from functools import partial
from typing import Any, Callable, Generator, Iterable, List, Sequence, Tuple

import pytest

from longpole_pytest.files import relative


class Listing:
    """A plugin that takes the files that were found, and lets nothing be collected in them."""

    def __init__(self, split: Sequence[str]) -> None:
        """`split` are files whose parts are named, instead of them: their classes and functions."""
        self.found: List[Tuple[str, str]] = []
        """Paths; and parts, empty for a file as a whole."""
        self._split = frozenset(map(os.path.abspath, split))

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collect_file(self) -> Generator[None, Any, None]:
        """Have every collector of a file note the file instead of importing it, if pytest gets so far as to ask it.

        Collectors of folders stay as they are.
        """
        outcome = yield
        files = [each for each in outcome.get_result() if not isinstance(each, pytest.Package)]
        for collector in files:
            path, note = str(collector.path), self._note
            if os.path.abspath(path) in self._split and len(files) == 1 and type(collector) is pytest.Module:
                note = partial(self._note_parts, collect=collector.collect)
            collector.collect = partial(note, path)

    def _note(self, path: str) -> List[object]:
        self.found.append((path, ""))
        return []

    def _note_parts(self, path: str, collect: Callable[[], Iterable[Any]]) -> List[object]:
        try:
            parts = list(dict.fromkeys(node.name.partition("[")[0] for node in collect()))
        except KeyboardInterrupt:
            raise
        except BaseException:  # also of a module that skips itself or exits: a fork meets it again, and tells of it
            parts = []
        if len(parts) < 2 or not all(part.isidentifier() for part in parts):
            return self._note(path)
        self.found += [(path, part) for part in parts]
        return []


def list_files(argv: List[str], split: Sequence[str] = ()) -> int:
    """Print the files, one a line, and of those that are `split` their parts; return the exit status.

    What else is printed goes to standard error, on errors.
    """
    output = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    parts = [word for word in argv if "::" in word and not word.startswith("-")]
    if parts:
        print(
            "%s: name files and folders; LONGPOLE's --select and pytest's -k select tests" % parts[0], file=sys.stderr
        )
        return int(pytest.ExitCode.USAGE_ERROR)
    listing, spoken, stdout = Listing(split), io.StringIO(), sys.stdout
    sys.stdout = spoken
    try:
        options = ["--collect-only", "-q", "--capture=no", "-p", "no:cacheprovider"]
        status = int(pytest.main([*argv, *options], plugins=[listing]))
    finally:
        sys.stdout = stdout
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        print(spoken.getvalue(), end="", file=sys.stderr)
        return status
    here = os.getcwd()
    names = list(dict.fromkeys("::".join(filter(None, [relative(path, here), part])) for path, part in listing.found))
    for name in names:
        if "\n" in name or not _is_text(name):
            print("%r cannot be listed: its name is not one line of UTF-8; rename it" % name, file=sys.stderr)
            return int(pytest.ExitCode.USAGE_ERROR)
    with output:
        output.write("".join("%s\n" % name for name in names).encode())
    return 0


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
