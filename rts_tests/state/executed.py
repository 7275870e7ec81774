"""`executions.json`: what a run of executions was for, and what it found. Its report is kept as it was printed."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from longpole.rts_tests.contracts.files import write_atomic
from longpole.rts_tests.contracts.records import VERSION, encode
from longpole.rts_tests.state.run_folders import EXECUTIONS


@dataclass(frozen=True, slots=True)
class Executed:
    """`kind` is `stress` or `shrink`; `counts` is status to number of executions; no report before the run's end."""

    kind: str
    counts: Mapping[str, int] = field(default_factory=dict)
    report: str | None = None


def write_executed(run: Path, executed: Executed) -> None:
    """Write it by rename; raises `OSError`."""
    write_atomic(run / EXECUTIONS, encode(asdict(executed)))


def read_executed(run: str | os.PathLike[str]) -> Executed | None:
    """What a run of executions left; None of a test run. A file that is damaged says nothing but that it is there."""
    try:
        data = json.loads(Path(run, EXECUTIONS).read_bytes())
        if data["version"] != VERSION:
            return Executed("another version")
        counts = {str(status): int(number) for status, number in data["counts"].items()}
        report = data["report"]
        return Executed(str(data["kind"]), counts, report if isinstance(report, str) else None)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Executed("damaged")
