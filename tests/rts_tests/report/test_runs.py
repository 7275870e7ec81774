"""`longpole runs`: the runs that are kept, one of them, and their removal; and the names by which a run is called."""

import json
import os
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from longpole.command_line import cli
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.records import RunInfo, write_run_info
from longpole.rts_tests.report import runs
from longpole.rts_tests.state import retention
from longpole.rts_tests.state.run_folders import find_run, run_dirs
from tests.project import Project, eventually, new_run, shell

NOW = 1_800_000_000.0


def _info(**changes: object) -> RunInfo:
    fields: dict[str, object] = {
        "suite": "tiny",
        "started_at": "2027-01-15T08:00:00.000Z",
        "plan_hash": "a" * 64,
        "commit": None,
        "commit_source": "no git here",
        "seed_override": None,
        "jobs": 2,
        "host": "here",
        "machine": "Linux",
        "cores": 2,
        "goals": ("test",),
        "filter": None,
        "shard": None,
        "planned": (("v/a", "test-v-a", 1.5),),
    }
    return RunInfo(**{**fields, **changes})  # type: ignore[arg-type]


def _kept(state: Path, count: int) -> list[Path]:
    """Runs, oldest first, one minute apart."""
    found = []
    for number in range(count):
        run = new_run(state, datetime.fromtimestamp(NOW - 60 * (count - number), UTC))
        write_run_info(run, _info())
        found.append(run)
    return found


# -- names ------------------------------------------------------------------------------------------------------------


def test_a_run_is_called_by_its_place_its_name_or_its_folder(tmp_path: Path) -> None:
    a, b, c = _kept(tmp_path, 3)
    for name, run in [(None, c), ("last", c), ("-1", c), ("previous", b), ("-2", b), ("-3", a)]:
        assert find_run(tmp_path, name) == run, name
    assert find_run(tmp_path, b.name) == b
    assert find_run(tmp_path, str(a)) == a
    assert find_run(tmp_path, a.name[:-4]) == a
    assert find_run(tmp_path, a.name[-8:]) == a


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("-4", "-4: only 3 runs are kept; `longpole runs` lists them"),
        ("202", "202: 3 runs match this name; `longpole runs` lists them"),
        ("nope", "nope: no such run; `longpole runs` lists them"),
        ("", "RUN: no such run; `longpole runs` lists them"),
        ("-0", "-0: no such run; `longpole runs` lists them"),
    ],
)
def test_a_name_that_is_no_runs_is_refused(tmp_path: Path, name: str, message: str) -> None:
    _kept(tmp_path, 3)
    with pytest.raises(UseError) as error:
        find_run(tmp_path, name)
    assert str(error.value) == message


def test_without_any_run_a_test_is_what_helps(tmp_path: Path) -> None:
    with pytest.raises(UseError, match="no run is kept here; type `make test`"):
        find_run(tmp_path, "previous")


# -- the list ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project after three runs, of which the second failed; nothing changes it."""
    project = Project(tmp_path_factory.mktemp("runs") / "project")
    project.write({"good": "", "bad": "test ! -e fails"}, variants={"v": {}, "w": {}})
    project.make("test")
    (project.root / "fails").touch()
    project.make("-j2", "test", "FILTER=v/*")
    (project.root / "fails").unlink()
    project.make("test", "SEED=7")
    return project


def test_the_newest_run_comes_first(three: Project) -> None:
    done = three.longpole("runs")
    header, *lines = done.out.splitlines()
    assert (done.status, header.split()) == (0, ["run", "when", "units", "makespan", "size", "commit", "outcomes"])
    assert [line.split()[0] for line in lines] == [run.name for run in reversed(three.runs)]
    assert [line.rpartition("  ")[2] for line in lines] == ["4 passed", "1 passed, 1 failed", "4 passed"]
    assert all("just now" in line and "0123456789ab" in line for line in lines)
    assert [line.split()[3] for line in lines] == ["4", "2", "4"]


