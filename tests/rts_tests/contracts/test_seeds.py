"""Seeds: the documented formula, and nothing else has a say in it."""

import hashlib
import json
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.commit import Commit, find_commit, parse_revision
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.plan import PlanModule, Unit
from longpole.rts_tests.contracts.seeds import (
    MAX_SEEDS,
    Seeds,
    commit_seed,
    execution_seeds,
    other_seeds,
    parse_override,
    seed_text,
    unit_seeds,
)
from tests.project import REVISION, Project

shas = st.text("0123456789abcdef", min_size=40, max_size=40)
names = st.text("abcdefghij_.-0123456789", min_size=1, max_size=20)


def module(policy: str | None, seeds: int, first: int = 0) -> PlanModule:
    return PlanModule(name="gc", weight=1.0, seed_policy=policy, first_seed=first, seeds=seeds, timeout_s=1.0, env={})


def unit(first: int, count: int, variant: str = "v", chunk: int | None = 0) -> Unit:
    return Unit(variant, "gc", chunk, first, count, 1.0, "weight", False)


@given(shas, names, st.integers(0, 2**32))
def test_a_commit_seed_is_the_documented_formula(sha: str, name: str, index: int) -> None:
    digest = hashlib.sha256(f"{sha}:{name}:{index}".encode()).hexdigest()
    assert commit_seed(sha, name, index) == int(digest[:8], 16)


def test_a_commit_seed_is_this_number() -> None:
    assert commit_seed("0" * 40, "gc", 0) == 0xA958EBD3
    assert commit_seed(None, "gc", 5) == 4711


def test_other_seeds_are_as_many_in_a_row_and_these() -> None:
    assert other_seeds(Seeds((7, 8, 9), "fixed")) == Seeds((792094931, 792094932, 792094933), "other")
    assert other_seeds(Seeds((7,), "commit")).values == (792094931,)


def test_seeds_of_an_execution_are_as_many_in_a_row_and_these() -> None:
    assert execution_seeds("a" * 40, "gc", 3, 2) == Seeds((36439069, 36439070), "SEED")
    assert execution_seeds(None, "gc", 3, 2).values == (3899521001, 3899521002)


def test_ranges_of_seeds_that_would_reach_beyond_32_bits_begin_further_down() -> None:
    # The digests of these are 4294905097 and 4294938776: less than 100,000 below 2**32.
    other = other_seeds(Seeds(tuple(range(50040, 150040)), "fixed")).values
    execution = execution_seeds(None, "gc", 25535, 100_000).values
    assert len(other) == len(execution) == 100_000
    assert max(*other, *execution) < 2**32
    assert (other[0], execution[0]) == (4294905097 % (2**32 - 99_999), 4294938776 % (2**32 - 99_999))


@given(shas, st.integers(1, 60), st.integers(1, 10), st.sampled_from(["fixed", "commit"]))
def test_seeds_do_not_depend_on_chunks_or_variants(sha: str, seeds: int, chunks: int, policy: str) -> None:
    from longpole.gen.plan.plan import chunk_ranges

    whole = unit_seeds(unit(0, seeds, "other", None), module(policy, seeds, 7), sha, None).values
    parts = [
        value
        for number, (first, count) in enumerate(chunk_ranges(max(seeds, chunks), chunks))
        for value in unit_seeds(unit(first, count, "v", number), module(policy, seeds, 7), sha, None).values
    ]
    assert tuple(parts[:seeds]) == whole


def test_fixed_seeds_count_up_from_the_first() -> None:
    assert unit_seeds(unit(2, 3), module("fixed", 9, 4711), None, None).values == (4713, 4714, 4715)


def test_without_a_commit_the_seed_is_the_fallback() -> None:
    found = unit_seeds(unit(0, 1), module("commit", 1), None, None)
    assert (found.values, found.source) == ((4711,), "fallback")


@pytest.mark.parametrize("policy", ["fixed", "commit"])
def test_an_override_is_those_seeds(policy: str) -> None:
    assert unit_seeds(unit(3, 5), module(policy, 9), "0" * 40, (7, 9)).values == (7, 9)


