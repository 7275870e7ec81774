"""Many collectors write one branch at the same time, and some of them are killed: no result is lost, or there twice."""

import random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.perf.remotes import Bare, artifact, by_ssh, places
from tests.perf.results import result
from tests.project import Project, tool

COLLECTORS = 32
KILLED = 12
PLATFORMS = ("aarch64-linux", "x86-64-linux", "x86-64-darwin")
SEED = 4711
GIT = """#!/bin/sh
# git, which kills who calls it for the nth time: before it starts, while it runs, or after it has ended
n=$(($(cat "$HERE/calls" 2>/dev/null || echo 0) + 1)); echo $n >"$HERE/calls"
if [ $n = "$KILL_AT" ]; then
  case $KILL_WHEN in
    before) kill -9 $PPID; exit 1 ;;
    during) kill -9 $PPID ;;
    after) REAL "$@"; kill -9 $PPID; exit 1 ;;
  esac
fi
exec REAL "$@"
"""


@dataclass
class Collector:
    """A collector of the results of one commit on three platforms, and when it is killed."""

    folder: Path
    commit: str
    environ: dict[str, str]
    address: str

    def start(self, project: Project) -> "subprocess.Popen[bytes]":
        words = ("-m", "longpole", "perf", "collect", str(self.folder / "in"), "--remote", self.address)
        return project.start(sys.executable, *words, environ=self.environ)


def collectors(project: Project, address: str, commands: Path) -> list[Collector]:
    """All of them. The first `KILLED` are killed at a call of git that the seed says."""
    chance = random.Random(SEED)
    made = []
    for number in range(COLLECTORS):
        folder, commit = project.root / str(number), f"{number:040x}"
        artifact(folder / "in", *(result(platform=name, commit=commit) for name in PLATFORMS))
        environ = {"HERE": str(folder), "TMPDIR": str(folder), "PATH": f"{commands}:{project.environ['PATH']}"}
        if number < KILLED:
            environ["KILL_AT"] = str(chance.randint(6, 12))
            environ["KILL_WHEN"] = chance.choice(["before", "during", "after"])
        made.append(Collector(folder, commit, environ, address))
    return made


@pytest.mark.slow
@pytest.mark.parametrize("way", ["folder", "ssh"])
def test_collectors_race_and_are_killed_and_every_result_is_there_once(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    remote = Bare(tmp_path / "remote.git")
    remote.git("config", "uploadpack.allowFilter", "true")
    address = by_ssh(remote, monkeypatch) if way == "ssh" else str(remote.folder)
    project.environ["GIT_SSH_COMMAND"] = str(tmp_path / "ssh")
    commands = tmp_path / "commands"
    commands.mkdir()
    (commands / "git").write_text(GIT.replace("REAL", tool("git")))
    (commands / "git").chmod(0o755)
    all_of_them = collectors(project, address, commands)

    first = [(each, each.start(project)) for each in all_of_them]
    ended = [(each, process.communicate(), process.returncode) for each, process in first]
    killed = [each for each, _, status in ended if status == -9]
    assert [(out, err) for _, (out, err), status in ended if status not in (0, -9)] == []
    assert len(killed) >= KILLED // 2, "most are killed before they have ended"
    assert any(b"another writer was faster" in err for _, (_, err), _ in ended), "there was a race"

    for each in killed:
        del each.environ["KILL_AT"]
    again = [each.start(project) for each in killed]
    assert [process.communicate()[1] for process in again if process.wait() != 0] == []

    check(remote)


def check(remote: Bare) -> None:
    """All results are there, each once; the history is linear, and nothing was forced."""
    expected = places(
        *(result(platform=name, commit=f"{number:040x}") for number in range(COLLECTORS) for name in PLATFORMS)
    )
    assert remote.files().keys() == expected
    added = remote.git("log", "--diff-filter=A", "--name-only", "--format=", "perf").split()
    assert sorted(added) == sorted(expected)
    assert remote.git("log", "--diff-filter=a", "--name-only", "--format=", "perf") == "", "nothing but added"
    assert remote.git("rev-list", "--merges", "perf") == ""
    assert len(remote.git("rev-list", "--max-parents=0", "perf").split()) == 1
    assert remote.git("reflog", "perf", "--format=%H").split() == remote.commits(), "each push was one step forward"
    assert len(remote.commits()) == COLLECTORS
    assert list(remote.folder.rglob("*.lock")) == []
    remote.git("fsck", "--strict")
