"""Trees are removed and moved whatever they look like: deep, closed, linked, changing, or with a mount in them."""

import errno
import os
import re
import resource
import socket
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longpole.rts_tests.machine import trees
from longpole.rts_tests.machine.trees import move_tree, remove_tree
from tests.project import Project
from tests.rts_tests.conftest import SmallDisk

NOBODY = 65534

pytestmark = pytest.mark.usefixtures("deep_trees")


def deep(folder: Path, depth: int, name: str = "d") -> None:
    """Make so many nested folders, with a file in each hundredth."""
    folder.mkdir(exist_ok=True)
    here = os.open(folder, os.O_RDONLY)
    for number in range(depth):
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
        if number % 100 == 0:
            os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)


def as_user(act: Callable[[], object]) -> None:
    """Call `act` in a child that is not root, for whom permissions count; fail if it fails."""
    pid = os.fork()
    if pid == 0:
        try:
            if os.getuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            act()
            os._exit(0)
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@pytest.fixture
def open_to_all(tmp_path: Path) -> Path:
    """A folder that a user other than root reaches and may write to."""
    if os.getuid() == 0:
        for folder in (tmp_path, *tmp_path.parents[:-2]):
            folder.chmod(folder.stat().st_mode | 0o711)
    tmp_path.chmod(0o777)
    return tmp_path


@pytest.mark.parametrize("name", ["d", "n" * 255])
def test_a_tree_deeper_than_paths_descriptors_and_calls_is_removed(tmp_path: Path, name: str) -> None:
    deep(tmp_path / "tree", 3000, name)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(map(int, os.listdir("/proc/self/fd"))) + 8, limits[1]))
    try:
        assert remove_tree(tmp_path / "tree") is None
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert list(tmp_path.iterdir()) == []


TREES = st.recursive(
    st.sampled_from(["file", "link", "dangling", "fifo", "closed file"]),
    lambda below: st.tuples(
        st.sampled_from([0o700, 0o000, 0o500, 0o300, 0o666]),
        st.dictionaries(st.sampled_from(["a", "b", "..c", ".d", "-rf", "\n", "é" * 100]), below, max_size=4),
    ),
    max_leaves=12,
)


def _grow(path: Path, shape: object, elsewhere: Path) -> None:
    if isinstance(shape, tuple):
        mode, below = shape
        path.mkdir()
        for name, each in below.items():
            _grow(path / name, each, elsewhere)
        path.chmod(mode)
    elif shape == "fifo":
        os.mkfifo(path)
    elif shape in ("link", "dangling"):
        path.symlink_to(elsewhere if shape == "link" else "nowhere")
    else:
        path.touch(mode=0 if shape == "closed file" else 0o600)


@settings(max_examples=40)
@given(TREES)
def test_any_tree_is_removed_and_what_it_links_to_stays(
    tmp_path_factory: pytest.TempPathFactory, shape: object
) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "kept").touch()
    _grow(folder / "tree", shape, folder / "elsewhere")
    assert remove_tree(folder / "tree") is None
    assert os.listdir(folder) == ["elsewhere"]
    assert os.listdir(folder / "elsewhere") == ["kept"]


@pytest.mark.parametrize("mode", [0o000, 0o500, 0o300, 0o600])
def test_a_user_removes_what_is_closed_to_its_owner(open_to_all: Path, mode: int) -> None:
    def act() -> None:
        tree = open_to_all / "tree"
        shape = (mode, {"a": (mode, {"b": (mode, {"c": "closed file"}), "d": "file"})})
        _grow(tree, shape, open_to_all)
        assert remove_tree(tree) is None
        assert not os.path.lexists(tree)

    as_user(act)


def test_a_link_and_a_file_are_removed_themselves(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").touch()
    (tmp_path / "link").symlink_to("elsewhere")
    assert remove_tree(tmp_path / "link") is None
    assert remove_tree(tmp_path / "elsewhere" / "kept") is None
    assert os.listdir(tmp_path) == ["elsewhere"]


@pytest.mark.parametrize("path", ["gone", "gone/too"])
def test_what_is_gone_is_no_problem(tmp_path: Path, path: str) -> None:
    assert remove_tree(tmp_path / path) is None


def test_a_folder_that_another_process_goes_on_filling_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "file").touch()
    unlink = os.unlink

    def refill(name: str, *, dir_fd: int) -> None:
        unlink(name, dir_fd=dir_fd)
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=dir_fd))

    monkeypatch.setattr(os, "unlink", refill)
    problem = remove_tree(tmp_path / "tree")
    assert problem is not None
    assert problem.errno == errno.ENOTEMPTY


