"""`longpole perf collect`, against real repositories."""

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from longpole.perf.files import to_bytes
from longpole.perf.model import Failure, Skip
from tests.perf.branches import files_of, packed
from tests.perf.remotes import Bare, artifact, by_ssh, places
from tests.perf.results import COMMIT, RESULT, result
from tests.perf.web import BASIC, PASSWORD, USER, served
from tests.project import Done, Project, eventually

A, B, C = (result(platform=name) for name in ("aarch64-linux", "x86-64-linux", "x86-64-darwin"))
SKIP = Skip("riscv64", COMMIT, RESULT.measured_at, "22 runs are waiting", 22)


@pytest.fixture
def remote(tmp_path: Path) -> Bare:
    return Bare(tmp_path / "remote.git")


def collect(project: Project, remote: Bare, *words: str, **environ: str) -> Done:
    return project.longpole("perf", "collect", "in", "--remote", str(remote.folder), *words, **environ)


def test_the_results_of_a_commit_are_one_commit(project: Project, remote: Bare) -> None:
    artifact(
        project.root / "in", A, B, SKIP, result(platform="x86-64-darwin", benchmarks=(), failures=(Failure("build"),))
    )
    done = collect(project, remote)
    assert (done.status, done.err) == (0, "")
    assert done.out == (
        f"branch perf of {remote.folder}: 4 files added in 1 commit\n"
        "  0123456789ab  aarch64-linux, riscv64 (skipped), x86-64-darwin (failed), x86-64-linux\n"
    )
    assert len(remote.files()) == 4
    assert (
        remote.git("log", "--format=%s%n%b", "perf").splitlines()
        == [
            "Results of 0123456789ab: aarch64-linux, riscv64 (skipped), x86-64-darwin (failed), x86-64-linux",
            f"Commit: {COMMIT}",
            "",
        ][: len(remote.git("log", "--format=%s%n%b", "perf").splitlines())]
    )


def test_results_of_several_commits_are_a_commit_each_and_one_push(project: Project, remote: Bare) -> None:
    other = result(commit="f" * 40)
    artifact(project.root / "in", A, other, B)
    assert collect(project, remote).status == 0
    assert sorted(remote.git("log", "--format=%s", "perf").splitlines()) == [
        "Results of 0123456789ab: aarch64-linux, x86-64-linux",
        "Results of ffffffffffff: x86-64-linux",
    ]
    assert len(remote.git("reflog", "perf").splitlines()) == 1


def test_a_second_time_changes_nothing(project: Project, remote: Bare) -> None:
    artifact(project.root / "in", A, B)
    assert collect(project, remote, "--expected", "aarch64-linux,other", "--commit", COMMIT).status == 0
    before = remote.commits()
    done = collect(project, remote, "--expected", "aarch64-linux,other", "--commit", COMMIT)
    assert done.status == 0
    assert f"branch perf of {remote.folder}: nothing new; 3 were there already\n" in done.out
    assert remote.commits() == before


def test_what_a_pack_holds_is_there_already(project: Project, remote: Bare) -> None:
    artifact(project.root / "in", A, B)
    pack = packed(files_of(A))
    remote.commit(pack)
    done = collect(project, remote)
    assert "1 file added in 1 commit; 1 was there already" in done.out
    assert remote.files().keys() == {*pack, *places(B)}


def test_what_is_refused_costs_no_other_result(project: Project, remote: Bare) -> None:
    artifact(project.root / "in", A, B)
    (project.root / "in" / "wrong").mkdir()
    (project.root / "in" / "wrong" / f"{'0' * 64}.json").write_bytes(to_bytes(C))
    (project.root / "in" / "wrong" / "link.json").symlink_to("/etc/passwd")
    done = collect(project, remote)
    assert done.status == 1
    assert done.err.splitlines() == [
        f"longpole: refused: in/wrong/{'0' * 64}.json: its content does not fit the digest in its name; "
        "measure it again",
        "longpole: refused: in/wrong/link.json: a symbolic link, which is not followed; upload the file itself",
    ]
    assert remote.files().keys() == places(A, B)


def test_names_of_files_steer_neither_the_terminal_nor_a_runner(project: Project, remote: Bare) -> None:
    (project.root / "in" / "x").mkdir(parents=True)
    for name in ("\x1b[31m\n::error::x.json", "##[error]x.json", "\udcff.json", "\x1b[31m\n##[error]x", "\udcff"):
        (project.root / "in" / "x" / name).write_text("{")
    done = collect(project, remote)
    assert done.status == 1
    assert "\x1b" not in done.text
    assert "##[" not in done.text
    assert [line for line in done.text.splitlines() if not line.startswith(("longpole: ", "branch ", "ignored"))] == []


