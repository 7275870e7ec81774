"""junit.xml: a test case for each case that a unit told of."""

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.formats.junit import junit_xml
from tests.rts_tests.report.junit_schema import checked
from tests.rts_tests.report.made import HOSTILE, made_record
from tests.rts_tests.report.made_cases import FAILED, PASSED, SKIPPED, case, fork, run_of, with_cases


def document(*records: Record | str) -> ElementTree.Element:
    return checked(junit_xml(run_of(*records)))


def attributes(root: ElementTree.Element, *names: str) -> list[list[str | None]]:
    return [[each.get(name) for name in names] for each in root.iter("testcase")]


def test_each_case_is_a_testcase_in_a_suite_of_its_unit() -> None:
    root = document(made_record("v/plain"), with_cases("v/unit", PASSED, FAILED, SKIPPED, wall_s=2.0))
    plain, suite = root
    assert plain.get("name") == "v"
    assert attributes(plain, "classname", "name") == [["v", "plain"]]
    assert [suite.get(name) for name in ("name", "tests", "failures", "errors", "skipped", "time")] == [
        *("v/unit", "3", "1", "0", "1", "2.000")
    ]
    assert attributes(suite, "classname", "name", "time", "file", "line") == [
        ["com.example.FooTest", "adds()", "0.010000", None, None],
        ["com.example.FooTest", "divides()", "0.200000", "FooTest.java", "17"],
        ["com.example.FooTest", "locks()", "0.000000", None, None],
    ]
    assert suite.find("testcase/skipped[@message='not on Linux']") is not None


def test_a_failed_case_says_why_where_and_how_to_run_it_again() -> None:
    (suite,) = document(with_cases("v/unit", FAILED))
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert failure.attrib == {"type": "failed", "message": "expected: <1> but was: <2>"}
    assert failure.text == f"{FAILED.details}\n\nagain: make test-v-unit"
    assert suite.findtext("testcase/system-out") == "dividing\n"


def test_a_suite_says_what_its_unit_was() -> None:
    record = with_cases("v/unit", FAILED, note="1 of 1 case failed", seeds="70-79", first_seed=70, seed_count=10)
    (suite,) = document(record)
    assert {one.get("name"): one.get("value") for one in suite.iterfind("properties/property")} == {
        "target": "test-v-unit",
        "status": "failed",
        "reproducer": "make test-v-unit",
        "seed": "70-79",
        "note": "1 of 1 case failed",
    }


@pytest.mark.parametrize(
    ("status", "element"),
    [("failed", "failure"), ("timeout", "failure"), ("crashed", "failure"), ("error", "error"), ("not run", "error")],
)
def test_every_red_status_of_a_case_is_red(status: str, element: str) -> None:
    (suite,) = document(with_cases("v/unit", case("A#a", status)))
    problem = suite.find(f"testcase/{element}")
    assert problem is not None
    assert problem.attrib == {"type": status, "message": status}


@pytest.mark.parametrize("status", ["timeout", "crashed", "leaked", "error", "cancelled", "flaky", "seed-dependent"])
def test_what_a_unit_suffered_beyond_its_cases_is_a_testcase_too(status: str) -> None:
    (suite,) = document(with_cases("v/unit", PASSED, FAILED, status=status, note="what it was"))
    assert attributes(suite, "classname", "name")[-1] == ["v", "unit"]
    problem = next(child for child in suite.findall("testcase")[-1] if child.tag in ("failure", "error"))
    assert problem.attrib == {"type": status, "message": "what it was"}
    assert problem.text == "again: make test-v-unit"


def test_a_unit_that_failed_though_no_case_did_is_red() -> None:
    (suite,) = document(with_cases("v/unit", PASSED, status="failed", note="exit status 3"))
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")


def test_a_unit_that_failed_by_its_cases_is_not_counted_besides() -> None:
    (suite,) = document(with_cases("v/unit", PASSED, FAILED, exit_code=1))
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")


def test_a_class_as_a_whole_has_a_name() -> None:
    (suite,) = document(with_cases("v/unit", case("com.example.A", "crashed"), case("#only a name")))
    assert attributes(suite, "classname", "name") == [["com.example.A", "com.example.A"], ["unit", "only a name"]]


def test_cases_of_several_units_are_told_apart_where_units_of_a_module_run_the_same_ones() -> None:
    """GitLab shows only one of several cases with the same class and name."""
    chunks = [with_cases(f"v/gc[{k}]", case("A#a"), module="gc", chunk=k, target=f"test-v-gc-{k}") for k in (0, 1)]
    variants = [with_cases(f"{name}/unit", case("com.A#a")) for name in ("v", "w")]
    root = document(*chunks, *variants)
    assert [row[0] for row in attributes(root, "classname")] == ["gc[0].A", "gc[1].A", "v.com.A", "w.com.A"]


def test_the_names_of_cases_of_forks_do_not_depend_on_the_fork() -> None:
    root = document(fork(0, ("com.A", 1.0)), fork(1, ("com.B", 1.0)))
    assert attributes(root, "classname", "name") == [["com.A", "runs()"], ["com.B", "runs()"]]
    assert [suite.get("name") for suite in root] == ["v/m[fork-0]", "v/m[fork-1]"]


def test_forks_without_a_class_are_no_test_cases() -> None:
    """So that a run has the same test cases whatever the number of forks is."""
    empty = fork(1, status=Status.SKIPPED, exit_code=None, note="no class is left for this fork")
    assert len(list(document(fork(0, ("com.A", 1.0)), empty).iter("testcase"))) == 1
    assert attributes(document(empty), "classname", "name") == [["v", "m[fork-1]"]]  # no class at all


def test_a_failed_case_of_a_fork_is_run_again_by_itself_whatever_fork_it_is_in_then() -> None:
    failed = case("com.example.Foo$Bar#with 'quotes'[1]", "failed")
    (suite,) = document(fork(3, cases=(failed,), status="failed"))
    assert suite.findtext("testcase/failure") == "again: make test-v-m SELECT='com.example.Foo?Bar#with??quotes?'"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    hostile = Case(text, text, Status.FAILED, 0.1, text, text, f"{text}:3", text)
    root = document(with_cases("v/unit", hostile, Case("A", text, Status.SKIPPED, 0.0, text), note=text))
    assert {each.tag for each in root.iter()} <= {
        *("testsuites", "testsuite", "properties", "property", "testcase", "failure", "skipped", "system-out")
    }


@given(st.lists(st.builds(Case, st.text(), st.text(), st.sampled_from([*Status][:4]), st.floats(0, 1e6), st.text())))
def test_any_names_can_be_parsed_again_and_are_counted(cases: list[Case]) -> None:
    known = [each for each in cases if each.status in ("passed", "failed", "timeout", "crashed")]
    root = document(with_cases("v/unit", *known)) if known else document()
    assert len(list(root.iter("testcase"))) == len(known)
