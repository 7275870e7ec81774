"""Results as text: columns for people, and the same as Markdown."""

from collections.abc import Mapping, Sequence
from statistics import median

from bench.measure import Measured, differences, wall_s
from bench.result import Comparison, Figure, Result


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines, two spaces between columns; the first column is text, the others numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        first, *rest = [
            cell.rjust(width) if index else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join([first, *rest]).rstrip())
    return lines


def number(value: float) -> str:
    """Three significant digits or so, without an exponent."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread(values: Sequence[float]) -> str:
    """The least and the greatest value; nothing for a single one."""
    return f"{number(min(values))}-{number(max(values))}" if len(values) > 1 else ""


def markdown(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as a Markdown table, the first of them its head."""
    head, *body = [f"| {' | '.join(row)} |".replace("|  |", "| |").replace("|  |", "| |") for row in rows]
    return [head, f"|---{'|---:' * (len(rows[0]) - 1)}|", *body]


def _comparison_rows(comparison: Comparison) -> list[list[str]]:
    """One row a contender, quickest first, below the names of the columns."""
    base = comparison.measured[comparison.base]
    over_bare = ["over bare ms"] if comparison.bare else []
    on_disk = ["disk: wall s", "min-max", *over_bare] if comparison.on_disk else []
    rows = [["", "wall s", "min-max", "CPU s", "ratio", *over_bare, "others", *on_disk]]
    for name, measured in sorted(comparison.measured.items(), key=lambda item: item[1].wall_s):
        others = "?" if measured.others is None else f"{measured.others:.0%}"
        ratio = number(measured.wall_s / base.wall_s)
        row = [name, number(measured.wall_s), spread(measured.values(wall_s)), number(measured.cpu_s), ratio]
        row += [*_over_bare(comparison, comparison.measured, name), others]
        if on_disk:
            there = comparison.on_disk.get(name)
            row += ["", ""] if there is None else [number(there.wall_s), spread(there.values(wall_s))]
            row += _over_bare(comparison, comparison.on_disk, name)
        rows.append(row)
    return rows


def _title(comparison: Comparison) -> str:
    rounds = len(comparison.measured[comparison.base].samples)
    return f"{comparison.title}; medians of {rounds} round{'s' if rounds > 1 else ''}, ratios to `{comparison.base}`"


def _over_bare(comparison: Comparison, measured: Mapping[str, Measured], name: str) -> list[str]:
    """Milliseconds a unit over the bare command: no cell where there is no such column, else one that may be empty."""
    if not comparison.bare:
        return []
    bare = comparison.bare.get(name)
    if bare is None or name not in measured or bare not in measured:
        return [""]
    return [number(median(differences(measured[name], measured[bare], wall_s)) / comparison.unit_count * 1000)]


def _figure_rows(figures: Sequence[Figure]) -> list[list[str]]:
    """One row a figure, with its spread, its budget and goal, and whether the budget is kept."""
    compared = any(figure.against for figure in figures)
    rows = [["", "measured", "min-max", *(["against", "min-max"] if compared else []), "budget", "goal", ""]]
    for figure in figures:
        row = [figure.what, f"{number(figure.value)} {figure.unit}", spread(figure.values)]
        if compared:
            there = figure.against
            row += [f"{number(median(there))} {figure.unit}", spread(there)] if there else ["", ""]
        budget = figure.budget
        row.append("" if budget is None else f"{number(budget.most)} {figure.unit}")
        row.append("" if budget is None or budget.goal is None else f"{number(budget.goal)} {figure.unit}")
        rows.append([*row, figure.verdict])
    return rows


def result_text(result: Result) -> str:
    """Everything that a benchmark found, as text."""
    blocks = [[_title(comparison), *columns(_comparison_rows(comparison))] for comparison in result.comparisons]
    if result.figures:
        blocks.append(columns(_figure_rows(result.figures)))
    remarks = _remarks(result)
    if remarks:
        blocks.append(remarks)
    body = "\n\n".join("\n".join(f"  {line}" for line in block) for block in blocks)
    return f"{result.name}\n\n{body}\n"


def result_markdown(result: Result) -> str:
    """The same as Markdown, for docs/performance.md."""
    blocks = [f"### {result.name}"]
    for comparison in result.comparisons:
        blocks += [f"{_title(comparison)}:", "\n".join(markdown(_comparison_rows(comparison)))]
    if result.figures:
        blocks.append("\n".join(markdown(_figure_rows(result.figures))))
    blocks += _remarks(result)
    return "\n\n".join(blocks) + "\n"


def _remarks(result: Result) -> list[str]:
    return [*result.notes, *(f"left out: {what}" for what in result.left_out)]
