"""`records.jsonl`: what is written is read, what is torn or planted counts as no record, whatever it is."""

import errno
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.record_file import (
    RecordWriter,
    all_records,
    read_record_of,
    read_records,
    record_in,
    records_path,
)
from longpole.rts_tests.contracts.records import LogState, Record, encode, fields_of
from longpole.rts_tests.contracts.status import RECORDED
from tests.made_up import made_up, record

TEXT = st.text(st.characters(codec="utf-8"), max_size=20)
SECONDS = st.floats(0, 1e6, allow_nan=False)
TRY = {"kind": "same seeds", "seed": None, "status": "failed", "note": "no", "wall_s": 0.5, "exit_code": 1}
RECORDS = st.builds(
    record,
    TEXT,
    SECONDS,
    st.sampled_from(RECORDED),
    target=st.sampled_from(["test-a", "test-b", "test-\u00e9", 'test-"', "test-a-1"]),
    note=TEXT | st.none(),
    command=st.lists(TEXT).map(tuple),
    chunk=st.integers(0, 9) | st.none(),
    user_s=SECONDS,
    log=st.sampled_from(LogState),
    tries=st.lists(st.just(TRY), max_size=2).map(tuple),
)


def write(run: Path, records: Sequence[Record], *, close: bool = True) -> bytes:
    """The file that a run of these records leaves."""
    writer = RecordWriter(run)
    for each in records:
        writer.write(each)
    if close:
        writer.close()
    return Path(records_path(run)).read_bytes()


def put(run: Path, *lines: bytes) -> None:
    Path(records_path(run)).write_bytes(b"".join(lines))


def line_of(name: str, **fields: Any) -> bytes:
    return encode({**fields_of(record(name)), **fields})


@given(st.lists(RECORDS), st.booleans())
def test_what_is_written_is_read_and_the_last_record_of_a_target_counts(
    tmp_path_factory: pytest.TempPathFactory, records: list[Record], close: bool
) -> None:
    run = tmp_path_factory.mktemp("run")
    expected = {each.target: each for each in records}
    if records:
        write(run, records, close=close)
    assert all_records(run) == expected
    for target in (*expected, "test-none"):
        assert read_record_of(run, target) == expected.get(target)


@given(st.lists(RECORDS, min_size=1, max_size=4), st.data())
def test_a_file_that_is_cut_off_anywhere_keeps_its_whole_lines_and_can_be_continued(
    tmp_path_factory: pytest.TempPathFactory, records: list[Record], data: st.DataObject
) -> None:
    run = tmp_path_factory.mktemp("run")
    whole = write(run, records)
    cut = data.draw(st.integers(0, len(whole)))
    put(run, whole[:cut])
    kept = records[: whole[:cut].count(b"\n")]
    assert all_records(run) == {each.target: each for each in kept}
    write(run, [record("v/more")])
    assert all_records(run) == {each.target: each for each in [*kept, record("v/more")]}
    assert read_record_of(run, "test-v-more") == record("v/more")


def test_every_round_of_a_run_continues_the_file_and_leaves_one_index(tmp_path: Path) -> None:
    for name in ("v/a", "v/b", "v/a"):
        data = write(tmp_path, [record(name, started_s=1.0)])
    assert [json.loads(line).get("id") for line in data.splitlines()] == ["v/a", "v/b", "v/a", None, None]
    index = json.loads(data.splitlines()[-2])["index"]
    for target, (begin, size) in index.items():
        assert json.loads(data[begin : begin + size])["target"] == target
    assert index["test-v-b"][0] < index["test-v-a"][0]  # the last record of a target is the one that counts


def test_one_record_is_found_without_reading_the_others(tmp_path: Path) -> None:
    data = write(tmp_path, [record("v/a"), record("v/b")])
    first = data.index(b"\n") + 1
    newer = data[:first].replace(b'"wall_s":1.0', b'"wall_s":2.0')
    put(tmp_path, data[:first], newer, encode({"index": {"test-v-a": [0, first]}}), trailer(first + len(newer)))
    found = read_record_of(tmp_path, "test-v-a")
    assert found is not None
    assert found.wall_s == 1.0  # where the index says, though there is another


def trailer(at: int) -> bytes:
    return f'{{"version":1,"index_at":"{at:016x}"}}\n'.encode()


A, B = line_of("v/a"), line_of("v/b")


