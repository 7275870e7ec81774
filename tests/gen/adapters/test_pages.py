"""Each page about a runner, done from beginning to end as a reader does it, with the real tools."""

import shutil
from pathlib import Path

import pytest

from tests.gen.adapters.projects import empty, with_go, with_rust
from tests.gen.adapters.walkthrough import Command, File, pattern, steps, walk
from tests.project import REPOSITORY, Project

__all__ = ["empty"]

SLOW = {"adopt-go.md": [pytest.mark.slow, pytest.mark.golang], "adopt-maven.md": [pytest.mark.slow, pytest.mark.jvm]}
"""The marks of pages; without an entry, a page is `slow`."""

PAGES = [
    pytest.param(path, marks=SLOW.get(path.name, [pytest.mark.slow]), id=path.stem)
    for path in sorted((REPOSITORY / "docs").glob("adopt*.md"))
]

PAGE = """
Text. The file `a.txt`:

```text
one

two
```

```yaml
no: file
```

```console
$ cat a.txt
one
...
$ make x
make: *** …
```
"""


def test_files_and_commands_are_found_in_the_order_of_the_page() -> None:
    assert list(steps(PAGE)) == [
        File("a.txt", "one\n\ntwo\n"),
        Command(15, "cat a.txt", ("one", "...")),
        Command(18, "make x", ("make: *** …",)),
    ]


def test_a_page_that_says_something_else_is_found_with_its_line(project: Project, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    (project.root / "Makefile").write_text("x:\n\t@false\n")
    assert walk(page, project) == 2
    for old, new, what in (
        ("$ cat a.txt\none", "$ cat a.txt\ntwo", "page.md:15: $ cat a.txt\nprinted\none\n\ntwo\n"),
        ("make: *** …", "done", "page.md:18: $ make x\nstatus 2"),
        ("cat a.txt", "cat b.txt", "page.md:15: $ cat b.txt\nstatus 1"),
    ):
        page.write_text(PAGE.replace(old, new))
        with pytest.raises(AssertionError) as caught:
            walk(page, project)
        assert str(caught.value).startswith(what)


@pytest.mark.parametrize(
    ("line", "fits", "does_not"),
    [
        ("PASS dev/a  0.01 s", "PASS dev/a  12 s", "PASS dev/b  0.01 s"),
        ("make -j8 test", "make -j2 test", "make test"),
        ("kept in: …", "kept in: x (y)", "kept at: x"),
        ("2 units (a+b)?", "2 units (a+b)?", "2 units aab"),
        ("1 s of 2.5 min", "300 ms of 1 s", "1 s of 2.5 minutes"),
    ],
)
def test_times_and_jobs_may_differ_and_nothing_else(line: str, fits: str, does_not: str) -> None:
    import re

    assert re.fullmatch(pattern((line,)), f"{fits}\n")
    assert not re.fullmatch(pattern((line,)), f"{does_not}\n")


@pytest.mark.parametrize("page", PAGES)
def test_the_page_works_as_a_reader_types_it(page: Path, empty: Project) -> None:
    if shutil.which("cargo"):
        with_rust(empty)
    if page.name == "adopt-go.md":
        with_go(empty)
    empty.root = empty.root / "parser"  # the folder's name becomes the suite's
    empty.root.mkdir()
    assert walk(page, empty) >= 3
