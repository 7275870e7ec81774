"""Calibration: what can be seen, from runs of the same commit."""

from pathlib import Path

import numpy as np
import pytest

from longpole.perf.detect.calibrate import MORE_RUNS, calibrate, smallest_change
from longpole.perf.detect.calibration_text import as_json, as_text, refuse_below_noise
from longpole.perf.detect.detect import Options
from longpole.perf.detect.noise import Noise, p_of_medians, p_of_shift
from longpole.rts_tests.contracts.errors import UseError
from tests.perf.detect.histories import commits, index_of, shared_machine


def test_the_smallest_change_grows_with_the_noise_and_shrinks_with_more_runs() -> None:
    random = np.random.default_rng(2)
    found = []
    for scale in (0.01, 0.03):
        deviations = scale * random.standard_normal(300)
        for runs in MORE_RUNS:
            windows = np.lib.stride_tricks.sliding_window_view(deviations, runs)
            found.append(smallest_change(Noise(deviations), np.asarray(windows), 1e-4) or 0.0)
    assert found[0] > found[1] > found[2] > 0.01
    assert found[3] > 2 * found[0]


def test_an_injected_change_has_the_p_value_that_detection_gives_it() -> None:
    values = 0.01 * np.random.default_rng(2).standard_normal(33)
    values[:30] -= np.median(values[:30])
    values[30:] += 0.05
    noise = Noise(np.concatenate((values[:30], [np.nan] * 3)))
    assert p_of_medians(values[None, 30:], noise)[0] == pytest.approx(p_of_shift(values, noise, 0, 30, 33)[1], rel=0.02)


def test_few_runs_of_the_same_commit_calibrate_nothing(tmp_path: Path) -> None:
    index = index_of(tmp_path, shared_machine(30, 6), list(range(30)))
    found = calibrate(index, commits(30), Options())
    assert {(each.pairs, each.false_alarm_rate, each.smallest_change) for each in found} == {(0, None, None)}
    with pytest.raises(UseError, match="measure some commits again"):
        refuse_below_noise(found, 0.5)


def test_a_threshold_below_the_noise_is_refused_with_what_would_lower_it(tmp_path: Path) -> None:
    index = index_of(tmp_path, shared_machine(120, 6), [row // 40 for row in range(120)])
    found = calibrate(index, commits(3), Options())
    assert {each.pairs for each in found} == {117}
    refuse_below_noise(found, 1.0)
    with pytest.raises(UseError, match=r"b0 time.*below its smallest change.*9 runs after a change instead of 3"):
        refuse_below_noise([each for each in found if each.benchmark == "b0"], 0.005)
    assert max(map(len, as_text(found).splitlines())) <= 100
    assert as_json(found)["series"][0]["smallest_changes"].keys() == set(MORE_RUNS)


def test_series_that_are_too_short_are_said_to_be(tmp_path: Path) -> None:
    found = calibrate(index_of(tmp_path, shared_machine(5, 4), [0] * 5), commits(1), Options())
    assert as_text(found) == "no series has 6 runs or more: measure more commits, and some of them again"


def test_pairs_without_a_third_run_of_their_commit_say_too_little(tmp_path: Path) -> None:
    """Two runs of each commit are many pairs, but a change is injected into three runs of one."""
    found = calibrate(
        index_of(tmp_path, shared_machine(60, 4), [row // 2 for row in range(60)]), commits(30), Options()
    )
    assert {(each.pairs, each.places, each.smallest_change) for each in found} == {(30, 0, None)}
    with pytest.raises(UseError) as refused:
        refuse_below_noise(found[:1], 0.0001)
    what, remedy = refused.value.problems[0].what, refused.value.problems[0].remedy
    assert what == "a threshold of 0.01 % is below its smallest change, which is unknown"
    assert remedy == "measure some commits again: 20 times 3 runs of one commit in a row are needed, and there are 0"
    assert as_text(found).splitlines()[-3:] == ["", "what would lower that of b0:", f"  {remedy}"]
