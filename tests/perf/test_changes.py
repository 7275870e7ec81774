"""Change points are read from what `detect` printed, and from nothing else."""

from pathlib import Path

import pytest

from longpole.perf.changes import Change, read_changes, suspects
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.detected import POINT, sha, write


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "`longpole perf detect --json` prints: Input should be"),
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


def test_what_a_bisection_asks_of_a_change(tmp_path: Path) -> None:
    (change,) = read_changes(write(tmp_path, {"version": 1, "change_points": [POINT]}))
    assert change.series == ("x86_64-linux", "parse", "time")
    assert change.size == pytest.approx(0.2231, abs=1e-4)


def test_the_ranges_to_divide_are_those_of_changes_that_last_each_once() -> None:
    def point(platform: str, before: int, recovered: str | None = None) -> Change:
        shas = sha(before), sha(before + 3)
        return Change(platform, "b", "time", *shas, 1.5, "regression", recovered_at=recovered)

    changes = [point("a", 1), point("a", 5, sha(9)), point("a", 1), point("b", 2), point("c", 3, sha(8))]
    assert suspects(changes) == {"a": [(sha(1), sha(4))], "b": [(sha(2), sha(5))], "c": []}
