"""CONTRIBUTING.md leads to files that are there."""

import re

from tests.project import REPOSITORY

TEXT = (REPOSITORY / "CONTRIBUTING.md").read_text()


def test_every_path_in_it_exists() -> None:
    words = [word for word in re.findall(r"`([\w./-]+)`", TEXT) if "/" in word and not word.startswith(("./", "/"))]
    assert len(words) > 20
    assert [word for word in words if not (REPOSITORY / word).exists()] == []


def test_every_folder_of_python_is_in_its_table() -> None:
    folders = {path.parent.relative_to(REPOSITORY).parts[0] for path in REPOSITORY.glob("*/__init__.py")}
    assert {name for name in folders if f"| `{name}/` |" not in TEXT} == set()
