"""`executions.json`: kind, counts and printed report of a run of executions (`longpole stress` or `shrink`)."""

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from longpole.rts_tests.contracts.files import read_json, write_atomic
from longpole.rts_tests.contracts.records import VERSION, encode
from longpole.rts_tests.state.run_folders import EXECUTIONS


@dataclass(frozen=True, slots=True)
class Executed:
    """`kind` is `stress` or `shrink`; `counts` is executions by status; `report` is None until the run has ended."""

    kind: str
    counts: Mapping[str, int] = field(default_factory=dict)
    report: str | None = None


def write_executed(run: Path, executed: Executed) -> None:
    """Write `executions.json` by rename; raises `OSError`."""
    write_atomic(run / EXECUTIONS, encode(asdict(executed)))


def read_executed(run: str | os.PathLike[str]) -> Executed | None:
    """Read `executions.json`; return None for a test run, which has none.

    If the file is damaged or of another version, only `kind` is set, to say so.
    """
    try:
        data = read_json(f"{os.fspath(run)}/{EXECUTIONS}")
        if data["version"] != VERSION:
            return Executed("another version")
        counts = {str(status): int(number) for status, number in data["counts"].items()}
        report = data["report"]
        return Executed(str(data["kind"]), counts, report if isinstance(report, str) else None)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Executed("damaged")
