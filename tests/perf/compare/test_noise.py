"""The noise of series from runs of one commit: with and without the mood of the machine."""

from random import Random

import pytest

from longpole.perf.compare.noise import LEAST_PAIRS, mood_limit, noise
from longpole.perf.index import Run, Table
from tests.perf.compare.made_up import NAMES, START


def table(runs: int, *, mood: float = 0.0, own: float = 0.02, names: tuple[str, ...] = NAMES, of: int = 10) -> Table:
    """Runs, `of` each commit; every commit is 10 % slower than the one before."""
    random = Random(5)
    rows, means = [], []
    for number in range(runs):
        common = random.lognormvariate(0, mood) * 1.1 ** (number // of) if mood else 1.1 ** (number // of)
        rows.append(Run(number, "p", f"commit-{number // of}", START, "", False, None, None, None))
        means.append([common * random.lognormvariate(0, own) for _ in names])
    return Table(tuple(rows), names, means, ("s",) * len(names))  # type: ignore[arg-type]


def test_the_noise_of_runs_of_one_commit_is_learnt_and_changes_between_commits_do_not_count() -> None:
    learnt = noise(table(300), divide=False)
    assert set(learnt) == set(NAMES)
    for each in learnt.values():
        assert each.pairs == 270
        assert each.deviation == pytest.approx(0.02, rel=0.25)
        assert each.threshold is not None
        assert 0.05 < each.threshold < 0.13


def test_the_mood_is_divided_out() -> None:
    moody = table(300, mood=0.2)
    as_is, divided = noise(moody, divide=False), noise(moody, divide=True)
    assert all(each.deviation > 0.15 for each in as_is.values())
    assert all(each.deviation < 0.03 for each in divided.values())
    limit = mood_limit(moody)
    assert limit is not None
    assert 0.4 < limit < 1.2


def test_a_reference_is_the_mood_where_there_is_one() -> None:
    few = table(100, mood=0.2, names=("only",))
    referenced = tuple(
        Run(run.id, "p", run.commit, START, "", False, None, None, (mean or 0) / 1.1 ** (run.id // 10) / 5)
        for run, (mean,) in zip(few.runs, few.means, strict=True)
    )
    learnt = noise(Table(referenced, few.benchmarks, few.means), divide=True)["only"]
    assert learnt.deviation < 1e-9
    assert learnt.threshold == 0.01
    assert noise(few, divide=True)["only"].deviation > 0.15


def test_another_reference_workload_says_nothing_of_the_mood() -> None:
    """Its time differs by what it is, so the ratio of two of them is no mood; the other benchmarks' is."""
    quiet = table(300)
    other = tuple(
        run._replace(reference_mean=(1.0, 5.0)[run.id % 2], machine={"reference": ("1", "2")[run.id % 2]})
        for run in quiet.runs
    )
    of_others = noise(quiet, divide=True)
    assert noise(Table(other, quiet.benchmarks, quiet.means, quiet.units), divide=True) == of_others


def test_of_few_pairs_there_is_no_threshold_and_of_none_nothing() -> None:
    assert noise(table(LEAST_PAIRS, of=LEAST_PAIRS), divide=True)[NAMES[0]].threshold is None
    assert noise(table(LEAST_PAIRS + 1, of=LEAST_PAIRS + 1), divide=True)[NAMES[0]].threshold is not None
    assert noise(table(10, of=1), divide=True) == {}
    assert mood_limit(table(10, of=1)) is None
    assert mood_limit(table(300, names=NAMES[:3])) is None


def test_gaps_and_values_that_are_not_positive_do_no_harm() -> None:
    gappy = table(100)
    for row in gappy.means[::3]:
        row[0] = None
    for row in gappy.means:
        row[1] = 0.0
    learnt = noise(gappy, divide=True)
    assert NAMES[1] not in learnt
    assert learnt[NAMES[0]].pairs < 90
    assert learnt[NAMES[2]].deviation == pytest.approx(0.02, rel=0.3)
    assert noise(table(60, names=tuple(map(str, range(80)))), divide=True)["3"].pairs == 54
