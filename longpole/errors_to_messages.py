"""The one place where errors become messages and exit statuses.

The types of errors are imported only when there is an error, so a command that succeeds does not pay for them.
"""

import os
import sys
from collections.abc import Callable


def exit_with(command: Callable[[], int]) -> None:
    """Call `command` and end the process with the status that it returns, or with that of the error that it raises.

    Errors that a user can mend become a message on standard error; a bug keeps its traceback.
    """
    _open_standard_streams()
    try:
        try:
            status = command()
        finally:
            sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:
        status = _report(error)
    sys.exit(status)


def _report(error: BaseException) -> int:
    """Print the message for `error`; return the exit status. Raises `error` again if it is a bug."""
    import click

    from longpole.rts_tests.contracts.errors import Problem, UseError
    from longpole.rts_tests.contracts.exit_status import ExitStatus
    from longpole.rts_tests.contracts.harmless import harmless_text

    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        return ExitStatus.INTERRUPTED
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, UseError):
        if error.output:
            print(harmless_text(error.output), file=sys.stderr)
        print(f"longpole: {error}", file=sys.stderr)
        return error.exit_code
    if isinstance(error, BrokenPipeError):
        _give_up_standard_output()
        return ExitStatus.BROKEN_PIPE
    if isinstance(error, OSError):
        _give_up_standard_output()
        place = os.fsdecode(error.filename) if error.filename else "standard output"
        print(f"longpole: {Problem(place, None, None, error.strerror or str(error))}", file=sys.stderr)
        return ExitStatus.MISUSE
    raise error


def _give_up_standard_output() -> None:
    """Point standard output to /dev/null: otherwise Python would try to flush it again at exit, and fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _open_standard_streams() -> None:
    """Open /dev/null in place of standard streams that the caller closed (`>&-`).

    Otherwise the next file that is opened would get the descriptor of a standard stream.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            if descriptor != number:
                os.dup2(descriptor, number)
            os.set_inheritable(number, True)
            stream = open(number, "w" if number else "r", encoding="utf-8", closefd=False)  # noqa: SIM115  open until exit
            setattr(sys, name, stream)
