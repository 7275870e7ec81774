"""Work that several processes begin at the same moment."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path


def at_once(work: Callable[[Path, int, Barrier], None], folder: Path, number: int) -> None:
    """Call `work` in so many processes, and see all of them succeed.

    Each is given the folder, its number, and a barrier at which it is to wait for the others.
    """
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(number)
    workers = [context.Process(target=work, args=(folder, each, together)) for each in range(number)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * number
