"""`forks` and `results` of a module: what they mean, and every mistake in them with its place and a remedy."""

import json
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from longpole.gen.plan.plan import make_plan
from longpole.gen.suite.model import Command, Forks, Module, Results
from longpole.gen.suite.read import suite_from_bytes
from longpole.gen.suite.schema import json_schema
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.plan import Plan, from_text
from longpole.rts_tests.contracts.plan_parts import PlanForks, PlanResults
from tests.gen.suite.mistakes import HEAD, one_mistake, problems

FORKS = {"list": ["l"], "run": ["r", "{classes_file}"]}
JDWP = "-agentlib:jdwp=transport=dt_socket,server=y,address="


def suite(module: dict[str, Any], **more: Any) -> bytes:
    return json.dumps({"version": 1, "name": "x", "variants": {"v": {}}, **more, "modules": {"m": module}}).encode()


def module_of(module: dict[str, Any], **more: Any) -> Module:
    return suite_from_bytes(suite(module, **more), "s").modules[0]


def plan_of(data: bytes) -> Plan:
    return from_text(make_plan(suite_from_bytes(data, "s")).text)


def test_the_least_that_must_be_written() -> None:
    """Variants need no `run`; everything else has a default."""
    module = module_of({"forks": FORKS})
    assert module.forks == Forks(
        list=Command(("l",), shell=False),
        run=Command(("r", "{classes_file}"), shell=False),
        count=1,
        threads=1,
        stealing=False,
        warm=None,
        shift_ports=False,
    )
    assert (module.results, module.slots, module.unit_count, module.seeds) == (Results("protocol"), 1, 1, 0)


def test_every_key() -> None:
    forks = {
        "list": {"shell": "ls {args} | sort"},
        "run": ["{python}", "{clients}/pytest", "run", "{classes_file}", "--port={port:http}", "{fork}/{forks}"],
        "max_forks": 64,
        "threads": 3,
        "stealing": True,
        "warm": "pytest",
        "debug_ports": "shift",
    }
    module = module_of({"forks": forks, "results": {"junit": "a/./b-*.xml"}, "weight": 32, "args": ["x"]})
    made = module.forks
    assert made is not None
    assert made.list == Command(("sh", "-c", "ls {args} | sort"), shell=True)
    assert (made.count, made.threads, made.stealing, made.warm, made.shift_ports) == (64, 3, True, "pytest", True)
    assert (module.results, module.slots) == (Results("junit", "a/b-*.xml"), 3)
    assert module_of({"forks": {**FORKS, "stealing": True}}).forks is not None
    assert module_of({"forks": {**FORKS, "run": ["r", "{queue}"], "stealing": True}}).forks is not None
    assert module_of({"forks": {**FORKS, "run": {"shell": "r --all={classes} {port:a}"}}}).forks is not None
    assert module_of({"forks": {**FORKS, "run": {"shell": "$LONGPOLE_CLASSES"}}}).forks is not None
    assert module_of({"forks": {**FORKS, "run": ["sh", "-c", "r $LONGPOLE_CLASSES"]}}).forks is not None
    assert module_of({"forks": {**FORKS, "run": ["ls", "{clients}", "{clients}/", "{clients}/node/x"]}}).forks


def test_every_fork_has_all_seeds_of_its_module() -> None:
    forks = {**FORKS, "run": ["r", "{classes_file}", "{seeds}"], "max_forks": 2}
    plan = plan_of(suite({"forks": forks, "seeds": 3, "first_seed": 7}))
    assert [(unit.fork, unit.first_index, unit.seed_count) for unit in plan.units] == [(0, 0, 3), (1, 0, 3)]
    assert (plan.modules["m"].seeds, plan.modules["m"].seed_policy) == (3, "fixed")


