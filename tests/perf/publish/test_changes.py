"""Change points are read from what `detect --json` printed, and from nothing else."""

import json
from pathlib import Path

import pytest

from longpole.perf.publish.changes import read_changes
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.publish.made import sha

POINT = {
    "platform": "x86_64-linux",
    "benchmark": "parse",
    "metric": "time",
    "commit_before": sha(1),
    "commit_after": sha(4),
    "ratio": 1.25,
    "kind": "regression",
    "q_value": 0.001,
    "range": [sha(2), sha(3), sha(4)],
}


def write(folder: Path, content: object) -> str:
    path = folder / "changes.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def test_the_points_are_sorted_and_what_is_new_in_them_is_passed_over(tmp_path: Path) -> None:
    later = {**POINT, "platform": "z", "measured_at": "2026-04-20T12:00:00Z", "of_a_later_version": [1]}
    found = read_changes(write(tmp_path, {"version": 1, "change_points": [later, POINT], "more": 1}))
    assert [point.platform for point in found.points] == ["x86_64-linux", "z"]
    assert found.points[0].commit_after == sha(4)
    assert found.why_not == ""


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "Input should be"),
        ({"version": 2, "change_points": []}, "version: Input should be 1"),
        ({"version": 1}, "change_points: Field required"),
        ({"version": 1, "change_points": [{**POINT, "ratio": 0}]}, "change_points.0.ratio"),
        ({"version": 1, "change_points": [{**POINT, "benchmark": "a\nb"}]}, "change_points.0.benchmark"),
        ({"version": 1, "change_points": [{**POINT, "commit_after": "abc"}]}, "change_points.0.commit_after"),
        ('{"version": 1, "change_points": [{"ratio": NaN}]}', "NaN"),
    ],
)
def test_anything_else_is_one_error_with_its_place(tmp_path: Path, content: object, what: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(UseError) as caught:
        read_changes(path)
    assert what in str(caught.value)
    assert str(caught.value).startswith(path)
    assert "longpole perf detect --json" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UseError, match="No such file"):
        read_changes(str(tmp_path / "none"))
