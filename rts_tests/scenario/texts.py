"""The texts of a step in which variables are replaced, one after the other: for whoever searches them."""

from collections.abc import Iterator

from longpole.rts_tests.scenario.model import Step


def texts_of(step: Step) -> Iterator[str]:
    """All that the step runs, reads, types, waits for and expects."""
    yield step.run
    yield step.cwd or ""
    yield step.input.stdin or ""
    if step.ready is not None:
        yield step.ready.text
    for exchange in step.input.dialog:
        yield exchange.wait
        yield exchange.send
    for check in step.checks:
        yield from check.texts
