"""Fixed debug ports in commands and variables: two processes cannot listen on one, so forks need one each.

What listens on a port that the user chose:

    -agentlib:jdwp=server=y,address=[HOST:]PORT   a JVM; also -Xrunjdwp:... and -agentpath:.../libjdwp.so=...
    debugpy --listen [HOST:]PORT                  Python
    --inspect[=[HOST:]PORT], --inspect-brk, --inspect-wait, --inspect-port=PORT    Node; 9229 if none is written

Port 0 means any free port, and a JVM without `server=y` connects to a debugger: both may be shared. All functions work
on words with placeholders in them, so that a port which is a placeholder, or has one in it, is not a fixed one.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile, zip_longest

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.plan import Plan, Unit, UnitCommand

VARIABLES = (
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "_JAVA_OPTIONS",
    "JAVA_OPTS",
    "MAVEN_OPTS",
    "GRADLE_OPTS",
    "SBT_OPTS",
    "NODE_OPTIONS",
)
"""The variables from which programs take options."""
MAX_PORT = 65_535
_NODE_PORT = 9229

_TOKEN = re.compile(r"\S+")
_WORD = re.compile(r"\s*\S+\s*|\s+")
_JDWP = re.compile(r"(?:-agentlib:jdwp=|-agentpath:[^=]*jdwp[^=]*=|-Xrunjdwp:)(.*)")
_SUBOPTION = re.compile(r"([^,=]+)=([^,]*)")
_INSPECT = re.compile(r"(?<![\w-])--(inspect(?:[-_](?:brk|wait|port))?|debug[-_]port)(?![\w-])(=)?")
_LISTEN = re.compile(r"--listen(?![\w-])(=)?")
_DEBUGPY = re.compile(r"(?:^|[/\"'=]|-m)debugpy[\"']?$")
_NEXT_COMMAND = re.compile(r"^(?:&&|\|\|?|&)$|;$")
_JAVASCRIPT = re.compile(
    r"node|np[mx]\b|yarn|pnpm|\bbun\b|deno|\btsx\b|jest|mocha|vitest|electron|\.[cm]?[jt]s\b", re.I
)
_HOST = r"(?:[^\s{}:,;&|()\"']*|\[[0-9A-Fa-f:.%]+\])"
_ADDRESS = re.compile(rf"[\"']?(?:{_HOST}:)?([0-9]{{1,5}})(?=[\s\"';&|),]|$)")
_ONLY_HOST = re.compile(r"[\"']?(?!-)(?:(?![0-9]+\b(?!\.))[A-Za-z0-9.*-]+|\[[0-9A-Fa-f:.%]+\])(?=[\s\"';&|)]|$)")


@dataclass(frozen=True, slots=True)
class DebugPort:
    """A fixed debug port: characters `begin` to `end` of a word are its number.

    If no number is written, `begin` and `end` are the place for one, and `before` is what must precede it.
    """

    port: int
    word: int
    begin: int
    end: int
    before: str = ""


@dataclass(frozen=True, slots=True)
class _Token:
    """A part of a word without white space, and where it begins."""

    text: str
    word: int
    begin: int

    def port(self, match: re.Match[str]) -> DebugPort:
        """The port in group 1 of a match in the text."""
        return DebugPort(int(match[1]), self.word, self.begin + match.start(1), self.begin + match.end(1))


def debug_ports(words: Sequence[str], *, javascript: bool = False) -> tuple[DebugPort, ...]:
    """The fixed debug ports in the words of a command; a text for the shell is one word.

    An option `--inspect` without a port counts if one of the words looks like JavaScript, or with `javascript`.
    """
    tokens = [
        _Token(part[0], number, part.start()) for number, word in enumerate(words) for part in _TOKEN.finditer(word)
    ]
    javascript = javascript or any(_JAVASCRIPT.search(token.text) for token in tokens)
    found = [*_of_java(tokens), *_of_debugpy(tokens), *_of_node(tokens, bare=javascript)]
    fixed = [port for port in found if 0 < port.port <= MAX_PORT]
    return tuple(sorted(fixed, key=lambda port: (port.word, port.begin)))


def variable_ports(name: str, value: str) -> tuple[DebugPort, ...]:
    """The fixed debug ports in the value of a variable; none in those from which no program takes options."""
    return debug_ports((value,), javascript=name == "NODE_OPTIONS") if name in VARIABLES else ()


def _of_java(tokens: Iterable[_Token]) -> Iterator[DebugPort]:
    for token in tokens:
        for agent in _JDWP.finditer(token.text):
            options = {each[1].strip("\"'"): each for each in _SUBOPTION.finditer(token.text, agent.start(1))}
            server, address = options.get("server"), options.get("address")
            if server is not None and address is not None and server[2].strip("\"'") == "y":
                port = _ADDRESS.match(token.text, address.start(2))
                if port is not None:
                    yield token.port(port)


def _of_debugpy(tokens: Sequence[_Token]) -> Iterator[DebugPort]:
    listens = False
    for token, following in zip_longest(tokens, tokens[1:]):
        listens = listens or _DEBUGPY.search(token.text) is not None
        listens = listens and _NEXT_COMMAND.search(token.text) is None
        option = _LISTEN.match(token.text) if listens else None
        if option is not None:
            place, at = (token, option.end()) if option[1] else (following, 0)
            port = _ADDRESS.match(place.text, at) if place is not None else None
            if place is not None and port is not None:
                yield place.port(port)
            listens = False


def _of_node(tokens: Sequence[_Token], *, bare: bool) -> Iterator[DebugPort]:
    """The ports of Node's options. Those without a port take that of another such option, if one has a port."""
    without: list[DebugPort] = []
    decided = False
    for token, following in zip_longest(tokens, tokens[1:]):
        for option in _INSPECT.finditer(token.text):
            place, at = token, option.end()
            if not option[2] and option[1].endswith("port") and following is not None:
                place, at = following, 0
            elif not option[2]:
                without.append(DebugPort(_NODE_PORT, token.word, token.begin + at, token.begin + at, "="))
                continue
            if port := _ADDRESS.match(place.text, at):
                decided = True
                yield place.port(port)
            elif host := _ONLY_HOST.match(place.text, at):
                end = place.begin + host.end()
                without.append(DebugPort(_NODE_PORT, place.word, end, end, ":"))
            elif "{" in place.text[at:]:
                decided = True
    if bare and not decided:
        yield from without


