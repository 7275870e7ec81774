"""The entry point of `longpole` and of `python -m longpole`."""

import os
import sys


def main() -> None:
    """Run the command line, with our own libraries, whatever PYTHONPATH holds."""
    _look_for_ours_first()
    from longpole.errors_to_messages import exit_with

    exit_with(_command)


def _command() -> int:
    """Run the command in `sys.argv`; return its exit status."""
    if sys.argv[1:] == ["--version"]:  # answered before click is imported, which takes longer than all the rest
        from longpole.version import VERSION

        print(f"longpole, version {VERSION}")
        return 0
    if sys.argv[1:2] == ["supervise"] and len(sys.argv) in (4, 5):
        from longpole.supervise import supervise

        return supervise(*sys.argv[2:])
    if sys.argv[1:2] == ["no-such-target"] and len(sys.argv) == 4:
        from longpole.no_such_target import no_such_target

        return no_such_target(*sys.argv[2:])
    from longpole.command_line import cli

    return int(cli.main(prog_name="longpole", standalone_mode=False) or 0)


def _look_for_ours_first() -> None:
    """Move the entries of PYTHONPATH, and the current folder that `-m` adds, to the end of `sys.path`.

    PYTHONPATH is meant for the project's own programs: a `click.py` in it would replace ours. Its entries stay on the
    path because our dependencies may be installed there. `bin/longpole` does the same before it imports Longpole. The
    Makefile needs neither, because it starts Python with -EP.
    """
    if sys.flags.ignore_environment:
        return
    try:
        here = os.getcwd()
    except OSError:  # the folder was removed
        here = "/"
    entries = ["", *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    of_caller = {os.path.normpath(os.path.join(here, path)) for path in entries}
    sys.path.sort(key=lambda path: os.path.normpath(os.path.join(here, path)) in of_caller)


if __name__ == "__main__":
    main()