@pytest.mark.parametrize(
    ("threads", "own", "slots"), [(1, None, 1), (0, None, 1), (8, None, 8), (8, 2, 2), (0, 4, 4), (None, None, 1)]
)
def test_a_fork_takes_as_many_slots_as_it_has_threads(threads: int | None, own: int | None, slots: int) -> None:
    forks = FORKS if threads is None else {**FORKS, "threads": threads}
    assert module_of({"forks": forks, **({"slots": own} if own else {})}).slots == slots


def test_slots_of_a_module_without_forks() -> None:
    assert module_of({}, defaults={"run": ["x"]}).slots == 1
    assert module_of({"slots": 3}, defaults={"run": ["x"]}).slots == 3


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ({"protocol": "stdout"}, Results("protocol")),
        ({"tap": "stdout"}, Results("tap")),
        ({"junit": "r/{{x}}.xml"}, Results("junit", "r/{x}.xml")),
        ({"junit": "**/TEST-*.xml"}, Results("junit", "**/TEST-*.xml")),
    ],
)
def test_any_module_may_tell_of_its_cases(results: dict[str, str], expected: Results) -> None:
    data = suite({"results": results}, defaults={"run": ["x"]})
    assert suite_from_bytes(data, "s").modules[0].results == expected
    assert plan_of(data).modules["m"].results == PlanResults(expected.source, expected.path)
    assert suite_from_bytes(suite({}, defaults={"run": ["x"]}), "s").modules[0].results is None


def test_the_plan_has_a_unit_for_each_fork() -> None:
    plan = plan_of(suite({"forks": {**FORKS, "max_forks": 3}, "weight": 6}, variants={"v": {}, "w": {}}))
    assert sorted((unit.id, unit.target, unit.estimate_s) for unit in plan.units) == [
        (f"{name}/m[fork-{number}]", f"test-{name}-m-fork-{number}", 2.0) for name in "vw" for number in range(3)
    ]
    assert plan.modules["m"].forks == PlanForks(("l",), False, ("r", "{classes_file}"), False, count=3)
    one = plan_of(suite({"forks": FORKS}))
    assert [(unit.id, unit.target, unit.chunk, unit.fork) for unit in one.units] == [
        ("v/m[fork-0]", "test-v-m-fork-0", None, 0)
    ]


def test_what_holds_for_other_modules_holds_for_forks() -> None:
    steps = {"s": {"build": ["b"], "output": "o"}, "t": {"build": ["b"], "output": "p"}}
    module = {
        "forks": {**FORKS, "max_forks": 2},
        "need": ["s"],
        "cwd": "{variant}",
        "labels": ["slow"],
        "locks": ["port"],
        "timeout": 7,
        "retries": 2,
        "memory": "1 GiB",
        "skip_status": 77,
        "exclusive": True,
        "leaks": "warn",
        "only": ["v"],
        "env": {"A": "b"},
    }
    plan = plan_of(suite(module, steps=steps, variants={"v": {"need": ["t"]}, "w": {}}))
    own = plan.modules["m"]
    assert len(plan.units) == 2
    for unit in plan.units:
        assert (plan.builds_of(unit), plan.cwd_of(unit), plan.labels_of(unit)) == (("s", "t"), "v", ("slow",))
        assert plan.skips(unit) == (77,)
    assert (own.locks, own.timeout_s, own.retries, own.memory_bytes) == (("port",), 7, 2, 2**30)
    assert (own.exclusive, own.leaks, own.env) == (True, "warn", {"A": "b"})


def test_forks_are_cold_in_a_variant_that_says_so() -> None:
    forks = {"list": ["l"], "run": ["{python}", "{clients}/pytest", "run"], "warm": "pytest"}
    plan = plan_of(suite({"forks": forks}, variants={"v": {}, "w": {"warm": False}}))
    assert {unit.variant: plan.command_of(unit).warm for unit in plan.units} == {"v": True, "w": False}


def test_args_stand_in_both_commands() -> None:
    forks = {"list": ["l", "{args}"], "run": {"shell": "r {args} {classes}"}}
    plan = plan_of(suite({"forks": forks, "args": ["b"]}, defaults={"args": ["a"]}))
    (unit,) = plan.units
    assert plan.list_command("v", "m").words == ("l", "a", "b")
    assert plan.command_of(unit).args == ("a", "b")


