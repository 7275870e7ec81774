"""Groups of tests in a suite's text: which there are, and that nothing else changes when they are regrouped."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from longpole.gen.adapters.model import Draft, Entry
from longpole.gen.adapters.suite import name_for, title_for, to_text
from longpole.gen.plan.plan import make_plan
from longpole.gen.suite.read import suite_from_bytes
from longpole.gen.tune.groups import groups_in, known_in, lines_of
from longpole.gen.tune.regrouping import Regrouping, propose_groups
from longpole.gen.tune.relearn_groups import relearn_groups, with_new_groups
from longpole.rts_tests.contracts.case_history import CaseRow, read_case_history
from longpole.rts_tests.contracts.cases import Case
from longpole.rts_tests.contracts.history import History, UnitHistory, merge_history, read_history
from longpole.rts_tests.contracts.order import ordered
from longpole.rts_tests.contracts.placeholders import escape
from longpole.rts_tests.contracts.status import Status
from tests.gen.tune.cases_in_history import merge_cases
from tests.project import Project

HEAD = """version: 1
name: x
defaults: {run: [r, "{args}"], select: [r, "{cases}"]}
variants:
  v:
modules:
"""


def found(modules: str, head: str = HEAD) -> dict[str, tuple[str, ...]]:
    data = f"{head}{modules}".encode()
    suite = suite_from_bytes(data, "suite.yaml")
    return {group.module.name: group.tests for group in groups_in(data, "suite.yaml", suite)}


def test_what_init_writes_is_a_group() -> None:
    one = "  a_x: {weight: 0.1, args: [a_x], results: {junit: r.xml}}\n"
    two = "  b: {weight: 0.1, args: [b_1, 'b_{{2}}'], results: {junit: r.xml}}\n"
    assert found(one + two) == {"a_x": ("a_x",), "b": ("b_1", "b_{2}")}


@pytest.mark.parametrize(
    "module",
    [
        "# mine\n  a: {weight: 0.1, args: [a], results: {junit: r.xml}}\n",
        "a: {weight: 0.1, args: [a], results: {junit: r.xml}}  # mine\n",
        "a: { weight: 0.1, args: [a], results: {junit: r.xml} }\n",
        "a:\n    weight: 0.1\n    args: [a]\n    results: {junit: r.xml}\n",
        "smoke: {weight: 0.1, args: [a, b], results: {junit: r.xml}}\n",
        "smoke: {weight: 0.1, args: [a], results: {junit: r.xml}}\n",
        "a: {weight: 0.1, args: ['{variant}'], results: {junit: r.xml}}\n",
        "a: {weight: 0.1, args: [a]}\n",
        "a: {weight: 0.1, args: [a, a], results: {junit: r.xml}}\n",
        "a: {weight: 0.1, run: [s, '{args}'], args: [a], results: {junit: r.xml}}\n",
        "a: {weight: 0.1, run: [s, -x, '{args}'], select: [s, '{cases}'], args: [a], results: {junit: r.xml}}\n",
        "a: {weight: 0.1, seeds: 2, args: [a], results: {junit: r.xml}}\n",
    ],
)
def test_what_was_written_by_hand_is_none(module: str) -> None:
    assert found(f"  {module}") == {}


def test_variants_with_words_of_their_own_have_none() -> None:
    group = "  a: {weight: 0.1, args: [a], results: {junit: r.xml}}\n"
    assert found(group, HEAD.replace("  v:", "  v: {args: [--fast]}")) == {}
    assert found(group, HEAD.replace("  v:", "  v: {run: [s, '{args}']}")) == {}


def regrouped(data: bytes, seconds: dict[str, float], state: Path, jobs: int = 2) -> Regrouping:
    """What is proposed, where each test took these seconds."""
    suite = suite_from_bytes(data, "suite.yaml")
    units: dict[str, UnitHistory] = {}
    for module in suite.modules:
        tests = [word.replace("{{", "{").replace("}}", "}") for word in module.args]
        cases = [Case("", test, Status.PASSED, seconds.get(test, 0.0)) for test in tests]
        merge_cases(state, "v", module.name, cases)
        units[f"v/{module.name}"] = UnitHistory((sum(case.seconds for case in cases),), "passed")
    plan = ordered(make_plan(suite), History(units))
    return propose_groups(data, "suite.yaml", suite, plan, state, jobs=jobs, cuttable=())


OTHERS = """
  # by hand
  smoke: {run: [s], weight: 3}   # stays

  odd:  { args: [z], results: {junit: r.xml} }
