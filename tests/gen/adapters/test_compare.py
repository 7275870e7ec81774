"""What came and went since a suite was written: each test stays where it is, and new ones come once."""

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longpole.gen.adapters.cargo import Binary, Cargo, CargoTests
from longpole.gen.adapters.cmake_presets import Variant
from longpole.gen.adapters.compare import Comparison, compare, is_of
from longpole.gen.adapters.ctest import CTest, CTestTests
from longpole.gen.adapters.ctest_list import CTestTest as Listed
from longpole.gen.adapters.edit import edited
from longpole.gen.adapters.go import Go, GoTests, Package
from longpole.gen.adapters.model import Draft, Entry, Settings
from longpole.gen.adapters.suite import to_text
from longpole.gen.suite.model import Suite
from longpole.gen.suite.read import suite_from_bytes

TWO = Settings(jobs=2)
FLAGS = {"run": ["{target_dir}/run", "{args}"]}


def suite_of(text: str) -> Suite:
    return suite_from_bytes(text.encode(), "suite.yaml")


def ctest_draft(tests: Sequence[Listed], seconds: float = 0.1) -> Draft:
    durations = {test.name: seconds for test in tests}
    return CTest().to_suite(CTestTests("demo", (Variant("debug", ()),), {"debug": tuple(tests)}, durations), TWO)


def updated(text: str, draft: Draft, adapter: Cargo | Go | None = None) -> tuple[str, Comparison]:
    """The text of a suite after an update, and what was done; a second update does nothing."""
    with_tests = adapter.with_tests if adapter is not None else None
    result = compare(draft, suite_of(text), with_tests)
    after = edited(text.encode(), "suite.yaml", result.edit).decode()
    again = compare(draft, suite_of(after), with_tests)
    assert again.lines == ()
    assert edited(after.encode(), "suite.yaml", again.edit).decode() == after
    return after, result


def words(text: str) -> Counter[str]:
    return Counter(word for module in suite_of(text).modules for word in module.args)


NAMES = st.lists(st.sampled_from([f"t{number}{{x}}" for number in range(12)]), unique=True, min_size=1)


@settings(max_examples=100, deadline=None)
@given(NAMES, NAMES, st.sampled_from([0.05, 0.7, 3.0]), st.sampled_from([0.05, 3.0]))
def test_the_tests_of_groups_are_those_of_today_each_once(
    before: list[str], now: list[str], seconds: float, later: float
) -> None:
    labels = [("slow",) if name[1] in "246" else () for name in before + now]
    old, new = (
        [Listed(name, labels=kind) for name, kind in zip(names, kinds, strict=False)]
        for names, kinds in ((before, labels), (now, labels[len(before) :]))
    )
    text = to_text(ctest_draft(old, seconds))
    after, result = updated(text, ctest_draft(new, later))
    assert words(after) == Counter(name.replace("{", "{{").replace("}", "}}") for name in now)
    where = {word: module.name for module in suite_of(text).modules for word in module.args}
    for module in suite_of(after).modules:
        stayed = [word for word in module.args if word in where]
        assert all(where[word] == module.name for word in stayed)
    assert (result.lines == ()) == (set(before) == set(now)) == (after == text)


def test_short_tests_join_the_last_group_of_their_kind_and_long_ones_are_groups_of_their_own() -> None:
    text = to_text(ctest_draft([Listed(f"t{number}") for number in range(40)]))
    names = [module.name for module in suite_of(text).modules]
    new = [Listed(f"t{number}") for number in range(41)]
    after, result = updated(text, ctest_draft(new))
    assert result.lines == (f"changed {names[-1]}: added t40",)
    assert after == text.replace("t39]", "t39, t40]")
    slow = [*new, Listed("u", labels=("slow",))]
    after, result = updated(text, ctest_draft(slow))
    assert result.lines == ("added u: 1 test", f"changed {names[-1]}: added t40")
    assert "  u: {weight: 0.1, labels: [slow], args: [u], results: {junit: ctest.xml}}\n" in after
    after, result = updated(text, ctest_draft([*new[:40], *(Listed(f"v{number}") for number in range(20))], 1.0))
    assert [line for line in result.lines if not line.startswith("added ")] == []
    assert len(result.edit.added) > 1