@pytest.mark.parametrize("key", ["list", "run"])
def test_args_of_a_variant_may_be_used_by_forks_alone(key: str) -> None:
    forks = {**FORKS, key: ["x", "{args}"]}
    for where in ({"defaults": {"args": ["a"]}}, {"variants": {"v": {"args": ["a"]}}}):
        assert module_of({"forks": forks}, **where).forks is not None
        assert module_of({"run": ["x", "{args}"]}, **where).run is not None
    unused = f"{HEAD}variants: {{v: {{args: §[a], run: [x]}}}}\nmodules: {{m: {{forks: {{list: [l], run: [r]}}}}}}\n"
    one_mistake(unused, "`run` of variant `v` has no `{args}`, so `args` are used nowhere", "{args}")


LR = "list: [l], run: [r]"
MISTAKES = [
    ("{forks:§}", "`forks` has no value", "remove the key"),
    ("{forks: §4}", "`forks` must be a mapping, and is `4`", "write `list: [...]` and `run: [...]`"),
    ("{forks: §[l, r]}", "`forks` must be a mapping, and is a list", "write `list: [...]`"),
    ("{§forks: {run: [r]}}", "`forks` has no `list`", "add `list:`"),
    ("{§forks: {list: [l]}}", "`forks` has no `run`", "add `run:`"),
    (f"{{forks: {{{LR}, §max-forks: 2}}}}", "`forks` has no key `max-forks`", "did you mean `max_forks`?"),
    (f"{{forks: {{{LR}, §maxForks: 2}}}}", "`forks` has no key `maxForks`", "did you mean `max_forks`?"),
    (f"{{forks: {{{LR}, §steal: true}}}}", "`forks` has no key `steal`", "did you mean `stealing`?"),
    (f"{{forks: {{{LR}, §debug_port: shift}}}}", "`forks` has no key", "did you mean `debug_ports`?"),
    (f"{{forks: {{{LR}, §timeout: 5}}}}", "`forks` has no key `timeout`", "key of `limits` and of a module"),
    (f"{{forks: {{{LR}, §results: x}}}}", "`forks` has no key `results`", "it is a key of a module"),
    (f"{{forks: {{{LR}}}, §max_forks: 2}}", "a module has no key `max_forks`", "it is a key of `forks`"),
    ("{§stealing: true}", "a module has no key `stealing`", "it is a key of `forks`"),
    ("{§junit: x.xml}", "a module has no key `junit`", "it is a key of `results`"),
    ("{§fork: {}}", "a module has no key `fork`", "did you mean `forks`?"),
    (f"{{forks: {{{LR}, max_forks: §0}}}}", "`max_forks` must be at least 1", ""),
    (f"{{forks: {{{LR}, max_forks: §65}}}}", "`max_forks` must be at most 64", ""),
    (f"{{forks: {{{LR}, max_forks: §auto}}}}", "`max_forks` must be a whole number", ""),
    (f"{{forks: {{{LR}, threads: §-1}}}}", "`threads` must be at least 0", ""),
    (f"{{forks: {{{LR}, stealing: §1}}}}", "`stealing` must be true or false", ""),
    (f"{{forks: {{{LR}, warm: §true}}}}", "`warm` must be `pytest`, and is `true`", "write `pytest`"),
    (f"{{forks: {{{LR}, warm: §unittest}}}}", "`warm` must be `pytest`", ""),
    (f"{{forks: {{{LR}, debug_ports: §shfit}}}}", "`refuse` or `shift`", "did you mean `shift`?"),
    ("{forks: {list: §[], run: [r]}}", "`list` is empty", "a command needs a word"),
    ("{forks: {list: §ls, run: [r]}}", "`list` must be a command, and is `ls`", "list of words"),
    ("{forks: {list: §{wasm: a, call: b}, run: [r]}}", "cannot be a wasm call", ""),
    ("{forks: {list: {shell: a, §cwd: b}, run: [r]}}", "a shell command has no key `cwd`", "it is a key of"),
    ("{forks: {list: [§''], run: [r]}}", "first word of `forks.list` is empty", ""),
    ("{forks: {list: [§'{args}'], run: [r]}}", "is `{args}`, which may stand for no word", "name the program"),
    ("{forks: {list: [l], run: [§'{classes}']}}", "is `{classes}`, which may stand for no word", "name the program"),
    ("{forks: {list: [l, §'{fork}'], run: [r]}}", "`forks.list` has no placeholder `{fork}`", ""),
    ("{forks: {list: [l, §'{port:a}'], run: [r]}}", "`forks.list` has no placeholder `{port:a}`", ""),
    ("{forks: {list: [l, §'{seeds}'], run: [r]}}", "`forks.list` has no placeholder `{seeds}`", ""),
    ("{forks: {list: [l], run: [r, §'{chunk}']}}", "`forks.run` has no placeholder `{chunk}`", ""),
    ("{forks: {list: [l], run: [r, §'{class_file}']}}", "no placeholder `{class_file}`", "`classes_file`?"),
    ("{forks: {list: [l], run: [r, §'{port}']}}", "no placeholder `{port}`", "`port:NAME`?"),
    ("{forks: {list: [l], run: [r, §'{port:}']}}", "a single `{`", "letters, digits"),
    ("{forks: {list: [l], run: [r, §'{port:HTTP PORT}']}}", "a single `{`", "letters, digits, `_` and `-`"),
    ("{forks: {list: [l], run: [r, §'x{port:a:b}']}}", "a single `{`", "letters, digits, `_` and `-`"),
    ("{forks: {list: [p, §'{clients}/pytset', list], run: [r]}}", "no client `pytset`", "did you mean `pytest`?"),
    ("{forks: {list: [l], run: [p, §'{clients}/nodes/x.mjs']}}", "no client `nodes`", "did you mean `node`?"),
    (
        "{forks: {list: [l], run: {shell: §'p {clients}/zzz a'}}}",
        "no client `zzz`",
        "the clients are batch, cargo, ",
    ),
    ("{forks: {list: [l], run: [r, §$LONGPOLE_CLASSES]}}", "no shell expands `$LONGPOLE_CLASSES`", "{classes_file}"),
    ("{forks: {list: [l], run: [r, §'${{LONGPOLE_FORK}}']}}", "no shell expands", "write {fork}"),
    ("{forks: {list: [l], run: [r, §$LONGPOLE_QUEUE], stealing: true}}", "no shell expands", "{queue}"),
    ("{forks: {list: [l], run: [r, §'{prot:http}']}}", "no placeholder `{prot:http}`", "{port:NAME}"),
    ("{run: [r, §'{port:http}']}", "`run` has no placeholder `{port:http}`", ""),
    ("{run: [r, §'{classes}']}", "`run` has no placeholder `{classes}`", ""),
    ("{forks: {list: [l], run: [r, §'--c={classes}']}}", "is a part of `--c={classes}`", "{classes_file}"),
    ("{forks: {list: [l], run: [r, §'{queue}']}}", "with `stealing` only", "write `stealing: true`"),
    ("{forks: {list: [l], run: {shell: §'r {queue}'}}}", "with `stealing` only", ""),
    ("{forks: {list: [l], run: [r, §'{classes}'], stealing: true}}", "no classes when it starts", "{queue}"),
    ("{forks: {list: §[l, '{artifact}'], run: [r]}}", "`forks.list` of module `m` uses {artifact}", "add `artifact:`"),
    ("{forks: {list: [l], run: §[r, '{artifact}']}}", "`forks.run` of module `m` uses {artifact}", "add `artifact:`"),
    (f"{{args: §[a], forks: {{{LR}}}}}", "`forks.run` of module `m` has no `{args}`", "write {args}"),
    (f"{{§run: [x], forks: {{{LR}}}}}", "module `m` has `forks`, and `run` is for", "`run` under `forks`"),
    (f"{{§chunks: 5, forks: {{{LR}}}}}", "`chunks` is for modules without", "remove one of the two"),
    (f"{{§seed_policy: commit, forks: {{{LR}}}}}", "`seed_policy` of module `m` needs `seeds`", "add `seeds:`"),
    (f"{{§first_seed: 1, forks: {{{LR}}}}}", "`first_seed` of module `m` needs `seeds`", "add `seeds:`"),
    (
        "{seeds: 2, seed_policy: §commit, forks: {list: [l], run: [r, '{first_seed}']}}",
        "and its own `run` uses {first_seed}",
        "use {seeds} there, or write `seeds: 1`",
    ),
    ("{§run: [x], forks: {list: [l]}}", "", ""),
    ("{forks: {list: [l], run: §[pytest], warm: pytest}}", "`run` calls another program", "{clients}/pytest"),
    ("{forks: {list: [l], run: §{shell: '{python} {clients}/pytest run'}, warm: pytest}}", "another program", ""),
    ("{results: §}", "`results` has no value", ""),
    ("{results: §junit}", "`results` must be a mapping, and is `junit`", "`{junit: FILE}`"),
    ("{results: §{}}", "`results` names no source", "write one of"),
    ("{results: §{tap: stdout, junit: a}}", "`results` names 2 sources, `tap`, `junit`", "write one of"),
    ("{results: {§xunit: a.xml}}", "`results` has no key `xunit`", "did you mean `junit`?"),
    ("{results: {tap: §stderr}}", "`tap` must be `stdout`, and is `stderr`", "write `stdout`"),
    ("{results: {protocol: §true}}", "`protocol` must be `stdout`", ""),
    ("{results: {junit: §}}", "`junit` has no value", ""),
    ("{results: {junit: §''}}", "`junit` is empty", "at least one character"),
    ("{results: {junit: §[a]}}", "`junit` must be text", ""),
    ('{results: {junit: §"a\\0b"}}', "NUL", "remove it"),
    ("{results: {junit: §/tmp/a.xml}}", "`/tmp/a.xml` of `junit` is absolute", "relative to TMPDIR"),
    ("{results: {junit: §'~/a.xml'}}", "is absolute", ""),
    ("{results: {junit: §$TMPDIR/a.xml}}", "relative to TMPDIR already", "leave"),
    ("{results: {junit: §'${{TMPDIR}}/a.xml'}}", "relative to TMPDIR already", "leave"),
    ("{results: {junit: §a/../../b.xml}}", "holds `..`", "in TMPDIR"),
    ("{results: {junit: §.}}", "is a folder", "`reports/*.xml`"),
    ("{results: {junit: §reports/}}", "is a folder", "`reports/*.xml`"),
    ("{results: {junit: §'{module}.xml'}}", "`junit` has no placeholder `{module}`", "write {{module}}"),
]


