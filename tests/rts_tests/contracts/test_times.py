"""Times in the files of a run: what is written can be read, and what cannot be one is not accepted."""

from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.builds import FOLDER, Build, read_builds, write_build
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.record_file import record_in
from longpole.rts_tests.contracts.records import encode, fields_of, is_time, read_run_info, seconds_since_1970, utc
from tests.made_up import made_up, record

BAD = ["nonsense", "", "0001-01-01", "2026-01-01T00:00:00", "0001-01-01T00:00:00+23:59", 5, None, ["2026"]]


@given(st.floats(0, 2e11))
def test_a_written_time_is_read_to_the_millisecond(seconds: float) -> None:
    text = utc(seconds)
    assert is_time(text)
    assert 0 <= seconds - seconds_since_1970(text) + 1e-4 < 0.0012


@pytest.mark.parametrize("bad", BAD)
def test_anything_else_is_no_time(bad: object) -> None:
    assert not is_time(bad)


@pytest.mark.parametrize("bad", BAD)
def test_a_file_with_such_a_time_is_damaged(tmp_path: Path, bad: object) -> None:
    (tmp_path / FOLDER).mkdir()
    write_build(tmp_path / FOLDER, Build(name="v", started_at=bad, wall_s=1, waited_s=0, exit_code=0))  # type: ignore[arg-type]
    assert read_builds(tmp_path) == {}
    assert record_in(encode({**fields_of(record("v/m")), "started_at": bad})) is None
    info = asdict(made_up([record("v/m")]).info)
    (tmp_path / "run.json").write_bytes(encode({**info, "started_at": bad}))
    with pytest.raises(UseError, match="not a readable run"):
        read_run_info(tmp_path)
