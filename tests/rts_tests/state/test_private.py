"""The folders outside the state directory that runs make: private, and gone afterwards, whatever ended the run."""

import os
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from longpole.rts_tests.machine.work_trees import work_tree_around
from longpole.rts_tests.state.private import make_private, remove_private
from tests.project import DEADLINE_S, Project, eventually
from tests.rts_tests.conftest import SmallDisk
from tests.tiers import slow


@pytest.fixture
def temporary(project: Project, tmp_path: Path) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    project.environ["TMPDIR"] = str(folder)
    return folder


def test_a_run_leaves_nothing_in_the_temporary_folder(project: Project, temporary: Path) -> None:
    locked = 'mkdir "$TMPDIR/a" && touch "$TMPDIR/a/b" && chmod 0 "$TMPDIR/a"'
    project.write({"closed": locked, "linked": 'ln -s / "$TMPDIR/root"'})
    assert project.make("test").status == 0
    assert list(temporary.iterdir()) == []


def test_what_a_killed_run_left_is_removed_by_the_next_and_only_that(project: Project, temporary: Path) -> None:
    project.write({"x": 'touch "$TMPDIR/mess" started; read forever < pipe'})
    os.mkfifo(project.root / "pipe")
    first = project.start("make", "test")
    eventually("the unit runs", (project.root / "started").exists)
    pids = [*project.processes(), *_sweepers(project)]
    for number in (signal.SIGSTOP, signal.SIGKILL):  # stopped, none of them sees another end, and cleans up after it
        for pid in pids:
            os.kill(pid, number)
    first.communicate()
    assert len(list(temporary.iterdir())) == 1
    others = temporary / "longpole-of-somebody-else"
    others.mkdir()
    project.write({"x": "exit 0"})
    assert project.make("test").status == 0
    assert list(temporary.iterdir()) == [others]


