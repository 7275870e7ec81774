"""What is taken from artifacts, and what is refused: each by itself, with its place and what to do."""

import inspect
import io
import os
import socket
import sys
import tarfile
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.perf import artifacts, files
from longpole.perf.artifacts import Gathered, gather
from longpole.perf.files import to_bytes
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.remotes import artifact, places
from tests.perf.results import RESULTS, SKIPS, result

A, B = result(platform="a"), result(platform="b")
DATA = to_bytes(A)
NAME = f"{sha256(DATA).hexdigest()}.json"


def gathered(*paths: Path) -> Gathered:
    return gather([str(path) for path in paths], io.BytesIO())


def refused(found: Gathered) -> list[str]:
    return [str(problem) for problem in found.refused]


def test_results_are_found_wherever_they_lie(tmp_path: Path) -> None:
    artifact(tmp_path / "in", A, B)
    (tmp_path / "in" / "deep" / "er").mkdir(parents=True)
    (tmp_path / "in" / "deep" / "er" / "any name").write_bytes(to_bytes(result(platform="c")))
    found = gathered(tmp_path / "in")
    assert found.found.keys() == places(A, B, result(platform="c"))
    assert not found.refused
    assert not found.ignored


def test_a_file_may_be_named_itself(tmp_path: Path) -> None:
    (tmp_path / "result.json").write_bytes(DATA)
    assert gathered(tmp_path / "result.json").found.keys() == places(A)


def test_the_same_result_twice_is_one(tmp_path: Path) -> None:
    artifact(tmp_path / "in", A, A, A)
    assert len(gathered(tmp_path / "in").found) == 1


def test_other_formatting_is_the_same_result(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "pretty.json").write_bytes(DATA.replace(b",", b" ,\n "))
    found = gathered(tmp_path / "in")
    assert found.found.keys() == places(A)
    assert found.content(next(iter(found.found.values()))) == DATA


def test_a_file_named_by_its_digest_is_kept_byte_for_byte(tmp_path: Path) -> None:
    data = DATA.replace(b",", b", ")
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / f"{sha256(data).hexdigest()}.json").write_bytes(data)
    found = gathered(tmp_path / "in")
    assert [found.content(item) for item in found.found.values()] == [data]


@given(st.lists(RESULTS | SKIPS, max_size=4))
def test_what_is_written_is_found_byte_for_byte(tmp_path_factory: pytest.TempPathFactory, items) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path_factory.mktemp("artifacts")
    artifact(folder, *items)
    found = gathered(folder)
    assert {path: found.content(item) for path, item in found.found.items()} == {
        files.place_of(item, to_bytes(item)): to_bytes(item) for item in items
    }
    assert found.refused == []


def test_what_is_no_result_is_ignored_unless_it_is_named_like_one(tmp_path: Path) -> None:
    (tmp_path / "log.txt").write_text("{ a log")
    (tmp_path / "list").write_text("[1]")
    (tmp_path / "core").write_bytes(b"\x7fELF" + bytes(100))
    found = gathered(tmp_path)
    assert found.ignored == [f"{tmp_path}/{name}" for name in ("core", "list", "log.txt")]
    assert found.refused == []


def link(place: Path) -> None:
    place.symlink_to("/etc/passwd")


def folder_link(place: Path) -> None:
    place.symlink_to("/etc")


def fifo(place: Path) -> None:
    os.mkfifo(place)


