"""The report of `longpole scenario`: a numbered list of what failed, and the command that runs that again.

In the text, a label or the scenario's file comes before all that programs say, so that no line of it is a command to a
CI system.
"""

import shlex
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.colour import coloured
from longpole.rts_tests.contracts.harmless import harmless, harmless_note, harmless_text
from longpole.rts_tests.contracts.plan import Unit
from longpole.rts_tests.contracts.quantities import count, seconds
from longpole.rts_tests.contracts.sandbox_paths import without_paths
from longpole.rts_tests.contracts.status import GREEN, UNFINISHED, Status
from longpole.rts_tests.report.formats import builds, real_state
from longpole.rts_tests.report.formats.case_text import counts_text
from longpole.rts_tests.report.formats.text import verdict_colour
from longpole.rts_tests.report.summary import Outcome, Summary

MAX_NAMED = 20
"""Scenarios that were skipped, or not run, that are named."""
MAX_STEPS = 20
"""Failed steps of a scenario that are named."""
MAX_WIDTH = 200
"""Characters of a message."""


@dataclass(frozen=True, slots=True)
class Again:
    """How scenarios are run again: the command without its selectors, and the selector of each module.

    `variants` are those of the run; if all failures are in one of several, the command names it.
    """

    command: tuple[str, ...]
    selectors: Mapping[str, str]
    variants: Sequence[str]

    def command_of(self, unit: Unit) -> str:
        """The command that runs a unit again."""
        return self.line({unit.variant}, [unit.module])

    def line(self, variants: Collection[str], modules: Iterable[str]) -> str:
        """The command that runs these modules in these variants, for a shell."""
        words = list(self.command)
        if len(variants) == 1 and len(self.variants) > 1:
            words += ["--variant", *variants]
        selectors = [self.selectors.get(module, module) for module in modules]
        if any(selector.startswith("-") for selector in selectors):
            words.append("--")
        return shlex.join([*words, *selectors])


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the report has: times and paths only if `timed`, as they differ from run to run.

    `order` has the ids of all units, in the order in which they are listed; sandboxes are `kept` in that folder.
    """

    again: Again
    order: Sequence[str]
    timed: bool
    kept: str | None = None


def scenario_report(summary: Summary, wanted: Wanted, *, files: Sequence[str], colour: bool) -> str:
    """The whole report."""
    places = {name: index for index, name in enumerate(wanted.order)}
    summary = replace(summary, outcomes=tuple(sorted(summary.outcomes, key=lambda each: places.get(each.id, 0))))
    verdict = _verdict(summary, timed=wanted.timed)
    text = harmless_text("\n".join(["", *_body(summary, wanted, files)]))
    return f"{text}{coloured(verdict, verdict_colour(summary)) if colour else verdict}\n"


def _body(summary: Summary, wanted: Wanted, files: Sequence[str]) -> list[str]:
    write = _as_it_is if wanted.timed else without_paths(summary.run.name)
    lines = [line for failed in summary.failed_builds for line in (*builds.section(failed), "")]
    failed = [each for each in summary.outcomes if each.failed and each.status not in UNFINISHED]
    if failed:
        lines.append("failures:")
        for number, outcome in enumerate(failed, 1):
            lines += _failure(number, outcome, wanted, write)
        lines.append("")
    lines += _named("skipped", summary, Status.SKIPPED)
    lines += _named("interrupted", summary, Status.CANCELLED)
    lines += _named("not run", summary, Status.NOT_RUN)
    if section := real_state.section(summary.real_state):
        lines += [*section[1:], ""]
    if failed:
        lines += [f"Reproduce: {_reproduce(failed, wanted.again)}", ""]
    if wanted.kept is not None:
        lines += [f"sandboxes are kept in {wanted.kept}", ""]
    if wanted.timed:
        lines += [f"kept in: {summary.run} ({', '.join([*files, 'units/'])})", ""]
    return [*lines, ""]


def _as_it_is(text: str) -> str:
    return text


def _failure(number: int, outcome: Outcome, wanted: Wanted, write: Callable[[str], str]) -> list[str]:
    """The lines about a failed scenario; `write` changes what its steps say."""
    record, margin = outcome.record, f"{number:3}. "
    cases = [case for case in (record.cases if record else ()) if case.status not in GREEN]
    title = f": {cases[0].class_name}" if cases and cases[0].class_name else ""
    lines = [harmless_note(f"{margin}{outcome.id}{title}")]
    indent = " " * len(margin)
    if record is not None and (not cases or outcome.status not in (Status.FAILED, Status.ERROR)):
        note = record.note if wanted.timed else record.stable_note or record.note
        lines.append(f"{indent}{outcome.status}{f': {harmless_note(note)}' if note else ''}")
    lines += [indent + _step(case, write) for case in cases[:MAX_STEPS]]
    if len(cases) > MAX_STEPS:
        lines.append(f"{indent}and {count(len(cases) - MAX_STEPS, 'more failed step')}")
    if wanted.timed and outcome.log is not None:
        lines.append(f"{indent}log: {harmless(outcome.log, colour=False)}")
    return lines


def _step(case: Case, write: Callable[[str], str]) -> str:
    """`clone/basic.yml:14: Look at the branch: exit_code: ...`."""
    message = next((line for line in (case.message or "").splitlines() if line.strip()), str(case.status))
    parts = [part for part in (case.location, case.name) if part]
    return harmless_note(": ".join([*parts, write(message)[:MAX_WIDTH]]))


def _named(title: str, summary: Summary, status: Status) -> list[str]:
    """The scenarios with this status, with the reason of each that was skipped; nothing if there are none."""
    found = [outcome for outcome in summary.outcomes if outcome.status is status]
    if not found:
        return []
    lines = [f"{title}:"]
    for outcome in found[:MAX_NAMED]:
        note = outcome.record.note if outcome.record is not None and status is Status.SKIPPED else None
        lines.append(f"  {harmless_note(outcome.id)}{f': {harmless_note(note)}' if note else ''}")
    if len(found) > MAX_NAMED:
        lines.append(f"  and {len(found) - MAX_NAMED:,} more")
    return [*lines, ""]


def _reproduce(failed: Sequence[Outcome], again: Again) -> str:
    modules = dict.fromkeys(outcome.id.partition("/")[2] for outcome in failed)
    return harmless(again.line({outcome.variant for outcome in failed}, modules), colour=False)


def _verdict(summary: Summary, *, timed: bool) -> str:
    texts = [counts_text(list(summary.counts.items()), "scenario")]
    steps = Counter(case.status for outcome in summary.outcomes for case in _steps(outcome))
    if steps:
        texts.append(counts_text([(each, steps[each]) for each in Status if steps[each]], "step"))
    if summary.real_state is not None and summary.real_state.changed:
        texts.append(real_state.headline(summary.real_state))
    took = f" in {seconds(summary.makespan.wall_s)}" if timed else ""
    return f"{'; '.join(texts)}{took}"


def _steps(outcome: Outcome) -> list[Case]:
    return [case for case in (outcome.record.cases if outcome.record else ()) if case.name]
