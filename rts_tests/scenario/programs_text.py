"""What a step does with a background program, in a few words: for logs, and for scenarios that are shown."""

import signal

from longpole.rts_tests.scenario.model import Step


def about_program(step: Step) -> str:
    """What a step without a command line does; empty for any other step."""
    if step.stop is not None:
        return f"stop {step.stop.name} by {signal_name(step.stop.signal)}"
    return "" if step.wait is None else f"wait for {step.wait}"


def about_background(step: Step, ready: str) -> str:
    """How a command line goes on running; empty if it does not. `ready` is the text of `step.ready`, expanded."""
    if step.background is None:
        return ""
    condition = "" if step.ready is None else f", ready by {step.ready.kind}: {ready}"
    return f"in the background as {step.background}{condition}"


def signal_name(number: int) -> str:
    """The name of a signal, as `SIGTERM`."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
