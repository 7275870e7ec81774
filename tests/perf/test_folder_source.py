"""The result files of a folder: which there are, and that nothing else is read."""

import os
from pathlib import Path

import pytest

from longpole.perf import packs
from longpole.perf.files import MAX_BYTES, place_of, to_bytes
from longpole.perf.sources import FolderSource
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.results import result

FILES = {
    place_of(each, data): data
    for each, data in ((each, to_bytes(each)) for each in (result(platform=name) for name in ("a", "b", "c")))
}


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def content(folder: Path) -> dict[str, bytes | UseError]:
    source = FolderSource(folder)
    return dict(source.read(source.files()))


def pack_of(path: str) -> dict[str, bytes]:
    name = packs.FILE.fullmatch(path)
    assert name is not None
    return dict([packs.pack(name["folder"], name["platform"], name["year"], name["month"], [FILES[path]])])


def test_all_files_are_read(tmp_path: Path) -> None:
    assert content(write(tmp_path, FILES)) == FILES


def test_a_file_may_have_any_place_and_name(tmp_path: Path) -> None:
    files = {"an artifact/result.json": b"1", "x.json": b"2", "packs/other.json": b"3"}
    assert content(write(tmp_path, files)) == files


def test_other_files_links_devices_and_gits_own_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": b"", ".git/config.json": b"", "real/x.json": b"1"})
    (tmp_path / "link.json").symlink_to("real/x.json")
    (tmp_path / "folder").symlink_to("real")
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "a.json").mkdir()
    assert content(tmp_path) == {"real/x.json": b"1"}


def test_a_folder_that_is_missing_is_an_error_of_use(tmp_path: Path) -> None:
    with pytest.raises(UseError, match="no such folder; name a folder of result files"):
        FolderSource(tmp_path / "none")


def test_the_key_changes_with_the_files_only(tmp_path: Path) -> None:
    source = FolderSource(write(tmp_path, {"a.json": b"1"}))
    (tmp_path / "other.txt").write_bytes(b"")
    assert FolderSource(tmp_path).key == source.key
    assert FolderSource(tmp_path).added_since(source.key) == {}
    write(tmp_path, {"b.json": b"1"})
    assert FolderSource(tmp_path).key != source.key
    assert FolderSource(tmp_path).added_since(source.key) is None


def test_files_of_a_pack_are_read_as_before(tmp_path: Path) -> None:
    first, second, third = FILES
    write(tmp_path, {**pack_of(first), **pack_of(second), second: FILES[second], third: FILES[third]})
    assert content(tmp_path) == FILES


def test_a_damaged_pack_is_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    path, data = pack_of(next(iter(FILES))).popitem()
    read = content(write(tmp_path, {path: data[:-1]}))
    assert list(read) == [path]
    assert "damaged pack" in str(read[path])


def test_a_file_that_is_too_large_is_not_read_whole(tmp_path: Path) -> None:
    with (tmp_path / "x.json").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert str(content(tmp_path)["x.json"]) == "x.json: larger than 16 MiB; it is no result file"


def test_a_file_that_vanishes_is_an_error_of_that_file(tmp_path: Path) -> None:
    source = FolderSource(write(tmp_path, {"a.json": b"1", "b.json": b"2"}))
    (tmp_path / "a.json").unlink()
    read = dict(source.read(source.files()))
    assert "No such file" in str(read["a.json"])
    assert read["b.json"] == b"2"
