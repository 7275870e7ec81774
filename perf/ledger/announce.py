"""What the gate leaves: text, a step summary, the step's outputs, JSON, and a record of every skip."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from longpole.perf.files import write
from longpole.perf.ledger.gate import Decision, Queue, Trigger
from longpole.perf.model import MAX_TEXT, Skip


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decisions of one gate, one for each platform; `asked` is the commit that triggered, `at` the time."""

    decisions: tuple[Decision, ...]
    asked: str
    trigger: Trigger
    queue: Queue
    at: datetime

    @property
    def matrix(self) -> list[dict[str, str]]:
        """The platforms to measure now, with a commit each."""
        return [{"platform": each.platform, "commit": each.commit} for each in self.decisions if each.commit]

    @property
    def skips(self) -> list[Skip]:
        """A record for each platform that is not measured now."""
        depth = self.queue.depth
        return [
            Skip(each.platform, self.asked, self.at, each.why[:MAX_TEXT], depth, self.trigger.value)
            for each in self.decisions
            if each.commit is None
        ]


def text(verdict: Verdict) -> str:
    """A line for each platform."""
    return "\n".join(
        f"{each.platform}: {f'measure {each.commit[:12]}' if each.commit else 'skip'}: {each.why}"
        for each in verdict.decisions
    )


def as_json(verdict: Verdict) -> dict[str, Any]:
    """The verdict as JSON."""
    return {
        "measure": bool(verdict.matrix),
        "commit": verdict.asked,
        "trigger": verdict.trigger.value,
        "queue_depth": verdict.queue.depth,
        "decisions": [
            {"platform": each.platform, "measure": each.commit is not None, "commit": each.commit, "why": each.why}
            for each in verdict.decisions
        ],
    }


def markdown(verdict: Verdict, subjects: Mapping[str, str]) -> str:
    """The step summary. `subjects` has commits to the first lines of their messages."""
    depth = "" if verdict.queue.depth is None else f", {verdict.queue.depth:,} other runs queued or under way"
    lines = [
        "### Benchmarks: what to measure now",
        "",
        f"Triggered by {verdict.trigger.value} of `{verdict.asked[:12]}`{depth}.",
        "",
        "| platform | decision | why |",
        "|---|---|---|",
        *(_row(each, subjects) for each in verdict.decisions),
    ]
    return "\n".join(lines) + "\n"


def leave(verdict: Verdict, subjects: Mapping[str, str], environ: Mapping[str, str], folder: str | None) -> None:
    """Write the skip records to `folder`, if any, and what GitHub Actions asks for to the files that it names."""
    if folder is not None:
        os.makedirs(folder, exist_ok=True)
        for skip in verdict.skips:
            write(skip, folder)
    outputs = {
        "measure": "true" if verdict.matrix else "false",
        "commit": verdict.matrix[0]["commit"] if verdict.matrix else verdict.asked,
        "matrix": json.dumps(verdict.matrix, separators=(",", ":")),
    }
    _append(environ.get("GITHUB_OUTPUT"), "".join(f"{name}={value}\n" for name, value in outputs.items()))
    _append(environ.get("GITHUB_STEP_SUMMARY"), markdown(verdict, subjects))


def _row(decision: Decision, subjects: Mapping[str, str]) -> str:
    if decision.commit is None:
        what = "skip"
    else:
        subject = _escaped(subjects.get(decision.commit, "")[:MAX_TEXT])
        what = f"measure `{decision.commit[:12]}` {subject}".strip()
    return f"| `{decision.platform}` | {what} | {_escaped(decision.why)} |"


def _escaped(text: str) -> str:
    """Text that Markdown shows as it is, on one line: no markup, no links, no mentions, no cells of a table."""
    kept = "".join(character if character.isprintable() else " " for character in text)
    return "".join(f"&#{ord(each)};" if each in _MARKUP else each for each in kept)


_MARKUP = frozenset("\\`*_{}[]<>#+!|~@&:$")


def _append(path: str | None, text: str) -> None:
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(text)
