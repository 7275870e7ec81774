"""Numbers of chunks: what is proposed, from made-up histories, and what the command does about it."""

import json
import os
import re
import shutil
import stat
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longpole.gen.plan.plan import chunk_ranges, make_plan
from longpole.gen.suite.model import Suite
from longpole.gen.suite.read import suite_from_bytes
from longpole.gen.tune import edit, tune
from longpole.gen.tune.relearn import recut, relearn
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.history import History, UnitHistory, platform_key, read_history
from longpole.rts_tests.contracts.order import ordered
from tests.project import REPOSITORY, Project

HEAD = "version: 1\nname: tiny\ndefaults: {run: [run, '{seeds}']}\nvariants: {v: {}}\n"


def suite_of(modules: str, head: str = HEAD) -> Suite:
    return suite_from_bytes(f"{head}modules:\n{modules}".encode(), "suite.yaml")


def history_of(suite: Suite, seconds: Mapping[str, float | list[float]]) -> History:
    """Module to what it takes, in all or chunk by chunk, in every variant; all evenly over its chunks."""
    known = {}
    for module in suite.modules:
        took = seconds.get(module.name)
        if took is None:
            continue
        number = module.chunks or 1
        parts = took if isinstance(took, list) else [took / number] * number
        for variant in module.variants:
            for chunk, part in enumerate(parts):
                name = f"{variant}/{module.name}" if module.chunks is None else f"{variant}/{module.name}[{chunk}]"
                known[name] = UnitHistory((round(part, 4),), "passed")
    return History(known)


def proposed(suite: Suite, seconds: Mapping[str, float | list[float]], jobs: int) -> dict[str, int]:
    return tune.propose(suite, ordered(make_plan(suite), history_of(suite, seconds)), jobs)


# -- what is proposed -------------------------------------------------------------------------------------------------


def test_forks_get_no_chunks_and_what_would_help_is_said() -> None:
    forks = "{forks: {list: [l], run: [r], max_forks: 2}}"
    suite = suite_of(f"  unit: {forks}\n  gc: {{seeds: 100, chunks: 2}}\n")
    history = history_of(suite, {"gc": 2.0})
    units = {f"v/unit[fork-{number}]": UnitHistory((30.0,), "passed") for number in (0, 1)}
    plan = ordered(make_plan(suite), History({**history.units, **units}))
    found = tune.outcome(suite, plan, 8, tune.propose(suite, plan, 8))
    assert found.changes == ()
    assert found.notes == ("v/unit[fork-1], 30.00 s: unit has 2 forks; a larger `max_forks` would make them shorter",)


def test_the_longest_unit_is_brought_under_each_jobs_share() -> None:
    suite = suite_of("  gc: {seeds: 100, chunks: 2}\n  rest: {}\n")
    found = proposed(suite, {"gc": 20.0, "rest": 0.0}, jobs=8)
    assert found == {"gc": 10}  # 2.5 s are a job's share; ten chunks are the fewest of at most 0.8 of that


def test_a_module_that_was_not_cut_is_cut() -> None:
    assert proposed(suite_of("  gc: {seeds: 100}\n"), {"gc": 20.0}, jobs=2) == {"gc": 3}


def test_what_is_short_enough_stays() -> None:
    assert proposed(suite_of("  gc: {seeds: 100, chunks: 10}\n"), {"gc": 20.0}, jobs=8) == {}


def test_no_chunk_gets_shorter_than_the_floor() -> None:
    assert proposed(suite_of("  gc: {seeds: 100, chunks: 2}\n"), {"gc": 2.1}, jobs=64) == {"gc": 4}


def test_tiny_chunks_are_joined_as_long_as_the_bound_stays() -> None:
    suite = suite_of("  gc: {seeds: 100, chunks: 100}\n  rest: {}\n")
    assert proposed(suite, {"gc": 5.0, "rest": 5.0}, jobs=2) == {"gc": 10}
    assert proposed(suite, {"gc": 5.0, "rest": 0.0}, jobs=2) == {"gc": 10}
    assert proposed(suite, {"gc": 0.4, "rest": 0.0}, jobs=2) == {"gc": 2}  # one would be longer than 0.2 s


def test_chunks_just_below_the_floor_are_left_alone() -> None:
    assert proposed(suite_of("  gc: {seeds: 100, chunks: 10}\n"), {"gc": 3.0}, jobs=2) == {}


def test_a_slow_range_of_seeds_stays_slow() -> None:
    suite = suite_of("  gc: {seeds: 40, chunks: 4}\n")
    found = proposed(suite, {"gc": [0.5, 0.5, 0.5, 6.0]}, jobs=4)
    assert found["gc"] > 10  # evenly spread, 7.5 s in 5 chunks would do; the slow ten seeds need four for themselves
    costs = tune.Costs(
        suite.modules[0], ordered(make_plan(suite), history_of(suite, {"gc": [0.5, 0.5, 0.5, 6.0]})).units
    )
    assert costs.longest_s(found["gc"]) <= 7.5 / 4