def test_the_list_as_json(three: Project) -> None:
    rows = json.loads(three.longpole("runs", "--json").out)["runs"]
    assert [row["name"] for row in rows] == [run.name for run in reversed(three.runs)]
    assert [row["outcomes"] for row in rows] == [{"passed": 4}, {"passed": 1, "failed": 1}, {"passed": 4}]
    assert all(row["makespan_s"] > 0 and row["bytes"] > 0 and row["running"] is False for row in rows)


def test_no_run_is_no_mistake(project: Project) -> None:
    done = project.longpole("runs")
    assert (done.status, done.out) == (0, "no run is kept here; type `make test`\n")
    assert json.loads(project.longpole("runs", "--json").out)["runs"] == []


def test_a_narrow_terminal_gets_lines_that_fit(three: Project) -> None:
    found = runs.rows(three.root / ".longpole", NOW)
    text = runs.table(found, 60)
    assert max(map(len, text.splitlines())) <= 60
    assert all(run.name in text for run in three.runs)
    assert "1 passed, 1 failed" in text


def test_a_wide_terminal_and_no_terminal_get_a_line_a_run(three: Project) -> None:
    found = runs.rows(three.root / ".longpole", NOW)
    assert runs.table(found, 200) == runs.table(found, None)
    assert len(runs.table(found, None).splitlines()) == 4


def test_a_run_that_did_not_count_its_outcomes_is_counted(three: Project) -> None:
    (run,) = (run for run in three.runs if retention.read_ending(run) and "failed" in runs.row(run, NOW).counts)
    text = (run / "ended.json").read_bytes()
    before = runs.row(run, NOW)
    try:
        (run / "ended.json").unlink()
        for _ in range(2):  # measured, then as it was noted
            after = runs.row(run, NOW)
            assert (after.counts, after.outcomes) == (before.counts, before.outcomes)
            assert after.makespan_s == pytest.approx(before.makespan_s)
    finally:
        (run / "ended.json").write_bytes(text)


def test_a_damaged_run_does_not_hide_the_others(tmp_path: Path) -> None:
    damaged, fine = _kept(tmp_path, 2)
    (damaged / "run.json").write_text("{")
    table = runs.table(runs.rows(tmp_path, NOW), None).splitlines()
    assert table[1].startswith(fine.name)
    assert table[2].startswith(damaged.name)
    assert table[2].endswith("run.json cannot be read")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "just now"),
        (59, "just now"),
        (60, "1 min ago"),
        (3600, "1 h ago"),
        (47.9 * 3600, "47 h ago"),
        (48 * 3600, "2 days ago"),
    ],
)
def test_how_long_ago(seconds: float, text: str) -> None:
    assert runs.ago(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (123_456, "123 kB"), (2_340_000_000, "2.3 GB")]
)
def test_sizes(number: int, text: str) -> None:
    assert runs.size_text(number) == text


# -- one run ----------------------------------------------------------------------------------------------------------


def test_a_run_says_what_it_planned_on_what_and_where(three: Project) -> None:
    done = three.longpole("runs", "show", "previous")
    facts = dict(line.split(":", 1) for line in done.out.splitlines())
    found = {name: text.strip() for name, text in facts.items()}
    assert done.status == 0
    assert found["run"] == three.runs[1].name
    assert found["asked"] == "test FILTER=v/*"
    assert found["commit"].startswith("0123456789abcdef")
    assert found["jobs"].startswith("-j2 on ")
    assert found["planned"].startswith("2 units, ")
    assert found["outcomes"] == "1 passed, 1 failed"
    assert found["kept in"].startswith(f".longpole/runs/{three.runs[1].name} (")


def test_without_a_name_it_is_the_last_one(three: Project) -> None:
    assert "asked:     test SEED=7\n" in three.longpole("runs", "show").out


def test_an_option_that_there_is_none_of_is_not_taken_for_a_run(three: Project) -> None:
    done = three.longpole("runs", "show", "--jsn")
    assert done.status == 2
    assert "No such option" in done.err


