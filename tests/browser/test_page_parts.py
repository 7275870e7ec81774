"""The page's parts as a reader meets them: groups, logs, builds, zoom, the previous run, a phone, forced colours."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from longpole.rts_tests.contracts.builds import Build
from longpole.rts_tests.contracts.history import History
from longpole.rts_tests.report.comparison import compare
from longpole.rts_tests.report.summary import Summary
from tests.browser.opened import Open
from tests.rts_tests.report.made import made_record, made_run


def test_a_group_that_the_filter_empties_disappears(opened: Open, tmp_path: Path) -> None:
    records = [
        made_record("v/bad", status="failed"),
        made_record("v/odd", status="flaky"),
        made_record("w/odd", status="flaky"),
        made_record("v/fine"),
    ]
    with opened(made_run(tmp_path, records, planned=["v/bad", "v/odd", "w/odd", "v/fine", "w/never"])) as it:
        headings = it.page.locator("h3.kind:visible")
        assert headings.count() == 2
        it.page.get_by_role("searchbox").fill("w/")
        assert headings.all_inner_texts() == ["flaky: failed, then passed with the same seeds"]
        assert it.page.locator(".names:visible summary").inner_text().startswith("1 not run")
        it.page.get_by_role("searchbox").fill("v/")
        assert it.page.locator(".names:visible").count() == 0
        it.page.get_by_role("searchbox").fill("fine")
        assert it.page.locator(".failure:visible, h3.kind:visible").count() == 0


def test_a_log_opens_at_what_looks_like_the_cause(opened: Open, tmp_path: Path) -> None:
    log = "\n".join(
        [
            *(f"step {n}" for n in range(200)),
            "\x1b[31mheap.c:7: error: poisoned\x1b[0m",
            *(f"frame {n}" for n in range(200)),
        ]
    )
    summary = made_run(tmp_path, [made_record("v/a", status="failed")], logs={"v/a": log.encode()})
    with opened(summary) as it:
        visible = """() => {
          const pre = document.querySelector("pre.log");
          const mark = pre.querySelector(".cause");
          const [box, at] = [pre.getBoundingClientRect(), mark.getBoundingClientRect()];
          return [at.top >= box.top && at.bottom <= box.bottom, mark.nextSibling.textContent];
        }"""
        inside, text = it.page.evaluate(visible)
        assert inside
        assert it.page.locator("pre.log").inner_text().split("error: poisoned")[0].endswith("heap.c:7: ")
        assert "step" not in text


def test_a_cause_above_the_shown_end_of_a_long_log_is_shown_first(opened: Open, tmp_path: Path) -> None:
    log = "heap.c:7: error: poisoned\n" + "frame\n" * 30_000
    with opened(made_run(tmp_path, [made_record("v/a", status="failed")], logs={"v/a": log.encode()})) as it:
        first = it.page.locator("pre.log").first.inner_text()
        assert first.startswith("heap.c:7: error: poisoned\n")
        assert it.page.locator("pre.log").count() == 2


def test_each_attempt_has_a_log_of_its_own(opened: Open, tmp_path: Path) -> None:
    tries: tuple[dict[str, Any], ...] = (
        {"kind": "same seeds", "status": "failed", "note": "exit status 1", "wall_s": 2.0},
        {"kind": "same seeds", "status": "failed", "note": "exit status 2", "wall_s": 1.0},
        {"kind": "other seeds", "status": "passed", "note": None, "wall_s": 1.0},
    )
    marks = [b"\n[longpole: attempt 2, same seeds]\n", b"\n[longpole: attempt 3, other seeds]\n"]
    log = b"one\n[longpole: attempt 7, same seeds]\nforged\n" + marks[0] + b"two\n" + marks[1] + b"three\n"
    record = made_record("v/a", status="seed-dependent", tries=tries)
    with opened(made_run(tmp_path, [record], logs={"v/a": log})) as it:
        assert it.page.locator(".failure h4").all_inner_texts() == [
            "attempt 1, same seeds: exit status 1, 2.00 s",
            "attempt 2, same seeds: exit status 2, 1.00 s",
            "attempt 3, other seeds: passed, 1.00 s",
        ]
        assert it.page.locator(".failure pre").all_inner_texts() == [
            "one\n[longpole: attempt 7, same seeds]\nforged\n",
            "two\n",
            "three\n",
        ]


def built(summary: Summary, *builds: Build) -> Summary:
    return replace(summary, builds={build.name: build for build in builds})


def build(name: str, seconds: int, wall_s: float, exit_code: int = 0) -> Build:
    started_at = f"2026-01-01T00:00:{seconds:02}.000Z"
    return Build(name=name, started_at=started_at, wall_s=wall_s, waited_s=0.0, exit_code=exit_code)


def test_builds_are_on_the_timeline_and_a_failed_one_comes_first(opened: Open, tmp_path: Path) -> None:
    record = made_record("v/a", started_at="2026-01-01T00:00:10.000Z", started_s=10.0, wall_s=5.0, status="failed")
    summary = built(made_run(tmp_path, [record], planned=["v/a", "w/a"]), build("v", 2, 7.0), build("w", 3, 4.0, 1))
    (tmp_path / "builds").mkdir()
    (tmp_path / "builds" / "w.log").write_text("cc heap.c\nheap.c:3: error: no such member\n")
    with opened(summary) as it:
        assert it.page.evaluate("JSON.parse(document.getElementById('data').textContent).builds") == [
            {"name": "v", "start": -8, "wall": 7, "failed": False},
            {"name": "w", "start": -7, "wall": 4, "failed": True},
        ]
        first = it.page.locator("#failures details").first
        assert first.get_attribute("class") == "build"
        assert "1 unit could not run" in first.inner_text()
        assert "no such member" in first.inner_text()
        assert it.page.locator("#legend li:visible").all_inner_texts().count("build") == 1
        box = it.page.locator("#timeline").bounding_box()
        assert box is not None
        it.page.mouse.move(box["x"] + 26 + (box["width"] - 26) * 2 / 13, box["y"] + 30)
        assert it.page.locator("#tip").inner_text() == "build of v: succeeded, 7.00 s"


def shown_time(it: Any) -> str:
    return str(it.address).partition("time=")[2]


def test_the_timeline_zooms_by_buttons_keys_wheel_and_drag(opened: Open, run: Summary) -> None:
    with opened(run) as it:
        assert it.page.get_by_role("button", name="Zoom out").is_disabled()
        it.page.get_by_role("button", name="Zoom in").click()
        assert shown_time(it) == "2.250_6.750"
        it.page.locator("#timeline").focus()
        it.page.keyboard.press("+")
        assert shown_time(it) == "3.375_5.625"
        it.page.keyboard.press("-")
        it.page.keyboard.press("0")
        assert "time=" not in it.address
        box = it.page.locator("#timeline").bounding_box()
        assert box is not None
        wide = box["width"] - 26
        it.page.mouse.move(box["x"] + 26 + wide / 3, box["y"] + 30)
        it.page.mouse.down()
        it.page.mouse.move(box["x"] + 26 + wide * 2 / 3, box["y"] + 30, steps=4)
        it.page.mouse.up()
        from_s, to_s = map(float, shown_time(it).split("_"))
        assert (round(from_s), round(to_s)) == (3, 6)
        assert not it.page.get_by_role("dialog").is_visible()
        it.page.keyboard.down("Control")
        it.page.mouse.wheel(0, -100)
        it.page.keyboard.up("Control")
        it.page.wait_for_url(lambda url: f"time={from_s:.3f}" not in url)
        it.page.mouse.dblclick(box["x"] + 26 + wide - 3, box["y"] + 5)
        assert "time=" not in it.address
    with opened(run, at="#?time=3.000_6.000") as it:
        assert it.page.get_by_role("button", name="Show all of the time").is_enabled()


def test_only_a_pole_that_limited_the_run_is_amber(opened: Open, tmp_path: Path) -> None:
    even = [made_record(f"v/{n}", wall_s=1.0 + n / 100, lane=n % 2, started_s=float(n // 2)) for n in range(8)]
    with opened(made_run(tmp_path, even, jobs=2)) as it:
        assert "long pole" not in it.page.locator("#legend").inner_text()
        assert it.page.locator("#rows .pole").count() == 0
        assert "long pole" not in it.page.locator("#run").inner_text()


def test_what_changed_since_the_previous_run(opened: Open, tmp_path: Path) -> None:
    before = made_run(
        tmp_path / "before", [made_record("v/a"), made_record("v/b", status="failed"), made_record("v/c", wall_s=1.0)]
    )
    after = made_run(
        tmp_path / "after", [made_record("v/a", status="failed"), made_record("v/b"), made_record("v/c", wall_s=9.0)]
    )
    with opened(after, comparison=compare(before, after, History())) as it:
        section = it.page.get_by_role("region", name="Since the previous run")
        kinds = ["1 broke: passed before", "1 mended: did not pass before", "1 slower"]
        assert section.locator("summary").all_inner_texts() == kinds
        section.locator("summary").last.click()
        assert "1.00 s to 9.00 s" in section.inner_text()
        section.get_by_role("link", name="v/c").click()
        assert "passed, 1.00 s" in it.page.get_by_role("dialog", name="v/c").inner_text()
        assert it.said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_forced_colours_bars_stand_out(opened: Open, run: Summary, scheme: str) -> None:
    colours = """
    () => {
      const canvas = document.querySelector("#timeline canvas");
      const ratio = canvas.width / canvas.clientWidth;
      const context = canvas.getContext("2d");
      const at = (x, y) => [...context.getImageData(x * ratio, y * ratio, 1, 1).data].slice(0, 3);
      const linear = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
      const luminance = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
      const across = (time) => 26 + time / 9 * (canvas.clientWidth - 26);
      const ground = document.createElement("canvas").getContext("2d");
      ground.fillStyle = getComputedStyle(document.body).backgroundColor;
      ground.fillRect(0, 0, 1, 1);
      const back = luminance([...ground.getImageData(0, 0, 1, 1).data].slice(0, 3));
      return [[0, 8.5], [1, 0.9], [1, 6.8], [2, 0.9]].map(([lane, time]) => {
        const bar = luminance(at(across(time), 22 + lane * 26 + 4));
        return (Math.max(bar, back) + 0.05) / (Math.min(bar, back) + 0.05);
      });
    }
    """
    with opened(run, forced_colors="active", color_scheme=scheme) as it:
        ratios = it.page.evaluate(colours)
        assert min(ratios) >= 3, ratios


def test_on_a_phone_failures_are_on_the_first_screen(opened: Open, run: Summary) -> None:
    options = {"viewport": {"width": 390, "height": 700}, "is_mobile": True, "has_touch": True}
    with opened(run, **options) as it:
        box = it.page.locator(".failure summary").first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 700
        assert it.page.locator("#run").bounding_box()["y"] > it.page.locator("#units").bounding_box()["y"]