def test_what_must_share_a_unit_joins_what_is_there() -> None:
    old = [Listed("set-up", fixtures=("f",)), Listed("use-1", fixtures=("f",))]
    others = [Listed(f"t{number}") for number in range(30)]
    text = to_text(ctest_draft([*old, *others], 1.0))
    holder = next(module.name for module in suite_of(text).modules if "set-up" in module.args)
    draft = ctest_draft([*old, *others, Listed("use-2", fixtures=("f",), timeout=9000.0)], 1.0)
    _, result = updated(text, draft)
    assert result.lines == (f"changed {holder}: added use-2",)
    assert [str(note) for note in result.notes] == [
        f"suite.yaml: {holder} has got use-2, and its keys may no longer fit; "
        "compare with what `longpole init --dry-run` prints"
    ]


MINE = """version: 1
name: demo  # mine
defaults: {build: [make], run: [nice, "{target_dir}/longpole/ctest", "{args}"], env: {A: b}}
variants: {debug: {}, other: {env: {X: y}}}
modules:
  # the first ones
  first: {args: [t0, t1], weight: 7, timeout: 3, results: {junit: ctest.xml}}  # hand-changed

  mine:
    run: [./check, "{target_dir}"]
  lint: {run: {shell: "ruff ."}}
  only-there: {only: [other], args: [somewhere], results: {junit: ctest.xml}}
  gone: {args: [t8, t9], results: {junit: ctest.xml}}
"""


def test_what_is_somebody_s_own_is_not_touched() -> None:
    draft = ctest_draft([Listed("t0"), Listed("t2")])
    assert is_of(draft, suite_of(MINE))
    after, result = updated(MINE, draft)
    assert result.lines == ("added t2: 1 test", "changed first: removed t1", "removed gone: its tests are gone")
    expected = MINE.replace("[t0, t1]", "[t0]").replace("  gone: {args: [t8, t9], results: {junit: ctest.xml}}\n", "")
    assert after == expected + "  t2: {weight: 0.1, args: [t2], results: {junit: ctest.xml}}\n"
    assert not is_of(draft, suite_of(MINE.replace("/longpole/ctest", "/mine")))


def test_a_group_whose_tests_are_gone_is_not_filled_with_others() -> None:
    text = to_text(ctest_draft([Listed("old-1"), Listed("old-2")]))
    _, result = updated(text, ctest_draft([Listed("new")]))
    assert result.lines == ("added new: 1 test", "removed old: its tests are gone")


def test_a_module_that_has_the_name_of_its_test_is_not_filled_with_others() -> None:
    text = to_text(ctest_draft([Listed("one")]))
    _, result = updated(text, ctest_draft([Listed("one"), Listed("two")]))
    assert result.lines == ("added two: 1 test",)


def cargo_draft(binaries: dict[str, tuple[str, ...] | None], seconds: dict[str, float] | None = None) -> Draft:
    tests = CargoTests("demo", tuple(Binary(name, names) for name, names in binaries.items()), {"demo": ("a.rs - x",)})
    return Cargo().to_suite(tests, Settings(jobs=2, durations=seconds or {}))


def test_binaries_come_and_go_by_what_they_run() -> None:
    text = to_text(cargo_draft({"a": ("x",), "b": ("y",), "c": None}))
    valgrind = text.replace("  b: {weight: 0.1,", '  b: {weight: 3, run: [valgrind, "{target_dir}/longpole/b"],')
    after, result = updated(valgrind, cargo_draft({"a": ("x", "new"), "d": ("z",)}), Cargo())
    assert result.lines == (
        "added d: 1 test",
        "removed b: its tests are gone",
        "removed c: its tests are gone",
    )
    assert [module.name for module in suite_of(after).modules] == ["a", "demo.doc", "d"]
    by_hand = text.replace("  b: {weight: 0.1,", "  b: {weight: 3, run: [./b],")
    assert updated(by_hand, cargo_draft({"a": ("x",), "b": ("y",), "c": None}), Cargo())[0] == by_hand