# -- another port for each fork -------------------------------------------------------------------------------------


def shifted(words: Sequence[str], ports: Iterable[DebugPort], by: int) -> tuple[str, ...]:
    """The words with `by` added to each of the ports in them; the words themselves if it is 0."""
    new = list(words)
    if by:
        for port in sorted(ports, key=lambda each: each.begin, reverse=True):
            word = new[port.word]
            new[port.word] = f"{word[: port.begin]}{port.before}{port.port + by}{word[port.end :]}"
    return tuple(new)


@dataclass(frozen=True, slots=True)
class Shift:
    """A debug port that was moved for one fork, and where it is written: `run`, or a variable."""

    place: str
    old: int
    new: int


def _that_shift(plan: Plan) -> Iterator[tuple[str, int]]:
    """The modules whose forks have debug ports of their own, and the most forks that each has in one variant."""
    for module in plan.modules.values():
        if module.forks is not None and module.forks.shift_ports:
            yield module.name, module.forks.count


def shift_span(variants: int, counts: Iterable[int]) -> int:
    """How many numbers there are to add to a port, for modules with so many forks each."""
    return variants * sum(counts)


def port_shift(plan: Plan, unit: Unit) -> int:
    """What is added to the debug ports of a fork, for each fork of the plan another number below `shift_span`.

    Forks of other variants and modules may run at the same time. It is 0 if the module leaves ports as they are.
    """
    if unit.fork is None:
        return 0
    modules = dict(_that_shift(plan))
    if unit.module not in modules:
        return 0
    before = sum(count for _, count in takewhile(lambda each: each[0] != unit.module, modules.items()))
    return len(plan.variants) * before + list(plan.variants).index(unit.variant) * modules[unit.module] + unit.fork


