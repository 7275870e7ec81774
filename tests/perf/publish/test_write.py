"""A site is replaced as a whole, and only where it is ours."""

import os
import threading
from pathlib import Path

import pytest

from longpole.perf.publish.write import FILES, INDEX, MARKER, write
from longpole.rts_tests.contracts.errors import UseError


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_folder_is_made_with_its_parents(tmp_path: Path) -> None:
    out = tmp_path / "a" / "b"
    write(out, b"page", {"x-1.js": b"x"})
    assert contents(out) == {INDEX: b"page", f"{FILES}/x-1.js": b"x", MARKER: (out / MARKER).read_bytes()}


def test_a_later_site_takes_the_place_of_the_earlier_one(tmp_path: Path) -> None:
    write(tmp_path, b"one", {"same.js": b"s", "old.js": b"o"})
    (tmp_path / "CNAME").write_text("perf.example.com")
    touched = (tmp_path / FILES / "same.js").stat().st_mtime_ns
    write(tmp_path, b"two", {"same.js": b"s", "new.js": b"n"})
    found = contents(tmp_path)
    assert found.keys() == {INDEX, MARKER, "CNAME", f"{FILES}/same.js", f"{FILES}/new.js"}
    assert found[INDEX] == b"two"
    assert (tmp_path / FILES / "same.js").stat().st_mtime_ns == touched


def test_a_folder_with_files_of_somebody_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UseError, match="not empty, and no page was published there"):
        write(tmp_path, b"page", {"x.js": b"x"})
    assert contents(tmp_path) == {"thesis.txt": b"mine"}


@pytest.mark.parametrize("marker", ["", "{}", "[]", '{"files": ["../x"]}', '{"files": [1]}', '{"files": [".."]}'])
def test_a_marker_that_is_none_of_ours_is_refused(tmp_path: Path, marker: str) -> None:
    (tmp_path / MARKER).write_text(marker)
    with pytest.raises(UseError, match="damaged"):
        write(tmp_path, b"page", {"x.js": b"x"})
    assert contents(tmp_path) == {MARKER: marker.encode()}


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    with pytest.raises(UseError, match="not a folder"):
        write(tmp_path / "out", b"page", {})
    write(tmp_path / "site", b"page", {})
    (tmp_path / "site" / FILES).rmdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "site" / FILES).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UseError, match="not a folder; remove it"):
        write(tmp_path / "site", b"page", {"x.js": b"x"})
    assert contents(tmp_path / "elsewhere") == {}


def test_a_link_in_the_place_of_a_file_is_replaced_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "site", b"page", {"x.js": b"x"})
    (tmp_path / "mine").write_text("mine")
    for name in (INDEX, f"{FILES}/x.js"):
        (tmp_path / "site" / name).unlink()
        (tmp_path / "site" / name).symlink_to(tmp_path / "mine")
    write(tmp_path / "site", b"again", {"x.js": b"x"})
    assert (tmp_path / "mine").read_text() == "mine"
    assert contents(tmp_path / "site")[f"{FILES}/x.js"] == b"x"


@pytest.mark.parametrize("call", range(12))
def test_a_publisher_that_dies_leaves_one_whole_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    """The page that is there names only files that are there, whenever it dies; the next one cleans up."""
    write(tmp_path, b"old.js", {"old.js": b"o", "same.js": b"s"})
    calls = iter(range(100))

    def dying(name: str) -> None:
        real = getattr(os, name)

        def step(*args: object, **options: object) -> object:
            if next(calls) == call:
                raise KeyboardInterrupt
            return real(*args, **options)

        monkeypatch.setattr(os, name, step)

    for name in ("replace", "unlink"):
        dying(name)
    try:
        write(tmp_path, b"new.js", {"new.js": b"n", "same.js": b"s"})
    except KeyboardInterrupt:
        pass
    monkeypatch.undo()
    assert (tmp_path / FILES / (tmp_path / INDEX).read_text()).is_file()
    (tmp_path / FILES / "later.js.123.tmp").write_text("cut off")
    write(tmp_path, b"new.js", {"new.js": b"n", "same.js": b"s"})
    assert contents(tmp_path).keys() == {INDEX, MARKER, f"{FILES}/new.js", f"{FILES}/same.js"}


def test_what_a_publisher_left_that_died_first_of_all_is_no_hindrance(tmp_path: Path) -> None:
    (tmp_path / f"{MARKER}.77.tmp").write_text("{")
    write(tmp_path, b"page", {})
    assert contents(tmp_path).keys() == {INDEX, MARKER}


def test_two_publishers_at_once_leave_one_whole_site(tmp_path: Path) -> None:
    def many(name: str) -> None:
        for _ in range(30):
            write(tmp_path, name.encode(), {name: name.encode(), "same.js": b"s"})

    write(tmp_path, b"a.js", {"a.js": b"a.js"})
    threads = [threading.Thread(target=many, args=(name,)) for name in ("a.js", "b.js")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    name = (tmp_path / INDEX).read_text()
    assert contents(tmp_path).keys() == {INDEX, MARKER, f"{FILES}/{name}", f"{FILES}/same.js"}


def test_a_folder_that_cannot_be_written_is_an_error_of_use(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UseError, match="Not a directory"):
        write(tmp_path / "file" / "site", b"page", {})