def bound(place: Path) -> None:
    here = Path.cwd()
    os.chdir(place.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(place.name)
    finally:
        os.chdir(here)


def huge(place: Path) -> None:
    with open(place, "wb") as file:
        file.truncate(files.MAX_BYTES + 1)


def text(content: str) -> Callable[[Path], object]:
    return lambda place: place.write_text(content)


HOSTILE = [
    ("x.json", link, "a symbolic link, which is not followed; upload the file itself"),
    ("folder", folder_link, "a symbolic link"),
    ("x.json", fifo, "not a regular file; leave pipes, sockets and devices out"),
    ("x.json", bound, "not a regular file"),
    ("x.json", huge, "larger than 16 MiB; it is no result file"),
    (f"{'0' * 64}.json", text(DATA.decode()), "its content does not fit the digest in its name"),
    ("0" * 64, text(DATA.decode()), "its content does not fit the digest in its name"),
    ("x.json", text('{"version": 4, "kind": "result"}'), "of version 4; this Longpole reads version 3"),
    ("x", text('{"version": 4, "kind": "result"}'), "of version 4; this Longpole reads version 3"),
    ("x.json", text('{"version": 2, "benchmarks": []}'), "convert it with `longpole perf import`"),
    ("x.json", text("[" * 100_000), "not JSON: nested too deeply"),
    ("x.json", text(""), "not JSON"),
    ("x.json", text(DATA.decode().replace('"platform":"a"', '"platform":"../../a"')), "platform: "),
    ("x.json", text(DATA.decode().replace('"platform":"a"', '"platform":""')), "platform: "),
    ("x.json", text(DATA.decode().replace('"platform":"a"', '"platform":"a\\u001b[2J"')), "platform: "),
    ("x.json", text(DATA.decode().replace("2026-04-20", "0026-04-20")), "measured_at: "),
    ("x.json", text(DATA.decode().replace("2026-04-20T20:27:37Z", "0001-01-01T00:00:00+14:00")), "measured_at: "),
]


@pytest.mark.parametrize(("name", "make", "what"), HOSTILE)
def test_what_is_hostile_is_refused_and_the_others_are_taken(
    tmp_path: Path, name: str, make: Callable[[Path], object], what: str
) -> None:
    artifact(tmp_path / "in", A)
    (tmp_path / "in" / "hostile").mkdir()
    make(tmp_path / "in" / "hostile" / name)
    artifact(tmp_path / "in" / "z", B)
    found = gathered(tmp_path / "in")
    assert found.found.keys() == places(A, B)
    (problem,) = refused(found)
    assert problem.startswith(f"{tmp_path}/in/hostile/{name}: {what}") or what in problem


def test_a_folder_deeper_than_python_recurses_is_searched(tmp_path: Path) -> None:
    """The limit of recursion is lowered, as what is really that deep can be removed neither by pytest nor by shutil."""
    deepest = tmp_path / "in" / "/".join("d" * 300)
    deepest.mkdir(parents=True)
    (deepest / "r.json").write_bytes(DATA)
    gathered(deepest)  # what is imported and made on first use may recurse as it likes
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(len(inspect.stack(0)) + 150)
    try:
        found = gathered(tmp_path / "in")
    finally:
        sys.setrecursionlimit(before)
    assert found.found.keys() == places(A)


def test_an_artifact_with_too_many_files_costs_no_other_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "MAX_FILES", 3)
    artifact(tmp_path / "in", A)
    (tmp_path / "in" / "b").mkdir()
    for number in range(10):
        (tmp_path / "in" / "b" / f"{number}.txt").touch()
    artifact(tmp_path / "in" / "z", B)
    found = gathered(tmp_path / "in")
    assert found.found.keys() == places(A, B)
    assert refused(found) == [
        f"{tmp_path}/in/b: more than 3 files: the rest is refused; upload the result files only, or collect it in parts"
    ]


def test_an_artifact_that_is_too_large_costs_no_other_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(artifacts, "MAX_TOTAL", 1000 + len(DATA))
    artifact(tmp_path / "in", A)
    (tmp_path / "in" / "x").write_bytes(bytes(1001 + len(DATA)))
    assert gathered(tmp_path / "in").found.keys() == places(A)


def test_what_does_not_exist_is_misuse(tmp_path: Path) -> None:
    artifact(tmp_path / "in", A)
    with pytest.raises(UseError, match="no such file or folder"):
        gathered(tmp_path / "in", tmp_path / "none")


# -- archives ----------------------------------------------------------------------------------------------------


