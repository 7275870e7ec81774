"""The entry point of `longpole` and of `python -m longpole`."""

import os
import sys


def main() -> None:
    """Run the command line, with none but our own libraries in reach."""
    _leave_pythonpath()
    from longpole.cli import main as command_line

    command_line()


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
