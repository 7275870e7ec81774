"""Packs give back every file, byte for byte, and refuse what is damaged."""

import gzip
import random
import zlib
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.perf import packs
from longpole.perf.files import MAX_BYTES, place_of, to_bytes
from longpole.perf.model import Result, Skip
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.results import RESULTS, SKIPS

LINES = st.lists(st.binary(max_size=50).map(lambda data: data.replace(b"\n", b"") + b"\n"), min_size=1, unique=True)


def path_of(line: bytes) -> str:
    return f"runs/p/2026/04/{sha256(line).hexdigest()}.json"


def pack(*lines: bytes) -> tuple[str, bytes]:
    return packs.pack("runs", "p", "2026", "04", lines)


@given(LINES)
def test_every_file_comes_back_under_its_name(lines: list[bytes]) -> None:
    path, data = pack(*lines)
    assert packs.PATH.fullmatch(path)
    assert all(packs.packable(path_of(line), line) for line in lines)
    assert dict(packs.unpack(path, data)) == {path_of(line): line for line in lines}
    assert b"".join(sorted(lines, key=lambda line: sha256(line).digest())) == gzip.decompress(data)


@given(LINES, st.randoms())
def test_the_same_files_are_the_same_pack(lines: list[bytes], chance: random.Random) -> None:
    assert pack(*lines) == pack(*chance.sample(lines, len(lines)))


@given(RESULTS | SKIPS)
def test_every_result_file_can_be_packed(item: Result | Skip) -> None:
    data = to_bytes(item)
    assert packs.packable(place_of(item, data), data)


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"{}\n\n", b"{\n}\n", b"\n{}"],
    ids=["empty", "no end", "two ends", "two lines", "no end of two"],
)
def test_what_is_not_one_line_is_left_as_it_is(data: bytes) -> None:
    assert not packs.packable(path_of(data), data)


def test_what_has_another_name_than_its_digest_is_left_as_it_is() -> None:
    assert packs.packable(path_of(b"{}\n"), b"{}\n")
    assert not packs.packable(path_of(b"[]\n"), b"{}\n")
    assert not packs.packable(path_of(b"{}\n").replace("runs/", "other/"), b"{}\n")


def named(data: bytes) -> str:
    return f"packs/runs/p/2026-04.{sha256(data).hexdigest()}.jsonl.gz"


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "incomplete"),
        (b"not gzip", "not a file of gzip"),
        (gzip.compress(b"{}\n", mtime=0)[:-9], "incomplete"),
        (gzip.compress(b"{}\n", mtime=0)[:-1], "incomplete"),
        (gzip.compress(b"{}\n", mtime=0)[:-1] + b"?", "not a file of gzip"),
        (zlib.compress(b"{}\n"), "not a file of gzip"),
        (gzip.compress(b"{}\n{}", mtime=0), "something follows its last line"),
        (gzip.compress(b"{}\n", mtime=0) + b"more", "something follows its last line"),
        (gzip.compress(b"x" * (MAX_BYTES + 1)), "absurdly large"),
    ],
)
def test_a_damaged_pack_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(UseError) as refused:
        list(packs.unpack(named(data), data))
    assert str(refused.value) == f"{named(data)}: a damaged pack: {why}; restore it, or remove it"


def test_a_pack_under_the_name_of_another_is_refused() -> None:
    path, _ = pack(b"{}\n")
    with pytest.raises(UseError, match="its content does not fit its name"):
        list(packs.unpack(path, pack(b"[]\n")[1]))


def test_what_unpacks_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "MAX_CONTENT", 4_000_000)
    data = gzip.compress(b"\n" * 40_000_000, mtime=0)
    seen = 0
    with pytest.raises(UseError, match="absurdly large"):
        for _ in packs.unpack(named(data), data):
            seen += 1
    assert seen <= 4_000_000


def test_lines_that_cross_the_chunks_in_which_a_pack_is_read_come_back() -> None:
    lines = [bytes([65 + number]) * 700_000 + b"\n" for number in range(5)]
    path, data = pack(*lines)
    assert {line for _, line in packs.unpack(path, data)} == set(lines)
