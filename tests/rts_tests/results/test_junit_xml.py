"""JUnit XML in the dialects of test frameworks, and what is made of files that are none."""

import io
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.cases import MAX_DETAILS, MAX_OUTPUT, Case
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.results import junit_xml
from longpole.rts_tests.results.junit_xml import MAX_DEPTH, Parsed, parse_junit, seconds_in

PASSED, FAILED, ERROR, SKIPPED = Status.PASSED, Status.FAILED, Status.ERROR, Status.SKIPPED


def parsed(text: str | bytes) -> Parsed:
    return parse_junit(io.BytesIO(text.encode() if isinstance(text, str) else text).read)


def cases(text: str | bytes) -> list[Case]:
    """The cases of a document that is read whole."""
    result = parsed(text)
    assert result.problem is None, result.problem
    return result.cases


def in_suite(text: str, attributes: str = 'name="s"') -> str:
    return f"<testsuites><testsuite {attributes}>{text}</testsuite></testsuites>"


# -- dialects ---------------------------------------------------------------------------------------------------------

# ruff: noqa: E501  documents as they are written
SUREFIRE = """<?xml version="1.0" encoding="UTF-8"?>
<testsuite xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="surefire-test-report.xsd"
    version="3.0" name="com.example.FooTest" time="1,234.5" tests="5" errors="1" skipped="1" failures="1">
  <properties><property name="java.version" value="17"/></properties>
  <testcase name="adds" classname="com.example.FooTest" time="1,234.5"/>
  <testcase name="divides" classname="com.example.FooTest" time="0.017">
    <failure message="expected: &lt;1&gt; but was: &lt;2&gt;" type="AssertionFailedError"><![CDATA[AssertionFailedError: x
	at com.example.FooTest.divides(FooTest.java:17)
]]></failure>
    <rerunFailure message="again" type="AssertionFailedError"><stackTrace>second trace</stackTrace>
      <system-out>of the second run</system-out></rerunFailure>
    <system-out><![CDATA[said
]]></system-out>
    <system-err>warned</system-err>
  </testcase>
  <testcase name="fails" classname="com.example.FooTest" time="0.1"><error type="java.lang.NullPointerException"/></testcase>
  <testcase name="later" classname="com.example.FooTest" time="0"><skipped message="not on this system"/></testcase>
  <testcase name="wobbles" classname="com.example.FooTest" time="0.3">
    <flakyFailure message="too slow" type="AssertionFailedError"><stackTrace>trace</stackTrace></flakyFailure>
  </testcase>
</testsuite>
"""


def test_surefire() -> None:
    of = "com.example.FooTest"
    assert cases(SUREFIRE) == [
        Case(of, "adds", PASSED, 1234.5),
        Case(
            of,
            "divides",
            FAILED,
            0.017,
            "expected: <1> but was: <2> (and 1 more)",
            "AssertionFailedError: x\n\tat com.example.FooTest.divides(FooTest.java:17)\n\n"
            "second trace\n      of the second run",
            None,
            "said\nwarned",
        ),
        Case(of, "fails", ERROR, 0.1, "java.lang.NullPointerException"),
        Case(of, "later", SKIPPED, 0.0, "not on this system"),
        Case(of, "wobbles", PASSED, 0.3, "flaky: too slow"),
    ]


GRADLE = """<testsuite name="com.example.BarTest" tests="2" skipped="1" failures="0" errors="0" time="0.5">
  <properties/>
  <testcase name="skips()" classname="com.example.BarTest" time="0.0"><skipped/></testcase>
  <testcase name="works()" classname="com.example.BarTest" time="0.5"/>
  <system-out><![CDATA[x]]></system-out><system-err><![CDATA[]]></system-err>
</testsuite>"""


def test_gradle() -> None:
    assert [(case.name, case.status, case.output) for case in cases(GRADLE)] == [
        ("skips()", SKIPPED, None),
        ("works()", PASSED, None),
    ]


def test_the_output_of_a_suite_goes_to_its_first_failure() -> None:
    failing = '<testcase name="a"/><testcase name="b"><failure/></testcase><testcase name="c"><failure/></testcase>'
    found = cases(in_suite(f"{failing}<system-out>hello</system-out>"))
    assert [case.output for case in found] == [None, "hello", None]


