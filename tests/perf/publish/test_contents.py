"""The data of the page: golden files, determinism, names that are no code, limits."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longpole.perf.commits import Commits
from longpole.perf.ledger.ledger import State
from longpole.perf.publish import contents
from longpole.perf.publish.assets import SCRIPTS, assets, index
from longpole.perf.publish.changes import Changes
from longpole.perf.publish.contents import LETTERS, call
from longpole.perf.publish.publish import Site
from tests.perf.publish.made import commits, failed, made_site, result, sha, skip, step, story
from tests.perf.results import result as any_result


def data(site: Site, kind: str, number: int = 0) -> Any:
    """What a file of the site calls its function with: the last argument."""
    names = sorted(name for name in site.files if name.startswith(f"{kind}-"))
    texts = [re.fullmatch(rf"longpole\.{kind}\((?:(\d+),)?(.*)\);\n", site.files[name].decode()) for name in names]
    found = {int(text[1] or 0): json.loads(text[2]) for text in texts if text is not None}
    return found[number]


def test_the_data_are_those_of_the_golden_files(tmp_path: Path, golden: Any) -> None:
    made = made_site(tmp_path, story(), changes=Changes((step(4, 6),)))
    for kind in ("site", "details"):
        golden(f"perf-page-{kind}.json", json.dumps(data(made, kind), indent=1) + "\n")
    golden("perf-page-series.json", json.dumps([data(made, "series", number) for number in range(3)], indent=1) + "\n")


def test_the_same_results_are_the_same_bytes(tmp_path: Path) -> None:
    one = made_site(tmp_path / "one", story(), changes=Changes((step(4, 6),)))
    other = made_site(tmp_path / "other", reversed(story()), changes=Changes((step(4, 6),)))
    assert one == other


def test_only_what_changed_gets_another_name(tmp_path: Path) -> None:
    one = made_site(tmp_path / "one", story())
    more = [*story(), result(9, {"parse": 0.5}, platform="aarch64-linux")]
    other = made_site(tmp_path / "other", more)
    gone = {name.split("-")[0] for name in one.files.keys() - other.files.keys()}
    assert gone == {"site", "series"}
    assert sum(name.startswith("series-") for name in one.files.keys() & other.files.keys()) == 2


def test_the_page_names_only_files_that_there_are(tmp_path: Path) -> None:
    made = made_site(tmp_path, story())
    named = re.findall(r'(?:src|href)="files/([^"]+)"', made.index.decode())
    assert set(named) <= made.files.keys()
    assert len(named) == 4 + 2  # style, uPlot, script, site; the times of two platforms, to be loaded early
    assert {name.split("-")[0] for name in named} == {"style", "uplot", "script", "site", "series"}
    assert "{{" not in made.index.decode()


def test_commits_before_the_first_result_are_left_out_and_counted(tmp_path: Path) -> None:
    made = data(made_site(tmp_path, [result(7, {"parse": 1.0}), skip(5)]), "site")
    assert (made["earlier"], made["commits"]["sha"]) == (5, [sha(each) for each in range(5, 10)])
    assert made["platforms"][0]["states"] == "sumuu"
    assert made["platforms"][0]["commit"] == [2]


def test_a_commit_of_another_branch_has_a_number_after_those_of_the_main_branch(tmp_path: Path) -> None:
    made = data(made_site(tmp_path, [result(2, {"parse": 1.0}), result(99, {"parse": 1.0})]), "site")
    assert made["elsewhere"] == [sha(99)]
    assert made["platforms"][0]["commit"] == [0, len(made["commits"]["sha"])]


def test_results_of_which_no_commit_is_known_are_all_elsewhere(tmp_path: Path) -> None:
    made = data(made_site(tmp_path, [result(99, {"parse": 1.0})], Commits(commits(2).commits, "made")), "site")
    assert made["platforms"][0] == {
        "name": "x86_64-linux",
        "states": "uu",
        "commit": [2],
        "at": [1778824800],
        "failed": [],
    }


def test_without_any_result_there_is_a_page(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    made = data(made_site(tmp_path, []), "site")
    assert (made["platforms"], made["series"], len(made["commits"]["sha"])) == ([], [], 10)


def test_a_metric_of_some_runs_names_the_runs(tmp_path: Path) -> None:
    runs = [result(0, {"parse": 1.0}), any_result(platform="x86_64-linux", commit=sha(1)), failed(2)]
    site = made_site(tmp_path, runs)
    assert data(site, "site")["platforms"][0]["failed"] == [2]
    assert data(site, "series", 0)["runs"] == [0, 1]


def test_files_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    others = {"runs/p/2026/04/newer.json": b'{"version": 4, "kind": "result"}', "runs/p/2026/04/bad.json": b"{"}
    site = made_site(tmp_path, story(), others=others)
    assert data(site, "site")["unreadable"] == {"newer": 1, "damaged": 1, "version": 4}
    assert [row[0] for row in data(site, "details")["unreadable"]] == sorted(others)


def test_changes_of_what_is_not_there_are_left_out(tmp_path: Path) -> None:
    points = (
        step(4, 6),
        step(4, 6, benchmark="gone"),
        step(4, 6, platform="gone"),
        step(4, 6, metric="gone"),
        step(4, 500),
    )
    made = data(made_site(tmp_path, story(), changes=Changes(points)), "site")
    assert [row[3:5] for row in made["changes"]["points"]] == [[4, 6], [4, sha(500)]]


def test_of_many_failures_the_newest_are_kept_and_of_a_message_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "MAX_FAILURES", 2)
    monkeypatch.setattr(contents, "MAX_SKIPS", 1)
    monkeypatch.setattr(contents, "MAX_MESSAGE", 5)
    made = data(
        made_site(tmp_path, [failed(each, f"message {each}") for each in range(3)] + [skip(4), skip(5)]), "details"
    )
    assert [row[1] for row in made["failures"]] == [1, 2]
    assert made["failures"][0][4] == "…age 1"
    assert (made["allFailures"], made["allSkips"], len(made["skips"])) == (3, 2, 1)


def test_every_state_has_a_letter() -> None:
    assert LETTERS.keys() == set(State)
    assert len(set(LETTERS.values())) == len(State)


@given(st.text())
def test_no_text_is_anything_but_a_string_in_a_script(text: str) -> None:
    script = call("site", {"title": text})
    assert script.isascii()
    assert script.count(b"\n") == 1
    assert json.loads(script.decode()[len("longpole.site(") : -3]) == {"title": text}


@given(st.text())
def test_a_title_is_text_in_the_page(title: str) -> None:
    page = index(title, {"style": "s", "uplot": "u", "script": "c", "site": "d"}, []).decode(errors="replace")
    assert page.count("<script") == 3
    assert page.count("<title>") == page.count("</title>") == 1


def test_the_licence_of_what_is_not_ours_comes_along() -> None:
    text = assets()["uplot"].decode()
    assert text.index("Permission is hereby granted") < text.index("var uPlot=")
    assert "Copyright (c) 2022 Leon Sorokin" in text


def test_every_part_of_the_script_is_in_it() -> None:
    folder = Path(contents.__file__).parent / "page" / "script"
    assert sorted(f"{name}.js" for name in SCRIPTS) == sorted(path.name for path in folder.iterdir())
