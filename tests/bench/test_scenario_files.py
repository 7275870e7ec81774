"""The corpus that `scenario-files` reads: right scenarios, as many as it says."""

from pathlib import Path

from bench import scenario_files
from longpole.rts_tests.scenario.check import Reader, checked
from longpole.rts_tests.scenario.discover import discover


def test_the_corpus_is_right_and_has_the_steps_of_a_real_one(tmp_path: Path) -> None:
    scenario_files.write_corpus(tmp_path / "corpus", 50)
    folder = str(tmp_path / "corpus")
    result = checked(discover(folder), Reader(folder, None, strict=True))
    assert result.error is None
    assert len(result.scenarios) == 50
    assert sum(len(each.steps) for each in result.scenarios) == 220
    assert scenario_files.read_corpus(tmp_path / "corpus", tmp_path / "cache") > 0
    assert (tmp_path / "cache").exists()