PYTEST = """<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="1"
 failures="1" skipped="1" tests="4" time="0.034" timestamp="2026-01-01T00:00:00" hostname="here">
<testcase classname="tests.test_a.TestX" name="test_y[1-2]" file="tests/test_a.py" line="6" time="0.001"><failure
message="assert 1 == 2">def test_y():
&gt;       assert 1 == 2</failure></testcase>
<testcase classname="tests.test_a" name="test_setup" time="0.0"><error message="failed on setup">trace</error></testcase>
<testcase classname="tests.test_a" name="test_x" time="0.0"><skipped type="pytest.xfail" message="soon"/></testcase>
<testcase classname="" name="tests.test_b" time="0.000"/>
</testsuite></testsuites>"""


def test_pytest() -> None:
    first, second, third, fourth = cases(PYTEST)
    assert (first.id, first.status, first.location) == ("tests.test_a.TestX#test_y[1-2]", FAILED, "tests/test_a.py:6")
    assert (first.message, first.details) == ("assert 1 == 2", "def test_y():\n>       assert 1 == 2")
    assert (second.status, second.message, second.details) == (ERROR, "failed on setup", "trace")
    assert (third.status, third.message) == (SKIPPED, "soon")
    assert (fourth.class_name, fourth.name, fourth.status) == ("pytest", "tests.test_b", PASSED)


JEST = """<testsuites name="jest tests" tests="2" failures="1" time="0.8"><testsuite name="sum" errors="0" failures="1">
<testcase classname="sum adds" name="sum adds" time="0.004"/>
<testcase classname="sum throws" name="sum throws" time="0.001"><failure>
Error: expect(received).toBe(expected)
    at Object.toBe (src/sum.test.js:9:3)</failure></testcase></testsuite></testsuites>"""


def test_jest_writes_no_message_so_the_first_line_is_it() -> None:
    _, failed = cases(JEST)
    assert failed.message == "Error: expect(received).toBe(expected)"
    assert failed.details == f"{failed.message}\n    at Object.toBe (src/sum.test.js:9:3)"


GOOGLETEST = """<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="1" disabled="1" errors="0" time="0.011" name="AllTests">
  <testsuite name="Heap" tests="3" failures="1" disabled="1" skipped="0" errors="0" time="0.011">
    <testcase name="Grows" file="heap_test.cc" line="17" status="run" result="completed" time="0.01" classname="Heap">
      <failure message="heap_test.cc:19&#x0A;Expected equality" type=""><![CDATA[heap_test.cc:19
Expected equality]]></failure>
      <failure message="heap_test.cc:20&#x0A;Value of: x" type=""><![CDATA[heap_test.cc:20
Value of: x]]></failure>
    </testcase>
    <testcase name="DISABLED_Later" file="heap_test.cc" line="30" status="notrun" result="suppressed" time="0."
      classname="Heap"/>
    <testcase name="Shrinks" file="heap_test.cc" line="40" status="run" result="completed" time="0.001" classname="Heap"/>
  </testsuite>
</testsuites>"""


def test_googletest() -> None:
    failed, disabled, passed = cases(GOOGLETEST)
    assert (failed.status, failed.location) == (FAILED, "heap_test.cc:17")
    assert failed.message == "heap_test.cc:19\nExpected equality (and 1 more)"
    assert failed.details == "heap_test.cc:19\nExpected equality\n\nheap_test.cc:20\nValue of: x"
    assert (disabled.status, passed.status) == (SKIPPED, PASSED)


CTEST = """<testsuite name="Linux" tests="4" failures="1" disabled="1" skipped="1" hostname="" time="1">
<testcase name="good" classname="good" time="0.5" status="run"><properties/><system-out>ok</system-out></testcase>
<testcase name="bad" classname="bad" time="0.25" status="fail"><failure message=""/><properties/>
<system-out>what went wrong</system-out></testcase>
<testcase name="off" classname="off" time="0" status="disabled"><properties/><system-out>Disabled</system-out></testcase>
<testcase name="skip" classname="skip" time="0" status="notrun"><skipped message="SKIP_RETURN_CODE=77"/></testcase>
</testsuite>"""


def test_ctest() -> None:
    good, bad, off, skip = cases(CTEST)
    assert [case.id for case in (good, bad, off, skip)] == ["good", "bad", "off", "skip"]
    assert (good.status, good.output) == (PASSED, None)
    assert (bad.status, bad.message, bad.output) == (FAILED, None, "what went wrong")
    assert (off.status, skip.status, skip.message) == (SKIPPED, SKIPPED, "SKIP_RETURN_CODE=77")


