"""Fixed debug ports: which words hold one, and what is left of these words when a fork gets a port of its own."""

import re
import shlex
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longpole.rts_tests.contracts.debug_ports import (
    DebugPort,
    Shift,
    debug_ports,
    port_shift,
    refuse_debug_ports,
    shift_span,
    shifted,
    shifted_command,
    shifted_variables,
    shifts_line,
    variable_ports,
    without_debuggers,
    wrong_with_fixed,
    wrong_with_shifted,
)
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.plan import Plan, PlanModule, Unit, UnitCommand
from longpole.rts_tests.contracts.plan_parts import PlanForks, PlanVariant

JDWP = "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address="

# A command, and where its ports are: §5005§.
FIXED = [
    f"java|{JDWP}§5005§|-jar|x.jar",
    f"java|{JDWP}*:§5005§",
    f"java|{JDWP}localhost:§5005§",
    f"java|{JDWP}[::1]:§5005§",
    f"java|{JDWP}192.168.0.7:§5005§,timeout=9",
    "java|-agentlib:jdwp=address=§5005§,server=y,transport=dt_socket",
    "java|-Xdebug|-Xrunjdwp:transport=dt_socket,server=y,suspend=y,address=§8000§",
    "java|-agentpath:/opt/jdk/lib/libjdwp.so=transport=dt_socket,server=y,address=§8000§",
    f"mvn|test|-DargLine=-Xmx1g {JDWP}*:§5005§ -ea",
    f'sh|-c|java "{JDWP}*:§5005§" -jar x.jar',
    f"sh|-c|JAVA_TOOL_OPTIONS='-ea {JDWP}§5005§' ./run; echo done",
    f"sh|-c|java {JDWP}§5005§; ./next",
    "sh|-c|java -agentlib:jdwp=server=y,address='*:§5005§' x",
    "python|-m|debugpy|--listen|§5678§|-m|pytest",
    "python|-m|debugpy|--listen|localhost:§5678§|x.py",
    "python|-mdebugpy|--wait-for-client|--listen=0.0.0.0:§5678§|x.py",
    "/venv/bin/debugpy|--listen|[::]:§5678§|x.py",
    "sh|-c|python -m debugpy --listen §5678§ x.py && ./server --listen 80",
    "sh|-c|pip install debugpy && python -m debugpy --listen '127.0.0.1:§5678§' x.py",
    "node|--inspect=§9230§|x.js",
    "node|--inspect=127.0.0.1:§9230§|x.js",
    "node|--inspect-brk=[::1]:§9230§|x.js",
    "node|--inspect-wait=§9230§|x.js",
    "node|--inspect_brk=§9230§|x.js",
    "node|--inspect-port=§9300§|--inspect|x.js",
    "node|--inspect-port|§9300§|x.js",
    "sh|-c|node --inspect=§9300§ a.js & node --inspect=§10§ b.js",
    "node|--inspect|--inspect-port|localhost:§9300§|x.js",
    "node|--debug-port=§9300§|x.js",
    "./run-tests|--inspect=§9229§",
    "sh|-c|NODE_OPTIONS=--inspect=§9230§ npm test",
    "sh|-c|NODE_OPTIONS='--inspect=§9230§' npm test",
]
# A command without a number, and where it belongs.
WITHOUT = [
    ("node|--inspect-port|--inspect§|x.js", "="),
    ("node|--inspect§|x.js", "="),
    ("node|--inspect-brk§|x.js", "="),
    ("npx|tsx|--inspect-wait§|x.ts", "="),
    ("node|--inspect=0.0.0.0§|x.js", ":"),
    ("node|--inspect=[::1]§|x.js", ":"),
    ("sh|-c|NODE_OPTIONS='--inspect§' npm test", "="),
]
FREE = [
    f"java|{JDWP}0",
    f"java|{JDWP}*:0",
    f"java|{JDWP}" + "{port:debug}",
    f"java|{JDWP}*:" + "{port:debug}",
    f"java|{JDWP}500" + "{fork}",
    f"java|{JDWP}" + "{fork}5005",
    f"java|{JDWP}70000",
    f"java|{JDWP}shared_memory",
    f"java|{JDWP}",
    "java|-agentlib:jdwp=transport=dt_socket,server=y,suspend=n",
    "java|-agentlib:jdwp=transport=dt_socket,server=n,address=localhost:5005",
    "java|-agentlib:jdwp=transport=dt_socket,address=localhost:5005",
    "java|-agentlib:hprof=server=y,address=5005",
    "java|-Daddress=5005",
    "python|-m|debugpy|--listen|0|x.py",
    "python|-m|debugpy|--listen|localhost:{port:debug}|x.py",
    "python|-m|debugpy|--connect|5678|x.py",
    "python|-m|debugpy|--listen",
    "./server|--listen|5678",
    "sh|-c|pip install debugpy; ./server --listen 5678",
    "node|--inspect=0|x.js",
    "node|--inspect=localhost:0|x.js",
    "node|--inspect={port:debug}|x.js",
    "node|--inspect=localhost:{port:debug}|x.js",
    "node|--inspect|--inspect-port=0|x.js",
    "node|--inspect|--inspect-port={port:debug}|x.js",
    "node|--inspect-publish-uid=http|x.js",
    "node|--inspector|x.js",
    "./my-tests|--inspect",
    "./my-tests|inspect=9229",
]


