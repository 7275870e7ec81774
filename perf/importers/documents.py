"""Files to import: opened, unpacked within limits, and parsed.

The hard part is that they may be anything. A gzip file of a megabyte can hold a gigabyte; so what comes out is counted,
and compared with what went in. A file of lines is read a line at a time and may be long; any other is read whole.
"""

import gzip
import json
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, cast

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.files import open_regular

MAX_LINE = 16 * 1024 * 1024
MAX_WHOLE = 64 * 1024 * 1024
MAX_RATIO = 250
"""How many times its size a compressed file may have; JSON lines of real histories have about 30 times theirs."""
MAX_BLANK_LINES = 10_000
LINES = (".jsonl", ".ndjson")
"""Ends of the names of files with a record a line. Others are that by their content."""

_DATA_JS = b"window.BENCHMARK_DATA"
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_DECODER = json.JSONDecoder()
"""Accepts NaN and Infinity, which asv writes; a reader of a number accepts finite ones only."""


@dataclass(frozen=True)
class Document:
    """A file to import."""

    path: Path

    @property
    def place(self) -> str:
        """The path, for messages."""
        return os.fspath(self.path)

    @property
    def bare_name(self) -> str:
        """The name without `.gz`."""
        return self.path.name.removesuffix(".gz")

    @cached_property
    def _status(self) -> os.stat_result:
        with self._errors():
            return self.path.stat()

    @property
    def size(self) -> int:
        """The size of the file in bytes. Raises `UseError` if there is none."""
        return self._status.st_size

    @property
    def modified_at(self) -> datetime:
        """When the file was modified, to the second. Raises `UseError` if there is none."""
        return datetime.fromtimestamp(int(self._status.st_mtime), UTC)

    @cached_property
    def is_lines(self) -> bool:
        """Whether it has a record a line: its name says so, or its first line is a whole object and others follow."""
        if self.bare_name.endswith(LINES):
            return True
        first = [line for _, line in islice(self.lines(), 2)]
        try:
            return len(first) == 2 and isinstance(_decode(first[0]), dict)
        except ValueError:
            return False

    def lines(self, advance: Callable[[int], None] = lambda _: None) -> Iterator[tuple[int, bytes]]:
        """Each line that is not blank, with its number. `advance` is called with numbers of bytes of the file read.

        Raises `UseError` where the file cannot be read on.
        """
        total = number = blank = before = 0
        with self._errors(), open_regular(self.path) as raw, _unpacked(raw) as file:
            while line := file.readline(MAX_LINE + 1):
                total, number = total + len(line), number + 1
                if len(line) > MAX_LINE:
                    raise UseError.at(f"{self.place}:{number}", f"a line of more than {MAX_LINE >> 20} MiB", _REMEDY)
                self._check_ratio(total)
                if line.strip():
                    yield number, line
                elif (blank := blank + 1) > MAX_BLANK_LINES:
                    raise UseError.at(self.place, f"more than {MAX_BLANK_LINES} blank lines", _REMEDY)
                if (at := raw.tell()) > before:
                    advance(at - before)
                    before = at

    def whole(self) -> Any:  # noqa: ANN401  the formats check what it is
        """What the JSON, or the data.js, says. Raises `UseError` if it is neither, or too large."""
        with self._errors(), open_regular(self.path) as raw, _unpacked(raw) as file:
            data = file.read(MAX_WHOLE + 1)
        if len(data) > MAX_WHOLE:
            raise UseError.at(self.place, f"larger than {MAX_WHOLE >> 20} MiB", "import it in parts, or as JSON lines")
        self._check_ratio(len(data))
        if data.removeprefix(_BOM).lstrip().startswith(_DATA_JS):
            data = data.partition(b"=")[2].strip().rstrip(b";")
        return parse(data, self.place)

    def _check_ratio(self, unpacked: int) -> None:
        if unpacked > MAX_WHOLE and unpacked > MAX_RATIO * self.size:
            raise UseError.at(self.place, f"unpacks to more than {MAX_RATIO} times its size", _REMEDY)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Errors of opening, reading and unpacking are `UseError`s."""
        try:
            yield
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise UseError.at(self.place, "a damaged gzip file", "fetch it again") from None
        except (OSError, ValueError) as error:  # a ValueError: a path with a zero byte
            what = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise UseError.at(self.place, what, "name a file that can be read") from None


_REMEDY = "it is not a file of results"


def parse(data: bytes, place: str) -> Any:  # noqa: ANN401  the formats check what it is
    """What a JSON text says. Raises `UseError` with `place` for anything else, also if it is nested too deeply."""
    try:
        return _decode(data)
    except ValueError as error:
        raise UseError.at(place, f"not JSON: {error}", "name a file that a benchmark tool wrote") from None


def _decode(data: bytes) -> Any:  # noqa: ANN401  as `parse`
    try:
        return _DECODER.decode(data.removeprefix(_BOM).decode("utf-8", "surrogatepass"))
    except RecursionError:
        raise ValueError("nested too deeply") from None


@contextmanager
def _unpacked(raw: BinaryIO) -> Iterator[BinaryIO]:
    """The content of a file, unpacked if it begins as a gzip file does."""
    packed = raw.read(len(_GZIP)) == _GZIP
    raw.seek(0)
    if not packed:
        yield raw
        return
    with gzip.GzipFile(fileobj=raw) as file:
        yield cast(BinaryIO, file)