NEXTEST = """<testsuites name="nextest-run" tests="2" failures="1" errors="0" uuid="1" timestamp="2026-01-01T00:00:00Z">
<testsuite name="my-crate::bin/my" tests="2" disabled="0" errors="0" failures="1">
<testcase name="tests::flaky" classname="my-crate::bin/my" timestamp="2026-01-01T00:00:00Z" time="0.005">
<flakyFailure timestamp="x" time="0.003" type="test failure"><system-out>x</system-out></flakyFailure></testcase>
<testcase name="tests::bad" classname="my-crate::bin/my" time="0.005"><failure
type="test failure" message="thread panicked at 'no'">thread panicked at 'no', src/main.rs:9</failure>
<rerunFailure type="test failure"/><system-out>running 1 test</system-out></testcase></testsuite></testsuites>"""


def test_nextest() -> None:
    flaky, bad = cases(NEXTEST)
    assert (flaky.status, flaky.message) == (PASSED, "flaky: test failure")
    assert (bad.status, bad.output) == (FAILED, "running 1 test")


def test_nested_suites_and_names_that_are_missing() -> None:
    nested = '<testsuite name="outer"><testsuite name="inner"><testcase/></testsuite><testcase name="x"/></testsuite>'
    assert [case.id for case in cases(nested)] == ["inner#test 1", "outer#x"]
    assert [case.id for case in cases("<testsuites><testcase name='x'/></testsuites>")] == ["x"]


def test_a_suite_that_fails_as_a_whole_is_a_case() -> None:
    (case,) = cases(in_suite('<error message="no set-up">trace</error>', 'name="s" errors="1"'))
    assert case == Case("s", "", ERROR, 0.0, "no set-up", "trace")


def test_names_in_a_namespace_are_the_same_names() -> None:
    text = '<j:testsuite xmlns:j="urn:x" name="s"><j:testcase name="a"><j:failure/></j:testcase></j:testsuite>'
    assert [(case.id, case.status) for case in cases(text)] == [("s#a", FAILED)]


@pytest.mark.parametrize(
    ("inside", "status"),
    [
        ("<skipped/><failure/>", FAILED),
        ("<failure/><skipped/>", FAILED),
        ("<error/><failure/>", FAILED),
        ("<flakyFailure/><failure/>", FAILED),
        ("<rerunFailure/>", FAILED),
        ("<rerunError/>", ERROR),
        ("<flakyError/>", PASSED),
        ("<properties/><unknown><failure/></unknown>", FAILED),
    ],
)
def test_a_failure_counts_whatever_else_there_is(inside: str, status: Status) -> None:
    assert [case.status for case in cases(in_suite(f"<testcase name='x'>{inside}</testcase>"))] == [status]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0.25", 0.25),
        ("1,234.5", 1234.5),
        ("1,234", 1234.0),
        ("1,234,567.0", 1234567.0),
        ("0,25", 0.25),
        ("0,123", 0.123),
        ("12,5", 12.5),
        ("0.", 0.0),
        (" 1.5 ", 1.5),
        ("", 0.0),
        (None, 0.0),
        ("-1", 0.0),
        ("nan", 0.0),
        ("inf", 0.0),
        ("1e99", 0.0),
        ("soon", 0.0),
    ],
)
def test_durations(text: str | None, seconds: float) -> None:
    assert seconds_in(text) == seconds


# -- what is no JUnit XML ---------------------------------------------------------------------------------------------

LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><testsuite><testcase name="&b;"/></testsuite>'
OUTSIDE = '<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuite/>'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "line 1: no element found"),
        ("no XML", "line 1: syntax error"),
        ("<coverage/>", "it is not JUnit XML: its root element is <coverage>"),
        ("<testcase name='x'/>", "it is not JUnit XML: its root element is <testcase>"),
        (LAUGHS, "line 1: it has a document type, which is not read"),
        (OUTSIDE, "line 1: it has a document type, which is not read"),
        ("<testsuite><testcase name='&unknown;'/></testsuite>", "line 1: undefined entity"),
        ("<testsuite>" * 200, "line 1: its elements are nested too deeply"),
        ("<testsuite>\n<testcase name='\x01'/></testsuite>", "line 2: not well-formed (invalid token)"),
        ("<?xml version='1.0' encoding='no-such'?><testsuite/>", "its encoding is not known"),
        (
            in_suite("<testcase name='x'/>", 'name="s" failures="1"'),
            "suite s counts failures, and none of its cases has one",
        ),
    ],
)
def test_what_cannot_be_understood_is_said(text: str, problem: str) -> None:
    assert parsed(text).problem == problem


