"""`longpole perf compact`, against real repositories."""

import json
import random
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longpole.perf.branch import Patience, destination
from longpole.perf.branch_source import BranchSource
from longpole.perf.compact import compact
from longpole.perf.files import to_bytes
from longpole.perf.index import Index
from longpole.perf.model import Result, Skip
from tests.perf.branches import Repository, files_of
from tests.perf.remotes import Bare, artifact, by_ssh
from tests.perf.results import PLATFORMS, RESULTS, SKIPS, result
from tests.project import Done, Project

NOW = "2026-05"
OLD = [result(reason=f"number {number}") for number in range(3)]
RECENT = result(measured_at=datetime(2026, 5, 1, tzinfo=UTC))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "remote.git")


def run(project: Project, repository: Repository, *words: str) -> Done:
    return project.longpole("perf", "compact", "--remote", str(repository.folder), "--before", NOW, *words)


def paths(repository: Repository) -> list[str]:
    return repository.git("ls-tree", "-r", "--name-only", "perf").splitlines()


def test_past_months_become_a_pack_each_in_one_commit(project: Project, repository: Repository) -> None:
    before = repository.commit(files_of(*OLD, RECENT))
    done = run(project, repository)
    assert (done.status, done.err) == (0, "")
    assert done.out == (
        f"branch perf of {repository.folder}: 3 files became 1 pack (0.0 MB of files, 0.0 MB of packs)\n"
        "  runs/x86-64-linux/2026/04: 3 files, 0.0 MB\n"
    )
    pack, recent = paths(repository)
    assert pack.startswith("packs/runs/x86-64-linux/2026-04.")
    assert {recent} == files_of(RECENT).keys()
    assert repository.git("rev-parse", "perf^") == before
    assert repository.git("log", "-1", "--format=%B", "perf") == "Pack 3 files\n\nruns/x86-64-linux/2026/04: 3"


def test_a_second_time_changes_nothing(project: Project, repository: Repository) -> None:
    repository.commit(files_of(*OLD, RECENT))
    run(project, repository)
    before = repository.git("rev-parse", "perf")
    done = run(project, repository)
    assert done.out == f"branch perf of {repository.folder}: nothing to pack before 2026-05\n"
    assert repository.git("rev-parse", "perf") == before


def test_a_dry_run_says_the_same_and_changes_nothing(project: Project, repository: Repository) -> None:
    before = repository.commit(files_of(*OLD))
    assert "3 files would become 1 pack" in run(project, repository, "--dry-run").out
    assert repository.git("rev-parse", "perf") == before


def test_a_late_result_goes_into_a_new_pack(project: Project, repository: Repository) -> None:
    repository.commit(files_of(*OLD[:2]))
    run(project, repository)
    repository.commit(files_of(OLD[2]))
    assert "1 file became 1 pack" in run(project, repository).out
    assert len(paths(repository)) == 1
    source = BranchSource(repository.folder, "perf")
    assert dict(source.read(source.files())) == files_of(*OLD)


def test_what_a_pack_could_not_give_back_stays(project: Project, repository: Repository) -> None:
    (path,) = files_of(OLD[0])
    files = {path: b"other", "README.md": b"", "runs/x86-64-linux/2026/04/x.json": b"1\n", **files_of(OLD[1])}
    repository.commit(files)
    done = run(project, repository)
    assert (done.status, done.err) == (0, f"longpole: left as it is: {path}: its content does not fit its name\n")
    assert set(files) - files_of(OLD[1]).keys() < set(paths(repository))


def test_json(project: Project, repository: Repository) -> None:
    before = repository.commit(files_of(*OLD))
    printed = json.loads(run(project, repository, "--json").out)
    (pack,) = paths(repository)
    (packed,) = printed.pop("packed")
    size = int(repository.git("cat-file", "-s", f"perf:{pack}"))
    content = sum(len(to_bytes(item)) for item in OLD)
    month = {"month": "runs/x86-64-linux/2026/04", "files": 3, "bytes": content}
    assert packed == {**month, "packs": [pack], "packed_bytes": size}
    assert printed == {
        "version": 1,
        "remote": str(repository.folder),
        "branch": "perf",
        "packed_before": NOW,
        "before": before,
        "after": repository.git("rev-parse", "perf"),
        "attempts": 1,
        "kept": [],
    }


@pytest.mark.parametrize("text", ["2026-13", "2026", "26-04", "2026-04-01", "now", ""])
def test_what_is_no_month_is_refused(project: Project, repository: Repository, text: str) -> None:
    done = project.longpole("perf", "compact", "--remote", str(repository.folder), "--before", text)
    assert done.status == 2
    assert f"{text!r} is not a month such as 2026-04" in done.err


