"""The output of the command that lists the classes of forks. A pure function."""

from dataclasses import dataclass

from longpole.rts_tests.contracts.cases import MAX_NAME

MAX_BYTES = 64 * 1024 * 1024
"""Bytes of output that are read; a command that prints more does not list classes."""

_MAX_NAMED = 3


class BadListing(ValueError):
    """The output is no list of classes; the message says why."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The classes, each once, in the order in which they were listed, and a warning about those listed twice."""

    classes: tuple[str, ...]
    warning: str | None = None


def parse_listing(output: bytes) -> Listing:
    """Return the classes in `output`: one a line, in UTF-8; empty lines do not count. Raises `BadListing`.

    A name is refused if it cannot be given to the framework as one line, or shown.
    """
    if len(output) > MAX_BYTES:
        raise BadListing(f"it printed more than {MAX_BYTES >> 20} MiB")
    classes: dict[str, int] = {}
    for number, line in enumerate(output.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        name = _name(number, line.rstrip(b"\r"))
        if name:
            classes[name] = classes.get(name, 0) + 1
    twice = [name for name, times in classes.items() if times > 1]
    return Listing(tuple(classes), _warning(twice) if twice else None)


def _name(number: int, line: bytes) -> str:
    try:
        name = line.decode()
    except UnicodeDecodeError:
        raise BadListing(f"line {number} of its output is not UTF-8: {line[:80]!r}") from None
    if not name.strip():
        return ""
    if any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in name):
        raise BadListing(f"line {number} of its output has control characters: {name[:80]!r}")
    if len(name) > MAX_NAME:
        raise BadListing(f"line {number} of its output has more than {MAX_NAME} characters: {name[:80]!r}...")
    return name


def _warning(twice: list[str]) -> str:
    more = len(twice) - _MAX_NAMED
    names = ", ".join(repr(name) for name in twice[:_MAX_NAMED]) + (f" and {more} more" if more > 0 else "")
    return f"classes that are listed more than once run once: {names}"
