"""What `longpole perf simulate` prints."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from longpole.perf.ledger.simulate import Coverage, Outcome
from longpole.perf.text_table import text_table
from longpole.rts_tests.contracts.quantities import count, seconds


@dataclass(frozen=True, slots=True)
class Replay:
    """A platform's history: how many runs of it there were and how many commits they measured, and what the gate does.

    `elsewhere` is how many of the runs were of commits that are not of the main branch; these are not replayed.
    """

    runs: int
    measured: int
    elsewhere: int
    outcome: Outcome

    @property
    def coverage(self) -> Coverage:
        """What becomes of the one platform of the outcome."""
        return self.outcome.platforms[0]

    @property
    def times(self) -> float:
        """How many times as many commits are measured."""
        return self.coverage.measured / self.measured if self.measured else 0.0


def made_up_text(heading: str, outcome: Outcome) -> str:
    """What became of arrivals by a rate; `heading` says which."""
    rows = [
        (
            each.platform,
            f"{each.runs:,}",
            f"{each.skipped:,}",
            f"{each.measured:,}",
            f"{each.covered:,}",
            _share(each.covered, outcome.commits),
            _duration(each.median_latency_s),
            _duration(each.p90_latency_s),
        )
        for each in outcome.platforms
    ]
    head = ("platform", "runs", "skipped", "measured", "covered", "", "median latency", "90 %")
    return f"{heading}\n{_queue(outcome)}\n\n{text_table([head, *rows], '<>>>>>>>')}"


def replay_text(heading: str, replays: Sequence[Replay]) -> str:
    """What became of a history; `heading` says which."""
    rows = [
        (
            each.coverage.platform,
            f"{each.runs:,}",
            f"{each.measured:,}",
            f"{each.coverage.runs:,}",
            f"{each.coverage.measured:,}",
            f"{each.times:.1f}",
            f"{each.coverage.covered:,}",
            _duration(each.coverage.median_latency_s),
            _duration(each.coverage.p90_latency_s),
        )
        for each in replays
    ]
    head = ("platform", "runs were", "measured", "runs are", "measured", "times", "covered", "median latency", "90 %")
    notes = [
        f"{each.coverage.platform}: {count(each.elsewhere, 'run')} of commits that are not of this branch left out"
        for each in replays
        if each.elsewhere
    ]
    queue = [f"{each.coverage.platform}: {_queue(each.outcome)}" for each in replays]
    return "\n".join([heading, *notes, "", text_table([head, *rows], "<>>>>>>>>"), "", *queue])


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """An outcome as JSON. Latencies are in seconds."""
    return {
        "arrivals": outcome.arrivals,
        "commits": outcome.commits,
        "queue": {"max": outcome.max_queue, "mean": outcome.mean_queue},
        "platforms": [{**asdict(each), "measured": each.measured} for each in outcome.platforms],
    }


def replay_json(replay: Replay) -> dict[str, Any]:
    """A replay as JSON: what there was, and what becomes of it."""
    was = {"runs": replay.runs, "measured": replay.measured, "elsewhere": replay.elsewhere}
    return {"was": was, "times": replay.times, **outcome_json(replay.outcome)}


def _queue(outcome: Outcome) -> str:
    return f"queue: {count(outcome.max_queue, 'run')} at most, {outcome.mean_queue:.1f} on average"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _duration(value: float | None) -> str:
    return "-" if value is None else seconds(value)
