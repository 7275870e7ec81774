"""`longpole init --verify`: the cases of a run are the tests of the project's own runner, each once. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.quantities import count
from longpole.rts_tests.contracts.status import Status

MAX_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a variant ran, compared with what it should have run; names in the order of the runner."""

    variant: str
    tests: int
    missing: tuple[str, ...]
    """Tests that no unit ran."""
    twice: tuple[str, ...]
    """Tests that several units ran, or one unit several times."""
    unknown: tuple[str, ...]
    """Cases that are no tests of the runner."""

    @property
    def holds(self) -> bool:
        """Whether each test ran once, and nothing else."""
        return not (self.missing or self.twice or self.unknown)

    def __str__(self) -> str:
        if self.holds:
            return f"{self.variant}: {count(self.tests, 'test')}, each run once"
        lines = [f"{self.variant}: not the tests of the project's own runner"]
        for what, names in (("not run", self.missing), ("run twice", self.twice), ("unknown", self.unknown)):
            if names:
                more = f" and {len(names) - MAX_SHOWN} more" if len(names) > MAX_SHOWN else ""
                lines.append(f"  {what}: {', '.join(names[:MAX_SHOWN])}{more}")
        return "\n".join(lines)


def names_that_ran(cases: Iterable[tuple[Case, str | None]]) -> list[str]:
    """The tests that a unit ran, of its cases with the names that the runner gives them.

    Different cases of one class may have the same name: they are parts of one test, which tells of its own tests.
    """
    times: dict[tuple[str, str], Counter[str]] = {}
    for case, name in cases:
        if case.status is not Status.NOT_RUN and name is not None:
            times.setdefault((case.class_name, name), Counter())[case.name] += 1
    return [name for (_, name), of_parts in times.items() for _ in range(max(of_parts.values()))]


def verdicts(names: Collection[str], ran: Mapping[str, Iterable[str]]) -> list[Verdict]:
    """One for each variant; `ran` has the name of every case that ran, by variant.

    A name that the runner gives to several tests is to be there as often.
    """
    wanted = Counter(names)
    found = []
    for variant, cases in ran.items():
        times = Counter(cases)
        found.append(
            Verdict(
                variant,
                wanted.total(),
                tuple(name for name in wanted if times[name] < wanted[name]),
                tuple(name for name, number in times.items() if number > max(1, wanted[name])),
                tuple(name for name in times if name not in wanted),
            )
        )
    return found
