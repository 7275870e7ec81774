"""The command: `python clients/pytest list|collect [ARGUMENTS]` and `run CLASSES_FILE [ARGUMENTS]`."""

from __future__ import annotations

import os
import platform
import sys
from typing import TYPE_CHECKING, Callable, List, Tuple

if TYPE_CHECKING:
    from longpole_pytest.wire import Wire

_USAGE = """\
usage: python clients/pytest list [--split=FILE...] [ARGUMENT...]
       python clients/pytest collect [ARGUMENT...]
       python clients/pytest run CLASSES_FILE [ARGUMENT...]

list prints the files in which pytest would look for tests, one a line. collect prints all tests as JSON. run runs the
files that CLASSES_FILE names, one a line, and prints what happens in Longpole's protocol. The arguments are pytest's;
give all the same.
`list --split=FILE` names the classes and functions of FILE, FILE::NAME, which forks can share, in the place of FILE.
"""
_USAGE_ERROR = 4
_OLDEST = 7
_OLDEST_WARM = (3, 10)
_ZYGOTE_WORDS = 3
_SPLIT = "--split="


def main(argv: List[str]) -> int:
    """Do what the arguments say; return the exit status, which is pytest's: 4 for arguments that cannot be used."""
    if argv[:1] in (["-h"], ["--help"]):
        print(_USAGE, end="")
        return 0
    if argv[:1] == ["list"]:
        return _with_pytest(lambda: _list(argv[1:]))
    if argv[:1] == ["collect"]:
        return _with_pytest(lambda: _collect(argv[1:]))
    if argv[:1] == ["run"] and len(argv) > 1:
        return _run(argv[1], argv[2:])
    if argv[:1] == ["zygote"] and len(argv) >= _ZYGOTE_WORDS:  # by Longpole, for `warm: pytest`
        return _with_pytest(lambda: _serve(argv[1], argv[2:-1], int(argv[-1])))
    print(_USAGE, end="", file=sys.stderr)
    return _USAGE_ERROR


def _list(argv: List[str]) -> int:
    from longpole_pytest.listing import list_files

    words, split = _without_split(argv)
    return list_files(words, split)


def _without_split(argv: List[str]) -> Tuple[List[str], List[str]]:
    """The arguments of pytest, and the files that are split: an option of `list` only."""
    split = [word[len(_SPLIT) :] for word in argv if word.startswith(_SPLIT)]
    return [word for word in argv if not word.startswith(_SPLIT)], split


def _collect(argv: List[str]) -> int:
    from longpole_pytest.collecting import collect_tests

    return collect_tests(argv)


def _serve(longpole: str, arguments: List[str], descriptor: int) -> int:
    if sys.version_info < _OLDEST_WARM:
        print(
            "warm forks need Python %d.%d, and this is %s" % (*_OLDEST_WARM, platform.python_version()), file=sys.stderr
        )
        return _USAGE_ERROR
    from longpole_pytest.warm import serve

    serve(longpole, _without_split(arguments)[0], descriptor)
    return 0


def _run(classes: str, argv: List[str]) -> int:
    if not os.path.isfile(classes):
        print("%s: no such file; the first argument of `run` is {classes_file}" % classes, file=sys.stderr)
        return _USAGE_ERROR
    from longpole_pytest.watcher import watched

    os.environ["LONGPOLE_PROTOCOL"] = "1"
    os.environ["LONGPOLE_CLASSES"] = os.path.abspath(classes)
    watched(lambda wire: _with_pytest(lambda: run_files(wire, argv)))
    return 0


def run_files(wire: Wire, argv: List[str]) -> int:
    """Run the files that the environment names, in this process."""
    import pytest

    from longpole_pytest import fork, plugin

    fork.use(wire)
    return int(pytest.main(argv, plugins=[plugin]))


def _with_pytest(work: Callable[[], int]) -> int:
    """Do it if there is a pytest that is new enough."""
    try:
        import pytest

        version = int(pytest.__version__.partition(".")[0])
    except ImportError as error:
        if error.name != "pytest":
            raise
        found = "has no pytest"
    else:
        if version >= _OLDEST:
            return work()
        found = "has pytest %s, and the client needs %d" % (pytest.__version__, _OLDEST)
    print("%s %s; install it there, or let forks.run name another Python" % (sys.executable, found), file=sys.stderr)
    return _USAGE_ERROR
