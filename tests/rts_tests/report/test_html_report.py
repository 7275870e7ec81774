"""The report as HTML: complete without its script, and nothing in a log, a name or a note gets out of its place."""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from longpole.rts_tests.contracts.history import History, UnitHistory
from longpole.rts_tests.report.formats.log_html import escape, log_html
from longpole.rts_tests.report.formats.page import failures
from longpole.rts_tests.report.formats.page.head import lanes_line
from tests.project import Project
from tests.rts_tests.report.made import HOSTILE, made_record, made_run
from tests.rts_tests.report.parsed_page import Page, page_of

# -- logs -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("log", "html"),
    [
        ("plain\n", "plain\n"),
        ("\x1b[31mred\x1b[0m!", '<span class="fg1">red</span>!'),
        ("\x1b[1;4;91mx\x1b[22my\x1b[mz", '<span class="bold fg1 under">x</span><span class="fg1 under">y</span>z'),
        ("\x1b[38;5;196mred\x1b[39mno", '<span class="fg1">red</span>no'),
        ("\x1b[38;2;10;200;20mgreen", '<span class="fg2">green</span>'),
        ("\x1b[48:5:21mblue\x1b[49m", '<span class="bg4">blue</span>'),
        ("\x1b[38;5mcut short", "cut short"),
        ("\x1b[2J\x1b[1;1Hhome", "home"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]never ended\nnext", "\u241b]never ended\nnext"),
        ("a\x1b", "a\u241b"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("\x00\x08\x7f\x9b", "\u2400\u2408\u2421\ufffd"),
        ('\t<&>"', "\t&lt;&amp;&gt;&quot;"),
        ("\u202etxt\u2028", "&lt;U+202E&gt;txt&lt;U+2028&gt;"),
        ("\x1b[8mconcealed\x1b[28m", "concealed"),
    ],
)
def test_a_log_is_shown_with_its_colours_and_as_text(log: str, html: str) -> None:
    assert log_html(log) == html


@given(
    st.lists(st.sampled_from(["\x1b", "[", "]", "m", "38;5;", "1", ";", "<b>", "\x07", "\\", "\n", "é", "\u2028", "K"]))
)
@example(["\x1b", "[", "38;5;", "38;5;", "1", "m", "<b>"])
def test_whatever_a_log_holds_only_spans_come_of_it_and_all_are_closed(pieces: list[str]) -> None:
    shown = log_html("".join(pieces))
    page = Page(shown)
    assert {name for name, _ in page.elements} <= {"span"}
    assert all(set(attributes) == {"class"} for _, attributes in page.elements)
    assert page.count("span") == shown.count("</span>")
    assert "\x1b" not in shown


def test_colours_without_end_are_given_up_but_the_text_is_not() -> None:
    shown = log_html("\x1b[31mx" * 100_000)
    assert shown.count("x") - shown.count("</span>") > 90_000
    assert shown.count("<span") == shown.count("</span>") <= 1000


@given(st.text(st.characters(codec=None)))
def test_escaped_text_is_text_in_an_attribute_and_between_tags(text: str) -> None:
    page = Page(f'<p title="{escape(text)}">{escape(text)}</p>')
    ((name, attributes),) = page.elements
    assert name == "p"
    assert list(attributes) == ["title"]
    assert attributes["title"] == page.texts["p"][0]


# -- the page ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_breaks_out_of_its_place(tmp_path: Path, text: str) -> None:
    record = made_record(
        "v/a", status="failed", note=text, reproducer=text, command=("sh", text), host=text, exit_code=1
    )
    calm_run = made_run(tmp_path / "calm", [made_record("v/a", status="failed", note="x")], logs={"v/a": b"x"})
    calm, calm_page, _ = page_of(calm_run)
    log = {"v/a": text.encode("utf-8", "replace")}
    summary = made_run(tmp_path / "hostile", [record], suite=text, commit=text, logs=log)
    page_text, page, data = page_of(summary)
    spans = ("span",)  # a log's colours
    assert [each for each in page.elements if each[0] not in spans and each[0] != "meta"] == [
        each for each in calm_page.elements if each[0] not in spans and each[0] != "meta"
    ]
    assert page.count("script") == 2
    assert data["units"]["note"] == [text]
    assert set("<>&\u2028\u2029").isdisjoint(page.texts["script"][0])
    assert "\u2028" not in page_text
    assert "\x00" not in page_text
    assert "{{" not in calm


def test_ids_and_targets_are_text_too(tmp_path: Path) -> None:
    names = [f"v/{text}" for text in HOSTILE if "/" not in text and "\x00" not in text and "\udcff" not in text]
    records = [made_record(name, target=f"t-{number}", status="failed") for number, name in enumerate(names)]
    _, page, data = page_of(
        made_run(tmp_path, [*records, *(made_record(n + "!", target=n, status="passed") for n in names)])
    )
    assert data["units"]["id"][: len(names)] == names
    assert page.count("img") == 0
    assert page.count("script") == 2


