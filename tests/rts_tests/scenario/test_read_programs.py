"""Steps that begin, end, and wait for background programs: what they mean, and what is wrong with them."""

import signal

import pytest

from longpole.rts_tests.scenario.model import Ready, Stop
from longpole.rts_tests.scenario.read_programs import port_of
from tests.rts_tests.scenario.scenarios import one_mistake, parsed, problems

BEGIN = "name: x\nsteps:\n"
SERVE = BEGIN + "  - {name: s, run: r, background: d}\n"


def test_every_key() -> None:
    scenario = parsed(
        f"""{BEGIN}
  - {{name: a, run: serve, background: d, cwd: c, ready: {{port: 80, timeout: 0.5}}}}
  - {{name: b, run: other, background: e-1, ready: {{output: "on $X"}}, expect: {{output_contains: [a]}}}}
  - {{name: c, run: third, background: F, ready:}}
  - {{name: d, stop: {{name: d}}, timeout: 5, expect: {{exit_code: -1}}}}
  - {{name: e, stop: {{name: F, signal: sigint}}}}
  - {{name: f, wait: e-1, background: , ready:}}
  - {{name: g, run: again, background: d, ready: {{file: f}}}}
  - {{name: h, run: again, background: F, ready: {{run: "true"}}}}
""",
        strict=False,
    )
    steps = scenario.steps
    assert [step.background for step in steps] == ["d", "e-1", "F", None, None, None, "d", "F"]
    assert [step.ready for step in steps] == [
        *(Ready("port", "80", 0.5), Ready("output", "on $X"), None, None, None, None),
        *(Ready("file", "f"), Ready("run", "true")),
    ]
    assert [step.stop for step in steps[3:5]] == [Stop("d", signal.SIGTERM), Stop("F", signal.SIGINT)]
    assert [step.wait for step in steps[4:7]] == [None, "e-1", None]
    assert [step.run for step in steps[3:6]] == [""] * 3
    assert (steps[3].exit_code, steps[3].timeout_s) == (-1, 5)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (SERVE + "  - {name: t, §run: r, stop: {name: d}}\n", "`run` cannot stand beside `stop`"),
        (SERVE + "  - {name: t, cwd: §c, wait: d}\n", "`cwd` cannot stand beside `wait`"),
        (SERVE + "  - {name: t, wait: d, background: §e}\n", "`background` cannot stand beside `wait`"),
        (SERVE + "  - {name: t, stop: {name: d}, ready: §{port: 1}}\n", "`ready` cannot stand beside `stop`"),
        (BEGIN + "  - {name: t, run: r, ready: §{port: 1}}\n", "`ready` is about a background program"),
        (BEGIN + "  - {name: t, run: r, background: §1d}\n", "`1d` cannot be the name of a background program"),
        (BEGIN + "  - {name: t, run: r, background: §[d]}\n", "`background` must be text, and is a list"),
        (SERVE + "  - {name: t, run: r, background: §d}\n", "the background program `d` has begun in line 3"),
        (SERVE + "  - {name: t, wait: §e}\n", "no step before has `background: e`"),
        (SERVE + "  - {name: t, wait: §D}\n", "did you mean `d`?"),
        (BEGIN + "  - {name: t, wait: §d}\n  - {name: s, run: r, background: d}\n", "no step before"),
        (SERVE + "  - {name: t, wait: d}\n  - {name: u, stop: {name: §d}}\n", "`d` is left to be stopped"),
        (SERVE + "  - {name: t, stop: §{}}\n", "a stop needs `name`"),
        (SERVE + "  - {name: t, stop: §d}\n", "a stop must be a mapping, and is `d`; write `name: ...`"),
        (SERVE + "  - {name: t, stop: {name: d, signal: §TREM}}\n", "`TREM` is no signal of this system"),
        (SERVE + "  - {name: t, stop: {name: d, signal: §TERMM}}\n", "did you mean `TERM`?"),
        (SERVE + "  - {name: t, stop: {name: d, §signl: TERM}}\n", "did you mean `signal`?"),
        (BEGIN + "  - {name: t, run: r, background: d, ready: §{}}\n", "`ready` has one of `output`"),
        (BEGIN + "  - {name: t, run: r, background: d, ready: §{port: 1, file: f}}\n", "`ready` has one of"),
        (BEGIN + "  - {name: t, run: r, background: d, ready: {port: §http}}\n", "`http` is no port"),
        (BEGIN + "  - {name: t, run: r, background: d, ready: {port: §65536}}\n", "`65536` is no port"),
        (BEGIN + "  - {name: t, run: r, background: d, ready: {port: §0}}\n", "`0` is no port"),
        (BEGIN + "  - {name: t, run: r, background: d, ready: {file: §}}\n", "`file` has no value"),
        (BEGIN + "  - {name: t, run: r, background: d, ready: {file: §[f]}}\n", "`file` must be text, and is a list"),
        (BEGIN + '  - {name: t, run: r, background: d, ready: {output: §"\\0"}}\n', "`output` holds a NUL"),
        (BEGIN + "  - {name: t, run: r, background: d, ready: {port: 1, timeout: §0}}\n", "a number of seconds"),
        (BEGIN + "  - {name: t, run: r, background: d, expect: {exit_code: §0}}\n", "has no exit status yet"),
        (BEGIN + "  - §{name: t, expect: {exit_code: 0}}\n", "a step needs `run`"),
        (BEGIN + "  - {name: t, stop: §}\n", "`stop` has no value"),
        (BEGIN + "  - {name: t, wait: §}\n", "`wait` has no value"),
    ],
)
def test_one_error(text: str, what: str) -> None:
    one_mistake(text.replace("§run", "run").replace("run: r, stop", "run: §r, stop"), what, strict=False)


def test_a_step_cannot_both_stop_and_wait() -> None:
    two = "  - {name: o, run: r, background: e}\n"
    one_mistake(
        SERVE + two + "  - {name: t, stop: {name: d}, wait: §e}\n", "cannot both `stop` and `wait`", strict=False
    )


@pytest.mark.parametrize(
    ("text", "port"),
    [("1", 1), ("80", 80), ("65535", 65_535), ("00080", 80), ("65536", None), ("0", None), ("000080", None)]
    + [(text, None) for text in ("", "-1", "+1", "1.0", " 1", "http", "\u0661")],
)
def test_ports(text: str, port: int | None) -> None:
    assert port_of(text) == port


@pytest.mark.parametrize("key", ["background: d", "background: d, ready: {port: 1}", "stop: {name: d}", "wait: d"])
def test_a_strict_suite_refuses_them(key: str) -> None:
    for problem in problems(f"{BEGIN}  - {{name: s, run: r, {key}}}\n"):
        assert "is an extension, and the suite is strict" in str(problem)


def test_a_strict_suite_names_no_extension_that_would_help() -> None:
    one_mistake(BEGIN + "  - §{name: s}\n", "a step needs `run`; add `run:`")
