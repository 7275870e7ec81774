"""Cases in the HTML report, as far as they need no script: rows for the table, and texts of those that failed."""

import json
from pathlib import Path
from typing import Any

import pytest

from longpole.rts_tests.contracts.case_history import CaseHistory, merge_case_history
from longpole.rts_tests.contracts.cases import Case, ClassResult
from longpole.rts_tests.contracts.history import History
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.formats.page import cases
from longpole.rts_tests.report.formats.page.blocks import MAX_BLOCK, blocks_of
from longpole.rts_tests.report.formats.page.data import data
from longpole.rts_tests.report.summary import Summary
from tests.rts_tests.report.made import HOSTILE, made_record, made_run
from tests.rts_tests.report.parsed_page import Page, page_of

PASSED, FAILED, SKIPPED, CRASHED = Status.PASSED, Status.FAILED, Status.SKIPPED, Status.CRASHED


def fork(*told: tuple[str, Status, list[Case]], **fields: Any) -> Record:
    """The record of a fork with these classes, each of a second."""
    classes = tuple(ClassResult(name, status, 1.0) for name, status, _ in told)
    every = tuple(case for _, _, of_class in told for case in of_class)
    return made_record(
        "v/m[fork-0]", target="test-v-m-fork-0", module="m", fork=0, classes=classes, cases=every, **fields
    )


def block_of(summary: Summary) -> dict[str, Any]:
    """The data of classes and cases in the page."""
    _, page, _ = page_of(summary)
    return json.loads(page.texts["script"][1])  # type: ignore[no-any-return]


def items(page: Page, kind: str) -> list[dict[str, str | None]]:
    return [attributes for tag, attributes in page.elements if tag == "details" and attributes.get("class") == kind]


# -- rows -------------------------------------------------------------------------------------------------------------


def test_rows_are_numbered_over_all_units(tmp_path: Path) -> None:
    records = [
        made_record("v/plain"),
        fork(
            ("A", PASSED, [Case("A", "a", PASSED, 0.25), Case("A", "b", SKIPPED)]),
            ("B", PASSED, [Case("B", "", PASSED)]),
        ),
        made_record("v/tap", cases=(Case("", "ok 1", PASSED, 0.5), Case("C", "c", FAILED, 1.5, "no")), status="failed"),
    ]
    summary = made_run(tmp_path, records)
    _, _, data = page_of(summary)
    assert data["units"]["cases"] == [0, 3, 2]
    assert data["cases"] == {"classes": 4, "cases": 5, "statuses": {"0": 3, "1": 1, "2": 1}}
    assert data["statuses"] == ["passed", "failed", "skipped"]
    assert data["green"] == [0, 2]
    block = block_of(summary)
    assert block["classes"] == {
        "unit": [1, 1, 2, 2],
        "name": ["A", "B", "", "C"],
        "status": [0, 0, 0, 1],
        "wall": [1.0, 1.0, 0.5, 1.5],
        "first": [0, 2, 3, 4],
    }
    assert block["cases"] == {
        "name": ["a", "b", "", "ok 1", "c"],
        "status": [0, 2, 0, 0, 1],
        "wall": [0.25, 0.0, 0.0, 0.5, 1.5],
    }
    assert block["note"] == {"4": "no"}


def test_without_cases_there_is_no_block_of_them(tmp_path: Path) -> None:
    text, page, data = page_of(made_run(tmp_path, [made_record("v/a")]))
    assert data["cases"] is None
    assert 'id="cases"' not in text
    assert page.count("script") == 2


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        ([PASSED, SKIPPED], PASSED),
        ([SKIPPED, SKIPPED], SKIPPED),
        ([PASSED, FAILED, CRASHED], FAILED),
        ([SKIPPED, Status.NOT_RUN], Status.NOT_RUN),
    ],
)
def test_a_class_of_a_unit_that_is_no_fork_has_the_status_of_its_cases(
    tmp_path: Path, statuses: list[Status], worst: Status
) -> None:
    record = made_record("v/a", cases=tuple(Case("C", str(number), each) for number, each in enumerate(statuses)))
    summary = made_run(tmp_path, [record])
    _, _, data = page_of(summary)
    assert [data["statuses"][number] for number in block_of(summary)["classes"]["status"]] == [worst]


def test_earlier_durations_end_before_this_run(tmp_path: Path) -> None:
    record = fork(("C", PASSED, [Case("C", "c", PASSED, 3.0), Case("C", "d", FAILED, 1.0)]))
    before = fork(("C", PASSED, [Case("C", "c", PASSED, 2.0), Case("C", "d", PASSED, 2.5)]))
    for run, each in (("2027-1", before), ("2027-2", record)):
        merge_case_history(tmp_path, [each], run=run)
    past = {"classes": {"0": [1.0]}, "cases": {"0": [2.0], "1": [2.5]}}
    assert block_of(made_run(tmp_path / "runs" / "2027-2", [record]))["past"] == past
    later = {"classes": {"0": [1.0, 1.0]}, "cases": {"0": [2.0, 3.0], "1": [2.5]}}
    assert block_of(made_run(tmp_path / "runs" / "2027-3", [record]))["past"] == later
    assert block_of(made_run(tmp_path / "runs" / "2027-1", [record]))["past"] == {"classes": {}, "cases": {}}
    assert block_of(made_run(tmp_path / "elsewhere" / "2027-2", [record]))["past"] == {"classes": {}, "cases": {}}


