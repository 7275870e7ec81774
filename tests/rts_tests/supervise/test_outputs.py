"""The output of a unit that has ended is read to its end, also beside a process that it left and that writes on."""

import os
import selectors
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from longpole.rts_tests.contracts.capture import Capture
from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.contracts.seeds import Seeds
from longpole.rts_tests.results.told import End, Told
from longpole.rts_tests.supervise.outputs import Outputs
from longpole.rts_tests.unit.attempts import SAME
from longpole.rts_tests.unit.results import AttemptResults
from longpole.rts_tests.unit.running import RunningAttempt, RunningUnit

NONE = Seeds((), "takes none")
FULL = b"x" * 65536


class Reads:
    """A reader that keeps what it reads, and writes as much back into the pipe, as a process does that is left."""

    def __init__(self, back: int | None = None) -> None:
        self.data = b""
        self.back = back

    def feed(self, data: bytes) -> bytes:
        self.data += data
        assert len(self.data) <= 10 * len(FULL), "it reads for ever"
        if self.back is not None:
            os.write(self.back, data)
        return b""

    def finish(self, _: End) -> Told:
        return Told()


@contextmanager
def opened(reader: Reads, folder: Path) -> Iterator[tuple[RunningUnit, Outputs, int, int]]:
    """A unit with two pipes that are read; and the ends of its standard output and standard error."""
    (output, writer), (errors, errors_writer) = os.pipe(), os.pipe()
    os.set_blocking(output, False)
    os.set_blocking(errors, False)
    attempt = RunningAttempt(kind=SAME, seeds=NONE, command=("x",), started=0.0, output=output, errors=errors)
    attempt.results = AttemptResults(reader, apart=True)
    running = RunningUnit(
        token=1, unit=Unit("v", "m", None, 0, 0, 1.0, "weight", False), asked_by="x", seeds=NONE, command=("x",),
        capture=Capture(str(folder / "log"), 2**20), errors=Capture(str(folder / "err"), 2**20), lane=0, started_at=0.0,
        attempt=attempt,
    )  # fmt: skip
    with selectors.DefaultSelector() as selector:
        outputs = Outputs(selector)
        outputs.open(running)
        try:
            yield running, outputs, writer, errors_writer
        finally:
            outputs.close(running)
            for end in (writer, errors_writer):
                os.close(end)


def test_all_that_a_pipe_holds_is_read(tmp_path: Path) -> None:
    reader = Reads()
    with opened(reader, tmp_path) as (running, outputs, writer, errors):
        os.write(writer, FULL)
        os.write(errors, b"one\ntwo")
        outputs.drain(running)
        assert reader.data == FULL
        assert running.attempt.output >= 0  # its other end is open
        assert running.errors is not None
        assert (running.errors.text(), running.capture.text()) == (b"one\ntwo", b"one\n")


def test_a_process_that_writes_as_fast_as_it_is_read_keeps_nobody_busy(tmp_path: Path) -> None:
    reader = Reads()
    with opened(reader, tmp_path) as (running, outputs, writer, _):
        reader.back = writer
        os.write(writer, FULL)
        outputs.drain(running)
        assert len(reader.data) == len(FULL)


def test_a_larger_pipe_is_read_as_well(tmp_path: Path) -> None:
    import fcntl

    reader = Reads()
    with opened(reader, tmp_path) as (running, outputs, writer, _):
        size = fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4 * len(FULL))
        os.write(writer, b"y" * size)
        outputs.drain(running)
        assert len(reader.data) == size
