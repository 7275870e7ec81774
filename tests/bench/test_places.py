"""Which folder is in memory, and which is on a disk."""

from pathlib import Path

import pytest

from bench import places

MOUNTS = """\
/dev/vda / ext4 rw 0 0
tmpfs /dev/shm tmpfs rw 0 0
/dev/vdb /a\\040disk xfs rw 0 0
tmpfs /over ramfs rw 0 0
/dev/vdc /over btrfs rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [("/home", "ext4"), ("/dev/shm/x", "tmpfs"), ("/dev/shmx", "ext4"), ("/a disk/x", "xfs"), ("/over", "btrfs")],
)
def test_a_folder_is_on_the_last_file_system_of_the_longest_path(folder: str, kind: str) -> None:
    assert places.file_system(Path(folder), MOUNTS) == kind


def test_the_disk_is_the_first_folder_that_is_not_in_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
    monkeypatch.setattr(places, "_ROOM", 0)
    monkeypatch.setattr(places, "file_system", lambda folder: "tmpfs" if folder == one else "ext4")
    assert places.disk([tmp_path / "missing", one, other]) == other
    assert places.disk([one]) is None
