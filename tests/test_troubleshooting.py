"""The messages that docs/troubleshooting.md explains are the code's own; the suites of docs/compare.md can be read."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from longpole.gen.suite.read import suite_from_bytes
from tests.project import REPOSITORY

DOCS = REPOSITORY / "docs"
SOURCES = [path for room in ("gen", "rts_tests", "longpole", "clients") for path in (REPOSITORY / room).rglob("*.py")]
OTHERS = {"No module named pytest", "make cannot work in a path with spaces"}
"""Messages of Python and of make."""


def messages(page: Path) -> list[str]:
    """What stands as code in the first cells of the section on adoption."""
    section = page.read_text().partition("\n## Adopting a project\n")[2].partition("\n## ")[0]
    cells = [row.split(" | ")[0] for row in section.splitlines() if row.startswith("| ")]
    return [text.replace("\\`", "`") for cell in cells for text in re.findall(r"`((?:\\`|[^`])+)`", cell)]


def texts() -> Iterator[str]:
    """The strings of the code, with `\\0` for what is put into them."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else "\0" for part in node.values]
                yield "".join(str(part) for part in parts)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def unknown(page: Path) -> list[str]:
    """The messages of the page that no code prints; commands and placeholders are none."""
    known = "\n".join(texts())
    sentences = [text for text in messages(page) if " " in text and not text.startswith("longpole ")]
    parts = [(text, part.strip(" :")) for text in sentences for part in text.split("…")]
    return [text for text, part in parts if part not in known and text not in OTHERS]


def test_the_messages_of_the_page_are_those_of_the_code() -> None:
    page = DOCS / "troubleshooting.md"
    assert len(messages(page)) > 10
    assert unknown(page) == []


def test_a_message_that_no_code_prints_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("\n## Adopting a project\n\n| `exists, and \\`is\\` gone`, `… is missing` | why | `what helps` |\n")
    assert unknown(page) == ["exists, and `is` gone"]


@pytest.mark.parametrize("number", [0, 1])
def test_the_suites_of_the_comparison_can_be_read(number: int) -> None:
    blocks = re.findall(r"^```yaml\n(.*?)^```$", (DOCS / "compare.md").read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    assert suite_from_bytes(blocks[number].encode(), "suite.yaml").name == "parser"