def test_a_log_is_not_flooded(project: Project, remote: Bare) -> None:
    (project.root / "in" / "x").mkdir(parents=True)
    for number in range(150):
        (project.root / "in" / "x" / f"{number}.json").write_text("{")
    done = collect(project, remote)
    assert len(done.err.splitlines()) == 101
    assert done.err.splitlines()[-1] == "longpole: refused: 50 more, which --json lists"


def test_a_result_is_never_replaced(project: Project, remote: Bare) -> None:
    """Somebody has written another content under the name of a result."""
    artifact(project.root / "in", A, B)
    (path,) = places(A)
    remote.commit({path: b"something else"})
    before = remote.files()
    done = collect(project, remote)
    assert done.status == 1
    assert "the branch has another content under this name" in done.err
    assert remote.files() == {**before, **{place: remote.files()[place] for place in places(B)}}


def test_a_platform_without_result_is_recorded_as_failed(project: Project, remote: Bare) -> None:
    artifact(project.root / "in", A)
    (project.root / "in" / "broken").mkdir()
    (project.root / "in" / "broken" / "r.json").write_text("{")
    matrix = [{"platform": name, "commit": COMMIT} for name in ("aarch64-linux", "x86-64-linux")]
    done = collect(project, remote, "--expected", json.dumps(matrix))
    assert done.status == 1
    assert "no result of 0123456789ab on x86-64-linux: recorded as a failure" in done.out
    (failed,) = remote.files().keys() - places(A)
    assert failed.startswith("runs/x86-64-linux/2026/04/")
    assert json.loads(remote.git("show", f"perf:{failed}"))["failures"][0]["name"] == "job"


def test_no_artifacts_are_no_error(project: Project, remote: Bare) -> None:
    (project.root / "in").mkdir()
    done = collect(project, remote, "--expected", "")
    assert (done.status, done.err) == (0, "")
    assert done.out == f"branch perf of {remote.folder}: nothing to add\n"
    assert remote.commits() == []


def test_a_dry_run_adds_nothing(project: Project, remote: Bare) -> None:
    artifact(project.root / "in", A)
    done = collect(project, remote, "--dry-run")
    assert f"branch perf of {remote.folder}: 1 file would be added\n" in done.out
    assert remote.commits() == []


def test_json_says_all_of_it(project: Project, remote: Bare) -> None:
    artifact(project.root / "in", A)
    (project.root / "in" / "log").write_text("text")
    (project.root / "in" / "x.json").write_text("{")
    done = collect(project, remote, "--json", "--expected", "other", "--commit", COMMIT)
    assert done.status == 1
    said = json.loads(done.out)
    assert said["version"] == 1
    assert said["before"] is None
    assert [said["after"]] == remote.commits()
    assert set(said["added"]) == remote.files().keys()
    assert said["present"] == []
    assert said["missing"] == [{"platform": "other", "commit": COMMIT}]
    assert said["ignored"] == ["in/log"]
    assert [each["place"] for each in said["refused"]] == ["in/x.json"]


def test_a_branch_of_something_else_is_left_alone(project: Project, remote: Bare) -> None:
    remote.commit({"src/main.c": b"", "README.md": b""}, branch="main")
    artifact(project.root / "in", A)
    done = collect(project, remote, "--branch", "main")
    assert done.status == 2
    assert done.err == (
        "longpole: branch main: it holds no results, but src/; "
        "choose the branch of results, or a new one, with --branch\n"
    )
    assert len(remote.commits("main")) == 1


def test_the_author_needs_no_configuration(project: Project, remote: Bare) -> None:
    artifact(project.root / "in", A)
    assert collect(project, remote).status == 0
    artifact(project.root / "in" / "2", B)
    assert collect(project, remote, "--author", "A Bot <bot@example.invalid>").status == 0
    assert remote.git("log", "--format=%an %ae %cn", "perf").splitlines() == [
        "A Bot bot@example.invalid A Bot",
        "longpole longpole@localhost longpole",
    ]


