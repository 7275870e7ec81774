"""The working directory of this process, which a process that it starts inherits."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def entered(path: str | None) -> Iterator[None]:
    """Be in the folder `path` for a moment, or stay here for None. Raises `OSError` if it cannot be entered.

    `posix_spawn` cannot change the working directory. This process must have one thread.
    """
    if path is None:
        yield
        return
    here = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.chdir(path)
        yield
    finally:
        os.fchdir(here)
        os.close(here)
