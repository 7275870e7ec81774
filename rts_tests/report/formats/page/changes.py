"""What changed since the previous run, in the HTML report."""

from collections.abc import Iterable, Mapping, Sequence

from longpole.rts_tests.contracts.quantities import seconds
from longpole.rts_tests.report.case_comparison import CasePair
from longpole.rts_tests.report.cases import without_fork
from longpole.rts_tests.report.comparison import Comparison, Pair
from longpole.rts_tests.report.formats.log_html import escape
from longpole.rts_tests.report.formats.page.cases import ClassRow, case_link
from longpole.rts_tests.report.formats.page.failures import unit_link
from longpole.rts_tests.report.summary import Outcome

_TITLES = {
    "worse": "broke: passed before",
    "better": "mended: did not pass before",
    "changed": "another outcome",
    "slower": "slower",
    "faster": "faster",
}
MAX_NAMED = 200
"""Units that are named for each kind of change, those with the largest differences first."""


_TITLES_OF_CASES = {
    **{change: (f"case {title}", f"cases {title}") for change, title in _TITLES.items()},
    "appeared": ("case appeared", "cases appeared"),
    "disappeared": ("case disappeared", "cases disappeared"),
}


def changes(comparison: Comparison | None, classes: Iterable[ClassRow] = ()) -> str:
    """The section of changes, as HTML; empty without an earlier run. `classes` are all those of the later run."""
    if comparison is None:
        return ""
    numbers = {outcome.id: number for number, outcome in enumerate(comparison.after.outcomes)}
    groups = []
    for change, title in _TITLES.items():
        pairs = sorted(comparison.of(change), key=lambda pair: -abs(pair.after.wall_s - pair.before.wall_s))
        if pairs:
            rows = (f'<li data-unit="{numbers[pair.id]}">{_pair(pair)}</li>' for pair in pairs[:MAX_NAMED])
            groups.append(_group(f"{len(pairs):,} {title}", rows, len(pairs)))
    groups += _cases(comparison, classes)
    before = comparison.before
    when = f"{before.info.started_at[:19].replace('T', ' ')} UTC, {before.run.name}"
    nothing = "" if groups else '<p class="note">No outcome and no duration changed by more than it varies anyway.</p>'
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in comparison.notes)
    title = '<div class="title"><h2 id="changes-title">Since the previous run</h2>'
    return (
        f'<section id="changes" aria-labelledby="changes-title">{title}<p class="note">{escape(when)}</p></div>'
        f"{nothing}{''.join(groups)}{notes}</section>"
    )


def _group(title: str, rows: Iterable[str], number: int, *, filtered: bool = True) -> str:
    """A list that can be opened. If it is `filtered`, it disappears when the filter leaves nothing of it."""
    attributes = " data-group" if filtered else ""
    more = f'<p class="note">and {number - MAX_NAMED:,} more</p>' if number > MAX_NAMED else ""
    return f'<details class="names"{attributes}><summary>{title}</summary><ul>{"".join(rows)}</ul>{more}</details>'


def _cases(comparison: Comparison, classes: Iterable[ClassRow]) -> Iterable[str]:
    """The groups of cases that changed. One that is in the page has a link, and hides when the filter hides it."""
    if not comparison.cases.changed:
        return
    units = comparison.after.outcomes
    rows = {(without_fork(units[row.unit].id), row.name): row for row in classes}
    for change, titles in _TITLES_OF_CASES.items():
        pairs = sorted(comparison.cases.of(change), key=lambda pair: -abs(pair.seconds[1] - pair.seconds[0]))
        if pairs:
            title = f"{len(pairs):,} {titles[len(pairs) > 1]}"
            items = (_case(pair, rows, units) for pair in pairs[:MAX_NAMED])
            yield _group(title, items, len(pairs), filtered=change != "disappeared")


def _case(pair: CasePair, rows: Mapping[tuple[str, str], ClassRow], units: Sequence[Outcome]) -> str:
    row = rows.get((pair.unit, pair.case.class_name))
    shown = escape(pair.id)
    attributes = ""
    if row is not None and pair.after is not None:
        shown = case_link(units[row.unit].id, pair.after)
        attributes = f' data-unit="{row.unit}"'
        index = next((index for index, case in enumerate(row.cases, row.first) if case.name == pair.after.name), None)
        attributes += f' data-class="{row.number}"' if index is None else f' data-case="{index}"'
    before, after = pair.seconds
    if pair.ratio:
        how = f"{seconds(before)} to {seconds(after)}"
    elif pair.cases > 1:
        how = f"a class of {pair.cases:,} cases"
    else:
        how = " to ".join(case.status for case in (pair.before, pair.after) if case)
    return f'<li{attributes}>{shown} <span class="why">{escape(how)}</span></li>'


def _pair(pair: Pair) -> str:
    before, after = pair.before, pair.after
    how = f"{seconds(before.wall_s)} to {seconds(after.wall_s)}" if pair.ratio else f"{before.status} to {after.status}"
    return f'{unit_link(pair.id)} <span class="why">{escape(how)}</span>'
