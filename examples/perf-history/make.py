"""A project with a history of benchmarks, to try `longpole perf` on: `python3 make.py DIR`.

DIR gets `project`, a git repository of 160 commits, and a file for each of two platforms with what a benchmark program
said about them, a JSON object a line. The numbers are made up, as shared machines make them: every run is on a machine
with a mood of its own, some commits were measured often, and most never. Three commits changed something:

    40   `sema@O0` takes 15 % longer, and is as before from commit 70 on
    90   `parse@O3` takes 12 % longer
    120  `link@O0` takes 20 % less
"""

import gzip
import json
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from math import prod
from pathlib import Path

COMMITS = 160
BEGIN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
EVERY = timedelta(hours=3)
BENCHMARKS = {
    f"{name}@{level}": seconds * factor
    for name, seconds in {
        "parse": 0.21,
        "sema": 0.12,
        "link": 0.35,
        "codegen": 1.4,
        "regalloc": 0.8,
        "start": 0.03,
    }.items()
    for level, factor in (("O0", 1.0), ("O3", 2.2))
}
CHANGES = (("sema@O0", 40, 1.15), ("sema@O0", 70, 1 / 1.15), ("parse@O3", 90, 1.12), ("link@O0", 120, 0.8))
"""Which benchmark takes how many times as long from which commit on."""


def make_project(folder: Path) -> list[str]:
    """A repository with a commit every three hours; their names, oldest first."""
    subprocess.run(["git", "init", "-q", "-b", "main", str(folder)], check=True)
    stream = ["reset refs/heads/main\n"]
    for number in range(COMMITS):
        at = int((BEGIN + number * EVERY).timestamp())
        subject, content = f"Change {number}", f"{number}\n"
        stream.append(
            f"commit refs/heads/main\ncommitter Example <example@example.org> {at} +0000\n"
            f"data {len(subject)}\n{subject}\nM 100644 inline number\ndata {len(content)}\n{content}\n"
        )
    git = ["git", "-C", str(folder)]
    subprocess.run([*git, "fast-import", "--quiet"], input="".join(stream).encode(), check=True)
    subprocess.run([*git, "checkout", "-q", "main"], check=True)
    listed = subprocess.run([*git, "rev-list", "--reverse", "main"], check=True, stdout=subprocess.PIPE, text=True)
    return listed.stdout.split()


def runs(commits: list[str], noise: float, chance: random.Random) -> list[dict[str, object]]:
    """What the program said on one platform: a third of the commits once, a few of them several times."""
    measured = sorted(
        chance.sample(range(COMMITS - 3), COMMITS // 3) + chance.choices(range(COMMITS - 3), k=COMMITS // 4)
    )
    return [run(number, commits[number], noise, chance) for number in measured]


def run(number: int, commit: str, noise: float, chance: random.Random) -> dict[str, object]:
    """One run: the mood of its machine is common to its benchmarks, and more than their own noise."""
    mood = chance.lognormvariate(0, 2 * noise) * chance.choice([1, 1, 1, 1.07])
    at = BEGIN + number * EVERY + timedelta(minutes=chance.uniform(5, 170))
    benchmarks = []
    for name, before in BENCHMARKS.items():
        seconds = before * prod(factor for changed, since, factor in CHANGES if changed == name and number >= since)
        hot = seconds * mood * chance.lognormvariate(0, noise) * 1000
        benchmarks.append(
            {
                "name": name,
                "iterations": 5,
                "mean_ms": round(hot * 1.01, 3),
                "std_ms": round(hot * 0.004, 3),
                "cold_ms": round(hot * chance.uniform(1.02, 1.08), 3),
                "hot_ms": round(hot, 3),
                "hot_std_ms": round(hot * 0.003, 3),
                "hot_iterations": 4,
                "peak_memory_bytes": int(seconds * 60_000_000 * chance.uniform(0.995, 1.005)),
                "binary_size_bytes": int(seconds * 100_000),
            }
        )
    return {"version": 2, "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}", "commit": commit[:8], "benchmarks": benchmarks}


def main() -> None:
    """Write everything into the folder that the command line names, which must not exist."""
    if len(sys.argv) != 2:
        sys.exit("usage: make.py DIR")
    folder = Path(sys.argv[1])
    if folder.exists():
        sys.exit(f"make.py: {folder} exists; name a new folder")
    folder.mkdir(parents=True)
    commits = make_project(folder / "project")
    for platform, noise in (("x86-64-linux", 0.012), ("aarch64-linux", 0.006)):
        chance = random.Random(platform)  # noqa: S311  noise, the same every time
        lines = "".join(f"{json.dumps(each)}\n" for each in runs(commits, noise, chance))
        (folder / f"{platform}.jsonl.gz").write_bytes(gzip.compress(lines.encode(), mtime=0))


if __name__ == "__main__":
    main()
