"""What a bisection found and proposes, as text and as JSON."""

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import exp
from typing import Any

from longpole.perf.commits import Commits
from longpole.perf.compare.bisection import Answer, State
from longpole.perf.compare.ranges import Question
from longpole.perf.compare.words import change, part
from longpole.rts_tests.contracts.quantities import count

VERSION = 1
_PLACEHOLDER = re.compile(r"\{(commit|platform|benchmarks|repeats)\}")


@dataclass(frozen=True, slots=True)
class Job:
    """Runs to make on one platform of one commit, for one or more benchmarks: each run may serve several bisections."""

    platform: str
    commit: str
    repeats: int
    benchmarks: tuple[str, ...]


def jobs_of(answers: Sequence[tuple[Question, Answer]]) -> tuple[Job, ...]:
    """The runs of all bisections in the order in which to make them: those first that serve most, then as proposed."""
    merged: dict[tuple[str, str], Job] = {}
    for question, answer in answers:
        for step in answer.steps:
            key = question.platform, step.commit
            job = merged.get(key, Job(*key, 0, ()))
            benchmarks = tuple(dict.fromkeys((*job.benchmarks, question.benchmark)))
            merged[key] = Job(*key, max(job.repeats, step.repeats), benchmarks)
    return tuple(sorted(merged.values(), key=lambda job: -len(job.benchmarks)))


def worth_it(answers: Sequence[tuple[Question, Answer]]) -> list[tuple[Question, Answer]]:
    """Of several bisections those whose series became worse, or may have; a single one as it is."""
    if len(answers) == 1:
        return list(answers)
    return [(question, answer) for question, answer in answers if _may_be_worse(question, answer)]


def _may_be_worse(question: Question, answer: Answer) -> bool:
    if answer.change is None:
        return True
    worse = answer.change if question.lower_is_better else -answer.change
    return worse > question.asked.least / 2 and answer.state is not State.NO_CHANGE


def command_of(template: str, job: Job) -> str:
    """The command line of a job: the template with `{commit}`, `{platform}`, `{benchmarks}` and `{repeats}` quoted."""
    values = {
        "commit": shlex.quote(job.commit),
        "platform": shlex.quote(job.platform),
        "benchmarks": shlex.join(job.benchmarks),
        "repeats": str(job.repeats),
    }
    return _PLACEHOLDER.sub(lambda match: values[match[1]], template)


def text(answers: Sequence[tuple[Question, Answer]], commits: Commits, template: str) -> str:
    """The bisections: what is known of each, and the runs to make."""
    return "\n".join(_lines(answers, commits, template)) + "\n"


def as_json(answers: Sequence[tuple[Question, Answer]], template: str) -> dict[str, Any]:
    """The bisections as a JSON object; docs/perf-compare.md describes the fields."""
    return {
        "version": VERSION,
        "bisections": [_object(question, answer) for question, answer in answers],
        "runs": [{**asdict(job), "command": command_of(template, job)} for job in jobs_of(worth_it(answers))],
    }


def _object(question: Question, answer: Answer) -> dict[str, Any]:
    return {
        "platform": question.platform,
        "benchmark": question.benchmark,
        "metric": question.metric,
        "good": question.asked.commits[0],
        "bad": question.asked.commits[-1],
        "commits": len(question.asked.commits) - 1,
        "noise": question.asked.noise,
        "noise_pairs": question.noise_pairs,
        "state": answer.state,
        "ratio": None if answer.change is None else exp(answer.change),
        "suspects": list(answer.suspects),
        "probability": answer.probability,
        "runs_left": answer.left,
        "steps": [asdict(step) for step in answer.steps],
    }


def _lines(answers: Sequence[tuple[Question, Answer]], commits: Commits, template: str) -> Iterator[str]:
    shown = worth_it(answers)
    for question, answer in shown:
        yield from _bisection(question, answer, commits)
    if len(shown) < len(answers):
        yield f"{len(answers) - len(shown):,} of {len(answers):,} series became no worse, or by no more than noise"
    jobs = jobs_of(shown)
    if jobs:
        yield "make these runs, then ask again:"
    for job in jobs:
        yield f"  {count(job.repeats, 'run')} of {_named(job.commit, commits)} on {job.platform}"
        yield f"    {command_of(template, job)}"


def _bisection(question: Question, answer: Answer, commits: Commits) -> Iterator[str]:
    asked = question.asked
    yield f"{question.benchmark}, {question.metric}, {question.platform}"
    known = f"from {count(question.noise_pairs, 'pair')} of runs" if question.noise_pairs else "assumed"
    ratio = "not known yet" if answer.change is None else change(exp(answer.change))
    yield f"  change {ratio}, noise {part(asked.noise)} ({known})"
    yield f"  {asked.commits[0][:12]} to {asked.commits[-1][:12]}: {count(len(asked.commits) - 1, 'commit')}"
    if answer.state is State.NO_CHANGE:
        yield "  these two do not differ by more than noise"
    elif answer.state is State.FOUND:
        yield "  found:" if len(answer.suspects) == 1 else "  one of these; not all of them can be measured:"
        yield from (f"    {_named(commit, commits)}" for commit in answer.suspects)
    else:
        yield f"  {count(len(answer.suspects), 'suspect')}; about {count(answer.left, 'more run')}"


def _named(commit: str, commits: Commits) -> str:
    subject = commits.commits[commits.positions[commit]].subject
    return f"{commit[:12]}  {subject[:40]}".rstrip()
