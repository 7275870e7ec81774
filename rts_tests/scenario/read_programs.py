"""What the steps of a scenario say about background programs: which begin, are ended, are waited for.

Steps are run in their order, so it is known before the first one which programs there can be at each.
"""

import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass, field

from longpole.rts_tests.contracts.nearest import nearest
from longpole.rts_tests.contracts.problems import Problems, shown
from longpole.rts_tests.contracts.tree import Node, Scalar
from longpole.rts_tests.scenario.model import Ready, Stop
from longpole.rts_tests.scenario.reading import Record

MAX_PORT = 65_535
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,99}")
_READY = ("output", "file", "port", "run")
_SIGNALS = {each.name.removeprefix("SIG"): int(each) for each in signal.Signals if not each.name.startswith("SIGRT")}


@dataclass(frozen=True, slots=True)
class Program:
    """What one step says: it begins a program, ends one, or waits for one; or nothing of that."""

    background: str | None = None
    ready: Ready | None = None
    stop: Stop | None = None
    wait: str | None = None


@dataclass(slots=True)
class Programs:
    """The programs of a scenario, step after step; errors go to `problems`."""

    problems: Problems
    _begun: dict[str, int] = field(default_factory=dict)
    """The lines in which programs begin."""
    _running: set[str] = field(default_factory=set)

    def of_step(self, record: Record) -> Program:
        """What the step says."""
        roles = [name for name in ("background", "stop", "wait") if _is_given(record, name)]
        if not roles and not _is_given(record, "ready"):
            self._refuse_nothing(record)
            return Program()
        self._refuse_combinations(record, roles)
        background, ready = self._background(record), self._ready(record)
        stop = self._stop(record)
        wait = record.texts.get("wait")
        if wait is not None:
            self._ends(wait, record.places["wait"], "waited for")
        return Program(background, ready, stop, wait)

    def _refuse_nothing(self, record: Record) -> None:
        for name in ("stop", "wait"):
            if name in record.places and "run" not in record.places:
                self.problems.add(record.places[name], f"`{name}` has no value", "give it one, or write `run: ...`")

    def _refuse_combinations(self, record: Record, roles: Sequence[str]) -> None:
        ends = [name for name in roles if name != "background"]
        for name in ends:
            for other in ("run", "cwd", "ready", "background"):
                if _is_given(record, other):
                    what = f"`{other}` cannot stand beside `{name}`"
                    self.problems.add(record.places[other], what, "write two steps, or remove it")
        if len(ends) > 1:
            self.problems.add(record.places[ends[1]], "a step cannot both `stop` and `wait`", "write two steps")
        if not roles:
            what = "`ready` is about a background program"
            self.problems.add(record.places["ready"], what, "add `background: NAME`, or remove it")

    def _background(self, record: Record) -> str | None:
        name = record.texts.get("background")
        if name is None:
            return None
        place = record.places["background"]
        if not _NAME.fullmatch(name):
            what = f"{shown(name)} cannot be the name of a background program"
            self.problems.add(place, what, "begin with a letter; write letters, digits, `_` and `-`")
        elif name in self._running:
            what = f"the background program {shown(name)} has begun in line {self._begun[name]}"
            self.problems.add(place, what, "choose another name, or `stop` it before")
        for expect in record.records.get("expect", ()):
            if "exit_code" in expect.places:
                what = "a background program has no exit status yet"
                remedy = "expect it of the step that has `wait` or `stop`"
                self.problems.add(expect.places["exit_code"], what, remedy)
        self._begun[name] = record.node.line
        self._running.add(name)
        return name

    def _ready(self, record: Record) -> Ready | None:
        for ready in record.records.get("ready", ()):
            kinds = [kind for kind in _READY if kind in ready.places]
            if len(kinds) != 1:
                what = "`ready` has one of `output`, `file`, `port` and `run`"
                self.problems.add(ready.node, what, "write one of them")
                continue
            (kind,) = kinds
            text = ready.texts.get(kind)
            if text is not None:
                self._check_port(ready, kind, text)
                return Ready(kind, text, ready.numbers.get("timeout"))
            if not ready.bad:
                self.problems.add(ready.places[kind], f"`{kind}` has no value", "give it one")
        return None

    def _check_port(self, ready: Record, kind: str, text: str) -> None:
        if kind == "port" and "$" not in text and port_of(text) is None:
            remedy = f"write a number from 1 to {MAX_PORT}, or `$PORT_NAME`"
            self.problems.add(ready.places[kind], f"{shown(text)} is no port", remedy)

    def _stop(self, record: Record) -> Stop | None:
        for stop in record.records.get("stop", ()):
            name, text = stop.texts.get("name"), stop.texts.get("signal", "TERM")
            number = _SIGNALS.get(text.upper().removeprefix("SIG"))
            if number is None:
                near = nearest(text.upper().removeprefix("SIG"), _SIGNALS, 0.6)
                remedy = f"did you mean `{near}`?" if near else "write its name, as `TERM` or `INT`"
                self.problems.add(stop.places["signal"], f"{shown(text)} is no signal of this system", remedy)
            if name is not None:
                self._ends(name, stop.places["name"], "stopped")
                return None if number is None else Stop(name, number)
        return None

    def _ends(self, name: str, place: Node, how: str) -> None:
        if name not in self._running:
            ended = name in self._begun
            what = f"no background program {shown(name)} is left to be {how}"
            if not ended:
                what = (
                    f"no step before has `background: {name}`" if _NAME.fullmatch(name) else f"{shown(name)} is no name"
                )
            near = nearest(name, self._running)
            self.problems.add(place, what, f"did you mean `{near}`?" if near else "name one that runs at this step")
        self._running.discard(name)


def _is_given(record: Record, name: str) -> bool:
    """Whether the key is there, and not empty."""
    node = record.places.get(name)
    return node is not None and not (isinstance(node, Scalar) and node.value is None)


def port_of(text: str) -> int | None:
    """The TCP port that `text` is; None if it is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_PORT))):
        return None
    number = int(text)
    return number if 1 <= number <= MAX_PORT else None