@pytest.mark.parametrize(("text", "what", "remedy"), MISTAKES)
def test_a_mistake_in_forks_or_results(text: str, what: str, remedy: str) -> None:
    variants = "variants: {eop: {}}" if "forks" in text else "variants: {eop: {run: [x]}}"
    if "§run: [x], forks: {list: [l]}" in text:  # two mistakes, neither of which hides the other
        assert len(problems(f"{HEAD}{variants}\nmodules: {{m: {text.replace('§', '')}}}\n")) == 2
    else:
        one_mistake(f"{HEAD}{variants}\nmodules: {{m: {text}}}\n", what, remedy)


def test_all_mistakes_are_told_at_once() -> None:
    text = "{forks: {list: [l, '{fork}'], run: [r, '{chunk}'], max_forks: 99}, run: [x], results: {}}"
    found = problems(f"{HEAD}variants: {{v: {{}}}}\nmodules: {{m: {text}}}\n")
    assert [each.what.split("`")[1] for each in found] == ["forks.list", "forks.run", "max_forks", "m", "results"]


# -- debug ports ------------------------------------------------------------------------------------------------------

REFUSED = [
    ("{m: {forks: {list: [l], run: [java, §'" + JDWP + "*:5005'], max_forks: 2}}}", "", "5005 is fixed"),
    ("{m: {forks: {list: [l], run: {shell: §'java " + JDWP + "5005 x'}, max_forks: 4}}}", "", "4 forks"),
    ("{m: {forks: {list: [l], run: [x, -m, debugpy, --listen, §'5678'], max_forks: 2}}}", "", "5678 is fixed"),
    ("{m: {forks: {list: [l], run: [node, §--inspect], max_forks: 2}}}", "", "9229 is fixed"),
    ("{m: {forks: {list: [l], run: [r, '{args}'], max_forks: 2}, args: [§--inspect=7]}}", "", "7 is fixed"),
    ("{m: {env: {NODE_OPTIONS: §--inspect}, forks: {list: [l], run: [r], max_forks: 2}}}", "", "9229"),
    ("{m: {forks: {list: [l], run: [r], max_forks: 2}}}", f"env: {{MAVEN_OPTS: '§{JDWP}8000'}}", "8000 is fixed"),
    ("{m: {forks: {list: [l], run: [r, '{args}'], max_forks: 2}}}", "args: [§--inspect=7]", "7 is fixed"),
    ("{m: {forks: {list: [l], run: [x, §--inspect=65534], max_forks: 3, debug_ports: shift}}}", "", "beyond 65535"),
    ("{m: {forks: {list: [l], run: [x, --inspect=7, §--inspect=9], max_forks: 3, debug_ports: shift}}}", "", "share"),
]