def test_without_a_month_those_before_the_current_one_are_packed(project: Project, repository: Repository) -> None:
    now = result(measured_at=datetime.now(UTC))
    repository.commit(files_of(now, *OLD))
    done = project.longpole("perf", "compact", "--remote", str(repository.folder))
    assert "3 files became 1 pack" in done.out
    assert files_of(now).keys() < set(paths(repository))


def test_a_branch_that_is_missing_or_holds_other_things_is_refused(project: Project, repository: Repository) -> None:
    done = run(project, repository)
    assert (done.status, "there is no such branch" in done.err) == (2, True)
    repository.commit({"src/main.c": b""})
    done = run(project, repository)
    assert (done.status, "it holds no results, but src/" in done.err) == (2, True)


def test_a_remote_on_another_machine(
    project: Project, repository: Repository, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    remote = Bare(tmp_path / "far.git")
    remote.git("config", "uploadpack.allowFilter", "true")
    remote.commit(files_of(*OLD))
    address = by_ssh(remote, monkeypatch)
    project.environ["GIT_SSH_COMMAND"] = str(tmp_path / "ssh")
    done = project.longpole("perf", "compact", "--remote", address, "--before", NOW)
    assert (done.status, done.err) == (0, "")
    assert len(paths(remote)) == 1


ITEMS = st.lists(
    RESULTS | SKIPS | st.builds(result, platform=PLATFORMS, reason=PLATFORMS), max_size=8, unique_by=to_bytes
)


def answers(repository: Repository, state: Path) -> list[object]:
    """All that readers can ask, but for the numbers of runs."""
    index = Index.open(BranchSource(repository.folder, "perf"), state)
    runs = {run.id: run._replace(id=0) for run in index.runs()}
    points = [
        (runs[point.run], point[1:], index.samples(point.run, point.benchmark, point.metric))
        for point in index.points()
    ]
    tables = [
        [table.benchmarks, table.means, [runs[run.id] for run in table.runs]]
        for platform in index.platforms()
        for metric in index.metrics(platform)
        for table in [index.table(platform, metric)]
    ]
    failures = [(runs[run.id], failure) for run, failure in index.failures()]
    return [list(runs.values()), points, tables, failures, index.skips(), index.unreadable(), index.summary()]


@pytest.mark.slow
@settings(max_examples=8)
@given(ITEMS, ITEMS, st.sampled_from(["1980-01", "2026-05", "9999-12"]))
def test_readers_see_no_difference(items: list[Result | Skip], late: list[Result | Skip], before: str) -> None:
    """Neither one that knows the branch from before, nor one that sees it for the first time."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        repository = Repository(folder / "remote.git")
        to = destination(name, str(repository.folder), "perf", None, Patience())
        for number, each in enumerate((items, late)):
            repository.commit({**files_of(*each), f"runs/x/2026/04/{number:064}.json": b"damaged\n"})
            expected = answers(repository, folder / "state")
            compact(to, before)
            assert answers(repository, folder / "state") == expected
            assert answers(repository, folder / f"state {number}") == expected


SEED = 47


@pytest.mark.slow
def test_compactions_and_collectors_race_and_nothing_is_lost(project: Project, tmp_path: Path) -> None:
    remote = Bare(tmp_path / "remote.git")
    remote.git("config", "receive.denyNonFastForwards", "true")
    first = [result(reason=f"first {number}") for number in range(5)]
    remote.commit(files_of(*first))
    items = [result(commit=f"{number:040x}", platform=f"p{number % 2}") for number in range(12)]
    chance = random.Random(SEED)
    command = (sys.executable, "-m", "longpole", "perf")
    to = ("--remote", str(remote.folder))
    started: list[subprocess.Popen[bytes]] = []
    for number, item in enumerate(items):
        artifact(project.root / str(number), item)
        started.append(project.start(*command, "collect", str(number), *to))
        if number % 2:
            started.append(project.start(*command, "compact", "--before", NOW, *to))
    for process in chance.sample([each for number, each in enumerate(started) if number % 3 == 2], 3):
        process.kill()
    for process in started:
        process.communicate()
        assert process.returncode in (0, -9)
    for number in range(len(items)):
        assert project.longpole("perf", "collect", str(number), *to).status == 0
    assert run(project, remote).status == 0
    source = BranchSource(remote.folder, "perf")
    assert dict(source.read(source.files())) == files_of(*first, *items)
    assert len(paths(remote)) == 3
    parents = remote.git("log", "--format=%P", "perf").splitlines()
    assert all(len(each.split()) <= 1 for each in parents)
    moves = remote.git("reflog", "show", "--format=%H", "perf").splitlines()
    assert set(moves) <= set(remote.commits())
