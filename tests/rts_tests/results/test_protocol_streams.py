"""The reader of forks against any stream: each class has one result, and the pieces do not matter."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longpole.rts_tests.contracts.cases import CASE_STATUSES
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.results import wire
from longpole.rts_tests.results.protocol import ProtocolReader
from longpole.rts_tests.results.told import End, Told, final_status
from longpole.rts_tests.results.wire import MARK, Lines

CLASSES = ("a", "b", "c")
ENDS = (Status.PASSED, Status.FAILED, Status.CRASHED, Status.TIMEOUT, Status.CANCELLED, Status.LEAKED, Status.SKIPPED)

_scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(width=16) | st.text(max_size=4)
_json = st.recursive(_scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner))
_status = st.sampled_from(["passed", "failed", "skipped", "error"])
_suite = st.sampled_from([*CLASSES, "x", "\ud800\n=== a ==="])
_text = st.text(st.characters(), max_size=20) | st.sampled_from(["=== a ===\n", "\x1b[31m\0", "@@LONGPOLE@@ {}\n"])
_case = st.fixed_dictionaries(
    {"name": _text, "status": _status, "seconds": st.floats(0, 3)}, optional={"message": _text, "details": _text}
)
_event = st.one_of(
    st.just({"event": "fork_started", "version": 1, "client": "x"}),
    st.fixed_dictionaries({"event": st.sampled_from(["suite_started"]), "suite": _suite}),
    st.fixed_dictionaries({"event": st.just("suite_output"), "suite": _suite, "text": _text}),
    st.fixed_dictionaries(
        {"event": st.just("suite_completed"), "suite": _suite, "status": _status, "seconds": st.floats(0, 3)},
        optional={"cases": st.lists(_case, max_size=3), "output": _text, "message": _text},
    ),
    st.fixed_dictionaries({"event": st.just("unattributed_output"), "text": _text}),
    st.fixed_dictionaries({"event": st.just("fork_completed"), "suites": st.integers(0, 3)}),
    st.fixed_dictionaries(
        {"event": st.sampled_from(["suite_started", "suite_completed", "suite_output", "fork_completed", "x"])},
        optional={key: _json for key in ("suite", "status", "seconds", "cases", "text", "suites", "output")},
    ),
    _json,
)
_line = _event.map(lambda event: MARK + json.dumps(event).encode() + b"\n")
_noise = st.binary(max_size=30) | st.sampled_from([b"\n", b"@@", b"\n@@LONGPOLE@@", MARK, b"\n" + MARK, b"text\n"])
streams = st.lists(_line | _noise, max_size=25).map(b"".join)
ends = st.builds(
    End,
    st.sampled_from(ENDS),
    st.sampled_from([0, 1, None]),
    st.just("/nowhere"),
    st.none() | st.lists(st.sampled_from(CLASSES), unique=True).map(tuple),
)


def read(pieces: Sequence[bytes], end: End, given: Sequence[str] | None, tag: str | None) -> tuple[bytes, Told]:
    reader = ProtocolReader(given, tag)
    log = b"".join([reader.feed(piece) for piece in pieces])
    told = reader.finish(end)
    return log + told.output, told


@given(streams, ends, st.sampled_from([None, "fork-1"]))
@settings(max_examples=100)
def test_each_class_has_exactly_one_result(data: bytes, end: End, tag: str | None) -> None:
    log, told = read([data], end, CLASSES, tag)
    expected = CLASSES if end.claimed is None else end.claimed
    assert [each.name for each in told.classes] == list(expected)
    assert {case.class_name for case in told.cases} == set(expected)
    assert {case.status for case in told.cases} | {each.status for each in told.classes} <= CASE_STATUSES
    for each in told.classes:
        of_class = {case.status for case in told.cases if case.class_name == each.name}
        assert (each.status in GREEN) == (of_class <= GREEN)
    if tag is not None:
        assert all(line.startswith(b"[fork-1] ") for line in log.split(b"\n")[:-1])


@given(streams, ends, st.sampled_from([None, "fork-1"]), st.none() | st.just(CLASSES), st.data())
@settings(max_examples=100)
def test_the_pieces_do_not_matter(
    data: bytes, end: End, tag: str | None, classes: Sequence[str] | None, draw: st.DataObject
) -> None:
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(data)), max_size=12)))
    pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    assert read(pieces, end, classes, tag) == read([data], end, classes, tag)
    assert read([data[n : n + 1] for n in range(len(data))], end, classes, tag) == read([data], end, classes, tag)


@given(streams, streams, ends)
@settings(max_examples=100)
def test_what_is_printed_in_between_never_turns_red_into_green(honest: bytes, forged: bytes, end: End) -> None:
    """A test may print whole envelopes: a class that failed, or a fork that broke off, is red with them, too."""
    end = End(end.status, end.exit_code, end.tmpdir)
    failed = {"event": "suite_completed", "suite": "a", "status": "failed", "seconds": 1}
    begun = MARK + b'{"event":"suite_started","suite":"a"}\n'
    told = read([begun, forged, b"\n", MARK, json.dumps(failed).encode(), b"\n", honest], end, CLASSES, None)[1]
    assert final_status(end.status, told) not in GREEN


@given(streams)
def test_nothing_of_a_stream_is_lost_or_added_by_dividing_it(data: bytes) -> None:
    lines = Lines()
    pieces = list(lines.split(data))
    assert b"".join([piece for _, piece in pieces]) + lines.rest() == data
    assert all(piece.startswith(MARK) and piece.count(b"\n") == 1 for is_envelope, piece in pieces if is_envelope)


def test_a_line_that_begins_like_an_envelope_and_never_ends_is_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_ENVELOPE", 1000)
    text = b" " * 600
    for pieces in ([MARK, text, text, b"x\n"], [MARK + text + text + b"x\n"], [MARK + text + text, b"x\n"]):
        log, told = read(
            [*pieces, MARK + b'{"event":"fork_completed","suites":0}\n'], End(Status.PASSED, 0, ""), [], None
        )
        assert log == MARK + text + text + b"x\n0 cases in 0.00 s\n"
        assert told.problem is None


def test_an_envelope_of_50_mb_is_read() -> None:
    text = "line\n" * 10_000_000
    head = MARK + b'{"event":"suite_started","suite":"a"}\n'
    data = head + MARK + json.dumps({"event": "suite_output", "suite": "a", "text": text}).encode() + b"\n"
    log, told = read(
        [data[n : n + 65536] for n in range(0, len(data), 65536)], End(Status.CRASHED, None, ""), ["a"], None
    )
    assert log.startswith(b"=== a (so far) ===\n" + text.encode())
    assert told.cases[0].details is not None and len(told.cases[0].details) <= 16 * 1024
