"""Conditions: what a scenario requires, why it is skipped, and what is refused."""

import json
import os
import platform
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.scenario import conditions
from longpole.rts_tests.scenario.conditions import (
    Probes,
    Ran,
    compared,
    has_tags,
    parse_requirement,
    skip_reason,
    version_in,
)
from longpole.rts_tests.scenario.model import Scenario
from tests.rts_tests.scenario.scenarios import HEAD, STEPS, one_mistake, parsed, problems

Run = Callable[..., Ran]


def write_program(folder: Path, name: str, output: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{output}\n")
    path.chmod(0o755)
    return path


class Runner:
    """Runs nothing: tells what a command line would have printed, and remembers it."""

    def __init__(self, **outputs: Ran) -> None:
        self.outputs = outputs
        self.lines: list[str] = []

    def __call__(self, text: str, environ: Mapping[str, str], timeout_s: float) -> Ran:
        assert timeout_s > 0
        self.lines.append(text)
        program, *_ = text.split()
        return self.outputs.get(os.path.basename(program.strip("'")), Ran(127, "", ""))


def scenario(**keys: object) -> Scenario:
    lines = [f"{name}: {json.dumps(value)}" for name, value in keys.items()]
    return parsed(HEAD + "\n".join(lines), strict=False)


def reason(tmp_path: Path, runner: Run, **keys: object) -> str | None:
    return skip_reason(scenario(**keys), Probes(None), runner, {"PATH": str(tmp_path / "bin")}, lambda text: text)


def test_a_scenario_without_conditions_runs_nothing() -> None:
    runner = Runner()
    assert skip_reason(parsed(HEAD), Probes(None), runner, {}, str) is None
    assert runner.lines == []


def test_a_program_is_looked_for_on_the_path_of_the_steps(tmp_path: Path) -> None:
    write_program(tmp_path / "bin", "there")
    (tmp_path / "bin" / "folder").mkdir()
    (tmp_path / "bin" / "no-program").write_text("")
    runner = Runner()
    assert reason(tmp_path, runner, requires=["there"]) is None
    assert reason(tmp_path, runner, requires=["missing"]) == "it needs `missing`, which is not on PATH"
    for name in ("folder", "no-program"):
        assert reason(tmp_path, runner, requires=["there", name]) == f"it needs `{name}`, which is not on PATH"
    assert reason(tmp_path, runner, requires=[str(tmp_path / "bin" / "there")]) is None
    assert reason(tmp_path, runner, requires=["/no/such"]) == "it needs `/no/such`, which does not exist"
    assert runner.lines == []


def test_all_that_is_missing_is_named(tmp_path: Path) -> None:
    found = reason(tmp_path, Runner(), requires=["one", "two>=1", "os=darwin,linux" if False else "three"])
    assert found is not None
    assert found.count("which is not on PATH") == 3


@pytest.mark.parametrize(
    ("required", "holds"),
    [
        ("tool>=2.45", False),
        ("tool>=2.39", True),
        ("tool>=2.39.2", True),
        ("tool>2.39.2", False),
        ("tool>2.39.1", True),
        ("tool<2.40", True),
        ("tool<=2.39", False),
        ("tool=2.39.2", True),
        ("tool==2.39.2.0", True),
        ("tool=2.39", False),
        ("tool!=2.39", True),
        ("tool!=2.39.2", False),
        ("tool >= 2.39", True),
    ],
)
def test_a_version_is_asked_of_the_program(tmp_path: Path, required: str, holds: bool) -> None:
    write_program(tmp_path / "bin", "tool")
    runner = Runner(tool=Ran(0, "tool version 2.39.2 (of 2024-01-02)\n", ""))
    found = reason(tmp_path, runner, requires=[required])
    wanted = required.replace(" ", "")
    assert found == (None if holds else f"it needs `{wanted}`, and this is version 2.39.2")


def test_a_program_without_a_version_does_not_do(tmp_path: Path) -> None:
    path = write_program(tmp_path / "bin", "tool")
    runner = Runner(tool=Ran(0, "no number", ""))
    assert reason(tmp_path, runner, requires=["tool>=1"]) == "it needs `tool>=1`, and `tool --version` names no version"
    assert runner.lines == [f"{path} --version", f"{path} -V"]


def test_a_version_may_be_told_on_standard_error_or_for_another_option(tmp_path: Path) -> None:
    path = write_program(tmp_path / "bin", "tool")
    assert reason(tmp_path, Runner(tool=Ran(0, "", "tool 2.0\n")), requires=["tool>=2"]) is None

    def only_v(text: str, environ: Mapping[str, str], timeout_s: float) -> Ran:
        return Ran(0, "tool 3.1", "") if text == f"{path} -V" else Ran(1, "", "unknown option --version, line 12\n")

    assert reason(tmp_path, only_v, requires=["tool=3.1"]) is None


def test_a_program_is_asked_once_a_run(tmp_path: Path) -> None:
    path = write_program(tmp_path / "bin", "tool")
    environ = {"PATH": str(tmp_path / "bin")}
    needs = scenario(requires=["tool>=1"])
    for attempt in range(3):  # each as a process of its own would
        runner = Runner(tool=Ran(0, "tool 1.0", ""))
        probes = Probes(str(tmp_path / "probes"))
        for _ in range(2):
            assert skip_reason(needs, probes, runner, environ, str) is None
        assert len(runner.lines) == (1 if attempt == 0 else 0)
    path.write_text("#!/bin/sh\n# another\n")
    runner = Runner(tool=Ran(0, "tool 0.5", ""))
    assert skip_reason(needs, Probes(str(tmp_path / "probes")), runner, environ, str) is not None


@pytest.mark.parametrize("content", ["", "[", "[]", '{"a": 1}', "5", '"x"', "\0"])
def test_a_damaged_answer_is_asked_for_again(tmp_path: Path, content: str) -> None:
    write_program(tmp_path / "bin", "tool")
    environ = {"PATH": str(tmp_path / "bin")}
    needs = scenario(requires=["tool>=1"])
    skip_reason(needs, Probes(str(tmp_path / "probes")), Runner(tool=Ran(0, "tool 1.0", "")), environ, str)
    (kept,) = (tmp_path / "probes").iterdir()
    kept.write_text(content)
    runner = Runner(tool=Ran(0, "tool 1.0", ""))
    assert skip_reason(needs, Probes(str(tmp_path / "probes")), runner, environ, str) is None
    assert len(runner.lines) == 1


def test_answers_that_cannot_be_kept_are_asked_for_again(tmp_path: Path) -> None:
    write_program(tmp_path / "bin", "tool")
    (tmp_path / "file").write_text("")
    probes = Probes(str(tmp_path / "file" / "probes"))
    runner = Runner(tool=Ran(0, "tool 1.0", ""))
    assert skip_reason(scenario(requires=["tool>=1"]), probes, runner, {"PATH": str(tmp_path / "bin")}, str) is None


def test_a_program_that_hangs_names_no_version(tmp_path: Path) -> None:
    write_program(tmp_path / "bin", "tool")
    runner = Runner(tool=Ran(-1, "tool 1.0", "", timed_out=True))
    found = reason(tmp_path, runner, requires=["tool>=1"])
    assert found == f"it needs `tool>=1`, and `tool --version` took longer than {conditions.PROBE_S:g} s"


def test_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unmet(*requires: str) -> str | None:
        return reason(tmp_path, Runner(), requires=[*requires])

    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    assert unmet("os=linux", "arch=arm64", "arch=aarch64", "os!=darwin") is None
    assert unmet("os=darwin") == "it needs `os=darwin`, and this is linux"
    assert unmet("os!=linux") == "it needs `os!=linux`, and this is linux"
    assert unmet("arch=x86_64") == "it needs `arch=x86_64`, and this is aarch64"
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    assert unmet("os=macos", "os=darwin") is None
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert unmet("not_root") == "it needs `not_root`, and this is root"
    assert unmet("root") is None
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert unmet("not_root") is None
    assert unmet("root") == "it needs `root`, and this is not root"


def test_a_terminal_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reason(tmp_path, Runner(), requires=["tty"]) is None

    def none() -> tuple[int, int]:
        raise OSError(2, "No such file or directory")

    monkeypatch.setattr(os, "openpty", none)
    found = reason(tmp_path, Runner(), requires=["tty"])
    assert found == "it needs `tty`, and there are no pseudo-terminals: No such file or directory"


def test_user_namespaces_are_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conditions, "_why_no_userns", lambda: None)
    assert reason(tmp_path, Runner(), requires=["userns"]) is None
    monkeypatch.setattr(conditions, "_why_no_userns", lambda: "the kernel forbids them")
    found = reason(tmp_path, Runner(), requires=["userns"])
    assert found == "it needs `userns`, and there are no user namespaces: the kernel forbids them"


