"""Files that are broken, absurd or made to do harm: each is one clear error, and nothing is left of it."""

import gzip
import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longpole.perf.importers import documents, formats
from longpole.perf.importers.complete import Completer
from longpole.perf.importers.formats import FORMATS
from tests.perf.importers.gruel import OLD, RECORD, benchmark, lines, record
from tests.perf.importers.imported import GIVEN, RECORDED, imported, of_bytes

DEEP = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (b"", "x.json", "not JSON: "),
        (b"\x00\xff", "x.json", "not JSON: "),
        (b"{", "x.json", "not JSON: "),
        (DEEP, "x.json", "not JSON: nested too deeply"),
        (DEEP, "x.jsonl", ":1: not JSON: nested too deeply"),
        (b"[]", "x.json", "the format is not known"),
        (b'{"a": 1}', "x.json", "the format is not known; name a file of asv, "),
        (b'"text"', "x.jsonl", ":1: the format is not known"),
        (b"window.BENCHMARK_DATA = {", "data.js", "not JSON: "),
        (b"\x1f\x8b\x08", "x.json", "a damaged gzip file"),
        (gzip.compress(b"[" * 1000, mtime=0)[:-6], "x.json.gz", "a damaged gzip file"),
        (b'{"version": 4, "kind": "result"}', "x.json", "of version 4; this Longpole reads version 3"),
        (b'{"version": 3, "kind": "result"}', "x.json", "platform: "),
        (b"\n" * 10_002, "x.jsonl", "more than 10000 blank lines"),
    ],
)
def test_what_is_no_result_is_one_error(tmp_path: Path, data: bytes, name: str, message: str) -> None:
    done = of_bytes(tmp_path, data, name, GIVEN)
    assert len(done.messages) == 1 or "kind" in str(data)
    assert done.messages[0].startswith(f"{tmp_path}/{name}")
    assert message in done.messages[0]
    assert os.listdir(tmp_path) == [name]


def test_what_is_not_there_or_no_file_leaves_the_others(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    good = RECORDED / "hyperfine.json"
    paths = [tmp_path / name for name in ("none", "pipe", "empty", "loop", "nul\0")]
    done = imported(tmp_path, *paths, good, completer=GIVEN)
    assert len(done.results) == 1
    assert len(done.messages) == len(paths)
    assert {"none", "pipe", "empty", "loop"} <= {message.split(": ")[0].split("/")[-1] for message in done.messages}


def test_a_gzip_bomb_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_WHOLE", 1 << 20)
    spaces = gzip.compress(b" " * (1 << 22))
    done = of_bytes(tmp_path, spaces, "x.json.gz", GIVEN)
    assert "unpacks to more than 250 times its size" in done.messages[0]
    line = json.dumps(OLD).encode() + b"\n"
    bomb = gzip.compress(line * (1 << 14))
    assert len(bomb) * documents.MAX_RATIO < len(line) << 14
    done = of_bytes(tmp_path, bomb, "x.jsonl.gz", GIVEN)
    assert "unpacks to more than 250 times its size" in done.messages[-1]


def test_a_document_that_is_too_large_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_WHOLE", 1 << 10)
    done = of_bytes(tmp_path, b"[\n" + b" " * (1 << 10), "x.json", GIVEN)
    assert done.messages == (f"{tmp_path}/x.json: larger than 0 MiB; import it in parts, or as JSON lines",)


def test_a_line_without_end_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAX_LINE", 1 << 16)
    done = of_bytes(tmp_path, lines(RECORD) + b" " * (1 << 17), completer=Completer())
    assert len(done.results) == 1
    assert ":2: a line of more than 0 MiB; it is not a file of results" in done.messages[0]


def test_after_very_many_broken_records_a_file_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "MAX_ERRORS", 3)
    done = of_bytes(tmp_path, b"1\n" * 100, "x.jsonl")
    assert len(done.messages) == 4
    assert done.messages[-1] == f"{tmp_path}/x.jsonl: 3 broken records; the rest is not read; name another file"


def test_a_torn_last_line_is_an_error_and_those_before_it_are_imported(tmp_path: Path) -> None:
    done = of_bytes(tmp_path, lines(RECORD) + lines(record(timestamp="2026-05-01T00:00:00Z"))[:-20])
    assert len(done.results) == 1
    assert done.messages[0].startswith(f"{tmp_path}/x86-64-linux.jsonl:2: not JSON: ")


