"""What is read of a log for the terminal, reports and pages; the rest of a long log costs nothing."""

from longpole.rts_tests.contracts.excerpt import GAP, excerpt

HEAD_BYTES = 64 * 1024
TAIL_BYTES = 192 * 1024
"""Bytes at the beginning and at the end of a log in which its excerpt is looked for."""


def end_of_log(path: str, size: int) -> tuple[bytes, int]:
    """Return the last `size` bytes of a file, and the number of bytes it has. Raises `OSError`."""
    with open(path, "rb") as file:
        whole = file.seek(0, 2)
        file.seek(max(0, whole - size))
        return file.read(size), whole


READ_WHOLE = HEAD_BYTES + TAIL_BYTES


def lines_of(head: bytes, tail: bytes = b"") -> list[str]:
    """Return the lines of a log; there is a gap before `tail`. What is not UTF-8 is replaced."""
    lines = head.decode(errors="replace").splitlines()
    return [*lines, GAP, *tail.decode(errors="replace").splitlines()] if tail else lines


def excerpt_in(data: bytes, count: int) -> list[str]:
    """Return the excerpt of a log in memory, `count` lines."""
    if len(data) <= READ_WHOLE:
        return excerpt(lines_of(data), count)
    return excerpt(lines_of(data[:HEAD_BYTES], data[-TAIL_BYTES:]), count)


def excerpt_of(path: str, count: int) -> list[str]:
    """Return the excerpt of a log on disk, `count` lines; none if it cannot be read, which its run reports."""
    if count == 0:
        return []
    try:
        with open(path, "rb") as file:
            head = file.read(READ_WHOLE)
            size = file.seek(0, 2)
            if size <= READ_WHOLE:
                return excerpt(lines_of(head), count)
            file.seek(size - TAIL_BYTES)
            return excerpt(lines_of(head[:HEAD_BYTES], file.read(TAIL_BYTES)), count)
    except OSError:
        return []