def test_a_module_without_seeds_has_none_even_under_an_override() -> None:
    assert unit_seeds(unit(0, 0), module(None, 0), "0" * 40, (7,)).values == ()


@pytest.mark.parametrize(
    ("text", "seeds"),
    [
        (None, None),
        ("", None),
        ("0", (0,)),
        ("4294967295", (4294967295,)),
        ("007", (7,)),
        ("30-32", (30, 31, 32)),
        ("5,9,5-6", (5, 9, 5, 6)),
    ],
)
def test_what_seeds_may_be(text: str | None, seeds: tuple[int, ...] | None) -> None:
    assert parse_override(text) == seeds


@given(st.lists(st.integers(0, 40) | st.integers(2**32 - 9, 2**32 - 1), min_size=1, max_size=30))
def test_seeds_are_written_as_they_are_read(values: list[int]) -> None:
    assert parse_override(seed_text(values)) == tuple(values)


def test_seeds_in_a_row_are_written_as_a_range() -> None:
    assert seed_text([30, 31, 32, 7, 9, 10]) == "30-32,7,9-10"


def test_more_seeds_than_anybody_means_are_refused() -> None:
    assert len(parse_override(f"1-{MAX_SEEDS}") or ()) == MAX_SEEDS
    for text in (f"0-{MAX_SEEDS}", "0-4294967295", f"1-{MAX_SEEDS},7"):
        with pytest.raises(UseError, match="names more than"):
            parse_override(text)


@pytest.mark.parametrize(
    "text",
    [
        "-1",
        "4294967296",
        "1.5",
        "x",
        " 1",
        "1 ",
        "٣",
        "²",
        "0x7",
        "9" * 5000,
        "1e3",
        "3-2",
        "1,",
        ",",
        "1-2-3",
        "0-4294967296",
    ],
)
def test_what_a_seed_may_not_be(text: str) -> None:
    with pytest.raises(UseError, match="is not a seed"):
        parse_override(text)


@pytest.mark.parametrize("revision", [REVISION, "a" * 64])
def test_a_revision_from_outside(project: Project, revision: str) -> None:
    given = parse_revision(revision)
    assert find_commit(project.root, given) == given == Commit(revision, "LONGPOLE_REV")


@pytest.mark.parametrize("revision", [f"{REVISION}-dirty", f"{REVISION}-dirty+2026-11-21"])
def test_a_tree_with_changes_is_not_the_commit(project: Project, revision: str) -> None:
    project.write({"seeded": "exit 0"}, modules={"seeded": {"seeds": 1, "seed_policy": "commit"}})
    done = project.make("test", LONGPOLE_REV=revision)
    assert done.status == 2
    assert f"LONGPOLE_REV: '{revision}' is a tree with uncommitted changes, which is not that commit" in done.err
    assert project.runs == []


@pytest.mark.parametrize(
    "revision", ["HEAD", "a" * 39, "A" * 40, f"{REVISION} ", f"{REVISION}-Dirty", "g" * 40, "a" * 41]
)
def test_a_bad_revision_is_refused(revision: str) -> None:
    with pytest.raises(UseError, match=r"LONGPOLE_REV: .* is not a full commit hash"):
        parse_revision(revision)


@pytest.fixture
def repository(project: Project) -> Project:
    """A git repository with one commit, and no revision given from outside."""
    del project.environ["LONGPOLE_REV"]
    project.write({"gc": ""}, modules={"gc": {"seeds": 2, "chunks": 2, "seed_policy": "commit"}})
    project.git("init", "-q")
    project.git("commit", "-q", "--allow-empty", "-m", "one")
    return project


def seeds_of(project: Project) -> dict[str, int]:
    return {row["id"]: row["first_seed"] for row in json.loads(project.longpole("list", "--json").out)["units"]}


def test_two_commits_differ_and_the_same_commit_does_not(repository: Project) -> None:
    first = repository.git("rev-parse", "HEAD")
    one, again = seeds_of(repository), seeds_of(repository)
    assert one == again == {f"v/gc[{index}]": commit_seed(first, "gc", index) for index in (0, 1)}
    repository.git("commit", "-q", "--allow-empty", "-m", "two")
    two = seeds_of(repository)
    assert set(two.values()).isdisjoint(one.values())


