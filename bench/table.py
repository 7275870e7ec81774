"""Printing what was found: columns for people, nothing that needs a wide terminal."""

from collections.abc import Sequence

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
    """Three significant digits, without an exponent."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def comparison_lines(comparison: Comparison) -> list[str]:
    """One row a contender, quickest first."""
    base = comparison.measured[comparison.base]
    rows = [("", "wall s", "CPU s", "ms/unit", "ratio", "others")]
    for name, measured in sorted(comparison.measured.items(), key=lambda item: item[1].wall_s):
        others = "?" if measured.others is None else f"{measured.others:.0%}"
        each = number(measured.wall_s / comparison.unit_count * 1000)
        ratio = number(measured.wall_s / base.wall_s)
        rows.append((name, number(measured.wall_s), number(measured.cpu_s), each, ratio, others))
    rounds = len(base.samples)
    title = f"{comparison.title}; medians of {rounds} round{'s' if rounds > 1 else ''}, ratios to `{comparison.base}`"
    return [title, *columns(rows)]


def figure_lines(figures: Sequence[Figure]) -> list[str]:
    """One row a figure, with its budget and whether it is kept."""
    rows = [("", "measured", "budget", "")]
    for figure in figures:
        budget = "" if figure.budget is None else f"{number(figure.budget)} {figure.unit}"
        rows.append((figure.what, f"{number(figure.value)} {figure.unit}", budget, figure.verdict))
    return columns(rows)


def result_text(result: Result) -> str:
    """Everything that a benchmark found, as text."""
    blocks = [comparison_lines(comparison) for comparison in result.comparisons]
    if result.figures:
        blocks.append(figure_lines(result.figures))
    said = [*result.notes, *(f"left out: {what}" for what in result.left_out)]
    if said:
        blocks.append(said)
    body = "\n\n".join("\n".join(f"  {line}" for line in block) for block in blocks)
    return f"{result.name}\n\n{body}\n"
