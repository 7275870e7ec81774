"""The entry point of `longpole` and of `python -m longpole`."""

import os
import sys


def main() -> None:
    """Run the command line, with our own libraries, whatever PYTHONPATH holds."""
    _look_for_ours_first()
    from longpole.errors_to_messages import exit_with

    exit_with(_command)


def _command() -> int:
    """The exit status of the command that `sys.argv` holds."""
    if sys.argv[1:] == ["--version"]:  # answered before click is imported, which takes longer than all the rest
        from longpole.version import VERSION

        print(f"longpole, version {VERSION}")
        return 0
    if sys.argv[1:2] == ["supervise"] and len(sys.argv) == 4:
        from longpole.supervise import supervise

        return supervise(sys.argv[2], sys.argv[3])
    from longpole.command_line import cli

    return int(cli.main(prog_name="longpole", standalone_mode=False) or 0)


def _look_for_ours_first() -> None:
    """Move what the caller's PYTHONPATH put on `sys.path` to its end, and the current folder that `-m` puts there.

    They are for the project's programs, which inherit PYTHONPATH: a `click.py` in there would stand in for ours. They
    stay on the path because our dependencies may be installed there. `bin/longpole` does the same before it finds us;
    the Makefile needs neither, as it starts Python with -EP.
    """
    if sys.flags.ignore_environment:
        return
    try:
        here = os.getcwd()
    except OSError:  # the folder was removed
        here = "/"
    named = ["", *os.environ.get("PYTHONPATH", "").split(os.pathsep)]
    given = {os.path.normpath(os.path.join(here, path)) for path in named}
    sys.path.sort(key=lambda path: os.path.normpath(os.path.join(here, path)) in given)


if __name__ == "__main__":
    main()