def test_nothing_is_cut_finer_than_what_cannot_be_cut() -> None:
    suite = suite_of("  pole: {}\n  gc: {seeds: 100, chunks: 4}\n")
    assert proposed(suite, {"pole": 10.0, "gc": 36.0}, jobs=16) == {}
    assert proposed(suite, {"pole": 8.0, "gc": 36.0}, jobs=16) == {"gc": 6}


@pytest.mark.parametrize(
    ("module", "run", "why"),
    [
        ("{}", "'{module}'", "takes no seeds"),
        ("{seeds: 1}", "'{seeds}'", "has one seed"),
        ("{seeds: 9}", "'{chunk}'", "is not told its seeds by `run`"),
        (
            "{seeds: 9, chunks: 9, seed_policy: commit}",
            "'{first_seed}'",
            "takes its seeds from the commit, and `run` takes a range",
        ),
    ],
)
def test_what_cannot_be_cut_is_not_and_the_reason_is_told(module: str, run: str, why: str) -> None:
    suite = suite_of(f"  gc: {module}\n", HEAD.replace("'{seeds}'", run))
    plan = ordered(make_plan(suite), history_of(suite, {"gc": 90.0}))
    assert tune.propose(suite, plan, 100) == {}
    assert any(f"gc {why}" in note for note in tune.outcome(suite, plan, 100, {}).notes)


def test_seeds_from_the_commit_are_cut_where_they_are_told_one_by_one() -> None:
    suite = suite_of("  gc: {seeds: 9, seed_policy: commit}\n")
    assert proposed(suite, {"gc": 90.0}, jobs=100) == {"gc": 9}


def test_without_a_history_of_its_own_a_module_stays() -> None:
    suite = suite_of("  gc: {seeds: 100, weight: 100}\n  rest: {}\n")
    assert proposed(suite, {"rest": 1.0}, jobs=8) == {}


MODULES = st.lists(
    st.tuples(
        st.integers(1, 60),
        st.none() | st.integers(1, 60),
        st.sampled_from(["fixed", "commit"]),
        st.lists(st.floats(0, 20), min_size=60, max_size=60),
    ),
    min_size=1,
    max_size=4,
)


def _made(modules: list[tuple[int, int | None, str, list[float]]], run: str) -> tuple[Suite, History]:
    lines, seconds = [], {}
    for number, (seeds, wanted, policy, durations) in enumerate(modules):
        one_each = policy == "commit" and "first_seed" in run
        chunks = seeds if one_each else None if wanted is None else min(wanted, seeds)
        cut = "" if chunks is None else f", chunks: {chunks}"
        lines.append(f"  m{number}: {{seeds: {seeds}, seed_policy: {policy}{cut}}}\n")
        seconds[f"m{number}"] = durations[: chunks or 1]
    suite = suite_of("".join(lines), HEAD.replace("'{seeds}'", run))
    return suite, history_of(suite, seconds)


@settings(max_examples=40)
@given(MODULES, st.integers(1, 64), st.sampled_from(["'{seeds}'", "'{first_seed}', '{seed_count}'"]))
def test_whatever_is_proposed_the_suite_stage_takes_and_the_bound_is_no_worse(
    modules: list[tuple[int, int | None, str, list[float]]], jobs: int, run: str
) -> None:
    suite, history = _made(modules, run)
    plan = ordered(make_plan(suite), history)
    chunks = tune.propose(suite, plan, jobs)
    for module in suite.modules:
        if module.name in chunks:
            assert 1 <= chunks[module.name] <= module.seeds
            assert chunks[module.name] != (module.chunks or 1)
    text = HEAD.replace("'{seeds}'", run) + "modules:\n"
    for module in suite.modules:
        number = chunks.get(module.name, module.chunks)
        cut = "" if number is None else f", chunks: {number}"
        text += f"  {module.name}: {{seeds: {module.seeds}, seed_policy: {module.seed_policy}{cut}}}\n"
    suite_from_bytes(text.encode(), "suite.yaml")
    found = tune.outcome(suite, plan, jobs, chunks)
    assert found.bounds_s[1] <= found.bounds_s[0] * (1 + 1e-6)
    if found.longest_after[0] > found.total_s / jobs * 1.01 + 1e-9:
        assert found.notes