def test_the_first_failure_of_a_class_is_not_its_own_history(tmp_path: Path) -> None:
    record = fork(("C", FAILED, [Case("C", "c", FAILED, 3.0)]), status="failed")
    merge_case_history(tmp_path, [record], run="2027-1")
    assert block_of(made_run(tmp_path / "runs" / "2027-1", [record]))["past"] == {"classes": {}, "cases": {}}
    for run in ("2027-2", "2027-3"):
        merge_case_history(tmp_path, [fork(("C", PASSED, []))], run=run)
    merge_case_history(tmp_path, [record], run="2027-4")
    assert block_of(made_run(tmp_path / "runs" / "2027-4", [record]))["past"]["classes"] == {"0": [1.0, 1.0, 1.0]}


def test_the_history_of_a_module_is_read_once(tmp_path: Path) -> None:
    record = fork(*((f"C{number}", PASSED, [Case(f"C{number}", "c", PASSED)]) for number in range(3)))
    asked: list[tuple[str, str]] = []

    def histories(variant: str, module: str) -> CaseHistory:
        asked.append((variant, module))
        return CaseHistory()

    summary = made_run(tmp_path, [record])
    data(summary, History(), classes=cases.class_rows(summary), histories=histories)
    assert asked == [("v", "m")]


def test_very_many_cases_have_no_history_in_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cases, "MAX_WITH_HISTORY", 1)
    record = fork(("C", PASSED, [Case("C", "c", PASSED), Case("C", "d", PASSED)]))
    assert block_of(made_run(tmp_path, [record]))["past"] is None


@pytest.mark.parametrize("text", HOSTILE)
def test_names_and_messages_are_only_data(tmp_path: Path, text: str) -> None:
    record = fork((text, FAILED, [Case(text, text, FAILED, 1.0, text, text, text, text)]), status="failed")
    summary = made_run(
        tmp_path, [record], logs={record.id: f"[fork-0] === {text} ===\n[fork-0] {text}".encode(errors="replace")}
    )
    raw, page, _ = page_of(summary)
    block = block_of(summary)
    assert (block["classes"]["name"], block["cases"]["name"], block["note"]) == ([text], [text], {"0": text})
    assert page.count("script") == 3
    assert page.count("img") == 0
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert not {"\u2028", "\u202e", "\x00", "\x1b", "\x07"} & set(raw)


# -- texts of those that failed ---------------------------------------------------------------------------------------


def test_failed_cases_are_there_without_a_script(tmp_path: Path) -> None:
    failed = Case(
        "a.Foo", "adds()", FAILED, 0.5, "expected 1", "at Foo.java:17", "Foo.java:17", "\x1b[31mprinted\x1b[0m\n"
    )
    record = fork(
        ("a.Foo", FAILED, [Case("a.Foo", "fine", PASSED), failed]),
        ("a.Bar", CRASHED, [Case("a.Bar", "", CRASHED, 0.1, "ended by SIGSEGV")]),
        status="failed",
    )
    text, page, _ = page_of(made_run(tmp_path, [record], logs={record.id: b""}))
    assert [item["data-case"] for item in items(page, "case")] == ["1", "2"]
    assert page.texts["summary"][1].split() == ["failed", "a.Foo#adds()", "expected", "1", "0.50", "s"]
    assert page.texts["summary"][2].split() == ["crashed", "a.Bar", "ended", "by", "SIGSEGV", "0.10", "s"]
    assert page.texts["pre"][:2] == ["at Foo.java:17\n", "printed\n"]
    assert '<span class="fg1">printed</span>' in text
    assert ("a", {"href": "#v/m[fork-0]!a.Foo!adds()"}) in page.elements
    assert "Foo.java:17" in page.texts["dd"]


def test_each_failed_case_of_a_fork_has_a_command_unless_it_is_that_of_the_unit(tmp_path: Path) -> None:
    both = [Case("a.C", "one(int)", FAILED), Case("a.C", "two", FAILED)]
    _, page, _ = page_of(made_run(tmp_path, [fork(("a.C", FAILED, both), status="failed")]))
    commands = [text.removeprefix("make test-v-m ") for text in page.texts["code"] if "SELECT" in text]
    assert commands == ["SELECT='a.C#one a.C#two'", "SELECT='a.C#one'", "SELECT='a.C#two'"]
    _, page, _ = page_of(made_run(tmp_path, [fork(("a.C", FAILED, both[1:]), status="failed")]))
    commands = [text.removeprefix("make test-v-m ") for text in page.texts["code"] if "SELECT" in text]
    assert commands == ["SELECT='a.C#two'"]


