"""Many result files are read and encoded by several processes, a part of the files each.

A worker is this module in a Python of its own: it gets the source and its part on standard input, and writes what the
files become to standard output, some at a time. It is in a session of its own, so Ctrl-C is left to us, and ends by
itself when nobody reads any more. Whatever goes wrong with it, this process does the rest.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from typing import IO

from longpole.perf.index_encode import Encoded, encoded
from longpole.perf.sources import Source

_MAX_WORKERS = 8
_MANY = 1000
"""So many files for each worker pay for its start."""
_AT_ONCE = 100
"""How many files a worker hands over at a time."""


def encoded_files(source: Source, paths: list[str], cores: int | None = None) -> Iterator[Encoded]:
    """The files of a source as rows. `cores` is how many processes may work, by default one for each core."""
    left = dict.fromkeys(paths)
    count = min(len(paths) // _MANY, _MAX_WORKERS, cores or _usable_cores())
    if count > 1:
        for file in _by_workers(source, paths, count):
            del left[file.path]
            yield file
    yield from encoded(source.read(left))


def _by_workers(source: Source, paths: list[str], count: int) -> Iterator[Encoded]:
    """The files that workers could read. Parts are whole stretches of `paths`: files of one pack lie side by side."""
    size = -(-len(paths) // count)
    parts = [paths[begin : begin + size] for begin in range(0, len(paths), size)]
    with ExitStack() as stack:
        workers = [stack.enter_context(_worker()) for _ in parts]
        streams = [_asked(worker, source, part) for worker, part in zip(workers, parts, strict=True)]
        while streams:
            for stream in list(streams):
                files = next(stream, None)
                if files is None:
                    streams.remove(stream)
                else:
                    yield from files


@contextmanager
def _worker() -> Iterator["subprocess.Popen[bytes]"]:
    # -P: a folder of the user's must not be able to stand in for a module of ours
    argv = [sys.executable, "-P", "-m", "longpole.perf.index_workers"]
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    worker = subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=nothing, start_new_session=True)
    try:
        yield worker
    finally:
        worker.kill()
        worker.communicate()


def _asked(worker: "subprocess.Popen[bytes]", source: Source, part: list[str]) -> Iterator[list[Encoded]]:
    """What a worker hands over, until it ends."""
    assert worker.stdin is not None and worker.stdout is not None
    with suppress(OSError, AttributeError, TypeError, pickle.PicklingError):  # it has ended, or a source of a test
        worker.stdin.write(pickle.dumps((source, part)))
        worker.stdin.flush()
    return _answers(worker.stdout)


def _answers(output: IO[bytes]) -> Iterator[list[Encoded]]:
    while True:
        try:
            yield pickle.load(output)  # noqa: S301  of a process of ours
        except (EOFError, pickle.UnpicklingError):
            return


def _usable_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _work() -> None:
    """Do a worker's part: what is asked for on standard input."""
    source, part = pickle.load(sys.stdin.buffer)  # noqa: S301  of the process that has started this one
    files = encoded(source.read(part))
    while some := list(islice(files, _AT_ONCE)):
        pickle.dump(some, sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _work()
