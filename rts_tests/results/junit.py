"""Reads the JUnit XML that a unit left in its TMPDIR, at its end."""

import os

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.results.junit_files import MAX_NAMES, Folder
from longpole.rts_tests.results.told import ENDED_BY_FORCE, MAX_CASES, End, Told

MAX_BYTES = 256 * 1024 * 1024
"""Bytes that are read of all files of a unit."""
MAX_PROBLEMS = 5


class JunitReader:
    """The results of one attempt; see `told.Reader`."""

    def __init__(self, pattern: str) -> None:
        """`pattern` is a path or glob, relative to TMPDIR."""
        self._pattern = pattern
        self._cases: list[Case] = []
        self._problems: list[str] = []
        self._left = MAX_BYTES

    def feed(self, data: bytes) -> bytes:
        """Take a piece of the output; return it: results are not in it."""
        return data

    def finish(self, end: End) -> Told:
        """Return what is in the files."""
        if end.status is Status.ERROR:
            return Told()  # it did not start
        try:
            folder = Folder(end.tmpdir)
        except OSError as error:
            names, reason = 0, f"its TMPDIR cannot be read: {error.strerror}"
        else:
            try:
                names, reason = self._read_all(folder), f"no file below $TMPDIR matches {self._pattern}"
            finally:
                folder.close()
        if end.status not in ENDED_BY_FORCE and end.status is not Status.SKIPPED:
            if not names and not self._problems:
                self._problems.append(reason)
            elif not self._cases and not self._problems:
                self._problems.append(f"there is no test in {self._pattern}")
        return Told(tuple(self._cases), (), self._problem())

    def _problem(self) -> str | None:
        others = len(self._problems) - MAX_PROBLEMS
        shown = "; ".join(self._problems[:MAX_PROBLEMS])
        return (f"{shown} (and {others} more)" if others > 0 else shown) or None

    def _read_all(self, folder: Folder) -> int:
        """Read all files that match; return how many there are."""
        try:
            paths = folder.matches(self._pattern)
        except OverflowError:
            self._problems.append(
                f"there are more than {MAX_NAMES:,} names in its TMPDIR; {self._pattern} was not read"
            )
            return 0
        for path in paths:
            try:
                problem = self._read(folder, path)
            except OSError as error:
                problem = error.strerror or "it cannot be read"
            if problem is not None:
                self._problems.append(f"{os.fsencode(path).decode(errors='replace')}: {problem}")
            if self._left < 0 or len(self._cases) >= MAX_CASES:
                break
        return len(paths)

    def _read(self, folder: Folder, path: str) -> str | None:
        """Read a file; return what is wrong with it. Raises `OSError`."""
        from longpole.rts_tests.results.junit_xml import parse_junit  # expat: only where there is a file

        file = folder.open(path)

        def read(size: int) -> bytes:
            data = os.read(file, size)
            self._left -= len(data)
            if self._left < 0:
                raise OSError(
                    0, f"the files are larger than {MAX_BYTES // 1024**2} MiB together; the rest was not read"
                )
            return data

        try:
            parsed = parse_junit(read, len(self._cases))
        finally:
            os.close(file)
        self._cases += parsed.cases
        return parsed.problem