@pytest.mark.parametrize(("modules", "defaults", "what"), REFUSED)
def test_a_debug_port_that_forks_would_share_is_refused(modules: str, defaults: str, what: str) -> None:
    if defaults:  # `§` before a quoted text is at the quote
        defaults = f"defaults: {{{defaults}}}\n".replace("'§", "§'")
    text = f"{HEAD}{defaults}variants: {{v: {{}}}}\nmodules: {modules}\n"
    one_mistake(text, what, "choose" if "shift" in modules else "`debug_ports: shift` or `max_forks: 1`")


@pytest.mark.parametrize(
    ("forks", "env"),
    [
        ({"run": ["java", f"{JDWP}5005"]}, {}),
        ({"run": ["java", f"{JDWP}5005"], "max_forks": 4, "debug_ports": "shift"}, {}),
        ({"run": ["java", f"{JDWP}0"], "max_forks": 4}, {}),
        ({"run": ["java", f"{JDWP}" + "{port:debug}"], "max_forks": 4}, {}),
        ({"run": ["java", f"{JDWP}500" + "{fork}"], "max_forks": 4}, {}),
        ({"run": ["r"], "max_forks": 4}, {"NODE_OPTIONS": "--max-old-space-size=9229"}),
        ({"run": ["r"], "max_forks": 4, "list": ["java", f"{JDWP}5005"]}, {}),
    ],
)
def test_a_debug_port_that_no_two_forks_share(forks: dict[str, Any], env: dict[str, str]) -> None:
    assert module_of({"forks": {**FORKS, **forks}, "env": env}).forks is not None


