"""Runs tests one after the other, and tells of each: `python clients/batch/run.py LIST TEST...`.

LIST is a file of JSON lines, which a project's build writes. The first line is an object with `version`, which is 1,
`setup`, the name of the setup in force, or null, and `setups`, by name. Each other line is a test:

    {"id": "core:parse", "names": ["parse"], "argv": ["/build/parse", "-v"], "cwd": "/build", "timeout": 30,
     "env": [["set", "A", ["b"], ":"]], "protocol": "exitcode", "fails": false, "exit_code": 0, "excluded_by": []}

`argv` is null if the test cannot run on this machine, `timeout` null if there is no limit. The operations of `env` are
`set`, `prepend` and `append` of values that a separator joins, `default`, for where the variable is empty or missing,
and `unset`. `protocol` is `exitcode`, `tap`, `gtest` or `rust`; `fails` says that the test should fail, `excluded_by`
names setups. A setup has `env`, `wrapper`, words before the command, and `multiplier`, of timeouts; 0 means no limit.

TEST is an id; else a name in `names`, for all tests that have it. In the environment, TEST_SETUP names another setup
than that in force, and TEST_TIMEOUT_MULTIPLIER multiplies timeouts. This runs in Longpole's own Python. Results are
told in the protocol of docs/protocol.md; without LONGPOLE_PROTOCOL in the environment they are lines for people.
"""

from __future__ import annotations

import json
import os
import sys

from environment import environment
from outcomes import Outcome, outcome_of
from processes import Command, Processes
from telling import Lines, Protocol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from telling import Teller

VERSION = 1
_SETUP = "TEST_SETUP"
_MULTIPLIER = "TEST_TIMEOUT_MULTIPLIER"


class Unusable(Exception):
    """The list of tests cannot be used."""


def main(argv: Sequence[str]) -> int:
    """Run the tests; return 0 if none failed, 1 if one did, 2 if there is nothing to run them by."""
    if not argv:
        print("usage: python clients/batch/run.py LIST TEST...", file=sys.stderr)
        return 2
    try:
        head, lines = _read(argv[0])
        name, setup = _setup(head, os.environ.get(_SETUP))
        setup = {**setup, "multiplier": setup.get("multiplier", 1) * _multiplier(os.environ.get(_MULTIPLIER) or "1")}
    except Unusable as error:
        print(f"{argv[0]}: {error}", file=sys.stderr)
        return 2
    chosen, missing = select(lines, dict.fromkeys(argv[1:]))
    teller: Teller = Protocol() if os.environ.pop("LONGPOLE_PROTOCOL", None) else Lines()
    with Processes() as processes:
        teller.start()
        for word in missing:
            teller.begin(word)
            teller.end(word, Outcome("error", "the project has no such test; remove it from the suite"), 0.0)
        for test in chosen:
            teller.begin(test["id"])
            if name in test["excluded_by"]:
                teller.end(test["id"], Outcome("skipped", f"excluded by the setup {name}"), 0.0)
            elif test["argv"] is None:
                teller.end(test["id"], Outcome("skipped", "cannot run on this machine, and has no wrapper"), 0.0)
            else:
                _run(test, setup, processes, teller)
        teller.finish()
    return 1 if teller.is_red else 0


def _read(path: str) -> tuple[Mapping[str, Any], list[str]]:
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
        head = json.loads(lines[0])
        version = head["version"]
    except OSError as error:
        raise Unusable(f"{error.strerror}; build the project") from None
    except (ValueError, LookupError, TypeError):
        raise Unusable("is no list of tests; build the project again") from None
    if version != VERSION:
        raise Unusable(f"has version {version}, not {VERSION}; build the project again with this Longpole")
    return head, lines[1:]


def _setup(head: Mapping[str, Any], named: str | None) -> tuple[str | None, Mapping[str, Any]]:
    """The setup that is named, with or without its project, or the one in force; an empty one if there is none."""
    name = named or head["setup"]
    if name is None:
        return None, {}
    setups: Mapping[str, Mapping[str, Any]] = head["setups"]
    full = name if name in setups else next((each for each in setups if each.split(":")[-1] == name), None)
    if full is None:
        raise Unusable(f"has no setup {name}; choose one of these: {', '.join(setups) or 'none'}")
    return full, setups[full]


def _multiplier(text: str) -> float:
    """The number in the environment. Raises `Unusable` if it is none."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1e6:
        raise Unusable(f"cannot be run with {_MULTIPLIER}={text}; write a number, 0 for no limit")
    return number


def select(lines: Sequence[str], words: Iterable[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """The tests of these ids or names, in the order of the words, each once; and the words that fit none.

    Only lines that are needed are decoded: a list may be long, and it is read for each unit.
    """
    by_start = {line[: line.find(", ")]: line for line in lines}
    chosen: dict[str, dict[str, Any]] = {}
    missing = []
    for word in words:
        line = by_start.get(f'{{"id": {json.dumps(word)}')
        fits = [json.loads(line)] if line is not None else []
        if not fits:  # an id with a comma, or a name
            every = [json.loads(each) for each in lines]
            fits = [test for test in every if test["id"] == word] or [test for test in every if word in test["names"]]
        if not fits:
            missing.append(word)
        for test in fits:
            chosen.setdefault(test["id"], test)
    return list(chosen.values()), missing


def _run(test: Mapping[str, Any], setup: Mapping[str, Any], processes: Processes, teller: Teller) -> None:
    environ = environment(os.environ, [*setup.get("env", ()), *test["env"]])
    multiplier = setup["multiplier"]
    timeout = None if test["timeout"] is None or multiplier <= 0 else test["timeout"] * multiplier
    judge = outcome_of(test, os.environ.get("TMPDIR") or os.getcwd())
    argv = [*setup.get("wrapper", ()), *test["argv"], *judge.arguments]
    ended = processes.run(Command(argv, environ, test["cwd"], timeout), teller.output, judge.feed)
    teller.end(test["id"], judge.outcome(ended), ended.seconds)
