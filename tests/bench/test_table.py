"""Results as text."""

from bench.budgets import Budget
from bench.measure import Measured, Sample
from bench.result import Comparison, Figure, Result, as_json, joined
from bench.table import result_markdown, result_text


def _measured(*seconds: float) -> Measured:
    return Measured(tuple(Sample(each, each * 2, 0, 0.25) for each in seconds))


COMPARISON = Comparison(
    "10 units",
    10,
    "ours",
    {"ours": _measured(2.0, 3.0, 2.5), "bare make": _measured(1.0, 1.1, 1.0), "neither": _measured(4.0, 4.0, 4.0)},
    {"ours": "bare make"},
    {"ours": _measured(4.0, 5.0, 6.0), "bare make": _measured(1.0, 1.0, 1.0)},
)


def test_a_comparison_has_medians_spreads_and_a_disk_beside_the_memory() -> None:
    text = result_text(Result("overhead", (COMPARISON,), left_out=("lit: lit is not installed",)))
    assert text == (
        "overhead\n"
        "\n"
        "  10 units; medians of 3 rounds, ratios to `ours`\n"
        "             wall s    min-max  CPU s  ratio  over bare ms  others  disk: wall s    min-max  over bare ms\n"
        "  bare make    1.00  1.00-1.10   2.00   0.40                   25%          1.00  1.00-1.00\n"
        "  ours         2.50  2.00-3.00   5.00   1.00           150     25%          5.00  4.00-6.00           400\n"
        "  neither      4.00  4.00-4.00   8.00   1.60                   25%\n"
        "\n"
        "  left out: lit: lit is not installed\n"
    )


def test_a_figure_stands_beside_its_budget_its_goal_and_the_other_checkout() -> None:
    here = [Figure("a unit", (1.0, 1.4, 1.3), "ms", Budget(1.2, 1.0)), Figure("a run", (0.5,), "s", Budget(0.5))]
    there = [Figure("a unit", (2.0, 3.0, 2.5), "ms", Budget(1.2, 1.0))]
    assert result_text(Result("overhead", figures=joined(here, there))) == (
        "overhead\n"
        "\n"
        "          measured    min-max  against    min-max   budget     goal\n"
        "  a unit   1.30 ms  1.00-1.40  2.50 ms  2.00-3.00  1.20 ms  1.00 ms  over\n"
        "  a run     0.50 s                                  0.50 s             ok\n"
    )


def test_json_has_every_sample_and_value() -> None:
    figure = Figure("a unit", (1.0, 1.4, 1.3), "ms", Budget(1.2, 1.0), (2.0,))
    data = as_json(Result("overhead", (COMPARISON,), (figure,)))
    assert data["figures"][0]["values"] == (1.0, 1.4, 1.3)
    assert (data["figures"][0]["value"], data["figures"][0]["verdict"]) == (1.3, "over")
    assert [sample["wall_s"] for sample in data["comparisons"][0]["samples"]["ours"]] == [2.0, 3.0, 2.5]
    assert [sample["wall_s"] for sample in data["comparisons"][0]["samples_on_disk"]["ours"]] == [4.0, 5.0, 6.0]


def test_the_same_tables_as_markdown() -> None:
    figure = Figure("a unit", (1.0, 1.4, 1.3), "ms", Budget(1.2, 1.0))
    assert result_markdown(Result("overhead", (COMPARISON,), (figure,), notes=("a note",))) == (
        "### overhead\n"
        "\n"
        "10 units; medians of 3 rounds, ratios to `ours`:\n"
        "\n"
        "| | wall s | min-max | CPU s | ratio | over bare ms | others | disk: wall s | min-max | over bare ms |\n"
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n"
        "| bare make | 1.00 | 1.00-1.10 | 2.00 | 0.40 | | 25% | 1.00 | 1.00-1.00 | |\n"
        "| ours | 2.50 | 2.00-3.00 | 5.00 | 1.00 | 150 | 25% | 5.00 | 4.00-6.00 | 400 |\n"
        "| neither | 4.00 | 4.00-4.00 | 8.00 | 1.60 | | 25% | | | |\n"
        "\n"
        "| | measured | min-max | budget | goal | |\n"
        "|---|---:|---:|---:|---:|---:|\n"
        "| a unit | 1.30 ms | 1.00-1.40 | 1.20 ms | 1.00 ms | over |\n"
        "\n"
        "a note\n"
    )
