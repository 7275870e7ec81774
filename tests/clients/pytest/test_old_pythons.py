"""The pytest client runs in the Python of any project: its source must be readable by an old one."""

import ast
from pathlib import Path

import pytest

from tests.clients.pytest.client import CLIENT

OLDEST = (3, 8)


@pytest.mark.parametrize("path", sorted(CLIENT.rglob("*.py")), ids=lambda path: path.name)
def test_the_source_is_that_of_an_old_python(path: Path) -> None:
    tree = ast.parse(path.read_text(), feature_version=OLDEST)
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name for name in imported if name.split(".")[0] == "longpole"}