def test_a_message_that_the_details_repeat_is_shown_once(tmp_path: Path) -> None:
    long = "a long message\n" * 3
    told = [
        Case("C", "repeats", FAILED, 0.0, "no", "Error: no\n"),
        Case("C", "adds", FAILED, 0.0, long, "at 7"),
        Case("C", "only", FAILED, 0.0, long),
    ]
    _, page, _ = page_of(made_run(tmp_path, [fork(("C", FAILED, told), status="failed")]))
    assert page.texts["pre"][:3] == ["Error: no\n", f"{long}at 7\n", long]


def test_a_case_that_passed_in_spite_of_a_failed_class_has_no_texts(tmp_path: Path) -> None:
    record = fork(("C", FAILED, [Case("C", "c", PASSED)]), status="failed")
    _, page, _ = page_of(made_run(tmp_path, [record]))
    assert items(page, "case") == []


def test_of_very_many_failed_cases_some_are_shown_and_all_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cases, "MAX_SHOWN", 3)
    record = fork(("C", FAILED, [Case("C", str(number), FAILED) for number in range(1005)]), status="failed")
    text, page, _ = page_of(made_run(tmp_path, [record]))
    assert len(items(page, "case")) == 3
    assert "1,002 more cases failed; the table has them." in text


def test_texts_together_are_limited_and_those_left_out_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("longpole.rts_tests.report.formats.page.failures.MAX_BYTES_OF_TEXTS", 100)
    told = [Case("C", str(number), FAILED, 0.0, None, "x" * 40) for number in range(3)]
    text, page, _ = page_of(made_run(tmp_path, [fork(("C", FAILED, told), status="failed")]))
    assert page.texts["pre"] == ["x" * 40 + "\n"] * 2
    assert "Its 40 bytes of text are not shown" in text


def test_what_a_failed_class_of_a_fork_printed_is_shown(tmp_path: Path) -> None:
    record = fork(("Fine", PASSED, []), ("Bad", FAILED, [Case("Bad", "c", FAILED)]), status="failed")
    log = b"[fork-0] === Fine ===\n[fork-0] fine\n[fork-0] === Bad ===\n[fork-0] not fine\n"
    _, page, _ = page_of(made_run(tmp_path, [record], logs={record.id: log}))
    assert [item["data-class"] for item in items(page, "block")] == ["1"]
    assert page.texts["pre"][0] == "not fine\n\n"


@pytest.mark.parametrize(("room", "shown"), [(8, ["printed"]), (7, []), (16, ["printed", "and more"])])
def test_what_classes_printed_is_limited_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int, shown: list[str]
) -> None:
    monkeypatch.setattr("longpole.rts_tests.report.formats.page.failures.MAX_BYTES_OF_TEXTS", room)
    record = fork(("A", FAILED, []), ("B", FAILED, []), status="failed")
    log = b"[fork-0] === A ===\n[fork-0] printed\n[fork-0] === B ===\n[fork-0] and more"
    _, page, _ = page_of(made_run(tmp_path, [record], logs={record.id: log}))
    assert [text.strip() for text in page.texts["pre"][:-1]] == shown


# -- blocks of a log ---------------------------------------------------------------------------------------------------


def blocks(tmp_path: Path, log: str, *classes: str) -> dict[str, str]:
    (tmp_path / "log").write_bytes(log.encode(errors="surrogateescape"))
    return blocks_of(str(tmp_path / "log"), 3, classes)


@pytest.mark.parametrize("prefix", ["", "[fork-3] "])
def test_blocks_are_found_with_and_without_a_prefix(tmp_path: Path, prefix: str) -> None:
    lines = ["before", "=== A ===", "a", "=== B (so far) ===", "b", "=== C ===", "c", "=== B (continued) ===", "more b"]
    log = "".join(f"{prefix}{line}\n" for line in lines)
    assert blocks(tmp_path, log, "A", "B", "none") == {"A": "a\n", "B": "b\nmore b\n"}


def test_the_end_of_a_long_block_is_kept(tmp_path: Path) -> None:
    log = "=== A ===\n" + "x" * 79 + "\n" + ("y" * 79 + "\n") * 5000
    text = blocks(tmp_path, log, "A")["A"]
    assert len(text) == MAX_BLOCK
    assert text.endswith("y\n")


@pytest.mark.parametrize("name", ["a b === c", "with (so far)", "\x1b[31mred", "\u202egnp", "é"])
def test_odd_names_have_blocks(tmp_path: Path, name: str) -> None:
    from longpole.rts_tests.results.blocks import Blocks

    log = Blocks("fork-3")
    log.block(name, "printed\n=== other ===\n")
    assert blocks(tmp_path, log.take().decode(), name) == {name: "printed\n === other ===\n"}


def test_a_log_that_cannot_be_read_has_no_blocks(tmp_path: Path) -> None:
    assert blocks_of(str(tmp_path / "none"), 0, ["A"]) == {}
