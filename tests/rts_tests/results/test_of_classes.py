"""Forks that tell of their cases by TAP or JUnit XML: which class a case belongs to, and classes without any."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.cases import Case, ClassResult
from longpole.rts_tests.contracts.status import GREEN, Status
from longpole.rts_tests.results.of_classes import OfClasses, group
from longpole.rts_tests.results.told import End, Told

PASSED, FAILED, ERROR, SKIPPED, NOT_RUN = Status.PASSED, Status.FAILED, Status.ERROR, Status.SKIPPED, Status.NOT_RUN


class Tells:
    """A reader with a ready result."""

    def __init__(self, *cases: Case, problem: str | None = None) -> None:
        self.told = Told(cases, (), problem, b"end")

    def feed(self, data: bytes) -> bytes:
        return data.upper()

    def finish(self, end: End) -> Told:
        return self.told


def finished(
    reader: Tells,
    classes: list[str] | None,
    *,
    claimed: tuple[str, ...] | None = None,
    unclaimed: tuple[str, ...] = (),
) -> Told:
    return OfClasses(reader, classes, names_classes=True).finish(End(PASSED, 0, "/", claimed, unclaimed))


def case(class_name: str, status: Status = PASSED, seconds: float = 1.0) -> Case:
    return Case(class_name, "x", status, seconds)


@pytest.mark.parametrize(
    ("own", "name"),
    [
        ("com.example.FooTest", "com.example.FooTest"),
        ("com.example.FooTest$Inner", "com.example.FooTest"),
        ("com.example.FooTest.method", "com.example.FooTest"),
        ("com.example.FooTester", None),
        ("example.FooTest", None),
        ("tests.test_a", "tests/test_a.py"),
        ("tests.test_a.TestX", "tests/test_a.py"),
        ("tests/test_a.py", "tests/test_a.py"),
        ("tests/test_a.py::TestX", "tests/test_a.py"),
        ("tests.test_ab", None),
        ("test_top", "test_top.py"),
        ("lib.a_test.Inner", "lib/a_test.rb"),
        ("tests", None),
        ("src/sum.test.mjs > adds", "./src/sum.test.mjs"),
        ("my::tests::inner", "my::tests"),
        ("", None),
        ("....", None),
    ],
)
def test_a_case_belongs_to_the_class_of_which_its_own_is_a_part(own: str, name: str | None) -> None:
    classes = [
        "com.example.FooTest",
        "tests/test_a.py",
        "test_top.py",
        "lib/a_test.rb",
        "./src/sum.test.mjs",
        "my::tests",
    ]
    groups = group([case(own)], classes)
    assert {each: len(cases) for each, cases in groups.items()} == {each: int(each == name) for each in classes}


def test_the_smallest_class_has_the_case() -> None:
    assert {name: len(cases) for name, cases in group([case("a.b.c")], ["a", "a.b"]).items()} == {"a": 0, "a.b": 1}


def test_a_class_has_the_worst_status_and_the_sum_of_the_durations() -> None:
    told = finished(
        Tells(case("a"), case("a", FAILED), case("b", ERROR), case("c", SKIPPED), case("d"), case("d", SKIPPED)),
        ["a", "b", "c", "d"],
    )
    assert told.classes == (
        ClassResult("a", FAILED, 2.0),
        ClassResult("b", ERROR, 1.0),
        ClassResult("c", SKIPPED, 1.0),
        ClassResult("d", PASSED, 2.0),
    )
    assert (told.problem, told.output) == (None, b"end")


def test_a_class_without_a_case_did_not_run() -> None:
    told = finished(Tells(case("a")), ["a", "b"])
    assert told.classes[1] == ClassResult("b", NOT_RUN, 0.0)
    assert told.cases[1:] == (Case("b", "", NOT_RUN, 0.0, "its results tell of no test of this class"),)
    assert finished(Tells(), ["a"]).cases[0].status is NOT_RUN


def test_the_classes_of_a_queue_are_those_that_the_fork_took() -> None:
    assert [each.name for each in finished(Tells(case("a")), None, claimed=("a", "b")).classes] == ["a", "b"]
    assert finished(Tells(case("a")), None, claimed=()).classes == ()
    left = finished(Tells(case("a")), None, claimed=("a",), unclaimed=("b",)).classes
    assert [(each.name, each.status) for each in left] == [("a", PASSED), ("b", NOT_RUN)]


def test_results_that_name_no_class_are_a_problem_if_they_should() -> None:
    reader = Tells(case("other"))
    assert finished(reader, ["a"]).problem == "its results name none of its classes, such as a; they name `other`"
    assert finished(Tells(case("other"), problem="own"), ["a"]).problem == "own"
    told = OfClasses(reader, ["a"], names_classes=False).finish(End(PASSED, 0, "/"))
    assert (told, told.classes) == (reader.told, ())


def test_a_unit_that_is_no_fork_has_no_classes() -> None:
    assert finished(Tells(case("a")), None) == Tells(case("a")).told
    assert OfClasses(Tells(), None, names_classes=True).feed(b"x") == b"X"


NAMES = st.text(alphabet="ab./$: ", min_size=1, max_size=6)


@given(st.lists(NAMES, unique=True), st.lists(st.builds(case, NAMES | st.just(""), st.sampled_from([PASSED, FAILED]))))
def test_no_case_is_lost_and_every_class_has_a_result(classes: list[str], cases: list[Case]) -> None:
    told = finished(Tells(*cases), classes)
    assert told.cases[: len(cases)] == tuple(cases)
    groups = group(cases, classes)
    assert sum(map(len, groups.values())) <= len(cases)
    if told.classes:
        assert [each.name for each in told.classes] == classes
        assert all((each.status in GREEN) == all(one.status in GREEN for one in groups[each.name] or [case("", FAILED)])
                   for each in told.classes)  # fmt: skip
