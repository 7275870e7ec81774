"""The reader for the results that the suite names. A reader is imported when there is something to read."""

from collections.abc import Sequence

from longpole.rts_tests.contracts.plan_parts import PlanResults
from longpole.rts_tests.results.told import Reader

ON_STDOUT = frozenset({"protocol", "tap", "libtest", "go"})
"""Sources that are read from standard output, which then has a pipe of its own."""


def reader_for(results: PlanResults, given: Sequence[str] | None, tag: str | None) -> Reader:
    """Return a reader for one attempt; `given` and `tag` are for forks: their classes, and what begins their lines."""
    if results.source == "protocol":
        from longpole.rts_tests.results.protocol import ProtocolReader

        return ProtocolReader(given, tag)
    from longpole.rts_tests.results.of_classes import OfClasses

    if results.source == "tap":
        from longpole.rts_tests.results.tap import TapReader

        return OfClasses(TapReader(), given, names_classes=False)
    if results.source == "libtest":
        from longpole.rts_tests.results.libtest import LibtestReader

        return OfClasses(LibtestReader(), given, names_classes=False)
    if results.source == "go":
        from longpole.rts_tests.results.go_test import GoReader

        return OfClasses(GoReader(), given, names_classes=False)
    from longpole.rts_tests.results.junit import JunitReader

    return OfClasses(JunitReader(results.path or "*.xml"), given, names_classes=True)