def test_a_run_uses_and_records_the_commits_seeds(repository: Project) -> None:
    sha = repository.git("rev-parse", "HEAD")
    done = repository.make("test")
    assert {name: row["seed"] for name, row in repository.records().items()} == seeds_of(repository)
    assert f"commit {sha[:12]} (git rev-parse HEAD)" in done.out


def test_asking_for_the_commit_leaves_one_thread_because_the_runner_forks_next(repository: Project) -> None:
    script = "import os, pathlib; from longpole.rts_tests.contracts.commit import find_commit; "
    script += "print(find_commit(pathlib.Path()).sha, len(os.listdir('/proc/self/task')))"
    done = repository.run(sys.executable, "-c", script)
    assert done.out.split() == [repository.git("rev-parse", "HEAD"), "1"]


def test_a_folder_of_a_repository_is_on_its_commit(repository: Project) -> None:
    inner = repository.root / "inner"
    inner.mkdir()
    assert find_commit(inner).sha == repository.git("rev-parse", "HEAD")


def test_a_directory_that_is_no_repository_has_the_fallback(project: Project) -> None:
    del project.environ["LONGPOLE_REV"]
    project.write({"gc": ""}, modules={"gc": {"seeds": 1, "seed_policy": "commit"}})
    done = project.make("test")
    assert project.records()["v/gc"]["seed"] == 4711
    assert "no commit is known: commit seeds are the fallback, 4711" in done.out
    assert "fatal" not in done.text


def test_the_fallback_is_named_only_where_a_unit_has_it(project: Project) -> None:
    del project.environ["LONGPOLE_REV"]
    project.write({"gc": ""}, modules={"gc": {"seeds": 1}})
    done = project.make("test")
    assert "no commit is known\n" in done.out


def test_a_repository_without_a_commit_has_the_fallback(project: Project) -> None:
    project.git("init", "-q")
    assert find_commit(project.root) == Commit(None, "no commit is known here")


def test_seed_tells_what_is_in_force_and_where_it_comes_from(project: Project) -> None:
    modules = {"a": {"seeds": 3, "first_seed": 5}, "b": {"seeds": 1, "seed_policy": "commit"}, "c": {}}
    project.write(dict.fromkeys(modules, ""), modules=modules)
    rows = {row["module"]: row for row in json.loads(project.longpole("seed", "--json").out)["modules"]}
    assert (rows["a"]["first_seed"], rows["a"]["seed_count"], rows["a"]["source"]) == (5, 3, "suite")
    assert rows["b"]["first_seed"] == commit_seed(REVISION, "b", 0)
    assert REVISION in rows["b"]["source"]
    assert rows["c"]["first_seed"] is None
    overridden = {row["module"]: row for row in json.loads(project.longpole("seed", "--json", SEED="9").out)["modules"]}
    assert [overridden[name]["first_seed"] for name in "abc"] == [9, 9, None]


def test_a_range_of_seeds_reaches_a_unit_and_its_reproducer(project: Project) -> None:
    project.write({"gc": "echo $1; exit 1"}, modules={"gc": {"seeds": 2}})
    done = project.make("test", "SEED=30-32,9")
    assert done.status == 2
    assert project.log("test-v-gc") == b"30,31,32,9\n"
    assert "seeds 30-32,9 for every unit that takes seeds (SEED)" in done.out
    assert "    again: make test-v-gc SEED=30-32,9\n" in done.out


def test_a_unit_that_is_told_a_range_is_given_no_other_seeds(project: Project) -> None:
    run = ["sh", "units/{module}.sh", "{first_seed}", "{seed_count}"]
    project.write({"gc": "echo $1 $2"}, modules={"gc": {"seeds": 2}}, defaults={"run": run})
    done = project.make("test", "SEED=5,9")
    assert done.status == 2
    what = "longpole: SEED: the units of v take a range of seeds, and 5,9 is not a range; give one seed or one range"
    assert what in done.err
    assert project.runs == []
    assert project.make("test", "SEED=5-9").status == 0
    assert project.log("test-v-gc") == b"5 5\n"
