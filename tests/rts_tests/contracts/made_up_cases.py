"""Made-up records of units that told of cases, and what a history then knows of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from longpole.rts_tests.contracts.case_history import CaseHistory, CaseRow, case_history_path, read_case_history
from longpole.rts_tests.contracts.cases import Case, ClassResult
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import Status
from tests.made_up import record

PASSED, FAILED, CRASHED, SKIPPED, NOT_RUN = (
    Status.PASSED, Status.FAILED, Status.CRASHED, Status.SKIPPED, Status.NOT_RUN,
)  # fmt: skip


def fork(
    cases: Mapping[str, Sequence[tuple[str, Status, float]]],
    classes: Mapping[str, tuple[Status, float]] | None = None,
    **changes: Any,
) -> Record:
    """The record of a unit of `v/m` with these cases by class; each class passed, unless `classes` says otherwise."""
    told = {name: (PASSED, sum(took for _, _, took in each)) for name, each in cases.items()} | dict(classes or {})
    return record(
        "v/m[fork-0]",
        variant="v",
        module="m",
        fork=0,
        cases=tuple(Case(name, case, status, took) for name, each in cases.items() for case, status, took in each),
        classes=tuple(ClassResult(name, status, took) for name, (status, took) in told.items()),
        **{"status": Status.PASSED, **changes},
    )


def unit(cases: Sequence[Case], **changes: Any) -> Record:
    """The record of a unit of `v/m` that is no fork, with these cases."""
    return record("v/m", variant="v", module="m", cases=tuple(cases), **{"status": Status.PASSED, **changes})


def known(state: Path, key: str | None = None) -> CaseHistory:
    return read_case_history(state, "v", "m", key)


def rows_of(history: CaseHistory) -> tuple[dict[str, CaseRow], dict[str, CaseRow]]:
    return dict(history.classes), dict(history.cases)


def the_file(state: Path) -> Path:
    path = case_history_path(state, "v", "m")
    assert path is not None
    return path
