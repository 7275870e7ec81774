"""Many scenarios checked at once: also what is left of them in golden files."""

from pathlib import Path

import pytest

from longpole.rts_tests.scenario.check import Checked, Reader, checked, listing
from longpole.rts_tests.scenario.discover import discover, select
from tests.rts_tests.scenario.scenarios import HEAD

GOLDEN = "name: x\nsteps:\n  - {name: s, run: r, expect: {golden: out}}\n"


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    for name in ("a.yml", "group/b.yml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(GOLDEN)
        golden = Path(f"{path}.golden")
        golden.mkdir()
        (golden / "out.txt").write_text("exit code: 0\n")
    return tmp_path


def look(corpus: Path, *selectors: str) -> Checked:
    found = select(discover(str(corpus)), selectors)
    return checked(found, Reader(str(corpus), None, strict=False), whole=None if selectors else str(corpus))


def test_golden_files_that_steps_name_are_no_errors(corpus: Path) -> None:
    assert look(corpus).error is None
    assert look(corpus).summary == "2 scenarios, 2 steps: no errors"


def test_a_golden_file_that_no_step_names_is_an_error(corpus: Path) -> None:
    (corpus / "group" / "b.yml.golden" / "old.txt").write_text("")
    result = look(corpus)
    assert str(result.error) == (
        f"{corpus}/group/b.yml.golden/old.txt: no step of the scenario names this golden file; remove it"
    )
    assert result.summary == "2 scenarios: 1 with errors"
    assert look(corpus, "a").error is None


def test_golden_files_of_a_scenario_that_is_gone_are_an_error(corpus: Path) -> None:
    (corpus / "group" / "b.yml").rename(corpus / "group" / "c.yml")
    (corpus / "other" / "d.yaml.golden").mkdir(parents=True)
    result = look(corpus)
    assert [problem.file for problem in result.error.problems] == [  # type: ignore[union-attr]
        f"{corpus}/group/b.yml.golden",
        f"{corpus}/other/d.yaml.golden",
    ]
    assert result.summary == "2 scenarios: 2 golden folders of none"
    assert look(corpus, "a").error is None


def test_a_broken_scenario_has_no_orphans_besides(corpus: Path) -> None:
    (corpus / "a.yml").write_text(f"{HEAD}nope: x\n")
    result = look(corpus)
    assert [problem.file for problem in result.error.problems] == [f"{corpus}/a.yml"]  # type: ignore[union-attr]


def test_the_listing_has_one_line_for_each_and_nothing_for_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "a\x1b[31m\nb.yml").write_text(HEAD.replace("name: x", 'name: "c\\e[2J\\nd"'))
    (tmp_path / "broken\n.yml").write_text("name: x\n")
    first, second = listing(discover(str(tmp_path)), Reader(str(tmp_path), None, strict=False))
    assert first == r"a\nb    1 step: c\nd"
    assert second.startswith("broken  1 error: ")