def split(marked: str) -> tuple[list[str], list[tuple[int, int, int]]]:
    """The words of a marked command; for each mark its word, begin and end."""
    words, places = [], []
    for number, word in enumerate(marked.split("|")):
        parts = word.split("§")
        for index in range(1, len(parts), 2):
            begin = len("".join(parts[:index]))
            places.append((number, begin, begin + (len(parts[index]) if index + 1 < len(parts) else 0)))
        words.append("".join(parts))
    return words, places


@pytest.mark.parametrize("marked", FIXED)
def test_a_fixed_port_is_found_at_its_place(marked: str) -> None:
    words, places = split(marked)
    found = debug_ports(words)
    assert [(port.word, port.begin, port.end) for port in found] == places
    assert [words[port.word][port.begin : port.end] for port in found] == [str(port.port) for port in found]


@pytest.mark.parametrize(("marked", "before"), WITHOUT)
def test_node_s_own_port_is_one_too(marked: str, before: str) -> None:
    begin = next((number, word.index("§")) for number, word in enumerate(marked.split("|")) if "§" in word)
    words = marked.replace("§", "").split("|")
    assert debug_ports(words) == (DebugPort(9229, begin[0], begin[1], begin[1], before),)
    assert shifted(words, debug_ports(words), 3) == tuple(marked.replace("§", f"{before}9232").split("|"))


@pytest.mark.parametrize("command", FREE)
def test_a_port_that_is_free_or_another_program_s_is_none(command: str) -> None:
    assert debug_ports(command.split("|")) == ()


def test_a_variable_that_programs_take_options_from() -> None:
    assert [port.port for port in variable_ports("JAVA_TOOL_OPTIONS", f"-ea {JDWP}*:5005 -Xmx1g")] == [5005]
    assert [port.port for port in variable_ports("MAVEN_OPTS", f"{JDWP}5005")] == [5005]
    assert [port.port for port in variable_ports("NODE_OPTIONS", "--inspect")] == [9229]
    assert [port.port for port in variable_ports("NODE_OPTIONS", "--no-warnings --inspect=9300")] == [9300]
    assert variable_ports("CFLAGS", f"{JDWP}5005") == ()
    assert variable_ports("JAVA_TOOL_OPTIONS", "-ea") == ()


@pytest.mark.parametrize("marked", FIXED)
@given(by=st.integers(0, 63))
def test_every_fork_has_ports_of_its_own_and_nothing_else_changes(marked: str, by: int) -> None:
    words, _ = split(marked)
    ports = debug_ports(words)
    new = shifted(words, ports, by)
    assert new == tuple(re.sub("§([0-9]+)§", lambda match: str(int(match[1]) + by), marked).split("|"))
    assert [port.port for port in debug_ports(new)] == [port.port + by for port in ports]
    if by == 0:
        assert new == tuple(words)


OPTIONS = st.sampled_from(
    [
        f"{JDWP}5005",
        f"{JDWP}*:65000",
        "--inspect",
        "--inspect=1",
        "--inspect-port",
        "debugpy",
        "--listen",
        "5678",
        "node",
        "a b",
        "{fork}",
        "é",
        "'",
        '"',
        ";",
        "",
    ]
)


