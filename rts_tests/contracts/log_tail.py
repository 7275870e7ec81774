"""The end of a log: the one reader of it for the terminal, reports and pages."""

MAX_BYTES = 65_536
"""Bytes of a log in which its last lines are looked for."""


def end_of_log(path: str, size: int) -> tuple[bytes, int]:
    """Return the last `size` bytes of a file, and the number of bytes it has. Raises `OSError`."""
    with open(path, "rb") as file:
        whole = file.seek(0, 2)
        file.seek(max(0, whole - size))
        return file.read(size), whole


def last_lines(data: bytes, count: int) -> list[str]:
    """Return the last `count` lines, of the last MAX_BYTES; what is not UTF-8 is replaced."""
    return data[-MAX_BYTES:].decode(errors="replace").splitlines()[-count:] if count else []


def last_lines_of(path: str, count: int) -> list[str]:
    """Return the last `count` lines of a log on disk; none if it cannot be read, which its run reports."""
    try:
        return last_lines(end_of_log(path, MAX_BYTES)[0], count)
    except OSError:
        return []
