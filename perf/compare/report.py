"""A comparison as text for a terminal, lines of at most 60 columns where names are short."""

from collections.abc import Iterator

from longpole.perf.compare.compare import ALPHA, Basis, Comparison, Difference, Verdict
from longpole.perf.compare.sides import Side
from longpole.perf.compare.words import change, interval, part, probability, quantity
from longpole.rts_tests.contracts.quantities import count

TITLES = {
    Verdict.REGRESSION: "regressions",
    Verdict.IMPROVEMENT: "improvements",
    Verdict.UNCLEAR: "unclear: beyond the threshold, but not told apart",
    Verdict.SAME: "no change beyond the threshold",
}


_CHANGES = (Verdict.REGRESSION, Verdict.IMPROVEMENT)
_MOST = 20
"""Changes of one kind that are listed, unless all are."""


def text(comparison: Comparison, *, every: bool) -> str:
    """The comparison; `every` lists also the series without a change."""
    return "\n".join(_lines(comparison, every=every)) + "\n"


def headline(comparison: Comparison) -> str:
    """How many regressions, improvements, unclear and failed ones there are, in one line."""
    numbers = [(len(comparison.with_verdict(each)), each) for each in Verdict]
    found = {verdict: number for number, verdict in numbers}
    words = [count(found[Verdict.REGRESSION], "regression"), count(found[Verdict.IMPROVEMENT], "improvement")]
    words += [f"{found[Verdict.UNCLEAR]:,} unclear"] if found[Verdict.UNCLEAR] else []
    words += [f"{len(comparison.failed):,} failed"] if comparison.failed else []
    return ", ".join([*words, f"{found[Verdict.SAME]:,} unchanged"])


def side_line(side: Side) -> str:
    """A side: its name, its commits, how many runs it has."""
    commits = side.commits
    named = f" = {commits[0][:12]}" if len(commits) == 1 and not commits[0].startswith(side.name) else ""
    several = f", {count(len(commits), 'commit')}" if len(commits) > 1 else ""
    return f"{side.name}{named}{several}, {count(len(side.results), 'run')}"


def notes(comparison: Comparison) -> Iterator[tuple[str, str]]:
    """What the reader must know of how the values came about: what it is about, empty for everything; a sentence."""
    for platform in comparison.by_reference:
        yield platform, "times are divided by those of the reference workload"
    for (platform, metric), factor in comparison.common.items():
        if change(factor) != change(1.0):
            yield f"{metric}, {platform}", f"{change(factor)} in common is divided out"
    for (platform, metric), factor in comparison.beyond_mood.items():
        yield f"{metric}, {platform}", f"{change(factor)} in common, more than the machine explains"
    bases = {each.basis for each in comparison.differences}
    if Basis.SAMPLES in bases:
        yield "", "samples of one run agree better than runs do"
    if Basis.MEANS in bases:
        yield "", "one mean on each side: the threshold alone decides"
    if any(not each.calibrated for each in comparison.differences):
        yield "", "thresholds marked * are not calibrated"


def evidence(difference: Difference) -> str:
    """What the verdict rests on: `p below 0.001 of 10 and 12 samples; threshold 10 %`."""
    before, after = difference.counts
    what = {
        Basis.EXACT: "exact",
        Basis.MEANS: "one mean each",
        Basis.RUNS: f"{before} and {after} runs",
        Basis.SAMPLES: f"{before} and {after} samples",
    }[difference.basis]
    tested = "" if difference.q_value is None else f"q {probability(difference.q_value)}, "
    if difference.q_value is not None and difference.q_value > ALPHA and difference.verdict in _CHANGES:
        tested = "apart, "
    star = "" if difference.calibrated else "*"
    return f"{tested}{what}; threshold {part(difference.threshold)}{star}"


def _lines(comparison: Comparison, *, every: bool) -> Iterator[str]:
    yield f"before  {side_line(comparison.before)}"
    yield f"after   {side_line(comparison.after)}"
    platforms = {each.platform for each in comparison.differences}
    alone = len(platforms) == 1
    if alone:
        yield f"on      {platforms.pop()}"
    for verdict in Verdict:
        series = comparison.with_verdict(verdict)
        if series and verdict is not Verdict.SAME:
            yield ""
            yield f"{TITLES[verdict]}:"
            for each in series if every else series[:_MOST]:
                yield from _entry(each, alone=alone)
            if len(series) > _MOST and not every:
                yield f"  ... {len(series) - _MOST:,} more; --all lists them"
        elif series and every:
            yield ""
            yield f"{TITLES[verdict]}:"
            yield from (f"  {_name(each, alone=alone)}  {_change(each)}" for each in series)
    for title, pairs in (
        ("failed after, but not before", comparison.failed),
        ("only before", comparison.gone),
        ("only after", comparison.new),
    ):
        if pairs:
            yield ""
            yield f"{title}:"
            yield from (f"  {name}, {platform}" for platform, name in pairs)
    yield ""
    for subject, sentence in notes(comparison):
        yield f"note: {subject}: {sentence}" if subject else f"note: {sentence}"
    yield headline(comparison)


def _entry(difference: Difference, *, alone: bool) -> Iterator[str]:
    yield f"  {_name(difference, alone=alone)}"
    values = f"{quantity(difference.before, difference.unit)} -> {quantity(difference.after, difference.unit)}"
    around = "" if difference.interval is None else f" ({interval(*difference.interval)})"
    yield f"    {_change(difference)}{around}, {values}"
    yield f"    {evidence(difference)}"


def _name(difference: Difference, *, alone: bool) -> str:
    """The series; without its platform where there is no other."""
    return f"{difference.benchmark}, {difference.metric}" + ("" if alone else f", {difference.platform}")


def _change(difference: Difference) -> str:
    return "no ratio" if difference.ratio is None else change(difference.ratio)
