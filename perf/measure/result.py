"""From what was measured to a result file."""

import os
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from longpole.perf import model
from longpole.perf.importers.metrics import named_apart
from longpole.perf.measure.commit import measured_commit
from longpole.perf.measure.machine import machine
from longpole.perf.measure.measure import Measured
from longpole.perf.measure.reference import reference_name
from longpole.perf.platforms import this_platform
from longpole.rts_tests.contracts.errors import UseError


@dataclass(frozen=True, slots=True)
class About:
    """What a result says besides what was measured; `tool` is the name and version of the program that measured."""

    platform: str
    commit: str
    reason: str | None
    tool: str
    seed: int


def about(file: str, *, commit: str | None, platform: str | None, reason: str | None, tool: str, seed: int) -> About:
    """What the result of the benchmarks in `file` is going to say, by the options of the command.

    Raises `UseError` if no result may say it; it is called before anything is measured.
    """
    try:
        TypeAdapter(model.Text | None).validate_python(reason)
    except ValidationError:
        remedy = f"write one line of at most {model.MAX_TEXT} characters"
        raise UseError.at("--reason", "cannot be written into a result", remedy) from None
    return About(
        platform or this_platform(), measured_commit(os.path.dirname(os.path.abspath(file)), commit), reason, tool, seed
    )


def result_of(measured: Measured, about: About) -> model.Result:
    """The result, with the fingerprint of this machine."""
    described = machine()
    if measured.reference is not None:
        described["reference"] = reference_name()
    return model.Result(
        platform=about.platform,
        commit=about.commit,
        measured_at=measured.measured_at,
        benchmarks=named_apart((*measured.benchmarks, *measured.of_runs)),
        failures=measured.failures,
        reason=about.reason,
        tool=about.tool,
        machine=described,
        reference=measured.reference,
        seed=about.seed,
    )
