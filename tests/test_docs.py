"""The documentation: tables that are tables, links that lead somewhere, and pages that name all that there is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.project import REPOSITORY

DOCS = REPOSITORY / "docs"
PAGES = sorted(
    path
    for path in (*REPOSITORY.glob("*.md"), *DOCS.glob("*.md"), *REPOSITORY.glob("[er]*/**/README.md"))
    if ".venv" not in path.parts
)
_FENCE = re.compile(r"^ *(```|~~~)")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


def prose(page: Path) -> list[str]:
    """The lines of a page; those of code blocks are empty."""
    lines, inside = [], False
    for line in page.read_text().splitlines():
        if _FENCE.match(line):
            inside = not inside
            lines.append("")
        else:
            lines.append("" if inside else line)
    return lines


def cells(row: str) -> int:
    """The number of cells of a row; a pipe divides cells in code, too, unless a backslash stands before it."""
    return len(re.split(r"(?<!\\)\|", row.strip().removeprefix("|").removesuffix("|")))


def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    titles = [line.lstrip("#").strip() for line in prose(page) if line.startswith("#")]
    return {
        re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).lower()).replace(" ", "-")
        for title in titles
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_row_of_a_table_has_the_cells_of_its_head(page: Path) -> None:
    wrong, head = [], 0
    for number, line in enumerate(prose(page), 1):
        if not line.startswith("|"):
            head = 0
        elif not head:
            head = cells(line)
        elif cells(line) != head:
            wrong.append(f"{page.name}:{number}: {cells(line)} cells, not {head}")
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_table_has_a_head(page: Path) -> None:
    lines = ["", *prose(page)]
    begins = [n for n, line in enumerate(lines) if line.startswith("|") and not lines[n - 1].startswith("|")]
    assert [n for n in begins if not re.fullmatch(r"\|(:?-+:?\|)+", lines[n + 1].replace(" ", ""))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_relative_link_leads_to_a_file_and_to_a_heading(page: Path) -> None:
    wrong = []
    for link in (next(filter(None, match.groups())) for match in _LINK.finditer("\n".join(prose(page)))):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            wrong.append(link)
    assert wrong == []


def test_the_index_names_every_page() -> None:
    index = (DOCS / "README.md").read_text()
    assert [path.name for path in DOCS.glob("*.md") if path.name != "README.md" and f"({path.name})" not in index] == []


# -- environment variables --------------------------------------------------------------------------------------------

ROOMS = ("rts_tests", "gen", "longpole")
_OURS = re.compile(r"LONGPOLE_[A-Z]+(_[A-Z]+)*")
_NOT_VARIABLES = {"LONGPOLE_COMPLETE"}


def _named(node: ast.AST) -> Iterator[object]:
    """Names of variables that an expression reads from an environment, and our own wherever they stand."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and _OURS.fullmatch(node.value):
        yield node.value
    if isinstance(node, ast.Call) and _is_lookup(node.func) and node.args and isinstance(node.args[0], ast.Constant):
        yield node.args[0].value
    if (
        isinstance(node, ast.Subscript)
        and "environ" in ast.unparse(node.value)
        and isinstance(node.slice, ast.Constant)
    ):
        yield node.slice.value
    if isinstance(node, ast.Compare) and isinstance(node.left, ast.Constant) and "environ" in ast.unparse(node):
        yield node.left.value


def _is_lookup(function: ast.expr) -> bool:
    """Whether it is `get` or `pop` of an environment."""
    named = isinstance(function, ast.Attribute) and function.attr in ("get", "pop")
    return named and "environ" in ast.unparse(function)


def in_the_code() -> set[str]:
    found: set[str] = set()
    for room in ROOMS:
        for path in (REPOSITORY / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                found |= {name for name in _named(node) if isinstance(name, str)}
    request = ast.parse((REPOSITORY / "rts_tests/run/request.py").read_text())
    for node in ast.walk(request):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "read" and len(node.args) > 1:
            name = node.args[1]
            found |= {str(name.value)} if isinstance(name, ast.Constant) and name.value else set()
    return found - _NOT_VARIABLES


def test_the_page_names_every_variable_that_is_read_or_set() -> None:
    page = (DOCS / "environment.md").read_text()
    described = set(
        re.findall(r"`([A-Z][A-Z0-9_]*)(?:=[^`]*)?`", "\n".join(re.findall(r"^\| (.*?) \|", page, re.MULTILINE)))
    )
    assert in_the_code() - described == set()