def test_a_folder_that_becomes_a_link_while_it_waits_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "kept").touch()
    (tmp_path / "tree" / "folder").mkdir(parents=True)
    rename = os.rename

    def swap(source: str, target: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        rename(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)
        os.rmdir(target, dir_fd=dst_dir_fd)
        os.symlink(tmp_path / "elsewhere", target, dir_fd=dst_dir_fd)

    monkeypatch.setattr(os, "rename", swap)
    remove_tree(tmp_path / "tree")
    assert os.listdir(tmp_path / "elsewhere") == ["kept"]


def test_what_is_mounted_in_a_tree_is_named_and_its_content_stays(project: Project, small_disk: SmallDisk) -> None:
    project.write({"x": ""})
    code = "from longpole.rts_tests.machine.trees import remove_tree; print(remove_tree('state/tree'))"
    done = small_disk(
        "1m",
        "mkdir -p state/tree/a/b/mounted state/real state/tree/gone; touch state/real/kept",
        "mount --bind state/real state/tree/a/b/mounted",
        f'{project.python} -c "{code}"',
        "ls state/real; find state/tree -type d | wc -l",
    )
    problem, kept, *left = done.out.splitlines()
    assert re.fullmatch(r"\[Errno 16\] Device or resource busy: '(state/tree/\.[0-9a-f]+-[0-9]+/mounted)'", problem), (
        done.text
    )
    assert kept == "kept"
    assert left == ["3"]  # the tree, the folder with the mount point, and the mount point


# -- moving -----------------------------------------------------------------------------------------------------------


def _another_file_system(*_: object, **__: object) -> None:
    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))


@pytest.mark.parametrize("far", [False, True])
def test_a_moved_tree_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, far: bool) -> None:
    tree = tmp_path / "tree"
    (tree / "a" / "b").mkdir(parents=True)
    (tree / "a" / "file").write_text("text")
    (tree / "a" / "file").chmod(0o640)
    (tree / "link").symlink_to("/nowhere")
    (tree / "a").chmod(0o550)
    with monkeypatch.context() as patch:
        if far:
            patch.setattr(os, "rename", _another_file_system)
            os.mkfifo(tree / "pipe")
            with socket.socket(socket.AF_UNIX) as server:
                server.bind(str(tree / "s"))
            patch.setattr(trees, "remove_tree", lambda path: None)
        move_tree(str(tree), str(tmp_path / "moved"))
    moved = tmp_path / "moved"
    assert sorted(str(each.relative_to(moved)) for each in moved.rglob("*")) == ["a", "a/b", "a/file", "link"]
    assert (moved / "a" / "file").read_text() == "text"
    assert stat.S_IMODE((moved / "a" / "file").stat().st_mode) == 0o640
    assert os.readlink(moved / "link") == "/nowhere"


@pytest.mark.parametrize("depth", [1500, 3000])
def test_a_deep_tree_is_moved_or_refused_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, depth: int) -> None:
    deep(tmp_path / "tree", depth)
    target = tmp_path / "moved"
    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", _another_file_system)
        patch.setattr(trees, "remove_tree", lambda path: None)
        if depth == 1500:
            move_tree(str(tmp_path / "tree"), str(target))
        else:
            with pytest.raises(OSError, match="File name too long"):
                move_tree(str(tmp_path / "tree"), str(target))
    assert target.exists()
    assert remove_tree(target) is None
    assert remove_tree(tmp_path / "tree") is None


def test_a_folder_that_its_owner_may_not_write_to_is_moved(open_to_all: Path) -> None:
    def act() -> None:
        (open_to_all / "to").mkdir()
        (open_to_all / "tree").mkdir()
        (open_to_all / "tree").chmod(0o500)
        move_tree(str(open_to_all / "tree"), str(open_to_all / "to" / "moved"))

    as_user(act)
    assert (open_to_all / "to" / "moved").is_dir()
