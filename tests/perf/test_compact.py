"""Compaction loses nothing, and readers see no difference; the pure part."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.perf import packs
from longpole.perf.compact import Month, months_to_pack, packed
from longpole.perf.files import to_bytes
from tests.perf.branches import files_of
from tests.perf.branches import packed as packs_of
from tests.perf.results import result

MONTH = Month("runs", "p", "2026", "04")
LINES = st.sets(st.binary(max_size=30).map(lambda data: data.replace(b"\n", b"") + b"\n"), max_size=8)
OTHERS = st.sets(st.binary(max_size=30), max_size=3)


def place(digest_of: bytes) -> str:
    return f"{MONTH.name}/{sha256(digest_of).hexdigest()}.json"


def month_of(contents: dict[str, bytes]) -> Month:
    names = {path: path for path in contents}
    files, in_packs = ({path: path for path in names if path.startswith(each)} for each in ("runs/", "packs/"))
    return Month(MONTH.folder, MONTH.platform, MONTH.year, MONTH.month, files, in_packs)


def seen(contents: dict[str, bytes]) -> dict[str, bytes]:
    """What a reader finds: the files, and those in packs that are not damaged."""
    found: dict[str, bytes] = {}
    for path, data in contents.items():
        if packs.PATH.fullmatch(path):
            names = packs.names(path, data)
            found |= {path: data} if not isinstance(names, list) else dict(packs.unpack(path, data))
    return found | {path: data for path, data in contents.items() if packs.FILE.fullmatch(path)}


@given(LINES, LINES, OTHERS, st.booleans())
def test_what_is_seen_is_the_same_before_and_after(
    loose: set[bytes], in_pack: set[bytes], others: set[bytes], has_damage: bool
) -> None:
    contents = {place(line): line for line in loose} | {place(data + b"x"): data for data in others}
    if in_pack:
        contents |= [packs.pack("runs", "p", "2026", "04", in_pack)]
    if has_damage:
        contents[f"packs/runs/p/2026-04.{'0' * 64}.jsonl.gz"] = b"damaged"
    made = packed(month_of(contents), contents)
    after = {path: data for path, data in contents.items() if path not in made.remove} | dict(made.packs)
    assert seen(after) == seen(contents)
    assert made.files == len(loose)
    assert made.bytes == sum(map(len, loose))
    assert len(made.packs) == (1 if loose else 0)
    assert len(made.kept) == len(others) + has_damage
    assert not any(place(line) in after for line in loose)
    assert len([path for path in after if path.startswith("packs/")]) == bool(loose or in_pack) + has_damage
    again = packed(month_of(after), after)
    assert (again.packs, again.remove, again.files) == ({}, (), 0)


def test_a_pack_too_large_for_readers_becomes_two(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [bytes([65 + number]) * 100 + b"\n" for number in range(8)]
    contents = {place(line): line for line in lines}
    for name in ("MAX_CONTENT", "MAX_PACKED"):
        with monkeypatch.context() as patch:
            patch.setattr(packs, name, 250 if name == "MAX_CONTENT" else 40)
            made = packed(month_of(contents), contents)
            assert len(made.packs) > 1
            assert seen(dict(made.packs)) == contents


def at(year: int, month: int) -> datetime:
    return datetime(year, month, 28, 23, 59, tzinfo=UTC)


def test_only_months_before_the_given_one_with_files_beside_packs_are_packed() -> None:
    old, new, older = (files_of(result(measured_at=each)) for each in (at(2026, 3), at(2026, 4), at(2025, 12)))
    other = files_of(result(measured_at=at(2026, 3), platform="other"))
    there = {**old, **new, **packs_of(older), **other, "README.md": b"", "runs/x.json": b""}
    ids = {path: path for path in there}
    names = [month.name for month in months_to_pack(ids, "2026-04")]
    assert names == ["runs/other/2026/03", "runs/x86-64-linux/2026/03"]
    assert months_to_pack({path: path for path in packs_of(old)}, "2026-04") == []


def test_a_result_that_arrives_late_joins_the_pack() -> None:
    first, late = result(platform="p"), result(platform="p", reason="late")
    contents = {**packs_of(files_of(first)), **files_of(late)}
    made = packed(month_of(contents), contents)
    assert sorted(made.remove) == sorted(contents)
    assert seen(dict(made.packs)) == files_of(first, late)
    assert to_bytes(late) in seen(dict(made.packs)).values()


def test_a_pack_that_would_lose_a_file_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    pack = packs.pack

    def loses_a_line(folder: str, platform: str, year: str, month: str, lines: list[bytes]) -> tuple[str, bytes]:
        return pack(folder, platform, year, month, lines[1:])

    monkeypatch.setattr(packs, "pack", loses_a_line)
    lines = [b"1\n", b"2\n"]
    contents = {place(line): line for line in lines}
    with pytest.raises(AssertionError, match="a pack does not give back what was packed"):
        packed(month_of(contents), contents)