@settings(max_examples=200)
@given(st.lists(OPTIONS, max_size=8), st.integers(1, 63))
def test_whatever_the_words_are_only_ports_change(words: list[str], by: int) -> None:
    ports = debug_ports(words)
    new = shifted(words, ports, by)
    assert len(new) == len(words)
    for number, (old, changed) in enumerate(zip(words, new, strict=True)):
        mine = [port for port in ports if port.word == number]
        rest, end = "", 0
        for port in mine:
            assert port.begin >= end
            rest += old[end : port.begin] + f"{port.before}{port.port + by}"
            end = port.end
        assert changed == rest + old[end:]
    assert shifted(words, ports, 0) == tuple(words)


@given(st.text(max_size=60), st.sampled_from(["", "-agentlib:jdwp=", "debugpy --listen ", "node --inspect="]))
def test_no_text_is_too_odd(text: str, before: str) -> None:
    for port in debug_ports([before + text]):
        assert int((before + text)[port.begin : port.end] or port.port) == port.port


def test_a_text_for_the_shell_is_still_one_after_a_shift() -> None:
    text = f"java '{JDWP}*:5005' -jar \"a b.jar\""
    (new,) = shifted([text], debug_ports([text]), 2)
    assert shlex.split(new) == ["java", f"{JDWP}*:5007", "-jar", "a b.jar"]


# -- the forks of a plan ---------------------------------------------------------------------------------------------


def plan(*, shift: bool | tuple[bool, ...], counts: tuple[int, ...] = (3,), **env: str) -> Plan:
    """Two variants and modules `m0`, `m1`, ... with so many forks, and a module without."""
    shifts = (shift,) * len(counts) if isinstance(shift, bool) else shift
    modules = {
        f"m{number}": PlanModule(
            f"m{number}",
            1.0,
            None,
            0,
            0,
            60.0,
            env=env,
            forks=PlanForks(("l",), False, ("r",), False, count, shift_ports=shifts),
        )
        for number, (count, shifts) in enumerate(zip(counts, shifts, strict=True))
    }
    variants = {name: PlanVariant(name, name, None, (), False, False, {}, False) for name in ("v", "w")}
    units = tuple(
        Unit(variant, module, None, 0, 0, 1.0, "weight", False, fork=number)
        for module, count in zip(modules, counts, strict=True)
        for variant in variants
        for number in range(count)
    )
    plain = PlanModule("plain", 1.0, None, 0, 0, 60.0, env={})
    return Plan("s", None, 5.0, 1 << 20, "fail", "none", variants, {**modules, "plain": plain}, units)


def test_no_two_forks_have_the_same_shift() -> None:
    shifting = plan(shift=True)
    assert [port_shift(shifting, unit) for unit in shifting.units] == [0, 1, 2, 3, 4, 5]
    staying = plan(shift=False)
    assert {port_shift(staying, unit) for unit in staying.units} == {0}
    assert port_shift(shifting, replace(shifting.units[0], module="plain", fork=None)) == 0
    assert port_shift(shifting, shifting.units[4].listed_by) == 0


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=1, max_size=4))
def test_no_two_forks_of_a_plan_have_the_same_shift(modules: list[tuple[int, bool]]) -> None:
    made = plan(shift=tuple(shift for _, shift in modules), counts=tuple(count for count, _ in modules))
    shifting = {f"m{number}" for number, (_, shift) in enumerate(modules) if shift}
    moved = [port_shift(made, unit) for unit in made.units if unit.module in shifting]
    assert sorted(moved) == list(range(shift_span(2, (count for count, shift in modules if shift))))
    assert not [unit for unit in made.units if unit.module not in shifting and port_shift(made, unit)]


@pytest.mark.parametrize(
    ("value", "without"),
    [
        (f"-ea {JDWP}*:5005 -Xmx1g", "-ea -Xmx1g"),
        (f"-ea  {JDWP}0", "-ea"),
        (f"{JDWP}5005", ""),
        ("-agentlib:jdwp=transport=dt_socket,address=host:5005 -ea", "-ea"),
        ("-Xdebug -Xrunjdwp:server=y,address=5 -ea", "-Xdebug -ea"),
        ("--no-warnings --inspect-brk=0 --x", "--no-warnings --x"),
        ("--inspect", ""),
    ],
)
def test_a_listing_has_no_debugger(value: str, without: str) -> None:
    for name in ("JAVA_TOOL_OPTIONS", "NODE_OPTIONS"):
        assert without_debuggers({name: value, "PATH": value}) == {name: without}
    assert without_debuggers({"CFLAGS": value, "JAVA_TOOL_OPTIONS": " -ea  -Xmx1g "}) == {}