def test_skip_if_skips_when_its_command_succeeds(tmp_path: Path) -> None:
    assert reason(tmp_path, Runner(check=Ran(0, "", "")), skip_if="check it") == "skip_if: check it"
    assert reason(tmp_path, Runner(check=Ran(1, "", "")), skip_if="check it") is None
    assert reason(tmp_path, Runner(), skip_if="no-such-command") is None
    said = Ran(0, "first\n  the server\tis down \n\n", "noise\n")
    assert reason(tmp_path, Runner(check=said), skip_if="check it") == "skip_if: the server is down"


def test_skip_if_is_not_run_when_something_is_missing(tmp_path: Path) -> None:
    runner = Runner(check=Ran(0, "", ""))
    assert reason(tmp_path, runner, requires=["missing"], skip_if="check it") != "skip_if: check it"
    assert runner.lines == []


def test_variables_are_expanded_in_skip_if(tmp_path: Path) -> None:
    runner = Runner()
    skip_reason(
        scenario(skip_if="test -e $WORK_DIR"), Probes(None), runner, {}, lambda text: text.replace("$WORK_DIR", "/w")
    )
    assert runner.lines == ["test -e /w"]


def test_a_condition_that_hangs_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UseError, match="`skip_if` took longer than"):
        reason(tmp_path, Runner(check=Ran(-1, "", "", timed_out=True)), skip_if="check it")