def _sweepers(project: Project) -> list[int]:
    """The sweepers of the project's runs: the pids of their guards are in their environments."""
    marks = {f"LONGPOLE_SWEEPER_OF={pid}".encode() for pid in project.processes()}
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            environ = Path("/proc", name, "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if marks & set(environ):
            found.append(int(name))
    return found


def test_what_a_run_left_that_was_killed_at_once_is_removed_at_once(project: Project, temporary: Path) -> None:
    project.write({"x": 'mkdir -p "$TMPDIR/a/b"; chmod 0 "$TMPDIR/a"; touch started; read forever < pipe'})
    os.mkfifo(project.root / "pipe")
    first = project.start("make", "test")
    eventually("the unit runs", (project.root / "started").exists)
    pids = project.processes()
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in pids:
            os.kill(pid, number)
    first.communicate()
    eventually("its private folder is gone", lambda: not list(temporary.iterdir()), DEADLINE_S)


DEEP = """
import os, sys
for _ in range(int(sys.argv[1])):
    os.mkdir("d")
    os.chdir("d")
"""


def _nests(project: Project, depth: int) -> str:
    """A line of shell that makes nested folders in a unit's TMPDIR."""
    (project.root / "deep.py").write_text(DEEP)
    return f'(cd "$TMPDIR" && {project.python} "$OLDPWD/deep.py" {depth})'


@pytest.mark.usefixtures("deep_trees")
@pytest.mark.parametrize("keep", ["none", *slow("failed")])
def test_a_unit_may_leave_folders_as_deep_as_it_likes(project: Project, temporary: Path, keep: str) -> None:
    scripts = {"deep": _nests(project, 3000), "fails": f"{_nests(project, 1100)}; exit 3", "quick": ""}
    project.write(scripts, limits={"keep": keep})
    for _ in range(2):
        done = project.make("test")
        assert project.statuses() == {"v/deep": "passed", "v/fails": "failed", "v/quick": "passed"}, done.text
        assert "Traceback" not in done.text
        assert list(temporary.iterdir()) == []
    kept = list(project.last.glob("units/*.tmp*"))
    assert len(kept) == (keep == "failed")


@pytest.mark.slow
@pytest.mark.usefixtures("deep_trees")
def test_what_is_kept_from_another_file_system_may_be_deep_too(project: Project, small_disk: SmallDisk) -> None:
    project.write({"fails": f'touch "$TMPDIR/file"; {_nests(project, 1100)}; exit 3'}, limits={"keep": "failed"})
    done = small_disk("16m", "make test; ls state/runs/*/units/test-v-fails.tmp")
    assert done.out.splitlines()[-2:] == ["d", "file"], done.text
    assert "1 unit" in done.out
    assert "Traceback" not in done.text


@pytest.mark.slow
def test_a_link_in_the_place_of_a_kept_folder_is_not_followed(project: Project, small_disk: SmallDisk) -> None:
    (project.root / "elsewhere").mkdir()
    (project.root / "elsewhere" / "secret").touch()
    plant = f'rmdir "$TMPDIR" && ln -s "{project.root}/elsewhere" "$TMPDIR"; exit 3'
    project.write({"plants": plant}, limits={"keep": "failed"})
    done = small_disk("1m", "make test; find state/runs -name '*.tmp' -o -name secret")  # TMPDIR is on another disk
    assert "1 failed" in done.out, done.text
    assert "secret" not in done.out
    assert not done.out.rstrip().endswith(".tmp")
    assert os.listdir(project.root / "elsewhere") == ["secret"]


@pytest.mark.slow
def test_what_cannot_be_removed_is_reported_once_and_ends_nothing(
    project: Project, small_disk: SmallDisk, temporary: Path
) -> None:
    mounts = 'mkdir -p "$TMPDIR/a/b" && mount -t tmpfs tmpfs "$TMPDIR/a/b" && touch "$TMPDIR/a/b/c"'
    project.write({"mounts": mounts, "quick": ""}, modules={"mounts": {"weight": 9}})
    done = small_disk("1m", "make -j1 test; echo $?; make -j1 test-v-quick; echo $?", "umount $TMPDIR/*/*/*/*")
    assert [line for line in done.out.splitlines() if line.isdigit()] == ["0", "0"], done.text
    (message,) = [line for line in done.err.splitlines() if "cannot be removed" in line]
    assert message.startswith(f"longpole: {temporary}/longpole-")
    assert message.endswith("/b: cannot be removed: Device or resource busy; the next run tries again")
    assert "Traceback" not in done.text


@pytest.mark.parametrize(
    "name",
    ["a b", *slow("new\nline", "quo'te", 'quo"te', "dol$lar", "$(date)", "st*r", "~", "ha#sh", "back\\slash", "é")],
)
def test_the_temporary_folder_may_have_any_name(project: Project, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    project.environ["TMPDIR"] = str(tmp_path / name)
    del project.environ["LONGPOLE_SLOTS_DIR"]
    look = f'test "$TMPDIR" != "${{TMPDIR#{tmp_path}/}}" && touch "$TMPDIR/file"'
    project.write({"a": look, "b": look}, variants={"v": {"build": ["true"]}}, modules={"a": {"exclusive": True}})
    for argv in (["make", "-j2", "test"], ["make", "test-v-a"], ["longpole", "stress", "v/a", "--count", "2"]):
        done = project.run(*argv)
        assert done.status == 0, done.text
        assert not list((tmp_path / name).glob("longpole-2*"))
        assert not list(project.last.glob("*.mk"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["plain", "a b$c"])
def test_a_full_memory_disk_is_not_needed(project: Project, small_disk: SmallDisk, tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    project.environ["TMPDIR"] = str(tmp_path / name)
    project.write({"a": "", "b": ""})
    done = small_disk("1m", "mount -t tmpfs -o nr_inodes=4 tmpfs /dev/shm", "make -j2 test; echo $?; ls -A /dev/shm")
    assert done.out.splitlines()[-1] == "0", done.text
    assert "2 units: 2 passed" in done.out
    assert list((tmp_path / name).iterdir()) == []


def test_a_folder_of_another_user_by_the_name_of_a_run_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path))
    run = tmp_path / "run"
    run.mkdir()
    folders = make_private(run, lambda _: None)
    note = (run / "private").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, "getuid", lambda: os.stat(tmp_path).st_uid + 1)
        remove_private(run)
    assert all(folder.is_dir() for folder in folders)
    (run / "private").write_bytes(note)
    remove_private(run)
    assert not any(folder.exists() for folder in folders)


def test_a_run_that_is_under_way_keeps_its_folder_while_another_sweeps(project: Project, temporary: Path) -> None:
    project.write({"x": 'touch started; read go < pipe && test -d "$TMPDIR"', "y": "exit 0"})
    os.mkfifo(project.root / "pipe")
    first = project.start("make", "test-v-x")
    eventually("the unit runs", (project.root / "started").exists)
    assert project.make("test-v-y").status == 0
    (project.root / "pipe").write_text("go\n")
    first.communicate(timeout=DEADLINE_S)
    assert first.returncode == 0
    assert list(temporary.iterdir()) == []


def test_every_unit_finds_an_empty_folder_of_its_own_whatever_the_one_before_did_to_its(
    project: Project, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    look = 'test -d "$TMPDIR" && test ! -L "$TMPDIR" && test -z "$(ls -A "$TMPDIR")" || exit 9;'
    tricks = [
        ":",
        'rmdir "$TMPDIR"',
        f'rmdir "$TMPDIR"; ln -s {tmp_path}/elsewhere "$TMPDIR"',
        'chmod 755 "$TMPDIR"',
        'touch "$TMPDIR/x"',
        'rmdir "$TMPDIR"; touch "$TMPDIR"',
    ]
    scripts = {f"u{turn}{number}": f"{look} {trick}" for turn in range(2) for number, trick in enumerate(tricks)}
    project.write(scripts)
    assert project.make("test").status == 0
    assert len(set(project.statuses().items())) == 12
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_temporary_folder_in_a_work_tree_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "checkout" / "tmp"
    inside.mkdir(parents=True)
    subprocess.run(("git", "init", "-q", tmp_path / "checkout"), check=True)
    run = tmp_path / "20260101T000000000Z-0badcafe"
    run.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(inside))
    folder, pipes = make_private(run, lambda _: None)
    try:
        assert folder.is_dir()
        assert work_tree_around(str(folder)) is None
        assert list(inside.iterdir()) == []
    finally:
        remove_private(run)
    assert not folder.exists()
    assert not pipes.exists()
