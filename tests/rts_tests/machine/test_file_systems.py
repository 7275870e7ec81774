"""Which file system a folder is on."""

from pathlib import Path

import pytest

from longpole.rts_tests.machine.file_systems import file_system

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
    assert file_system(Path(folder), MOUNTS) == kind