def test_what_was_told_before_an_error_counts() -> None:
    result = parsed("<testsuite><testcase name='a'/><testcase name='b'><failure/></testcase><testcase name='c'>")
    assert [(case.name, case.status) for case in result.cases] == [("a", PASSED), ("b", FAILED)]
    assert result.problem == "line 1: no element found"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252"])
def test_other_encodings_are_read(encoding: str) -> None:
    text = f"<?xml version='1.0' encoding='{encoding}'?><testsuite><testcase name='ä'/></testsuite>"
    assert [case.name for case in cases(text.encode(encoding))] == ["ä"]


@pytest.mark.parametrize(
    ("attributes", "location"),
    [("file='a'", "a"), ("file='a' line='7'", "a:7"), ("file='a' line='x'", "a"), ("line='7'", None), ("", None)],
)
def test_places(attributes: str, location: str | None) -> None:
    (case,) = cases(in_suite(f"<testcase name='x' {attributes}><failure/></testcase>"))
    assert case.location == location


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        ("status='fail'", FAILED),
        ("status='Failed'", FAILED),
        ("status='error'", ERROR),
        ("status='disabled'", SKIPPED),
        ("result='suppressed'", SKIPPED),
        ("status='run' result='completed'", PASSED),
        ("status='passed'", PASSED),
    ],
)
def test_a_status_counts_where_no_element_says_why(attributes: str, status: Status) -> None:
    assert [case.status for case in cases(in_suite(f"<testcase name='x' {attributes}/>"))] == [status]


def test_a_suite_s_file_is_the_place_of_its_cases() -> None:
    (case,) = cases(in_suite("<testcase name='x' line='7'><failure/></testcase>", 'name="s" file="f.js" failures="1"'))
    assert case.location == "f.js:7"


def test_only_so_many_cases_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(junit_xml, "MAX_CASES", 3)
    text = in_suite("<testcase/>" * 5).encode()
    result = parse_junit(io.BytesIO(text).read, 1)
    assert (len(result.cases), result.problem) == (2, "it tells of 3 tests or more; the others were not read")


def test_depth_is_bounded_in_texts_as_well() -> None:
    def nested(depth: int) -> str:
        return in_suite(f"<testcase name='x'><failure>{'<a>' * depth}{'</a>' * depth}</failure></testcase>")

    assert parsed(nested(MAX_DEPTH - 4)).problem is None
    assert parsed(nested(MAX_DEPTH - 3)).problem == "line 1: its elements are nested too deeply"


def test_long_texts_keep_head_and_tail() -> None:
    text = "a" * MAX_DETAILS + "z" * MAX_DETAILS
    (case,) = cases(in_suite(f"<testcase name='x'><failure>{text}</failure><system-out>{text}</system-out></testcase>"))
    assert case.details is not None
    assert case.output is not None
    assert case.details.startswith("aaa")
    assert case.details.endswith("zzz")
    assert f"[{MAX_OUTPUT} characters omitted here]" in case.output
    assert len(case.output) < MAX_OUTPUT + 100


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
OUTCOMES = st.sampled_from(["", "<failure/>", "<error/>", "<skipped/>"])
STATUS = {"": PASSED, "<failure/>": FAILED, "<error/>": ERROR, "<skipped/>": SKIPPED}


def in_pieces(data: bytes, size: int) -> Callable[[int], bytes]:
    stream = io.BytesIO(data)
    return lambda _: stream.read(size)


@given(st.lists(st.tuples(NAMES, OUTCOMES)), st.integers(1, 50))
def test_every_case_is_told_once_in_whatever_pieces_it_is_read(rows: list[tuple[str, str]], size: int) -> None:
    from xml.sax.saxutils import quoteattr

    text = "".join(f"<testcase name={quoteattr(name)}>{inside}</testcase>" for name, inside in rows)
    result = parse_junit(in_pieces(in_suite(text).encode(), size))
    assert result.problem is None
    expected = [(" ".join(name.split("\n")), STATUS[inside]) for name, inside in rows]
    assert [(case.name, case.status) for case in result.cases] == expected


@given(st.binary(), st.integers(0, 400))
def test_arbitrary_bytes_never_raise_and_are_never_silently_green(data: bytes, at: int) -> None:
    document = SUREFIRE.encode()
    for text in (data, document[:at] + data + document[at:], document[:at]):
        result = parsed(text)
        assert result.problem is not None or any(case.status not in GREEN for case in result.cases) or b"<" in data
