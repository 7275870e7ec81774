"""An index may be forgotten in any thread: the garbage collector runs in whichever one allocates."""

import gc
from pathlib import Path
from threading import Thread

from tests.perf.results import RESULT
from tests.perf.test_index import indexed


def test_an_index_that_is_forgotten_in_another_thread_closes_without_a_word(tmp_path: Path) -> None:
    """pytest turns what the collector would print on standard error into a failure."""
    held = [indexed(tmp_path, RESULT)]
    thread = Thread(target=held.clear)
    thread.start()
    thread.join()
    gc.collect()