@pytest.mark.parametrize("kind", ["whole", "bare", "shallow", "partial"])
def test_the_remote_of_any_clone_will_do(project: Project, remote: Bare, kind: str) -> None:
    remote.commit({"src/main.c": b""}, branch="main")
    remote.git("config", "uploadpack.allowFilter", "true")
    remote.git("symbolic-ref", "HEAD", "refs/heads/main")
    artifact(project.root / "in", A)
    options = {"whole": [], "bare": ["--bare"], "shallow": ["--depth=1"], "partial": ["--filter=tree:0"]}[kind]
    project.git("clone", "--quiet", *options, f"file://{remote.folder}", "clone")
    for _ in range(2):
        done = project.longpole("perf", "collect", "in", "--repo", "clone", "--remote", "origin")
        assert done.status == 0, done.text
    assert remote.files().keys() == places(A)
    assert len(remote.commits()) == 1


def test_the_repository_itself_may_be_the_remote(project: Project) -> None:
    project.git("init", "--quiet")
    artifact(project.root / "in", A)
    assert project.longpole("perf", "collect", "in", "--remote", ".").status == 0
    assert project.git("ls-tree", "-r", "--name-only", "perf").splitlines() == list(places(A))


def test_a_password_in_the_address_is_not_printed(project: Project) -> None:
    artifact(project.root / "in", A)
    address = "https://me:hunter2@localhost:1/x.git?token=hunter2"
    done = project.longpole("perf", "collect", "in", "--remote", address, "--attempts", "1")
    assert done.status == 2
    assert "https://localhost:1/x.git" in done.err
    assert "hunter2" not in done.text


def test_credentials_of_the_repository_are_used_and_shown_to_nobody(project: Project, remote: Bare) -> None:
    """As actions/checkout leaves them: a header in the configuration of the checkout."""
    remote.git("config", "http.receivepack", "true")
    project.git("init", "--quiet")
    artifact(project.root / "in", A)
    with served(remote.folder.parent) as address:
        project.git("remote", "add", "origin", f"{address}/remote.git")
        refused = project.longpole("perf", "collect", "in")
        assert refused.status == 2
        assert "could not read Username" in refused.err
        project.git("config", f"http.{address}/.extraheader", f"Authorization: {BASIC}")
        done = project.longpole("perf", "collect", "in")
        assert done.status == 0, done.text
        artifact(project.root / "in" / "2", B)
        with_password = address.replace("://", f"://{USER}:{PASSWORD}@")
        again = project.longpole("perf", "collect", "in", "--remote", f"{with_password}/remote.git", "--repo", "/")
        assert again.status == 0, again.text
    assert remote.files().keys() == places(A, B)
    assert not any(PASSWORD in text or BASIC in text for text in (refused.text, done.text, again.text))


def test_what_cannot_be_started_is_one_message(project: Project, remote: Bare) -> None:
    done = collect(project, remote)
    assert (done.status, done.err) == (2, "longpole: in: no such file or folder; name the folder with the artifacts\n")
    done = project.longpole("perf", "collect", ".")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert "has no remote 'origin'" in done.err


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM), (signal.SIGHUP, -signal.SIGHUP)]
)
def test_a_signal_leaves_nothing_behind(
    project: Project, remote: Bare, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    artifact(project.root / "in", A)
    temporary, started = tmp_path / "tmp", tmp_path / "started"
    temporary.mkdir()
    environ = {"TMPDIR": str(temporary), "GIT_SSH_COMMAND": f"touch '{started}'; exec sleep 1000 #"}
    process = project.start(
        sys.executable, "-m", "longpole", "perf", "collect", "in", "--remote", "host:x.git", environ=environ
    )
    eventually("git waits for the remote", started.exists)
    os.kill(process.pid, number)
    _, said = process.communicate()
    assert (process.returncode, said.strip()) == (status, b"")
    assert list(temporary.iterdir()) == []
    eventually("git and what it started have ended", lambda: not project.processes())


def test_another_machine_is_reached_by_ssh(project: Project, remote: Bare, monkeypatch: pytest.MonkeyPatch) -> None:
    address = by_ssh(remote, monkeypatch)
    remote.git("config", "uploadpack.allowFilter", "true")
    artifact(project.root / "in", A)
    environ = {"GIT_SSH_COMMAND": os.environ["GIT_SSH_COMMAND"]}
    assert project.longpole("perf", "collect", "in", "--remote", address, **environ).status == 0
    artifact(project.root / "in" / "2", B)
    assert project.longpole("perf", "collect", "in", "--remote", address, **environ).status == 0
    assert remote.files().keys() == places(A, B)