def test_shifted_ports_are_those_of_all_forks_of_the_suite() -> None:
    """A fork of one module may run beside those of another."""
    forks = "forks: {list: [l], run: [x, --inspect=5000, --inspect-port=5006], max_forks: 3, debug_ports: shift}"
    text = f"{HEAD}variants: {{v: {{}}, w: {{}}}}\nmodules:\n  m: {{{forks}}}\n"
    assert suite_from_bytes(text.encode(), "s").modules[0].forks is not None
    more = f"{text}  n: {{only: [v], forks: {{list: [l], run: [x], debug_ports: shift}}}}\n"
    one_mistake(more.replace("--inspect-port", "§--inspect-port"), "5000 and 5006 are shifted by up to 7", "far apart")


def test_the_variable_that_counts_is_the_one_that_a_unit_gets() -> None:
    forks = {**FORKS, "max_forks": 2}
    fixed, free = {"NODE_OPTIONS": "--inspect"}, {"NODE_OPTIONS": ""}
    assert module_of({"forks": forks, "env": free}, defaults={"env": fixed}).forks is not None
    assert module_of({"forks": forks}, defaults={"env": fixed}, variants={"v": {"env": free}}).forks is not None
    with pytest.raises(UseError, match="9229 is fixed"):
        module_of({"forks": forks}, defaults={"env": free}, variants={"v": {"env": fixed}})