def test_what_was_cut_off_while_packed_keeps_what_came_before(tmp_path: Path) -> None:
    several = [
        record(timestamp=f"2026-05-01T00:00:{second:02}Z", noise=os.urandom(30_000).hex()) for second in range(9)
    ]
    packed = gzip.compress(lines(*several))
    done = of_bytes(tmp_path, packed[: len(packed) * 2 // 3], "x86-64-linux.jsonl.gz")
    assert 0 < len(done.results) < 9
    assert done.messages == (f"{tmp_path}/x86-64-linux.jsonl.gz: a damaged gzip file; fetch it again",)


def test_long_names_that_differ_at_their_end_stay_apart(tmp_path: Path) -> None:
    rows = [{"name": "x" * 300 + end, "mean_ms": 1} for end in "ab"]
    first, second = of_bytes(tmp_path, lines(record(benchmarks=rows))).result.benchmarks
    assert first.name != second.name


def test_hostile_names_do_not_leave_the_folder(tmp_path: Path) -> None:
    hostile = benchmark(name="../../../etc/passwd", passes={"<script>\u2028": {"mean_ms": 1}})
    done = of_bytes(tmp_path, lines(hostile, record(host={"arch": "..", "os": "x/../../y"})))
    assert done.result if not done.messages else len(done.results) == 1
    assert sorted(os.listdir(tmp_path)) == ["out", "x86-64-linux.jsonl"]


def test_links_and_hidden_folders_in_a_folder_are_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    for name in (".hidden", "seen"):
        (folder / name).mkdir(parents=True)
        (folder / name / "x.json").write_bytes((RECORDED / "hyperfine.json").read_bytes())
    (folder / "link.json").symlink_to(RECORDED / "pyperf.json")
    (folder / "links").symlink_to(RECORDED)
    (folder / "readme.txt").write_text("text")
    assert imported(tmp_path, folder, completer=GIVEN).result.tool == "hyperfine"


def test_a_wanted_format_is_not_guessed(tmp_path: Path) -> None:
    done = imported(tmp_path, RECORDED / "hyperfine.json", completer=GIVEN, wanted="pyperf")
    assert done.messages[0].endswith("not a document of pyperf; leave out --format")
    assert imported(tmp_path, RECORDED / "hyperfine.json", completer=GIVEN, wanted="hyperfine").new == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.just(10**400),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
DOCUMENTS = [
    *(json.loads((RECORDED / name).read_text()) for name in ("hyperfine.json", "google-reps.json", "google-agg.json")),
    *(json.loads((RECORDED / name).read_text()) for name in ("pyperf.json", "pytest-benchmark.json")),
    json.loads(next((RECORDED / "asv/machine").glob("7b5*.json")).read_text()),
    json.loads((RECORDED / "data.js").read_text().partition("=")[2].strip().rstrip(";")),
    json.loads((RECORDED / "cargo-criterion.jsonl").read_text().splitlines()[0]),
    json.loads((RECORDED / "criterion/sum 100/new/estimates.json").read_text()),
    RECORD,
    {"version": 1, "runs": [OLD]},
]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container in a document with each of its keys."""
    here = list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    return [(value, key) for key, _ in here] + [place for _, inner in here for place in places(inner)]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(DOCUMENTS), st.data())
def test_any_value_in_any_place_is_imported_or_an_error(document: Any, data: st.DataObject) -> None:
    document = json.loads(json.dumps(document))
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(places(document)))
        container[key] = data.draw(JSON)
    with TemporaryDirectory() as folder:
        of_bytes(Path(folder), json.dumps(document).encode(), "x.json", GIVEN)


@settings(max_examples=200, deadline=None)
@given(JSON, st.sampled_from([None, *FORMATS]), st.booleans())
def test_any_json_is_imported_or_an_error(value: object, wanted: str | None, as_lines: bool) -> None:
    with TemporaryDirectory() as folder:
        name = "x.jsonl" if as_lines else "x.json"
        done = of_bytes(Path(folder), json.dumps(value).encode() + b"\n", name, GIVEN, wanted=wanted)
        assert done.messages or done.results
