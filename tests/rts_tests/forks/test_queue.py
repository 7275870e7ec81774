"""The queue of classes: each is claimed once, whoever dies when, and whatever is written to it."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.forks.queue import Queue

CLAIM = """
import os, sys
folder, fork = sys.argv[1:]
print("ready", flush=True)
while ranks := sorted(name for name in os.listdir(folder) if name.isdigit()):
    try:
        os.rename(f"{folder}/{ranks[0]}", f"{folder}/{ranks[0]}.fork-{fork}")
    except FileNotFoundError:
        continue
    print(open(f"{folder}/{ranks[0]}.fork-{fork}").read(), flush=True)
"""


def made(folder: Path, *classes: str) -> Queue:
    queue = Queue(str(folder), classes)
    queue.make()
    return queue


def claim(queue: Queue, rank: int, fork: int) -> None:
    os.rename(f"{queue.folder}/{rank:04}", f"{queue.folder}/{rank:04}.fork-{fork}")


def test_claims_and_what_is_left_are_in_the_order_of_the_queue(tmp_path: Path) -> None:
    queue = made(tmp_path / "queue", "a", "b", "c", "d")
    assert sorted(os.listdir(queue.folder)) == ["0000", "0001", "0002", "0003"]
    assert (tmp_path / "queue" / "0002").read_text() == "c"
    for rank, fork in ((0, 1), (1, 0), (2, 1)):
        claim(queue, rank, fork)
    assert queue.left == ("a", "b", "c", "d")
    queue.look()
    assert [*map(queue.claims, range(3)), queue.left] == [("b",), ("a", "c"), (), ("d",)]


def test_what_a_fork_makes_up_is_no_claim(tmp_path: Path) -> None:
    queue = made(tmp_path / "queue", "a", "b", "c")
    claim(queue, 0, 1)
    queue.look()
    for name in (
        "0000.fork-0",
        "0009.fork-0",
        "x.fork-0",
        "0001.fork-",
        "0001.fork-0.x",
        "-001.fork-0",
        "\u0660\u0660\u0660\u0661.fork-0",
    ):
        (tmp_path / "queue" / name).write_text("b")
    os.unlink(f"{queue.folder}/0002")
    queue.look()
    assert (queue.claims(0), queue.claims(1), queue.left) == ((), ("a",), ("b", "c"))


def test_a_queue_that_is_gone_loses_no_class(tmp_path: Path) -> None:
    queue = made(tmp_path / "queue", "a", "b")
    claim(queue, 0, 0)
    queue.look()
    for name in os.listdir(queue.folder):
        os.unlink(f"{queue.folder}/{name}")
    os.rmdir(queue.folder)
    queue.look()
    assert (queue.claims(0), queue.left) == (("a",), ("b",))


def test_a_long_queue_is_taken_in_order(tmp_path: Path) -> None:
    queue = made(tmp_path / "queue", *(f"c{number}" for number in range(10_001)))
    names = sorted(os.listdir(queue.folder))
    assert names[:2] + names[-1:] == ["00000", "00001", "10000"]


def test_processes_that_race_claim_each_class_once(tmp_path: Path) -> None:
    classes = [f"class {number}" for number in range(300)]
    queue = made(tmp_path / "queue", *classes)
    argv = [sys.executable, "-c", CLAIM, queue.folder]
    forks = [subprocess.Popen([*argv, str(fork)], stdout=subprocess.PIPE, text=True) for fork in range(4)]
    printed = [fork.communicate()[0].splitlines()[1:] for fork in forks]
    queue.look()
    assert queue.left == ()
    assert [list(queue.claims(fork)) for fork in range(4)] == printed
    assert sorted(name for names in printed for name in names) == sorted(classes)


def test_forks_that_are_killed_lose_and_double_no_class(tmp_path: Path) -> None:
    for seed in range(5):
        classes = [f"c{number}" for number in range(200)]
        queue = made(tmp_path / f"queue{seed}", *classes)
        argv = [sys.executable, "-c", CLAIM, queue.folder]
        forks = [subprocess.Popen([*argv, str(fork)], stdout=subprocess.PIPE, text=True) for fork in range(3)]
        for number, fork in enumerate(forks):
            assert fork.stdout is not None
            for _ in range(random.Random(seed + number).randrange(1, 60)):
                fork.stdout.readline()
            fork.send_signal(signal.SIGKILL)
        for fork in forks:
            fork.communicate()
        queue.look()
        of_forks = [name for fork in range(3) for name in queue.claims(fork)]
        assert sorted([*of_forks, *queue.left]) == sorted(classes)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=20))
def test_each_class_is_claimed_by_one_fork_or_left(claims: list[tuple[int, int]]) -> None:
    import tempfile

    classes = [f"c{number}" for number in range(8)]
    with tempfile.TemporaryDirectory() as folder:
        queue = made(Path(folder, "queue"), *classes)
        for rank, fork in claims:
            Path(queue.folder, f"{rank:04}.fork-{fork}").touch()
            queue.look()
        of_forks = [name for fork in range(4) for name in queue.claims(fork)]
        assert sorted([*of_forks, *queue.left]) == classes