@pytest.mark.parametrize(
    "lie",
    [
        [encode({"index": {"test-v-a": [len(A), len(B)]}}), trailer(len(A + B))],
        [encode({"index": {"test-v-a": [0, 10]}}), trailer(len(A + B))],
        [encode({"index": {"test-v-a": [10**14, 10**8]}}), trailer(len(A + B))],
        [encode({"index": {"test-v-a": [0, 10**30]}}), trailer(len(A + B))],
        [encode({"index": {"test-v-a": "no"}}), trailer(len(A + B))],
        [encode({"index": {}}), trailer(len(A + B))],
        [encode({"index": {}}), trailer(2**64 - 1)],
        [trailer(0)],
        [trailer(len(A))],
        [b'{"version":1,"index":{\n'],
    ],
)
def test_an_index_that_lies_is_not_believed(tmp_path: Path, lie: list[bytes]) -> None:
    put(tmp_path, A, B, *lie)
    assert read_record_of(tmp_path, "test-v-a") == record("v/a")
    assert set(all_records(tmp_path)) == {"test-v-a", "test-v-b"}
    write(tmp_path, [record("v/more")])
    assert set(all_records(tmp_path)) == {"test-v-a", "test-v-b", "test-v-more"}


HOSTILE: dict[str, bytes] = {
    "nested": b"[" * 100_000 + b"]" * 100_000 + b"\n",
    "nested in a record": A.replace(b'"tries":[]', b'"tries":' + b"[" * 100_000 + b"]" * 100_000),
    "a number of 5,000 digits": line_of("v/x").replace(b'"attempts":1', b'"attempts":1' + b"0" * 5000),
    "an absurd count": line_of("v/x", max_rss_bytes=2**63),
    "infinite": line_of("v/x").replace(b'"wall_s":1.0', b'"wall_s":1e999'),
    "not a number": line_of("v/x").replace(b'"wall_s":1.0', b'"wall_s":NaN'),
    "negative": line_of("v/x", wall_s=-1.0),
    "a truth for a number": line_of("v/x", wall_s=True),
    "a text for a number": line_of("v/x", wall_s="1"),
    "a text for a chunk": line_of("v/x", chunk="1"),
    "an execution before the first": line_of("v/x", execution=-1),
    "a number for a text": line_of("v/x", note=1),
    "no name": line_of("v/x", id=None),
    "no list of words": line_of("v/x", command=[1]),
    "a text of attempts": line_of("v/x", tries="ab"),
    "an attempt without a note": line_of("v/x", tries=[{"kind": "x", "status": "failed", "seed": 1, "wall_s": 1}]),
    "no such status": line_of("v/x", status="well"),
    "a status that no record has": line_of("v/x", status="not run"),
    "no such log": line_of("v/x", log="maybe"),
    "a target that leads elsewhere": line_of("v/x", target="../../x"),
    "a target with a NUL": line_of("v/x", target="test-v-x\0"),
    "a target of half a character": line_of("v/x").replace(b'"test-v-x"', b'"\\ud800"'),
    "another version": line_of("v/x").replace(b'{"version":1,', b'{"version":2,'),
    "no version": b'{"id":"v/x"}\n',
    "a list": b"[]\n",
    "nothing": b"\n",
    "NULs": b"\0" * 1000 + b"\n",
    "no UTF-8": b'{"id":"\xff"}\n',
    "half a record": line_of("v/x")[:40] + b"\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_record_counts_as_none_and_hides_no_other(tmp_path: Path, name: str) -> None:
    assert record_in(HOSTILE[name]) is None
    put(tmp_path, A, HOSTILE[name], B)
    assert set(all_records(tmp_path)) == {"test-v-a", "test-v-b"}
    assert read_record_of(tmp_path, "test-v-x") is None


def test_a_record_of_another_unit_is_not_a_planned_units_own(tmp_path: Path) -> None:
    info = made_up([record("v/b"), record("v/a")]).info
    write(tmp_path, [record("v/a"), replace(record("v/b"), id="v/other"), record("v/stranger")])
    assert list(read_records(tmp_path, info)) == ["test-v-a"]
    write(tmp_path, [record("v/b")])
    assert list(read_records(tmp_path, info)) == ["test-v-b", "test-v-a"]  # in the plan's order


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("make", [a_pipe, Path.mkdir, lambda path: path.symlink_to(path)])
def test_what_is_no_file_holds_no_records(tmp_path: Path, make: Callable[[Path], None]) -> None:
    (tmp_path / "units").mkdir()
    make(tmp_path / "units" / "test-v-a.json")
    assert (all_records(tmp_path), read_record_of(tmp_path, "test-v-a")) == ({}, None)
    make(Path(records_path(tmp_path)))
    assert (all_records(tmp_path), read_record_of(tmp_path, "test-v-a")) == ({}, None)


def test_what_a_pipe_holds_is_no_record(tmp_path: Path) -> None:
    (tmp_path / "units").mkdir()
    pipe = tmp_path / "units" / "test-v-a.json"
    a_pipe(pipe)
    descriptor = os.open(pipe, os.O_RDWR)
    os.write(descriptor, A)
    assert read_record_of(tmp_path, "test-v-a") is None
    os.close(descriptor)


def test_runs_that_kept_a_file_a_record_are_read(tmp_path: Path) -> None:
    (tmp_path / "units").mkdir()
    known = fields_of(record("v/a"))
    del known["log"], known["tries"], known["waited_s"], known["waited_for"]  # which came later
    (tmp_path / "units" / "test-v-a.json").write_bytes(encode(known))
    (tmp_path / "units" / "test-v-b.json").write_bytes(B[:-9])
    assert all_records(tmp_path) == {"test-v-a": record("v/a")}
    assert read_records(tmp_path, made_up([record("v/a"), record("v/b")]).info) == {"test-v-a": record("v/a")}
    assert read_record_of(tmp_path, "test-v-a") == record("v/a")
    assert read_record_of(tmp_path, "test-v-b") is None
    assert read_record_of(tmp_path, "test-\0") is None


# -- a disk that is full for a while ----------------------------------------------------------------------------------


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[int | None], None]:
    """Says how many bytes still fit; None when the disk is no longer full."""
    room: list[int | None] = [None]
    real = os.write

    def write_some(descriptor: int, data: bytes) -> int:
        if room[0] is None:
            return real(descriptor, data)
        if not room[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = real(descriptor, data[: room[0]])
        room[0] -= written
        return written

    monkeypatch.setattr(os, "write", write_some)

    def say(size: int | None) -> None:
        room[0] = size

    return say


def refuse(_descriptor: int, _size: int) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


@pytest.mark.parametrize("cannot_truncate", [False, True])
@pytest.mark.parametrize("room", [0, 1, 100])
def test_a_record_that_does_not_fit_spoils_no_later_one(
    tmp_path: Path,
    full_disk: Callable[[int | None], None],
    monkeypatch: pytest.MonkeyPatch,
    room: int,
    cannot_truncate: bool,
) -> None:
    if cannot_truncate:
        monkeypatch.setattr(os, "ftruncate", refuse)
    writer = RecordWriter(tmp_path)
    writer.write(record("v/a"))
    full_disk(room)
    for _ in range(2):
        with pytest.raises(OSError, match="No space left"):
            writer.write(record("v/lost"))
    full_disk(None)
    writer.write(record("v/b"))
    assert set(all_records(tmp_path)) == {"test-v-a", "test-v-b"}  # while the run goes on
    writer.close()
    assert set(all_records(tmp_path)) == {"test-v-a", "test-v-b"}
    data = Path(records_path(tmp_path)).read_bytes()
    for target, (begin, size) in json.loads(data.splitlines()[-2])["index"].items():
        assert json.loads(data[begin : begin + size])["target"] == target
    assert read_record_of(tmp_path, "test-v-b") == record("v/b")


def test_the_index_is_found_behind_a_piece_of_a_line_that_cannot_be_taken_back(
    tmp_path: Path, full_disk: Callable[[int | None], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = RecordWriter(tmp_path)
    writer.write(record("v/a"))
    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space left"):
        patch.setattr(os, "ftruncate", refuse)
        full_disk(5)
        writer.write(record("v/lost"))
    full_disk(None)
    writer.close()
    data = Path(records_path(tmp_path)).read_bytes()
    at = int(json.loads(data.splitlines()[-1])["index_at"], 16)
    assert json.loads(data[at:].splitlines()[0])["index"] == {"test-v-a": [0, len(A)]}


def test_without_room_for_the_index_records_are_found_all_the_same(
    tmp_path: Path, full_disk: Callable[[int | None], None]
) -> None:
    writer = RecordWriter(tmp_path)
    writer.write(record("v/a"))
    full_disk(7)
    writer.close()
    assert Path(records_path(tmp_path)).read_bytes() == A
    assert read_record_of(tmp_path, "test-v-a") == record("v/a")
