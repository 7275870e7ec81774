"""Which folder is in memory, and which is on a disk."""

from pathlib import Path

import pytest

from bench import places


def test_the_disk_is_the_first_folder_that_is_not_in_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
    monkeypatch.setattr(places, "_ROOM", 0)
    monkeypatch.setattr(places, "file_system", lambda folder: "tmpfs" if folder == one else "ext4")
    assert places.disk([tmp_path / "missing", one, other]) == other
    assert places.disk([one]) is None
