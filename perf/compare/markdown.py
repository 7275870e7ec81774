"""A comparison as Markdown for a pull request: a headline, a table of what changed, and the rest folded."""

from collections.abc import Iterator, Sequence

from longpole.perf.compare.compare import Comparison, Difference, Verdict
from longpole.perf.compare.report import evidence, headline, notes, side_line
from longpole.perf.compare.words import change, interval, quantity

_SIGNS = {Verdict.REGRESSION: "🔴", Verdict.IMPROVEMENT: "🟢", Verdict.UNCLEAR: "⚪", Verdict.SAME: ""}
_HEAD = (
    "| | benchmark | metric | platform | change | interval | before | after | evidence |",
    "|-|-|-|-|-:|-|-:|-:|-|",
)


def markdown(comparison: Comparison) -> str:
    """The comparison; names from results cannot be markup, mention anybody or close an issue."""
    return "\n".join(_lines(comparison)) + "\n"


def escaped(text: str) -> str:
    """A name in a cell: everything that could mean something to Markdown, HTML or GitHub is a number of a character."""
    plain = "".join(each if each.isalnum() or each in " -,=" else f"&#{ord(each)};" for each in text)
    return f"<code>{plain}</code>"


def _lines(comparison: Comparison) -> Iterator[str]:
    yield f"### Performance: {headline(comparison)}"
    yield ""
    yield f"{escaped(side_line(comparison.before))} → {escaped(side_line(comparison.after))}"
    changed = [
        each
        for verdict in (Verdict.REGRESSION, Verdict.IMPROVEMENT, Verdict.UNCLEAR)
        for each in comparison.with_verdict(verdict)
    ]
    if changed:
        yield from ("", *_table(changed))
    for title, pairs in (
        ("Failed after, but not before", comparison.failed),
        ("Only before", comparison.gone),
        ("Only after", comparison.new),
    ):
        if pairs:
            listed = ", ".join(f"{escaped(name)} ({escaped(platform)})" for platform, name in pairs)
            yield from ("", f"**{title}:** {listed}")
    same = comparison.with_verdict(Verdict.SAME)
    if same:
        yield from ("", "<details>", f"<summary>{len(same):,} without a change beyond the threshold</summary>", "")
        yield from (*_table(same), "", "</details>")
    sentences = list(notes(comparison))
    if sentences:
        yield from ("", "<details>", "<summary>How to read this</summary>", "")
        for subject, sentence in sentences:
            yield f"- {escaped(subject)}: {sentence}" if subject else f"- {sentence}"
        yield from ("", "</details>")


def _table(differences: Sequence[Difference]) -> Iterator[str]:
    yield from _HEAD
    for each in differences:
        cells = (
            _SIGNS[each.verdict],
            escaped(each.benchmark),
            escaped(each.metric),
            escaped(each.platform),
            "" if each.ratio is None else change(each.ratio),
            "" if each.interval is None else interval(*each.interval),
            quantity(each.before, each.unit),
            quantity(each.after, each.unit),
            evidence(each),
        )
        yield f"| {' | '.join(cells)} |"