def zipped(path: Path, *members: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def tarred(path: Path, *members: tuple[str | tarfile.TarInfo, bytes]) -> Path:
    with tarfile.open(path, "w:gz" if path.name.endswith("gz") else "w") as archive:
        for name, data in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = info.size or len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz", "a.tgz", "a.tar"])
def test_archives_are_read(tmp_path: Path, name: str) -> None:
    pack = zipped if name.endswith("zip") else tarred
    path = pack(tmp_path / name, (NAME, DATA), ("deep/b.json", to_bytes(B)), ("log.txt", b"text"))
    found = gathered(path)
    assert found.found.keys() == places(A, B)
    assert found.ignored == [f"{path}/log.txt"]
    assert found.refused == []


@pytest.mark.parametrize("member", ["../x.json", "/x.json", "a/../../x.json", "..\\x.json"])
@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_a_member_that_leaves_the_archive_is_refused(tmp_path: Path, name: str, member: str) -> None:
    pack = zipped if name.endswith("zip") else tarred
    found = gathered(pack(tmp_path / name, (member, DATA), ("b.json", to_bytes(B))))
    assert found.found.keys() == places(B)
    assert "its path leaves the archive" in refused(found)[0]


def special(kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo("x.json")
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path, kind: bytes) -> None:
    path = tarred(tmp_path / "a.tar.gz", (special(kind, "/etc/passwd"), b""), ("b.json", to_bytes(B)))
    found = gathered(path)
    assert found.found.keys() == places(B)
    assert refused(found)[0].startswith(f"{path}/x.json: a link or device, not a regular file")


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("x.json")
    info.external_attr = 0o120777 << 16
    found = gathered(zipped(tmp_path / "a.zip", (info, b"/etc/passwd"), ("b.json", to_bytes(B))))
    assert found.found.keys() == places(B)
    assert "a link or device" in refused(found)[0]


@pytest.mark.parametrize("name", ["a.zip", "a.tar.gz"])
def test_a_bomb_is_refused_by_what_it_says_of_itself(tmp_path: Path, name: str) -> None:
    pack = zipped if name.endswith("zip") else tarred
    path = pack(tmp_path / name, ("x.json", bytes(files.MAX_BYTES + 1)), ("b.json", to_bytes(B)))
    found = gathered(path)
    assert found.found.keys() == places(B)
    assert refused(found) == [f"{path}/x.json: larger than 16 MiB; it is no result file"]


def test_a_bomb_that_says_less_is_refused_too(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", ("x.json", bytes(files.MAX_BYTES + 1000)))
    data = path.read_bytes()
    at = data.rfind(b"PK\1\2") + 24
    path.write_bytes(data[:at] + (10).to_bytes(4, "little") + data[at + 4 :])
    found = gathered(path)
    assert not found.found
    assert len(found.refused) == 1


def test_a_header_of_absurd_size_is_refused(tmp_path: Path) -> None:
    path = tarred(tmp_path / "a.tar.gz", (special(tarfile.GNUTYPE_LONGNAME), b""))
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = tarfile.GNUTYPE_LONGNAME, 1 << 40
    with tarfile.open(path, "w:gz") as archive:
        archive.fileobj.write(info.tobuf(tarfile.GNU_FORMAT) + bytes(2048))
    found = gathered(path)
    assert "not an archive that can be read" in refused(found)[0]


@given(st.binary(max_size=300), st.sampled_from(["a.zip", "a.tar.gz", "a.tar"]), st.integers(0, 600))
def test_damaged_archives_are_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str, at: int
) -> None:
    path = tmp_path_factory.mktemp("archives") / name
    (zipped if name.endswith("zip") else tarred)(path, (NAME, DATA), ("b.json", to_bytes(B)))
    whole = path.read_bytes()
    path.write_bytes(whole[:at] + data + whole[at + len(data) :])
    found = gathered(path)
    assert found.found.keys() <= places(A, B)


def test_a_damaged_archive_costs_no_other_one(tmp_path: Path) -> None:
    (tmp_path / "bad.zip").write_bytes(b"PK no")
    good = zipped(tmp_path / "good.zip", (NAME, DATA))
    found = gathered(tmp_path / "bad.zip", good)
    assert found.found.keys() == places(A)
    assert refused(found) == [f"{tmp_path}/bad.zip: not an archive that can be read: not a zip file; pack it again"]
