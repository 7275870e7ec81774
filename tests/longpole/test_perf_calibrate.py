"""`longpole perf calibrate`, as it is typed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from longpole.command_line import cli
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.detect.histories import index_of, sha, shared_machine


def test_each_series_has_a_line_and_a_threshold_below_its_noise_is_refused(tmp_path: Path) -> None:
    index_of(tmp_path, shared_machine(60, 6), [row // 30 for row in range(60)])
    (tmp_path / "commits.tsv").write_text(f"{sha(0)}\n{sha(1)}\n")
    environ = {"LONGPOLE_STATE": str(tmp_path / "state")}
    place = ("--results", str(tmp_path / "results"), "--commits", str(tmp_path / "commits.tsv"))

    def call(*words: str) -> str:
        done = CliRunner().invoke(cli, ("perf", "calibrate", *place, *words), env=environ, catch_exceptions=False)
        assert done.exit_code == 0
        return done.stdout

    lines = call().splitlines()
    assert max(map(len, lines)) <= 100
    assert [line.split()[-1] for line in lines if line.startswith("     58")][:6] == [
        f"b{number}" for number in range(6)
    ]
    found = json.loads(call("--json", "--benchmark", "b1", "--threshold", "90%"))
    assert [each["benchmark"] for each in found["series"]] == ["b1"]
    with pytest.raises(UseError, match="below its smallest change"):
        call("--threshold", "0.5%")