def shifted_command(command: UnitCommand, by: int) -> tuple[UnitCommand, tuple[Shift, ...]]:
    """The command of a fork with its own debug ports, and what they are. The command still has its placeholders."""
    words, args = debug_ports(command.words), debug_ports(command.args)
    new = replace(command, words=shifted(command.words, words, by), args=shifted(command.args, args, by))
    return new, tuple(Shift("run", each.port, each.port + by) for each in (*words, *args))


def shifted_variables(variables: Mapping[str, str], by: int) -> tuple[dict[str, str], tuple[Shift, ...]]:
    """Those of the variables that differ in a fork, with its own debug ports; and what these are."""
    new, moved = {}, []
    for name in VARIABLES:
        if name in variables and (ports := variable_ports(name, variables[name])):
            moved += [Shift(name, each.port, each.port + by) for each in ports]
            if by:
                (new[name],) = shifted((variables[name],), ports, by)
    return new, tuple(moved)


def without_debuggers(variables: Mapping[str, str]) -> dict[str, str]:
    """Those of the variables that differ without options for debuggers, on whatever ports.

    They are for listings: a JVM says on its standard output which port it listens on, and may wait for a debugger.
    """
    new = {}
    for name in VARIABLES:
        value = variables.get(name, "")
        kept = [word[0] for word in _WORD.finditer(value) if not (_JDWP.search(word[0]) or _INSPECT.search(word[0]))]
        if (text := "".join(kept)) != value:
            new[name] = text.rstrip()
    return new


def shifts_line(moved: Iterable[Shift]) -> str:
    """What the log of a fork says about its debug ports; empty if it has none."""
    ports = [f"{each.new} (`{each.place}`{f' says {each.old}' * (each.new != each.old)})" for each in moved]
    return f"debug port{'s' * (len(ports) > 1)} of this fork: {', '.join(ports)}" if ports else ""


# -- refused ----------------------------------------------------------------------------------------------------------


def wrong_with_fixed(port: int, forks: int) -> str | None:
    """Why a fixed debug port cannot be that of so many forks; None if it can."""
    return f"the debug port {port} is fixed, and {forks} forks cannot share it" if forks > 1 else None


def wrong_with_shifted(ports: Iterable[int], span: int) -> str | None:
    """Why ports cannot be shifted by the numbers below `span`; None if they can."""
    numbers = sorted(set(ports))
    if numbers and numbers[-1] + span - 1 > MAX_PORT:
        return f"the debug port {numbers[-1]} is shifted by up to {span - 1}, beyond {MAX_PORT}"
    for low, high in pairwise(numbers):
        if high - low < span:
            return f"the debug ports {low} and {high} are shifted by up to {span - 1}, so that forks would share them"
    return None


REMEDY = "write `debug_ports: shift` or `max_forks: 1` under `forks`"
"""What mends a fixed port of several forks."""
APART = "choose smaller ones, as far apart"
"""What mends ports that cannot be shifted."""


def refuse_debug_ports(plan: Plan, units: Iterable[Unit], environ: Mapping[str, str]) -> None:
    """Raise `UseError` if a variable of the caller has a debug port that several of the units, which are forks, get."""
    fixed = {name: ports for name in VARIABLES if (ports := variable_ports(name, environ.get(name, "")))}
    forks = Counter((unit.variant, unit.module) for unit in units if fixed and unit.fork is not None)
    shifting = dict(_that_shift(plan)) if fixed else {}
    for name, ports in fixed.items():
        own = {key: {**plan.variants[key[0]].env, **plan.modules[key[1]].env} for key in forks}
        getting = {key: number for key, number in forks.items() if name not in own[key]}
        for variant, module in getting:
            if module in shifting:
                wrong = wrong_with_shifted(
                    (each.port for each in ports), shift_span(len(plan.variants), shifting.values())
                )
                remedy = APART
            else:
                wrong, remedy = wrong_with_fixed(ports[0].port, sum(getting.values())), f"unset {name}, or {REMEDY}"
            if wrong:
                raise UseError.at(name, f"{wrong}: units of {variant}/{module}", remedy)
