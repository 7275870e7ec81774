"""Checks strictly what a client sends, for `longpole protocol check`: also what the reader of forks puts up with."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from longpole.rts_tests.contracts.nearest import nearest
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.results.blocks import one_line
from longpole.rts_tests.results.protocol import ProtocolReader
from longpole.rts_tests.results.told import End, Told
from longpole.rts_tests.results.wire import MARK, VERSION, Lines, decode

MAX_HELD_BACK = 64 * 1024
"""Bytes of a class's output that a client may send with the end of the class."""
PACKET = 4096
"""Bytes that the kernel keeps together of one write to a pipe in packet mode, see pipe(2); it divides longer ones."""

_OF_ALL = {"event"}
_CASE_KEYS = {"name", "status", "seconds", "message", "details", "location", "output"}
_KEYS = {
    "fork_started": {"version", "client"},
    "suite_started": {"suite"},
    "suite_output": {"suite", "text"},
    "suite_completed": {"suite", "status", "seconds", "output", "cases", "message", "details"},
    "unattributed_output": {"text"},
    "fork_completed": {"suites", "cases"},
}
"""The keys of each event."""
_RED = ("failed", "timeout", "error")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a client does wrong, or not as it should; `line` is that of its standard output, from 1, None if of none."""

    what: str
    remedy: str
    line: int | None = None
    violates: bool = True
    """Whether it violates the protocol; false for advice."""


class Conformance:
    """Reads the output of one client, as a run would, and collects what it does wrong."""

    def __init__(self, given: Sequence[str] | None, *, packets: bool) -> None:
        """`packets` says that each piece that is fed is what one write wrote, or `PACKET` bytes of it."""
        self._reader = ProtocolReader(given, None)
        self._packets = packets
        self._lines = Lines()
        self._line = 1
        self._events = 0
        self._open: set[str] = set()
        self._divided = 0
        """The last line of which we know that it was written in pieces."""
        self._end = b""
        self._found: list[Finding] = []

    @property
    def envelopes(self) -> int:
        """The number of envelopes that have been read."""
        return self._events

    def feed(self, data: bytes) -> None:
        """Take a piece of the standard output."""
        self._reader.feed(data)
        for is_envelope, piece in self._lines.split(data):
            if is_envelope:
                self._envelope(piece)
                self._line += 1
            else:
                self._other(piece)
                self._line += piece.count(b"\n")
        if self._packets and self._lines.inside_envelope and len(data) < PACKET:
            if self._divided != self._line:
                self._violation("the envelope is written in pieces", "write it with its newline in one call, and flush")
            self._divided = self._line

    def finish(self, end: End, *, killed: bool) -> tuple[Told, list[Finding]]:
        """Return what a run would make of it, and all findings by their lines.

        `killed` says that we ended the client, which thus could not come to its end.
        """
        if self._lines.rest().startswith(MARK) and not killed:
            self._violation("the last envelope has no newline", "end each envelope with a newline")
        told = self._reader.finish(end)
        for problem in self._reader.problems:
            self._found.append(Finding(problem.what, problem.remedy, problem.line))
        if not killed:
            self._found += _of_the_end(told, end)
        return told, sorted(self._found, key=lambda each: each.line or self._line + 1)

    # -- lines --------------------------------------------------------------------------------------------------------

    def _violation(self, what: str, remedy: str) -> None:
        self._found.append(Finding(what, remedy, self._line))

    def _advice(self, what: str, remedy: str) -> None:
        self._found.append(Finding(what, remedy, self._line, violates=False))

    def _other(self, data: bytes) -> None:
        """Output in which an envelope stands behind something else on its line."""
        before, mark, _ = (self._end + data).partition(MARK)
        self._end = b"" if mark else data[-len(MARK) + 1 :]
        if mark:
            line = self._line + before.count(b"\n") - self._end.count(b"\n")
            what = "an envelope stands behind other output on its line"
            self._found.append(Finding(what, "send a newline first, if output is pending", line))

    def _envelope(self, line: bytes) -> None:
        self._end = b""
        told = decode(line)
        if told is None:
            self._violation("the line is not a JSON object", "send one JSON object after the mark")
            return
        try:
            line.decode()
        except UnicodeDecodeError:
            self._violation("the envelope is not UTF-8", "replace what is not, or escape it")
        event = told.get("event")
        if not isinstance(event, str) or event not in _KEYS:
            near = nearest(event, _KEYS) if isinstance(event, str) else None
            remedy = f"did you mean {near}?" if near else "name one in `event`"
            self._advice("the event is unknown, and ignored", remedy)
            return
        self._events += 1
        if (event == "fork_started") != (self._events == 1):
            self._violation(
                "fork_started comes twice, or late" if event == "fork_started" else "fork_started is missing",
                "send fork_started once, before all other envelopes",
            )
        self._unknown_keys(told, _KEYS[event] | _OF_ALL)
        self._surrogates(told)
        for what, remedy in self._in_event(event, told):
            self._violation(what, remedy)

    def _unknown_keys(self, told: Mapping[str, Any], known: set[str]) -> None:
        for key in told.keys() - known:
            near = nearest(key, known)
            hint = f"did you mean `{near}`?" if near else "leave it out"
            self._advice(f"the key `{one_line(key)}` is unknown, and ignored", hint)

    def _surrogates(self, told: Mapping[str, Any]) -> None:
        rows = told.get("cases")
        texts = [told, *(row for row in rows if isinstance(row, dict))] if isinstance(rows, list) else [told]
        for value in (value for each in texts for value in each.values() if isinstance(value, str)):
            if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
                self._violation("a text has half of a surrogate pair", "replace it, it is no Unicode")
                return

    # -- events -------------------------------------------------------------------------------------------------------

    def _in_event(self, event: str, told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """What is wrong in an envelope, beyond what the reader reports."""
        suite = told.get("suite")
        if event == "fork_started":
            if told.get("version") is True or not isinstance(told.get("client"), str):
                yield "`client` or `version` is missing", f"send your name, and version {VERSION}"
        elif event == "suite_started" and isinstance(suite, str):
            self._open.add(suite)
        elif event == "suite_output":
            if not isinstance(told.get("text"), str):
                yield "`text` is missing", "send the output in `text`"
            if isinstance(suite, str) and suite not in self._open:
                yield "the class of this output is not open", "send it by unattributed_output"
        elif event == "unattributed_output" and not isinstance(told.get("text"), str):
            yield "`text` is missing", "send the output in `text`"
        elif event == "suite_completed":
            if isinstance(suite, str):
                self._open.discard(suite)
            yield from self._in_class(told)

    def _in_class(self, told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        output, rows = told.get("output"), told.get("cases", [])
        if isinstance(output, str) and len(output.encode(errors="replace")) > MAX_HELD_BACK:
            yield "more than 64 KiB of output come with the end of the class", "send it by suite_output while it runs"
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            return
        for row in rows:
            self._unknown_keys(row, _CASE_KEYS)
        names = Counter(row["name"] for row in rows if isinstance(row.get("name"), str))
        twice = [name for name, number in names.items() if number > 1]
        if twice:
            yield f"{len(twice)} names of cases are told twice, such as `{one_line(twice[0])}`", "tell them apart"
        status, red = told.get("status"), [row for row in rows if row.get("status") in _RED]
        if red and status not in _RED:
            yield f"the class is {one_line(str(status))}, but has a case that is not", "call the class failed, too"
        if status in _RED and not red and not (told.get("message") or told.get("details")):
            yield f"the class is {status}, and nothing says why", "send a failed case, or a `message` of the class"
        if any(not (row.get("message") or row.get("details")) for row in red):
            self._advice("a failed case does not say why", "send `message`, or `details`")


def _of_the_end(told: Told, end: End) -> Iterator[Finding]:
    """What is wrong with the classes and the exit status, when the client has ended by itself."""
    for status, what, remedy in (
        (Status.CRASHED, "was not completed", "send suite_completed for each class that was started"),
        (Status.NOT_RUN, "was not started", "run all classes in LONGPOLE_CLASSES"),
    ):
        names = [each.name for each in told.classes if each.status == status]
        if names:
            others = f", and {len(names) - 1} more" if len(names) > 1 else ""
            yield Finding(f"class `{one_line(names[0])}` {what}{others}", remedy)
    red = any(case.status not in GREEN for case in told.cases)
    if end.exit_code and not red:
        yield Finding(f"the exit status is {end.exit_code}, but nothing failed", "exit with status 0 if nothing failed")
    if end.exit_code == 0 and red:
        remedy = "exit with another status if something failed"
        yield Finding("the exit status is 0, but something failed", remedy, violates=False)
