"""What the process of a fork is given: the values of placeholders, variables, and the file with its classes."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from longpole.rts_tests.contracts.placeholders import PORT, expand

PROTOCOL = "1"
"""The version of the protocol that forks speak."""
CLASSES = "{classes}"
"""The placeholder that is a word of its own, and stands for a word for each class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkArguments:
    """What a fork is given. `fork` is its number, from 0, `forks` how many of them have classes.

    `classes_file` and `queue` are absolute paths; `queue` is None for a fork that is given its classes. `ports` holds
    the number of each `{port:NAME}`.
    """

    fork: int
    forks: int
    threads: int
    classes: tuple[str, ...]
    classes_file: str
    queue: str | None = None
    ports: Mapping[str, int] = field(default_factory=dict)

    @property
    def tag(self) -> str | None:
        """What begins the lines of its log; None if it is the only fork."""
        return None if self.forks == 1 else f"fork-{self.fork}"

    @property
    def values(self) -> dict[str, str]:
        """The values of its placeholders, but for the classes."""
        return {
            "fork": str(self.fork),
            "forks": str(self.forks),
            "threads": str(self.threads),
            "classes_file": self.classes_file,
            "queue": self.queue or "",
            **{f"{PORT}{name}": str(number) for name, number in self.ports.items()},
        }

    @property
    def variables(self) -> dict[str, str]:
        """Its environment variables."""
        queue = {} if self.queue is None else {"LONGPOLE_QUEUE": self.queue}
        return {
            "LONGPOLE_FORK": str(self.fork),
            "LONGPOLE_FORKS": str(self.forks),
            "LONGPOLE_THREADS": str(self.threads),
            "LONGPOLE_CLASSES": self.classes_file,
            **queue,
        }

    @property
    def file(self) -> bytes:
        """The content of the file with its classes."""
        return "".join(f"{name}\n" for name in self.classes).encode()


def expanded_words(
    words: tuple[str, ...], values: Mapping[str, str], many: Mapping[str, tuple[str, ...]], *, shell: bool
) -> tuple[str, ...]:
    """The words of a command; `values` are quoted for a shell if it uses one.

    `many` has the words of placeholders such as `{classes}`, which become a word each; in a shell's text, the words
    with spaces between.
    """
    if shell:
        joined = {**values, **{name[1:-1]: " ".join(map(shlex.quote, each)) for name, each in many.items()}}
        return tuple(expand(word, joined) for word in words)
    return tuple(each for word in words for each in (many[word] if word in many else (expand(word, values),)))
