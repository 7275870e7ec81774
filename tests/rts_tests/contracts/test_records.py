"""What is written, cheaply, is what the standard library would write; records are read for planned units alone."""

import json
from dataclasses import MISSING, FrozenInstanceError, fields
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.records import Record, encode, record_of, utc
from longpole.rts_tests.contracts.status import Status
from tests.made_up import record
from tests.project import Project

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner),
)


@given(st.floats(0, 2**33, allow_nan=False) | st.integers(0, 2**33) | st.integers(0, 2**33).map(lambda n: n - 1e-9))
def test_a_moment_is_written_as_datetime_writes_it(seconds: float) -> None:
    moment = datetime.fromtimestamp(abs(seconds), UTC)
    assert utc(abs(seconds)) == moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), VALUES, min_size=1))
def test_a_line_is_one_line_of_json_with_its_version(data: dict[str, object]) -> None:
    line = encode(data)
    assert line.index(b"\n") == len(line) - 1
    assert json.loads(line) == {"version": 1, **data}


def test_what_no_file_can_hold_is_replaced() -> None:
    assert json.loads(encode({"note": "a\udcffb"})) == {"version": 1, "note": "a?b"}


def test_a_record_of_another_unit_is_not_the_unit_s_that_was_planned(project: Project) -> None:
    project.write({"a": "", "b": ""})
    assert project.make("test").status == 0
    path = project.last / "run.json"
    info = json.loads(path.read_bytes())
    assert [row[:2] for row in info["planned"]] == [["v/a", "test-v-a"], ["v/b", "test-v-b"]]
    info["planned"][0][0] = "v/renamed"
    path.write_text(json.dumps(info))
    done = project.longpole("report")
    assert done.status == 1
    assert done.out.splitlines()[-1] == "2 units: 1 passed, 1 not run"
    assert "not run:\n  v/renamed\n" in done.out


def test_a_record_of_values_is_the_record() -> None:
    made = record("v/m", fork=3, cases=(Case("C", "c", Status.PASSED),), note="n")
    values = {name: getattr(made, name) for name in Record.__dataclass_fields__}
    assert record_of(values) == made
    assert record_of({**values, "unknown": 1}) == made
    plain = record("v/m")
    given = {name: value for name, value in values.items() if value != getattr(plain, name)}
    required = {field.name for field in fields(Record) if field.default is MISSING}
    assert record_of({name: getattr(plain, name) for name in required} | given) == made
    for name in required:
        with pytest.raises(KeyError, match=name):
            record_of({each: value for each, value in values.items() if each != name})
    with pytest.raises(FrozenInstanceError):
        record_of(values).note = "other"  # type: ignore[misc]
