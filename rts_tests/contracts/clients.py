"""The shipped clients of the protocol of forks: `{clients}` in a suite."""

import os
from functools import cache


@cache
def clients_folder() -> str:
    """The absolute path of the folder that holds the clients, in an installation as in a checkout."""
    return os.path.realpath(os.path.join(package_folder(), "clients"))


def package_folder() -> str:
    """The absolute path of Longpole's package, for a Python in which it is not installed."""
    rooms = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return os.path.dirname(rooms)