@settings(max_examples=40)
@given(MODULES, st.integers(1, 64))
def test_what_was_tuned_stays_tuned(modules: list[tuple[int, int | None, str, list[float]]], jobs: int) -> None:
    suite, history = _made(modules, "'{seeds}'")
    chunks = tune.propose(suite, ordered(make_plan(suite), history), jobs)
    after = replace(suite, modules=tuple(replace(m, chunks=chunks.get(m.name, m.chunks)) for m in suite.modules))
    rows: dict[str, dict[str, Any]] = {
        name: {"durations_s": list(unit.durations_s), "status": unit.status} for name, unit in history.units.items()
    }
    for one, other in zip(suite.modules, after.modules, strict=True):
        if one != other:
            recut(rows, "v", one, other)
    learnt = History({name: UnitHistory(tuple(row["durations_s"]), row["status"]) for name, row in rows.items()})
    plan = ordered(make_plan(after), learnt)
    assert sum(unit.estimate_s for unit in plan.units) == pytest.approx(
        sum(unit.estimate_s for unit in ordered(make_plan(suite), history).units), abs=0.1
    )
    assert tune.propose(after, plan, jobs) == {}


# -- the command ------------------------------------------------------------------------------------------------------


def _learn(project: Project, rows: Mapping[str, list[float]], statuses: Mapping[str, str] | None = None) -> None:
    known = {
        name: {"durations_s": durations, "status": (statuses or {}).get(name, "passed")}
        for name, durations in rows.items()
    }
    state = project.root / ".longpole"
    state.mkdir(exist_ok=True)
    (state / "history.json").write_text(json.dumps({"version": 1, "platforms": {platform_key(): known}}))


@pytest.fixture
def cut(project: Project) -> Project:
    """A project with a history in which two chunks of a module take ten seconds each, one of them having failed."""
    text = f"{HEAD}modules:\n  gc:  # slow\n    seeds: 10\n    chunks: 2\n  rest: {{}}\n"
    (project.root / "suite.yaml").write_text(text)
    rows = {"v/gc[0]": [10.0], "v/gc[1]": [10.0], "v/rest": [4.0]}
    _learn(project, rows, {"v/gc[1]": "failed"})
    return project


def test_a_proposal_is_shown_and_nothing_is_written(cut: Project) -> None:
    before = (cut.root / "suite.yaml").read_bytes()
    done = cut.longpole("tune", "--jobs", "3")
    assert (done.status, done.err) == (0, "")
    assert done.out == (
        "tiny: 24.00 s of units, 8.00 s for each of 3 jobs\n"
        "  module  chunks  longest unit\n"
        "  gc      2 -> 4  10.00 s -> 6.00 s\n"
        "longest unit:   10.00 s -> 6.00 s (a chunk of gc)\n"
        "least makespan: 10.00 s -> 8.00 s\n"
        "\n"
        "`longpole tune --write` changes suite.yaml\n"
    ).replace("\n\n`", "\n`")
    assert (cut.root / "suite.yaml").read_bytes() == before


def test_written_is_what_was_proposed_and_the_history_follows(cut: Project) -> None:
    path = cut.root / "suite.yaml"
    before = path.read_text()
    done = cut.longpole("tune", "-j3", "--write")
    assert done.status == 0
    assert done.out.endswith("\nwrote suite.yaml; the next `make` renders from it\n")
    assert path.read_text() == before.replace("chunks: 2", "chunks: 4")
    rows = read_history(cut.root / ".longpole").units
    assert {name: unit.durations_s for name, unit in rows.items()} == {
        "v/gc[0]": (4.0,),
        "v/gc[1]": (6.0,),
        "v/gc[2]": (4.0,),
        "v/gc[3]": (6.0,),
        "v/rest": (4.0,),
    }
    assert [name for name, unit in sorted(rows.items()) if unit.status == "failed"] == ["v/gc[2]", "v/gc[3]"]
    again = cut.longpole("tune", "-j3", "--write")
    assert "no change of chunks or groups would help" in again.out
    assert path.read_text() == before.replace("chunks: 2", "chunks: 4")


@pytest.mark.slow
def test_the_files_mode_and_a_link_to_it_stay(cut: Project) -> None:
    path = cut.root / "suite.yaml"
    real = cut.root / "real.yaml"
    path.rename(real)
    real.chmod(0o600)
    path.symlink_to("real.yaml")
    assert cut.longpole("tune", "-j3", "--write").status == 0
    assert path.is_symlink()
    assert "chunks: 4" in real.read_text()
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "suite.yaml"
    path.write_bytes(b"edited")
    with pytest.raises(UseError, match=r"suite\.yaml: was changed meanwhile and is left alone; try again"):
        edit.write_suite(str(path), b"read", b"changed")
    assert path.read_bytes() == b"edited"
    assert os.listdir(tmp_path) == ["suite.yaml"]


def test_a_file_that_cannot_be_written_is_a_mistake_told(tmp_path: Path) -> None:
    with pytest.raises(UseError, match="cannot be written: No such file or directory"):
        edit.write_suite(str(tmp_path / "gone.yaml"), b"", b"")