def test_the_policy_allows_what_is_in_the_page_and_nothing_else(tmp_path: Path) -> None:
    text, page, _ = page_of(made_run(tmp_path, [made_record("v/a")]))
    policy = next(a["content"] for n, a in page.elements if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; ")
    for kind, content in (("style", page.texts["style"][0]), ("script", page.texts["script"][1])):
        hashed = b64encode(sha256(content.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{hashed}'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"\son\w+=|\sstyle=", re.sub(r"<(style|script)\b.*?</\1>", "", text, flags=re.S))


def test_nothing_is_asked_for_from_anywhere(tmp_path: Path) -> None:
    text, page, _ = page_of(made_run(tmp_path, [made_record("v/a", status="failed")]))
    assert {tag for tag, attributes in page.elements if "src" in attributes} == set()
    hrefs = {attributes["href"] for _, attributes in page.elements if "href" in attributes}
    assert hrefs == {"data:,", "#units", "units/test-v-a.log"}
    assert "url(" not in text
    assert "@import" not in text


def test_summary_and_failures_need_no_script(tmp_path: Path) -> None:
    records = [
        made_record("v/fine"),
        made_record("v/bad", status="failed", note="exit status 3", first_seed=70, seed_count=10),
    ]
    _, page, _ = page_of(
        made_run(tmp_path, records, planned=["v/fine", "v/bad", "v/never"], logs={"v/bad": b"\x1b[31mwhy\x1b[0m\n"})
    )
    assert page.texts["h1"] == ["2 of 3 units did not pass"]
    assert page.texts["title"] == ["made: 2 of 3 units did not pass"]
    details = page.texts["details"][0]
    for word in ("failed", "v/bad", "exit status 3", "make test-v-bad", "70, 10 seeds from it", "why"):
        assert word in details
    assert page.texts["pre"] == ["why\n"]
    assert "1 not run" in page.texts["details"][1]
    assert page.texts["li"][0] == "v/never"
    (opened,) = [attributes for name, attributes in page.elements if name == "details" and "open" in attributes]
    assert opened["class"] == "failure"


def test_attempts_are_told_apart(tmp_path: Path) -> None:
    tries = (
        {"kind": "same seeds", "status": "failed", "note": "exit status 1", "wall_s": 2.0},
        {"kind": "other seeds", "status": "passed", "note": None, "wall_s": 1.0},
    )
    _, page, data = page_of(made_run(tmp_path, [made_record("v/a", status="seed-dependent", tries=tries)]))
    assert "same seeds: exit status 1, 2.00 s; other seeds: passed, 1.00 s" in page.texts["dd"]
    assert data["statuses"] == ["seed-dependent"]


def test_a_flaky_unit_that_may_pass_is_no_failure(tmp_path: Path) -> None:
    records = [made_record("v/a", status="flaky"), made_record("v/b")]
    _, page, data = page_of(made_run(tmp_path, records, flaky="pass"))
    assert page.count("details") == 0
    assert data["units"]["failed"] == [0, 0]
    assert sorted(data["statuses"]) == ["flaky", "passed"]
    assert page.texts["h1"] == ["1 of 2 units passed only after a retry"]


def test_a_run_in_which_all_passed_shows_no_failures(tmp_path: Path) -> None:
    _, page, _ = page_of(made_run(tmp_path, [made_record("v/a"), made_record("v/b", started_s=1.0)]))
    assert page.texts["h1"] == ["all 2 units passed"]
    assert page.count("details") == 0


def test_a_run_without_units_has_a_report(tmp_path: Path) -> None:
    _, page, data = page_of(made_run(tmp_path, [], planned=[]))
    assert data["units"]["id"] == []
    _, page, data = page_of(made_run(tmp_path / "more", [], planned=["v/a"]))
    assert data["units"]["start"] == [None]
    assert "No unit ran." in page.texts["p"]


def test_a_long_log_is_cut_at_its_head_and_says_so(tmp_path: Path) -> None:
    log = b"".join(b"line %d\n" % number for number in range(100_000))
    _, page, _ = page_of(made_run(tmp_path, [made_record("v/a", status="failed")], logs={"v/a": log}))
    shown = page.texts["pre"][0]
    assert 60_000 < len(shown) <= 65536
    assert shown.splitlines()[0].startswith("line ")
    assert shown.endswith("line 99999\n")
    assert f"The last {len(shown):,} of {len(log):,} bytes." in page.texts["p"]


def test_one_very_long_line_is_shown_as_far_as_it_goes(tmp_path: Path) -> None:
    _, page, _ = page_of(made_run(tmp_path, [made_record("v/a", status="failed")], logs={"v/a": b"x" * 10_000_000}))
    assert page.texts["pre"][0] == "x" * 65536


def test_a_log_of_no_known_encoding_is_shown(tmp_path: Path) -> None:
    _, page, _ = page_of(made_run(tmp_path, [made_record("v/a", status="failed")], logs={"v/a": b"\xff\xfe\x80abc"}))
    assert page.texts["pre"][0] == "\ufffd\ufffd\ufffdabc"


def test_logs_together_are_limited_and_those_left_out_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "MAX_BYTES_OF_LOGS", 200_000)
    records = [made_record(f"v/{number}", status="failed") for number in range(6)]
    logs = {f"v/{number}": b"y" * 100_000 for number in range(6)}
    _, page, _ = page_of(made_run(tmp_path, records, logs=logs))
    assert [len(text) for text in page.texts["pre"]] == [65536, 65536, 65536, 200_000 - 3 * 65536]
    assert sum("Its log of 100,000 bytes is not shown" in text for text in page.texts["p"]) == 2


def test_an_empty_log_and_a_missing_one_are_told_apart(tmp_path: Path) -> None:
    records = [made_record(f"v/{name}", status="crashed") for name in ("empty", "missing")]
    _, page, _ = page_of(made_run(tmp_path, records, logs={"v/empty": b""}))
    assert [text for text in page.texts["p"] if "log" in text or "wrote" in text] == [
        "It wrote nothing.",
        "The log is missing.",
    ]


def test_of_very_many_failures_the_last_are_named_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "MAX_SHOWN", 3)
    _, page, _ = page_of(made_run(tmp_path, [made_record(f"v/{number}", status="failed") for number in range(5)]))
    assert sum(attributes.get("class") == "failure" for _, attributes in page.elements) == 3
    assert page.texts["li"][:2] == ["v/3", "v/4"]


def test_the_data_are_what_was_recorded(tmp_path: Path) -> None:
    records = [
        made_record("a/one", wall_s=2.0, lane=0, started_s=5.0),
        made_record("b/two", wall_s=0.5, lane=1, started_s=5.5, status="timeout", reproducer="SEED=7 make test-b-two"),
    ]
    _, _, data = page_of(made_run(tmp_path, records))
    assert (data["version"], data["variants"], data["statuses"]) == (1, ["a", "b"], ["passed", "timeout"])
    assert data["span"] == 2.0
    assert data["pole"] == 0
    units = data["units"]
    assert units["start"] == [0.0, 0.5]  # from the first unit's start
    assert (units["lane"], units["failed"], units["status"]) == ([0, 1], [0, 1], [0, 1])
    assert units["again"] == [None, "SEED=7 make test-b-two"]  # where it is not `make` and the target
    assert len({len(column) for column in units.values()}) == 1


def test_a_unit_that_did_not_run_has_the_command_of_its_run(tmp_path: Path) -> None:
    _, _, data = page_of(made_run(tmp_path, [], planned=["v/a"], call="make -f longpole.mk PREBUILT=1"))
    assert data["units"]["again"] == ["make -f longpole.mk PREBUILT=1 test-v/a"]


def test_the_history_ends_before_this_run(tmp_path: Path) -> None:
    record = made_record("v/a", wall_s=1.23456)
    runs = ("", tmp_path.name, f"{tmp_path.name}-later")
    history = History({"v/a": UnitHistory((3.0, 1.2346, 9.0), "passed", runs=runs)})
    _, _, data = page_of(made_run(tmp_path, [record]), history)
    assert data["units"]["past"] == [[3.0]]


def test_idle_tails_are_told_in_words(tmp_path: Path) -> None:
    records = [made_record("v/a", wall_s=4.0, lane=0), made_record("v/b", wall_s=1.0, lane=1)]
    line = lanes_line(made_run(tmp_path, records))
    assert line == "2 workers, busy 62% of the time; idle at the end 3.00 s in all, longest worker 2 with 3.00 s."


# -- what a run publishes, and the command --------------------------------------------------------------------


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    project = Project(tmp_path_factory.mktemp("html") / "project")
    project.write({"fine": "", "slow": "sleep 0.1", "bad": "printf '\\033[31mno\\033[0m <b>\\n'; exit 3"})
    project.make("test")
    yield project
    project.end()


def test_every_run_leaves_a_report_that_opens(ran: Project) -> None:
    page = Page((ran.last / "report.html").read_text())
    assert page.texts["h1"] == ["1 of 3 units did not pass"]
    assert page.texts["pre"] == ["no <b>\n"]
    data = json.loads(page.texts["script"][0])
    assert data["units"]["past"] == [[], [], []]  # its own durations are no history


def test_the_second_run_shows_the_first_as_history(ran: Project) -> None:
    done = ran.make("test")
    assert len(ran.runs) == 2, done.text
    units = json.loads(Page((ran.last / "report.html").read_text()).texts["script"][0])["units"]
    assert dict(zip(units["id"], map(len, units["past"]), strict=True)) == {"v/fine": 1, "v/slow": 1, "v/bad": 0}


def test_the_command_prints_the_same_page(ran: Project) -> None:
    done = ran.longpole("report", "--format", "html")
    assert done.status == 1
    assert done.out == (ran.last / "report.html").read_text()