def test_a_binary_of_a_variant_that_the_runner_was_not_asked_about_stays() -> None:
    text = to_text(cargo_draft({"a": ("x",)})).replace(
        "\nmodules:", "  more: {build_args: [--all-features]}\n\nmodules:"
    )
    text += "  extra: {only: [more], results: {libtest: stdout}}\n"
    after, result = updated(text, cargo_draft({"a": ("x",)}), Cargo())
    assert (after, result.lines) == (text, ())


def test_doctests_go_with_the_last_of_them() -> None:
    text = to_text(cargo_draft({"a": ("x",)}))
    draft = Cargo().to_suite(CargoTests("demo", (Binary("a", ("x",)),), {}), TWO)
    _, result = updated(text, draft, Cargo())
    assert result.lines == ("removed demo.doc: its tests are gone",)


@pytest.mark.parametrize("has_durations", [False, True], ids=["whole today", "in parts today"])
def test_the_parts_of_a_binary_stay_and_lose_what_is_gone(has_durations: bool) -> None:
    names = tuple(f"t{number}" for number in range(40))
    seconds = dict.fromkeys(names, 1.0)
    text = to_text(cargo_draft({"a": names}, seconds))
    *parts, last, _ = suite_of(text).modules
    first, second, *_ = parts
    gone = {*first.args, second.args[0], "t39"}  # the last part runs t39, because it does not skip it
    kept = tuple(name for name in names if name not in gone)
    after, result = updated(text, cargo_draft({"a": (*kept, "new")}, seconds if has_durations else None), Cargo())
    assert [line.partition(":")[0] for line in result.lines] == ["changed a.2", f"changed {last.name}", "removed a.1"]
    now = {module.name: module.args for module in suite_of(after).modules}
    assert now["a.2"] == second.args[1:]
    skipped = [word for part in parts for word in part.args if word not in gone]
    assert now[last.name] == tuple(word for name in skipped for word in ("--skip", name))


def test_the_patterns_of_a_package_lose_what_is_gone() -> None:
    names = tuple(f"Test{number}" for number in range(40))
    listed = settings_of(names)

    def draft(tests: tuple[str, ...]) -> Draft:
        return Go().to_suite(GoTests("demo", (1, 22), (Package("p", "demo/p", tests),)), listed)

    text = to_text(draft(names))
    *_, last = suite_of(text).modules
    of_first = suite_of(text).modules[0].args[1].strip("^()$").split("|")
    second = suite_of(text).modules[1].args[1].strip("^()$").split("|")
    kept = tuple(name for name in names if name not in (*of_first, second[0]))
    after, result = updated(text, draft(kept), Go())
    assert [line.partition(":")[0] for line in result.lines] == [
        "changed p.part2",
        f"changed {last.name}",
        "removed p.part1",
    ]
    now = {module.name: module.args for module in suite_of(after).modules}
    assert now["p.part2"] == ("-test.run", f"^({'|'.join(second[1:])})$")
    assert now[last.name][1].startswith(f"^({second[1]}|")


def settings_of(names: Sequence[str]) -> Settings:
    return Settings(jobs=2, durations=dict.fromkeys(names, 1.0))


def test_modules_of_another_folder_are_other_things() -> None:
    forks = {"list": ["./list"], "run": ["./run", "{classes_file}"], "max_forks": 2}

    def draft(*folders: str) -> Draft:
        modules = tuple(Entry(name, {"cwd": f"packages/{name}", "forks": forks}) for name in folders)
        return Draft("demo", (Entry("node", {}),), modules)

    text = to_text(draft("a", "b"))
    after, result = updated(text, draft("b", "c"))
    assert result.lines == ("added c", "removed a: its tests are gone")
    assert [module.name for module in suite_of(after).modules] == ["b", "c"]


def test_a_variant_that_the_suite_has_not_is_noted() -> None:
    tests = {"debug": (Listed("t"),), "asan": (Listed("t"), Listed("more"))}
    variants = tuple(Variant(name, ()) for name in tests)
    draft = CTest().to_suite(CTestTests("demo", variants, tests, {}), TWO)
    text = to_text(ctest_draft([Listed("t")]))
    after, result = updated(text, draft)
    assert after == text
    assert "suite.yaml: the suite has no variant asan; add it" in str(result.notes[0])
