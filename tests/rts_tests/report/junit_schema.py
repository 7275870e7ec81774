"""What readers of JUnit XML rely on, as Jenkins' schema junit-10.xsd has it: elements, attributes, and true counts."""

import re
from xml.etree import ElementTree

_SECONDS = re.compile(r"\d+(\.\d+)?")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?")
_COUNTS = ("tests", "failures", "errors", "skipped")
_SUITE = {"name", *_COUNTS, "time", "timestamp", "hostname"}
_CASE = {"classname", "name", "time"}
_PLACE = {"file", "line"}
"""Attributes of a test case that GitLab, pytest and GoogleTest share, and that Jenkins ignores."""
_PROBLEMS = ("failure", "error", "skipped")


def checked(document: bytes) -> ElementTree.Element:
    """The root of a document; an error where a reader would stumble."""
    root = ElementTree.fromstring(document)
    assert root.tag == "testsuites"
    for suite in root:
        _check_suite(suite)
    return root


def _check_suite(suite: ElementTree.Element) -> None:
    assert suite.tag == "testsuite"
    assert set(suite.keys()) == _SUITE
    assert _SECONDS.fullmatch(suite.get("time") or "")
    assert _TIME.fullmatch(suite.get("timestamp") or "")
    assert re.fullmatch("(properties )?(testcase )*(system-out )?(system-err )?", "".join(f"{e.tag} " for e in suite))
    for one in suite.iterfind("properties/*"):
        assert (one.tag, set(one.keys())) == ("property", {"name", "value"})
    cases = suite.findall("testcase")
    for case in cases:
        _check_case(case)
    counted = [len(cases), *(sum(case.find(kind) is not None for case in cases) for kind in _PROBLEMS)]
    assert [int(suite.get(name) or "") for name in _COUNTS] == counted


def _check_case(case: ElementTree.Element) -> None:
    assert set(case.keys()) - _PLACE == _CASE
    assert all(case.get(name) for name in ("classname", "name"))
    assert _SECONDS.fullmatch(case.get("time") or "")
    assert re.fullmatch(r"\d+", case.get("line", "1"))
    tags = [child.tag for child in case]
    assert tags in (
        [],
        ["skipped"],
        ["system-out"],
        *([kind] for kind in _PROBLEMS),
        *([k, "system-out"] for k in _PROBLEMS),
    )
    for child in case:
        if child.tag in ("failure", "error"):
            assert set(child.keys()) == {"type", "message"}
        if child.tag == "skipped":
            assert set(child.keys()) == {"message"}
