"""Made-up units that told of cases."""

from typing import Any

from longpole.rts_tests.contracts.cases import Case, ClassResult
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import Status
from longpole.rts_tests.report.summary import Summary
from tests.made_up import made_up
from tests.rts_tests.report.made import made_record

FAILED = Case(
    "com.example.FooTest",
    "divides()",
    Status.FAILED,
    0.2,
    "expected: <1> but was: <2>",
    "java.lang.AssertionError\n\tat com.example.FooTest.divides(FooTest.java:17)",
    "FooTest.java:17",
    "dividing\n",
)
SKIPPED = Case("com.example.FooTest", "locks()", Status.SKIPPED, 0.0, "not on Linux")
PASSED = Case("com.example.FooTest", "adds()", Status.PASSED, 0.01)


def case(name: str, status: str = "passed", seconds: float = 0.01, **texts: str) -> Case:
    """The case `Class#name`, or a class as a whole; `message`, `details`, `location` and `output` as given."""
    class_name, _, own = name.partition("#")
    return Case(class_name, own, Status(status), seconds, **texts)


def with_cases(name: str, *cases: Case, **fields: Any) -> Record:
    """A unit that told of these cases, and failed if one of them did."""
    status = "failed" if any(each.status not in ("passed", "skipped") for each in cases) else "passed"
    return made_record(name, **{"status": status, "cases": cases, **fields})


def fork(number: int, *classes: tuple[str, float], unit: str = "v/m", **fields: Any) -> Record:
    """A fork of `unit` that ran these classes in so many seconds each, with a case `runs()` in each."""
    cases = tuple(case(f"{name}#runs()", seconds=seconds) for name, seconds in classes)
    results = tuple(ClassResult(name, Status.PASSED, seconds) for name, seconds in classes)
    variant, _, module = unit.partition("/")
    known = {"module": module, "target": f"test-{variant}-{module}-fork-{number}", "fork": number, "classes": results}
    took = sum(seconds for _, seconds in classes)
    return with_cases(f"{unit}[fork-{number}]", *cases, **{**known, "wall_s": took, **fields})


def run_of(*records: Record | str, name: str = "run", **changes: Any) -> Summary:
    """The summary of a run that left these records, under their own targets; a string is the id of a unit without."""
    rows = [(each, f"test-{each}", 1.0) if isinstance(each, str) else (each.id, each.target, 1.0) for each in records]
    return made_up(records, name, **{"planned": tuple(rows), **changes})
