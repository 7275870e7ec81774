"""What changed since the previous run, in the HTML report."""

from longpole.rts_tests.contracts.quantities import seconds
from longpole.rts_tests.report.comparison import Comparison, Pair
from longpole.rts_tests.report.formats.log_html import escape
from longpole.rts_tests.report.formats.page.failures import unit_link

_TITLES = {
    "worse": "broke: passed before",
    "better": "mended: did not pass before",
    "changed": "another outcome",
    "slower": "slower",
    "faster": "faster",
}
MAX_NAMED = 200
"""Units that are named for each kind of change, those with the largest differences first."""


def changes(comparison: Comparison | None) -> str:
    """The section of changes, as HTML; empty without an earlier run."""
    if comparison is None:
        return ""
    numbers = {outcome.id: number for number, outcome in enumerate(comparison.after.outcomes)}
    groups = []
    for change, title in _TITLES.items():
        pairs = sorted(comparison.of(change), key=lambda pair: -abs(pair.after.wall_s - pair.before.wall_s))
        if pairs:
            rows = "".join(f'<li data-unit="{numbers[pair.id]}">{_pair(pair)}</li>' for pair in pairs[:MAX_NAMED])
            more = f'<p class="note">and {len(pairs) - MAX_NAMED:,} more</p>' if len(pairs) > MAX_NAMED else ""
            count = f"<summary>{len(pairs):,} {title}</summary>"
            groups.append(f'<details class="names" data-group>{count}<ul>{rows}</ul>{more}</details>')
    before = comparison.before
    when = f"{before.info.started_at[:19].replace('T', ' ')} UTC, {before.run.name}"
    nothing = "" if groups else '<p class="note">No outcome and no duration changed by more than it varies anyway.</p>'
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in comparison.notes)
    title = '<div class="title"><h2 id="changes-title">Since the previous run</h2>'
    return (
        f'<section id="changes" aria-labelledby="changes-title">{title}<p class="note">{escape(when)}</p></div>'
        f"{nothing}{''.join(groups)}{notes}</section>"
    )


def _pair(pair: Pair) -> str:
    before, after = pair.before, pair.after
    how = f"{seconds(before.wall_s)} to {seconds(after.wall_s)}" if pair.ratio else f"{before.status} to {after.status}"
    return f'{unit_link(pair.id)} <span class="why">{escape(how)}</span>'
