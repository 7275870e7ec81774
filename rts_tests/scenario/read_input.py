"""What a step says about the input of its command, and about repeating it."""

from longpole.rts_tests.contracts.problems import Problems
from longpole.rts_tests.contracts.tree import Node, Scalar
from longpole.rts_tests.scenario.model import Exchange, Input, Repeat, Terminal
from longpole.rts_tests.scenario.patterns import check_pattern
from longpole.rts_tests.scenario.reading import Record

_KEYS = ("stdin", "tty", "dialog", "eventually")
_PROGRAMS = ("background", "stop", "wait")
_MODEL = Terminal()
_EVERY_S = 0.1


def input_of(record: Record, problems: Problems) -> Input:
    """The input of a step; combinations that make no sense are reported."""
    given = [key for key in _KEYS if (place := record.places.get(key)) and not _is_empty(place)]
    program = next((key for key in _PROGRAMS if key in record.places and not _is_empty(record.places[key])), None)
    for key in given if program is not None else ():
        problems.add(record.places[key], f"`{key}` cannot stand beside `{program}`", "write two steps, or remove it")
    if "stdin" in given and "dialog" in given:
        problems.add(record.places["stdin"], "`stdin` cannot stand beside `dialog`", "`send` its text in the dialog")
    terminal = next(iter(record.records.get("tty", ())), None)
    return Input(
        record.texts.get("stdin"),
        None if terminal is None else _terminal(terminal),
        tuple(_exchange(each, problems) for each in record.records.get("dialog", ())),
    )


def repeat_of(record: Record) -> Repeat | None:
    """How a step is repeated; None if it is run once."""
    for repeat in record.records.get("eventually", ()):
        if "within" in repeat.numbers:
            return Repeat(repeat.numbers["within"], repeat.numbers.get("every", _EVERY_S))
    return None


def _is_empty(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value is None


def _terminal(record: Record) -> Terminal:
    numbers = record.numbers
    return Terminal(int(numbers.get("rows", _MODEL.rows)), int(numbers.get("cols", _MODEL.columns)))


def _exchange(record: Record, problems: Problems) -> Exchange:
    wait = record.texts.get("wait", "")
    if "wait" in record.texts:
        check_pattern(wait, record.places["wait"], problems)
    return Exchange(wait, record.texts.get("send", ""), record.numbers.get("timeout"), record.node.line)
