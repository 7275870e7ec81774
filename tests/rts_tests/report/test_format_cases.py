"""Cases in the formats for programs, logs and GitHub: json, brief, markdown, annotations, issue."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.formats.as_json import json_report
from longpole.rts_tests.report.formats.brief import MAX_LINES, brief_text
from longpole.rts_tests.report.formats.github import MAX_LISTED, annotations, step_summary
from longpole.rts_tests.report.formats.issue import MAX_CHARACTERS, issue_text
from longpole.rts_tests.report.places import annotated_path
from tests.rts_tests.report.made import HOSTILE, made_record
from tests.rts_tests.report.made_cases import FAILED, PASSED, SKIPPED, case, fork, run_of, with_cases

HERE = Path("/nowhere")


# -- json -------------------------------------------------------------------------------------------------------------


def report(*records: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(json_report(run_of(*records)))
    return loaded


def test_json_has_an_object_for_each_case_beside_the_record() -> None:
    (outcome,) = report(with_cases("v/unit", PASSED, FAILED))["outcomes"]
    assert outcome["cases"] == [
        {"class": "com.example.FooTest", "name": "adds()", "status": "passed", "seconds": 0.01},
        {
            "class": "com.example.FooTest",
            "name": "divides()",
            "status": "failed",
            "seconds": 0.2,
            "message": FAILED.message,
            "details": FAILED.details,
            "location": "FooTest.java:17",
            "output": "dividing\n",
        },
    ]
    assert not {"cases", "classes"} & outcome["record"].keys()


def test_json_has_the_classes_of_forks() -> None:
    (outcome,) = report(fork(2, ("com.A", 1.5)))["outcomes"]
    assert outcome["classes"] == [{"name": "com.A", "status": "passed", "seconds": 1.5}]
    assert outcome["record"]["fork"] == 2


def test_json_says_how_even_forks_were() -> None:
    assert report(fork(0, ("com.A", 3.0)), fork(1, ("com.B", 1.0)))["forks"] == [
        {"unit": "v/m", "forks": 2, "longest_s": 3.0, "mean_s": 2.0, "alone": "com.A", "stolen_s": None, "repeated": 0}
    ]


def test_json_counts_cases() -> None:
    assert report(with_cases("v/unit", PASSED, FAILED, SKIPPED))["case_counts"] == {
        "passed": 1,
        "failed": 1,
        "skipped": 1,
    }
    assert report(made_record("v/a"))["case_counts"] == {}


def test_json_has_an_outcome_a_line() -> None:
    """So that its size stays in proportion, and a reader line by line finds whole outcomes."""
    lines = json_report(run_of(with_cases("v/a", PASSED), made_record("v/b"), "v/c")).decode().splitlines()
    rows = [json.loads(line.strip().rstrip(",")) for line in lines if line.startswith("  {") and '"target"' in line]
    assert [row["id"] for row in rows] == ["v/a", "v/b", "v/c"]


# -- brief ------------------------------------------------------------------------------------------------------------


def test_brief_names_the_failed_cases_with_their_messages() -> None:
    text = brief_text(run_of(with_cases("v/unit", PASSED, FAILED, case("B#b", "crashed"))))
    assert text.splitlines() == [
        "FAIL v/unit: failed; again: make test-v-unit",
        "  | com.example.FooTest#divides(): expected: <1> but was: <2>",
        "  | B#b: crashed",
        "1 unit: 1 failed; 3 cases: 1 passed, 1 failed, 1 crashed",
    ]


def test_brief_stays_brief_and_counts_the_rest() -> None:
    cases = [case(f"A#a{index}", "failed", message=f"why {index}\nmore") for index in range(50)]
    lines = brief_text(run_of(with_cases("v/unit", *cases))).splitlines()
    assert len(lines) == MAX_LINES + 1
    assert lines[1] == "  | A#a0: why 0"
    assert lines[-2] == "  | and 44 more failed cases"


# -- GitHub -----------------------------------------------------------------------------------------------------------


def test_a_failed_case_is_an_annotation_at_its_place() -> None:
    failed = case("tests/test_a.py#test_one", "failed", message="assert 1 == 2", location="tests/test_a.py:17:3")
    (line,) = annotations(run_of(with_cases("v/unit", PASSED, failed)), HERE)
    assert line == (
        "::error file=tests/test_a.py,line=17,title=tests/test_a.py#test_one"
        "::v/unit: failed: assert 1 == 2%0Aagain: make test-v-unit"
    )


def test_a_failed_case_without_a_place_is_an_annotation_too() -> None:
    (line,) = annotations(run_of(with_cases("v/unit", case("A#a", "crashed"))), HERE)
    assert line == "::error title=A#a::v/unit: crashed%0Aagain: make test-v-unit"


def test_what_a_unit_suffered_beyond_its_cases_is_an_annotation_of_its_own() -> None:
    lines = annotations(run_of(with_cases("v/unit", FAILED, status="timeout", note="took longer than 5 s")), HERE)
    assert [line.partition("::v/")[0] for line in lines] == [
        "::error title=v/unit::timeout: took longer than 5 s%0Aagain: make test-v-unit",
        "::error file=FooTest.java,line=17,title=com.example.FooTest#divides()",
    ]


def test_of_many_failed_cases_each_unit_has_some() -> None:
    """GitHub shows ten annotations of a step: the first unit must not have all of them."""
    records = [with_cases(f"v/u{k}", *(case(f"A{k}#{index}", "failed") for index in range(40))) for k in range(3)]
    lines = annotations(run_of(*records), HERE)
    assert len(lines) == MAX_LISTED
    assert [re.findall("::v/(u.)", line)[0] for line in lines[:6]] == ["u0", "u1", "u2", "u0", "u1", "u2"]


def test_the_step_summary_lists_failed_cases() -> None:
    text = step_summary(run_of(with_cases("v/unit", PASSED, FAILED, note="1 of 2 cases failed")))
    assert "1 unit: 1 failed; 2 cases: 1 passed, 1 failed" in text
    why = "failed: expected: &lt;1&gt; but was: &lt;2&gt;"
    row = f"| com.example.FooTest\\#divides() | v/unit | {why} | FooTest.java:17 |"
    assert "\n| case | unit | outcome | where |\n|---|---|---|---|\n" + row in text


def test_the_step_summary_counts_what_it_does_not_list() -> None:
    text = step_summary(run_of(with_cases("v/unit", *(case(f"A#{index}", "failed") for index in range(60)))))
    assert text.count("| A\\#") == MAX_LISTED
    assert "| and 10 more | | | |" in text


# -- issue ------------------------------------------------------------------------------------------------------------


def test_an_issue_names_the_failed_cases() -> None:
    text = issue_text({"linux": run_of(with_cases("v/unit", FAILED), made_record("v/b", status="failed"))})
    row = "| `com.example.FooTest#divides()` | `v/unit` | failed `expected: <1> but was: <2>` | `FooTest.java:17` |"
    assert f"\n| case | unit | outcome | where |\n|---|---|---|---|\n{row}\n" in text


def test_an_issue_with_very_many_failed_cases_stays_short_enough() -> None:
    cases = [case(f"A#{index}", "failed", message="x" * 300) for index in range(3000)]
    text = issue_text({"linux": run_of(with_cases("v/unit", *cases))})
    assert len(text) < MAX_CHARACTERS
    assert "| and 2,900 more | | | |" in text


# -- places -----------------------------------------------------------------------------------------------------------


def test_the_place_of_an_annotation_is_where_the_file_is(tmp_path: Path) -> None:
    source = tmp_path / "src/test/java/com/example/FooTest.java"
    source.parent.mkdir(parents=True)
    source.touch()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "test_a.py").touch()
    assert (
        annotated_path("FooTest.java", "com.example.FooTest", tmp_path, None)
        == "src/test/java/com/example/FooTest.java"
    )
    assert annotated_path("FooTest.java", "com.example.FooTest$Inner", tmp_path, None) == (
        "src/test/java/com/example/FooTest.java"
    )
    assert annotated_path(f"{tmp_path}/sub/test_a.py", "", tmp_path, None) == "sub/test_a.py"
    assert annotated_path("test_a.py", "", tmp_path, "sub") == "sub/test_a.py"
    assert annotated_path("sub/test_a.py", "", tmp_path, "sub") == "sub/test_a.py"
    assert annotated_path("other.py", "", tmp_path, "sub") == "other.py"


def test_the_place_of_an_annotation_is_relative_to_the_repository(tmp_path: Path) -> None:
    (tmp_path / "suite").mkdir()
    (tmp_path / "suite" / "test_a.py").touch()
    assert annotated_path("test_a.py", "", tmp_path / "suite", None, workspace=tmp_path) == "suite/test_a.py"


@pytest.mark.parametrize("path", ["../" * 40 + "etc/hostname", "/etc/hostname", "a\0b", "x" * 5000])
def test_strange_paths_are_shown_as_they_are(tmp_path: Path, path: str) -> None:
    assert annotated_path(path, "com.A", tmp_path, None) == path


# -- hostile text -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hostile", [*HOSTILE, "::error::planted", "##[error]planted", "a\n::error::planted", "a|b `c` @d"]
)
def test_no_text_of_a_case_becomes_markup_or_a_command(hostile: str) -> None:
    failed = Case(hostile, hostile, Status.FAILED, 0.0, hostile, hostile, f"{hostile}:3", hostile)
    summary = run_of(with_cases("v/unit", failed))
    lines = annotations(summary, HERE)
    assert all(re.match(r"::error (file=[^,:]*,line=3,)?title=[^,:]*::", line) for line in lines)
    assert "\n" not in "".join(lines)
    page = step_summary(summary)
    assert "<" not in page
    assert "\n::" not in page
    rows = [line for text in (page, issue_text({"x": summary})) for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {4, 5}
    assert not re.search(r"(?m)^\s*::|##\[", brief_text(summary))
    json.loads(json_report(summary))