def test_the_command_and_the_variables_of_a_fork() -> None:
    command = UnitCommand(("sh", "-c", f"java {JDWP}5005 {{args}}"), True, False, (f"{JDWP}6006", "--x"))
    new, moved = shifted_command(command, 2)
    assert new == replace(command, words=("sh", "-c", f"java {JDWP}5007 {{args}}"), args=(f"{JDWP}6008", "--x"))
    assert moved == (Shift("run", 5005, 5007), Shift("run", 6006, 6008))
    variables = {"NODE_OPTIONS": "--inspect", "MAVEN_OPTS": "-Xmx1g", "PATH": "/bin"}
    assert shifted_variables(variables, 1) == (
        {"NODE_OPTIONS": "--inspect=9230"},
        (Shift("NODE_OPTIONS", 9229, 9230),),
    )
    assert shifted_variables(variables, 0) == ({}, (Shift("NODE_OPTIONS", 9229, 9229),))
    assert shifts_line(moved) == "debug ports of this fork: 5007 (`run` says 5005), 6008 (`run` says 6006)"
    assert shifts_line(moved[:1]) == "debug port of this fork: 5007 (`run` says 5005)"
    unmoved = (Shift("run", 5005, 5005), Shift("NODE_OPTIONS", 9229, 9229))
    assert shifts_line(unmoved) == "debug ports of this fork: 5005 (`run`), 9229 (`NODE_OPTIONS`)"
    assert shifts_line(()) == ""


def test_ports_that_forks_would_share() -> None:
    assert wrong_with_fixed(5005, 1) is None
    assert wrong_with_fixed(5005, 2) == "the debug port 5005 is fixed, and 2 forks cannot share it"
    assert wrong_with_shifted([], 9) is None
    assert wrong_with_shifted([5005, 5005, 5008], 3) is None
    shared = "the debug ports 5005 and 5007 are shifted by up to 2, so that forks would share them"
    assert wrong_with_shifted([5007, 5005], 3) == shared
    assert wrong_with_shifted([65533], 3) is None
    assert wrong_with_shifted([65534], 3) == "the debug port 65534 is shifted by up to 2, beyond 65535"


def test_a_port_in_the_caller_s_environment_is_refused_for_several_forks() -> None:
    fixed = {"JAVA_TOOL_OPTIONS": f"{JDWP}5005"}
    refusing = plan(shift=False)
    with pytest.raises(UseError) as caught:
        refuse_debug_ports(refusing, refusing.units, fixed)
    assert str(caught.value) == (
        "JAVA_TOOL_OPTIONS: the debug port 5005 is fixed, and 6 forks cannot share it: units of v/m0; unset "
        "JAVA_TOOL_OPTIONS, or write `debug_ports: shift` or `max_forks: 1` under `forks`"
    )
    refuse_debug_ports(refusing, refusing.units[:1], fixed)
    refuse_debug_ports(refusing, refusing.units, {"JAVA_TOOL_OPTIONS": f"{JDWP}0", "CFLAGS": f"{JDWP}5005"})
    overriding = plan(shift=False, JAVA_TOOL_OPTIONS="-ea")
    refuse_debug_ports(overriding, overriding.units, fixed)
    shifting = plan(shift=True)
    refuse_debug_ports(shifting, shifting.units, fixed)
    with pytest.raises(UseError, match="9229 and 9233 are shifted by up to 5"):
        refuse_debug_ports(shifting, shifting.units, {"NODE_OPTIONS": "--inspect=9229 --inspect-port=9233"})
    with pytest.raises(UseError, match="beyond 65535"):
        refuse_debug_ports(shifting, shifting.units, {"NODE_OPTIONS": "--inspect=65535"})


def test_forks_of_several_modules_would_get_a_variable_too() -> None:
    fixed = {"JAVA_TOOL_OPTIONS": f"{JDWP}5005"}
    single = plan(shift=False, counts=(1, 1))
    with pytest.raises(UseError, match="2 forks cannot share it: units of v/m0"):
        refuse_debug_ports(single, [unit for unit in single.units if unit.variant == "v"], fixed)
    mixed = plan(shift=(True, False), counts=(1, 1))
    with pytest.raises(UseError, match="4 forks cannot share it: units of v/m1"):
        refuse_debug_ports(mixed, mixed.units, fixed)
    refuse_debug_ports(mixed, [unit for unit in mixed.units if unit.module == "m0"], fixed)
