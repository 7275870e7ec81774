"""Adding files to a branch: a pure function of what is there, and the order of those who add does not matter."""

from hypothesis import given
from hypothesis import strategies as st

from longpole.perf.merge import foreign, merge, problem

PATHS = st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map("/".join)
TREES = st.dictionaries(PATHS, st.sampled_from(["1", "2"]), max_size=6)
DIGESTS = st.dictionaries(st.from_regex(r"runs/[ab]/[0-9a-f]{3}", fullmatch=True), st.just("id"), max_size=6)


def is_tree(files: dict[str, str]) -> bool:
    """Whether no file is where a folder is."""
    return not any(other.startswith(f"{path}/") for path in files for other in files)


@given(TREES.filter(is_tree), TREES.filter(is_tree))
def test_each_file_is_new_or_present_or_refused_and_the_union_is_a_tree(
    there: dict[str, str], add: dict[str, str]
) -> None:
    found = merge(there, (), add)
    assert sorted([*found.new, *found.present, *found.refused]) == sorted(add)
    after = {**there, **{path: add[path] for path in found.new}}
    assert is_tree(after)
    assert all(after[path] == there[path] for path in there), "nothing that is there is replaced"
    assert all(there[path] == add[path] for path in found.present)


@given(DIGESTS, DIGESTS)
def test_a_second_time_adds_nothing(there: dict[str, str], add: dict[str, str]) -> None:
    after = {**there, **{path: add[path] for path in merge(there, (), add).new}}
    assert merge(after, (), add) == merge(after, (), add)
    assert merge(after, (), add).new == ()


@given(DIGESTS, st.permutations(range(4)), st.lists(DIGESTS, min_size=4, max_size=4))
def test_whoever_is_first_the_branch_is_the_same(
    there: dict[str, str], order: list[int], adds: list[dict[str, str]]
) -> None:
    after = dict(there)
    for number in order:
        after |= {path: adds[number][path] for path in merge(after, (), adds[number]).new}
    assert after == {path: name for files in (there, *adds) for path, name in files.items()}


def test_a_file_of_a_pack_is_there() -> None:
    assert merge({}, {"runs/a"}, {"runs/a": "1"}).present == ("runs/a",)


def test_a_file_with_another_content_is_refused() -> None:
    found = merge({"a/b": "1", "c": "1", "d/e": "1"}, (), {"a/b": "2", "c/x": "1", "d": "1"})
    assert found.new == found.present == ()
    assert "another content" in found.refused["a/b"]
    assert found.refused.keys() == {"a/b", "c/x", "d"}


def test_a_refusal_has_its_place_and_a_remedy() -> None:
    assert str(problem("in/x.json", "why")) == "in/x.json: why; mend the branch: results are never rewritten"


def test_a_branch_that_holds_other_things_is_told() -> None:
    assert foreign([]) == ""
    assert foreign(["README.md"]) == ""
    assert foreign(["src/main.c", "README.md"]) == "src"
    assert foreign(["src/main.c", "runs/a/b"]) == ""