"""


def test_all_other_bytes_stay(tmp_path: Path) -> None:
    groups = [f"  t{n}: {{weight: 0.1, args: [t{n}], results: {{junit: r.xml}}}}\n" for n in range(4)]
    data = f"{HEAD}{groups[0]}{groups[1]}{OTHERS}{groups[2]}{groups[3]}# end".encode()
    changed = regrouped(data, dict.fromkeys(["t0", "t1", "t2", "t3"], 0.5), tmp_path).data.decode()
    new = [f"  tests{number}: {{weight: 1.0, args: [{tests}], results: {{junit: r.xml}}}}\n" for number, tests in NEW]
    assert changed == f"{HEAD}{new[0]}{OTHERS}{new[1]}# end"


NEW = [("", "t0, t1"), ("-2", "t2, t3")]


def test_line_ends_stay(tmp_path: Path) -> None:
    groups = [f"  t{n}: {{weight: 0.1, args: [t{n}], results: {{junit: r.xml}}}}\n" for n in range(2)]
    data = f"\ufeff{HEAD}{''.join(groups)}".replace("\n", "\r\n").encode().removesuffix(b"\r\n")
    changed = regrouped(data, {"t0": 0.2, "t1": 0.2}, tmp_path, jobs=1).data
    assert changed.decode().count("\r\n") == changed.decode().count("\n") == len(lines_of(HEAD))
    assert b"args: [t0, t1]" in changed
    assert changed.startswith(b"\xef\xbb\xbfversion")


def test_groups_of_different_kinds_stay_apart_and_timeouts_add_up(tmp_path: Path) -> None:
    more = ["", ", labels: [slow]", ", timeout: 700", ", timeout: 800", ", labels: [slow]"]
    data = HEAD + "".join(
        f"  t{n}: {{weight: 0.1{key}, args: [t{n}], results: {{junit: r.xml}}}}\n" for n, key in enumerate(more)
    )
    changed = regrouped(data.encode(), dict.fromkeys(["t0", "t1", "t2", "t3", "t4"], 0.1), tmp_path, jobs=1).data
    suite = suite_from_bytes(changed, "suite.yaml")
    assert {module.args: (module.labels, module.timeout_s) for module in suite.modules} == {
        ("t0", "t2", "t3"): ((), 2100),
        ("t1", "t4"): (("slow",), 600),
    }


@st.composite
def projects(draw: st.DrawFn) -> tuple[list[list[str]], list[str], dict[str, float]]:
    text = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp", "Cn", "Co", "Cf"]), min_size=1, max_size=8)
    names = draw(st.lists(text.filter(lambda name: name.isprintable()), min_size=1, max_size=14, unique=True))
    groups: list[list[str]] = [[]]
    for name in names:
        if draw(st.booleans()):
            groups.append([])
        groups[-1].append(name)
    seconds = {name: draw(st.floats(0, 4)) for name in names}
    kinds = [draw(st.sampled_from(["", "slow"])) for _ in groups]
    return [group for group in groups if group], kinds, seconds


@given(projects(), st.integers(1, 4))
@example(([["a#b"], ["#"], ["{x}"], ["a: b"], ["- y"]], [""] * 5, {}), 2)
def test_every_test_is_there_once_before_and_after(
    tmp_path_factory: pytest.TempPathFactory, project: tuple[list[list[str]], list[str], dict[str, float]], jobs: int
) -> None:
    groups, kinds, seconds = project
    entries: list[Entry] = []
    for tests, kind in zip(groups, kinds, strict=False):
        keys = {"weight": 0.1, "args": [escape(test) for test in tests], "results": {"junit": "r.xml"}}
        name = name_for(title_for(tests), [each.name for each in entries])
        entries.append(Entry(name, {**keys, **({"labels": [kind]} if kind else {})}))
    defaults = {"run": ["r", "{args}"], "select": ["r", "{cases}"]}
    data = to_text(Draft("x", (Entry("v", {}),), tuple(entries), defaults=defaults)).encode()
    state = tmp_path_factory.mktemp("state")
    first = regrouped(data, seconds, state, jobs)
    assert by_label(data) == by_label(first.data)
    assert regrouped(first.data, seconds, tmp_path_factory.mktemp("state"), jobs).data == first.data


def by_label(data: bytes) -> list[tuple[tuple[str, ...], str]]:
    suite = suite_from_bytes(data, "suite.yaml")
    return sorted((module.labels, test) for module in suite.modules for test in module.args)


def test_units_whose_cases_tell_no_durations_are_as_long_as_they_are(tmp_path: Path) -> None:
    modules = "".join(f"  t{n}: {{weight: 0.1, args: [t{n}], results: {{tap: stdout}}}}\n" for n in range(4))
    data = f"{HEAD}{modules}".encode()
    for number in range(4):
        merge_cases(tmp_path, "v", f"t{number}", [Case("", f"t{number}", Status.PASSED, 0.0)])
    suite = suite_from_bytes(data, "suite.yaml")
    took = {f"v/t{number}": UnitHistory((seconds,), "passed") for number, seconds in enumerate([5.0, 0.3, 0.3, 5.0])}
    plan = ordered(make_plan(suite), History(took))
    (change,) = propose_groups(data, "suite.yaml", suite, plan, tmp_path, jobs=2, cuttable=()).changes
    assert change.new[0].tests == ("t1", "t2")
    assert change.new[0].seconds == pytest.approx(0.56)


@pytest.mark.parametrize(
    ("source", "rows", "wanted", "seconds"),
    [
        ("junit", {"a": 1.0, "C#b": 2.0}, ["a", "C#b"], {"a": 1.0, "C#b": 2.0}),
        ("libtest", {"m::n#a": 1.0, "b": 2.0}, ["m::n::a", "b"], {"m::n::a": 1.0, "b": 2.0}),
        ("go", {"TestA": 3.0, "TestA#x": 1.0, "TestA/x#y": 1.0}, ["TestA"], {"TestA": 3.0}),
        ("tap", {"a > b#c": 1.0, "a#d": 0.5}, ["a"], {"a": 1.5}),
        ("protocol", {"t#one": 1.0, "t#two": 2.0, "u": 1.0}, ["t", "u"], {"t": 3.0, "u": 1.0}),
    ],
)
def test_what_tests_took_is_read_from_their_cases(
    source: str, rows: dict[str, float], wanted: Sequence[str], seconds: dict[str, float]
) -> None:
    known = known_in({name: CaseRow("passed", (took,)) for name, took in rows.items()}, source, wanted)
    assert known.seconds == pytest.approx(seconds)


# -- what is learnt, and the command --------------------------------------------------------------------------------


def test_what_is_known_of_the_tests_is_known_of_their_new_groups(tmp_path: Path) -> None:
    groups = [f"  t{n}: {{weight: 0.1, args: [t{n}, u{n}], results: {{junit: r.xml}}}}\n" for n in range(3)]
    data = f"{HEAD}{''.join(groups)}".encode().replace(b"t0:", b"tests:").replace(b"t1:", b"tests-2:")
    data = data.replace(b"t2:", b"tests-3:")
    seconds = {name: 0.1 for name in ("t0", "u0", "t1", "u1", "t2", "u2")}
    found = regrouped(data, seconds, tmp_path, jobs=1)
    (change,) = found.changes
    bad = Case("", "u1", Status.FAILED, 0.2)
    merge_cases(tmp_path, "v", "tests-2", [bad])
    merge_cases(tmp_path, "v", "tests", [Case("", "t0", Status.PASSED, 9.0)], "other-platform")
    outcomes = [("v/tests", "passed", 0.25), ("v/tests-2", "failed", None), ("v/tests-3", "passed", 0.27)]
    merge_history(tmp_path, outcomes, run="r", peaks={"v/tests": 7, "v/tests-3": 9})
    expected = with_new_groups(read_history(tmp_path), tmp_path, [change])
    relearn_groups(tmp_path, [change])
    rows = read_history(tmp_path).units
    assert {name: (row.durations_s, row.status, row.peaks_bytes) for name, row in rows.items()} == {
        "v/tests": ((0.7,), "failed", (9,))
    }
    assert {name: (row.durations_s, row.status) for name, row in expected.units.items()} == {
        "v/tests": ((0.7,), "failed")
    }
    cases = read_case_history(tmp_path, "v", "tests").cases
    assert {name: row.status for name, row in cases.items()} == {
        **dict.fromkeys(["t0", "u0", "t1", "t2", "u2"], "passed"),
        "u1": "failed",
    }
    assert cases["t2"].seconds == (0.1,)
    assert read_case_history(tmp_path, "v", "tests", "other-platform").cases["t0"].seconds == (9.0,)
    assert read_case_history(tmp_path, "v", "tests-2").cases == {}


RUNNER = """
for name; do
  echo "$name" >>ran
  if [ -e "bad-$name" ]; then echo "not ok - $name"; bad=1; else echo "ok - $name"; fi