# -- removing ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def kept(project: Project) -> Iterator[list[Path]]:
    yield _kept(project.root / ".longpole", 3)


def _left(project: Project) -> list[Path]:
    return run_dirs(project.root / ".longpole")


def test_named_runs_are_removed(project: Project, kept: list[Path]) -> None:
    done = project.longpole("runs", "remove", "-2", kept[0].name, kept[0].name)
    assert done.status == 0
    assert done.out.splitlines()[:2] == [f"removed {kept[1].name}", f"removed {kept[0].name}"]
    assert done.out.splitlines()[2].startswith("2 runs removed, ")
    assert _left(project) == [kept[2]]


def test_one_wrong_name_and_nothing_is_removed(project: Project, kept: list[Path]) -> None:
    outside = project.root / "elsewhere"
    outside.mkdir()
    write_run_info(outside, _info())
    done = project.longpole("runs", "remove", "last", "nope", "elsewhere")
    assert done.status == 2
    assert done.err.splitlines() == [
        "longpole: nope: no such run; `longpole runs` lists them",
        "elsewhere: is not kept in .longpole/runs; remove the folder yourself",
    ]
    assert _left(project) == kept
    assert (outside / "run.json").is_file()


def test_runs_are_removed_by_age(project: Project, kept: list[Path]) -> None:
    young = new_run(project.root / ".longpole", datetime.now(UTC))
    write_run_info(young, _info())
    for run in kept:
        os.rename(run, run.with_name(run.name.replace("2027", "2020")))
    done = project.longpole("runs", "remove", "--older", "7d")
    assert (done.status, len(done.out.splitlines())) == (0, 4)
    assert _left(project) == [young]
    assert project.longpole("runs", "remove", "--older", "7d").out == "there is no run to remove\n"


def test_all_are_removed(project: Project, kept: list[Path]) -> None:
    assert project.longpole("runs", "remove", "--all").status == 0
    assert _left(project) == []
    assert kept[0].parent.is_dir()


@pytest.mark.parametrize("argv", [[], ["last", "--all"], ["--all", "--older", "7d"], ["last", "--older", "7d"]])
def test_one_way_of_saying_which(project: Project, kept: list[Path], argv: list[str]) -> None:
    done = project.longpole("runs", "remove", *argv)
    assert done.status == 2
    assert "use exactly one of: names of runs, --older AGE, --all" in done.err
    assert _left(project) == kept


def test_a_run_that_is_under_way_is_shown_so_and_not_removed(project: Project) -> None:
    project.write({"a": shell("touch up", "sleep 300"), "b": ""}, modules={"a": {"weight": 9}})
    make = project.start("make", "test")
    eventually("the unit runs", (project.root / "up").exists)
    try:
        assert project.longpole("runs").out.rstrip().endswith("  running: 2 to go")
        refused = project.longpole("runs", "remove", "last")
        assert refused.status == 2
        assert refused.err == "longpole: last: this run is under way; end it first\n"
        assert project.longpole("runs", "remove", "--all").out == "there is no run to remove\n"
    finally:
        os.killpg(make.pid, signal.SIGTERM)
        make.communicate()
    assert len(_left(project)) == 1
    assert project.longpole("runs", "remove", "--all").out.startswith("removed ")


# -- help -------------------------------------------------------------------------------------------------------------


def _commands(group: click.Group, way: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            yield (*way, name)
            if isinstance(command, click.Group):
                yield from _commands(command, (*way, name))


@pytest.mark.parametrize("way", list(_commands(cli)), ids=" ".join)
def test_every_commands_help_has_an_example_of_that_command(way: tuple[str, ...]) -> None:
    context = click.Context(cli, info_name="longpole")
    command: click.Command = cli
    for name in way:
        assert isinstance(command, click.Group)
        found = command.get_command(context, name)
        assert found is not None
        command = found
        context = click.Context(command, info_name=name, parent=context)
    text = command.get_help(context)
    assert "Example:" in text
    assert f"longpole {' '.join(way)}" in text.partition("Example:")[2]
