"""What is measured before and beside units, with real make."""

import sys
import time
from dataclasses import replace
from pathlib import Path

from bench.longpoles import Longpole
from bench.measure import Measured, Sample, once
from bench.start import start_contenders, start_figures
from longpole.rts_tests.contracts.records import read_run_info
from longpole.rts_tests.state.run_folders import find_run

SIDE = Longpole("Longpole", "ours", sys.executable)


def test_each_command_does_what_its_figure_says(tmp_path: Path) -> None:
    contenders = {each.name.removeprefix("Longpole: "): each for each in start_contenders(SIDE, tmp_path, 3)}
    outputs, samples = {}, {}
    for name, contender in contenders.items():
        before = time.time_ns()
        samples[name] = once(contender, tmp_path / "log")
        outputs[name] = (tmp_path / "log").read_text()
        if contender.until is not None:
            assert before < int(contender.until.read_text()) < time.time_ns()
            contender.until.write_text("of the first")
            once(replace(contender, until=None), tmp_path / "log")
            assert contender.until.read_text() == "of the first"
    assert [name for name, each in contenders.items() if each.until is not None] == ["to the first unit"]
    assert "3 units: 3 passed" in outputs["to the first unit"]
    single = contenders["a single unit"].cwd / ".longpole"
    assert [name for name, *_ in read_run_info(find_run(single, None)).planned] == ["v/m[0]"]
    assert "nothing to run again" in outputs["nothing to run again"]
    assert all(f"v/m[{index}]" in outputs["list"] for index in range(3))
    assert outputs["bare Python"] == ""


def test_figures_are_over_the_bare_python_of_the_same_side() -> None:
    walls = {
        "to the first unit": 0.2,
        "a single unit": 0.3,
        "nothing to run again": 0.12,
        "list": 0.11,
        "version": 0.08,
        "bare Python": 0.02,
    }
    measured = {f"Longpole: {name}": Measured((Sample(wall, 0.0, 0, None),)) for name, wall in walls.items()}
    assert [round(figure.value, 6) for figure in start_figures(SIDE, measured, 1000)] == [0.2, 0.3, 0.06, 0.09, 0.1]