def test_without_a_history_a_run_is_what_helps(project: Project) -> None:
    project.write({"a": ""})
    done = project.longpole("tune")
    assert done.status == 2
    assert done.err == "longpole: .longpole: there is no history to tune from; type `make test` first\n"


@pytest.mark.parametrize("argv", [["--jobs", "0"], ["--jobs", "x"], ["surplus"], ["--suite", "nope.yaml"]])
def test_wrong_arguments(cut: Project, argv: list[str]) -> None:
    done = cut.longpole("tune", *argv)
    assert done.status == 2
    assert "Traceback" not in done.err


def test_what_cannot_be_changed_is_left_to_the_user_and_the_rest_is_done(cut: Project) -> None:
    text = f"{HEAD}modules:\n  gc: {{seeds: 10, chunks: 2}}\n  x: &a {{seeds: 10, chunks: 2}}\n  y: *a\n  gc-9: {{}}\n"
    path = cut.root / "suite.yaml"
    path.write_text(text)
    _learn(
        cut,
        {f"v/{name}[{chunk}]": [seconds] for name, seconds in (("gc", 9.0), ("x", 9.0), ("y", 1.0)) for chunk in (0, 1)}
        | {"v/gc-9": [0.1]},
    )
    done = cut.longpole("tune", "-j10", "--write")
    assert done.status == 0
    assert "note: write `chunks: 10` of x yourself: its text is shared by others\n" in done.out
    assert "note: gc cannot have 10 chunks: " in done.out
    assert path.read_text() == text


def test_the_suite_of_this_repository_can_be_tuned(project: Project) -> None:
    shutil.copy(REPOSITORY / "suite.yaml", project.root)
    suite = suite_from_bytes((project.root / "suite.yaml").read_bytes(), "suite.yaml")
    rows = {unit.id: [2.0 if unit.module == "gc" else 0.3] for unit in make_plan(suite).units}
    _learn(project, rows)
    done = project.longpole("tune", "-j64", "--write")
    text = (project.root / "suite.yaml").read_text()
    assert done.status == 0, done.text
    before = (REPOSITORY / "suite.yaml").read_text().splitlines()
    changed = [(a, b) for a, b in zip(before, text.splitlines(), strict=True) if a != b]
    assert len(changed) == 1
    assert re.sub(r"chunks: \d+", "", changed[0][0]) == re.sub(r"chunks: \d+", "", changed[0][1])


# -- what is known of new chunks --------------------------------------------------------------------------------------


def test_a_damaged_history_is_left_to_the_next_run(cut: Project) -> None:
    state = cut.root / ".longpole"
    before = suite_from_bytes((cut.root / "suite.yaml").read_bytes(), "suite.yaml")
    after = replace(before, modules=tuple(replace(m, chunks=5) if m.name == "gc" else m for m in before.modules))
    for text in ("", "{", "[]", '{"version":2,"platforms":{}}', '{"version":1,"platforms":{"a":{"v/gc[0]":1}}}'):
        (state / "history.json").write_text(text)
        relearn(state, before, after)
        assert (state / "history.json").read_text() == text


@given(
    st.integers(1, 50),
    st.integers(1, 50),
    st.integers(1, 50),
    st.lists(st.none() | st.floats(0.01, 100), min_size=50, max_size=50),
)
@pytest.mark.slow
def test_seeds_take_as_long_in_new_chunks_as_in_old_ones(
    seeds: int, old: int, new: int, durations: list[float | None]
) -> None:
    module = suite_of(f"  gc: {{seeds: {seeds}, chunks: {min(old, seeds)}}}\n").modules[0]
    rows: dict[str, dict[str, Any]] = {
        f"v/gc[{number}]": {"durations_s": [seconds], "status": "passed"}
        for number, seconds in enumerate(durations[: min(old, seeds)])
        if seconds is not None
    }
    known = {name: row["durations_s"][0] for name, row in rows.items()}
    for number, row in enumerate(rows.values()):
        row["peaks_bytes"] = [number + 1, 7]
        row["threads"] = 1.0 + number
    highest = max(7, len(rows))
    covered = {f"v/gc[{number}]": count for number, (_, count) in enumerate(chunk_ranges(seeds, min(old, seeds)))}
    recut(rows, "v", module, replace(module, chunks=min(new, seeds)))
    total = sum(row["durations_s"][0] for row in rows.values())
    if not known:
        assert rows == {}
    else:
        a_seed = sum(known.values()) / sum(covered[name] for name in known)
        expected = sum(known.values()) + a_seed * (seeds - sum(covered[name] for name in known))
        assert total == pytest.approx(expected, abs=1e-3 + 1e-4 * len(rows))
        assert len(rows) == min(new, seeds)
        assert all(row["peaks_bytes"] == [highest] for row in rows.values())
        assert {row.get("threads", 1.0) for row in rows.values()} == {float(len(known))}
