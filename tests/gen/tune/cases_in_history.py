"""Histories of cases as runs leave them."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from longpole.rts_tests.contracts.case_history import merge_case_history
from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.records import Record
from longpole.rts_tests.contracts.status import GREEN, Status


def merge_cases(state: Path, variant: str, module: str, cases: Sequence[Case], key: str | None = None) -> None:
    """Enter cases that a module's unit told in a run."""
    failed = any(case.status not in GREEN for case in cases)
    fields: dict[str, Any] = {"status": Status.FAILED if failed else Status.PASSED, "classes": (), "seed_count": 0}
    record = SimpleNamespace(variant=variant, module=module, cases=tuple(cases), **fields)
    merge_case_history(state, [cast("Record", record)], key, run="r")