done
echo "1..$#"
exit ${bad:-0}
"""


def test_a_run_teaches_groups_and_the_next_run_has_them(project: Project) -> None:
    names = [f"t{number}" for number in range(9)]
    (project.root / "run.sh").write_text(RUNNER)
    modules = "".join(f"  {name}: {{weight: 0.1, args: [{name}], results: {{tap: stdout}}}}\n" for name in names)
    head = HEAD.replace("[r,", "[sh, run.sh,")
    (project.root / "suite.yaml").write_text(f"{head}  # mine\n  own: {{run: [sh, -c, sleep 1]}}\n{modules}")
    assert project.longpole("render").status == 0
    assert project.make("-j2", "test").status == 0
    (project.root / "bad-t3").write_text("")
    assert project.make("-k", "-j2", "test").status == 2
    shown = project.longpole("tune", "-j2")
    assert "  joined: t0, t1, t2 and 6 more -> tests: 9 tests, " in shown.out
    assert "`longpole tune --write` changes suite.yaml" in shown.out
    assert (project.root / "suite.yaml").read_text().endswith(modules)
    assert project.longpole("tune", "-j2", "--write").status == 0
    text = (project.root / "suite.yaml").read_text()
    assert text.startswith(f"{head}  # mine\n  own: {{run: [sh, -c, sleep 1]}}\n  tests: ")
    (project.root / "ran").unlink()
    assert project.make("retest").status == 2
    assert (project.root / "ran").read_text().split() == names
    assert project.make("retest").status == 2
    assert (project.root / "ran").read_text().split() == [*names, "t3"]
    assert "no change of chunks or groups would help" in project.longpole("tune", "-j2").out


def test_a_group_with_the_name_of_an_old_one_runs_again_if_a_test_of_another_failed(project: Project) -> None:
    (project.root / "run.sh").write_text(
        RUNNER.replace("for name; do", 'for name; do [ -e "kill-$name" ] && kill -9 $$')
    )
    groups = {"g": ["g_a", "g_b"], "g-2": ["g_c", "g_d"], "g-3": ["g_e", "g_f"]}
    modules = "".join(
        f"  {name}: {{weight: 0.1, args: [{', '.join(tests)}], results: {{tap: stdout}}}}\n"
        for name, tests in groups.items()
    )
    head = HEAD.replace("[r,", "[sh, run.sh,")
    (project.root / "suite.yaml").write_text(f"{head}{modules}  own: {{run: [sleep, '1']}}\n")
    assert project.longpole("render").status == 0
    assert project.make("test").status == 0
    (project.root / "kill-g_c").write_text("")
    assert project.make("-k", "test").status == 2
    assert project.statuses()["v/g"] == "passed"
    assert "  joined: g, g-2, g-3 -> g: 6 tests, " in project.longpole("tune", "-j1", "--write").out
    (project.root / "kill-g_c").unlink()
    (project.root / "ran").unlink()
    assert project.make("retest").status == 0
    assert (project.root / "ran").read_text().split() == [f"g_{name}" for name in "abcdef"]
    assert "there is nothing to run again" in project.make("retest").out
