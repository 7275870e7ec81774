"""Tables for the terminal."""

from collections.abc import Sequence


def text_table(rows: Sequence[Sequence[str]], align: str) -> str:
    """The rows as lines, each column as wide as it needs to be, two spaces apart.

    `align` has a character for each column: `<` puts it at the left, `>` at the right. A heading is a row.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    cells = (
        (cell.rjust(width) if side == ">" else cell.ljust(width))
        for row in rows
        for cell, width, side in zip(row, widths, align, strict=True)
    )
    return "\n".join("  ".join(next(cells) for _ in row).rstrip() for row in rows)
