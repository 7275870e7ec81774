"""A client whose fork dies with KILL in its environment: `list`, or `run`, of eight classes.

Of each module the fork that starts first is the victim. It writes so many envelopes as the module's name says, then a
part of the next one, and kills itself. Classes that a fork has completed are noted in the folder `completed`.
"""

import json
import os
import random
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

CLASSES = [f"class{number}" for number in range(8)]


class Teller:
    """Writes envelopes; a victim dies after some of them."""

    def __init__(self) -> None:
        dice = random.Random(os.environ["LONGPOLE_MODULE"])
        self._left = dice.randrange(2 * len(CLASSES) + 3)
        self._part = dice.choice([0.0, dice.random(), 1.0])
        self._dies = "KILL" in os.environ and _first()

    def tell(self, **event: object) -> None:
        line = f"@@LONGPOLE@@ {json.dumps(event)}\n".encode()
        last = event["event"] == "fork_completed"
        if self._dies and (self._left == 0 or last):
            os.write(1, line[: round(self._part * (len(line) - 1))])
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1
        os.write(1, line)


def _first() -> bool:
    """Whether this is the first fork of its module."""
    try:
        os.mkdir(f"victims/{os.environ['LONGPOLE_MODULE']}")
    except FileExistsError:
        return False
    return True


def given() -> Iterator[str]:
    """The classes of the file, or those that are claimed from the queue, one after the other."""
    queue = os.environ.get("LONGPOLE_QUEUE")
    if queue is None:
        yield from Path(os.environ["LONGPOLE_CLASSES"]).read_text().split()
        return
    while ranks := sorted(name for name in os.listdir(queue) if name.isdigit()):
        mine = f"{queue}/{ranks[0]}.fork-{os.environ['LONGPOLE_FORK']}"
        try:
            os.rename(f"{queue}/{ranks[0]}", mine)
        except FileNotFoundError:
            continue
        yield Path(mine).read_text()


def run() -> None:
    teller = Teller()
    teller.tell(event="fork_started", version=1, client="dying 1")
    done = 0
    for name in given():
        teller.tell(event="suite_started", suite=name)
        if os.environ.get("EXIT") == name:
            os._exit(0)
        case = {"name": "test", "status": "passed", "seconds": 0.001}
        teller.tell(event="suite_completed", suite=name, status="passed", seconds=0.001, cases=[case])
        with open(f"completed/{os.environ['LONGPOLE_MODULE']}", "a") as file:
            file.write(f"{name}\n")
        done += 1
    teller.tell(event="fork_completed", suites=done, cases={"passed": done})


if __name__ == "__main__":
    if sys.argv[1] == "list":
        print(*CLASSES, sep="\n")
    else:
        run()
