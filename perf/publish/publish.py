"""From an index and the commits of the main branch to a site: gather, encode, write."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from longpole.perf.ledger.ledger import ledger
from longpole.perf.progress import progress
from longpole.perf.publish import contents
from longpole.perf.publish.assets import assets, index, named
from longpole.perf.publish.axis import axis
from longpole.perf.publish.contents import About, Account, Known
from longpole.perf.publish.write import check_folder, write

if TYPE_CHECKING:
    from longpole.perf.commits import Commits
    from longpole.perf.index import Index
    from longpole.perf.publish.changes import Changes

_PRELOADED = 4
"""The number of platforms whose times a browser loads with the page, before the page asks for them."""


@dataclass(frozen=True, slots=True)
class Site:
    """A site, in memory: the page, and the files below `files/`. `runs`, `commits` and `platforms` are counts."""

    index: bytes
    files: dict[str, bytes]
    runs: int
    commits: int
    platforms: int

    @property
    def size(self) -> int:
        """Bytes in all."""
        return len(self.index) + sum(map(len, self.files.values()))


def publish(results: "Index", commits: "Commits", changes: "Changes", about: About, out: Path) -> Site:
    """Write the site to `out`, and return it. Raises `UseError` if `out` is not ours, or cannot be written."""
    check_folder(out)
    made = site(results, commits, changes, about)
    write(out, made.index, made.files)
    return made


def site(results: "Index", commits: "Commits", changes: "Changes", about: About) -> Site:
    """The site. Equal results, commits and changes are equal bytes."""
    skips = results.skips()
    accounts = _accounts(results, commits)
    along = axis(commits, [run for account in accounts for run in account.runs], skips)
    accounts = [Account(account.platform, account.runs, account.entries[along.earlier :]) for account in accounts]
    benchmarks, metrics = results.benchmarks(), results.metrics()
    files: dict[str, bytes] = {}

    def add(kind: str, data: bytes, suffix: str = "js") -> str:
        name = named(kind, suffix, data)
        files[name] = data
        return name

    series = []
    places = {name: number for number, name in enumerate(benchmarks)}
    wanted = [(account, metric) for account in accounts for metric in results.metrics(account.platform)]
    for number, (account, metric) in enumerate(progress(wanted, "Writing", len(wanted))):
        runs = {run.id: place for place, run in enumerate(account.runs)}
        data = contents.series(results.table(account.platform, metric), runs, places)
        series.append((account.platform, metric, add("series", contents.call("series", number, data))))
    known = Known(
        along,
        accounts,
        benchmarks,
        metrics,
        series,
        changes,
        results.unreadable(),
        results.summary().newest_version,
    )
    details = add("details", contents.call("details", contents.details(known, skips, results.failures())))
    main = add("site", contents.call("site", contents.site(about, known, details)))
    names = {slot: add(slot, data, "css" if slot == "style" else "js") for slot, data in assets().items()} | {
        "site": main
    }
    page = index(about.title, names, _first(series))
    return Site(page, files, sum(len(each.runs) for each in accounts), len(along.commits), len(accounts))


def _accounts(results: "Index", commits: "Commits") -> list[Account]:
    """What is known of each platform that has a run or a skip, sorted by its name."""
    runs, skips = results.runs(), results.skips()
    platforms = sorted({run.platform for run in runs} | {skip.platform for skip in skips})
    return [
        Account(
            platform,
            [run for run in runs if run.platform == platform],
            ledger(commits, runs, skips, platform),
        )
        for platform in platforms
    ]


def _first(series: Sequence[tuple[str, str, str]]) -> list[str]:
    """The files of the numbers that the first view shows: those of `time`."""
    return [file for _, metric, file in series if metric == "time"][:_PRELOADED]
