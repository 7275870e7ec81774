"""The shipped clients of the protocol of forks: `{clients}` in a suite."""

import os


def clients_folder() -> str:
    """The absolute path of the folder that holds the clients, in an installation as in a checkout."""
    rooms = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return os.path.realpath(os.path.join(os.path.dirname(rooms), "clients"))
