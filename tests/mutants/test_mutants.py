"""The tool itself: which mistakes it makes, which it leaves alone, and that it tells what no test notices."""

import re
import sys

import pytest

from tests.mutants.mutate import mutants, mutated
from tests.mutants.table import TARGETS
from tests.project import REPOSITORY, Project

SOURCE = '''
from functools import lru_cache
LIMIT: int | None = 7

@lru_cache(maxsize=1024)
def decide(known: list[int], count: int | None = None) -> bool | None:
    """Nothing here is a mistake: 1 < 2."""
    if count < LIMIT and not known:
        known.append(count)
        return True
    return False

def other(*, quick: bool = True) -> None:
    raise ValueError
'''


def changes(only: tuple[str, ...] = ()) -> set[str]:
    """The line that each mutant changes, as it is then."""
    found = set()
    for mutant in mutants(SOURCE, only):
        before, after = SOURCE.splitlines(), mutated(SOURCE, mutant).splitlines()
        (line,) = [new for old, new in zip(before, after, strict=True) if old != new]
        found.add(re.sub(r"\s+", " ", line.strip()))
    return found


def test_every_kind_of_mistake_is_made_once() -> None:
    assert changes(("decide",)) == {
        "if count <= LIMIT and not known:",
        "if count > LIMIT and not known:",
        "if count < LIMIT or not known:",
        "if count < LIMIT and known:",
        "if not count < LIMIT and not known:",
        "pass",
        "return False",
        "return True",
    }


def test_only_what_is_named_is_changed() -> None:
    assert changes(("LIMIT",)) == {"LIMIT: int | None = 8", "LIMIT: int | None = 6"}
    assert changes(("other",)) == {"pass", "def other(*, quick: bool = False) -> None:"}
    assert changes() == changes(("LIMIT",)) | changes(("decide",)) | changes(("other",))


@pytest.mark.slow
def test_the_table_names_what_there_is() -> None:
    for target in TARGETS:
        path = REPOSITORY.joinpath(*target.module.split(".")).with_suffix(".py")
        assert mutants(path.read_text(), target.only), target.module
        for name in target.only:
            assert mutants(path.read_text(), (name,)) or re.search(rf"^(def|class) {name}\b", path.read_text(), re.M)
        assert all((REPOSITORY / "tests" / name).is_file() for name in target.tests)


@pytest.mark.slow
def test_mutants_are_tried_and_those_that_nobody_notices_are_told(project: Project) -> None:
    done = project.run("sh", "-c", f"cd {REPOSITORY} && exec {sys.executable} -m tests.mutants --sample 2 harmless")
    assert done.status == 0, done.text
    assert re.search(r"^rts_tests\.contracts\.harmless +\d+ +2 +2 +100%$", done.out, re.MULTILINE), done.text
    assert "2 mutants in " in done.out