@pytest.mark.parametrize("output", ["\x1b[2J\x1b]0;title\x07bad", "a\u2028b\x00c", "x" * 100_000])
def test_a_reason_is_one_harmless_line(tmp_path: Path, output: str) -> None:
    found = reason(tmp_path, Runner(check=Ran(0, output, "")), skip_if="check it")
    assert found is not None
    assert found.isprintable()
    assert len(found) < 400


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("git version 2.39.2", (2, 39, 2)),
        ("jq-1.7.1", (1, 7, 1)),
        ("bash, version 5.2.15(1)-release (x86_64-pc-linux-gnu)", (5, 2, 15)),
        ("gcc (Debian 12.2.0-14) 12.2.0", (12, 2, 0)),
        ("OpenSSH_9.2p1 Debian-2, OpenSSL 3.0.11", (9, 2)),
        ("v22", (22,)),
        ("tool of 64 bits, version 1.5", (1, 5)),
        ("none", None),
        ("1" * 5000, None),
    ],
)
def test_the_first_version_in_a_text(text: str, version: tuple[int, ...] | None) -> None:
    assert version_in(text) == version


_VERSION = st.lists(st.integers(0, 99), min_size=1, max_size=4).map(tuple)


@given(_VERSION, _VERSION)
def test_versions_compare_as_if_zeros_followed(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    padded = [(*each, *[0] * (5 - len(each))) for each in (one, other)]
    for operator, holds in (
        (">=", padded[0] >= padded[1]),
        (">", padded[0] > padded[1]),
        ("<=", padded[0] <= padded[1]),
        ("<", padded[0] < padded[1]),
        ("==", padded[0] == padded[1]),
        ("=", padded[0] == padded[1]),
        ("!=", padded[0] != padded[1]),
    ):
        assert compared(one, operator, other) is holds


@given(st.text())
def test_any_text_is_a_requirement_or_says_why_not(text: str) -> None:
    found = parse_requirement(text)
    if isinstance(found, str):
        assert found
    else:
        assert parse_requirement(str(found)) == found


@pytest.mark.parametrize(
    ("tags", "wanted", "unwanted", "is_meant"),
    [
        ((), (), (), True),
        ((), ("a",), (), False),
        (("a",), ("a", "b"), (), True),
        (("a", "c"), ("a",), ("c",), False),
        ((), (), ("c",), True),
    ],
)
def test_tags_select(tags: tuple[str, ...], wanted: tuple[str, ...], unwanted: tuple[str, ...], is_meant: bool) -> None:
    assert has_tags(tags, wanted, unwanted) is is_meant


WRONG = [
    (HEAD + "requires: §jq\n", "`requires` must be a list, and is `jq`"),
    (HEAD + "requires: [§'']\n", "an item of `requires` is empty"),
    (HEAD + "requires: [jq, §jq]\n", "`jq` is required twice"),
    (HEAD + "requires: [§git>=new]\n", "`new` is no version; write numbers, as in `git>=2.45`"),
    (HEAD + "requires: [§git>=]\n", "`` is no version"),
    (HEAD + "requires: [§git=>2]\n", "`>2` is no version"),
    (HEAD + "requires: [§os=linus]\n", "`linus` is no operating system; write linux, darwin"),
    (HEAD + "requires: [§os>=linux]\n", "`os` takes `=` or `!=`"),
    (HEAD + "requires: [§tty>=2]\n", "`tty` is no program here; write `tty` alone"),
    (HEAD + "requires: [§a b]\n", "`a b` cannot be the name of a program"),
    (
        HEAD + "requires: [§./a]\n",
        "`./a` cannot be the name of a program; write one that is on PATH, or an absolute path",
    ),
    (HEAD + "requires: [§not-root]\n", "did you mean `not_root`?"),
    (HEAD + "skip_if: §[a]\n", "`skip_if` must be text"),
    (HEAD + "skip_if: §''\n", "`skip_if` is empty"),
]


@pytest.mark.parametrize(("text", "what"), WRONG)
def test_a_wrong_condition_is_one_error(text: str, what: str) -> None:
    one_mistake(text, what, strict=False)


@pytest.mark.parametrize("key", ["requires: [git]", "skip_if: 'true'"])
def test_a_strict_suite_has_no_conditions(key: str) -> None:
    (problem,) = problems(f"name: x\n{STEPS}{key}\n")
    assert "is an extension, and the suite is strict" in str(problem)
