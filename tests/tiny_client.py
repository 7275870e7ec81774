"""A tiny client of the protocol of forks: `list`, or `run` and a file with classes.

A class is a file in the folder `classes`, and its text is Python that is executed; it fails by an exception. It takes
its classes from LONGPOLE_QUEUE if that is set.
"""

import contextlib
import io
import json
import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterator

totals: Counter[str] = Counter()


def tell(event: str, **fields: object) -> None:
    """Write one envelope."""
    text = json.dumps({"event": event, **fields})
    os.write(1, f"@@LONGPOLE@@ {text}\n".encode())


def claimed(folder: str) -> Iterator[str]:
    """Claim one class after the other."""
    while ranks := sorted(name for name in os.listdir(folder) if name.isdigit()):
        new = f"{folder}/{ranks[0]}.fork-{os.environ['LONGPOLE_FORK']}"
        try:
            os.rename(f"{folder}/{ranks[0]}", new)
        except FileNotFoundError:
            continue
        with open(new, encoding="utf-8") as file:
            yield file.read()


def given(path: str) -> Iterator[str]:
    """The classes of a file."""
    with open(path, encoding="utf-8") as file:
        yield from file.read().splitlines()


def run(name: str) -> bool:
    """Run one class; whether it passed."""
    tell("suite_started", suite=name)
    begun, output, message = time.monotonic(), io.StringIO(), None
    details = ""
    try:
        with contextlib.redirect_stdout(output), open(f"classes/{name}", encoding="utf-8") as file:
            exec(file.read(), {"name": name})
    except Exception as error:
        message, details = str(error), traceback.format_exc()
    status, seconds = "passed" if message is None else "failed", time.monotonic() - begun
    case = {"name": "it()", "status": status, "seconds": seconds}
    if message is not None:
        case |= {"message": message, "details": details}
    totals[status] += 1
    tell(
        "suite_completed",
        suite=name,
        status=status,
        seconds=seconds,
        output=output.getvalue(),
        cases=[case],
    )
    return message is None


if __name__ == "__main__":
    if sys.argv[1] == "list":
        print("\n".join(sorted(os.listdir("classes"))))
        sys.exit(0)
    tell("fork_started", version=1, client="tiny 1")
    queue = os.environ.get("LONGPOLE_QUEUE")
    passed = [run(name) for name in (claimed(queue) if queue else given(sys.argv[2]))]
    tell("fork_completed", suites=len(passed), cases=totals)
    sys.exit(0 if all(passed) else 1)