# -- names ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variants", "modules", "goal"),
    [
        ("{v: }", "{m: {forks: F, M}, §m-fork-1: R}", "test-v-m-fork-1"),
        ("{v: }", "{§m-fork-0: R, m: {forks: F}}", "test-v-m-fork-0"),
        ("{v: }", "{m: {forks: F}, §m-fork: {run: [x], seeds: 3, chunks: 2}}", "test-v-m-fork-0"),
        ("{v: }", "{m-fork: {run: [x], seeds: 3, chunks: 2}, §m: {forks: F}}", "test-v-m-fork-0"),
        ("{v: , §v-m-fork-1: }", "{m: {forks: F, M}}", "test-v-m-fork-1"),
        ("{v: }", "{M: {forks: F, M}, §m-Fork-1: R}", "test-v-m-fork-1"),
    ],
)
def test_a_fork_that_would_be_another_make_target_is_refused(variants: str, modules: str, goal: str) -> None:
    modules = modules.replace("forks: F, M", f"forks: {{{LR}, max_forks: 2}}").replace("forks: F", f"forks: {{{LR}}}")
    text = f"{HEAD}variants: {variants}\nmodules: {modules.replace(': R', ': {run: [x]}')}\n"
    one_mistake(text, f"would both be the make target `{goal}`", "rename")


def test_names_that_only_look_like_forks() -> None:
    forks = {"forks": {**FORKS, "max_forks": 2}}
    plain = {"run": ["x"]}
    modules = {"m": forks, "m-fork-2": plain, "m-fork-00": plain, "m-0": plain, "m-fork": plain}
    data = {"version": 1, "name": "x", "variants": {"v": {}}, "modules": modules}
    made = suite_from_bytes(json.dumps(data).encode(), "s")
    assert len({unit.target for unit in make_plan(made).units}) == 6


def test_too_many_forks_are_refused() -> None:
    modules = {f"m{number}": {"forks": {**FORKS, "max_forks": 64}} for number in range(160)}
    variants: dict[str, Any] = {f"v{number}": {} for number in range(100)}
    data = {"version": 1, "name": "x", "variants": variants, "modules": modules}
    with pytest.raises(UseError, match="1,024,000 units"):
        suite_from_bytes(json.dumps(data).encode(), "s")


# -- the published schema ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "valid"),
    [
        ({"forks": FORKS}, True),
        ({"forks": FORKS, "results": {"junit": "a"}}, True),
        ({"forks": {**FORKS, "warm": "pytest", "max_forks": 64, "threads": 0}}, True),
        ({"forks": FORKS, "run": ["x"]}, False),
        ({"forks": FORKS, "seeds": 2, "seed_policy": "commit"}, True),
        ({"forks": FORKS, "seeds": 2, "chunks": 2}, False),
        ({"forks": {"list": ["l"]}}, False),
        ({"forks": {**FORKS, "max_forks": 65}}, False),
        ({"results": {}}, False),
        ({"results": {"tap": "stdout", "junit": "a"}}, False),
    ],
)
def test_the_published_schema_agrees(module: dict[str, Any], *, valid: bool) -> None:
    document = json.loads(suite(module, defaults={"run": ["x"]}))
    assert jsonschema.Draft202012Validator(json.loads(json_schema())).is_valid(document) == valid
