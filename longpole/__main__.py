"""The entry point of `longpole` and of `python -m longpole`."""

import os
import sys


def main() -> None:
    """Run the command line, with no libraries in reach but our own."""
    _leave_pythonpath()
    from longpole.errors_to_messages import exit_with

    exit_with(_command)


def _command() -> int:
    """The exit status of the command that `sys.argv` holds."""
    if sys.argv[1:] == ["--version"]:  # answered before click is imported, which takes longer than all the rest
        from longpole.version import VERSION

        print(f"longpole, version {VERSION}")
        return 0
    from longpole.command_line import cli

    return int(cli.main(prog_name="longpole", standalone_mode=False) or 0)


def _leave_pythonpath() -> None:
    """Take from `sys.path` what the caller's PYTHONPATH put there: it is for the project's programs, which inherit it.

    A `click.py` in there would stand in for ours. The folder that Longpole itself was found in stays.
    """
    own = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    foreign = {os.path.abspath(path) for path in os.environ.get("PYTHONPATH", "").split(os.pathsep)} - {own}
    if not sys.flags.ignore_environment:
        sys.path[:] = [path for path in sys.path if path and os.path.abspath(path) not in foreign]


if __name__ == "__main__":
    main()
